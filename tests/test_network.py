"""The description works as specified: what users write, and what its objects do."""

import importlib
import os
import re

import numpy as np
import pytest
import scipy.sparse
from builders import cells, injected, passive_cells, run, run_program

import neurocore_nb
from neurocore_nb import (
    ExpConductance,
    ExpCurrent,
    HodgkinHuxleyNeuron,
    Network,
    Normal,
    PoissonInput,
    Population,
    Projection,
    SpikeMonitor,
    StateMonitor,
    StepCurrent,
    Uniform,
)
from neurocore_nb.units import ms

# ---- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "names"),
    [
        ("neurons.models.hodgkin_huxley", ["HodgkinHuxleyNeuron"]),
        ("network.population", ["Population"]),
        ("network.projection", ["Projection"]),
        ("network.network", ["Network"]),
        ("network.monitor", ["SpikeMonitor", "StateMonitor"]),
        ("network.stimulus", ["PoissonInput", "StepCurrent", "TimedArray"]),
        ("network.distributions", ["Normal", "Uniform"]),
        ("errors", ["LaunchError", "NumericalError", "SimulationError"]),
    ],
)
def test_names_are_found_in_their_modules_and_at_the_top(module, names):
    for name in names:
        assert getattr(importlib.import_module(f"neurocore_nb.{module}"), name) is getattr(neurocore_nb, name)
        assert name in neurocore_nb.__all__


def test_everything_exported_is_there():
    assert all(hasattr(neurocore_nb, name) for name in neurocore_nb.__all__)
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*", neurocore_nb.__version__)


# ---- the tutorial ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("weight", "fires"), [(1.0, False), (9.0, True)])
def test_the_tutorials_network(weight, fires):
    exc = Population(HodgkinHuxleyNeuron, n=80, label="exc")
    inh = Population(HodgkinHuxleyNeuron, n=20, label="inh")

    exc_exc = Projection(exc, exc, weight=0.02, topology="random", probability=0.02)
    exc_inh = Projection(exc, inh, weight=0.05, topology="random", probability=0.05)
    inh_exc = Projection(inh, exc, weight=-0.1, topology="random", probability=0.05)

    drive = PoissonInput(n=80, rate_hz=50.0, weight=weight, dt=0.001)
    mon = SpikeMonitor(exc)

    net = Network(exc, inh, exc_exc, exc_inh, inh_exc, drive, mon)
    net.run(duration=0.2, dt=0.001, backend="numba")
    assert (mon.count > 0) == fires  # the tutorial's own drive stays below the threshold


# ---- describing ------------------------------------------------------------------------------------------------------


def test_a_model_by_its_name():
    by_name = Population("HodgkinHuxleyNeuron", 3)
    assert by_name.model is HodgkinHuxleyNeuron


def test_views_have_indices_of_their_own():
    whole = cells(10)
    part = whole[2:9]
    inner = part[1:4]
    assert (len(whole), len(part), len(inner)) == (10, 7, 3)
    assert (part.start, inner.start) == (2, 3)
    assert part.parent is inner.parent is whole
    assert inner.label == "exc[3:6]"
    assert (part[-2:].start, len(part[-2:]), len(part[5:2]), len(whole[:])) == (7, 2, 0, 10)


def test_a_view_serves_as_target_and_is_watched():
    population = cells(10)
    inner = population[2:9][1:4]
    monitor = SpikeMonitor(inner)
    states = StateMonitor(inner, record=[2, 0])
    whole = StateMonitor(population)
    kick = StepCurrent(0.0, 0.005, [0.0, 20.0, 0.0], target=inner)
    net = Network(population, kick, monitor, states, whole)
    run(net, 0.005)
    assert np.array_equal(monitor.i, [1])
    v = net.get_states()["exc"]["v"]
    assert np.flatnonzero(v != v[0]).tolist() == [4]
    assert np.array_equal(states.traces["v"], whole.traces["v"][:, [5, 3]])


def test_views_serve_as_source_and_target():
    population = cells(10)
    entries = scipy.sparse.coo_array(([0.5, 0.25], ([0, 2], [1, 0])), shape=(3, 2))
    inner = Projection(population[4:6], population[2:9][1:4], None, topology=entries)
    net = Network(population, inner)
    run(net, 0.0)
    assert np.array_equal(inner.matrix().toarray(), entries.toarray())


def test_a_view_of_a_source_sends_its_own_spikes():
    source, target = cells(6, "source"), passive_cells(3, "target")
    kick = StepCurrent(0.0, 0.002, [0.0, 0.0, 0.0, 50.0, 0.0, 0.0], target=source)
    fan = Projection(source[2:5], target, weight=1.0, topology="one_to_one")
    monitor = StateMonitor(target)
    run(Network(source, target, kick, fan, monitor), 0.01)
    received = injected(monitor.traces["v"])
    assert np.array_equal(np.flatnonzero(received.sum(0) > 0.5), [1])


def test_labels_are_given_by_the_network():
    first, second, named = (Population(HodgkinHuxleyNeuron, 1, label=label) for label in (None, None, "named"))
    net = Network(first, second, named)
    run(net, 0.0)
    assert named.label == "named"
    assert len(set(net.get_states())) == 3
    assert all("HodgkinHuxleyNeuron" in one.label for one in (first, second))


def test_a_given_label_differs_from_those_that_users_gave():
    names = ["HodgkinHuxleyNeuron_0", "HodgkinHuxleyNeuron_1", "HodgkinHuxleyNeuron_2"]
    for name in names:
        net = Network(Population(HodgkinHuxleyNeuron, 1, label=name), *(cells(1, None) for _ in range(2)))
        run(net, 0.0)
        assert len(net.get_states()) == 3


def test_add_is_the_same_as_naming_at_once():
    def describe():
        exc = cells(7, "exc")
        return exc, cells(4, "inh"), PoissonInput(7, 500.0, 9.0), Projection(exc, exc, 1.0, 0.5)

    at_once = Network(*describe())
    one_by_one = Network()
    for one in describe():
        one_by_one.add(one)
    for net in (at_once, one_by_one):
        run(net, 0.05)
    ours, theirs = at_once.get_states(), one_by_one.get_states()
    assert all(np.array_equal(ours[label][name], theirs[label][name]) for label in ours for name in ours[label])


def test_a_network_lists_its_objects():
    exc, inh = cells(3, "exc"), cells(2, "inh")
    loop, drive, monitor = Projection(exc, inh, 1.0), PoissonInput(3, 10.0, 1.0), SpikeMonitor(exc)
    net = Network(exc, inh, loop, drive, monitor)
    assert (net.populations, net.projections) == ([exc, inh], [loop])
    assert (net.stimuli, net.monitors) == ([drive], [monitor])
    net.populations.clear()
    assert net.populations == [exc, inh]
    assert "2 populations" in repr(net)


def test_units_are_seconds_and_hertz():
    assert 1.5 * ms == pytest.approx(1.5e-3)
    assert neurocore_nb.units.kHz == 1e3


# ---- nothing there ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("topology", ["random", "all_to_all", "one_to_one", "fixed_indegree"])
def test_populations_without_neurons_run(topology, threads):
    none, nothing, some = cells(0, "none", initial={"v": Normal(-65.0, 1.0)}), cells(0, "nothing"), cells(3, "some")
    wiring = [
        Projection(none, nothing, Normal(1.0, 0.1), topology=topology, delay=Uniform(0.0, 2e-3)),
        Projection(some[1:1], none, 1.0, topology=topology),
    ]
    spikes, states = SpikeMonitor(none), StateMonitor(none)
    drives = [PoissonInput(0, 10.0, 1.0), StepCurrent(0.0, 0.005, np.empty(0), target=nothing)]
    net = Network(none, nothing, some, *wiring, *drives, spikes, states)
    report = run(net, 0.01, threads=threads)
    assert (report.total("neurons"), report.total("synapses"), spikes.count) == (3, 0, 0)
    assert spikes.spike_trains() == {}
    assert spikes.firing_rates().shape == (0,)
    assert states.traces["v"].shape == (10, 0)
    assert net.get_states()["none"]["v"].shape == (0,)
    assert wiring[0].matrix().shape == (0, 0)


def test_a_network_of_nobody_runs():
    net = Network(cells(0))
    assert run(net, 0.01).total("neuron_steps") == 0


# ---- what is imported ------------------------------------------------------------------------------------------------

IMPORTS = """
import sys
import neurocore_nb
for name in ("scipy.sparse", "scipy.special", "matplotlib", "tqdm", "mpi4py"):  # Numba itself imports bare scipy
    assert name not in sys.modules, name
def run():
    cells = neurocore_nb.Population("HodgkinHuxleyNeuron", 3)
    loop = neurocore_nb.Projection(cells, cells, 1.0, 0.5)
    drive = neurocore_nb.PoissonInput(3, 50.0, 9.0)
    return neurocore_nb.Network(cells, loop, drive).run(0.002).total("neurons")
assert run() == 3
assert "mpi4py" not in sys.modules
sys.modules["mpi4py"] = None  # can't be imported
assert run() == 3
"""


def test_one_rank_imports_no_mpi_and_the_package_nothing_large():
    launcher = ("OMPI_", "PMI", "SLURM_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(launcher)}
    result = run_program(IMPORTS, environment)
    assert result.returncode == 0, result.stderr


def test_what_would_have_no_effect_cannot_be_assigned():
    cells = Population(HodgkinHuxleyNeuron, 3, label="cells")
    net = Network(cells)
    with pytest.raises(AttributeError, match=r"Population 'cells'.*: v can't be assigned; give initial= .*net.set"):
        cells.v = -40.0
    with pytest.raises(AttributeError, match=r"g_na can't be assigned"):
        cells.g_na = 0.0
    cells.positions = np.zeros((3, 2))  # notes of one's own may be
    with pytest.raises(AttributeError, match=r"Network.*: dt can't be assigned.*arguments of run"):
        net.dt = 1e-4


def test_a_long_step_is_taken_with_a_warning():
    with pytest.warns(RuntimeWarning, match=r"dt = 0\.1 s is 100 ms: times are in seconds, so write 0\.1 ms as 1e-4"):
        Network(Population(HodgkinHuxleyNeuron, 1)).run(0.1, dt=0.1)


def test_ranks_are_known_before_the_first_run():
    net = Network(Population(HodgkinHuxleyNeuron, 1))
    assert (net.rank, net.n_ranks) == (0, 1)


def test_negative_conductances_are_refused():
    receptors = {"inh": ExpConductance(tau=10.0, e_rev=-80.0), "current": ExpCurrent(tau=2.0)}
    cells = Population(HodgkinHuxleyNeuron, 3, label="cells", receptors=receptors)
    with pytest.raises(ValueError, match=r"weight of -0\.2 mS/cm2 is a negative conductance; .*e_rev=-80"):
        Projection(cells, cells, weight=-0.2, topology="all_to_all", receptor="inh")
    Projection(cells, cells, weight=-0.2, topology="all_to_all", receptor="current")
    Projection(cells, cells, weight=Normal(0.2, 0.1, low=0.0), topology="all_to_all", receptor="inh")
