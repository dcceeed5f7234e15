"""The stochastic block model."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from . import checks
from .rules import Array, WiringRule


@dataclass(frozen=True, repr=False)
class Blocks(WiringRule):
    """A stochastic block model: each pair is connected with a probability that depends on the blocks of its neurons.

    Parameters
    ----------
    probabilities : array of shape (n_target_blocks, n_source_blocks)
        From 0 to 1; rows are targets, columns sources.
    sizes : sequence of int
        Of blocks of targets, which follow each other; they sum to the size of the target.
    source_sizes : sequence of int, optional
        Of blocks of sources; by default as of targets.

    Raises
    ------
    TypeError, ValueError
        If shapes or values are not legal; where it is used, unless sizes sum to those of target and source.

    References
    ----------
    Holland PW, Laskey KB, Leinhardt S (1983), Soc Netw 5:109-137; here with directed synapses.

    Examples
    --------
    >>> from neurocore_nb import Blocks, LIFNeuron, Network, Population, Projection
    >>> cells = Population(LIFNeuron, 100, label="cells")
    >>> wiring = Projection(cells, cells, 1.0, topology=Blocks([[0.5, 0.0], [0.0, 1.0]], sizes=[60, 40]))
    >>> report = Network(cells, wiring).run(0.0)
    >>> wiring.matrix()[:60, 60:].nnz, wiring.matrix()[60:, 60:].nnz
    (0, 1600)
    """

    probabilities: Any
    sizes: Any
    source_sizes: Any = None
    name: ClassVar[str] = "blocks"

    def __post_init__(self) -> None:
        sizes = _sizes(self.sizes, "Blocks: sizes")
        source_sizes = sizes if self.source_sizes is None else _sizes(self.source_sizes, "Blocks: source_sizes")
        p = checks.real_array(self.probabilities, "Blocks: probabilities", "per pair", low=0.0, high=1.0)
        if p.shape != (len(sizes), len(source_sizes)):
            raise ValueError(
                f"Blocks: probabilities have shape {p.shape}, but there are {len(sizes)} blocks of targets and "
                f"{len(source_sizes)} of sources; give shape (n_target_blocks, n_source_blocks)"
            )
        object.__setattr__(self, "probabilities", tuple(map(tuple, p.tolist())))  # which can't be changed later
        object.__setattr__(self, "sizes", sizes)
        object.__setattr__(self, "source_sizes", source_sizes)

    @property
    def draws(self) -> bool:
        """Whether any probability is between 0 and 1."""
        return any(0.0 < p < 1.0 for row in self.probabilities for p in row)

    def check(self, wiring: Any, what: str) -> None:
        """Whether the blocks are as large as source and target."""
        for end, sizes in (("target", self.sizes), ("source", self.source_sizes)):
            if sum(sizes) != getattr(wiring, end).n:
                raise ValueError(
                    f"{what}: the sizes of the blocks sum to {sum(sizes)}, but the {end} has "
                    f"{getattr(wiring, end).n} neurons"
                )

    def parts(self) -> Iterator[tuple[float, tuple[int, int], tuple[int, int], int, int]]:
        """Of each pair of blocks its probability, sources, targets, and numbers of the target's and source's block.

        In the order in which sources ascend, and for each of them targets.
        """
        sources, targets = (np.concatenate([[0], np.cumsum(one)]).tolist() for one in (self.source_sizes, self.sizes))
        for column in range(len(sources) - 1):
            for row in range(len(targets) - 1):
                p = self.probabilities[row][column]
                yield p, (sources[column], sources[column + 1]), (targets[row], targets[row + 1]), row, column

    def _indegrees(self) -> list[float]:
        """Of a target in each block, with autapses; exactly rounded, as quanta of weights follow from it."""
        sizes = self.source_sizes
        return [math.fsum(p * n for p, n in zip(row, sizes, strict=True)) for row in self.probabilities]

    def mean_indegree(self, wiring: Any) -> float:
        """Synapses of a target to expect."""
        total = math.fsum(mean * n for mean, n in zip(self._indegrees(), self.sizes, strict=True))
        return total / max(1, int(wiring.target.n))

    def largest_indegree(self, wiring: Any) -> float:
        """Of a target of the block that has most."""
        return max(self._indegrees())

    def synapses_onto(self, wiring: Any, begin: Array, end: Array) -> Array:
        """Pairs of each two blocks, without those that are left out, times their probability."""
        own = wiring.own_difference()
        found = np.zeros(len(begin))
        for p, sources, targets, _, _ in self.parts():
            low, high = np.maximum(begin, targets[0]), np.minimum(end, targets[1])
            found += p * np.maximum(0, high - low) * (sources[1] - sources[0])
            if own is not None:
                found -= p * np.maximum(0, np.minimum(high, sources[1] - own) - np.maximum(low, sources[0] - own))
        return found

    def sources_onto(self, wiring: Any, begin: Array, end: Array, first: Any, last: Any) -> Array:
        """Block by block: sources with at least one target in any block of these."""
        none = [np.ones(len(begin)) for _ in self.source_sizes]
        for p, _, targets, _, column in self.parts():
            width = np.maximum(0, np.minimum(end, targets[1]) - np.maximum(begin, targets[0]))
            none[column] *= (1.0 - p) ** width
        found, low = np.zeros(len(begin)), 0
        for size, chance in zip(self.source_sizes, none, strict=True):
            found += (1.0 - chance) * np.maximum(0, np.minimum(last, low + size) - np.maximum(first, low))
            low += size
        return found

    def __repr__(self) -> str:
        shape = f"{len(self.sizes)} x {len(self.source_sizes)}"
        values = [p for row in self.probabilities for p in row] or [0.0]
        return f"Blocks({shape}, p = {min(values):g} to {max(values):g})"


def _sizes(value: Any, what: str) -> tuple[int, ...]:
    if isinstance(value, str) or not hasattr(value, "__iter__"):
        raise TypeError(f"{what} must be a sequence of integers, not {value!r}")
    sizes = tuple(checks.whole_number(int(one) if isinstance(one, np.integer) else one, what) for one in value)
    if not sizes:
        raise ValueError(f"{what} must name at least one block")
    return sizes
