"""Source populations on this rank: spikes without membranes."""

from __future__ import annotations

import math
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ..kernels.poisson import most_events, poisson_spikes, silence
from ..kernels.rng import MORE_WORDS
from .inputs import rates_at
from .membranes import NO_SPIKES, Spikes
from .partition import block
from .streams import SPIKES, stream_key

_TOLERANCE = 1e-6  # of a step, by which a time may lie beyond a multiple of dt


class Sources:
    """One source population's neurons on this rank.

    Parameters
    ----------
    population : SourcePopulation
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
    nbytes : int
        Memory of what it needs to find them.
    """

    n_substeps = 1
    nbytes = 0

    def __init__(self, population: Any, id_begin: int, rank: int, size: int, dt: float) -> None:
        self.population = population
        self.id_begin = id_begin
        self.begin, self.end = block(population.n, rank, size)
        self.n_local = self.end - self.begin
        self.dt = dt

    def restart(self, stream: tuple[int, int | None]) -> None:
        """Prepare for time 0.

        Parameters
        ----------
        stream : (int, int or None)
            Seed and place of its random stream.
        """

    @property
    def most_spikes(self) -> float:
        """How many spikes a neuron of the population, on whatever rank, can fire in a network step."""
        raise NotImplementedError

    def advance(self, step: int, n_steps: int, origin: int) -> Spikes:
        """Find the spikes of ``n_steps`` steps from ``step`` on.

        Returns
        -------
        int32[3, n]
            Ids, steps counted from ``origin``, and substeps.
        """
        if n_steps == 0 or self.n_local == 0:
            return NO_SPIKES
        neurons, steps = self._find(step, n_steps)
        first_id = np.int32(self.id_begin + self.begin)
        return np.stack([neurons + first_id, steps + np.int32(step - origin), np.ones_like(steps)])

    def _find(self, step: int, n_steps: int) -> npt.NDArray[np.int32]:
        """Local indices of the neurons that fire, and in which of the steps."""
        raise NotImplementedError


class GivenSources(Sources):
    """Neurons of a ``SpikeSource``."""

    def __init__(self, population: Any, id_begin: int, rank: int, size: int, dt: float) -> None:
        super().__init__(population, id_begin, rank, size, dt)
        mine = (population.indices >= self.begin) & (population.indices < self.end)
        neurons, steps = population.indices[mine] - self.begin, self._steps_of(population.times[mine])
        order = np.lexsort((neurons, steps))
        self._steps, self._neurons = steps[order], neurons[order].astype(np.int32)
        self.nbytes = self._steps.nbytes + self._neurons.nbytes

    def _steps_of(self, times: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        steps: npt.NDArray[np.int64] = np.ceil(times / self.dt * (1.0 - 1e-12) - _TOLERANCE).astype(np.int64) - 1
        return steps

    @cached_property
    def most_spikes(self) -> float:
        """See ``Sources``; sorts the spikes of all ranks, once."""
        given = self.population
        places = self._steps_of(given.times) * given.n + given.indices  # where that wraps, it only counts too many
        return float(np.unique(places, return_counts=True)[1].max(initial=0))

    def _find(self, step: int, n_steps: int) -> npt.NDArray[np.int32]:
        first, last = np.searchsorted(self._steps, [step, step + n_steps])
        return np.stack([self._neurons[first:last], (self._steps[first:last] - step).astype(np.int32)])


class PoissonSources(Sources):
    """Neurons of a ``PoissonPopulation``."""

    @property
    def most_spikes(self) -> float:
        """See ``Sources``; infinite where rates depend on time."""
        rate_hz = self.population.rate_hz
        return math.inf if callable(rate_hz) else float(most_events(np.max(rate_hz, initial=0.0) * self.dt))

    def restart(self, stream: tuple[int, int | None]) -> None:
        """Prepare for time 0; see ``Sources``."""
        seed, place = stream
        self._key = stream_key(seed, SPIKES, place)
        self._fired = np.empty((2, 64), np.int32)
        self._scratch = np.empty(self.n_local + MORE_WORDS)
        self._moves = callable(self.population.rate_hz)
        self._set_rates(0.0 if self._moves else self.population.rate_hz)
        self.nbytes = self._mean.nbytes + self._silence.nbytes + self._scratch.nbytes

    def _set_rates(self, rate_hz: Any) -> None:
        mean = np.broadcast_to(np.multiply(rate_hz, self.dt), self.population.n)
        self._mean = np.array(mean[self.begin : self.end], np.float64)
        self._silence = silence(self._mean)

    def _find(self, step: int, n_steps: int) -> npt.NDArray[np.int32]:
        n_fired = 0
        for k in range(n_steps):
            if self._moves:
                time = (step + k + 0.5) * self.dt
                self._set_rates(rates_at(self.population.rate_hz, self.population.n, time, repr(self.population)))
            n = self._draw(step + k, k, n_fired)
            if n > self._fired.shape[1]:  # only the first ones were listed: draw them again with more room
                self._fired = np.concatenate([self._fired[:, :n_fired], np.empty((2, 2 * n), np.int32)], axis=1)
                n = self._draw(step + k, k, n_fired)
            n_fired = n
        return self._fired[:, :n_fired]

    def _draw(self, step: int, tick: int, n_fired: int) -> int:
        n: int = poisson_spikes(
            self._key, self.begin, step, tick, self._mean, self._silence, self._scratch, self._fired, n_fired
        )
        return n
