"""How far a run is: a bar in terminals and notebooks, lines where what is written is kept."""

from __future__ import annotations

import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

_BAR = "{desc} |{bar}| {done} s [{elapsed}<{remaining}, {rate_fmt}, {ratio}]"
_PATIENCE = 2.0  # s until something is said of what comes before the first step
_PAUSE = 10.0  # s between two lines, at least ...
_PART = 0.1  # ... and the part of the run


def load_tqdm() -> Any:
    """The progress bar of tqdm, which is an extra."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # where a notebook has no ipywidgets, a bar of text is as good
            from tqdm.auto import tqdm
    except ImportError:
        raise ImportError("progress=True needs tqdm: install neurocore_nb[progress], or leave it out") from None
    return tqdm


@contextmanager
def told_if_slow(wanted: bool, asked: bool) -> Iterator[None]:
    """Say in a terminal, or wherever progress is asked for, that what takes long is compilation and building.

    Parameters
    ----------
    wanted : bool
        Whether to say anything at all.
    asked : bool
        Whether the user wants to see progress.
    """

    def tell() -> None:
        with suppress(Exception):
            sys.stderr.write("neurocore_nb: compiling (once for each kind of model) and building the network ...\n")
            sys.stderr.flush()

    timer = threading.Timer(_PATIENCE, tell)
    timer.daemon = True
    with suppress(Exception):
        if wanted and (asked or _is_redrawn(sys.stderr)):
            timer.start()
    try:
        yield
    finally:
        timer.cancel()


@contextmanager
def progress_bar(wanted: bool, n_steps: int, dt: float) -> Iterator[Callable[[int], Any]]:
    """A function to be called with the number of steps done since its last call.

    Where progress can't be shown, as in a terminal that was closed, the run goes on without.

    Parameters
    ----------
    wanted : bool
    n_steps : int
        Of the run.
    dt : float
        Network step in s.
    """
    shown: Any = None
    if wanted:
        with suppress(Exception):
            shown = (_bar if _is_redrawn(sys.stderr) else _Lines)(n_steps, dt)

    def advance(steps: int) -> None:
        if shown is not None:
            with suppress(Exception):
                shown.update(steps)

    try:
        yield advance
    finally:
        if shown is not None:
            with suppress(Exception):
                shown.close()


def _is_redrawn(stream: Any) -> bool:
    """Whether a carriage return goes back to the start of a line: in terminals and notebooks, not in files."""
    return bool(stream.isatty() or type(stream).__module__.startswith("ipykernel"))


def _bar(n_steps: int, dt: float) -> Any:
    """A bar of tqdm that tells of simulated time."""

    class Bar(load_tqdm()):  # type: ignore[misc]  # tqdm is found at run time
        @property
        def format_dict(self) -> dict[str, Any]:
            told: dict[str, Any] = super().format_dict
            done = f"{told['n'] * dt:.4g}/{n_steps * dt:.4g}"
            return told | {"done": done, "ratio": _ratio(told["elapsed"], told["n"] * dt)}

    return Bar(total=n_steps, desc="simulated", unit="step", unit_scale=True, bar_format=_BAR, dynamic_ncols=True)


class _Lines:
    """Whole lines on stderr, few in number: after some time and some part of the run, and at its end."""

    def __init__(self, n_steps: int, dt: float) -> None:
        self._n_steps, self._dt = n_steps, dt
        self._done, self._told = 0, -1
        self._started = self._last = time.monotonic()
        self._clock = load_tqdm().format_interval

    def update(self, steps: int) -> None:
        """Count steps, and tell if it is time."""
        self._done += steps
        late = time.monotonic() - self._last >= _PAUSE
        if late and self._done - max(self._told, 0) >= _PART * self._n_steps:
            self._tell()

    def close(self) -> None:
        """Tell how far it came."""
        if self._told < self._done:
            self._tell()

    def _tell(self) -> None:
        self._last, self._told = time.monotonic(), self._done
        elapsed, done = self._last - self._started, self._done * self._dt
        part = self._done / max(self._n_steps, 1) if self._n_steps else 1.0
        line = f"simulated {done:.4g} of {self._n_steps * self._dt:.4g} s ({part:.0%}) in {self._clock(elapsed)}"
        if self._done:
            line += f", {self._done / max(elapsed, 1e-9):.4g} steps/s, {_ratio(elapsed, done)}"
        if 0 < self._done < self._n_steps:
            line += f", {self._clock(elapsed * (1.0 / part - 1.0))} left"
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()


def _ratio(wall: float, simulated: float) -> str:
    """Wall over biological time, in few places."""
    return f"{wall / simulated:.3g} x biological" if simulated else "? x biological"
