"""Projections: the synapses from one population onto another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..synapses.quantum import LARGEST_WEIGHT
from . import checks
from .checks import FloatArray
from .distributions import Distribution
from .population import Neurons, Population, membranes, neurons, population_of
from .topology import FIXED_INDEGREE, RANDOM, RULES, ExplicitMatrix

MAX_DELAY = 1.0  # s


class Projection:
    """Synapses from a source onto a target population (or parts of them).

    Parameters
    ----------
    source, target : Population or part of one
        The source may be a population without membranes.
    weight : float, Distribution, array of shape (n_synapses,), or None
        In the unit of the receptor, such as uA/cm2. An array goes along explicit synapses; None takes a matrix's own
        entries. Weights are rounded to 1e-10 of the largest that can arrive at the receptor.
    probability : float
        Probability of each pair for ``"random"``. For ``"fixed_indegree"``, the in-degree as a part of the source.
    delay : float, Distribution or array of shape (n_synapses,)
        In s, up to 1 s. A spike of step k arrives at the start of step ``k + 1 + delay / dt`` (rounded).
    topology : {"random", "all_to_all", "one_to_one", "fixed_indegree"} or scipy sparse matrix
        ``"random"`` connects each pair independently; ``"fixed_indegree"`` draws the same number of sources for every
        target, with replacement. A matrix of shape (n_target, n_source) has a synapse at each stored entry, zeros
        and duplicates included.
    plasticity : None
        Reserved; weights are constant.
    seed : int, optional
        Replaces what the network's seed gives this projection.
    autapses : bool
        Whether a rule may connect a neuron to itself (also where source and target are parts of one population).
    indegree : int, optional
        Synapses of each target for ``"fixed_indegree"``; by default ``round(probability * len(source))``.
    weight_dtype : {"float32", "float64"}
        How weights that differ between synapses are stored.
    receptor : str, optional
        Name of the target's receptor on which the weights act; by default a spike is a current for one network step.

    Raises
    ------
    TypeError, ValueError
        If a value is not legal.

    Examples
    --------
    >>> from neurocore_nb import HodgkinHuxleyNeuron, Normal, Population, Projection
    >>> cells = Population(HodgkinHuxleyNeuron, 100, label="cells")
    >>> Projection(cells[:80], cells, weight=Normal(0.5, 0.1, low=0.0), probability=0.1, delay=1.5e-3)
    <Projection cells[0:80] -> cells: random>
    """

    def __init__(
        self,
        source: Neurons,
        target: Neurons,
        weight: Any,
        probability: float = 1.0,
        delay: Any = 0.0,
        topology: Any = "random",
        plasticity: None = None,
        seed: int | None = None,
        *,
        autapses: bool = True,
        indegree: int | None = None,
        weight_dtype: str = "float32",
        receptor: str | None = None,
    ) -> None:
        self.source = neurons(source, "the source of a projection")
        self.target = membranes(target, "the target of a projection")
        name = f"projection {self.source.label or '?'} -> {self.target.label or '?'}"
        self.probability = checks.real_number(probability, f"{name}: probability", "per pair", low=0.0, high=1.0)
        if plasticity is not None:
            raise ValueError(f"{name}: plasticity {plasticity!r} is unknown; weights are constant, leave it out")
        self.seed = None if seed is None else checks.seed(seed, f"{name}: seed")
        if not isinstance(autapses, bool):
            raise TypeError(f"{name}: autapses must be True or False, not {autapses!r}")
        self.autapses = autapses
        if weight_dtype not in ("float32", "float64"):
            raise ValueError(f"{name}: weight_dtype {weight_dtype!r} is unknown; use 'float32' or 'float64'")
        self.weight_dtype = np.dtype(weight_dtype)
        self.topology = self._topology(topology, name)
        self.indegree = self._indegree(indegree, name)
        self.receptor = receptor
        self._population.receptor_index(receptor, name)
        self.weight = self._weight(weight, name)
        self.delay = self._along_synapses(delay, f"{name}: delay", "s", low=0.0)
        self._check_delay(name)
        self._matrix: Callable[[], Any] | None = None  # set by the network once the synapses exist

    def _topology(self, topology: Any, name: str) -> str | ExplicitMatrix:
        if isinstance(topology, str):
            if topology not in RULES:
                raise ValueError(
                    f"{name}: unknown topology {topology!r}; known are {', '.join(RULES)}, or a scipy sparse matrix"
                )
            if topology == "one_to_one" and self.source.n != self.target.n:
                raise ValueError(
                    f"{name}: one_to_one needs equal sizes, but the source has {self.source.n} neurons and the "
                    f"target {self.target.n}"
                )
            return topology
        return ExplicitMatrix(topology, (self.target.n, self.source.n), name)

    def _indegree(self, indegree: int | None, name: str) -> int:
        if self.topology != FIXED_INDEGREE:
            if indegree is not None:
                raise ValueError(f"{name}: indegree is for topology='fixed_indegree', not {self.topology!r}")
            return 0
        result = (
            round(self.probability * self.source.n)
            if indegree is None
            else checks.whole_number(indegree, f"{name}: indegree")
        )
        first, last = self.source.start - self.target.start, self.target.start + self.target.n - self.source.start
        overlap = self.source.parent is self.target.parent and first < self.target.n and last > 0
        candidates = self.source.n - (not self.autapses and overlap)
        if result > 0 and candidates < 1 and self.target.n > 0:
            raise ValueError(f"{name}: no neuron of the source can be drawn for an in-degree of {result}")
        return result

    def _weight(self, weight: Any, name: str) -> float | FloatArray | Distribution:
        if weight is None:
            if not isinstance(self.topology, ExplicitMatrix):
                raise ValueError(
                    f"{name}: weight=None takes the entries of an explicit matrix, but the topology is "
                    f"{self.topology!r}"
                )
            weight = self.topology.data
        unit = self._population.weight_unit(self.receptor)
        return self._along_synapses(weight, f"{name}: weight", unit, -LARGEST_WEIGHT, LARGEST_WEIGHT)

    def _along_synapses(
        self, value: Any, what: str, unit: str, low: float = -np.inf, high: float = np.inf
    ) -> float | FloatArray | Distribution:
        explicit = isinstance(self.topology, ExplicitMatrix)
        if not explicit and not isinstance(value, Distribution) and np.ndim(value) > 0:
            raise ValueError(
                f"{what}: an array goes along an explicit matrix, but the topology is {self.topology!r}; give a "
                f"number or a distribution, in {unit}"
            )
        n = self.topology.n_synapses if isinstance(self.topology, ExplicitMatrix) else 0
        return checks.drawn_values(value, n, what, unit, low=low, high=high)

    def _check_delay(self, name: str) -> None:
        _, longest = self.delay_range()
        if longest > MAX_DELAY:
            raise ValueError(
                f"{name}: a delay of {longest:g} s is above the limit of {MAX_DELAY:g} s; delays are in seconds: "
                "write 1.5 ms as 1.5e-3"
            )

    @property
    def _population(self) -> Population:
        return population_of(self.target)

    @property
    def draws(self) -> bool:
        """Whether anything of this projection is random."""
        drawn = isinstance(self.weight, Distribution) or isinstance(self.delay, Distribution)
        return drawn or self.topology == FIXED_INDEGREE or (self.topology == RANDOM and 0.0 < self.probability < 1.0)

    def delay_range(self) -> tuple[float, float]:
        """Shortest and longest delay in s that the description allows."""
        return _range(self.delay)

    def largest_weight(self) -> float:
        """Largest absolute weight that the description allows."""
        return max(abs(bound) for bound in _range(self.weight))

    def matrix(self) -> Any:
        """The weights ``W[post, pre]`` of this rank's rows; on one rank, of all rows.

        Returns
        -------
        scipy.sparse.csr_array of shape (n_local_targets, n_source)
            Zeros and duplicates are stored as such. Weights are as used: rounded to the receptor's quantum (1e-10
            relative) and, where they differ between synapses, to ``weight_dtype``.

        Raises
        ------
        RuntimeError
            Before the network has been built by its first run.
        """
        if self._matrix is None:
            raise RuntimeError(
                f"{self!r} has no synapses yet: they are built by the network's first run (run(0.0) only builds)"
            )
        return self._matrix()

    def __repr__(self) -> str:
        return f"<Projection {self.source.label} -> {self.target.label}: {self.topology}>"


def _range(value: float | FloatArray | Distribution) -> tuple[float, float]:
    if isinstance(value, Distribution):
        return value.support()
    if isinstance(value, np.ndarray):
        return (float(value.min()), float(value.max())) if value.size else (0.0, 0.0)
    return value, value
