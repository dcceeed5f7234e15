"""Synapses of a projection that are not stored: what has to be known to draw them again at each spike."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..kernels import bernoulli, deliver, procedural
from ..kernels.abreast import ABREAST

_KINDS = {
    "random": procedural.RANDOM,
    "fixed_outdegree": procedural.FIXED_OUTDEGREE,
    "all_to_all": procedural.ALL_TO_ALL,
    "one_to_one": procedural.ONE_TO_ONE,
}
_AT_ONCE = 1 << 11  # targets, of fixed out-degrees: these fill part of the L1 cache


class ProceduralBlock:
    """The synapses of one projection onto the targets of one thread, drawn at each spike.

    Parameters
    ----------
    projection : Projection
    key : uint64
        Of its wiring.
    begin, end, own, shift : int
        As for the rules of ``kernels.connect``.
    weight : float
    delay : int
        In steps.

    Attributes
    ----------
    n_synapses : float
        How many to expect.
    """

    def __init__(
        self, projection: Any, key: np.uint64, begin: int, end: int, own: int, shift: int, weight: float, delay: int
    ) -> None:
        n_source, n_target, p = projection.source.n, projection.target.n, projection.probability
        self._weight, self._delay = weight, delay
        rule = projection.topology
        if rule == "random" and p in (0.0, 1.0):
            rule, end = "all_to_all", (end if p == 1.0 else begin)
        self._sources = (begin, end) if rule == "one_to_one" else (0, n_source)
        self._function = procedural.function_for(_KINDS[rule])
        self._rule = np.zeros(procedural.N_PARAMETERS, np.int64)
        self._rule[procedural.BEGIN : procedural.SHIFT + 1] = begin, end, own, shift
        self._rule[procedural.KEY] = np.uint64(key).view(np.int64)
        self._rule[procedural.AT_ONCE], self._rule[procedural.ROOM] = 1, max(1, end - begin)
        own_pairs = max(0, min(end, n_source - own) - max(begin, -own))
        pairs = float(n_source) * (end - begin) - own_pairs
        self.n_synapses = {"random": p * pairs, "one_to_one": float(end - begin if own != 0 else 0)}.get(rule, pairs)
        if rule == "random":
            scale, size = bernoulli.distances(p)
            self._rule[procedural.SCALE], self._rule[procedural.BLOCK] = np.float64(scale).view(np.int64), size
            self._rule[procedural.AT_ONCE], self._rule[procedural.ROOM] = bernoulli.at_once(p, begin, end)
        if rule == "fixed_outdegree":
            count, self._rule[procedural.N_TARGET] = projection.outdegree, n_target
            self._rule[procedural.OUTDEGREE], self._rule[procedural.MULTAPSES] = count, projection.multapses
            most = max(1, count if projection.multapses else min(count, end - begin))  # on this part, of one source
            at_once = max(1, _AT_ONCE // most)
            at_once -= at_once % ABREAST if at_once > ABREAST else 0
            self._rule[procedural.AT_ONCE], self._rule[procedural.ROOM] = at_once, at_once * most
            self.n_synapses = float(count) * n_source * (end - begin) / max(1, n_target)

    def sources_with_synapses(self) -> npt.NDArray[np.int64]:
        """Sources that may have a synapse in this block, ascending: where targets are drawn, any."""
        if self.n_synapses == 0:
            return np.empty(0, np.int64)
        return np.arange(*self._sources)

    @property
    def nbytes(self) -> int:
        """Memory of the block."""
        return self._rule.nbytes

    def table_row(self, receptor: int, source_begin: int, n_source: int) -> npt.NDArray[np.int64]:
        """Its row in the block table of ``kernels.deliver`` (which holds an address: keep the block alive)."""
        row = np.zeros(deliver.N_COLUMNS, np.int64)
        row[deliver.FUNCTION], row[deliver.RECEPTOR] = self._function, receptor
        row[deliver.SOURCE_BEGIN], row[deliver.N_SOURCE] = source_begin, n_source
        row[deliver.RULE] = self._rule.ctypes.data
        row[deliver.WEIGHTS], row[deliver.DELAYS] = np.float64(self._weight).view(np.int64), self._delay
        return row
