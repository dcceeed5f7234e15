"""The source of the kernels of a learning rule: the loops over synapses around its scalar functions.

``source_of_rule`` returns the text of a module; ``function_of_rule`` compiles it. What the synapses remember is laid
out in ``kernels.learn``.
"""

from __future__ import annotations

from functools import cache
from types import ModuleType
from typing import NamedTuple

from numba.core.errors import NumbaError

from .deliver import N_ARGUMENTS
from .generated import load_module, not_compiled
from .jit import address_of
from .learn import FIRST_TRACE


class RuleForm(NamedTuple):
    """What the kernels need to know of a learning rule.

    Attributes
    ----------
    name : str
        Of its class.
    source : str
        Python source of its functions.
    pre, post : tuple of str
        Traces of sources and of targets.
    reward : str
        Trace of the spikes that change how synapses learn; empty if there are none.
    states, terminal : tuple of str
        States of each synapse beside its weight, and of the terminals of each source.
    parameters : tuple of str
    arguments : dict of str to tuple of str
        Of each function that it has: ``on_pre``, ``on_post``, ``between``, ``release``.
    """

    name: str
    source: str
    pre: tuple[str, ...]
    post: tuple[str, ...]
    reward: str
    states: tuple[str, ...]
    terminal: tuple[str, ...]
    parameters: tuple[str, ...]
    arguments: tuple[tuple[str, tuple[str, ...]], ...]

    def takes(self, function: str) -> tuple[str, ...]:
        """What a function takes; nothing where there is none."""
        return dict(self.arguments).get(function, ())

    @property
    def learns(self) -> bool:
        """Whether weights change."""
        return bool(self.takes("on_pre") or self.takes("on_post") or self.takes("between"))


_SCALAR = '''"""Scalar functions of {name}, written by neurocore_nb.kernels.rule."""

import math

from neurocore_nb.kernels.jit import inlined
from neurocore_nb.kernels.vmath import *

{source}'''

_HEAD = '''"""Kernels of the learning rule {name}, written by neurocore_nb.kernels.rule."""

import numpy as np
from numba import carray

from neurocore_nb.kernels.arrays import uncounted
from neurocore_nb.kernels.deliver import (
    DELAYS, INDPTR, LIMIT, N_COLUMNS, N_ROWS, RULE, TARGETS, WEIGHTS, add_row, add_row_within, item, note_beyond, part,
)
from neurocore_nb.kernels.jit import as_float, as_pointer, kernel, vector_loop
from neurocore_nb.kernels.learn import *
from neurocore_nb.kernels.vmath import exp
{imports}

REAL = np.{real}

'''

_LOOPS = '''
@kernel
def take_some(row, first, targets, delays, seen_of_all, w_of_all{all_states}, place, local, delay, acted,
              w{state_args}):
    """Take synapses of a row that follow each other."""
    vector_loop()
    for k in range(place.shape[0]):
        place[k] = row
        local[k] = np.int64(targets[k]) - first
        delay[k] = np.int64(item(delays, k))
        acted[k] = np.int64(seen_of_all[k])
        w[k] = w_of_all[k]
{take_states}


@kernel
def put_back(acted, w{state_args}, seen_of_all, w_of_all{all_states}):
    """Store what has changed."""
    vector_loop()
    for k in range(w.shape[0]):
        seen_of_all[k] = np.uint16(acted[k])
        w_of_all[k] = w[k]
{put_states}


@kernel
def gather(place, local, delay, row_now, state, arrived, since{y_args}):
    """What has come from the targets of some synapses, and how long ago the last of it."""
    vector_loop()
    for k in range(place.shape[0]):
        j = local[k] * (AFTER + {n_post})
        arrived[k] = np.int64(state[j + COUNT])
        since[k] = np.int64(state[j + NEWEST]) + delay[k] - row_now[place[k]]
{take_after}


@kernel
def look_for_late(n, ints, row_now, rule, traces):
    """Mend what was gathered where the newest spike of a target acts only now or later."""
    for k in range(n):
        if ints[SINCE, k] >= 0:
            look_back(k, row_now[ints[PLACE, k]], ints, rule, traces)


@kernel
def learn_post(some, place, local, delay, room, rings, seen, row_last{x_args}{flow_args}{parameter_args},
               lowest, highest, w{state_args}, new_w{new_args}):
    """One spike of the target of each of some synapses."""
    vector_loop()
    for i in range(some.shape[0]):
        k = some[i]
        row = place[k]
        spike = (local[k] * room + (seen[k] & (room - 1))) * (BEFORE + {n_post})
        arrival = np.int64(rings[spike + STEP]) + delay[k]
{post_body}


@kernel
def learn_pre(place, since{y_args}{now_args}{flow_pre_args}{parameter_args}, lowest, highest, factor, quantum,
              w{state_args}, acting):
    """A spike of the source of each synapse."""
    vector_loop()
    inverse = 1.0 / abs(quantum)
    for k in range(w.shape[0]):
        row = place[k]
{pre_body}
        acting[k] = np.rint(np.float64(w[k]) * factor[row] * inverse) * quantum


{flow_loop}
@kernel
def work(mode, ring, block, rule, numbers, ints, reals, ws, rows, row_reals):
    """Bring the synapses that were listed up to date, and let the weights of those whose source fires arrive."""
    n, n_rows = rows[FULL, 0], rows[FULL, 1]
    rows[FULL, 0] = rows[FULL, 1] = 0
    n_targets, room = rule[N_TARGETS], rule[ROOM]
    state = carray(as_pointer(rule[STATE]), n_targets * (AFTER + {n_post}), np.float64)
    rings = carray(as_pointer(rule[RINGS]), n_targets * room * (BEFORE + {n_post}), np.float64)
    lowest, highest, quantum, limit = numbers[LOWEST], numbers[HIGHEST], numbers[QUANTUM], as_float(block[LIMIT])
{unpack}
    place, local, delay = ints[PLACE, :n], ints[LOCAL, :n], ints[DELAY, :n]
    arrived, since, seen, some, w = ints[ARRIVED, :n], ints[SINCE, :n], ints[ACTED, :n], ints[SOME], ws[0, :n]
    gather(place, local, delay, rows[NOW], state, arrived, since{y_rows})
    look_for_late(n, ints, rows[NOW], rule, reals)
{last_events}
    m = first_of(arrived, seen, some)
    while m > 0:
        padded = (m + PADDING - 1) // PADDING * PADDING
        learn_post(some[:padded], place, local, delay, room, rings, seen, rows[LAST_OF]{x_rows}{flow_names}
                   {parameter_names}, lowest, highest, w{state_rows}, ws[{first_new}, :padded]{new_rows})
        scatter(some[:m], ws[{first_new}], w)
{scatter_states}
        m = next_of(some, m, arrived, seen)
    acting = reals[{n_post}, :n]
    if mode == SEND:
        learn_pre(place, since{y_rows}{now_rows}{flow_pre_names}{parameter_names}, lowest, highest, row_reals[0],
                  quantum, w{state_rows}, acting)
{flow_call}
    beyond = np.int64(0)
    for r in range(n_rows):
        begin, end, a = rows[BEGIN, r], rows[END, r], rows[SYNAPSE, r]
        n = end - begin
{own_parts}
        put_back(seen[begin:end], w[begin:end]{state_parts}, carray(as_pointer(rule[SEEN] + 2 * a), n, np.uint16),
                 carray(as_pointer(block[WEIGHTS] + {itemsize} * a), n, REAL){all_names})
        if mode == SEND:
            targets = carray(as_pointer(block[TARGETS] + 4 * a), n, np.uint32)
            delays = part(block[DELAYS], a, n, {delay_type}, np.uint64(block[DELAYS]))
            if limit == 0.0:
                add_row(ring, np.uint64(rows[SLOT, r]), targets, acting[begin:end], delays)
            else:
                beyond |= add_row_within(ring, np.uint64(rows[SLOT, r]), targets, acting[begin:end], delays, limit)
    return beyond


@kernel
def visit(row, now, mode, factor{x_args}, ring, slot, block, rule, numbers, ints, reals, ws, rows, row_reals):
    """List the synapses of a row; those listed are worked on where there is no room for more."""
    indptr = carray(as_pointer(block[INDPTR]), block[N_ROWS] + 1, np.int64)
    last = carray(as_pointer(rule[LAST]), block[N_ROWS], np.int64)[row]
    beyond, a = np.int64(0), indptr[row]
    while a < indptr[row + 1]:
        if rows[FULL, 0] == CHUNK or rows[FULL, 1] == CHUNK:
            beyond |= work(mode, ring, block, rule, numbers, ints, reals, ws, rows, row_reals)
        k, r = rows[FULL, 0], rows[FULL, 1]
        n = min(indptr[row + 1] - a, CHUNK - k)
        targets = carray(as_pointer(block[TARGETS] + 4 * a), n, np.uint32)
        delays = part(block[DELAYS], a, n, {delay_type}, np.uint64(block[DELAYS]))
{own_parts}
        take_some(r, rule[FIRST], targets, delays, carray(as_pointer(rule[SEEN] + 2 * a), n, np.uint16),
                  carray(as_pointer(block[WEIGHTS] + {itemsize} * a), n, REAL){all_names}, ints[PLACE, k : k + n],
                  ints[LOCAL, k : k + n], ints[DELAY, k : k + n], ints[ACTED, k : k + n], ws[0, k : k + n]{taken_parts})
        rows[NOW, r], rows[LAST_OF, r], rows[SLOT, r], rows[SYNAPSE, r] = now, last, slot, a
        rows[BEGIN, r], rows[END, r] = k, k + n
        row_reals[0, r] = factor
{keep_x}
        rows[FULL, 0], rows[FULL, 1] = k + n, r + 1
        a += n
    return beyond
'''

_STATIC = '''
@kernel
def work(mode, ring, block, rule, numbers, ints, reals, ws, rows, row_reals):
    """Nothing is put off."""
    return np.int64(0)


@kernel
def visit(row, now, mode, factor{x_args}, ring, slot, block, rule, numbers, ints, reals, ws, rows, row_reals):
    """The weights of a row, each times the factor, arrive in ``slot``."""
    indptr = carray(as_pointer(block[INDPTR]), block[N_ROWS] + 1, np.int64)
    quantum, limit, beyond = numbers[QUANTUM], as_float(block[LIMIT]), np.int64(0)
    for a in range(indptr[row], indptr[row + 1], CHUNK):
        n = min(CHUNK, indptr[row + 1] - a)
        targets = carray(as_pointer(block[TARGETS] + 4 * a), n, np.uint32)
        delays = part(block[DELAYS], a, n, {delay_type}, np.uint64(block[DELAYS]))
        weights = part(block[WEIGHTS], a, n, {weight_type}, as_float(block[WEIGHTS]))
        acting = reals[0, :n]
        for k in range(n):
            acting[k] = np.rint(np.float64(item(weights, k)) * factor / abs(quantum)) * quantum
        if limit == 0.0:
            add_row(ring, slot, targets, acting, delays)
        else:
            beyond |= add_row_within(ring, slot, targets, acting, delays, limit)
    return beyond
'''

_TAIL = '''
@kernel
def send(row, now, step, ring, block, rule, numbers, ints, reals, ws, rows, row_reals):
    """A spike of a row's source, in the interval that begins with ``step``."""
    lasts = carray(as_pointer(rule[LAST]), block[N_ROWS], np.int64)
    pre = carray(as_pointer(rule[PRE]), (block[N_ROWS], {n_pre}), np.float64)
    terminal = carray(as_pointer(rule[TERMINAL]), (block[N_ROWS], {n_terminal}), np.float64)
    past, beyond = np.float64(now - lasts[row]), np.int64(0)
    if lasts[row] >= step:  # its synapses may be among those listed
        beyond = work(SEND, ring, block, rule, numbers, ints, reals, ws, rows, row_reals)
{release}
{take_pre}
    slot = (now + 1) % ring.shape[0]
    beyond |= visit(row, now, SEND, factor{x_names}, ring, slot, block, rule, numbers, ints, reals, ws, rows, row_reals)
{jump_pre}
    lasts[row] = now
    return beyond


@kernel
def go_through(step, begin, end, mode, ring, spikes, block, rule, numbers, ints, reals, ws, rows, row_reals):
    """The spikes of the steps from begin to end (counted from ``step``), or all rows."""
    pre = carray(as_pointer(rule[PRE]), (block[N_ROWS], {n_pre}), np.float64)
    beyond = np.int64(0)
    for row in range(block[N_ROWS] if mode != SEND else 0):
        visit(row, step, mode, 1.0{x_after}, ring, 0, block, rule, numbers, ints, reals, ws, rows, row_reals)
    for first in range(0, spikes.shape[1] if mode == SEND else 0, CHUNK):
        n = list_spikes(first, begin, end, spikes, block, ints)
        for k in range(n):
            if k + AHEAD < n:
                call_for_row(ints[SPIKE_ROW, k + AHEAD], {itemsize}, block, rule)
            row, now = ints[SPIKE_ROW, k], step + ints[SPIKE_STEP, k]
            beyond |= send(row, now, step, ring, block, rule, numbers, ints, reals, ws, rows, row_reals)
    beyond |= work(mode, ring, block, rule, numbers, ints, reals, ws, rows, row_reals)
    if mode != SEND:
        mark_done(step, rule)
    return beyond


def deliver_block(ring_address, n_slots, n_targets, step, spikes_address, n_spikes, block_address):
    """See kernels.deliver; with SWEEP or FLOW in place of a number of spikes, bring all synapses up to date."""
    ring = carray(as_pointer(ring_address), (n_slots, n_targets), np.float64)
    spikes = carray(as_pointer(spikes_address), (2, max(0, n_spikes)), np.int32)
    block = carray(as_pointer(block_address), N_COLUMNS, np.int64)
    rule = carray(as_pointer(block[RULE]), N_PARAMETERS, np.int64)
    numbers = carray(as_pointer(rule[NUMBERS]), {n_numbers}, np.float64)
    kept_ints, kept_rows = np.empty((N_INTS, CHUNK), np.int64), np.zeros((N_OF_ROW, CHUNK), np.int64)
    kept_reals, kept_row_reals = np.empty(({n_post} + 1, CHUNK)), np.empty((1 + 2 * {n_pre}, CHUNK))
    kept_ws = np.empty((2 + 2 * {n_states}, CHUNK), REAL)
    ints, reals, ws = uncounted(kept_ints), uncounted(kept_reals), uncounted(kept_ws)
    rows, row_reals = uncounted(kept_rows), uncounted(kept_row_reals)
{deliver}
    if beyond != 0:
        note_beyond(ring, as_float(block[LIMIT]), block)
    kept_ints[0, 0] = kept_rows[0, 0] = 0  # so long they are needed
    kept_reals[0, 0] = kept_row_reals[0, 0] = kept_ws[0, 0] = 0.0
'''

_DELIVER = """
    mode = min(n_spikes, SEND)
    beyond = go_through(step, 0, BEHIND_ALL, mode, ring, spikes, block, rule, numbers, ints, reals, ws, rows, row_reals)
"""

_REWARDS = """
    mode, begin, beyond = min(n_spikes, SEND), 0, np.int64(0)
    while True:
        tick, n_rewards = next_rewards(begin, spikes, rule)
        beyond |= go_through(step, begin, tick + 1, mode, ring, spikes, block, rule, numbers, ints, reals, ws, rows,
                             row_reals)
        if n_rewards == 0:
            break
        go_through(step + tick, 0, 0, FLOW, ring, spikes, block, rule, numbers, ints, reals, ws, rows, row_reals)
        past = np.float64(step + tick - rule[REWARD_LAST])
        numbers[REWARD] = numbers[REWARD] * exp(past * numbers[REWARD_DECAY]) + n_rewards
        rule[REWARD_LAST] = step + tick
        begin = tick + 1
"""

_FLOW = '''
@kernel
def find_previous(n, ints, rows, room, rings, reward_last):
    """When something has happened at some synapses last: at the earliest before the first step."""
    for k in range(n):
        spike = (ints[LOCAL, k] * room + ((ints[ACTED, k] - 1) & (room - 1))) * (BEFORE + {n_post})
        latest = max(rows[LAST_OF, ints[PLACE, k]], np.int64(rings[spike + STEP]) + ints[DELAY, k])
        ints[PREVIOUS, k] = max(latest, reward_last, -1)


@kernel
def flow(place, row_now, previous, reward, reward_last{parameter_args}, lowest, highest, w{state_args}):
    """What changes at some synapses from the last event to a step."""
    vector_loop()
    for k in range(w.shape[0]):
        row = place[k]
{body}


'''


class _Text:
    """Writes the parts of a rule's module."""

    def __init__(self, form: RuleForm, weights: str, delays: str) -> None:
        self.form = form
        self.real = weights
        self.delays = delays
        self.flows = bool(form.takes("between"))
        used = {name for _, names in form.arguments for name in names}
        self.parameters = [name for name in form.parameters if name in used]

    def arguments(self, names: list[str] | tuple[str, ...], prefix: str) -> str:
        """Names that follow others."""
        return "".join(f", {prefix}{name}" for name in names)

    def call(self, function: str, **values: str) -> str:
        """A call of one of the rule's functions."""
        known = {"w": "value", "h": "h"} | values
        known |= {name: f"own_{name}_now" for name in self.form.states}
        known |= {name: f"param_{name}" for name in self.parameters}
        return f"{function}({', '.join(known[name] for name in self.form.takes(function))})"

    def results(self) -> str:
        """What a function of a synapse returns."""
        return ", ".join(["value", *(f"own_{name}_now" for name in self.form.states)])

    def decay(self, place: int) -> str:
        """How a trace decays in a step, by its place among all."""
        return f"numbers[{FIRST_TRACE + 2 * place}]"

    def take(self, k: str) -> list[str]:
        """Take the weight and states of a synapse."""
        lines = [f"value = np.float64(w[{k}])"]
        return lines + [f"own_{name}_now = np.float64(own_{name}[{k}])" for name in self.form.states]

    def bounded(self) -> str:
        """The weight within its bounds."""
        return "value = min(max(value, lowest), highest)"

    def flow_lines(self, until: str) -> list[str]:
        """What changes until a step."""
        if not self.flows:
            return []
        given = {self.form.reward: "level"} if self.form.reward else {}
        return [
            f"h = np.float64({until} - previous[k]) * step_ms",
            "level = reward * exp(np.float64(previous[k] - reward_last) * reward_decay)",
            f"{self.results()} = {self.call('between', **given)}",
        ]

    def post_body(self) -> list[str]:
        """A spike of a target."""
        form, taken = self.form, self.form.takes("on_post")
        lines = self.take("k") + self.flow_lines("arrival")
        if taken:
            past = "np.float64(arrival - row_last[row])"
            lines += [f"x_{one}_now = x_{one}[row] * exp({past} * decay_{one})" for one in form.pre if one in taken]
            lines += [f"y_{one}_now = rings[spike + BEFORE + {p}]" for p, one in enumerate(form.post) if one in taken]
            values = {one: f"x_{one}_now" for one in form.pre} | {one: f"y_{one}_now" for one in form.post}
            lines.append(f"{self.results()} = {self.call('on_post', **values)}")
        lines += [self.bounded(), "new_w[i] = value"]
        lines += [f"new_{name}[i] = own_{name}_now" for name in form.states]
        return lines + ["new_previous[i] = arrival"] * self.flows

    def pre_body(self) -> list[str]:
        """A spike of the source."""
        form, taken = self.form, self.form.takes("on_pre")
        lines = self.take("k") + self.flow_lines("row_now[row]")
        if taken:
            past = "np.float64(-since[k])"
            lines += [f"y_{one}_now = y_{one}[k] * exp({past} * decay_{one})" for one in form.post if one in taken]
            values = {one: f"now_{one}[row]" for one in form.pre} | {one: f"y_{one}_now" for one in form.post}
            lines.append(f"{self.results()} = {self.call('on_pre', **values)}")
        return [*lines, self.bounded(), "w[k] = value", *(f"own_{one}[k] = own_{one}_now" for one in form.states)]

    def unpack(self) -> list[str]:
        """Parameters, decays and what the rewards have left, from the numbers."""
        form = self.form
        traces = [*form.pre, *form.post]
        first = FIRST_TRACE + 2 * len(traces)
        lines = [f"decay_{one} = {self.decay(place)}" for place, one in enumerate(traces)]
        lines += [f"param_{one} = numbers[{first + form.parameters.index(one)}]" for one in self.parameters]
        if self.flows:
            lines += ["reward, reward_decay, reward_last = numbers[REWARD], numbers[REWARD_DECAY], rule[REWARD_LAST]"]
            lines += ["step_ms, previous, new_previous = numbers[DT], ints[PREVIOUS, :n], ints[NEW_PREVIOUS]"]
        return lines

    def loops(self) -> str:
        """The loops over synapses."""
        form = self.form
        n_pre, n_post, n_states = len(form.pre), len(form.post), len(form.states)
        decays = [f"decay_{one}" for one in (*form.pre, *form.post)]
        flow = ["step_ms", "previous", "new_previous", "reward", "reward_last", "reward_decay"] if self.flows else []
        flow_pre = ["step_ms", "row_now", "previous", "reward", "reward_last", "reward_decay"] if self.flows else []
        parameters = self.arguments(decays, "") + self.arguments(self.parameters, "param_")
        own = self.arguments(form.states, "own_")
        own_rows = "".join(f", ws[{1 + row}, :n]" for row in range(n_states))
        itemsize = {"float32": 4, "float64": 8}[self.real]
        parts = "carray(as_pointer(rule[STATES] + {size} * ({row} * rule[N_SYNAPSES] + a)), n, REAL)"
        return _LOOPS.format(
            all_states=self.arguments(form.states, "all_"),
            all_names=self.arguments(form.states, "all_"),
            y_args=self.arguments(form.post, "y_"),
            take_after=_indented([f"y_{one}[k] = state[j + AFTER + {p}]" for p, one in enumerate(form.post)], 2),
            take_states=_indented([f"own_{one}[k] = all_{one}[k]" for one in form.states], 2),
            x_args=self.arguments(form.pre, "x_"),
            now_args=self.arguments(form.pre, "now_"),
            flow_args=self.arguments(flow, ""),
            flow_names=self.arguments(flow, ""),
            flow_pre_args=self.arguments(flow_pre, ""),
            flow_pre_names=self.arguments(flow_pre, "").replace("row_now", "rows[NOW]"),
            parameter_args=parameters,
            parameter_names=parameters,
            state_args=own,
            state_rows=own_rows,
            new_args=self.arguments(form.states, "new_"),
            post_body=_indented(self.post_body(), 2),
            pre_body=_indented(self.pre_body(), 2),
            put_states=_indented([f"all_{one}[k] = own_{one}[k]" for one in form.states], 2),
            flow_loop=self.flow_loop(parameters, own),
            n_post=n_post,
            unpack=_indented(self.unpack(), 1),
            delay_type=self.delays,
            itemsize=itemsize,
            own_parts=_indented(
                [f"all_{one} = {parts.format(size=itemsize, row=row)}" for row, one in enumerate(form.states)], 2),
            state_parts="".join(f", ws[{1 + row}, begin:end]" for row in range(n_states)),
            taken_parts="".join(f", ws[{1 + row}, k : k + n]" for row in range(n_states)),
            y_rows="".join(f", reals[{row}, :n]" for row in range(n_post)),
            last_events=_indented(["find_previous(n, ints, rows, room, rings, reward_last)"] * self.flows, 1),
            x_rows="".join(f", row_reals[{1 + row}]" for row in range(n_pre)),
            now_rows="".join(f", row_reals[{1 + n_pre + row}]" for row in range(n_pre)),
            first_new=1 + n_states,
            new_rows="".join(f", ws[{2 + n_states + row}, :padded]" for row in range(n_states)),
            scatter_states=_indented(
                [f"scatter(some[:m], ws[{2 + n_states + row}], ws[{1 + row}])" for row in range(n_states)]
                + ["scatter(some[:m], new_previous, previous)"] * self.flows, 2),
            flow_call=_indented(
                ["elif mode == FLOW:",
                 f"    flow(place, rows[NOW], previous, reward, reward_last, step_ms, reward_decay{parameters},",
                 f"         lowest, highest, w{own_rows})"] * self.flows, 1),
            keep_x=_indented([
                line for row, one in enumerate(form.pre) for line in (
                    f"row_reals[{1 + row}, r] = x_{one}",
                    f"row_reals[{1 + n_pre + row}, r] = x_{one} * exp(np.float64(now - last) * {self.decay(row)})")
            ], 2),
        )  # fmt: skip

    def flow_loop(self, parameters: str, states: str) -> str:
        """The loop over what changes without spikes."""
        if not self.flows:
            return ""
        lines = [*self.take("k"), *self.flow_lines("row_now[row]"), self.bounded(), "w[k] = value"]
        lines += [f"own_{one}[k] = own_{one}_now" for one in self.form.states]
        return _FLOW.format(
            parameter_args=f", step_ms, reward_decay{parameters}", state_args=states, body=_indented(lines, 2),
            n_post=len(self.form.post),
        )  # fmt: skip

    def static(self, weight_type: str) -> str:
        """The loop where weights stay as they are."""
        return _STATIC.format(
            x_args=self.arguments(self.form.pre, "x_"), delay_type=self.delays, weight_type=weight_type
        )

    def tail(self) -> str:
        """From spikes to rows."""
        form = self.form
        n_pre, n_terminal = len(form.pre), len(form.terminal)
        release = ["factor = 1.0"]
        if form.takes("release"):
            first = FIRST_TRACE + 2 * (n_pre + len(form.post))
            known = {"h": "past * numbers[DT]"} | {one: f"terminal[row, {k}]" for k, one in enumerate(form.terminal)}
            known |= {one: f"numbers[{first + form.parameters.index(one)}]" for one in self.parameters}
            given = ", ".join(known[one] for one in form.takes("release"))
            news = "".join(f"terminal[row, {k}], " for k in range(n_terminal))
            release = [f"{news}factor = release({given})", "factor = min(max(factor, 0.0), 1.0)"]
        keeps = [f"numbers[{FIRST_TRACE + 2 * place + 1}]" for place in range(n_pre)]
        return _TAIL.format(
            n_pre=n_pre,
            n_terminal=n_terminal,
            itemsize={"float32": 4, "float64": 8}[self.real] * form.learns,
            n_post=len(form.post),
            n_states=len(form.states),
            n_numbers=FIRST_TRACE + 2 * (n_pre + len(form.post)) + len(form.parameters),
            release=_indented(release, 1),
            take_pre=_indented([f"x_{one} = pre[row, {k}]" for k, one in enumerate(form.pre)], 1),
            x_names=self.arguments(form.pre, "x_"),
            x_after="".join(f", pre[row, {k}]" for k in range(n_pre)),
            jump_pre=_indented(
                [f"pre[row, {k}] = x_{one} * exp(past * {self.decay(k)}) * {keeps[k]} + 1.0"
                 for k, one in enumerate(form.pre)], 1),
            deliver=_REWARDS if form.reward else _DELIVER,
        )  # fmt: skip


def _indented(lines: list[str], depth: int) -> str:
    return "\n".join(f"{'    ' * depth}{line}" for line in lines)


def source_of_rule(form: RuleForm, weights: str, delays: str) -> str:
    """Text of the module with the kernels of a rule.

    Parameters
    ----------
    form : RuleForm
    weights : str
        Type of the stored weights, ``"float32"`` or ``"float64"``; empty where one number stands for all.
    delays : str
        Type of the stored delays, such as ``"uint8"``; empty where one number stands for all.

    Returns
    -------
    str
    """
    scalar = load_module(_SCALAR.format(name=form.name, source=form.source), f"{form.name}_functions")
    functions = ", ".join(name for name, _ in form.arguments)
    text = _Text(form, weights or "float64", f"np.{delays}" if delays else "None")
    head = _HEAD.format(name=form.name, imports=f"from {scalar.__name__} import {functions}", real=weights or "float64")
    loops = text.loops() if form.learns else text.static(f"np.{weights}" if weights else "None")
    return head + loops + text.tail()


@cache
def _module(form: RuleForm, weights: str, delays: str) -> ModuleType:
    return load_module(source_of_rule(form, weights, delays), f"{form.name}_rule")


@cache
def function_of_rule(form: RuleForm, weights: str, delays: str) -> int:
    """Address of the function that delivers spikes to synapses and brings these up to date, compiled.

    Parameters
    ----------
    form, weights, delays
        As for :func:`source_of_rule`.

    Returns
    -------
    int

    Raises
    ------
    TypeError
        If a function of the rule can't be compiled.
    """
    try:
        return address_of(_module(form, weights, delays).deliver_block, N_ARGUMENTS)
    except NumbaError as error:
        raise TypeError(not_compiled(error, f"the rule {form.name}")) from None
