"""How the spikes of an interval stand on the wire: their number in each step, then the ids, ordered by step."""

from __future__ import annotations

from .jit import kernel

COUNT, STATUS, N_HEADER = range(3)  # what a rank says before its spikes: how many it has, and its status

# The status of a rank. Of all ranks together it is the largest, that is the most urgent one.
GOING_ON, CHECKPOINT, STOP, FAILED = range(4)  # it wants a checkpoint; one, and the end of the run; it has failed

LARGEST_COUNT = 2**31 - 1  # of an int32, and so of what goes into one message


@kernel
def pack(spikes, n_steps, out):
    """Order spikes by step.

    Parameters
    ----------
    spikes : int32[:, :]
        Ids and steps (from 0) in the first two rows.
    n_steps : int64
    out : int32[:], modified in place
        Room for ``n_steps`` counts and the ids.
    """
    n = spikes.shape[1]
    out[:n_steps] = 0
    for k in range(n):
        out[spikes[1, k]] += 1
    if n_steps == 1:
        for k in range(n):
            out[1 + k] = spikes[0, k]
        return
    at = n_steps
    for step in range(n_steps):  # from counts to ends of the steps' ids, ...
        at += out[step]
        out[step] = at
    for k in range(n - 1, -1, -1):  # ... to their starts, ...
        step = spikes[1, k]
        out[step] -= 1
        out[out[step]] = spikes[0, k]
    for step in range(n_steps - 1):  # ... and back
        out[step] = out[step + 1] - out[step]
    out[n_steps - 1] = n_steps + n - out[n_steps - 1]


@kernel
def write_message(spikes, n_steps, status, room, message):
    """Write the header of a rank's message, and its spikes if there is room for them.

    Parameters
    ----------
    spikes, n_steps
        As for :func:`pack`. More spikes than can be counted make the rank fail.
    status : int64
    room : int64
        For so many spikes.
    message : int32[:], overwritten
    """
    if spikes.shape[1] > LARGEST_COUNT - n_steps:
        status = FAILED
    n = 0 if status == FAILED else spikes.shape[1]
    message[COUNT], message[STATUS] = n, status
    if n <= room > 0 and status != FAILED:
        pack(spikes, n_steps, message[N_HEADER:])


@kernel
def read_messages(received, n_steps, room, spikes):
    """What the messages of all ranks say, and their spikes if no rank failed and there was room for the spikes of each.

    Parameters
    ----------
    received : int32[:, :]
        A message in each row.
    n_steps, room : int64
    spikes : int32[:], overwritten
        Ids of the spikes, then their steps.

    Returns
    -------
    status, largest, total : int64
        The status of all ranks together; how many spikes the busiest has, and all have.
    """
    status, largest, total = 0, 0, 0
    for rank in range(received.shape[0]):
        status = max(status, received[rank, STATUS])
        largest = max(largest, received[rank, COUNT])
        total += received[rank, COUNT]
    if status != FAILED and 0 < largest <= room:
        n = 0
        for rank in range(received.shape[0]):
            n = _unpack(received[rank, N_HEADER:], n_steps, n, spikes[: 2 * total].reshape((2, total)))
    return status, largest, total


@kernel
def _unpack(packed, n_steps, n, spikes):
    """Write a rank's spikes behind the first n; the number then."""
    at = n_steps
    for step in range(n_steps):
        for _ in range(packed[step]):
            spikes[0, n] = packed[at]
            spikes[1, n] = step
            at += 1
            n += 1
    return n


@kernel
def unpack(received, starts, n_steps, spikes):
    """Ids and steps of the spikes of all ranks.

    Parameters
    ----------
    received : int32[:]
    starts : int64[:]
        Where each rank's packed spikes begin.
    n_steps : int64
    spikes : int32[:, :], modified in place
        Shape (2, number of spikes).
    """
    n = 0
    for start in starts:
        n = _unpack(received[start:], n_steps, n, spikes)


@kernel
def _row_of(neuron, place, own):
    """Row of one of this rank's neurons, and the place among its populations, where that of the last was ``place``."""
    while neuron < own[place, 0] or neuron >= own[place, 1]:  # a rank lists its spikes population by population
        place = (place + 1) % own.shape[0]
    return own[place, 2] + neuron - own[place, 0], place


@kernel
def count_needed(spikes, own, indptr, receivers, counts):
    """Count the spikes that each receiver needs in each step.

    Parameters
    ----------
    spikes : int32[:, :]
        Ids and steps (from 0) in the first two rows.
    own : int64[:, 3]
        For each population of source neurons: its first id on this rank, the end of its ids, and the row of the first.
    indptr : int64[:]
        Row starts in ``receivers``: one row for each source neuron on this rank.
    receivers : uint16[:] or uint32[:]
        Which of the receivers need a neuron's spikes.
    counts : int32[:, :], modified in place
        Shape (number of receivers, number of steps).
    """
    counts[:] = 0
    place = 0
    for k in range(spikes.shape[1]):
        row, place = _row_of(spikes[0, k], place, own)
        for j in range(indptr[row], indptr[row + 1]):
            counts[receivers[j], spikes[1, k]] += 1


@kernel
def pack_needed(spikes, own, indptr, receivers, counts, starts, ends, out):
    """Write to each receiver the spikes it needs, as ``pack`` would.

    Parameters
    ----------
    spikes, own, indptr, receivers, counts
        As for ``count_needed``, with the counts it made.
    starts : int64[:]
        Where the message to each receiver begins.
    ends : int64[:, :]
        Scratch memory of the shape of the counts.
    out : int32[:], modified in place
    """
    n_steps = counts.shape[1]
    for receiver in range(counts.shape[0]):
        at = starts[receiver] + n_steps
        for step in range(n_steps):
            out[starts[receiver] + step] = counts[receiver, step]
            ends[receiver, step] = at  # moves to the end of the step's ids as they are written
            at += counts[receiver, step]
    place = 0
    for k in range(spikes.shape[1]):
        row, place = _row_of(spikes[0, k], place, own)
        for j in range(indptr[row], indptr[row + 1]):
            out[ends[receivers[j], spikes[1, k]]] = spikes[0, k]
            ends[receivers[j], spikes[1, k]] += 1
