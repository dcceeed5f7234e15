"""The compiled step of all populations of a rank: deliver, stimulate, integrate and detect, in one call.

A call takes all neurons through as many exchange intervals as may follow each other without help from outside, and
shares their spikes with other ranks in between. What depends on a model is in one function, ``step_tile``, which
``kernels.integrate`` makes and which is called here by its address. So the functions below are compiled once for all
models.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numba import prange

from .arrays import (
    blocks_of,
    bounds_of,
    couplings_of,
    fired_of,
    given_of,
    noises_of,
    outcome_of,
    poisson_of,
    ring_of,
    rows_of,
    settings_of,
    table_at,
    work_of,
)
from .deliver import BEYOND, NOTE, RULE, deliver
from .deliver import N_COLUMNS as N_BLOCK
from .deliver import RECEPTOR as ONTO
from .intrinsics import array_at, call, nanoseconds
from .jit import address_of, kernel, parallel_kernel, pasted
from .learn import CROWDED as HAS_NO_ROOM
from .learn import N_PARAMETERS as N_RULE
from .poisson import room
from .share import ALL_HERE, ARRIVED, ASKED, CODE, SHARE, TOTAL
from .stimulate import FINE, NOT_EXACT, drive, inject
from .wire import GOING_ON

# Neurons that go through all substeps of an interval together: few, so that their states stay in the L1 cache, but
# enough to read a good piece of the ring buffer in one go; twice as many in single precision.
TILE = 256
LARGEST_TILE = 2 * TILE

# A population as the calls know it: addresses of its model's function (``kernels.frame``) and of its table
# (``kernels.arrays``).
STEP_TILE, TABLE = range(2)

# How far a call has come, one number each.
(
    STEP,  # the present interval's first step ...
    N_STEPS,  # ... and its length
    END,  # the step at whose start the call ends
    INTERVAL,  # after how many steps spikes have to be delivered
    PREPARED_FROM,  # the step from which rates and currents were prepared
    ORIGIN,  # the step from which those of the spikes found are counted
    N_SLICES,  # threads
    N_CONNECTED,  # populations, the first ones, whose spikes have targets anywhere
    SPIKES,  # address of the spikes to deliver first ...
    N_SPIKES,  # ... how many they are ...
    SPIKES_FROM,  # ... and the step from which theirs are counted
    N_FOUND,  # spikes of the last interval ...
    N_TO_SHARE,  # ... and those of connected populations, which come first
    LOGGED_FROM,  # the step from which those of the logged spikes are counted
    N_LOGGED,  # spikes in the log
    N_IN_ALL,  # spikes in all intervals of the call
    PROBLEMS,  # combined status of all slices
    DELIVERY_NS,  # time that the slowest thread took to deliver, in all intervals
    EXCHANGE_NS,  # time that sharing took
    CROWDED,  # whether some synapses that learn need room for more spikes of their targets
    SAMPLE,  # address of ``couple.sample`` ...
    SENDERS,  # ... that of its table ...
    N_SENDERS,  # ... and its length: 0 where there are no couplings
    N_COURSE,
) = range(24)

# What a slice of a population reports of an interval, one row of the outcome per thread.
N_FIRED, STATUS, WHERE, RECEPTOR, DELIVER_NS, LACKS_ROOM = range(6)
N_OUTCOMES = 16  # so wide that threads that write theirs do not share cache lines

# Rows of the memory for a tile: injected current and conductance, a jump of v, numbers in between (noise, while a model
# is advanced), who has crossed. From ROUNDED on, the first four in single precision.
CURRENT, CONDUCTANCE, JUMP, SCRATCH, CROSSED, ROUNDED, _, N_SCRATCH = range(8)


def work_room(tile: int) -> int:
    """How many float64 a thread needs to work in, with tiles of so many neurons."""
    return N_SCRATCH * tile + int(room(tile))


def advance_slice(w, groups, n_groups, course):
    """Deliver spikes to one thread's neurons of all populations, and take these through an interval.

    Parameters
    ----------
    w : int64
        Number of the slice.
    groups, n_groups : int64
        Address and number of the populations, see :func:`advance_serial`.
    course : int64
        Address.
    """
    now = array_at(course, N_COURSE, np.int64)
    several = array_at(groups, (n_groups, 2), np.int64)
    for g in range(n_groups):
        advance_group(w, several[g, STEP_TILE], several[g, TABLE], now)


@cache
def address_of_slice() -> int:
    """Address of the compiled :func:`advance_slice`."""
    return address_of(advance_slice, 4)


@pasted
def advance_group(w, step_tile, table, course):
    """As :func:`advance_slice`, one population.

    Parameters
    ----------
    w : int64
    step_tile, table : int64
        Addresses.
    course : int64[:]
    """
    arrays = table_at(table)
    ring, outcome = ring_of(arrays), outcome_of(arrays)[w]
    step, n_steps = course[STEP], course[N_STEPS]
    started = nanoseconds()
    spikes = array_at(course[SPIKES], (2, course[N_SPIKES]), np.int32)
    blocks = blocks_of(arrays)[w]
    deliver(ring, course[SPIKES_FROM], spikes, blocks)
    outcome[DELIVER_NS] = nanoseconds() - started
    outcome[N_FIRED] = outcome[LACKS_ROOM] = 0
    outcome[STATUS] = FINE
    for p in range(blocks.shape[0]):
        if blocks[p, BEYOND] != 0:
            outcome[STATUS], outcome[WHERE], outcome[RECEPTOR] = NOT_EXACT, blocks[p, BEYOND] - 1, blocks[p, ONTO]
            blocks[p, BEYOND] = 0
    if n_steps == 0:
        return
    n_driving = rows_of(arrays).shape[0] + noises_of(arrays).shape[0] + couplings_of(arrays).shape[0]
    injecting = n_driving + given_of(arrays).shape[0] > 0
    driven = poisson_of(arrays).shape[0] > 0
    tile = settings_of(arrays)[2]
    scratch = array_at(work_of(arrays)[w].ctypes.data, (N_SCRATCH, tile), np.float64)
    words = work_of(arrays)[w, N_SCRATCH * tile :]
    scratch[:SCRATCH] = 0.0  # what the last call has left
    end = bounds_of(arrays)[w + 1]
    for a in range(bounds_of(arrays)[w], end, tile):
        b = min(a + tile, end)
        for now in range(step, step + n_steps):
            slot, k = now % ring.shape[1], now - course[PREPARED_FROM]
            if injecting:
                inject(arrays, a, b, now, k, scratch[CURRENT], scratch[CONDUCTANCE], scratch[SCRATCH])
            if driven:
                drive(arrays, a, b, now, k, slot, words)
            last = np.int64(now == step + n_steps - 1)
            call(step_tile, (table, w, a, b, slot, now, course[ORIGIN], last, scratch.ctypes.data))
    if outcome[N_FIRED] > 0:
        learn_from(w, arrays, course[ORIGIN], outcome)


@pasted
def learn_from(w, arrays, origin, outcome):
    """Let synapses that learn take note of the spikes that one thread's neurons have fired."""
    blocks, fired = blocks_of(arrays)[w], fired_of(arrays)
    for p in range(blocks.shape[0]):
        if blocks[p, NOTE] != 0:
            spikes = fired.ctypes.data + w * 12 * fired.shape[2], fired.shape[2], outcome[N_FIRED]
            row = blocks.ctypes.data + p * N_BLOCK * 8
            call(blocks[p, NOTE], (*spikes, settings_of(arrays)[1], origin, row))
            outcome[LACKS_ROOM] |= array_at(blocks[p, RULE], N_RULE, np.int64)[HAS_NO_ROOM]


@pasted
def take_reports(groups, course):
    """Take together what the slices report of an interval, in ``course``.

    Parameters
    ----------
    groups : int64[:, :]
    course : int64[:], modified in place

    Returns
    -------
    int64
        Number of spikes.
    """
    n_fired, longest = 0, 0
    for w in range(course[N_SLICES]):
        taken = 0
        for g in range(groups.shape[0]):
            outcome = outcome_of(table_at(groups[g, TABLE]))[w]
            n_fired += outcome[N_FIRED]
            taken += outcome[DELIVER_NS]
            course[PROBLEMS] |= outcome[STATUS]
            course[CROWDED] |= outcome[LACKS_ROOM]
        longest = max(longest, taken)
    course[DELIVERY_NS] += longest
    course[N_IN_ALL] += n_fired
    return n_fired


@pasted
def collect(groups, course, found):
    """Put the spikes of all slices together.

    Parameters
    ----------
    groups : int64[:, :]
    course : int64[:], modified in place
    found : int32[:, :], overwritten
        Ids, steps and substeps.
    """
    n = 0
    course[N_FOUND], course[N_TO_SHARE] = found.shape[1], 0
    for g in range(groups.shape[0]):
        arrays = table_at(groups[g, TABLE])
        fired, outcome = fired_of(arrays), outcome_of(arrays)
        for w in range(course[N_SLICES]):
            for k in range(outcome[w, N_FIRED]):
                for row in range(3):
                    found[row, n] = fired[w, row, k]
                n += 1
        if g < course[N_CONNECTED]:
            course[N_TO_SHARE] = n


@pasted
def write_log(found, course, log):
    """Write the spikes of an interval into a log, if it has room for them, and if it has any.

    Parameters
    ----------
    found : int32[:, :]
    course : int64[:], modified in place
    log : int32[:, :], modified in place
        Ids, steps and substeps.

    Returns
    -------
    bool
        Whether that is done, or needn't be.
    """
    first, n = course[N_LOGGED], found.shape[1]
    if log.shape[1] == 0:
        return True
    if first + n > log.shape[1]:
        return False
    later = course[ORIGIN] - course[LOGGED_FROM]
    for k in range(n):
        log[0, first + k] = found[0, k]
        log[1, first + k] = found[1, k] + later
        log[2, first + k] = found[2, k]
    course[N_LOGGED] += n
    return True


@pasted
def share_found(found, course, mail):
    """Tell all ranks what was found, or that something went wrong; whether the next interval may begin at once.

    Parameters
    ----------
    found : int32[:, :]
    course, mail : int64[:], modified in place
    """
    course[SPIKES], course[N_SPIKES], course[SPIKES_FROM] = found.ctypes.data, found.shape[1], course[ORIGIN]
    if mail[SHARE] == 0 or course[N_STEPS] == 0:
        return True
    started = nanoseconds()
    failed = np.int64(course[PROBLEMS] != FINE)
    spikes = found.ctypes.data, found.shape[1], course[N_TO_SHARE]
    call(mail[SHARE], (*spikes, course[N_STEPS], failed, mail.ctypes.data))
    course[SPIKES], course[N_SPIKES] = mail[ARRIVED], mail[TOTAL]
    course[EXCHANGE_NS] += nanoseconds() - started
    return mail[CODE] == 0 and mail[ALL_HERE] != 0 and mail[ASKED] == GOING_ON


@kernel
def end_interval(groups, course, found, log, mail):
    """Go on to the next interval, which begins with the delivery of this one's spikes.

    Parameters
    ----------
    groups, course, found, log, mail : arrays
        See :func:`advance_serial`.

    Returns
    -------
    bool
        Whether there is another.
    """
    n_fired = take_reports(groups, course)
    fine = course[PROBLEMS] == FINE
    spikes = array_at(found.ctypes.data, (3, n_fired if fine else 0), np.int32)
    if fine:
        collect(groups, course, spikes)
    if course[N_SENDERS] > 0 and course[N_STEPS] > 0:
        call(course[SAMPLE], (course[SENDERS], course[N_SENDERS], 1))
    arrived = share_found(spikes, course, mail)
    if not fine:
        return False
    logged = write_log(spikes, course, log)
    course[STEP] += course[N_STEPS]
    course[ORIGIN] = course[STEP]
    course[N_STEPS] = min(course[INTERVAL], course[END] - course[STEP])
    return logged and arrived and course[CROWDED] == 0 and course[N_STEPS] > 0


@kernel
def advance_serial(slice_, groups, course, spikes, found, log, mail):
    """Take all populations of a rank through one or more intervals, one slice after the other.

    Parameters
    ----------
    slice_ : int64
        From :func:`address_of_slice`.
    groups : int64[:, :]
        One row for each population.
    course : int64[:], modified in place
        How far the call is to go, and in the end how far it came: to ``END``, to a problem, to where the log was full,
        whose last interval's spikes aren't in it, to where not all spikes came with the ranks' messages, or to where
        learning needs more room.
    spikes : int32[:, :]
        To be delivered first; C-contiguous: ids and steps.
    found : int32[:], overwritten
        The last interval's spikes: ids, steps and substeps, one row after the other. There must be room for the spikes
        of an interval in which all neurons fire in each substep.
    log : int32[:, :], modified in place
        The spikes of all intervals are added to it; without room for any, it isn't used.
    mail : int64[:], modified in place
        See ``kernels.share``.
    """
    course[SPIKES], course[N_SPIKES] = spikes.ctypes.data, spikes.shape[1]
    going = True
    while going:
        for w in range(course[N_SLICES]):
            call(slice_, (w, groups.ctypes.data, groups.shape[0], course.ctypes.data))
        going = end_interval(groups, course, found, log, mail)


@parallel_kernel
def advance_parallel(slice_, groups, course, spikes, found, log, mail):
    """As :func:`advance_serial`, all slices at once."""
    course[SPIKES], course[N_SPIKES] = spikes.ctypes.data, spikes.shape[1]
    groups_at, course_at = groups.ctypes.data, course.ctypes.data
    going = True
    while going:
        for w in prange(course[N_SLICES]):
            call(slice_, (np.int64(w), groups_at, groups.shape[0], course_at))
        going = end_interval(groups, course, found, log, mail)
