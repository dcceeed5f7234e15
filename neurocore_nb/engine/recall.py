"""What monitors had recorded when a checkpoint was written, put together from the parts of its ranks."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import CheckpointError
from ..io.sonata import parts_folder
from .checkpoint import Arrays, Facts
from .comm import Comm
from .partition import block

Array = npt.NDArray[Any]


def arrays_of(part: Arrays, prefix: str) -> dict[str, Array]:
    """The arrays of a part whose names begin so, by the rest of their names."""
    return {name.removeprefix(prefix): array for name, array in part.items() if name.startswith(prefix)}


def array_of(arrays: Arrays, name: str, shape: tuple[int, ...], dtype: Any) -> Array:
    """An array that must be as expected.

    Parameters
    ----------
    arrays : dict of str to array
    name : str
    shape : tuple of int
        -1 stands for any length.
    dtype : dtype

    Raises
    ------
    CheckpointError
        If it isn't.
    """
    if name not in arrays:
        raise CheckpointError(f"it has no array {name!r}")
    found = arrays[name]
    fits = found.ndim == len(shape) and all(b in (-1, a) for a, b in zip(found.shape, shape, strict=True))
    if not fits or found.dtype != dtype:
        raise CheckpointError(f"its array {name!r} is {found.dtype} of shape {found.shape}, not {dtype} of {shape}")
    return found


class RecalledSpikes:
    """What a SpikeMonitor had recorded.

    Parameters
    ----------
    monitor : SpikeMonitor
    facts : dict
        What the manifest says of it.
    comm : Comm
    """

    def __init__(self, monitor: Any, facts: Facts, comm: Comm) -> None:
        self._monitor = monitor
        self._facts = facts
        self._everything = comm.rank == 0
        neurons = monitor.population
        begin, end = block(neurons.parent.n, comm.rank, comm.size)
        self._local = begin - neurons.start, end - neurons.start
        self._t, self._i = [np.empty(0)], [np.empty(0, np.int64)]

    def take(self, arrays: Arrays, rank: int, ranks: int) -> None:
        """Take what one rank of several had recorded."""
        t = array_of(arrays, "t", (-1,), np.float64)
        i = array_of(arrays, "i", t.shape, np.int64)
        if i.size and not (i.min() >= 0 and i.max() < self._monitor.population.n):
            raise CheckpointError(f"{self._monitor.name} holds indices from {i.min()} to {i.max()}")
        mine = slice(None) if self._everything else self._is_local(i)
        self._t.append(t[mine])
        self._i.append(i[mine])

    def _is_local(self, i: Array) -> npt.NDArray[np.bool_]:
        local: npt.NDArray[np.bool_] = (i >= self._local[0]) & (i < self._local[1])
        return local

    def complete(self) -> None:
        """Sort all that was taken."""
        t, i = np.concatenate(self._t), np.concatenate(self._i)
        order = np.lexsort((i, t))
        self._whole = t[order], i[order]
        if self._everything and len(t) != self._facts.get("count"):
            raise CheckpointError(f"{self._monitor.name}: {len(t)} spikes instead of {self._facts.get('count')}")

    def give(self, rank: int) -> None:
        """Let the monitor have it."""
        t, i = self._whole
        local = self._is_local(i)
        n_steps, dt, count, end = (self._facts[name] for name in ("n_steps", "dt", "count", "end"))
        self._monitor.extend(rank, n_steps, dt, (t[local], i[local]), (t, i), count, end)


class RecalledStates:
    """What a StateMonitor had recorded; parameters as for ``RecalledSpikes``."""

    def __init__(self, monitor: Any, facts: Facts, comm: Comm) -> None:
        self._monitor = monitor
        neurons = monitor.population
        begin, end = block(neurons.parent.n, comm.rank, comm.size)
        index = monitor.record + neurons.start
        self._positions = np.flatnonzero((index >= begin) & (index < end))
        self._n_samples = int(facts["n_samples"])
        self._dtype = np.dtype(monitor.dtype)
        self._traces = {
            name: np.zeros((self._n_samples, len(monitor.record)), self._dtype) for name in monitor.variables
        }
        self._t = np.zeros(self._n_samples)
        self._index = index

    def take(self, arrays: Arrays, rank: int, ranks: int) -> None:
        """Take what one rank of several had recorded."""
        begin, end = block(self._monitor.population.parent.n, rank, ranks)
        where = np.flatnonzero((self._index >= begin) & (self._index < end))
        self._t = array_of(arrays, "t", (self._n_samples,), np.float64)
        for name, traces in self._traces.items() if self._n_samples else ():
            traces[:, where] = array_of(arrays, f"traces/{name}", (self._n_samples, len(where)), self._dtype)

    def complete(self) -> None:
        """Nothing is left to do."""

    def give(self, rank: int) -> None:
        """Let the monitor have it."""
        local = {name: traces[:, self._positions] for name, traces in self._traces.items()}
        if self._n_samples:
            self._monitor.extend(rank, self._t, self._positions, local, self._traces)


class RecalledWeights(RecalledStates):
    """What a WeightMonitor had recorded; parameters as for ``RecalledSpikes``."""

    def take(self, arrays: Arrays, rank: int, ranks: int) -> None:
        """Take what one rank of several had recorded; the first had the histogram of all."""
        super().take(arrays, rank, ranks)
        if rank == 0:
            shape = self._n_samples, max(0, len(self._monitor.bins) - 1)
            self._histogram = array_of(arrays, "histogram", shape, np.int64)

    def give(self, rank: int) -> None:
        """Let the monitor have it."""
        super().give(rank)
        if rank == 0:
            self._monitor.count(self._histogram)


class RecalledFile:
    """What a monitor had recorded into a file; parameters as for ``RecalledSpikes``."""

    def __init__(self, monitor: Any, facts: Facts, comm: Comm) -> None:
        self._monitor, self._facts = monitor, facts
        self._histogram: Array | None = None
        if comm.rank == 0:
            check_parts(monitor, facts["blocks"])

    def take(self, arrays: Arrays, rank: int, ranks: int) -> None:
        """Take the histogram of weights, which isn't in the file."""
        if rank == 0:
            self._histogram = arrays.get("histogram", self._histogram)

    def complete(self) -> None:
        """Nothing is left to do."""

    def give(self, rank: int) -> None:
        """Let the monitor go on with it."""
        self._monitor.resume(rank, self._facts)
        if rank == 0 and self._histogram is not None:
            self._monitor.count(self._histogram)


class RecalledWhole:
    """What a monitor of a whole population had recorded, which each rank has; parameters as for ``RecalledSpikes``."""

    def __init__(self, monitor: Any, facts: Facts, comm: Comm) -> None:
        self._monitor, self._facts = monitor, facts

    def take(self, arrays: Arrays, rank: int, ranks: int) -> None:
        """Take what any rank had."""
        self._arrays = arrays

    def complete(self) -> None:
        """Check that it has what it must."""
        if not hasattr(self._monitor, "variables"):
            self._counts = array_of(self._arrays, "counts", (-1,), np.int64)
            return
        self._t = array_of(self._arrays, "t", (-1,), np.float64)
        names = self._monitor.variables
        self._averages = {name: array_of(self._arrays, f"averages/{name}", self._t.shape, np.float64) for name in names}

    def give(self, rank: int) -> None:
        """Let the monitor have it."""
        if hasattr(self._monitor, "variables"):
            self._monitor.extend(rank, self._t, self._averages)
        else:
            self._monitor.extend(rank, self._counts, *(self._facts[name] for name in ("first", "end", "every", "dt")))


def check_parts(monitor: Any, blocks: list[Any]) -> None:
    """Raise a CheckpointError unless the parts of a recording are where they were written."""
    missing = [str(block[0]) for block in blocks if not (parts_folder(monitor.to) / str(block[0])).is_file()]
    if missing:
        raise CheckpointError(
            f"{monitor.name}: {len(missing)} parts of its recording {str(monitor.to)!r} are missing, such as "
            f"{missing[0]!r}; they belong to the checkpoint"
        )


Recalled = RecalledSpikes | RecalledStates | RecalledFile | RecalledWhole


def recalled(monitor: Any, facts: Facts, comm: Comm) -> Recalled:
    """The kind for a monitor."""
    if monitor.to is not None:
        return RecalledFile(monitor, facts, comm)
    if monitor.everywhere:
        return RecalledWhole(monitor, facts, comm)
    if hasattr(monitor, "projection"):
        return RecalledWeights(monitor, facts, comm)
    return (
        RecalledStates(monitor, facts, comm) if hasattr(monitor, "variables") else RecalledSpikes(monitor, facts, comm)
    )
