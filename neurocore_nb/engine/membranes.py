"""The neurons of one population on this rank: their state, input and spikes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from numba.core.errors import NumbaError

from ..errors import named
from ..kernels.advance import N_FIRED, N_OUTCOMES, RECEPTOR, STATUS, TILE, WHERE, work_room
from ..kernels.arrays import make_table
from ..kernels.couple import N_COUPLING
from ..kernels.deliver import LIMIT, N_COLUMNS
from ..kernels.integrate import address_of_step, explain
from ..kernels.stimulate import FINE, NOT_EXACT, NOT_FINITE
from ..timegrid import n_substeps
from .build import Synapses, plastic_blocks
from .inputs import Currents, Given, LocalRange, Noises, PoissonInputs
from .partition import aligned_zeros, block, slice_begin
from .streams import INITIAL, OWN_NOISE, PARAMETERS, stream_key
from .values import check_single, resolve

FloatArray = npt.NDArray[np.float64]
_MAX_LISTED = 1 << 26  # spikes of one call for which there is room (untouched pages take no memory)

Spikes = npt.NDArray[np.int32]
NO_SPIKES: Spikes = np.empty((3, 0), np.int32)


def most_steps_listed(n_local: int, n_substeps: int) -> int:
    """For how many steps of so many neurons one call may be prepared, lest its list of spikes is too long."""
    return max(1, _MAX_LISTED // max(1, n_local * n_substeps))


class Membranes:
    """One population's neurons on this rank.

    Parameters
    ----------
    population : Population
        Its description.
    place : int
        Its place among the network's populations.
    id_begin : int
        Global id of its first neuron.
    rank, size : int
    dt : float
        Network step in s.

    Attributes
    ----------
    begin, end : int
        Range of the population on this rank.
    states : float64[n_states, n_local] or float32[n_states, n_local]
        One row for each state variable, in the population's precision.
    parameters : dict of str to float or float64[n_local]
        Values of the model's and, as ``"<receptor>.<name>"``, the receptors' parameters.
    ring : float64[n_receptors, n_slots, n_local]
        Summed weights that arrive in the coming steps; step ``k`` is slot ``k % n_slots``.
    room : int
        How many spikes there is room for in an interval.
    senders : list of Sender
        Of its states that other neurons feel.
    coupled : bool
        Whether states of others act on it.
    """

    def __init__(self, population: Any, place: int, id_begin: int, rank: int, size: int, dt: float) -> None:
        self.population = population
        self.id_begin = id_begin
        self.begin, self.end = block(population.n, rank, size)
        self.n_local = self.end - self.begin
        self.n_substeps = n_substeps(dt, population.max_step)
        self.dt = dt
        self._most_steps = most_steps_listed(self.n_local, self.n_substeps)
        self.substep_ms = dt * 1e3 / self.n_substeps
        self.local = LocalRange(self.begin, self.end)
        self._place = place
        self._dtype = np.dtype(population.precision)
        self._tile = TILE * 8 // self._dtype.itemsize
        self._noise_key = np.int64(0)  # of the model's own noise, if it has any
        self.states = aligned_zeros((len(population.states), self.n_local), self._dtype)
        self.ring = aligned_zeros((len(population.receptors), 1, self.n_local))
        self._quanta: list[float | None] = [None] * len(population.receptors)
        self._used = np.zeros(len(population.receptors), np.bool_)
        self._limits = np.full(len(population.receptors), np.inf)
        self._table: npt.NDArray[np.int64] | None = None  # of the arrays below; made anew when one is replaced
        self._set: set[str] = set()  # parameters that aren't as described any more
        self.senders: list[Any] = []
        self.coupled = False
        self._couplings = np.zeros((0, N_COUPLING), np.int64)
        self._given = aligned_zeros((0, self.n_local))
        self.set_stimuli([], [], [])
        self.synapses: list[tuple[Synapses, Any]] = []

    def draw_parameters(self, seed: int) -> None:
        """Draw the parameters and choose the kernel's form.

        Parameters
        ----------
        seed : int
            Of the wiring: parameters belong to the network, not to the trial.
        """
        population = self.population
        given = {name: parameter.default for name, parameter in population.model.parameters.items()} | population.params
        for receptor, one in population.receptors.items():
            values = {name: parameter.default for name, parameter in one.parameters.items()}
            values |= population.receptor_params[receptor]
            given |= {f"{receptor}.{name}": value for name, value in values.items()}
        self.choose_form({
            name: resolve(value, self.begin, self.end, stream_key(seed, PARAMETERS, self._place, name))
            for name, value in given.items()
        })  # fmt: skip

    def choose_form(self, parameters: dict[str, Any]) -> None:
        """Take parameters, and choose the kernel's form, which depends on which of them differ between neurons.

        Raises
        ------
        ValueError
            If one doesn't fit the precision.
        """
        population, model = self.population, self.population.model
        mine = {name: parameters[name] for name in model.parameters}
        values = model.all_parameters(mine, self.substep_ms, population.precision)
        tau_m = values[model.membrane_time_constant] if model.membrane_time_constant else np.inf
        for r, (receptor, one) in enumerate(population.receptors.items()):
            mine = {name: parameters[f"{receptor}.{name}"] for name in one.parameters}
            derived = one.all_parameters(mine, self.substep_ms, tau_m)
            values |= {f"{r}_{name}": value for name, value in derived.items()}
        if population.precision == "float32":
            check_single(values, self.substep_ms, repr(population))
        self.parameters = parameters
        varied = {name for name, value in values.items() if isinstance(value, np.ndarray)}
        forms = [receptor.form() for receptor in population.receptors.values()]
        conductance = self._noises.conductance or self.coupled or len(self._given) > 0
        self.update = model.compiled_form(varied, forms, conductance, population.precision)
        self._constants = np.array([self.substep_ms, *(values[name] for name in self.update.constants)], self._dtype)
        self._varied = aligned_zeros((len(self.update.varied), self.n_local), self._dtype)
        for row, name in enumerate(self.update.varied):
            self._varied[row] = values[name]
        self._table = None

    def set_initial(self, seed: int) -> None:
        """Put all neurons into their initial state and empty the ring buffer.

        Parameters
        ----------
        seed : int
            Of the noise.
        """
        for row, (name, state) in enumerate(self.population.states.items()):
            value = self.population.initial.get(name, state.initial)
            key = stream_key(seed, INITIAL, self._place, name)
            self.states[row] = resolve(value, self.begin, self.end, key)
        self._noise_key = stream_key(seed, OWN_NOISE, self._place).view(np.int64)
        self._table = None
        self.ring[:] = 0.0
        for sender in self.senders:
            sender.restart()

    def take_input(self) -> npt.NDArray[np.float64]:
        """Memory whose present values act on the local neurons, shape (2, n_local): current and conductance."""
        if len(self._given) == 0:
            self._given = aligned_zeros((2, self.n_local))
            self.choose_form(self.parameters)
            self.compile()
        return self._given

    def values_of(self, name: str) -> npt.NDArray[Any]:
        """A state or parameter of the local neurons."""
        if name in self.population.states:
            row: npt.NDArray[Any] = self.states[list(self.population.states).index(name)]
            return row
        return np.broadcast_to(self.parameters[name], self.n_local)

    def drawn_values(self, part: Any, values: dict[str, Any], key_of: Callable[[str], np.uint64]) -> dict[str, Any]:
        """What is to be set of a part of the population on this rank.

        Parameters
        ----------
        part : Neurons
        values : dict of str to float, float64 array of shape (part.n,) or Distribution
        key_of : function
            The key of the random stream for a name.

        Returns
        -------
        dict of str to float or float64 array of shape (number of local neurons of the part,)
        """
        span = self.local.of(part)
        return {name: resolve(value, *span, key_of(name), part.start) for name, value in values.items()}

    def set_values(self, part: Any, local: dict[str, Any]) -> None:
        """Set states or parameters of a part of the population to what ``drawn_values`` has returned."""
        low, high = self.local.of(part)
        mine = slice(part.start - self.begin + low, part.start - self.begin + high)
        names = list(self.population.states)
        parameters = dict(self.parameters)
        for name in local.keys() - set(names):
            if part.n == self.population.n:
                parameters[name] = local[name]
            else:
                whole = np.array(np.broadcast_to(parameters[name], self.n_local), np.float64)
                whole[mine] = local[name]
                parameters[name] = whole
        if not local.keys() <= set(names):
            self.choose_form(parameters)
            self.compile()
            self._set |= local.keys() - set(names)
        for name in local.keys() & set(names):
            self.states[names.index(name), mine] = local[name]
        for sender in self.senders:
            if sender.state in local:
                sender.heed(mine)

    @property
    def set_since(self) -> dict[str, float | None]:
        """Parameters that were set since the beginning: one number for all, or None where neurons differ."""
        values = {name: self.parameters[name] for name in sorted(self._set)}
        return {name: None if isinstance(value, np.ndarray) else value for name, value in values.items()}

    def memory(self) -> dict[str, npt.NDArray[Any]]:
        """What runs and ``set_values`` change, for a checkpoint; the last axis is that of the local neurons."""
        memory = {"states": self.states, "ring": self.ring, "noises": self._noises.memory(self.n_local)}
        if self.senders:
            memory["sent before"] = np.array([sender.memory() for sender in self.senders])
        return memory | {f"set/{name}": self.parameters[name] for name, one in self.set_since.items() if one is None}

    def recall(self, memory: dict[str, npt.NDArray[Any]], given: dict[str, float | None], seed: int) -> None:
        """Take what ``memory`` and ``set_since`` have given, once parameters and stimuli are as described.

        Parameters
        ----------
        memory : dict of str to array
        given : dict of str to float or None
        seed : int
            Of the wiring.
        """
        if self._set or given:
            self.draw_parameters(seed)
            values = {name: memory[f"set/{name}"] if one is None else one for name, one in given.items()}
            self.choose_form(self.parameters | values)
            self.compile()
        self._set = set(given)
        self.states[:], self.ring[:] = memory["states"], memory["ring"]
        self._noises.recall(memory["noises"])
        for k, sender in enumerate(self.senders):
            sender.recall(memory["sent before"][k])

    def set_threads(self, threads: int) -> None:
        """Divide the local neurons among threads; the synapses must be sliced anew."""
        self.bounds = slice_begin(self.n_local, np.arange(threads + 1), threads)
        self._outcome = aligned_zeros((threads, N_OUTCOMES), np.int64)
        self._work = aligned_zeros((threads, work_room(self._tile)))
        self.room, self._room_for = 0, -1
        self._blocks = np.zeros((threads, 0, N_COLUMNS), np.int64)
        self._table = None

    def compile(self) -> None:
        """Compile the model's functions.

        Raises
        ------
        TypeError
            If a function of the model or of a receptor can't be compiled, naming it.
        """
        try:
            self._step_tile = address_of_step(self.update)
        except NumbaError as error:
            names = [type(receptor).__name__ for receptor in self.population.receptors.values()]
            raise TypeError(explain(error, self.population.model.__name__, names)) from None

    @property
    def most_spikes(self) -> float:
        """How many spikes a neuron can fire in a network step."""
        return self.n_substeps

    def set_synapses(self, synapses: list[tuple[Synapses, Any]]) -> None:
        """Connect.

        Parameters
        ----------
        synapses : list of (Synapses, Membranes or Sources)
            All that end on this population, with the population that they come from. Their blocks are as many as the
            threads.
        """
        self.synapses = synapses
        threads = len(self.bounds) - 1
        self._blocks = np.zeros((threads, len(synapses), N_COLUMNS), np.int64)
        watched = [self._may_leave(receptor) for receptor in range(len(self.ring))]
        for p, (one, group) in enumerate(synapses):
            source, receptor = one.projection.source, self._receptor_of(one.projection)
            for w in range(threads):
                self._blocks[w, p] = one.blocks[w].table_row(receptor, group.id_begin + source.start, source.n)
                if watched[receptor]:
                    self._blocks[w, p, LIMIT] = self._limits[receptor].view(np.int64)
        n_slots = 1 + max((one.longest_delay for one, _ in synapses), default=0)
        if n_slots != self.ring.shape[1]:
            self.ring = aligned_zeros((len(self.ring), n_slots, self.n_local))
        self._table = None

    def _receptor_of(self, one: Any) -> int:
        """Number of the receptor of a projection or a Poisson input."""
        index: int = self.population.receptor_index(one.receptor, repr(one))
        return index

    def _may_leave(self, receptor: int) -> bool:
        """Whether some of the weights that spikes bring in a step may sum to more than is exact, and all that arrive to
        less: where they have both signs, and are so many.

        Each synapse has one delay, so it brings to a step what its source fired in one step. Poisson input may hide a
        sum, but can't change one: it comes to a neuron behind all spikes, in the same order on any rank.
        """  # noqa: D205
        spikes = [(one.projection, group) for one, group in self.synapses]
        spikes = [(one, group) for one, group in spikes if self._receptor_of(one) == receptor]
        inputs = [one for one, _, _ in self._poisson_given if self._receptor_of(one) == receptor]
        lows, highs = zip((0.0, 0.0), *(one.weight_range() for one in (*dict(spikes), *inputs)), strict=True)
        if not min(lows) < 0.0 < max(highs):
            return False
        most = sum(one.most_synapses() * one.largest_weight() * group.most_spikes for one, group in spikes)
        return not 2.0 * most < self._limits[receptor]  # twice: rounding to quanta and to float32 may add to weights

    def set_quanta(self, quanta: list[float | None], limits: list[float]) -> None:
        """Take, for each receptor, the quantum of the weights onto it (None where none can arrive), and the limit below
        which sums of such weights are exact.
        """  # noqa: D205
        self._quanta = quanta
        self._used = np.array([quantum is not None for quantum in quanta])
        self._limits = np.array(limits, np.float64)
        self._table = None

    def set_stimuli(self, poisson: Given, currents: Given, noises: Given) -> None:
        """Take the stimuli onto this population, each with its target, and the seed and place of its random stream."""
        index = self.population.receptor_index
        self._poisson_given = poisson
        self._poisson = PoissonInputs(poisson, self.local, index, self._quanta, self.dt)
        self._currents = Currents(currents, self.local, self.dt)
        self._noises = Noises(noises, self.local, self.dt)
        self._table = None

    def set_couplings(self, table: npt.NDArray[np.int64]) -> None:
        """Take the table of what acts on its neurons, see ``kernels.couple``."""
        self._couplings = table
        self._table = None

    @property
    def most_steps(self) -> int:
        """How many steps one call may be prepared for."""
        return min(self._most_steps, self._poisson.most_steps)

    def prepare(self, step: int, n_steps: int, interval: int) -> tuple[int, int]:
        """Be ready for ``n_steps`` steps from ``step`` on (at most ``most_steps``), in intervals of so many.

        Returns
        -------
        step_tile, table : int
            Addresses, see ``kernels.advance``; valid until the next change of anything.
        """
        if interval > self._room_for:
            self._make_room(interval)
        if self._poisson.prepare(step, n_steps) | self._currents.prepare(step, n_steps):
            self._table = None
        if self._table is None:
            self._arrays = self._collect_arrays()
            self._table = make_table(self._arrays, self.population.precision)
            self._table_at = self._table.ctypes.data
        return self._step_tile, self._table_at

    def _collect_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """All that the kernels work on, see ``kernels.arrays``."""
        return {
            "bounds": self.bounds,
            "settings": np.array(
                [self.n_substeps, self.id_begin + self.begin, self._tile, self._noise_key, self.begin]
            ),
            "states": self.states,
            "constants": self._constants,
            "varied": self._varied,
            "ring": self.ring,
            "used": self._used,
            "limits": self._limits,
            "poisson": self._poisson.table,
            "poisson_values": self._poisson.values,
            "rows": self._currents.rows,
            "factors": self._currents.factors,
            "noises": self._noises.table,
            "noise_values": self._noises.values,
            "given": self._given,
            "couplings": self._couplings,
            "blocks": self._blocks,
            "fired": self._fired,
            "outcome": self._outcome,
            "work": self._work,
        }

    def _make_room(self, n_steps: int) -> None:
        """Memory for all spikes that there can be in an interval (pages that no spike touches take none)."""
        n_slices = len(self.bounds) - 1
        most = int(np.diff(self.bounds).max()) * n_steps * self.n_substeps + 1
        self._fired = np.empty((n_slices, 3, most), np.int32)
        self.room, self._room_for = n_slices * most, n_steps
        self._table = None

    def make_room_for_learning(self, origin: int) -> None:
        """Where plastic synapses had no room for the last spikes of their targets, make it.

        Parameters
        ----------
        origin : int
            The step from which those are counted.
        """
        first_id = self.id_begin + self.begin
        for synapses, _ in self.synapses:
            for w, one in enumerate(plastic_blocks(synapses)):
                with named(f"population {self.population.label!r}"):
                    one.make_room(self._fired[w], int(self._outcome[w, N_FIRED]), first_id, origin)

    def problem(self) -> str:
        """What went wrong in the last call, naming neuron and variable; empty if nothing."""
        status = int(np.bitwise_or.reduce(self._outcome[:, STATUS]))
        if status == FINE:
            return ""
        if status & NOT_FINITE:
            row, neuron = (int(k) for k in np.argwhere(~np.isfinite(self.states))[0])
            name, state = list(self.population.states.items())[row]
            return (
                f"neuron {self.begin + neuron}: {name} became {self.states[row, neuron]} {state.unit}; look for "
                "extreme input or parameters, or take a smaller max_step"
            )
        outcome = next(one for one in self._outcome if one[STATUS] & NOT_EXACT)
        receptor = list(self.population.receptors)[outcome[RECEPTOR]]
        at = f" at receptor {receptor!r}" if receptor else ""
        return (
            f"neuron {self.begin + int(outcome[WHERE])}: the weights that arrived{at} in one step, or some of them, "
            f"sum to {self._limits[outcome[RECEPTOR]]:.3g} or more, beyond what can be added exactly; look for sources "
            "that fire without end"
        )

    @property
    def nbytes(self) -> int:
        """Memory of states, parameters and input."""
        arrays = (self.states, self._varied, self.ring, self._poisson.values, self._currents.rows, self._noises.values)
        return sum(array.nbytes for array in arrays)
