"""What a checkpoint holds of a simulation, and how another division into ranks takes it up again.

Beside the time that is, for each population, the states of its neurons, what is to arrive at them, noises, and
parameters that were set since; what synapses have learned; and what monitors have recorded. Wiring and all else
follows from the description: random numbers are functions of seed and step. Each rank writes what belongs to its own
neurons. In each array the last axis is that of neurons, or of synapses ordered by target, so that any rank can put its
part together from the parts of others.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import CheckpointError, named
from ..timegrid import MOST_STEPS
from .agreement import together
from .checkpoint import Arrays, Facts, environment, read_manifest, read_part, write
from .comm import Comm
from .learned import LearnedSynapses, memory_of
from .partition import block
from .recall import Recalled, array_of, arrays_of, recalled
from .simulation import Simulation
from .whereabouts import READING

Array = npt.NDArray[Any]


def save(simulation: Simulation, description: Any, path: Path) -> None:
    """Write a checkpoint; all ranks call it together, between exchanges.

    Parameters
    ----------
    simulation : Simulation
    description : Description
    path : Path
    """
    facts, arrays = together(simulation.comm, lambda: _collected(simulation, description))
    write(path, simulation.comm, simulation.step, facts, arrays)


def _collected(simulation: Simulation, description: Any) -> tuple[Facts, dict[str, Array]]:
    """What the manifest is to say, and the arrays of this rank."""
    membranes = [simulation.membranes.get(one) for one in description.populations]
    arrays: dict[str, Array] = {}
    for place, one in enumerate(membranes):
        if one is not None:
            arrays |= {f"{place}/{name}": array for name, array in one.memory().items()}
    for place, synapses in simulation.plastic().items():
        arrays |= {f"synapses {place}/{name}": array for name, array in memory_of(synapses, simulation.step).items()}
    for place, monitor in enumerate(description.monitors):
        arrays |= {f"monitor {place}/{name}": array for name, array in monitor.memory().items()}
    facts = {
        "network": simulation.inventory,
        "noise_seed": description.noise_seed,
        "dt": simulation.dt,
        "step": simulation.step,
        "set": [{} if one is None else one.set_since for one in membranes],
        "monitors": [{"settings": description.digest_of_monitor(one)} | one.facts() for one in description.monitors],
    }
    return facts, arrays


def _difference(theirs: Any, ours: list[list[str]]) -> str:
    """Where two inventories differ first; empty where they have the same digests."""
    try:
        for (there, digest), (here, expected) in itertools.zip_longest(theirs, ours, fillvalue=("nothing", "")):
            if digest != expected:
                return f"{here} has other values there" if there == here else f"it has {there}, this one has {here}"
    except (TypeError, ValueError):
        return "its objects aren't listed"
    return ""


class Snapshot:
    """A checkpoint to be taken up by a network.

    Parameters
    ----------
    path : Path
    description : Description
        Of the network.
    comm : Comm
        Its ranks; they need not be as many as wrote the checkpoint.
    inventory : list of [str, str]
        Of the network, its objects with their digests; on rank 0.

    Attributes
    ----------
    dt : float
        Network step in s.
    step : int
        Present time in network steps.
    noise_seed : int
    checksum : str
        The same on all ranks that read the same checkpoint.

    Raises
    ------
    FileNotFoundError, CheckpointError
        If there is none, or if it is damaged or not of this network.
    """

    def __init__(self, path: Path, description: Any, comm: Comm, inventory: list[list[str]]) -> None:
        self._path = path
        self._description = description
        self._comm = comm
        self._manifest = manifest = read_manifest(path)
        self._check_network(inventory)
        self._parts = len(manifest["parts"])
        self.checksum = manifest["folder"] + manifest["parts"][0]["sha256"]
        try:
            self.dt, self.step = float(manifest["dt"]), int(manifest["step"])
            self.noise_seed = int(manifest["noise_seed"])
            self._set: list[dict[str, float | None]] = [dict(one) for one in manifest["set"]]
            self._monitors: list[Facts] = [dict(one) for one in manifest["monitors"]]
            self._check_numbers()
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise CheckpointError(f"the manifest of {str(path)!r} doesn't hold what it must: {error}") from None

    def _check_numbers(self) -> None:
        if not (0.0 < self.dt < np.inf and 0 <= self.step < MOST_STEPS and self.noise_seed >= 0):
            raise ValueError("a number is out of range")
        for population, given in zip(self._description.populations, self._set, strict=True):
            for name, value in given.items():
                population.declaration_of(name)
                if not (value is None or (isinstance(value, float) and np.isfinite(value))):
                    raise ValueError(f"{name} = {value!r}")

    def _check_network(self, inventory: list[list[str]]) -> None:
        """Refuse the checkpoint of another network. Rank 0 does: functions may capture other values on other ranks."""
        difference = _difference(self._manifest.get("network"), inventory) if self._comm.rank == 0 else ""
        if not difference:
            return
        theirs = self._manifest.get("environment", {})
        differing = [
            f"{what} {version} there" for what, version in environment().items() if theirs.get(what) != version
        ]
        hint = f" (or the same under other versions: {', '.join(differing)})" if differing else ""
        raise CheckpointError(
            f"the checkpoint {str(self._path)!r} is of another network than this one{hint}: "
            f"{difference}; describe the same populations, projections, couplings and stimuli with the same seed, in "
            "the same order"
        )

    def restore(self, simulation: Simulation) -> None:
        """Take a simulation to the time and state of the checkpoint, and let monitors have recorded what they had.

        Nothing is changed unless all of it can be read. All ranks call it together.
        """
        self._comm.here.enter(READING)
        monitors = together(self._comm, self._matching_monitors)
        memories, learned, recordings = together(self._comm, lambda: self._read(simulation, monitors))

        def take_up() -> None:
            self._description.noise_seed = self.noise_seed
            simulation.restart()
            simulation.broken = True  # until all is taken up
            simulation.step = self.step
            for one, memory, given in zip(simulation.groups.values(), memories, self._set, strict=True):
                if memory:
                    one.recall(memory, given, self._description.wiring_seed)  # type: ignore[union-attr]
            for synapses in learned.values():
                synapses.give(self.step)
            for monitor in self._description.monitors:
                monitor.clear()
            for recording in recordings:
                recording.give(self._comm.rank)

        together(self._comm, take_up)
        simulation.broken = False

    def _matching_monitors(self) -> list[Any]:
        """The network's monitors that are those of the checkpoint; it may have more."""
        left, found = list(self._description.monitors), []
        for place, facts in enumerate(self._monitors):
            settings = facts.get("settings")
            one = next((one for one in left if self._description.digest_of_monitor(one) == settings), None)
            if one is None:
                raise CheckpointError(
                    f"the checkpoint {str(self._path)!r} holds what monitor {place} of its network has recorded, but "
                    "this network has no such monitor: add one of the same kind, neurons and settings"
                )
            left.remove(one)
            found.append(one)
        return found

    def _room(self, simulation: Simulation, place: int) -> dict[str, Array]:
        """Memory for the local part of a population's arrays."""
        one = simulation.membranes.get(self._description.populations[place])
        if one is None:
            return {}
        room = {name: np.zeros_like(array) for name, array in one.memory().items() if not name.startswith("set/")}
        return room | {
            f"set/{name}": np.zeros(one.n_local) for name, value in self._set[place].items() if value is None
        }

    def _read(
        self, simulation: Simulation, monitors: list[Any]
    ) -> tuple[list[dict[str, Array]], dict[int, LearnedSynapses], list[Recalled]]:
        """What is this rank's of the memories of all populations and synapses, and what its monitors had recorded."""
        memories = [self._room(simulation, place) for place in range(len(self._set))]
        recordings = [recalled(one, facts, self._comm) for one, facts in zip(monitors, self._monitors, strict=True)]
        learned = {place: LearnedSynapses(one) for place, one in simulation.plastic().items()}
        everything = bool(learned) and self._parts != self._comm.size  # sources may have synapses anywhere
        for rank in range(self._parts):
            if everything or self._is_needed(rank, recordings):
                part = read_part(self._path, self._manifest, rank)
                with named(f"the checkpoint {str(self._path)!r}, part {rank}"):
                    self._take(part, rank, memories)
                    for place, synapses in learned.items():
                        synapses.take(arrays_of(part, f"synapses {place}/"), rank, self._parts)
                    for place, recording in enumerate(recordings):
                        recording.take(arrays_of(part, f"monitor {place}/"), rank, self._parts)
        for one in (*learned.values(), *recordings):
            one.complete()
        return memories, learned, recordings

    def _is_needed(self, rank: int, recordings: list[Recalled]) -> bool:
        """Whether a part holds anything for this rank."""
        everything = self._comm.rank == 0 and bool(recordings)
        return everything or any(
            _overlap(one.n, rank, self._parts, self._comm) is not None for one in self._description.populations
        )

    def _take(self, part: Arrays, rank: int, memories: list[dict[str, Array]]) -> None:
        """Copy what a part holds of this rank's neurons."""
        for place, (one, memory) in enumerate(zip(self._description.populations, memories, strict=True)):
            ranges = _overlap(one.n, rank, self._parts, self._comm)
            begin, end = block(one.n, rank, self._parts)
            for name, array in memory.items() if ranges else ():
                theirs = array_of(part, f"{place}/{name}", (*array.shape[:-1], end - begin), array.dtype)
                array[..., ranges[0]] = theirs[..., ranges[1]]  # type: ignore[index]


def _overlap(n: int, part: int, parts: int, comm: Comm) -> tuple[slice, slice] | None:
    """Where a part's neurons of a population are on this rank, and where these are in the part."""
    (begin, end), (first, last) = block(n, part, parts), block(n, comm.rank, comm.size)
    low, high = max(begin, first), min(end, last)
    return (slice(low - first, high - first), slice(low - begin, high - begin)) if low < high else None
