"""Pictures of intervals between spikes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import StrMethodFormatter

from .. import statistics
from ..network.checks import FloatArray
from ..statistics.windows import spikes_of
from .canvas import Limits, bare, colors_of, edges_of, labels_of, legend, one_axes, say


def isi(
    *monitors: Any, ax: Axes | None = None, bins: Any = 50, log: bool | None = None, start: float = 0.0,
    duration: float | None = None, colors: Sequence[Any] | str | None = None,
    labels: Sequence[str] | str | None = None, xlim: Limits = None,
) -> Axes:  # fmt: skip
    """Histograms of the intervals between a neuron's spikes, of all neurons, with the mean of their CVs.

    Parameters
    ----------
    *monitors : SpikeMonitor, or spike trains
    ax : Axes, optional
    bins : int or array
        Their number, or borders in ms.
    log : bool, optional
        Whether intervals are on a logarithmic scale, with bins to match; by default where the longest is ten times the
        shortest. It has no place for intervals of 0, which only source populations have.
    start, duration : float, optional
        From when on and for how long spikes count, in s.
    colors, labels : sequence, optional
        For each population.
    xlim : tuple of float, optional
        From which to which interval, in ms.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from neurocore_nb import Network, SpikeMonitor, SpikeSource, plot
    >>> clock = SpikeSource([0.1, 0.2, 0.3, 0.4], label="clock")
    >>> spikes = SpikeMonitor(clock)
    >>> report = Network(clock, spikes).run(0.5)
    >>> plot.isi(spikes).get_legend().get_texts()[0].get_text()
    'clock: CV 0.00'
    """
    names, intervals = labels_of(monitors, labels), []
    for k, monitor in enumerate(monitors):
        found = spikes_of(monitor, duration, start)
        cvs = statistics.cv(found)
        known = cvs[np.isfinite(cvs)]
        names[k] = f"{names[k]}: " * bool(names[k]) + (f"CV {known.mean():.2f}" if len(known) else "CV not defined")
        intervals.append(1e3 * np.concatenate([np.empty(0), *statistics.isi(found)]))
    ax = _histograms(intervals, ax, bins, colors, names, "no intervals", log)
    ax.set(xlabel="interval between spikes (ms)", ylabel=_heights("intervals", intervals))
    return _limited(ax, xlim)


def cv(
    *monitors: Any, ax: Axes | None = None, bins: Any = 30, start: float = 0.0, duration: float | None = None,
    colors: Sequence[Any] | str | None = None, labels: Sequence[str] | str | None = None, xlim: Limits = None,
) -> Axes:  # fmt: skip
    """Histograms of the neurons' coefficients of variation, of those with two intervals or more.

    Parameters
    ----------
    *monitors : SpikeMonitor, or spike trains
    ax : Axes, optional
    bins : int or array
        Their number, or borders.
    start, duration : float, optional
        From when on and for how long spikes count, in s.
    colors, labels : sequence, optional
        For each population.
    xlim : tuple of float, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> from neurocore_nb import Network, PoissonPopulation, SpikeMonitor, plot
    >>> cells = PoissonPopulation(50, rate_hz=20.0, label="cells")
    >>> spikes = SpikeMonitor(cells)
    >>> report = Network(cells, spikes).run(1.0)
    >>> plot.cv(spikes).get_ylabel()
    'neurons'
    """
    found = [statistics.cv(one, duration, start=start) for one in monitors]
    kept = [one[np.isfinite(one)] for one in found]
    ax = _histograms(kept, ax, bins, colors, labels_of(monitors, labels), "no neuron with two intervals")
    ax.set(xlabel="CV of the intervals (1: Poisson)", ylabel=_heights("neurons", kept))
    return _limited(ax, xlim)


def _histograms(
    samples: list[FloatArray], ax: Axes | None, bins: Any, colors: Any, names: list[str], nothing: str,
    log: bool | None = False,
) -> Axes:  # fmt: skip
    """Histograms with common bins."""
    ax = one_axes(ax)
    everything = np.concatenate([np.empty(0), *samples])
    if not len(everything):
        say(ax, nothing)
    positive = everything[everything > 0.0]
    if log is None:
        log = len(positive) > 0 and bool(positive.max() >= 10.0 * positive.min())
    if log and np.ndim(bins) == 0 and len(positive):
        edges = np.exp(edges_of(np.log(positive), bins))
        edges[0], edges[-1] = min(edges[0], positive.min()), max(edges[-1], positive.max())  # despite rounding
    else:
        edges = edges_of(everything, bins)
    if log:
        ax.set_xscale("log")
        ax.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    for sample, color, name in zip(samples, colors_of(len(samples), colors), names, strict=True):
        counts, _ = np.histogram(sample, edges)
        # As fractions a small population is seen beside a large one.
        heights = counts / max(1, len(sample)) if len(samples) > 1 else counts
        ax.stairs(heights, edges, color=color, label=name, fill=True, alpha=0.45)
        ax.stairs(heights, edges, color=color, baseline=None)
    bare(ax)
    legend(ax)
    return ax


def _heights(of: str, samples: list[FloatArray]) -> str:
    """What the vertical axis is called."""
    return f"fraction of {of}" if len(samples) > 1 else of


def _limited(ax: Axes, xlim: Limits) -> Axes:
    if xlim is not None:
        ax.set_xlim(xlim)
    return ax
