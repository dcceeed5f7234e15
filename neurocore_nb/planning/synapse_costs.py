"""Seconds to build and to deliver to the synapses of one thread, from unit costs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..engine.build import few_rows
from ..engine.space import block_size
from ..kernels.bernoulli import distances
from .costs import (
    ADDING,
    ARRAY_BYTES,
    NS,
    RING_BYTES,
    SCATTERING,
    WAITING,
    UnitCosts,
    by_size,
    search_seconds,
    synapse_kind,
)

Array = npt.NDArray[Any]
# Of rules that are objects; of preferential attachment also each edge of the whole network, and of rules by distance
# also each part of the targets, for each source.
_PER_SYNAPSE = {
    "ring": 3.0 * NS, "grid": 4.0 * NS, "small_world": 60.0 * NS, "scale_free": 30.0 * NS, "blocks": 13.0 * NS,
    "distance": 120.0 * NS,
}  # fmt: skip
_PER_EDGE, _PER_PART = 100.0 * NS, 2000.0 * NS


@dataclass
class BlockSize:
    """The synapses of one thread, numbers or arrays of numbers along ranks.

    Attributes
    ----------
    width, synapses, filled : float
        Targets, synapses, and sources that have any.
    """

    width: Any
    synapses: Any
    filled: Any


def build_seconds(projection: Any, size: BlockSize, costs: UnitCosts) -> Any:
    """Of a thread's block, in memory that was used before.

    Parameters
    ----------
    projection : Projection
    size : BlockSize
    costs : UnitCosts

    Returns
    -------
    float
    """
    if projection.storage != "stored":
        return 0.0 * size.synapses
    seconds = _rule_seconds(projection, size, costs)
    for value in (projection.weight, projection.delay):
        if isinstance(value, np.ndarray):
            seconds = seconds + 10 * NS * size.synapses
        elif not isinstance(value, float):
            slow = type(value).__name__ == "Normal"
            seconds = seconds + costs.draw * (1.0 if slow else 0.5) * size.synapses
    return seconds * costs.factor(synapse_kind("build", projection))


def _rule_seconds(projection: Any, size: BlockSize, costs: UnitCosts) -> Any:
    n_source, rule = float(projection.source.n), projection.rule_name
    if projection.explicit:
        return 210 * NS * size.synapses + 2 * NS * projection.topology.n_synapses
    if rule in _PER_SYNAPSE:
        edges = projection.topology.n_edges(projection) if rule == "scale_free" else 0
        parts = 1.0 + np.asarray(size.width) / block_size(projection.target.n)  # whose trees a source walks
        walking = _PER_PART * n_source * parts if rule == "distance" else 0.0
        return _PER_SYNAPSE[rule] * size.synapses + 5.0 * NS * n_source + _PER_EDGE * edges + walking
    if rule == "one_to_one":
        return 3.5 * NS * n_source
    if rule == "fixed_indegree":
        writing = by_size(4.0 * size.synapses, ARRAY_BYTES, (2.3 * NS, 2.3 * NS, 3.5 * NS, 4.1 * NS, 5.0 * NS))
        counting = by_size(8.0 * n_source, ARRAY_BYTES, (0.0, 1.5 * NS, 5.0 * NS, 10.0 * NS, 35.0 * NS))
        return (writing + counting + (0.0 if projection.multapses else 5.0 * NS)) * size.synapses
    if rule in ("fixed_outdegree", "fixed_total"):
        dividing = 85 * NS * n_source if rule == "fixed_total" else 0.0
        return dividing + n_source * drawing_seconds(projection, size, costs)
    if rule == "all_to_all" or projection.probability in (0.0, 1.0):
        return 0.8 * NS * size.synapses + 1.0 * NS * n_source
    return n_source * drawing_seconds(projection, size, costs)


def drawing_seconds(projection: Any, size: BlockSize, costs: UnitCosts) -> Any:
    """Of drawing one source's targets among those of a thread."""
    n_source, n_target = max(1.0, float(projection.source.n)), max(1.0, float(projection.target.n))
    some = np.asarray(size.width) > 0
    row = size.synapses / n_source
    if projection.topology == "one_to_one":
        return 1.0 * NS * some
    if projection.topology in ("fixed_outdegree", "fixed_total"):
        count = max(1.0, projection.outdegree or projection.total / n_source)
        each = costs.target if projection.multapses else costs.distinct
        halvings = np.log2(n_target / np.maximum(1.0, np.minimum(size.width, n_target)))
        finding = np.minimum(costs.halve * halvings, each * count)  # a row with few choices is drawn as a whole
        return some * (25 * NS * (projection.storage != "stored") + finding + each * row)
    if projection.probability in (0.0, 1.0) or projection.topology == "all_to_all":
        return 0.3 * NS * row
    block = distances(projection.probability)[1]
    return some * (costs.block * np.ceil(np.maximum(size.width, 1.0) / block) + costs.place * row)


def delivery_seconds(
    projection: Any, size: BlockSize, steps: int, slots: int, costs: UnitCosts, arriving: float = 1.0
) -> Any:
    """Of one spike of the projection's sources.

    Parameters
    ----------
    projection : Projection
    size : BlockSize
    steps, slots : int
        Of an interval, and of the ring buffer.
    costs : UnitCosts
    arriving : float
        Part of these spikes that arrive on this rank; others have nothing to add.

    Returns
    -------
    float
    """
    n_source = max(1.0, float(projection.source.n))
    row, some = size.synapses / n_source, size.filled / n_source
    spread = not isinstance(projection.delay, float)
    ring = 8.0 * np.maximum(size.width, 1.0) * (slots if spread else min(steps, slots))
    adding = by_size(ring, RING_BYTES, SCATTERING if spread else ADDING)
    if projection.storage != "stored":
        seconds = arriving * (12 * NS + drawing_seconds(projection, size, costs)) + adding * row
        return seconds * costs.factor(synapse_kind("deliver", projection))
    seconds = arriving * np.where(few_rows(size.filled, projection.source.n), search_seconds(size.filled, costs), 0.0)
    seconds = seconds + some * costs.row + adding * row
    for value in (projection.weight, projection.delay):
        if not isinstance(value, float):
            seconds = seconds + some * by_size(4.0 * size.synapses, ARRAY_BYTES, WAITING) + 0.15 * NS * row
    if projection.learning is not None:
        seconds = seconds + (costs.learn if projection.learning.learns else costs.recall) * row
    return seconds * costs.factor(synapse_kind("deliver", projection))


def learning_seconds(projection: Any, size: BlockSize, costs: UnitCosts) -> Any:
    """Of one spike of each of the projection's targets, where synapses learn from it."""
    learns = projection.learning is not None and projection.learning.learns
    return costs.recall * size.synapses if learns else 0.0 * size.synapses


def shrunken(n_source: float, row: float, most: float) -> int:
    """So many sources that their synapses aren't more than ``most``."""
    return int(max(1, min(n_source, math.ceil(most / max(row, 1e-3)), 1e5)))
