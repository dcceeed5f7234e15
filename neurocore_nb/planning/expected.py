"""How a network divides among ranks and threads, and how many synapses each part is to expect, without building any.

All arrays stand along the ranks, so that what this takes doesn't grow with the neurons or synapses of a rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..engine.build import few_rows
from ..engine.partition import bounds, slice_begin

Array = npt.NDArray[Any]


class Division:
    """Who holds which neurons.

    Parameters
    ----------
    ranks, threads : int

    Examples
    --------
    >>> from neurocore_nb import LIFNeuron, Population
    >>> cells = Population(LIFNeuron, 10)
    >>> Division(4, 1).held(cells), Division(4, 1).held(cells[4:9])
    (array([3, 3, 2, 2]), array([0, 2, 2, 1]))
    """

    def __init__(self, ranks: int, threads: int) -> None:
        self.ranks, self.threads = ranks, threads

    def span(self, part: Any, n: int | None = None) -> tuple[Array, Array]:
        """Range of the first n neurons of a part of a population on each rank, in the part's own indices."""
        borders = self._within(bounds(part.parent.n, self.ranks), part, n)
        return borders[:-1], borders[1:]

    def held(self, part: Any, n: int | None = None) -> Array:
        """How many of the first n neurons of a part of a population each rank holds."""
        begin, end = self.span(part, n)
        held: Array = end - begin
        return held

    def slice_of(self, part: Any, thread: int) -> tuple[Array, Array]:
        """As ``span``, for one thread of each rank."""
        borders = bounds(part.parent.n, self.ranks)
        n = np.diff(borders)
        begin, end = (borders[:-1] + slice_begin(n, w, self.threads) for w in (thread, thread + 1))
        return self._within(begin, part, None), self._within(end, part, None)

    @staticmethod
    def _within(borders: Array, part: Any, n: int | None) -> Array:
        first = part.start
        inside: Array = np.clip(borders, first, first + (part.n if n is None else n)) - first
        return inside


@dataclass
class Wiring:
    """Synapses of one projection, expected numbers on each rank.

    Attributes
    ----------
    projection : Projection
    synapses : float[ranks]
    dense, listed : float[ranks]
        Rows stored for all sources, and for those sources only that have synapses; sums over threads.
    blocks_dense, blocks_listed : int[ranks]
        Threads of the one and of the other kind.
    widest, fullest, filled : float[ranks]
        Of the thread that has most of them: targets, synapses, and sources that have any.
    """

    projection: Any
    synapses: Array
    dense: Array
    listed: Array
    blocks_dense: Array
    blocks_listed: Array
    widest: Array
    fullest: Array
    filled: Array


def expected_wiring(projection: Any, division: Division) -> Wiring:
    """What to expect of a projection.

    Parameters
    ----------
    projection : Projection
    division : Division

    Returns
    -------
    Wiring
    """
    n_source = projection.source.n
    made = Wiring(projection, *(np.zeros(division.ranks) for _ in range(8)))
    for thread in range(division.threads):
        begin, end = division.slice_of(projection.target, thread)
        synapses, filled = expected_block(projection, begin, end)
        listed = few_rows(filled, n_source)
        made.synapses += synapses
        made.dense += np.where(listed, 0, n_source)
        made.listed += np.where(listed, filled, 0)
        made.blocks_dense += ~listed
        made.blocks_listed += listed
        for name, values in (("widest", end - begin), ("fullest", synapses), ("filled", filled)):
            setattr(made, name, np.maximum(getattr(made, name), values))
    return made


def expected_block(projection: Any, begin: Array, end: Array) -> tuple[Array, Array]:
    """Number of synapses onto the targets ``begin <= target < end``, and of sources that have any.

    Parameters
    ----------
    projection : Projection
    begin, end : int[n]
        Ranges that don't overlap, ascending.

    Returns
    -------
    n_synapses, n_filled : float[n]

    Examples
    --------
    >>> from neurocore_nb import LIFNeuron, Population, Projection
    >>> cells = Population(LIFNeuron, 1000)
    >>> expected_block(Projection(cells, cells, 1.0, probability=0.1), np.array([0, 1]), np.array([1, 1000]))
    (array([  100., 99900.]), array([ 100., 1000.]))
    """
    if projection.explicit:
        return _count_explicit(projection, begin, end)
    if not isinstance(projection.topology, str):
        rule, n_source = projection.topology, projection.source.n
        return rule.synapses_onto(projection, begin, end), rule.sources_onto(projection, begin, end, 0, n_source)
    n_source, n_target = float(projection.source.n), float(max(projection.target.n, 1))
    width = (end - begin).astype(np.float64)
    rule, distinct = projection.topology, not projection.multapses
    if rule == "one_to_one":
        itself = not projection.autapses and own_difference(projection) == 0
        return (width * 0.0,) * 2 if itself else (width, width)
    if rule == "fixed_indegree":
        draws = projection.indegree
        return draws * width, n_source * _any(_some(1.0, draws, n_source, distinct), width)
    if rule == "fixed_outdegree":
        draws = projection.outdegree
        return draws * n_source * width / n_target, n_source * _some(width, draws, n_target, distinct)
    if rule == "fixed_total":
        draws = projection.total
        return draws * width / n_target, n_source * _some(width, draws, n_target * n_source, distinct)
    p = projection.probability
    pairs = n_source * width - _own_pairs(projection, begin, end)
    return p * pairs, n_source * _any(p, width)


def own_difference(projection: Any) -> int | None:
    """Index of a neuron as source less its index as target; None where no neuron is both."""
    if projection.source.parent is not projection.target.parent:
        return None
    return int(projection.target.start - projection.source.start)


def _own_pairs(projection: Any, begin: Array, end: Array) -> Array:
    """Pairs that a rule must leave out, as both are the same neuron."""
    own = None if projection.autapses else own_difference(projection)
    if own is None:
        return np.zeros(len(begin))
    pairs: Array = np.maximum(0, np.minimum(end, projection.source.n - own) - np.maximum(begin, -own))
    return pairs


def _any(p: Any, trials: Any) -> Any:
    """Probability that what has probability p happens at least once."""
    p = np.minimum(p, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        some = -np.expm1(trials * np.log1p(-p))
    return np.where(p < 1.0, some, np.asarray(trials) > 0)


def _some(part: Any, draws: int, n: float, distinct: bool) -> Any:
    """Probability that at least one of some draws from n is in a part of them; without repetition nearly exact."""
    left = n - 0.5 * max(draws - 1, 0) if distinct else n
    certain = distinct & (np.asarray(part) > n - draws) & (np.asarray(part) > 0)
    return np.where(certain, 1.0, _any(part / max(left, 1.0), draws))


def _count_explicit(projection: Any, begin: Array, end: Array) -> tuple[Array, Array]:
    """Exact numbers, of synapses given one by one."""
    entries, n = projection.topology, len(begin)
    place = np.clip(np.searchsorted(begin, entries.post, side="right") - 1, 0, n - 1)
    inside = (entries.post >= begin[place]) & (entries.post < end[place])
    place, pre = place[inside].astype(np.int64), entries.pre[inside]
    rows = np.unique(place * projection.source.n + pre) // max(1, projection.source.n)
    counts = (np.bincount(one, minlength=n).astype(np.float64) for one in (place, rows))
    return tuple(counts)  # type: ignore[return-value]
