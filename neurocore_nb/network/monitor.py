"""What is recorded while a network runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..tables import facts_table
from . import checks
from .checks import FloatArray
from .facts import several
from .population import Neurons, Population, neurons

IntArray = npt.NDArray[np.int64]

_NAMED = ("every",)  # facts that a line doesn't tell without their name


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
    """

    def __init__(self, population: Any) -> None:
        self.population = neurons(population, f"what {type(self).__name__} watches")
        self._rank = 0

    def clear(self) -> None:
        """Forget what has been recorded."""
        raise NotImplementedError

    def memory(self) -> dict[str, npt.NDArray[Any]]:
        """What this rank has to write into a checkpoint."""
        raise NotImplementedError

    def facts(self) -> dict[str, Any]:
        """What a checkpoint has to know beside it."""
        raise NotImplementedError

    def _only_on_rank_0(self, what: str, local: str) -> None:
        if self._rank != 0:
            raise RuntimeError(
                f"{what} of a {type(self).__name__} is gathered on rank 0, and this is rank {self._rank}; ask for "
                "it under "
                f"'if rank == 0:', or use {local}, the part recorded on this rank"
            )

    def _watched(self) -> str:
        return self.population.label or "a population"

    def _facts(self) -> dict[str, str]:
        """What it says of itself and of what it has recorded, once it has been made."""
        return {}

    @property
    def name(self) -> str:
        """What errors call it: its kind and what it watches, without what it has recorded."""
        return f"<{type(self).__name__} of {self._watched()}>"

    def __repr__(self) -> str:
        facts = ", ".join(f"{name} {fact}" if name in _NAMED else fact for name, fact in self._facts().items())
        return f"{self.name[:-1]}{facts and ': '}{facts}>"

    def _repr_html_(self) -> str:
        return facts_table(f"{type(self).__name__} of {self._watched()}", self._facts())


class SpikeMonitor(Monitor):
    """Records the spikes of a population.

    Parameters
    ----------
    population : Population or part of one

    Attributes
    ----------
    count : int
        Number of spikes on all ranks; known on every rank.

    Examples
    --------
    >>> from neurocore_nb import HodgkinHuxleyNeuron, Network, Population, SpikeMonitor, StepCurrent
    >>> cells = Population(HodgkinHuxleyNeuron, 2)
    >>> spikes = SpikeMonitor(cells)
    >>> report = Network(cells, StepCurrent(0.0, 0.05, [0.0, 10.0]), spikes).run(0.05, dt=1e-4)
    >>> spikes.count, spikes.i, spikes.firing_rates()
    (4, array([1, 1, 1, 1]), array([ 0., 80.]))
    """

    def __init__(self, population: Neurons) -> None:
        super().__init__(population)
        self.clear()

    def clear(self) -> None:
        """Forget all spikes."""
        self.count = 0
        self._local_t, self._local_i = Pieces(np.empty(0)), Pieces(np.empty(0, np.int64))
        self._t, self._i = Pieces(np.empty(0)), Pieces(np.empty(0, np.int64))
        self._n_steps, self._dt = 0, 0.0

    @property
    def local_t(self) -> FloatArray:
        """Times of the spikes of this rank's neurons in s, ascending."""
        times: FloatArray = self._local_t.whole
        return times

    @property
    def local_i(self) -> IntArray:
        """Indices of this rank's neurons that fired at the times ``local_t``."""
        indices: IntArray = self._local_i.whole
        return indices

    @property
    def t(self) -> FloatArray:
        """Times of all spikes in s, ascending; on rank 0."""
        self._only_on_rank_0("t", "local_t")
        times: FloatArray = self._t.whole
        return times

    @property
    def i(self) -> IntArray:
        """Indices of the neurons that fired at the times ``t``; on rank 0."""
        self._only_on_rank_0("i", "local_i")
        indices: IntArray = self._i.whole
        return indices

    def spike_trains(self) -> dict[int, FloatArray]:
        """Spike times in s of every neuron, silent ones included; on rank 0.

        Returns
        -------
        dict of int to array
        """
        self._only_on_rank_0("spike_trains()", "local_t and local_i")
        order = np.argsort(self.i, kind="stable")
        ends = np.cumsum(np.bincount(self.i, minlength=self.population.n))
        return dict(enumerate(np.split(self.t[order], ends[:-1]))) if self.population.n else {}

    def firing_rates(self) -> FloatArray:
        """Mean rate of every neuron in Hz over the recorded time; on rank 0.

        Returns
        -------
        array of shape (n,)

        Raises
        ------
        RuntimeError
            If no time has been recorded.
        """
        self._only_on_rank_0("firing_rates()", "local_i")
        if self._n_steps == 0:
            raise RuntimeError(f"{self.name} has recorded no time yet: run the network first")
        return np.bincount(self.i, minlength=self.population.n) / (self._n_steps * self._dt)

    def extend(
        self,
        rank: int,
        n_steps: int,
        dt: float,
        local: tuple[FloatArray, IntArray],
        gathered: tuple[FloatArray, IntArray],
        count: int,
    ) -> None:
        """Append the spikes of some steps (called by the engine).

        Parameters
        ----------
        rank : int
        n_steps : int
            Recorded time in network steps ...
        dt : float
            ... and how long these are, in s.
        local, gathered : tuple of arrays
            Times and indices on this rank, and on all (on rank 0; elsewhere empty), sorted by (t, i).
        count : int
            Number of spikes on all ranks.
        """
        self._rank = rank
        self._n_steps += n_steps
        self._dt = dt
        self.count += count
        kept = [self._local_t, self._local_i, *([self._t, self._i] if rank == 0 else [])]
        for pieces, piece in zip(kept, (*local, *gathered), strict=False):
            pieces.append(piece)

    def _facts(self) -> dict[str, str]:
        if not getattr(self, "_n_steps", 0):
            return {}
        return {"recorded": f"{several(self.count, 'spike')} in {self._n_steps * self._dt:g} s"}

    def memory(self) -> dict[str, npt.NDArray[Any]]:
        """What this rank has to write into a checkpoint."""
        return {"t": self.local_t, "i": self.local_i}

    def facts(self) -> dict[str, Any]:
        """What a checkpoint has to know beside it."""
        return {"count": self.count, "n_steps": self._n_steps, "dt": self._dt}


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
        self.local_record: IntArray = np.empty(0, np.int64)
        self._local_traces: dict[str, Pieces] = {}
        self._traces = {name: Pieces(np.empty((0, len(self.record)), self.dtype)) for name in self.variables}

    @property
    def t(self) -> FloatArray:
        """Times of the samples in s; on every rank."""
        times: FloatArray = self._t.whole
        return times

    @property
    def local_traces(self) -> dict[str, FloatArray]:
        """What this rank recorded of each variable, shape (n_samples, n_local)."""
        return {name: pieces.whole for name, pieces in self._local_traces.items()}

    @property
    def traces(self) -> dict[str, FloatArray]:
        """Samples of each variable, shape (n_samples, len(record)); on rank 0."""
        self._only_on_rank_0("traces", "local_traces")
        return {name: pieces.whole for name, pieces in self._traces.items()}

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
        return {"t": self.t} | {f"traces/{name}": traces for name, traces in self.local_traces.items()}

    def facts(self) -> dict[str, Any]:
        """What a checkpoint has to know beside it."""
        return {"n_samples": len(self.t)}


class StateMonitor(SampleMonitor):
    """Records state variables at regular times.

    Parameters
    ----------
    population : Population or part of one
    variables : sequence of str
        Names of state variables.
    record : sequence of int, optional
        Indices of the neurons to record, in the order wanted; all by default.
    interval : float, optional
        Time between samples in s, a multiple of the run's dt, which is the default. Samples are taken at the start of
        a network step, before anything arrives.

    Attributes
    ----------
    local_record : int64 array of shape (n_local,)
        The neurons in it, as positions within ``record``.

    Examples
    --------
    >>> from neurocore_nb import HodgkinHuxleyNeuron, Network, Population, StateMonitor
    >>> cells = Population(HodgkinHuxleyNeuron, 10)
    >>> states = StateMonitor(cells, ("v", "m"), record=[3, 1])
    >>> report = Network(cells, states).run(0.005)
    >>> states.traces["v"].shape
    (5, 2)
    """

    def __init__(
        self,
        population: Neurons,
        variables: Sequence[str] = ("v",),
        record: Sequence[int] | IntArray | None = None,
        interval: float | None = None,
    ) -> None:
        super().__init__(population)
        parent = self.population.parent
        if not isinstance(parent, Population):
            raise TypeError(f"{self.name}: {parent!r} has no state variables; its spikes can be recorded")
        if not isinstance(variables, Sequence):
            raise TypeError(f"{self.name}: variables must be a sequence of names such as ('v',), not {variables!r}")
        names = (variables,) if isinstance(variables, str) else tuple(variables)
        for name in names:
            if name not in parent.states:
                raise ValueError(f"{self.name}: {name!r} is no state of {parent!r}; it has {', '.join(parent.states)}")
        self.variables = tuple(dict.fromkeys(names))
        self.dtype = np.dtype(parent.precision)
        n = self.population.n
        self.record = (
            np.arange(n) if record is None else sequence_of_indices(record, n, f"{self.name}: record", "neurons")
        )
        self.interval = (
            None if interval is None else checks.real_number(interval, f"{self.name}: interval", "s", above=0.0)
        )
        self.clear()


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
