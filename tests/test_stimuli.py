"""Stimuli give each neuron the current it should have in each step."""

import gc

import numpy as np
import pytest
from builders import DT, E_L, cells, injected, passive_cells, run

from neurocore_nb import Network, PoissonInput, StateMonitor, StepCurrent, TimedArray


def currents_into(population, *objects, steps, dt=DT, seed=42):
    """Current of each step into each neuron of passive cells."""
    monitor = StateMonitor(population)
    net = Network(population, *objects, monitor, seed=seed)
    run(net, (steps + 1) * dt, dt)
    return injected(monitor.traces["v"], dt)


def test_a_step_current_flows_in_exactly_its_steps():
    received = currents_into(passive_cells(2), StepCurrent(3 * DT, 7 * DT, [2.0, -1.0]), steps=10)
    assert received == pytest.approx(np.outer([0, 0, 0, 1, 1, 1, 1, 0, 0, 0], [2.0, -1.0]), abs=1e-9)


def test_a_step_current_of_no_length_does_nothing():
    received = currents_into(passive_cells(1), StepCurrent(2 * DT, 2 * DT, 5.0), steps=5)
    assert received == pytest.approx(np.zeros((5, 1)), abs=1e-9)


def test_currents_add_up():
    steps = [StepCurrent(0.0, 3 * DT, 1.0), StepCurrent(1 * DT, 4 * DT, 2.0), TimedArray([0.5], DT)]
    received = currents_into(passive_cells(1), *steps, steps=5)
    assert received[:, 0] == pytest.approx([1.5, 3.5, 3.5, 2.5, 0.5], abs=1e-9)


def test_a_timed_array_holds_each_value_and_the_last_one_on():
    received = currents_into(passive_cells(2), TimedArray([1.0, -2.0, 3.0], 2 * DT), steps=9)
    assert received == pytest.approx(np.outer([1, 1, -2, -2, 3, 3, 3, 3, 3], [1, 1]), abs=1e-9)


def test_a_timed_array_with_a_value_for_each_neuron():
    values = np.arange(6.0).reshape(3, 2)
    received = currents_into(passive_cells(2), TimedArray(values, DT), steps=5)
    assert received == pytest.approx(values[[0, 1, 2, 2, 2]], abs=1e-9)


def test_currents_continue_over_runs():
    population = passive_cells(1)
    monitor = StateMonitor(population)
    net = Network(population, StepCurrent(2 * DT, 5 * DT, 1.0), TimedArray([0.0, 4.0, 8.0], 3 * DT), monitor)
    for steps in (1, 3, 5):
        run(net, steps * DT)
    assert injected(monitor.traces["v"])[:, 0] == pytest.approx([0, 0, 1, 5, 5, 4, 8, 8], abs=1e-9)


@pytest.mark.parametrize(
    "make",
    [
        lambda target: StepCurrent(0.0, 9 * DT, 3.0, target=target),
        lambda target: TimedArray([3.0], DT, target=target),
        lambda target: PoissonInput(2, 5000.0, 1.0, target=target),
    ],
)
def test_stimuli_go_to_the_first_population_or_to_their_target(make):
    assert (stimulated(lambda first, second: make(None)) == [True, True, False, False, False, False]).all()
    assert (stimulated(lambda first, second: make(second[1:3])) == [False, False, False, True, True, False]).all()


def stimulated(make):
    first, second = passive_cells(2, "first"), passive_cells(4, "second")
    net = Network(first, second, make(first, second))
    run(net, 5 * DT)
    states = net.get_states()
    return np.concatenate([states["first"]["v"], states["second"]["v"]]) > E_L + 0.01


def test_a_stimulus_without_a_target_goes_to_the_first_population_of_its_next_network():
    drive = PoissonInput(2, 100.0, 1.0)
    first = Network(cells(2, "first"), drive)
    run(first, 0.001)
    del first
    gc.collect()
    assert Network(cells(2, "second"), drive).stimuli == [drive]


def test_poisson_input_reaches_the_first_n_neurons_of_its_target():
    received = currents_into(passive_cells(5), PoissonInput(3, 5000.0, 1.0), steps=20)
    assert (received[:, :3].sum(0) > 1.0).all()
    assert received[:, 3:] == pytest.approx(np.zeros((20, 2)), abs=1e-9)


@pytest.mark.parametrize("rate", [20.0, 1000.0, 7000.0, 40_000.0])
def test_poisson_counts_have_the_mean_and_variance_of_their_rate(rate):
    n, steps, weight = 100, 200, 0.25
    counts = currents_into(passive_cells(n), PoissonInput(n, rate, weight), steps=steps) / weight
    assert counts == pytest.approx(np.rint(counts), abs=1e-6)
    expected, samples = rate * DT, n * steps
    assert abs(counts.mean() - expected) < 5.0 * np.sqrt(expected / samples)
    assert abs(counts.var() - expected) < 5.0 * np.sqrt((expected + 2.0 * expected**2) / samples)


def test_poisson_counts_of_neurons_steps_and_inputs_are_independent():
    n, steps = 40, 500
    one = currents_into(passive_cells(n), PoissonInput(n, 1000.0, 1.0), steps=steps)
    two = currents_into(passive_cells(n), PoissonInput(n, 1.0, 0.0), PoissonInput(n, 1000.0, 1.0), steps=steps)
    bound = 5.0 / np.sqrt(steps)
    assert abs(np.corrcoef(one.T) - np.eye(n)).max() < bound
    assert abs(np.corrcoef(one[1:].ravel(), one[:-1].ravel())[0, 1]) < bound
    assert abs(np.corrcoef(one.ravel(), two.ravel())[0, 1]) < bound


def test_poisson_rates_and_weights_per_neuron():
    rates, weights = np.array([0.0, 1000.0, 4000.0]), np.array([1.0, -2.0, 0.5])
    received = currents_into(passive_cells(3), PoissonInput(3, rates, weights), steps=1000)
    expected = rates * DT * weights
    assert (abs(received.mean(0) - expected) <= 5.0 * abs(weights) * np.sqrt(rates * DT / 1000) + 1e-9).all()


def test_seeds_decide_the_noise():
    def noise(of_network=42, of_input=None):
        drive = PoissonInput(4, 1000.0, 1.0, seed=of_input)
        return currents_into(passive_cells(4), drive, steps=20, seed=of_network)

    assert np.array_equal(noise(), noise())
    assert not np.array_equal(noise(), noise(of_network=5))
    assert not np.array_equal(noise(), noise(of_input=5))
    assert np.array_equal(noise(of_input=5), noise(of_network=7, of_input=5))


def test_few_counts_are_zero_where_the_mean_is_large():
    mean, n, steps = 10.0, 2000, 250
    population = passive_cells(n)
    counts = currents_into(population, PoissonInput(n, mean / DT, 1.0), steps=steps)
    zeros, expected = int(np.sum(np.abs(counts) < 0.5)), n * steps * np.exp(-mean)
    assert abs(zeros - expected) < 4.0 * np.sqrt(expected)  # 23 +- 5; twice as many if zeros are ruled out twice


def test_an_empty_part_is_no_missing_target():
    population = cells()
    with pytest.raises(ValueError, match="longer than its target"):
        Network(population, PoissonInput(2, 10.0, 1.0, target=population[3:3]))
