"""What plastic synapses remember, and the loops that don't depend on their rule; ``kernels.rule`` writes the others.

A presynaptic spike acts on a synapse when it is fired, a postsynaptic one a delay later. So all synapses of a source
see its spikes at the same time: when it fired last, and the traces it has left, are kept once for its row of synapses.
Traces of targets are kept with their last spikes, in a ring of each target. A synapse is brought up to date when its
source fires: what its target has fired since then is found in the ring, from the synapse's own count of spikes that
have acted on it (``SEEN``). Nothing depends on when that is done. Where a ring is full, all synapses are brought up
to date, so that its spikes aren't needed any more.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from .deliver import (
    CALLED_FOR,
    FUNCTION,
    INDPTR,
    LINE,
    N_COLUMNS,
    N_ROWS,
    N_SOURCE,
    RULE,
    SOURCE_BEGIN,
    SOURCES,
    TARGETS,
    WEIGHTS,
    row_of,
)  # fmt: skip
from .intrinsics import array_at, call, prefetch
from .jit import address_of, kernel
from .vmath import exp

NEVER = -(2**40)  # a step so long ago that no trace is left

# What is known of the synapses of a block, one number each.
(
    FIRST,  # ring column of its first target ...
    N_TARGETS,  # ... and how many there are
    ROOM,  # spikes in the ring of a target, a power of two
    LAST,  # address of the step in which each row's source fired last (int64) ...
    PRE,  # ... of the traces just after it (float64[n_rows, n_pre]) ...
    TERMINAL,  # ... and of the states of its terminals (float64[n_rows, n_terminal])
    SEEN,  # address of how many spikes of its target have acted on each synapse, modulo 2**16 (uint16)
    STATES,  # address of the synapses' own states, of the type of the weights, one row after the other
    STATE,  # address of the state of each target (float64[n_targets, AFTER + n_post]) ...
    RINGS,  # ... of its last spikes (float64[n_targets, room, BEFORE + n_post]) ...
    DONE,  # ... and of how many of its spikes have surely acted on all synapses (int64)
    NUMBERS,  # address of numbers: see below
    N_PRE,  # traces of sources ...
    N_POST,  # ... and of targets
    N_SYNAPSES,
    LONGEST,  # delay in steps
    NOTED,  # how many spikes of a list have been noted, where there was no room for more ...
    CROWDED,  # ... and whether that is so
    REWARD_BEGIN,  # ids of neurons whose spikes change how synapses learn: from here ...
    REWARD_END,  # ... to here
    REWARD_LAST,  # step of the last of these
    N_PARAMETERS,
) = range(22)

# The state of a target: how many spikes it has fired, the step of the newest, and the traces just after that. A spike
# in a ring: its step, and the traces just before. (Together, so that the processor waits once for all of them.)
COUNT, NEWEST, AFTER = range(3)
STEP, BEFORE = range(2)

# Numbers of a rule: step in ms, quantum of weights with their sign, bounds of weights as these are stored, the rewards'
# trace just after the last of them, how it decays; decay and keep of each trace of sources, then of targets; parameters
# by their order.
DT, QUANTUM, LOWEST, HIGHEST, REWARD, REWARD_DECAY, FIRST_TRACE = range(7)

# What rows of synapses are visited for: to send a spike, to be brought up to date with spikes of their targets, or also
# with what changes without spikes. The last two stand in place of a number of spikes.
SEND, SWEEP, FLOW = 0, -1, -2

# Synapses, of one row or of several short ones, that are looked at together: what that takes stays in the L1 cache.
CHUNK = 256
PADDING = 16  # to multiples of which loops over some of them are extended, lest their ends take longer than the rest
BEHIND_ALL = 1 << 30  # steps of an interval

# What is noted of each synapse that is looked at: its target; the place in its ring of the spike that acts next; what
# to add to a spike's step for the time from the source's last spike to its action, and from now; how many spikes have
# arrived, how long ago, at most 0, the last did so, and how many have acted so far; places of some synapses. Where
# something changes between spikes: the present step, that of the source's last spike, when anything has happened last.
# Beside them the rows and steps of spikes to be sent.
(
    LOCAL, CURSOR, BASE, OFFSET, ARRIVED, SINCE, ACTED, SOME, PRESENT, LAST_OF, PREVIOUS, NEW_PREVIOUS, SPIKE_ROW,
    SPIKE_STEP, N_INTS,
) = range(15)  # fmt: skip
AHEAD = 4  # spikes, as in kernels.deliver: whose rows are called for from memory

# What is noted of their rows: where weights arrive without delay, the first synapse, and between which places they are
# looked at. In the last row numbers of synapses and rows.
SLOT, SYNAPSE, BEGIN, END, FULL, N_OF_ROW = range(6)


@kernel
def list_spikes(first, begin, end, spikes, block, ints):
    """List the rows and steps of those of a batch of spikes that have a row, of steps from begin to end; their number.

    Parameters
    ----------
    first : int64
        The batch's first spike.
    begin, end : int64
    spikes : int32[2, n_spikes]
    block : int64[N_COLUMNS]
    ints : int64[N_INTS, CHUNK], modified in place
    """
    sources = array_at(block[SOURCES], block[N_ROWS], np.uint32)
    n = 0
    for k in range(first, min(first + CHUNK, spikes.shape[1])):
        row = spikes[0, k] - block[SOURCE_BEGIN]
        if row < 0 or row >= block[N_SOURCE] or spikes[1, k] < begin or spikes[1, k] >= end:
            continue
        if block[N_ROWS] < block[N_SOURCE]:
            row = row_of(row, sources)
            if row < 0:
                continue
        prefetch(block[INDPTR] + 8 * row)
        ints[SPIKE_ROW, n], ints[SPIKE_STEP, n] = row, spikes[1, k]
        n += 1
    return n


@kernel
def call_for_row(row, itemsize, block, rule):
    """Begin to load a row's targets, weights of so many bytes, and what else is known of it."""
    indptr = array_at(block[INDPTR], block[N_ROWS] + 1, np.int64)
    prefetch(rule[LAST] + 8 * row)
    prefetch(rule[PRE] + 8 * rule[N_PRE] * row)
    for size, address in ((4, block[TARGETS]), (itemsize, block[WEIGHTS]), (2, rule[SEEN])):
        start = address + size * indptr[row]
        for line in range(start, min(start + CALLED_FOR, address + size * indptr[row + 1]), LINE):
            prefetch(line)


@kernel
def _pad(some, n):
    """Continue a list up to a multiple of the padding, by one that is in it."""
    for i in range(n, (n + PADDING - 1) // PADDING * PADDING):
        some[i] = some[0]
    return n


@kernel
def first_of(arrived, acted, some):
    """List the synapses whose targets have fired spikes that haven't acted on them; their number.

    Parameters
    ----------
    arrived, acted : int64[:]
        How many spikes have arrived and have acted; the latter modulo 2**16.
    some : int64[CHUNK], overwritten
        Places of these synapses.
    """
    n = np.int64(0)
    for k in range(acted.shape[0]):
        some[n] = k
        n += np.int64(((arrived[k] - acted[k]) & 0xFFFF) != 0)
    return _pad(some, n)


@kernel
def next_of(some, n, room, arrived, acted, cursor):
    """Go on to the next spike of each of the first n listed; list those that have one, as :func:`first_of`."""
    left = np.int64(0)
    for i in range(n):
        k = some[i]
        acted[k] += 1
        cursor[k] += 1 if (acted[k] & (room - 1)) != 0 else 1 - room
        some[left] = k
        left += np.int64(((arrived[k] - acted[k]) & 0xFFFF) != 0)
    return _pad(some, left)


@kernel
def look_back(k, ints, rule, traces):
    """What has come to a synapse until a step, where the newest spike of its target acts in that step or later.

    Parameters
    ----------
    k : int64
        Its place.
    ints : int64[N_INTS, CHUNK], modified in place
    rule : int64[N_PARAMETERS]
    traces : float64[:, :], modified in place
        Those just after the last spike that has arrived before that step.
    """
    room, n_targets, first_trace = rule[ROOM], rule[N_TARGETS], FIRST_TRACE + 2 * rule[N_PRE]
    numbers = array_at(rule[NUMBERS], first_trace + 2 * rule[N_POST], np.float64)
    rings = array_at(rule[RINGS], (n_targets, room, BEFORE + rule[N_POST]), np.float64)
    j, offset, n = ints[LOCAL, k], ints[OFFSET, k], ints[ARRIVED, k]
    oldest = n - room
    while n > oldest and rings[j, (n - 1) & (room - 1), STEP] + offset > 0:
        n -= 1
    ints[ARRIVED, k] = n
    while n > oldest and rings[j, (n - 1) & (room - 1), STEP] + offset == 0:  # what acts in the same step isn't seen
        n -= 1
    place = (n - 1) & (room - 1)
    ints[SINCE, k] = min(np.int64(rings[j, place, STEP]) + offset, 0)
    for p in range(rule[N_POST]):
        traces[p, k] = rings[j, place, BEFORE + p] * numbers[first_trace + 2 * p + 1] + np.float64(n > 0)


@kernel
def look_for_late(n, ints, rule, traces):
    """Mend what was gathered where the newest spike of a target acts only now or later."""
    for k in range(n):
        if ints[SINCE, k] >= 0:
            look_back(k, ints, rule, traces)


@kernel
def next_rewards(begin, spikes, rule):
    """The first step from ``begin`` on in which there are rewards, and how many; behind all steps if in none."""
    tick, n = np.int64(BEHIND_ALL), np.int64(0)
    for k in range(spikes.shape[1]):
        if rule[REWARD_BEGIN] <= spikes[0, k] < rule[REWARD_END] and spikes[1, k] >= begin:
            n = np.int64(1) if spikes[1, k] < tick else n + np.int64(spikes[1, k] == tick)
            tick = min(tick, np.int64(spikes[1, k]))
    return tick, n


@kernel
def mark_done(step, rule):
    """Note which spikes of targets have acted on all synapses, once these are up to date with a step."""
    n_targets, room = rule[N_TARGETS], rule[ROOM]
    state = array_at(rule[STATE], (n_targets, AFTER + rule[N_POST]), np.float64)
    done = array_at(rule[DONE], n_targets, np.int64)
    rings = array_at(rule[RINGS], (n_targets, room, BEFORE + rule[N_POST]), np.float64)
    for j in range(n_targets):
        while done[j] < state[j, COUNT] and rings[j, done[j] & (room - 1), STEP] + rule[LONGEST] <= step:
            done[j] += 1


@kernel
def remember(j, step, rule):
    """Take note of a spike of a target."""
    room, n_targets, first_trace = rule[ROOM], rule[N_TARGETS], FIRST_TRACE + 2 * rule[N_PRE]
    numbers = array_at(rule[NUMBERS], first_trace + 2 * rule[N_POST], np.float64)
    state = array_at(rule[STATE], (n_targets, AFTER + rule[N_POST]), np.float64)[j]
    rings = array_at(rule[RINGS], (n_targets, room, BEFORE + rule[N_POST]), np.float64)
    spike = rings[j, np.int64(state[COUNT]) & (room - 1)]
    for p in range(rule[N_POST]):
        decay, keep = numbers[first_trace + 2 * p], numbers[first_trace + 2 * p + 1]
        now = state[AFTER + p] * exp((step - state[NEWEST]) * decay)
        spike[BEFORE + p] = now
        state[AFTER + p] = now * keep + 1.0
    spike[STEP] = state[NEWEST] = step
    state[COUNT] += 1.0


def note(fired_at, capacity, n_fired, first_id, origin, block_at):
    """Take note of spikes of a population, as far as they are of targets of a block and there is room for them.

    Parameters
    ----------
    fired_at, capacity, n_fired : int64
        Address of the spikes, ids and steps, for how many there is room in a row, and how many there are.
    first_id : int64
        Id of the neuron of the ring buffer's first column.
    origin : int64
        From which the steps are counted; all earlier spikes of sources have been delivered.
    block_at : int64
        Address of the block's row in the table of ``kernels.deliver``.
    """
    fired = array_at(fired_at, (2, capacity), np.int32)
    block = array_at(block_at, N_COLUMNS, np.int64)
    rule = array_at(block[RULE], N_PARAMETERS, np.int64)
    state = array_at(rule[STATE], (rule[N_TARGETS], AFTER + rule[N_POST]), np.float64)
    done = array_at(rule[DONE], rule[N_TARGETS], np.int64)
    swept = False
    rule[CROWDED] = 0
    for k in range(rule[NOTED], n_fired):
        j = fired[0, k] - first_id - rule[FIRST]
        if j < 0 or j >= rule[N_TARGETS]:
            continue
        if state[j, COUNT] - done[j] + 2 > rule[ROOM] and not swept:
            call(block[FUNCTION], (block_at, 0, 0, origin - 1, block_at, SWEEP, block_at))
            swept = True
        if state[j, COUNT] - done[j] + 2 > rule[ROOM]:
            rule[NOTED], rule[CROWDED] = k, 1
            return
        remember(j, origin + fired[1, k], rule)
    rule[NOTED] = 0


N_NOTE_ARGUMENTS = 6


@cache
def address_of_note() -> int:
    """Address of the compiled :func:`note`."""
    return address_of(note, N_NOTE_ARGUMENTS)


@kernel
def scatter(some, new, values):
    """Write new values of some synapses."""
    for i in range(some.shape[0]):
        values[some[i]] = new[i]
