"""The description works as specified: what users write, what the objects do, and what a run reports."""

import gc
import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse
import scipy.stats

import neurocore_nb
from neurocore_nb import (
    HodgkinHuxleyNeuron,
    Network,
    Normal,
    PoissonInput,
    Population,
    Projection,
    SpikeMonitor,
    StateMonitor,
    StepCurrent,
    TimedArray,
    Uniform,
)
from neurocore_nb.engine.report import PHASES
from neurocore_nb.units import ms

REPOSITORY = Path(__file__).parents[1]
DT = 0.001
G_L, E_L = 0.3, -54.387  # mS/cm2, mV: leak of the model
PASSIVE = {"g_na": 0.0, "g_k": 0.0}


def run(net, duration, dt=DT, **options):
    return net.run(duration, dt, **({"backend": "numba", "threads": 1} | options))


def cells(n, label="cells", **options):
    return Population(HodgkinHuxleyNeuron, n, label=label, **options)


def passive_cells(n, label="cells"):
    """Membranes with nothing but a leak, at rest: linear, and exact at any substep."""
    return cells(n, label, params=PASSIVE, initial={"v": E_L}, max_step=1.0)


def injected(v, dt=DT):
    """Current in uA/cm2 of each step, from the potentials at the starts of the steps of passive cells."""
    decay = np.exp(-G_L * dt * 1e3)
    return G_L * ((v[1:] - E_L) - (v[:-1] - E_L) * decay) / (1.0 - decay)


def currents_into(population, *objects, steps, dt=DT, seed=42):
    """Current of each step into each neuron of passive cells."""
    monitor = StateMonitor(population)
    net = Network(population, *objects, monitor, seed=seed)
    run(net, (steps + 1) * dt, dt)
    return injected(monitor.traces["v"], dt)


def drawn(n, **options):
    """State of a population right after it has been drawn."""
    net = Network(cells(n, **options))
    run(net, 0.0)
    return net.get_states()["cells"]


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
    assert inner.label == "cells[3:6]"
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
    v = net.get_states()["cells"]["v"]
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


# ---- parameters and initial states -----------------------------------------------------------------------------------


def test_initial_states_take_a_number_an_array_or_a_distribution():
    array = np.linspace(-80.0, -50.0, 40)
    states = drawn(40, initial={"v": array, "m": 0.25, "h": Uniform(0.2, 0.4)})
    array += 1.0  # it was copied
    assert np.array_equal(states["v"], array - 1.0)
    assert (states["m"] == 0.25).all()
    assert states["h"].min() >= 0.2
    assert states["h"].max() <= 0.4
    assert len(set(states["h"])) == 40
    assert (states["n"] == HodgkinHuxleyNeuron.states["n"].initial).all()


def test_parameters_take_a_number_an_array_or_a_distribution():
    reversal = np.linspace(-70.0, -50.0, 30)
    drawn_reversal = Uniform(-70.0, -50.0)
    resting = []
    for value in (-60.0, reversal, drawn_reversal):
        net = Network(cells(30, params=PASSIVE | {"e_l": value}, max_step=1.0))
        run(net, 0.2)  # 60 time constants
        resting.append(net.get_states()["cells"]["v"])
    assert resting[0] == pytest.approx(np.full(30, -60.0))
    assert resting[1] == pytest.approx(reversal)
    assert ((resting[2] > -70.0) & (resting[2] < -50.0)).all()
    assert len(set(resting[2])) == 30


def test_an_array_parameter_gives_each_neuron_what_a_number_gives_all():
    values = [5.0, 6.3, 20.0]
    together = Network(cells(3, params={"celsius": values}), StepCurrent(0.0, 0.02, 10.0))
    run(together, 0.02)
    for k, value in enumerate(values):
        alone = Network(cells(1, params={"celsius": value}), StepCurrent(0.0, 0.02, 10.0))
        run(alone, 0.02)
        for name, state in alone.get_states()["cells"].items():
            assert together.get_states()["cells"][name][k] == pytest.approx(state[0], rel=1e-9)


def test_a_smaller_substep_changes_the_result_only_slightly():
    potentials = []
    for max_step in (0.01, 0.005):
        net = Network(cells(1, max_step=max_step), StepCurrent(0.0, 0.003, 10.0))
        assert run(net, 0.003).total("neuron_steps") == round(3.0 / max_step)
        potentials.append(net.get_states()["cells"]["v"][0])
    assert 0.0 < abs(potentials[0] - potentials[1]) < 1.0


@pytest.mark.parametrize(
    ("distribution", "mean", "sd"),
    [(Normal(-65.0, 5.0), -65.0, 5.0), (Uniform(-80.0, -50.0), -65.0, 30.0 / np.sqrt(12.0))],
)
def test_drawn_values_have_their_distribution(distribution, mean, sd):
    n = 4000
    v = drawn(n, initial={"v": distribution})["v"]
    assert abs(v.mean() - mean) < 5.0 * sd / np.sqrt(n)
    assert abs(v.std() / sd - 1.0) < 5.0 / np.sqrt(2.0 * n)
    low, high = distribution.support()
    assert low <= v.min()
    assert v.max() <= high


def test_variables_and_populations_are_drawn_independently():
    first, second = (cells(1000, label, initial={"v": Normal(0.0, 1.0), "m": Uniform(0.0, 1.0)}) for label in "ab")
    net = Network(first, second)
    run(net, 0.0)
    states = net.get_states()
    samples = [states[label][name] for label in "ab" for name in "vm"]
    correlation = np.corrcoef(samples) - np.eye(4)
    assert abs(correlation).max() < 5.0 / np.sqrt(1000)


U = np.concatenate([[2.0**-53, 1.0 - 2.0**-53], np.linspace(0.001, 0.999, 99)])


@pytest.mark.parametrize(
    ("distribution", "reference"),
    [
        (Normal(-65.0, 5.0), scipy.stats.norm(-65.0, 5.0)),
        (Normal(3, 0), None),
        (Normal(0.5, 0.1, low=0.4, high=0.55), scipy.stats.norm(0.5, 0.1)),
        (Normal(1.5, 0.5, low=0.0), scipy.stats.norm(1.5, 0.5)),
        (Uniform(-2.0, 3.0), scipy.stats.uniform(-2.0, 5.0)),
        (Uniform(7.0, 7.0), None),
    ],
)
def test_quantiles_are_those_of_scipy_within_the_support(distribution, reference):
    low, high = distribution.support()
    values = distribution.from_uniform(U)
    expected = np.full(len(U), low) if reference is None else np.clip(reference.ppf(U), low, high)
    assert values == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert low <= values.min()
    assert values.max() <= high


@pytest.mark.parametrize(
    ("distribution", "support"),
    [
        (Normal(0.5, 0.1, low=0.4, high=0.55), (0.4, 0.55)),
        (Normal(0.0, 1.0, low=2.0, high=3.0), (2.0, 3.0)),
        (Normal(0.0, 1.0, low=20.0), (20.0, 20.0)),  # clipped, not redrawn
        (Uniform(-2, 3), (-2.0, 3.0)),
    ],
)
def test_support_is_what_the_bounds_leave(distribution, support):
    assert distribution.support() == support


# ---- stimuli ---------------------------------------------------------------------------------------------------------


def test_a_step_current_flows_in_exactly_its_steps():
    received = currents_into(passive_cells(2), StepCurrent(3 * DT, 7 * DT, [2.0, -1.0]), steps=10)
    assert received == pytest.approx(np.outer([0, 0, 0, 1, 1, 1, 1, 0, 0, 0], [2.0, -1.0]), abs=1e-9)


def test_a_step_current_of_no_length_does_nothing():
    received = currents_into(passive_cells(1), StepCurrent(2 * DT, 2 * DT, 5.0), steps=5)
    assert received == pytest.approx(np.zeros((5, 1)), abs=1e-9)


def test_currents_add_up():
    steps = [StepCurrent(0.0, 3 * DT, 1.0), StepCurrent(1 * DT, 4 * DT, 2.0), TimedArray([0.5], DT)]
    received = currents_into(passive_cells(1), *steps, steps=5)
    assert received[:, 0] == pytest.approx([1.5, 3.5, 3.5, 2.5, 0.5], abs=1e-9)


def test_a_timed_array_holds_each_value_and_the_last_one_on():
    received = currents_into(passive_cells(2), TimedArray([1.0, -2.0, 3.0], 2 * DT), steps=9)
    assert received == pytest.approx(np.outer([1, 1, -2, -2, 3, 3, 3, 3, 3], [1, 1]), abs=1e-9)


def test_a_timed_array_with_a_value_for_each_neuron():
    values = np.arange(6.0).reshape(3, 2)
    received = currents_into(passive_cells(2), TimedArray(values, DT), steps=5)
    assert received == pytest.approx(values[[0, 1, 2, 2, 2]], abs=1e-9)


def test_currents_continue_over_runs():
    population = passive_cells(1)
    monitor = StateMonitor(population)
    net = Network(population, StepCurrent(2 * DT, 5 * DT, 1.0), TimedArray([0.0, 4.0, 8.0], 3 * DT), monitor)
    for steps in (1, 3, 5):
        run(net, steps * DT)
    assert injected(monitor.traces["v"])[:, 0] == pytest.approx([0, 0, 1, 5, 5, 4, 8, 8], abs=1e-9)


@pytest.mark.parametrize(
    "make",
    [
        lambda target: StepCurrent(0.0, 9 * DT, 3.0, target=target),
        lambda target: TimedArray([3.0], DT, target=target),
        lambda target: PoissonInput(2, 5000.0, 1.0, target=target),
    ],
)
def test_stimuli_go_to_the_first_population_or_to_their_target(make):
    assert (stimulated(lambda first, second: make(None)) == [True, True, False, False, False, False]).all()
    assert (stimulated(lambda first, second: make(second[1:3])) == [False, False, False, True, True, False]).all()


def stimulated(make):
    first, second = passive_cells(2, "first"), passive_cells(4, "second")
    net = Network(first, second, make(first, second))
    run(net, 5 * DT)
    states = net.get_states()
    return np.concatenate([states["first"]["v"], states["second"]["v"]]) > E_L + 0.01


def test_a_stimulus_without_a_target_goes_to_the_first_population_of_its_next_network():
    drive = PoissonInput(2, 100.0, 1.0)
    first = Network(cells(2, "first"), drive)
    run(first, 0.001)
    del first
    gc.collect()
    assert Network(cells(2, "second"), drive).stimuli == [drive]


def test_poisson_input_reaches_the_first_n_neurons_of_its_target():
    received = currents_into(passive_cells(5), PoissonInput(3, 5000.0, 1.0), steps=20)
    assert (received[:, :3].sum(0) > 1.0).all()
    assert received[:, 3:] == pytest.approx(np.zeros((20, 2)), abs=1e-9)


@pytest.mark.parametrize("rate", [20.0, 1000.0, 7000.0, 40_000.0])
def test_poisson_counts_have_the_mean_and_variance_of_their_rate(rate):
    n, steps, weight = 100, 200, 0.25
    counts = currents_into(passive_cells(n), PoissonInput(n, rate, weight), steps=steps) / weight
    assert counts == pytest.approx(np.rint(counts), abs=1e-6)
    expected, samples = rate * DT, n * steps
    assert abs(counts.mean() - expected) < 5.0 * np.sqrt(expected / samples)
    assert abs(counts.var() - expected) < 5.0 * np.sqrt((expected + 2.0 * expected**2) / samples)


def test_poisson_counts_of_neurons_steps_and_inputs_are_independent():
    n, steps = 40, 500
    one = currents_into(passive_cells(n), PoissonInput(n, 1000.0, 1.0), steps=steps)
    two = currents_into(passive_cells(n), PoissonInput(n, 1.0, 0.0), PoissonInput(n, 1000.0, 1.0), steps=steps)
    bound = 5.0 / np.sqrt(steps)
    assert abs(np.corrcoef(one.T) - np.eye(n)).max() < bound
    assert abs(np.corrcoef(one[1:].ravel(), one[:-1].ravel())[0, 1]) < bound
    assert abs(np.corrcoef(one.ravel(), two.ravel())[0, 1]) < bound


def test_poisson_rates_and_weights_per_neuron():
    rates, weights = np.array([0.0, 1000.0, 4000.0]), np.array([1.0, -2.0, 0.5])
    received = currents_into(passive_cells(3), PoissonInput(3, rates, weights), steps=1000)
    expected = rates * DT * weights
    assert (abs(received.mean(0) - expected) <= 5.0 * abs(weights) * np.sqrt(rates * DT / 1000) + 1e-9).all()


def test_seeds_decide_the_noise():
    def noise(of_network=42, of_input=None):
        drive = PoissonInput(4, 1000.0, 1.0, seed=of_input)
        return currents_into(passive_cells(4), drive, steps=20, seed=of_network)

    assert np.array_equal(noise(), noise())
    assert not np.array_equal(noise(), noise(of_network=5))
    assert not np.array_equal(noise(), noise(of_input=5))
    assert np.array_equal(noise(of_input=5), noise(of_network=7, of_input=5))


# ---- reports ---------------------------------------------------------------------------------------------------------


def lively():
    exc, inh = cells(11, "exc", initial={"v": Normal(-65.0, 5.0)}), cells(5, "inh", max_step=0.02)
    wiring = [Projection(exc, inh, 3.0, 0.5), Projection(inh, exc, -1.0, 0.4, delay=1.5e-3)]
    drive = PoissonInput(11, 500.0, 9.0)
    monitors = [SpikeMonitor(exc), SpikeMonitor(inh)]
    return Network(exc, inh, *wiring, drive, *monitors), wiring, monitors


def test_a_report_adds_up():
    net, wiring, monitors = lively()
    before = 0
    for duration in (0.05, 0.03):
        report = run(net, duration)
        (rank,) = report.ranks
        assert (report.duration, report.dt, report.threads) == (pytest.approx(duration), DT, 1)
        assert (rank.neurons, report.total("neurons")) == (16, 16)
        assert rank.neuron_steps == (11 * 100 + 5 * 50) * round(duration / DT)
        assert rank.synapses == sum(projection.matrix().nnz for projection in wiring) > 0
        assert report.spikes == rank.spikes == sum(monitor.count for monitor in monitors) - before > 0
        assert rank.network_bytes > 4 * 8 * 16
        assert rank.resident_bytes > rank.network_bytes
        before += report.spikes


def test_a_report_tells_the_time_of_each_phase():
    net, _, _ = lively()
    report = run(net, 0.02)
    assert set(report.seconds) == set(PHASES) == {"build", "compile", "integrate", "exchange", "deliver", "record"}
    assert report.wall == report.ranks[0].wall > 0.0
    assert report.wall_per_biological == pytest.approx(report.simulation_wall / 0.02)
    assert np.isnan(run(net, 0.0).wall_per_biological)


def test_a_report_prints_as_a_short_table():
    net, _, monitors = lively()
    text = str(run(net, 0.05))
    lines = text.splitlines()
    assert len(lines) <= 6
    assert max(map(len, lines)) < 150
    assert all(phase in text for phase in PHASES)
    assert f"{sum(monitor.count for monitor in monitors)} spikes" in text
    assert "16 neurons" in text


@pytest.mark.parametrize("steps", [1, 10, 130])
def test_progress_shows_a_bar(steps, capfd):
    population = cells(2)
    net = Network(population, Projection(population, population, 0.0))  # without delay: an update for each step
    run(net, steps * DT, progress=True)
    out, err = capfd.readouterr()
    assert "simulated" in err
    assert "100%" in err
    assert f"{steps}/{steps}" in err
    assert out == ""


def test_without_progress_nothing_is_written(capfd):
    run(Network(cells(2)), 0.01)
    assert capfd.readouterr() == ("", "")


# ---- going on, and starting again ------------------------------------------------------------------------------------


def test_get_states_has_every_variable_of_every_population():
    net, _, _ = lively()
    with pytest.raises(RuntimeError, match="first run"):
        net.get_states()
    run(net, 0.0)
    states = net.get_states()
    assert list(states) == ["exc", "inh"]
    assert list(states["exc"]) == list(states["inh"]) == ["v", "m", "h", "n"]
    assert {variable.shape for variable in states["exc"].values()} == {(11,)}
    assert {variable.shape for variable in states["inh"].values()} == {(5,)}


def test_get_states_gives_copies():
    net, _, _ = lively()
    run(net, 0.0)
    net.get_states()["exc"]["v"][:] = 0.0
    assert (net.get_states()["exc"]["v"] != 0.0).all()


def spikes_and_states(net, monitors):
    states = net.get_states()
    return [array for one in monitors for array in (one.t, one.i)] + [
        states[label][name] for label in states for name in states[label]
    ]


def assert_equal(ours, theirs):
    assert len(ours) == len(theirs)
    assert all(np.array_equal(one, other) for one, other in zip(ours, theirs, strict=True))


def test_reset_runs_the_same_trial_again():
    net, wiring, monitors = lively()
    run(net, 0.06)
    first = spikes_and_states(net, monitors)
    matrices = [projection.matrix().toarray() for projection in wiring]
    net.reset()
    assert [monitor.count for monitor in monitors] == [0, 0]
    assert [len(monitor.t) for monitor in monitors] == [0, 0]
    run(net, 0.02)
    run(net, 0.04)
    assert_equal(spikes_and_states(net, monitors), first)
    assert_equal([projection.matrix().toarray() for projection in wiring], matrices)


def test_reset_with_a_seed_changes_the_noise_and_not_the_wiring():
    net, wiring, monitors = lively()
    run(net, 0.0)
    initial = net.get_states()["exc"]["v"]
    run(net, 0.06)
    first = spikes_and_states(net, monitors)
    matrices = [projection.matrix().toarray() for projection in wiring]
    net.reset(seed=7)
    run(net, 0.0)
    assert (net.get_states()["exc"]["v"] != initial).all()
    run(net, 0.06)
    assert not np.array_equal(monitors[0].t, first[0])
    assert_equal([projection.matrix().toarray() for projection in wiring], matrices)
    net.reset(seed=42)  # the default of a network
    run(net, 0.06)
    assert_equal(spikes_and_states(net, monitors), first)


def test_reset_keeps_drawn_parameters():
    population = cells(20, params=PASSIVE | {"e_l": Normal(-60.0, 2.0)}, max_step=1.0)
    net = Network(population)
    run(net, 0.2)
    first = net.get_states()["cells"]["v"]
    net.reset(seed=3)
    run(net, 0.2)
    assert np.array_equal(net.get_states()["cells"]["v"], first)


def test_reset_before_the_first_run_chooses_the_noise():
    trial, again = (lively() for _ in range(2))
    trial[0].reset(seed=9)
    run(trial[0], 0.03)
    run(again[0], 0.03)
    again[0].reset(seed=9)
    run(again[0], 0.03)
    assert_equal(spikes_and_states(trial[0], trial[2]), spikes_and_states(again[0], again[2]))


def test_a_spike_under_way_arrives_in_the_next_run():
    source, target = cells(1, "source"), passive_cells(1, "target")
    monitor, spikes = StateMonitor(target), SpikeMonitor(source)
    kick = StepCurrent(0.0, 0.002, 30.0, target=source)
    net = Network(source, target, kick, Projection(source, target, 1.0, delay=4 * DT), monitor, spikes)
    while spikes.count == 0:
        run(net, DT)
    run(net, 8 * DT)
    fired_in = int(np.ceil(spikes.t[0] / DT - 1e-9)) - 1
    assert np.flatnonzero(injected(monitor.traces["v"])[:, 0] > 0.5).tolist() == [fired_in + 1 + 4]


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
    result = subprocess.run(
        [sys.executable, "-c", IMPORTS],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
