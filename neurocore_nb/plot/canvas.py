"""What all pictures share: axes, colours, labels and units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import MaxNLocator

from ..network.checks import FloatArray

# Okabe and Ito's colours, which readers without red or green tell apart, too, and two more
COLORS = (
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#999933", "#000000", "#882255", "#777777",
)  # fmt: skip
GREY = "#777777"

_SAME = 1e-6  # relative difference of values that are one bar of a histogram

Limits = tuple[float, float] | None


def one_axes(ax: Axes | None, size: tuple[float, float] = (6.4, 4.0)) -> Axes:
    """The axes to draw on: those given, or new ones of a size in inches."""
    if ax is None:
        _, ax = plt.subplots(figsize=size, layout="constrained")
    if not isinstance(ax, Axes):
        raise TypeError(f"ax must be matplotlib Axes, not {ax!r}")
    return ax


def several_axes(ax: Any, n: int, size: tuple[float, float], what: str, **options: Any) -> npt.NDArray[Any]:
    """As many axes to draw on: those given, or new ones.

    Parameters
    ----------
    ax : Axes, sequence of Axes, or None
    n : int
    size : tuple of float
        Of a new figure in inches.
    what : str
        What they show, for errors.
    **options
        Of ``matplotlib.pyplot.subplots``, one row for each if not stated otherwise.

    Returns
    -------
    array of Axes of shape (n,)
    """
    if ax is None:
        shape: dict[str, Any] = {"nrows": n} | options
        _, made = plt.subplots(figsize=size, layout="constrained", squeeze=False, **shape)
        return np.asarray(made, object).ravel()
    given = np.empty(np.size(np.asarray(ax, object)), object)
    given[:] = np.asarray(ax, object).ravel()
    if len(given) != n or not all(isinstance(one, Axes) for one in given):
        raise ValueError(f"ax: {what} takes {n} Axes, not {len(given)}: give a list of so many, or leave it out")
    return given


def colors_of(n: int, given: Sequence[Any] | str | None) -> list[Any]:
    """A colour for each of n things; by default all differ."""
    if given is None and n > len(COLORS):
        return list(mpl.colormaps["turbo"](np.linspace(0.05, 0.95, n)))
    chosen = [given] if isinstance(given, str) else list(COLORS if given is None else given)
    if not chosen:
        raise ValueError("colors must hold at least one")
    return [chosen[k % len(chosen)] for k in range(n)]


def labels_of(things: Sequence[Any], given: Sequence[str] | str | None) -> list[str]:
    """A label for each of some monitors or curves: those given, or those of the populations watched."""
    if given is None:
        return [str(getattr(getattr(one, "population", one), "label", "") or "") for one in things]
    chosen = [given] if isinstance(given, str) else list(given)
    if len(chosen) != len(things):
        raise ValueError(f"{len(chosen)} labels for {len(things)} monitors or curves; give one for each")
    return chosen


def with_unit(name: str, unit: str) -> str:
    """A label such as ``"v (mV)"``; units as they are printed."""
    shown = unit.strip("()").replace("uA", "µA").replace("uF", "µF").replace("cm2", "cm²")
    return f"{name} ({shown})" if shown else name


def legend(ax: Axes, **options: Any) -> None:
    """A legend, if anything has a label."""
    if ax.get_legend_handles_labels()[1]:
        ax.legend(**({"frameon": False, "loc": "best"} | options))


def say(ax: Axes, text: str) -> None:
    """Say in the middle of empty axes why they are empty."""
    ax.text(0.5, 0.5, text, transform=ax.transAxes, ha="center", va="center", color=GREY)


def bare(ax: Axes) -> None:
    """No frame above and to the right."""
    ax.spines[["top", "right"]].set_visible(False)


def edges_of(values: FloatArray, bins: Any) -> FloatArray:
    """Borders of bins for some values, also where these are the same up to rounding.

    Parameters
    ----------
    values : float64[n]
    bins : int or array
        Number of bins, or their borders.
    """
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    if high - low <= _SAME * max(abs(low), abs(high)):
        margin = 0.1 * abs(low) or 0.5
        low, high = low - margin, high + margin
    edges: FloatArray = np.histogram_bin_edges(values, bins, range=(low, high))
    return edges


def whole_numbers(axis: Axis) -> None:
    """Ticks at whole numbers only, as neurons have."""
    axis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1, steps=[1, 2, 5, 10]))


def from_zero(ax: Axes) -> None:
    """Let the vertical axis begin at 0 and go as far as all curves do, also those to come."""
    ax.autoscale(axis="y")
    ax.set_ylim(bottom=0.0, auto=True)
