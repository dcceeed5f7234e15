"""Rows of few choices, eight side by side: what ``rows.draw_row`` chooses for each, in a shorter time.

With 20 choices it takes half of the time, with 80 three quarters.

Random number i of row r stands at ``8 * (i // 4) + r`` of one of four planes, that of ``i % 4``: eight rows go through
each operation as one vector, and a turn of the generator fills a place in each plane.
"""

from __future__ import annotations

import numpy as np

from .arrays import uncounted
from .intrinsics import vector_loop
from .jit import inlined, kernel
from .rng import random_words
from .rows import FEW, MOST_BITS, NODE_OF_FEW, draw_row, repetitions, to_exponentials, whole_vectors, write_range

ABREAST = 8
_ROOM = ABREAST * 2 * FEW // 4  # of a plane


@kernel
def new_scratch_abreast():
    """Memory for :func:`draw_rows`, once it is lent."""
    rows, words = np.empty(_ROOM, np.int64), np.empty((4, _ROOM), np.uint32)
    return rows, words, np.empty((4, ABREAST + _ROOM)), np.empty((2, _ROOM))


@kernel
def lend_abreast(scratch):
    """As ``rows.lend``."""
    rows, words, numbers, scales = scratch
    return uncounted(rows), uncounted(words), uncounted(numbers), uncounted(scales)


@kernel
def take_back_abreast(scratch):
    """As ``rows.take_back``."""
    scratch[0][0] = 0


@inlined
def can_go_abreast(count, n, multapses):
    """Whether choices are so few, and items so many, that :func:`draw_rows` draws them, and seldom in vain.

    A choice is repeated with a probability of ``count**2 / (2 * n)``.
    """
    return 0 < count <= FEW and (multapses or (n - 1 > MOST_BITS and 2 * count * count <= n))


@kernel
def _repeat(places):
    """Write to all places of the rows what stands at their first ones."""
    vector_loop()
    for j in range(places.shape[0] - ABREAST):
        places[np.uint64(j + ABREAST)] = places[np.uint64(j)]


@kernel
def _draw_words(key, rows, plane0, plane1, plane2, plane3):
    vector_loop()
    for j in range(rows.shape[0]):
        plane0[j], plane1[j], plane2[j], plane3[j] = random_words(key, j // ABREAST, NODE_OF_FEW, rows[j])


@kernel
def _sum_up(plane0, plane1, plane2, plane3):
    """Sums of the numbers so far, added in pairs as in ``rows``; the last plane begins with eight zeros."""
    vector_loop()
    for j in range(plane0.shape[0]):
        at = np.uint64(j + ABREAST)
        total, one, other = plane3[np.uint64(j)], plane0[j], plane1[j]
        plane0[j] = total + one
        total += one + other
        plane1[j] = total
        one, other = plane2[j], plane3[at]
        plane2[j] = total + one
        plane3[at] = total + (one + other)


@kernel
def _to_items(factor, largest, numbers, items):
    vector_loop()
    for j in range(items.shape[0]):
        items[j] = np.uint32(min(numbers[j] * factor[j], largest[j]))


@kernel
def _list_row(r, n_turns, items, chosen):
    for turn in range(n_turns):
        at, i = np.uint64(ABREAST * turn + r), np.uint64(4 * turn)
        for q in range(4):
            chosen[i + np.uint64(q)] = items[np.uint64(q), at]


@kernel
def _draw_words_and_sum(key, size, scratch):
    """Fill the planes with sums of exponential numbers."""
    rows, words, numbers, _ = scratch
    _draw_words(key, rows[:size], words[0, :size], words[1, :size], words[2, :size], words[3, :size])
    end = ABREAST + size
    for q in range(4):
        to_exponentials(size, words[q], numbers[q, ABREAST:end])
    numbers[3, :ABREAST] = 0.0
    _sum_up(numbers[0, ABREAST:end], numbers[1, ABREAST:end], numbers[2, ABREAST:end], numbers[3, :end])


@kernel
def draw_rows(key, rows, count, n, own, multapses, begin, end, shift, scratch, alone, starts, out, found):
    """Choose ``count`` of n items for each of eight rows, and write those of a range, ascending, row by row.

    Parameters
    ----------
    key : uint64
    rows : int64[:]
        What they are chosen for.
    count, n : int64
        See :func:`can_go_abreast`.
    own : int64
        Row ``own + item`` can't choose an item.
    multapses, begin, end, shift : as for ``rows.draw_row``
    scratch : tuple of arrays
        From :func:`lend_abreast`.
    alone : tuple of arrays
        From ``rows.lend``.
    starts : int64[:], modified in place
        Where the choices of each row begin.
    out, found : as for ``rows.draw_row``

    Returns
    -------
    int64
        As ``rows.draw_row``.
    """
    row_of, words, numbers, scales = scratch
    chosen = alone[3]
    size = ABREAST * (whole_vectors(count + 1) // 4)
    for r in range(ABREAST):
        row_of[r] = rows[r]
    _repeat(row_of[:size])
    _draw_words_and_sum(key, size, scratch)
    factor, largest = scales[0, :size], scales[1, :size]
    for r in range(ABREAST):
        n_items = n - (0 <= rows[r] - own < n)
        factor[r] = n_items / numbers[count & 3, ABREAST + (count >> 2) * ABREAST + r]
        largest[r] = n_items - 1.0
    _repeat(factor)
    _repeat(largest)
    for q in range(4):
        _to_items(factor, largest, numbers[q, ABREAST : ABREAST + size], words[q, :size])
    for r in range(ABREAST):
        starts[r], itself = found, rows[r] - own
        _list_row(r, (count + 3) >> 2, words, chosen)
        if not multapses and repetitions(count, chosen) > 0:  # seldom: the next attempt is drawn alone
            found = draw_row(key, rows[r], count, n, itself, multapses, begin, end, shift, alone, out, found)
        else:
            # As in draw_row, all below counts the items without the excluded one.
            excluded = itself if 0 <= itself < n else n
            low, high = begin - (begin > excluded), end - (end > excluded)
            found = write_range(count, 0, low, high, excluded, shift, chosen, out, found)
    return found
