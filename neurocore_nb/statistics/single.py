"""Statistics of the spikes of each neuron."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..network.checks import FloatArray
from .windows import spikes_of


def _elephant() -> Any:
    """Elephant's statistics, which are an extra."""
    try:
        import elephant.statistics
    except ImportError:
        raise ImportError('this statistic needs Elephant: pip install "neurocore_nb[analysis]"') from None
    return elephant.statistics


def firing_rates(spikes: Any, duration: float | None = None, *, start: float = 0.0) -> FloatArray:
    """Mean rate of each neuron.

    Parameters
    ----------
    spikes : SpikeMonitor, or spike trains
        Those of a ``Recording``, those of Neo, or a list or dict with an array of times in s for each neuron.
    duration, start : float
        The window, in s; arrays need ``duration``. What wasn't recorded of it doesn't count.

    Returns
    -------
    float64[n]
        In Hz.

    Raises
    ------
    TypeError, ValueError
        If spikes or window aren't legal.

    Examples
    --------
    >>> from neurocore_nb import statistics
    >>> statistics.firing_rates([[0.1, 0.2, 0.9], []], duration=0.5)
    array([4., 0.])
    """
    found = spikes_of(spikes, duration, start)
    if found.stop == found.start:
        raise ValueError(f"no time has been recorded in {spikes!r}: run the network first")
    return np.bincount(found.i, minlength=found.n) / (found.stop - found.start)


def isi(spikes: Any, duration: float | None = None, *, start: float = 0.0) -> list[FloatArray]:
    """Intervals between successive spikes of each neuron, in s; empty for those with less than two spikes.

    Parameters and errors as for :func:`firing_rates`.

    Examples
    --------
    >>> from neurocore_nb import statistics
    >>> statistics.isi([[0.25, 0.5, 1.0], [0.75]], duration=1.0)
    [array([0.25, 0.5 ]), array([], dtype=float64)]
    """
    return [np.diff(train) for train in spikes_of(spikes, duration, start).trains()]


def cv(spikes: Any, duration: float | None = None, *, start: float = 0.0) -> FloatArray:
    """Coefficient of variation of each neuron's intervals: 0 for a clock, 1 for a Poisson process.

    Parameters and errors as for :func:`firing_rates`. Nan for neurons with less than two intervals, or all spikes at
    one time.

    Returns
    -------
    float64[n]

    Examples
    --------
    >>> from neurocore_nb import statistics
    >>> statistics.cv([[0.25, 0.5, 0.75], [0.1]], duration=1.0)
    array([ 0., nan])
    """
    return _of_intervals(lambda one: float(one.std() / one.mean()), spikes, duration, start)


def cv2(spikes: Any, duration: float | None = None, *, start: float = 0.0) -> FloatArray:
    """Mean over successive intervals of ``2 |difference| / sum``, of each neuron (Elephant).

    Parameters and errors as for :func:`firing_rates`. Nan for neurons with less than two intervals, or three spikes at
    one time.

    Returns
    -------
    float64[n]
        0 for a clock, 1 for a Poisson process.

    Raises
    ------
    ImportError
        Without Elephant.

    References
    ----------
    Holt GR, Softky WR, Koch C, Douglas RJ (1996), J Neurophysiol 75:1806-1814.

    Examples
    --------
    >>> from neurocore_nb import statistics
    >>> statistics.cv2([[0.125, 0.25, 0.5], [0.1]], duration=1.0).round(3)
    array([0.667,   nan])
    """
    return _of_intervals(_elephant().cv2, spikes, duration, start)


def lv(spikes: Any, duration: float | None = None, *, start: float = 0.0) -> FloatArray:
    """Local variation of each neuron's intervals (Elephant), which slow changes of the rate hardly move.

    Parameters and errors as for :func:`firing_rates`. Nan for neurons with less than two intervals, or three spikes at
    one time.

    Returns
    -------
    float64[n]
        0 for a clock, 1 for a Poisson process.

    Raises
    ------
    ImportError
        Without Elephant.

    References
    ----------
    Shinomoto S, Shima K, Tanji J (2003), Neural Comput 15:2823-2842.

    Examples
    --------
    >>> from neurocore_nb import statistics
    >>> statistics.lv([[0.125, 0.25, 0.5], [0.1]], duration=1.0)
    array([0.33333333,        nan])
    """
    return _of_intervals(_elephant().lv, spikes, duration, start)


def fano_factor(
    spikes: Any, window: float = 0.1, duration: float | None = None, *, start: float = 0.0
) -> FloatArray:  # fmt: skip
    """Variance over mean of each neuron's numbers of spikes in successive windows: 1 for a Poisson process.

    Parameters and errors as for :func:`firing_rates`; ``window`` is in s. Nan for silent neurons.

    Returns
    -------
    float64[n]

    Examples
    --------
    >>> from neurocore_nb import statistics
    >>> statistics.fano_factor([[0.1, 0.2, 0.7], []], window=0.5, duration=1.0)
    array([0.16666667,        nan])
    """
    counts = spikes_of(spikes, duration, start).counts(window)
    mean = counts.mean(axis=1)
    variance = counts.power(2).mean(axis=1) - mean**2
    result = np.full(len(mean), np.nan)
    np.divide(variance, mean, out=result, where=mean > 0.0)
    return result


def _of_intervals(
    statistic: Callable[[FloatArray], float], spikes: Any, duration: float | None, start: float
) -> FloatArray:
    """What a function makes of each neuron's intervals; nan where there are less than two, or where it divides by 0."""
    intervals = isi(spikes, duration, start=start)
    with np.errstate(invalid="ignore"):
        return np.array([statistic(one) if len(one) > 1 else np.nan for one in intervals], np.float64)
