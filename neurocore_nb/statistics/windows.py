"""Spikes as statistics and pictures take them: from a monitor or from spike trains, within a window of time."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from ..io.trains import SpikeTrains, trains_of
from ..network import checks
from ..network.checks import FloatArray

IntArray = npt.NDArray[np.int64]
_TOLERANCE = 1e-6  # of a bin: times are multiples of dt only up to rounding
_FAR = 100.0  # times the end of the window, where times may be in ms


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
        The window in s, of which both ends count; infinite where it isn't known.
    """

    t: FloatArray
    i: IntArray
    n: int
    start: float
    stop: float

    def trains(self) -> list[FloatArray]:
        """Ascending spike times in s of each neuron."""
        order = np.argsort(self.t, kind="stable")
        return trains_of(self.t[order], self.i[order], self.n)

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


def spikes_of(given: Any, duration: float | None = None, start: float = 0.0) -> Spikes:
    """The spikes of a monitor, or of spike trains, within a window.

    Parameters
    ----------
    given : SpikeMonitor, Spikes, or spike trains
        Of a monitor on rank 0. Spike trains are those of a ``SpikeMonitor`` or ``Recording``, those of Neo, or arrays
        with times in s; a list or dict with one for each neuron.
    duration : float, optional
        Of the window in s. Arrays need it, all others know until when they were recorded.
    start : float
        Where the window begins, in s. Of the window counts what was recorded.

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
    until = math.inf if duration is None else start + checks.real_number(duration, "duration", "s", above=0.0)
    known = _recorded(given)
    begin, stop = max(start, known.start), min(until, known.stop)
    if stop == math.inf:
        raise ValueError("spike trains don't tell how long was recorded: give duration= in s")
    if stop < begin:
        raise ValueError(
            f"the window from {start:g} to {until:g} s has nothing of what was recorded, which is from {known.start:g} "
            f"to {known.stop:g} s"
        )
    if known.stop == math.inf:
        _warn_of_milliseconds(known.t, stop)
    slack = _TOLERANCE * 1e-3 * max(stop, 1.0)
    within = (known.t >= begin - slack) & (known.t <= stop + slack)
    return Spikes(known.t[within], known.i[within], known.n, begin, stop)


def _recorded(given: Any) -> Spikes:
    """All spikes of what :func:`spikes_of` takes, and the window in which they were recorded."""
    if isinstance(given, Spikes):
        return given
    if hasattr(given, "raster_data"):
        (t, i), (start, stop) = given.raster_data(), given.window
        return Spikes(t, i, len(given.population), start, stop)
    if hasattr(given, "spike_trains"):
        names = ", ".join(map(repr, given.populations))
        raise TypeError(f"{given!r} may have several populations: give its spike_trains() of one of {names}")
    trains = list(given.values()) if isinstance(given, Mapping) else given
    if not (hasattr(trains, "__len__") and hasattr(trains, "__iter__")) or isinstance(trains, str):
        raise TypeError(
            "spikes must be a SpikeMonitor, the spike_trains() of a Recording, or a list or dict with an array of "
            f"times in s for each neuron, not {given!r}"
        )
    arrays = [_times(train, k) for k, train in enumerate(trains)]
    i = np.repeat(np.arange(len(arrays)), [len(array) for array in arrays])
    start, stop = _window(given, trains)
    return Spikes(np.concatenate([np.empty(0), *arrays]), i, len(arrays), start, stop)


def _times(train: Any, k: int) -> FloatArray:
    """The times in s of the k-th neuron."""
    if not _is_sequence(train):
        raise TypeError(
            "spikes must be one array of times in s for each neuron of one population, as in [train] for a single "
            "neuron; give populations or monitors one after the other, as in plot.raster(*monitors)"
        )
    if hasattr(train, "rescale"):  # of Neo, or with a unit of quantities
        train = train.rescale("s").magnitude
    elif len(train) and np.asarray(train).dtype.kind in "iu":
        raise TypeError(
            f"spike train {k} holds integers, as the indices of neurons are; times are floats in s. Instead of times "
            "and indices (t, i), give the SpikeMonitor, or the spike_trains() of a Recording"
        )
    return checks.real_array(train, f"spike train {k}", "s", low=0.0) if len(train) else np.empty(0)


def _is_sequence(train: Any) -> bool:
    try:
        return np.ndim(train) == 1
    except ValueError:  # sequences of several lengths
        return False


def _window(given: Any, trains: Any) -> tuple[float, float]:
    """From when to when spike trains were recorded, in s; those of Neo each tell it."""
    if isinstance(given, SpikeTrains):
        return given.t_start, given.t_stop
    telling = [train for train in trains if hasattr(train, "t_stop")]
    starts, stops = ([float(getattr(one, end).rescale("s")) for one in telling] for end in ("t_start", "t_stop"))
    return max(starts, default=0.0), min(stops, default=math.inf)


def _warn_of_milliseconds(t: FloatArray, stop: float) -> None:
    last = float(t.max(initial=0.0))
    if last > _FAR * stop:
        warnings.warn(
            f"spike times go up to {last:g}, and the window ends at {stop:g} s: times are in seconds, so divide those "
            "in ms by 1000",
            RuntimeWarning,
            stacklevel=4,
        )
