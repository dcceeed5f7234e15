"""What single operations cost, so that the time of a network can be told before it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
NS, US = 1e-9, 1e-6

# Seconds for a neuron's substep on one thread, double and single precision, without receptors of its own.
SUBSTEPS = {
    "HodgkinHuxleyNeuron": (3.8 * NS, 1.7 * NS),
    "TraubMilesNeuron": (3.9 * NS, 2.2 * NS),
    "WangBuzsakiNeuron": (6.0 * NS, 2.5 * NS),
    "LIFNeuron": (0.23 * NS, 0.14 * NS),
    "COBALIFNeuron": (0.25 * NS, 0.12 * NS),
    "AdExNeuron": (2.5 * NS, 1.2 * NS),
    "Izhikevich2007Neuron": (0.95 * NS, 0.4 * NS),
    "IzhikevichNeuron": (0.9 * NS, 0.4 * NS),
    "ExpIFNeuron": (2.4 * NS, 1.3 * NS),
    "QuadraticIFNeuron": (0.7 * NS, 0.3 * NS),
    "LapicqueNeuron": (0.3 * NS, 0.16 * NS),
    "GLIFNeuron": (0.8 * NS, 0.4 * NS),
    "StochasticLIFNeuron": (5.2 * NS, 4.1 * NS),
    "FitzHughNagumoNeuron": (0.8 * NS, 0.4 * NS),
    "HindmarshRoseNeuron": (0.95 * NS, 0.6 * NS),
    "MorrisLecarNeuron": (6.2 * NS, 3.1 * NS),
    "ConnorStevensNeuron": (7.0 * NS, 3.4 * NS),
    "GolombFSNeuron": (8.6 * NS, 4.2 * NS),
    "ButeraRespiratoryNeuron": (6.5 * NS, 4.0 * NS),
    "PospischilNeuron": (12.0 * NS, 5.2 * NS),
    "PinskyRinzelNeuron": (9.6 * NS, 5.8 * NS),
    "DestexheReticularNeuron": (10.0 * NS, 5.7 * NS),
    "DestexheThalamicNeuron": (16.0 * NS, 8.6 * NS),
    "HillTononiNeuron": (11.0 * NS, 4.5 * NS),
    "MainenSejnowskiNeuron": (16.0 * NS, 7.0 * NS),
}
UNKNOWN = (4.0 * NS, 2.0 * NS)  # of a model that is not among them

# Seconds for adding a weight to the ring buffer, by the bytes among which its place is: as the spikes' rows are sorted
# by target, those of one step lie in order; with delays of their own they do not.
RING_BYTES = (3e4, 3e5, 5e6, 1.2e7, 1.2e8)
ADDING = (0.28 * NS, 0.37 * NS, 0.48 * NS, 0.7 * NS, 2.7 * NS)
SCATTERING = (0.6 * NS, 0.7 * NS, 0.9 * NS, 2.5 * NS, 10.0 * NS)
# Seconds for taking what has arrived at a receptor from the ring buffer and emptying it, by the buffer's bytes.
BUFFER_BYTES = (5e5, 2e6, 2e7, 1.5e8)
TAKING = (0.05 * NS, 0.15 * NS, 0.3 * NS, 0.6 * NS)
# Seconds to wait for a row's own weights or delays, and for one look at a list in a search, by the bytes of the array.
ARRAY_BYTES = (1e6, 3e6, 1.3e7, 4e7, 4e8)
WAITING = (2.0 * NS, 10.0 * NS, 30.0 * NS, 90.0 * NS, 110.0 * NS)

STATED_ON = "one core of an AMD EPYC with AVX-512 and 32 MB of L3 cache, at full speed"


@dataclass(frozen=True)
class UnitCosts:
    """Seconds that operations take on one thread.

    Attributes
    ----------
    where : str
        The machine they are of.
    factors : dict of str to float
        By how much more some kinds of operation take than what is stated: ``"membranes <model> ..."``,
        ``"deliver ..."`` and ``"build ..."``, see ``membrane_kind`` and ``synapse_kind``.
    latency, bytes_per_second : float
        Of messages: seconds for each round of a collective, and what a rank sends while it receives as much.
    """

    where: str = STATED_ON
    factors: Mapping[str, float] = field(default_factory=dict)
    step: float = 0.1 * NS  # neuron and network step
    receptor: float = 0.17 * NS  # receptor, neuron and substep
    current: float = 0.15 * NS  # neuron, step and part of an injected current
    noise: float = 4.2 * NS  # neuron and step
    source: float = 2.0 * NS  # neuron and step of a Poisson population
    coupled: float = 0.4 * NS  # entry of a coupling and step, with its value in a cache
    sampled: float = 1.0 * NS  # value that others feel and step, where it is taken and on each rank that learns it
    coupling: float = 120.0 * NS  # pair of a coupling that is drawn and sorted into rows
    group: float = 0.15 * US  # population and step
    interval: float = 0.8 * US  # exchange interval within a compiled call, on one thread ...
    region: float = 6.0 * US  # ... and beside it on several
    call: float = 25.0 * US  # compiled call from Python, with what goes before and after
    sample: float = 3.0 * US  # state variable and sample
    record: float = 0.03 * US  # spike of a monitor
    spike: float = 0.7 * NS  # spike that arrives, projection and thread: seeing whether it is for them
    row: float = 13.0 * NS  # row of a spike
    learn: float = 4.5 * NS  # synapse of a spike of its source, where it learns, beside its delivery ...
    recall: float = 3.0 * NS  # ... and for a spike of its target; if only terminals change, of their source
    look: float = 4.3 * NS  # look at a list of sources in a search, as far as that is in a cache
    crowd: float = 1.5  # by how much more delivery takes where the membranes take the caches in between
    block: float = 37.0 * NS  # block of targets of pairs drawn independently, of 24 synapses on average ...
    place: float = 0.3 * NS  # ... and a synapse of it
    target: float = 1.5 * NS  # target of a source with a fixed number of them, with multapses ...
    distinct: float = 2.3 * NS  # ... and without
    halve: float = 55.0 * NS  # halving the targets of such a source to find those of a rank or thread
    draw: float = 20.0 * NS  # number of a normal distribution; others take half
    touch: float = 0.3 * NS  # byte of memory that the system has to find and clear first; a virtual machine's: up to 2
    listing: float = 80.0 * NS  # source that has synapses on a rank, where ranks find out who needs what
    set_up: float = 0.5e-3  # network; a projection takes a quarter of it
    start: float = 0.4  # loading compiled kernels
    latency: float = 5.0 * US
    message: float = 0.5 * US  # another rank, in a collective that sends each of them something else
    bytes_per_second: float = 1e9

    def factor(self, kind: str) -> float:
        """Of a kind of operation; 1 where none was measured."""
        return self.factors.get(kind, 1.0)


def membrane_kind(population: Any) -> str:
    """What distinguishes membranes by cost."""
    receptors = ", ".join(type(one).__name__ for one in population.receptors.values())
    return f"membranes {population.model.__module__}.{population.model.__qualname__} {population.precision} {receptors}"


def substep_seconds(population: Any, costs: UnitCosts) -> float:
    """Of one neuron on one thread, without what is injected."""
    pair = SUBSTEPS.get(population.model.__name__, UNKNOWN)
    own = pair[population.precision == "float32"]
    return (own + costs.receptor * (len(population.receptors) - 1)) * costs.factor(membrane_kind(population))


def poisson_seconds(mean: Any, costs: UnitCosts) -> Any:
    """Of one neuron's Poisson input in a step in which ``mean`` events are to be expected."""
    return (1.0 - 22.0 * np.expm1(-np.asarray(mean)) + 3.5 * np.minimum(mean, 30.0)) * NS * costs.factor("stimuli")


def synapse_kind(what: str, projection: Any) -> str:
    """What distinguishes synapses by cost: ``what`` is ``"deliver"`` or ``"build"``."""
    rule = projection.rule_name
    words = [what, projection.storage, rule if what == "build" or projection.storage != "stored" else ""]
    words += ["weights"] * (not isinstance(projection.weight, float))
    words += ["delays"] * (not isinstance(projection.delay, float))
    return " ".join(word for word in words if word)


def by_size(nbytes: Any, sizes: tuple[float, ...], seconds: tuple[float, ...]) -> Any:
    """Interpolated along the logarithm of a number of bytes."""
    return np.interp(np.log(np.maximum(nbytes, 1.0)), np.log(sizes), seconds)


def search_seconds(n: Any, costs: UnitCosts) -> Any:
    """Of finding one of n sorted 32-bit numbers; of many, the first looks are at what is in no cache."""
    waits = by_size(4.0 * np.asarray(n), ARRAY_BYTES, (0.0, 0.0, 60 * NS, 250 * NS, 700 * NS))
    return costs.look * np.log2(np.maximum(n, 2.0)) + waits
