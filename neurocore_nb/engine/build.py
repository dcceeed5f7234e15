"""The synapses of a projection on this rank: each rank builds the rows of its own targets, without communication."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

import numpy as np
import numpy.typing as npt

from ..kernels import connect, distance
from ..timegrid import nearest_steps
from . import rules
from .block import Block
from .learning import PlasticBlock, Rule
from .procedural import ProceduralBlock
from .space import in_space, periods_of
from .streams import DELAYS, WEIGHTS, drawn, stream_key

_CHUNK = 1 << 13  # synapses whose weights or delays are drawn at once: what that takes stays in the L2 cache
_SPARSE_ROWS = 4  # rows are stored only for sources that have synapses where these are fewer than one in so many

Array = npt.NDArray[Any]


class Synapses:
    """The synapses of one projection on this rank.

    Parameters
    ----------
    projection : Projection
        Its description.
    seed : int
        Seed of its random streams.
    place : int or None
        Its place among the projections that draw; None where the seed is its own.
    dt : float
        Network step in s.
    quantum : float
        All weights are rounded to multiples of it.
    local : tuple of int
        Range of the target's parent population on this rank.
    rewards : tuple of int
        Range of the ids of neurons whose spikes are rewards, where synapses learn by them.
    stream : str
        Name of its random streams.

    Attributes
    ----------
    blocks : list of Block or of ProceduralBlock
        One for each thread.
    longest_delay : int
        In steps, as the description allows.
    rows : tuple of int
        Range of the target's neurons on this rank, in the target's own indices.
    """

    def __init__(
        self,
        projection: Any,
        seed: int,
        place: int | None,
        dt: float,
        quantum: float,
        local: tuple[int, int],
        rewards: tuple[int, int] = (0, 0),
        stream: str = "",
    ) -> None:
        self.projection = projection
        self.blocks: list[Block] | list[ProceduralBlock] = []
        self.longest_delay = nearest_steps(projection.delay_range()[1], dt)
        self._dt = dt
        self._quantum = quantum
        self._keys = {kind: stream_key(seed, kind, place, stream) for kind in (WEIGHTS, DELAYS)}
        target = projection.target
        begin, end = (min(max(border, target.start), target.start + target.n) - target.start for border in local)
        self.rows = begin, end
        self._shift = target.start - local[0]
        same = projection.source.parent is target.parent and not projection.autapses
        self._own = target.start - projection.source.start if same else connect.NO_AUTAPSE_RULE
        self._rule = rules.Rule(projection, seed, place, stream, self._own, self._shift)
        self._learning_rule = None if projection.learning is None else Rule(projection, dt, quantum, rewards)

    def build(self, bounds: npt.NDArray[np.int64], executor: Executor) -> None:
        """Build one block for each thread.

        Parameters
        ----------
        bounds : int64[n_threads + 1]
            Borders of the threads' slices of the local neurons of the target's population.
        executor : Executor
            Runs the threads.
        """
        begin, end = self.rows
        borders = np.clip(bounds - self._shift, begin, end)
        shared = self._rule.shared(begin, end)
        parts = borders[:-1].tolist(), borders[1:].tolist()
        self.blocks = list(executor.map(lambda low, high: self.build_rows(low, high, shared), *parts))

    def restart(self) -> None:
        """Let synapses that learn be as they were built."""
        for one in self.blocks:
            if isinstance(one, PlasticBlock):
                begin = one.first - self._shift
                one.restart(self.build_rows(begin, begin + one.n_targets).weights)

    def build_rows(self, begin: int, end: int, shared: Any = None) -> Any:
        """The block of the targets ``begin`` to ``end``, in the projection's storage.

        ``shared`` is what the rule makes once for several such parts, if that was done.
        """
        projection = self.projection
        if projection.storage == "stored":
            return self._stored_rows(begin, end, shared)
        span = begin, end, self._own, self._shift
        weight, delay = self._rounded(projection.weight), self._in_steps(projection.delay)
        return ProceduralBlock(projection, self._rule.key, *span, weight, delay)

    def _stored_rows(self, begin: int, end: int, shared: Any = None) -> Block:
        """Build the synapses onto the targets ``begin`` to ``end``."""
        projection = self.projection
        indptr, targets, order = self._pairs(begin, end, shared)
        final = self._rounded if self._learning_rule is None else np.abs
        weights = self._values(projection.weight, WEIGHTS, indptr, targets, order, projection.weight_dtype, final)
        delay_type = np.min_scalar_type(self.longest_delay)
        delays = self._values(projection.delay, DELAYS, indptr, targets, order, delay_type, self._in_steps)
        indptr, sources = _without_empty_rows(indptr)
        rule = self._learning_rule
        if rule is None:
            return Block(indptr, sources, targets, weights, delays)
        if rule.form.learns:
            if isinstance(weights, float):
                weights = np.full(len(targets), weights, projection.weight_dtype)
            np.clip(weights, *rule.bounds, out=weights)
        return PlasticBlock(indptr, sources, targets, weights, delays, rule, begin + self._shift, end - begin)

    def _pairs(
        self, begin: int, end: int, shared: Any = None
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint32], Array | None]:
        """Row starts and targets, and for explicit synapses their places among all."""
        if self.projection.explicit:
            return self._select_entries(begin, end)
        shared = self._rule.shared(begin, end) if shared is None else shared
        draw, expected = self._rule.drawing(begin, end, shared)
        indptr = np.empty(self.projection.source.n + 1, np.int64)
        room = int(expected + 8.0 * math.sqrt(expected)) + 64
        while True:
            targets = np.empty(room, np.uint32)
            count = draw(indptr, targets)
            if count <= room:
                return indptr, targets[:count], None  # the rest was never touched, so it takes no memory
            room = count

    def _select_entries(
        self, begin: int, end: int
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
        """The explicit synapses of these rows, source-major, and their places among all."""
        entries = self.projection.topology
        order = np.flatnonzero((entries.post >= begin) & (entries.post < end))
        order = order[np.lexsort((entries.post[order], entries.pre[order]))]
        counts = np.bincount(entries.pre[order], minlength=self.projection.source.n)
        indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        return indptr, (entries.post[order] + self._shift).astype(np.uint32), order

    def _values(
        self,
        given: Any,
        kind: int,
        indptr: Array,
        targets: Array,
        order: Array | None,
        dtype: Any,
        final: Callable[[Any], Any],
    ) -> Any:
        """Weights or delays of a block: one number for all, given along explicit synapses, drawn or by distance."""
        if isinstance(given, float):
            return final(given)
        if isinstance(given, np.ndarray):
            return final(given[order]).astype(dtype)
        result, space = np.empty(len(targets), dtype), self._space() if hasattr(given, "at_distances") else None
        for begin in range(0, len(targets), _CHUNK):
            number = np.empty(min(_CHUNK, len(targets) - begin))
            if space is None:
                connect.synapse_uniforms(self._keys[kind], indptr, targets, self._shift, begin, number)
                values = drawn(given, number)
            else:
                distance.distances(indptr, targets, self._shift, begin, *space, number)
                values = given.at_distances(number)
            result[begin : begin + len(number)] = final(values)
        return result

    def _space(self) -> tuple[Array, Array, Array]:
        """Positions of sources and targets, and the periods of space."""
        projection = self.projection
        source, target = projection.source, projection.target
        return in_space(source.positions), in_space(target.positions), periods_of(projection.topology)

    def _rounded(self, weights: Any) -> Any:
        return np.rint(np.asarray(weights) / self._quantum)[()] * self._quantum

    def _in_steps(self, delays: Any) -> Any:
        steps = np.floor(np.asarray(delays) / self._dt + 0.5).astype(np.int64)
        return steps if steps.ndim else int(steps)

    @property
    def n_synapses(self) -> int:
        """Number of synapses on this rank; those that aren't stored as many as are to be expected."""
        return round(sum(block.n_synapses for block in self.blocks))

    def sources_with_synapses(self) -> npt.NDArray[np.int32]:
        """Sources with at least one synapse on this rank, ascending, in the source's own indices."""
        found = [block.sources_with_synapses().astype(np.int32) for block in self.blocks]
        return np.unique(np.concatenate(found)) if found else np.empty(0, np.int32)

    @property
    def nbytes(self) -> int:
        """Memory of the synapses on this rank."""
        return sum(block.nbytes for block in self.blocks)

    def places_of(self, pre: int, column: int) -> Array:
        """Places of the synapses of a pair among all of this rank; of a target by its column in the ring buffer."""
        first, found = 0, []
        for one in self._stored():
            row = pre if one.sources is None else int(np.searchsorted(one.sources, pre))
            if row < len(one.indptr) - 1 and (one.sources is None or one.sources[row] == pre):
                begin, end = one.indptr[row : row + 2]
                found.append(first + begin + np.flatnonzero(one.targets[begin:end] == column))
            first += one.n_synapses
        return np.concatenate([np.empty(0, np.int64), *found])

    def present(self, step: int, of: str) -> Array:
        """Weights, or another state, of all synapses of this rank at the start of a step, block by block."""
        parts = [np.broadcast_to(self._present(one, step, of), one.targets.shape) for one in self._stored()]
        whole: Array = np.concatenate(parts)
        return whole

    def matrix(self, step: int, of: str = "w") -> Any:
        """Its rows on this rank as a scipy CSR array of shape (n_local_targets, n_source).

        Parameters
        ----------
        step : int
            Present time.
        of : str
            The weight or another state of the synapses.
        """
        import scipy.sparse

        begin, end = self.rows
        post, pre, data = [], [], []
        for block in self._stored() or [self._stored_rows(begin, end)]:
            rows = np.arange(len(block.indptr) - 1) if block.sources is None else block.sources
            pre.append(np.repeat(rows.astype(np.int64), np.diff(block.indptr)))
            post.append(block.targets.astype(np.int64) - self._shift - begin)
            data.append(np.broadcast_to(self._present(block, step, of), block.targets.shape))
        columns, rows, values = np.concatenate(pre), np.concatenate(post), np.concatenate(data)
        order = np.argsort(rows, kind="stable")  # not scipy's conversion, which would merge duplicates
        indptr = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=end - begin))])
        shape = (end - begin, self.projection.source.n)
        return scipy.sparse.csr_array((values[order], columns[order], indptr), shape=shape)

    def _stored(self) -> list[Block]:
        return [block for block in self.blocks if isinstance(block, Block)]

    def _present(self, block: Block, step: int, of: str) -> Any:
        """Weights, or another state of the synapses of a block."""
        if not isinstance(block, PlasticBlock):
            return block.weights
        weights, states = block.present(step)
        learning = self.projection.learning
        return learning.sign * weights if of == "w" else states[list(learning.rule.states).index(of)]


def plastic_blocks(synapses: Synapses) -> list[PlasticBlock]:
    """The blocks of a projection that learns."""
    return [one for one in synapses.blocks if isinstance(one, PlasticBlock)]


def few_rows(n_filled: Any, n_source: int) -> Any:
    """Whether so few of the sources have synapses that rows are stored for them only."""
    return n_filled * _SPARSE_ROWS < n_source + 1


def _without_empty_rows(indptr: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint32] | None]:
    """Drop the rows of sources without synapses, where they are most; the sources that remain, or None."""
    filled = np.flatnonzero(np.diff(indptr))
    if not few_rows(len(filled), len(indptr) - 1):
        return indptr, None
    return np.append(indptr[filled], indptr[-1]), filled.astype(np.uint32)
