"""Random choices of items, ascending, any part of which can be drawn alone.

Items are divided into equal blocks, a power of two of them, so that few choices fall on each. How many do is found by
halving the blocks again and again: the number on the left half is a binomial number (with repetition, the heads among
as many tosses of a coin) or a hypergeometric one (without), keyed by that half. The items that are left over are
divided likewise. Only those halves are followed that the wanted part touches, so what is chosen there is the same
whichever part is wanted.
"""

from __future__ import annotations

import numpy as np

from .arrays import uncounted
from .intrinsics import popcount, vector_loop
from .jit import inlined, kernel
from .rng import exponential, random_words, uniform
from .sampling import share

FEW = 256  # choices in a block, at most on average: few halvings, and few of them in vain at the ends of a range
_MOST = 1024  # choices in a block; more have a probability below 1e-300
MOST_BITS = 4096  # items of a block that are noted in a bitmap
_USUAL_BITS = 8  # of 64, that are set
_AT_ONCE = 32  # random numbers: eight calls of the generator, a vector
_DEEPEST = 40  # halves that wait for their turn: fewer than the halvings of 2**31 items
_SEGMENT = 40  # bits of a number that tell the nodes of one segment apart
NODE_OF_FEW = 1  # of the one block of few choices
_BIT = np.uint64(1)


@kernel
def new_scratch():
    """Memory for :func:`draw_row`, once it is lent."""
    pending = np.empty((_DEEPEST, 6), np.int64)
    room = _MOST + _AT_ONCE
    bitmap = np.empty(MOST_BITS // 64 + 1, np.uint64)
    return pending, np.empty(room, np.uint32), np.empty(room), np.empty(room, np.int32), bitmap


@kernel
def lend(scratch):
    """The same memory, not to be used any more after :func:`take_back`: a third off the time of a row of 80 choices."""
    pending, words, numbers, chosen, bitmap = scratch
    return uncounted(pending), uncounted(words), uncounted(numbers), uncounted(chosen), uncounted(bitmap)


@kernel
def take_back(scratch):
    """Called last, this keeps the memory from :func:`new_scratch` alive until now."""
    scratch[0][0, 0] = 0


@inlined
def whole_vectors(count):
    """At least so many numbers, that leave no vectorised loop a rest."""
    return (count + _AT_ONCE - 1) // _AT_ONCE * _AT_ONCE


@kernel
def _draw_words(key, first, node, row, n, words):
    vector_loop()
    for j in range(n // 4):
        words[4 * j], words[4 * j + 1], words[4 * j + 2], words[4 * j + 3] = random_words(key, first + j, node, row)


@kernel
def to_exponentials(n, words, numbers):
    """Exponential numbers from words; in a loop of its own, as more of the shorter loop's turns overlap."""
    vector_loop()
    for j in range(n):
        numbers[j] = exponential(words[j])


@kernel
def _to_integers(n, factor, largest, numbers, chosen):
    vector_loop()
    for i in range(n):
        chosen[i] = np.int32(min(numbers[i] * factor, largest))


@kernel
def _choose_ascending(key, node, row, attempt, count, n, words, numbers, chosen):
    """Choose ``count`` of n items with repetition: uniform numbers in ascending order are sums of exponential ones.

    Divided by the sum of one more, which makes their number certain (Devroye 1986, Non-Uniform Random Variate
    Generation, V.3.1).
    """
    n_drawn = whole_vectors(count + 1)
    _draw_words(key, attempt * _MOST, node, row, n_drawn, words)
    to_exponentials(n_drawn, words, numbers)
    total = 0.0
    for i in range(0, n_drawn, 2):  # in pairs: half as many additions wait for the one before
        one, other = numbers[np.uint64(i)], numbers[np.uint64(i + 1)]
        numbers[np.uint64(i)] = total + one
        total += one + other
        numbers[np.uint64(i + 1)] = total
    _to_integers(n_drawn, n / numbers[count], n - 1.0, numbers, chosen)


@kernel
def repetitions(count, chosen):
    """How many of the choices are equal to the one before."""
    vector_loop()
    found = 0
    for i in range(count - 1):
        found += chosen[i] == chosen[i + 1]
    return found


@kernel
def _to_integers_below(n, lowest, words, chosen):
    """``chosen[i]`` is uniform below ``lowest + i``."""
    vector_loop()
    for i in range(n):
        chosen[i] = np.int32(uniform(words[i]) * (lowest + i))


@kernel
def _choose_by_bitmap(key, node, row, count, n, words, chosen, bitmap):
    """Choose ``count`` of n items without repetition by Floyd's algorithm (Bentley and Floyd 1987, CACM 30:754).

    Number i is uniform below ``n - count + i + 1``; if it was chosen before, ``n - count + i`` takes its place, which
    wasn't. A bitmap tells what was chosen, and its bits are in order.
    """
    n_drawn = whole_vectors(count)
    _draw_words(key, 0, node, row, n_drawn, words)
    _to_integers_below(n_drawn, n - count + 1, words, chosen)
    n_words = (n + 63) >> 6
    for w in range(n_words):
        bitmap[w] = 0
    for i in range(count):
        item = np.uint64(chosen[np.uint64(i)])
        if (bitmap[item >> np.uint64(6)] >> (item & np.uint64(63))) & _BIT:
            item = np.uint64(n - count + i)
        bitmap[item >> np.uint64(6)] |= _BIT << (item & np.uint64(63))
    _list_bits(bitmap, n_words, chosen)


@kernel
def _list_bits(bitmap, n_words, chosen):
    """Places of the bits that are set, ascending."""
    i = 0
    for w in range(n_words):
        bits = bitmap[np.uint64(w)]
        n_bits = popcount(bits)
        # Some more often than needed, so that the processor needn't guess: the next word overwrites what is too much.
        for k in range(max(_USUAL_BITS, n_bits)):
            lowest = bits & (~bits + _BIT) if bits else _BIT
            chosen[np.uint64(i + k)] = 64 * w + popcount(lowest - _BIT)
            bits ^= lowest
        i += n_bits


@kernel
def _write(n, first, low, excluded, shift, chosen, out, found):
    """Write the items of n choices from the first on, as far as there is room."""
    vector_loop()
    for i in range(min(n, out.shape[0] - found)):
        item = low + chosen[np.uint64(first + i)]
        out[np.uint64(found + i)] = item + (item >= excluded) + shift


@kernel
def _n_below(bound, count, chosen):
    """How many of the choices lie below a bound."""
    if count == 0 or chosen[0] >= bound:
        return 0
    first, n = 0, count
    while n > 1:  # halves, without a condition that the processor would have to guess
        half = n >> 1
        first += half * (chosen[np.uint64(first + half)] < bound)
        n -= half
    return first + 1


@kernel
def write_range(count, low, begin, end, excluded, shift, chosen, out, found):
    """Write those choices that lie in the range; where to go on writing."""
    first = _n_below(begin - low, count, chosen)
    last = max(first, _n_below(end - low, count, chosen))
    _write(last - first, first, low, excluded, shift, chosen, out, found)
    return found + last - first


@kernel
def _draw_block(key, node, row, count, low, n, excluded, multapses, begin, end, shift, scratch, out, found):
    """Choose ``count`` of the n items from ``low`` on and write those of the range."""
    _, words, numbers, chosen, bitmap = scratch
    if n == 1:
        for _ in range(count):
            if found < out.shape[0]:
                out[found] = low + (low >= excluded) + shift
            found += 1
        return found
    count = min(count, _MOST)  # changes nothing, but nothing can be written beyond the scratch memory
    if n <= MOST_BITS and not multapses:
        _choose_by_bitmap(key, node, row, count, n, words, chosen, bitmap)
    else:
        again, attempt = True, 0
        while again:
            _choose_ascending(key, node, row, attempt, count, n, words, numbers, chosen)
            again = not multapses and repetitions(count, chosen) > 0  # seldom: choices are few and items many
            attempt += 1
    return write_range(count, low, begin, end, excluded, shift, chosen, out, found)


@inlined
def _levels(count, n):
    """How often n items are halved, so that few choices are left for each block, or one item."""
    levels = 0
    while count >> levels > FEW and n >> (levels + 1) > 0:
        levels += 1
    return levels


@inlined
def _push(pending, top, segment, node, level, low, n, count):
    line = pending[top]
    line[0], line[1], line[2], line[3], line[4], line[5] = segment, node, level, low, n, count


@kernel
def _next_block(key, row, multapses, begin, end, pending, top):
    """Divide what is pending until its last line is a block that the range touches.

    A line has the columns segment, node, level, low, n, count: ``count`` choices fall on ``2**level`` blocks of n items
    from ``low`` on. Nodes of a segment are numbered as in a heap. At level -1, n items still are to be divided into
    blocks, and into what is left over, the next segment.

    Returns the last line, -1 if no block is left.
    """
    while top >= 0:
        line = pending[top]
        segment, node, level, low, n, count = line[0], line[1], line[2], line[3], line[4], line[5]
        if count == 0 or low >= end or low + (n << max(level, 0)) <= begin:
            top -= 1
            continue
        if level == 0:
            return top
        if level > 0:
            part = n << (level - 1)
            on_part = share(count, part, part, multapses, key, segment << _SEGMENT | node, row)
            _push(pending, top, segment, 2 * node + 1, level - 1, low + part, n, count - on_part)
            _push(pending, top + 1, segment, 2 * node, level - 1, low, n, on_part)
        else:
            level = _levels(count, n)
            size = n >> level
            part = n - (size << level)
            on_part = share(count, part, n - part, multapses, key, segment << _SEGMENT, row)
            _push(pending, top, segment + 1, 0, np.int64(-1), low + n - part, part, on_part)
            _push(pending, top + 1, segment, 1, level, low, size, count - on_part)
        top += 1
    return top


@kernel
def draw_row(key, row, count, n, excluded, multapses, begin, end, shift, scratch, out, found):
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
    shift : int64
        Added to what is written.
    scratch : tuple of arrays
        From :func:`lend`.
    out : uint32[:], modified in place
    found : int64
        Where to begin writing.

    Returns
    -------
    int64
        Where to go on writing; beyond the length of ``out`` nothing is written.
    """
    pending = scratch[0]
    # All below counts the items without the excluded one.
    n, excluded = (n - 1, excluded) if 0 <= excluded < n else (n, n)
    begin, end = begin - (begin > excluded), end - (end > excluded)
    if 0 < count <= FEW and begin < n and end > 0:  # one block, as below
        return _draw_block(
            key, NODE_OF_FEW, row, count, 0, n, excluded, multapses, begin, end, shift, scratch, out, found
        )
    _push(pending, 0, 0, 0, np.int64(-1), 0, n, count)
    top = _next_block(key, row, multapses, begin, end, pending, 0)
    while top >= 0:
        block = pending[top]
        number = block[0] << _SEGMENT | block[1]
        found = _draw_block(
            key, number, row, block[5], block[3], block[4], excluded, multapses, begin, end, shift, scratch, out, found
        )
        top = _next_block(key, row, multapses, begin, end, pending, top - 1)
    return found
