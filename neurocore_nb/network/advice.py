"""What is legal but hardly meant: the warnings of a network's first run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..timegrid import nearest_steps
from .coupling import Coupling
from .currents import StepCurrent
from .description import Description
from .members import left_out
from .noise import NoiseStimulus
from .population import Population
from .projection import Projection
from .source import SpikeSource
from .stimulus import Stimulus

_LATE = 10.0  # times the run's duration, and 1 s: what begins later was rather given in ms
_LONG_TAU = 1.0  # s
_SHORT = 0.1  # ms; hardly any time constant is shorter
_COARSE = 10.0  # times the model's own longest substep


def advice(description: Description, duration: float, dt: float) -> Iterator[str]:
    """Warnings about a network, before its first run.

    Parameters
    ----------
    description : Description
    duration, dt : float
        Of the run, in s.

    Yields
    ------
    str
    """
    yield from _not_added(description)
    yield from _without_target(description)
    if duration > 0.0:
        yield from _late(description, duration)
    for projection in description.projections:
        yield from _rounded(projection, dt)
    yield from _in_other_units(description, dt)


def _not_added(description: Description) -> Iterator[str]:
    for one in left_out(description):
        kind = "Stimulus" if isinstance(one, Stimulus) else "Wiring" if isinstance(one, Projection | Coupling) else ""
        fate = {"Stimulus": "drives nothing", "Wiring": "connects nothing"}.get(kind, "records nothing")
        yield f"{one!r} isn't part of the network of its neurons, so it {fate}; add it: Network(..., it) or net.add(it)"


def _without_target(description: Description) -> Iterator[str]:
    """Several stimuli of one kind, which were rather meant for a population each."""
    stimuli = [one for one in description.stimuli if one.target is None]
    populations = [one for one in description.populations if isinstance(one, Population)]
    for kind, number in Counter(type(one) for one in stimuli).items():
        if number > 1 and len(populations) > 1:
            yield (
                f"{number} stimuli {kind.__name__} have no target, so all of them act on the first population, "
                f"{populations[0].label!r}; give target="
            )


def _late(description: Description, duration: float) -> Iterator[str]:
    seconds = "times are in seconds: write 100 ms as 0.1"
    for one in description.stimuli:
        if isinstance(one, StepCurrent):
            first = float(np.min(one.onset, initial=np.inf))
            if max(_LATE * duration, 1.0) < first < np.inf:
                yield f"{one!r} begins long after this run of {duration:g} s; {seconds}"
    for source in description.populations:
        if isinstance(source, SpikeSource):
            first = float(np.min(source.times, initial=np.inf))
            if max(_LATE * duration, 1.0) < first < np.inf:
                yield f"{source!r} fires first at {first:g} s, long after this run of {duration:g} s; {seconds}"


def _rounded(projection: Projection, dt: float) -> Iterator[str]:
    """A delay given as a number that the grid can't hold; one that is drawn is rounded anyway."""
    if isinstance(projection.delay, float):
        steps = nearest_steps(projection.delay, dt)
        if abs(steps * dt - projection.delay) > 1e-3 * dt:
            yield (
                f"{projection!r}: a delay is rounded to whole network steps of {dt:g} s, here to {steps * dt:g} s; run "
                "with a smaller dt, or give a multiple of it"
            )


def _in_other_units(description: Description, dt: float) -> Iterator[str]:
    """Times that are so short or long that they were rather given in s instead of ms, or the reverse."""
    for population in description.populations:
        if isinstance(population, Population):
            yield from _of_population(population, dt)
    for projection in description.projections:
        if projection.learning is not None:
            rule = projection.learning.rule
            for name, value in _short(rule.given, rule.parameters, dt * 1e3):
                yield f"{projection!r}: {name} = {value:g} ms is shorter than a network step; rules have times in ms"
    for stimulus in description.stimuli:
        if isinstance(stimulus, NoiseStimulus) and np.max(stimulus.tau, initial=0.0) > _LONG_TAU:
            tau = np.max(stimulus.tau)
            yield f"{stimulus!r}: tau = {tau:g} s is long; stimuli have times in seconds: write 5 ms as 5e-3"


def _of_population(population: Population, dt: float) -> Iterator[str]:
    substep = min(population.max_step, dt * 1e3)
    for key, receptor in population.receptors.items():
        for name, value in _short(receptor.given, receptor.parameters, substep):
            yield (
                f"{population!r}: {name} = {value:g} ms of receptor {key!r} is shorter than a substep, {substep:g} ms; "
                "receptors have times in ms"
            )
    if substep > _COARSE * population.model.max_step and not population.model.membrane_time_constant:
        yield (
            f"{population!r}: substeps of {substep:g} ms are long for {population.kind}, whose own are "
            f"{population.model.max_step:g} ms; spikes may be lost"
        )


def _short(given: Any, declared: Any, least: float) -> Iterator[tuple[str, float]]:
    """Times in ms among some parameters that are above 0, and shorter than the least and than any usual."""
    for name, value in given.items():
        unit = getattr(declared.get(name), "unit", "")
        if unit == "ms" and isinstance(value, int | float) and 0.0 < value < min(least, _SHORT):
            yield name, float(value)
