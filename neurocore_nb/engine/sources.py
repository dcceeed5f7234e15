"""Source populations on this rank: spikes without membranes."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..kernels.poisson import poisson_spikes, silence
from .inputs import rates_at
from .membranes import NO_SPIKES
from .partition import block
from .streams import SPIKES, stream_key

_TOLERANCE = 1e-6  # of a step, by which a time may lie beyond a multiple of dt


class Sources:
    """One source population's neurons on this rank; for the simulation, what ``Membranes`` is with membranes.

    Parameters
    ----------
    population : PoissonPopulation or SpikeSource
        Its description.
    id_begin : int
        Global id of its first neuron.
    rank, size : int
    dt : float
        Network step in s.

    Attributes
    ----------
    begin, end : int
        Range of the population on this rank.
    n_substeps : int
        1: its spikes are seen at the ends of network steps.
    """

    n_substeps = 1
    most_steps = 1 << 20
    delivery_seconds = 0.0

    def __init__(self, population: Any, id_begin: int, rank: int, size: int, dt: float) -> None:
        self.population = population
        self.id_begin = id_begin
        self.begin, self.end = block(population.n, rank, size)
        self.n_local = self.end - self.begin
        self.dt = dt
        self._spikes = NO_SPIKES

    def restart(self, stream: tuple[int, int | None]) -> None:
        """Prepare for time 0.

        Parameters
        ----------
        stream : (int, int or None)
            Seed and place of its random stream.
        """
        seed, place = stream
        self._key = stream_key(seed, SPIKES, place)
        self._fired = np.empty((2, 64), np.int32)
        if hasattr(self.population, "times"):
            self._sort_times()

    def _sort_times(self) -> None:
        indices, times = self.population.indices, self.population.times
        mine = (indices >= self.begin) & (indices < self.end)
        steps = np.ceil(times[mine] / self.dt * (1.0 - 1e-12) - _TOLERANCE).astype(np.int64) - 1
        order = np.lexsort((indices[mine], steps))
        self._steps, self._neurons = steps[order], (indices[mine] - self.begin)[order].astype(np.int32)

    def advance(self, step: int, n_steps: int, *_: Any) -> int:
        """Find the spikes of ``n_steps`` steps from ``step`` on; their number."""
        if n_steps == 0 or self.n_local == 0:
            self._spikes = NO_SPIKES
        elif hasattr(self.population, "times"):
            first, last = np.searchsorted(self._steps, [step, step + n_steps])
            ticks = (self._steps[first:last] - step + 1).astype(np.int32)
            self._spikes = np.stack([self._neurons[first:last], ticks])
        else:
            self._spikes = self._draw(step, n_steps)
        return self._spikes.shape[1]

    def _draw(self, step: int, n_steps: int) -> npt.NDArray[np.int32]:
        n_fired, scratch = 0, np.empty(self.n_local)
        for k in range(n_steps):
            rate = rates_at(
                self.population.rate_hz, self.population.n, (step + k + 0.5) * self.dt, repr(self.population)
            )
            mean = np.array(np.broadcast_to(np.multiply(rate, self.dt), self.population.n)[self.begin : self.end])
            arguments = (self._key, self.begin, step + k, k + 1, mean, silence(mean), scratch)
            n = poisson_spikes(*arguments, self._fired, n_fired)
            if n > self._fired.shape[1]:
                self._fired = np.concatenate([self._fired[:, :n_fired], np.empty((2, 2 * n), np.int32)], axis=1)
                n = poisson_spikes(*arguments, self._fired, n_fired)
            n_fired = n
        return self._fired[:, :n_fired].copy()

    def spikes(self) -> npt.NDArray[np.int32]:
        """Local indices and ticks (steps since the start of the last call, from 1) of the last call's spikes."""
        return self._spikes

    @property
    def nbytes(self) -> int:
        """Memory of the spikes given."""
        return self._steps.nbytes + self._neurons.nbytes if hasattr(self.population, "times") else self._fired.nbytes
