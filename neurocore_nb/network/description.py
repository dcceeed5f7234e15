"""What the engine reads of a network beside the objects themselves: quanta and random streams."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ..synapses.quantum import exact_limit, quantum
from .content import content_of, digest_of
from .coupling import Coupling
from .monitor_base import Monitor
from .population import Neurons, Parent, Population
from .projection import Projection
from .source import SourcePopulation
from .stimulus import CurrentStimulus, NoiseStimulus, PoissonInput, Stimulus


@dataclass
class Description:
    """The objects of a network, by kind, and its seeds.

    Attributes
    ----------
    populations, projections, stimuli, monitors, couplings : list
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
    couplings: list[Coupling] = field(default_factory=list)

    def stream_of(self, one: Projection | Coupling) -> tuple[int, int | None]:
        """Seed and place of the random streams of a projection or coupling."""
        among: list[Any] = self.couplings if isinstance(one, Coupling) else self.projections
        return _stream(one, self.wiring_seed, [other for other in among if other.draws])

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
                arriving[projection.receptor or ""].append((projection.largest_weight(), projection.largest_indegree()))
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
        monitors = [self.digest_of_monitor(monitor) for monitor in self.monitors]
        objects = [digest for _, digest in self.inventory(captured=False)]
        return digest_of([objects, monitors, self.noise_seed, arguments], self.populations)

    def inventory(self, *, captured: bool = True) -> list[list[str]]:
        """What stays the same from trial to trial, all but monitors and the seed of the noise: its name and digest.

        Parameters
        ----------
        captured : bool
            Whether what users' functions capture counts. It may well differ between ranks, as where one of them notes
            when it is called.

        Returns
        -------
        list of [str, str]
        """
        objects = [*self.populations, *self.projections, *self.couplings, *self.stimuli]
        functions = [isinstance(one, SourcePopulation | Stimulus) for one in objects]
        digests = [
            [repr(one), digest_of(content_of(one), self.populations, captured or not calls)]
            for one, calls in zip(objects, functions, strict=True)
        ]
        return [*digests, [f"seed {self.wiring_seed}", str(self.wiring_seed)]]

    def digest_of_monitor(self, monitor: Monitor) -> str:
        """A number in hexadecimal for the kind of a monitor and its settings."""
        names = ("population", "variables", "record", "interval", "pre", "bins")
        watched = [place for place, one in enumerate(self.projections) if one is getattr(monitor, "projection", None)]
        settings = [getattr(monitor, name, None) for name in names] + [monitor.to is not None]
        return digest_of([type(monitor), settings, watched], self.populations)


Kind = TypeVar("Kind", bound=Stimulus)


def _stream(one: Any, seed: int, drawing: list[Any]) -> tuple[int, int | None]:
    if getattr(one, "seed", None) is not None:
        return one.seed, None
    return seed, next((place for place, other in enumerate(drawing) if other is one), 0)
