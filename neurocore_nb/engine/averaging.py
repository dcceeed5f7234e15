"""From the running network to monitors of whole populations."""

from __future__ import annotations

from bisect import bisect_left
from typing import Any

import numpy as np

from ..kernels.exact import exact_sum, quotient
from .agreement import together
from .comm import Comm
from .membranes import Spikes
from .recording import IntArray, SpikeRecorder, StateRecorder, sampling_steps


class RateRecorder(SpikeRecorder):
    """Counts the spikes of one RateMonitor during a run.

    Parameters
    ----------
    monitor : RateMonitor
    group : Membranes or Sources
        Of the population it watches, or a part of which.
    step : int
        Present time in network steps.
    dt : float
        Network step in s.
    """

    def __init__(self, monitor: Any, group: Any, step: int, dt: float) -> None:
        super().__init__(monitor, group, step)
        self.every = sampling_steps(monitor, dt)
        self._first_whole = -(-step // self.every)
        self._begin(step)

    def _begin(self, step: int) -> None:
        self._bin = step // self.every
        self._counts: IntArray = np.zeros(0, np.int64)

    def record(self, spikes: Spikes, origin: int) -> None:
        """Count the spikes that are its own; parameters as for ``SpikeRecorder``."""
        mine = (spikes[0] >= self._first) & (spikes[0] < self._last)
        bins = (spikes[1][mine].astype(np.int64) + origin) // self.every - self._bin
        counts = np.bincount(bins, minlength=len(self._counts))
        counts[: len(self._counts)] += self._counts
        self._counts = counts

    def hand_over(self, comm: Comm, dt: float, end: int) -> None:
        """Give the monitor, on all ranks, what was counted before a step and not given yet."""
        n_bins = -(-end // self.every) - self._bin
        counts = np.zeros(n_bins, np.int64)
        known = self._counts[:n_bins]
        counts[: len(known)] = known
        whole = np.sum(comm.gather_objects(counts), axis=0)
        begin, monitor = self._bin, self.monitor
        if monitor._end == 0:  # it may have come in the middle of a bin
            whole, begin = whole[self._first_whole - begin :], self._first_whole
        together(comm, lambda: monitor.extend(comm.rank, whole, begin, end, self.every, dt))
        self._begin(end)


class AverageRecorder(StateRecorder):
    """Adds up the samples of one AverageMonitor during a run; parameters as for ``StateRecorder``."""

    def _take(self, step: int) -> None:
        for name, row in self._rows.items():
            self._samples[name].append(exact_sum(self._states[row, self._index]))  # type: ignore[arg-type]

    def hand_over(self, comm: Comm, dt: float, end: int) -> None:
        """Give the monitor, on all ranks, the averages before a step and not given yet."""
        n_samples = bisect_left(self._steps, end)
        parts = comm.gather_objects({name: totals[:n_samples] for name, totals in self._samples.items()})
        times = np.array(self._steps[:n_samples]) * dt
        self._forget()
        n = self.monitor.population.n

        def give() -> None:
            averages = {}
            for name in self.monitor.variables:
                totals = map(sum, zip(*(part[name] for part in parts), strict=True))
                averages[name] = np.array([quotient(total, n) if n else np.nan for total in totals], np.float64)
            self.monitor.extend(comm.rank, times, averages)

        together(comm, give)
