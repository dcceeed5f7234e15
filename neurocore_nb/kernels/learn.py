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
from numba import carray  # type: ignore[attr-defined]

from .deliver import FUNCTION, N_COLUMNS, RULE
from .jit import address_of, as_pointer, call, kernel
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
    COUNT,  # address of how many spikes each target has fired (int64) ...
    NEWEST,  # ... of the step of the newest (int64) ...
    AFTER,  # ... of the traces just after it (float64[n_post, n_targets]) ...
    STEPS,  # ... of the steps of the last ones (int64[n_targets, room]) ...
    BEFORE,  # ... of the traces just before each of these (float64[n_post, n_targets, room]) ...
    DONE,  # ... and of how many of its spikes have surely acted on all synapses (int64)
    NUMBERS,  # address of numbers: see below
    N_PRE,  # traces of sources ...
    N_POST,  # ... and of targets
    N_SYNAPSES,
    LONGEST,  # delay in steps
    NOTE,  # address of the function that takes note of spikes of targets
    NOTED,  # how many spikes of a list have been noted, where there was no room for more ...
    CROWDED,  # ... and whether that is so
    REWARD_BEGIN,  # ids of neurons whose spikes change how synapses learn: from here ...
    REWARD_END,  # ... to here
    REWARD_LAST,  # step of the last of these
    N_PARAMETERS,
) = range(26)

# Numbers of a rule: step in ms, quantum of weights with their sign, bounds of weights as these are stored, the rewards'
# trace just after the last of them, how it decays; decay and keep of each trace of sources, then of targets; parameters
# by their order.
DT, QUANTUM, LOWEST, HIGHEST, REWARD, REWARD_DECAY, FIRST_TRACE = range(7)

# What rows of synapses are visited for: to send a spike, to be brought up to date with spikes of their targets, or also
# with what changes without spikes. The last two stand in place of a number of spikes.
SEND, SWEEP, FLOW = 0, -1, -2

CHUNK = 256  # synapses that are looked at together: what that takes stays in the L1 cache


@kernel
def first_of(arrived, seen, some):
    """List the synapses whose targets have fired spikes that haven't acted on them; their number.

    Parameters
    ----------
    arrived : int64[:]
        How many spikes have arrived from the target of each synapse.
    seen : uint16[:]
    some : int64[:], overwritten
        Places of these synapses.
    """
    n = np.int64(0)
    for k in range(seen.shape[0]):
        some[n] = k
        n += np.int64(seen[k] != np.uint16(arrived[k]))
    return n


@kernel
def next_of(some, arrived, seen):
    """Count a spike for each of some synapses; list those for which there are more, as :func:`first_of`."""
    n = np.int64(0)
    for i in range(some.shape[0]):
        k = some[i]
        seen[k] += np.uint16(1)
        some[n] = k
        n += np.int64(seen[k] != np.uint16(arrived[k]))
    return n


@kernel
def look_back(k, j, step, delay, rule, arrived, since, traces):
    """What has come to a synapse until a step, where the newest spike of its target acts in that step or later.

    Parameters
    ----------
    k : int64
        The synapse's place in the following arrays.
    j : int64
        Its target.
    step, delay : int64
    rule : int64[N_PARAMETERS]
    arrived, since : int64[:], modified in place
        How many spikes have acted until that step, and how long ago, at most 0, was the last before it.
    traces : float64[:, :], modified in place
        Those just after that one.
    """
    room, n_targets, first_trace = rule[ROOM], rule[N_TARGETS], FIRST_TRACE + 2 * rule[N_PRE]
    numbers = carray(as_pointer(rule[NUMBERS]), first_trace + 2 * rule[N_POST], np.float64)
    steps = carray(as_pointer(rule[STEPS]), (n_targets, room), np.int64)
    before = carray(as_pointer(rule[BEFORE]), (rule[N_POST], n_targets, room), np.float64)
    oldest = arrived[k] - room
    n = arrived[k]
    while n > oldest and steps[j, (n - 1) & (room - 1)] + delay > step:
        n -= 1
    arrived[k] = n
    while n > oldest and steps[j, (n - 1) & (room - 1)] + delay == step:  # what acts in the same step isn't seen
        n -= 1
    place = (n - 1) & (room - 1)
    since[k] = min(steps[j, place] + delay - step, 0)
    for p in range(rule[N_POST]):
        traces[p, k] = before[p, j, place] * numbers[first_trace + 2 * p + 1] + np.float64(n > 0)


@kernel
def mark_done(step, rule):
    """Note which spikes of targets have acted on all synapses, once these are up to date with a step."""
    n_targets, room = rule[N_TARGETS], rule[ROOM]
    count = carray(as_pointer(rule[COUNT]), n_targets, np.int64)
    done = carray(as_pointer(rule[DONE]), n_targets, np.int64)
    steps = carray(as_pointer(rule[STEPS]), (n_targets, room), np.int64)
    for j in range(n_targets):
        while done[j] < count[j] and steps[j, done[j] & (room - 1)] + rule[LONGEST] <= step:
            done[j] += 1


@kernel
def remember(j, step, rule):
    """Take note of a spike of a target."""
    room, n_targets, first_trace = rule[ROOM], rule[N_TARGETS], FIRST_TRACE + 2 * rule[N_PRE]
    numbers = carray(as_pointer(rule[NUMBERS]), first_trace + 2 * rule[N_POST], np.float64)
    count = carray(as_pointer(rule[COUNT]), n_targets, np.int64)
    newest = carray(as_pointer(rule[NEWEST]), n_targets, np.int64)
    after = carray(as_pointer(rule[AFTER]), (rule[N_POST], n_targets), np.float64)
    steps = carray(as_pointer(rule[STEPS]), (n_targets, room), np.int64)
    before = carray(as_pointer(rule[BEFORE]), (rule[N_POST], n_targets, room), np.float64)
    place = count[j] & (room - 1)
    for p in range(rule[N_POST]):
        decay, keep = numbers[first_trace + 2 * p], numbers[first_trace + 2 * p + 1]
        now = after[p, j] * exp(np.float64(step - newest[j]) * decay)
        before[p, j, place] = now
        after[p, j] = now * keep + 1.0
    steps[j, place] = newest[j] = step
    count[j] += 1


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
    fired = carray(as_pointer(fired_at), (2, capacity), np.int32)
    block = carray(as_pointer(block_at), N_COLUMNS, np.int64)
    rule = carray(as_pointer(block[RULE]), N_PARAMETERS, np.int64)
    count = carray(as_pointer(rule[COUNT]), rule[N_TARGETS], np.int64)
    done = carray(as_pointer(rule[DONE]), rule[N_TARGETS], np.int64)
    swept = False
    rule[CROWDED] = 0
    for k in range(rule[NOTED], n_fired):
        j = fired[0, k] - first_id - rule[FIRST]
        if j < 0 or j >= rule[N_TARGETS]:
            continue
        if count[j] - done[j] + 2 > rule[ROOM] and not swept:
            call(block[FUNCTION], (0, 0, 0, origin - 1, 0, SWEEP, block_at))
            swept = True
        if count[j] - done[j] + 2 > rule[ROOM]:
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
