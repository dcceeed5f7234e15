"""Random choices of items, ascending, any part of which can be drawn alone.

A number of choices falls on a range of items; how many of them on its left half is a binomial (with repetition) or
hypergeometric (without) number keyed by that range. Ranges are halved until few choices are left in each, and only
those are followed that the wanted part touches. What is chosen there is the same whichever part is wanted.
"""

from __future__ import annotations

import numpy as np

from .jit import kernel, vector_loop
from .rng import uniform_pair
from .sampling import share

_LEAF_BITS = 5
_LEAF = 1 << _LEAF_BITS  # choices that are drawn one by one: sorting them costs about as much as halving once more
_DEEPEST = 40  # ranges that wait for their turn: fewer than the halvings of 2**31 items

# Most of these few numbers' loops go over all _LEAF of them: a few vector instructions instead of guessed branches.


@kernel
def _uniform_below(lowest, step, key, node, row, count, values):
    """Fill ``values[i]`` with a uniform integer below ``lowest + step * i``."""
    vector_loop()
    for i in range(count):
        u, _ = uniform_pair(key, i, node, row)
        values[i] = np.int64(u * (lowest + step * i))


@kernel
def _count_equal_before(values, equal, count):
    """How many of the first ``count`` values equal each and stand before it."""
    vector_loop()
    for i in range(equal.shape[0]):
        equal[i] = 0
    for k in range(count):
        value = values[k]
        for i in range(equal.shape[0]):
            equal[i] += (values[i] == value) & (i > k)


@kernel
def _count_below(values, below, count):
    """How many of the first ``count`` values are below each."""
    vector_loop()
    for i in range(below.shape[0]):
        below[i] = 0
    for k in range(count):
        value = values[k]
        for i in range(below.shape[0]):
            below[i] += value < values[i]


@kernel
def _make_distinct(values, count, n, taken):
    """Replace repeated values by Floyd's algorithm (Bentley and Floyd 1987, CACM 30:754).

    Number i is below ``n - count + i + 1``; if it was chosen before, ``n - count + i`` takes its place, which wasn't.
    """
    _count_equal_before(values, taken, count)
    for i in range(count):
        replacing = values[i] - (n - count)  # the number in whose place this value was chosen, if it was
        if taken[i] or (0 <= replacing < i and taken[replacing]):
            taken[i] = 1
            values[i] = n - count + i


@kernel
def _choose(count, n, multapses, key, node, row, chosen, values, ranks):
    """Choose ``count <= _LEAF`` of the numbers ``0 <= t < n``, ascending."""
    lowest, step = (n, 0) if multapses else (n - count + 1, 1)
    _uniform_below(lowest, step, key, node, row, (count + 7) & ~7, values)  # whole vectors
    if not multapses:
        _make_distinct(values, count, n, ranks)
    for i in range(count):
        values[i] = values[i] << _LEAF_BITS | i  # so that no two are equal
    _count_below(values, ranks, count)
    for i in range(count):
        chosen[ranks[i]] = values[i] >> _LEAF_BITS


@kernel
def new_scratch():
    """Memory for :func:`draw_row`."""
    numbers = np.empty((3, _LEAF), np.int64)
    return numbers[0], numbers[1], numbers[2], np.empty((_DEEPEST, 4), np.int64)


@kernel
def draw_row(key, row, count, n, excluded, multapses, begin, end, scratch, out):
    """Choose ``count`` of n items, each as likely as any other, and write those of a range, ascending.

    Parameters
    ----------
    key : uint64
    row : int64
        What they are chosen for, below 2**32.
    count, n : int64
    excluded : int64
        An item that can't be chosen; out of their range if there is none.
    multapses : bool
        Whether an item may be chosen several times. Otherwise ``count`` is at most the number of items.
    begin, end : int64
        Only items ``begin <= item < end`` are written.
    scratch : tuple of arrays
        From :func:`new_scratch`.
    out : uint32[:], modified in place

    Returns
    -------
    int64
        How many there are in the range; as many as there is room for are written.
    """
    chosen, values, ranks, pending = scratch
    pending[0, 0], pending[0, 1], pending[0, 2], pending[0, 3] = 1, 0, n, count
    top, found = 1, 0
    while top > 0:
        top -= 1
        node, low, high, count = pending[top, 0], pending[top, 1], pending[top, 2], pending[top, 3]
        if count == 0 or high <= begin or low >= end:
            continue
        hole = excluded if low <= excluded < high else high
        places = high - low - (hole < high)
        if places > 1 and count > _LEAF:
            middle = (low + high) // 2
            left = middle - low - (hole < middle)
            on_left = share(count, left, places - left, multapses, key, node, row)
            pending[top, 0], pending[top, 1] = 2 * node + 1, middle
            pending[top, 2], pending[top, 3] = high, count - on_left
            top += 1
            pending[top, 0], pending[top, 1], pending[top, 2], pending[top, 3] = 2 * node, low, middle, on_left
            top += 1
            continue
        if places > 1:
            _choose(count, places, multapses, key, node, row, chosen, values, ranks)
        else:
            chosen[0] = 0
        for i in range(count):
            item = low + (chosen[i] if places > 1 else 0)
            item += item >= hole
            if begin <= item < end:
                if found < out.shape[0]:
                    out[found] = item
                found += 1
    return found
