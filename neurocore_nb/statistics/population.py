"""Statistics of what neurons do together."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.signal import welch

from ..network import checks
from ..network.checks import FloatArray
from .windows import Spikes, spikes_of


def population_rate(
    spikes: Any, bin: float = 1e-3, duration: float | None = None, *, start: float = 0.0, sigma: float | None = None
) -> tuple[FloatArray, FloatArray]:
    """Mean rate over all neurons, in bins of time.

    Parameters and errors as for :func:`firing_rates`, and

    Parameters
    ----------
    bin : float
        Width of a bin in s.
    sigma : float, optional
        Standard deviation in s of a Gaussian by which the rate is smoothed, reflected at both ends.

    Returns
    -------
    t : float64[n_bins]
        Where each bin starts, in s.
    rate : float64[n_bins]
        In Hz; nan where there are no neurons.

    Examples
    --------
    >>> from neurocore_nb import statistics
    >>> statistics.population_rate([[0.1, 0.6], [0.7]], bin=0.5, duration=1.0)
    (array([0. , 0.5]), array([1., 2.]))
    """
    found = spikes_of(spikes, duration, start)
    counts = np.asarray(found.counts(bin).sum(axis=0), np.float64)
    rate: FloatArray = counts / (found.n * bin) if found.n else np.full(len(counts), np.nan)
    if sigma is not None:
        rate = gaussian_filter1d(rate, checks.real_number(sigma, "sigma", "s", above=0.0) / bin)
    starts: FloatArray = found.start + bin * np.arange(len(counts), dtype=np.float64)
    return starts, rate


def spectrum(
    spikes: Any, bin: float = 1e-3, duration: float | None = None, *, start: float = 0.0, segment: float | None = None
) -> tuple[FloatArray, FloatArray]:
    """Power spectral density of the population rate, one-sided, by Welch's method.

    That of n independent Poisson processes of rate r is flat: 2 r / n.

    Parameters
    ----------
    spikes : SpikeMonitor, spike trains, or tuple (t, rate)
        A tuple is a rate in Hz at times with equal distances.
    bin : float
        Of the rate, in s; half of its inverse is the highest frequency.
    duration, start : float
        The window, in s.
    segment : float, optional
        Length in s of the segments that are averaged, which overlap by half; its inverse is the resolution in
        frequency. By default an eighth of the window.

    Returns
    -------
    f : float64[n_frequencies]
        In Hz.
    density : float64[n_frequencies]
        In Hz^2 / Hz.

    Raises
    ------
    TypeError, ValueError
        If spikes, rate or window aren't legal.

    Examples
    --------
    >>> import numpy as np
    >>> from neurocore_nb import statistics
    >>> t = np.arange(0.0, 10.0, 1e-3)
    >>> f, density = statistics.spectrum((t, 5.0 + np.sin(2.0 * np.pi * 40.0 * t)), segment=1.0)
    >>> f[density.argmax()]
    np.float64(40.0)
    """
    if isinstance(spikes, tuple) and not isinstance(spikes, Spikes):
        t, rate = (checks.real_array(one, what, unit) for one, what, unit in zip(
            spikes, ("times", "rate"), ("s", "Hz"), strict=True))  # fmt: skip
        if t.shape != rate.shape or len(t) < 2 or not np.allclose(np.diff(t), t[1] - t[0], rtol=1e-3):
            raise ValueError("a rate must be (t, rate), two arrays of one length, with equal distances of the times")
        bin = float(t[-1] - t[0]) / (len(t) - 1)
    else:
        _, rate = population_rate(spikes, bin, duration, start=start)
    n_segment = (
        len(rate) // 8 if segment is None else round(checks.real_number(segment, "segment", "s", above=0.0) / bin)
    )
    f, density = welch(rate, 1.0 / bin, nperseg=min(max(n_segment, 1), len(rate)))
    return f, density


def pairwise_correlation(
    spikes: Any, bin: float = 5e-3, duration: float | None = None, *, start: float = 0.0
) -> FloatArray:  # fmt: skip
    """Pearson correlation of the binned spike trains of all pairs of neurons.

    Parameters and errors as for :func:`firing_rates`; ``bin`` is in s.

    Returns
    -------
    float64[n, n]
        Nan where a neuron has the same number of spikes in all bins, as silent ones have.

    Examples
    --------
    >>> from neurocore_nb import statistics
    >>> statistics.pairwise_correlation([[0.1, 0.6], [0.1, 0.6], []], bin=0.25, duration=1.0).round(3)
    array([[ 1.,  1., nan],
           [ 1.,  1., nan],
           [nan, nan, nan]])
    """
    counts = spikes_of(spikes, duration, start).counts(bin).toarray()
    varied = np.ptp(counts, axis=1) > 0
    result = np.full((len(counts), len(counts)), np.nan)
    if varied.any():
        result[np.ix_(varied, varied)] = np.corrcoef(counts[varied])
    return result


def coherence(spikes: Any, bin: float = 1e-3, duration: float | None = None, *, start: float = 0.0) -> float:
    """The measure of synchrony of Wang and Buzsaki: how many of their spikes two neurons share, as mean over all pairs.

    Trains of zeros and ones, X and Y, are made of the bins; of a pair it is sum(X Y) / sqrt(sum(X) sum(Y)).

    Parameters and errors as for :func:`firing_rates`; ``bin`` is in s.

    Returns
    -------
    float
        1 if all fire in the same bins, and about rate times bin if they are independent. Silent neurons are left out;
        nan where less than two fire.

    References
    ----------
    Wang XJ, Buzsaki G (1996), J Neurosci 16:6402-6413.

    Examples
    --------
    >>> from neurocore_nb import statistics
    >>> round(statistics.coherence([[0.1, 0.6], [0.1, 0.9], []], bin=0.25, duration=1.0), 6)
    0.5
    """
    found = spikes_of(spikes, duration, start)
    shared = (found.counts(bin) > 0).astype(np.float64)
    sums = shared.sum(axis=1)
    active = int((sums > 0.0).sum())
    if active < 2:
        return float("nan")
    scale = np.divide(1.0, np.sqrt(sums), out=np.zeros(len(sums)), where=sums > 0.0)
    total = shared.T @ scale  # the sum over all pairs, those of a neuron with itself included
    return float((total @ total - active) / (active * (active - 1)))


def synchrony(states: Any, variable: str = "v") -> float:
    r"""Golomb's measure of synchrony: how much of the neurons' fluctuations is left in their mean.

    .. math:: \chi^2 = \mathrm{var}_t(\langle v \rangle_i) \, / \, \langle \mathrm{var}_t(v_i) \rangle_i

    Parameters
    ----------
    states : StateMonitor, or array of shape (n_samples, n)
    variable : str
        Of the monitor.

    Returns
    -------
    float
        1 if all neurons have the same potential at all times, and about 1 / sqrt(n) if they are independent; nan where
        none of them fluctuates.

    Raises
    ------
    TypeError, ValueError
        If it is no table of samples.

    References
    ----------
    Golomb D, Rinzel J (1994), Physica D 72:259-282.

    Examples
    --------
    >>> from neurocore_nb import statistics
    >>> statistics.synchrony([[-65.0, -65.0], [-60.0, -60.0], [-70.0, -70.0]])
    1.0
    """
    if hasattr(states, "raster_data"):
        raise TypeError(f"synchrony is that of potentials: give a StateMonitor, not {states!r}")
    table = states.traces[variable] if hasattr(states, "traces") else checks.real_array(states, "states", "its unit")
    if table.ndim != 2:
        raise ValueError(f"states have shape {table.shape}; give (n_samples, n_neurons)")
    table = table.astype(np.float64)
    each = float(table.var(axis=0).mean()) if table.size else 0.0
    return float(np.sqrt(table.mean(axis=1).var() / each)) if each > 0.0 else float("nan")
