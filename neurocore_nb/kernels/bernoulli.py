"""Targets of sources under the pairwise Bernoulli rule, in any range of targets.

The distance from one target to the next is geometric. Targets are taken in blocks that start anew, so that any range
can be drawn alone; all blocks have the same number of targets and, on average, of synapses. Blocks are drawn ``_LANES``
at a time, of one source or of several, side by side in vectors.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from .intrinsics import vector_loop
from .jit import kernel
from .rng import exponential, exponential32, random_words

_LANES = 16  # blocks drawn at once; numbers stand as [number, lane]
_CALLS = 8  # of the generator for a block, made at once
_GAPS = 4 * _CALLS
_SYNAPSES = 24.0  # of a block on average: few blocks (5 %) need more gaps, and not too many gaps are left over
_SMALL_BLOCK = int(_SYNAPSES / 1e-5)
_LARGEST_BLOCK = 2**30 - 1  # so that the sum of two places can't exceed an int32


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


def at_once(probability: float, begin: int, end: int) -> tuple[int, int]:
    """How many sources to draw at once, lest many lanes stay empty, and room for the targets they will mostly have.

    Parameters
    ----------
    probability : float
        Above 0 and below 1.
    begin, end : int
        Range of targets.

    Returns
    -------
    n_sources, room : int
    """
    size = distances(probability)[1]
    n_blocks = max(1, (end - 1) // size + 1 - begin // size)
    n_sources = max(1, 8 * _LANES // n_blocks)
    expected = n_sources * (end - begin) * probability
    return n_sources, int(expected + 6.0 * math.sqrt(expected)) + _GAPS


class Scratch(NamedTuple):
    """Memory for :func:`draw_bernoulli`, arrays along the lanes."""

    source: Any  # int64: whose targets
    block: Any  # int64: which block
    low: Any  # int32: the part of the block that is wanted
    stop: Any  # int32
    words: Any  # uint32[n_gaps * n_lanes]: random bits
    gaps: Any  # int32[n_gaps * n_lanes]: then targets passed over, then places of targets in the block ...
    places: Any  # int32[n_gaps, n_lanes] ... the same memory
    last: Any  # int32: the last of these places
    n_below: Any  # int32: how many are below ``low`` ...
    n_inside: Any  # int32: ... and below ``stop``
    more_gaps: Any  # int32[n_gaps]: of a block that needs more


def new_bernoulli_scratch() -> Scratch:
    """Memory for :func:`draw_bernoulli`."""
    places = np.empty((_GAPS, _LANES), np.int32)
    return Scratch(
        np.zeros(_LANES, np.int64), np.zeros(_LANES, np.int64), np.zeros(_LANES, np.int32), np.zeros(_LANES, np.int32),
        np.empty(_GAPS * _LANES, np.uint32), places.ravel(), places,
        np.empty(_LANES, np.int32), np.empty(_LANES, np.int32), np.empty(_LANES, np.int32), np.empty(_GAPS, np.int32),
    )  # fmt: skip


@kernel
def _fill_lanes(sources, first, begin, end, size, source, block, low, stop):
    """Give each lane a block of a source, from the first-th on; returns how many lanes. Others keep what they had."""
    first_block = begin // size
    n_blocks = (end - 1) // size + 1 - first_block
    at, number = first // n_blocks, first % n_blocks
    for k in range(_LANES):
        if at == sources.shape[0]:
            return k
        source[k], block[k] = sources[at], first_block + number
        start = (first_block + number) * size
        low[k], stop[k] = max(0, begin - start), min(size, end - start)
        number += 1
        if number == n_blocks:
            at, number = at + 1, 0
    return _LANES


@kernel
def _draw_words(key, source, block, words):
    """Random numbers of all lanes."""
    vector_loop()
    for call in range(_CALLS):
        at = 4 * _LANES * call
        for k in range(_LANES):
            one, two, three, four = random_words(key, source[k], block[k], call)
            words[at + k], words[at + _LANES + k] = one, two
            words[at + 2 * _LANES + k], words[at + 3 * _LANES + k] = three, four


@kernel
def _draw_more_words(key, source, block, first_call, words):
    """``_GAPS`` random numbers of one block."""
    vector_loop()
    for j in range(_CALLS):
        one, two, three, four = random_words(key, source, block, first_call + j)
        words[4 * j], words[4 * j + 1], words[4 * j + 2], words[4 * j + 3] = one, two, three, four


@kernel
def _to_gaps(words, scale, size, gaps):
    """How many targets are passed over.

    A loop of its own: more of the shorter loop's turns overlap. In single precision the probability of a gap is wrong
    by 1e-7; where gaps of all lengths are much more probable than that, no network is large enough to show it.
    """
    if size <= _SMALL_BLOCK:
        _to_small_gaps(words, np.float32(scale), np.float32(size), gaps)
    else:
        _to_large_gaps(words, scale, float(size), gaps)


@kernel
def _to_small_gaps(words, scale, size, gaps):
    vector_loop()
    for j in range(gaps.shape[0]):
        gaps[j] = np.int32(min(exponential32(words[j]) * scale, size))


@kernel
def _to_large_gaps(words, scale, size, gaps):
    vector_loop()
    for j in range(gaps.shape[0]):
        gaps[j] = np.int32(min(exponential(words[j]) * scale, size))


@kernel
def _to_places(low, stop, size, places, last, n_below, n_inside):
    """Add up the gaps of each lane to places in its block; count those below the limits of the part that is wanted."""
    vector_loop()
    n_lanes = last.shape[0]  # LLVM would write a loop of a known number of turns out, turn by turn
    for k in range(n_lanes):
        last[k], n_below[k], n_inside[k] = -1, 0, 0
    for i in range(places.shape[0]):
        for k in range(n_lanes):
            place = np.int32(last[k] + places[i, k] + 1)  # of 32 bits all along, for twice as many in a vector
            place = place if place < size else size
            last[k] = places[i, k] = place
            n_below[k] += np.int32(place < low[k])
            n_inside[k] += np.int32(place < stop[k])


@kernel
def _write(places, lane, low, stop, excluded, shift, out, count):
    """Write the targets of a lane from the low-th on, and before the stop-th; the new ``count``."""
    if low == 0 and excluded < 0 and count + _GAPS <= out.shape[0]:
        for i in range(_GAPS):  # without a condition, which the processor would have to guess: the next lane
            out[np.uint64(count + i)] = places[np.uint64(i), np.uint64(lane)] + shift  # overwrites what is too much
        return count + stop
    for i in range(low, stop):
        place = places[i, lane]
        if place != excluded:
            if count < out.shape[0]:
                out[count] = place + shift
            count += 1
    return count


@kernel
def _write_more(key, scale, size, source, block, place, low, stop, excluded, shift, words, gaps, out, count):
    """Write what a block has beyond its first ``_GAPS`` targets, the last at ``place``; the new ``count``."""
    call = np.int64(_CALLS)
    while True:
        _draw_more_words(key, source, block, call, words)
        _to_gaps(words, scale, size, gaps)
        for i in range(_GAPS):
            place += np.int64(gaps[i]) + 1
            if place >= stop:
                return count
            if place >= low and place != excluded:
                if count < out.shape[0]:
                    out[count] = place + shift
                count += 1
        call += _CALLS


@kernel
def draw_bernoulli(key, scale, size, sources, begin, end, own, shift, scratch, starts, out):
    """Draw the targets of some sources in a range, source by source, ascending.

    Parameters
    ----------
    key : uint64
    scale : float64
    size : int64
        Of blocks. Both from :func:`distances`.
    sources : int64[:]
    begin, end : int64
        Targets ``begin <= target < end`` are wanted.
    own, shift : int64
        See ``kernels.connect``.
    scratch : Scratch
        From :func:`new_bernoulli_scratch`.
    starts : int64[:], modified in place
        Where each source's targets begin, and their end: one more than sources.
    out : uint32[:], modified in place

    Returns
    -------
    int64
        Number of targets; beyond the length of ``out`` nothing is written.
    """
    for k in range(starts.shape[0]):
        starts[k] = 0
    if end <= begin:
        return 0
    # Fields taken out once: each time would count a reference, which takes an atomic operation.
    source, block, low, stop, words, gaps, places, last, n_below, n_inside, more_gaps = scratch
    count, at = 0, 0
    n_blocks = sources.shape[0] * ((end - 1) // size + 1 - begin // size)
    for first in range(0, n_blocks, _LANES):
        n = _fill_lanes(sources, first, begin, end, size, source, block, low, stop)
        _draw_words(key, source, block, words)
        _to_gaps(words, scale, size, gaps)
        _to_places(low, stop, np.int32(size), places, last, n_below, n_inside)
        for k in range(n):
            start = block[k] * size
            excluded = source[k] - own - start
            if not low[k] <= excluded < stop[k]:
                excluded = np.int64(-1)
            count = _write(places, k, n_below[k], n_inside[k], excluded, start + shift, out, count)
            if n_inside[k] == _GAPS:
                count = _write_more(
                    key, scale, size, source[k], block[k], np.int64(last[k]), low[k], stop[k], excluded, start + shift,
                    words, more_gaps, out, count,
                )  # fmt: skip
            if start + size >= end:
                at += 1
                starts[at] = count
    return count
