"""The loop over exchange intervals."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np

from ..errors import NumericalError, chained, described, named, retold
from ..kernels.share import ASKED, ASKS, TOLD, WAITING
from ..kernels.wire import FAILED, GOING_ON
from .agreement import together
from .assembly import AT_ONCE, Assembly
from .comm import Comm
from .membranes import NO_SPIKES, Membranes, Spikes
from .recording import LatestSpikes, Recorder, SpikeLog, SpikeRecorder, StateRecorder, WeightRecorder
from .report import RankReport, Stopwatch, resident_bytes
from .schedule import Checkpoints
from .sources import Sources
from .stepper import NO_MAIL
from .streaming import Streams, hand_over
from .threads import numba_threads
from .whereabouts import EXCHANGING, INTEGRATING, RECORDING

_LONGEST_CALL = 0.1  # s, if an interval takes less: bounds how late a signal is heeded, and what progress bars show


def _ignore(_steps: int) -> None:
    """Nobody is told of progress."""


class Simulation(Assembly):
    """A network on this rank, and how it goes through time; parameters and attributes as for ``Assembly``."""

    def __init__(self, description: Any, dt: float, comm: Comm) -> None:
        super().__init__(description, dt, comm)
        self._arrived, self._arrived_from = NO_SPIKES, 0
        self._spikes, self._bytes_sent_before = 0, comm.bytes_sent
        self.stepping = False
        self._no_checkpoints = Checkpoints(comm, None, None, lambda: None)

    def prepare(self, threads: int, exchange: str = "auto") -> None:
        """Have everything ready for a run; see ``Assembly``."""
        super().prepare(threads, exchange)
        self._bytes_sent_before = self.comm.bytes_sent  # what tells the ranks who needs what isn't spikes

    def restart(self) -> None:
        """Go back to time 0 and the initial state; the wiring stays."""
        super().restart()
        self.stepping = False
        self._arrived, self._arrived_from = NO_SPIKES, 0

    def run(
        self, n_steps: int, recorders: list[Recorder], progress: Callable[[int], Any], checkpoints: Checkpoints
    ) -> None:
        """Simulate a number of steps.

        Parameters
        ----------
        n_steps : int
        recorders : list of recorders
        progress : function
            Called with the number of steps done since its last call.
        checkpoints : Checkpoints
            When and where to write them.

        Raises
        ------
        NumericalError, SimulationError
            On every rank, if something went wrong on any. Monitors have what was recorded until then.
        CheckpointedExit, RunInterrupted
            On every rank, if a signal has asked any for the end; after a checkpoint, where they are written.
        """
        self.broken = True  # until all is done: whatever interrupts a run leaves neurons at different times
        self._begin(recorders)
        try:
            self._go_on(self.step + n_steps, progress, checkpoints)
            self._settle(progress)
        except Exception as error:
            self._rescue(error)
            raise
        self.broken = False
        checkpoints.finish(self.step * self.dt)

    def _go_on(self, end: int, progress: Callable[[int], Any], checkpoints: Checkpoints) -> None:
        """Take all neurons to step ``end``."""
        with numba_threads(self.threads):
            while self.step < end:
                until = self._weigh(end)
                error = self._integrate(until, progress, checkpoints.status())  # deliver, stimulate, detect, record
                status = self._share(error)  # exchange what was fired last, to be delivered next
                if status != GOING_ON:
                    self._settle(progress)
                    self.broken = False  # whatever comes of the checkpoint
                    checkpoints.write(self.step * self.dt, status)
                    self.broken = True

    # ---- in a host's loop ------------------------------------------------------------------------------------------

    def go_by_steps(self, recorders: list[Recorder], latest: dict[Any, LatestSpikes]) -> None:
        """Get ready for :meth:`take_steps`, until :meth:`rest`.

        Parameters
        ----------
        recorders : list of recorders
        latest : dict of population to LatestSpikes
            What is to keep the spikes of each call.
        """
        self._begin([*recorders, *latest.values()])
        self._recorders, self.latest = recorders, latest
        self.stepping = True

    def take_steps(self, n_steps: int) -> None:
        """Simulate a number of steps and leave all that can wait for :meth:`rest`; raises what :meth:`run` does."""
        self.broken = True
        for one in self.latest.values():
            one.begin(self.step)
        try:
            self._go_on(self.step + n_steps, _ignore, self._no_checkpoints)
        except Exception as error:
            self.stepping = False
            self._rescue(error)
            raise
        self.broken = False

    def give_latest(self) -> None:
        """Let those that keep the spikes of the last call have them all."""
        self._stepper.hand_over()
        self._log.flush(self.step)

    def rest(self) -> None:
        """After steps of a host's loop, bring everything to where a run ends; all ranks call it together."""
        stepping, self.stepping = self.stepping, False
        if stepping and not self.broken:
            self._settle(_ignore)

    def _begin(self, recorders: list[Recorder]) -> None:
        self._recorders = recorders
        self._most_steps = self._stepper.most_steps
        self._state_recorders = [one for one in recorders if isinstance(one, StateRecorder)]
        self._weight_recorders = [one for one in recorders if isinstance(one, WeightRecorder)]
        self._weighed = -1
        self._spike_recorders = [one for one in recorders if isinstance(one, SpikeRecorder)]
        self._log = SpikeLog([one for one in self._spike_recorders if isinstance(one.group, Membranes)], self.step)
        self._goes_along = self._can_go_along()
        mail = self._exchange.mail if self._goes_along else NO_MAIL
        self._stepper.begin(self._log, mail, self.couplings.sampling)
        self.couplings.begin()
        self._streams = Streams(recorders, self.comm.rank)
        self._shown, self._pace = self.step, np.inf
        self._late: Exception | None = None
        mail, stepper = self._exchange.mail, self._stepper
        self.comm.here.follow(self.dt, lambda: stepper.step, lambda: bool(mail[WAITING]))
        self._watch.start()

    def _can_go_along(self) -> bool:
        """Whether compiled calls can share the spikes and go on with the next interval.

        They can where all spikes come from membranes, and, on several ranks, where all pieces end with an interval.
        """
        whole = self._most_steps >= self.interval and all(
            one.every % self.interval == 0 == self.step % self.interval
            for one in (*self._state_recorders, *self._weight_recorders)
        )
        return self._exchange.goes_along and not self.sources and (whole or self.comm.size == 1)

    def _steps_at_once(self) -> int:
        """How many steps may follow each other without Python: one interval, or several that don't take long.

        Ranks needn't agree on it: one that shares from Python is in time for others that do so in a call.
        """
        soon = min(AT_ONCE, int(_LONGEST_CALL / max(self._pace, 1e-9))) if self._goes_along else 0
        return max(self.interval, min(soon, self._most_steps) // self.interval * self.interval)

    def _weigh(self, end: int) -> int:
        """Record weights where a sample is due, and tell until which step the neurons may go on now.

        Ranks share their spikes before each sample, as weights depend on all of them.
        """
        due = [one for one in self._weight_recorders if self.step % one.every == 0]
        if due and self._weighed < self.step:
            self._weighed = self.step
            together(self.comm, lambda: self._weigh_now(due))
        return min([end, *(self.step + one.every - self.step % one.every for one in self._weight_recorders)])

    def _weigh_now(self, due: list[WeightRecorder]) -> None:
        self._deliver()
        for recorder in due:
            with named(recorder.monitor.name):
                recorder.sample(self.step)
        self._watch.lap("record")

    def _integrate(self, end: int, progress: Callable[[int], Any], status: int) -> Exception | None:
        """Take all neurons on, at most to step ``end``, in pieces where states are sampled; the error, if any.

        Where the exchange goes along, to where that has to be completed.
        """
        self._fired: list[Spikes] = []
        self._reached = self.step
        self._exchange.mail[ASKS] = status
        self.comm.here.enter(INTEGRATING)
        started, end = time.perf_counter(), min(self.step + self._steps_at_once(), end)
        try:
            self._show(progress)
            self._stream()
            while self._reached < end:
                until = self._sample(self._reached, end)
                self._advance(self._reached, until)
                if self._goes_along:
                    break
        except NumericalError as error:
            return error
        except Exception as error:
            told = f"between {self.step * self.dt:.9g} and {end * self.dt:.9g} s: {described(error)}"
            return chained(retold(error, told), error)
        self._pace = (time.perf_counter() - started) / max(1, self._reached - self.step)
        return None

    def _show(self, progress: Callable[[int], Any]) -> None:
        """Tell of steps that were done, or raise what was too late to tell other ranks."""
        if self._late is not None:
            raise self._late
        progress(self.step - self._shown)
        self._shown = self.step

    def _stream(self) -> None:
        """Have what was recorded until now in files, where there are any and it is time."""
        if self._streams.due():
            self._stepper.hand_over()
            self._log.flush(self.step)
            self._streams.write(self.step)
            self._watch.lap("record")

    def _sample(self, step: int, end: int) -> int:
        """Sample states, and tell until which step the neurons may go on now."""
        end = min(end, step + self._most_steps)
        for recorder in self._state_recorders:
            with named(recorder.monitor.name):
                recorder.sample(step)
            end = min(end, step + recorder.every - step % recorder.every)
        self._watch.lap("record")
        return end

    def _advance(self, step: int, end: int) -> None:
        """Take all neurons to step ``end``, or less far. Steps of spikes count from the present time."""
        stepper = self._stepper
        self._reached = stepper.advance(step, end, self.interval, self.step, self._arrived, self._arrived_from)
        self._arrived = NO_SPIKES  # delivered with the first piece
        self._fired.append(stepper.to_share if self._goes_along else stepper.to_share.copy())
        self._spikes += stepper.n_fired
        self._watch.lap("integrate")
        self._watch.move(stepper.delivery_seconds, "integrate", to="deliver")
        self._watch.move(stepper.exchange_seconds, "integrate", to="exchange")
        for population, source in self.sources.items():
            self._take_from(source, step, population in self._connected)

    def _take_from(self, source: Sources, step: int, connected: bool) -> None:
        """Find the spikes of a source population from a step to the one that membranes have reached."""
        spikes = source.advance(step, self._reached - step, self.step)
        self._spikes += spikes.shape[1]
        if connected:
            self._fired.append(spikes)
        self._watch.lap("integrate")
        for recorder in self._spike_recorders:
            if recorder.group is source:
                with named(recorder.monitor.name):
                    recorder.record(spikes, self.step)
        self._watch.lap("record")

    def _share(self, error: Exception | None) -> int:
        """Exchange the spikes of the last interval; the status of all ranks, or, where one has an error, that error."""
        mail = self._exchange.mail
        if error is not None and mail[TOLD] and mail[ASKED] != FAILED:
            self._late, error = error, None  # the others have gone on: they hear of it next time
        self.comm.here.enter(EXCHANGING)
        since = self._stepper.found_from
        self._arrived = self._exchange.share(self._fired, self._reached - since, error)
        self._arrived_from = since
        self.step = self._reached
        self._watch.lap("exchange")
        return int(mail[ASKED])

    def _settle(self, progress: Callable[[int], Any]) -> None:
        """Deliver, so that all that is under way stands in the ring buffers, and give monitors what was recorded."""
        self.comm.here.enter(RECORDING)
        together(self.comm, lambda: self._deliver_all(progress))
        hand_over(self._recorders, self.comm, self.dt, self.step)
        self._watch.lap("record")

    def _deliver_all(self, progress: Callable[[int], Any]) -> None:
        self._show(progress)
        self._deliver()
        self._stepper.hand_over()
        self._log.flush(self.step)

    def _deliver(self) -> None:
        """Deliver the spikes of the last interval."""
        with numba_threads(self.threads):
            self._stepper.advance(self.step, self.step, 1, self.step, self._arrived, self._arrived_from)
        self._arrived = NO_SPIKES
        self._watch.lap("deliver")

    def _rescue(self, error: Exception) -> None:
        """Let monitors keep what was recorded until an error that all ranks have raised."""
        if self.comm.is_of_mpi(error):  # the ranks may not hear of one another any more
            return
        with suppress(Exception):  # the error that there was is what users have to know
            self._stepper.hand_over()
            self._log.flush(self.step)
        reached = min(self.comm.gather_objects(max(self.step, self._stepper.step)))
        for recorder in self._recorders:  # also those after one that can't
            with suppress(Exception):
                hand_over([recorder], self.comm, self.dt, reached)

    @property
    def exchange_kind(self) -> str:
        """How the ranks share spikes: ``"all"``, ``"sparse"``, or on one rank ``"none"``."""
        return self._exchange.kind

    def start_report(self) -> None:
        """Forget what has been counted so far."""
        self._watch, self._spikes, self._bytes_sent_before = Stopwatch(), 0, self.comm.bytes_sent

    def take_report(self, n_steps: int) -> RankReport:
        """What has been done on this rank since ``start_report``."""
        parts = *self.groups.values(), *self.synapses, self.couplings, self._exchange
        return RankReport(
            seconds=self._watch.seconds,
            neurons=sum(group.n_local for group in self.groups.values()),
            synapses=sum(synapses.n_synapses for synapses in self.synapses),
            neuron_steps=sum(m.n_local * m.n_substeps * n_steps for m in self.membranes.values()),
            spikes=self._spikes,
            bytes_sent=self.comm.bytes_sent - self._bytes_sent_before,
            network_bytes=sum(one.nbytes for one in parts),
            resident_bytes=resident_bytes(),
            timeline=self._watch.timeline(),
        )
