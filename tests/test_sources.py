"""Source populations fire when they should, and arrive when they should."""

import re

import numpy as np
import pytest
from builders import DT, assert_raises, cells, injected, passive_cells, run, table
from hypothesis import given, settings
from hypothesis import strategies as st
from ranks import on_each_rank, on_ranks
from scipy import stats

from neurocore_nb import (
    Network,
    PoissonInput,
    PoissonPopulation,
    Projection,
    SpikeMonitor,
    SpikeSource,
    StateMonitor,
    StepCurrent,
)


def recorded(source, steps=100, dt=DT, parts=(1.0,), **options):
    monitor = SpikeMonitor(source)
    net = Network(source, monitor, **options)
    for part in parts:
        run(net, round(steps * part) * dt, dt)
    return monitor


# ---- given times -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delay", [0.0, 3 * DT])
def test_a_spike_arrives_after_its_delay(delay):
    source, target = SpikeSource([2 * DT, 5 * DT, 5 * DT, 6 * DT], [0, 0, 0, 1]), passive_cells(2)
    monitor = StateMonitor(target)
    net = Network(source, target, Projection(source, target, 1.5, topology="one_to_one", delay=delay), monitor)
    run(net, 13 * DT)
    expected = np.zeros((12, 2))
    first = round(delay / DT)
    expected[first + 2, 0], expected[first + 5, 0], expected[first + 6, 1] = 1.5, 3.0, 1.5
    assert injected(monitor.traces["v"]) == pytest.approx(expected, abs=1e-9)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    spikes=st.lists(st.tuples(st.integers(1, 120), st.integers(0, 6)), max_size=40),
    cut=st.integers(0, 100),
    ranks=st.integers(1, 4),
    seed=st.integers(0, 99),
)
def test_what_is_given_is_what_is_recorded(spikes, cut, ranks, seed):
    order = np.random.default_rng(seed).permutation(len(spikes))
    steps, neurons = np.array([spikes[k] for k in order], int).reshape(-1, 2).T

    def program(connect):
        source = SpikeSource(steps * 1e-4, neurons, n=7)
        monitor = SpikeMonitor(source)
        net = connect(Network(source, monitor))
        net.run(cut * 1e-4, 1e-4, threads=1)
        net.run((100 - cut) * 1e-4, 1e-4, threads=1)
        return (np.rint(monitor.t * 1e4), monitor.i) if net._comm.rank == 0 else None

    t, i = on_ranks(ranks, program)
    assert list(zip(t, i, strict=True)) == sorted(one for one in spikes if one[0] <= 100)


def test_times_between_steps_are_taken_to_the_next():
    assert recorded(SpikeSource([0.1 * DT, 1.5 * DT, 3 * DT])).t == pytest.approx([DT, 2 * DT, 3 * DT])


@pytest.mark.parametrize("dt", [1e-3, 1e-4, 3e-4, 7e-5])
def test_multiples_of_dt_stay_what_they_are(dt):
    steps = np.arange(1, 10_001)
    monitor = recorded(SpikeSource(steps * dt), steps=10_000, dt=dt)
    np.testing.assert_array_equal(np.rint(monitor.t / dt), steps)


@pytest.mark.parametrize(
    "source",
    [
        lambda: SpikeSource([0.003, 0.001], [1, 0], n=3),
        lambda: SpikeSource([[0.001], [0.003], []]),
        lambda: SpikeSource({1: [0.003], 0: np.array([0.001]), 2: []}),
    ],
)
def test_forms_of_giving_times(source):
    monitor = recorded(source())
    assert monitor.population.n == 3
    assert (monitor.t.tolist(), monitor.i.tolist()) == ([0.001, 0.003], [0, 1])


def test_what_a_monitor_saw_can_be_played_back():
    population = cells(4)
    seen = SpikeMonitor(population)
    run(Network(population, StepCurrent(0.0, 0.1, np.array([8.0, 10.0, 0.0, 20.0])), seen), 0.1, 1e-4)
    again = recorded(SpikeSource(seen.spike_trains()), 1000, 1e-4)
    assert seen.count > 10
    np.testing.assert_array_equal(again.i, seen.i)
    np.testing.assert_allclose(again.t, seen.t, rtol=0, atol=1.0001e-4)


def test_a_reset_plays_from_the_start():
    source = SpikeSource([0.002, 0.05])
    monitor = SpikeMonitor(source)
    net = Network(source, monitor)
    run(net, 0.01)
    net.reset()
    run(net, 0.1)
    assert monitor.t.tolist() == pytest.approx([0.002, 0.05])


# ---- Poisson ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate_hz", [3.0, 200.0, 5000.0, 30_000.0])
def test_poisson_counts_follow_their_distribution(rate_hz):
    n, steps = 400, 50
    monitor = recorded(PoissonPopulation(n, rate_hz), steps)
    counts = np.bincount(monitor.i * steps + np.rint(monitor.t / DT).astype(int) - 1, minlength=n * steps)
    mean = rate_hz * DT
    assert counts.mean() == pytest.approx(mean, abs=4.5 * np.sqrt(mean / counts.size))
    assert counts.var() == pytest.approx(mean, rel=0.1 + 3.0 / np.sqrt(counts.sum()))
    values = np.arange(stats.poisson.ppf(0.001, mean), stats.poisson.ppf(0.999, mean) + 1)
    expected = stats.poisson.pmf(values, mean) * counts.size
    found = np.array([(counts == value).sum() for value in values])
    common = expected > 10
    assert stats.chisquare(found[common], expected[common] * found[common].sum() / expected[common].sum()).pvalue > 1e-3


def test_rates_may_differ_and_depend_on_time():
    n, steps = 300, 400
    seen = []

    def rate(t):
        seen.append(t)
        return np.linspace(0.0, 100.0, n) * (t > 0.2)

    monitor = recorded(PoissonPopulation(n, rate), steps, parts=(0.25, 0.75))
    assert seen == pytest.approx((np.arange(steps) + 0.5) * DT)
    assert monitor.t.min() > 0.2
    counts = np.bincount(monitor.i, minlength=n)
    assert counts[0] == 0
    assert stats.linregress(np.linspace(0.0, 100.0, n), counts).slope == pytest.approx(0.2, rel=0.1)


def test_two_populations_are_independent_and_seeds_count():
    one, other = PoissonPopulation(50, 100.0), PoissonPopulation(50, 100.0)
    monitors = [SpikeMonitor(one), SpikeMonitor(other)]
    run(Network(one, other, *monitors), 0.5)
    assert monitors[0].t.tolist() != monitors[1].t.tolist()
    trains = [recorded(PoissonPopulation(50, 100.0, seed=given), seed=whole).t.tolist()
              for given, whole in ((None, 1), (None, 2), (7, 1), (7, 2))]  # fmt: skip
    assert trains[0] != trains[1]
    assert trains[2] == trains[3] != trains[0]


def test_all_targets_receive_the_same_spikes():
    source, target = PoissonPopulation(3, 200.0), passive_cells(4)
    states, spikes = StateMonitor(target), SpikeMonitor(source)
    run(Network(source, target, Projection(source, target, 2.0), states, spikes), 0.1)
    received = injected(states.traces["v"])
    counts = np.bincount(np.rint(spikes.t / DT).astype(int), minlength=101)[:99]
    assert received == pytest.approx(np.repeat(2.0 * counts[:, None], 4, axis=1), abs=1e-8)


def test_sources_alone_are_a_network():
    assert recorded(PoissonPopulation(5, 100.0)).count > 0


# ---- errors ----------------------------------------------------------------------------------------------------------

poisson, source = PoissonPopulation(3, 1.0, label="noise"), SpikeSource([0.1], label="given")
ERRORS = table([
    (lambda: PoissonPopulation(3, -1.0, label="noise"), ValueError, r"noise.*rate_hz.*-1\.0 Hz.*at least 0"),
    (lambda: PoissonPopulation(3, [1.0, 2.0]), ValueError, r"rate_hz.*\(2,\).*\(3,\).*Hz"),
    (lambda: PoissonPopulation(3.5, 1.0), TypeError, r"n must be an integer"),
    (lambda: SpikeSource([0.0]), ValueError, r"times.*above 0 "),
    (lambda: SpikeSource([0.1, np.nan], [0, 1]), ValueError, r"times.*nan"),
    (lambda: SpikeSource([0.1], [0, 1]), ValueError, r"\(1,\).*\(2,\).*one index"),
    (lambda: SpikeSource([0.1], [5], n=3), ValueError, r"indices.*5.*0 to 2"),
    (lambda: SpikeSource([0.1], [0.5], n=3), TypeError, r"indices.*integers"),
    (lambda: Projection(cells(), poisson, 1.0), TypeError, r"target of a projection.*noise.*only sends spikes"),
    (lambda: StepCurrent(0.0, 0.1, 1.0, target=source), TypeError, r"target of StepCurrent.*only sends spikes"),
    (lambda: StateMonitor(poisson), TypeError, r"noise.*no state variables"),
    (lambda: run(Network(PoissonPopulation(3, lambda t: [1.0, 2.0], "odd")), 0.01), ValueError, r"odd.*\(2,\).*s"),
    (lambda: run(Network(PoissonPopulation(3, lambda t: -t, "odd")), 0.01), ValueError, r"odd.*negative"),
    (lambda: run(Network(PoissonPopulation(3, lambda t: 1 / 0, "odd")), 0.01), ZeroDivisionError, r"division"),
])  # fmt: skip


@pytest.mark.parametrize(("call", "kind", "pattern"), ERRORS)
def test_errors(call, kind, pattern):
    assert_raises(call, kind, pattern)


class FailingRate:
    """A rate that can't be told on rank 1 from 5 ms on."""

    def __init__(self, rank):
        self.rank = rank

    def __call__(self, t):
        if self.rank == 1 and t > 0.005:
            raise ArithmeticError(f"no rate at {t:.4f} s")
        return 10.0


@pytest.mark.parametrize(
    "make", [lambda rate: PoissonPopulation(5, rate, "odd"), lambda rate: PoissonInput(5, rate, 1.0)]
)
def test_a_function_that_raises_on_one_rank_raises_on_all(make):
    def program(connect, rank):
        net = connect(Network(cells(5), make(FailingRate(rank))))
        with pytest.raises(ArithmeticError) as caught:
            net.run(0.1, DT, threads=1)
        with pytest.raises(ValueError, match="the last run of this network failed"):
            net.run(0.1, DT, threads=1)
        return str(caught.value)

    first, *others = on_each_rank(3, program)
    assert others == [first] * 2
    pattern = (
        r"rank 1: between 0 and .* s: <.*>: its function raised ArithmeticError at 0\.0055 s: no rate at 0\.0055 s"
    )
    assert re.fullmatch(pattern, first), first
