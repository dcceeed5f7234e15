"""States and parameters that are read and set between runs."""

import numpy as np
import pytest
from builders import DT, E_L, G_L, assert_raises, cells, passive_cells, run, table
from networks import same, spikes_and_states
from ranks import on_ranks

from neurocore_nb import (
    ExpConductance,
    HodgkinHuxleyNeuron,
    LIFNeuron,
    Network,
    Normal,
    PoissonPopulation,
    Population,
    SpikeMonitor,
    StepCurrent,
)


def built(*objects, **options):
    net = Network(*objects, **options)
    run(net, 0.0)
    return net


def test_a_state_that_is_set_is_where_the_run_goes_on():
    population = passive_cells(3)
    net = built(population)
    net.set(population[1:], {"v": [E_L + 8.0, E_L - 3.0]})
    run(net, 2 * DT)
    expected = E_L + np.array([0.0, 8.0, -3.0]) * np.exp(-G_L * 2.0)
    np.testing.assert_allclose(net.get(population, "v"), expected, atol=1e-12)
    np.testing.assert_allclose(net.get(population[1:2], "v"), expected[1:2], atol=1e-12)


def test_a_parameter_of_all_or_of_some():
    population = passive_cells(4)
    net = built(population)
    net.set(population, {"v": E_L + 1.0, "c_m": 2.0})
    net.set(population[:2], {"g_l": 0.1})
    np.testing.assert_array_equal(net.get(population, "g_l"), [0.1, 0.1, G_L, G_L])
    run(net, 4 * DT)
    expected = E_L + np.exp(-np.array([0.1, 0.1, G_L, G_L]) * 4.0 / 2.0)
    np.testing.assert_allclose(net.get(population, "v"), expected, atol=1e-12)


def test_a_parameter_of_a_receptor_and_its_state():
    population = Population(LIFNeuron, 3, receptors={"syn": ExpConductance(tau=5.0)})
    net = built(population)
    net.set(population, {"g_syn": 1.0})
    net.set(population[2:], {"syn.tau": 10.0})
    run(net, 4 * DT)
    np.testing.assert_allclose(net.get(population, "g_syn"), np.exp([-0.8, -0.8, -0.4]), rtol=1e-13)
    np.testing.assert_array_equal(net.get(population, "syn.tau"), [5.0, 5.0, 10.0])


def test_as_if_it_had_been_given_at_the_start():
    values = {"g_na": Normal(110.0, 5.0), "g_k": np.linspace(30.0, 40.0, 9)}

    def trial(params, after):
        population = cells(9, params=params)
        monitor = SpikeMonitor(population)
        net = built(population, StepCurrent(0.0, 0.1, 12.0), monitor)
        if after:
            net.set(population, after)
        run(net, 0.05, 1e-3)
        return spikes_and_states(net, [monitor])

    drawn = built(population := cells(9, params=values)).get(population, "g_na")
    assert drawn.std() > 1.0
    exact = values | {"g_na": drawn}
    assert same(trial(None, exact), trial(exact, None))


@pytest.mark.parametrize("ranks", [2, 3, 5])
def test_the_same_on_any_number_of_ranks(ranks):
    def program(connect):
        population = cells(7)
        net = connect(Network(population, StepCurrent(0.0, 0.1, 12.0)))
        net.run(0.0, threads=1)
        net.set(population[2:6], {"v": Normal(-60.0, 5.0), "g_na": [90.0, 100.0, 110.0, 120.0]})
        net.set(population, {"celsius": 7.0})
        net.run(0.01, threads=1)
        net.set(population[3:4], {"v": Normal(-60.0, 5.0)})
        net.run(0.02, threads=1)
        return [net.get(population, name) for name in ("v", "m", "g_na", "celsius")]

    assert same(on_ranks(ranks, program), on_ranks(1, program))


def test_a_reset_brings_states_back_and_leaves_parameters():
    population = passive_cells(2)
    net = built(population)
    net.set(population, {"v": -10.0, "g_l": 0.5})
    net.reset()
    np.testing.assert_array_equal(net.get(population, "v"), [E_L, E_L])
    np.testing.assert_array_equal(net.get(population, "g_l"), [0.5, 0.5])


def test_get_states_has_all_states():
    population = Population(LIFNeuron, 3, label="lif", receptors={"syn": ExpConductance()})
    states = built(population, PoissonPopulation(2, 1.0)).get_states()
    assert {name: list(values) for name, values in states.items()} == {"lif": ["v", "refractory", "g_syn"]}


one = built(population := Population(HodgkinHuxleyNeuron, 3, label="exc"), source := PoissonPopulation(2, 1.0))
stranger = cells()
ERRORS = table([
    (lambda: Network(stranger).get(stranger, "v"), RuntimeError, r"no states yet.*run\(0.0\)"),
    (lambda: one.get(population, "x"), ValueError, r"exc.*'x'.*v, m, h, n, c_m"),
    (lambda: one.set(population, {"g_x": 1.0}), ValueError, r"exc.*'g_x'"),
    (lambda: one.set(population, {"v": [1.0, 2.0]}), ValueError, r"exc.*v.*\(2,\).*\(3,\).*mV"),
    (lambda: one.set(population[1:], {"v": np.nan}), ValueError, r"v.*nan.*mV"),
    (lambda: one.set(population, {"c_m": 0.0}), ValueError, r"c_m.*above 0 uF/cm2"),
    (lambda: one.set(population, 3.0), TypeError, r"dict.*3.0"),
    (lambda: one.set(source, {"v": 1.0}), TypeError, r"only sends spikes"),
    (lambda: one.set(stranger, {"v": 1.0}), ValueError, r"isn't part of the network"),
    (lambda: one.set("exc", {"v": 1.0}), TypeError, r"Population.*'exc'"),
])  # fmt: skip


@pytest.mark.parametrize(("call", "kind", "pattern"), ERRORS)
def test_errors_set_nothing(call, kind, pattern):
    before = one.get_states()["exc"]["v"].copy()
    assert_raises(call, kind, pattern)
    np.testing.assert_array_equal(one.get_states()["exc"]["v"], before)
