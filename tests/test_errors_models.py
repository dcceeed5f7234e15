"""Mistakes in models and receptors of one's own are explained at the line that uses them, in their own terms."""

import math

import mistakes
import pytest
from builders import assert_raises

from neurocore_nb import Level, LIFNeuron, NeuronModel, Population, Receptor, State, UpwardCrossing

HINT = "write x / (exp(x) - 1) as 1 / exprel(x), with exprel of neurocore_nb.kernels.vmath"


class Right(NeuronModel):
    """What the mistakes below are made in."""

    states = {"v": -65.0, "m": 0.1}
    parameters = {"c_m": 1.0, "g_l": 0.1}
    spike = UpwardCrossing("v", 0.0)
    max_step = 0.01

    @staticmethod
    def rates(v):
        return {"m": (0.1, 0.2)}

    @staticmethod
    def currents(m, g_l):
        return [(g_l * m, -20.0), (g_l, -65.0)]


BY_HAND = {"rates": None, "currents": None}
UPDATES = [
    (mistakes.too_few, r"Wrong.update returns 1 values, but must return 2: v, m"),
    (mistakes.returns_nothing, r"Wrong.update returns nothing; it must return v, m"),
    (mistakes.without_a_value, r"Wrong.update returns 1 value, but must return 2: v, m"),
    (mistakes.unknown_name, r"Wrong.update uses the name 'undefined', which is neither an argument nor defined"),
    (
        mistakes.unknown_argument,
        r"Wrong.update takes 'g_ca', which is neither a state nor a parameter; known are v, m, c_m, g_l",
    ),
    (mistakes.with_self, r"Wrong.update takes 'self', which is neither"),
    (mistakes.text, r"Wrong.update holds \"'abc'\", which can't be compiled; calculate with numbers"),
    (mistakes.nothing, r"Wrong.update holds 'None', which can't be compiled"),
    (mistakes.formatted, r"Wrong.update holds .*, which can't be compiled"),
    (mistakes.a_list, r"Wrong.update holds '\[v, m\]', which can't be compiled"),
    (mistakes.printing, r"Wrong.update uses 'print', which can't be compiled; use abs"),
    (mistakes.of_an_array, r"Wrong.update uses 'TABLE', a ndarray; only numbers, plain functions"),
    (mistakes.of_where, r"Wrong.update uses np.where, which can't be compiled"),
    (mistakes.recursive, r"Wrong.factorial calls 'factorial', which is being called: recursion can't be compiled"),
    (mistakes.mutually_recursive, r"Wrong.odd calls 'even', which is being called: recursion"),
    (mistakes.called_wrongly, r"Wrong.update fails in the initial state: .*one_argument\(\) .* 2 were given"),
    (mistakes.three_values, r"Wrong.update returns 3 values, but must return 2: v, m"),
    (mistakes.attribute, r"Wrong.update fails in the initial state: .*real_part"),
    (mistakes.of_gate, r"Wrong.update uses 'gate' of its own, a name that has another meaning here; rename it"),
    (mistakes.compiled, r"Wrong.update must be a plain function, which will be compiled, not CPUDispatcher"),
    (lambda v, m: (v, m), r"Wrong.update must be a function written with def"),
    (math.hypot, r"Wrong.update must be a function written with def"),
]


def wrong(**attributes):
    return lambda: Population(type("Wrong", (Right,), attributes), 1)


@pytest.mark.parametrize(("update", "pattern"), UPDATES)
def test_updates(update, pattern):
    assert_raises(wrong(update=staticmethod(update), **BY_HAND), TypeError, pattern)


# ---- rates and currents ----------------------------------------------------------------------------------------------


WRONG = [
    ({"rates": mistakes.naive}, ValueError, r"Wrong.rates divides by zero at v = -40 mV; " + HINT),
    ({"rates": mistakes.missing}, TypeError, r"Wrong.rates returns rates of nothing, but the states beside v are m"),
    ({"rates": mistakes.not_a_pair}, TypeError, r"Wrong.rates must return a dict such as \{'m': \(alpha, beta\)\}"),
    ({"rates": mistakes.not_a_dict}, TypeError, r"Wrong.rates must return a dict such as"),
    ({"rates": mistakes.negative}, ValueError, r"Wrong.rates: the opening rate of m is -15.0 per ms at v = -150 mV"),
    ({"rates": mistakes.both_zero}, ValueError, r"Wrong.rates: the opening and the closing rate of m are both 0"),
    ({"rates": mistakes.out_of_domain}, ValueError, r"Wrong.rates fails at v = -150 mV: .*math domain|nonnegative"),
    (
        {"rates": mistakes.of_a_gate},
        TypeError,
        r"Wrong.rates takes 'm'; it may take v, parameters and states that flow",
    ),
    ({"rates": mistakes.twice}, TypeError, r"Wrong.rates assigns 'alpha' twice; give each value a name of its own"),
    ({"rates": mistakes.with_if}, TypeError, r"Wrong.rates may hold assignments to names and one return; not .if v"),
    ({"rates": mistakes.unpacking}, TypeError, r"Wrong.rates may hold assignments to names and one return"),
    ({"rates": None}, TypeError, r"the model Wrong must have either update, or rates and currents"),
    ({"flows": mistakes.naive}, TypeError, r"Wrong.rates returns rates of m, but the states beside v are none"),
    ({"flows": mistakes.of_nothing_there}, TypeError, r"Wrong.flows returns 'ca', but the states beside v are m"),
    ({"flows": mistakes.not_a_dict}, TypeError, r"Wrong.flows must return a dict such as \{'ca': \(inflow, loss\)\}"),
    ({"flows": mistakes.unknown_parameter}, TypeError, r"Wrong.flows takes 'g_ca', which is neither a state nor"),
    ({"update": mistakes.too_few, "flows": mistakes.naive, **BY_HAND}, TypeError, r"has update, .* leave flows out"),
    ({"currents": mistakes.unknown_parameter}, TypeError, r"Wrong.currents takes 'g_ca', which is neither a state nor"),
    ({"currents": mistakes.no_list}, TypeError, r"Wrong.currents must return a list such as \[\(g_l, e_l\)\]"),
    ({"currents": mistakes.triple}, TypeError, r"Wrong.currents: \(g_l, m, 3.0\) is no pair"),
    ({"rate_factor": "phi"}, TypeError, r"Wrong names the parameter 'phi', which it doesn't have"),
    ({"parameters": {"g_l": 0.1}}, TypeError, r"the model Wrong needs the parameter c_m, its capacitance in uF/cm2"),
    ({"parameters": {"c_m": 1.0, "g_l": 0.1, "m": 1.0}}, TypeError, r"can't have a state and parameter.*'m'"),
    ({"parameters": {"c_m": 1.0, "g_l": 0.1, "dt": 1.0}}, TypeError, r"can't have.*'dt'"),
    ({"parameters": {"c_m": 1.0, "g_l": 0.1, "relax": 1.0}}, TypeError, r"can't have .* called 'relax'; rename it"),
    ({"states": {"m": State(0.1)}}, TypeError, r"the model Wrong has no state 'v', the membrane potential"),
    ({"spike": UpwardCrossing("w", 0.0)}, TypeError, r"Wrong.spike names the state 'w'; the states are v, m"),
    ({"spike": Level("v", 0.0, held=("w",))}, TypeError, r"Wrong.spike names the state 'w'"),
    ({"spike": Level("v", "v_th")}, TypeError, r"Wrong names the parameter 'v_th', which it doesn't have"),
    ({"spike": 0.0}, TypeError, r"Wrong.spike must be UpwardCrossing\(...\) or Level\(...\), not 0.0"),
    ({"reset": mistakes.one_argument}, TypeError, r"Wrong.reset returns 1 values, but must return 2: v, m"),
    (
        {"update": mistakes.of_helper, "reset": mistakes.reset_with_helper(), **BY_HAND},
        TypeError,
        r"Wrong.reset uses 'helper', .* rename",
    ),
]


@pytest.mark.parametrize(("attributes", "kind", "pattern"), WRONG)
def test_declarations(attributes, kind, pattern):
    assert_raises(wrong(**attributes), kind, pattern.replace(HINT, "write x / "))


@pytest.mark.parametrize("attribute", ["states", "spike", "max_step"])
def test_what_is_missing_is_named(attribute):
    given = {"states": {"v": 0.0}, "spike": UpwardCrossing("v", 1.0), "max_step": 0.1, "update": mistakes.three}
    del given[attribute]
    model = type("Wrong", (NeuronModel,), given)
    assert_raises(lambda: Population(model, 1), TypeError, f"the model Wrong doesn't declare {attribute}")


# ---- receptors -------------------------------------------------------------------------------------------------------


def jump(w, g):
    return g + w


def decay(g, tau):
    return g, g, 0.0


def with_step(w, g, dt):
    return g + w * dt


def with_unknown(g, tau, e_rev):
    return g, g, 0.0


def with_two_values(g, tau):
    return g, g


RECEPTORS = [
    ({"arrive": jump}, r"the receptor Wrong must have a function 'update', written with def"),
    ({"update": decay}, r"the receptor Wrong must have a function 'arrive', written with def"),
    ({"arrive": with_step, "update": decay}, r"Wrong.arrive takes 'dt'; it may take w, g, tau"),
    ({"arrive": jump, "update": with_unknown}, r"Wrong.update takes 'e_rev'; it may take g, tau, v, dt"),
    ({"arrive": jump, "update": with_two_values}, r"Wrong.update returns 2 values, but must return 3: g, current and"),
    (
        {"arrive": jump, "update": decay, "derive": mistakes.one_argument},
        r"Wrong.derive takes 'v'; it may take tau",
    ),
]


@pytest.mark.parametrize(("attributes", "pattern"), RECEPTORS)
def test_receptors(attributes, pattern):
    functions = {name: staticmethod(function) for name, function in attributes.items()}
    receptor = type("Wrong", (Receptor,), {"states": {"g": 0.0}, "parameters": {"tau": 5.0}, **functions})
    assert_raises(lambda: Population(LIFNeuron, 1, receptors={"syn": receptor()}), TypeError, pattern)
