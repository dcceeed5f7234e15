"""What is recorded while a network runs: spikes and states."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from typing import Any

import numpy as np
import numpy.typing as npt

from ..io.neo_objects import spike_block
from ..io.parts import Block
from ..io.sonata import Samples, Spikes
from ..io.trains import SpikeTrains, trains_of
from . import checks
from .checks import FloatArray
from .facts import several
from .monitor_base import IntArray, Monitor, Pieces
from .population import Neurons, population_of
from .sample_monitor import SampleMonitor, sampling_interval, sequence_of_indices, state_names


class SpikeMonitor(Monitor):
    """Records the spikes of a population.

    Parameters
    ----------
    population : Population or part of one
    to : path, optional
        HDF5 file that is written while the network runs, each rank its own part, instead of keeping the spikes in
        memory and gathering them; other programs read it, see :class:`neurocore_nb.io.Recording`. A recording that is
        there already is replaced.

    Attributes
    ----------
    count : int
        Number of spikes on all ranks; known on every rank.
    t : float64[n_spikes]
        Times of all spikes in s, ascending; on rank 0.
    i : int64[n_spikes]
        Indices of the neurons that fired at these times; on rank 0.
    window : tuple of float
        From when to when it has recorded, in s.

    Examples
    --------
    >>> from neurocore_nb import HodgkinHuxleyNeuron, Network, Population, SpikeMonitor, StepCurrent
    >>> cells = Population(HodgkinHuxleyNeuron, 2)
    >>> spikes = SpikeMonitor(cells)
    >>> report = Network(cells, StepCurrent(0.0, 0.05, [0.0, 10.0]), spikes).run(0.05, dt=1e-4)
    >>> spikes.count, spikes.i, spikes.firing_rates()
    (4, array([1, 1, 1, 1]), array([ 0., 80.]))
    """

    def __init__(self, population: Neurons, to: str | PathLike[str] | None = None) -> None:
        super().__init__(population, to)
        self.clear()

    def clear(self) -> None:
        """Forget all spikes."""
        super().clear()
        self._count = 0
        self._local_t, self._local_i = Pieces(np.empty(0)), Pieces(np.empty(0, np.int64))
        self._t, self._i = Pieces(np.empty(0)), Pieces(np.empty(0, np.int64))
        self._n_steps, self._end, self._dt, self._n_substeps = 0, 0, 0.0, 1

    @property
    def count(self) -> int:
        """Number of spikes on all ranks; known on every rank."""
        return self._count

    @property
    def window(self) -> tuple[float, float]:
        """From when to when it has recorded, in s."""
        return (self._end - self._n_steps) * self._dt, self._end * self._dt

    @property
    def local_t(self) -> FloatArray:
        """Times of the spikes of this rank's neurons in s, ascending."""
        self._only_in_memory("local_t", "t, on rank 0")
        times: FloatArray = self._local_t.whole
        return times

    @property
    def local_i(self) -> IntArray:
        """Indices of this rank's neurons that fired at the times ``local_t``."""
        self._only_in_memory("local_i", "i, on rank 0")
        indices: IntArray = self._local_i.whole
        return indices

    @property
    def t(self) -> FloatArray:
        """Times of all spikes in s, ascending; on rank 0."""
        self._only_on_rank_0("t", "local_t")
        return self.raster_data()[0]

    @property
    def i(self) -> IntArray:
        """Indices of the neurons that fired at the times ``t``; on rank 0."""
        self._only_on_rank_0("i", "local_i")
        return self.raster_data()[1]

    def raster_data(self) -> tuple[FloatArray, IntArray]:
        """What a raster plot shows: ``t`` and ``i`` of all spikes; on rank 0.

        Returns
        -------
        t : float64[n_spikes]
            In s, ascending.
        i : int64[n_spikes]
        """
        self._only_on_rank_0("raster_data()", "local_t and local_i")
        if self.to is None or self._n_steps == 0:
            return self._t.whole, self._i.whole
        with self._recording() as recording:
            t, node = recording.spikes(self.population.parent.label)
        return t, node - self.population.start

    def spike_trains(self) -> SpikeTrains:
        """Spike times in s of every neuron, silent ones included; on rank 0.

        Returns
        -------
        SpikeTrains
            A dict of the neurons' indices to arrays.
        """
        self._only_on_rank_0("spike_trains()", "local_t and local_i")
        pieces = trains_of(*self.raster_data(), self.population.n)
        start, stop = self.window
        label = self.population.label or self.population.parent.label
        return SpikeTrains(dict(enumerate(pieces)), stop, t_start=start, label=label)

    def isi(self, neuron: int | None = None) -> FloatArray:
        """Intervals between successive spikes of one neuron, or of all, one neuron after the other; on rank 0.

        Parameters
        ----------
        neuron : int, optional

        Returns
        -------
        array of shape (n_intervals,)
            In s.

        Raises
        ------
        ValueError
            If there is no such neuron.
        """
        self._only_on_rank_0("isi()", "local_t and local_i")
        t, i = self.raster_data()
        if neuron is not None:
            checks.indices(
                [checks.whole_number(neuron, f"{self.name}: neuron")], self.population.n, f"{self.name}: neuron"
            )
            t, i = t[i == neuron], i[i == neuron]
        order = np.argsort(i, kind="stable")
        intervals: FloatArray = np.diff(t[order])[np.diff(i[order]) == 0]
        return intervals

    def firing_rates(self, duration: float | None = None, *, start: float = 0.0) -> FloatArray:
        """Mean rate of every neuron in Hz over the recorded time; on rank 0.

        Parameters
        ----------
        duration, start : float
            The window in s, as for :func:`neurocore_nb.statistics.firing_rates`.

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
        from ..statistics import firing_rates  # which imports this module

        return firing_rates(self, duration, start=start)

    def to_neo(self) -> Any:
        """Spikes as spike trains of Neo, which elephant analyses; on rank 0.

        Returns
        -------
        neo.Block
            With one segment, whose spike trains are those of all neurons, silent ones included.

        Raises
        ------
        ImportError
            Without Neo, which the extra ``analysis`` brings.

        Examples
        --------
        >>> from neurocore_nb import HodgkinHuxleyNeuron, Network, Population, SpikeMonitor, StepCurrent
        >>> cells = Population(HodgkinHuxleyNeuron, 2, label="cells")
        >>> spikes = SpikeMonitor(cells)
        >>> report = Network(cells, StepCurrent(0.0, 0.05, [0.0, 10.0]), spikes).run(0.05, dt=1e-4)
        >>> [len(train) for train in spikes.to_neo().segments[0].spiketrains]
        [0, 4]
        """
        return spike_block(self.spike_trains())

    def _columns(self) -> dict[str, npt.NDArray[Any]]:
        t, i = self.raster_data()
        return {"t (s)": t, "neuron": i}

    def _arrays(self) -> dict[str, npt.NDArray[Any]]:
        t, i = self.raster_data()
        return {"t": t, "i": i}

    def extend(
        self,
        rank: int,
        n_steps: int,
        dt: float,
        local: tuple[FloatArray, IntArray],
        gathered: tuple[FloatArray, IntArray],
        count: int,
        end: int,
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
        end : int
            The step that follows.
        """
        self._rank = rank
        self._n_steps += n_steps
        self._end, self._dt = end, dt
        self._count += count
        kept = [self._local_t, self._local_i, *([self._t, self._i] if rank == 0 else [])]
        for pieces, piece in zip(kept, (*local, *gathered), strict=False):
            pieces.append(piece)

    def extend_in_file(
        self, rank: int, n_steps: int, dt: float, n_substeps: int, count: int, end: int, blocks: list[Block]
    ) -> None:
        """Note the spikes of some steps that are in the file (called by the engine).

        Parameters
        ----------
        rank, n_steps, dt, count, end
            As for :meth:`extend`.
        n_substeps : int
            Of a step: spikes are at their ends.
        blocks : list of Block
            All of the file until now; on rank 0.
        """
        self._rank, self._dt, self._n_substeps, self._blocks = rank, dt, n_substeps, blocks
        self._n_steps += n_steps
        self._end = end
        self._count += count

    def groups(self, blocks: Sequence[Block], until: int = 0) -> list[Spikes | Samples]:
        """What the file that presents the whole has of it."""
        neurons, stop = self.population, until * self._dt
        nodes = neurons.start, neurons.n
        return [Spikes(neurons.parent.label, blocks, self._dt, self._n_substeps, self.window[0], stop, nodes)]

    def _facts(self) -> dict[str, str]:
        if not getattr(self, "_n_steps", 0):
            return {}
        return {"recorded": f"{several(self.count, 'spike')} in {self._n_steps * self._dt:g} s"}

    def memory(self) -> dict[str, npt.NDArray[Any]]:
        """What this rank has to write into a checkpoint."""
        return {"t": self.local_t, "i": self.local_i} if self.to is None else {}

    def facts(self) -> dict[str, Any]:
        """What a checkpoint has to know beside it."""
        facts = {"count": self.count, "n_steps": self._n_steps, "end": self._end, "dt": self._dt}
        if self.to is None:
            return facts
        return facts | {"n_substeps": self._n_substeps, "blocks": [one.plain() for one in self._blocks]}

    def resume(self, rank: int, facts: dict[str, Any]) -> None:
        """Go on after a checkpoint that has these facts."""
        super().resume(rank, facts)
        self._count, self._n_steps, self._end = (int(facts[name]) for name in ("count", "n_steps", "end"))
        self._dt, self._n_substeps = float(facts["dt"]), int(facts["n_substeps"])


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
    to : path, optional
        HDF5 file that is written while the network runs, as for :class:`SpikeMonitor`.

    Attributes
    ----------
    t : float64[n_samples]
        Times of the samples in s; on every rank.
    traces : dict of str to array of shape (n_samples, len(record))
        Samples of each variable; on rank 0.
    local_traces : dict of str to array of shape (n_samples, n_local)
        Those of this rank's neurons ...
    local_record : int64 array of shape (n_local,)
        ... and which they are, as positions within ``record``.

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
        to: str | PathLike[str] | None = None,
    ) -> None:
        super().__init__(population, to)
        self.variables = state_names(self.population, variables, self.name)
        self.dtype = np.dtype(population_of(self.population).precision)
        n = self.population.n
        self.record = (
            np.arange(n) if record is None else sequence_of_indices(record, n, f"{self.name}: record", "neurons")
        )
        self.interval = sampling_interval(interval, self.name)
        self.clear()

    def unit_of(self, name: str) -> str:
        """The unit of a variable."""
        return population_of(self.population).states[name].unit
