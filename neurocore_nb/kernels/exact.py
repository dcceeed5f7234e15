"""Sums of floating-point numbers without rounding, so that neither order nor division among ranks matters.

References
----------
Neal 2015, Fast exact summation using small and large superaccumulators. arXiv:1505.05571
"""

import numpy as np

from .jit import kernel

N_CHUNKS = 68  # of 32 bits: all digits that a float64 can have, and room for carries
_UNIT = 1074  # the last digit stands for 2**-1074


@kernel
def add_exactly(values, chunks):
    """Add numbers to an exact sum.

    Parameters
    ----------
    values : float64[n]
        Finite; n below 2**29.
    chunks : int64[N_CHUNKS]
        The sum: of ``chunks[k] * 2**(32 * k - 1074)``. Modified in place.
    """
    bits = values.view(np.int64)
    for k in range(len(bits)):
        exponent = (bits[k] >> 52) & 0x7FF
        digits = bits[k] & 0xFFFFFFFFFFFFF
        if exponent > 0:
            digits |= 1 << 52
            exponent -= 1
        place, shift = exponent >> 5, exponent & 31
        low, high = (digits & 0xFFFFFFFF) << shift, (digits >> 32) << shift
        sign = 1 if bits[k] >= 0 else -1
        chunks[place] += sign * (low & 0xFFFFFFFF)
        chunks[place + 1] += sign * ((low >> 32) + (high & 0xFFFFFFFF))
        chunks[place + 2] += sign * (high >> 32)


def exact_sum(values: np.ndarray) -> int:
    """The sum of some numbers as an integer, in units of 2**-1074.

    Parameters
    ----------
    values : array of shape (n,)
        Finite.

    Returns
    -------
    int
        Such sums can be added as they are; ``quotient`` makes a number of one.

    Examples
    --------
    >>> import numpy as np
    >>> quotient(exact_sum(np.array([1e16, 1.0, -1e16])), 1)
    1.0
    """
    chunks = np.zeros(N_CHUNKS, np.int64)
    add_exactly(np.ascontiguousarray(values, np.float64), chunks)
    return sum(chunk << 32 * k for k, chunk in enumerate(chunks.tolist()) if chunk)


def quotient(total: int, n: int) -> float:
    """An exact sum divided by a number, rounded once.

    Parameters
    ----------
    total : int
        In units of 2**-1074.
    n : int
        Above 0.

    Returns
    -------
    float
    """
    return total / (n << _UNIT)
