"""External input to populations: Poisson spike trains here, currents and noise in modules of their own."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..synapses.quantum import LARGEST_WEIGHT
from . import checks
from .currents import CurrentStimulus, SinusoidalCurrent, StepCurrent, TimedArray
from .noise import NoiseStimulus, OUConductance, OUCurrent
from .population import Neurons, population_of
from .stimulus_base import Stimulus, name_of_target

__all__ = [
    "CurrentStimulus",
    "NoiseStimulus",
    "OUConductance",
    "OUCurrent",
    "PoissonInput",
    "SinusoidalCurrent",
    "StepCurrent",
    "Stimulus",
    "TimedArray",
]


class PoissonInput(Stimulus):
    """Independent Poisson spike trains, one onto each of the first n neurons of the target.

    In each network step a neuron receives ``weight`` times a Poisson-distributed count of mean ``rate_hz * dt``; exact
    also where several events fall into one step.

    Parameters
    ----------
    n : int
        Number of neurons.
    rate_hz : float, array of shape (n,), or function
        A function takes the time in s (the middle of a network step) and returns the rate at that time, one for all or
        of shape (n,).
    weight : float or array of shape (n,)
        In the unit of the receptor, such as uA/cm2.
    dt : float, optional
        If given, it must equal the ``dt`` of the run (s).
    seed : int, optional
        Replaces what the network's seed gives this input, also after ``Network.reset(seed=...)``.
    target : Population or part of one, optional
        By default the network's first population with membranes.
    receptor : str, optional
        Name of the target's receptor on which events act; by default an event is a current for one network step.

    Raises
    ------
    TypeError, ValueError
        If a value is not legal.

    Examples
    --------
    >>> from neurocore_nb import PoissonInput
    >>> PoissonInput(n=100, rate_hz=50.0, weight=9.0)
    <PoissonInput onto the first population: 100 neurons>
    """

    def __init__(
        self,
        n: int,
        rate_hz: Any,
        weight: Any,
        dt: float | None = None,
        seed: int | None = None,
        target: Neurons | None = None,
        *,
        receptor: str | None = None,
    ) -> None:
        self.n: int = checks.whole_number(n, "PoissonInput: n")
        self.rate_hz = checks.rates(rate_hz, self.n, "PoissonInput: rate_hz")
        self._set_target(target)
        self.receptor = receptor
        unit = "uA/cm2 (or the unit of the target's receptor)"
        if self.target is not None:
            parent = population_of(self.target)
            parent.receptor_index(receptor, "PoissonInput")
            unit = parent.weight_unit(receptor)
        self.weight = checks.values(
            weight, self.n, "PoissonInput: weight", unit, low=-LARGEST_WEIGHT, high=LARGEST_WEIGHT
        )
        if self.target is not None:
            population_of(self.target).check_sign(self.weight_range()[0], receptor, "PoissonInput")
        self.dt = None if dt is None else checks.real_number(dt, "PoissonInput: dt", "s", above=0.0)
        self.seed = None if seed is None else checks.seed(seed, "PoissonInput: seed")

    def check_target(self, target: Neurons) -> None:
        """Raise a ValueError where it has more neurons than the target, or names a receptor that this doesn't have."""
        if self.n > target.n:
            raise ValueError(
                f"{self!r} is for {self.n} neurons, longer than its target {target.label or 'population'} with "
                f"{target.n}"
            )
        population = population_of(target)
        population.receptor_index(self.receptor, repr(self))
        population.check_sign(self.weight_range()[0], self.receptor, repr(self))

    def check_grid(self, dt: float) -> None:
        """Raise a ValueError unless its own dt, if it has one, is that of the run."""
        if self.dt is not None and not math.isclose(self.dt, dt, rel_tol=1e-9):
            raise ValueError(
                f"{self!r} was given dt = {self.dt!r} s, but the run has dt = {dt!r} s; leave it out or make them equal"
            )

    def mean_events(self, dt: float) -> float:
        """Mean number of events in a step of dt (s) at the highest rate; infinite where that isn't known."""
        return math.inf if callable(self.rate_hz) else float(np.max(self.rate_hz, initial=0.0)) * dt

    def weight_range(self) -> tuple[float, float]:
        """Smallest and largest weight of an event, or 0 if that lies beyond."""
        return float(np.min(self.weight, initial=0.0)), float(np.max(self.weight, initial=0.0))

    def largest_weight(self) -> float:
        """Largest absolute weight of an event."""
        return max(map(abs, self.weight_range()))

    def __repr__(self) -> str:
        return f"<PoissonInput onto {name_of_target(self.target)}: {self.n} neurons>"
