"""From the arguments of ``Network.plan`` to a plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..planning.calibration import measured_costs
from ..planning.costs import UnitCosts
from ..planning.expected import Division
from ..planning.plan import Plan
from ..planning.planner import make_plan
from . import checks
from .description import Description
from .population import Population

MOST_RANKS = 1 << 24  # arrays stand along the ranks


def plan_of(
    description: Description, n_steps: int, dt: float, ranks: Any, threads: Any, rate_hz: Any, exchange: str,
    measure: Any, memory_per_rank: Any, held: int,
) -> Plan:  # fmt: skip
    """Check what ``Network.plan`` was given beside what a run is given, and plan.

    Parameters
    ----------
    description : Description
    n_steps : int
    dt : float
        Network step in s.
    ranks, threads, rate_hz, exchange, measure, memory_per_rank
        See ``Network.plan``.
    held : int
        Bytes of this network that the process holds already.

    Returns
    -------
    Plan
    """
    checks.whole_number(ranks, "ranks", low=1)
    checks.whole_number(threads, "threads", low=1)
    if ranks > MOST_RANKS:
        raise ValueError(f"ranks = {ranks} must be at most {MOST_RANKS}")
    checks.truth(measure, "measure")
    if memory_per_rank is not None:
        checks.real_number(memory_per_rank, "memory_per_rank", "bytes", above=0.0)
    rates = _rates(description, rate_hz)
    division = Division(ranks, threads)
    costs = measured_costs(description, n_steps, dt, division) if measure else UnitCosts()
    return make_plan(description, n_steps, dt, division, rates, exchange, memory_per_rank, costs, held)


def _rates(description: Description, rate_hz: Any) -> float | dict[str, float]:
    """A rate for all populations, or one for each that has membranes and perhaps for others."""
    if not isinstance(rate_hz, Mapping):
        return checks.real_number(rate_hz, "rate_hz", "Hz", low=0.0)
    known = [one.label for one in description.populations]
    for label in rate_hz:
        if label not in known:
            raise ValueError(f"rate_hz: there is no population {label!r}; known are {', '.join(map(repr, known))}")
    for one in description.populations:
        if isinstance(one, Population) and one.label not in rate_hz:
            raise ValueError(
                f"rate_hz: the population {one.label!r} is missing; give its mean rate in Hz, or one for all"
            )
    return {label: checks.real_number(one, f"rate_hz of {label!r}", "Hz", low=0.0) for label, one in rate_hz.items()}
