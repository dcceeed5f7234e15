"""Who is coupled with whom on this rank: the rows of a coupling, post-major, sources ascending."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .build import Synapses
from .streams import WEIGHTS

IntArray = npt.NDArray[np.int64]
Pairs = tuple[IntArray, IntArray, npt.NDArray[np.float64]]  # sources, targets, weights
_AT_ONCE = 1 << 20  # pairs that are drawn to find those whose mirrored direction is of this rank


@dataclass
class Rows:
    """One way of a coupling: what acts on some neurons of this rank.

    Attributes
    ----------
    onto, source : Neurons
        Indices are those within them.
    first : int
        The first of the neurons, whose row is the first.
    indptr : int64[n + 1]
    pre : int64[n_entries]
    weights : float64[n_entries]
        Of what is mirrored and rectifies, with a minus.
    """

    onto: Any
    source: Any
    first: int
    indptr: IntArray
    pre: IntArray
    weights: npt.NDArray[np.float64]


class _Drawn(Synapses):
    """The pairs of a coupling, drawn by the rules of projections with streams of their own."""

    def __init__(self, coupling: Any, seed: int, place: int | None) -> None:
        super().__init__(coupling, seed, place, 1.0, 1.0, (0, coupling.target.parent.n), stream="coupling")

    def shared(self, begin: int, end: int) -> Any:
        """What the rule makes once for all targets of a range."""
        return self._rule.shared(begin, end)

    def pairs(self, begin: int, end: int, shared: Any) -> Pairs:
        """Those onto the targets from ``begin`` to ``end``, by source and target."""
        coupling = self.projection
        indptr, targets, order = self._pairs(begin, end, shared)
        weights = self._values(coupling.weight, WEIGHTS, indptr, targets, order, np.float64, np.asarray)
        pre = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
        return pre, targets.astype(np.int64) - self._shift, np.broadcast_to(weights, pre.shape)

    def per_target(self) -> float:
        """How many pairs to expect of a target."""
        coupling = self.projection
        if coupling.explicit:
            return float(coupling.topology.n_synapses / max(1, coupling.target.n))
        return float(coupling.mean_indegree())


class Junctions:
    """The rows of a coupling on this rank.

    Parameters
    ----------
    coupling : Coupling
        Its description.
    seed : int
        Seed of its random streams.
    place : int or None
        Its place among the couplings that draw; None where the seed is its own.
    rank_of : function
        The range of a population on this rank.

    Notes
    -----
    A rank draws the rows of its own targets. Of a symmetric coupling it needs the columns of its own sources as well:
    for these it draws all rows, in pieces, and keeps what is its own. That takes the time of all pairs on each rank,
    but no memory.
    """

    def __init__(self, coupling: Any, seed: int, place: int | None, rank_of: Any) -> None:
        self.coupling = coupling
        self._drawn = _Drawn(coupling, seed, place)
        self._rank_of = rank_of
        # Draws in both directions between the same neurons would make two junctions of a pair.
        self._upward = coupling.symmetric and coupling.within and not coupling.explicit

    def rows(self) -> list[Rows]:
        """All ways of it; made anew each time."""
        source, target = self.coupling.source, self.coupling.target
        span = self._span(target)
        shared = self._drawn.shared(*((0, target.n) if self.coupling.symmetric else span))
        direct = self._direct(*span, shared)
        if not self.coupling.symmetric:
            return [self._in_rows(target, source, [direct])]
        mirrored = list(self._mirrored(*self._span(source), shared))
        if self.coupling.within:
            return [self._in_rows(target, source, [direct, *mirrored])]
        return [self._in_rows(target, source, [direct]), self._in_rows(source, target, mirrored)]

    def _span(self, part: Any) -> tuple[int, int]:
        """The range of a part of a population on this rank, in the part's own indices."""
        low, high = (min(max(border, part.start), part.start + part.n) for border in self._rank_of(part.parent))
        return low - part.start, high - part.start

    def _direct(self, begin: int, end: int, shared: Any) -> Pairs:
        pre, post, weights = self._drawn.pairs(begin, end, shared)
        kept = pre < post if self._upward else slice(None)
        return pre[kept], post[kept], weights[kept]

    def _mirrored(self, begin: int, end: int, shared: Any) -> Iterator[Pairs]:
        """The other way of all pairs whose source is from ``begin`` to ``end``, in pieces."""
        sign = -1.0 if self.coupling.rectification > 0.0 else 1.0
        n = self.coupling.target.n if begin < end else 0
        step = max(1, int(_AT_ONCE / max(1.0, self._drawn.per_target())))
        for first in range(0, n, step):
            pre, post, weights = self._direct(first, min(first + step, n), shared)
            mine = (pre >= begin) & (pre < end)
            yield post[mine], pre[mine], sign * weights[mine]

    def _in_rows(self, onto: Any, source: Any, pieces: list[Pairs]) -> Rows:
        begin, end = self._span(onto)
        none = np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
        pre, post, weights = map(np.concatenate, zip(none, *pieces, strict=True))
        order = np.lexsort((pre, post))  # stable: several junctions of a pair stay in the order of the draws
        indptr = np.concatenate([[0], np.cumsum(np.bincount(post - begin, minlength=end - begin))])
        return Rows(onto, source, begin, indptr.astype(np.int64), pre[order], weights[order])

    def matrix(self) -> Any:
        """Conductances ``W[post, pre]`` of this rank's targets as a scipy CSR array."""
        import scipy.sparse

        rows = self.rows()[0]
        shape = len(rows.indptr) - 1, rows.source.n
        return scipy.sparse.csr_array((np.abs(rows.weights), rows.pre, rows.indptr), shape=shape)
