"""The warning where a node has more threads than cores."""

import warnings

import numpy as np
import pytest
from ranks import on_each_rank

from neurocore_nb import HodgkinHuxleyNeuron, LIFNeuron, Network, Population, SpikeMonitor, StepCurrent
from neurocore_nb.engine import threads as module
from neurocore_nb.engine.comm import SerialComm
from neurocore_nb.engine.threads import warn_if_oversubscribed


class Node:
    """One rank of some nodes: tells the cores and threads of its neighbours."""

    def __init__(self, rank, neighbours):
        self.rank, self._neighbours = rank, neighbours

    def gather_on_node(self, value):
        assert value in self._neighbours
        return self._neighbours


@pytest.fixture
def warnings_of(monkeypatch):
    """What each rank of a node warns of; ranks are given as (cores, threads)."""
    monkeypatch.setattr(module, "MAX_THREADS", 64)

    def ask(*ranks, first=0):
        neighbours = [(first + k, cores, threads) for k, (cores, threads) in enumerate(ranks)]
        found = []
        for rank, cores, threads in neighbours:
            monkeypatch.setattr(module, "_own_cores", lambda cores=cores: cores)
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                warn_if_oversubscribed(Node(rank, neighbours), threads)
            found.append([str(one.message) for one in caught])
            assert all(one.category is RuntimeWarning for one in caught)
        return found

    return ask


@pytest.mark.parametrize(
    ("ranks", "numbers"),
    [
        ([([0, 1], 2)] * 4, "4 ranks x 2 threads on this node, but 2 cores: "),
        ([([0], 1)] * 2, "2 ranks x 1 thread on this node, but 1 core: "),
        ([([0, 1], 3)], "1 rank x 3 threads on this node, but 2 cores: "),
        ([([0, 1, 2], 1), ([0, 1, 2], 3)], "2 ranks x 1 to 3 threads on this node, but 3 cores: "),
        ([([0, 1], 1), ([2, 3], 3)], "1 rank x 3 threads on this node, but 2 cores: "),
        ([([0, 1], 2), ([2, 3], 2), ([1, 2], 1)], "3 ranks x 1 to 2 threads on this node, but 4 cores: "),
    ],
)
@pytest.mark.parametrize("first", [0, 17])
def test_first_rank_of_a_node_warns(warnings_of, ranks, numbers, first):
    [message], *others = warnings_of(*ranks, first=first)
    assert message.startswith(numbers)
    assert "fewer ranks" in message
    assert others == [[]] * (len(ranks) - 1)


@pytest.mark.parametrize(
    "ranks",
    [[([0, 1], 2)], [([0, 1], 1)] * 2, [([0, 1], 2), ([2, 3], 2)], [([0, 1, 2], 2), ([1, 2, 3], 2)], [([0, 1], 1)]],
)
def test_no_warning_where_there_are_enough_cores(warnings_of, ranks):
    assert not any(warnings_of(*ranks))


def test_threads_that_numba_does_not_start_are_not_counted(warnings_of, monkeypatch):
    monkeypatch.setattr(module, "MAX_THREADS", 2)
    monkeypatch.setattr(module, "_own_cores", lambda: [0, 1])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_if_oversubscribed(SerialComm(), 100)


def test_ranks_ask_one_another(monkeypatch):
    monkeypatch.setattr(module, "_own_cores", lambda: [4, 5])

    def program(connect, rank):
        warn_if_oversubscribed(connect(type("Net", (), {})())._comm, 1)

    with pytest.warns(RuntimeWarning, match=r"^3 ranks x 1 thread on this node, but 2 cores: ") as caught:
        on_each_rank(3, program)
    assert len(caught) == 1


def test_warning_names_the_line_of_the_user(monkeypatch):
    monkeypatch.setattr(module, "_own_cores", lambda: [4])
    monkeypatch.setattr(module, "MAX_THREADS", 2)
    net = Network(Population(HodgkinHuxleyNeuron, 3))
    with pytest.warns(RuntimeWarning, match="on this node") as caught:
        net.run(0.001, threads=2)
    assert caught[0].filename == __file__


@pytest.mark.parametrize("n", [1, 7, 9, 17])
@pytest.mark.parametrize("threads", [2, 3, 5])
def test_all_spikes_of_few_neurons_on_many_threads_have_room(n, threads):
    """Slices end between cache lines, so they may differ much; each holds all its spikes in each substep."""
    cells = Population(LIFNeuron, n, params={"t_ref": 0.0}, initial={"v": -40.0}, max_step=0.1)
    spikes = SpikeMonitor(cells)
    report = Network(cells, StepCurrent(0.0, 1.0, 1e6), spikes).run(0.02, dt=1e-3, threads=threads)
    assert spikes.count == report.spikes == n * 200
    np.testing.assert_array_equal(spikes.i.reshape(200, n), np.broadcast_to(np.arange(n), (200, n)))
    np.testing.assert_allclose(spikes.t.reshape(200, n), np.repeat(np.arange(1, 201) * 1e-4, n).reshape(200, n))
