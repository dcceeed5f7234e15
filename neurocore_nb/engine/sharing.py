"""Which exchange the ranks of a network share their spikes by."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..kernels.share import ASKED, ASKS, CODE, LARGEST, ROOM, SENT, TOLD
from .agreement import together
from .comm import Comm, Int32Array
from .exchange import Exchange, FloatArray, LocalExchange
from .partition import block
from .sparse_exchange import Populations, SparseExchange

AnyExchange = Exchange | LocalExchange | SparseExchange

# Of the other ranks, how many at most the mean neuron has targets on where "auto" takes the sparse exchange. It moves
# less wherever that is below 1, but in two small collectives an interval where the other makes do with one.
_SPARSE_BELOW = 0.5


def few_needed(pairs: float, ranks: int, n: int) -> bool:
    """Whether of n neurons the mean one has targets on few of the other ranks, ``pairs`` in all."""
    return pairs <= _SPARSE_BELOW * (ranks - 1) * n


class Sharing:
    """The exchanges that the runs of a network ask for, each made once.

    Parameters
    ----------
    comm : Comm
    interval : int
        Steps between exchanges.
    populations : list of (int, int)
        Id of the first neuron and number of neurons of each population that is a projection's source.
    needed : function
        Ids, ascending, of all neurons that have targets on this rank.
    own, values : arrays
        What travels beside spikes, see ``Exchange``.
    """

    def __init__(
        self, comm: Comm, interval: int, populations: Populations, needed: Callable[[], Int32Array], own: FloatArray,
        values: FloatArray,
    ) -> None:  # fmt: skip
        self._comm = comm
        self._own, self._values = own, values
        self._interval = interval
        self._populations = populations
        self._needed = needed
        self._made: dict[str, AnyExchange] = {}

    def exchange(self, kind: str) -> AnyExchange:
        """The exchange of a kind, ``"auto"``, ``"all"`` or ``"sparse"``; all ranks call it alike."""
        if self._comm.size == 1:
            kind = "none"
        if kind not in self._made:
            self._made[kind] = self._make(kind)
        return self._made[kind]

    def restart(self) -> None:
        """Forget what was agreed upon: ranks that were interrupted may not agree."""
        for one in self._made.values():
            one.mail[[ROOM, TOLD, ASKS, ASKED, LARGEST, CODE, SENT]] = 0

    def _make(self, kind: str) -> AnyExchange:
        if kind == "none":
            return LocalExchange()
        if kind == "auto" and len(self._own):
            return self.exchange("all")
        if kind == "all":
            return Exchange(self._comm, self._interval, self._own, self._values)
        needed = together(self._comm, self._needed)
        if kind == "auto":
            return self.exchange("sparse" if self._is_sparse(needed) else "all")
        return SparseExchange(self._comm, self._populations, needed, self._interval)

    def _is_sparse(self, needed: Int32Array) -> bool:
        """Whether the mean neuron has targets on few of the other ranks."""
        rank, size = self._comm.rank, self._comm.size
        spans = [(first + border for border in block(n, rank, size)) for first, n in self._populations]
        own = sum(int(np.diff(np.searchsorted(needed, list(span)))[0]) for span in spans)
        pairs = sum(self._comm.gather_objects(len(needed) - own))
        return few_needed(pairs, size, sum(n for _, n in self._populations))


def compile_exchanges() -> None:
    """Call the kernels of all exchanges with nothing to do."""
    Exchange.compile()
    SparseExchange.compile()
