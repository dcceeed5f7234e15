"""In which pieces a run takes its steps: what is known of that before anything is built."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..engine.assembly import AT_ONCE
from ..engine.inputs import most_values_at_once
from ..engine.membranes import most_steps_listed
from ..engine.recording import sampling_steps
from ..timegrid import n_substeps, nearest_steps
from .expected import Division


@dataclass
class Pace:
    """Steps of a run.

    Attributes
    ----------
    n_steps : int
    interval : int
        Steps between exchanges.
    piece : int
        Steps of one compiled call ...
    within : bool
        ... in which the exchanges between them are made, rather than from Python.
    """

    n_steps: int
    interval: int
    piece: int
    within: bool


def pace_of(description: Any, n_steps: int, dt: float, division: Division, exchange: str) -> Pace:
    """The pace of a run, as ``Simulation.run`` would take it.

    Parameters
    ----------
    description : Description
    n_steps : int
    dt : float
        Network step in s.
    division : Division
    exchange : {"all", "sparse", "none"}

    Returns
    -------
    Pace
    """
    shortest = [nearest_steps(projection.delay_range()[0], dt) for projection in description.projections]
    interval = 1 if description.couplings else min([AT_ONCE, *(1 + steps for steps in shortest)])
    most = min([1 << 20, *(_most_steps(description, one, dt, division) for one in populations(description))])
    samples = [sampling_steps(one, dt) for one in description.monitors if hasattr(one, "interval")]
    whole = most >= interval and all(every % interval == 0 for every in samples)
    within = exchange != "sparse" and not sources(description) and (whole or division.ranks == 1)
    at_once = max(interval, min(AT_ONCE, most) // interval * interval if within else 0)
    return Pace(n_steps, interval, min([at_once, most, max(1, n_steps), *samples]), within)


def populations(description: Any) -> list[Any]:
    """Those with membranes."""
    return [one for one in description.populations if hasattr(one, "model")]


def sources(description: Any) -> list[Any]:
    """Populations without membranes."""
    return [one for one in description.populations if not hasattr(one, "model")]


def _most_steps(description: Any, population: Any, dt: float, division: Division) -> int:
    """Of one call, see ``Membranes.most_steps``."""
    n_local = int(division.held(population).max())
    moving = [
        int(division.held(target, stimulus.n).max())
        for stimulus, target, _ in description.stimuli_of_kinds(population)[0]
        if callable(stimulus.rate_hz)
    ]
    steps = most_steps_listed(n_local, n_substeps(dt, population.max_step))
    return min(steps, most_values_at_once(sum(moving)))


def rates_of(description: Any, rate_hz: Any, duration: float) -> dict[Any, float]:
    """Mean rate of each population in Hz.

    Parameters
    ----------
    description : Description
    rate_hz : float, or dict of str to float
        Of populations with membranes, by their labels. What a dict leaves out is a source population, whose own rate
        counts unless it is named.
    duration : float
        In s.

    Returns
    -------
    dict of Population to float
    """
    given = rate_hz if isinstance(rate_hz, dict) else {one.label: rate_hz for one in populations(description)}
    return {
        one: float(given[one.label]) if one.label in given else _own_rate(one, duration)
        for one in description.populations
    }


def _own_rate(source: Any, duration: float) -> float:
    """Of a source population; of a function of time, the mean over the run."""
    if hasattr(source, "times"):
        return int((source.times <= duration).sum()) / max(1, source.n) / duration if duration else 0.0
    if callable(source.rate_hz):
        return float(np.mean([np.mean(source.rate_hz(duration * (k + 0.5) / 16)) for k in range(16)]))
    return float(np.mean(source.rate_hz)) if source.n else 0.0
