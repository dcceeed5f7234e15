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
    DELAYS, INDPTR, LIMIT, N_COLUMNS, N_ROWS, N_SOURCE, RULE, SOURCE_BEGIN, SOURCES, TARGETS, WEIGHTS, add_row,
    add_row_within, item, note_beyond, part, row_of,
)
from neurocore_nb.kernels.jit import as_float, as_pointer, kernel, vector_loop
from neurocore_nb.kernels.learn import *
from neurocore_nb.kernels.vmath import exp
{imports}

REAL = np.{real}

'''

_LOOPS = '''
@kernel
def gather(targets, delays, step, first, count, newest{after_args}, arrived, since{y_args}):
    """What has come from the targets of some synapses until a step, and how long ago the last of it."""
    vector_loop()
    for k in range(targets.shape[0]):
        j = np.int64(targets[k]) - first
        arrived[k] = count[j]
        since[k] = newest[j] + np.int64(item(delays, k)) - step
{take_after}


@kernel
def look_for_late(targets, delays, step, rule, arrived, since, traces):
    """Mend what was gathered where the newest spike of a target acts only now or later."""
    for k in range(targets.shape[0]):
        if since[k] >= 0:
            look_back(k, np.int64(targets[k]) - rule[FIRST], step, np.int64(item(delays, k)), rule, arrived, since,
                      traces)


@kernel
def learn_post(some, targets, delays, first, room, steps{before_args}, seen, last{x_args}{flow_args}{parameter_args},
               lowest, highest, w{state_args}, new_w{new_args}):
    """One spike of the target of each of some synapses."""
    vector_loop()
    for i in range(some.shape[0]):
        k = some[i]
        entry = (np.int64(targets[k]) - first) * room + (np.int64(seen[k]) & (room - 1))
        arrival = steps[entry] + np.int64(item(delays, k))
{post_body}


@kernel
def learn_pre(since{y_args}{x_args}{flow_pre_args}{parameter_args}, lowest, highest, factor, quantum, w{state_args},
              acting):
    """A spike of the source of some synapses."""
    vector_loop()
    inverse = 1.0 / abs(quantum)
    for k in range(w.shape[0]):
{pre_body}
        acting[k] = np.rint(np.float64(w[k]) * factor * inverse) * quantum

{flow_loop}
@kernel
def visit(row, now, mode, factor{x_args}, ring, slot, block, rule, numbers, ints, reals, ws):
    """Bring the synapses of a row up to date with a step; the weights that arrive in ``slot`` if it sends a spike."""
    indptr = carray(as_pointer(block[INDPTR]), block[N_ROWS] + 1, np.int64)
    last = carray(as_pointer(rule[LAST]), block[N_ROWS], np.int64)[row]
    n_targets, room, first = rule[N_TARGETS], rule[ROOM], rule[FIRST]
    count = carray(as_pointer(rule[COUNT]), n_targets, np.int64)
    newest = carray(as_pointer(rule[NEWEST]), n_targets, np.int64)
    after = carray(as_pointer(rule[AFTER]), ({n_post}, n_targets), np.float64)
    steps = carray(as_pointer(rule[STEPS]), n_targets * room, np.int64)
    before = carray(as_pointer(rule[BEFORE]), ({n_post}, n_targets * room), np.float64)
    lowest, highest, quantum, limit = numbers[LOWEST], numbers[HIGHEST], numbers[QUANTUM], as_float(block[LIMIT])
{unpack}
    beyond = np.int64(0)
    for a in range(indptr[row], indptr[row + 1], CHUNK):
        n = min(CHUNK, indptr[row + 1] - a)
        targets = carray(as_pointer(block[TARGETS] + 4 * a), n, np.uint32)
        delays = part(block[DELAYS], a, n, {delay_type}, np.uint64(block[DELAYS]))
        seen = carray(as_pointer(rule[SEEN] + 2 * a), n, np.uint16)
        w = carray(as_pointer(block[WEIGHTS] + {itemsize} * a), n, REAL)
{own_states}
        arrived, since, some, previous, new_previous = ints[0, :n], ints[1, :n], ints[2], ints[3, :n], ints[4]
        gather(targets, delays, now, first, count, newest{after_rows}, arrived, since{y_rows})
        look_for_late(targets, delays, now, rule, arrived, since, reals)
{last_events}
        m = first_of(arrived, seen, some)
        while m > 0:
            learn_post(some[:m], targets, delays, first, room, steps{before_rows}, seen, last{x_names}{flow_names}
                       {parameter_names}, lowest, highest, w{state_names}, ws[0, :m]{new_rows})
            scatter(some[:m], ws[0], w)
{scatter_states}
            m = next_of(some[:m], arrived, seen)
        if mode == SEND:
            acting = reals[{n_post}, :n]
            learn_pre(since{y_rows}{now_names}{flow_pre_names}{parameter_names}, lowest, highest, factor, quantum,
                      w{state_names}, acting)
            if limit == 0.0:
                add_row(ring, slot, targets, acting, delays)
            else:
                beyond |= add_row_within(ring, slot, targets, acting, delays, limit)
{flow_call}
    return beyond
'''

_STATIC = '''
@kernel
def visit(row, now, mode, factor{x_args}, ring, slot, block, rule, numbers, ints, reals, ws):
    """The weights of a row, each times the factor, arrive in ``slot``."""
    indptr = carray(as_pointer(block[INDPTR]), block[N_ROWS] + 1, np.int64)
    quantum, limit, beyond = numbers[QUANTUM], as_float(block[LIMIT]), np.int64(0)
    if mode != SEND:
        return beyond
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
def send(row, now, ring, block, rule, numbers, ints, reals, ws):
    """A spike of a row's source."""
    lasts = carray(as_pointer(rule[LAST]), block[N_ROWS], np.int64)
    pre = carray(as_pointer(rule[PRE]), (block[N_ROWS], {n_pre}), np.float64)
    terminal = carray(as_pointer(rule[TERMINAL]), (block[N_ROWS], {n_terminal}), np.float64)
    past = np.float64(now - lasts[row])
{release}
{decay_pre}
    slot = np.uint64((now + 1) % ring.shape[0])
    beyond = visit(row, now, SEND, factor{x_names}, ring, slot, block, rule, numbers, ints, reals, ws)
{jump_pre}
    lasts[row] = now
    return beyond


@kernel
def sweep_rows(now, mode, ring, block, rule, numbers, ints, reals, ws):
    """Bring all synapses up to date with a step."""
    pre = carray(as_pointer(rule[PRE]), (block[N_ROWS], {n_pre}), np.float64)
    for row in range(block[N_ROWS]):
        visit(row, now, mode, 1.0{x_after}, ring, np.uint64(0), block, rule, numbers, ints, reals, ws)
    mark_done(now, rule)


@kernel
def send_some(step, begin, end, ring, spikes, block, rule, numbers, ints, reals, ws):
    """The spikes of the steps from begin to end (counted from ``step``)."""
    sources = carray(as_pointer(block[SOURCES]), block[N_ROWS], np.uint32)
    beyond = np.int64(0)
    for k in range(spikes.shape[1]):
        row = spikes[0, k] - block[SOURCE_BEGIN]
        if row < 0 or row >= block[N_SOURCE] or spikes[1, k] < begin or spikes[1, k] >= end:
            continue
        if block[N_ROWS] < block[N_SOURCE]:
            row = row_of(row, sources)
            if row < 0:
                continue
        beyond |= send(row, step + spikes[1, k], ring, block, rule, numbers, ints, reals, ws)
    return beyond


def deliver_block(ring_address, n_slots, n_targets, step, spikes_address, n_spikes, block_address):
    """See kernels.deliver; with SWEEP or FLOW in place of a number of spikes, bring all synapses up to date."""
    ring = carray(as_pointer(ring_address), (n_slots, n_targets), np.float64)
    spikes = carray(as_pointer(spikes_address), (2, max(0, n_spikes)), np.int32)
    block = carray(as_pointer(block_address), N_COLUMNS, np.int64)
    rule = carray(as_pointer(block[RULE]), N_PARAMETERS, np.int64)
    numbers = carray(as_pointer(rule[NUMBERS]), {n_numbers}, np.float64)
    kept_ints, kept_reals, kept_ws = np.empty((5, CHUNK), np.int64), np.empty(({n_post} + 1, CHUNK)), np.empty(
        (1 + {n_states}, CHUNK), REAL)
    ints, reals, ws = uncounted(kept_ints), uncounted(kept_reals), uncounted(kept_ws)
    beyond, last = np.int64(0), 0
    if n_spikes < 0:
        sweep_rows(step, n_spikes, ring, block, rule, numbers, ints, reals, ws)
    for k in range(n_spikes):
        last = max(last, spikes[1, k])
{deliver}
    if beyond != 0:
        note_beyond(ring, as_float(block[LIMIT]), block)
    kept_ints[0, 0], kept_reals[0, 0], kept_ws[0, 0] = 0, 0.0, 0.0  # so long they are needed
'''

_REWARDS = """
    begin = 0
    for tick in range(last + 1):
        n_rewards = 0
        for k in range(n_spikes):
            n_rewards += rule[REWARD_BEGIN] <= spikes[0, k] < rule[REWARD_END] and spikes[1, k] == tick
        if n_rewards > 0:
            beyond |= send_some(step, begin, tick + 1, ring, spikes, block, rule, numbers, ints, reals, ws)
            sweep_rows(step + tick, FLOW, ring, block, rule, numbers, ints, reals, ws)
            past = np.float64(step + tick - rule[REWARD_LAST])
            numbers[REWARD] = numbers[REWARD] * exp(past * numbers[REWARD_DECAY]) + n_rewards
            rule[REWARD_LAST] = step + tick
            begin = tick + 1
    beyond |= send_some(step, begin, last + 1, ring, spikes, block, rule, numbers, ints, reals, ws)
"""

_FLOW = '''
@kernel
def find_previous(targets, delays, first, room, steps, seen, earliest, previous):
    """When something has happened at some synapses last, at the earliest in a given step."""
    for k in range(targets.shape[0]):
        entry = (np.int64(targets[k]) - first) * room + ((np.int64(seen[k]) - 1) & (room - 1))
        previous[k] = max(earliest, steps[entry] + np.int64(item(delays, k)))


@kernel
def flow(now, previous, reward, reward_last{parameter_args}, lowest, highest, w{state_args}):
    """What changes at some synapses from the last event to a step."""
    vector_loop()
    for k in range(w.shape[0]):
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
            past = "np.float64(arrival - last)"
            lines += [f"x_{one}_now = x_{one} * exp({past} * decay_{one})" for one in form.pre if one in taken]
            lines += [f"y_{one}_now = before_{one}[entry]" for one in form.post if one in taken]
            values = {one: f"x_{one}_now" for one in form.pre} | {one: f"y_{one}_now" for one in form.post}
            lines.append(f"{self.results()} = {self.call('on_post', **values)}")
        lines += [self.bounded(), "new_w[i] = value"]
        lines += [f"new_{name}[i] = own_{name}_now" for name in form.states]
        return lines + ["new_previous[i] = arrival"] * self.flows

    def pre_body(self) -> list[str]:
        """A spike of the source."""
        form, taken = self.form, self.form.takes("on_pre")
        lines = self.take("k") + self.flow_lines("now")
        if taken:
            past = "np.float64(-since[k])"
            lines += [f"y_{one}_now = y_{one}[k] * exp({past} * decay_{one})" for one in form.post if one in taken]
            values = {one: f"x_{one}" for one in form.pre} | {one: f"y_{one}_now" for one in form.post}
            lines.append(f"{self.results()} = {self.call('on_pre', **values)}")
        return [*lines, self.bounded(), "w[k] = value", *(f"own_{one}[k] = own_{one}_now" for one in form.states)]

    def unpack(self) -> list[str]:
        """Parameters, decays and what the rewards have left, from the numbers."""
        form = self.form
        traces = [*form.pre, *form.post]
        first = FIRST_TRACE + 2 * len(traces)
        lines = [f"decay_{one} = {self.decay(place)}" for place, one in enumerate(traces)]
        lines += [f"now_{one} = x_{one} * exp(np.float64(now - last) * decay_{one})" for one in form.pre]
        lines += [f"param_{one} = numbers[{first + form.parameters.index(one)}]" for one in self.parameters]
        if self.flows:
            lines += ["reward, reward_decay, reward_last = numbers[REWARD], numbers[REWARD_DECAY], rule[REWARD_LAST]"]
            lines += ["step_ms = numbers[DT]"]
        return lines

    def loops(self) -> str:
        """The loops over synapses."""
        form = self.form
        decays = [f"decay_{one}" for one in (*form.pre, *form.post)]
        flow = ["step_ms", "previous", "new_previous", "reward", "reward_last", "reward_decay"] if self.flows else []
        flow_pre = ["step_ms", "now", "previous", "reward", "reward_last", "reward_decay"] if self.flows else []
        parameters = self.arguments(decays, "") + self.arguments(self.parameters, "param_")
        states = self.arguments(form.states, "own_")
        rows = range(len(form.post))
        itemsize = {"float32": 4, "float64": 8}[self.real]
        return _LOOPS.format(
            after_args=self.arguments(form.post, "after_"),
            y_args=self.arguments(form.post, "y_"),
            take_after=_indented([f"y_{one}[k] = after_{one}[j]" for one in form.post], 2),
            before_args=self.arguments(form.post, "before_"),
            x_args=self.arguments(form.pre, "x_"),
            flow_args=self.arguments(flow, ""),
            flow_names=self.arguments(flow, ""),
            flow_pre_args=self.arguments(flow_pre, ""),
            flow_pre_names=self.arguments(flow_pre, ""),
            parameter_args=parameters,
            parameter_names=parameters,
            state_args=states,
            state_names=states,
            new_args=self.arguments(form.states, "new_"),
            post_body=_indented(self.post_body(), 2),
            pre_body=_indented(self.pre_body(), 2),
            flow_loop=self.flow_loop(parameters, states),
            n_post=len(form.post),
            unpack=_indented(self.unpack(), 1),
            delay_type=self.delays,
            itemsize=itemsize,
            own_states=_indented([
                f"own_{one} = carray(as_pointer(rule[STATES] + {itemsize} * ({row} * rule[N_SYNAPSES] + a)), n, REAL)"
                for row, one in enumerate(form.states)
            ], 2),
            after_rows="".join(f", after[{row}]" for row in rows),
            y_rows="".join(f", reals[{row}, :n]" for row in rows),
            before_rows="".join(f", before[{row}]" for row in rows),
            last_events=_indented(
                ["earliest = max(last, reward_last, -1)",
                 "find_previous(targets, delays, first, room, steps, seen, earliest, previous)"] * self.flows, 2),
            x_names=self.arguments(form.pre, "x_"),
            now_names=self.arguments(form.pre, "now_"),
            new_rows="".join(f", ws[{1 + row}, :m]" for row in range(len(form.states))),
            scatter_states=_indented(
                [f"scatter(some[:m], ws[{1 + row}], own_{one})" for row, one in enumerate(form.states)]
                + ["scatter(some[:m], new_previous, previous)"] * self.flows, 3),
            flow_call=_indented(
                ["elif mode == FLOW:",
                 f"    flow(now, previous, reward, reward_last, step_ms, reward_decay{parameters}, lowest, highest,",
                 f"         w{states})"]
                * self.flows, 2),
        )  # fmt: skip

    def flow_loop(self, parameters: str, states: str) -> str:
        """The loop over what changes without spikes."""
        if not self.flows:
            return ""
        lines = [*self.take("k"), *self.flow_lines("now"), self.bounded(), "w[k] = value"]
        lines += [f"own_{one}[k] = own_{one}_now" for one in self.form.states]
        return _FLOW.format(
            parameter_args=f", step_ms, reward_decay{parameters}", state_args=states, body=_indented(lines, 2)
        )

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
            n_post=len(form.post),
            n_states=len(form.states),
            n_numbers=FIRST_TRACE + 2 * (n_pre + len(form.post)) + len(form.parameters),
            release=_indented(release, 1),
            decay_pre=_indented([f"x_{one} = pre[row, {k}]" for k, one in enumerate(form.pre)], 1),
            x_names=self.arguments(form.pre, "x_"),
            x_after="".join(f", pre[row, {k}]" for k in range(n_pre)),
            jump_pre=_indented(
                [f"pre[row, {k}] = x_{one} * exp(past * {self.decay(k)}) * {keeps[k]} + 1.0"
                 for k, one in enumerate(form.pre)], 1),
            deliver=_REWARDS if form.reward else
            "    beyond |= send_some(step, 0, last + 1, ring, spikes, block, rule, numbers, ints, reals, ws)",
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
