"""Rates and averages of populations beside the spikes and states of all neurons; exact sums beside fractions."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import same
from ranks import on_each_rank, on_ranks

from neurocore_nb import (
    AverageMonitor,
    HodgkinHuxleyNeuron,
    Network,
    Normal,
    PoissonInput,
    PoissonPopulation,
    Population,
    RateMonitor,
    SpikeMonitor,
    StateMonitor,
)
from neurocore_nb.kernels.exact import exact_sum, quotient

DT = 1e-4
LARGEST = float(np.finfo(float).max)
numbers = st.floats(-LARGEST, LARGEST) | st.floats(-100.0, 100.0) | st.floats(-1e-300, 1e-300)


@settings(deadline=None, max_examples=200)
@given(st.lists(numbers, max_size=50), st.integers(0, 50), st.integers(1, 1000))
def test_sums_are_exact(values, cut, n):
    expected = sum(map(Fraction, values))
    total = exact_sum(np.array(values, float)[:cut]) + exact_sum(np.array(values, float)[cut:])
    assert Fraction(total, 2**1074) == expected
    if abs(expected / n) <= LARGEST:
        assert quotient(total, n) == float(expected / n)


def test_sums_of_single_precision_and_of_strides():
    values = np.random.default_rng(1).normal(-65.0, 5.0, (7, 4)).astype(np.float32)
    assert Fraction(exact_sum(values[:, 1]), 2**1074) == sum(map(Fraction, values[:, 1].tolist()))


def watched(precision="float64"):
    cells = Population(HodgkinHuxleyNeuron, 37, label="cells", initial={"v": Normal(-65.0, 5.0)}, precision=precision)
    noise = PoissonPopulation(23, 300.0, label="noise")
    return Network(
        cells, noise, PoissonInput(37, 800.0, 90.0),
        SpikeMonitor(cells[3:31]), StateMonitor(cells[3:31], ("v", "n"), interval=3e-4), SpikeMonitor(noise),
        RateMonitor(cells[3:31], interval=7e-4), AverageMonitor(cells[3:31], ("v", "n"), interval=3e-4),
        RateMonitor(noise),
        seed=3,
    )  # fmt: skip


def run(net, *ends):
    for end in ends:
        net.run((end - round(net.t / DT)) * DT, DT, threads=1)
    return net


def outcome(net):
    rates, averages, noise = net.monitors[3:6]
    return [rates.t, rates.rate, averages.t, *averages.averages.values(), noise.t, noise.rate]


@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_rates_and_averages_are_those_of_the_neurons(precision):
    net = run(watched(precision), 1, 100, 403)
    spikes, states, sources, rates, averages, noise = net.monitors
    for monitor, rate, every in ((spikes, rates, 7), (sources, noise, 1)):
        steps = np.ceil(np.round(monitor.t / DT, 6)).astype(int) - 1  # a spike is at the end of its substep
        n_bins = 403 // every
        counts = np.bincount(steps // every, minlength=n_bins + 1)[:n_bins]
        np.testing.assert_allclose(rate.rate, counts / (monitor.population.n * every * DT), rtol=1e-12)
        np.testing.assert_allclose(rate.t, np.arange(n_bins) * every * DT, rtol=1e-12)
        assert rate.rate.max() > 0.0
    assert averages.averages.keys() == states.traces.keys()
    for name, values in averages.averages.items():
        expected = [float(sum(map(Fraction, row)) / len(row)) for row in states.traces[name].tolist()]
        assert values.tolist() == expected
    same([averages.t], [states.t])


@pytest.mark.parametrize("ranks", [2, 3, 5])
def test_rates_and_averages_are_the_same_on_any_ranks_and_known_to_all(ranks):
    expected = outcome(run(watched(), 403))
    for found in on_each_rank(ranks, lambda connect, rank: outcome(run(connect(watched()), 100, 403))):
        same(found, expected)


@pytest.mark.parametrize(("before", "after"), [(1, 3), (3, 2)])
def test_a_restored_network_goes_on_with_them(before, after, tmp_path):
    def second(connect, rank):
        net = connect(watched())
        net.restore(tmp_path / "a")
        return outcome(run(net, 403))

    on_ranks(before, lambda connect: run(connect(watched()), 100).save(tmp_path / "a"))
    expected = outcome(run(watched(), 403))
    for found in on_each_rank(after, second):
        same(found, expected)


def test_monitors_that_come_later_have_whole_bins_only():
    net = run(watched(), 100)
    late = RateMonitor(net.populations[0][3:31], interval=7e-4)
    net.add(late)
    run(net, 403)
    early = net.monitors[3]
    first = 15  # 7 * 15 = 105 is the first multiple from 100 on
    same([late.t, late.rate], [early.t[first:], early.rate[first:]])
    net.reset()
    assert early.t.shape == early.rate.shape == (0,)
    assert outcome(run(net, 3))[0].shape == (0,)


def test_nobody_has_no_rate():
    cells = Population(HodgkinHuxleyNeuron, 3)
    monitors = RateMonitor(cells[1:1]), AverageMonitor(cells[1:1])
    run(Network(cells, *monitors), 2)
    assert np.isnan(monitors[0].rate).all()
    assert np.isnan(monitors[1].averages["v"]).all()
    assert len(monitors[0].t) == len(monitors[1].t) == 2


def test_what_cannot_be_averaged_is_told():
    cells, source = Population(HodgkinHuxleyNeuron, 3, label="cells"), PoissonPopulation(3, 1.0, label="source")
    with pytest.raises(ValueError, match=r"'q' is no state of .*cells.*; it has v, m, h, n"):
        AverageMonitor(cells, "q")
    with pytest.raises(TypeError, match=r"has no state variables"):
        AverageMonitor(source)
    with pytest.raises(ValueError, match=r"interval.* s; it must be above 0 s"):
        RateMonitor(cells, interval=0.0)
    with pytest.raises(ValueError, match=r"RateMonitor of cells.*interval"):
        run(Network(cells, RateMonitor(cells, interval=1.5e-4)), 1)


def test_a_plan_knows_how_little_they_keep():
    cells = Population(HodgkinHuxleyNeuron, 10_000)
    net = Network(cells, RateMonitor(cells, interval=1e-3), AverageMonitor(cells, ("v", "m"), interval=1e-2))
    assert net.plan(10.0, dt=1e-3, rate_hz=50.0).bytes_of("state monitors") == 8 * (10_000 + 2 * 1000)
