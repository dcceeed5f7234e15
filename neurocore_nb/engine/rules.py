"""From the wiring rule of a projection to the kernel that draws its synapses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from ..kernels import bernoulli, connect, distance, graphs
from ..kernels.lattice import lattice
from .space import in_space, profile_of, trees_of
from .streams import WIRING, stream_key

Array = npt.NDArray[Any]
Draw = Callable[[Array, Array], int]  # fills in row starts and targets, and returns how many there are
_AT_ONCE = 1 << 18  # synapses of one pair of blocks that are drawn before they are put into their rows


class Rule:
    """The wiring rule of a projection.

    Parameters
    ----------
    projection : Projection
    seed : int
        Seed of its random streams.
    place : int or None
        Its place among the projections that draw; None where the seed is its own.
    stream : str
        Name of its random stream.
    own, shift : int
        As for ``kernels.connect``.
    """

    def __init__(self, projection: Any, seed: int, place: int | None, stream: str, own: int, shift: int) -> None:
        self._projection = projection
        self._stream = seed, WIRING, place
        self._name = stream
        self.key = stream_key(seed, WIRING, place, stream)
        self._own, self._shift = own, shift

    def shared(self, begin: int, end: int) -> Any:
        """What all parts of the targets ``begin`` to ``end`` need, made once for them; None where that is nothing."""
        projection = self._projection
        if projection.rule_name == "scale_free":
            rule = projection.topology
            ends = np.empty((rule.n_edges(projection) if end > begin else rule.m, 2), np.int32)
            graphs.attach(self.key, rule.m, ends)
            return ends
        if projection.rule_name == "distance":
            return in_space(projection.source.positions), trees_of(projection.target.positions, begin, end)
        return None

    def drawing(self, begin: int, end: int, shared: Any) -> tuple[Draw, float]:
        """The rule as a function of (indptr, targets), and the number of synapses to expect.

        Parameters
        ----------
        begin, end : int
            Range of targets.
        shared : object
            From :meth:`shared`, of any range that holds this one.
        """
        projection = self._projection
        span = begin, end, self._own, self._shift
        pairs = float(projection.source.n) * (end - begin)
        p, name = projection.probability, projection.rule_name
        if name in _OBJECTS:
            return _OBJECTS[name](self, projection.topology, begin, end, shared)
        if name == "one_to_one":
            return lambda *out: connect.one_to_one(*span, *out), float(end - begin)
        if name == "fixed_indegree":
            k = projection.indegree
            draw = connect.fixed_indegree if projection.multapses else connect.fixed_indegree_distinct
            return lambda *out: draw(self.key, k, *span, *out), float(k * (end - begin))
        if name in ("fixed_outdegree", "fixed_total"):
            return self._given_outdegrees(begin, end)
        if name == "all_to_all" or p == 1.0:
            return lambda *out: connect.all_to_all(*span, *out), pairs
        if p == 0.0:
            return lambda *out: connect.all_to_all(0, 0, *span[2:], *out), 0.0
        scale, block = bernoulli.distances(p)
        return lambda *out: connect.bernoulli(self.key, scale, block, *span, *out), pairs * p

    def _given_outdegrees(self, begin: int, end: int) -> tuple[Draw, float]:
        """The rules that fix the numbers of synapses of the sources, or their sum."""
        projection = self._projection
        n_source, n_target, multapses = projection.source.n, projection.target.n, projection.multapses
        outdegrees = np.full(n_source, projection.outdegree, np.int64)
        if projection.rule_name == "fixed_total":
            connect.outdegrees_of_total(self.key, projection.total, n_target, multapses, self._own, outdegrees)
        span = begin, end, self._own, self._shift
        expected = float(outdegrees.sum()) * (end - begin) / max(n_target, 1)
        return lambda *out: connect.given_outdegrees(self.key, outdegrees, n_target, multapses, *span, *out), expected

    # ---- rules that are objects --------------------------------------------------------------------------------------

    def _ring(self, rule: Any, begin: int, end: int, shared: Any) -> tuple[Draw, float]:
        shape = (1, 1, self._projection.source.n), rule.k, False, (False, False, True), False
        return self._lattice(shape, 2 * rule.k, begin, end)

    def _grid(self, rule: Any, begin: int, end: int, shared: Any) -> tuple[Draw, float]:
        sizes, periodic = rule.space()
        shape = sizes, rule.radius, rule.neighbourhood == "moore", periodic, rule.centre
        return self._lattice(shape, rule.largest_indegree(self._projection), begin, end)

    def _lattice(self, shape: Any, most: float, begin: int, end: int) -> tuple[Draw, float]:
        """The neighbours on a lattice, of which a target has at most so many."""
        sizes, radius, diagonal, periodic, centre = shape
        space = np.array(sizes, np.int64), radius, diagonal, np.array(periodic, np.bool_), centre
        return lambda *out: lattice(*space, begin, end, self._own, self._shift, *out), most * (end - begin)

    def _small_world(self, rule: Any, begin: int, end: int, shared: Any) -> tuple[Draw, float]:
        given = self.key, rule.k, float(rule.rewiring), begin, end, self._shift
        return lambda *out: graphs.small_world(*given, *out), float(rule.k * (end - begin))

    def _scale_free(self, rule: Any, begin: int, end: int, shared: Any) -> tuple[Draw, float]:
        expected = float(np.count_nonzero((shared >= begin) & (shared < end)))
        return lambda *out: graphs.both_ways(shared, begin, end, self._shift, *out), expected

    def _distance(self, rule: Any, begin: int, end: int, shared: Any) -> tuple[Draw, float]:
        sources, trees = shared
        span, profile = (begin, end, self._own, self._shift), profile_of(rule)
        # Of neurons that stand close together more than the mean. Memory that isn't touched costs nothing.
        indegree = min(2.0 * rule.mean_indegree(self._projection), rule.largest_indegree(self._projection))
        draw = distance.by_distance
        return lambda *out: draw(self.key, profile, trees, sources, *span, *out), indegree * (end - begin)

    def _blocks(self, rule: Any, begin: int, end: int, shared: Any) -> tuple[Draw, float]:
        expected = rule.synapses_onto(self._projection, np.array([begin]), np.array([end]))[0]
        return lambda *out: self._draw_blocks(rule, begin, end, *out), float(expected)

    def _draw_blocks(self, rule: Any, begin: int, end: int, indptr: Array, targets: Array) -> int:
        """Some sources after the other: their targets in each block, put together into rows."""
        columns: dict[tuple[int, int], list[Any]] = {}
        for p, sources, (low, high), row, _ in rule.parts():
            part = p, max(low, begin), min(high, end), row
            columns.setdefault(sources, []).append(part)
        count = 0
        for (first, last), parts in columns.items():
            most = max(1.0, sum(p * max(0, high - low) for p, low, high, _ in parts))
            step = max(1, int(_AT_ONCE / most))
            for begin_source in range(first, last, step):
                sources = np.arange(begin_source, min(begin_source + step, last))
                pieces = [self._piece(sources, *part) for part in parts if part[1] < part[2]]
                count = _put_together(sources, pieces, count, indptr, targets)
        indptr[-1] = count
        return count

    def _piece(self, sources: Array, p: float, low: int, high: int, row: int) -> tuple[Array, Array]:
        """Row starts and targets of some sources in a block of targets, which has a random stream of its own."""
        indptr, span = np.zeros(len(sources) + 1, np.int64), (low, high)
        if p in (0.0, 1.0):
            span = span if p == 1.0 else (low, low)
            targets = np.empty(len(sources) * (span[1] - span[0]), np.uint32)
            count = connect.all_to_all(*span, self._own - int(sources[0]), self._shift, indptr, targets)
            return indptr, targets[:count]
        key = stream_key(*self._stream, f"{self._name} block {row}")
        scratch, draw = bernoulli.new_bernoulli_scratch(), bernoulli.draw_bernoulli
        given = key, *bernoulli.distances(p), sources, *span, self._own, self._shift, scratch, indptr
        room = int(1.1 * p * len(sources) * (high - low)) + 64
        while True:
            targets = np.empty(room, np.uint32)
            count = draw(*given, targets)
            if count <= room:
                return indptr, targets[:count]
            room = count


def _put_together(sources: Array, pieces: list[Any], count: int, indptr: Array, targets: Array) -> int:
    """Write rows that consist of pieces, one after the other; the new ``count``."""
    lengths = [np.diff(starts) for starts, _ in pieces]
    ends = count + np.cumsum(sum(lengths, np.zeros(len(sources), np.int64)))
    indptr[sources] = np.concatenate([[count], ends[:-1]])
    at = indptr[sources].copy()
    if ends[-1] <= len(targets):
        for (starts, found), length in zip(pieces, lengths, strict=True):
            targets[np.repeat(at - starts[:-1], length) + np.arange(len(found))] = found
            at += length
    return int(ends[-1])


_OBJECTS: dict[str, Callable[..., tuple[Draw, float]]] = {
    "ring": Rule._ring,
    "grid": Rule._grid,
    "small_world": Rule._small_world,
    "scale_free": Rule._scale_free,
    "distance": Rule._distance,
    "blocks": Rule._blocks,
}
