"""Pictures of spikes and rates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from .. import statistics
from ..network.checks import FloatArray
from ..statistics.windows import Spikes, spikes_of
from .canvas import Limits, bare, colors_of, from_zero, labels_of, legend, one_axes, say, several_axes, whole_numbers

_MOST_SPIKES = 200_000  # that a raster shows; with more, of every k-th neuron
_MOST_ROWS = 20_000  # of neurons, likewise
_FEW_ROWS = 100  # neurons whose spikes can be strokes
_MOST_VECTORS = 20_000  # spikes that are kept as such in files of vector graphics
_SEEN_THROUGH = 0.8
_FINEST_BIN, _MOST_BINS = 2e-3, 1000  # of a population rate: s, and how many in a picture


def raster(
    *monitors: Any, ax: Any = None, rate: bool | None = None, bin: float | None = None, every: int | None = None,
    duration: float | None = None, colors: Sequence[Any] | str | None = None,
    labels: Sequence[str] | str | None = None, xlim: Limits = None,
) -> Any:  # fmt: skip
    """Spikes of populations above each other, and below them the population rates.

    Parameters
    ----------
    *monitors : SpikeMonitor, or spike trains
        The first is at the bottom.
    ax : Axes, or two of them, optional
        For spikes, and for rates.
    rate : bool, optional
        Whether rates are shown; by default unless ``ax`` is given as one.
    bin : float, optional
        Width of the bins of rates in s; by default 2 ms, or more in long recordings.
    every : int, optional
        Show every so many neurons only; by default 1, or more where there are more than 200,000 spikes or 20,000
        neurons to be drawn.
    duration : float, optional
        How much is shown, in s; needed for spike trains that are arrays.
    colors, labels : sequence, optional
        For each population.
    xlim : tuple of float, optional
        From when to when, in s.

    Returns
    -------
    array of two Axes, or without rates Axes

    Raises
    ------
    TypeError, ValueError
        If an option isn't legal.

    Examples
    --------
    >>> from neurocore_nb import Network, PoissonPopulation, SpikeMonitor, plot
    >>> cells = PoissonPopulation(50, rate_hz=20.0, label="cells")
    >>> spikes = SpikeMonitor(cells)
    >>> report = Network(cells, spikes).run(1.0)
    >>> shown, rate = plot.raster(spikes)
    >>> rate.get_xlabel(), rate.get_ylabel()
    ('time (s)', 'rate (Hz)')
    """
    if not monitors:
        raise TypeError("a raster is of at least one SpikeMonitor: plot.raster(spikes)")
    with_rate = not isinstance(ax, Axes) if rate is None else rate
    found = [spikes_of(monitor, duration) for monitor in monitors]
    stop = max((one.stop for one in found), default=0.0)
    shown, names = colors_of(len(found), colors), labels_of(monitors, labels)
    if with_rate:
        what = "a raster with rates (without: rate=False)"
        axes = several_axes(ax, 2, (7.0, 5.0), what, sharex=True, height_ratios=[3, 1])
        top, bottom = axes
        rates(*found, ax=bottom, bin=bin, colors=shown or None, labels=names, xlim=xlim)
        if bottom.get_legend() is not None:
            bottom.get_legend().remove()  # names stand beside the spikes
    else:
        top = bottom = several_axes(ax, 1, (7.0, 4.0), "a raster without rates")[0]
    _draw_rows(top, found, shown, names, every)
    top.set_xlim(xlim or (0.0, stop or 1.0))
    bottom.set_xlabel("time (s)")
    if not with_rate:
        return top
    top.tick_params(labelbottom=False)
    top.set_xlabel("")
    return axes


def _draw_rows(ax: Axes, found: list[Spikes], colors: list[Any], names: list[str], every: int | None) -> None:
    """The spikes of each population, above those before it."""
    n_neurons, n_spikes = sum(one.n for one in found), sum(len(one.t) for one in found)
    step = _thinned(n_neurons, n_spikes) if every is None else every
    if step < 1:
        raise ValueError(f"every = {every} must be at least 1")
    if n_neurons // step <= _FEW_ROWS:
        style: dict[str, Any] = {"marker": "|", "markersize": min(12.0, max(3.0, 150.0 / max(n_neurons // step, 1)))}
    else:
        style = {"marker": ".", "markersize": min(4.0, max(1.5, 2000.0 * step / n_neurons)), "markeredgewidth": 0.0}
    first = 0
    for one, color, name in zip(found, colors, names, strict=True):
        kept = one.i % step == 0
        ax.plot(one.t[kept], first + one.i[kept], linestyle="", color=color, label=name,
                rasterized=int(kept.sum()) > _MOST_VECTORS, **style)  # fmt: skip
        ax.text(1.01, first + max(one.n - 1, 0) / 2, name, transform=ax.get_yaxis_transform(), color=color, va="center")
        first += one.n
    if not n_spikes:
        say(ax, "no spikes")
    ax.set_ylim(-0.5, max(n_neurons, 1) - 0.5)
    whole_numbers(ax.yaxis)
    ax.set_ylabel("neuron" if step == 1 else f"neuron (one in {step} shown)")
    bare(ax)


def _thinned(n_neurons: int, n_spikes: int) -> int:
    """One in how many neurons is drawn; a hundred are, if there are as many."""
    wanted = max(-(-n_spikes // _MOST_SPIKES), -(-n_neurons // _MOST_ROWS), 1)
    return min(wanted, max(n_neurons // 100, 1))


def rates(
    *sources: Any, ax: Axes | None = None, bin: float | None = None, sigma: float | None = None,
    duration: float | None = None, colors: Sequence[Any] | str | None = None,
    labels: Sequence[str] | str | None = None, xlim: Limits = None,
) -> Axes:  # fmt: skip
    """Population rates over time.

    Parameters
    ----------
    *sources : SpikeMonitor, spike trains, RateMonitor, or tuple (t, rate)
        Where bins start, in s, and rates in Hz.
    ax : Axes, optional
    bin : float, optional
        Width of bins of spikes in s; by default 2 ms, or more in long recordings.
    sigma : float, optional
        Standard deviation in s of a Gaussian by which the rates of spikes are smoothed.
    duration : float, optional
        How much of spikes counts, in s; needed for spike trains that are arrays.
    colors, labels : sequence, optional
        For each source.
    xlim : tuple of float, optional
        From when to when, in s.

    Returns
    -------
    Axes

    Raises
    ------
    TypeError, ValueError
        If a source or an option isn't legal.

    Examples
    --------
    >>> import numpy as np
    >>> from neurocore_nb import plot
    >>> plot.rates((np.arange(0.0, 1.0, 0.1), np.full(10, 5.0)), labels=["five"]).get_ylabel()
    'rate (Hz)'
    """
    ax = one_axes(ax, (7.0, 3.0))
    shown, names, last = colors_of(len(sources), colors), labels_of(sources, labels), 0.0
    highest = 0.0  # of what is within xlim
    for source, color, name in zip(sources, shown, names, strict=True):
        t, rate = _rate_of(source, bin, sigma, duration)
        if not len(t):
            continue
        width = t[1] - t[0] if len(t) > 1 else bin or _FINEST_BIN
        last = max(last, float(t[-1] + width))
        if sigma is None:
            ax.stairs(rate, np.append(t, t[-1] + width), color=color, label=name, baseline=None, alpha=_SEEN_THROUGH)
        else:
            ax.plot(t + width / 2.0, rate, color=color, label=name, alpha=_SEEN_THROUGH)
        if xlim is not None:
            within = rate[(t + width > xlim[0]) & (t < xlim[1])]
            highest = max(highest, float(within.max(initial=0.0)))
    if last == 0.0:
        say(ax, "nothing recorded")
    ax.set(xlabel="time (s)", ylabel="rate (Hz)", xlim=xlim or (0.0, last or 1.0))
    from_zero(ax)
    if highest > 0.0:
        ax.set_ylim(top=1.05 * highest)
    bare(ax)
    if any(names):
        legend(ax, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return ax


def _rate_of(
    source: Any, bin: float | None, sigma: float | None, duration: float | None
) -> tuple[FloatArray, FloatArray]:  # fmt: skip
    """Times and rates of what :func:`rates` takes."""
    if isinstance(source, tuple) and not isinstance(source, Spikes):
        t, rate = (np.asarray(one, np.float64) for one in source)
    elif hasattr(source, "rate"):
        t, rate = np.asarray(source.t, np.float64), np.asarray(source.rate, np.float64)
    else:
        found = spikes_of(source, duration)
        length = found.stop - found.start
        if length == 0.0:
            return np.empty(0), np.empty(0)
        default = max(min(_FINEST_BIN, length), length / _MOST_BINS)
        t, rate = statistics.population_rate(found, default if bin is None else bin, sigma=sigma)
    if t.shape != rate.shape or t.ndim != 1:
        raise ValueError(f"times have shape {t.shape} and rates {rate.shape}; give (t, rate), two arrays of one length")
    return t, rate


def spectrum(
    *sources: Any, ax: Axes | None = None, bin: float = 1e-3, segment: float | None = None, start: float = 0.0,
    duration: float | None = None, colors: Sequence[Any] | str | None = None,
    labels: Sequence[str] | str | None = None, xlim: Limits = None,
) -> Axes:  # fmt: skip
    """Power spectra of population rates.

    Parameters
    ----------
    *sources : SpikeMonitor, spike trains, RateMonitor, or tuple (t, rate)
    ax : Axes, optional
    bin, segment, start, duration : float
        As for :func:`neurocore_nb.statistics.spectrum`, in s.
    colors, labels : sequence, optional
        For each source.
    xlim : tuple of float, optional
        From which to which frequency, in Hz.

    Returns
    -------
    Axes

    Raises
    ------
    TypeError, ValueError
        If a source or an option isn't legal.

    Examples
    --------
    >>> import numpy as np
    >>> from neurocore_nb import plot
    >>> t = np.arange(0.0, 1.0, 1e-3)
    >>> plot.spectrum((t, 5.0 + np.sin(2.0 * np.pi * 40.0 * t))).get_xlabel()
    'frequency (Hz)'
    """
    ax = one_axes(ax)
    names = labels_of(sources, labels)
    varies = False
    for source, color, name in zip(sources, colors_of(len(sources), colors), names, strict=True):
        given: Any = (source.t, source.rate) if hasattr(source, "rate") else source
        f, density = statistics.spectrum(given, bin, duration, start=start, segment=segment)
        positive: npt.NDArray[np.bool_] = f > 0.0  # the mean has been taken away
        ax.plot(f[positive], density[positive], color=color, label=name)
        varies |= bool((density > 0.0).any())
    if varies:
        ax.set_yscale("log")
    else:
        ax.set(ylim=(0.0, 1.0), yticks=[0.0])
        say(ax, "no rate that changes")
    ax.set(xlabel="frequency (Hz)", ylabel="power of the rate (Hz²/Hz)")
    ax.set_xlim(left=0.0)
    if xlim is not None:
        ax.set_xlim(xlim)
    bare(ax)
    if any(names):
        legend(ax)
    return ax
