"""From the running network to its monitors."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..timegrid import whole_steps
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
            recorder.record(spikes, origin)


class SpikeRecorder:
    """Collects the spikes of one SpikeMonitor during a run.

    Parameters
    ----------
    monitor : SpikeMonitor
    group : Membranes or Sources
        Of the population it watches, or a part of which.
    """

    def __init__(self, monitor: Any, group: Membranes | Sources) -> None:
        self.monitor = monitor
        self.group = group
        self._first = group.id_begin + monitor.population.start
        self._last = self._first + monitor.population.n
        self._spikes: list[Spikes] = []
        self._origins: list[int] = []

    def record(self, spikes: Spikes, origin: int) -> None:
        """Take ids, steps (counted from ``origin``) and substeps of spikes, of which some may be its own."""
        self._spikes.append(spikes[:, (spikes[0] >= self._first) & (spikes[0] < self._last)])
        self._origins.append(origin)

    def finish(self, comm: Comm, dt: float, n_steps: int) -> None:
        """Give the monitor what was recorded; gathers on rank 0."""
        ids, steps, substeps = np.concatenate([NO_SPIKES, *self._spikes], axis=1).astype(np.int64)
        neurons = ids - self._first
        steps += np.repeat(np.array(self._origins, np.int64), [spikes.shape[1] for spikes in self._spikes])
        ticks = steps * self.group.n_substeps + substeps
        local = self._sorted(neurons, ticks, dt)
        all_neurons, all_ticks = comm.gather(neurons), comm.gather(ticks)
        gathered = local
        if comm.size > 1 and comm.rank == 0:
            gathered = self._sorted(np.concatenate(all_neurons), np.concatenate(all_ticks), dt)
        count = sum(comm.gather_objects(len(neurons)))
        self.monitor.extend(comm.rank, n_steps * dt, local, gathered, count)

    def _sorted(self, neurons: IntArray, ticks: IntArray, dt: float) -> tuple[npt.NDArray[np.float64], IntArray]:
        n = self.monitor.population.n
        if (int(ticks.max(initial=0)) + 1) * n < 2**63:
            order = np.argsort(ticks * n + neurons, kind="stable")  # fast, as they are nearly in order
        else:
            order = np.lexsort((neurons, ticks))
        return ticks[order] * dt / self.group.n_substeps, neurons[order]


class StateRecorder:
    """Collects the samples of one StateMonitor during a run.

    Parameters
    ----------
    monitor : StateMonitor
    membranes : Membranes
    dt : float
        Network step in s.
    """

    def __init__(self, monitor: Any, membranes: Membranes, dt: float) -> None:
        self.monitor = monitor
        self.every = sampling_steps(monitor, dt)
        self._states = membranes.states
        index = monitor.record + monitor.population.start - membranes.begin
        self._positions = np.flatnonzero((index >= 0) & (index < membranes.n_local))
        self._index = index[self._positions]
        names = list(membranes.population.states)
        self._rows = {name: names.index(name) for name in monitor.variables}
        self._steps: list[int] = []
        self._samples: dict[str, list[npt.NDArray[Any]]] = {name: [] for name in monitor.variables}

    def sample(self, step: int) -> None:
        """Take a sample if one is due at the start of this step."""
        if step % self.every == 0:
            self._steps.append(step)
            for name, row in self._rows.items():
                self._samples[name].append(self._states[row, self._index])

    def finish(self, comm: Comm, dt: float, n_steps: int) -> None:
        """Give the monitor what was recorded; gathers on rank 0."""
        shape = (len(self._steps), len(self._index))
        local = {name: np.array(samples, self._states.dtype).reshape(shape) for name, samples in self._samples.items()}
        positions = comm.gather(self._positions)
        gathered = {}
        for name, traces in local.items():
            parts = comm.gather(traces.ravel())
            if comm.rank == 0:
                gathered[name] = np.empty((shape[0], len(self.monitor.record)), traces.dtype)
                for where, part in zip(positions, parts, strict=True):
                    gathered[name][:, where] = part.reshape(shape[0], len(where))
        self.monitor.extend(comm.rank, np.array(self._steps) * dt, self._positions, local, gathered)


def sampling_steps(monitor: Any, dt: float) -> int:
    """Steps between two samples of a StateMonitor; a ValueError where that is no whole number."""
    if monitor.interval is None:
        return 1
    steps = whole_steps(monitor.interval, dt, f"{monitor!r}: interval")
    if steps < 1:
        raise ValueError(f"{monitor!r}: interval = {monitor.interval!r} s is shorter than dt = {dt!r} s")
    return steps
