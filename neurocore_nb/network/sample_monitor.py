"""What monitors that take samples at regular times have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..io.neo_objects import signal_block
from ..io.parts import Block
from ..io.sonata import Samples, Spikes
from . import checks
from .checks import FloatArray
from .facts import several
from .monitor_base import IntArray, Monitor, Pieces
from .population import Neurons, Population


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
        super().clear()
        self._t = Pieces(np.empty(0))
        self._grid, self._n_samples = (0, 1, 0.0), 0  # of samples in a file: first step, steps between two, dt in s
        self._local_record: IntArray = np.empty(0, np.int64)
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
    def local_record(self) -> IntArray:
        """What of ``record`` is on this rank, as positions within it; shape (n_local,)."""
        return self._local_record

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
        values = np.empty((self._n_samples, len(self.record)), self.dtype)
        values[:, self.columns] = columns if len(self.record) else 0.0
        return values

    @property
    def columns(self) -> IntArray:
        """In which order the file has the neurons: positions within ``record``, by index."""
        return np.argsort(self.record, kind="stable")

    def to_neo(self) -> Any:
        """Samples as analog signals of Neo, one for each variable; on rank 0.

        Returns
        -------
        neo.Block
            With one segment. The signals' channels are the neurons, in the order of ``record``.

        Raises
        ------
        ImportError
            Without Neo, which the extra ``analysis`` brings.
        ValueError
            With fewer than two samples.
        """
        units = {name: self.unit_of(name) for name in self.variables}
        return signal_block(self.t, self.traces, units, self.record, self.file_label())

    def _columns(self) -> dict[str, npt.NDArray[Any]]:
        columns: dict[str, npt.NDArray[Any]] = {"t (s)": self.t}
        for name, traces in self.traces.items():
            unit = self.unit_of(name).strip("()")
            columns |= {
                f"{name}[{of}]" + f" ({unit})" * bool(unit): trace
                for of, trace in zip(self._names(), traces.T, strict=True)
            }
        return columns

    def _names(self) -> list[str]:
        """What the columns of traces are called."""
        return [str(neuron) for neuron in self.record]

    def _arrays(self) -> dict[str, npt.NDArray[Any]]:
        return {"t": self.t, "record": self.record, **self.traces}

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
        self._local_record = local_record
        for name in self.variables:
            nothing = Pieces(np.empty((0, len(local_record)), self.dtype))
            self._local_traces.setdefault(name, nothing).append(local[name])
            if rank == 0:
                self._traces[name].append(gathered[name])

    def extend_in_file(self, rank: int, n_samples: int, local_record: IntArray, blocks: list[Block]) -> None:
        """Note the samples that are in the file until now (called by the engine).

        Parameters
        ----------
        rank : int
        n_samples : int
        local_record : array of shape (n_local,)
        blocks : list of Block
            All of the file; on rank 0.
        """
        self._rank, self._n_samples, self._local_record, self._blocks = rank, n_samples, local_record, blocks

    def resume(self, rank: int, facts: dict[str, Any]) -> None:
        """Go on after a checkpoint that has these facts."""
        super().resume(rank, facts)
        first, every, dt = facts["grid"]
        self._grid, self._n_samples = (int(first), int(every), float(dt)), int(facts["n_samples"])

    def groups(self, blocks: Sequence[Block], until: int = 0) -> list[Spikes | Samples]:
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

    def _facts(self) -> dict[str, str]:
        if not hasattr(self, "_t"):  # not yet made
            return {}
        facts = {"variables": f"{', '.join(self.variables)} of {self._recorded()}"}
        facts["every"] = "step" if self.interval is None else f"{self.interval:g} s"
        if len(self.t):
            facts["recorded"] = several(len(self.t), "sample")
        return facts

    def _recorded(self) -> str:
        return several(len(self.record), "neuron")

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
    if given is True:
        raise TypeError(
            f"{what} = True: give a sequence of indices of {things} such as [0, 5], or leave it out for all"
        )
    if found.ndim != 1:
        raise TypeError(f"{what} must be a sequence of indices of {things} such as [0, 5], not {given!r}")
    if found.size and found.dtype.kind not in "iu":
        raise TypeError(f"{what} must be indices (integers) of {things}, not {found.dtype}")
    found = found.astype(np.int64)
    if found.size and not (found.min() >= 0 and found.max() < n):
        wrong = found[(found < 0) | (found >= n)][0]
        raise ValueError(f"{what} holds {wrong}; the {n} {things} are 0 to {n - 1}")
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
