"""What the engine reads of a network beside the objects themselves: quanta and random streams."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..synapses.receptors import exact_limit, quantum
from .monitor import Monitor
from .population import Neurons, Population
from .projection import Projection
from .stimulus import CurrentStimulus, PoissonInput, Stimulus
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

    populations: list[Population]
    projections: list[Projection]
    stimuli: list[Stimulus]
    monitors: list[Monitor]
    wiring_seed: int
    noise_seed: int

    def stream_of(self, projection: Projection) -> tuple[int, int | None]:
        """Seed and place of a projection's random streams."""
        drawing = [other for other in self.projections if other.draws]
        return _stream(projection, self.wiring_seed, drawing)

    def poisson_inputs(self, population: Population) -> list[tuple[PoissonInput, Neurons, tuple[int, int | None]]]:
        """The Poisson inputs onto a population, with their targets and the seeds and places of their streams."""
        drawing = [stimulus for stimulus in self.stimuli if isinstance(stimulus, PoissonInput)]
        return [
            (one, self.target(one), _stream(one, self.noise_seed, drawing))
            for one in drawing
            if self.target(one).parent is population
        ]

    def currents(self, population: Population) -> list[tuple[CurrentStimulus, Neurons]]:
        """The injected currents onto a population, with their targets."""
        return [
            (stimulus, self.target(stimulus)) for stimulus in self.stimuli
            if isinstance(stimulus, CurrentStimulus) and self.target(stimulus).parent is population
        ]  # fmt: skip

    def target(self, stimulus: Stimulus) -> Neurons:
        """The target of a stimulus; by default the first population."""
        if stimulus.target is None:
            if not self.populations:
                raise ValueError(
                    f"{stimulus!r} has no target: the network has no population yet; add one first or give target="
                )
            return self.populations[0]
        return stimulus.target

    def quantum(self, population: Population) -> float:
        """The number of which all weights onto a population are multiples."""
        projected = [
            projection.largest_weight() for projection in self.projections if projection.target.parent is population
        ]
        driven = [stimulus.largest_weight() for stimulus, _, _ in self.poisson_inputs(population)]
        return quantum(max([0.0, *projected, *driven]))

    def exact_limit(self, population: Population) -> float:
        """Sums of weights onto a population are exact below this."""
        return exact_limit(self.quantum(population))

    def digest(self, *arguments: Any) -> str:
        """A number in hexadecimal that tells two descriptions apart; takes further values into account.

        Returns
        -------
        str
        """
        digest = hashlib.sha256()
        for population in self.populations:
            _feed(digest, vars(population) | {"parent": None}, self.populations)
        for monitor in self.monitors:
            settings = [getattr(monitor, name, None) for name in ("population", "variables", "record", "interval")]
            _feed(digest, [type(monitor), settings], self.populations)
        described = [vars(one) for one in (*self.projections, *self.stimuli)]
        _feed(digest, [described, self.wiring_seed, self.noise_seed, arguments], self.populations)
        return digest.hexdigest()[:16]


def _stream(one: Any, seed: int, drawing: list[Any]) -> tuple[int, int | None]:
    if one.seed is not None:
        return one.seed, None
    return seed, next((place for place, other in enumerate(drawing) if other is one), 0)


def _feed(digest: Any, value: Any, populations: list[Population]) -> None:
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
    elif isinstance(value, ExplicitSynapses):
        _feed(digest, vars(value), populations)
    else:
        digest.update(repr(value).encode())
