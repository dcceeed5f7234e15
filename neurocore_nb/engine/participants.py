"""Which neurons take part in couplings, and where their values stand among those that the ranks exchange."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .partition import bounds

IntArray = npt.NDArray[np.int64]


class Participants:
    """Neurons of a population, as ranges, so that large parts of a population take no memory.

    Parameters
    ----------
    sent : list of (Neurons, int64 array or None)
        Parts of the population, and which of their neurons take part; None: all.

    Examples
    --------
    >>> from neurocore_nb import LIFNeuron, Population
    >>> cells = Population(LIFNeuron, 10)
    >>> some = Participants([(cells[1:4], None), (cells[2:], np.array([0, 5]))])
    >>> some.below(np.array([0, 2, 10])), some.members(0, 10)
    (array([0, 1, 4]), array([1, 2, 3, 7]))
    """

    def __init__(self, sent: list[Any]) -> None:
        begins, ends = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for part, which in sent:
            first = np.arange(min(1, part.n)) if which is None else which
            begins.append(first + part.start)
            ends.append(first + part.start + (part.n if which is None else 1))
        begin, end = np.concatenate(begins), np.concatenate(ends)
        order = np.argsort(begin, kind="stable")
        begin, end = begin[order], np.maximum.accumulate(end[order])
        starts = np.ones(len(begin), np.bool_)
        starts[1:] = begin[1:] > end[:-1]
        self._begin = begin[starts]
        self._end = end[np.append(starts[1:], True)[: len(end)]]
        self._before = np.concatenate([[0], np.cumsum(self._end - self._begin)])

    def below(self, borders: Any) -> IntArray:
        """How many of them have an index below each of some; of one of them, its place among all."""
        borders = np.asarray(borders)
        k = np.searchsorted(self._begin, borders, side="right")
        begin, end = np.append(self._begin, 0)[k - 1], np.append(self._end, 0)[k - 1]
        some: IntArray = self._before[np.maximum(k - 1, 0)] + np.minimum(borders, end) - begin
        return np.where(k > 0, some, 0)

    def members(self, low: int, high: int) -> IntArray:
        """Those from ``low`` to ``high``, ascending."""
        begin, end = np.clip(self._begin, low, high), np.clip(self._end, low, high)
        return np.concatenate([np.empty(0, np.int64), *map(np.arange, begin[end > begin], end[end > begin])])


class Layout:
    """Where the values of all participants stand: those of a rank together, one state of a population after the other.

    Parameters
    ----------
    couplings : list of Coupling
    ranks : int

    Attributes
    ----------
    participants : dict of (Population, str) to Participants
        For each state of a population that others feel.
    counts : int64[n_states, ranks]
        How many there are of each on each rank.
    most : int
        For so many values there is room for each rank.
    """

    def __init__(self, couplings: list[Any], ranks: int) -> None:
        sent: dict[tuple[Any, str], list[Any]] = {}
        for coupling in couplings:
            for part, which in coupling.sent:
                sent.setdefault((part.parent, coupling.state), []).append((part, which))
        self.participants = {key: Participants(parts) for key, parts in sent.items()}
        self._borders = [bounds(population.n, ranks) for population, _ in sent]
        self._below = [
            one.below(borders) for one, borders in zip(self.participants.values(), self._borders, strict=True)
        ]
        self.counts = np.array([np.diff(one) for one in self._below], np.int64).reshape(len(sent), ranks)
        self.most = int(self.counts.sum(axis=0).max(initial=0))

    def first(self, k: int, rank: int) -> int:
        """Where among a rank's values those of the k-th state begin."""
        return int(self.counts[:k, rank].sum())

    def slots(self, population: Any, state: str, index: IntArray) -> npt.NDArray[np.int32]:
        """Where the values of some participants stand among those of all ranks."""
        k = list(self.participants).index((population, state))
        rank = np.searchsorted(self._borders[k], index, side="right") - 1
        first = self.counts[:k].sum(axis=0)[rank]
        place = self.participants[population, state].below(index) - self._below[k][rank]
        slots: npt.NDArray[np.int32] = (rank * self.most + first + place).astype(np.int32)
        return slots
