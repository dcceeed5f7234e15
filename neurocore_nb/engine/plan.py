"""What a network will take, told before anything is built."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..kernels.advance import advance_parallel, advance_serial
from .costs import UnitCosts
from .expected import Division, expected_wiring
from .footprint import Item, items_of_neurons, items_of_running, items_of_synapses, while_building
from .machine import machine_bytes, usable_cores
from .pace import pace_of, rates_of
from .report import resident_bytes
from .timing import Timing, expected_timing
from .traffic import expected_traffic

KERNEL_BYTES = 62e6  # of compiled kernels loaded from a filled cache; where they are compiled, 60 MB to 120 MB more
MPI_BYTES = 25e6  # of mpi4py and an MPI library
_UNITS = ("B", "kB", "MB", "GB", "TB", "PB", "EB")


@dataclass
class PlannedItem:
    """Something that takes memory.

    Attributes
    ----------
    name : str
    largest : float
        Bytes on the rank that needs most memory in all.
    total : float
        Bytes on all ranks.
    reported : bool
        Whether ``RankReport.network_bytes`` counts it.
    """

    name: str
    largest: float
    total: float
    reported: bool


@dataclass
class Plan:
    """What a run will take; printed, a short table.

    Attributes
    ----------
    duration, dt : float
        Simulated time and network step in s.
    ranks, threads : int
        Threads of each rank.
    neurons, synapses : float
        On all ranks; synapses as many as are to be expected.
    items : list of PlannedItem
        Memory at the end of the run.
    extra : float
        Bytes by which a rank's peak, while it builds or gathers spikes, is above ``resident_bytes``.
    interval : int
        Network steps between exchanges.
    exchange : str
        How the ranks share spikes, ``"all"``, ``"sparse"`` or on one rank ``"none"`` ...
    wire_bytes : dict of str to float
        ... and what a rank sends to others in an interval, by each way, on average.
    build_seconds, run_seconds, start_seconds : float
        Wall time to build synapses and states, to run, and to load compiled kernels.
    timing : Timing
        Parts of it.
    available : float
        Bytes that a rank may take.
    costs : UnitCosts
        Of which time was told.
    """

    duration: float
    dt: float
    ranks: int
    threads: int
    neurons: int
    synapses: float
    items: list[PlannedItem]
    extra: float
    interval: int
    exchange: str
    wire_bytes: dict[str, float]
    build_seconds: float
    run_seconds: float
    start_seconds: float
    timing: Timing
    available: float
    costs: UnitCosts
    machine: float = field(default_factory=machine_bytes)

    @property
    def network_bytes(self) -> float:
        """On the largest rank, of what ``RankReport.network_bytes`` counts."""
        return sum(one.largest for one in self.items if one.reported)

    @property
    def resident_bytes(self) -> float:
        """Memory of the largest rank's process at the end of the run."""
        return sum(one.largest for one in self.items)

    @property
    def peak_bytes(self) -> float:
        """Most memory of any rank's process at any time."""
        return self.resident_bytes + self.extra

    @property
    def total_bytes(self) -> float:
        """Memory of all ranks at the end of the run."""
        return sum(one.total for one in self.items)

    @property
    def fits(self) -> bool:
        """Whether the largest rank has the memory it needs, at its peak too."""
        return self.peak_bytes <= self.available

    @property
    def ranks_per_node(self) -> int:
        """How many such ranks a machine with this one's memory holds."""
        return int(self.machine // self.peak_bytes)

    def bytes_of(self, name: str) -> float:
        """Of an item on the largest rank; 0 where there is none of that name."""
        return sum(one.largest for one in self.items if one.name == name)

    def __str__(self) -> str:
        ranks = f"{self.ranks:,} rank{'s' * (self.ranks > 1)} x {self.threads} thread{'s' * (self.threads > 1)}"
        lines = [
            f"{self.duration:g} s of {self.neurons:,} neurons and {self.synapses:,.0f} synapses on {ranks}, not built",
            f"{'memory':34} {'largest rank':>14} {'all ranks':>14}",
        ]
        lines += [f"  {one.name:32} {size(one.largest):>14} {size(one.total):>14}" for one in self.items if one.total]
        lines.append(f"  {'together':32} {size(self.resident_bytes):>14} {size(self.total_bytes):>14}")
        lines.append(f"  {'at the peak, in addition':32} {size(self.extra):>14}")
        held = f"{self.ranks_per_node:,} such ranks" if self.ranks_per_node != 1 else "one such rank"
        held = held if self.ranks_per_node else "no such rank"
        verdict = "fits" if self.fits else "DOES NOT FIT"
        lines.append(
            f"{verdict} in {size(self.available)} for a rank; a machine with {size(self.machine)} holds {held}"
        )
        sent = ", ".join(f"{size(n)} by {kind!r}" for kind, n in self.wire_bytes.items() if kind != "none")
        if sent:
            steps = f"{self.interval} step{'s' * (self.interval > 1)}"
            lines.append(f"sent by a rank in an interval of {steps}: {sent}; takes {self.exchange!r}")
        lines.append(
            f"time: start {self.start_seconds:.2g} s (with a filled cache), build {self.build_seconds:.3g} s, run "
            f"{self.run_seconds:.3g} s{self._per_biological()}: integrate {self.timing.integrate:.2g}, deliver "
            f"{self.timing.deliver:.2g}, exchange {self.timing.exchange:.2g}, record {self.timing.record:.2g}"
        )
        lines.append(f"unit costs: {self.costs.where}")
        return "\n".join(lines)

    def _per_biological(self) -> str:
        return f" ({self.run_seconds / self.duration:.3g} times biological time)" if self.duration else ""


def size(nbytes: float) -> str:
    """A number of bytes as people read it.

    Examples
    --------
    >>> size(12_300), size(7.0), size(5e12)
    ('12.3 kB', '7 B', '5 TB')
    """
    k = 0
    while nbytes >= 999.5 and k < len(_UNITS) - 1:
        nbytes, k = nbytes / 1e3, k + 1
    return f"{nbytes:.3g} {_UNITS[k]}"


def process_items(ranks: int, held: float) -> list[Item]:
    """What a process takes without the network: now, and by what it will load.

    Parameters
    ----------
    ranks : int
    held : float
        Bytes of a network that this process holds already.
    """
    loaded = bool(advance_serial.signatures or advance_parallel.signatures)
    each = np.ones(ranks)
    more = 0.0 if loaded else KERNEL_BYTES
    return [
        Item("Python, libraries, description", (resident_bytes() - held) * each, False),
        Item("compiled kernels", more * each, False),
        Item("MPI", (MPI_BYTES if ranks > 1 else 0.0) * each, False),
    ]


def make_plan(
    description: Any, n_steps: int, dt: float, ranks: int, threads: int, rate_hz: Any, exchange: str,
    available: float | None, costs: UnitCosts, held: float,
) -> Plan:  # fmt: skip
    """Tell what a network will take; see ``Network.plan``.

    Parameters
    ----------
    description : Description
    n_steps : int
    dt : float
        Network step in s.
    ranks, threads : int
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
    division, duration = Division(ranks, threads), n_steps * dt
    rates = rates_of(description, rate_hz, duration)
    wirings = [expected_wiring(projection, division) for projection in description.projections]
    interval = pace_of(description, n_steps, dt, division, "all").interval
    traffic = expected_traffic(description, rates, interval, dt, division, exchange)
    pace = pace_of(description, n_steps, dt, division, traffic.kind)
    neurons = items_of_neurons(description, dt, division, pace)
    network = [*neurons, *items_of_synapses(wirings, dt, division), Item("exchange", traffic.nbytes)]
    running, finishing = items_of_running(description, rates, duration, dt, division, pace)
    items = [*process_items(ranks, held), *network, *running]
    extra = np.maximum(while_building(wirings, division, traffic.kind), finishing)
    resident = sum((one.nbytes for one in items), np.zeros(ranks))
    largest = int(np.argmax(resident))
    touched = sum((one.nbytes for one in neurons), np.zeros(ranks))
    timing = expected_timing(description, wirings, rates, dt, division, pace, traffic, touched, costs)
    plan = Plan(
        duration, dt, ranks, threads, sum(one.n for one in description.populations),
        float(sum(one.synapses.sum() for one in wirings)),
        [PlannedItem(one.name, float(one.nbytes[largest]), float(one.nbytes.sum()), one.reported) for one in items],
        float(np.max(resident + extra) - resident[largest]), interval, traffic.kind, traffic.sent, timing.build, timing.run, costs.start, timing,
        machine_bytes() / max(1, min(ranks, usable_cores() // threads)) if available is None else available, costs,
    )  # fmt: skip
    if not plan.fits:
        _warn(plan)
    return plan


def _warn(plan: Plan) -> None:
    rest = plan.peak_bytes - plan.bytes_of("Python, libraries, description")
    remedy = "take more ranks, or storage='procedural' where it can be had"
    if plan.extra > 0.5 * plan.peak_bytes:
        remedy = "that is mostly the peak while building or gathering: take fewer threads for each rank, or " + remedy
    warnings.warn(
        f"the largest of {plan.ranks} ranks needs {size(plan.peak_bytes)} ({size(rest)} of it for the network), but "
        f"has {size(plan.available)}: {remedy}",
        UserWarning,
        stacklevel=5,
    )
