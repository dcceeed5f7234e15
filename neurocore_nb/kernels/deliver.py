"""From arrived spikes to the ring buffers of their targets.

A ring buffer ``ring[receptor, step % n_slots, target]`` holds the summed weights that arrive at each receptor of each
target in each of the coming steps. Weights are whole multiples of a quantum (see ``synapses.quantum``), so the sums are
exact and spikes may be delivered in any order, as long as no sum leaves the range of exact ones. Where weights of both
signs arrive, the sum of all may lie within it, but that of some beyond: where so many can come together, each sum on
the way is looked at.

Synapses are stored source-major, one block for each thread with that thread's targets only: a spike touches just its
own synapses, and no two threads write to the same target.

A row of the block table names the function that delivers spikes to its block, by address. So one compiled kernel
serves every network, and of the functions, one for each storage type of weights and delays, only those are compiled
that a network needs.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numba import types
from numba.extending import overload

from .intrinsics import array_at, as_float, call, prefetch
from .jit import address_of, kernel

# Columns of a row of the block table, one row per (thread, projection).
(
    FUNCTION,  # address of the function that delivers to this block
    RECEPTOR,  # where the weights arrive: first index of the ring buffer
    SOURCE_BEGIN,  # id of the first source neuron among all neurons
    N_SOURCE,
    N_ROWS,  # rows stored
    SOURCES,  # where these are fewer than the sources: address of the sorted sources that have one (uint32)
    INDPTR,  # address of row starts (int64, N_ROWS + 1)
    TARGETS,  # address of ring columns (uint32)
    WEIGHTS,  # address of weights, or the bits of the one weight
    DELAYS,  # address of delays in steps, or the one delay
    RULE,  # address of what synapses are drawn by (kernels.procedural), or learn by (kernels.learn)
    LIMIT,  # bits of the number below which sums are exact; 0 where those on the way needn't be looked at
    BEYOND,  # set by a delivery that passed it: 1 + ring column
    NOTE,  # if the synapses learn: address of the function that takes note of spikes of targets, see kernels.learn
    N_COLUMNS,
) = range(15)

# Between two rows of synapses the processor would wait for memory: the next are somewhere else. So the start of a row,
# from which the processor goes on by itself, is called for some spikes ahead, and the row's place in memory before.
_AHEAD = 4  # spikes
LINE = 64  # bytes that memory hands over together
CALLED_FOR = 4 * LINE
BATCH = 256  # spikes whose rows are looked up together: the memory that takes stays in the L1 cache
N_ARGUMENTS = 7  # of a function that delivers


@kernel
def row_of(source, sources):
    """Row of a source among the sorted sources that have rows, or -1.

    Parameters
    ----------
    source : int64
    sources : uint32[:]

    Returns
    -------
    int64
    """
    low, high = 0, sources.shape[0]
    while low < high:
        middle = (low + high) // 2
        if np.int64(sources[middle]) < source:
            low = middle + 1
        else:
            high = middle
    if low < sources.shape[0] and np.int64(sources[low]) == source:
        return low
    return -1


@kernel
def list_rows(first, step, n_slots, spikes, block, rows, slots):
    """Look up the rows of a batch of spikes.

    Parameters
    ----------
    first : int64
        The batch's first spike.
    step, n_slots : int64
    spikes : int32[2, n_spikes]
    block : int64[N_COLUMNS]
    rows : int64[:], modified in place
        The row of each spike that has one in this block. Its length is that of the batch.
    slots : uint64[:], modified in place
        Where in the ring buffer that spike would arrive without a delay.

    Returns
    -------
    int64
        How many spikes have a row.
    """
    sources = array_at(block[SOURCES], block[N_ROWS], np.uint32)
    count = 0
    for k in range(first, min(first + rows.shape[0], spikes.shape[1])):
        row = spikes[0, k] - block[SOURCE_BEGIN]
        if row < 0 or row >= block[N_SOURCE]:
            continue
        if block[N_ROWS] < block[N_SOURCE]:
            row = row_of(row, sources)
            if row < 0:
                continue
        prefetch(block[INDPTR] + 8 * row)
        rows[count] = row
        slots[count] = (step + spikes[1, k] + 1) % n_slots
        count += 1
    return count


def part(address, begin, n, dtype, one):
    """A part of a stored array, or where there is none (no dtype) the one number that stands for all."""
    return one if dtype is None else array_at(address + begin * np.dtype(dtype).itemsize, n, dtype)


@overload(part)
def _part_compiled(address, begin, n, dtype, one):
    if isinstance(dtype, types.NoneType):
        return lambda address, begin, n, dtype, one: one
    itemsize = dtype.dtype.bitwidth // 8
    return lambda address, begin, n, dtype, one: array_at(address + begin * itemsize, n, dtype)


def item(values, k):
    """``values[k]`` of an array, or the one number that stands for all."""
    return values[k] if isinstance(values, np.ndarray) else values


@overload(item, inline="always")
def _item_compiled(values, k):
    if isinstance(values, types.Array):
        return lambda values, k: values[k]
    return lambda values, k: values


@kernel
def add_row(ring, slot, targets, weights, delays):
    """Add a row of synapses.

    Parameters
    ----------
    ring : float64[n_slots, n_targets], modified in place
    slot : uint64
        Where they would arrive without a delay.
    targets : uint32[:]
    weights : float64, or an array along the targets
    delays : uint64, or an array of unsigned integers along the targets
    """
    n_slots = np.uint64(ring.shape[0])
    for k in range(targets.shape[0]):
        line = slot + item(delays, k)  # no sign, so that Numba doesn't ask whether it is counted from the end
        if line >= n_slots:
            line -= n_slots
        ring[line, targets[k]] += item(weights, k)


@kernel
def add_row_within(ring, slot, targets, weights, delays, limit):
    """As :func:`add_row`; whether a sum is at the limit or beyond, 1 or 0. Takes a fifth to two fifths longer."""
    n_slots, beyond = np.uint64(ring.shape[0]), np.int64(0)
    for k in range(targets.shape[0]):
        line = slot + item(delays, k)
        if line >= n_slots:
            line -= n_slots
        total = ring[line, targets[k]] + item(weights, k)
        ring[line, targets[k]] = total
        beyond |= np.int64(abs(total) >= limit)
    return beyond


@kernel
def note_beyond(ring, limit, block):
    """Note in a row of the block table a column in which a sum is at the limit or beyond (0 if none is any more)."""
    found = 0
    for line in range(ring.shape[0]):
        for column in range(ring.shape[1]):
            if abs(ring[line, column]) >= limit:
                found = column
    block[BEYOND] = 1 + found


@kernel
def _call_for_row(begin, end, targets):
    """Begin to load a row of targets, from its address."""
    address = targets + 4 * begin
    for line in range(address, min(targets + 4 * end, address + CALLED_FOR), LINE):
        prefetch(line)


def _make_deliver(weight_type, delay_type):
    """Make the function that delivers spikes to a block.

    Parameters
    ----------
    weight_type, delay_type : NumPy scalar type, or None where one number stands for all

    Returns
    -------
    function
        Its arguments are int64: address, number of slots and of targets of the receptor's ring buffer; step; address
        and number of spikes; address of the block's row in the table.
    """

    def deliver_block(ring_address, n_slots, n_targets, step, spikes_address, n_spikes, block_address):
        ring = array_at(ring_address, (n_slots, n_targets), np.float64)
        spikes = array_at(spikes_address, (2, n_spikes), np.int32)
        block = array_at(block_address, N_COLUMNS, np.int64)
        indptr = array_at(block[INDPTR], block[N_ROWS] + 1, np.int64)
        weight, delay = as_float(block[WEIGHTS]), np.uint64(block[DELAYS])
        limit, beyond = as_float(block[LIMIT]), np.int64(0)
        rows, slots = np.empty(min(n_spikes, BATCH), np.int64), np.empty(min(n_spikes, BATCH), np.uint64)
        for first in range(0, n_spikes, BATCH):
            count = list_rows(first, step, n_slots, spikes, block, rows, slots)
            for j in range(count):
                if j + _AHEAD < count:
                    ahead = rows[j + _AHEAD]
                    _call_for_row(indptr[ahead], indptr[ahead + 1], block[TARGETS])
                begin = indptr[rows[j]]
                n = indptr[rows[j] + 1] - begin
                targets = array_at(block[TARGETS] + 4 * begin, n, np.uint32)
                weights = part(block[WEIGHTS], begin, n, weight_type, weight)
                delays = part(block[DELAYS], begin, n, delay_type, delay)
                if limit == 0.0:
                    add_row(ring, slots[j], targets, weights, delays)
                else:
                    beyond |= add_row_within(ring, slots[j], targets, weights, delays, limit)
        if beyond != 0:
            note_beyond(ring, limit, block)

    return deliver_block


@cache
def _function_of_types(weight_type: Any, delay_type: Any) -> int:
    return address_of(_make_deliver(weight_type, delay_type), N_ARGUMENTS)


def function_for(weights: Any, delays: Any) -> int:
    """Address of the function that delivers spikes to a block, compiled when first asked for.

    Parameters
    ----------
    weights : float, float32[:] or float64[:]
    delays : int, uint8[:], uint16[:] or uint32[:]
        As the block stores them; only their types matter.

    Returns
    -------
    int
    """
    return _function_of_types(*(one.dtype.type if isinstance(one, np.ndarray) else None for one in (weights, delays)))


@kernel
def deliver(ring, step, spikes, blocks):
    """Add the weights of all synapses of some spikes to the ring buffer.

    Parameters
    ----------
    ring : float64[:, :, :], modified in place
        Shape (n_receptors, n_slots, n_local), ``n_slots`` larger than any delay in steps; C-contiguous.
    step : int64
        Network step that ``spikes[1]`` counts from.
    spikes : int32[:, :]
        Shape (2 or more, n): id of the neuron and step of each spike.
    blocks : int64[:, :], modified in place
        One row of the block table for each projection; C-contiguous. ``BEYOND`` says where a sum went too far.

    Notes
    -----
    A spike of step ``k`` arrives at the start of step ``k + 1 + delay``.
    """
    if spikes.shape[1] == 0:
        return
    spikes = np.ascontiguousarray(spikes)  # as it is, if it is: what is called below knows but its address
    _, n_slots, n_targets = ring.shape
    for p in range(blocks.shape[0]):
        receptor = ring.ctypes.data + blocks[p, RECEPTOR] * n_slots * n_targets * 8
        row = blocks.ctypes.data + p * N_COLUMNS * 8
        call(
            blocks[p, FUNCTION],
            (receptor, n_slots, n_targets, step, spikes.ctypes.data, spikes.shape[1], row),
        )
