"""Spikes as statistics and pictures take them: from a monitor or from spike trains, within a window of time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from ..network import checks
from ..network.checks import FloatArray

IntArray = npt.NDArray[np.int64]
_TOLERANCE = 1e-6  # of a bin: times are multiples of dt only up to rounding


class Spikes(NamedTuple):
    """The spikes of some neurons in a window of time.

    Attributes
    ----------
    t : float64[n_spikes]
        Times in s ...
    i : int64[n_spikes]
        ... and neurons, in the order in which they were given.
    n : int
        Number of neurons.
    start, stop : float
        The window in s, of which both ends count.
    """

    t: FloatArray
    i: IntArray
    n: int
    start: float
    stop: float

    def trains(self) -> list[FloatArray]:
        """Ascending spike times in s of each neuron."""
        order = np.lexsort((self.t, self.i))
        ends = np.cumsum(np.bincount(self.i, minlength=self.n))
        return np.split(self.t[order], ends[:-1]) if self.n else []

    def counts(self, width: float) -> csr_array:
        """Number of spikes of each neuron in each bin, shape (n, n_bins).

        Parameters
        ----------
        width : float
            Of a bin in s. A spike at the border of two bins is in the first, as its time is the end of a step. What is
            left of the window after the last whole bin is left out.

        Raises
        ------
        ValueError
            If the window is shorter than a bin.
        """
        checks.real_number(width, "the width of a bin", "s", above=0.0)
        n_bins = int((self.stop - self.start) / width + _TOLERANCE)
        if n_bins < 1:
            raise ValueError(f"a bin of {width:g} s is longer than the window from {self.start:g} to {self.stop:g} s")
        place = np.maximum(np.ceil((self.t - self.start) / width - _TOLERANCE).astype(np.int64) - 1, 0)
        within = place < n_bins
        ones = np.ones(int(within.sum()), np.int64)
        return csr_array((ones, (self.i[within], place[within])), shape=(self.n, n_bins))


def spikes_of(given: Any, duration: float | None = None, start: float = 0.0, *, late: bool = False) -> Spikes:
    """The spikes of a monitor, or of spike trains, within a window.

    Parameters
    ----------
    given : SpikeMonitor, Spikes, or spike trains in s as a sequence of arrays or a dict of them
        Of a monitor on rank 0.
    duration : float, optional
        Of the window in s. By default what a monitor has recorded after ``start``; spike trains need it.
    start : float
        Where the window begins, in s.
    late : bool
        Whether a monitor that was added to its network after time 0 may do without ``duration``: as if it had seen no
        spikes before.

    Raises
    ------
    TypeError, ValueError
        If it isn't given as it should be, or if the window isn't.

    Examples
    --------
    >>> from neurocore_nb.statistics.windows import spikes_of
    >>> spikes_of([[0.1, 0.3], [], [0.2, 1.2]], duration=1.0).i
    array([0, 0, 2])
    """
    start = checks.real_number(start, "start", "s", low=0.0)
    if duration is not None:
        duration = checks.real_number(duration, "duration", "s", above=0.0)
    until = None if duration is None else start + duration
    if isinstance(given, Spikes):
        t, i, n, stop = given.t, given.i, given.n, given.stop if until is None else until
    elif hasattr(given, "raster_data"):
        t, i = given.raster_data()
        n, stop = len(given.population), _recorded_until(given, t, late) if until is None else until
    else:
        t, i, n = _flattened(given)
        if until is None:
            raise ValueError("spike trains don't tell how long was recorded: give duration= in s")
        stop = until
    if stop < start:
        raise ValueError(f"start = {start:g} s is later than what {given!r} has recorded, {stop:g} s")
    slack = _TOLERANCE * 1e-3 * max(stop, 1.0)
    within = (t >= start - slack) & (t <= stop + slack)
    return Spikes(t[within], i[within], n, start, stop)


def _recorded_until(monitor: Any, t: FloatArray, late: bool) -> float:
    """Until when a monitor that has seen spikes at some times has recorded, in s."""
    facts = monitor.facts()
    stop, last = float(facts["n_steps"] * facts["dt"]), float(t[-1]) if len(t) else 0.0
    if last > stop * (1.0 + _TOLERANCE) and not late:
        raise ValueError(
            f"{monitor!r} has recorded {stop:g} s, but not from time 0 on, as its last spike is at {last:g} s: give "
            "start= and duration= in s"
        )
    return max(stop, last)


def _flattened(given: Any) -> tuple[FloatArray, IntArray, int]:
    """Times, neurons, and the number of neurons, of spike trains."""
    trains = list(given.values()) if isinstance(given, Mapping) else given
    if not isinstance(trains, Sequence | np.ndarray) or isinstance(trains, str):
        raise TypeError(f"spikes must be a SpikeMonitor, or a list or dict of spike trains in s, not {given!r}")
    if any(np.ndim(train) != 1 for train in trains):
        raise TypeError("spikes must be a list or dict with an array of times in s for each neuron; write [train]")
    arrays = [checks.real_array(train, f"spike train {k}", "s") if len(train) else np.empty(0)
              for k, train in enumerate(trains)]  # fmt: skip
    lengths = [len(array) for array in arrays]
    return np.concatenate([np.empty(0), *arrays]), np.repeat(np.arange(len(arrays)), lengths), len(arrays)
