"""Weights as whole multiples of a quantum, so that sums of them are exact."""

from __future__ import annotations

import math

_EXACT_BITS = 53  # of a float64
_MOST_BITS = 20  # of these for sums: leaves 33 for a weight, a relative rounding of at most 1e-10 for the largest
_SMALLEST_EXPONENT = -1022  # of a normal float64
_DEVIATIONS = 8.0  # that a drawn number of arrivals may lie above its mean
_SURELY = 100.0  # what has a probability of exp(-100), 4e-44, never happens
_AT_ONCE = 64.0  # times that many may arrive together: bursts, and delays that bring different steps together

LARGEST_WEIGHT = 1e30  # far beyond any current or conductance, and within float32


def quantum(largest_weight: float, arrivals: float = math.inf) -> float:
    """Power of two of which all weights of a receptor are multiples, so that their sums are exact.

    Sums of whole multiples of a quantum are exact in float64 up to 2**53 quanta, in any order. That is what lets
    spikes be delivered in any order by any number of ranks and threads, with the same bits. The fewer weights can
    arrive together, the finer is the quantum.

    Parameters
    ----------
    largest_weight : float
        Largest absolute weight that may arrive.
    arrivals : float
        Mean number of weights that arrive at a neuron in a step in which all its sources fire.

    Returns
    -------
    float
        2**-33 times the next power of two above the weight, or less; 1 for weight 0.

    Examples
    --------
    >>> quantum(0.02) == 2.0**-38, quantum(0.02, arrivals=100.0) == 2.0**-44
    (True, True)
    """
    if largest_weight == 0.0:
        return 1.0
    most = _AT_ONCE * (arrivals + _DEVIATIONS * math.sqrt(arrivals) + _DEVIATIONS)
    bits_of_sums = _MOST_BITS if most >= 2.0**_MOST_BITS else math.ceil(math.log2(most))
    _, exponent = math.frexp(largest_weight)
    return math.ldexp(1.0, max(exponent - (_EXACT_BITS - bits_of_sums), _SMALLEST_EXPONENT))


def most_of(mean: float) -> float:
    """What a sum of independent numbers of 0 or 1 never exceeds, by Bernstein's inequality.

    Parameters
    ----------
    mean : float
        Of the sum.

    Returns
    -------
    float

    Examples
    --------
    >>> round(most_of(0.0)), round(most_of(100.0)), round(most_of(10000.0))
    (67, 279, 11448)
    """
    third = _SURELY / 3.0
    return mean + third + math.sqrt(third * third + 2.0 * mean * _SURELY)


def exact_limit(quantum: float) -> float:
    """Sums below this, of multiples of the quantum, are exact."""
    return math.ldexp(quantum, _EXACT_BITS)
