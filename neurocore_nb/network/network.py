"""A network: the objects that belong together, and how to run them."""

from __future__ import annotations

import warnings
import weakref
from os import PathLike
from pathlib import Path
from time import perf_counter
from typing import Any

from ..engine.agreement import raise_together, same_call, together
from ..engine.checkpoint import check_folder, check_place
from ..engine.comm import Comm
from ..engine.recording import Recorder, sampling_steps
from ..engine.report import Report
from ..engine.schedule import Checkpoints
from ..engine.streaming import StreamFile
from ..engine.watchdog import watched
from ..errors import named
from ..planning.plan import Plan
from ..timegrid import n_substeps, whole_steps
from . import checks
from .advice import advice
from .compiled import CompiledNetwork
from .coupling import Coupling
from .description import Description
from .display import line_of, tables_of
from .members import check_member, check_together, give_labels, owners, place_for
from .monitor_base import Monitor
from .planning import plan_of
from .population import Parent, Population, neurons
from .progress import load_tqdm, progress_bar, told_if_slow
from .projection import Projection
from .recorders import make_recorders
from .rehearsal import rehearse
from .running import RunningNetwork
from .stimulus import Stimulus

LONG_STEP = 0.01  # s; a longer network step was rather meant to be in ms
EXCHANGES = ("auto", "all", "sparse")


class Network(RunningNetwork):
    """A network of populations, projections, couplings, stimuli and monitors.

    Parameters
    ----------
    *objects : Population, Projection, GapJunction, GradedSynapse, stimulus or monitor
        Populations before what refers to them.
    seed : int
        Of wiring, parameters, initial states and stimuli.

    Attributes
    ----------
    populations, projections, couplings, stimuli, monitors : list
        In the order in which they were added.

    Raises
    ------
    TypeError, ValueError
        If an object is of no use, belongs to another network, or refers to a population that isn't in this one.

    Examples
    --------
    >>> from neurocore_nb import HodgkinHuxleyNeuron, Network, PoissonInput, Population, Projection, SpikeMonitor
    >>> cells = Population(HodgkinHuxleyNeuron, 100, label="cells")
    >>> drive = PoissonInput(100, rate_hz=100.0, weight=9.0)
    >>> spikes = SpikeMonitor(cells)
    >>> net = Network(cells, Projection(cells, cells, weight=0.5, probability=0.1), drive, spikes, seed=1)
    >>> report = net.run(0.1)
    >>> spikes.count == report.spikes > 0
    True
    >>> net["cells"]  # a population by its label
    <Population 'cells': 100 HodgkinHuxleyNeuron>
    """

    def __init__(self, *objects: Any, seed: int = 42) -> None:
        number = checks.seed(seed, "the network's seed")
        super().__init__(Description([], [], [], [], number, number))
        self.add(*objects)

    def __setattr__(self, name: str, value: Any) -> None:
        """Refuse what would have no effect."""
        if not name.startswith("_"):
            raise AttributeError(
                f"{self!r}: {name} can't be assigned; the seed is an argument of Network and of reset(), dt and "
                "threads are arguments of run()"
            )
        super().__setattr__(name, value)

    # ---- describing ------------------------------------------------------------------------------------------------

    @property
    def populations(self) -> list[Parent]:
        """The populations, with and without membranes."""
        return list(self._description.populations)

    @property
    def projections(self) -> list[Projection]:
        """The projections."""
        return list(self._description.projections)

    @property
    def couplings(self) -> list[Coupling]:
        """The gap junctions and graded synapses."""
        return list(self._description.couplings)

    @property
    def stimuli(self) -> list[Stimulus]:
        """The stimuli."""
        return list(self._description.stimuli)

    @property
    def monitors(self) -> list[Monitor]:
        """The monitors."""
        return list(self._description.monitors)

    @property
    def seed(self) -> int:
        """The seed of initial states and stimuli: what was given last, to the network or to :meth:`reset`."""
        return self._description.noise_seed

    def __getitem__(self, label: str) -> Parent:
        """The population with a label.

        Raises
        ------
        KeyError
            If there is none; it names those that there are.
        """
        for population in self._description.populations:
            if population.label == label:
                return population
        labels = ", ".join(repr(population.label) for population in self._description.populations)
        raise KeyError(f"the network has no population {label!r}; it has {labels or 'none'}")

    def add(self, *objects: Any) -> None:
        """Add objects; after the first run, monitors only.

        Parameters
        ----------
        *objects : Population, Projection, GapJunction, GradedSynapse, stimulus or monitor

        Raises
        ------
        TypeError, ValueError
            As for the network itself. Nothing is added then.
        """
        description = self._description
        after = Description(self.populations, self.projections, self.stimuli, self.monitors, 0, 0, self.couplings)
        for one in objects:
            place_for(one, after, self, started=self._simulation is not None).append(one)
        check_together(after)
        description.populations, description.projections = after.populations, after.projections
        description.stimuli, description.monitors = after.stimuli, after.monitors
        description.couplings = after.couplings
        give_labels(description.populations)
        for one in objects:
            owners[one] = weakref.ref(self)
            if isinstance(one, Monitor):
                one.clear()  # of what it has recorded of a network that was forgotten

    # ---- planning --------------------------------------------------------------------------------------------------

    def plan(
        self,
        duration: float = 1.0,
        dt: float = 0.001,
        *,
        ranks: int = 1,
        threads: int = 1,
        rate_hz: Any = 10.0,
        exchange: str = "auto",
        measure: bool = False,
        memory_per_rank: float | None = None,
    ) -> Plan:
        """Tell what a run would take in memory and time, without building or running anything.

        It costs a fraction of a second also for 10^9 neurons, and no memory that grows with them. Any number of ranks
        may be asked for, from one process.

        Parameters
        ----------
        duration, dt : float
            As for :meth:`run`, in s.
        ranks, threads : int
            As many as would be started, and threads of each. For times, each thread is taken to have a core.
        rate_hz : float, or dict of str to float
            Mean rate in Hz that is expected of all populations, or of each by its label. Source populations have their
            own unless named.
        exchange : {"auto", "all", "sparse"}
            As for :meth:`run`.
        measure : bool
            Measure on this machine, for some seconds, what the models, stimuli and synapses of this network take. By
            default times are those of a stated machine.
        memory_per_rank : float, optional
            Bytes that a rank may take. By default the memory of this machine divided by as many ranks as its cores can
            run, or fewer where fewer are asked for.

        Returns
        -------
        Plan
            ``print`` it.

        Raises
        ------
        TypeError, ValueError
            If an argument or the network is not legal.

        Warns
        -----
        UserWarning
            If a rank would need more memory than it may take.

        Examples
        --------
        >>> from neurocore_nb import HodgkinHuxleyNeuron, Network, Population, Projection
        >>> cells = Population(HodgkinHuxleyNeuron, 1_000_000, label="cells")
        >>> net = Network(cells, Projection(cells, cells, weight=0.01, probability=1e-3, delay=1e-3))
        >>> plan = net.plan(duration=1.0, dt=1e-4, ranks=64, threads=2)
        >>> f"{plan.synapses:.0f} synapses, {plan.bytes_of('synapses: targets') / 1e6:.1f} MB of targets on a rank"
        '1000000000 synapses, 62.5 MB of targets on a rank'
        """
        n_steps = self._check_run(duration, dt, False, threads, exchange)
        held = 0 if self._simulation is None else self._simulation.take_report(0).network_bytes
        return plan_of(
            self._description, n_steps, dt, ranks, threads, rate_hz, exchange, measure, memory_per_rank, held
        )

    # ---- running ---------------------------------------------------------------------------------------------------

    def run(
        self,
        duration: float,
        dt: float = 0.001,
        *,
        backend: str = "auto",
        progress: bool = False,
        comm: Any = None,
        threads: int | None = None,
        exchange: str = "auto",
        checkpoint: str | PathLike[str] | None = None,
        checkpoint_every: float | None = None,
        watchdog: float | None = None,
    ) -> Report:
        """Simulate for a time; the first run builds the synapses, a later one continues.

        All ranks call it alike. Monitors are gathered on rank 0 when it ends.

        Parameters
        ----------
        duration : float
            In s, a multiple of dt.
        dt : float
            Network step in s, 1 ms by default: the grid on which spikes are handed over and stimuli drawn. Neurons are
            integrated in equal substeps of at most their ``max_step``.
        backend : {"auto", "numba", "mpi"}
            ``"auto"`` uses MPI where a launcher has started several ranks, ``"numba"`` is one process.
        progress : bool
            Show on rank 0 how far the run is, on stderr: a bar in terminals and notebooks; in files whole lines, at
            most one in 10 s and for each 10 %.
        comm : mpi4py.MPI.Intracomm, optional
            Communicator to use (a duplicate of) instead of the world.
        threads : int, optional
            Threads of each rank; by default the cores of a node divided by its ranks (or what the environment variable
            NEUROCORE_NB_THREADS says). Has no influence on results.
        exchange : {"auto", "all", "sparse"}
            How ranks share spikes, which has no influence on results either: ``"all"`` sends each spike to all ranks,
            ``"sparse"`` to those that hold targets of the neuron. ``"auto"`` takes the latter where the mean neuron has
            targets on at most half of the other ranks, and there are no couplings. Another run may use another. On one
            rank there is nothing to share.
        checkpoint : path, optional
            Where to write checkpoints (see :meth:`save`): at the end of the run, every ``checkpoint_every`` s, and when
            a rank receives SIGUSR1 or SIGTERM, after which the run ends with CheckpointedExit.
        checkpoint_every : float, optional
            In s of wall time.
        watchdog : float, optional
            After how many s of wall time without progress ranks that wait for others say which rank is where, and end
            the job; 0: never. By default 1800 where a launcher has started several ranks (or what the environment
            variable NEUROCORE_NB_WATCHDOG says), else 0.

        Returns
        -------
        Report
            Times, sizes and counts; ``print`` it.

        Raises
        ------
        TypeError, ValueError
            If an argument or the network is not legal; on all ranks, before anything runs.
        NumericalError
            If a state becomes infinite or nan; on all ranks. Monitors have what was recorded until then.
        CheckpointedExit
            On all ranks, when a signal has ended the run after a checkpoint. It ends the program with status 75, unless
            it is caught; :meth:`restore` continues.

        RunInterrupted
            On all ranks, after Ctrl-C or a notebook's stop button, at the end of an interval: monitors have what was
            recorded until then, a checkpoint is written where there is a path, and another run continues. A second
            Ctrl-C ends at once, after which only reset() or restore() help.

        Notes
        -----
        Spikes and states have the same bits for any number of ranks and threads, and in one run or several.

        Under ``neurocore plan`` the first run prints what it would take (:meth:`plan`) and ends the program; see
        ``network/rehearsal.py``.
        """
        rehearse(self, duration, dt, threads, exchange)
        started = perf_counter()
        comm_ = self._connect(backend, comm)
        same_call(comm_, "run()")
        if comm_.rank == 0 and isinstance(dt, float) and dt > LONG_STEP:
            warnings.warn(
                f"dt = {dt!r} s is {dt * 1e3:g} ms: times are in seconds, so write 0.1 ms as 1e-4", RuntimeWarning, 2
            )
        with watched(comm_, watchdog, comm is None):
            n_steps = together(comm_, lambda: self._check_run(duration, dt, progress, threads, exchange))
            path, every = together(comm_, lambda: _checked_schedule(checkpoint, checkpoint_every))
            together(comm_, lambda: self._check_places(path) if comm_.rank == 0 else None)
            if self._simulation is None:
                self._advise(comm_, duration, dt)
            self._comm, self._comm_given = comm_, (backend, comm)
            self._check_agreement(n_steps, dt, exchange, str(path), every)
            with Checkpoints(comm_, path, every, lambda: self._save(path)) as checkpoints:
                with told_if_slow(comm_.rank == 0, progress):
                    simulation = self._prepared(comm_, dt, threads, exchange)
                self._open_files(comm_)
                recorders = together(comm_, lambda: make_recorders(self._description, simulation, self._files))
                with progress_bar(progress and comm_.rank == 0, n_steps, dt) as advance:
                    simulation.run(n_steps, recorders, advance, checkpoints)
            mine = simulation.take_report(n_steps)
            mine.wall = perf_counter() - started
            ranks = comm_.gather_objects(mine)
        return Report(n_steps * dt, dt, ranks, simulation.threads, simulation.exchange_kind)

    def compile(
        self,
        dt: float = 0.001,
        *,
        backend: str = "auto",
        comm: Any = None,
        threads: int | None = None,
        exchange: str = "auto",
    ) -> CompiledNetwork:
        """Make the network ready for another program's loop, which takes it through time step by step.

        All ranks call it alike.

        Parameters
        ----------
        dt, backend, comm, threads, exchange
            As for :meth:`run`. With ``comm`` a part of the ranks can have a network of its own.

        Returns
        -------
        CompiledNetwork

        Raises
        ------
        TypeError, ValueError
            As for :meth:`run`.

        Examples
        --------
        >>> from neurocore_nb import HodgkinHuxleyNeuron, Network, Population
        >>> cells = Population(HodgkinHuxleyNeuron, 3)
        >>> sim = Network(cells).compile(dt=1e-4)
        >>> sim.current(cells)[:] = [0.0, 10.0, 20.0]
        >>> sim.step(100)
        >>> sim.state(cells, "v").round(1)
        array([-65. , -66.7, -60.7])
        """
        comm_ = self._connect(backend, comm)
        same_call(comm_, "compile()")
        together(comm_, lambda: self._check_run(0.0, dt, False, threads, exchange))
        self._comm, self._comm_given = comm_, (backend, comm)
        self._check_agreement(dt, exchange)
        simulation = self._prepared(comm_, dt, threads, exchange)

        def recorders() -> list[Recorder]:
            self._open_files(comm_)
            return together(comm_, lambda: make_recorders(self._description, simulation, self._files))

        return CompiledNetwork(simulation, self._described, recorders)

    def _described(self, some: Any) -> Any:
        """The population of neurons of this network."""
        what = "what a compiled network is asked for"
        found = neurons(some, what)
        check_member(found, what, self._description)
        return found.parent

    def _check_run(self, duration: float, dt: float, progress: bool, threads: int | None, exchange: str) -> int:
        """Check the arguments of a run and the network as it stands; the run's number of steps."""
        checks.real_number(dt, "dt", "s", above=0.0)
        checks.real_number(duration, "duration", "s", low=0.0)
        n_steps = whole_steps(duration, dt, "duration")
        if threads is not None:
            checks.whole_number(threads, "threads", low=1)
        if exchange not in EXCHANGES:
            raise ValueError(f"unknown exchange {exchange!r}; known are {', '.join(EXCHANGES)}")
        if exchange == "sparse" and self._description.couplings:
            raise ValueError(
                f"exchange='sparse' is for spikes alone, but {self._description.couplings[0]!r} has all ranks send "
                "potentials or gates in each step; leave it out, or take 'all'"
            )
        if not isinstance(progress, bool):
            raise TypeError(f"progress must be True or False, not {progress!r}")
        if progress:
            load_tqdm()
        if not self._description.populations:
            raise ValueError("the network has no population to run")
        if self._simulation is not None:
            if self._simulation.dt != dt:
                raise ValueError(
                    f"this network runs with dt = {self._simulation.dt!r} s since its first run, not {dt!r} s; make "
                    "a new network for another"
                )
            if self._simulation.broken:
                raise ValueError("the last run of this network failed; call reset() or restore() before the next")
        for stimulus in self._description.stimuli:
            self._description.target(stimulus)
            stimulus.check_grid(dt)
        for population in self._description.populations:
            if isinstance(population, Population):
                n_substeps(dt, population.max_step, f"{population!r}: max_step")
        for monitor in self._description.monitors:
            if hasattr(monitor, "interval"):
                sampling_steps(monitor, dt)
        return n_steps

    def _advise(self, comm: Comm, duration: float, dt: float) -> None:
        """Warn on rank 0 of what is hardly meant; where warnings are errors, all ranks raise."""
        error = None
        try:
            for text in advice(self._description, duration, dt) if comm.rank == 0 else ():
                warnings.warn(text, UserWarning, 3)
        except Exception as caught:
            error = caught
        raise_together(comm, error)

    def _check_places(self, checkpoint: Path | None) -> None:
        """Raise an error, before anything is computed, where files can't be written."""
        if checkpoint is not None:
            with named(f"checkpoint {str(checkpoint)!r}"):
                check_place(checkpoint)
        for monitor in self._description.monitors:
            if monitor.to is not None:
                with named(f"{monitor.name}, to {str(monitor.to)!r}"):
                    check_folder(monitor.to)

    def _open_files(self, comm: Comm) -> None:
        """Begin the files into which monitors record; one that is written already goes on."""
        monitors: dict[Path, list[Monitor]] = {}
        for monitor in self._description.monitors:
            if monitor.to is not None:
                monitors.setdefault(monitor.to, []).append(monitor)
        for path, some in monitors.items():
            if path in self._files:
                self._files[path].take_in(some)
            else:
                self._files[path] = StreamFile(path, some, comm)

    def reset(self, seed: int | None = None) -> None:
        """Go back to time 0 with the same wiring and parameters; monitors are cleared.

        Parameters
        ----------
        seed : int, optional
            New seed of initial states and stimuli; without it the same trial is run again.
        """
        if seed is not None:
            self._description.noise_seed = checks.seed(seed, "reset: seed")
        for monitor in self._description.monitors:
            monitor.clear()
        self._files = {}
        if self._simulation is not None:
            self._simulation.restart()

    def __repr__(self) -> str:
        return line_of(self._description, self.t)

    def _repr_html_(self) -> str:
        return tables_of(self._description, self.t)


def _checked_schedule(checkpoint: Any, every: Any) -> tuple[Path | None, float | None]:
    """Where and how often a run writes checkpoints."""
    if checkpoint is None:
        if every is not None:
            raise ValueError(f"checkpoint_every = {every!r} s, but no checkpoint= to tell where")
        return None, None
    where = checks.path(checkpoint, "checkpoint").absolute()  # a function may change the folder meanwhile
    return where, None if every is None else checks.real_number(every, "checkpoint_every", "s", above=0.0)
