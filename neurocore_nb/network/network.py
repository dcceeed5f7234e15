"""A network: the objects that belong together, and how to run them."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from .. import _version
from ..engine.agreement import same_everywhere, together
from ..engine.comm import Comm, connect
from ..engine.recording import Recorder, SpikeRecorder, StateRecorder, sampling_steps
from ..engine.report import Report
from ..engine.schedule import Checkpoints
from ..engine.simulation import Simulation
from ..engine.snapshot import Snapshot, save
from ..engine.threads import default_threads
from ..engine.watchdog import watched
from ..errors import named
from ..timegrid import n_substeps, whole_steps
from . import checks
from .checks import FloatArray
from .description import Description
from .members import check_member, check_together, give_labels, owners, place_for
from .monitor import Monitor, SpikeMonitor, StateMonitor
from .population import Neurons, Parent, Population, membranes, population_of
from .progress import load_tqdm, progress_bar
from .projection import Projection
from .stimulus import Stimulus

BACKENDS = ("auto", "numba", "mpi")
EXCHANGES = ("auto", "all", "sparse")


class Network:
    """A network of populations, projections, stimuli and monitors.

    Parameters
    ----------
    *objects : Population, Projection, stimulus or monitor
        Populations before what refers to them.
    seed : int
        Of wiring, parameters, initial states and stimuli.

    Attributes
    ----------
    populations, projections, stimuli, monitors : list
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
    """

    def __init__(self, *objects: Any, seed: int = 42) -> None:
        number = checks.seed(seed, "the network's seed")
        self._description = Description([], [], [], [], number, number)
        self._simulation: Simulation | None = None
        self._comm: Comm | None = None
        self._comm_given: tuple[str, Any] = ("", None)
        self.add(*objects)

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
    def stimuli(self) -> list[Stimulus]:
        """The stimuli."""
        return list(self._description.stimuli)

    @property
    def monitors(self) -> list[Monitor]:
        """The monitors."""
        return list(self._description.monitors)

    def add(self, *objects: Any) -> None:
        """Add objects; after the first run, monitors only.

        Parameters
        ----------
        *objects : Population, Projection, stimulus or monitor

        Raises
        ------
        TypeError, ValueError
            As for the network itself. Nothing is added then.
        """
        description = self._description
        after = Description(self.populations, self.projections, self.stimuli, self.monitors, 0, 0)
        for one in objects:
            place_for(one, after, self, started=self._simulation is not None).append(one)
        check_together(after)
        description.populations, description.projections = after.populations, after.projections
        description.stimuli, description.monitors = after.stimuli, after.monitors
        give_labels(description.populations)
        for one in objects:
            owners[one] = weakref.ref(self)
            if isinstance(one, Monitor):
                one.clear()  # of what it has recorded of a network that was forgotten

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
            Network step in s: the grid on which spikes are handed over and stimuli drawn. Neurons are integrated in
            equal substeps of at most their ``max_step``.
        backend : {"auto", "numba", "mpi"}
            ``"auto"`` uses MPI where a launcher has started several ranks, ``"numba"`` is one process.
        progress : bool
            Show a progress bar on rank 0.
        comm : mpi4py.MPI.Intracomm, optional
            Communicator to use (a duplicate of) instead of the world.
        threads : int, optional
            Threads of each rank; by default the cores of a node divided by its ranks. Has no influence on results.
        exchange : {"auto", "all", "sparse"}
            How ranks share spikes, which has no influence on results either: ``"all"`` sends each spike to all ranks,
            ``"sparse"`` to those that hold targets of the neuron. ``"auto"`` takes the latter where the mean neuron has
            targets on at most half of the other ranks. Another run may use another. On one rank there is nothing to
            share.
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

        Notes
        -----
        Spikes and states have the same bits for any number of ranks and threads, and in one run or several.
        """
        started = perf_counter()
        comm_ = self._connect(backend, comm)
        with watched(comm_, watchdog, comm is None):
            n_steps = together(comm_, lambda: self._check_run(duration, dt, progress, threads, exchange))
            path, every = together(comm_, lambda: _checked_schedule(checkpoint, checkpoint_every))
            self._comm, self._comm_given = comm_, (backend, comm)
            self._check_agreement(n_steps, dt, exchange, str(path), every)
            simulation = self._prepared(comm_, dt, threads, exchange)
            checkpoints = Checkpoints(comm_, path, every, lambda: save(simulation, self._description, path or Path()))
            with checkpoints, progress_bar(progress and comm_.rank == 0, n_steps) as advance:
                simulation.run(n_steps, self._recorders(simulation), advance, checkpoints)
            mine = simulation.take_report(n_steps)
            mine.wall = perf_counter() - started
            ranks = comm_.gather_objects(mine)
        return Report(n_steps * dt, dt, ranks, simulation.threads, simulation.exchange_kind)

    def _check_agreement(self, *arguments: Any) -> None:
        """Raise a LaunchError unless all ranks run the same network with the same arguments."""
        comm = self._comm
        if comm is not None and comm.size > 1:  # a digest of large matrices takes time
            digest = together(comm, lambda: self._description.digest(*arguments, self._present()))
            same_everywhere(comm, _version.__version__, digest)

    def _prepared(self, comm: Comm, dt: float, threads: int | None, exchange: str = "auto") -> Simulation:
        """The simulation, with all its synapses, for so many threads."""
        if self._simulation is None:
            self._simulation = together(comm, lambda: Simulation(self._description, dt, comm))
        simulation = self._simulation
        simulation.start_report()
        default = default_threads(comm)  # asked on all ranks, also where it isn't used
        simulation.prepare(threads or default, exchange)
        for synapses in simulation.synapses:
            synapses.projection._matrix = synapses.matrix
        return simulation

    # ---- checkpoints -----------------------------------------------------------------------------------------------

    @property
    def t(self) -> float:
        """Present time in s."""
        return 0.0 if self._simulation is None else self._simulation.step * self._simulation.dt

    def save(self, path: str | PathLike[str]) -> None:
        """Write a checkpoint: all that the network needs to go on, and what its monitors have recorded.

        All ranks call it together. A checkpoint that is there already is replaced in one operation, once the new one is
        whole.

        Parameters
        ----------
        path : path
            Of a folder; on several nodes on a file system that all of them see.

        Raises
        ------
        RuntimeError
            Before the first run, or after one that failed.
        CheckpointError, OSError
            On all ranks, if it can't be written; the old checkpoint is still there then.

        Examples
        --------
        >>> import tempfile
        >>> from neurocore_nb import HodgkinHuxleyNeuron, Network, Population, SpikeMonitor, StepCurrent
        >>> def describe():
        ...     cells = Population(HodgkinHuxleyNeuron, 3, label="cells")
        ...     return Network(cells, StepCurrent(0.0, 0.1, [5.0, 10.0, 20.0]), SpikeMonitor(cells))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     net = describe()
        ...     report = net.run(0.05)
        ...     net.save(folder + "/run.ckpt")
        ...     other = describe()
        ...     other.restore(folder + "/run.ckpt")
        ...     report = other.run(0.05)
        >>> round(other.t, 3), other.monitors[0].count
        (0.1, 17)
        """
        if self._simulation is None or self._comm is None:
            raise RuntimeError("the network has nothing to save yet: run it first (run(0.0) only builds)")
        if self._simulation.broken:
            raise RuntimeError("the last run of this network failed, so its state isn't whole; reset() or restore() it")
        where = checks.path(path, "save: path")
        with watched(self._comm, None, self._comm_given[1] is None), named(f"checkpoint {str(where)!r}"):
            save(self._simulation, self._description, where)

    def restore(
        self, path: str | PathLike[str], *, backend: str = "auto", comm: Any = None, threads: int | None = None
    ) -> None:
        """Go on from a checkpoint of the same network, described again; :meth:`run` then continues.

        All ranks call it together; they, and their threads, need not be as many as wrote it. Nothing in a checkpoint is
        run as code.

        Parameters
        ----------
        path : path
        backend, comm, threads
            As for :meth:`run`; without effect where the network has run before.

        Raises
        ------
        FileNotFoundError
            If there is no checkpoint.
        CheckpointError
            On all ranks, if it is damaged, of another network or another version. The network is as it was then.

        Notes
        -----
        What follows has the same bits as if there had been no interruption. Monitors go on with what they had recorded;
        a monitor that the checkpoint doesn't know begins empty.
        """
        comm_ = self._connect(backend, comm)
        with watched(comm_, None, comm is None):
            snapshot = together(comm_, lambda: self._snapshot(path, comm_, threads))
            self._comm, self._comm_given = comm_, (backend, comm)
            self._check_agreement(snapshot.checksum)
            first = self._simulation is None
            try:
                snapshot.restore(self._prepared(comm_, snapshot.dt, threads))
            except Exception:
                if first:
                    self._simulation = None
                raise

    def _snapshot(self, path: str | PathLike[str], comm: Comm, threads: int | None) -> Snapshot:
        if threads is not None:
            checks.whole_number(threads, "threads", low=1)
        snapshot = Snapshot(checks.path(path, "restore: path"), self._description, comm)
        if self._simulation is not None and self._simulation.dt != snapshot.dt:
            raise ValueError(
                f"this network runs with dt = {self._simulation.dt!r} s since its first run, but the checkpoint has "
                f"dt = {snapshot.dt!r} s; restore it into a new network"
            )
        return snapshot

    def _present(self) -> tuple[int, bool] | None:
        """Where the simulation stands, which must be the same on all ranks."""
        return None if self._simulation is None else (self._simulation.step, self._simulation.broken)

    def _connect(self, backend: str, comm: Any) -> Comm:
        if backend not in BACKENDS:
            raise ValueError(f"unknown backend {backend!r}; known are {', '.join(BACKENDS)}")
        if self._comm is None:
            return connect(backend, comm)
        if (backend, comm) not in (self._comm_given, ("auto", None)):
            raise ValueError(
                f"this network runs with backend={self._comm_given[0]!r} and comm={self._comm_given[1]!r} since its "
                "first run"
            )
        return self._comm

    def _check_run(self, duration: float, dt: float, progress: bool, threads: int | None, exchange: str) -> int:
        """Check the arguments of a run and the network as it stands; the run's number of steps."""
        checks.real_number(dt, "dt", "s", above=0.0)
        checks.real_number(duration, "duration", "s", low=0.0)
        n_steps = whole_steps(duration, dt, "duration")
        if threads is not None:
            checks.whole_number(threads, "threads", low=1)
        if exchange not in EXCHANGES:
            raise ValueError(f"unknown exchange {exchange!r}; known are {', '.join(EXCHANGES)}")
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
                raise ValueError("the last run of this network failed; call reset() before the next")
        for stimulus in self._description.stimuli:
            self._description.target(stimulus)
            stimulus.check_grid(dt)
        for population in self._description.populations:
            if isinstance(population, Population):
                n_substeps(dt, population.max_step, f"{population!r}: max_step")
        for monitor in self._description.monitors:
            if isinstance(monitor, StateMonitor):
                sampling_steps(monitor, dt)
        return n_steps

    def _recorders(self, simulation: Simulation) -> list[Recorder]:
        recorders: list[Recorder] = []
        for monitor in self._description.monitors:
            if isinstance(monitor, SpikeMonitor):
                recorders.append(SpikeRecorder(monitor, simulation.groups[monitor.population.parent]))
            elif isinstance(monitor, StateMonitor):
                membranes = simulation.membranes[monitor.population.parent]
                recorders.append(StateRecorder(monitor, membranes, simulation.dt))
        return recorders

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
        if self._simulation is not None:
            self._simulation.restart()

    def get(self, neurons: Neurons, name: str) -> FloatArray:
        """A state or parameter of some neurons at the present time.

        All ranks call it together; each gets the whole.

        Parameters
        ----------
        neurons : Population or part of one
        name : str
            Of a state or parameter; a receptor's parameter is called ``"<receptor>.<name>"``, as ``"exc.tau"``.

        Returns
        -------
        array of shape (n,)
            Of states, in the population's precision; of parameters, float64.

        Raises
        ------
        RuntimeError
            Before the first run.
        TypeError, ValueError
            If there is nothing of that name.
        """
        simulation, comm, population = self._running_part(neurons)
        population.declaration_of(name)
        whole: FloatArray = np.concatenate(comm.gather_objects(simulation.membranes[population].values_of(name)))
        return whole[neurons.start : neurons.start + neurons.n]

    def set(self, neurons: Neurons, values: Mapping[str, Any]) -> None:
        """Set states or parameters of some neurons between runs. All ranks call it alike.

        Parameters
        ----------
        neurons : Population or part of one
        values : dict
            From names of states and parameters, as for :meth:`get`, to a number, an array of shape (n,) or a
            distribution. Parameters stay as set also after :meth:`reset`.

        Raises
        ------
        RuntimeError
            Before the first run: use the population's ``initial`` and ``params``.
        TypeError, ValueError
            If a name or value is not legal. Nothing is set then.

        Examples
        --------
        >>> from neurocore_nb import HodgkinHuxleyNeuron, Network, Population
        >>> cells = Population(HodgkinHuxleyNeuron, 4)
        >>> net = Network(cells)
        >>> report = net.run(0.0)
        >>> net.set(cells[1:3], {"v": [-60.0, -55.0], "g_na": 100.0})
        >>> net.get(cells, "v"), net.get(cells, "g_na")
        (array([-65., -60., -55., -65.]), array([120., 100., 100., 120.]))
        """
        simulation, _, population = self._running_part(neurons)
        simulation.set_values(neurons, population.checked(values, neurons.n))

    def _running_part(self, neurons: Neurons) -> tuple[Simulation, Comm, Population]:
        if self._simulation is None or self._comm is None:
            raise RuntimeError("the network has no states yet: they are made by its first run (run(0.0) only builds)")
        what = "what get() and set() are asked for"
        population = population_of(membranes(neurons, what))
        check_member(neurons, what, self._description)
        return self._simulation, self._comm, population

    def get_states(self) -> dict[str, dict[str, FloatArray]]:
        """All state variables of all neurons at the present time.

        All ranks call it together; each gets the whole.

        Returns
        -------
        dict of str to dict of str to array of shape (n,)
            By population label and variable.

        Raises
        ------
        RuntimeError
            Before the first run.
        """
        if self._simulation is None or self._comm is None:
            raise RuntimeError("the network has no states yet: they are made by its first run (run(0.0) only builds)")
        states = {}
        for population, group in self._simulation.membranes.items():
            whole = np.concatenate(self._comm.gather_objects(group.states), axis=1)
            states[population.label] = dict(zip(population.states, whole, strict=True))
        return states

    def __repr__(self) -> str:
        parts = [f"{len(self.populations)} populations", f"{len(self.projections)} projections"]
        parts += [f"{len(self.stimuli)} stimuli", f"{len(self.monitors)} monitors"]
        return f"<Network of {', '.join(parts)}>"


def _checked_schedule(checkpoint: Any, every: Any) -> tuple[Path | None, float | None]:
    """Where and how often a run writes checkpoints."""
    if checkpoint is None:
        if every is not None:
            raise ValueError(f"checkpoint_every = {every!r} s, but no checkpoint= to tell where")
        return None, None
    where = checks.path(checkpoint, "checkpoint")
    return where, None if every is None else checks.real_number(every, "checkpoint_every", "s", above=0.0)
