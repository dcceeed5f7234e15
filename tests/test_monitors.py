"""Monitors tell the truth, go on over runs, and change no bit of what they watch."""

import numpy as np
import pytest
from networks import same, spikes_and_states

from neurocore_nb import (
    AverageMonitor,
    HodgkinHuxleyNeuron,
    Network,
    Normal,
    PoissonInput,
    Population,
    Projection,
    RateMonitor,
    SinusoidalCurrent,
    SpikeMonitor,
    StateMonitor,
    StepCurrent,
)
from neurocore_nb.engine import recording, simulation

DT = 1e-4
SUBSTEP = 1e-5  # s


def run(net, steps, dt=DT, threads=1):
    return net.run(steps * dt, dt, backend="numba", threads=threads)


class Lively:
    """Two populations that fire at one another, with Poisson drive; ``delay`` sets the exchange interval."""

    def __init__(self, delay=0.0):
        self.exc = Population(HodgkinHuxleyNeuron, 13, label="exc", initial={"v": Normal(-65.0, 5.0)})
        self.inh = Population(HodgkinHuxleyNeuron, 5, label="inh")
        self.net = Network(
            self.exc,
            self.inh,
            Projection(self.exc, self.inh, 15.0, 0.5, delay=delay),
            Projection(self.inh, self.exc, -5.0, 0.5, delay=delay),
            PoissonInput(13, 800.0, 90.0),
        )

    def watch(self, *monitors):
        self.net.add(*monitors)
        return monitors[0] if len(monitors) == 1 else monitors


# ---- spikes ----------------------------------------------------------------------------------------------------------


def test_spikes_are_sorted_by_time_and_index():
    lively = Lively()
    monitor = lively.watch(SpikeMonitor(lively.exc))
    run(lively.net, 500, threads=2)
    assert monitor.count == len(monitor.t) == len(monitor.i) > 30
    assert monitor.t.dtype == np.float64
    assert monitor.i.dtype == np.int64
    assert np.array_equal(np.lexsort((monitor.i, monitor.t)), np.arange(monitor.count))
    assert monitor.t[0] > 0.0
    assert monitor.t[-1] <= 500 * DT
    assert set(monitor.i) <= set(range(13))


def test_spikes_at_the_same_time_are_sorted_by_index():
    cells = Population(HodgkinHuxleyNeuron, 7)
    monitor = SpikeMonitor(cells)
    run(Network(cells, StepCurrent(0.0, 0.005, 20.0), monitor), 50)
    assert len(set(monitor.t)) == 1
    assert np.array_equal(monitor.i, np.arange(7))


def test_a_spikes_time_is_the_end_of_the_substep_that_crosses_the_threshold():
    cells = Population(HodgkinHuxleyNeuron, 1)
    spikes, states = SpikeMonitor(cells), StateMonitor(cells)
    run(Network(cells, StepCurrent(0.0, 0.02, 10.0), spikes, states), 3000, dt=SUBSTEP)
    v = states.traces["v"][:, 0]
    crossed = np.flatnonzero((v[:-1] < 0.0) & (v[1:] >= 0.0))
    assert len(crossed) > 1
    assert spikes.t == pytest.approx((crossed + 1) * SUBSTEP, abs=1e-12)


def test_spike_times_lie_on_the_grid_of_substeps():
    lively = Lively()
    monitor = lively.watch(SpikeMonitor(lively.exc))
    run(lively.net, 200)
    ticks = monitor.t / SUBSTEP
    assert ticks == pytest.approx(np.rint(ticks), abs=1e-6)
    assert (np.rint(ticks) % 10 != 0).any()  # not only at the ends of network steps


def test_one_rank_holds_everything():
    lively = Lively()
    monitor = lively.watch(SpikeMonitor(lively.exc))
    run(lively.net, 300)
    assert np.array_equal(monitor.local_t, monitor.t)
    assert np.array_equal(monitor.local_i, monitor.i)


def test_spike_trains_and_rates_follow_from_the_spikes():
    cells = Population(HodgkinHuxleyNeuron, 4)
    monitor = SpikeMonitor(cells)
    run(Network(cells, StepCurrent(0.0, 0.1, [10.0, 0.0, 40.0, 10.0]), monitor), 1000)
    trains = monitor.spike_trains()
    assert list(trains) == [0, 1, 2, 3]
    assert [len(train) for train in trains.values()] == np.bincount(monitor.i, minlength=4).tolist()
    for neuron, train in trains.items():
        assert np.array_equal(train, monitor.t[monitor.i == neuron])
    assert len(trains[1]) == 0
    assert len(trains[2]) > len(trains[0]) > 1
    assert monitor.firing_rates() == pytest.approx([len(train) / 0.1 for train in trains.values()])


def test_a_view_is_watched_with_indices_of_its_own():
    lively = Lively()
    whole, part, inner = lively.watch(
        SpikeMonitor(lively.exc), SpikeMonitor(lively.exc[4:9]), SpikeMonitor(lively.exc[4:9][1:3])
    )
    run(lively.net, 500)
    for monitor, begin, end in ((part, 4, 9), (inner, 5, 7)):
        watched = (whole.i >= begin) & (whole.i < end)
        assert monitor.count == watched.sum() > 0
        assert np.array_equal(monitor.t, whole.t[watched])
        assert np.array_equal(monitor.i, whole.i[watched] - begin)
        assert len(monitor.spike_trains()) == len(monitor.firing_rates()) == end - begin


def test_several_monitors_see_the_same():
    lively = Lively()
    one, two, other = lively.watch(SpikeMonitor(lively.exc), SpikeMonitor(lively.exc), SpikeMonitor(lively.inh))
    report = run(lively.net, 500)
    assert np.array_equal(one.t, two.t)
    assert np.array_equal(one.i, two.i)
    assert other.count > 0
    assert report.spikes == one.count + other.count


def test_a_monitor_added_later_records_from_then_on():
    lively = Lively()
    first = lively.watch(SpikeMonitor(lively.exc))
    run(lively.net, 300)
    later = lively.watch(SpikeMonitor(lively.exc))
    before = first.count
    assert later.count == 0
    report = run(lively.net, 200)
    assert later.count == first.count - before > 0
    assert report.spikes >= later.count
    assert np.array_equal(later.t, first.t[before:])
    assert later.firing_rates().sum() == pytest.approx(later.count / (200 * DT))
    assert first.firing_rates().sum() == pytest.approx(first.count / (500 * DT))


def test_spikes_continue_over_runs():
    at_once, piecewise = Lively(1.5e-3), Lively(1.5e-3)
    ours, theirs = at_once.watch(SpikeMonitor(at_once.exc)), piecewise.watch(SpikeMonitor(piecewise.exc))
    run(at_once.net, 500)
    for steps in (1, 0, 7, 92, 400):
        run(piecewise.net, steps)
    assert ours.count == theirs.count > 0
    assert np.array_equal(ours.t, theirs.t)
    assert np.array_equal(ours.i, theirs.i)
    assert ours.firing_rates() == pytest.approx(theirs.firing_rates())


@pytest.mark.parametrize(("room", "longest"), [(1, 1 << 30), (7, 1 << 30), (1 << 16, 3)])
def test_no_spike_is_lost_where_the_log_is_full(room, longest, monkeypatch):
    """The log is handed over when the next spikes don't fit, or would be counted from too long ago."""
    delay = 1.5e-3
    usual, narrow = Lively(delay), Lively(delay)
    expected = usual.watch(SpikeMonitor(usual.exc), SpikeMonitor(usual.inh))
    run(usual.net, 500)
    monkeypatch.setattr(recording, "_ROOM", room)
    monkeypatch.setattr(recording, "_LONGEST", longest)
    found = narrow.watch(SpikeMonitor(narrow.exc), SpikeMonitor(narrow.inh))
    run(narrow.net, 500)
    assert sum(one.count for one in expected) > 30
    assert same(spikes_and_states(narrow.net, found), spikes_and_states(usual.net, expected))


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("delay", [0.0, 1.5e-3])
def test_how_many_steps_a_call_takes_changes_no_bit(delay, threads, monkeypatch):
    results = []
    for at_once in (1, 7, 64):
        monkeypatch.setattr(simulation, "AT_ONCE", at_once)
        lively = Lively(delay)
        lively.net.add(SinusoidalCurrent(3.0, 40.0, target=lively.inh))
        watched = lively.watch(SpikeMonitor(lively.exc), SpikeMonitor(lively.inh))
        run(lively.net, 400, threads=threads)
        results.append(spikes_and_states(lively.net, watched))
    assert len(results[0][0]) > 30
    assert same(results[0], results[1])
    assert same(results[0], results[2])


def test_a_silent_population_has_no_spikes():
    cells = Population(HodgkinHuxleyNeuron, 3)
    monitor = SpikeMonitor(cells)
    run(Network(cells, monitor), 20)
    assert monitor.count == 0
    assert monitor.t.shape == monitor.i.shape == (0,)
    assert all(len(train) == 0 for train in monitor.spike_trains().values())
    assert np.array_equal(monitor.firing_rates(), np.zeros(3))


# ---- states ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delay", [0.0, 1.5e-3])
def test_sample_k_is_the_state_after_k_steps(delay):
    watched, stepped = Lively(delay), Lively(delay)
    monitor = watched.watch(StateMonitor(watched.exc, ("v", "m", "h", "n")))
    run(watched.net, 40)
    assert monitor.t == pytest.approx(np.arange(40) * DT)
    assert monitor.t[0] == 0.0
    run(stepped.net, 0)
    for k in range(40):
        states = stepped.net.get_states()["exc"]
        assert all(np.array_equal(monitor.traces[name][k], states[name]) for name in "vmhn")
        run(stepped.net, 1)


def test_the_first_sample_is_the_initial_state():
    initial = np.array([-70.0, -60.0, -50.0])
    cells = Population(HodgkinHuxleyNeuron, 3, initial={"v": initial, "n": 0.4})
    monitor = StateMonitor(cells, ("v", "n"))
    run(Network(cells, PoissonInput(3, 1e5, 9.0), monitor), 2)
    assert np.array_equal(monitor.traces["v"][0], initial)
    assert np.array_equal(monitor.traces["n"][0], np.full(3, 0.4))


@pytest.mark.parametrize("every", [1, 3, 7, 100])
def test_an_interval_picks_every_nth_sample(every):
    lively = Lively(1.5e-3)
    full, sparse = lively.watch(StateMonitor(lively.exc), StateMonitor(lively.exc, interval=every * DT))
    run(lively.net, 60)
    assert np.array_equal(sparse.t, full.t[::every])
    assert np.array_equal(sparse.traces["v"], full.traces["v"][::every])


def test_record_picks_neurons_in_the_order_wanted():
    lively = Lively()
    record = [7, 0, 12, 0]
    full, some, none = lively.watch(
        StateMonitor(lively.exc, ("v", "h")),
        StateMonitor(lively.exc, ("v", "h"), record=record),
        StateMonitor(lively.exc, record=[]),
    )
    run(lively.net, 30)
    for name in ("v", "h"):
        assert np.array_equal(some.traces[name], full.traces[name][:, record])
    assert none.traces["v"].shape == (30, 0)


def test_record_counts_within_a_view():
    lively = Lively()
    full = StateMonitor(lively.exc)
    view = StateMonitor(lively.exc[5:9])
    some = StateMonitor(lively.exc[5:9], record=np.array([3, 1]))
    lively.watch(full, view, some)
    run(lively.net, 30)
    assert np.array_equal(view.traces["v"], full.traces["v"][:, 5:9])
    assert np.array_equal(some.traces["v"], full.traces["v"][:, [8, 6]])


def test_variables_are_a_name_or_several():
    lively = Lively()
    one, several = lively.watch(StateMonitor(lively.exc, "m"), StateMonitor(lively.exc, ["n", "m"]))
    run(lively.net, 10)
    assert list(one.traces) == ["m"]
    assert list(several.traces) == ["n", "m"]
    assert np.array_equal(one.traces["m"], several.traces["m"])


def test_local_traces_are_all_traces_on_one_rank():
    lively = Lively()
    monitor = lively.watch(StateMonitor(lively.exc, record=[4, 2]))
    run(lively.net, 10)
    assert np.array_equal(monitor.local_record, [0, 1])
    assert np.array_equal(monitor.local_traces["v"], monitor.traces["v"])


def test_states_continue_over_runs():
    at_once, piecewise = Lively(1.5e-3), Lively(1.5e-3)
    ours, theirs = (one.watch(StateMonitor(one.exc, interval=3 * DT)) for one in (at_once, piecewise))
    run(at_once.net, 100)
    for steps in (1, 4, 0, 20, 75):
        run(piecewise.net, steps)
    assert np.array_equal(ours.t, theirs.t)
    assert np.array_equal(ours.traces["v"], theirs.traces["v"])
    assert np.array_equal(theirs.local_traces["v"], theirs.traces["v"])


def test_a_state_monitor_added_later_samples_the_same_times():
    lively = Lively()
    full = lively.watch(StateMonitor(lively.exc))
    run(lively.net, 7)
    later = lively.watch(StateMonitor(lively.exc, interval=3 * DT))
    run(lively.net, 10)
    assert later.t == pytest.approx(np.array([9, 12, 15]) * DT)
    assert np.array_equal(later.traces["v"], full.traces["v"][[9, 12, 15]])


def test_before_a_run_there_are_no_samples():
    monitor = StateMonitor(Population(HodgkinHuxleyNeuron, 3), record=[2, 1])
    assert monitor.t.shape == (0,)
    assert monitor.traces["v"].shape == (0, 2)


# ---- settings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [SpikeMonitor, StateMonitor, RateMonitor, AverageMonitor])
def test_what_would_have_no_effect_cannot_be_assigned(make):
    monitor = make(Population(HodgkinHuxleyNeuron, 3, label="cells"))
    for name in ("record", "variables", "interval", "to", "t", "count", "population", "recrod"):
        with pytest.raises(AttributeError, match=rf"Monitor of cells>: {name} can't be assigned.*net\.add"):
            setattr(monitor, name, True)


def test_subclasses_may_have_attributes_of_their_own():
    class Named(SpikeMonitor):
        title = ""

    monitor = Named(Population(HodgkinHuxleyNeuron, 3))
    monitor.title, monitor._private = "mine", 1
    assert monitor.title == "mine"


# ---- no influence ----------------------------------------------------------------------------------------------------

OBSERVERS = {
    "spikes": lambda one: [SpikeMonitor(one.inh), SpikeMonitor(one.exc[3:4])],
    "every step": lambda one: [StateMonitor(one.exc, ("v", "m"))],
    "every third step": lambda one: [StateMonitor(one.inh, interval=3 * DT)],
    "two intervals": lambda one: [StateMonitor(one.exc, interval=7 * DT), StateMonitor(one.inh, interval=5 * DT)],
    "longer than the run": lambda one: [StateMonitor(one.exc, interval=1.0)],
    "no neuron": lambda one: [StateMonitor(one.exc, record=[])],
}


@pytest.fixture(scope="module", params=[0.0, 1.5e-3, 0.1], ids=["no delay", "1.5 ms", "0.1 s"])
def unwatched(request):
    """A delay, and the spikes and final states of a run of which nothing but the spikes was recorded."""
    bare, lively = Lively(request.param), Lively(request.param)
    spikes = lively.watch(SpikeMonitor(lively.exc))
    run(bare.net, 400)
    run(lively.net, 400)
    assert spikes.count > 30
    assert same(spikes_and_states(bare.net), spikes_and_states(lively.net))
    return request.param, spikes_and_states(lively.net, [spikes])


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("observers", OBSERVERS)
def test_recording_changes_no_bit(observers, threads, unwatched):
    delay, expected = unwatched
    lively = Lively(delay)
    spikes = SpikeMonitor(lively.exc)
    lively.watch(spikes, *OBSERVERS[observers](lively))
    run(lively.net, 400, threads=threads)
    assert same(spikes_and_states(lively.net, [spikes]), expected)
