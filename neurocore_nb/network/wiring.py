"""Who is connected with whom: what projections and couplings have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from ..tables import facts_table
from . import checks
from .checks import FloatArray
from .distributions import Distribution
from .facts import amount
from .population import Neurons, Population, population_of
from .rules import WiringRule
from .space import OfDistance, check_positions
from .topology import (
    COUNTS,
    FIXED_INDEGREE,
    FIXED_OUTDEGREE,
    FIXED_TOTAL,
    KNOWN,
    ONE_TO_ONE,
    RANDOM,
    RULES,
    ExplicitSynapses,
    explicit_synapses,
    own_pairs,
)

Values = float | FloatArray | Distribution | OfDistance
MAX_SYNAPSES = 2**53  # that a rule draws: numbers up to here are exact in float64


class Wiring:
    """Pairs of a source and a target neuron, given by a rule or one by one, and their weights.

    Attributes
    ----------
    kind : str
        What errors call it.
    source, target : Neurons
    topology : str, WiringRule or ExplicitSynapses
    probability : float
    indegree, outdegree, total : int
        Of the rule that fixes such a number, else 0.
    autapses, multapses : bool
    seed : int or None
    weight : float, array, Distribution or OfDistance
    weight_dtype : dtype
        Of weights that differ between synapses.
    """

    kind: ClassVar[str]
    source: Neurons
    target: Neurons
    weight: Values
    weight_dtype: Any

    def _set_rule(
        self, topology: Any, probability: float | None, counts: tuple[int | None, int | None, int | None],
        autapses: bool, multapses: bool, seed: int | None, name: str,
    ) -> None:  # fmt: skip
        """Take what says which pairs are connected; ``counts`` are those of targets, of sources, and in all."""
        self.seed = None if seed is None else checks.seed(seed, f"{name}: seed")
        self.autapses = checks.truth(autapses, f"{name}: autapses")
        self.multapses = checks.truth(multapses, f"{name}: multapses")
        self.topology = self._topology(topology, name)
        self.probability = self._probability(probability, counts, name)
        indegree, outdegree, total = counts
        self.indegree = self._count(FIXED_INDEGREE, indegree, name)
        self.outdegree = self._count(FIXED_OUTDEGREE, outdegree, name)
        self.total = self._count(FIXED_TOTAL, total, name)
        self._matrix: Callable[..., Any] | None = None  # set by the network once the synapses exist

    def _name(self) -> str:
        """What to call it in errors."""
        return f"{self.kind} {self._ends()}"

    def _topology(self, topology: Any, name: str) -> str | WiringRule | ExplicitSynapses:
        if isinstance(topology, WiringRule):
            topology.check(self, name)
            return topology
        if not isinstance(topology, str):
            synapses = explicit_synapses(topology, (self.target.n, self.source.n), name)
            if not self.autapses:
                raise ValueError(f"{name}: autapses=False is for rules; leave unwanted ones out of {synapses!r}")
            if not self.multapses:
                synapses.check_distinct(name)
            return synapses
        if topology not in RULES:
            raise ValueError(f"{name}: unknown topology {topology!r}; known are {KNOWN}")
        if topology == ONE_TO_ONE and self.source.n != self.target.n:
            raise ValueError(
                f"{name}: one_to_one needs equal sizes, but the source has {self.source.n} neurons and the "
                f"target {self.target.n}"
            )
        return topology

    def _probability(self, probability: float | None, counts: tuple[int | None, ...], name: str) -> float:
        if probability is None:
            return 1.0
        result = checks.real_number(probability, f"{name}: probability", "per pair", low=0.0, high=1.0)
        if result != 1.0 and self.topology != RANDOM and self.topology not in COUNTS:
            raise ValueError(f"{name}: probability = {result:g} is of no use to {self.topology!r}; leave it out")
        if self.topology in COUNTS and any(count is not None for count in counts):
            raise ValueError(f"{name}: probability = {result:g} and a number of synapses; leave one of them out")
        return result

    def _count(self, rule: str, given: int | None, name: str) -> int:
        """How many synapses the rule draws for each target, for each source, or in all; 0 if it isn't the rule."""
        what = f"{name}: {COUNTS[rule]}"
        if self.topology != rule:
            if given is not None:
                raise ValueError(f"{what} is for topology={rule!r}, not {self.topology!r}")
            return 0
        n_source, n_target = self.source.n, self.target.n
        draws, every, candidates = {
            FIXED_INDEGREE: (n_target, n_source, "sources for a target"),
            FIXED_OUTDEGREE: (n_source, n_target, "targets for a source"),
            FIXED_TOTAL: (1, n_source * n_target, "pairs"),
        }[rule]
        count = round(self.probability * every) if given is None else checks.whole_number(given, what)
        own = 0 if self.autapses else own_pairs(self.source, self.target)
        legal = every - (own if rule == FIXED_TOTAL else min(own, 1))
        beside = " other than autapses" if own else ""
        if count * draws > MAX_SYNAPSES:
            raise ValueError(f"{what} = {count} gives more than {MAX_SYNAPSES} synapses")
        if count * draws > 0 and legal < 1:
            raise ValueError(f"{what} = {count}, but there are no {candidates}{beside}")
        if draws > 0 and count > legal and not self.multapses:
            raise ValueError(
                f"{what} = {count} is more than the {legal} {candidates}{beside}: lower it or allow multapses"
            )
        return count

    def _given_weight(self, weight: Any, name: str) -> Any:
        """The weight, or where it is None the entries of the matrix."""
        if weight is not None:
            return weight
        if not isinstance(self.topology, ExplicitSynapses) or self.topology.data is None:
            raise ValueError(
                f"{name}: weight=None takes the entries of an explicit matrix, but the topology is {self.topology!r}"
            )
        return self.topology.data

    def _along_synapses(self, value: Any, what: str, unit: str, low: float = -np.inf, high: float = np.inf) -> Values:
        if isinstance(value, OfDistance):
            check_positions(self, what, repr(value))
            checks.within(*value.support(), what, unit, low, high, repr(value))
            return value
        if not self.explicit and not isinstance(value, Distribution) and np.ndim(value) > 0:
            raise ValueError(
                f"{what}: an array goes along explicit synapses, but the topology is {self.topology!r}; give a "
                f"number or a distribution, in {unit}"
            )
        n = self.topology.n_synapses if isinstance(self.topology, ExplicitSynapses) else 0
        return checks.drawn_values(value, n, what, unit, low=low, high=high)

    @property
    def _population(self) -> Population:
        return population_of(self.target)

    @property
    def explicit(self) -> bool:
        """Whether synapses are given one by one."""
        return hasattr(self.topology, "pre")

    @property
    def rule_name(self) -> str:
        """By what the engine knows the rule; "explicit" where there is none."""
        return self.topology if isinstance(self.topology, str) else getattr(self.topology, "name", "explicit")

    def own_difference(self) -> int | None:
        """Index of a neuron as source less its index as target, where such pairs are left out; else None."""
        if self.autapses or self.source.parent is not self.target.parent:
            return None
        return self.target.start - self.source.start

    def mean_indegree(self) -> float:
        """Synapses of a target: their mean, or for explicit synapses the largest number."""
        n_source, n_target = float(self.source.n), float(max(self.target.n, 1))
        if isinstance(self.topology, ExplicitSynapses):
            return float(np.bincount(self.topology.post).max(initial=0))
        if isinstance(self.topology, WiringRule):
            return self.topology.mean_indegree(self)
        return {
            FIXED_INDEGREE: float(self.indegree),
            FIXED_OUTDEGREE: self.outdegree * n_source / n_target,
            FIXED_TOTAL: self.total / n_target,
            ONE_TO_ONE: 1.0,
        }.get(self.topology, self.probability * n_source)

    @property
    def draws(self) -> bool:
        """Whether anything of it is random."""
        if isinstance(self.topology, WiringRule):
            return self.topology.draws or isinstance(self.weight, Distribution)
        drawn = self.topology in COUNTS or (self.topology == RANDOM and 0.0 < self.probability < 1.0)
        return drawn or isinstance(self.weight, Distribution)

    def weight_range(self) -> tuple[float, float]:
        """Smallest and largest weight that the description allows."""
        return bounds_of(self.weight)

    def matrix(self) -> Any:
        """The weights ``W[post, pre]`` of this rank's rows; on one rank, of all rows.

        Returns
        -------
        scipy.sparse.csr_array of shape (n_local_targets, n_source)
            Zeros and duplicates are stored as such. Weights are as used: rounded to 1e-10 of the largest weight
            onto the receptor and, where they differ between synapses, to ``weight_dtype``.

        Raises
        ------
        RuntimeError
            Before the network has been built by its first run.
        """
        return self._built()()

    def _built(self) -> Callable[..., Any]:
        """What makes the matrix; an error where there are no synapses yet."""
        if self._matrix is None:
            raise RuntimeError(
                f"{self!r} has no synapses yet: they are built by the network's first run (run(0.0) only builds)"
            )
        return self._matrix

    def _rule(self) -> str:
        """Which pairs are connected."""
        if self.topology in COUNTS:
            number = max(self.indegree, self.outdegree, self.total)
            return f"{self.topology}, {COUNTS[str(self.topology)]} = {number:,}"
        return f"random, p = {self.probability:g}" if self.topology == RANDOM else str(self.topology)

    def _facts(self) -> dict[str, str]:
        """What it says of itself beside its ends and its rule."""
        return {"weight": amount(self.weight, self._weight_unit())}

    def _weight_unit(self) -> str:
        raise NotImplementedError

    def _ends(self) -> str:
        return f"{self.source.label or '?'} -> {self.target.label or '?'}"

    def __repr__(self) -> str:
        facts = [f"{name} {fact}" for name, fact in self._facts().items()]
        return f"<{type(self).__name__} {self._ends()}: {', '.join([self._rule(), *facts])}>"

    def _repr_html_(self) -> str:
        ends = {one: f"{end!r}" for one, end in (("source", self.source), ("target", self.target))}
        return facts_table(f"{type(self).__name__} {self._ends()}", ends | {"rule": self._rule()} | self._facts())


def bounds_of(value: Values) -> tuple[float, float]:
    """Smallest and largest of some values, or of those that may be drawn."""
    if isinstance(value, Distribution | OfDistance):
        return value.support()
    if isinstance(value, np.ndarray):
        return (float(value.min()), float(value.max())) if value.size else (0.0, 0.0)
    return value, value
