"""All membranes of a rank, taken through time by compiled calls."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ..errors import NumericalError
from ..kernels import advance as columns
from ..kernels.advance import N_COURSE, address_of_slice, advance_parallel, advance_serial
from ..kernels.share import N_MAIL
from ..kernels.stimulate import FINE
from .couplings import NO_SAMPLING
from .membranes import NO_SPIKES, Membranes, Spikes
from .recording import SpikeLog

NO_MAIL = np.zeros(N_MAIL, np.int64)


class Stepper:
    """Takes membranes through one or more exchange intervals at a time.

    Parameters
    ----------
    membranes : sequence of Membranes
        Those whose spikes have targets anywhere come first ...
    n_connected : int
        ... and are so many.
    threads : int
        Into how many slices they are divided.
    dt : float
        Network step in s.

    Attributes
    ----------
    found : int32[3, n]
        Spikes of the last interval: ids, steps and substeps (from 1). The next call overwrites them.
    to_share : int32[3, n]
        Those of them that have targets anywhere.
    found_from : int
        The step from which theirs are counted.
    n_fired : int
        Number of spikes in all intervals of the last call.
    delivery_seconds, exchange_seconds : float
        Time that the last call spent on delivery, on the threads that took longest for it, and on sharing.
    """

    def __init__(self, membranes: Sequence[Membranes], n_connected: int, threads: int, dt: float) -> None:
        self.begin(SpikeLog([], 0), NO_MAIL)
        self.found = self.to_share = NO_SPIKES
        self.found_from = 0
        self.n_fired = 0
        self.delivery_seconds = self.exchange_seconds = 0.0
        self._membranes = membranes
        self._n_connected = n_connected
        self._threads = threads
        self._dt = dt
        self._kernel = advance_serial if threads == 1 else advance_parallel
        self._addresses: list[tuple[int, int]] = [(0, 0)]
        self._course = np.zeros(N_COURSE, np.int64)
        self._found = np.empty(0, np.int32)

    def begin(self, log: SpikeLog, mail: npt.NDArray[np.int64], sampling: tuple[int, int, int] = NO_SAMPLING) -> None:
        """Begin a run.

        Parameters
        ----------
        log : SpikeLog
            Where all spikes are noted: those of a call at the beginning of the next, or by ``hand_over``.
        mail : int64[N_MAIL]
            How to share spikes with other ranks within a call, see ``kernels.share``; zeros: not at all.
        sampling : tuple of int
            How to take the states that others feel after each step, see ``Couplings.sampling``.
        """
        self._log, self._mail, self._sampling = log, mail, sampling
        self._unlogged: tuple[int, int] | None = None  # spikes in the log after the last call, and where that stopped

    @property
    def step(self) -> int:
        """The first step of the interval that it is at, also while a call is under way."""
        return int(self._course[columns.STEP])

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
            The step from which those of the spikes found in the first interval are to be counted.
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
        self.hand_over()
        self._prepare(step, end - step, first)
        log = self._log
        self._course[:] = (  # in the order of the columns
            *(step, first, end, interval, step, origin, self._threads, self._n_connected),
            *(0, 0, spikes_from, 0, 0, log.origin, log.n, 0, FINE, 0, 0, 0, *self._sampling),
        )
        self._kernel(address_of_slice(), self._groups, self._course, spikes, self._found, log.spikes, self._mail)
        course = self._course.tolist()
        reached, n_found = course[columns.STEP], course[columns.N_FOUND]
        if course[columns.PROBLEMS] != FINE:
            self.n_fired = course[columns.N_LOGGED] - log.n
            self._unlogged = course[columns.N_LOGGED], reached
            raise NumericalError(self._explain(reached, course[columns.N_STEPS]))
        if course[columns.CROWDED]:
            for one in self._membranes:
                one.make_room_for_learning(course[columns.SPIKES_FROM])
        self.n_fired = course[columns.N_IN_ALL]
        self.delivery_seconds = course[columns.DELIVERY_NS] * 1e-9
        self.exchange_seconds = course[columns.EXCHANGE_NS] * 1e-9
        self.found = self._found[: 3 * n_found].reshape(3, n_found)
        self.to_share = self.found[:, : course[columns.N_TO_SHARE]]
        self.found_from = course[columns.SPIKES_FROM]
        self._unlogged = course[columns.N_LOGGED], reached
        return int(reached)

    def hand_over(self) -> None:
        """Let the log take the spikes of the last call; raises what recorders raise."""
        if self._unlogged is not None:
            n_logged, reached = self._unlogged
            self._unlogged = None
            self._log.take(n_logged, self.n_fired, self.found, self.found_from, reached)

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
