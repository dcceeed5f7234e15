"""Which neurons a rank holds, and which of those a thread handles."""

from __future__ import annotations

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
