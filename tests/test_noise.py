"""Currents and conductances that depend on time: sinusoids, noise, and rates given by functions."""

import numpy as np
import pytest
from builders import DT, E_L, G_L, assert_raises, cells, injected, passive_cells, run, table
from scipy import stats
from test_stimuli import currents_into

from neurocore_nb import (
    ExpCurrent,
    LIFNeuron,
    Network,
    OUConductance,
    OUCurrent,
    PoissonInput,
    Population,
    SinusoidalCurrent,
    StateMonitor,
    StepCurrent,
)


def middles(steps, dt=DT):
    return (np.arange(steps) + 0.5) * dt


# ---- sinusoids and steps ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amplitude", "frequency_hz", "phase", "offset"),
    [
        (2.0, 8.0, 0.0, 0.0),
        (2.0, 8.0, 0.5, 1.0),
        ([1.0, 2.0, 3.0], 40.0, [0.0, 1.0, 2.0], [0.0, -1.0, 1.0]),
        (1.5, [5.0, 10.0, 33.0], 0.3, 0.2),
        ([1.0, 2.0, 3.0], [5.0, 0.0, 33.0], [0.0, 1.0, 2.0], 0.0),
    ],
)
def test_a_sinusoid_has_its_value_at_the_middle_of_each_step(amplitude, frequency_hz, phase, offset):
    wave = SinusoidalCurrent(amplitude, frequency_hz, phase, offset)
    received = currents_into(passive_cells(3), wave, steps=70)
    t = middles(70)[:, None]
    expected = np.array(offset) + np.array(amplitude) * np.sin(2 * np.pi * np.array(frequency_hz) * t + np.array(phase))
    assert received == pytest.approx(np.broadcast_to(expected, (70, 3)), abs=1e-9)


def test_steps_may_begin_and_end_at_other_times_for_each_neuron():
    step = StepCurrent(np.array([1, 2, 0]) * DT, np.array([3, 5, 0]) * DT, [1.0, 2.0, 3.0])
    received = currents_into(passive_cells(3), step, steps=6)
    expected = np.array([[0, 0, 0], [1, 0, 0], [1, 2, 0], [0, 2, 0], [0, 2, 0], [0, 0, 0]])
    assert received == pytest.approx(expected, abs=1e-9)


# ---- Poisson rates that depend on time -------------------------------------------------------------------------------


def test_a_rate_may_be_a_function_of_time():
    n, steps = 500, 400
    drive = PoissonInput(n, lambda t: 100.0 * (1.0 + np.sin(2 * np.pi * 5.0 * t)), 1.0)
    counts = currents_into(passive_cells(n), drive, steps=steps).sum(axis=1)
    expected = n * DT * 100.0 * (1.0 + np.sin(2 * np.pi * 5.0 * middles(steps)))
    residues = (counts - expected) / np.sqrt(np.maximum(expected, 1.0))
    assert abs(residues.mean()) < 4.5 / np.sqrt(steps)
    assert stats.linregress(expected, counts).slope == pytest.approx(1.0, abs=0.05)


def test_a_constant_function_is_the_constant():
    rates = np.linspace(0.0, 20_000.0, 9)
    drives = [PoissonInput(9, rates, 1.0), PoissonInput(9, lambda t: rates, 1.0)]
    constant, function = (currents_into(passive_cells(9), drive, steps=100) for drive in drives)
    np.testing.assert_array_equal(constant, function)


# ---- Ornstein-Uhlenbeck processes ------------------------------------------------------------------------------------


def test_a_noisy_current_has_its_mean_deviation_and_correlation():
    n, steps, tau = 400, 300, 10 * DT
    noise = currents_into(passive_cells(n), OUCurrent(mean=3.0, sd=2.0, tau=tau), steps=steps)
    assert noise.mean() == pytest.approx(3.0, abs=0.05)
    assert noise.std() == pytest.approx(2.0, rel=0.02)
    assert noise[0].std() == pytest.approx(2.0, rel=0.12)  # stationary from the start
    deviation = (noise - 3.0) / 2.0
    for lag in (1, 5, 20):
        found = (deviation[lag:] * deviation[:-lag]).mean()
        assert found == pytest.approx(np.exp(-lag * DT / tau), abs=0.03)
    correlations = np.corrcoef(deviation.T)[np.triu_indices(n, 1)]
    assert correlations.mean() == pytest.approx(0.0, abs=0.01)
    innovations = (deviation[1:] - deviation[:-1] * np.exp(-DT / tau)) / np.sqrt(-np.expm1(-2 * DT / tau))
    assert stats.kstest(innovations[::7, ::3].ravel(), "norm").pvalue > 1e-3


def test_noise_may_differ_between_neurons_and_inputs_are_independent():
    mean, sd = np.array([0.0, 5.0, -2.0]), np.array([0.0, 1.0, 0.5])
    noise = currents_into(passive_cells(3), OUCurrent(mean, sd, 2 * DT), steps=2000)
    assert noise.mean(axis=0) == pytest.approx(mean, abs=0.1)
    assert noise.std(axis=0) == pytest.approx(sd, rel=0.1, abs=1e-8)
    two = [
        currents_into(passive_cells(1), *[OUCurrent(0.0, 1.0, 2 * DT) for _ in range(k)], steps=2000) for k in (1, 2)
    ]
    assert two[1].std() == pytest.approx(np.sqrt(2.0) * two[0].std(), rel=0.1)


def test_a_seed_replaces_that_of_the_network():
    def noise(given, whole):
        return currents_into(passive_cells(2), OUCurrent(0.0, 1.0, 2 * DT, seed=given), steps=20, seed=whole)

    np.testing.assert_array_equal(noise(7, 1), noise(7, 2))
    assert not np.array_equal(noise(None, 1), noise(None, 2))


def test_noise_goes_on_over_runs_and_a_reset_repeats_it():
    def traces(*parts):
        population = passive_cells(2)
        monitor = StateMonitor(population)
        net = Network(population, OUCurrent(0.0, 1.0, 2 * DT), monitor)
        for part in parts:
            run(net, part * DT)
        return net, monitor

    net, whole = traces(30)
    _, pieces = traces(7, 0, 23)
    np.testing.assert_array_equal(whole.traces["v"], pieces.traces["v"])
    before = whole.traces["v"].copy()
    net.reset()
    run(net, 30 * DT)
    np.testing.assert_array_equal(whole.traces["v"], before)


def test_a_conductance_draws_towards_its_reversal_potential():
    population = passive_cells(2)
    net = Network(population, OUConductance(mean=0.2, sd=0.0, tau=1.0, e_rev=[0.0, -90.0]))
    run(net, 5 * DT)
    g = 0.2 + G_L
    steady = (0.2 * np.array([0.0, -90.0]) + G_L * E_L) / g
    expected = steady + (E_L - steady) * np.exp(-g * 5.0)
    np.testing.assert_allclose(net.get(population, "v"), expected, atol=1e-11)


def test_a_conductance_is_never_negative():
    population = passive_cells(200)
    monitor = StateMonitor(population)
    run(Network(population, OUConductance(0.0, 0.1, 3 * DT, e_rev=0.0), monitor), 200 * DT)
    drawn = injected(monitor.traces["v"])
    assert drawn.min() > -1e-9
    assert drawn.max() > 1.0


def test_a_sinusoid_acts_on_the_model_in_its_unit():
    population = Population(LIFNeuron, 1, receptors={"syn": ExpCurrent()})
    net = Network(population, SinusoidalCurrent(0.0, 1.0, offset=100.0))
    run(net, 0.2)
    assert net.get(population, "v") == pytest.approx(-70.0 + 100.0 * 10.0 / 250.0, abs=1e-6)


ERRORS = table([
    (lambda: OUCurrent(0.0, -1.0, 0.01), ValueError, r"OUCurrent: sd.*at least 0"),
    (lambda: OUCurrent(0.0, 1.0, 0.0), ValueError, r"OUCurrent: tau.*above 0 s"),
    (lambda: OUConductance(-0.1, 1.0, 0.01, 0.0, target=cells()), ValueError, r"OUConductance: mean.*mS/cm2.*least 0"),
    (lambda: OUCurrent([0.0, 1.0], [1.0, 1.0, 1.0], 0.01), ValueError, r"OUCurrent: arrays of different lengths"),
    (lambda: Network(cells(), OUCurrent([0.0, 1.0], 1.0, 0.01)), ValueError, r"2 neurons.*has 5"),
    (lambda: OUCurrent("x", 1.0, 0.01), TypeError, r"OUCurrent: mean.*'x'"),
    (lambda: SinusoidalCurrent(1.0, -2.0), ValueError, r"frequency_hz.*at least 0 Hz"),
    (lambda: SinusoidalCurrent(np.nan, 2.0), ValueError, r"amplitude.*nan"),
    (lambda: SinusoidalCurrent([1.0, 2.0], [1.0, 2.0, 3.0]), ValueError, r"different lengths"),
    (lambda: run(Network(cells(), PoissonInput(5, lambda t: "x", 1.0)), DT), ValueError, r"PoissonInput.*function"),
    (lambda: run(Network(cells(), PoissonInput(5, lambda t: [1.0], 1.0)), DT), ValueError, r"\(1,\).*or 5"),
    (lambda: run(Network(cells(), PoissonInput(5, lambda t: np.nan, 1.0)), DT), ValueError, r"no finite number"),
    (lambda: PoissonInput(5, 1.0, 1.0, receptor="ampa", target=cells()), ValueError, r"no receptor 'ampa'"),
    (lambda: Network(cells(), PoissonInput(5, 1.0, 1.0, receptor="ampa")), ValueError, r"exc.*no receptor 'ampa'"),
    (lambda: StepCurrent([0.1, 0.2], [0.2, 0.1], 1.0), ValueError, r"offset.*before onset"),
])  # fmt: skip


@pytest.mark.parametrize(("call", "kind", "pattern"), ERRORS)
def test_errors(call, kind, pattern):
    assert_raises(call, kind, pattern)
