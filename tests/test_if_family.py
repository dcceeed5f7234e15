"""Integrate-and-fire and dimensionless models against solvers, closed forms and what their papers say of them."""

import numpy as np
import pytest
import solutions_if_family as published
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad, solve_ivp
from single_cells import advance, traces, trains
from solutions import CELLS, solve

from neurocore_nb import (
    ExpIFNeuron,
    FitzHughNagumoNeuron,
    GLIFNeuron,
    HindmarshRoseNeuron,
    IzhikevichNeuron,
    LapicqueNeuron,
    Network,
    Population,
    QuadraticIFNeuron,
    SpikeMonitor,
    StepCurrent,
)
from neurocore_nb.neurons.models.quadratic_if import parabola

LEVELS, TYPES = GLIFNeuron.levels, IzhikevichNeuron.types
# Model, parameters, published equations, currents: from just above the least that makes it fire to strong ones.
CASES = {
    "lapicque": (LapicqueNeuron, {}, published.lapicque(), (160.0, 200.0, 400.0)),
    "exponential": (ExpIFNeuron, {}, published.exp_if(), (0.2, 1.0, 3.0)),
    "quadratic": (QuadraticIFNeuron, {}, published.quadratic_if(), (45.0, 100.0, 300.0)),
    "hindmarsh-rose": (HindmarshRoseNeuron, {}, published.hindmarsh_rose(), (0.4, 2.0, 4.0)),
    "fitzhugh": (FitzHughNagumoNeuron, {}, published.fitzhugh(), (0.35, 0.4, 0.8, 1.3)),
    **{f"glif {k}": (GLIFNeuron, params, published.glif(**params), (450.0, 600.0)) for k, params in LEVELS.items()},
    **{k: (IzhikevichNeuron, params, published.izhikevich(**params), (5.0, 10.0)) for k, params in TYPES.items()},
}
# One case of each model, with a conductance that takes some 3 % of v away in a ms.
CONDUCTANCES = {
    "lapicque": 3.0, "exponential": 0.03, "quadratic": 3.0, "hindmarsh-rose": 0.03, "fitzhugh": 0.01, "glif 5": 1.8,
    "RS": 0.03,
}  # fmt: skip


# ---- all models ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CASES)
def test_spikes_against_a_solver(name):
    """A spike is stamped, and reset, at the end of its substep: each may be a substep further off than the last."""
    model, params, cell, currents = CASES[name]
    expected = [published.spike_times(cell, current, 200.0) for current in currents]
    assert max(map(len, expected)) > 5
    for max_step in (model.max_step, model.max_step / 4):
        found = trains(model, currents, params=params, max_step=max_step)
        for times, exact in zip(found, expected, strict=True):
            assert len(times) == len(exact)
            assert (np.abs(times - exact) < 1.01 * max_step * (1 + np.arange(len(exact)))).all()


@pytest.mark.parametrize("name", ["hindmarsh-rose", "fitzhugh"])
def test_without_resets_convergence_is_of_second_order(name):
    model, _, cell, currents = CASES[name]
    exact = published.spike_times(cell, currents[0], 150.0)
    errors = []
    for max_step in (0.08, 0.02):
        n = round(150.0 / max_step)
        v = np.concatenate([[model.states["v"].initial], advance(model, currents[0], 0.0, n, max_step)[:, 0]])
        level = model.spike.threshold
        k = np.flatnonzero((v[:-1] < level) & (v[1:] >= level))  # interpolated, as time stamps are of first order
        times = max_step * (k + (level - v[k]) / (v[k + 1] - v[k]))
        errors.append(np.abs(times - exact).max())
    assert 10.0 < errors[0] / errors[1] < 25.0


@pytest.mark.parametrize(("name", "g"), CONDUCTANCES.items())
def test_conductances_against_a_solver(name, g):
    """A synapse's current i - g v, too weak for a spike."""
    model, params, cell, currents = CASES[name]
    i = g * model.states["v"].initial + 0.3 * currents[0]
    part = solve_ivp(
        lambda _, y: cell.slopes(y, i - g * cell.v(y)), (0.0, 8.0), cell.start, "DOP853", rtol=1e-11, atol=1e-11
    )
    exact = cell.v(part.y[:, -1])
    change = abs(exact - model.states["v"].initial)
    errors = [abs(advance(model, i, g, n, 8.0 / n, params=params)[-1, 0] - exact) for n in (200, 800)]
    assert errors[0] < 2e-3 * change
    assert errors[1] < max(errors[0] / 10.0, 1e-8)


@pytest.mark.parametrize("name", CONDUCTANCES)
def test_single_precision(name):
    model, params, _, currents = CASES[name]
    double, single = (
        advance(model, 0.5 * currents[0], 0.0, 400, 0.02, precision, params) for precision in ("float64", "float32")
    )
    np.testing.assert_allclose(single, double, rtol=2e-5, atol=2e-4)
    assert single.dtype == np.float64
    assert not np.array_equal(single, double)


@pytest.mark.parametrize("name", CONDUCTANCES)
@pytest.mark.parametrize("max_step", [0.1, 1.0])
def test_strong_input_and_long_substeps_stay_finite(name, max_step):
    """What isn't finite is an error of the run."""
    model, params, _, currents = CASES[name]
    strong = 10.0 * max(currents)
    found = trains(model, [-100.0 * strong, -strong, strong, 100.0 * strong], params=params, max_step=max_step)
    assert [len(train) for train in found[:2]] == [0, 0]


# ---- leaky neurons ---------------------------------------------------------------------------------------------------


@settings(max_examples=8, deadline=None)
@given(st.floats(2.0, 30.0), st.floats(20.0, 500.0), st.floats(1.05, 20.0))
def test_lapicques_rate(tau_m, r_m, drive):
    current = 15e3 / r_m * drive
    times = trains(LapicqueNeuron, [current], params={"tau_m": tau_m, "r_m": r_m})[0]
    period = tau_m * np.log(drive / (drive - 1.0))
    assert 200.0 / (period + 0.01) - 1.0 <= len(times) <= 200.0 / period
    assert (np.abs(np.diff(times) - period) < 0.0101).all()


def test_lapicques_law_of_strength_and_duration():
    """The least current that fires in a time: twice the rheobase in the chronaxie, log 2 of the time constant."""
    durations = np.array([0.5, 2.0, 10.0 * np.log(2.0), 20.0])
    currents = 150.0 / (1.0 - np.exp(-durations / 10.0))
    assert currents[2] == pytest.approx(2.0 * 150.0)
    first = np.array([train[0] for train in trains(LapicqueNeuron, currents)])
    assert (first - durations > -1e-9).all()
    assert (first - durations < 0.0101).all()


def test_the_first_level_of_glif_is_lapicques_neuron_with_a_refractory_time():
    p = LEVELS[1]
    for current in (450.0, 700.0):
        times = trains(GLIFNeuron, [current], params=p)[0]
        steady, above = current / p["g_l"], p["v_th"] - p["e_l"]
        period = p["t_ref"] + p["c_m"] / p["g_l"] * np.log(steady / (steady - above))
        assert (np.abs(np.diff(times) - period) < 0.0101).all()
        assert len(times) > 5


def test_levels_of_glif():
    """The reset depends on v, currents after spikes slow down, and a threshold that follows v recedes from it."""
    p = LEVELS[2]
    v = traces(GLIFNeuron, 600.0, 20, dt=1e-4, params=p)
    held = np.flatnonzero(np.diff(v) == 0.0)[0]
    exact = p["v_fraction"] * (p["v_th"] - p["e_l"]) + p["v_add"] + p["e_l"]
    assert v[held] == pytest.approx(exact, abs=0.2)  # v passes its threshold by up to a substep
    assert (v[held : held + 27] == v[held]).all()
    plain, slowed = (np.diff(trains(GLIFNeuron, [600.0], params=LEVELS[level])[0]) for level in (1, 3))
    assert plain[-1] - plain[0] < 0.02
    assert slowed[-1] > slowed[0] + 1.0
    above = LEVELS[5]["v_th"] - LEVELS[5]["e_l"]
    follows = LEVELS[5]["th_v_rise"] / LEVELS[5]["th_v_decay"]
    rheobase = LEVELS[5]["g_l"] * above / (1.0 - follows)
    states = advance(GLIFNeuron, 0.99 * rheobase, 0.0, 1000, 0.5, params=LEVELS[5])
    assert states[-1, 5] == pytest.approx(-0.01 * above, rel=1e-6)


# ---- neurons whose potential runs away -------------------------------------------------------------------------------


def exp_if_period(current):
    slope = lambda v: -0.1 * (v + 65.0) + 0.348 * np.exp((v + 59.9) / 3.48) + current  # noqa: E731
    return 1.7 + quad(lambda v: 1.0 / slope(v), -68.0, 0.0, limit=200)[0]


def test_rate_of_the_exponential_neuron():
    rheobase, currents = 0.1 * (65.0 - 59.9 - 3.48), (0.3, 1.0, 3.0)
    found = trains(ExpIFNeuron, [rheobase - 1e-3, rheobase + 1e-3, *currents], n_ms=1000)
    assert len(found[0]) == 0
    assert len(found[1]) >= 1
    for times, current in zip(found[2:], currents, strict=True):
        assert (np.abs(np.diff(times) - exp_if_period(current)) < 0.0101).all()


def test_the_exponential_neuron_is_a_fit_to_wang_and_buzsakis():
    """Fourcaud-Trocme et al. 2003: their rates and least currents are alike, here within 5 % and 0.005 uA/cm2."""
    for current in (0.3, 1.0):
        interval = np.diff(solve(CELLS["WangBuzsakiNeuron"], [current], 200.0)[0])[-1]
        assert exp_if_period(current) == pytest.approx(interval, rel=0.05)
    assert pytest.approx(0.16, abs=0.005) == 0.1 * (65.0 - 59.9 - 3.48)


@settings(max_examples=300, deadline=None)
@given(st.floats(-1e3, 1e3), st.floats(1e-4, 1.0), st.floats(-10.0, 10.0))
def test_the_parabolas_solution(x, a, b):
    s = np.sqrt(abs(a * b))
    if s > 0.5 or s < 1e-6:
        return
    scale = s / a
    if b > 0.0:
        angle = np.arctan(x / scale) + s
        exact = scale * np.tan(angle) if angle < np.pi / 2.0 else 1e9
        near = abs(angle - np.pi / 2.0) < 1e-6
    else:
        remaining = 1.0 - (x / scale) * np.tanh(s)
        exact = (x - scale * np.tanh(s)) / remaining if remaining > 0.0 else 1e9
        near = abs(remaining) < 1e-6
    if not near:
        assert parabola(x, a, b) == pytest.approx(exact, rel=1e-5, abs=1e-7 * scale)


@given(st.floats(-1e3, 1e3), st.floats(1e-3, 1.0), st.floats(-1e6, 1e6))
def test_the_parabola_keeps_to_its_side_of_the_zeros(x, a, b):
    new = parabola(x, a, b)
    assert np.isfinite(new)
    if b < 0.0:
        zero = np.sqrt(-b / a)
        assert new <= zero * (1.0 + 1e-9) if x <= zero else new >= x * (1.0 - 1e-9)
    else:
        assert new >= x - 1e-9 * abs(x) - 1e-9


def test_the_quadratic_neuron_is_exact_at_any_substep():
    v = traces(QuadraticIFNeuron, 100.0, 24, max_step=1.0)
    rate = np.sqrt(10.0 / 15.0 * 62.5) / 100.0  # of the angle, per ms
    width = np.sqrt(62.5 * 15.0 / 10.0)
    exact = -57.5 + width * np.tan(np.arctan(-7.5 / width) + rate * np.arange(24))
    np.testing.assert_allclose(v, exact, rtol=1e-10)


def test_rate_of_the_quadratic_neuron():
    currents = np.array([37.4, 40.0, 100.0, 400.0])
    far = {"v_peak": 1e5, "v_reset": -1e5}  # where the theta neuron has infinity
    found = trains(QuadraticIFNeuron, currents, n_ms=500, params=far)
    assert len(found[0]) == 0
    for times, current in zip(found[1:], currents[1:], strict=True):
        period = np.pi * 100.0 / np.sqrt(10.0 / 15.0 * (current - 37.5))
        assert len(times) >= 2
        assert (np.abs(np.diff(times) - period) < 0.02).all()


# ---- Izhikevich's cells ----------------------------------------------------------------------------------------------


def intervals(kind, current=10.0):
    return np.diff(trains(IzhikevichNeuron, [current], 500, params=TYPES[kind])[0])


def test_izhikevichs_types():
    """What the paper says of its figure 2, at a current of 10."""
    regular, bursting, chattering, fast, low = (intervals(kind) for kind in ("RS", "IB", "CH", "FS", "LTS"))
    assert regular[0] < 0.5 * regular[-1]  # adapts
    assert (bursting[:2] < 5.0).all()  # a burst, then single spikes
    assert (bursting[2:] > 25.0).all()
    between = chattering > 20.0
    assert between.sum() >= 8  # bursts of closely spaced spikes
    assert (chattering[~between] < 8.0).all()
    assert 1e3 / fast[-1] > 120.0  # without adaptation, but for the first spikes
    assert fast[4:].max() < 1.05 * fast[4:].min()
    assert low[0] < 0.3 * low[-1]  # high frequency with adaptation
    silent, firing = (trains(IzhikevichNeuron, [2.0], 500, params=TYPES[kind])[0] for kind in ("RS", "LTS"))
    assert len(silent) <= 1
    assert len(firing) > 5  # a low threshold


def test_thalamic_cells_fire_a_rebound_burst():
    cell = Population(IzhikevichNeuron, 1, params=TYPES["TC"], initial={"v": -87.0, "u": 0.25 * -87.0})
    spikes = SpikeMonitor(cell)
    Network(cell, spikes).run(0.2, threads=1)
    assert len(spikes.t) >= 4
    assert (np.diff(spikes.t) < 0.03).all()


def test_the_regular_spiking_cell_loses_its_steady_state_where_its_trace_vanishes():
    v = (0.02 - 5.0) / 0.08
    onset = -(0.04 * v**2 + 4.8 * v + 140.0)
    for current, fires in ((onset - 0.05, False), (onset + 0.05, True)):
        steady = (-4.8 - np.sqrt(4.8**2 - 0.16 * (140.0 + current))) / 0.08
        cell = Population(IzhikevichNeuron, 1, initial={"v": steady + 0.01, "u": 0.2 * steady})
        spikes = SpikeMonitor(cell)
        Network(cell, StepCurrent(0.0, 10.0, current), spikes).run(2.0, threads=1)
        assert (spikes.count > 0) == fires


def test_the_resonator_rings_at_the_frequency_of_its_linear_part():
    """From 0.05 mV beside rest, -62.5 mV: exp(-t / 20 ms) and a period of 41 ms."""
    v = traces(IzhikevichNeuron, 0.0, 100, params=TYPES["RZ"], initial={"v": -62.45, "u": 0.26 * -62.5}) + 62.5
    t, omega = np.arange(100.0), np.sqrt(0.1 * 0.26 - 0.05**2)
    assert np.abs(v - 0.05 * np.exp(-0.05 * t) * (np.cos(omega * t) + 0.05 / omega * np.sin(omega * t))).max() < 1e-3


# ---- models without units --------------------------------------------------------------------------------------------


def test_hindmarsh_and_roses_bursts():
    """Figure 6 of the paper: one burst at 0.4, bursts again and again at 2, no pause at 4."""
    one, many, unending = trains(HindmarshRoseNeuron, [0.4, 2.0, 4.0], 2100)
    assert 5 <= len(one) <= 12
    assert one[-1] < 200.0
    starts = many[1:][np.diff(many) > 100.0]
    exact = published.spike_times(published.hindmarsh_rose(), 2.0, 2100.0)
    expected = exact[1:][np.diff(exact) > 100.0]
    assert len(starts) == len(expected) == 3
    np.testing.assert_allclose(np.diff(starts), np.diff(expected), rtol=2e-3)
    assert np.diff(unending).max() < 25.0


def test_fitzhughs_steady_states():
    """It rests at the paper's x = 1.20, y = -0.62; currents between two zeros of the trace make it fire on and on."""
    rest = FitzHughNagumoNeuron.states
    assert -rest["v"].initial == pytest.approx(1.20, abs=0.005)
    assert rest["w"].initial == pytest.approx(-0.625, abs=0.005)
    v = -np.sqrt(1.0 - 0.8 / 9.0)
    first = (v + 0.7) / 0.8 - v + v**3 / 3.0
    last = 2.0 * 0.7 / 0.8 - first  # turning the equations upside down mirrors currents at a / b
    assert (first, last) == pytest.approx((0.3465, 1.4035), abs=1e-4)
    for current, fires in ((first - 0.01, False), (first + 0.01, True), (last - 0.01, True), (last + 0.01, False)):
        steady = max(np.roots([1.0 / 3.0, 0.0, 1.0 / 0.8 - 1.0, 0.7 / 0.8 - current]), key=np.isreal).real
        start = {"v": steady + 1e-3, "w": (steady + 0.7) / 0.8}
        cell = Population(FitzHughNagumoNeuron, 1, initial=start)
        spikes = SpikeMonitor(cell)
        Network(cell, StepCurrent(0.0, 10.0, current), spikes).run(0.5, threads=1)
        assert (spikes.count > 5) == fires


def test_fitzhughs_mirrored_currents_give_the_same_period():
    low, high = (np.diff(times)[5:].mean() for times in trains(FitzHughNagumoNeuron, [0.55, 1.2], 400))
    assert low == pytest.approx(high, abs=2e-3)
