"""Wiring rules that are objects: their base, and graphs of one set of neurons."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from ..synapses.quantum import most_of
from . import checks

Array = npt.NDArray[Any]


class WiringRule:
    """Base of wiring rules that are objects, given as ``topology``. A pair of neurons has at most one synapse by them.

    Attributes
    ----------
    name : str
        By which the engine knows the rule.
    draws : bool
        Whether it draws random numbers.
    """

    name: ClassVar[str]

    @property
    def draws(self) -> bool:
        """Whether it draws random numbers."""
        return True

    def check(self, wiring: Any, what: str) -> None:
        """Raise a ValueError if it can't connect source and target of a projection or coupling."""
        raise NotImplementedError

    def mean_indegree(self, wiring: Any) -> float:
        """Synapses of a target to expect."""
        raise NotImplementedError

    def largest_indegree(self, wiring: Any) -> float:
        """The same of the target that has most."""
        return self.mean_indegree(wiring)

    def most_synapses(self, wiring: Any) -> float:
        """What the number of synapses of a target never exceeds."""
        return min(most_of(self.largest_indegree(wiring)), float(wiring.source.n))

    def synapses_onto(self, wiring: Any, begin: Array, end: Array) -> Array:
        """How many synapses onto the targets ``begin <= target < end`` to expect; arrays along ranges."""
        expected: Array = self.mean_indegree(wiring) * (end - begin)
        return expected

    def sources_onto(self, wiring: Any, begin: Array, end: Array, first: Any, last: Any) -> Array:
        """How many of the sources ``first <= source < last`` to expect to have any synapse onto such targets."""
        size = np.asarray(last - first, np.float64)
        some: Array = -size * np.expm1(-self.synapses_onto(wiring, begin, end) / max(1.0, float(wiring.source.n)))
        return some


def near_by(begin: Any, end: Any, reach: int, n: int, periodic: bool, first: Any, last: Any) -> Array:
    """How many of the numbers ``first`` to ``last`` are in a range or so near to it, of n on a line or circle.

    Examples
    --------
    >>> int(near_by(0, 10, 3, 100, True, 0, 100)), int(near_by(0, 10, 3, 100, False, 0, 100))
    (16, 13)
    """
    found: Array = np.zeros(np.broadcast(begin, first).shape)
    for turn in (-n, 0, n) if periodic else (0,):
        low, high = np.maximum(begin - reach + turn, first), np.minimum(end + reach + turn, last)
        found = found + np.maximum(0, np.minimum(high, n) - np.maximum(low, 0))
    return np.where(np.asarray(end) > begin, np.minimum(found, np.asarray(last) - first), 0.0)


def same_neurons(wiring: Any, rule: WiringRule, what: str) -> None:
    """Refuse a rule for graphs of one set of neurons where there are two."""
    source, target = wiring.source, wiring.target
    if source.parent is not target.parent or (source.start, source.n) != (target.start, target.n):
        raise ValueError(
            f"{what}: {rule!r} connects neurons among themselves, so source and target must be the same; they are "
            f"{source.label or source!r} and {target.label or target!r}"
        )


def same_size(wiring: Any, rule: WiringRule, what: str) -> None:
    """Refuse a rule that goes by numbers where source and target differ in size."""
    if wiring.source.n != wiring.target.n:
        raise ValueError(
            f"{what}: {rule!r} needs equal sizes, but the source has {wiring.source.n} neurons and the target "
            f"{wiring.target.n}"
        )


@dataclass(frozen=True)
class Ring(WiringRule):
    """Each neuron is connected to its k nearest neighbours on each side, on a ring.

    Parameters
    ----------
    k : int
        Neighbours on each side, so that a neuron has 2 k synapses.

    Raises
    ------
    TypeError, ValueError
        If k is no integer of at least 1; where it is used, unless source and target have the same size of at least
        2 k + 1.

    Examples
    --------
    >>> from neurocore_nb import LIFNeuron, Network, Population, Projection, Ring
    >>> cells = Population(LIFNeuron, 5, label="cells")
    >>> ring = Projection(cells, cells, 1.0, topology=Ring(k=1))
    >>> report = Network(cells, ring).run(0.0)
    >>> ring.matrix().toarray().astype(int)
    array([[0, 1, 0, 0, 1],
           [1, 0, 1, 0, 0],
           [0, 1, 0, 1, 0],
           [0, 0, 1, 0, 1],
           [1, 0, 0, 1, 0]])
    """

    k: int
    name: ClassVar[str] = "ring"

    def __post_init__(self) -> None:
        checks.whole_number(self.k, "Ring: k", low=1)

    @property
    def draws(self) -> bool:
        """It doesn't draw."""
        return False

    def check(self, wiring: Any, what: str) -> None:
        """Whether there are enough neurons."""
        same_size(wiring, self, what)
        if wiring.source.n <= 2 * self.k:
            raise ValueError(
                f"{what}: k = {self.k} neighbours on each side need at least {2 * self.k + 1} neurons, but there are "
                f"{wiring.source.n}; lower k"
            )

    def mean_indegree(self, wiring: Any) -> float:
        """Synapses of each target."""
        return 2.0 * self.k

    def most_synapses(self, wiring: Any) -> float:
        """As many."""
        return 2.0 * self.k

    def sources_onto(self, wiring: Any, begin: Array, end: Array, first: Any, last: Any) -> Array:
        """Those of the range and its neighbours."""
        return near_by(begin, end, self.k, wiring.source.n, True, first, last)


@dataclass(frozen=True)
class SmallWorld(WiringRule):
    """A small world: a ring, some of whose synapses come from anywhere.

    Each target has k synapses, from k / 2 neighbours on each side. Each of these is replaced with the probability
    ``rewiring`` by another source, drawn uniformly from those that aren't its sources yet.

    Parameters
    ----------
    k : int
        Synapses of each target, an even number.
    rewiring : float
        From 0 (a ring) to 1.

    Raises
    ------
    TypeError, ValueError
        If a number is not legal; where it is used, unless source and target are the same neurons, more than k.

    References
    ----------
    Watts DJ, Strogatz SH (1998), Nature 393:440-442; here with directed synapses, so that targets are independent.

    Examples
    --------
    >>> from neurocore_nb import LIFNeuron, Network, Population, Projection, SmallWorld
    >>> cells = Population(LIFNeuron, 100, label="cells")
    >>> wiring = Projection(cells, cells, 1.0, topology=SmallWorld(k=6, rewiring=0.1))
    >>> report = Network(cells, wiring).run(0.0)
    >>> int(wiring.matrix().sum(axis=1).min()), int(wiring.matrix().sum(axis=1).max())
    (6, 6)
    """

    k: int
    rewiring: float
    name: ClassVar[str] = "small_world"

    def __post_init__(self) -> None:
        checks.whole_number(self.k, "SmallWorld: k", low=2)
        checks.real_number(self.rewiring, "SmallWorld: rewiring", "per synapse", low=0.0, high=1.0)
        if self.k % 2:
            raise ValueError(f"SmallWorld: k = {self.k} must be even: half of the neighbours are on each side")

    @property
    def draws(self) -> bool:
        """Whether any synapse may be replaced."""
        return self.rewiring > 0.0

    def check(self, wiring: Any, what: str) -> None:
        """Whether there are enough neurons, of one set."""
        same_neurons(wiring, self, what)
        if wiring.source.n <= self.k:
            raise ValueError(
                f"{what}: k = {self.k} sources of a neuron need more than {self.k} neurons, but there are "
                f"{wiring.source.n}; lower k"
            )

    def mean_indegree(self, wiring: Any) -> float:
        """Synapses of each target."""
        return float(self.k)

    def most_synapses(self, wiring: Any) -> float:
        """As many."""
        return float(self.k)

    def sources_onto(self, wiring: Any, begin: Array, end: Array, first: Any, last: Any) -> Array:
        """Neighbours that have kept a synapse, and any others."""
        near = near_by(begin, end, self.k // 2, wiring.source.n, True, first, last)
        drawn = self.rewiring * self.k * (end - begin) / max(1, wiring.source.n)  # onto the range, of each source
        none = np.exp(-drawn)
        some: Array = near * (1.0 - none * self.rewiring**self.k) + (last - first - near) * (1.0 - none)
        return some


@dataclass(frozen=True)
class ScaleFree(WiringRule):
    """A scale-free graph by preferential attachment: few neurons have very many connections.

    It begins with a star of the first m + 1 neurons. Each further one is connected with m different ones before it,
    drawn in proportion to the connections that they have. Each connection is two synapses, one each way.

    Parameters
    ----------
    m : int
        Connections that each neuron makes.

    Raises
    ------
    TypeError, ValueError
        If m is no integer of at least 1; where it is used, unless source and target are the same neurons, more than m.

    Notes
    -----
    What one neuron draws depends on all before it. So every rank finds all m n connections, which takes 8 bytes and
    some 100 ns each while it builds, on one thread; that doesn't shrink with more ranks. It keeps the synapses of its
    own neurons only.

    References
    ----------
    Barabási A-L, Albert R (1999), Science 286:509-512; from the same star as ``networkx.barabasi_albert_graph``.

    Examples
    --------
    >>> from neurocore_nb import LIFNeuron, Network, Population, Projection, ScaleFree
    >>> cells = Population(LIFNeuron, 100, label="cells")
    >>> wiring = Projection(cells, cells, 1.0, topology=ScaleFree(m=3))
    >>> report = Network(cells, wiring).run(0.0)
    >>> wiring.matrix().nnz, bool((wiring.matrix() != wiring.matrix().T).nnz == 0)
    (582, True)
    """

    m: int
    name: ClassVar[str] = "scale_free"

    def __post_init__(self) -> None:
        checks.whole_number(self.m, "ScaleFree: m", low=1)

    def check(self, wiring: Any, what: str) -> None:
        """Whether there are enough neurons, of one set."""
        same_neurons(wiring, self, what)
        if wiring.source.n <= self.m:
            raise ValueError(
                f"{what}: m = {self.m} connections of a neuron need more than {self.m} neurons, but there are "
                f"{wiring.source.n}; lower m"
            )

    def n_edges(self, wiring: Any) -> int:
        """Connections, of two synapses each."""
        return int(self.m * (wiring.source.n - self.m))

    def mean_indegree(self, wiring: Any) -> float:
        """Synapses of a target."""
        return 2.0 * self.n_edges(wiring) / int(wiring.source.n)

    def largest_indegree(self, wiring: Any) -> float:
        """Of the first neuron, from which the star begins."""
        return float(self._of_first(wiring, np.array([1.0]))[0])

    def most_synapses(self, wiring: Any) -> float:
        """Of one that is connected with all others."""
        return float(wiring.source.n - 1)

    def synapses_onto(self, wiring: Any, begin: Array, end: Array) -> Array:
        """More onto the first neurons, which have had more time."""
        expected: Array = self._of_first(wiring, end) - self._of_first(wiring, begin)
        return expected

    def sources_onto(self, wiring: Any, begin: Array, end: Array, first: Any, last: Any) -> Array:
        """As if all neurons had about as many connections as most have."""
        part = self.synapses_onto(wiring, begin, end) / (2.0 * self.n_edges(wiring))
        some: Array = (last - first) * -np.expm1(-math.sqrt(2.0) * self.m * part)  # the median of the degrees
        return some

    def _of_first(self, wiring: Any, number: Array) -> Array:
        """Expected synapses of so many neurons, the first: they get a part of what each later neuron attaches."""
        from scipy.special import gammaln

        n, m = wiring.source.n, self.m
        later = np.maximum(np.asarray(number, np.float64), m + 1.0)
        growth = gammaln(n - m + 0.5) - gammaln(n - m) - gammaln(later - m + 0.5) + gammaln(later - m)
        of_star = (m + np.asarray(number, np.float64) - 1.0) / (2.0 * m)
        all_of_them: Array = 2.0 * m * (later - m) * np.exp(growth)
        return all_of_them * np.where(number > m, 1.0, np.where(number > 0, of_star, 0.0))
