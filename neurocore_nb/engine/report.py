"""What a run took, on each rank and in all."""

from __future__ import annotations

import resource
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from ..tables import rows_table
from .timeline import History, Timeline

_MOST_ROWS = 16  # of a printed report: with more ranks, the first and the last of them
PHASES = ("build", "compile", "integrate", "exchange", "deliver", "record")


class Stopwatch:
    """Divides wall time among phases.

    Attributes
    ----------
    seconds : dict of str to float
        Time of each phase so far.
    """

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(PHASES, 0.0)
        self._last = time.perf_counter()
        self._history = History(len(PHASES), self._last)

    def start(self) -> None:
        """Forget the time since the last lap."""
        self._history.note(self._last, self.seconds.values())
        self._last = time.perf_counter()
        self._history.note(self._last, self.seconds.values())

    def lap(self, phase: str) -> None:
        """Count the time since the last lap as this phase's."""
        now = time.perf_counter()
        if self._last >= self._history.due:  # before this lap is counted: parts of the last one may have been moved
            self._history.note(self._last, self.seconds.values())
        self.seconds[phase] += now - self._last
        self._last = now

    def move(self, seconds: float, phase: str, to: str) -> None:
        """Count a part of one phase's time as another's."""
        self.seconds[phase] -= seconds
        self.seconds[to] += seconds

    def timeline(self) -> Timeline:
        """How the phases followed each other until the last lap."""
        return self._history.timeline(PHASES, self._last, self.seconds.values())


@dataclass
class RankReport:
    """One rank's share of a run.

    Attributes
    ----------
    seconds : dict of str to float
        Wall time of each phase: ``build`` synapses, ``compile`` or load kernels, ``integrate`` (with stimuli and
        detection), ``exchange`` spikes (with waiting for other ranks), ``deliver`` them, ``record``.
    wall : float
        Wall time of the whole ``run`` in s.
    neurons, synapses : int
        Held by this rank. Synapses of procedural projections, which aren't held, as many as are to be expected.
    neuron_steps : int
        Integration substeps done, summed over neurons.
    spikes : int
        Fired by this rank's neurons.
    bytes_sent : int
        To other ranks by the spike exchange; what goes to several of them counts as often.
    network_bytes : int
        Memory of states, input buffers and synapses.
    resident_bytes : int
        Memory of the whole process.
    timeline : Timeline
        When the rank was in which phase, in a few hundred points.
    """

    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(PHASES, 0.0))
    wall: float = 0.0
    neurons: int = 0
    synapses: int = 0
    neuron_steps: int = 0
    spikes: int = 0
    bytes_sent: int = 0
    network_bytes: int = 0
    resident_bytes: int = 0
    timeline: Timeline = field(default_factory=Timeline, repr=False, compare=False)


@dataclass(repr=False)
class Report:
    """What a run took; printed, a short table.

    Attributes
    ----------
    duration, dt : float
        Simulated time and network step in s.
    ranks : list of RankReport
    threads : int
        Threads of each rank.
    exchange : str
        How the ranks shared spikes: ``"all"``, ``"sparse"``, or on one rank ``"none"``.
    """

    duration: float
    dt: float
    ranks: list[RankReport]
    threads: int
    exchange: str = "none"

    @property
    def wall(self) -> float:
        """Wall time of the slowest rank in s, building and compiling included."""
        return max(rank.wall for rank in self.ranks)

    @property
    def seconds(self) -> dict[str, float]:
        """Wall time of each phase in s, on the rank that took longest for it."""
        return {phase: max(rank.seconds[phase] for rank in self.ranks) for phase in PHASES}

    @property
    def simulation_wall(self) -> float:
        """Wall time in s without building and compiling, on the slowest rank."""
        return max(rank.wall - rank.seconds["build"] - rank.seconds["compile"] for rank in self.ranks)

    @property
    def wall_per_biological(self) -> float:
        """Wall time (without building and compiling) over simulated time."""
        return self.simulation_wall / self.duration if self.duration else float("nan")

    def total(self, name: str) -> int:
        """Sum over ranks of one of their counts, such as ``"neurons"`` or ``"bytes_sent"``."""
        return sum(getattr(rank, name) for rank in self.ranks)

    @property
    def spikes(self) -> int:
        """Number of spikes of all neurons."""
        return self.total("spikes")

    def _summary(self) -> str:
        ratio = f", {self.wall_per_biological:.3g} times biological time" if self.duration else ""
        return (
            f"{self.duration:g} s of {self.total('neurons'):,} neurons and {self.total('synapses'):,} synapses on "
            f"{len(self.ranks)} rank{'s' * (len(self.ranks) > 1)} x {self.threads} thread{'s' * (self.threads > 1)}: "
            f"{self.simulation_wall:.3g} s{ratio}"
        )

    def __repr__(self) -> str:
        return f"<Report of {self._summary()}, {self.spikes:,} spikes>"

    def _repr_html_(self) -> str:
        header = "rank", "neurons", "synapses", "spikes", *(f"{phase} (s)" for phase in PHASES), "sent (kB)", "MB"
        rows = [
            (k, f"{rank.neurons:,}", f"{rank.synapses:,}", f"{rank.spikes:,}",
             *(f"{rank.seconds[phase]:.3f}" for phase in PHASES),
             f"{rank.bytes_sent / 1e3:.1f}", f"{rank.resident_bytes / 1e6:.0f}")
            for k, rank in enumerate(self.ranks)
        ]  # fmt: skip
        return rows_table(f"{self._summary()}; {self.spikes:,} spikes", header, rows)

    def __str__(self) -> str:
        lines = [
            self._summary(),
            f"{self.spikes:,} spikes, {self.total('neuron_steps'):,} neuron-substeps",
            f"{'rank':>6} {'neurons':>11} {'synapses':>13} "
            + " ".join(f"{phase:>9}" for phase in PHASES)
            + "  sent kB   MB",
        ]
        rows = [
            f"{k:>6} {rank.neurons:>11,} {rank.synapses:>13,} "
            + " ".join(f"{rank.seconds[phase]:8.3f}s" for phase in PHASES)
            + f" {rank.bytes_sent / 1e3:>8.1f} {rank.resident_bytes / 1e6:>4.0f}"
            for k, rank in enumerate(self.ranks)
        ]
        if len(rows) > _MOST_ROWS:
            half = _MOST_ROWS // 2
            rows = [*rows[:half], f"{'...':>6}", *rows[-half:]]
        return "\n".join([*lines, *rows])


def resident_bytes() -> int:
    """Memory of this process now; where the system doesn't tell, its peak."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * resource.getpagesize()
    except (OSError, IndexError, ValueError):
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
