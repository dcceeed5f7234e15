"""When a run writes checkpoints: by the clock, at a signal, and at its end."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from ..errors import CheckpointedExit, RunInterrupted, named
from ..kernels.wire import CHECKPOINT, GOING_ON, STOP
from .comm import Comm

# Slurm sends the first where it is asked to (--signal), and the second before it kills; other systems likewise.
_SIGNALS = tuple(getattr(signal, name) for name in ("SIGUSR1", "SIGTERM") if hasattr(signal, name))

log = logging.getLogger("neurocore_nb")


class Checkpoints:
    """The checkpoints of one run. As a context manager it heeds signals.

    Parameters
    ----------
    comm : Comm
    path : Path or None
        Where to write them; None: none are written, and signals do what they do otherwise. But SIGINT (Ctrl-C, a
        notebook's stop button) ends a run at the end of an interval, so that it can go on; the second one does at once.
    every : float or None
        Wall time in s from one to the next; None: at signals and at the end of the run only.
    save : function
        Writes a checkpoint.

    Notes
    -----
    All ranks have to write at the same step. So each rank's wish is its status in the next exchange of spikes, and all
    follow the most urgent one. Rank 0 looks at the clock; a signal may reach any rank.
    """

    def __init__(self, comm: Comm, path: Path | None, every: float | None, save: Callable[[], Any]) -> None:
        self._comm = comm
        self._path = path
        self._every = every
        self._save = save
        self._signal = ""
        self._in_loop = False
        self._before: dict[int, Any] = {}
        self._last = time.monotonic()
        self._fresh = False

    def __enter__(self) -> Checkpoints:
        if threading.current_thread() is threading.main_thread():
            if self._path is not None:
                self._before = {one: signal.signal(one, self._heed) for one in _SIGNALS}
            if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # a host may have another use for it
                self._before[signal.SIGINT] = signal.signal(signal.SIGINT, self._heed_interrupt)
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        for one, before in self._before.items():
            signal.signal(one, signal.SIG_DFL if before is None else before)  # None: not by Python
        if self._signal and error is None:  # it came too late for all to heed it
            signal.raise_signal(signal.Signals[self._signal])

    def _heed(self, number: int, _frame: FrameType | None) -> None:
        self._signal = signal.Signals(number).name

    def _heed_interrupt(self, number: int, frame: FrameType | None) -> None:
        if self._signal or not self._in_loop:
            signal.default_int_handler(number, frame)
        self._heed(number, frame)

    def status(self) -> int:
        """What this rank asks of all now, see ``kernels.wire``."""
        self._fresh, self._in_loop = False, True
        if self._signal:
            return STOP
        due = self._every is not None and time.monotonic() - self._last >= self._every
        return CHECKPOINT if due and self._comm.rank == 0 else GOING_ON

    def write(self, time_s: float, status: int) -> None:
        """Write one now, at a time in s; all ranks call it together.

        Raises
        ------
        CheckpointedExit
            After it, if the status is ``STOP``.
        RunInterrupted
            After it, or without a path, if the status is ``STOP`` because of SIGINT.
        """
        if self._path is not None and not self._fresh:
            with named(f"checkpoint {str(self._path)!r}, at {time_s:.9g} s"):
                self._save()
        self._last, self._fresh = time.monotonic(), True
        if status == STOP:
            said = next(one for one in self._comm.gather_objects(self._signal) if one)
            self._signal = ""
            if said == "SIGINT":
                written = f", and wrote the checkpoint {str(self._path)!r}" if self._path is not None else ""
                raise RunInterrupted(f"stopped at {time_s:.9g} s{written}; run() goes on from here")
            message = f"{said}: wrote the checkpoint {str(self._path)!r} at {time_s:.9g} s"
            if self._comm.rank == 0:
                log.warning("%s; ends with status %d", message, CheckpointedExit.STATUS)
            raise CheckpointedExit(message)

    def finish(self, time_s: float) -> None:
        """Write the last one of a run."""
        self._in_loop = False
        if self._path is not None:
            self.write(time_s, max(self._comm.gather_objects(STOP if self._signal else CHECKPOINT)))
            if any(self._comm.gather_objects(bool(self._signal))):  # one came while that was written
                self.write(time_s, STOP)
