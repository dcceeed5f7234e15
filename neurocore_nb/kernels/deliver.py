"""From arrived spikes to the ring buffers of their targets.

A ring buffer ``ring[receptor, step % n_slots, target]`` holds the summed weights that arrive at each receptor of each
target in each of the coming steps. Weights are whole multiples of a quantum (see ``synapses.quantum``), so the sums are
exact and spikes may be delivered in any order.

Synapses are stored source-major, one block for each thread with that thread's targets only: a spike touches just its
own synapses, and no two threads write to the same target.
"""

from __future__ import annotations

import numpy as np
from numba import carray, types  # type: ignore[attr-defined]
from numba.extending import overload, register_jitable

from .jit import as_float, as_pointer, kernel

# Columns of a row of the block table, one row per (thread, projection). Blocks of any storage type stand in one
# table, so that one compiled kernel serves every network.
(
    RECEPTOR,  # where the weights arrive: first index of the ring buffer
    SOURCE_BEGIN,  # id of the first source neuron among all neurons
    N_SOURCE,
    N_ROWS,  # rows stored
    SOURCES,  # where these are fewer than the sources: address of the sorted sources that have one (uint32)
    INDPTR,  # address of row starts (int64, N_ROWS + 1)
    TARGETS,  # address of ring columns (uint32)
    WEIGHTS,  # address of weights, or the bits of the one weight
    WEIGHT_KIND,
    DELAYS,  # address of delays in steps, or the one delay
    DELAY_KIND,
    N_COLUMNS,
) = range(12)

CONSTANT, FLOAT32, FLOAT64 = 0, 1, 2  # weight kinds
UINT8, UINT16, UINT32 = 1, 2, 3  # delay kinds, besides CONSTANT


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


def _item(values, k):
    """``values[k]`` of an array, or the one number that stands for all."""
    return values[k] if isinstance(values, np.ndarray) else values


@overload(_item, inline="always")
def _item_compiled(values, k):
    if isinstance(values, types.Array):
        return lambda values, k: values[k]
    return lambda values, k: values


@register_jitable
def _add(ring, slot, begin, end, targets, weights, delays):
    """Add the synapses ``begin`` to ``end``; weights and delays are arrays, or one number for all."""
    n_slots = ring.shape[0]
    for k in range(begin, end):
        line = slot + _item(delays, k)
        if line >= n_slots:
            line -= n_slots
        ring[line, targets[k]] += _item(weights, k)


@register_jitable
def _add_weights(ring, slot, begin, end, targets, weights, kind, address):
    """Choose by the kind of the delays."""
    if kind == CONSTANT:
        _add(ring, slot, begin, end, targets, weights, address)
    elif kind == UINT8:
        _add(ring, slot, begin, end, targets, weights, carray(as_pointer(address), end, np.uint8))
    elif kind == UINT16:
        _add(ring, slot, begin, end, targets, weights, carray(as_pointer(address), end, np.uint16))
    else:
        _add(ring, slot, begin, end, targets, weights, carray(as_pointer(address), end, np.uint32))


@register_jitable
def _add_row(ring, slot, begin, end, block):
    """Add a row of synapses; choose by the kind of the weights."""
    targets = carray(as_pointer(block[TARGETS]), end, np.uint32)
    address, kind, delays = block[WEIGHTS], block[DELAY_KIND], block[DELAYS]
    if block[WEIGHT_KIND] == CONSTANT:
        _add_weights(ring, slot, begin, end, targets, as_float(address), kind, delays)
    elif block[WEIGHT_KIND] == FLOAT32:
        _add_weights(ring, slot, begin, end, targets, carray(as_pointer(address), end, np.float32), kind, delays)
    else:
        _add_weights(ring, slot, begin, end, targets, carray(as_pointer(address), end, np.float64), kind, delays)


@kernel
def deliver(ring, step, spikes, blocks):
    """Add the weights of all synapses of some spikes to the ring buffer.

    Parameters
    ----------
    ring : float64[:, :, :], modified in place
        Shape (n_receptors, n_slots, n_local), ``n_slots`` larger than any delay in steps.
    step : int64
        Network step that ``spikes[1]`` counts from.
    spikes : int32[:, :]
        Shape (2, n): id of the neuron and step of each spike.
    blocks : int64[:, :]
        One row of the block table for each projection.

    Notes
    -----
    A spike of step ``k`` arrives at the start of step ``k + 1 + delay``.
    """
    n_slots = ring.shape[1]
    for p in range(blocks.shape[0]):
        block = blocks[p]
        indptr = carray(as_pointer(block[INDPTR]), block[N_ROWS] + 1, np.int64)
        sources = carray(as_pointer(block[SOURCES]), block[N_ROWS], np.uint32)
        for k in range(spikes.shape[1]):
            row = spikes[0, k] - block[SOURCE_BEGIN]
            if row < 0 or row >= block[N_SOURCE]:
                continue
            if block[N_ROWS] < block[N_SOURCE]:
                row = row_of(row, sources)
                if row < 0:
                    continue
            slot = (step + spikes[1, k] + 1) % n_slots
            _add_row(ring[block[RECEPTOR]], slot, indptr[row], indptr[row + 1], block)
