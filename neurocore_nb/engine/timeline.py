"""When a run was in which phase: a record that stays small however long the run is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

MOST_POINTS = 256
_FIRST_GAP = 1e-3  # s, between points of a short run

Singles = npt.NDArray[np.float32]


@dataclass
class Timeline:
    """Time that each phase has taken on a rank, at some times of a run.

    Attributes
    ----------
    t : float32[n_points]
        Wall time in s since the run began, ascending.
    seconds : dict of str to float32[n_points]
        Wall time of each phase until then.
    """

    t: Singles = field(default_factory=lambda: np.empty(0, np.float32))
    seconds: dict[str, Singles] = field(default_factory=dict)

    def shares(self, edges: npt.ArrayLike) -> dict[str, npt.NDArray[np.float64]]:
        """What part of the time between successive times each phase has taken.

        Parameters
        ----------
        edges : array of shape (n_bins + 1,)
            In s, ascending.

        Returns
        -------
        dict of str to float64[n_bins]
        """
        times = np.asarray(edges, np.float64)
        if not len(self.t):
            return {phase: np.zeros(len(times) - 1) for phase in self.seconds}
        return {phase: np.diff(np.interp(times, self.t, taken)) / np.diff(times)
                for phase, taken in self.seconds.items()}  # fmt: skip


class History:
    """Collects the points of a timeline.

    Parameters
    ----------
    n_phases : int
    start : float
        When the run began, on the clock that later times are of.

    Attributes
    ----------
    due : float
        When the next point is.
    """

    def __init__(self, n_phases: int, start: float) -> None:
        self._points = np.empty((MOST_POINTS, 1 + n_phases))
        self._n, self._gap, self._start = 0, _FIRST_GAP, start
        self.due = start

    def note(self, now: float, seconds: Iterable[float]) -> None:
        """Note a point: the time, and that of each phase until then."""
        if self._n == MOST_POINTS:
            self._thin()
        self._points[self._n] = (now, *seconds)
        self._n += 1
        self.due = now + self._gap

    def _thin(self) -> None:
        """Drop points that are close to those before them, until half of the room is free."""
        while self._n > MOST_POINTS // 2:
            self._gap *= 2.0
            kept = [0]
            for k in range(1, self._n):
                if self._points[k, 0] - self._points[kept[-1], 0] >= self._gap:
                    kept.append(k)
            self._n = len(kept)
            self._points[: self._n] = self._points[kept]

    def timeline(self, phases: Iterable[str], now: float, seconds: Iterable[float]) -> Timeline:
        """All points, and a last one."""
        points = np.vstack([self._points[: self._n], [now, *seconds]])
        points[:, 0] -= self._start
        t, *taken = points.astype(np.float32).T.copy()
        return Timeline(t, dict(zip(phases, taken, strict=True)))
