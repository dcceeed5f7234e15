"""The conductance-based models against their papers' equations, solved by SciPy, and against their papers' numbers."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import brentq
from solutions_hh_family import HOPF, RS, STUTTERING, butera, connor_stevens, golomb, morris_lecar, pospischil

from neurocore_nb import (
    ButeraRespiratoryNeuron,
    ConnorStevensNeuron,
    GolombFSNeuron,
    MorrisLecarNeuron,
    Network,
    Population,
    PospischilNeuron,
    SpikeMonitor,
    StepCurrent,
)
from neurocore_nb.neurons.membrane import default_values
from neurocore_nb.neurons.scalar import scalar_functions
from neurocore_nb.neurons.trial import as_python

EQUATIONS = {
    ConnorStevensNeuron: (connor_stevens, {}),
    MorrisLecarNeuron: (morris_lecar, HOPF),
    PospischilNeuron: (pospischil, RS),
    GolombFSNeuron: (golomb, STUTTERING),
    ButeraRespiratoryNeuron: (butera, {"e_l": -65.0}),
}
MODELS = list(EQUATIONS)


def slopes_of(model, params):
    equations, defaults = EQUATIONS[model]
    return lambda y, current: equations(y, current, **(defaults | params))


def initial(model):
    return [state.initial for state in model.states.values()]


def steady_gates(slopes, v, n):
    """Each equation is linear in its own gate."""
    at_0, at_1 = (np.array(slopes((v, *np.full(n, x)), 0.0)[1:]) for x in (0.0, 1.0))
    return at_0 / (at_0 - at_1)


def rest(model, params):
    """The state in which a cell stays without input."""
    slopes, n = slopes_of(model, params), len(model.states) - 1
    v = brentq(lambda v: slopes((v, *steady_gates(slopes, v, n)), 0.0)[0], -90.0, -58.0, xtol=1e-13)
    return [v, *steady_gates(slopes, v, n)]


def solved(model, params, start, current, n_ms, t_eval=None):
    """Spike times in ms of the published equations, and states of shape (n_states, n_times)."""
    slopes = slopes_of(model, params)

    def crossing(_, y):
        return y[0] - model.spike.threshold

    crossing.direction = 1.0
    span = solve_ivp(
        lambda _, y: slopes(y, current), (0.0, n_ms), start, "LSODA", events=crossing, rtol=1e-10, atol=1e-12,
        max_step=5.0, t_eval=t_eval,
    )  # fmt: skip
    return span.t_events[0], span.y


def population(model, currents, params=None, start=None, **options):
    given = dict(zip(model.states, start, strict=True)) if start is not None else None
    return Population(model, len(currents), params=params or {}, initial=given, **options)


def simulated(model, currents, n_ms, params=None, start=None, span=(0.0, 1e3), dt=1e-3, **options):
    """Spike times in ms of each neuron, all of which get a step of their own current."""
    cells = population(model, currents, params, start, **options)
    spikes = SpikeMonitor(cells)
    Network(cells, StepCurrent(*span, np.array(currents)), spikes).run(n_ms * 1e-3, dt, threads=1)
    return [train * 1e3 for train in spikes.spike_trains().values()]


# ---- against a solver -----------------------------------------------------------------------------------------------

CASES = [
    (ConnorStevensNeuron, {}, (9.0, 25.0)),
    (MorrisLecarNeuron, MorrisLecarNeuron.types["Hopf"], (100.0, 150.0)),
    (MorrisLecarNeuron, MorrisLecarNeuron.types["SNLC"], (45.0, 80.0)),
    (MorrisLecarNeuron, MorrisLecarNeuron.types["homoclinic"], (42.0, 45.0)),
    (PospischilNeuron, PospischilNeuron.types["RS"], (3.0, 5.0)),
    (PospischilNeuron, PospischilNeuron.types["FS"], (4.0, 8.0)),
    (PospischilNeuron, PospischilNeuron.types["IB"], (0.6, 1.0)),
    (PospischilNeuron, PospischilNeuron.types["LTS"], (0.6, 1.0)),
    (GolombFSNeuron, {}, (4.0, 8.0)),
    (GolombFSNeuron, {"theta_m": -28.0, "g_d": 0.1}, (2.0, 5.0)),
    (ButeraRespiratoryNeuron, {}, (25.0, 50.0)),
]


@pytest.mark.parametrize(("model", "params", "currents"), CASES)
def test_spike_times_against_a_solver(model, params, currents):
    start = rest(model, params)
    trains = simulated(model, currents, 200.0, params, start)
    for current, train in zip(currents, trains, strict=True):
        expected, _ = solved(model, params, start, current, 200.0)
        assert len(train) == len(expected) >= 2
        print(f"{model.__name__} {current}: {np.abs(train - expected).max():.3f} ms")
        np.testing.assert_allclose(train, expected, rtol=0, atol=0.08)


STEADY = {
    ConnorStevensNeuron: 20.0,
    MorrisLecarNeuron: 120.0,
    PospischilNeuron: 2.6,
    GolombFSNeuron: 5.0,
    ButeraRespiratoryNeuron: 40.0,
}


@pytest.mark.parametrize("model", MODELS)
def test_the_potential_converges_in_second_order(model):
    times = np.arange(2.0, 60.0, 2.0)
    _, expected = solved(model, {}, initial(model), STEADY[model], 60.0, times)
    errors = []
    for step in (0.01, 0.005):
        cell = population(model, [STEADY[model]], label="cell", max_step=step)
        net = Network(cell, StepCurrent(0.0, 1.0, STEADY[model]))
        v = []
        for _ in times:
            net.run(2e-3, threads=1)
            v.append(net.get_states()["cell"]["v"][0])
        errors.append(np.abs(v - expected[0]).max())
    print(f"{model.__name__}: largest errors {errors} mV")
    assert 3.0 < errors[0] / errors[1] < 4.5


@pytest.mark.parametrize("model", MODELS)
def test_gates_at_any_potential_are_exact(model):
    """Also where rates are singular: at whole numbers and tenths of a mV."""
    slopes, n = slopes_of(model, {}), len(model.states) - 1
    v = np.round(np.arange(-120.0, 60.05, 0.1), 1)
    gates = np.random.default_rng(1).uniform(0.0, 1.0, (n, len(v)))
    cells = population(model, v, start=[v, *gates], label="cells", max_step=0.01)
    net = Network(cells, StepCurrent(0.0, 1.0, 0.0))
    net.run(1e-5, 1e-5, threads=1)
    states = net.get_states()["cells"]
    for k, at in enumerate(v):
        steady = steady_gates(slopes, at, n)
        decay = np.exp(-0.01 * np.array(slopes((at, *np.zeros(n)), 0.0)[1:]) / steady)
        steady = np.minimum(steady, 1.0)  # the printed fit of the A-current's activation exceeds 1 above 40 mV
        expected = steady + (gates[:, k] - steady) * decay
        got = [values[k] for name, values in states.items() if name != "v"]
        np.testing.assert_allclose(got, expected, rtol=0, atol=5e-10, err_msg=f"{at} mV")


@pytest.mark.parametrize("model", MODELS)
def test_the_start_is_rest(model):
    drift = slopes_of(model, {})(initial(model), 0.0)
    np.testing.assert_allclose(drift, 0.0, atol=2e-9)


@pytest.mark.parametrize("model", MODELS)
def test_strong_input_and_long_substeps_stay_finite(model):
    currents = np.array([-30.0, -10.0, 10.0, 30.0]) * STEADY[model]
    cells = population(model, currents, label="cells", max_step=0.1)
    net = Network(cells, StepCurrent(0.0, 1.0, currents))
    net.run(0.1, threads=1)
    for values in net.get_states()["cells"].values():
        assert np.isfinite(values).all()


def one_substep(model, precision):
    """The model's update as a function of states, in plain Python."""
    made = scalar_functions(model, precision)
    values = default_values(model) | {"dt": 0.01, "i": 1.0, "g": 0.0}
    derived = made.derive(**{name: np.array([values[name]]) for name in made.derived_from})
    values |= {name: value[0] for name, value in derived.items()}
    update, real = as_python(made.source, "update", single=precision == "float32"), np.dtype(precision).type
    return lambda states: update(*(real((values | states)[name]) for name in made.update_arguments))


@pytest.mark.parametrize("model", MODELS)
def test_single_precision_is_that_of_its_numbers(model):
    single, double = one_substep(model, "float32"), one_substep(model, "float64")
    for v in np.arange(-100.0, 60.0, 0.5):
        states = dict(zip(model.states, initial(model), strict=True)) | {"v": v}
        np.testing.assert_allclose(single(states), double(states), rtol=1e-6, atol=1e-5, err_msg=f"{v} mV")


@pytest.mark.parametrize("model", [PospischilNeuron, MorrisLecarNeuron])
def test_types_are_sets_of_parameters(model):
    for params in model.types.values():
        assert set(params) <= set(model.parameters)
    first = next(iter(model.types.values()))
    assert {name: model.parameters[name].default for name in first} == first


# ---- Connor and Stevens ---------------------------------------------------------------------------------------------


def test_the_axon_rests_as_dayan_and_abbott_say():
    assert [round(value, 4) for value in initial(ConnorStevensNeuron)[1:]] == [0.0101, 0.9659, 0.1559, 0.5404, 0.2885]
    assert round(initial(ConnorStevensNeuron)[0]) == -68


def test_the_axon_fires_at_any_low_rate_from_where_rest_ends():
    """The steady current has its maximum over v at the rheobase, above which the rate grows as a square root."""
    v = np.linspace(-65.0, -50.0, 3001)
    currents = [-connor_stevens((one, *steady_gates(connor_stevens, one, 5)), 0.0)[0] for one in v]
    rheobase = max(currents)
    silent, slow, faster = simulated(ConnorStevensNeuron, [rheobase - 0.02, rheobase + 0.03, rheobase + 0.12], 2000.0)
    assert len(silent) == 0
    rates = [1e3 / np.diff(train)[-1] for train in (slow, faster)]
    assert rates[0] < 4.0
    np.testing.assert_allclose(rates[1] / rates[0], 2.0, rtol=0.25)


# ---- Morris and Lecar -----------------------------------------------------------------------------------------------


def test_rest_of_the_hopf_set_loses_stability_at_its_bifurcation():
    """Rinzel and Ermentrout's 93.86 uA/cm2; rest and firing coexist below, down to 88.3."""
    slopes = slopes_of(MorrisLecarNeuron, {})

    def equilibrium(current):
        v = brentq(lambda v: slopes((v, steady_gates(slopes, v, 1)[0]), current)[0], -70.0, 30.0)
        return v, steady_gates(slopes, v, 1)[0]

    near = np.array([equilibrium(current) for current in (92.0, 95.7)]).T  # 1.8 on both sides
    start = [near[0] + 0.5, near[1]]
    stays, leaves = simulated(MorrisLecarNeuron, [92.0, 95.7], 4000.0, start=start, max_step=0.05)
    assert len(stays) == 0
    assert len(leaves) > 5
    for current, n_spikes in ((87.5, 1), (89.0, 30)):  # from the rest without current
        (train,) = simulated(MorrisLecarNeuron, [current], 3000.0)
        assert abs(len(train) - n_spikes) <= n_spikes // 10
    assert 1e3 / np.diff(train)[-1] > 8.0


def test_firing_begins_at_rate_0_at_the_saddle_node_on_the_cycle():
    silent, slow, faster = simulated(
        MorrisLecarNeuron, [39.9, 40.063, 40.363], 4000.0, MorrisLecarNeuron.types["SNLC"]
    )  # 39.963 and so much more
    assert len(silent) == 0
    rates = [1e3 / np.diff(train)[-1] for train in (slow, faster)]
    assert rates[0] < 2.0
    np.testing.assert_allclose(rates[1] / rates[0], 2.0, rtol=0.1)


def test_rest_and_firing_coexist_below_the_saddle_node_of_the_homoclinic_set():
    cells = population(MorrisLecarNeuron, [0.0, 0.0], MorrisLecarNeuron.types["homoclinic"])
    spikes = SpikeMonitor(cells)
    kick = StepCurrent(0.0, 0.3, [0.0, 3.5])
    Network(cells, StepCurrent(0.0, 9.0, 37.0), kick, spikes).run(1.5, threads=1)
    silent, firing = spikes.spike_trains().values()
    assert len(silent) == 0
    assert (firing > 1.0).sum() > 12


# ---- Pospischil -----------------------------------------------------------------------------------------------------

# Spike times in ms of the authors' programs (ModelDB 123623) in NEURON at 0.001 ms, as Open Source Brain's tests have
# them: nA and ms of the step, diameter and length in um, potential at the start, times, and how far ours may differ.
# The program of IB has calcium at 120.2547 mV.
NEURON_TIMES = {
    "RS": (0.75, (300, 700), 96, -70.0, {}, [320.554, 348.522, 387.944, 456.690, 592.105], 0.4),
    "FS": (0.5, (300, 700), 67, -70.0, {}, [317.023, 337.195, 357.367, 377.539, 397.711, 417.882, 438.054], 0.03),
    "IB": (0.15, (500, 2500), 96, -84.0, {"e_ca": 120.2547},
           [617.725, 624.632, 631.101, 637.786, 644.909, 652.671, 661.420, 672.085], 0.1),
}  # fmt: skip


@pytest.mark.parametrize("name", list(NEURON_TIMES))
def test_spike_times_of_the_authors_programs(name):
    nanoampere, span, diameter, v, changed, expected, within = NEURON_TIMES[name]
    params = PospischilNeuron.types[name] | changed
    start = [v, *steady_gates(slopes_of(PospischilNeuron, params), v, 7)]
    current = nanoampere * 1e-3 / (np.pi * diameter**2 * 1e-8)  # uA/cm2
    span = [one * 1e-3 for one in span]
    (train,) = simulated(PospischilNeuron, [current], 720.0, params, start, span, max_step=0.0025)
    np.testing.assert_allclose(train[: len(expected)], expected, rtol=0, atol=within)
    if name == "RS":
        assert len(train) == len(expected)


def test_regular_spiking_cells_slow_down_and_fast_spiking_cells_do_not():
    (regular,) = simulated(PospischilNeuron, [4.0], 500.0, PospischilNeuron.types["RS"])
    (fast,) = simulated(PospischilNeuron, [8.0], 500.0, PospischilNeuron.types["FS"])
    assert (np.diff(regular, n=2) > 0.0).all()
    assert np.diff(regular)[-1] > 2.0 * np.diff(regular)[0]
    assert len(fast) > 40
    np.testing.assert_allclose(np.diff(fast)[1:], np.diff(fast)[-1], atol=0.02)


def test_bursting_cells_begin_with_a_burst():
    params = PospischilNeuron.types["IB"]
    (train,) = simulated(PospischilNeuron, [0.518], 1600.0, params, rest(PospischilNeuron, params))
    intervals = np.diff(train)
    assert (intervals[:6] < 12.0).all()
    assert (intervals[-2:] > 300.0).all()


def test_cells_with_the_current_t_rebound():
    """Figure 8 of the paper: after a hyperpolarizing current they fire, those without that current don't."""
    for g_cat, n_spikes in ((0.4, 2), (0.0, 0)):
        params = PospischilNeuron.types["LTS"] | {"e_l": -60.0, "g_cat": g_cat}
        start = rest(PospischilNeuron, params)
        (train,) = simulated(PospischilNeuron, [-0.345], 700.0, params, start, (0.1, 0.5))
        assert len(train) == n_spikes
        assert (train > 500.0).all()


# ---- Golomb ---------------------------------------------------------------------------------------------------------


def test_the_interneuron_rests_as_in_the_authors_program():
    """The start of ModelDB 97747, gah_fig2c.ode."""
    v, *gates = initial(GolombFSNeuron)
    assert round(v, 3) == -70.038
    np.testing.assert_allclose(gates, [0.8522, 0.000208, 0.2686, 0.5016], rtol=2e-3)


def test_the_current_d_delays_firing_and_makes_it_stutter():
    (tonic,) = simulated(GolombFSNeuron, [3.0], 600.0, {"g_d": 0.1})
    assert tonic[0] < 20.0
    assert 28.0 < 1e3 / np.diff(tonic)[-1] < 40.0
    (delayed,) = simulated(GolombFSNeuron, [3.35], 600.0, {"g_d": 0.39})  # figure 2C
    assert np.diff(delayed)[0] > 250.0
    np.testing.assert_allclose(np.diff(delayed)[1:], 28.0, rtol=0.15)
    (stuttering,) = simulated(GolombFSNeuron, [4.0], 1600.0, {"g_d": 1.8})
    assert stuttering[0] > 400.0
    intervals = np.diff(stuttering)
    assert (intervals > 150.0).sum() >= 2
    assert ((intervals < 30.0) | (intervals > 150.0)).all()


def test_a_large_window_current_makes_firing_begin_at_low_rates():
    """Figure 3: single spikes at 1.25 uA/cm2 and pairs of them at 1.27, after a delay."""
    single, pairs = simulated(GolombFSNeuron, [1.25, 1.27], 1800.0, {"theta_m": -28.0})
    assert single[0] > 300.0
    assert len(single) > 3
    np.testing.assert_allclose(np.diff(single)[1:], np.diff(single)[-1], rtol=0.1)
    assert np.diff(single)[-1] > 100.0
    intervals = np.diff(pairs)[2:]
    assert intervals[0::2].max() < 0.8 * intervals[1::2].min() or intervals[1::2].max() < 0.8 * intervals[0::2].min()


# ---- Butera ---------------------------------------------------------------------------------------------------------


def bursts(train):
    """Spikes of each whole burst, which a pause of more than 0.3 s separates from others."""
    return np.split(train, np.flatnonzero(np.diff(train) > 300.0) + 1)[1:-1]


def test_the_pacemaker_is_silent_bursts_and_fires_with_rising_leak():
    """Figure 4 of the paper: bursts at 0.05 to 1 Hz, the faster the more depolarized, whose spikes become rarer."""
    cells = [Population(ButeraRespiratoryNeuron, 1, params={"e_l": e_l}) for e_l in (-65.0, -60.0, -57.5, -54.0)]
    spikes = [SpikeMonitor(cell) for cell in cells]
    Network(*cells, *spikes).run(30.0, threads=1)
    silent, slow, fast, tonic = (one.t * 1e3 for one in spikes)
    assert len(silent) == 0
    periods = [np.diff([burst[0] for burst in bursts(train)]) for train in (slow, fast)]
    assert len(periods[0]) >= 1
    assert len(periods[1]) >= 10
    frequencies = [1e3 / period.mean() for period in periods]
    assert 0.05 < frequencies[0] < frequencies[1] < 1.0
    np.testing.assert_allclose(periods[1], periods[1][-1], rtol=1e-4)
    for burst in (*bursts(slow), *bursts(fast)):
        intervals = np.diff(burst)
        assert len(intervals) > 5
        assert (np.diff(intervals[2:]) > 0.0).all()
    np.testing.assert_allclose(np.diff(tonic)[-100:], np.diff(tonic)[-1], rtol=1e-3)


def test_the_period_of_bursts_is_that_of_a_solver():
    params, start = {"e_l": -57.5}, [-60.0, 0.5, 0.001]
    expected, _ = solved(ButeraRespiratoryNeuron, params, start, 0.0, 5400.0)
    (train,) = simulated(ButeraRespiratoryNeuron, [0.0], 5400.0, params, start)
    first, second = ([burst[0] for burst in bursts(one)] for one in (train, expected))
    assert len(second) >= 2
    np.testing.assert_allclose(np.diff(first), np.diff(second), rtol=1e-4)
    assert [len(burst) for burst in bursts(train)] == [len(burst) for burst in bursts(expected)]
