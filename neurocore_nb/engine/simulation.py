"""The loop over exchange intervals, and what it needs to be set up."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from ..timegrid import nearest_steps
from .agreement import raise_together, together
from .build import Synapses
from .comm import Comm, Int32Array
from .membranes import NO_SPIKES, Membranes, Spikes
from .recording import SpikeLog, SpikeRecorder, StateRecorder
from .report import RankReport, Stopwatch, resident_bytes
from .sharing import Sharing, compile_exchanges
from .sources import GivenSources, PoissonSources, Sources
from .stepper import NO_MAIL, Stepper
from .streams import INITIAL, stream_key
from .threads import numba_threads

AT_ONCE = 64  # most steps of a call: bounds the memory of an interval's spikes, and how late an error is found

Recorder = SpikeRecorder | StateRecorder
Group = Membranes | Sources


class Simulation:
    """A network on this rank: its neurons, its synapses, and the present time.

    Parameters
    ----------
    description : Description
        Populations, projections, stimuli, receptor quanta and seeds; see ``network.network``.
    dt : float
        Network step in s.
    comm : Comm

    Attributes
    ----------
    step : int
        Present time in network steps.
    interval : int
        Steps between exchanges: 1 + the shortest delay.
    """

    def __init__(self, description: Any, dt: float, comm: Comm) -> None:
        self.dt = dt
        self.comm = comm
        self.step = 0
        self.threads = 0
        self.broken = False
        self._initialised = False
        self._description = description
        self._watch = Stopwatch()
        self._arrived, self._arrived_from = NO_SPIKES, 0
        self._spikes = 0
        self._bytes_sent_before = comm.bytes_sent
        self.interval = self._exchange_interval()
        self.groups: dict[Any, Group] = self._divide()
        self.membranes = {key: group for key, group in self.groups.items() if isinstance(group, Membranes)}
        self.sources = {key: group for key, group in self.groups.items() if isinstance(group, Sources)}
        self.synapses = [self._describe_synapses(projection) for projection in description.projections]
        self._connected = {synapses.projection.source.parent for synapses in self.synapses}
        spans = [(group.id_begin, one.n) for one, group in self.groups.items() if one in self._connected]
        self._sharing = Sharing(comm, self.interval, spans, self._needed_ids)

    def _divide(self) -> dict[Any, Group]:
        """The part of each population on this rank."""
        groups: dict[Any, Group] = {}
        id_begin, rank, size = 0, self.comm.rank, self.comm.size
        for place, population in enumerate(self._description.populations):
            if hasattr(population, "model"):
                groups[population] = Membranes(population, place, id_begin, rank, size, self.dt)
            else:
                kind = GivenSources if hasattr(population, "times") else PoissonSources
                groups[population] = kind(population, id_begin, rank, size, self.dt)
            id_begin += population.n
        return groups

    def _exchange_interval(self) -> int:
        shortest = [nearest_steps(projection.delay_range()[0], self.dt) for projection in self._description.projections]
        return min([AT_ONCE, *(1 + steps for steps in shortest)])

    def _describe_synapses(self, projection: Any) -> Synapses:
        population = projection.target.parent
        seed, place = self._description.stream_of(projection)
        target = self.membranes[population]
        quanta = self._description.quanta(population, self.dt)
        quantum = quanta[population.receptor_index(projection.receptor, repr(projection))]
        return Synapses(projection, seed, place, self.dt, quantum, (target.begin, target.end))

    # ---- setting up ------------------------------------------------------------------------------------------------

    def prepare(self, threads: int, exchange: str = "auto") -> None:
        """Compile the kernels, build the synapses and put all neurons into their initial state, as far as needed.

        Parameters
        ----------
        threads : int
            Another number than before divides neurons and synapses anew.
        exchange : str
            How the ranks share spikes; see ``Network.run``.
        """
        self._divide_among_threads(threads)
        self._watch.start()
        self._exchange = self._sharing.exchange(exchange)
        self._bytes_sent_before = self.comm.bytes_sent  # what tells the ranks who needs what isn't spikes
        self._watch.lap("build")

    def _divide_among_threads(self, threads: int) -> None:
        if not any(self.comm.gather_objects(threads != self.threads)):
            return
        first, self.threads = not self._initialised, 0  # 0 until the synapses are there: a failure here is made good
        self._watch.start()
        with numba_threads(threads), ThreadPoolExecutor(threads) as executor:
            if first:
                together(self.comm, self._draw_parameters)
            self._compile(threads)
            self._watch.lap("compile")
            together(self.comm, lambda: self._build(executor))
        self.threads = threads
        if first:
            self.restart()
            self._initialised = True
        self._watch.lap("build")

    def _draw_parameters(self) -> None:
        for population, membranes in self.membranes.items():
            quanta = self._description.quanta(population, self.dt)
            membranes.set_quanta(quanta, self._description.limits(population, self.dt))
            membranes.set_stimuli(*self._description.stimuli_of_kinds(population))
            membranes.draw_parameters(self._description.wiring_seed)

    def _compile(self, threads: int) -> None:
        """Call every kernel once with nothing to do; one rank of a node first, which fills the cache for the others."""
        leader = self.comm.gather_on_node(self.comm.rank)[0] == self.comm.rank
        error = None
        for my_turn in (leader, not leader):
            try:
                if my_turn:
                    self._rehearse(threads)
            except Exception as caught:
                error = caught
            self.comm.wait_for_all()
        raise_together(self.comm, error)

    def _rehearse(self, threads: int) -> None:
        if self.comm.size > 1:
            compile_exchanges()
        for synapses in self.synapses:
            synapses.build_rows(synapses.rows[0], synapses.rows[0])
        for membranes in self.membranes.values():
            membranes.set_threads(threads)
            membranes.compile()
        connected = [one for population, one in self.membranes.items() if population in self._connected]
        others = [one for population, one in self.membranes.items() if population not in self._connected]
        self._stepper = Stepper(connected + others, len(connected), threads, self.dt)
        self._stepper.advance(0, 0, 1)

    def _build(self, executor: ThreadPoolExecutor) -> None:
        for synapses in self.synapses:
            synapses.build(self.membranes[synapses.projection.target.parent].bounds, executor)
        for population, membranes in self.membranes.items():
            onto = [synapses for synapses in self.synapses if synapses.projection.target.parent is population]
            starts = [self._source_id(synapses.projection.source) for synapses in onto]
            membranes.set_synapses(list(zip(onto, starts, strict=True)))

    def _source_id(self, source: Any) -> int:
        return self.groups[source.parent].id_begin + int(source.start)

    def _needed_ids(self) -> Int32Array:
        """Ids, ascending, of all neurons that have targets on this rank."""
        some = [one.sources_with_synapses() + np.int32(self._source_id(one.projection.source)) for one in self.synapses]
        return np.unique(np.concatenate([*some, np.empty(0, np.int32)]))

    def restart(self) -> None:
        """Go back to time 0 and the initial state; the wiring stays."""
        self.step = 0
        self.broken = False
        self._arrived, self._arrived_from = NO_SPIKES, 0
        self._sharing.restart()
        for population, group in self.groups.items():
            if isinstance(group, Sources):
                group.restart(self._description.stream_of_source(population))
            else:
                group.set_initial(self._description.noise_seed)
                group.set_stimuli(*self._description.stimuli_of_kinds(population))

    def set_values(self, part: Any, values: dict[str, Any]) -> None:
        """Set states or parameters of some neurons at the present time; distributions are drawn anew at each time."""
        place = self._description.populations.index(part.parent)

        def key_of(name: str) -> np.uint64:
            return stream_key(self._description.noise_seed, INITIAL, place, f"{name} at {self.step}")

        together(self.comm, lambda: self.membranes[part.parent].set_values(part, values, key_of))

    # ---- running ---------------------------------------------------------------------------------------------------

    def run(self, n_steps: int, recorders: list[Recorder], progress: Callable[[int], Any]) -> None:
        """Simulate a number of steps.

        Parameters
        ----------
        n_steps : int
        recorders : list of recorders
        progress : function
            Called with the number of steps done after each interval.

        Raises
        ------
        NumericalError, SimulationError
            On every rank, if something went wrong on any.
        """
        self.broken = True  # until all is done: whatever interrupts a run leaves neurons at different times
        self._most_steps = self._stepper.most_steps
        self._state_recorders = [one for one in recorders if isinstance(one, StateRecorder)]
        self._spike_recorders = [one for one in recorders if isinstance(one, SpikeRecorder)]
        of_membranes = [one for one in self._spike_recorders if isinstance(one.group, Membranes)]
        log = SpikeLog(of_membranes, self.step)
        self._goes_along = self._can_go_along()
        at_once = self._steps_at_once()
        self._stepper.begin(log, self._exchange.mail if self._goes_along else NO_MAIL)
        end = self.step + n_steps
        self._watch.start()
        with numba_threads(self.threads):
            while self.step < end:
                before = self.step
                error = self._integrate(min(before + at_once, end))  # deliver, stimulate, integrate, detect, record
                self._share(error)  # exchange what was fired last, to be delivered next
                progress(self.step - before)
            together(self.comm, lambda: self._finish(log))
        for recorder in recorders:
            recorder.finish(self.comm, self.dt, n_steps)
        self._watch.lap("record")
        self.broken = False

    def _can_go_along(self) -> bool:
        """Whether compiled calls can share the spikes and go on with the next interval.

        They can where all spikes come from membranes, and, on several ranks, where all pieces end with an interval.
        """
        whole = self._most_steps >= self.interval and all(
            one.every % self.interval == 0 == self.step % self.interval for one in self._state_recorders
        )
        return self._exchange.goes_along and not self.sources and (whole or self.comm.size == 1)

    def _steps_at_once(self) -> int:
        """How many steps may follow each other without Python: one interval, or several."""
        most = min(AT_ONCE, self._most_steps) if self._goes_along else 0
        return max(self.interval, most // self.interval * self.interval)

    def _integrate(self, end: int) -> Exception | None:
        """Take all neurons to step ``end``, in pieces where states are sampled; the error, if any.

        Where the exchange goes along, to where that has to be completed.
        """
        self._fired: list[Spikes] = []
        self._reached = self.step
        try:
            while self._reached < end:
                until = self._sample(self._reached, end)
                self._advance(self._reached, until)
                if self._goes_along:
                    break
        except Exception as error:
            return error
        return None

    def _sample(self, step: int, end: int) -> int:
        """Sample states, and tell until which step the neurons may go on now."""
        end = min(end, step + self._most_steps)
        for recorder in self._state_recorders:
            recorder.sample(step)
            end = min(end, step + recorder.every - step % recorder.every)
        self._watch.lap("record")
        return end

    def _advance(self, step: int, end: int) -> None:
        """Take all neurons to step ``end``, or less far. Steps of spikes count from the present time."""
        stepper = self._stepper
        self._reached = stepper.advance(step, end, self.interval, self.step, self._arrived, self._arrived_from)
        self._arrived = NO_SPIKES  # delivered with the first piece
        self._spikes += stepper.n_fired
        self._watch.lap("integrate")
        self._watch.move(stepper.delivery_seconds, "integrate", to="deliver")
        self._watch.move(stepper.exchange_seconds, "integrate", to="exchange")
        self._fired.append(stepper.to_share if self._goes_along else stepper.to_share.copy())
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
                recorder.record(spikes, self.step)
        self._watch.lap("record")

    def _share(self, error: Exception | None) -> None:
        """Exchange the spikes of the last interval; where a rank has an error, raise it on all."""
        since = self._stepper.found_from
        self._arrived = self._exchange.share(self._fired, self._reached - since, error)
        self._arrived_from = since
        self.step = self._reached
        self._watch.lap("exchange")

    def _finish(self, log: SpikeLog) -> None:
        """Deliver, so that all that is under way stands in the ring buffers, and hand over all spikes."""
        stepper = self._stepper
        stepper.advance(self.step, self.step, 1, self.step, self._arrived, self._arrived_from)
        self._arrived = NO_SPIKES
        self._watch.lap("deliver")
        stepper.hand_over()
        log.flush(self.step)

    @property
    def exchange_kind(self) -> str:
        """How the ranks share spikes: ``"all"``, ``"sparse"``, or on one rank ``"none"``."""
        return self._exchange.kind

    def start_report(self) -> None:
        """Forget what has been counted so far."""
        self._watch, self._spikes, self._bytes_sent_before = Stopwatch(), 0, self.comm.bytes_sent

    def take_report(self, n_steps: int) -> RankReport:
        """What has been done on this rank since ``start_report``."""
        return RankReport(
            seconds=self._watch.seconds,
            neurons=sum(group.n_local for group in self.groups.values()),
            synapses=sum(synapses.n_synapses for synapses in self.synapses),
            neuron_steps=sum(m.n_local * m.n_substeps * n_steps for m in self.membranes.values()),
            spikes=self._spikes,
            bytes_sent=self.comm.bytes_sent - self._bytes_sent_before,
            network_bytes=sum(one.nbytes for one in (*self.groups.values(), *self.synapses, self._exchange)),
            resident_bytes=resident_bytes(),
        )
