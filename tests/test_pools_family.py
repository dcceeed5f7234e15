"""Models with calcium pools, second compartments or regulated gates, against their equations and published numbers."""

import numpy as np
import pytest
from scipy.optimize import brentq
from solutions_pools import (
    hill_tononi,
    hill_tononi_spikes,
    mainen_sejnowski,
    pinsky_rinzel,
    rest,
    reticular,
    spikes,
    thalamic,
)

import neurocore_nb
from neurocore_nb import (
    HillTononiNeuron,
    Level,
    Network,
    NeuronModel,
    Population,
    SpikeMonitor,
    StateMonitor,
    StepCurrent,
    UpwardCrossing,
)

MAINEN_SEJNOWSKI = ("v_s", "v", "m_s", "h_s", "n", "m", "h", "a", "b", "n_m", "n_ca", "ca")  # spikes are seen in v_s
SLOPES = {
    "PinskyRinzelNeuron": pinsky_rinzel,
    "DestexheThalamicNeuron": thalamic,
    "DestexheReticularNeuron": reticular,
    "MainenSejnowskiNeuron": mainen_sejnowski,
}
# Currents of 100 ms each, the threshold in mV, and the largest error in ms.
STEPS = {
    "PinskyRinzelNeuron": ((2.5, 0.0, 4.0), -20.0, 0.05),
    "DestexheThalamicNeuron": ((-1.0, 0.0, 3.0), 0.0, 0.05),
    "DestexheReticularNeuron": ((2.0, 0.0, 5.0), 0.0, 0.1),  # 86 spikes, and where it slows down each shifts the next
    "MainenSejnowskiNeuron": ((0.606, 0.606), 0.0, 0.3),  # 100 pA: a burst, and a spike 130 ms later
}


def initial(name):
    states = getattr(neurocore_nb, name).states
    return np.array([states[one].initial for one in (MAINEN_SEJNOWSKI if name.startswith("Mainen") else states)])


def run(name, pulses, duration, max_step=None, start=None, **params):
    """Spike times in ms with currents from one time to another, in ms, too."""
    cell = Population(name, 1, params=params, initial=start, max_step=max_step)
    monitor = SpikeMonitor(cell)
    currents = [StepCurrent(onset * 1e-3, offset * 1e-3, current) for onset, offset, current in pulses]
    Network(cell, *currents, monitor).run(duration * 1e-3, 1e-3, threads=1)
    return monitor.t * 1e3


@pytest.mark.parametrize("name", SLOPES)
def test_the_start_is_a_steady_state(name):
    start = initial(name)
    np.testing.assert_allclose(start, rest(SLOPES[name], start), rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("name", SLOPES)
def test_spike_times_against_a_solver(name):
    currents, threshold, bar = STEPS[name]
    expected, _ = spikes(SLOPES[name], initial(name), currents, 100.0, threshold)
    assert len(expected) >= 3
    pulses = [(100.0 * k, 100.0 * (k + 1), current) for k, current in enumerate(currents)]
    max_step = getattr(neurocore_nb, name).max_step
    errors = []
    for step in (4.0 * max_step, 2.0 * max_step, max_step):
        times = run(name, pulses, 100.0 * len(currents), step)
        assert len(times) == len(expected)
        errors.append(np.abs(times - step / 2.0 - expected).max())  # a spike is the end of its substep
    print(name, errors)
    assert errors[2] < bar
    assert errors[0] / errors[2] > 4.0  # second order gives 16 in the end


def test_pinsky_and_rinzels_figure_2():
    """Spike times of Open Source Brain's PinskyRinzelModel, whose Euler steps of 0.005 ms make it late by 0.3 %."""
    start = {"v": -60.0, "v_d": -60.0, "h": 0.0, "n": 0.0, "s": 0.0, "c": 0.0, "q": 0.0, "ca": 0.0}
    bursts = run("PinskyRinzelNeuron", [], 1500.0, start=start, i_s=0.75)
    first = bursts[np.diff(bursts, prepend=-100.0) > 20.0]
    np.testing.assert_allclose(first, [13.76, 92.52, 435.655, 932.095, 1428.55], rtol=5e-3)
    single = run("PinskyRinzelNeuron", [], 120.0, start=start, i_s=2.5, g_c=10.5)
    np.testing.assert_allclose(single, [8.13, 36.92, 65.35, 96.94], rtol=1e-2)


def test_pinsky_and_rinzels_cell_bursts_with_a_middling_coupling_alone():
    intervals = {g_c: np.diff(run("PinskyRinzelNeuron", [], 1500.0, i_s=0.75, g_c=g_c))[-2:] for g_c in (0.1, 2.1, 5.0)}
    np.testing.assert_allclose(intervals[0.1], intervals[0.1][0], rtol=1e-3)  # the soma alone fires at 37 Hz
    assert 20.0 < intervals[0.1][0] < 35.0
    assert intervals[2.1].min() < 5.0 < 400.0 < intervals[2.1].max()
    assert intervals[5.0].min() > 200.0


def test_relay_cells_rebound_after_hyperpolarisation_only():
    for current, least, most in ((-1.0, 5, 12), (-0.05, 0, 0)):
        start = {"v": -65.77, "h_t": 0.01329, "p_1": 6.485e-4, "o": 0.1557, "o_l": 0.0101}  # at rest with 3 nS
        times = run("DestexheThalamicNeuron", [(0.0, 200.0, current)], 400.0, start=start, g_kl=0.0103)
        assert least <= len(times) <= most
        assert (times > 200.0).all()
        assert (np.diff(times)[:4] < 4.0).all()  # more than 250 Hz


def test_relay_cells_oscillate_slowly_by_the_h_current():
    expected, _ = spikes(lambda y, i: thalamic(y, i, g_h=0.01), initial("DestexheThalamicNeuron"), [0.0], 1100.0, 0.0)
    times = run("DestexheThalamicNeuron", [], 1100.0, g_h=0.01)
    np.testing.assert_allclose(times, expected, rtol=0.0, atol=0.5)
    bursts = times[np.diff(times, prepend=-1000.0) > 50.0]
    assert (np.diff(bursts) > 200.0).all()
    assert (np.diff(bursts) < 1000.0).all()
    assert len(run("DestexheThalamicNeuron", [], 1100.0, g_h=0.0)) == 0


def test_bursts_of_reticular_cells_accelerate_and_decelerate():
    """After a pulse that ends inactivation, as recorded and modelled by Destexhe et al. (1996)."""
    times = run("DestexheReticularNeuron", [(0.0, 500.0, 1.0), (650.0, 800.0, 1.0)], 800.0)
    burst = np.diff(times[times > 650.0])
    fastest = burst.argmin()
    assert len(burst) > 15
    assert 2 <= fastest <= 6
    assert (np.diff(burst[: fastest + 1]) < 0.0).all()
    assert (np.diff(burst[fastest : fastest + 10]) > 0.0).all()


# Of the authors' program (ModelDB 2488) in NEURON 9, CVode with tolerances of 1e-9: 100 pA into the resting dendrite.
MAINEN = {
    (165.0, 10.0): [29.5757, 34.9891, 165.4119, 304.7942],
    (140.0, 10.0): [22.4525, 51.6203, 102.7549, 187.4060, 272.7788],
    (200.0, 10.0): [44.2833, 47.8747, 51.1595, 54.2095, 57.1602, 60.1153, 63.2486],
    (165.0, 1.0): [33.8220, 93.8705, 170.3752, 260.8991],
}


def test_the_size_of_the_dendrite_makes_cells_spike_or_burst():
    for (rho, kappa), expected in MAINEN.items():
        times = run(
            "MainenSejnowskiNeuron", [(0.0, 500.0, 100.0 / rho)], np.ceil(expected[-1]) + 2.0, rho=rho, kappa=kappa
        )
        np.testing.assert_allclose(times[: len(expected)], expected, rtol=1e-2)
        first = np.diff(times)[0]
        assert first < 6.0 if rho > 150.0 and kappa == 10.0 else first > 20.0


# ---- Hill and Tononi -------------------------------------------------------------------------------------------------

HILL_TONONI = ("v", "theta", "m_h", "m_t", "h_t", "d")
PASSIVE = {"g_nap": 0.0, "g_dk": 0.0, "g_t": 0.0, "g_h": 0.0}


def test_hill_and_tononis_cell_starts_at_rest():
    start = np.array([HillTononiNeuron.states[name].initial for name in HILL_TONONI])
    np.testing.assert_allclose(start, rest(lambda y, i: hill_tononi(y, i, 0), start), rtol=1e-7)


@pytest.mark.parametrize(("current", "params"), [(40.0, {}), (30.0, {"g_t": 1.0, "g_dk": 1.0, "g_nap": 1.0})])
def test_hill_and_tononis_cell_against_a_solver(current, params):
    start = [HillTononiNeuron.states[name].initial for name in HILL_TONONI]
    expected = hill_tononi_spikes(start, current, 150.0, **params)
    for step in (0.02, 0.005):  # a spike is seen half a substep late on average, and all that follow are later by it
        times = run("HillTononiNeuron", [(0.0, 150.0, current)], 150.0, step, **params)
        n = min(len(times), len(expected))
        assert n > 15
        assert abs(len(times) - len(expected)) <= 1
        assert (np.abs(times[:n] - expected[:n]) < step * np.arange(1, n + 1)).all()


def test_a_passive_cell_of_hill_and_tononi_in_closed_form():
    """Leaks, threshold and repolarisation are linear: from each spike on to the next crossing of two exponentials."""

    def relaxed(v, steady, tau, t):
        return steady + (v - steady) * np.exp(-t / tau)

    current, rate = 60.0, 1.2 / 16.0 + 1.0 / 1.75
    repolarised = (current + 0.2 * 30.0 - 90.0) / 16.0 - 90.0 / 1.75
    v_2 = relaxed(30.0, repolarised / rate, 1.0 / rate, 2.0)
    above = lambda t: relaxed(v_2, (current - 84.0) / 1.2, 16.0 / 1.2, t - 2.0) - relaxed(30.0, -51.0, 2.0, t)  # noqa: E731
    interval = brentq(above, 2.0, 50.0)
    times = run("HillTononiNeuron", [(0.0, 200.0, current)], 200.0, 1e-3, **PASSIVE)
    assert len(times) > 10
    np.testing.assert_allclose(np.diff(times), interval, rtol=0.0, atol=2e-3)


def test_potential_threshold_and_d_after_a_spike():
    cell = Population(HillTononiNeuron, 1, params=PASSIVE, max_step=0.01)
    states = StateMonitor(cell, ("v", "theta", "t_k", "d"), interval=1e-4)
    Network(cell, StepCurrent(0.0, 0.05, 60.0), states).run(0.05, 1e-4, threads=1)
    v, theta, t_k, d = (states.traces[name][:, 0] for name in ("v", "theta", "t_k", "d"))
    spike = int(np.argmax(t_k > 1.0))
    since = 2.0 - t_k[spike : spike + 20]
    assert 25.0 < v.max() <= 30.0
    np.testing.assert_allclose(theta[spike : spike + 20], -51.0 + 81.0 * np.exp(-since / 2.0), rtol=1e-9)
    rises = d[spike + 30] - d[spike - 1]  # the paper: at most 0.025 per ms, while v is above -10 mV
    assert 0.005 < rises < 0.025


# ---- what these models need of the machinery ------------------------------------------------------------------------


class MovingThreshold(NeuronModel):
    """A threshold that falls below v in every second substep."""

    states = {"v": 0.0, "x": 1.0}
    spike = UpwardCrossing("v", "x")
    max_step = 1.0

    @staticmethod
    def update(v, x):
        return v, -x


def test_a_threshold_may_be_a_state():
    for rule, expected in ((UpwardCrossing("v", "x"), [1.0, 3.0, 5.0]), (Level("v", "x", 3.0), [1.0, 5.0])):
        model = type("Moving", (MovingThreshold,), {"spike": rule})
        times = run(model, [], 6.0)
        np.testing.assert_allclose(times, expected)


def test_flows_and_exponentials_may_use_derived_parameters():
    class Derived(NeuronModel):
        states = {"v": -60.0, "m": 0.1, "ca": 0.0}
        parameters = {"tau": 20.0, "area": 2.0}
        spike = UpwardCrossing("v", 0.0)
        max_step = 0.1

        @staticmethod
        def derive(tau, area):
            return {"loss": 1.0 / tau, "c_m": area, "v_half": -20.0 * area}

        @staticmethod
        def rates(v, v_half):
            return {"m": (0.1 * np.exp((v - v_half) / 10.0), 0.25)}

        @staticmethod
        def flows(m, loss):
            return {"ca": (m, loss)}

        @staticmethod
        def currents(m):
            return [(0.1, -65.0), (0.2 * m, 0.0)]

    parameters = Derived.all_parameters({"tau": 20.0, "area": 2.0}, 0.1)
    spans = [value for name, value in parameters.items() if name.endswith("ca_span")]
    np.testing.assert_allclose(spans, [20.0 * (1.0 - np.exp(-0.1 / 20.0))], rtol=1e-12)
