"""All membranes of a rank, taken through time by compiled calls."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..errors import NumericalError
from ..kernels import advance as columns
from ..kernels.advance import N_COURSE, address_of_slice, advance_parallel, advance_serial
from ..kernels.stimulate import FINE
from .membranes import NO_SPIKES, Membranes, Spikes
from .recording import SpikeLog


class Stepper:
    """Takes membranes through one or more exchange intervals at a time.

    Parameters
    ----------
    membranes : sequence of Membranes
    threads : int
        Into how many slices they are divided.
    dt : float
        Network step in s.

    Attributes
    ----------
    log : SpikeLog
        Where all spikes are noted.
    found : int32[3, n]
        Spikes of the last interval: ids, steps and substeps (from 1). The next call overwrites them.
    n_fired : int
        Number of spikes in all intervals of the last call.
    delivery_seconds : float
        Time that the last call spent on delivery, on the threads that took longest for it.
    """

    def __init__(self, membranes: Sequence[Membranes], threads: int, dt: float) -> None:
        self.log = SpikeLog([], 0)
        self.found = NO_SPIKES
        self.n_fired = 0
        self.delivery_seconds = 0.0
        self._membranes = membranes
        self._threads = threads
        self._dt = dt
        self._kernel = advance_serial if threads == 1 else advance_parallel
        self._addresses: list[tuple[int, int]] = [(0, 0)]
        self._course = np.zeros(N_COURSE, np.int64)
        self._found = np.empty(0, np.int32)

    @property
    def most_steps(self) -> int:
        """How many steps a call may take."""
        return min((one.most_steps for one in self._membranes), default=1 << 20)

    def advance(
        self, step: int, end: int, interval: int, origin: int = 0, spikes: Spikes = NO_SPIKES, spikes_from: int = 0
    ) -> int:
        """Deliver, stimulate, integrate and detect: from the start of one step to that of another, or less far.

        Parameters
        ----------
        step, end : int
            At most ``most_steps`` apart.
        interval : int
            After how many steps the spikes that were found must be delivered. Less than that before ``end`` they are
            left to the next call.
        origin : int
            The step from which those of the spikes found are to be counted.
        spikes : int32[2 or 3, n]
            Spikes to deliver first: ids and steps.
        spikes_from : int
            The step from which ``spikes[1]`` counts.

        Returns
        -------
        int
            The step at whose start it stopped.

        Raises
        ------
        NumericalError
            Naming population, neuron, variable and time.
        """
        first = min(interval, end - step)
        self._prepare(step, end - step, first)
        log = self.log
        self._course[:] = (  # in the order of the columns
            *(step, first, end, interval, step, origin, self._threads, 0, 0, spikes_from),
            *(log.origin, log.n, 0, FINE, 0),
        )
        self._kernel(address_of_slice(), self._groups, self._course, spikes, self._found, log.spikes)
        course = self._course.tolist()
        reached, n_found = course[columns.STEP], course[columns.N_SPIKES]
        if course[columns.PROBLEMS] != FINE:
            raise NumericalError(self._explain(reached, course[columns.N_STEPS]))
        self.n_fired = course[columns.N_IN_ALL]
        self.delivery_seconds = course[columns.DELIVERY_NS] * 1e-9
        self.found = self._found[: 3 * n_found].reshape(3, n_found)
        log.take(course[columns.N_LOGGED], self.n_fired, self.found, origin, reached)
        return int(reached)

    def _prepare(self, step: int, n_steps: int, interval: int) -> None:
        """Have the membranes ready for a number of steps, in intervals of so many."""
        addresses = [one.prepare(step, n_steps, interval) for one in self._membranes]
        if addresses != self._addresses:
            self._addresses = addresses
            self._groups = np.array(addresses, np.int64).reshape(-1, 2)
        room = 3 * sum([one.room for one in self._membranes])
        if room > len(self._found):
            self._found = np.empty(room, np.int32)

    def _explain(self, step: int, n_steps: int) -> str:
        """What went wrong between two steps."""
        span = f"between {step * self._dt:.9g} and {(step + n_steps) * self._dt:.9g} s"
        one, problem = next((one, one.problem()) for one in self._membranes if one.problem())
        return f"{span}, population {one.population.label!r}, {problem}"
