"""The targets of one source under the pairwise Bernoulli rule, in any range of targets.

The distance from one target to the next is geometric. Targets are taken in blocks that start anew, so that any range
can be drawn alone; all blocks have the same number of targets and, on average, of synapses.
"""

from __future__ import annotations

import math

import numpy as np

from .jit import kernel, vector_loop
from .rng import exponential, random_words

_CALL_BITS = 3
_CALLS = 1 << _CALL_BITS  # of the generator for a block, made at once: a vector
_GAPS = 4 * _CALLS
_SYNAPSES = 24.0  # of a block on average: few blocks (5 %) need more gaps, and not too many gaps are left over
_BLOCKS = 16  # drawn at once: their numbers stay in the cache
_SPARE = np.int64(_BLOCKS * _GAPS)  # where the gaps of a block stand that needs more
_0 = np.int64(0)  # a literal number as argument would have a kernel compiled once more for it
_LARGEST_BLOCK = 2**30  # gaps are stored as int32


def distances(probability: float) -> tuple[float, int]:
    """Mean distance of targets, as the kernels want it, and number of targets in a block.

    Parameters
    ----------
    probability : float
        Above 0 and below 1.

    Returns
    -------
    scale : float
        ``floor(scale * E)`` with an exponential number E is the number of targets passed over.
    block : int
        Follows from the probability alone, lest the network depends on what is drawn.
    """
    return -1.0 / math.log1p(-probability), int(min(_LARGEST_BLOCK, _SYNAPSES / probability))


@kernel
def new_bernoulli_scratch():
    """Memory for :func:`draw_bernoulli`: random bits and gaps of ``_BLOCKS`` blocks, then gaps of a single one."""
    return np.empty(_SPARE, np.uint32), np.empty(_SPARE + _GAPS, np.int32)


@kernel
def _draw_words(key, source, first_block, first_call, n_calls, words):
    """``_GAPS`` random numbers for each of some blocks."""
    vector_loop()
    for j in range(n_calls):
        block, call = first_block + (j >> _CALL_BITS), first_call + (j & _CALLS - 1)
        words[4 * j], words[4 * j + 1], words[4 * j + 2], words[4 * j + 3] = random_words(key, source, block, call)


@kernel
def _to_gaps(words, n, scale, block, first, gaps):
    """Distances to the next target. A loop of its own: more of the shorter loop's turns overlap."""
    vector_loop()
    for j in range(n):
        gaps[np.uint64(first + j)] = 1 + np.int32(min(exponential(words[j]) * scale, block))


@kernel
def _place(gaps, i, start, begin, stop, excluded, shift, out, count):
    """Turn the gaps of a block, from the i-th on, into targets ``begin <= target < stop``.

    Returns the new ``count`` and the last target drawn: one below ``stop`` if there were too few gaps.
    """
    last = i + _GAPS
    target = start - 1
    while target < begin and i < last:
        target += np.int64(gaps[np.uint64(i)])  # unsigned: no test for negative indices
        i += 1
    if target < begin:
        return count, target
    while target < stop:
        if target != excluded:
            if count < out.shape[0]:
                out[np.uint64(count)] = target + shift
            count += 1
        if i == last:
            break
        target += np.int64(gaps[np.uint64(i)])
        i += 1
    return count, target


@kernel
def draw_bernoulli(key, scale, block, source, begin, end, excluded, shift, scratch, out, count):
    """Draw the targets of one source in a range, ascending.

    Parameters
    ----------
    key : uint64
    scale : float64
    block : int64
        From :func:`distances`.
    source, begin, end : int64
        Targets ``begin <= target < end`` are wanted.
    excluded : int64
        A target that is left out; none of them if there is no such target.
    shift : int64
        Added to what is written.
    scratch : tuple of arrays
        From :func:`new_bernoulli_scratch`.
    out : uint32[:], modified in place
    count : int64
        Where to begin writing.

    Returns
    -------
    int64
        Where to go on writing; beyond the length of ``out`` nothing is written.
    """
    words, gaps = scratch
    n_blocks = (end - 1) // block + 1 if end > begin else 0
    for first in range(begin // block, n_blocks, _BLOCKS):
        n = min(_BLOCKS, n_blocks - first)
        _draw_words(key, source, first, _0, n * _CALLS, words)
        _to_gaps(words, n * _GAPS, scale, float(block), _0, gaps)
        for k in range(n):
            start, calls = (first + k) * block, _0
            low, stop = max(begin, start), min(start + block, end)
            count, target = _place(gaps, k * _GAPS, start, low, stop, excluded, shift, out, count)
            while target < stop:
                calls, low = calls + _CALLS, max(low, target + 1)
                _draw_words(key, source, first + k, calls, np.int64(_CALLS), words)
                _to_gaps(words, np.int64(_GAPS), scale, float(block), _SPARE, gaps)
                count, target = _place(gaps, _SPARE, target + 1, low, stop, excluded, shift, out, count)
    return count
