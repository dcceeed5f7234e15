"""The receptors against their closed forms, quadrature and SciPy's solvers."""

from decimal import Decimal, localcontext
from itertools import pairwise

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad, solve_ivp

from neurocore_nb import (
    GABAB,
    NMDA,
    PER_CELL,
    AlphaConductance,
    AlphaCurrent,
    BiexpConductance,
    CurrentPulse,
    ExpConductance,
    ExpCurrent,
    LIFNeuron,
    Network,
    NeuronModel,
    Normal,
    PoissonInput,
    Population,
    Projection,
    SpikeMonitor,
    SpikeSource,
    StateMonitor,
    TraubMilesNeuron,
    UpwardCrossing,
    VoltageJump,
)
from neurocore_nb.synapses.kinetics import chain_over, decay_over, peak_of_chain

DT = 1e-3  # s


class Clamp(NeuronModel):
    """A potential that stays; its states show the input of the last substep."""

    units = PER_CELL
    states = {"v": -65.0, "last_i": 0.0, "last_g": 0.0}
    spike = UpwardCrossing("v", 1e6)
    max_step = 1.0

    @staticmethod
    def update(v, i, g):
        return v, i, g


def run(receptors, weights=1.0, n_ms=40, model=Clamp, n=1, watch=(), **options):
    """Traces of states at each ms, for spikes of each receptor's weight that arrive at 1 ms; and the population."""
    cells = Population(model, n, receptors=receptors, label="cells", **options)
    source = SpikeSource([1e-3])
    weights = weights if isinstance(weights, dict) else dict.fromkeys(receptors, weights)
    synapses = [
        Projection(source, cells, weight=weight, topology="all_to_all", receptor=name, weight_dtype="float64")
        for name, weight in weights.items()
    ]
    states, spikes = StateMonitor(cells, watch or tuple(cells.states)), SpikeMonitor(cells)
    Network(cells, source, *synapses, states, spikes).run(n_ms * DT, DT, threads=1)
    return states.traces, spikes


def since_arrival(n_ms=40):
    return np.maximum(np.arange(n_ms) - 1.0, 0.0)


def biexponential(t, rise, decay, weight=1.0):
    if rise == decay:
        return weight * t / decay * np.exp(1.0 - t / decay)
    peak = np.log(decay / rise) * rise * decay / (decay - rise)
    shape = [np.exp(-x / decay) - np.exp(-x / rise) for x in (t, peak)]
    return weight * shape[0] / shape[1]


@pytest.mark.parametrize("n_sub", [1, 2, 7, 100, 1000])
def test_time_courses_are_exact_at_any_substep(n_sub):
    receptors = {
        "exp": ExpConductance(tau=3.0), "exp_i": ExpCurrent(tau=0.4),
        "alpha": AlphaConductance(tau=4.0), "alpha_i": AlphaCurrent(tau=2.0),
        "biexp": BiexpConductance(tau_rise=0.7, tau_decay=6.0),
        "slow_rise": BiexpConductance(tau_rise=8.0, tau_decay=2.0),
        "equal": BiexpConductance(tau_rise=3.0, tau_decay=3.0), "nmda": NMDA(),
    }  # fmt: skip
    traces, _ = run(receptors, max_step=1.0 / n_sub)
    t = since_arrival()
    expected = {
        "g_exp": np.exp(-t / 3.0), "i_exp_i": np.exp(-t / 0.4),
        "g_alpha": biexponential(t, 4.0, 4.0), "i_alpha_i": biexponential(t, 2.0, 2.0),
        "g_biexp": biexponential(t, 0.7, 6.0), "g_slow_rise": biexponential(t, 8.0, 2.0),
        "g_equal": biexponential(t, 3.0, 3.0), "g_nmda": biexponential(t, 2.0, 100.0),
    }  # fmt: skip
    for name, values in expected.items():
        np.testing.assert_allclose(traces[name][2:, 0], values[2:], rtol=0, atol=1e-12, err_msg=name)
        assert (traces[name][:2] == 0.0).all()


def exact_biexponential(t, rise, decay):
    """The closed form with 60 digits, of which nearly equal time constants cost many."""
    with localcontext(prec=60):
        rise, decay = Decimal(rise), Decimal(decay)
        peak = (decay / rise).ln() * rise * decay / (decay - rise)
        shape = [(-Decimal(x) / decay).exp() - (-Decimal(x) / rise).exp() for x in (t, peak)]
        return float(shape[0] / shape[1])


@pytest.mark.parametrize("difference", [1e-13, 1e-10, 1e-8, 3e-8, 1e-6, 1e-3, 0.1, -1e-9, -1e-5])
def test_nearly_equal_time_constants(difference):
    rise = 3.0 * (1.0 + difference)
    traces, _ = run({"syn": BiexpConductance(tau_rise=rise, tau_decay=3.0)}, max_step=0.1)
    expected = [exact_biexponential(t, rise, 3.0) for t in since_arrival()]
    np.testing.assert_allclose(traces["g_syn"][2:, 0], expected[2:], rtol=0, atol=1e-12)


times = st.floats(1e-2, 1e2)


@settings(max_examples=200, deadline=None)
@given(dt=st.floats(1e-3, 10.0), tau=times, rise=times, tau_m=times | st.just(np.inf))
def test_what_acts_in_a_substep_charges_the_membrane_as_the_course_itself(dt, tau, rise, tau_m):
    def charge(course):
        points = sorted({min(x * scale, dt) for x in (tau, rise, min(tau_m, dt)) for scale in (0.3, 1.0, 5.0, 20.0)})
        edges = np.unique([0.0, *points, dt])
        pieces = [
            quad(lambda t: np.exp(-(dt - t) / tau_m) * course(t), a, b, epsabs=0, epsrel=1e-12)[0]
            for a, b in pairwise(edges)
        ]
        return sum(pieces)

    def fed(t):
        x = t * (1.0 / tau - 1.0 / rise)
        return t * np.exp(-t / tau) if x == 0 else t * np.exp(-min(t / tau, t / rise)) * -np.expm1(-abs(x)) / abs(x)

    made = {key: float(np.ravel(value)[0]) for key, value in chain_over(dt, tau, rise, tau_m).items()}
    unit = charge(lambda t: 1.0)
    np.testing.assert_allclose(made["mean"], charge(lambda t: np.exp(-t / tau)) / unit, rtol=1e-9, atol=1e-290)
    np.testing.assert_allclose(made["mean_rise"], charge(fed) / unit, rtol=1e-8, atol=1e-290)
    np.testing.assert_allclose(made["feed"], fed(dt), rtol=1e-9, atol=1e-290)


@pytest.mark.parametrize(
    ("tau", "rise", "tau_m"), [(1e-3, 5.0, 10.0), (5.0, 1e-3, 10.0), (5.0, 2.0, 1e-3), (1e-3, 1e-3, 1e-3)]
)
def test_very_short_time_constants_stay_finite(tau, rise, tau_m):
    made = chain_over(np.array([10.0]), tau, rise, tau_m) | {"peak": peak_of_chain(tau, rise)}
    assert all(np.isfinite(value).all() and (value >= 0.0).all() for value in made.values())
    late = decay_over(np.array([10.0]), 5.0, np.array([1e-3]))["mean"]  # the membrane only knows the last moment
    np.testing.assert_allclose(late, np.exp(-2.0), rtol=1e-3)


def test_the_mean_conductance_acts_on_the_membrane():
    traces, _ = run({"syn": BiexpConductance(tau_rise=1.0, tau_decay=7.0, e_rev=-20.0)}, max_step=0.5)
    for k in range(2, 40):
        mean = quad(biexponential, k - 1.5, k - 1.0, args=(1.0, 7.0), epsabs=1e-14)[0] / 0.5
        np.testing.assert_allclose(traces["last_g"][k, 0], mean, rtol=0, atol=1e-12)
        np.testing.assert_allclose(traces["last_i"][k, 0], -20.0 * mean, rtol=0, atol=1e-11)


def test_magnesium_blocks_nmda():
    v, mg = np.repeat([-90.0, -65.0, -20.0, 0.0, 40.0], 3), np.tile([0.0, 1.0, 2.5], 5)
    traces, _ = run({"nmda": NMDA(mg=mg, e_rev=3.0)}, 2.0, n=15, initial={"v": v}, max_step=1e-3)
    block = 1.0 / (1.0 + mg / 3.57 * np.exp(-0.062 * v))
    t = since_arrival()[5:, None]
    np.testing.assert_allclose(
        traces["g_nmda"][5:], np.broadcast_to(biexponential(t, 2.0, 100.0, 2.0), (35, 15)), atol=1e-11
    )
    middle = biexponential(t - 0.5e-3, 2.0, 100.0, 2.0) * block
    np.testing.assert_allclose(traces["last_g"][5:], middle, rtol=1e-6)
    current = traces["last_i"][5:] - traces["last_g"][5:] * v
    np.testing.assert_allclose(current, middle * (3.0 - v), rtol=1e-6)


def test_gaba_b_against_a_solver():
    traces, _ = run({"b": GABAB(g_max=2.0)}, 3.0, n_ms=300, max_step=0.25)
    bound = -np.expm1(-3.0 * 0.52 * 0.5 * 0.3)
    course = solve_ivp(
        lambda t, y: (-0.0013 * y[0], 0.098 * y[0] - 0.033 * y[1]), (0.0, 298.0), (bound, 0.0), "DOP853",
        rtol=1e-12, atol=1e-14, t_eval=np.arange(299.0),
    )  # fmt: skip
    s = course.y[1]
    np.testing.assert_allclose(traces["r_b"][2:, 0], course.y[0][1:], rtol=0, atol=1e-10)
    np.testing.assert_allclose(traces["s_b"][2:, 0], s[1:], rtol=0, atol=1e-9)
    np.testing.assert_allclose(traces["g_b"][2:, 0], (2.0 * s**4 / (s**4 + 100.0))[1:], rtol=0, atol=1e-9)


def test_pulses_of_transmitter_bind_what_is_still_free():
    once, _ = run({"b": GABAB(k2=1e-9)}, 2.0, n_ms=4)
    cells = Population(Clamp, 1, receptors={"b": GABAB(k2=1e-9)}, label="cells")
    source = SpikeSource([1e-3, 1e-3])
    net = Network(cells, source, Projection(source, cells, weight=1.0, topology="all_to_all", receptor="b"))
    net.run(4e-3, DT, threads=1)
    np.testing.assert_allclose(net.get_states()["cells"]["r_b"], once["r_b"][-1], rtol=1e-7)


TAUS = np.array([0.5, 2.0, 9.999999, 10.0, 10.1, 40.0])


@pytest.mark.parametrize("max_step", [0.05, 1.0])
@pytest.mark.parametrize(
    ("receptor", "course"),
    [
        (ExpCurrent(tau=TAUS), lambda t, tau: np.exp(-t / tau)),
        (AlphaCurrent(tau=TAUS), lambda t, tau: t / tau * np.exp(1.0 - t / tau)),
    ],
)
def test_currents_onto_a_linear_membrane_are_exact(receptor, course, max_step):
    traces, _ = run({"syn": receptor}, 100.0, model=LIFNeuron, n=len(TAUS), max_step=max_step)
    for j, tau in enumerate(TAUS):
        for k in (2, 3, 10, 39):
            end = k - 1.0
            charge = quad(lambda t, tau=tau, end=end: np.exp((t - end) / 10.0) * course(t, tau), 0, end, epsrel=1e-13)
            np.testing.assert_allclose(traces["v"][k, j], -70.0 + 100.0 * charge[0] / 250.0, rtol=0, atol=1e-9)


def test_a_current_pulse_flows_for_one_step():
    traces, _ = run({"pulse": CurrentPulse()}, 3.0, max_step=0.1)
    assert (traces["last_i"][:, 0] == np.where(np.arange(40) == 2, 3.0, 0.0)).all()


def jumps(weights, times_ms, n_ms=12, model=LIFNeuron, **options):
    """One neuron for each weight; all get it at each of the times."""
    cells = Population(model, len(weights), receptors={"jump": VoltageJump()}, label="cells", **options)
    source = SpikeSource(np.array(times_ms) * DT)
    matrix = scipy.sparse.csr_array(np.array(weights)[:, None])
    states, spikes = StateMonitor(cells), SpikeMonitor(cells)
    synapses = Projection(source, cells, weight=None, topology=matrix, receptor="jump", weight_dtype="float64")
    Network(cells, source, synapses, states, spikes).run(n_ms * DT, DT, threads=1)
    return states.traces["v"], spikes


@pytest.mark.parametrize("max_step", [0.1, 1.0])
def test_jumps_of_the_potential(max_step):
    v, spikes = jumps([3.0, -4.0, 14.999, 15.0, 30.0], [2.0], max_step=max_step)
    assert (v[:3] == -70.0).all()
    np.testing.assert_allclose(v[3, :3] + 70.0, np.array([3.0, -4.0, 14.999]) * np.exp(-0.1), rtol=1e-9)
    # At the threshold or beyond it is a spike, though without the reset v would be below at the substep's end.
    np.testing.assert_array_equal(spikes.i, [3, 4])
    np.testing.assert_allclose(spikes.t, 2e-3 + max_step * 1e-3, rtol=1e-12)
    assert (v[3, 3:] == -70.0).all()


def test_jumps_are_lost_in_the_refractory_time():
    v, spikes = jumps([16.0], [2.0, 4.0, 6.0], max_step=0.1)
    np.testing.assert_allclose(spikes.t, [2.1e-3, 6.1e-3], rtol=1e-12)
    assert v[5, 0] == -70.0


def test_jumps_in_a_refractory_time_of_detection_move_the_potential():
    passive = {"g_na": 0.0, "g_k": 0.0}
    v, spikes = jumps([45.0], [2.0, 3.0], model=TraubMilesNeuron, params=passive, max_step=0.05)
    expected = [45.0 * np.exp(-0.05), 45.0 * (np.exp(-0.1) + np.exp(-0.05))]
    np.testing.assert_allclose(v[3:5, 0] + 60.0, expected, rtol=1e-9)
    np.testing.assert_allclose(spikes.t, [2.05e-3, 5.1e-3, 8.15e-3, 11.2e-3], rtol=1e-12)  # it is above for longer


def test_weights_of_very_different_size_stay_exact():
    sizes = {"tiny": 1.2345678901e-9, "small": 7.7e-3, "large": 4.56789e5, "back": -3.3e7}
    receptors = {name: ExpCurrent(tau=1e3) for name in sizes}
    traces, _ = run(receptors, sizes, n_ms=5)
    for name, weight in sizes.items():
        np.testing.assert_allclose(traces[f"i_{name}"][2:, 0], weight * np.exp(-np.arange(1, 4) / 1e3), rtol=2e-10)


def test_parameters_as_arrays_and_distributions():
    n = 200
    tau, e_rev = np.linspace(1.0, 9.0, n), Normal(-70.0, 5.0)
    traces, _ = run({"syn": ExpConductance(tau=tau, e_rev=e_rev)}, n=n, n_ms=6)
    np.testing.assert_allclose(traces["g_syn"][2], np.exp(-1.0 / tau), rtol=1e-12)
    drawn = traces["last_i"][4] / traces["last_g"][4]
    assert len(np.unique(drawn.round(6))) == n
    assert abs(drawn.mean() + 70.0) < 4.0 * 5.0 / np.sqrt(n)
    assert 4.0 < drawn.std() < 6.0


def test_states_of_receptors_at_the_start():
    initial = {"g_a": 2.0, "g_b": np.array([1.0, 3.0]), "rise_b": 0.25, "i_c": 5.0}
    receptors = {
        "a": ExpConductance(tau=4.0),
        "b": BiexpConductance(tau_rise=1.0, tau_decay=6.0),
        "c": ExpCurrent(tau=2.0),
    }
    traces, _ = run(receptors, 0.0, n=2, n_ms=6, initial=initial, max_step=0.3)
    t = np.arange(6.0)[:, None]
    np.testing.assert_allclose(traces["g_a"], 2.0 * np.exp(-t / 4.0) * np.ones(2), rtol=1e-13)
    np.testing.assert_allclose(traces["i_c"], 5.0 * np.exp(-t / 2.0) * np.ones(2), rtol=1e-13)
    fed = 0.25 * (np.exp(-t / 6.0) - np.exp(-t)) / (1.0 - 1.0 / 6.0)
    np.testing.assert_allclose(traces["g_b"], np.array([1.0, 3.0]) * np.exp(-t / 6.0) + fed, rtol=1e-12)


def test_poisson_input_onto_receptors():
    n, rate, weight, tau = 400, 800.0, 0.5, 4.0
    cells = Population(Clamp, n, receptors={"a": ExpConductance(tau=tau), "b": ExpConductance(tau=tau)}, label="cells")
    states = StateMonitor(cells, ("g_a", "g_b"), interval=0.02)
    Network(cells, PoissonInput(n, rate, weight, receptor="b"), states).run(0.5, DT, threads=1)
    assert (states.traces["g_a"] == 0.0).all()
    g = states.traces["g_b"][5:]
    decay = np.exp(-1.0 / tau)  # events act from the start of a step; samples are taken before those of their step
    mean, variance = rate * DT * weight * decay / (1 - decay), rate * DT * weight**2 * decay**2 / (1 - decay**2)
    assert abs(g.mean() - mean) < 5.0 * np.sqrt(variance / g.size)
    assert abs(g.var() / variance - 1.0) < 0.1


@pytest.mark.parametrize("receptor", [ExpCurrent(tau=0.1), BiexpConductance(tau_rise=0.1, tau_decay=0.2)])
def test_states_that_fade_end_at_zero_and_not_as_denormal_numbers(receptor):
    faded = {f"{name}_r": 1.0 for name in receptor.states}
    net = Network(Population(Clamp, 1, receptors={"r": receptor}, initial=faded, label="cells"))
    net.run(0.5, dt=DT)
    left = net.get_states()["cells"]
    assert all(left[name][0] == 0.0 for name in faded), left
