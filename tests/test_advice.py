"""What is legal but hardly meant is said at a network's first run, once; what is meant isn't."""

import io

import numpy as np
import pytest
from ranks import on_each_rank

from neurocore_nb import (
    STDP,
    ExpConductance,
    GapJunction,
    HodgkinHuxleyNeuron,
    LIFNeuron,
    Network,
    Normal,
    OUCurrent,
    PoissonInput,
    Population,
    Projection,
    RateMonitor,
    SpikeMonitor,
    SpikeSource,
    StateMonitor,
    StepCurrent,
)
from neurocore_nb.network import progress

MS = 1e-3


def cells(n=3, label="cells", **options):
    return Population(LIFNeuron, n, label=label, **options)


def left_out(make):
    def described():
        one = cells()
        return [one], make(one)

    return described


SHORT = {"syn": ExpConductance(tau=5e-3)}
CASES = {
    "monitor": (left_out(SpikeMonitor), "<SpikeMonitor of cells> isn't part of the network .* records nothing; add it"),
    "states": (left_out(StateMonitor), "<StateMonitor of cells.* isn't part of .* records nothing"),
    "rates": (
        left_out(lambda one: RateMonitor(one, 1 * MS)),
        "<RateMonitor of cells.* isn't part of .* records nothing",
    ),
    "input": (left_out(lambda one: StepCurrent(0.0, 1.0, 1.0, one)), "<StepCurrent onto cells.*> .* drives nothing"),
    "projection": (
        left_out(lambda one: Projection(one, one, 1.0)),
        "<Projection cells -> cells.*> .* connects nothing",
    ),
    "coupling": (
        left_out(lambda one: GapJunction(one, one, 1.0)),
        "<GapJunction cells -> cells.*> .* connects nothing",
    ),
    "two inputs": (
        lambda: ([cells(), cells(label="more"), PoissonInput(3, 1.0, 1.0), PoissonInput(3, 1.0, 1.0)], None),
        "2 stimuli PoissonInput have no target, so all of them act on the first population, 'cells'; give target=",
    ),
    "late current": (lambda: ([cells(), StepCurrent(100.0, 300.0, 10.0)], None), "long after this run of 0.01 s"),
    "late spikes": (lambda: ([SpikeSource([10.0, 20.0])], None), "fires first at 10 s, long after this run"),
    "noise": (lambda: ([cells(), OUCurrent(0.0, 1.0, tau=5.0)], None), "tau = 5 s is long; .* write 5 ms as 5e-3"),
    "receptor": (
        lambda: ([cells(receptors=SHORT)], None),
        "tau = 0.005 ms of receptor 'syn' is shorter than a substep",
    ),
    "substep": (
        lambda: ([Population(HodgkinHuxleyNeuron, 1, max_step=0.5)], None),
        "substeps of 0.5 ms are long for HodgkinHuxleyNeuron, whose own are 0.01 ms",
    ),
}


def connected(**options):
    one = cells()
    return [one, Projection(one, one, 1.0, **options)], None


CASES["delay"] = (
    lambda: connected(delay=1.4 * MS),
    "a delay is rounded to whole network steps of 0.001 s, here to 0.001",
)
CASES["no delay"] = (lambda: connected(delay=0.4 * MS), "here to 0 s; run with a smaller dt")
CASES["learning"] = (
    lambda: connected(plasticity=STDP(tau_plus=0.02)),
    "tau_plus = 0.02 ms is shorter than a network step",
)


@pytest.mark.parametrize(("described", "message"), CASES.values(), ids=CASES)
def test_it_is_said_at_the_first_run_only(described, message):
    objects, kept = described()
    net = Network(*objects)
    with pytest.warns(UserWarning, match=message) as caught:
        net.run(10 * MS)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    net.run(10 * MS)
    del kept


def test_where_warnings_are_errors_no_rank_is_left_waiting():
    def program(connect, rank):
        net = connect(Network(cells(), StepCurrent(100.0, 300.0, 10.0)))
        with pytest.raises(UserWarning, match="long after this run"):
            net.run(10 * MS)
        return True

    assert on_each_rank(2, program) == [True, True]


def test_nothing_is_said_of_what_is_in_order():
    one, other = cells(), cells(label="other")
    forgotten = SpikeMonitor(one)
    del forgotten
    Network(
        one, other, PoissonInput(3, 1.0, 1.0), StepCurrent(0.0, 1.0, 1.0), StepCurrent(0.05, 0.1, 1.0, other),
        SpikeMonitor(one),
        Projection(one, other, Normal(1.0, 0.1), delay=2 * MS), OUCurrent(0.0, 1.0, 5 * MS, one), SpikeSource([0.02]),
    ).run(10 * MS)  # fmt: skip
    Network(cells(), StepCurrent(5.0, 6.0, 1.0)).run(0.0)


def test_a_monitor_added_to_another_network_is_not_missed():
    one, other = cells(), cells(label="other")
    watching = SpikeMonitor(one)
    net = Network(one, watching)
    Network(other).run(1 * MS)
    net.run(1 * MS)
    assert watching.count == 0


@pytest.mark.parametrize("part", [slice(2, 9), slice(7, 9), slice(-9, 2), slice(None, 6)])
def test_parts_beyond_the_neurons_are_errors(part):
    with pytest.raises(ValueError, match=r"cells\[.*\]: there are 5 neurons; give a part within \[0:5\]"):
        cells(5)[part]


def test_parts_within_the_neurons_are_as_those_of_lists():
    numbers = list(range(5))
    for part in (slice(0, 5), slice(-3, -1), slice(5, 5), slice(4, 2), slice(None), slice(None, 3)):
        assert len(cells(5)[part]) == len(numbers[part])


@pytest.mark.parametrize("weight", [Normal(0.02, 0.02), [0.1, -0.1, 0.1]])
def test_negative_conductances_are_errors(weight):
    one = cells(receptors={"syn": ExpConductance()})
    given = {"topology": ([0, 1, 2], [0, 1, 2])} if isinstance(weight, list) else {}
    with pytest.raises(ValueError, match=r"a weight of -.* nS is a negative conductance; .* low=0\.0"):
        Projection(one, one, weight, receptor="syn", **given)


@pytest.mark.parametrize("target", [True, False])
def test_negative_conductances_of_poisson_inputs_are_errors(target):
    one = cells(receptors={"syn": ExpConductance()})
    with pytest.raises(ValueError, match=r"PoissonInput.*: a weight of -0.5 nS is a negative conductance"):
        Network(one, PoissonInput(3, 10.0, np.full(3, -0.5), target=one if target else None, receptor="syn"))


def test_a_recording_into_a_folder_that_is_not_there_is_told_before_anything_runs(tmp_path):
    pytest.importorskip("h5py")
    one = cells()
    net = Network(one, SpikeMonitor(one, to=tmp_path / "nowhere" / "run.h5"))
    with pytest.raises(FileNotFoundError, match=r"<SpikeMonitor of cells>, to '.*': there is no folder '.*nowhere'"):
        net.run(10 * MS)
    assert not (tmp_path / "nowhere").exists()
    (tmp_path / "nowhere").mkdir()
    net.run(10 * MS)


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(("stream", "asked", "told"), [(Terminal, False, True), (io.StringIO, True, True),
                                                       (io.StringIO, False, False)])  # fmt: skip
def test_a_long_compilation_is_told_in_terminals_and_where_progress_is_asked_for(monkeypatch, stream, asked, told):
    monkeypatch.setattr(progress, "_PATIENCE", 0.0)
    monkeypatch.setattr("sys.stderr", stream())
    with progress.told_if_slow(True, asked):
        for _ in range(200):
            if progress.sys.stderr.getvalue():
                break
            progress.time.sleep(0.01 if told else 0.001)
    assert progress.sys.stderr.getvalue().startswith("neurocore_nb: compiling") == told
