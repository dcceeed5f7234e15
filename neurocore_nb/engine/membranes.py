"""The neurons of one population on this rank: their state, input and spikes."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import NumericalError
from ..kernels import stimulate
from ..kernels.deliver import N_COLUMNS
from ..kernels.integrate import (
    FINE,
    N_FIRED,
    N_OUTCOMES,
    NOT_EXACT,
    NOT_FINITE,
    STATUS,
    WHERE,
    make_advance,
)
from ..kernels.rng import uniforms
from ..timegrid import n_substeps
from .build import Synapses
from .partition import block, bounds
from .streams import INITIAL, PARAMETERS, stream_key

FloatArray = npt.NDArray[np.float64]
_MAX_LISTED = 1 << 26  # spikes of one call for which there is room (untouched pages take no memory)

NO_SPIKES = np.empty((2, 0), np.int32)


def _resolve(value: Any, n: int, begin: int, end: int, key: np.uint64) -> float | FloatArray:
    """The local part of a value that is a number, an array over the population, or a distribution."""
    if isinstance(value, np.ndarray):
        return value[begin:end]
    if isinstance(value, int | float):
        return float(value)
    u = np.empty(end - begin)
    uniforms(key, begin, 0, 0, u)
    drawn: FloatArray = value.from_uniform(u)
    return drawn


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
    states : float64[n_states, n_local]
        One row for each state variable.
    ring : float64[n_slots, n_local]
        Summed weights that arrive in the coming steps; step ``k`` is row ``k % n_slots``.
    most_steps : int
        How many steps one call may take with room for all spikes that could occur.
    delivery_seconds : float
        Time that the last call spent on delivery, on the thread that took longest for it.
    """

    def __init__(self, population: Any, place: int, id_begin: int, rank: int, size: int, dt: float) -> None:
        self.population = population
        self.id_begin = id_begin
        self.begin, self.end = block(population.n, rank, size)
        self.n_local = self.end - self.begin
        self.n_substeps = n_substeps(dt, population.max_step)
        self.dt = dt
        self.delivery_seconds = 0.0
        # Between two upward crossings lies a substep below the threshold.
        most_spikes_per_step = max(1, self.n_local * (self.n_substeps // 2 + 1))
        self.most_steps = max(1, _MAX_LISTED // most_spikes_per_step)
        self._substep_ms = dt * 1e3 / self.n_substeps
        self._place = place
        self.states = np.empty((len(population.model.states), self.n_local))
        self.ring = np.zeros((1, self.n_local))
        self.limit = np.inf
        self._poisson = np.empty((0, stimulate.N_COLUMNS), np.int64)
        self._poisson_values = np.empty((3, 0))
        self._currents = _Currents([], self, dt)
        self.synapses: list[tuple[Synapses, int]] = []

    def set_parameters(self, seed: int) -> None:
        """Draw the parameters and choose the kernel's form.

        Parameters
        ----------
        seed : int
            Of the wiring: parameters belong to the network, not to the trial.
        """
        model = self.population.model
        values: dict[str, Any] = {name: parameter.default for name, parameter in model.parameters.items()}
        values |= self.population.params
        for name, value in values.items():
            key = stream_key(seed, PARAMETERS, self._place, name)
            values[name] = _resolve(value, self.population.n, self.begin, self.end, key)
        values = model.all_parameters(values)
        varied = {name for name, value in values.items() if isinstance(value, np.ndarray)}
        self.update = model.compiled_form(varied)
        self._constants = np.array([values[name] for name in self.update.constants], np.float64)
        self._varied = np.empty((len(self.update.varied), self.n_local))
        for row, name in enumerate(self.update.varied):
            self._varied[row] = values[name]

    def set_initial(self, seed: int) -> None:
        """Put all neurons into their initial state and empty the ring buffer.

        Parameters
        ----------
        seed : int
            Of the noise.
        """
        for row, (name, state) in enumerate(self.population.model.states.items()):
            value = self.population.initial.get(name, state.initial)
            key = stream_key(seed, INITIAL, self._place, name)
            self.states[row] = _resolve(value, self.population.n, self.begin, self.end, key)
        self.ring[:] = 0.0

    def set_threads(self, threads: int) -> None:
        """Divide the local neurons among threads; the synapses must be sliced anew."""
        self.bounds = bounds(self.n_local, threads)
        self._advance = make_advance(self.update, parallel=threads > 1)
        self._outcome = np.zeros((threads, N_OUTCOMES), np.int64)
        self._fired = np.empty((threads, 2, 0), np.int32)
        self._blocks = np.zeros((threads, 0, N_COLUMNS), np.int64)

    def set_synapses(self, synapses: list[tuple[Synapses, int]], limit: float) -> None:
        """Connect.

        Parameters
        ----------
        synapses : list of (Synapses, int)
            All that end on this population, with the id of the first source neuron of each. Their blocks are as many as
            the threads.
        limit : float
            Up to which sums of arriving weights are exact.
        """
        self.synapses = synapses
        self.limit = limit
        threads = len(self.bounds) - 1
        self._blocks = np.zeros((threads, len(synapses), N_COLUMNS), np.int64)
        for p, (one, source_begin) in enumerate(synapses):
            for w in range(threads):
                self._blocks[w, p] = one.blocks[w].table_row(source_begin, one.projection.source.n)
        n_slots = 1 + max((one.longest_delay for one, _ in synapses), default=0)
        if n_slots != len(self.ring):
            self.ring = np.zeros((n_slots, self.n_local))

    def set_stimuli(
        self, poisson: list[tuple[Any, Any, np.uint64]], currents: list[tuple[Any, Any]], quantum: float
    ) -> None:
        """Take the stimuli onto this population.

        Parameters
        ----------
        poisson : list of (PoissonInput, Neurons, uint64)
            With their targets and the keys of their random streams.
        currents : list of (CurrentStimulus, Neurons)
            With their targets.
        quantum : float
            To whose multiples event weights are rounded.
        """
        rows, parts = [], [np.empty((3, 0))]
        for stimulus, target, key in poisson:
            low, high = self.local_part(target, stimulus.n)
            values = np.empty((3, high - low))
            values[stimulate.MEAN] = np.broadcast_to(stimulus.rate_hz * self.dt, stimulus.n)[low:high]
            values[stimulate.WEIGHT] = np.broadcast_to(np.rint(stimulus.weight / quantum) * quantum, stimulus.n)[
                low:high
            ]
            # Rejection draws zeros, too, so nothing may be ruled out before it.
            by_inversion = values[stimulate.MEAN] < stimulate.REJECTION_FROM
            values[stimulate.SILENCE] = np.where(by_inversion, np.exp(-values[stimulate.MEAN]), 0.0)
            row = np.zeros(stimulate.N_COLUMNS, np.int64)
            row[stimulate.COLUMN] = target.start + low - self.begin
            row[stimulate.COUNT], row[stimulate.FIRST] = high - low, low
            row[stimulate.OFFSET] = sum(part.shape[1] for part in parts)
            row[stimulate.KEY] = key.view(np.int64)
            rows.append(row)
            parts.append(values)
        self._poisson = np.array(rows, np.int64).reshape(-1, stimulate.N_COLUMNS)
        self._poisson_values = np.concatenate(parts, axis=1)
        self._currents = _Currents(currents, self, self.dt)

    def local_part(self, part: Any, n: int | None = None) -> tuple[int, int]:
        """Range of the first n neurons of a part of the population on this rank, in the part's own indices."""
        stop = part.start + (part.n if n is None else n)
        low, high = (min(max(border, part.start), stop) - part.start for border in (self.begin, self.end))
        return low, high

    def advance(self, step: int, n_steps: int, spikes: npt.NDArray[np.int32] = NO_SPIKES, spikes_from: int = 0) -> int:
        """Deliver, stimulate, integrate and detect: from the start of step ``step`` to that of ``step + n_steps``.

        Parameters
        ----------
        step, n_steps : int
            At most ``most_steps``.
        spikes : int32[2, n]
            Ids and steps of spikes to deliver first.
        spikes_from : int
            The step from which ``spikes[1]`` counts.

        Returns
        -------
        int
            Number of spikes; see ``spikes``.

        Raises
        ------
        NumericalError
            Naming population, neuron, variable and time.
        """
        self._make_room(n_steps)
        currents, current_rows = self._currents.rows(step, n_steps)
        n_fired, status, deliver_ns = self._advance(
            self.bounds, self.states, self._constants, self._varied, self.ring, self._blocks, spikes, spikes_from,
            self._poisson, self._poisson_values, currents, current_rows, self.limit, step, n_steps, self.n_substeps,
            self._substep_ms, self._fired, self._outcome,
        )  # fmt: skip
        self.delivery_seconds = deliver_ns * 1e-9
        if status != FINE:
            span = f"between {step * self.dt:.9g} and {(step + n_steps) * self.dt:.9g} s"
            raise NumericalError(f"{span}, population {self.population.label!r}, {self._problem(status)}")
        return int(n_fired)

    def _make_room(self, n_steps: int) -> None:
        slice_size = -(-self.n_local // (len(self.bounds) - 1))
        room = slice_size * (n_steps * self.n_substeps // 2 + 1)
        if room > self._fired.shape[2]:
            self._fired = np.empty((self._fired.shape[0], 2, room), np.int32)

    def spikes(self) -> npt.NDArray[np.int32]:
        """Local indices and ticks (substeps since the start of the last call, from 1) of the last call's spikes."""
        counts = self._outcome[:, N_FIRED]
        return np.concatenate([fired[:, :n] for fired, n in zip(self._fired, counts, strict=True)], axis=1)

    def _problem(self, status: int) -> str:
        """What went wrong in the last call, naming neuron and variable."""
        if status & NOT_FINITE:
            row, neuron = (int(k) for k in np.argwhere(~np.isfinite(self.states))[0])
            name, state = list(self.population.model.states.items())[row]
            return (
                f"neuron {self.begin + neuron}: {name} became {self.states[row, neuron]} {state.unit}; look for "
                "extreme input or parameters, or take a smaller max_step"
            )
        outcome = next(one for one in self._outcome if one[STATUS] & NOT_EXACT)
        return (
            f"neuron {self.begin + int(outcome[WHERE])}: the weights that arrived in one step sum to {self.limit:.3g} "
            "or more, beyond what can be added exactly (2**20 times the largest weight)"
        )

    @property
    def nbytes(self) -> int:
        """Memory of states, parameters and input."""
        arrays = (self.states, self._varied, self.ring, self._poisson_values)
        return sum(array.nbytes for array in arrays)


class _Currents:
    """Injected currents, summed in the order of their stimuli, as rows that are shared by steps with equal values."""

    def __init__(self, stimuli: list[tuple[Any, Any]], membranes: Membranes, dt: float) -> None:
        self._stimuli = stimuli
        self._membranes = membranes
        self._dt = dt
        self._segments: list[tuple[int, ...]] = []
        self._rows = np.empty((0, membranes.n_local))
        self._index = np.empty(0, np.int64)

    def rows(self, step: int, n_steps: int) -> tuple[FloatArray, npt.NDArray[np.int64]]:
        """Currents (n_rows, n_local), and the row that holds in each step."""
        if not self._stimuli or n_steps == 0:
            return self._rows, self._index
        index = np.zeros(n_steps, np.int64)
        segments: list[tuple[int, ...]] = []
        for k in range(n_steps):
            now = tuple(stimulus.segment(step + k, self._dt) for stimulus, _ in self._stimuli)
            if not segments or segments[-1] != now:
                segments.append(now)
            index[k] = len(segments) - 1
        if segments != self._segments:
            self._segments = segments
            self._rows = np.array([self._sum(now) for now in segments])
        return self._rows, index

    def _sum(self, segments: tuple[int, ...]) -> FloatArray:
        total = np.zeros(self._membranes.n_local)
        for (stimulus, target), segment in zip(self._stimuli, segments, strict=True):
            low, high = self._membranes.local_part(target)
            at = target.start - self._membranes.begin
            current = np.broadcast_to(stimulus.current(segment), target.n)
            total[at + low : at + high] += current[low:high]
        return total
