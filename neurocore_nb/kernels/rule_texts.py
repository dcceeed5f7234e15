"""Texts of which the module of a learning rule is made: loops over synapses, with room for what a rule declares.

``kernels.rule`` fills them in. Synapses of one row, or of several short ones, are listed (``visit``) and then worked on
together (``work``): they are brought up to date with the spikes of their targets (``learn_post``), one after the other,
then learn from that of their source (``learn_pre``), and their weights go to the ring buffer. ``deliver_block`` is what
``kernels.deliver`` calls.
"""

SCALAR = '''"""Scalar functions of {name}, written by neurocore_nb.kernels.rule."""

import math

from neurocore_nb.kernels.jit import inlined
from neurocore_nb.kernels.vmath import *

{source}'''

HEAD = '''"""Kernels of the learning rule {name}, written by neurocore_nb.kernels.rule."""

import numpy as np

from neurocore_nb.kernels.arrays import uncounted
from neurocore_nb.kernels.deliver import (
    DELAYS, INDPTR, LIMIT, N_COLUMNS, N_ROWS, RULE, TARGETS, WEIGHTS, add_row, add_row_within, item, note_beyond, part,
)
from neurocore_nb.kernels.intrinsics import as_float, array_at, stretch, vector_loop
from neurocore_nb.kernels.jit import kernel, pasted
from neurocore_nb.kernels.learn import *
from neurocore_nb.kernels.vmath import exp
{imports}

REAL = np.{real}

'''

LOOPS = '''
@kernel
def take_some(first, room, now, last, factor{x_args}{now_args}, targets, delays, seen_of_all, w_of_all{all_states},
              local, cursor, base, offset, acted{more_args}, w{state_args}):
    """Take synapses of a row that follow each other."""
    vector_loop()
    for k in range(local.shape[0]):
        delay, count = np.int64(item(delays, k)), np.int64(seen_of_all[k])
        local[k] = np.int64(targets[k]) - first
        cursor[k] = local[k] * room + (count & (room - 1))
        base[k] = delay - last
        offset[k] = delay - now
        acted[k] = count
        w[k] = w_of_all[k]
{take_more}


@kernel
def put_back(acted, w{state_args}, seen_of_all, w_of_all{all_states}):
    """Store what has changed."""
    vector_loop()
    for k in range(w.shape[0]):
        seen_of_all[k] = np.uint16(acted[k] & 0xFFFF)
        w_of_all[k] = w[k]
{put_states}


@kernel
def gather(local, offset, state, arrived, since{y_args}):
    """What has come from the targets of some synapses, and how long ago the last of it."""
    vector_loop()
    for k in range(local.shape[0]):
        j = local[k] * (AFTER + {n_post})
        arrived[k] = np.int64(state[j + COUNT])
        since[k] = np.int64(state[j + NEWEST]) + offset[k]
{take_after}


@kernel
def learn_post(some, cursor, base, rings{x_many}{flow_args}{parameter_args}, lowest, highest, w{state_args},
               new_w{new_args}):
    """One spike of the target of each of some synapses."""
    vector_loop()
    for i in range(some.shape[0]):
        k = some[i]
        spike = cursor[k] * (BEFORE + {n_post})
        past = np.int64(rings[spike + STEP]) + base[k]
{post_body}


@kernel
def learn_pre(since{y_args}{now_many}{factor_many}{flow_args}{parameter_args}, lowest, highest, quantum, w{state_args},
              acting):
    """A spike of the source of each synapse."""
    vector_loop()
    inverse = 1.0 / abs(quantum)
    for k in range(w.shape[0]):
{pre_body}
        acting[k] = np.rint(np.float64(w[k]){times_factor} * inverse) * quantum


{flow_loop}
@kernel
def work(mode, ring, block, rule, numbers, ints, reals, ws, rows):
    """Bring the synapses that were listed up to date, and let the weights of those whose source fires arrive."""
    n, n_rows = rows[FULL, 0], rows[FULL, 1]
    rows[FULL, 0] = rows[FULL, 1] = 0
    n_targets, room = rule[N_TARGETS], rule[ROOM]
    state = array_at(rule[STATE], n_targets * (AFTER + {n_post}), np.float64)
    rings = array_at(rule[RINGS], n_targets * room * (BEFORE + {n_post}), np.float64)
    lowest, highest, quantum, limit = numbers[LOWEST], numbers[HIGHEST], numbers[QUANTUM], as_float(block[LIMIT])
{unpack}
    local, cursor, base = stretch(ints, LOCAL, 0, n), stretch(ints, CURSOR, 0, n), stretch(ints, BASE, 0, n)
    offset, arrived, since = stretch(ints, OFFSET, 0, n), stretch(ints, ARRIVED, 0, n), stretch(ints, SINCE, 0, n)
    acted, some, w = stretch(ints, ACTED, 0, n), ints[SOME], stretch(ws, 0, 0, n)
    gather(local, offset, state, arrived, since{y_rows})
    look_for_late(n, ints, rule, reals)
{last_events}
    m = first_of(arrived, acted, some)
    while m > 0:
        padded = (m + PADDING - 1) // PADDING * PADDING
        learn_post(some[:padded], cursor, base, rings{x_rows}{flow_names}{parameter_names}, lowest, highest,
                   w{state_rows}, stretch(ws, {first_new}, 0, padded){new_rows})
        scatter(some[:m], ws[{first_new}], w)
{scatter_states}
        m = next_of(some, m, room, arrived, acted, cursor)
    acting = stretch(reals, {n_post}, 0, n)
    if mode == SEND:
        learn_pre(since{y_rows}{now_rows}{factor_rows}{flow_names}{parameter_names}, lowest, highest, quantum,
                  w{state_rows}, acting)
{flow_call}
    beyond = np.int64(0)
    for r in range(n_rows):
        begin, end, a = rows[BEGIN, r], rows[END, r], rows[SYNAPSE, r]
        n = end - begin
{own_parts}
        put_back(acted[begin:end], w[begin:end]{state_parts}, array_at(rule[SEEN] + 2 * a, n, np.uint16),
                 array_at(block[WEIGHTS] + {itemsize} * a, n, REAL){all_names})
        if mode == SEND:
            targets = array_at(block[TARGETS] + 4 * a, n, np.uint32)
            delays = part(block[DELAYS], a, n, {delay_type}, np.uint64(block[DELAYS]))
            if limit == 0.0:
                add_row(ring, np.uint64(rows[SLOT, r]), targets, acting[begin:end], delays)
            else:
                beyond |= add_row_within(ring, np.uint64(rows[SLOT, r]), targets, acting[begin:end], delays, limit)
    return beyond


@kernel
def visit(row, now, mode, factor{x_args}, ring, slot, block, rule, numbers, ints, reals, ws, rows):
    """List the synapses of a row; those listed are worked on where there is no room for more."""
    indptr = array_at(block[INDPTR], block[N_ROWS] + 1, np.int64)
    last = array_at(rule[LAST], block[N_ROWS], np.int64)[row]
    beyond, a, room = np.int64(0), indptr[row], rule[ROOM]
{decayed}
    while a < indptr[row + 1]:
        if rows[FULL, 0] == CHUNK or rows[FULL, 1] == CHUNK:
            beyond |= work(mode, ring, block, rule, numbers, ints, reals, ws, rows)
        k, r = rows[FULL, 0], rows[FULL, 1]
        n = min(indptr[row + 1] - a, CHUNK - k)
        targets = array_at(block[TARGETS] + 4 * a, n, np.uint32)
        delays = part(block[DELAYS], a, n, {delay_type}, np.uint64(block[DELAYS]))
{own_parts}
        take_some(rule[FIRST], room, now, last, factor{x_args}{now_args}, targets, delays,
                  array_at(rule[SEEN] + 2 * a, n, np.uint16),
                  array_at(block[WEIGHTS] + {itemsize} * a, n, REAL){all_names}, stretch(ints, LOCAL, k, k + n),
                  stretch(ints, CURSOR, k, k + n), stretch(ints, BASE, k, k + n), stretch(ints, OFFSET, k, k + n),
                  stretch(ints, ACTED, k, k + n){more_parts}, stretch(ws, 0, k, k + n){taken_parts})
        rows[SLOT, r], rows[SYNAPSE, r], rows[BEGIN, r], rows[END, r] = slot, a, k, k + n
        rows[FULL, 0], rows[FULL, 1] = k + n, r + 1
        a += n
    return beyond
'''

STATIC = '''
@kernel
def work(mode, ring, block, rule, numbers, ints, reals, ws, rows):
    """Nothing is put off."""
    return np.int64(0)


@kernel
def visit(row, now, mode, factor{x_args}, ring, slot, block, rule, numbers, ints, reals, ws, rows):
    """The weights of a row, each times the factor, arrive in ``slot``."""
    indptr = array_at(block[INDPTR], block[N_ROWS] + 1, np.int64)
    quantum, limit, beyond = numbers[QUANTUM], as_float(block[LIMIT]), np.int64(0)
    for a in range(indptr[row], indptr[row + 1], CHUNK):
        n = min(CHUNK, indptr[row + 1] - a)
        targets = array_at(block[TARGETS] + 4 * a, n, np.uint32)
        delays = part(block[DELAYS], a, n, {delay_type}, np.uint64(block[DELAYS]))
        weights = part(block[WEIGHTS], a, n, {weight_type}, as_float(block[WEIGHTS]))
        acting = stretch(reals, 0, 0, n)
        for k in range(n):
            acting[k] = np.rint(np.float64(item(weights, k)) * factor / abs(quantum)) * quantum
        if limit == 0.0:
            add_row(ring, np.uint64(slot), targets, acting, delays)
        else:
            beyond |= add_row_within(ring, np.uint64(slot), targets, acting, delays, limit)
    return beyond
'''

TAIL = '''
@pasted
def send(row, now, step, ring, block, rule, numbers, ints, reals, ws, rows):
    """A spike of a row's source, in the interval that begins with ``step``."""
    lasts = array_at(rule[LAST], block[N_ROWS], np.int64)
    pre = array_at(rule[PRE], (block[N_ROWS], {n_pre}), np.float64)
    terminal = array_at(rule[TERMINAL], (block[N_ROWS], {n_terminal}), np.float64)
    past, beyond = np.float64(now - lasts[row]), np.int64(0)
    if lasts[row] >= step:  # its synapses may be among those listed
        beyond = work(SEND, ring, block, rule, numbers, ints, reals, ws, rows)
{release}
{take_pre}
    slot = (now + 1) % ring.shape[0]
    beyond |= visit(row, now, SEND, factor{x_names}, ring, slot, block, rule, numbers, ints, reals, ws, rows)
{jump_pre}
    lasts[row] = now
    return beyond


@{once}
def go_through(step, begin, end, mode, ring, spikes, block, rule, numbers, ints, reals, ws, rows):
    """The spikes of the steps from begin to end (counted from ``step``), or all rows."""
    pre = array_at(rule[PRE], (block[N_ROWS], {n_pre}), np.float64)
    beyond = np.int64(0)
    for row in range(block[N_ROWS] if mode != SEND else 0):
        visit(row, step, mode, 1.0{x_after}, ring, 0, block, rule, numbers, ints, reals, ws, rows)
    for first in range(0, spikes.shape[1] if mode == SEND else 0, CHUNK):
        n = list_spikes(first, begin, end, spikes, block, ints)
        for k in range(n):
            if k + AHEAD < n:
                call_for_row(ints[SPIKE_ROW, k + AHEAD], {itemsize}, block, rule)
            row, now = ints[SPIKE_ROW, k], step + ints[SPIKE_STEP, k]
            beyond |= send(row, now, step, ring, block, rule, numbers, ints, reals, ws, rows)
    beyond |= work(mode, ring, block, rule, numbers, ints, reals, ws, rows)
    if mode != SEND:
        mark_done(step, rule)
    return beyond


def deliver_block(ring_address, n_slots, n_targets, step, spikes_address, n_spikes, block_address):
    """See kernels.deliver; with SWEEP or FLOW in place of a number of spikes, bring all synapses up to date."""
    ring = array_at(ring_address, (n_slots, n_targets), np.float64)
    spikes = array_at(spikes_address, (2, max(0, n_spikes)), np.int32)
    block = array_at(block_address, N_COLUMNS, np.int64)
    rule = array_at(block[RULE], N_PARAMETERS, np.int64)
    numbers = array_at(rule[NUMBERS], {n_numbers}, np.float64)
    kept_ints, kept_rows = np.empty((N_INTS, CHUNK), np.int64), np.zeros((N_OF_ROW, CHUNK), np.int64)
    kept_reals, kept_ws = np.empty(({n_post} + 2 + 2 * {n_pre}, CHUNK)), np.empty((2 + 2 * {n_states}, CHUNK), REAL)
    ints, rows, reals, ws = uncounted(kept_ints), uncounted(kept_rows), uncounted(kept_reals), uncounted(kept_ws)
{deliver}
    if beyond != 0:
        note_beyond(ring, as_float(block[LIMIT]), block)
    kept_ints[0, 0] = kept_rows[0, 0] = 0  # so long they are needed
    kept_reals[0, 0] = kept_ws[0, 0] = 0.0
'''

DELIVER = """
    mode = min(n_spikes, SEND)
    beyond = go_through(step, 0, BEHIND_ALL, mode, ring, spikes, block, rule, numbers, ints, reals, ws, rows)
"""

REWARDS = """
    mode, begin, beyond = min(n_spikes, SEND), 0, np.int64(0)
    while True:
        tick, n_rewards = next_rewards(begin, spikes, rule)
        beyond |= go_through(step, begin, tick + 1, mode, ring, spikes, block, rule, numbers, ints, reals, ws, rows)
        if n_rewards == 0:
            break
        go_through(step + tick, 0, 0, FLOW, ring, spikes, block, rule, numbers, ints, reals, ws, rows)
        past = np.float64(step + tick - rule[REWARD_LAST])
        numbers[REWARD] = numbers[REWARD] * exp(past * numbers[REWARD_DECAY]) + n_rewards
        rule[REWARD_LAST] = step + tick
        begin = tick + 1
"""

FLOW = '''
@kernel
def find_previous(n, ints, room, rings):
    """When something has happened at some synapses last: at the latest when their source fired, and rewards came."""
    for k in range(n):
        spike = (ints[LOCAL, k] * room + ((ints[ACTED, k] - 1) & (room - 1))) * (BEFORE + {n_post})
        delay = ints[OFFSET, k] + ints[PRESENT, k]
        ints[PREVIOUS, k] = max(ints[PREVIOUS, k], np.int64(rings[spike + STEP]) + delay)


@kernel
def flow(_{flow_args}{parameter_args}, lowest, highest, w{state_args}):
    """What changes at some synapses from the last event to a step."""
    vector_loop()
    for k in range(w.shape[0]):
{body}


'''
