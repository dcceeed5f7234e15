"""The stimuli onto one population on this rank, as the tables that its kernel reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import described, retold
from ..kernels import poisson, stimulate
from ..kernels.advance import LARGEST_TILE
from ..kernels.poisson import silence
from ..kernels.stimulate import standard_normals
from .streams import NOISE, POISSON, stream_key

FloatArray = npt.NDArray[np.float64]
_MOST_VALUES = 1 << 22  # of rates that depend on time, in one call of the kernel

Stream = tuple[int, int | None]
Given = list[tuple[Any, Any, Stream]]  # stimuli, with their targets, and the seeds and places of their streams


class LocalRange:
    """The part of a population on this rank.

    Parameters
    ----------
    begin, end : int
        Within the population.
    """

    def __init__(self, begin: int, end: int) -> None:
        self.begin, self.end = begin, end
        self.n = end - begin

    def of(self, part: Any, n: int | None = None) -> tuple[int, int]:
        """Range of the first n neurons of a part of the population on this rank, in the part's own indices."""
        stop = part.start + (part.n if n is None else n)
        low, high = (min(max(border, part.start), stop) - part.start for border in (self.begin, self.end))
        return low, high


def most_values_at_once(moving: int) -> int:
    """For how many steps one call may be prepared, with so many rates that depend on time."""
    return max(1, _MOST_VALUES // max(1, moving))


def rates_at(rate_hz: Any, n: int, time: float, what: str) -> Any:
    """Rates in Hz at a time in s; what a function returns is checked."""
    if not callable(rate_hz):
        return rate_hz
    try:
        rates = np.asarray(rate_hz(time))
    except Exception as error:
        told = f"{what}: its function raised {type(error).__name__} at {time:.9g} s: {described(error)}"
        raise retold(error, told) from error
    if rates.dtype.kind not in "iuf" or rates.shape not in ((), (n,)):
        raise ValueError(
            f"{what}: its function returned {rates.dtype} of shape {rates.shape} at {time:.9g} s; it must return one "
            f"rate in Hz, or {n}"
        )
    if not (np.isfinite(rates).all() and (rates >= 0.0).all()):
        raise ValueError(f"{what}: at {time:.9g} s its function returned a rate that is negative or no finite number")
    return rates


def differs(stimulus: Any) -> bool:
    """Whether a Poisson input has values for each neuron, or one tile of values that serves all."""
    return callable(stimulus.rate_hz) or np.ndim(stimulus.rate_hz) + np.ndim(stimulus.weight) > 0


class PoissonInputs:
    """Poisson inputs onto a population.

    Parameters
    ----------
    given : list of (PoissonInput, Neurons, (seed, place))
    local : LocalRange
    receptor_index : function
        The number of a receptor, by name.
    quanta : list of float or None
        To whose multiples event weights are rounded, for each receptor.
    dt : float
        Network step in s.

    Attributes
    ----------
    most_steps : int
        How many steps one call of the kernel may take.
    table : int64[n_inputs, n_columns]
        See ``kernels.poisson``.
    values : float64[3, n]
    """

    def __init__(self, given: Given, local: LocalRange, receptor_index: Any, quanta: Any, dt: float) -> None:
        self._dt = dt
        self._given = given
        self._parts = [local.of(target, stimulus.n) for stimulus, target, _ in given]
        self.table = np.zeros((len(given), poisson.N_COLUMNS), np.int64)
        for row, (low, high), (stimulus, target, (seed, place)) in zip(self.table, self._parts, given, strict=True):
            row[poisson.RECEPTOR] = receptor_index(stimulus.receptor, repr(stimulus))
            row[poisson.COLUMN] = target.start + low - local.begin
            row[poisson.COUNT], row[poisson.FIRST] = high - low, low
            row[poisson.SPREAD] = differs(stimulus)
            row[poisson.STRIDE] = high - low if callable(stimulus.rate_hz) else 0
            row[poisson.KEY] = stream_key(seed, POISSON, place).view(np.int64)
            row[poisson.FUNCTION] = stimulate.poisson_function()
        self._quanta = [quanta[receptor] for receptor in self.table[:, poisson.RECEPTOR]]
        moving = int(self.table[:, poisson.STRIDE].sum())
        self._moves = any(callable(stimulus.rate_hz) for stimulus, _, _ in given)
        self.most_steps = most_values_at_once(moving)
        self.values = np.empty((3, 0))
        self._filled = -1
        if not self._moves:
            self._fill(0, 1)

    def prepare(self, step: int, n_steps: int) -> bool:
        """Ask the functions of time for the rates of some steps; whether ``values`` is another array now."""
        moves = self._moves and n_steps > 0
        if moves:
            self._fill(step, n_steps)
        return moves

    def _fill(self, step: int, n_steps: int) -> None:
        parts, offset = [np.empty((3, 0))], 0
        for row, span, quantum, (stimulus, _, _) in zip(
            self.table, self._parts, self._quanta, self._given, strict=True
        ):
            row[poisson.OFFSET] = offset
            if row[poisson.SPREAD] == 0:
                span = span[0], min(span[1], span[0] + LARGEST_TILE)
            for k in range(n_steps if callable(stimulus.rate_hz) else 1):
                parts.append(self._values(stimulus, span, quantum, (step + k + 0.5) * self._dt))
                offset += span[1] - span[0]
        self.values = np.concatenate(parts, axis=1)

    def _values(self, stimulus: Any, span: tuple[int, int], quantum: float, time: float) -> FloatArray:
        low, high = span
        values = np.empty((3, high - low))
        mean = np.multiply(rates_at(stimulus.rate_hz, stimulus.n, time, repr(stimulus)), self._dt)
        values[poisson.MEAN] = np.broadcast_to(mean, stimulus.n)[low:high]
        weight = np.rint(stimulus.weight / quantum) * quantum
        values[poisson.WEIGHT] = np.broadcast_to(weight, stimulus.n)[low:high]
        values[poisson.SILENCE] = silence(values[poisson.MEAN])
        return values


class Currents:
    """Injected currents onto a population.

    Parameters
    ----------
    given : list of (CurrentStimulus, Neurons, (seed, place))
    local : LocalRange
    dt : float
        Network step in s.

    Attributes
    ----------
    rows : float64[n_rows, n_local]
        Patterns over the neurons ...
    factors : float64[n_rows, n_steps]
        ... and with which factor each is present in each step.
    """

    def __init__(self, given: Given, local: LocalRange, dt: float) -> None:
        self._given = given
        self._local = local
        self._dt = dt
        self._keys: list[Any] = []
        self.rows = np.empty((0, local.n))
        self.factors = np.empty((0, 0))

    def prepare(self, step: int, n_steps: int) -> bool:
        """Make the rows and factors of some steps; whether they are other arrays now."""
        if not self._given or n_steps == 0:
            return False
        steps = np.arange(step, step + n_steps)
        parts = [
            ((place, key), factors, pattern, target)
            for place, (stimulus, target, _) in enumerate(self._given)
            for key, factors, pattern in stimulus.parts(steps, self._dt)
        ]
        self.factors = np.array([factors for _, factors, _, _ in parts]).reshape(len(parts), n_steps)
        keys = [key for key, _, _, _ in parts]
        if keys != self._keys:
            self._keys = keys
            self.rows = np.zeros((len(parts), self._local.n))
            for row, (_, _, pattern, target) in zip(self.rows, parts, strict=True):
                low, high = self._local.of(target)
                at = target.start - self._local.begin
                row[at + low : at + high] = np.broadcast_to(pattern, target.n)[low:high]
        return True


class Noises:
    """Ornstein-Uhlenbeck processes onto a population, in their stationary state at the start.

    Parameters
    ----------
    given : list of (NoiseStimulus, Neurons, (seed, place))
    local : LocalRange
    dt : float
        Network step in s.

    Attributes
    ----------
    table : int64[n_noises, n_columns]
        See ``kernels.stimulate``.
    values : float64[5, n]
    """

    def __init__(self, given: Given, local: LocalRange, dt: float) -> None:
        self.table = np.zeros((len(given), stimulate.N_COLUMNS), np.int64)
        parts = [np.empty((5, 0))]
        for row, (stimulus, target, (seed, place)) in zip(self.table, given, strict=True):
            low, high = local.of(target)
            key = stream_key(seed, NOISE, place)
            row[stimulate.COLUMN] = target.start + low - local.begin
            row[stimulate.COUNT], row[stimulate.FIRST] = high - low, low
            row[stimulate.OFFSET] = sum(part.shape[1] for part in parts)
            row[stimulate.CONDUCTANCE] = stimulus.conductance
            row[stimulate.KEY] = key.view(np.int64)
            row[stimulate.FUNCTION] = stimulate.noise_function()
            parts.append(self._start(stimulus, target.n, low, high, key, dt))
        self.values = np.concatenate(parts, axis=1)
        self.conductance = any(stimulus.conductance for stimulus, _, _ in given)

    def memory(self, n_local: int) -> FloatArray:
        """The processes' present values, shape (n_noises, n_local), and 0 where there is none."""
        rows = np.zeros((len(self.table), n_local))
        for row, (here, there) in zip(rows, self._places(), strict=True):
            row[here] = self.values[stimulate.VALUE, there]
        return rows

    def recall(self, rows: FloatArray) -> None:
        """Take present values as ``memory`` gives them."""
        for row, (here, there) in zip(rows, self._places(), strict=True):
            self.values[stimulate.VALUE, there] = row[here]

    def _places(self) -> Iterator[tuple[slice, slice]]:
        """Where each process's neurons are among the local ones, and where among the values."""
        for row in self.table[:, [stimulate.COLUMN, stimulate.OFFSET, stimulate.COUNT]]:
            column, offset, count = row.tolist()
            yield slice(column, column + count), slice(offset, offset + count)

    @staticmethod
    def _start(stimulus: Any, n: int, low: int, high: int, key: np.uint64, dt: float) -> FloatArray:
        values = np.empty((5, high - low))
        decay = np.exp(-dt / stimulus.tau)
        spread = stimulus.sd * np.sqrt(-np.expm1(-2.0 * dt / stimulus.tau))
        rows = {stimulate.MEAN: stimulus.mean, stimulate.DECAY: decay, stimulate.SPREAD: spread}
        for row, value in (rows | {stimulate.REVERSAL: stimulus.e_rev}).items():
            values[row] = np.broadcast_to(value, n)[low:high]
        normals = np.empty(high - low)
        standard_normals(key, low, 0, normals)
        values[stimulate.VALUE] = values[stimulate.MEAN] + np.broadcast_to(stimulus.sd, n)[low:high] * normals
        return values
