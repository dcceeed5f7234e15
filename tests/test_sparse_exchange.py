"""Spikes go to the ranks that need them: the same bits, and fewer bytes where wiring is local."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import same, spikes_and_states
from ranks import on_each_rank, on_ranks

from neurocore_nb import (
    ExpCurrent,
    HodgkinHuxleyNeuron,
    LaunchError,
    LIFNeuron,
    Network,
    Normal,
    NumericalError,
    PoissonPopulation,
    Population,
    Projection,
    SimulationError,
    SpikeMonitor,
    SpikeSource,
    StepCurrent,
    Uniform,
)
from neurocore_nb.engine import exchange, sparse_exchange
from neurocore_nb.engine.partition import block
from neurocore_nb.engine.simulation import Simulation
from neurocore_nb.engine.sparse_exchange import SparseExchange

MS = 1e-3
DT = 0.5 * MS
KINDS = ["all", "sparse", "auto"]
fixed = settings(derandomize=True, deadline=None)


# ---- the exchange alone ----------------------------------------------------------------------------------------------


def shared(populations, needed, intervals, n_steps, errors=None):
    """What each rank receives of the spikes (id, step) of some intervals, and how much it has sent.

    ``needed`` holds the ids that each rank needs, ``intervals`` the spikes of each rank.
    """

    def program(connect, rank):
        comm = connect(SimpleNamespace())._comm
        one = SparseExchange(comm, populations, np.array(sorted(needed[rank]), np.int32), n_steps)
        received = []
        for spikes in intervals:
            mine = np.array([(neuron, step, 1) for neuron, step in spikes[rank]], np.int32).reshape(-1, 3).T
            cut = mine.shape[1] // 3
            came = one.share([mine[:, :cut], mine[:, cut:]], n_steps, errors[rank] if errors else None)
            received.append(sorted(zip(*came[:2].tolist(), strict=True)))
        return received

    return on_each_rank(len(needed), program)


def owned(populations, rank, size):
    """Ids of a rank's neurons, population by population."""
    return [first + k for first, n in populations for k in range(*block(n, rank, size))]


@st.composite
def exchanges(draw):
    n_steps, size = draw(st.integers(1, 5)), draw(st.integers(2, 5))
    populations, first = [], 0
    for n in draw(st.lists(st.integers(0, 12), min_size=1, max_size=3)):
        populations.append((first, n))
        first += n + draw(st.integers(0, 3))  # ids between that belong to populations that are no sources
    ids = [first + k for first, n in populations for k in range(n)]
    needed = [[one for one in ids if draw(st.integers(0, 2)) == 0] for _ in range(size)]
    intervals = []
    for _ in range(draw(st.integers(1, 3))):
        times = draw(st.sampled_from([0, 1, 1, 40]))  # 40 spikes of a neuron are more than travel padded
        spikes = []
        for rank in range(size):
            firing = [one for one in owned(populations, rank, size) if draw(st.booleans())]
            spikes.append([(one, (one + k) % n_steps) for one in firing for k in range(times)])
        intervals.append(spikes)
    return populations, needed, intervals, n_steps


@fixed
@given(exchanges())
def test_every_spike_reaches_the_ranks_that_need_it_once(drawn):
    populations, needed, intervals, n_steps = drawn
    outcomes = shared(populations, needed, intervals, n_steps)
    for rank, received in enumerate(outcomes):
        for place, spikes in enumerate(intervals):
            others = [spike for other, some in enumerate(spikes) if other != rank for spike in some]
            expected = sorted(spikes[rank] + [spike for spike in others if spike[0] in needed[rank]])
            assert received[place] == expected


def test_many_spikes_to_one_rank_and_few_to_another():
    needed = [[], [0, 1], [1]]
    spikes = [[(0, step % 7) for step in range(1000)] + [(1, 3)], [], []]
    received = shared([(0, 6)], needed, [spikes, spikes], 7)
    assert received[0] == received[1] == [sorted(spikes[0])] * 2
    assert received[2] == [[(1, 3)]] * 2


@pytest.mark.parametrize("failing", [0, 2])
@pytest.mark.parametrize("spikes", [[], [(0, 0)] * 3, [(0, 0)] * 300])
def test_a_failure_reaches_ranks_that_need_nothing(failing, spikes):
    def program(connect, rank):
        comm = connect(SimpleNamespace())._comm
        one = SparseExchange(comm, [(0, 4)], np.array([0] if rank == 1 else [], np.int32), 1)
        mine = np.array([(*spike, 1) for spike in spikes if rank == 0], np.int32).reshape(-1, 3).T
        try:
            one.share([mine], 1, OSError("disk full") if rank == failing else None)
        except OSError as error:
            return str(error)
        return None

    outcomes = on_each_rank(4, program)
    assert all("disk full" in outcome for outcome in outcomes)


def test_a_count_beyond_int32_fails_on_all_ranks(monkeypatch):
    monkeypatch.setattr(exchange, "LARGEST_COUNT", 6)
    with pytest.raises(SimulationError, match="more than the 6"):
        shared([(0, 2)], [[0, 1], [0, 1]], [[[(0, 0)] * 7, []]], 1)


def test_lists_grow_with_own_neurons_and_their_receivers_only():
    def program(connect, rank):
        comm = connect(SimpleNamespace())._comm
        return SparseExchange(comm, [(0, 100_000)], np.array([rank, 99_999 - rank], np.int32), 1).nbytes

    assert max(on_each_rank(4, program)) <= 8 * (25_000 + 1) + 2 * 2 * 4


# ---- networks --------------------------------------------------------------------------------------------------------


def ring(n, reach=1):
    """Every neuron excites the next ones."""
    pre = np.repeat(np.arange(n), reach)
    return pre, (pre + np.tile(np.arange(1, reach + 1), n)) % n


def build(n, delay, dense):
    """Local and random wiring among populations, parts of them and source populations."""
    receptors = {"a": ExpCurrent(tau=2.0), "b": ExpCurrent(tau=1.0)}
    one, two = (
        Population(LIFNeuron, m, label=label, receptors=receptors) for label, m in (("one", n), ("two", n // 2 + 1))
    )
    noise = PoissonPopulation(n, 150.0, label="noise")
    given_ = SpikeSource(np.linspace(1 * MS, 60 * MS, 30), np.arange(30) % 5, n=5, label="given")
    objects = [
        Projection(one, one, 700.0, topology=ring(n, min(n, 2)), delay=delay, receptor="a"),
        Projection(one[n // 2 :], two[: n - n // 2], 500.0, delay=delay + 1 * MS, topology="one_to_one", receptor="b"),
        Projection(two, one, Normal(-90.0, 9.0), 0.05, Uniform(delay, 4 * MS), receptor="b"),
        Projection(noise, one, 900.0, delay=delay, topology="one_to_one", receptor="a"),
        Projection(given_, two[:1], 900.0, delay=delay, receptor="a"),
        StepCurrent(0.0, 0.1, 600.0, target=one[: n // 3]),
        Projection(two, two, 300.0, topology="one_to_one", delay=delay, receptor="b", storage="procedural"),
    ]
    if dense:
        objects.append(Projection(one, two, 30.0, 0.8, delay=delay, receptor="a"))
    monitors = [SpikeMonitor(population) for population in (one, two, noise, given_)]
    return Network(one, two, noise, given_, *objects, *monitors, seed=3), monitors


def outcome(case, connect=lambda net: net, kinds=("auto",)):
    """Spikes and states after runs that share spikes in some ways; on rank 0."""
    net, monitors = build(*case)
    connect(net)
    for kind in kinds:
        net.run(round(0.06 / DT / len(kinds)) * DT, DT, threads=1, exchange=kind)
    found = spikes_and_states(net, monitors if net._comm.rank == 0 else [])
    return found, [one.count for one in monitors]


CASES = [(1, 0.0, False), (7, 1 * MS, False), (13, 0.0, True), (67, 1 * MS, False)]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_same_bits_whichever_way_spikes_are_shared(case):
    alone, counts = outcome(case)
    assert all(count > 0 for count in counts)
    for size in (1, 2, 3, 4, 5):
        for kind in KINDS:
            found, _ = on_ranks(size, lambda connect, kind=kind: outcome(case, connect, [kind]))
            assert same(found, alone), (size, kind)


def test_the_way_may_change_between_runs():
    case = 67, 1 * MS, False
    alone, _ = outcome(case)
    found, _ = on_ranks(3, lambda connect: outcome(case, connect, ["sparse", "all", "auto", "sparse"]))
    assert same(found, alone)


def local_network(n, weight=2000.0, amplitude=600.0):
    cells = Population(LIFNeuron, n, label="cells", receptors={"a": ExpCurrent(tau=2.0)})
    drive = StepCurrent(0.0, 1.0, amplitude, target=cells)
    return Network(cells, Projection(cells, cells, weight, topology=ring(n)), drive, SpikeMonitor(cells))


def bytes_per_rank(size, kind):
    """Bytes that one rank sends on average, and spikes per rank, in a ring of 40 neurons per rank."""
    report = on_ranks(size, lambda connect: connect(local_network(40 * size)).run(0.05, threads=1, exchange=kind))
    return report.total("bytes_sent") / size, report.spikes / size


def test_bytes_of_local_wiring_do_not_grow_with_the_ranks():
    (few, spikes_of_few), (many, spikes_of_many) = (bytes_per_rank(size, "sparse") for size in (2, 8))
    assert spikes_of_few == pytest.approx(spikes_of_many, rel=0.1)
    assert spikes_of_few > 40
    # 8 bytes in one round of the Allreduce among 2 ranks and three among 8, in each of 50 intervals.
    assert many - few <= 50 * 2 * 8 + 0.1 * few
    few, many = (bytes_per_rank(size, "all")[0] for size in (2, 8))
    assert many > 5 * few


def test_what_isnt_needed_isnt_sent():
    def report_of(weighted):
        def program(connect):
            one, two = (Population(LIFNeuron, 40, label=label) for label in ("one", "two"))
            wiring = Projection(one[:20] if weighted else one[:0], two[20:], 0.0, topology="all_to_all")
            return connect(Network(one, two, wiring, StepCurrent(0.0, 1.0, 900.0))).run(0.02, exchange="sparse")

        return on_ranks(2, program)

    few, many = report_of(False), report_of(True)
    assert few.spikes == many.spikes > 40
    assert few.total("bytes_sent") == 20 * 2 * 8  # the Allreduce of each interval
    assert many.ranks[1].bytes_sent == 20 * 8
    assert many.ranks[0].bytes_sent > 20 * 8 + 4 * many.ranks[0].spikes


@pytest.mark.parametrize("kind", ["all", "sparse"])
def test_what_has_no_targets_at_all_isnt_sent(kind):
    def report_of(amplitude):
        def program(connect):
            one, two = (Population(LIFNeuron, 40, label=label) for label in ("one", "two"))
            drives = StepCurrent(0.0, 1.0, 900.0, target=one), StepCurrent(0.0, 1.0, amplitude, target=two)
            wiring = Projection(one, one, 0.0, topology="all_to_all")
            return connect(Network(two, one, wiring, *drives)).run(0.02, exchange=kind)

        return on_ranks(2, program)

    quiet, lively = report_of(0.0), report_of(900.0)
    assert lively.spikes == 2 * quiet.spikes > 40
    assert lively.total("bytes_sent") == quiet.total("bytes_sent") > 4 * quiet.spikes


@pytest.mark.parametrize(("probability", "kind"), [(0.0, "sparse"), (0.001, "sparse"), (0.1, "all"), (1.0, "all")])
def test_auto_takes_what_moves_less(probability, kind):
    def program(connect):
        cells = Population(LIFNeuron, 400)
        return connect(Network(cells, Projection(cells, cells, 1.0, probability))).run(0.0).exchange

    assert on_ranks(4, program) == kind


@pytest.mark.parametrize(
    ("wiring", "kind"),
    [
        ({"topology": "one_to_one"}, "sparse"),
        ({"topology": "all_to_all"}, "all"),
        ({"probability": 0.0}, "sparse"),
        ({"probability": 0.001}, "all"),  # which targets these are isn't known before the spikes
    ],
)
def test_procedural_projections_need_all_sources_but_one_to_one(wiring, kind):
    def program(connect):
        cells = Population(LIFNeuron, 400)
        return connect(Network(cells, Projection(cells, cells, 1.0, storage="procedural", **wiring))).run(0.0).exchange

    assert on_ranks(4, program) == kind


@pytest.mark.parametrize(("n_others", "kind"), [(0, "sparse"), (1, "sparse"), (2, "all"), (3, "all")])
def test_auto_counts_the_other_ranks_of_the_mean_neuron(n_others, kind):
    def program(connect):
        cells = Population(LIFNeuron, 8)  # two on each rank; each has targets on its own and some others
        pairs = [(pre, (pre + 2 * k) % 8) for pre in range(8) for k in range(n_others + 1)]
        wiring = Projection(cells, cells, 1.0, topology=tuple(np.array(pairs).T))
        return connect(Network(cells, wiring)).run(0.0).exchange

    assert on_ranks(4, program) == kind


def test_one_rank_shares_nothing():
    for kind in KINDS:
        report = local_network(10).run(0.02, backend="numba", exchange=kind)
        assert (report.exchange, report.total("bytes_sent")) == ("none", 0)


# ---- mistakes and failures -------------------------------------------------------------------------------------------


def outcomes_of(size, action):
    """What an action raises on each rank."""

    def program(connect, rank):
        net = connect(local_network(10, amplitude=600.0))
        try:
            action(net, rank)
        except Exception as error:
            return error
        return None

    return on_each_rank(size, program)


@pytest.mark.parametrize("bad", ["ring", None, 1, ["all"]])
@pytest.mark.parametrize("size", [1, 3])
def test_unknown_ways_are_refused_on_all_ranks(bad, size):
    outcomes = outcomes_of(size, lambda net, rank: net.run(0.01, exchange=bad if rank == size - 1 else "all"))
    assert [type(error) for error in outcomes] == [ValueError] * size
    assert all(f"unknown exchange {bad!r}; known are auto, all, sparse" in str(error) for error in outcomes)


def test_ranks_must_ask_for_the_same():
    outcomes = outcomes_of(3, lambda net, rank: net.run(0.01, exchange=KINDS[rank]))
    assert [type(error) for error in outcomes] == [LaunchError] * 3


@pytest.mark.parametrize("kind", KINDS)
def test_a_numerical_error_of_one_rank_is_raised_on_all(kind):
    def program(connect, rank):
        cells = Population(HodgkinHuxleyNeuron, 10, label="cells")
        bad = StepCurrent(0.002, 0.01, 1e308, target=cells[7:8])
        net = connect(Network(cells, Projection(cells, cells, 1.0, topology=ring(10)), bad))
        for _ in range(2):
            with pytest.raises(NumericalError, match="'cells', neuron 7"):
                net.run(0.01, exchange=kind)
            net.reset()
        return net.run(0.002, exchange=kind).exchange

    assert on_each_rank(4, program) == ["all" if kind == "all" else "sparse"] * 4


@pytest.mark.parametrize("place", [(Simulation, "_needed_ids"), (SparseExchange, "_list_receivers")])
def test_no_memory_for_the_lists_on_one_rank_is_raised_on_all(place, monkeypatch):
    kind, name = place
    plain = getattr(kind, name)

    def limited(self, *arguments):
        comm = self.comm if kind is Simulation else self._comm
        if comm.rank == 1:
            raise MemoryError("no room for the lists")
        return plain(self, *arguments)

    monkeypatch.setattr(kind, name, limited)
    outcomes = outcomes_of(3, lambda net, rank: net.run(0.01, exchange="sparse"))
    assert [type(error) for error in outcomes] == [MemoryError] * 3
    assert all("no room" in str(error) for error in outcomes)


def test_no_memory_for_a_message_is_raised_on_all(monkeypatch):
    plain = sparse_exchange.count_needed

    def limited(spikes, own, *rest):
        if own[0, 0] > 0:  # not on rank 0
            raise MemoryError("no room for the message")
        plain(spikes, own, *rest)

    monkeypatch.setattr(sparse_exchange, "count_needed", limited)
    monkeypatch.setattr(SparseExchange, "compile", lambda: None)
    outcomes = outcomes_of(3, lambda net, rank: net.run(0.05, exchange="sparse"))
    assert [type(error) for error in outcomes] == [MemoryError] * 3


# ---- with MPI --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ranks", [2, 3, 4])
def test_with_mpi_the_same_bits_and_the_reported_bytes(launch, ranks, tmp_path):
    program = Path(__file__).parent / "mpi" / "programs" / "exchanges.py"
    found = {}
    for count in (0, ranks):
        launch(count, program, str(tmp_path / "result.json"))
        found[count] = json.loads((tmp_path / "result.json").read_text())
    for name, alone in found[0].items():
        assert alone["spikes"] > 100
        for kind in KINDS:
            assert found[ranks][name][kind]["digest"] == alone["auto"]["digest"], (name, kind)
            assert found[ranks][name][kind]["counted"] == found[ranks][name][kind]["reported"], (name, kind)
    assert found[ranks]["ring"]["auto"]["exchange"] == "sparse"
    assert found[ranks]["ring"]["sparse"]["reported"] < found[ranks]["ring"]["all"]["reported"]
    assert found[ranks]["dense"]["auto"]["exchange"] == "all"
