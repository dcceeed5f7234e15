"""The Hodgkin-Huxley neuron against published values, SciPy's solvers and exact arithmetic."""

import platform
import re
import sys
from decimal import Decimal, localcontext

import numpy as np
import pytest
from networks import different_parameters
from scipy.integrate import solve_ivp

from neurocore_nb import (
    ExpConductance,
    HodgkinHuxleyNeuron,
    Network,
    NeuronModel,
    Population,
    SpikeMonitor,
    State,
    StateMonitor,
    StepCurrent,
    TimedArray,
    UpwardCrossing,
)
from neurocore_nb.kernels.integrate import make_frame

# Upward crossings of 0 mV for 10 uA/cm2 from 100 to 200 ms, in ms: solve_ivp at 1e-10, confirmed by NEURON's CVode.
PUBLISHED = np.array([101.901, 116.823, 131.472, 146.109, 160.745, 175.382, 190.018])


def spike_times_ms(stimulus, duration, dt=1e-3, **arguments):
    axon = Population(HodgkinHuxleyNeuron, 1, **arguments)
    spikes = SpikeMonitor(axon)
    Network(axon, stimulus, spikes).run(duration, dt, threads=1)
    return spikes.t * 1e3


def published_equations(t, y, current, phi):
    v, m, h, n = y
    e = np.exp
    alpha_m, beta_m = 0.1 * (v + 40) / (1 - e(-(v + 40) / 10)), 4 * e(-(v + 65) / 18)
    alpha_h, beta_h = 0.07 * e(-(v + 65) / 20), 1 / (1 + e(-(v + 35) / 10))
    alpha_n, beta_n = 0.01 * (v + 55) / (1 - e(-(v + 55) / 10)), 0.125 * e(-(v + 65) / 80)
    return (
        current - 120 * m**3 * h * (v - 50) - 36 * n**4 * (v + 77) - 0.3 * (v + 54.387),
        phi * (alpha_m * (1 - m) - beta_m * m),
        phi * (alpha_h * (1 - h) - beta_h * h),
        phi * (alpha_n * (1 - n) - beta_n * n),
    )


def upward_crossing(t, y, *_):
    return y[0]


upward_crossing.direction = 1.0


def solved_spike_times_ms(currents, each, celsius=6.3):
    """Spike times for currents that follow one another, each for so many ms."""
    y = [-65.0, 0.052932485257249577, 0.59612075350846028, 0.31767691406069742]
    phi = 3.0 ** ((celsius - 6.3) / 10.0)
    times = []
    for k, current in enumerate(currents):
        part = solve_ivp(
            published_equations, (k * each, (k + 1) * each), y, "DOP853", events=upward_crossing,
            args=(current, phi), rtol=1e-10, atol=1e-10,
        )  # fmt: skip
        times.extend(part.t_events[0])
        y = part.y[:, -1]
    return np.array(times)


def test_the_start_is_the_steady_state_at_rest():
    axon = Population(HodgkinHuxleyNeuron, 1, label="axon")
    net = Network(axon)
    net.run(0.0)
    states = {name: values[0] for name, values in net.get_states()["axon"].items()}
    assert states["v"] == -65.0
    assert [round(states[gate], 6) for gate in "mhn"] == [0.052932, 0.596121, 0.317677]
    drift = published_equations(0.0, list(states.values()), 0.0, 1.0)
    np.testing.assert_allclose(drift[1:], 0.0, atol=1e-15)


def test_published_spike_times():
    times = spike_times_ms(StepCurrent(0.1, 0.2, 10.0), 0.2, max_step=0.001)
    np.testing.assert_allclose(times, PUBLISHED, rtol=0, atol=0.01)


def test_published_spike_times_at_the_default_step():
    times = spike_times_ms(StepCurrent(0.1, 0.2, 10.0), 0.2)
    np.testing.assert_allclose(times, PUBLISHED, rtol=0, atol=0.02)


@pytest.mark.parametrize(("current", "celsius", "n_spikes"), [(10.0, 6.3, 6), (40.0, 18.5, 26)])
def test_constant_current_against_a_solver(current, celsius, n_spikes):
    expected = solved_spike_times_ms([current], 80.0, celsius)
    stimulus = StepCurrent(0.0, 0.08, current)
    times = spike_times_ms(stimulus, 0.08, params={"celsius": celsius}, max_step=0.001)
    assert len(times) == n_spikes
    np.testing.assert_allclose(times, expected, rtol=0, atol=0.005)


def test_varying_current_against_a_solver():
    currents = np.random.default_rng(3).uniform(0.0, 25.0, 12).round(3)
    expected = solved_spike_times_ms(currents, 7.0)
    times = spike_times_ms(TimedArray(currents, dt=0.007), 0.084, max_step=0.001)
    assert len(times) > 3
    np.testing.assert_allclose(times, expected, rtol=0, atol=0.005)


def interpolated_spike_times_ms(step, duration):
    """Crossings between samples, which the time stamps round up to the end of a substep."""
    axon = Population(HodgkinHuxleyNeuron, 1, max_step=step)
    trace = StateMonitor(axon, ("v",))
    Network(axon, StepCurrent(0.0, 1.0, 10.0), trace).run(duration, dt=step * 1e-3, threads=1)
    v = trace.traces["v"][:, 0]
    before = np.flatnonzero((v[:-1] < 0.0) & (v[1:] >= 0.0))
    return (before - v[before] / (v[before + 1] - v[before])) * step


def observed_order(steps, errors):
    order = np.polyfit(np.log(steps), np.log(errors), 1)[0]
    print(f"errors {errors} ms at steps {steps} ms: order {order:.2f}")
    return order


def test_order_of_convergence_of_time_stamps():
    steps = [0.04, 0.02, 0.01, 0.005]
    expected = solved_spike_times_ms([10.0], 100.0)
    current = [StepCurrent(0.0, 0.1, 10.0) for _ in steps]
    times = [spike_times_ms(one, 0.1, max_step=step) for one, step in zip(current, steps, strict=True)]
    errors = [np.abs(one - expected).mean() for one in times]
    assert observed_order(steps, errors) >= 0.9


def test_order_of_convergence_between_time_stamps():
    steps = [0.04, 0.02, 0.01, 0.005]
    expected = solved_spike_times_ms([10.0], 40.0)
    errors = [np.abs(interpolated_spike_times_ms(step, 0.04) - expected).mean() for step in steps]
    assert observed_order(steps, errors) >= 1.8


@pytest.mark.parametrize("dt", [1e-5, 1e-4, 1e-3])
def test_spike_count_does_not_depend_on_the_network_step(dt):
    times = spike_times_ms(StepCurrent(0.0, 1.0, 10.0), 1.0, dt)
    assert len(times) == 69
    same_substeps = spike_times_ms(StepCurrent(0.0, 1.0, 10.0), 1.0)
    np.testing.assert_allclose(times, same_substeps, rtol=0, atol=1e-9)


def test_spike_count_is_that_of_a_solver():
    assert len(solved_spike_times_ms([10.0], 1000.0)) == 69


def run_population(n, initial, params=None, current=12.0):
    axons = Population(HodgkinHuxleyNeuron, n, label="axons", params=params, initial=initial)
    spikes = SpikeMonitor(axons)
    net = Network(axons, StepCurrent(0.0, 1.0, current), spikes)
    net.run(0.03, threads=1)
    return np.stack(list(net.get_states()["axons"].values())), spikes


@pytest.mark.parametrize("as_array", [True, False])
def test_different_neurons_are_the_same_one_by_one(as_array):
    n = 61
    rng = np.random.default_rng(1)
    params, initial = different_parameters(rng, n), {"v": rng.uniform(-80.0, -50.0, n), "m": rng.uniform(0.0, 0.2, n)}
    together, spikes = run_population(n, initial, params)
    assert spikes.count > n
    for k in range(n):
        part = slice(k, k + 1) if as_array else k
        own = [{name: values[part] for name, values in given.items()} for given in (params, initial)]
        alone, own_spikes = run_population(1, own[1], own[0])
        np.testing.assert_array_equal(alone[:, 0], together[:, k])
        np.testing.assert_array_equal(own_spikes.t, spikes.spike_trains()[k])


@pytest.fixture(scope="module")
def many_neurons():
    rng = np.random.default_rng(2)
    initial = {"v": rng.uniform(-90.0, 30.0, 1009)}
    initial |= {gate: rng.uniform(0.0, 1.0, 1009) for gate in "mhn"}
    states, spikes = run_population(1009, initial)
    assert len(set(spikes.i)) > 900
    return initial, states


@pytest.mark.parametrize("n", [1, 7, 8, 9, 255, 256, 257, 1009])
def test_place_in_the_array_makes_no_difference(many_neurons, n):
    initial, expected = many_neurons
    first, _ = run_population(n, {name: values[:n] for name, values in initial.items()})
    np.testing.assert_array_equal(first, expected[:, :n])
    last, _ = run_population(n, {name: values[1009 - n :] for name, values in initial.items()})
    np.testing.assert_array_equal(last, expected[:, 1009 - n :])


def exact_linoid(x):
    return x / (1 - (-x).exp()) if x else Decimal(1)


def exact_gates(v, gates, dt_ms):
    """One substep of m, h and n from an exact v, with 50 digits and the published decimal constants."""
    v = Decimal(v)
    rates = (
        (exact_linoid((v + 40) / 10), 4 * (-(v + 65) / 18).exp()),
        (Decimal("0.07") * (-(v + 65) / 20).exp(), 1 / (1 + (-(v + 35) / 10).exp())),
        (exact_linoid((v + 55) / 10) / 10, (-(v + 65) / 80).exp() / 8),
    )
    result = []
    for x, (alpha, beta) in zip(gates, rates, strict=True):
        steady = alpha / (alpha + beta)
        result.append(steady + (Decimal(float(x)) - steady) * (-(alpha + beta) * Decimal(dt_ms)).exp())
    return [float(x) for x in result]


def voltages_around(singular):
    next_to = [np.nextafter(singular, 0.0), np.nextafter(singular, -100.0), np.nextafter(np.nextafter(singular, 0), 0)]
    distances = np.array([5e-324, 1e-310, *np.logspace(-15, 1.3, 200)])
    return np.concatenate([[singular], next_to, singular + distances, singular - distances])


def test_gates_near_the_singularities_of_the_rates():
    v = np.concatenate([voltages_around(-40.0), voltages_around(-55.0), np.linspace(-120.0, 60.0, 181)])
    gates = np.random.default_rng(4).uniform(0.0, 1.0, (3, len(v)))
    initial = {"v": v, **dict(zip("mhn", gates, strict=True))}
    cells = Population(HodgkinHuxleyNeuron, len(v), label="cells", initial=initial)
    net = Network(cells)
    net.run(1e-5, dt=1e-5, threads=1)
    states = net.get_states()["cells"]
    with localcontext(prec=50):
        expected = np.array([exact_gates(v[k], gates[:, k], "0.01") for k in range(len(v))]).T
    assert np.isfinite(states["v"]).all()
    for gate, values in zip("mhn", expected, strict=True):
        np.testing.assert_allclose(states[gate], values, rtol=1e-12, err_msg=gate)


class ManyStates(NeuronModel):
    """More arrays than LLVM compares with each other at run time before it gives up."""

    states = {name: State(0.0, "1") for name in "vabcdefhklmnopqr"}
    parameters = {}
    spike = UpwardCrossing("v", 0.0)
    max_step = 0.01

    @staticmethod
    def update(v, a, b, c, d, e, f, h, k, l, m, n, o, p, q, r, i, dt):  # noqa: E741
        s = dt * (i - v)
        return (
            v + s, a + v * s, b + a * s, c + b * s, d + c * s, e + d * s, f + e * s, h + f * s,
            k + h * s, l + k * s, m + l * s, n + m * s, o + n * s, p + o * s, q + p * s, r + q * s,
        )  # fmt: skip


class GateNamedJ(NeuronModel):
    """As the slow inactivation of the sodium current is called in models of the heart."""

    states = {"v": State(0.0, "mV"), "j": State(1.0, "1")}
    parameters = {}
    spike = UpwardCrossing("v", 1.0)
    max_step = 0.1

    @staticmethod
    def update(v, j, i, dt):
        return v + dt * j * i, j - dt * 0.5 * j


def test_a_state_may_have_any_name():
    cells = Population(GateNamedJ, 5, label="cells")
    net = Network(cells, StepCurrent(0.0, 1.0, 1.0))
    net.run(1e-3, threads=1)
    states = net.get_states()["cells"]
    np.testing.assert_allclose(states["j"], 0.95**10, rtol=1e-14)
    np.testing.assert_allclose(states["v"], 2.0 * (1.0 - 0.95**10), rtol=1e-13)


def assembly(monkeypatch, model, varied, real=np.float64):
    """Of the model's fused kernel, called as the population calls it: with rows of arrays."""
    update = model.compiled_form(varied)
    monkeypatch.delitem(sys.modules, make_frame(update).__name__)
    monkeypatch.setenv("NEUROCORE_NB_CACHE", "0")  # functions that come out of the cache have no assembly to show
    substep = make_frame(update).substep
    n_states = len(update.states)
    rows = np.zeros((n_states + 3 + len(update.varied), 100), real)[:, 3:90]
    numbers = [real(1.0)] * len(update.constants)
    crossed = np.zeros(87, np.int64 if real is np.float64 else np.int32)
    substep(*rows[: n_states + 3], crossed, real(0.01), *numbers, *rows[n_states + 3 :])
    return "\n".join(substep.inspect_asm().values())


# Packed arithmetic of float64 on whole vector registers.
VECTOR_ARITHMETIC = {
    "x86_64": r"v(?:add|sub|mul|div|fn?m(?:add|sub)\d+)pd\s[^\n]*%[yz]mm\d",
    "aarch64": r"f(?:add|sub|mul|div|mla)\s+v\d+\.2d|f(?:add|mul|mla|mad)\s+z\d+\.d",
}
VECTOR_ADDITION = {
    "x86_64": r"vaddp[sd]\s[^\n]*%[yz]mm\d",
    "aarch64": r"fadd\s+v\d+\.(?:2d|4s)|fadd\s+z\d+\.[sd]",
}
MACHINE = {"AMD64": "x86_64", "arm64": "aarch64"}.get(platform.machine(), platform.machine())
ALL_PARAMETERS = ("c_m", "g_na", "g_k", "g_l", "e_na", "e_k", "e_l", "phi")


@pytest.mark.parametrize(
    ("model", "varied", "operations"),
    [(HodgkinHuxleyNeuron, (), 100), (HodgkinHuxleyNeuron, ALL_PARAMETERS, 100), (ManyStates, (), 30)],
)
def test_the_fused_kernel_is_vectorised(model, varied, operations, monkeypatch):
    text = assembly(monkeypatch, model, varied)
    assert len(re.findall(VECTOR_ARITHMETIC[MACHINE], text)) > operations
    assert not re.search(r"\bexp\b", text)


@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_what_arrives_is_taken_by_a_vectorised_loop(precision, monkeypatch):
    forms = [ExpConductance(tau=5.0, e_rev=0.0).form()]
    update = HodgkinHuxleyNeuron.compiled_form(set(), forms, False, precision)
    sys.modules.pop(make_frame(update).__name__)
    monkeypatch.setenv("NEUROCORE_NB_CACHE", "0")
    take = make_frame(update).take_0
    assert take(np.ones(87), 2.0, np.zeros(87, precision))
    assert re.search(VECTOR_ADDITION[MACHINE], "\n".join(take.inspect_asm().values()))


FUSED = {"x86_64": r"vfmadd\w+p[sd]\s[^\n]*%[yz]mm\d", "aarch64": r"fmla\s+v\d+\.(?:2d|4s)|fm(?:la|ad)\s+z\d+\.[sd]"}


@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_states_are_checked_by_a_vectorised_loop(precision, monkeypatch):
    update = HodgkinHuxleyNeuron.compiled_form(set(), [], False, precision)
    sys.modules.pop(make_frame(update).__name__)
    monkeypatch.setenv("NEUROCORE_NB_CACHE", "0")
    check = make_frame(update).check
    states = np.ones((4, 87), precision)
    assert check(*states)
    assert re.search(FUSED[MACHINE], "\n".join(check.inspect_asm().values()))
    for bad in (np.nan, np.inf, -np.inf):
        states[2, 86] = bad
        assert not check(*states)
