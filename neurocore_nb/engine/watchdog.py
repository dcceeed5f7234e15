"""Ranks that wait for one that will never come find out, say which rank is where, and end the job.

Each rank writes into a board in memory that the ranks of a node share where it is, several times a second, by a thread
of its own. So the others see where it got stuck, and whether it still lives: a process that was stopped or killed
writes no more. Nothing of this needs MPI, which may be what hangs.
"""

from __future__ import annotations

import atexit
import mmap
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import CheckpointedExit, RunInterrupted
from .agreement import together
from .comm import MpiComm, SerialComm
from .launcher import launched_ranks
from .whereabouts import COMPILING, OUTSIDE, PLACES, STARTING, Whereabouts

DEFAULT_LIMIT = 1800.0  # s without progress, where a launcher has started several ranks
LIMIT_VARIABLE = "NEUROCORE_NB_WATCHDOG"
_TICK = 0.25  # s between two looks
_SILENCE = 3.0  # s without a sign of life after which a process is looked for
_GRACE = 1.0  # s that others get for reporting before this rank does
_PATIENCE = 5.0  # s for MPI to end the job, after which a rank ends itself
_STATUS = 1

# For how many s more others are waited for where they may well take long, as long as they live: with what users do
# between runs, and with compiling for an empty cache, which one rank of a node does for all.
_PATIENCE_AT = {OUTSIDE: float("inf"), COMPILING: 600.0}

# What a rank writes on the board: its rank, its process, when it last wrote, where it is since when, at which step,
# whether it waits for others, whether its program has ended. Times in ns of the monotonic clock.
RANK, PROCESS, WRITTEN, PLACE, SINCE, STEP, WAITS, ENDED, N_COLUMNS = range(9)

Board = npt.NDArray[np.int64]


def shared_board(comm: MpiComm) -> tuple[Board, int]:
    """Memory that the ranks of a node share, and the row of this rank; only its own where that can't be had."""
    neighbours = comm.gather_on_node(comm.rank)
    row, size = neighbours.index(comm.rank), len(neighbours) * N_COLUMNS * 8
    path = _make_file(size) if row == 0 else ""
    path = comm.gather_on_node(path)[0]
    memory = _map_file(path, size)
    usable = all(comm.gather_on_node(memory is not None))
    if row == 0 and path:
        Path(path).unlink(missing_ok=True)  # mapped memory needs no name, and so nothing is left of it in the end
    board = np.frombuffer(memory, np.int64).reshape(-1, N_COLUMNS) if memory is not None and usable else None
    return (board, row) if board is not None else (np.zeros((1, N_COLUMNS), np.int64), 0)


def _make_file(size: int) -> str:
    for folder in ("/dev/shm", tempfile.gettempdir()):  # noqa: S108  # mkstemp makes a name of its own
        try:
            handle, path = tempfile.mkstemp(prefix="neurocore_nb", dir=folder)
        except OSError:
            continue
        try:
            os.write(handle, bytes(size))
        except OSError:
            Path(path).unlink(missing_ok=True)
            continue
        finally:
            os.close(handle)
        return path
    return ""


def _map_file(path: str, size: int) -> mmap.mmap | None:
    try:
        with open(path, "r+b") as file:
            return mmap.mmap(file.fileno(), size)
    except (OSError, ValueError):
        return None


class Watchdog:
    """Watches the ranks of one node from a thread of each.

    Parameters
    ----------
    comm : MpiComm

    Attributes
    ----------
    limit : float
        After how many s without progress to end the job; 0: it doesn't watch.
    """

    def __init__(self, comm: MpiComm) -> None:
        self.limit = 0.0
        self._comm = comm
        self._board, self._row = shared_board(comm)
        self._mine = self._board[self._row]
        self._mine[[RANK, PROCESS]] = comm.rank, os.getpid()
        self._seen: tuple[Any, ...] = ()
        self._looked = time.monotonic_ns()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="neurocore_nb watchdog", daemon=True)
        self._write(comm.here)
        self._thread.start()
        atexit.register(self.close)

    def close(self) -> None:
        """Let the others know that this rank's program has ended."""
        self._end.set()
        self._write(self._comm.here)
        self._mine[ENDED] = 1

    def _watch(self) -> None:
        while not self._end.wait(_TICK):
            self._write(self._comm.here)
            self._forgive_sleep()
            if self.limit > 0.0 and self._mine[WAITS]:
                reason = self._reason()
                if reason:
                    self._end_job(reason)

    def _forgive_sleep(self) -> None:
        """Count anew after this process was stopped itself, by a batch system that suspended the whole job, say."""
        if _seconds_since(self._looked) > _SILENCE:
            self._mine[SINCE] = time.monotonic_ns()
        self._looked = time.monotonic_ns()

    def _write(self, here: Whereabouts) -> None:
        """Write on the board where this rank is."""
        now, seen = time.monotonic_ns(), (here.place, here.step, here.calls, here.waits)
        if seen != self._seen:
            self._seen = seen
            self._mine[SINCE] = now
        self._mine[[PLACE, STEP, WAITS, WRITTEN]] = PLACES.index(here.place), here.step, here.waits, now

    def _reason(self) -> str:
        """Why to end the job; empty if there is none."""
        waited = _seconds_since(self._mine[SINCE])
        for one in self._board:
            lost = _seconds_since(one[WRITTEN]) > _SILENCE and not _lives(int(one[PROCESS]))
            if (lost or one[ENDED]) and waited > _SILENCE:
                return f"rank {one[RANK]} has ended, for which others wait"
        stuck = any(_seconds_since(one[WRITTEN]) > self.limit for one in self._board)
        limit = self.limit if stuck else _PATIENCE_AT.get(self._comm.here.place, 0.0) + self.limit
        return f"no progress for {waited:.1f} s (the limit is {limit:g} s)" if waited > limit else ""

    def _end_job(self, reason: str) -> None:
        """Report, unless another rank of the node that waits does so, and abort."""
        waiting = [row for row, one in enumerate(self._board) if one[WAITS] and _seconds_since(one[WRITTEN]) < _SILENCE]
        if self._row != min(waiting, default=self._row):
            time.sleep(_GRACE)
        else:
            with suppress(Exception):  # stderr may be closed, or on a full disk
                sys.stderr.write(self._report(reason))
                sys.stderr.flush()
        for one in self._board:
            if _is_stopped(int(one[PROCESS])):
                with suppress(OSError):  # it may have ended since
                    os.kill(int(one[PROCESS]), 9)  # it wouldn't notice anything gentler
        threading.Thread(target=self._comm.abort, args=(_STATUS,), daemon=True).start()
        time.sleep(_PATIENCE)
        os._exit(_STATUS)

    def _report(self, reason: str) -> str:
        lines = [f"neurocore_nb watchdog: {reason}; ending the job"]
        for one in self._board[np.argsort(self._board[:, RANK])]:
            where = PLACES[one[PLACE]]
            if one[STEP] >= 0:
                where += f" at {one[STEP] * self._comm.here.dt:.9g} s of the network's time"
            silence, since = _seconds_since(one[WRITTEN]), _seconds_since(one[SINCE])
            if one[ENDED]:
                state = f"has ended its program; was {where}"
            elif silence > _SILENCE:
                gone = "is stopped" if _is_stopped(int(one[PROCESS])) else "gives no sign of life"
                gone = gone if _lives(int(one[PROCESS])) else "is gone"
                state = f"process {one[PROCESS]} {gone}, for {silence:.1f} s; was {where}"
            else:
                state = f"{'waits for other ranks' if one[WAITS] else 'is busy'} since {since:.1f} s, {where}"
            lines.append(f"  rank {one[RANK]}: {state}")
        if len(self._board) < self._comm.size:
            lines.append(f"  {self._comm.size - len(self._board)} ranks can't be seen from here")
        return "\n".join(lines) + "\n"


def _seconds_since(ns: Any) -> float:
    return float(time.monotonic_ns() - int(ns)) * 1e-9


def _process_state(process: int) -> str:
    """What Linux calls the state of a process; empty where it isn't known."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return ""


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return _process_state(process) not in ("Z", "X")


def _is_stopped(process: int) -> bool:
    return _process_state(process) in ("T", "t")


def default_limit(own_world: bool) -> float:
    """The limit in s where a run gives none: that of the environment or, under a launcher, half an hour."""
    given = os.environ.get(LIMIT_VARIABLE)
    if given is not None:
        try:
            return max(0.0, float(given))
        except ValueError:
            raise ValueError(f"{LIMIT_VARIABLE}={given!r} must be a number of seconds; 0 switches it off") from None
    return DEFAULT_LIMIT if own_world and launched_ranks() > 1 else 0.0


def _checked_limit(given: Any, own_world: bool) -> float:
    """What a run gives as its limit, or the default."""
    if given is None:
        return default_limit(own_world)
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise TypeError(f"watchdog must be a number of seconds, not {given!r}; 0 switches it off")
    if not given >= 0.0:
        raise ValueError(f"watchdog = {given!r} s must be at least 0 s; 0 switches it off")
    return float(given)


@contextmanager
def watched(comm: SerialComm | MpiComm, limit: Any, own_world: bool) -> Iterator[None]:
    """Watch over what ranks do together.

    Parameters
    ----------
    comm : Comm
    limit : float or None
        In s; None: the default.
    own_world : bool
        Whether the ranks are those of the launcher; a host that gives its own communicator watches by itself.
    """
    limits = comm.gather_objects(together(comm, lambda: _checked_limit(limit, own_world)))
    watchdog = comm.watchdog(Watchdog if max(limits) > 0.0 else None)  # environments may differ
    if watchdog is not None:
        watchdog.limit = max(limits)
    comm.here.enter(STARTING)
    try:
        yield
    except BaseException as error:
        comm.here.interrupted = not isinstance(error, Exception | CheckpointedExit | RunInterrupted)
        raise
    finally:
        comm.here.enter(OUTSIDE)
