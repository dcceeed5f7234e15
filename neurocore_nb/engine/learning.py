"""The plastic synapses of a projection on this rank: their memory beside what all synapses have."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import NumericalError
from ..kernels import deliver, learn
from ..kernels.jit import invoke
from ..kernels.learn import NEVER, address_of_note
from ..kernels.rule import function_of_rule
from ..timegrid import nearest_steps
from .block import Block

_LEAST_ROOM, _MOST_ROOM = 4, 64  # spikes in the ring of a target, at first
_LARGEST_ROOM = 1 << 15  # as synapses count those that have acted on them in 16 bits
_TARGET_BYTES = 4.7  # of a synapse without states of its own, at most, for what is remembered of targets

Array = npt.NDArray[Any]


class Rule:
    """A projection's learning rule on the network's time grid.

    Parameters
    ----------
    projection : Projection
    dt : float
        Network step in s.
    quantum : float
        Weights are rounded to multiples of it when they act.
    rewards : tuple of int
        Range of the ids of neurons whose spikes are rewards.

    Attributes
    ----------
    form : RuleForm
    numbers : float64[n]
        See ``kernels.learn``.
    room : int
        Spikes in the ring of a target, at first.
    longest : int
        Delay in steps.
    """

    def __init__(self, projection: Any, dt: float, quantum: float, rewards: tuple[int, int]) -> None:
        learning = projection.learning
        self.form = form = learning.rule.form()
        self.rewards = rewards
        self.longest = nearest_steps(projection.delay_range()[1], dt)
        self.initial = [state.initial for state in learning.rule.states.values()]
        self.terminal = [state.initial for state in learning.rule.terminal.values()]
        self.room = room_for(form, projection.mean_indegree())
        values, traces = learning.values, learning.rule.traces()
        step_ms = dt * 1e3

        def decay(trace: Any) -> float:
            return -step_ms / float(values.get(trace.tau, trace.tau))

        self.bounds = (
            stored_bounds(values["w_min"], values["w_max"], projection.weight_dtype) if form.learns else (0, 0)
        )
        numbers = [step_ms, learning.sign * quantum, *self.bounds, 0.0]
        numbers.append(decay(traces[form.reward]) if form.reward else 0.0)
        for name in (*form.pre, *form.post):
            numbers += [decay(traces[name]), float(values.get(traces[name].keep, traces[name].keep))]
        self.numbers = np.array([*numbers, *(values[name] for name in form.parameters)])


def stored_bounds(low: float, high: float, dtype: Any) -> tuple[float, float]:
    """The smallest and the largest number of a type within some bounds."""
    inside = np.array([low, high], dtype)
    lowest, highest = (np.nextafter(one, dtype.type(to)) for one, to in zip(inside, (np.inf, -np.inf), strict=True))
    lowest = inside[0] if float(inside[0]) >= low else lowest
    highest = inside[1] if float(inside[1]) <= high else highest
    return (float(lowest), float(highest)) if lowest <= highest else (float(inside[0]),) * 2


def target_bytes(form: Any, room: int) -> int:
    """Memory of what is remembered of a target."""
    return 8 * (3 + room + len(form.post) * (1 + room)) if form.learns else 0


def room_for(form: Any, mean_indegree: float) -> int:
    """Spikes in the ring of a target: as many as take few bytes of each of its synapses."""
    room, budget = _LEAST_ROOM, (_TARGET_BYTES - 4.0 * len(form.states)) * mean_indegree
    while room < _MOST_ROOM and target_bytes(form, 2 * room) <= budget:
        room *= 2
    return room if form.learns else 1


def rewards_of(description: Any) -> list[Any]:
    """Neurons whose spikes are rewards for synapses of any rank."""
    learning = [one.learning for one in description.projections if one.learning is not None]
    return [one.rewards for one in learning if one.rewards is not None]


@dataclass
class PlasticBlock(Block):
    """As ``Block``, of synapses that learn; weights without their sign.

    Attributes
    ----------
    rule : Rule
    first, n_targets : int
        Ring column of the first target, and how many there are.
    arrays : dict of str to array
        What ``kernels.learn`` calls by these names.
    """

    rule: Rule
    first: int
    n_targets: int
    arrays: dict[str, Array] = field(init=False)

    def __post_init__(self) -> None:
        types = [one.dtype.name if isinstance(one, np.ndarray) else "" for one in (self.weights, self.delays)]
        self._function = function_of_rule(self.rule.form, *types)
        self._note = address_of_note() if self.rule.form.learns else 0
        self._table = np.zeros(learn.N_PARAMETERS, np.int64)
        self.restart(None)

    def restart(self, weights: Any) -> None:
        """Forget all spikes; with weights, also what was learned."""
        if isinstance(weights, np.ndarray):
            self.weights[:] = weights  # type: ignore[index]
        form, rule, learns = self.rule.form, self.rule, self.rule.form.learns
        n_rows, n_targets, n_synapses = len(self.indptr) - 1, self.n_targets * learns, self.n_synapses * learns
        real = self.weights.dtype if isinstance(self.weights, np.ndarray) else np.float64
        self.arrays = {
            "LAST": np.full(n_rows, NEVER, np.int64),
            "PRE": np.zeros((n_rows, len(form.pre))),
            "TERMINAL": np.tile(np.array(rule.terminal, np.float64), (n_rows, 1)),
            "SEEN": np.zeros(n_synapses, np.uint16),
            "STATES": np.repeat(np.array(rule.initial, real)[:, None], n_synapses, axis=1),
            "STATE": np.zeros((n_targets, learn.AFTER + len(form.post))),
            "RINGS": np.zeros((n_targets, rule.room, learn.BEFORE + len(form.post))),
            "DONE": np.zeros(n_targets, np.int64),
            "NUMBERS": rule.numbers.copy(),
        }
        self.arrays["STATE"][:, learn.NEWEST] = NEVER
        self.arrays["RINGS"][..., learn.STEP] = NEVER
        self._table[learn.REWARD_LAST] = NEVER
        self._fill_table(self._table, self.arrays)

    def _fill_table(self, table: npt.NDArray[np.int64], arrays: dict[str, Array]) -> None:
        form = self.rule.form
        for name, array in arrays.items():
            table[getattr(learn, name)] = array.ctypes.data
        table[learn.FIRST], table[learn.N_TARGETS] = self.first, self.n_targets
        table[learn.ROOM], table[learn.LONGEST] = arrays["RINGS"].shape[1], self.rule.longest
        table[learn.N_PRE], table[learn.N_POST] = len(form.pre), len(form.post)
        table[learn.N_SYNAPSES] = self.n_synapses
        table[learn.REWARD_BEGIN], table[learn.REWARD_END] = self.rule.rewards

    def table_row(self, receptor: int, source_begin: int, n_source: int) -> npt.NDArray[np.int64]:
        """See ``Block``."""
        row = super().table_row(receptor, source_begin, n_source)
        row[deliver.RULE], row[deliver.NOTE] = self._table.ctypes.data, self._note
        return row

    @property
    def nbytes(self) -> int:
        """Memory of the block."""
        return super().nbytes + self._table.nbytes + sum(array.nbytes for array in self.arrays.values())

    # ---- bringing up to date ---------------------------------------------------------------------------------------

    def settle(self, step: int) -> None:
        """Let all spikes of targets that act before the start of a step do so; those of sources are delivered."""
        if self.rule.form.learns:
            self._visit(self.table_row(0, 0, 0), step - 1, learn.SWEEP)

    def _visit(self, row: Array, step: int, purpose: int) -> None:
        """Bring synapses up to date with a step; those of a row of the block table."""
        at = row.ctypes.data  # also in place of the ring buffer and of spikes, which have no part in it
        invoke(self._function, at, 0, 0, step, at, purpose, at)

    def present(self, step: int) -> tuple[float | Array, Array]:
        """Weights (without their sign) and states at the start of a step; nothing is changed."""
        if not self.rule.form.learns:
            return self.weights, self.arrays["STATES"]
        copies = {name: self.arrays[name].copy() for name in ("SEEN", "STATES", "DONE")}
        weights, table, row = np.array(self.weights), self._table.copy(), self.table_row(0, 0, 0)
        self._fill_table(table, self.arrays | copies)
        row[deliver.RULE], row[deliver.WEIGHTS] = table.ctypes.data, weights.ctypes.data
        self._visit(row, step - 1, learn.FLOW)
        return weights, copies["STATES"]

    def make_room(self, fired: Array, n_fired: int, first_id: int, origin: int) -> None:
        """Where there was no room for some of the last spikes of targets, make it, and take note of them."""
        while self._table[learn.CROWDED]:
            room = self.arrays["RINGS"].shape[1]
            if 2 * room > _LARGEST_ROOM:
                raise NumericalError(
                    f"a neuron has fired more than {room} spikes within {self.rule.longest} steps, the longest delay "
                    "of its plastic synapses; look for extreme input, or take shorter delays"
                )
            self._double_room(room)
            row = self.table_row(0, 0, 0)
            invoke(self._note, fired.ctypes.data, fired.shape[1], n_fired, first_id, origin, row.ctypes.data)

    def _double_room(self, room: int) -> None:
        """Rings twice as long; a spike's place is its number modulo the length."""
        numbers = self.arrays["STATE"][:, learn.COUNT].astype(np.int64)[:, None] - 1 - np.arange(room)
        targets, rings = np.arange(self.n_targets)[:, None], self.arrays["RINGS"]
        self.arrays["RINGS"] = longer = np.zeros((self.n_targets, 2 * room, rings.shape[2]))
        longer[..., learn.STEP] = NEVER
        longer[targets, numbers % (2 * room)] = rings[targets, numbers % room]
        self._fill_table(self._table, self.arrays)

    def history(self) -> Array:
        """Spikes of targets that may still be needed, the newest first, and what is known of them.

        Returns
        -------
        float64[BEFORE + n_post, n, n_targets]
        """
        rings, count = self.arrays["RINGS"], self.arrays["STATE"][:, learn.COUNT].astype(np.int64)
        kept = np.minimum(count - self.arrays["DONE"] + 1, np.minimum(count, rings.shape[1]))
        ages = np.arange(int(kept.max(initial=0)))[:, None]
        spikes = rings[np.arange(len(count)), (count - 1 - ages) % rings.shape[1]]
        spikes[ages >= kept] = [NEVER, *[0.0] * (rings.shape[2] - 1)]
        return np.moveaxis(spikes, -1, 0)

    def take_history(self, spikes: Array, state: Array, step: int) -> None:
        """Take spikes of targets, where all that have acted before a step have done so on all synapses.

        Parameters
        ----------
        spikes : float64[BEFORE + n_post, n, n_targets]
            As ``history`` gives them.
        state : float64[AFTER + n_post, n_targets]
            Of the targets.
        step : int
        """
        room, steps = self.arrays["RINGS"].shape[1], spikes[learn.STEP]
        while room < len(steps) + 1:
            room *= 2
        count = (steps != NEVER).sum(axis=0)
        numbers = count - 1 - np.arange(len(steps))[:, None]
        targets = np.broadcast_to(np.arange(self.n_targets), numbers.shape)
        there = numbers >= 0
        self.arrays["RINGS"] = rings = np.zeros((self.n_targets, room, len(spikes)))
        rings[..., learn.STEP] = NEVER
        rings[targets[there], numbers[there]] = spikes[:, there].T
        self.arrays["STATE"][:] = state.T
        self.arrays["STATE"][:, learn.COUNT] = count
        self.arrays["DONE"] = ((steps != NEVER) & (steps + self.rule.longest < step)).sum(axis=0)
        self.arrays["SEEN"] = self._acted(steps, step).astype(np.uint16)
        self._fill_table(self._table, self.arrays)

    def _acted(self, steps: Array, step: int) -> Array:
        """How many of the spikes of its target have acted on each synapse before a step."""
        targets = self.targets.astype(np.int64) - self.first
        acted = np.zeros(self.n_synapses, np.int64)
        for spikes in steps:
            acted += (spikes[targets] != NEVER) & (spikes[targets] + self.delays < step)
        return acted
