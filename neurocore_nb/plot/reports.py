"""Pictures of what a run took."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ..engine.report import PHASES, RankReport
from .canvas import COLORS, bare, legend, one_axes

_COLORS = dict(zip(PHASES, ("#999999", "#cccccc", COLORS[0], COLORS[1], COLORS[2], COLORS[3]), strict=True))
_MOST_RANKS = 32  # that are shown, spread evenly over all


def phases(report: Any, *, ax: Axes | None = None, most: int = _MOST_RANKS) -> Axes:
    """How long each rank was in which phase.

    Parameters
    ----------
    report : Report
        What ``Network.run`` returned.
    ax : Axes, optional
    most : int
        Ranks that are shown, at most; of more, as many that are spread evenly.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from neurocore_nb import HodgkinHuxleyNeuron, Network, Population, plot
    >>> report = Network(Population(HodgkinHuxleyNeuron, 3)).run(0.01)
    >>> plot.phases(report).get_xlabel()
    'wall time (s)'
    """
    shown = _some(report.ranks, most)
    ax = _rows_for(shown, ax)
    rows, left = np.arange(len(shown)), np.zeros(len(shown))
    for phase in PHASES:
        # what is counted as a part of another phase may take a rounding error from this one
        taken = np.array([max(rank.seconds[phase], 0.0) for _, rank in shown])
        ax.barh(rows, taken, left=left, color=_COLORS[phase], label=phase, height=0.8)
        left += taken
    return _finished(ax)


def timeline(report: Any, *, ax: Axes | None = None, most: int = _MOST_RANKS, bins: int = 200) -> Axes:
    """When each rank was in which phase: the height of a colour is a phase's part of the time in each bin.

    What is white belongs to no phase.

    Parameters
    ----------
    report : Report
        What ``Network.run`` returned.
    ax : Axes, optional
    most : int
        Ranks that are shown, at most; of more, as many that are spread evenly.
    bins : int
        Of wall time.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there are no bins.

    Examples
    --------
    >>> from neurocore_nb import HodgkinHuxleyNeuron, Network, Population, plot
    >>> report = Network(Population(HodgkinHuxleyNeuron, 3)).run(0.01)
    >>> plot.timeline(report).get_xlabel()
    'wall time (s)'
    """
    if bins < 1:
        raise ValueError(f"bins = {bins} must be at least 1")
    shown = _some(report.ranks, most)
    ax = _rows_for(shown, ax)
    end = max((float(rank.timeline.t[-1]) for _, rank in shown if len(rank.timeline.t)), default=0.0)
    edges, named = np.linspace(0.0, end or 1.0, bins + 1), set()
    for row, (_, rank) in enumerate(shown):
        base = np.full(bins, row + 0.4)  # rows go downwards
        for phase, share in rank.timeline.shares(edges).items():
            upper = base - 0.8 * np.clip(share, 0.0, 1.0)
            if (upper < base).any():
                label = "" if phase in named else phase
                ax.stairs(upper, edges, baseline=base, fill=True, color=_COLORS[phase], label=label)
                named.add(phase)
            base = upper
    ax.set_xlim(0.0, end or 1.0)
    return _finished(ax)


def _some(ranks: list[RankReport], most: int) -> list[tuple[int, RankReport]]:
    """At most so many ranks, with their numbers."""
    if most < 1:
        raise ValueError(f"most = {most} must be at least 1")
    places = np.unique(np.linspace(0, len(ranks) - 1, min(most, len(ranks))).round().astype(int))
    return [(int(place), ranks[place]) for place in places]


def _rows_for(shown: list[tuple[int, RankReport]], ax: Axes | None) -> Axes:
    """Axes with a row for each rank, the first on top."""
    ax = one_axes(ax, (7.0, 1.6 + min(0.35 * len(shown), 6.0)))
    ax.set_yticks(range(len(shown)), [str(number) for number, _ in shown])
    ax.set(xlabel="wall time (s)", ylabel="rank", ylim=(len(shown) - 0.4, -0.6))
    return ax


def _finished(ax: Axes) -> Axes:
    bare(ax)
    legend(ax, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return ax
