"""Pictures of synapses: weights and degrees."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from scipy.sparse import coo_array

from ..network.checks import FloatArray
from .canvas import COLORS, bare, edges_of, one_axes, say, several_axes, whole_numbers, with_unit

_MOST_CELLS = 400  # rows and columns of a weight matrix; with more, blocks of pairs are drawn by their mean
_MOST_DEGREES = 40  # bars of a histogram of degrees; with more, several degrees share one


def unit_of_weights(wiring: Any) -> str:
    """The unit of the weights of a projection or coupling."""
    population = wiring.target.parent
    return str(
        population.weight_unit(wiring.receptor) if hasattr(wiring, "receptor") else population.unit("conductance")
    )


def weights(projection: Any, *, ax: Axes | None = None, cmap: Any = None, most: int = _MOST_CELLS) -> Axes:
    """The weight matrix of a projection or coupling, with targets as rows and sources as columns.

    Pairs without a synapse are white. Of large matrices the mean over blocks of pairs is shown, in which those without
    a synapse count as 0. Under MPI it has the rows of this rank.

    Parameters
    ----------
    projection : Projection, GapJunction or GradedSynapse
        Of a network that has been run.
    ax : Axes, optional
    cmap : str or Colormap, optional
        By default red above and blue below 0.
    most : int
        Rows and columns that are shown, at most.

    Returns
    -------
    Axes

    Raises
    ------
    RuntimeError
        Before the network's first run.

    Examples
    --------
    >>> from neurocore_nb import HodgkinHuxleyNeuron, Network, Population, Projection, plot
    >>> cells = Population(HodgkinHuxleyNeuron, 20, label="cells")
    >>> synapses = Projection(cells, cells, weight=0.1, probability=0.2)
    >>> report = Network(cells, synapses).run(0.0)
    >>> plot.weights(synapses).get_ylabel()
    'target: neuron of cells'
    """
    if most < 1:
        raise ValueError(f"most = {most} must be at least 1")
    matrix = projection.matrix()
    (n_rows, n_columns), (table, block) = matrix.shape, _table(matrix, most)
    ax = one_axes(ax, (5.6, 4.6))
    ax.set(xlabel=f"source: neuron of {projection.source.label}", ylabel=f"target: neuron of {projection.target.label}")
    if not matrix.nnz:
        say(ax, "no synapses")
        return ax
    chosen, low, high = _colors(table)
    rows, columns = (block * n for n in table.shape)
    image = ax.imshow(
        table, cmap=chosen if cmap is None else cmap, vmin=low, vmax=high, aspect="auto", interpolation="nearest",
        extent=(-0.5, columns - 0.5, rows - 0.5, -0.5),
    )  # fmt: skip
    ax.set(xlim=(-0.5, n_columns - 0.5), ylim=(n_rows - 0.5, -0.5))  # blocks may stand out
    whole_numbers(ax.xaxis)
    whole_numbers(ax.yaxis)
    what = "weight" if block == 1 else f"mean weight of {block} x {block} pairs"
    ax.figure.colorbar(image, ax=ax, label=with_unit(what, unit_of_weights(projection)))
    return ax


def _colors(table: FloatArray) -> tuple[str, float, float]:
    """A colour map and its range, in which 0 is white."""
    low, high = float(np.nanmin(table)), float(np.nanmax(table))
    largest = max(abs(low), abs(high)) or 1.0
    if low >= 0.0:
        return "Reds", 0.0, largest
    return ("Blues_r", -largest, 0.0) if high <= 0.0 else ("RdBu_r", -largest, largest)


def _table(matrix: Any, most: int) -> tuple[FloatArray, int]:
    """Weights of all pairs, nan where there is no synapse; or means over blocks of pairs. And the size of a block."""
    entries = matrix.tocoo()
    n_rows, n_columns = entries.shape
    block = max(-(-n_rows // most), -(-n_columns // most), 1)
    shape = -(-n_rows // block), -(-n_columns // block)
    place = entries.row // block, entries.col // block
    sums = coo_array((entries.data.astype(np.float64), place), shape=shape).toarray()
    if block == 1:
        some = coo_array((np.ones(entries.nnz), place), shape=shape).toarray() > 0.0
        return np.where(some, sums, np.nan), block
    sizes = [np.minimum(block, n - block * np.arange(k)) for n, k in zip(entries.shape, shape, strict=True)]
    means: FloatArray = sums / np.outer(*sizes)
    return means if entries.nnz else np.full(shape, np.nan), block


def weight_histogram(
    projection: Any, *, ax: Axes | None = None, bins: Any = 50, color: Any = COLORS[0], label: str | None = None
) -> Axes:
    """How the weights of a projection or coupling are distributed.

    Parameters
    ----------
    projection : Projection, GapJunction or GradedSynapse
        Of a network that has been run.
    ax : Axes, optional
    bins : int or array
        Their number, or borders in the unit of the weights.
    color, label : optional

    Returns
    -------
    Axes

    Raises
    ------
    RuntimeError
        Before the network's first run.

    Examples
    --------
    >>> from neurocore_nb import LIFNeuron, Network, Population, Projection, Uniform, plot
    >>> cells = Population(LIFNeuron, 20, label="cells")
    >>> synapses = Projection(cells, cells, weight=Uniform(10.0, 20.0), probability=0.5)
    >>> report = Network(cells, synapses).run(0.0)
    >>> plot.weight_histogram(synapses).get_xlabel()
    'weight (pA)'
    """
    ax = one_axes(ax)
    found = projection.matrix().data.astype(np.float64)
    counts, edges = np.histogram(found, edges_of(found, bins))
    ax.stairs(counts, edges, color=color, fill=True, label=label)
    if not len(found):
        say(ax, "no synapses")
    ax.set(xlabel=with_unit("weight", unit_of_weights(projection)), ylabel="synapses")
    ax.set_title(f"{projection.source.label} → {projection.target.label}", fontsize="medium")
    bare(ax)
    if label:
        ax.legend(frameon=False)
    return ax


def degrees(projection: Any, *, ax: Any = None, color: Any = COLORS[0]) -> npt.NDArray[Any]:
    """How many synapses targets have, and how many sources have.

    Under MPI those of this rank's targets.

    Parameters
    ----------
    projection : Projection, GapJunction or GradedSynapse
        Of a network that has been run.
    ax : sequence of two Axes, optional
    color : optional

    Returns
    -------
    array of two Axes
        For in-degrees and out-degrees.

    Raises
    ------
    RuntimeError
        Before the network's first run.

    Examples
    --------
    >>> from neurocore_nb import HodgkinHuxleyNeuron, Network, Population, Projection, plot
    >>> cells = Population(HodgkinHuxleyNeuron, 20, label="cells")
    >>> synapses = Projection(cells, cells, weight=0.1, probability=0.2)
    >>> report = Network(cells, synapses).run(0.0)
    >>> [ax.get_xlabel() for ax in plot.degrees(synapses)]
    ['in-degree (synapses)', 'out-degree (synapses)']
    """
    entries = projection.matrix().tocoo()
    axes = several_axes(ax, 2, (7.0, 3.2), "degrees", nrows=1, ncols=2)
    ends = ("in-degree", entries.row, projection.target), ("out-degree", entries.col, projection.source)
    for panel, (name, ends_of_synapses, neurons), n in zip(axes, ends, entries.shape, strict=True):
        found = np.bincount(ends_of_synapses, minlength=n)
        first, last = (int(found.min()), int(found.max())) if n else (0, 0)
        width = max(1, -(-(last - first + 1) // _MOST_DEGREES))
        edges = np.arange(first, last + width + 1, width) - 0.5
        panel.stairs(np.histogram(found, edges)[0], edges, color=color, fill=True)
        panel.set(xlabel=f"{name} (synapses)", ylabel=f"neurons of {neurons.label}")
        if n:
            panel.axvline(found.mean(), color="black", linewidth=1.0, linestyle=":")
            panel.set_title(f"mean {found.mean():.4g}", fontsize="medium")
        bare(panel)
    return axes
