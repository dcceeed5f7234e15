"""What can be asked of a network beside running it: its time and states, checkpoints."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from .. import _version
from ..engine.agreement import same_call, same_everywhere, together
from ..engine.comm import Comm, connect
from ..engine.launcher import launched_rank, launched_ranks
from ..engine.simulation import Simulation
from ..engine.snapshot import Snapshot, save
from ..engine.streaming import StreamFile
from ..engine.threads import default_threads, warn_if_oversubscribed
from ..engine.watchdog import watched
from ..errors import named
from . import checks
from .checks import FloatArray
from .description import Description
from .members import check_member
from .population import Neurons, Population, membranes, population_of

BACKENDS = ("auto", "numba", "mpi")


class RunningNetwork:
    """A description with, from the first run on, a simulation; base of ``Network``.

    Parameters
    ----------
    description : Description
    """

    def __init__(self, description: Description) -> None:
        self._description = description
        self._simulation: Simulation | None = None
        self._comm: Comm | None = None
        self._comm_given: tuple[str, Any] = ("", None)
        self._files: dict[Path, StreamFile] = {}  # that are written; begun anew after reset() and restore()

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

    def _present(self) -> tuple[int, bool] | None:
        """Where the simulation stands, which must be the same on all ranks."""
        return None if self._simulation is None else (self._simulation.step, self._simulation.broken)

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
        simulation.rest()  # before its neurons are divided anew
        simulation.start_report()
        default = default_threads(comm)  # asked on all ranks, also where it isn't used
        warn_if_oversubscribed(comm, threads or default, asked=threads is not None)
        simulation.prepare(threads or default, exchange)
        for synapses in simulation.synapses:
            synapses.projection._matrix = simulation.matrix_of(synapses)
        for junctions in simulation.couplings.junctions:
            junctions.coupling._matrix = junctions.matrix
        return simulation

    @property
    def t(self) -> float:
        """Present time in s."""
        return 0.0 if self._simulation is None else self._simulation.step * self._simulation.dt

    @property
    def rank(self) -> int:
        """Number of this rank, 0 without MPI: ``if net.rank == 0:`` before what is to happen once.

        Before the first run, that which the launcher gave.
        """
        return launched_rank() if self._comm is None else self._comm.rank

    @property
    def n_ranks(self) -> int:
        """Number of ranks, 1 without MPI. Before the first run, as many as the launcher has started."""
        return launched_ranks() if self._comm is None else self._comm.size

    # ---- checkpoints -----------------------------------------------------------------------------------------------

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
        same_call(self._comm, "save()")
        where = together(self._comm, lambda: self._place_to_save(path))
        with watched(self._comm, None, self._comm_given[1] is None), named(f"checkpoint {str(where)!r}"):
            self._save(where)

    def _place_to_save(self, path: str | PathLike[str]) -> Path:
        """Where to write a checkpoint, if there is anything to write."""
        if self._simulation is not None and self._simulation.broken:
            raise RuntimeError("the last run of this network failed, so its state isn't whole; reset() or restore() it")
        return checks.path(path, "save: path")

    def _save(self, path: Path | None) -> None:
        if self._simulation is not None and path is not None:
            self._simulation.rest()
            save(self._simulation, self._description, path)

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
        same_call(comm_, "restore()")
        with watched(comm_, None, comm is None):
            snapshot = together(comm_, lambda: self._snapshot(path, comm_, threads))
            self._comm, self._comm_given = comm_, (backend, comm)
            self._check_agreement(snapshot.checksum)
            first = self._simulation is None
            try:
                snapshot.restore(self._prepared(comm_, snapshot.dt, threads))
                self._files = {}
            except Exception:
                if first:
                    self._simulation = None
                raise

    def _snapshot(self, path: str | PathLike[str], comm: Comm, threads: int | None) -> Snapshot:
        if threads is not None:
            checks.whole_number(threads, "threads", low=1)
        where = checks.path(path, "restore: path")
        if self._simulation is not None:
            inventory = self._simulation.inventory
        else:
            inventory = self._description.inventory() if comm.rank == 0 else []
        snapshot = Snapshot(where, self._description, comm, inventory)
        if self._simulation is not None and self._simulation.dt != snapshot.dt:
            raise ValueError(
                f"this network runs with dt = {self._simulation.dt!r} s since its first run, but the checkpoint has "
                f"dt = {snapshot.dt!r} s; restore it into a new network"
            )
        return snapshot

    # ---- states and parameters -------------------------------------------------------------------------------------

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
        simulation, comm = self._running("get()")

        def mine() -> FloatArray:
            population = self._member(neurons)
            population.declaration_of(name)
            return simulation.membranes[population].values_of(name)

        whole: FloatArray = np.concatenate(comm.gather_objects(together(comm, mine)))
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
        simulation, comm = self._running("set()")
        checked = together(comm, lambda: self._member(neurons).checked(values, neurons.n))
        simulation.set_values(neurons, checked)

    def _running(self, call: str) -> tuple[Simulation, Comm]:
        """The simulation and its ranks, which all make the same call."""
        if self._simulation is None or self._comm is None:
            raise RuntimeError("the network has no states yet: they are made by its first run (run(0.0) only builds)")
        same_call(self._comm, call)
        return self._simulation, self._comm

    def _member(self, neurons: Neurons) -> Population:
        """The population of neurons that are asked for."""
        what = "what get() and set() are asked for"
        population = population_of(membranes(neurons, what))
        check_member(neurons, what, self._description)
        return population

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
        simulation, comm = self._running("get_states()")
        states = {}
        for population, group in simulation.membranes.items():
            whole = np.concatenate(comm.gather_objects(group.states), axis=1)
            states[population.label] = dict(zip(population.states, whole, strict=True))
        return states
