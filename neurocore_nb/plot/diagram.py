"""A picture of a network: populations as circles, projections as arrows."""

from __future__ import annotations

import itertools
import textwrap
from collections import Counter
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, FancyArrowPatch, Rectangle
from matplotlib.path import Path

from ..network.population import Parent, Population, population_of
from ..network.projection import Projection
from ..network.topology import COUNTS, RANDOM
from .canvas import GREY, one_axes, say

EXCITES, INHIBITS, OTHER, COUPLES = "#0072b2", "#d55e00", "#555555", "#009e73"
_NAMES = {EXCITES: "excitatory", INHIBITS: "inhibitory", OTHER: "both signs", COUPLES: "coupling"}
_RESTING = -50.0  # mV; conductances that pull the potential below it inhibit

_LEAST = 0.75  # from the middle to the edges, where circles have a radius of about 0.3
_LONGEST_INSIDE, _LONGEST_LINE = 7, 18  # letters of a label that stand in a circle, and beside it in one line
_WIDTH, _LEGEND = 6.6, 1.3  # inches
_FIRST_STIMULUS = 0.75  # radians from where a population is away from the middle
_BACKGROUND = {"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.85}  # of texts upon arrows

Point = npt.NDArray[np.float64]


def graph(network: Any, *, ax: Axes | None = None, labels: bool = True) -> Axes:
    r"""Populations as circles, projections and couplings as arrows between them, stimuli as small boxes.

    The area of a circle grows with the logarithm of the number of neurons.

    Parameters
    ----------
    network : Network
    ax : Axes, optional
    labels : bool
        Whether arrows are labelled by receptor and wiring.

    Returns
    -------
    Axes
        Each arrow's ``get_gid()`` says what it shows, such as ``"exc -> inh"``.

    Examples
    --------
    >>> from neurocore_nb import HodgkinHuxleyNeuron, Network, Population, Projection, plot
    >>> cells = Population(HodgkinHuxleyNeuron, 20, label="cells")
    >>> ax = plot.graph(Network(cells, Projection(cells, cells, weight=0.1, probability=0.2)))
    >>> [text.get_text() for text in ax.texts]
    ['cells\n20', 'p = 0.2']
    """
    given, ax = ax, one_axes(ax, (_WIDTH, _WIDTH - _LEGEND))
    ax.set_axis_off()
    populations: list[Parent] = network.populations
    if not populations:
        say(ax, "no populations")
        return ax
    places, sizes = _layout(populations)
    for one in populations:
        _circle(ax, one, places[one], sizes[one])
    used = _connections(ax, network, places, sizes, labels)
    _stimuli(ax, network, places, sizes)
    ax.update_datalim([(-_LEAST, -_LEAST), (_LEAST, _LEAST)])
    ax.set_aspect("equal")
    ax.autoscale_view()
    ax.margins(0.12)
    if given is None and isinstance(ax.figure, Figure):  # as high as what is drawn
        (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
        ax.figure.set_size_inches(_WIDTH, (_WIDTH - _LEGEND) * (top - bottom) / (right - left))
    if used:
        handles = [Line2D([], [], color=color, linewidth=2.0, label=_NAMES[color]) for color in dict.fromkeys(used)]
        ax.legend(handles=handles, frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8)
    return ax


def _circle(ax: Axes, one: Parent, place: Point, size: float) -> None:
    """A population, with its label inside or, where that is long, below or above, where no stimuli are."""
    ax.add_patch(Circle(_xy(place), size, facecolor="white", edgecolor="black", linewidth=1.5, zorder=3))
    style: dict[str, Any] = {"ha": "center", "fontsize": 9, "zorder": 6}
    if len(one.label) <= _LONGEST_INSIDE:
        ax.text(*_xy(place), f"{one.label}\n{one.n:,}", va="center", **style)
    else:
        ax.text(*_xy(place), f"{one.n:,}", va="center", **style)
        up = np.sin(_angle_outward(place) + _FIRST_STIMULUS) < 0.0
        beside = place + np.array([0.0, (size + 0.04) * (1.0 if up else -1.0)])
        text = textwrap.fill(one.label, _LONGEST_LINE)
        ax.text(*_xy(beside), text, va="bottom" if up else "top", **style, bbox=_BACKGROUND)


def _layout(populations: list[Parent]) -> tuple[dict[Parent, Point], dict[Parent, float]]:
    """Places on a circle, the first at the left, and radii."""
    n = len(populations)
    ring = 0.0 if n == 1 else max(1.0, 0.36 * n)
    angles = np.pi - 2.0 * np.pi * np.arange(n) / n
    places = {one: ring * np.array([np.cos(a), np.sin(a)]) for one, a in zip(populations, angles, strict=True)}
    scale = max(1.0, ring / 1.8)  # of pictures that are drawn smaller
    return places, {one: scale * (0.18 + 0.03 * float(np.log10(max(one.n, 1)))) for one in populations}


def _xy(point: Point) -> tuple[float, float]:
    """A point as matplotlib takes it."""
    return float(point[0]), float(point[1])


def _outward(place: Point) -> Point:
    """Away from the centre of the picture; upwards where that has no direction."""
    length = float(np.hypot(*place))
    return place / length if length > 1e-9 else np.array([0.0, 1.0])


def _angle_outward(place: Point) -> float:
    """In which direction that is."""
    away = _outward(place)
    return float(np.arctan2(away[1], away[0]))


def _connections(
    ax: Axes, network: Any, places: dict[Parent, Point], sizes: dict[Parent, float], labels: bool
) -> list[str]:  # fmt: skip
    """Draw all projections and couplings; their colours."""
    drawn: Counter[tuple[Parent, Parent]] = Counter()
    used = []
    for wiring in (*network.projections, *network.couplings):
        source, target = wiring.source.parent, wiring.target.parent
        nth, color = drawn[source, target], _color_of(wiring)
        drawn[source, target] += 1
        used.append(color)
        ends = (places[source], sizes[source]), (places[target], sizes[target])
        draw = _loop if source is target else _arrow
        style: dict[str, Any] = {"color": color, "linewidth": 1.6, "zorder": 2,
                                 "gid": f"{wiring.source.label} -> {wiring.target.label}"}  # fmt: skip
        style |= {"linestyle": "--"} if color == COUPLES else {}
        arrow, where, aligned = draw(*ends, nth, **style)
        ax.add_patch(arrow)
        ax.update_datalim([where])
        if labels:
            ax.text(*_xy(where), _label_of(wiring), color=color, fontsize=7, bbox=_BACKGROUND, zorder=5, **aligned)
    return used


def _arrow(
    start: tuple[Point, float], end: tuple[Point, float], nth: int, **style: Any
) -> tuple[FancyArrowPatch, Point, dict[str, Any]]:  # fmt: skip
    """A bent arrow between two circles, where its label goes, and how; the next between them is bent more."""
    bend = 0.18 + 0.3 * nth
    (a, radius_a), (b, radius_b) = start, end
    across = np.array([(b - a)[1], -(b - a)[0]])
    control = (a + b) / 2.0 + bend * across  # as matplotlib's arc3 has it
    first = a + (radius_a + 0.02) * _outward(control - a)
    last = b + (radius_b + 0.02) * _outward(control - b)
    across = np.array([(last - first)[1], -(last - first)[0]])
    arrow = FancyArrowPatch(
        _xy(first), _xy(last), connectionstyle=f"arc3,rad={bend}", arrowstyle="-|>", mutation_scale=12.0,
        shrinkA=0.0, shrinkB=0.0, **style,
    )  # fmt: skip
    t = min(0.3 + 0.12 * nth, 0.6)  # nearer to the source: the label of an arrow back is elsewhere
    control = (first + last) / 2.0 + bend * across
    middle = (1.0 - t) ** 2 * first + 2.0 * t * (1.0 - t) * control + t**2 * last
    return arrow, middle, {"ha": "center", "va": "center"}


def _loop(start: tuple[Point, float], _: Any, nth: int, **style: Any) -> tuple[FancyArrowPatch, Point, dict[str, Any]]:
    """An arrow from a circle to itself on the outer side, where its label goes, and how; the next is beside it."""
    place, radius = start
    angle = _angle_outward(place) + 1.1 * ((nth + 1) // 2) * (-1) ** nth
    first, out, back, last = (
        place + distance * np.array([np.cos(angle + turn), np.sin(angle + turn)])
        for distance, turn in ((radius, -0.4), (radius + 0.5, -0.5), (radius + 0.5, 0.5), (radius + 0.02, 0.4))
    )
    path = Path([_xy(one) for one in (first, out, back, last)], [Path.MOVETO, *3 * [Path.CURVE4]])
    arrow = FancyArrowPatch(path=path, arrowstyle="-|>", mutation_scale=12.0, fill=False, **style)
    beyond = np.array([np.cos(angle), np.sin(angle)])
    return arrow, (first + last) / 8.0 + 3.0 * (out + back) / 8.0 + 0.05 * beyond, _aligned(beyond)


def _stimuli(ax: Axes, network: Any, places: dict[Parent, Point], sizes: dict[Parent, float]) -> None:
    """A box outside of its target for each stimulus."""
    first = next((one for one in network.populations if isinstance(one, Population)), None)
    onto: Counter[Parent] = Counter()
    for stimulus in network.stimuli:
        target = first if stimulus.target is None else stimulus.target.parent
        if target is None:
            continue
        angle = _angle_outward(places[target]) + _FIRST_STIMULUS + 0.45 * onto[target]
        onto[target] += 1
        way = np.array([np.cos(angle), np.sin(angle)])
        box = places[target] + (sizes[target] + 0.32) * way
        ax.add_patch(Rectangle(_xy(box - 0.04), 0.08, 0.08, facecolor="#eeeeee", edgecolor=GREY, zorder=3))
        ax.add_patch(FancyArrowPatch(
            _xy(box - 0.05 * way), _xy(places[target] + (sizes[target] + 0.02) * way), arrowstyle="-|>",
            mutation_scale=9.0, shrinkA=0.0, shrinkB=0.0, color=GREY, linewidth=1.2, zorder=2,
            gid=f"{type(stimulus).__name__} -> {target.label}",
        ))  # fmt: skip
        ax.text(*_xy(box + 0.09 * way), type(stimulus).__name__, fontsize=7, color=GREY, **_aligned(way))


def _aligned(way: Point) -> dict[str, Any]:
    """How a text goes on in a direction."""
    if abs(way[0]) > 0.3:
        return {"ha": "left" if way[0] > 0.0 else "right", "va": "center"}
    return {"ha": "center", "va": "bottom" if way[1] > 0.0 else "top"}


def _color_of(wiring: Any) -> str:
    """By what a connection does to its target."""
    if not isinstance(wiring, Projection):
        return COUPLES
    low, high = wiring.weight_range()
    if low < 0.0 < high:
        return OTHER
    receptor = population_of(wiring.target).receptors[wiring.receptor or ""]
    pulls_down = False
    if "e_rev" in receptor.parameters:
        reversal = receptor.given.get("e_rev", receptor.parameters["e_rev"].default)
        bounds = reversal.support() if hasattr(reversal, "support") else reversal
        pulls_down = float(np.mean(bounds)) < _RESTING
    return INHIBITS if pulls_down != (high <= 0.0 > low) else EXCITES


def _label_of(wiring: Any) -> str:
    """Receptor, wiring and rule of learning, as far as there are any."""
    kinds = [wiring.receptor or "" if isinstance(wiring, Projection) else wiring.kind]
    if wiring.topology == RANDOM:
        kinds.append(f"p = {wiring.probability:.3g}")
    elif wiring.topology in COUNTS:
        name = COUNTS[wiring.topology]
        kinds.append(f"{name} {getattr(wiring, name):,}")
    elif not wiring.explicit:
        kinds.append(wiring.rule_name.replace("_", " "))
    else:
        kinds.append(f"{len(wiring.topology.pre):,} synapses")
    if wiring.learning is not None:
        kinds.append(type(wiring.learning.rule).__name__)
    return "\n".join(itertools.filterfalse(lambda text: not text, kinds))
