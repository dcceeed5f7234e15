"""What goes wrong on one rank, or beside a run, is told alike on all ranks, and spoils nothing else."""

import errno
import io
import re
import sys
import threading
import time
import types

import numpy as np
import pytest
from builders import DT, cells, drive, run
from networks import same, spikes_and_states
from ranks import on_each_rank

from neurocore_nb import (
    LaunchError,
    Network,
    Normal,
    Projection,
    SimulationError,
    SpikeMonitor,
    StateMonitor,
    StepCurrent,
    Uniform,
)
from neurocore_nb.engine import agreement
from neurocore_nb.engine.comm import SerialComm, _AbortingHook
from neurocore_nb.engine.watchdog import SINCE, WAITS, WRITTEN, Watchdog, watched
from neurocore_nb.errors import named


def build(rate_hz=500.0, monitors=(SpikeMonitor,), **options):
    exc = cells(11, initial={"v": Normal(-65.0, 5.0)}, **options)
    objects = [Projection(exc, exc, 3.0, 0.4), drive(11, rate_hz, 9.0), StepCurrent(0.0, 1.0, 10.0)]
    return Network(exc, *objects, *(kind(exc) for kind in monitors))


def message_on_each(size, kind, program):
    """What an error says on each rank."""

    def act(connect, rank):
        with pytest.raises(kind) as caught:
            program(connect, rank)
        assert type(caught.value) is kind
        return str(caught.value)

    return on_each_rank(size, act)


# ---- errors of the user's --------------------------------------------------------------------------------------------


class MuteError(Exception):
    def __str__(self):
        raise ValueError("can't say")


class KnownToSomeError(LookupError):
    """A class that rank 1 alone has defined."""


def rate_that_raises(error, rank):
    def rate(t):
        if rank == 1 and t > 10 * DT:
            raise error
        return 300.0

    return rate


RAISED = [
    (KeyError("no rate"), KeyError, r"its function raised KeyError at 0\.0105 s: no rate"),
    (StopIteration("over"), StopIteration, r"its function raised StopIteration at 0\.0105 s: over"),
    (MuteError(), RuntimeError, r"its function raised MuteError at 0\.0105 s: MuteError"),
]


@pytest.mark.parametrize(("error", "kind", "told"), [pytest.param(*row, id=row[1].__name__) for row in RAISED])
def test_errors_that_are_hard_to_tell(error, kind, told):
    def program(connect, rank):
        run(connect(build(rate_that_raises(error, rank))), 0.1, backend="auto")

    said = message_on_each(3, kind, program)
    assert len(set(said)) == 1
    assert re.search(rf"rank 1: between .*{told}", said[0])


def test_a_monitor_may_stop_an_iteration():
    with pytest.raises(StopIteration, match="monitor: over"), named("monitor"):
        raise StopIteration("over")


def test_an_error_whose_class_only_its_own_rank_has(monkeypatch):
    place, by_name = threading.local(), agreement._named_so

    def known_here(name):
        kind = by_name(name)
        return None if kind is KnownToSomeError and place.rank != 1 else kind

    def program(connect, rank):
        place.rank = rank
        run(connect(build(rate_that_raises(KnownToSomeError("x"), rank))), 0.1, backend="auto")

    monkeypatch.setattr(agreement, "_named_so", known_here)
    said = message_on_each(3, LookupError, program)
    assert len(set(said)) == 1
    assert "rank 1: KnownToSomeError: between" in said[0]


# ---- between runs ----------------------------------------------------------------------------------------------------

ASKED_WRONGLY = {
    "get": lambda net, wrong: net.get(net.populations[0], "nope" if wrong else "v"),
    "set": lambda net, wrong: net.set(net.populations[0], {"nope" if wrong else "v": -60.0}),
}


@pytest.mark.parametrize("ask", ASKED_WRONGLY.values(), ids=ASKED_WRONGLY)
def test_what_one_rank_asks_wrongly_all_are_told(ask):
    def program(connect, rank):
        net = connect(build())
        run(net, 0.0, backend="auto")
        with pytest.raises(ValueError, match=r"rank 1: .*no state or parameter 'nope'"):
            ask(net, rank == 1)
        ask(net, False)
        run(net, 2 * DT, backend="auto")

    on_each_rank(2, program)


@pytest.mark.parametrize("call", ["get_states", "set", "save", "restore"])
def test_ranks_that_ask_for_different_things(tmp_path, call):
    def program(connect, rank):
        net = connect(build())
        run(net, 0.0, backend="auto")
        arguments = {"set": [net.populations[0], {"v": -60.0}], "get_states": []}.get(call, [tmp_path / "a"])
        if rank == 0:
            getattr(net, call)(*arguments)
        run(net, 2 * DT, backend="auto")

    assert set(message_on_each(2, LaunchError, program)) == {
        f"all ranks must ask the same of the network in the same order, but rank 0 calls {call}() and rank 1 calls "
        "run()"
    }


def test_a_rank_that_was_interrupted_cannot_go_on_alone():
    net = build(rate_that_raises(SystemExit(0), 1))

    def program(connect, rank):
        net = connect(build(rate_that_raises(SystemExit(0), rank)))
        with pytest.raises(SystemExit):
            run(net, 0.1, backend="auto")
        with pytest.raises(SimulationError, match="rank 1 was interrupted and can't go on"):
            net.get_states()
        raise InterruptedError

    with pytest.raises(InterruptedError):
        on_each_rank(2, program)
    with pytest.raises(SystemExit):
        run(net, 0.1)
    net.reset()  # one rank alone may
    net.get_states()


# ---- monitors --------------------------------------------------------------------------------------------------------


class FullMonitor(SpikeMonitor):
    full = False

    def extend(self, *arguments):
        if self.full:
            raise OSError(errno.ENOSPC, "no space left")
        super().extend(*arguments)


@pytest.mark.parametrize("size", [1, 2])
def test_a_monitor_that_is_full_costs_the_others_nothing(size):
    whole = build(monitors=[SpikeMonitor, StateMonitor])
    run(whole, 0.06)
    spikes, states = whole.monitors

    def program(connect, rank):
        net = connect(build(monitors=[SpikeMonitor, FullMonitor, SpikeMonitor, StateMonitor]))
        run(net, 0.02, backend="auto")
        net.monitors[1].full = rank == size - 1
        with pytest.raises(OSError, match=r"<FullMonitor of exc>, at 0\.06 s: .*no space left"):
            run(net, 0.04, backend="auto")
        before, _, after, traces = net.monitors
        assert before.count == after.count == spikes.count > 11
        if rank == 0:
            for one in (before, after):
                assert np.array_equal(one.firing_rates(), spikes.firing_rates())
            assert np.array_equal(traces.traces["v"], states.traces["v"])

    on_each_rank(size, program)


# ---- initial states --------------------------------------------------------------------------------------------------


class Moody(Normal):
    """Fails when asked to."""

    fails = False

    def from_uniform(self, u):
        if Moody.fails:
            raise LookupError("not today")
        return super().from_uniform(u)


def test_a_reset_that_failed_has_to_be_made_good(monkeypatch):
    exc = cells(initial={"v": Moody(-65.0, 5.0)})
    net = Network(exc, SpikeMonitor(exc))
    monkeypatch.setattr(Moody, "fails", True)
    with pytest.raises(LookupError, match="not today"):
        run(net, 0.01)
    monkeypatch.setattr(Moody, "fails", False)
    with pytest.raises(ValueError, match=r"failed; call reset\(\)"):
        run(net, 0.01)
    net.reset()
    run(net, 0.01)
    first = spikes_and_states(net)
    monkeypatch.setattr(Moody, "fails", True)
    with pytest.raises(LookupError, match="not today"):
        net.reset()
    monkeypatch.setattr(Moody, "fails", False)
    with pytest.raises(ValueError, match=r"failed; call reset\(\)"):
        run(net, 0.01)
    net.reset()
    run(net, 0.01)
    assert same(spikes_and_states(net), first)


WRONG_VALUES = {
    "nan": lambda u: np.full(len(u), np.nan),
    "too large": lambda u: u * 1e6,
    "too small": lambda u: -u - 1e6,
    "too many": lambda u: np.ones(len(u) + 1),
}
PLACES = {
    "initial": lambda wrong: Network(cells(initial={"v": wrong})),
    "parameter": lambda wrong: Network(cells(params={"g_l": wrong})),
    "weight": lambda wrong: Network(exc := cells(), Projection(exc, exc, wrong)),
    "delay": lambda wrong: Network(exc := cells(), Projection(exc, exc, 1.0, delay=wrong)),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("values", WRONG_VALUES)
def test_values_beyond_the_support_of_a_distribution(place, values):
    class Wrong(Uniform):
        def from_uniform(self, u):
            return WRONG_VALUES[values](u)

    net = PLACES[place](Wrong(1e-3, 2e-3))
    with pytest.raises(ValueError, match=r"Wrong.*as many numbers as .*within the support from 0\.001 to 0\.002"):
        run(net, 0.01)


def test_where_one_rank_cannot_draw_nothing_is_set_on_any():
    class Wrong(Uniform):
        def from_uniform(self, u):
            return u * np.nan

    def program(connect, rank):
        net = connect(build())
        net.run(0.005, DT, threads=1)
        exc = net.populations[0]
        before = net.get(exc, "v"), net.get(exc, "g_l")
        kind = Wrong if rank == 1 else Uniform
        with pytest.raises(ValueError, match=r"rank 1: .*Wrong.*within the support"):
            net.set(exc, {"v": kind(-60.0, -50.0), "g_l": 0.2})
        return same([net.get(exc, "v"), net.get(exc, "g_l")], before)

    assert on_each_rank(3, program) == [True] * 3


# ---- where nothing can be shown --------------------------------------------------------------------------------------


class Full(io.StringIO):
    def write(self, _):
        raise OSError(errno.ENOSPC, "no space left")


def closed():
    stream = io.StringIO()
    stream.close()
    return stream


NOWHERE = {"full": Full, "closed": closed, "none": lambda: None}
nowhere = pytest.mark.parametrize("stream", NOWHERE.values(), ids=NOWHERE)


@nowhere
def test_a_progress_bar_that_cannot_be_shown(monkeypatch, stream):
    net = build()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", stream())
        run(net, 0.05, progress=True)
    assert net.t == pytest.approx(0.05)


@nowhere
def test_the_job_ends_also_where_an_error_cannot_be_shown(monkeypatch, stream):
    aborted = []
    world = types.SimpleNamespace(Get_rank=lambda: 1, Abort=aborted.append)
    monkeypatch.setitem(sys.modules, "mpi4py", types.SimpleNamespace(MPI=types.SimpleNamespace(COMM_WORLD=world)))
    error = ValueError("between runs")
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", stream())
        with pytest.raises((OSError, ValueError, AttributeError)):
            _AbortingHook(sys.__excepthook__)(ValueError, error, None)
    assert aborted == [1]


@pytest.fixture
def watchdog():
    """A watchdog of a process whose thread doesn't run."""
    one = Watchdog(SerialComm())
    one._end.set()
    one._thread.join()
    one._end.clear()
    yield one
    one.close()


@nowhere
def test_the_watchdog_ends_the_job_also_where_it_cannot_say_why(monkeypatch, watchdog, stream):
    ended = []
    watchdog._comm.abort = ended.append
    monkeypatch.setattr("neurocore_nb.engine.watchdog._PATIENCE", 0.01)
    monkeypatch.setattr("os._exit", ended.append)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", stream())
        watchdog._end_job("no progress")
    assert ended == [1, 1]


# ---- the watchdog ----------------------------------------------------------------------------------------------------


def test_time_for_which_a_whole_job_was_suspended_does_not_count(watchdog):
    watchdog.limit = 5.0
    watchdog._comm.here.enter("integrating neurons")
    watchdog._write(watchdog._comm.here)
    watchdog._mine[WAITS] = 1
    watchdog._mine[SINCE] -= 10 * 10**9
    watchdog._forgive_sleep()
    assert "no progress for 10." in watchdog._reason()
    watchdog._looked = time.monotonic_ns() - 10 * 10**9
    watchdog._forgive_sleep()
    assert watchdog._reason() == ""


@pytest.mark.parametrize("place", ["compiling kernels", "between runs"])
def test_what_may_well_take_long_is_waited_for_while_all_live(watchdog, place):
    watchdog.limit = 5.0
    watchdog._comm.here.enter(place)
    watchdog._write(watchdog._comm.here)
    watchdog._mine[WAITS] = 1
    watchdog._mine[SINCE] -= 10 * 10**9
    assert watchdog._reason() == ""
    watchdog._mine[WRITTEN] -= 10 * 10**9  # as if that process were stopped
    assert "(the limit is 5 s)" in watchdog._reason()


def test_a_limit_holds_until_the_next_run():
    class Watched(SerialComm):
        made = None

        def watchdog(self, make):
            if self.made is None and make is not None:
                self.made = types.SimpleNamespace(limit=0.0)
            return self.made

    comm = Watched()
    with watched(comm, 0.0, True):
        assert comm.made is None
    for limit in (5.0, 0.0, 7.0):
        with watched(comm, limit, True):
            assert comm.made.limit == limit
