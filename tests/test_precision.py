"""Populations in single precision: as in double precision up to rounding, as reproducible, and never out of range."""

import math
import platform
import re
from fractions import Fraction

import numpy as np
import pytest
from builders import assert_raises, table
from networks import run_python, same, spikes_and_states
from ranks import on_ranks
from solutions import CELLS, solve
from test_hodgkin_huxley import VECTOR_ARITHMETIC, assembly
from test_own_models import SYNAPSES, ByHand, OwnAxon

from neurocore_nb import (
    AdExNeuron,
    BiexpConductance,
    COBALIFNeuron,
    ExpConductance,
    ExpCurrent,
    HodgkinHuxleyNeuron,
    Izhikevich2007Neuron,
    LIFNeuron,
    Network,
    NeuronModel,
    Normal,
    PoissonInput,
    Population,
    Projection,
    Receptor,
    SpikeMonitor,
    State,
    StateMonitor,
    StepCurrent,
    TraubMilesNeuron,
    Uniform,
    UpwardCrossing,
    VoltageJump,
    WangBuzsakiNeuron,
)
from neurocore_nb.kernels import vmath, vmath32
from neurocore_nb.kernels.intrinsics import _fma, fma
from neurocore_nb.kernels.jit import kernel
from neurocore_nb.kernels.single import single_precision

MODELS = [
    HodgkinHuxleyNeuron, TraubMilesNeuron, WangBuzsakiNeuron, LIFNeuron, COBALIFNeuron, AdExNeuron,
    Izhikevich2007Neuron,
]  # fmt: skip
EPSILON = 2.0**-23
PRECISIONS = ("float64", "float32")

# ---- elementary functions ------------------------------------------------------------------------------------------


def over_arrays(function):
    @kernel
    def loop(x, out):
        for j in range(x.shape[0]):
            out[j] = function(x[j])

    return loop


def relative_error(name, expected, x):
    x = np.asarray(x, np.float32)
    out = np.empty_like(x)
    over_arrays(getattr(vmath32, name))(x, out)
    exact = expected(x.astype(np.float64))
    return float(np.max(np.abs(out - exact) / np.abs(exact)))


# Of rounding errors half of EPSILON each; an exponential also has that of its argument.
@pytest.mark.parametrize(
    ("name", "expected", "low", "high", "most"),
    [
        ("exp", np.exp, -2.0, 2.0, 1.5),
        ("exp", np.exp, -87.0, 88.0, 12.0),
        ("exp_bounded", np.exp, -8.0, 8.0, 2.0),
        ("log", np.log, 1e-3, 0.9, 1.0),
        ("log", np.log, 1.1, 1e30, 1.0),
        ("exprel", lambda x: np.expm1(x) / x, -20.0, 1e-7, 4.0),
        ("exprel", lambda x: np.expm1(x) / x, 1e-7, 20.0, 4.0),
        ("tanh", np.tanh, 1e-7, 10.0, 3.0),
        ("sqrt", np.sqrt, 1e-30, 1e30, 0.5),
    ],
)
def test_elementary_functions(name, expected, low, high, most):
    assert relative_error(name, expected, np.linspace(low, high, 100_003)) <= most * EPSILON


def test_elementary_functions_at_the_ends():
    x = np.array([-np.inf, -1e30, -100.0, 0.0, 100.0, 1e30, np.inf], np.float32)
    out = np.empty_like(x)
    over_arrays(vmath32.exp)(x, out)
    assert (out[:3] == out[0]).all()
    assert (out[4:] == out[-1]).all()
    np.testing.assert_allclose(out[[0, 3, -1]], [1.2e-38, 1.0, 2.2e38], rtol=0.05)
    over_arrays(vmath32.exprel)(x, out)
    assert out[3] == 1.0
    assert not np.isnan(out).any()
    over_arrays(vmath32.tanh)(x, out)
    np.testing.assert_array_equal(out, [-1, -1, -1, 0, 1, 1, 1])


@kernel
def all_exprel_parts(x, out):
    for j in range(x.shape[0]):
        numerator, denominator = vmath32.exprel_parts(x[j], np.float32(15.0))
        out[j] = numerator / denominator


@kernel
def all_exprel_fractions(x, out):
    for j in range(x.shape[0]):
        e = vmath32.exp(x[j])
        numerator, denominator = vmath32.exprel_fraction(x[j], e, np.float32(1.0))
        out[j] = numerator / denominator


@pytest.mark.parametrize(("function", "most"), [(all_exprel_parts, 5.0), (all_exprel_fractions, 12.0)])
def test_exprel_as_a_fraction(function, most):
    x = np.concatenate([np.logspace(-38, np.log10(14.9), 5000), [0.25, 5e-4]]).astype(np.float32)
    x = np.concatenate([x, np.nextafter(x, np.float32(0.0)), -x])
    out = np.empty_like(x)
    function(x, out)
    np.testing.assert_allclose(out, np.expm1(x.astype(float)) / x.astype(float), rtol=most * EPSILON)
    function(np.zeros(1, np.float32), out[:1])
    assert out[0] == 1.0


@kernel
def all_fma(x, y, z, out):
    for j in range(x.shape[0]):
        out[j] = fma(x[j], y[j], z[j])


def test_fma_rounds_once():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(2, 3000)).astype(np.float32)
    z = (-x * y * rng.choice([1.0, 0.5, 1e-7, 2.0**24], 3000)).astype(np.float32)
    # 1 + 2**-24 + 2**-60 lies above the middle of two numbers, but rounded to a float64, in the middle
    x[:2], y[:2], z[:2] = 2.0**-30, 2.0**-30, 1.0 + 2.0**-23
    x[2:4], y[2:4], z[2:4] = (1.0 + 2.0**-23), [2.0**-24, -(2.0**-24)], 1.0
    out = np.empty_like(x)
    all_fma(x, y, z, out)
    plain = [_fma(*numbers) for numbers in zip(x, y, z, strict=True)]
    assert all(isinstance(one, np.float32) for one in plain)
    np.testing.assert_array_equal(out, plain)
    for j in range(200):
        exact = Fraction(float(x[j])) * Fraction(float(y[j])) + Fraction(float(z[j]))
        around = [np.nextafter(out[j], np.float32(end)) for end in (-np.inf, np.inf)]
        assert all(abs(Fraction(float(out[j])) - exact) <= abs(Fraction(float(one)) - exact) for one in around)


# ---- the twins of models' functions --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 * x", "float32(2.0) * x"),
        ("x - 1e-300", f"x - float32({float(np.finfo(np.float32).tiny)!r})"),
        ("x * 1e300", f"x * float32({float(np.finfo(np.float32).max)!r})"),
        ("x**3", "x ** 3"),
        ("(x + 1)**2", "(x + float32(1.0)) ** 2"),
        ("x**0.5", "float32(float64(x) ** float64(float32(0.5)))"),
        ("math.sin(x)", "float32(math.sin(float64(x)))"),
        ("float(x)", "float32(x)"),
        ("max(x, 0)", "max(x, float32(0.0))"),
        ("exp(1)", "exp(float32(1.0))"),
        ("1 if x > 0 else x", "float32(1.0) if x > float32(0.0) else x"),
        ("(x > 0) * x", "float32(x > float32(0.0)) * x"),
        ("COUNT / 3", "float32(COUNT) / float32(3.0)"),
        ("FACTOR * x", "FACTOR * x"),
        ("x * table[COUNT - 1]", "x * table[COUNT - 1]"),
    ],
)
def test_twins_of_expressions(text, expected):
    source = f"COUNT = 2\nFACTOR = 0.5\n\ndef f(x):\n    return {text}"
    lines = single_precision(source, vmath.__all__).splitlines()
    assert lines[1] == "FACTOR = float32(0.5)"
    assert lines[-1].strip() == f"return {expected}"


def test_whole_numbers_stay_whole():
    text = "def f(x):\n n = 0\n s = 0\n for k in range(3):\n  n += k\n  s += x / (k + 1)\n return s * n"
    twin = single_precision(text)
    for line in ("n = 0", "s = float32(0.0)", "n += k", "s += x / float32(k + 1)", "return s * float32(n)"):
        assert re.search(rf"^ *{re.escape(line)}$", twin, re.MULTILINE), twin


GAIN, TIMES = 3, 4


def weight(x, power):
    total = 0
    for k in range(power):
        total += x / (k + 1)
    return total


class Odd(NeuronModel):
    """Whatever may stand in an update."""

    states = {"v": -65.0, "x": State(0.7), "y": 0.0}
    parameters = {"a": 0.3, "floor": -80.0}
    spike = UpwardCrossing("v", 0.0)
    max_step = 0.1

    @staticmethod
    def update(v, x, y, i, dt, a, floor):
        last, count = x, 1
        count += 1
        if x > 0 and not v >= 3:
            x = x * 2 / GAIN - (v < -64) * a
        elif TIMES > 3:
            x = -x / 2
        y = math.sin(y) + abs(last) ** 1.5 + (1 if v > -60 else a) + float(GAIN) / 7
        y -= count * math.floor(y) + weight(x, TIMES) % 1
        return max(v + dt * (i - 1e-3 * (v + 70)), floor), x, -y if y < 0 else y


def states_of_odd_neurons(precision):
    """Hexadecimal digits of the states of a few cells."""
    cells = Population(Odd, 7, {"a": np.linspace(0.1, 0.7, 7)}, "cells", precision=precision)
    net = Network(cells, StepCurrent(0.0, 1.0, np.linspace(-20.0, 20.0, 7)))
    net.run(3e-3, threads=1)
    return "\n".join(values.tobytes().hex() for values in net.get_states()["cells"].values())


def test_anything_that_may_stand_in_an_update():
    one, other = (
        np.array([np.frombuffer(bytes.fromhex(line), precision) for line in states_of_odd_neurons(precision).split()])
        for precision in PRECISIONS
    )
    assert len(np.unique(one)) > 14
    np.testing.assert_allclose(other, one, rtol=1e-4, atol=1e-5)


def test_plain_python_gives_the_same_bits():
    program = "import numba, test_precision as t; assert numba.config.DISABLE_JIT; print(t.states_of_odd_neurons('{}'))"
    assert run_python(program.format("float32"), NUMBA_DISABLE_JIT="1") == states_of_odd_neurons("float32")


@pytest.mark.parametrize("model", [*MODELS, OwnAxon, ByHand])
def test_the_fused_kernel_is_vectorised_in_single_precision(model, monkeypatch):
    compiled_form = model.compiled_form
    single = lambda varied: compiled_form(varied, SYNAPSES, True, "float32")  # noqa: E731
    monkeypatch.setattr(model, "compiled_form", single)
    machine = {"AMD64": "x86_64", "arm64": "aarch64"}.get(platform.machine(), platform.machine())
    text = assembly(monkeypatch, model, (), np.float32)
    pattern = {"x86_64": VECTOR_ARITHMETIC["x86_64"].replace("pd", "ps"), "aarch64": r"\.4s|z\d+\.s"}[machine]
    assert len(re.findall(pattern, text)) > 60
    assert not re.search(VECTOR_ARITHMETIC[machine], text)
    assert not re.search(r"\bexpf?\b|cvtps2pd|cvtss2sd", text)


# ---- against double precision, and against the published equations -------------------------------------------------

# Lowest and highest current, and by how many substeps a spike within 200 ms may come at another time.
CURRENTS = {
    "HodgkinHuxleyNeuron": (7.0, 30.0, 2), "TraubMilesNeuron": (0.5, 5.0, 2), "WangBuzsakiNeuron": (0.3, 3.0, 2),
    "LIFNeuron": (400.0, 900.0, 1), "COBALIFNeuron": (120.0, 400.0, 1), "AdExNeuron": (600.0, 1500.0, 3),
    "Izhikevich2007Neuron": (60.0, 300.0, 3),
}  # fmt: skip


@pytest.mark.parametrize("model", MODELS)
def test_spikes_come_when_they_do_in_double_precision(model):
    low, high, substeps = CURRENTS[model.__name__]
    monitors = []
    for precision in PRECISIONS:
        cells = Population(model, 67, precision=precision)
        monitors.append(SpikeMonitor(cells))
        Network(cells, StepCurrent(0.0, 1.0, np.linspace(low, high, 67)), monitors[-1]).run(0.2, dt=1e-4, threads=1)
    double, single = (monitor.spike_trains() for monitor in monitors)
    assert monitors[0].count > 300
    assert all(len(double[k]) == len(single[k]) for k in range(67))
    worst = max(np.abs(double[k] - single[k]).max(initial=0.0) for k in range(67))
    assert worst < (substeps + 0.5) * model.max_step * 1e-3


@pytest.mark.parametrize(("model", "current", "most"), [(HodgkinHuxleyNeuron, 12.0, 0.02), (AdExNeuron, 900.0, 0.1)])
def test_spikes_against_a_solver(model, current, most):
    expected, _ = solve(CELLS[model.__name__], np.full(80, current), 1.0)
    cell = Population(model, 1, precision="float32")
    spikes = SpikeMonitor(cell)
    Network(cell, StepCurrent(0.0, 1.0, current), spikes).run(0.08, threads=1)
    assert len(expected) >= 3
    np.testing.assert_allclose(spikes.t * 1e3, expected, rtol=0, atol=most)


def rates(precision, seeds):
    """Mean rates in Hz of a network of excitatory and inhibitory cells, one for each seed."""
    means = []
    for seed in seeds:
        start = {"v": Normal(-65.0, 5.0), "g_exc": Normal(0.2, 0.075, low=0.0), "g_inh": Normal(1.0, 0.6, low=0.0)}
        cells = Population(TraubMilesNeuron, 400, initial=start, precision=precision)
        spikes = SpikeMonitor(cells)
        exc = Projection(cells[:320], cells, weight=0.3, probability=0.02, receptor="exc")
        inh = Projection(cells[320:], cells, weight=3.35, probability=0.02, receptor="inh")
        Network(cells, exc, inh, spikes, seed=seed).run(0.3, dt=1e-4)
        means.append(spikes.count / (400 * 0.3))
    return np.array(means)


def test_a_network_fires_at_the_same_rate():
    double, single = (rates(precision, range(8)) for precision in PRECISIONS)
    assert double.min() > 5.0
    assert not np.array_equal(double, single)  # single spikes differ
    error = np.sqrt((double.var(ddof=1) + single.var(ddof=1)) / len(double))
    assert abs(double.mean() - single.mean()) < 3.0 * error


def after_a_substep(model, v, precision):
    cells = Population(model, len(v), label="cells", initial={"v": v}, precision=precision)
    net = Network(cells)
    net.run(model.max_step * 1e-3, dt=model.max_step * 1e-3, threads=1)
    return np.stack([values.astype(float) for values in net.get_states()["cells"].values()])


@pytest.mark.parametrize("model", [HodgkinHuxleyNeuron, TraubMilesNeuron, WangBuzsakiNeuron])
def test_near_singular_points(model):
    points = np.array([-55.0, -50.0, -48.0, -40.0, -35.0, -34.0, -23.0])
    near = np.concatenate([[0.0], np.logspace(-6, 1, 40)])
    v = (points[:, None] + np.concatenate([near, -near])).ravel()
    double, single = (after_a_substep(model, v, precision) for precision in PRECISIONS)
    np.testing.assert_allclose(single[0], double[0], rtol=0, atol=5e-4)
    np.testing.assert_allclose(single[1:], double[1:], rtol=3e-5, atol=1e-7)


@pytest.mark.parametrize("model", MODELS)
def test_far_from_all_that_happens(model):
    far = np.array([90.0, 150.0, 300.0, 1e3, 3e3, 1e4])
    v = np.concatenate([far, -far])
    double, single = (after_a_substep(model, v, precision) for precision in PRECISIONS)
    assert np.isfinite(double).all()
    assert np.isfinite(single).all()
    for row, state in enumerate(model.states.values()):
        if state.high == 1.0:  # a gate
            assert single[row].min() > -EPSILON
            assert single[row].max() < 1.0 + 4 * EPSILON
            # beyond -165 mV rates stay as they are, in double precision beyond -265 mV
            np.testing.assert_allclose(single[row, v > -180.0], double[row, v > -180.0], rtol=0, atol=5e-3)


# ---- contract and everyday use -------------------------------------------------------------------------------------


class Fading(Receptor):
    """A conductance as a user writes it."""

    states = {"g": State(0.0)}
    parameters = {"decay": 0.5}

    @staticmethod
    def arrive(w, g):
        return g + w

    @staticmethod
    def update(g, decay):
        return g * decay, 0.0, 0.0


@pytest.mark.parametrize("receptor", [ExpCurrent(tau=0.1), BiexpConductance(tau_rise=0.1, tau_decay=0.2), Fading()])
def test_states_that_fade_end_at_zero(receptor):
    names = [f"{name}_r" for name in receptor.states]
    cells = Population(
        LIFNeuron, 3, label="cells", receptors={"r": receptor}, initial=dict.fromkeys(names, 1.0), precision="float32"
    )
    net, states = Network(cells), StateMonitor(cells, names)
    net.add(states)
    net.run(0.1, threads=1)
    for name in names:
        trace = states.traces[name]
        assert not np.any((trace != 0.0) & (np.abs(trace) < 1e-30))
        assert trace[-1, 0] == 0.0


def test_jumps_act_once():
    monitors = []
    for precision in PRECISIONS:
        cells = Population(
            LIFNeuron, 5, receptors={"jump": VoltageJump(), "exc": ExpCurrent()}, precision=precision, max_step=0.1
        )
        monitors.append(StateMonitor(cells))
        inputs = PoissonInput(5, 300.0, 2.0, receptor="jump"), PoissonInput(5, 300.0, 100.0, receptor="exc")
        Network(cells, *inputs, StepCurrent(0.0, 1.0, 100.0), monitors[-1]).run(0.05, threads=1)
    double, single = (monitor.traces["v"] for monitor in monitors)
    assert double.max() > -65.0
    np.testing.assert_allclose(single, double, rtol=0, atol=1e-3)


def single(model=LIFNeuron, n=3, **options):
    return Population(model, n, precision="float32", **options)


def mixed_network():
    """Populations of both precisions that drive each other."""
    single = Population(HodgkinHuxleyNeuron, 23, {"g_k": Normal(36.0, 1.0)}, label="single", precision="float32")
    receptors = {"exc": ExpConductance(tau=Uniform(3.0, 8.0))}
    double = Population(HodgkinHuxleyNeuron, 11, label="double", receptors=receptors)
    spikes = SpikeMonitor(single), SpikeMonitor(double)
    net = Network(
        single, double, *spikes,
        Projection(single, double, 0.3, 0.5, receptor="exc"),
        Projection(double, single, Normal(5.0, 1.0), 0.5, delay=Uniform(1e-3, 3e-3)),
        PoissonInput(23, 400.0, 9.0, target=single),
    )  # fmt: skip
    return net, spikes


def results(connect=lambda net: net, threads=1, parts=1):
    net, spikes = mixed_network()
    connect(net)
    for _ in range(parts):
        net.run(0.06 / parts, 5e-4, threads=threads)
    assert min(one.count for one in spikes) > 10
    return spikes_and_states(net, spikes if net._comm.rank == 0 else [])  # all ranks gather the states


def test_both_precisions_in_a_network_however_divided():
    alone = results()
    assert {array.dtype for array in alone} >= {np.dtype(one) for one in PRECISIONS}
    assert same(results(threads=3, parts=4), alone)
    assert same(on_ranks(3, results), alone)


def test_states_are_float32_and_parameters_as_given():
    start = {"v": [-60.1, -61.0, -62.0, -63.0]}
    cells = Population(HodgkinHuxleyNeuron, 4, {"g_k": 36.1}, initial=start, precision="float32")
    states = StateMonitor(cells, ("v", "m"), record=[2, 0])
    net = Network(cells, states, StepCurrent(0.0, 1.0, 10.0))
    net.run(0.0)
    assert net.get(cells, "v").tolist() == [np.float32(-60.1), -61.0, -62.0, -63.0]
    assert net.get(cells, "g_k").tolist() == [36.1] * 4
    net.run(5e-3)
    first = {name: trace.copy() for name, trace in states.traces.items()}
    assert {trace.dtype for trace in first.values()} == {np.dtype(np.float32)}
    assert first["v"][0].tolist() == [-62.0, np.float32(-60.1)]
    net.reset()
    net.run(5e-3)
    assert all(np.array_equal(states.traces[name], first[name]) for name in first)
    saved = net.get_states()
    net.set(cells, next(iter(saved.values())))
    assert same(spikes_and_states(net), [values for one in saved.values() for values in one.values()])
    net.set(cells[1:3], {"v": -70.1, "g_k": [30.0, 31.0]})
    assert net.get(cells, "v")[1] == np.float32(-70.1)
    net.run(1e-3)
    assert net.get(cells, "g_k").tolist() == [36.1, 30.0, 31.0, 36.1]


def test_parameters_that_differ_between_neurons_in_single_precision():
    params = {"g_na": np.linspace(110.0, 130.0, 7), "e_l": -54.4}
    traces = []
    for precision in PRECISIONS:
        cells = Population(HodgkinHuxleyNeuron, 7, params, precision=precision)
        states = StateMonitor(cells)
        Network(cells, StepCurrent(0.0, 1.0, 5.0), states).run(0.01, threads=1)
        traces.append(states.traces["v"])
    assert np.ptp(traces[0][-1]) > 0.1
    np.testing.assert_allclose(traces[1], traces[0], rtol=0, atol=0.01)


@pytest.mark.parametrize(
    ("call", "kind", "pattern"),
    table(
        [
            (
                lambda: Population(LIFNeuron, 3, precision="half"),
                ValueError,
                "precision 'half'.*'float64' or 'float32'",
            ),
            (lambda: Population(LIFNeuron, 3, precision=np.float32), ValueError, "precision .*'float64' or 'float32'"),
            (lambda: single(params={"i_e": 1e39}), ValueError, r"i_e: 1e\+39 pA.*single precision"),
            (lambda: single(initial={"v": [0.0, -1e39, 0.0]}), ValueError, r"v: 1e\+39 mV.*precision='float64'"),
            (lambda: single(params={"i_e": Uniform(0.0, 1e39)}), ValueError, "single precision"),
            (
                lambda: Network(single(params={"t_ref": 2e6})).run(0.0),
                ValueError,
                r"refractory time of 2e\+06 ms is 2e\+07 substeps.*16777216",
            ),
            (
                lambda: Network(single(params={"c_m": 1e30, "e_l": 1e30})).run(0.0),
                ValueError,
                "beyond the range of single precision",
            ),
        ]
    ),
)
def test_what_single_precision_cannot_do(call, kind, pattern):
    assert_raises(call, kind, pattern)


def test_what_is_refused_is_not_set():
    cells = single()
    net = Network(cells)
    net.run(1e-3)
    before = net.get_states()
    with pytest.raises(ValueError, match="substeps"):
        net.set(cells, {"t_ref": 2e6, "v": -60.0})
    assert (net.get(cells, "t_ref") == 2.0).all()
    assert same(spikes_and_states(net), [values for one in before.values() for values in one.values()])
    net.run(1e-3)


def test_precision_is_part_of_the_description():
    digests = {Network(Population(LIFNeuron, 3, precision=one))._description.digest() for one in PRECISIONS}
    assert len(digests) == 2
