"""From a description to a plan, by arithmetic along the ranks."""

from __future__ import annotations

import sys
import warnings
from typing import Any

import numpy as np

from ..engine.report import resident_bytes
from ..kernels.advance import advance_parallel, advance_serial
from .costs import UnitCosts
from .couplings import expected_couplings
from .expected import Division, expected_wiring
from .footprint import Item, items_of_neurons, items_of_running, items_of_synapses, while_building, while_listing
from .machine import machine_bytes, usable_cores
from .pace import pace_of, rates_of
from .plan import Plan, PlannedItem, size
from .timing import expected_timing
from .traffic import expected_traffic

KERNEL_BYTES = 62e6  # of compiled kernels loaded from a filled cache; where they are compiled, 60 MB to 120 MB more
MPI_BYTES = 25e6  # of mpi4py and an MPI library
_PROCESS = "Python, libraries, description"


def make_plan(
    description: Any, n_steps: int, dt: float, division: Division, rate_hz: Any, exchange: str,
    available: float | None, costs: UnitCosts, held: float,
) -> Plan:  # fmt: skip
    """Tell what a network will take; see ``Network.plan``.

    Parameters
    ----------
    description : Description
    n_steps : int
    dt : float
        Network step in s.
    division : Division
    rate_hz : float, or dict of str to float
    exchange : {"auto", "all", "sparse"}
    available : float or None
        Bytes for a rank.
    costs : UnitCosts
    held : float
        Bytes of the network that this process holds already.

    Returns
    -------
    Plan
    """
    ranks, threads, duration = division.ranks, division.threads, n_steps * dt
    rates = rates_of(description, rate_hz, duration)
    wirings = [expected_wiring(projection, division) for projection in description.projections]
    interval = pace_of(description, n_steps, dt, division, "all").interval
    coupled = expected_couplings(description, division)
    traffic = expected_traffic(description, rates, interval, dt, division, exchange, coupled.most)
    pace = pace_of(description, n_steps, dt, division, traffic.kind)
    neurons = items_of_neurons(description, dt, division, pace)
    running, finishing = items_of_running(description, rates, traffic.arriving, dt, division, pace)
    process, synapses = _process_items(ranks, held), items_of_synapses(wirings, dt, division)
    synapses += [Item("couplings", coupled.nbytes)] * bool(description.couplings)
    items = [*process, *neurons, *synapses, Item("exchange", traffic.nbytes), *running]
    building = np.maximum(while_building(wirings, division), coupled.building)
    touched = _sum(neurons) + (_sum(synapses) + building) / threads
    timing = expected_timing(description, wirings, rates, dt, division, pace, traffic, coupled, touched, costs)
    peak = _sum([*process, *synapses]) + building  # before there are states
    peak = np.maximum(peak, _sum(items) + np.maximum(while_listing(wirings, division, traffic.kind), finishing))
    planned, extra = _on_largest(items, peak)
    if available is None:
        available = machine_bytes() / max(1, min(ranks, usable_cores() // threads))
    n_neurons, n_synapses = sum(one.n for one in description.populations), sum(one.synapses.sum() for one in wirings)
    plan = Plan(
        duration, dt, ranks, threads, n_neurons, float(n_synapses), planned, extra, interval, traffic.kind,
        traffic.sent, timing, available, costs,
    )  # fmt: skip
    if not plan.fits:
        _warn(plan)
    return plan


def _process_items(ranks: int, held: float) -> list[Item]:
    """What a process takes without the network: now, and by what it will load."""
    loaded = bool(advance_serial.signatures or advance_parallel.signatures)
    nbytes = {
        _PROCESS: resident_bytes() - held,
        "compiled kernels": 0.0 if loaded else KERNEL_BYTES,
        "MPI": MPI_BYTES if ranks > 1 and "mpi4py.MPI" not in sys.modules else 0.0,
    }
    return [Item(name, np.full(ranks, float(each)), False) for name, each in nbytes.items()]


def _sum(items: list[Item]) -> Any:
    """Bytes on each rank."""
    return sum(one.nbytes for one in items)


def _on_largest(items: list[Item], peak: Any) -> tuple[list[PlannedItem], float]:
    """Items on the rank that takes most memory, and by how much more any takes at its peak."""
    resident = _sum(items)
    at = int(np.argmax(resident))
    planned = [PlannedItem(one.name, float(one.nbytes[at]), float(one.nbytes.sum()), one.reported) for one in items]
    return planned, float(np.max(peak) - resident[at])


def _warn(plan: Plan) -> None:
    rest = plan.peak_bytes - plan.bytes_of(_PROCESS)
    remedy = "take more ranks, or storage='procedural' where it can be had"
    if plan.extra > 0.5 * plan.peak_bytes:
        remedy = (
            f"{size(plan.extra)} of it are for the peak while building or gathering: take fewer threads, or "
            "storage='procedural' and exchange='all' where they can be had"
        )
    warnings.warn(
        f"the largest of {plan.ranks} ranks needs {size(plan.peak_bytes)} ({size(rest)} of it for the network), but "
        f"has {size(plan.available)}: {remedy}",
        UserWarning,
        stacklevel=5,
    )
