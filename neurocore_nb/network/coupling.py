"""Continuous couplings: what a state of some neurons does to others at all times, not only when they fire."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..synapses.quantum import LARGEST_WEIGHT
from . import checks
from .population import Neurons, Population, neurons, note_user, population_of
from .rules import WiringRule
from .topology import ExplicitSynapses
from .wiring import Wiring

Sent = tuple[Neurons, npt.NDArray[np.int64] | None]


class Coupling(Wiring):
    """Base of couplings: a conductance for each connected pair, through which a state of one neuron acts on the other.

    Attributes
    ----------
    state : str
        Of the source's population.
    symmetric : bool
        Whether each pair acts both ways.
    rectification : float
    """

    weight_dtype = np.dtype(np.float64)
    learning = None
    state: str
    symmetric: bool
    rectification: float

    def _set_pairs(
        self, source: Any, target: Any, weight: Any, topology: Any, probability: float | None,
        counts: tuple[int | None, int | None, int | None], autapses: bool, multapses: bool, seed: int | None,
    ) -> str:  # fmt: skip
        """Take all that a coupling shares with projections; what to call it in errors."""
        self.source, self.target = self._end(source, "source"), self._end(target, "target")
        name = self._name()
        self._set_rule(topology, probability, counts, autapses, multapses, seed, name)
        self.weight = self._along_synapses(
            self._given_weight(weight, name), f"{name}: weight", self._weight_unit(), 0.0, LARGEST_WEIGHT
        )
        note_user(self, self.source, self.target)
        return name

    def _weight_unit(self) -> str:
        return self._population.unit("conductance")

    def _end(self, value: Any, end: str) -> Neurons:
        what = f"the {end} of a {self.kind}"
        found = neurons(value, what)
        if not isinstance(found.parent, Population):
            raise ValueError(
                f"{what} must be neurons with membranes, whose states others can feel; {found!r} only sends spikes: "
                "connect it by a Projection"
            )
        return found

    def delay_range(self) -> tuple[float, float]:
        """Shortest and longest delay in s: what is exchanged after a network step acts in the next."""
        return 0.0, 0.0

    @property
    def within(self) -> bool:
        """Whether source and target are the same neurons."""
        source, target = self.source, self.target
        return source.parent is target.parent and (source.start, source.n) == (target.start, target.n)

    @property
    def sent(self) -> list[Sent]:
        """Whose values others have to know: parts of populations, and which of their neurons, or None for all."""
        pre, post = (
            (np.unique(one).astype(np.int64) for one in (self.topology.pre, self.topology.post))
            if isinstance(self.topology, ExplicitSynapses)
            else (None, None)
        )
        # A rectifying junction compares the same two values wherever it acts.
        both = self.symmetric or self.rectification > 0.0
        return [(self.source, pre), *([(self.target, post)] if both else [])]


class GapJunction(Coupling):
    r"""Gap junctions: electrical synapses, each with a current :math:`g\,(v_{pre} - v_{post})` into its post neuron.

    Parameters
    ----------
    source, target : Population or part of one
        With membranes, which may be the same.
    weight : float, Distribution, OfDistance, array of shape (n_junctions,), or None
        Conductance in the unit of the target's model (mS/cm2 or nS), at least 0. An array goes along explicit
        junctions; None takes a matrix's own entries.
    probability : float, optional
        As for :class:`Projection`; so are ``topology``, ``multapses``, ``indegree``, ``outdegree`` and ``total``. Rules
        never connect a neuron to itself.
    topology : str, rule, scipy sparse matrix, or tuple (pre, post) of integer arrays
    seed : int, optional
        Replaces what the network's seed gives this object.
    symmetric : bool
        Whether each junction acts on both of its neurons, as it does in nature. Between one and the same neurons, a
        rule's draws with pre < post make the junctions then, so that a pair has one with exactly ``probability``, and
        ``"all_to_all"`` is the complete graph, and so are those of :class:`Ring`, :class:`Grid` and :class:`ScaleFree`;
        of the rules with fixed numbers about half of the draws remain.
    rectification : float
        From 0 to 1. With r, a junction conducts with g where the source's potential is the higher one and with
        (1 - r) g where it is the lower one; its current is the same on both sides. Which is higher is decided for each
        network step.

    Raises
    ------
    TypeError, ValueError
        If a value is not legal.

    Notes
    -----
    The partner's potential is known at the network's steps, and extrapolated from two of them to the middle of the step
    in which it acts. That is of second order in ``dt``. It is stable where ``dt`` is below C / sum(g), the sum over all
    junctions of a neuron; take it well below. Ranks exchange the potentials of these neurons in each step.

    Building symmetric junctions by a rule takes each rank the time to draw those of all ranks, in pieces, of which it
    keeps those of its own neurons.

    Examples
    --------
    >>> from neurocore_nb import GapJunction, HodgkinHuxleyNeuron, Network, Population
    >>> cells = Population(HodgkinHuxleyNeuron, 4, label="cells")
    >>> ring = GapJunction(cells, cells, weight=0.1, topology=([0, 1, 2, 3], [1, 2, 3, 0]))
    >>> report = Network(cells, ring).run(0.0)
    >>> ring.matrix().toarray()
    array([[0. , 0.1, 0. , 0.1],
           [0.1, 0. , 0.1, 0. ],
           [0. , 0.1, 0. , 0.1],
           [0.1, 0. , 0.1, 0. ]])
    """

    kind = "gap junction"
    state = "v"

    def __init__(
        self,
        source: Neurons,
        target: Neurons,
        weight: Any,
        probability: float | None = None,
        topology: Any = "random",
        seed: int | None = None,
        *,
        symmetric: bool = True,
        rectification: float = 0.0,
        multapses: bool = True,
        indegree: int | None = None,
        outdegree: int | None = None,
        total: int | None = None,
    ) -> None:
        counts = indegree, outdegree, total
        autapses = not isinstance(topology, str | WiringRule)  # of which explicit junctions are free
        name = self._set_pairs(source, target, weight, topology, probability, counts, autapses, multapses, seed)
        self.symmetric = checks.truth(symmetric, f"{name}: symmetric")
        self.rectification = checks.real_number(rectification, f"{name}: rectification", "of g", low=0.0, high=1.0)
        self._check_units(name)
        if isinstance(self.topology, ExplicitSynapses):
            self._check_explicit(self.topology, name)

    def _facts(self) -> dict[str, str]:
        one_way = {} if self.symmetric else {"acting": "one way"}
        rectifying = {"rectification": f"{self.rectification:g}"} if self.rectification else {}
        return super()._facts() | one_way | rectifying

    def _check_units(self, name: str) -> None:
        units = [population_of(end).unit("conductance") for end in (self.source, self.target)]
        if self.symmetric and units[0] != units[1]:
            raise ValueError(
                f"{name}: a junction that acts both ways has one conductance, but that is in {units[0]} for the source "
                f"and in {units[1]} for the target; take symmetric=False and one object for each way"
            )

    def _check_explicit(self, junctions: ExplicitSynapses, name: str) -> None:
        """Refuse junctions of a neuron with itself and, where each acts both ways, those that are given twice."""
        if self.source.parent is not self.target.parent:
            return
        pre, post = (one.astype(np.int64) for one in (junctions.pre, junctions.post))
        pre, post = pre + self.source.start, post + self.target.start
        own = np.flatnonzero(pre == post)
        if len(own):
            k = own[0]
            raise ValueError(
                f"{name}: there is a junction from {junctions.pre[k]} onto {junctions.post[k]}, the same neuron; leave "
                "it out, it would carry no current"
            )
        n = self.source.parent.n
        twice = np.flatnonzero(np.isin(pre * n + post, post * n + pre))
        if self.symmetric and len(twice):
            k = twice[0]
            raise ValueError(
                f"{name}: the junction between {junctions.pre[k]} and {junctions.post[k]} is given in both directions, "
                "but each acts both ways; give it once or take symmetric=False"
            )


class GradedSynapse(Coupling):
    r"""Graded synapses: a conductance :math:`g\, s` for each, where s is a state of the presynaptic neuron.

    The current into a neuron is :math:`\sum_{pre} g\, s_{pre}\, (e_{rev} - v)`.

    Parameters
    ----------
    source, target : Population or part of one
        With membranes, which may be the same.
    weight : float, Distribution, OfDistance, array of shape (n_synapses,), or None
        Conductance at s = 1, in the unit of the target's model (mS/cm2 or nS), at least 0. An array goes along explicit
        synapses; None takes a matrix's own entries.
    probability : float, optional
        As for :class:`Projection`; so are ``topology``, ``autapses``, ``multapses``, ``indegree``, ``outdegree`` and
        ``total``.
    topology : str, rule, scipy sparse matrix, or tuple (pre, post) of integer arrays
    seed : int, optional
        Replaces what the network's seed gives this object.
    state : str
        Name of any state of the source's population, such as the gate that :class:`GradedRelease` adds. Where the sum
        over all synapses onto a neuron is below 0, its conductance is 0.
    e_rev : float
        Reversal potential in mV.

    Raises
    ------
    TypeError, ValueError
        If a value is not legal.

    Notes
    -----
    As for :class:`GapJunction`, s is extrapolated to the middle of the network step in which it acts.

    References
    ----------
    Wang XJ, Buzsáki G (1996), J Neurosci 16:6402-6413.

    Examples
    --------
    >>> from neurocore_nb import GradedRelease, GradedSynapse, Network, Population, SpikeMonitor, StepCurrent
    >>> cells = Population("WangBuzsakiNeuron", 100, receptors={"gaba": GradedRelease()}, label="cells")
    >>> inhibition = GradedSynapse(
    ...     cells, cells, weight=0.1 / 99, topology="all_to_all", autapses=False, state="s_gaba", e_rev=-75.0
    ... )
    >>> spikes = SpikeMonitor(cells)
    >>> report = Network(cells, inhibition, StepCurrent(0.0, 0.1, 1.0), spikes).run(0.1, dt=5e-5)
    >>> inhibition
    <GradedSynapse cells -> cells: all_to_all, weight 0.0010101 mS/cm2, state s_gaba, e_rev -75 mV>
    >>> spikes.count
    400
    """

    kind = "graded synapse"
    symmetric, rectification = False, 0.0

    def __init__(
        self,
        source: Neurons,
        target: Neurons,
        weight: Any,
        probability: float | None = None,
        topology: Any = "random",
        seed: int | None = None,
        *,
        state: str,
        e_rev: float,
        autapses: bool = True,
        multapses: bool = True,
        indegree: int | None = None,
        outdegree: int | None = None,
        total: int | None = None,
    ) -> None:
        counts = indegree, outdegree, total
        name = self._set_pairs(source, target, weight, topology, probability, counts, autapses, multapses, seed)
        self.state = self._state(state, name)
        self.e_rev = checks.real_number(e_rev, f"{name}: e_rev", "mV")

    def _facts(self) -> dict[str, str]:
        return super()._facts() | {"state": self.state, "e_rev": f"{self.e_rev:g} mV"}

    def _state(self, state: Any, name: str) -> str:
        population = population_of(self.source)
        if not isinstance(state, str):
            raise TypeError(f"{name}: state must be the name of a state of the source, not {state!r}")
        if state not in population.states:
            raise ValueError(
                f"{name}: the source has no state {state!r}; it has {', '.join(population.states)}: a transmitter gate "
                "s_<name> comes with receptors={'<name>': GradedRelease()}"
            )
        return state
