"""What all monitors have in common."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from ..io.extras import load
from ..io.parts import Block
from ..io.recording import Recording
from ..io.sonata import Samples, Spikes
from . import checks
from .checks import FloatArray
from .population import Neurons, Population, neurons

IntArray = npt.NDArray[np.int64]


class Pieces:
    """An array that grows by pieces, which are put together when it is asked for.

    Parameters
    ----------
    first : array
    """

    def __init__(self, first: npt.NDArray[Any]) -> None:
        self._pieces = [first]

    def append(self, piece: npt.NDArray[Any]) -> None:
        """Add a piece."""
        self._pieces.append(piece)

    @property
    def whole(self) -> Any:
        """All pieces as one array."""
        if len(self._pieces) > 1:
            self._pieces = [np.concatenate(self._pieces)]
        return self._pieces[0]


class Monitor:
    """Base of all monitors: data is gathered on rank 0 at the end of each run, and each rank keeps its own part.

    Attributes
    ----------
    population : Neurons
        What is watched; indices are its own.
    to : Path or None
        File that is written while the network runs; nothing is kept in memory or gathered then.
    everywhere : bool
        Whether all ranks have all that was recorded.
    """

    everywhere: ClassVar[bool] = False

    def __init__(self, population: Any, to: Any = None) -> None:
        self.population = neurons(population, f"what {type(self).__name__} watches")
        self.to: Path | None = None
        if to is not None:
            self.to = checks.path(to, f"{self!r}: to").absolute()  # a function may change the folder meanwhile
            load("h5py", "files", f"{self!r}: to={to!r}")
        self._rank = 0
        self._blocks: list[Block] = []  # of the file, on rank 0

    def clear(self) -> None:
        """Forget what has been recorded."""
        raise NotImplementedError

    def memory(self) -> dict[str, npt.NDArray[Any]]:
        """What this rank has to write into a checkpoint."""
        raise NotImplementedError

    def facts(self) -> dict[str, Any]:
        """What a checkpoint has to know beside it."""
        raise NotImplementedError

    def resume(self, rank: int, facts: dict[str, Any]) -> None:
        """Go on after a checkpoint that has these facts, with what is in files.

        Parameters
        ----------
        rank : int
        facts : dict
        """
        self._rank = rank
        self._blocks = [Block(*block) for block in facts["blocks"]]

    def groups(self, blocks: Sequence[Block]) -> list[Spikes | Samples]:
        """What the file that presents the whole has of it, all of which is in some blocks."""
        raise NotImplementedError

    def _only_on_rank_0(self, what: str, local: str) -> None:
        if self._rank != 0:
            raise RuntimeError(
                f"{what} of a {type(self).__name__} is gathered on rank 0, and this is rank {self._rank}; ask for "
                "it under "
                f"'if rank == 0:', or use {local}, the part recorded on this rank"
            )

    def _only_in_memory(self, what: str, instead: str) -> None:
        if self.to is not None:
            raise RuntimeError(f"{self!r}: {what} isn't kept in memory, but in {str(self.to)!r}; use {instead}")

    def _recording(self) -> Recording:
        """The file, to read from."""
        assert self.to is not None  # noqa: S101
        return Recording(self.to)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.population.label or 'a population'}>"


class SampleMonitor(Monitor):
    """Base of monitors that take samples at regular times.

    Attributes
    ----------
    variables : tuple of str
        What is sampled ...
    record : int64 array
        ... of which neurons, by their indices; for synapses those of their targets.
    interval : float or None
        Time between samples in s; None: a network step.
    dtype : dtype
        Of the samples.
    """

    variables: tuple[str, ...]
    record: IntArray
    interval: float | None
    dtype: npt.DTypeLike

    def clear(self) -> None:
        """Forget all samples."""
        self._t = Pieces(np.empty(0))
        self._grid, self._n_samples = (0, 1, 0.0), 0  # of samples in a file: first step, steps between two, dt in s
        self._blocks = []
        self.local_record: IntArray = np.empty(0, np.int64)
        self._local_traces: dict[str, Pieces] = {}
        self._traces = {name: Pieces(np.empty((0, len(self.record)), self.dtype)) for name in self.variables}

    @property
    def t(self) -> FloatArray:
        """Times of the samples in s; on every rank."""
        first, every, dt = self._grid
        if self.to is not None:
            return (first + every * np.arange(self._n_samples)) * np.float64(dt)
        times: FloatArray = self._t.whole
        return times

    @property
    def local_traces(self) -> dict[str, FloatArray]:
        """What this rank recorded of each variable, shape (n_samples, n_local)."""
        self._only_in_memory("local_traces", "traces, on rank 0")
        return {name: pieces.whole for name, pieces in self._local_traces.items()}

    @property
    def traces(self) -> dict[str, FloatArray]:
        """Samples of each variable, shape (n_samples, len(record)); on rank 0."""
        self._only_on_rank_0("traces", "local_traces")
        if self.to is None or self._n_samples == 0:
            return {name: pieces.whole for name, pieces in self._traces.items()}
        return {name: self._from_file(name) for name in self.variables}

    def _from_file(self, name: str) -> FloatArray:
        with self._recording() as recording:
            _, columns = recording.samples(f"{self.file_label()}.{name}")
        values = np.empty_like(columns)
        values[:, self.columns] = columns
        return values

    @property
    def columns(self) -> IntArray:
        """In which order the file has the neurons: positions within ``record``, by index."""
        return np.argsort(self.record, kind="stable")

    def file_label(self) -> str:
        """What the file calls the population."""
        return self.population.parent.label

    def unit_of(self, name: str) -> str:
        """The unit of a variable."""
        raise NotImplementedError

    def extend(
        self,
        rank: int,
        t: FloatArray,
        local_record: IntArray,
        local: dict[str, FloatArray],
        gathered: dict[str, FloatArray],
    ) -> None:
        """Append the samples of some steps (called by the engine).

        Parameters
        ----------
        rank : int
        t : array of shape (n_samples,)
        local_record : array of shape (n_local,)
        local, gathered : dict of str to array
            Shapes (n_samples, n_local) and, on rank 0, (n_samples, len(record)).
        """
        self._rank = rank
        self._t.append(t)
        self.local_record = local_record
        for name in self.variables:
            nothing = Pieces(np.empty((0, len(local_record)), self.dtype))
            self._local_traces.setdefault(name, nothing).append(local[name])
            if rank == 0:
                self._traces[name].append(gathered[name])

    def extend_in_file(self, rank: int, n_samples: int, blocks: list[Block]) -> None:
        """Note the samples that are in the file until now (called by the engine).

        Parameters
        ----------
        rank : int
        n_samples : int
        blocks : list of Block
            All of the file; on rank 0.
        """
        self._rank, self._n_samples, self._blocks = rank, n_samples, blocks

    def resume(self, rank: int, facts: dict[str, Any]) -> None:
        """Go on after a checkpoint that has these facts."""
        super().resume(rank, facts)
        first, every, dt = facts["grid"]
        self._grid, self._n_samples = (int(first), int(every), float(dt)), int(facts["n_samples"])

    def groups(self, blocks: Sequence[Block]) -> list[Spikes | Samples]:
        """What the file that presents the whole has of it: a group for each variable."""
        first, every, dt = self._grid
        start = self.population.start
        return [
            Samples(
                self.file_label(), name, blocks, (self.record[self.columns] + start).astype(np.uint64),
                self.unit_of(name), np.dtype(self.dtype), first * (dt * 1e3), every * (dt * 1e3), self._source_ids(),
            )
            for name in self.variables
        ]  # fmt: skip

    def _source_ids(self) -> npt.NDArray[np.uint64] | None:
        """Of synapses, their sources."""
        return None

    def memory(self) -> dict[str, npt.NDArray[Any]]:
        """What this rank has to write into a checkpoint."""
        if self.to is not None:
            return {}
        return {"t": self.t} | {f"traces/{name}": traces for name, traces in self.local_traces.items()}

    def facts(self) -> dict[str, Any]:
        """What a checkpoint has to know beside it."""
        if self.to is None:
            return {"n_samples": len(self.t)}
        return {"n_samples": self._n_samples, "grid": self._grid, "blocks": [one.plain() for one in self._blocks]}


def sequence_of_indices(given: Any, n: int, what: str, things: str) -> IntArray:
    """A copy of a sequence of indices below n."""
    found = np.array(given)
    if found.ndim != 1:
        raise TypeError(f"{what} must be a sequence of indices of {things} such as [0, 5], not {given!r}")
    if found.size and found.dtype.kind not in "iu":
        raise TypeError(f"{what} must be indices (integers) of {things}, not {found.dtype}")
    found = found.astype(np.int64)
    if found.size and not (found.min() >= 0 and found.max() < n):
        raise ValueError(f"{what} holds indices from {found.min()} to {found.max()}; the {n} {things} are 0 to {n - 1}")
    return found


def state_names(watched: Neurons, variables: Any, what: str) -> tuple[str, ...]:
    """The names of state variables of a population or a part of one; a single one may stand for itself."""
    parent = watched.parent
    if not isinstance(parent, Population):
        raise TypeError(f"{what}: {parent!r} has no state variables; its spikes can be recorded")
    if not isinstance(variables, Sequence):
        raise TypeError(f"{what}: variables must be a sequence of names such as ('v',), not {variables!r}")
    names = (variables,) if isinstance(variables, str) else tuple(variables)
    for name in names:
        if name not in parent.states:
            raise ValueError(f"{what}: {name!r} is no state of {parent!r}; it has {', '.join(parent.states)}")
    return tuple(dict.fromkeys(names))


def sampling_interval(interval: Any, what: str) -> float | None:
    """Time between samples in s; None stands for a network step."""
    return None if interval is None else checks.real_number(interval, f"{what}: interval", "s", above=0.0)
