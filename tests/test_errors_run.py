"""Errors of a run: one exception of the right type that names the value and its unit or remedy, and nothing has run."""

import os
import re
import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from builders import N, assert_raises, cells, drive, network, run_program, table

from neurocore_nb import (
    LaunchError,
    Network,
    Normal,
    NumericalError,
    Projection,
    SpikeMonitor,
    StateMonitor,
    StepCurrent,
    TimedArray,
)

# ---- runs ------------------------------------------------------------------------------------------------------------


class Fixture:
    """A network that fires, with one monitor; ``states`` after 5 ms are known."""

    def __init__(self, *objects):
        self.exc = cells()
        self.monitor = SpikeMonitor(self.exc)
        stimulus = StepCurrent(0.0, 0.005, 20.0, target=self.exc)
        self.net = Network(self.exc, stimulus, self.monitor, *(make(self.exc) for make in objects))

    def run(self, duration=0.005, dt=0.001, **options):
        return self.net.run(duration, dt, **({"threads": 1} | options))


def assert_nothing_has_run(fixture):
    """Nothing was recorded, and the network does in a corrected call what one does that made no mistake."""
    assert fixture.monitor.count == len(fixture.monitor.t) == 0
    fixture.run()
    untroubled = Fixture()
    untroubled.run()
    assert fixture.monitor.count == untroubled.monitor.count == N
    assert np.array_equal(fixture.monitor.t, untroubled.monitor.t)
    assert np.array_equal(fixture.net.get_states()["exc"]["v"], untroubled.net.get_states()["exc"]["v"])


RUN = [
    ({"backend": "spark"}, ValueError, r"backend 'spark'.*auto, numba, mpi"),
    ({"dt": 0.0}, ValueError, r"^dt.* 0\.0 s.*above 0 s"),
    ({"dt": -0.001}, ValueError, r"^dt.*-0\.001 s.*above 0 s"),
    ({"dt": np.nan}, ValueError, r"^dt.*nan.* s"),
    ({"dt": "1 ms"}, TypeError, r"^dt.* s, not '1 ms'"),
    ({"dt": 5e-324}, ValueError, r"(dt|duration).*5e-324 s"),
    ({"duration": -0.1}, ValueError, r"^duration.*-0\.1 s.*at least 0 s"),
    ({"duration": np.inf}, ValueError, r"^duration.*inf.* s"),
    ({"duration": None}, TypeError, r"^duration.* s, not None"),
    ({"duration": 0.0105}, ValueError, r"^duration = 0\.0105 s .*dt = 0\.001 s.*10\.5 steps.*0\.01 s"),
    ({"threads": 0}, ValueError, r"^threads = 0 .*at least 1"),
    ({"threads": 1.0}, TypeError, r"^threads .*integer.*1\.0"),
    ({"threads": True}, TypeError, r"^threads .*integer.*True"),
    ({"progress": 1}, TypeError, r"^progress .*True or False.*1"),
]


@pytest.mark.parametrize(("options", "kind", "pattern"), table(RUN))
def test_arguments_of_run(options, kind, pattern):
    fixture = Fixture()
    assert_raises(lambda: fixture.run(**options), kind, pattern)
    assert_nothing_has_run(fixture)


STEPS = [
    (lambda exc: drive(dt=1e-4), r"PoissonInput.*dt = 0\.0001 s.*run.* 0\.001 s.*equal"),
    (lambda exc: StepCurrent(0.0005, 0.002, 1.0), r"StepCurrent.*onset = 0\.0005 s.*dt = 0\.001 s"),
    (lambda exc: StepCurrent(0.001, 0.0025, 1.0), r"StepCurrent.*offset = 0\.0025 s.*dt = 0\.001 s"),
    (lambda exc: TimedArray([1.0, 2.0], 0.0015), r"TimedArray.*dt = 0\.0015 s.*dt = 0\.001 s"),
    (lambda exc: TimedArray([1.0, 2.0], 1e-10), r"TimedArray.*dt.*0\.001 s"),
    (lambda exc: StateMonitor(exc, interval=0.0015), r"StateMonitor of exc.*interval = 0\.0015 s.*dt = 0\.001 s"),
    (lambda exc: StateMonitor(exc, interval=1e-10), r"StateMonitor of exc.*interval = 1e-10 s.*dt = 0\.001 s"),
]


@pytest.mark.parametrize(("make", "pattern"), [pytest.param(*row, id=row[1][:12]) for row in STEPS])
def test_objects_that_do_not_fit_the_step(make, pattern):
    fixture = Fixture(make)
    assert_raises(fixture.run, ValueError, pattern)
    assert fixture.monitor.count == 0


def test_a_step_that_fits_runs_after_one_that_does_not():
    fixture = Fixture(lambda exc: StepCurrent(0.0005, 0.0015, 0.0))
    with pytest.raises(ValueError, match="onset"):
        fixture.run()
    fixture.run(dt=0.0005)
    assert fixture.monitor.count == N


@pytest.mark.parametrize("duration", [0.7, 0.3, 0.001, 0.0])
def test_decimal_durations_are_multiples_of_a_decimal_step(duration):
    report = network().run(duration, 0.001, backend="numba", threads=1)
    assert report.duration == pytest.approx(duration)


def test_a_substep_too_small_to_count_is_named():
    net = Network(cells(max_step=1e-300))
    assert_raises(lambda: net.run(0.001, threads=1), ValueError, r"'exc'.*max_step.*1e-300 ms")


def test_a_network_without_a_population():
    assert_raises(lambda: Network().run(0.1), ValueError, "no population")


def test_a_stimulus_without_a_population_to_go_to():
    net = Network(drive())
    assert_raises(lambda: net.run(0.1), ValueError, "no population")
    exc = cells()
    net.add(exc)
    assert net.run(0.001, threads=1).total("neurons") == N


def test_a_later_population_may_prove_too_small_for_a_stimulus():
    net = Network(drive(6))
    assert_raises(lambda: net.add(cells()), ValueError, r"PoissonInput.* 6 neurons.*exc with 5")
    assert net.populations == []


LATER = [
    (lambda one: one.run(dt=0.0005), r"dt = 0\.001 s since its first run.* 0\.0005 s"),
    (lambda one: one.run(backend="numba"), r"backend='auto'.* since its first run"),
    (lambda one: one.net.add(drive()), r"PoissonInput.*after the first run.*monitors"),
    (lambda one: one.net.add(cells(label="inh")), r"'inh'.*after the first run.*monitors"),
    (lambda one: one.net.add(Projection(one.exc, one.exc, 1.0)), r"exc -> exc.*after the first run.*monitors"),
]


@pytest.mark.parametrize(("call", "pattern"), [pytest.param(*row, id=row[1][:12]) for row in LATER])
def test_what_cannot_change_after_the_first_run(call, pattern):
    fixture, untroubled = Fixture(), Fixture()
    fixture.run(0.002)
    untroubled.run(0.002)
    assert_raises(lambda: call(fixture), ValueError, pattern)
    fixture.run(0.003)
    untroubled.run(0.003)
    assert np.array_equal(fixture.monitor.t, untroubled.monitor.t)
    assert np.array_equal(fixture.net.get_states()["exc"]["v"], untroubled.net.get_states()["exc"]["v"])


def test_a_refused_run_does_not_fix_the_backend():
    fixture = Fixture()
    with pytest.raises(ValueError, match="dt"):
        fixture.run(dt=0.0, backend="numba")
    assert_nothing_has_run(fixture)


def test_progress_without_tqdm_names_the_remedy(monkeypatch):
    fixture = Fixture()
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "tqdm.auto", None)
        assert_raises(lambda: fixture.run(progress=True), ImportError, r"tqdm.*neurocore_nb\[progress\]")
    assert_nothing_has_run(fixture)


# ---- MPI that isn't there --------------------------------------------------------------------------------------------


def test_numba_is_one_process_without_a_communicator():
    fixture = Fixture()
    assert_raises(lambda: fixture.run(backend="numba", comm=object()), ValueError, r"'numba'.*one process.*comm")
    assert_nothing_has_run(fixture)


def test_mpi_without_mpi4py_names_the_remedy(monkeypatch):
    monkeypatch.setitem(sys.modules, "mpi4py", None)
    fixture = Fixture()
    assert_raises(lambda: fixture.run(backend="mpi"), ValueError, r"'mpi'.*needs mpi4py.*neurocore_nb\[mpi\]")
    assert_nothing_has_run(fixture)


@pytest.fixture
def lonely_mpi(monkeypatch):
    """An mpi4py whose world is one rank."""
    world = SimpleNamespace(Get_size=lambda: 1)
    mpi = SimpleNamespace(COMM_WORLD=world, Intracomm=int, Get_library_version=lambda: "Open MPI v9.9\nbuild 1")
    package = ModuleType("mpi4py")
    package.MPI = mpi
    monkeypatch.setitem(sys.modules, "mpi4py", package)
    monkeypatch.setitem(sys.modules, "mpi4py.MPI", mpi)


@pytest.mark.usefixtures("lonely_mpi")
@pytest.mark.parametrize("variable", ["PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "SLURM_STEP_NUM_TASKS"])
def test_ranks_that_do_not_see_one_another(variable, monkeypatch):
    monkeypatch.setenv(variable, "4")
    fixture = Fixture()
    assert_raises(fixture.run, LaunchError, r"started 4 ranks.*alone.*Open MPI v9\.9.*one MPI")
    monkeypatch.delenv(variable)
    assert_nothing_has_run(fixture)


@pytest.mark.usefixtures("lonely_mpi")
def test_a_batch_scripts_number_of_tasks_is_no_launcher(monkeypatch):
    monkeypatch.setenv("SLURM_NTASKS", "4")
    fixture = Fixture()
    fixture.run()
    assert fixture.monitor.count == N


@pytest.mark.usefixtures("lonely_mpi")
def test_a_communicator_of_another_kind():
    fixture = Fixture()
    assert_raises(lambda: fixture.run(comm="world"), TypeError, r"comm .*mpi4py.*'world'")
    assert_nothing_has_run(fixture)


BLOCKED = """
import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "mpi4py":
            raise ImportError("mpi4py is blocked")
sys.meta_path.insert(0, Block())
from neurocore_nb import HodgkinHuxleyNeuron, Network, Population
Network(Population(HodgkinHuxleyNeuron, 2)).run(0.001)
print("ran")
"""


def test_launched_without_mpi4py_ends_with_the_remedy():
    result = run_program(BLOCKED, os.environ | {"PMI_SIZE": "4"})
    assert result.returncode == 1
    assert "ran" not in result.stdout
    last = result.stderr.strip().splitlines()[-1]
    assert re.search(r"ValueError: .*started 4 ranks.*mpi4py is blocked.*neurocore_nb\[mpi\]", last)


# ---- states and sums beyond all bounds -------------------------------------------------------------------------------


def test_a_state_that_becomes_infinite_is_named():
    exc, inh = cells(), cells(4, "inh")
    surge = StepCurrent(0.003, 0.004, [0.0, 1e308], target=inh[1:3])
    monitor = StateMonitor(exc)  # an interval ends where a sample is taken
    net = Network(exc, inh, surge, monitor)
    assert_raises(
        lambda: net.run(0.01, 0.001, backend="numba", threads=1),
        NumericalError,
        r"between 0\.003 and 0\.004 s.*'inh', neuron 2: v became (nan|-?inf) mV",
    )


@pytest.mark.parametrize("threads", [1, 2])
def test_a_network_that_broke_runs_again_after_reset(threads):
    exc = cells()
    net = Network(exc, StepCurrent(0.003, 0.004, 1e308))
    for _ in range(2):
        with pytest.raises(NumericalError, match="'exc', neuron 0: v"):
            net.run(0.01, backend="numba", threads=threads)
        assert_raises(lambda: net.run(0.001, backend="numba"), ValueError, r"failed.*reset\(\)")
        net.reset()
        net.run(0.003, backend="numba", threads=threads)
        untroubled = network()
        untroubled.run(0.003, backend="numba", threads=1)
        assert np.array_equal(net.get_states()["exc"]["v"], untroubled.get_states()["exc"]["v"])


def test_an_infinite_state_names_its_neuron():
    exc, inh = cells(), cells(4, "inh")
    net = Network(exc, inh, StepCurrent(0.0, 0.002, 1e308, target=inh[1:]))
    assert_raises(
        lambda: net.run(0.01, backend="numba", threads=1), NumericalError, r"s, .*'inh', neuron 1: v became (nan|-?inf)"
    )


def test_sums_that_would_not_be_exact_are_refused():
    net = network(lambda _: drive(rate_hz=5e9, weight=1e-3))
    assert_raises(
        lambda: net.run(0.005, backend="numba", threads=1),
        NumericalError,
        r"between 0 and 0\.005 s.*'exc'.*neuron 0: the weights.*in one step.*exactly",
    )


def test_sums_just_within_the_exact_range_are_fine():
    network(lambda _: drive(rate_hz=0.9e9, weight=1e-6)).run(0.005, backend="numba", threads=1)


@pytest.mark.parametrize("weight", [1e305, -1e308])
def test_weights_near_the_largest_number_are_refused(weight):
    with pytest.raises((ValueError, NumericalError), match=r"weight|'exc'"):
        network(lambda exc: Projection(exc, exc, weight)).run(0.001, backend="numba", threads=1)


@pytest.mark.parametrize("weight", [1e-300, 5e-324])
def test_weights_near_zero_run(weight):
    net = network(lambda _: drive(rate_hz=1000.0, weight=weight))
    net.run(0.005, backend="numba", threads=1)
    assert np.isfinite(net.get_states()["exc"]["v"]).all()


def test_weights_beyond_their_dtype_are_refused():
    with pytest.raises((ValueError, NumericalError), match=r"weight.*at most 1e\+30"):
        network(lambda exc: Projection(exc, exc, Normal(1e39, 1e38))).run(0.001, backend="numba", threads=1)
