"""Models of one's own: the same results and speed as the built-in ones, and mistakes explained in their terms."""

import importlib.util
import math
import platform
import re
from math import inf

import numpy as np
import pytest
import scipy.linalg
from test_hodgkin_huxley import VECTOR_ARITHMETIC, assembly

from neurocore_nb import (
    GABAB,
    NMDA,
    AdExNeuron,
    COBALIFNeuron,
    ExpConductance,
    ExpCurrent,
    HodgkinHuxleyNeuron,
    Izhikevich2007Neuron,
    Level,
    LIFNeuron,
    Network,
    NeuronModel,
    Population,
    Projection,
    SpikeSource,
    StateMonitor,
    StepCurrent,
    TraubMilesNeuron,
    UpwardCrossing,
    VoltageJump,
    WangBuzsakiNeuron,
)
from neurocore_nb.kernels.vmath import exp, exprel

V_HALF, SLOPE, CEILING = -40.0, np.float64(10.0), inf
RATE = np.float32(0.25)


class OwnAxon(NeuronModel):
    states = HodgkinHuxleyNeuron.states
    parameters = {"c_m": 1.0, "g_na": 120.0, "g_k": 36.0, "g_l": 0.3, "phi": 1.0}
    spike = UpwardCrossing("v", 0.0)
    max_step = 0.01
    rate_factor = "phi"

    @staticmethod
    def rates(v):
        return {
            "m": (1.0 / exprel(-(v + 40.0) / 10.0), 4.0 * exp(-(v + 65.0) / 18.0)),
            "h": (0.07 * exp(-(v + 65.0) / 20.0), 1.0 / (1.0 + exp(-(v + 35.0) / 10.0))),
            "n": (0.1 / exprel(-(v + 55.0) / 10.0), 0.125 * exp(-(v + 65.0) / 80.0)),
        }

    @staticmethod
    def currents(m, h, n, g_na, g_k, g_l):
        return [(g_na * m**3 * h, 50.0), (g_k * n**4, -77.0), (g_l, -54.387)]


def sigmoid(v, half, slope):
    return 1.0 / (1.0 + np.exp(-(v - half) / slope))


def relaxed(x, alpha, beta, dt):
    steady = alpha / (alpha + beta)
    return steady + (x - steady) * math.exp(-(alpha + beta) * dt)


class ByHand(OwnAxon):
    """With helper functions, exponentials of ``math`` and NumPy, and constants of this module."""

    rates = currents = None

    @staticmethod
    def update(v, m, h, n, i, g, dt, c_m, g_na, g_k, g_l):
        m = relaxed(m, 1.0 / exprel((V_HALF - v) / SLOPE), 4.0 * np.exp(-(v + 65.0) / 18.0), dt)
        h = relaxed(h, 0.07 * math.exp(-(v + 65.0) / 20.0), sigmoid(v, -35.0, SLOPE), dt)
        n = relaxed(n, 0.1 / exprel(-(v + 55.0) / SLOPE), RATE / 2.0 * exp(-(v + 65.0) / 80.0), dt)
        total = g + g_na * m**3 * h + g_k * n**4.0 + g_l
        steady = (i + g_na * m**3 * h * 50.0 - g_k * n**4 * 77.0 - g_l * 54.387) / total
        return min(steady + (v - steady) * exp(-dt / c_m * total), CEILING), m, h, n


def final_states(model, n=33, current=12.0, params=None, **options):
    cells = Population(model, n, label="cells", params=params, initial={"v": np.linspace(-80.0, -50.0, n)}, **options)
    net = Network(cells, StepCurrent(0.0, 1.0, current))
    net.run(0.02, threads=1)
    return np.stack(list(net.get_states()["cells"].values()))


def test_the_same_rates_give_the_same_bits():
    np.testing.assert_array_equal(final_states(OwnAxon), final_states(HodgkinHuxleyNeuron))


def test_an_update_by_hand_gives_the_same():
    np.testing.assert_allclose(final_states(ByHand), final_states(HodgkinHuxleyNeuron), rtol=1e-9)


def test_parameters_that_differ_between_neurons():
    params = {"g_na": np.linspace(110.0, 130.0, 33), "g_l": np.linspace(0.2, 0.4, 33)}
    expected = final_states(HodgkinHuxleyNeuron, params=params)
    np.testing.assert_array_equal(final_states(OwnAxon, params=params), expected)
    np.testing.assert_allclose(final_states(ByHand, params=params), expected, rtol=1e-9)


def made(name="Made", base=OwnAxon, **attributes):
    return type(name, (base,), attributes)


def one_gate(rates, currents=None, **attributes):
    """A membrane with a leak and a gate of its own."""
    attributes = {"states": {"v": -65.0, "m": 0.1}, "parameters": {"c_m": 1.0, "g_l": 0.1}} | attributes
    return made(rates=rates, currents=currents or leak_and_gate, rate_factor=1.0, **attributes)


def leak_and_gate(m, g_l):
    return [(g_l * m, -20.0), (g_l, -65.0)]


def with_numbers(v):
    return {"m": (0.1 * exp((v + 40.0) / 10.0), 0.25)}


def with_constants(v):
    return {"m": (0.1 * exp((v - V_HALF) / SLOPE), RATE)}


def with_a_helper(v):
    return {"m": (sigmoid(v, -30.0, 8.0), 0.25)}


def without_a_helper(v):
    return {"m": (1.0 / (1.0 + exp(-(v + 30.0) / 8.0)), 0.25)}


def test_constants_of_the_module_in_rates():
    np.testing.assert_array_equal(final_states(one_gate(with_constants)), final_states(one_gate(with_numbers)))


def test_helpers_and_closures_in_rates():
    half = -30.0

    def enclosing(v):
        return {"m": (1.0 / (1.0 + exp((half - v) / 8.0)), 0.25)}

    expected = final_states(one_gate(without_a_helper))
    np.testing.assert_allclose(final_states(one_gate(with_a_helper)), expected, rtol=1e-12)
    np.testing.assert_allclose(final_states(one_gate(enclosing)), expected, rtol=1e-12)


def test_any_name_may_be_that_of_a_gate_or_parameter():
    def rates(v):
        return {"u": (0.1 * exp((v + 40.0) / 10.0), 0.25)}

    def currents(u, g_0, q0):
        return [(g_0 * u, -20.0), (q0, -65.0)]

    names = {"states": {"v": -65.0, "u": 0.1}, "parameters": {"c_m": 1.0, "g_0": 0.1, "q0": 0.1}}
    np.testing.assert_array_equal(
        final_states(one_gate(rates, currents, **names)), final_states(one_gate(with_numbers))
    )


def test_a_very_steep_rate():
    def rates(v):
        return {"m": (1.0 / (1.0 + exp(-(v - 40.0) / 0.05)), 0.25)}

    states = final_states(one_gate(rates), current=0.0)
    np.testing.assert_allclose(states[1], 0.1 * np.exp(-0.25 * 20.0), rtol=1e-12)


def test_no_gates_at_all():
    class Passive(OwnAxon):
        states = {"v": -65.0}
        rate_factor = 1.0

        @staticmethod
        def rates():
            return {}

        @staticmethod
        def currents(g_l):
            return [(g_l, -65.0), 2.0]

    expected = -65.0 - 2.0 / 0.3 + (np.linspace(-80.0, -50.0, 33) + 65.0 + 2.0 / 0.3) * np.exp(-0.3 * 20.0)
    np.testing.assert_allclose(final_states(Passive, current=0.0)[0], expected, rtol=1e-12)


def test_nothing_but_currents():
    class Capacitor(OwnAxon):
        states = {"v": -65.0}
        rate_factor = 1.0

        @staticmethod
        def rates():
            return {}

        @staticmethod
        def currents(v, g_l):
            return [g_l * (v + 65.0), -1.0]

    expected = (
        -65.0
        + 13.0 / 0.3
        + (np.linspace(-80.0, -50.0, 33) + 65.0 - 13.0 / 0.3) * (1.0 - 0.003 + 0.003**2 / 2.0) ** 2000
    )
    np.testing.assert_allclose(final_states(Capacitor)[0], expected, rtol=1e-12)


def test_an_edit_is_a_new_kernel(tmp_path):
    text = "def update(v, i, dt):\n    return v + dt * FACTOR\n"
    for factor in ("1.0", "2.5", "helper(v)"):
        path = tmp_path / "edited.py"
        path.write_text(f"def helper(v):\n    return 4.0\n\n{text.replace('FACTOR', factor)}")
        spec = importlib.util.spec_from_file_location("edited", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        model = made(states={"v": 0.0}, update=module.update, rates=None, currents=None)
        speed = {"1.0": 1.0, "2.5": 2.5, "helper(v)": 4.0}[factor]
        cells = Population(model, 1, label="cells")
        net = Network(cells)
        net.run(1e-3, threads=1)
        np.testing.assert_allclose(net.get_states()["cells"]["v"], speed, rtol=1e-12)


SYNAPSES = [ExpConductance.form(), ExpCurrent.form(), NMDA.form(), GABAB.form()]


@pytest.mark.parametrize(
    "model",
    [
        HodgkinHuxleyNeuron, TraubMilesNeuron, WangBuzsakiNeuron, LIFNeuron, COBALIFNeuron, AdExNeuron,
        Izhikevich2007Neuron, OwnAxon, ByHand,
    ],
)  # fmt: skip
def test_all_models_are_vectorised_with_their_receptors(model, monkeypatch):
    compiled_form = model.compiled_form
    with_receptors = lambda varied: compiled_form(varied, SYNAPSES, True)  # noqa: E731
    monkeypatch.setattr(model, "compiled_form", with_receptors)
    machine = {"AMD64": "x86_64", "arm64": "aarch64"}.get(platform.machine(), platform.machine())
    text = assembly(monkeypatch, model, ())
    assert len(re.findall(VECTOR_ARITHMETIC[machine], text)) > 60
    assert not re.search(r"\bexp\b", text)


class Clock(NeuronModel):
    """Fires whenever it can; v is held meanwhile, though another variable makes it fire."""

    states = {"v": 0.0, "x": 1.0}
    spike = Level("x", 0.5, refractory=5.0, held=("v",))
    max_step = 1.0

    @staticmethod
    def update(v, x):
        return v, x


def test_jumps_are_lost_while_v_is_held_whatever_makes_the_cell_fire():
    cell = Population(Clock, 1, receptors={"jump": VoltageJump()})
    source, states = SpikeSource(np.array([2, 3, 6]) * 1e-3), StateMonitor(cell)
    Network(cell, source, Projection(source, cell, 3.0, receptor="jump"), states).run(9e-3, threads=1)
    assert states.traces["v"][:, 0].tolist() == [0.0] * 7 + [3.0] * 2


class TwoCompartments(NeuronModel):
    """A soma and a dendrite without channels, and a concentration that follows the dendrite."""

    states = {"ca": 0.5, "v": -60.0, "v_d": -40.0}
    parameters = {"c_m": 2.0, "g_l": 0.1, "g_c": 0.4, "tau": 20.0}
    spike = UpwardCrossing("v", 0.0)
    max_step = 0.1

    @staticmethod
    def rates():
        return {}

    @staticmethod
    def flows(v, v_d, c_m, g_l, g_c, tau):
        loss = (g_l + g_c) / c_m
        return {"v_d": ((g_l * -70.0 + g_c * v) / c_m, loss), "ca": (0.01 * v_d, 1.0 / tau)}

    @staticmethod
    def currents(v_d, g_l, g_c):
        return [(g_l, -70.0), (g_c, v_d)]


def test_states_that_flow_are_exact_to_second_order():
    a = np.array([[-1 / 20.0, 0.0, 0.01], [0.0, -0.25, 0.2], [0.0, 0.2, -0.25]])
    b = np.array([0.0, (0.1 * -70.0 + 3.0) / 2.0, 0.1 * -70.0 / 2.0])
    steady = -np.linalg.solve(a, b)
    exact = steady + scipy.linalg.expm(10.0 * a) @ (np.array([0.5, -60.0, -40.0]) - steady)
    errors = []
    for step in (0.2, 0.1, 0.05):
        cell = Population(TwoCompartments, 1, max_step=step)
        net = Network(cell, StepCurrent(0.0, 1.0, 3.0))
        net.run(0.01)
        errors.append(np.abs([net.get(cell, name)[0] for name in cell.states] - exact))
    assert np.all(errors[0] < [1e-3, 0.02, 0.02])
    ratios = np.array(errors[:-1]) / errors[1:]
    assert np.all((ratios > 3.7) & (ratios < 4.3))
