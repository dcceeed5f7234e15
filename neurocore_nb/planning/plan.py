"""What a network will take, told before anything is built."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..tables import facts_table, rows_table
from .costs import UnitCosts
from .machine import machine_bytes
from .timing import Timing

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


@dataclass(repr=False)
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
    timing : Timing
        Parts of the wall time.
    available : float
        Bytes that a rank may take.
    costs : UnitCosts
        From which time was told.
    machine : float
        Bytes of this machine's memory.
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
    timing: Timing
    available: float
    costs: UnitCosts
    machine: float = field(default_factory=machine_bytes)

    @property
    def start_seconds(self) -> float:
        """Wall time to load compiled kernels from a filled cache; to compile them takes some ten seconds."""
        return self.costs.start

    @property
    def build_seconds(self) -> float:
        """Wall time to build synapses and states."""
        return self.timing.build

    @property
    def run_seconds(self) -> float:
        """Wall time to run, without what comes before."""
        return self.timing.run

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

    def _summary(self) -> str:
        ranks = f"{self.ranks:,} rank{'s' * (self.ranks > 1)} x {self.threads} thread{'s' * (self.threads > 1)}"
        return f"{self.duration:g} s of {self.neurons:,} neurons and {self.synapses:,.0f} synapses on {ranks}"

    def __repr__(self) -> str:
        verdict = "fits" if self.fits else "does not fit"
        return (
            f"<Plan of {self._summary()}: {size(self.peak_bytes)} for a rank, which {verdict}, "
            f"{seconds(self.build_seconds + self.run_seconds)}>"
        )

    def _repr_html_(self) -> str:
        header = "memory", "largest rank", "all ranks"
        rows = [(one.name, size(one.largest), size(one.total)) for one in self.items if one.total]
        rows += [
            ("together", size(self.resident_bytes), size(self.total_bytes)),
            ("at the peak, in addition", size(self.extra), ""),
        ]
        times = {"start": self.start_seconds, "build": self.build_seconds, "run": self.run_seconds}
        facts = {
            "memory of a rank": f"{'fits' if self.fits else 'DOES NOT FIT'} in {size(self.available)}",
            "time": ", ".join(f"{what} {seconds(time)}" for what, time in times.items()) + self._per_biological(),
            "unit costs": self.costs.where,
        }
        return rows_table(f"{self._summary()}, not built", header, rows) + facts_table("", facts)

    def __str__(self) -> str:
        lines = [
            f"{self._summary()}, not built",
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
            f"time: start {seconds(self.start_seconds)} (with a filled cache), build {seconds(self.build_seconds)}, "
            f"run {seconds(self.run_seconds)}{self._per_biological()}: integrate {seconds(self.timing.integrate)}, "
            f"deliver {seconds(self.timing.deliver)}, exchange {seconds(self.timing.exchange)}, "
            f"record {seconds(self.timing.record)}"
        )
        lines.append(f"unit costs: {self.costs.where}")
        return "\n".join(lines)

    def _per_biological(self) -> str:
        return f" ({self.run_seconds / self.duration:.3g} times biological time)" if self.duration else ""


def seconds(time: float) -> str:
    """A time in s as people read it.

    Examples
    --------
    >>> seconds(12.345), seconds(0.0123), seconds(25_000.0)
    ('12.3 s', '12.3 ms', '25,000 s')
    """
    return (
        f"{time:,.0f} s" if time >= 1e3 else f"{time:.3g} s" if time >= 1.0 or time == 0.0 else f"{time * 1e3:.3g} ms"
    )


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
