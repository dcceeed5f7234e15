"""The same bits for any number of threads, in one run or several, recorded or not, and again after a reset."""

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from networks import same, spikes_and_states

from neurocore_nb import (
    HodgkinHuxleyNeuron,
    Network,
    Normal,
    PoissonInput,
    Population,
    Projection,
    SpikeMonitor,
    StateMonitor,
    StepCurrent,
    TimedArray,
    Uniform,
)

MS = 1e-3
DT = 0.5 * MS


class Trial:
    """A living network of two populations, and what came out of it."""

    def __init__(self, n_exc=53, n_inh=13, *, seed=42, delay=1.5 * MS, recorded=True, dt=DT):
        self.exc = Population(HodgkinHuxleyNeuron, n_exc, label="exc", initial={"v": Normal(-65.0, 5.0)}, max_step=0.05)
        self.inh = Population(HodgkinHuxleyNeuron, n_inh, label="inh", initial={"h": Uniform(0.4, 0.7)}, max_step=0.1)
        self.dt = dt
        self.projections = [
            Projection(self.exc, self.exc, weight=Normal(4.0, 1.0), probability=0.1, delay=Uniform(0.5 * MS, 3 * MS)),
            Projection(self.exc, self.inh, weight=6.0, probability=0.2, delay=delay),
            Projection(self.inh, self.exc, weight=-7.0, topology="fixed_indegree", probability=0.3, delay=delay),
            Projection(self.exc[n_exc // 3 :], self.exc, weight=Uniform(0.1, 2.0), probability=0.1, autapses=False),
        ]
        self.objects = [
            self.exc,
            self.inh,
            *self.projections,
            PoissonInput(n_exc, rate_hz=400.0, weight=30.1, target=self.exc),
            PoissonInput(n_inh, rate_hz=25000.0, weight=1.3, target=self.inh),
            StepCurrent(10 * MS, 30 * MS, 7.3, target=self.exc[n_exc // 2 :]),
            TimedArray([1.0, 3.0, 8.0], dt=10 * MS, target=self.inh),
        ]
        self.monitors = [SpikeMonitor(self.exc), SpikeMonitor(self.inh)] if recorded else []
        self.net = Network(*self.objects, *self.monitors, seed=seed)

    def run(self, duration, **arguments):
        self.net.run(duration, self.dt, **arguments)
        return self

    def results(self):
        return spikes_and_states(self.net, self.monitors)

    def matrices(self):
        return [projection.matrix().toarray() for projection in self.projections]

    def assert_alive(self):
        for monitor in self.monitors:
            assert monitor.count > 2 * monitor.population.n
        return self


def test_threads():
    alone = Trial().run(0.06, threads=1).assert_alive().results()
    for threads in (2, 3, 7):
        assert same(Trial().run(0.06, threads=threads).results(), alone)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("delay", [0.0, 1.5 * MS])
def test_one_run_or_several(delay, threads):
    once = Trial(delay=delay).run(0.06, threads=threads).assert_alive().results()
    several = Trial(delay=delay)
    for duration in (0.0, 0.5 * MS, 1 * MS, 17.5 * MS, 0.0, 40.5 * MS, 0.5 * MS):
        several.run(duration, threads=threads)
    assert same(several.results(), once)


def test_step_by_step():
    once = Trial().run(0.02, threads=1)
    stepped = Trial()
    for _ in range(40):
        stepped.run(DT, threads=1)
    assert once.monitors[0].count > 50
    assert same(stepped.results(), once.results())


def test_other_numbers_of_threads_from_run_to_run():
    once = Trial().run(0.06, threads=1).assert_alive()
    several = Trial()
    for threads in (3, 1, 2, 2, 5, 1):
        several.run(0.01, threads=threads)
    assert same(several.results(), once.results())
    assert same(several.matrices(), once.matrices())


@pytest.mark.parametrize("recorders", ["none", "spikes of parts", "states", "everything"])
def test_recorded_or_not(recorders):
    expected = Trial().run(0.06, threads=2).assert_alive()
    trial = Trial(recorded=False)
    if recorders in ("spikes of parts", "everything"):
        trial.net.add(SpikeMonitor(trial.exc[3:9]), SpikeMonitor(trial.inh), SpikeMonitor(trial.inh))
    if recorders in ("states", "everything"):
        trial.net.add(StateMonitor(trial.exc, ("v", "n"), interval=3.5 * MS), StateMonitor(trial.inh[5:], record=[2]))
    trial.run(0.06, threads=2)
    assert same(trial.results(), spikes_and_states(expected.net))


def test_monitors_added_later():
    once = Trial().run(0.06, threads=1).assert_alive()
    trial = Trial().run(0.03, threads=1)
    late = SpikeMonitor(trial.exc)
    trial.net.add(late, StateMonitor(trial.inh, interval=1 * MS))
    trial.run(0.03, threads=1)
    assert same(trial.results(), once.results())
    in_second_half = once.monitors[0].t > 0.03
    np.testing.assert_array_equal(late.t, once.monitors[0].t[in_second_half])
    np.testing.assert_array_equal(late.i, once.monitors[0].i[in_second_half])


@pytest.mark.parametrize("n_inh", [0, 1, 2, 3, 5, 13])
@pytest.mark.parametrize("n_exc", [1, 2, 3, 257])
def test_awkward_sizes(n_exc, n_inh):
    alone = Trial(n_exc, n_inh).run(0.03, threads=1)
    assert alone.monitors[0].count > 0
    for threads in (2, 3):
        assert same(Trial(n_exc, n_inh).run(0.03, threads=threads).results(), alone.results())


def test_no_neurons_at_all():
    trial = Trial(0, 0).run(0.01, threads=2)
    assert [len(array) for array in trial.results()] == [0] * 12


def test_the_same_seed_is_the_same_network_and_another_is_another():
    one = Trial(seed=1).run(0.03).results()
    assert same(Trial(seed=1).run(0.03).results(), one)
    assert not same(Trial(seed=2).run(0.03).results(), one)
    assert not same(Trial(seed=2).run(0.0).matrices(), Trial(seed=1).run(0.0).matrices())


def test_reset_repeats_the_trial():
    trial = Trial().run(0.04, threads=2).assert_alive()
    expected = trial.results()
    trial.net.reset()
    assert [monitor.count for monitor in trial.monitors] == [0, 0]
    assert same(trial.run(0.04, threads=2).results(), expected)


@pytest.mark.parametrize("broken_off_after", [0.0, 0.5 * MS, 22 * MS])
def test_reset_in_the_middle_leaves_nothing_behind(broken_off_after):
    expected = Trial().run(0.04, threads=1).assert_alive().results()
    trial = Trial().run(broken_off_after, threads=2)
    trial.net.reset()
    trial.run(0.04, threads=3)
    assert same(trial.results(), expected)


def test_reset_with_a_seed_is_another_trial_of_the_same_network():
    trial = Trial().run(0.04, threads=1)
    first, wiring = trial.results(), trial.matrices()
    trial.net.reset(seed=7)
    other = trial.run(0.04, threads=1).assert_alive().results()
    assert all(not np.array_equal(*pair) for pair in zip(first, other, strict=True))
    assert same(trial.matrices(), wiring)
    trial.net.reset(seed=42)
    assert same(trial.run(0.04, threads=1).results(), first)


def test_reset_before_the_first_run():
    trial = Trial()
    trial.net.reset(seed=7)
    later = Trial().run(0.01)
    later.net.reset(seed=7)
    assert same(trial.run(0.04).assert_alive().results(), later.run(0.04).results())
    assert same(trial.matrices(), later.matrices())


@settings(max_examples=15, deadline=None, derandomize=True, phases=[Phase.generate])
@given(
    n_exc=st.integers(1, 70),
    n_inh=st.integers(0, 20),
    seed=st.integers(0, 2**31),
    dt=st.sampled_from([0.1 * MS, 0.25 * MS, 0.5 * MS]),
    delay=st.floats(0.0, 5 * MS),
    cuts=st.lists(st.integers(0, 40), max_size=4),
    threads=st.lists(st.integers(1, 4), min_size=5, max_size=5),
)
def test_any_network(n_exc, n_inh, seed, dt, delay, cuts, threads):
    alone = Trial(n_exc, n_inh, seed=seed, dt=dt, delay=delay).run(0.03, threads=1)
    assert alone.monitors[0].count > 0
    several = Trial(n_exc, n_inh, seed=seed, dt=dt, delay=delay)
    n_steps = round(0.03 / dt)
    borders = [0, *sorted(cuts), n_steps]
    for begin, end, number in zip(borders, borders[1:], threads, strict=False):
        several.run((end - begin) * dt, threads=number)
    assert same(several.results(), alone.results())
