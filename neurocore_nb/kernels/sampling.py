"""Binomial and hypergeometric random numbers as pure functions of a key, exact for any parameters."""

from __future__ import annotations

import math

import numpy as np

from .intrinsics import popcount, vector_loop
from .jit import inlined, kernel
from .rng import random_bits, uniform_pair
from .vmath import log

_INVERSION_UP_TO = 10.0  # mean of a binomial number: inversion takes about as many turns as the mean
_TOSSES_UP_TO = 4096  # tosses of a coin: more of them cost more than a binomial number by rejection
_PRODUCT_UP_TO = 32  # things or places of a hypergeometric number: inversion starts with a product of so many factors

# Hat of the ratio of uniforms: its width is _PER_SD * sqrt(variance + 1/2) + _AT_LEAST.
_PER_SD, _AT_LEAST = 2.0 * math.sqrt(2.0 / math.e), 3.0 - 2.0 * math.sqrt(3.0 / math.e)

_EXACT_FROM = 10  # the series below is exact to 4e-13 from here on
_SMALL = np.array(
    [math.lgamma(k + 1.0) - 0.5 * math.log(2.0 * math.pi) - (k + 0.5) * math.log(k + 1.0) + k + 1.0 for k in range(10)]
)


@inlined
def _stirling_rest(k):
    """``log(k!)`` minus Stirling's formula, ``log(sqrt(2 pi)) + (k + 1/2) log(k + 1) - (k + 1)``."""
    if k < _EXACT_FROM:
        return _SMALL[int(k)]
    z = k + 1.0
    z2 = z * z
    return (1.0 / 12.0 - (1.0 / 360.0 - (1.0 / 1260.0 - 1.0 / (1680.0 * z2)) / z2) / z2) / z


@inlined
def _log_growth(k, d):
    """``log((k + d)! / k!)`` without its part ``d * (log(k + 1) - 1)``; keeps its digits however large k is."""
    return (k + d + 0.5) * math.log1p(d / (k + 1.0)) + _stirling_rest(k + d) - _stirling_rest(k)


@kernel
def _by_rejection(mean, variance, mode, slope, n, places, rest, key, node, row):
    """A binomial or hypergeometric number by Stadlober's ratio of uniforms (1990, J. Comput. Appl. Math. 31:181).

    The probability of k is proportional to ``odds**k / (k! (n - k)!)``, for a hypergeometric number (``rest`` not
    negative) to ``1 / (k! (n - k)! (places - k)! (rest + k)!)``. ``slope`` is the logarithm of the ratio of two
    neighbours at the mode, what :func:`_log_growth` leaves out.
    """
    width = _PER_SD * math.sqrt(variance + 0.5) + _AT_LEAST
    attempt = 0
    while True:
        u, v = uniform_pair(key, attempt, node, row)
        attempt += 1
        k = np.floor(mean + 0.5 + width * (v - 0.5) / u)
        if k < 0.0 or k > n or k > places:
            continue
        d = k - mode
        relative = d * slope - _log_growth(mode, d) - _log_growth(n - mode, -d)
        if rest >= 0.0:
            relative -= _log_growth(places - mode, -d) + _log_growth(rest + mode, d)
        if u * (4.0 - u) - 3.0 <= relative:  # implies the exact test
            return np.int64(k)
        if u * (u - relative) < 1.0 and 2.0 * log(u) <= relative:
            return np.int64(k)


@kernel
def _by_inversion(probability, n, top, bottom, step, key, node, row):
    """Count up from 0, whose probability is given, until the sum of probabilities passes a uniform number.

    From k to k + 1 the probability changes by ``(n - k) / (k + 1) * (top - step * k) / (bottom + step * k)``.
    """
    u, _ = uniform_pair(key, 0, node, row)
    k = 0.0
    while u > probability and k < n and probability > 0.0:
        u -= probability
        probability *= (n - k) * (top - step * k) / ((k + 1.0) * (bottom + step * k))
        k += 1.0
    return np.int64(k)


@kernel
def _rare(n, p, key, node, row):
    """A binomial number for a probability of at most 1/2."""
    mean = n * p
    if mean < _INVERSION_UP_TO:
        return _by_inversion(math.exp(n * math.log1p(-p)), n, p, 1.0 - p, 0.0, key, node, row)
    mode = np.floor((n + 1.0) * p)
    slope = math.log((n - mode + 1.0) / (mode + 1.0) * (p / (1.0 - p)))
    return _by_rejection(mean, mean * (1.0 - p), mode, slope, n, n, -1.0, key, node, row)


@inlined
def _first_bits(bits, n):
    """The first n of 64 bits, all if n is more."""
    return (bits >> np.uint64(64 - min(max(n, 1), 64))) * np.uint64(n > 0)


@kernel
def binomial(n, p, key, node, row):
    """How many of n independent trials succeed.

    Parameters
    ----------
    n : int64
        At most 2**53.
    p : float64
        Probability of success.
    key : uint64
    node, row : int64
        What the number belongs to: ``node`` below 2**63, ``row`` below 2**32.

    Returns
    -------
    int64

    Examples
    --------
    >>> import numpy as np
    >>> [int(binomial(1000, 0.3, np.uint64(1), node, 0)) for node in range(4)]
    [302, 282, 294, 298]
    """
    if p > 0.5:
        return n - _rare(float(n), 1.0 - p, key, node, row)
    return _rare(float(n), p, key, node, row)


@kernel
def heads(n, key, node, row):
    """How many of n tosses of a coin show heads: a binomial number for a probability of 1/2, from random bits.

    Parameters as for :func:`binomial`.

    Examples
    --------
    >>> import numpy as np
    >>> [int(heads(1000, np.uint64(1), node, 0)) for node in range(4)]
    [500, 512, 508, 527]
    """
    vector_loop()
    count = 0
    for j in range((n + 127) >> 7):
        one, other = random_bits(key, j, node, row)
        count += popcount(_first_bits(one, n - 128 * j)) + popcount(_first_bits(other, n - 128 * j - 64))
    return count


@kernel
def _few_of_half(places, others, n, key, node, row):
    """A hypergeometric number where neither the places nor the things are more than half of all."""
    total = places + others
    if min(places, n) <= _PRODUCT_UP_TO:
        few, many = min(places, n), max(places, n)  # the distribution is the same if they are exchanged
        probability = 1.0
        for i in range(int(few)):
            probability *= (total - many - i) / (total - i)
        return _by_inversion(probability, few, many, total - many - few + 1.0, 1.0, key, node, row)
    mean = n * (places / total)
    variance = mean * (others / total) * ((total - n) / (total - 1.0))
    mode = np.floor((n + 1.0) * ((places + 1.0) / (total + 2.0)))
    rest = others - n
    slope = math.log((places - mode + 1.0) / (mode + 1.0) * ((n - mode + 1.0) / (rest + mode + 1.0)))
    return _by_rejection(mean, variance, mode, slope, n, places, rest, key, node, row)


@kernel
def hypergeometric(places, others, n, key, node, row):
    """How many of n distinct things, chosen among ``places + others``, are among the places.

    Parameters
    ----------
    places, others : int64
    n : int64
        At most ``places + others``, and at most 2**53.
    key, node, row
        As for :func:`binomial`.

    Returns
    -------
    int64

    Examples
    --------
    >>> import numpy as np
    >>> [int(hypergeometric(500, 1500, 100, np.uint64(1), node, 0)) for node in range(4)]
    [26, 19, 23, 24]
    """
    fewer, chosen = min(places, others), min(n, places + others - n)
    k = _few_of_half(float(fewer), float(places + others - fewer), float(chosen), key, node, row)
    if places > others:
        k = chosen - k
    return places - k if chosen < n else k


@kernel
def share(count, places, others, multapses, key, node, row):
    """How many of ``count`` synapses fall on the first ``places`` of ``places + others`` candidates.

    Parameters
    ----------
    count, places, others : int64
    multapses : bool
        Whether a candidate may be drawn several times.
    key, node, row
        As for :func:`binomial`.

    Returns
    -------
    int64
    """
    if count == 0 or places == 0:
        return np.int64(0)
    if multapses and places == others and count <= _TOSSES_UP_TO:
        return heads(count, key, node, row)
    if multapses:
        return binomial(count, places / (places + others), key, node, row)
    return hypergeometric(places, others, count, key, node, row)
