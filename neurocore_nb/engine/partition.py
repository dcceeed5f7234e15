"""Which neurons a rank holds, and which of those a thread handles."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt


def block(n: int, part: int, parts: int) -> tuple[int, int]:
    """Range of the part-th of several contiguous blocks whose sizes differ by at most one.

    Parameters
    ----------
    n : int
        Number of items; may be smaller than ``parts``.
    part, parts : int

    Returns
    -------
    begin, end : int

    Examples
    --------
    >>> [block(7, part, 3) for part in range(3)]
    [(0, 3), (3, 5), (5, 7)]
    """
    size, rest = divmod(n, parts)
    begin = part * size + min(part, rest)
    return begin, begin + size + (part < rest)


def bounds(n: int, parts: int) -> npt.NDArray[np.int64]:
    """Borders of all blocks, shape (parts + 1,).

    Examples
    --------
    >>> bounds(7, 3)
    array([0, 3, 5, 7])
    """
    size, rest = divmod(n, parts)
    part = np.arange(parts + 1)
    return part * size + np.minimum(part, rest)


CACHE_LINE = 64  # bytes, also of the widest vectors


def slice_begin(n: Any, thread: Any, threads: int) -> Any:
    """Where a thread's part of n neurons begins; arguments may be arrays.

    Borders lie between cache lines of float64, so that no two threads write to the same.

    Examples
    --------
    >>> slice_begin(30, np.arange(3), 2)
    array([ 0, 16, 30])
    """
    together = CACHE_LINE // 8
    size, rest = np.divmod(-(-n // together), threads)
    return np.minimum((thread * size + np.minimum(thread, rest)) * together, n)


def aligned_zeros(shape: tuple[int, ...], dtype: Any = np.float64) -> npt.NDArray[Any]:
    """As ``np.zeros``, beginning with a cache line: vectors that lie across two take twice as long.

    Examples
    --------
    >>> aligned_zeros((2, 3)).ctypes.data % 64
    0
    """
    n_bytes = math.prod(shape) * np.dtype(dtype).itemsize
    memory = np.zeros(n_bytes + CACHE_LINE, np.uint8)
    first = -memory.ctypes.data % CACHE_LINE
    aligned: npt.NDArray[Any] = memory[first : first + n_bytes].view(dtype).reshape(shape)
    return aligned
