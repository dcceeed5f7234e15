"""The neuron models against their published equations, solved by SciPy, and against formulas of the literature."""

import numpy as np
import pytest
from solutions import CELLS, solve

import neurocore_nb
from neurocore_nb import Network, Population, SinusoidalCurrent, SpikeMonitor, StateMonitor, StepCurrent, VoltageJump

N_MS = 80
NAMES = list(CELLS)
# Constant current; offset and amplitude of a sine at 50 Hz; each in the model's unit.
CURRENTS = {
    "HodgkinHuxleyNeuron": (12.0, 8.0, 8.0),
    "TraubMilesNeuron": (1.5, 1.2, 1.5),
    "WangBuzsakiNeuron": (2.0, 1.0, 1.0),
    "LIFNeuron": (600.0, 500.0, 300.0),
    "COBALIFNeuron": (250.0, 220.0, 150.0),
    "AdExNeuron": (1000.0, 900.0, 400.0),
    "Izhikevich2007Neuron": (300.0, 250.0, 100.0),
}
# Errors over 80 ms as multiples of the substep in ms: of spike times (ms), of v (mV) and of the other states, more than
# 2 ms from a spike. A time stamp alone, the end of a substep, is up to 1 late, and so is what follows a reset.
ERRORS = {
    "HodgkinHuxleyNeuron": (1.3, 23.0, 1.2),
    "TraubMilesNeuron": (4.5, 12.0, 0.6),
    "WangBuzsakiNeuron": (3.0, 10.0, 0.5),
    "LIFNeuron": (6.0, 14.0, 0.0),
    "COBALIFNeuron": (5.0, 6.0, 0.0),
    "AdExNeuron": (4.0, 12.0, 10.0),
    "Izhikevich2007Neuron": (8.0, 20.0, 20.0),
}


def simulate(name, stimulus, n_ms=N_MS, dt=1e-3, variables=("v",), **options):
    """Spike times in ms, and the states at the start of each network step."""
    cell = Population(name, 1, **options)
    spikes, states = SpikeMonitor(cell), StateMonitor(cell, variables)
    Network(cell, stimulus, spikes, states).run(n_ms * 1e-3, dt, threads=1)
    return spikes.t * 1e3, np.stack([states.traces[one][:, 0] for one in variables], axis=-1)


def assert_converges(name, currents, stimulus):
    cell, model = CELLS[name], getattr(neurocore_nb, name)
    expected_times, expected = solve(cell, currents, 1.0)
    assert len(expected_times) >= 3
    far = np.array([np.abs(k - expected_times).min() > 2.0 for k in range(N_MS)])
    assert far.sum() > 20
    for max_step in (model.max_step, model.max_step / 2, model.max_step / 4):
        substep = 1.0 / np.ceil(1.0 / max_step - 1e-9)
        times, states = simulate(name, stimulus(), variables=tuple(model.states), max_step=max_step)
        assert len(times) == len(expected_times)
        worst = np.abs(times - expected_times).max()
        errors = np.abs(states - expected)[far].max(axis=0)
        print(f"{name} at {substep:.4g} ms: {worst:.3g} ms, {errors}")
        in_time, in_v, in_others = ERRORS[name]
        assert worst <= in_time * substep
        assert errors[0] <= in_v * substep
        assert (errors[1:] <= in_others * substep).all()


@pytest.mark.parametrize("name", NAMES)
def test_constant_current_against_a_solver(name):
    current = CURRENTS[name][0]
    assert_converges(name, np.full(N_MS, current), lambda: StepCurrent(0.0, 1.0, current))


@pytest.mark.parametrize("name", NAMES)
def test_varying_current_against_a_solver(name):
    _, offset, amplitude = CURRENTS[name]
    currents = offset + amplitude * np.sin(2.0 * np.pi * 0.05 * (np.arange(N_MS) + 0.5))
    assert_converges(name, currents, lambda: SinusoidalCurrent(amplitude, 50.0, offset=offset))


@pytest.mark.parametrize("name", NAMES)
def test_the_start_is_the_steady_state(name):
    cell, model = CELLS[name], getattr(neurocore_nb, name)
    np.testing.assert_allclose([state.initial for state in model.states.values()], cell.start, rtol=0, atol=1e-10)


@pytest.mark.parametrize("max_step", [0.01, 0.1, 1.0, 7.0])
def test_integrate_and_fire_neurons_are_exact_at_any_substep(max_step):
    currents = 100.0 * np.sin(np.arange(12.0))
    for name in ("LIFNeuron", "COBALIFNeuron"):
        _, expected = solve(CELLS[name], currents, 7.0)
        stimulus = neurocore_nb.TimedArray(currents, dt=7e-3)
        _, states = simulate(name, stimulus, 84, dt=7e-3, max_step=max_step)
        np.testing.assert_allclose(states, expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("current", [380.0, 500.0, 1000.0, 5000.0])
def test_rate_of_integrate_and_fire_neurons(current):
    times, _ = simulate("LIFNeuron", StepCurrent(0.0, 1.0, current), 200, max_step=1e-3)
    drive = current * 10.0 / 250.0  # mV above rest
    period = 2.0 + 10.0 * np.log(drive / (drive - 15.0))
    assert len(times) == int((200.0 + 2.0) / period)
    np.testing.assert_allclose(np.diff(times), period, rtol=0, atol=1e-3)


# Lapicque; Touboul and Brette (2008) for a = 0; Izhikevich (2007), chapter 8; Wang and Buzsaki (1996).
RHEOBASE = [
    ("LIFNeuron", {}, 250.0 * 15.0 / 10.0, 0.1),
    ("COBALIFNeuron", {}, 10.0 * 10.0, 0.1),
    ("AdExNeuron", {"a": 0.0}, 30.0 * (70.6 - 50.4 - 2.0), 1.0),
    ("Izhikevich2007Neuron", {}, (0.7 * 20.0 - 2.0) ** 2 / (4.0 * 0.7), 0.4),
    ("WangBuzsakiNeuron", {}, 0.16, 0.01),
]


@pytest.mark.parametrize(("name", "params", "current", "margin"), RHEOBASE)
def test_rheobase(name, params, current, margin):
    silent, _ = simulate(name, StepCurrent(0.0, 2.0, current - margin), 1000, params=params)
    firing, _ = simulate(name, StepCurrent(0.0, 2.0, current + margin), 1000, params=params)
    assert len(silent) == 0
    assert len(firing) >= 1


def test_rate_of_the_squid_axon():
    times, _ = simulate("HodgkinHuxleyNeuron", StepCurrent(0.0, 1.0, 10.0), 500)
    assert round(1e3 / np.diff(times)[5:].mean(), 1) == 68.3


def test_interneurons_fire_at_the_rate_of_their_equations():
    for current in (0.5, 2.0):
        expected, _ = solve(CELLS["WangBuzsakiNeuron"], [current], 200.0)
        times, _ = simulate("WangBuzsakiNeuron", StepCurrent(0.0, 1.0, current), 200)
        np.testing.assert_allclose(np.diff(times)[1:].mean(), np.diff(expected)[1:].mean(), rtol=1e-3)


@pytest.mark.parametrize(("name", "current"), [("AdExNeuron", 1000.0), ("Izhikevich2007Neuron", 300.0)])
def test_regular_spiking_cells_slow_down_to_a_steady_rate(name, current):
    intervals = np.diff(simulate(name, StepCurrent(0.0, 2.0, current), 1000)[0])
    assert len(intervals) > 8
    assert intervals[0] < intervals[1] < intervals[2]
    assert intervals[-1] > 1.2 * intervals[0]
    np.testing.assert_allclose(intervals[-3:], intervals[-1], rtol=0.01)


@pytest.mark.parametrize(
    ("name", "current", "t_ref", "v_reset"),
    [("LIFNeuron", 600.0, 2.0, -70.0), ("COBALIFNeuron", 250.0, 5.0, -60.0), ("AdExNeuron", 1500.0, 3.0, -70.6)],
)
def test_the_potential_is_held_for_the_refractory_time(name, current, t_ref, v_reset):
    times, states = simulate(name, StepCurrent(0.0, 1.0, current), 40, dt=1e-4, max_step=0.1, params={"t_ref": t_ref})
    assert len(times) >= 2
    v, first = states[:, 0], round(times[0] / 0.1)
    n_held = round(t_ref / 0.1)
    assert v[first - 1] > v_reset
    assert (v[first : first + n_held + 1] == v_reset).all()
    assert v[first + n_held + 1] > v_reset


def test_adaptation_goes_on_in_the_refractory_time():
    _, states = simulate(
        "AdExNeuron", StepCurrent(0.0, 1.0, 0.0), 3, params={"t_ref": 5.0}, variables=("v", "w"),
        initial={"v": 20.0, "w": 0.0}, max_step=0.01,
    )  # fmt: skip
    v, w = states[1:].T  # after the first substep: a spike, then w decays towards a (v - e_l) = 0
    assert (v == -70.6).all()
    np.testing.assert_allclose(w[1:] / w[:-1], np.exp(-1.0 / 144.0), rtol=1e-12)


PLATEAU = {"g_na": 0.0, "g_k": 0.0, "e_l": 0.0}


@pytest.mark.parametrize("max_step", [0.05, 0.01])
def test_a_cell_above_threshold_is_seen_again_after_each_refractory_time(max_step):
    times, _ = simulate(
        "TraubMilesNeuron", StepCurrent(0.0, 1.0, 0.0), 40, params=PLATEAU, initial={"v": 0.0}, max_step=max_step
    )
    np.testing.assert_allclose(times, np.arange(max_step, 40.0, 3.0 + max_step), rtol=0, atol=1e-9)


def test_no_two_spikes_within_the_refractory_time():
    cells = Population("TraubMilesNeuron", 50, receptors={"jump": VoltageJump()}, initial={"n": 0.3})
    spikes = SpikeMonitor(cells)
    drive = neurocore_nb.PoissonInput(50, 2000.0, 20.0, receptor="jump")
    Network(cells, drive, spikes).run(0.2, dt=1e-4, threads=1)
    intervals = np.concatenate([np.diff(train) for train in spikes.spike_trains().values()])
    assert len(intervals) > 500
    assert 3.0 < intervals.min() * 1e3 < 4.0


def test_sharp_upswings_stay_finite():
    """The exponential of AdEx far above its threshold: the limit of an integrate-and-fire neuron."""
    times, states = simulate(
        "AdExNeuron", StepCurrent(0.0, 1.0, 900.0), 60, params={"delta_t": 0.02}, initial={"v": 19.0}, max_step=0.1
    )
    assert len(times) > 3
    assert np.isfinite(states).all()
