"""Projections: the synapses from one population onto another."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..synapses.quantum import LARGEST_WEIGHT, most_of
from .distributions import Distribution
from .facts import amount
from .learning import Learning, learning_of
from .population import Neurons, membranes, neurons, note_user
from .rules import WiringRule
from .topology import ALL_TO_ALL, COUNTS, FIXED_INDEGREE, FIXED_OUTDEGREE, ONE_TO_ONE, RANDOM, ExplicitSynapses
from .wiring import Values, Wiring, bounds_of

MAX_DELAY = 1.0  # s
STORED, PROCEDURAL = "stored", "procedural"
DRAWN_BY_SOURCE = (RANDOM, ALL_TO_ALL, ONE_TO_ONE, FIXED_OUTDEGREE)  # rules by which one source's targets can be drawn


class Projection(Wiring):
    """Synapses from a source onto a target population (or parts of them).

    Parameters
    ----------
    source, target : Population or part of one
        The source may be a population without membranes.
    weight : float, Distribution, OfDistance, array of shape (n_synapses,), or None
        In the unit of the receptor, such as uA/cm2. An array goes along explicit synapses; None takes a matrix's own
        entries. Weights are rounded to 1e-10 of the largest that can arrive at the receptor.
    probability : float, optional
        Probability of each pair for ``"random"``. For the rules with fixed numbers, the number of synapses as a part
        of the pairs. By default 1.
    delay : float, Distribution, OfDistance or array of shape (n_synapses,)
        In s, up to 1 s. A spike of step k arrives at the start of step ``k + 1 + delay / dt`` (rounded).
    topology : str, rule, scipy sparse matrix, or tuple (pre, post) of integer arrays
        See below.
    plasticity : Plasticity or str, optional
        How weights change with spikes: a rule such as ``STDP(a_plus=0.01)``, or ``"stdp"``, which is ``STDP()``. By
        default they stay as they are.
    seed : int, optional
        Replaces what the network's seed gives this projection.
    autapses : bool
        Whether a rule may connect a neuron to itself (also where source and target are parts of one population).
    multapses : bool
        Whether a pair may have several synapses, which only the rules with fixed numbers and explicit synapses give.
    indegree : int, optional
        Synapses of each target for ``"fixed_indegree"``; by default ``round(probability * len(source))``.
    outdegree : int, optional
        Synapses of each source for ``"fixed_outdegree"``; by default ``round(probability * len(target))``.
    total : int, optional
        Synapses for ``"fixed_total"``; by default ``round(probability * len(source) * len(target))``.
    weight_dtype : {"float32", "float64"}
        How weights that differ between synapses are stored.
    receptor : str, optional
        Name of the target's receptor on which the weights act; by default a spike is a current for one network step.
    storage : {"stored", "procedural"}
        Whether synapses are kept in memory (4 bytes each, and what differs between them), or drawn again whenever their
        source fires: the same network, with a few hundred bytes for the whole projection, but slower spikes. Procedural
        are ``"random"``, ``"all_to_all"``, ``"one_to_one"`` and ``"fixed_outdegree"``, with a number for weight and for
        delay; the report counts the synapses that are to be expected.

    Raises
    ------
    TypeError, ValueError
        If a value is not legal.

    Notes
    -----
    The topologies:

    ``"random"``
        Each pair is connected with ``probability``, independently.
    ``"all_to_all"``, ``"one_to_one"``
        Every pair; neuron i with neuron i.
    ``"fixed_indegree"``, ``"fixed_outdegree"``
        Every target has ``indegree`` synapses from sources drawn uniformly, or every source ``outdegree`` synapses onto
        targets drawn uniformly: independently, or with ``multapses=False`` without repetition.
    ``"fixed_total"``
        ``total`` synapses, whose pairs are drawn in the same way from all.
    :class:`Ring`, :class:`SmallWorld`, :class:`ScaleFree`, :class:`Grid`, :class:`Blocks`, :class:`DistanceDependent`
        Rules that are objects, with parameters of their own. They connect a pair at most once.
    a matrix of shape (n_target, n_source)
        One synapse for each stored entry, zeros and duplicates included.
    a tuple (pre, post)
        One synapse from ``pre[k]`` onto ``post[k]`` for each k; indices are those within ``source`` and ``target``.

    Examples
    --------
    >>> from neurocore_nb import HodgkinHuxleyNeuron, Normal, Population, Projection
    >>> cells = Population(HodgkinHuxleyNeuron, 100, label="cells")
    >>> Projection(cells[:80], cells, weight=Normal(0.5, 0.1, low=0.0), probability=0.1, delay=1.5e-3)
    <Projection cells[0:80] -> cells: random, p = 0.1, weight Normal(0.5, 0.1, low=0) uA/cm2, delay 0.0015 s>
    >>> Projection(cells, cells, weight=0.1, topology="fixed_outdegree", outdegree=20, multapses=False)
    <Projection cells -> cells: fixed_outdegree, outdegree = 20, weight 0.1 uA/cm2>
    >>> Projection(cells, cells, weight=[0.1, 0.2], topology=([0, 1], [5, 5]), delay=[1e-3, 2e-3])
    <Projection cells -> cells: 2 explicit synapses, weight 0.1 to 0.2 uA/cm2, delay 0.001 to 0.002 s>
    >>> Projection(cells, cells, weight=0.1, probability=0.5, storage="procedural")
    <Projection cells -> cells: random, p = 0.5, weight 0.1 uA/cm2, storage procedural>
    """

    kind = "projection"

    def __init__(
        self,
        source: Neurons,
        target: Neurons,
        weight: Any,
        probability: float | None = None,
        delay: Any = 0.0,
        topology: Any = "random",
        plasticity: Any = None,
        seed: int | None = None,
        *,
        autapses: bool = True,
        multapses: bool = True,
        indegree: int | None = None,
        outdegree: int | None = None,
        total: int | None = None,
        weight_dtype: str = "float32",
        receptor: str | None = None,
        storage: str = STORED,
    ) -> None:
        self.source = neurons(source, "the source of a projection")
        self.target = membranes(target, "the target of a projection")
        name = self._name()
        if weight_dtype not in ("float32", "float64"):
            raise ValueError(f"{name}: weight_dtype {weight_dtype!r} is unknown; use 'float32' or 'float64'")
        self.weight_dtype = np.dtype(weight_dtype)
        counts = indegree, outdegree, total
        self._set_rule(topology, probability, counts, autapses, multapses, seed, name)
        self.receptor = receptor
        self._population.receptor_index(receptor, name)
        self.weight = self._weight(weight, name)
        unit = self._weight_unit()
        self._population.check_sign(bounds_of(self.weight)[0], receptor, name)
        self.learning: Learning | None = learning_of(plasticity, bounds_of(self.weight), unit, name)
        self.delay = self._along_synapses(delay, f"{name}: delay", "s", low=0.0)
        self._check_delay(name)
        self.storage = self._storage(storage, name)
        note_user(self, self.source, self.target)

    def _weight(self, weight: Any, name: str) -> Values:
        return self._along_synapses(
            self._given_weight(weight, name), f"{name}: weight", self._weight_unit(), -LARGEST_WEIGHT, LARGEST_WEIGHT
        )

    def _check_delay(self, name: str) -> None:
        _, longest = self.delay_range()
        if longest > MAX_DELAY:
            raise ValueError(
                f"{name}: a delay of {longest:g} s is above the limit of {MAX_DELAY:g} s; delays are in seconds: "
                "write 1.5 ms as 1.5e-3"
            )

    def _storage(self, storage: str, name: str) -> str:
        if storage not in (STORED, PROCEDURAL):
            raise ValueError(f"{name}: storage {storage!r} is unknown; use {STORED!r} or {PROCEDURAL!r}")
        if storage == STORED:
            return storage
        if self.learning is not None:
            raise ValueError(f"{name}: synapses that learn have to be kept: use storage={STORED!r}")
        if self.topology not in DRAWN_BY_SOURCE:
            raise ValueError(
                f"{name}: {PROCEDURAL} storage is for {', '.join(DRAWN_BY_SOURCE)}; the synapses of "
                f"{self.topology!r} can't be drawn again source by source: use storage={STORED!r}"
            )
        for what, value in (("weight", self.weight), ("delay", self.delay)):
            if not isinstance(value, float):
                raise ValueError(
                    f"{name}: with {PROCEDURAL} storage {what} must be a number, not {value!r}: use storage={STORED!r}"
                )
        return storage

    @property
    def draws(self) -> bool:
        """Whether anything of this projection is random."""
        return super().draws or isinstance(self.delay, Distribution)

    def delay_range(self) -> tuple[float, float]:
        """Shortest and longest delay in s that the description allows."""
        return bounds_of(self.delay)

    def weight_range(self) -> tuple[float, float]:
        """Smallest and largest weight that the description allows, also by learning."""
        return super().weight_range() if self.learning is None else self.learning.weight_range

    def largest_weight(self) -> float:
        """Largest absolute weight that the description allows."""
        return max(abs(bound) for bound in self.weight_range())

    def largest_indegree(self) -> float:
        """As ``mean_indegree``, of the target that has most, where the rule makes targets differ."""
        rule = self.topology
        return rule.largest_indegree(self) if isinstance(rule, WiringRule) else self.mean_indegree()

    def most_synapses(self) -> float:
        """What the number of synapses of a target never exceeds."""
        if isinstance(self.topology, WiringRule):
            return self.topology.most_synapses(self)
        mean, n_source, n_target = self.mean_indegree(), float(self.source.n), float(self.target.n)
        if isinstance(self.topology, ExplicitSynapses) or self.topology in (FIXED_INDEGREE, ALL_TO_ALL, ONE_TO_ONE):
            return mean
        if not self.autapses and n_target > 1.0:
            mean *= n_target / (n_target - 1.0)  # a target that isn't among the sources has more than the mean
        repeats = self.multapses and self.topology in COUNTS
        return most_of(mean) if repeats else min(most_of(mean), n_source)

    def matrix(self, of: str = "w") -> Any:
        """The weights ``W[post, pre]`` of this rank's rows; on one rank, of all rows.

        Synapses that learn are shown as they are at the present time. Looking at them changes nothing.

        Parameters
        ----------
        of : str
            ``"w"``, or the name of a state that the learning rule gives to each synapse.

        Returns
        -------
        scipy.sparse.csr_array of shape (n_local_targets, n_source)
            Zeros and duplicates are stored as such. Weights are as used: rounded to 1e-10 of the largest weight
            onto the receptor and, where they differ between synapses, to ``weight_dtype``. Those of synapses that
            learn are rounded to the former only when they act.

        Raises
        ------
        ValueError
            If synapses have no such state.
        RuntimeError
            Before the network has been built by its first run.
        """
        states = {} if self.learning is None else self.learning.rule.states
        if of not in ("w", *states):
            raise ValueError(f"{self!r}: synapses have no {of!r}; they have {', '.join(['w', *states])}")
        return self._built()(of)

    def _weight_unit(self) -> str:
        return self._population.weight_unit(self.receptor)

    def _facts(self) -> dict[str, str]:
        facts = super()._facts()
        if self.receptor is not None:
            facts["onto"] = self.receptor
        if not (isinstance(self.delay, float) and self.delay == 0.0):
            facts["delay"] = amount(self.delay, "s")
        if self.learning is not None:
            facts["plasticity"] = repr(self.learning.rule)
        if self.storage != STORED:
            facts["storage"] = self.storage
        return facts
