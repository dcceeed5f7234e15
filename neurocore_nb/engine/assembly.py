"""The part of a network on one rank: its neurons and its synapses, divided among threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from ..errors import named
from ..timegrid import nearest_steps
from .agreement import raise_together, together
from .build import Synapses
from .comm import Comm, Int32Array
from .couplings import Couplings
from .learned import LearnedSynapses, memory_of
from .learning import rewards_of
from .membranes import Membranes
from .report import Stopwatch
from .sharing import Sharing, compile_exchanges
from .sources import GivenSources, PoissonSources, Sources
from .stepper import Stepper
from .streams import INITIAL, stream_key
from .threads import numba_threads
from .whereabouts import BUILDING, COMPILING

AT_ONCE = 64  # most steps of a call: bounds the memory of an interval's spikes, and how late an error is found

Group = Membranes | Sources


class Assembly:
    """A network on this rank: its neurons and its synapses, at the initial state or a later one.

    Parameters
    ----------
    description : Description
        Populations, projections, couplings, stimuli, receptor quanta and seeds; see ``network.network``.
    dt : float
        Network step in s.
    comm : Comm

    Attributes
    ----------
    step : int
        Present time in network steps.
    interval : int
        Steps between exchanges: 1 + the shortest delay, or 1 where there are couplings.
    threads : int
        Into how many slices neurons and synapses are divided.
    groups : dict of population to Membranes or Sources
    membranes, sources : dict
        Those of one kind.
    synapses : list of Synapses
        One for each projection.
    couplings : Couplings
    inventory : list of [str, str]
        By what checkpoints know the network; on rank 0.
    broken : bool
        Whether a run or a way back to an earlier state has failed, so that neurons may be at different times.
    """

    def __init__(self, description: Any, dt: float, comm: Comm) -> None:
        self.dt = dt
        self.comm = comm
        self.step = 0
        self.threads = 0
        self.broken = False
        self._initialised = False
        self._remembered: dict[int, dict[str, Any]] | None = None  # by synapses, until they are divided anew
        self._description = description
        # Before functions change what they hold.
        self.inventory: list[list[str]] = description.inventory() if comm.rank == 0 else []
        self._watch = Stopwatch()
        self.interval = self._exchange_interval()
        self.groups: dict[Any, Group] = self._divide()
        self.membranes = {key: group for key, group in self.groups.items() if isinstance(group, Membranes)}
        self.sources = {key: group for key, group in self.groups.items() if isinstance(group, Sources)}
        self.synapses = [self._describe_synapses(projection) for projection in description.projections]
        self._connected = {synapses.projection.source.parent for synapses in self.synapses}
        self._connected |= {one.parent for one in rewards_of(description)}
        spans = [(group.id_begin, one.n) for one, group in self.groups.items() if one in self._connected]
        self.couplings = Couplings(description, self.membranes, comm)
        sent = self.couplings.own, self.couplings.values
        self._sharing = Sharing(comm, self.interval, spans, self._needed_ids, *sent)

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
        if self._description.couplings:
            return 1
        shortest = [nearest_steps(projection.delay_range()[0], self.dt) for projection in self._description.projections]
        return min([AT_ONCE, *(1 + steps for steps in shortest)])

    def _describe_synapses(self, projection: Any) -> Synapses:
        population = projection.target.parent
        seed, place = self._description.stream_of(projection)
        target = self.membranes[population]
        quanta = self._description.quanta(population, self.dt)
        quantum = quanta[population.receptor_index(projection.receptor, repr(projection))]
        rewards = projection.learning.rewards if projection.learning is not None else None
        first = 0 if rewards is None else self._source_id(rewards)
        span = first, first + (0 if rewards is None else rewards.n)
        return Synapses(projection, seed, place, self.dt, quantum, (target.begin, target.end), span)

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
        self._watch.lap("build")

    def _divide_among_threads(self, threads: int) -> None:
        if not any(self.comm.gather_objects(threads != self.threads)):
            return
        if self._remembered is None:  # or else the last division has failed
            self._remembered = together(self.comm, self._learned)
        first, self.threads = not self._initialised, 0  # 0 until the synapses are there: a failure here is made good
        self._watch.start()
        with numba_threads(threads), ThreadPoolExecutor(threads) as executor:
            if first:
                together(self.comm, self._draw_parameters)
            self.comm.here.enter(COMPILING)
            self._compile(threads)
            self._watch.lap("compile")
            self.comm.here.enter(BUILDING)
            together(self.comm, lambda: self._build(executor))
        together(self.comm, self._relearn)
        if first:
            together(self.comm, self.restart)
            self._initialised = True
        self._remembered = None
        self.threads = threads
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
        self.couplings.compile()
        connected = [one for population, one in self.membranes.items() if population in self._connected]
        others = [one for population, one in self.membranes.items() if population not in self._connected]
        self._stepper = Stepper(connected + others, len(connected), threads, self.dt)
        self._stepper.advance(0, 0, 1)

    def _build(self, executor: ThreadPoolExecutor) -> None:
        for synapses in self.synapses:
            with named(f"building {synapses.projection!r}"):
                synapses.build(self.membranes[synapses.projection.target.parent].bounds, executor)
        self.couplings.build()
        for population, membranes in self.membranes.items():
            onto = [synapses for synapses in self.synapses if synapses.projection.target.parent is population]
            membranes.set_synapses([(synapses, self.groups[synapses.projection.source.parent]) for synapses in onto])

    def plastic(self) -> dict[int, Synapses]:
        """The synapses of projections that learn, by the place of the projection."""
        learning = enumerate(one.projection.learning is not None for one in self.synapses)
        return {place: self.synapses[place] for place, learns in learning if learns}

    def _learned(self) -> dict[int, dict[str, Any]]:
        """What synapses remember, while these are divided anew."""
        if not self._initialised:
            return {}
        return {place: memory_of(one, self.step) for place, one in self.plastic().items()}

    def _relearn(self) -> None:
        for place, memory in (self._remembered or {}).items():
            synapses = LearnedSynapses(self.synapses[place])
            synapses.take(memory, self.comm.rank, self.comm.size)
            synapses.complete()
            synapses.give(self.step)

    def matrix_of(self, synapses: Synapses) -> Callable[[str], Any]:
        """What gives the rows of a projection on this rank, at the present time."""
        return lambda of: synapses.matrix(self.step, of)

    def _source_id(self, source: Any) -> int:
        return self.groups[source.parent].id_begin + int(source.start)

    def _needed_ids(self) -> Int32Array:
        """Ids, ascending, of all neurons that have targets on this rank."""
        some = [one.sources_with_synapses() + np.int32(self._source_id(one.projection.source)) for one in self.synapses]
        some += [
            np.arange(one.n, dtype=np.int32) + np.int32(self._source_id(one)) for one in rewards_of(self._description)
        ]
        return np.unique(np.concatenate([*some, np.empty(0, np.int32)]))

    def restart(self) -> None:
        """Go back to time 0 and the initial state; the wiring stays."""
        self.broken = True  # until all is done
        self.step = 0
        self._sharing.restart()
        for population, group in self.groups.items():
            if isinstance(group, Sources):
                group.restart(self._description.stream_of_source(population))
            else:
                group.set_initial(self._description.noise_seed)
                group.set_stimuli(*self._description.stimuli_of_kinds(population))
        self._remembered = None
        for synapses in self.plastic().values() if self._initialised else ():
            synapses.restart()
        self.broken = False

    def set_values(self, part: Any, values: dict[str, Any]) -> None:
        """Set states or parameters of some neurons at the present time; distributions are drawn anew at each time."""
        place = self._description.populations.index(part.parent)

        def key_of(name: str) -> np.uint64:
            return stream_key(self._description.noise_seed, INITIAL, place, f"{name} at {self.step}")

        membranes = self.membranes[part.parent]
        local = together(self.comm, lambda: membranes.drawn_values(part, values, key_of))  # on all ranks before any
        together(self.comm, lambda: membranes.set_values(part, local))
