"""Weights as whole multiples of a quantum, so that sums of them are exact."""

from __future__ import annotations

import math

_BITS = 33  # of a weight: a relative rounding of at most 1e-10 for the largest weight
_EXACT_BITS = 53  # of a float64
_SMALLEST_EXPONENT = -1022  # of a normal float64

LARGEST_WEIGHT = 1e30  # far beyond any current or conductance, and within float32


def quantum(largest_weight: float) -> float:
    """Power of two of which all weights of a receptor are multiples, so that their sums are exact.

    Sums of whole multiples of a quantum are exact in float64 up to 2**53 quanta, in any order. That is what lets
    spikes be delivered in any order by any number of ranks and threads, with the same bits.

    Parameters
    ----------
    largest_weight : float
        Largest absolute weight that may arrive.

    Returns
    -------
    float
        2**-33 times the next power of two above the weight; 1 for weight 0.

    Examples
    --------
    >>> quantum(0.02) == 2.0**-38
    True
    """
    if largest_weight == 0.0:
        return 1.0
    _, exponent = math.frexp(largest_weight)
    return math.ldexp(1.0, max(exponent - _BITS, _SMALLEST_EXPONENT))


def exact_limit(quantum: float) -> float:
    """Sums below this, of multiples of the quantum, are exact."""
    return math.ldexp(quantum, _EXACT_BITS)
