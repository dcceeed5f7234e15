"""Where a rank is in a run, for the watchdog, which looks at it from another thread."""

from __future__ import annotations

from collections.abc import Callable

OUTSIDE, STARTING, COMPILING, BUILDING, INTEGRATING, EXCHANGING, RECORDING, WRITING, READING = PLACES = (
    "between runs",
    "starting",
    "compiling kernels",
    "building synapses",
    "integrating neurons",
    "exchanging spikes",
    "handing over what was recorded",
    "writing a checkpoint",
    "reading a checkpoint",
)


class Whereabouts:
    """Where a rank is.

    Attributes
    ----------
    place : str
        One of ``PLACES``.
    calls : int
        Of other ranks so far.
    dt : float
        Network step in s.
    interrupted : bool
        Whether it has left others alone in what they do together.
    """

    def __init__(self) -> None:
        self.place = OUTSIDE
        self.interrupted = False
        self.calls = 0
        self.dt = 0.0
        self._called = False
        self._step: Callable[[], int] = lambda: -1
        self._waits: Callable[[], bool] = lambda: False

    def enter(self, place: str) -> None:
        """Go to a place."""
        self.place = place

    def follow(self, dt: float, step: Callable[[], int], waits: Callable[[], bool]) -> None:
        """Let functions tell the present step of length dt (s), and whether a compiled call waits for other ranks."""
        self.dt, self._step, self._waits = dt, step, waits

    @property
    def step(self) -> int:
        """Present time in network steps; -1 before there is any."""
        return self._step()

    @property
    def waits(self) -> bool:
        """Whether it waits for other ranks."""
        return self._called or self._waits()

    def __enter__(self) -> None:
        """Call other ranks."""
        self.calls += 1
        self._called = True

    def __exit__(self, *_: object) -> None:
        self._called = False
