"""What the engine reads of a network beside the objects themselves: quanta and random streams."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from types import FunctionType
from typing import Any, TypeVar

import numpy as np

from ..synapses import Receptor
from ..synapses.quantum import exact_limit, quantum
from .monitor import Monitor
from .population import Neurons, Parent, Population
from .projection import Projection
from .source import SourcePopulation
from .stimulus import CurrentStimulus, NoiseStimulus, PoissonInput, Stimulus
from .topology import ExplicitSynapses


@dataclass
class Description:
    """The objects of a network, by kind, and its seeds.

    Attributes
    ----------
    populations, projections, stimuli, monitors : list
        In the order in which they were added.
    wiring_seed, noise_seed : int
        Synapses and parameters follow from the first, initial states and stimuli from the second.
    """

    populations: list[Parent]
    projections: list[Projection]
    stimuli: list[Stimulus]
    monitors: list[Monitor]
    wiring_seed: int
    noise_seed: int

    def stream_of(self, projection: Projection) -> tuple[int, int | None]:
        """Seed and place of a projection's random streams."""
        drawing = [other for other in self.projections if other.draws]
        return _stream(projection, self.wiring_seed, drawing)

    def stream_of_source(self, population: SourcePopulation) -> tuple[int, int | None]:
        """Seed and place of a source population's random streams."""
        drawing = [other for other in self.populations if isinstance(other, SourcePopulation)]
        return _stream(population, self.noise_seed, drawing)

    def stimuli_of_kinds(self, population: Population) -> list[Any]:
        """Poisson inputs, currents and noises onto a population, see :meth:`stimuli_onto`."""
        kinds: tuple[type[Stimulus], ...] = (PoissonInput, CurrentStimulus, NoiseStimulus)
        return [self.stimuli_onto(population, kind) for kind in kinds]

    def stimuli_onto(self, population: Parent, kind: type[Kind]) -> list[tuple[Kind, Neurons, tuple[int, int | None]]]:
        """The stimuli of a kind onto a population, with their targets and the seeds and places of their streams."""
        drawing = [stimulus for stimulus in self.stimuli if isinstance(stimulus, kind)]
        return [
            (one, self.target(one), _stream(one, self.noise_seed, drawing))
            for one in drawing
            if self.target(one).parent is population
        ]

    def target(self, stimulus: Stimulus) -> Neurons:
        """The target of a stimulus; by default the first population with membranes."""
        if stimulus.target is not None:
            return stimulus.target
        first = next((one for one in self.populations if isinstance(one, Population)), None)
        if first is None:
            raise ValueError(
                f"{stimulus!r} has no target: the network has no population yet; add one first or give target="
            )
        return first

    def quanta(self, population: Population, dt: float) -> list[float | None]:
        """For each receptor, the number of which all weights onto it are multiples; None where none can arrive."""
        arriving: dict[str, list[tuple[float, float]]] = {receptor: [] for receptor in population.receptors}
        for projection in self.projections:
            if projection.target.parent is population:
                arriving[projection.receptor or ""].append((projection.largest_weight(), projection.mean_indegree()))
        for stimulus, _, _ in self.stimuli_onto(population, PoissonInput):
            arriving[stimulus.receptor or ""].append((stimulus.largest_weight(), stimulus.mean_events(dt)))
        return [
            quantum(max(weight for weight, _ in some), sum(mean for _, mean in some)) if some else None
            for some in arriving.values()
        ]

    def limits(self, population: Population, dt: float) -> list[float]:
        """For each receptor, below which sums of weights are exact."""
        return [math.inf if one is None else exact_limit(one) for one in self.quanta(population, dt)]

    def digest(self, *arguments: Any) -> str:
        """A number in hexadecimal that tells two descriptions apart; takes further values into account.

        Returns
        -------
        str
        """
        monitors = [self.digest_of(monitor) for monitor in self.monitors]
        return _digest([self.identity(), monitors, self.noise_seed, arguments], self.populations)

    def identity(self) -> str:
        """As ``digest``, for what stays the same from trial to trial: all but monitors and the seed of the noise."""
        populations = [vars(one) | {"parent": None} for one in self.populations]
        described = [vars(one) for one in (*self.projections, *self.stimuli)]
        return _digest([populations, described, self.wiring_seed], self.populations)

    def digest_of(self, monitor: Monitor) -> str:
        """A number in hexadecimal for the kind of a monitor and its settings."""
        settings = [getattr(monitor, name, None) for name in ("population", "variables", "record", "interval")]
        return _digest([type(monitor), settings], self.populations)


Kind = TypeVar("Kind", bound=Stimulus)


def _stream(one: Any, seed: int, drawing: list[Any]) -> tuple[int, int | None]:
    if getattr(one, "seed", None) is not None:
        return one.seed, None
    return seed, next((place for place, other in enumerate(drawing) if other is one), 0)


def _digest(value: Any, populations: list[Parent]) -> str:
    digest = hashlib.sha256()
    _feed(digest, value, populations)
    return digest.hexdigest()[:16]


def _feed(digest: Any, value: Any, populations: list[Parent]) -> None:
    """Feed a value into a hash by its content; neurons by their place in the network."""
    if isinstance(value, np.ndarray):
        digest.update(f"{value.dtype}{value.shape}".encode() + np.ascontiguousarray(value).tobytes())
    elif isinstance(value, dict):
        _feed(digest, [item for item in value.items() if not item[0].startswith("_")], populations)
    elif isinstance(value, list | tuple):
        digest.update(f"[{len(value)}]".encode())
        for item in value:
            _feed(digest, item, populations)
    elif isinstance(value, Neurons):
        place = next(k for k, population in enumerate(populations) if population is value.parent)
        digest.update(f"neurons {place} {value.start} {value.n}".encode())
    elif isinstance(value, ExplicitSynapses | Receptor):
        _feed(digest, [type(value).__name__, vars(value)], populations)
    elif isinstance(value, FunctionType):
        defaults = [value.__defaults__, value.__kwdefaults__, [cell.cell_contents for cell in value.__closure__ or ()]]
        _feed(
            digest, [value.__qualname__, value.__code__.co_code, repr(value.__code__.co_names), defaults], populations
        )
    elif callable(value) and not isinstance(value, type):
        digest.update(type(value).__qualname__.encode())  # its repr holds an address
    else:
        digest.update(repr(value).encode())
