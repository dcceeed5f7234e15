"""From the running network to its monitors."""

from __future__ import annotations

from bisect import bisect_left
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import named
from ..timegrid import whole_steps
from .agreement import gather_arrays, together
from .build import Synapses
from .comm import Comm
from .membranes import NO_SPIKES, Membranes, Spikes
from .sources import Sources

IntArray = npt.NDArray[np.int64]
_ROOM = 1 << 16  # spikes of a log
_LONGEST = 1 << 30  # steps of a log, which are counted as int32


class SpikeLog:
    """Spikes of all membranes of a rank, until recorders take them.

    Parameters
    ----------
    recorders : list of SpikeRecorder
        Without any, nothing is logged.
    step : int
        Present time in network steps.

    Attributes
    ----------
    spikes : int32[3, room]
        Ids, steps and substeps; ``n`` of them are in use.
    origin : int
        The step from which ``spikes[1]`` counts.
    """

    def __init__(self, recorders: list[SpikeRecorder], step: int) -> None:
        self.spikes = np.empty((3, _ROOM if recorders else 0), np.int32)
        self.n = 0
        self.origin = step
        self._recorders = recorders

    def take(self, n: int, n_fired: int, last: Spikes, origin: int, step: int) -> None:
        """After a call of the kernel: hand over all to the recorders where the log was full.

        Parameters
        ----------
        n : int
            Spikes in the log now.
        n_fired : int
            Spikes of the call.
        last : int32[3, n]
            Those of its last interval, which aren't in the log if there was no room for them ...
        origin : int
            ... and the step from which they count.
        step : int
            Present time.
        """
        missing = n_fired > n - self.n
        self.n = n
        if missing or step - self.origin > _LONGEST:
            self.flush(step)
        if missing:
            self._record(last, origin)

    def flush(self, step: int) -> None:
        """Hand over to the recorders what there is; from now on count from ``step``."""
        self._record(self.spikes[:, : self.n], self.origin)
        self.n, self.origin = 0, step

    def _record(self, spikes: Spikes, origin: int) -> None:
        for recorder in self._recorders:
            with named(recorder.monitor.name):
                recorder.record(spikes, origin)


class SpikeRecorder:
    """Collects the spikes of one SpikeMonitor during a run.

    Parameters
    ----------
    monitor : SpikeMonitor
    group : Membranes or Sources
        Of the population it watches, or a part of which.
    step : int
        Present time in network steps.
    """

    def __init__(self, monitor: Any, group: Membranes | Sources, step: int) -> None:
        self.monitor = monitor
        self.group = group
        self._since = step
        self._first = group.id_begin + monitor.population.start
        self._last = self._first + monitor.population.n
        self._spikes: list[Spikes] = []
        self._origins: list[int] = []

    def record(self, spikes: Spikes, origin: int) -> None:
        """Take ids, steps (counted from ``origin``) and substeps of spikes, of which some may be its own."""
        self._spikes.append(spikes[:, (spikes[0] >= self._first) & (spikes[0] < self._last)])
        self._origins.append(origin)

    def hand_over(self, comm: Comm, dt: float, end: int) -> None:
        """Give the monitor what was recorded before a step and not given yet; gathers on rank 0."""
        neurons, ticks = together(comm, lambda: self._recorded(end))
        gathered = gather_arrays(comm, neurons), gather_arrays(comm, ticks)
        count = sum(comm.gather_objects(len(neurons)))
        self._spikes, self._origins = [], []  # given once, even if a monitor can't take it
        n_steps, self._since = end - self._since, end

        def give() -> None:
            local = self._in_seconds(neurons, ticks, dt)
            everything = local
            if comm.size > 1 and comm.rank == 0:
                everything = self._in_seconds(np.concatenate(gathered[0]), np.concatenate(gathered[1]), dt)
            self.monitor.extend(comm.rank, n_steps, dt, local, everything, count, end)

        together(comm, give)

    def _recorded(self, end: int) -> tuple[IntArray, IntArray]:
        """Indices of the neurons and ends of the substeps, counted from time 0, of all spikes before a step."""
        ids, steps, substeps = np.concatenate([NO_SPIKES, *self._spikes], axis=1).astype(np.int64)
        steps += np.repeat(np.array(self._origins, np.int64), [spikes.shape[1] for spikes in self._spikes])
        before = steps < end
        return (ids - self._first)[before], (steps * self.group.n_substeps + substeps)[before]

    def _in_seconds(self, neurons: IntArray, ticks: IntArray, dt: float) -> tuple[npt.NDArray[np.float64], IntArray]:
        neurons, ticks = self._in_order(neurons, ticks)
        return ticks * dt / self.group.n_substeps, neurons

    def _in_order(self, neurons: IntArray, ticks: IntArray) -> tuple[IntArray, IntArray]:
        """Sorted by time and neuron."""
        n = self.monitor.population.n
        if (int(ticks.max(initial=0)) + 1) * n < 2**63:
            order = np.argsort(ticks * n + neurons, kind="stable")  # fast, as they are nearly in order
        else:
            order = np.lexsort((neurons, ticks))
        return neurons[order], ticks[order]


class LatestSpikes(SpikeRecorder):
    """Keeps the spikes of the last steps of a host's loop; parameters as for ``SpikeRecorder``."""

    def begin(self, step: int) -> None:
        """Forget all before a step."""
        self._since = step
        self._spikes, self._origins = [], []

    def record(self, spikes: Spikes, origin: int) -> None:
        """Take spikes, of which some may be older."""
        recent = spikes[:, spikes[1] + np.int64(origin) >= self._since]
        if recent.shape[1] > 0:
            super().record(recent, origin)

    def latest(self, dt: float, end: int) -> tuple[IntArray, npt.NDArray[np.float64]]:
        """Neurons of this rank and times in s, before a step."""
        times, neurons = self._in_seconds(*self._recorded(end), dt)
        return neurons, times


class SampleRecorder:
    """Collects the samples of one monitor during a run.

    Parameters
    ----------
    monitor : SampleMonitor
    membranes : Membranes
        Of the population it watches, or a part of which.
    dt : float
        Network step in s.

    Attributes
    ----------
    every : int
        Steps between samples.
    by_index : bool
        Whether columns are in the order of neurons rather than of ``monitor.record``.
    """

    by_index = False

    def __init__(self, monitor: Any, membranes: Membranes, dt: float) -> None:
        self.monitor = monitor
        self.every = sampling_steps(monitor, dt)
        index = monitor.record + monitor.population.start - membranes.begin
        self._positions = np.flatnonzero((index >= 0) & (index < membranes.n_local))
        if self.by_index:
            self._positions = self._positions[np.argsort(index[self._positions], kind="stable")]
        self._index = index[self._positions]
        self._forget()

    def _forget(self) -> None:
        self._steps: list[int] = []
        self._samples: dict[str, list[npt.NDArray[Any]]] = {name: [] for name in self.monitor.variables}

    def sample(self, step: int) -> None:
        """Take a sample if one is due at the start of this step."""
        if step % self.every == 0:
            self._steps.append(step)
            self._take(step)

    def _take(self, step: int) -> None:
        raise NotImplementedError

    def hand_over(self, comm: Comm, dt: float, end: int) -> None:
        """Give the monitor what was recorded before a step and not given yet; gathers on rank 0."""
        n_samples = bisect_left(self._steps, end)
        shape = n_samples, len(self._index)
        dtype = np.dtype(self.monitor.dtype)
        local = together(comm, lambda: {
            name: np.array(samples[:n_samples], dtype).reshape(shape) for name, samples in self._samples.items()
        })  # fmt: skip
        positions = gather_arrays(comm, self._positions)
        parts = {name: gather_arrays(comm, traces.ravel()) for name, traces in local.items()}
        times = np.array(self._steps[:n_samples]) * dt
        self._forget()

        def give() -> None:
            gathered = {}
            for name, pieces in parts.items() if comm.rank == 0 else ():
                gathered[name] = np.empty((n_samples, len(self.monitor.record)), dtype)
                for where, piece in zip(positions, pieces, strict=True):
                    gathered[name][:, where] = piece.reshape(n_samples, len(where))
            self.monitor.extend(comm.rank, times, self._positions, local, gathered)

        together(comm, give)


class StateRecorder(SampleRecorder):
    """Collects the samples of one StateMonitor during a run; parameters as for ``SampleRecorder``."""

    def __init__(self, monitor: Any, membranes: Membranes, dt: float) -> None:
        super().__init__(monitor, membranes, dt)
        self._states = membranes.states
        names = list(membranes.population.states)
        self._rows = {name: names.index(name) for name in monitor.variables}

    def _take(self, step: int) -> None:
        for name, row in self._rows.items():
            self._samples[name].append(self._states[row, self._index])


class WeightRecorder(SampleRecorder):
    """Collects the samples of one WeightMonitor during a run.

    Parameters
    ----------
    monitor : WeightMonitor
    membranes : Membranes
        Of the projection's target.
    synapses : Synapses
    dt : float
        Network step in s.

    Raises
    ------
    ValueError
        If a pair has no synapse.
    """

    def __init__(self, monitor: Any, membranes: Membranes, synapses: Synapses, dt: float) -> None:
        super().__init__(monitor, membranes, dt)
        self._synapses = synapses
        pairs = zip(monitor.pre[self._positions].tolist(), self._index.tolist(), strict=True)
        self._places = [synapses.places_of(*pair) for pair in pairs]
        for position, places in zip(self._positions, self._places, strict=True):
            if len(places) == 0:
                pair = f"{monitor.pre[position]} -> {monitor.record[position]}"
                raise ValueError(f"{monitor.name}: the pair {pair} has no synapse; leave it out")

    def _forget(self) -> None:
        super()._forget()
        self._counts: list[tuple[int, IntArray]] = []  # with the steps at which they were taken

    def _take(self, step: int) -> None:
        bins = self.monitor.bins
        for k, name in enumerate(self.monitor.variables):
            values = self._synapses.present(step, name)
            self._samples[name].append(np.array([values[places].sum() for places in self._places], values.dtype))
            if k == 0 and len(bins):
                self._counts.append((step, np.histogram(values, bins)[0].astype(np.int64)))

    def hand_over(self, comm: Comm, dt: float, end: int) -> None:
        """As of other samples; histograms of all ranks are added up."""
        n_bins = max(0, len(self.monitor.bins) - 1)
        taken = [count for step, count in self._counts if step < end]
        counts = np.array(taken, np.int64).reshape(len(taken), n_bins)
        self._counts = []
        super().hand_over(comm, dt, end)
        whole = sum(comm.gather_objects(counts))
        if n_bins and comm.rank == 0:
            self.monitor.count(whole)


Recorder = SpikeRecorder | StateRecorder | WeightRecorder


def sampling_steps(monitor: Any, dt: float) -> int:
    """Steps between two samples of a StateMonitor; a ValueError where that is no whole number."""
    if monitor.interval is None:
        return 1
    steps = whole_steps(monitor.interval, dt, f"{monitor.name}: interval")
    if steps < 1:
        raise ValueError(f"{monitor.name}: interval = {monitor.interval!r} s is shorter than dt = {dt!r} s")
    return steps
