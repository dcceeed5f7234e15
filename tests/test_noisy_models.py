"""Noise of a model's own: its distribution, its rate of spikes, and the same numbers on any number of ranks."""

import numpy as np
import pytest
from ranks import on_ranks
from scipy.integrate import quad
from scipy.special import erfcx

from neurocore_nb import (
    Level,
    Network,
    NeuronModel,
    Population,
    SpikeMonitor,
    StateMonitor,
    StepCurrent,
    StochasticLIFNeuron,
)

N = 2000


class Diffusion(NeuronModel):
    """Nothing but its noise."""

    states = {"v": 0.0}
    spike = Level("v", 1e9)
    max_step = 0.05

    @staticmethod
    def update(v, noise):
        return noise


def test_numbers_are_standard_normal_and_independent():
    cells = Population(Diffusion, N)
    states = StateMonitor(cells)
    Network(cells, states).run(0.05, dt=1e-4)
    x = states.traces["v"][1:]
    standard_error = 1.0 / np.sqrt(x.size)
    assert abs(x.mean()) < 4.0 * standard_error
    assert abs(x.var() - 1.0) < 4.0 * np.sqrt(2.0) * standard_error
    assert abs((x**4).mean() - 3.0) < 4.0 * np.sqrt(96.0) * standard_error
    assert abs((x[1:] * x[:-1]).mean()) < 4.0 * standard_error
    assert abs((x[:, 1:] * x[:, :-1]).mean()) < 4.0 * standard_error
    assert len(np.unique(x)) > 0.999 * x.size


@pytest.mark.parametrize("max_step", [0.1, 0.5])
def test_without_a_threshold_the_potential_is_an_ornstein_uhlenbeck_process(max_step):
    cells = Population(StochasticLIFNeuron, N, params={"v_th": 1e9}, max_step=max_step)
    states = StateMonitor(cells, interval=5e-3)
    Network(cells, StepCurrent(0.0, 1.0, 100.0), states).run(0.3, dt=5e-4)
    v = states.traces["v"][20:]  # ten time constants
    sd, tau, mean = 5.0, 10.0, -70.0 + 100.0 * 10.0 / 250.0
    independent = v.size * np.tanh(5.0 / tau)  # about, for the correlation over 5 ms
    assert abs(v.mean() - mean) < 4.0 * sd / np.sqrt(independent)
    assert abs(v.std() - sd) < 4.0 * sd / np.sqrt(2.0 * independent)
    correlation = np.mean((v[1:] - mean) * (v[:-1] - mean)) / sd**2
    assert abs(correlation - np.exp(-5.0 / tau)) < 4.0 * 1.5 / np.sqrt(independent)


def mean_rate(mean, sd, threshold, reset, tau, dead):
    """Hz, of an Ornstein-Uhlenbeck process with a threshold (Siegert 1951; Brunel and Sergi 1998); ms and mV."""
    low, high = ((v - mean) / (sd * np.sqrt(2.0)) for v in (reset, threshold))
    integral = quad(lambda x: erfcx(-x), low, high)[0]  # exp(x^2) (1 + erf x)
    return 1e3 / (dead + tau * np.sqrt(np.pi) * integral)


@pytest.mark.parametrize(("current", "sigma"), [(200.0, 5.0), (300.0, 5.0), (450.0, 2.0)])
def test_rate_of_spikes_is_that_of_first_passages(current, sigma):
    cells = Population(StochasticLIFNeuron, N, params={"sigma": sigma}, max_step=0.1)
    spikes = SpikeMonitor(cells)
    net = Network(cells, StepCurrent(0.0, 9.0, current), spikes)
    net.run(0.1, dt=1e-3)
    before = spikes.count
    net.run(1.0, dt=1e-3)
    rate = (spikes.count - before) / N
    shift = 0.5826 * sigma * np.sqrt(2.0 * 0.1 / 10.0)  # of the threshold, which is looked at every 0.1 ms
    expected = mean_rate(-70.0 + current * 10.0 / 250.0, sigma, -55.0 + shift, -70.0, 10.0, 2.0)
    assert abs(rate - expected) < 4.0 * np.sqrt(expected / N) + 0.01 * expected  # the shift is of first order


def trial(connect=lambda net: net, seed=None, parts=1, precision="float64"):
    cells = Population(StochasticLIFNeuron, 301, label="cells", precision=precision)
    spikes = SpikeMonitor(cells)
    net = connect(Network(cells, StepCurrent(0.0, 1.0, 300.0), spikes, seed=7))
    if seed is not None:
        net.reset(seed)
    for _ in range(parts):
        net.run(0.12 / parts, dt=1e-3)
    return (spikes.t, spikes.i) if net.rank == 0 else None


@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_the_same_on_any_number_of_ranks_and_in_several_runs(precision):
    t, i = trial(precision=precision)
    assert len(t) > 300
    for size in (2, 3):
        others = on_ranks(size, lambda connect: trial(connect, parts=size, precision=precision))  # noqa: B023
        np.testing.assert_array_equal(others, (t, i))


def test_another_trial_has_other_noise():
    t, _ = trial()
    other, _ = trial(seed=8)
    again, _ = trial(seed=7)
    assert len(np.setdiff1d(other, t)) > 20
    np.testing.assert_array_equal(again, t)
