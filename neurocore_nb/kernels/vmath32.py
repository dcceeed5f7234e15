"""Elementary functions in single precision: the twins of :mod:`.vmath`.

Those that depend on how numbers are stored, or on how many of their digits there are, stand here. All others are made
from the functions of ``vmath``.
"""

from __future__ import annotations

import math

from . import vmath
from .intrinsics import as_float32, as_int, fma
from .single import twin

__all__ = [*vmath.__all__, "float32", "float64"]

from numpy import float32, float64

_LOG2E = 1.4426950408889634
_LN2_HIGH, _LN2_LOW = 6.9313812256e-01, 9.0580006145e-06  # fdlibm's split: k * _LN2_HIGH is exact
_ONE = 0x3F800000  # the bits of 1
_ROUND = 12582912.0  # 1.5 * 2**23: adding it leaves the nearest integer in the low bits of the sum

# (2**r - 1) / r on |r| <= 1 / 2: minimax fit of degree 5 (relative error of 2**r below 2e-9)
_E0, _E1, _E2 = 0.6931472028551285, 0.24022647913619571, 0.055503324710264916
_E3, _E4, _E5 = 0.009618437358304251, 0.0013398874445540148, 0.00015353361813423265

# log(m) by fdlibm's e_logf.c
_L1, _L2, _L3, _L4 = 0.66666662693, 0.40000972152, 0.28498786688, 0.24279078841
_SQRT2_HALF = 0.7071067811865476

_SERIES = 0.25  # below this distance from its singular point exprel is summed as a series, ...
_TINY = 5e-4  # ... and below this, by its first two terms


def _single(function):
    """Compile a function of this module in single precision."""
    return twin(function, globals())


@_single
def _change(r):
    """``2**r - 1`` for ``|r| <= 1 / 2``; even and odd powers of r side by side, as in ``vmath.scaled_power``."""
    r2 = r * r
    even = fma(fma(_E4, r2, _E2), r2, _E0)
    odd = fma(fma(_E5, r2, _E3), r2, _E1)
    return fma(odd, r, even) * r


@_single
def scaled_power(r, t):
    """``2**(k + r)`` for ``|r| <= 1 / 2`` and a whole number k, from ``t = k + _ROUND``."""
    return as_float32(as_int(1.0 + _change(r)) + (as_int(t) << 23))


@_single
def exp_bounded(x):
    """Exponential of a number between -87 and 88, and of no other.

    Parameters
    ----------
    x : float32

    Returns
    -------
    float32
        With a relative error below 3e-7 for ``|x| < 8``, and no more than the argument's own rounding gives beyond.
    """
    t = fma(x, _LOG2E, _ROUND)
    return scaled_power(fma(x, _LOG2E, _ROUND - t), t)


@_single
def exp(x):
    """Exponential; beyond about +-88 it stays at the largest or smallest normal number.

    Parameters
    ----------
    x : float32

    Returns
    -------
    float32
        As exact as :func:`exp_bounded`.
    """
    return exp_bounded(min(max(x, -87.3), 88.3))


@_single
def log(x):
    """Natural logarithm of a positive, normal number.

    Parameters
    ----------
    x : float32
        At least 1.2e-38; other values give no meaningful result.

    Returns
    -------
    float32
    """
    bits = as_int(x)
    exponent = (bits >> 23) - 127
    m = as_float32((bits & 0x007FFFFF) | 0x3F000000)  # in [0.5, 1)
    small = m < _SQRT2_HALF
    f = (m + m if small else m) - 1.0
    k = float(exponent if small else exponent + 1)
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    remainder = fma(w, fma(w, _L4, _L2), z * fma(w, _L3, _L1))
    half = 0.5 * f * f
    return fma(k, _LN2_HIGH, -((half - fma(s, half + remainder, k * _LN2_LOW)) - f))


@_single
def sqrt(x):
    """Square root.

    Parameters
    ----------
    x : float32

    Returns
    -------
    float32
    """
    return float32(math.sqrt(x))


@_single
def _expm1(x):
    """``exp(x) - 1``, with all its digits near 0, of a number that is known to lie below 88."""
    x = max(x, -87.3)
    t = fma(x, _LOG2E, _ROUND)
    power = as_float32(_ONE + (as_int(t) << 23))
    return fma(power, _change(fma(x, _LOG2E, _ROUND - t)), power - 1.0)


@_single
def exprel_fraction(x, numerator, denominator):
    """``(exp(x) - 1) / x`` as numerator and denominator, as in ``vmath``; the series begins earlier and is longer.

    Parameters
    ----------
    x, numerator, denominator : float32

    Returns
    -------
    numerator, denominator : float32
    """
    near = abs(x) < _SERIES
    series = fma(x, fma(x, fma(x, fma(x, fma(x, 1.0 / 720.0, 1.0 / 120.0), 1.0 / 24.0), 1.0 / 6.0), 0.5), 1.0)
    return (series * denominator if near else numerator - denominator), (1.0 if near else x) * denominator


@_single
def exprel_parts(x, most):
    """``(exp(x) - 1) / x`` as numerator and denominator, as in ``vmath``.

    Parameters
    ----------
    x, most : float32

    Returns
    -------
    numerator, denominator : float32
    """
    near = abs(x) < _TINY
    return (fma(x, 0.5, 1.0) if near else _expm1(min(max(x, -most), most))), (1.0 if near else x)


@_single
def exprel(x):
    """``(exp(x) - 1) / x``, and 1 at 0.

    Parameters
    ----------
    x : float32

    Returns
    -------
    float32
    """
    return 1.0 if x == 0.0 else _expm1(min(x, 88.3)) / x


@_single
def tanh(x):
    """Hyperbolic tangent.

    Parameters
    ----------
    x : float32

    Returns
    -------
    float32
    """
    change = _expm1(min(2.0 * x, 88.3))
    return change / (change + 2.0)


@_single
def fade(x, decay):
    """``x * decay``: what is tiny becomes 0 at the end of the step, see ``kernels.frame``.

    Parameters
    ----------
    x, decay : float32

    Returns
    -------
    float32
    """
    return x * decay


@_single
def gate(x, opening, total, divisor, inverse, dt):
    """Advance a gating variable, as in ``vmath``; but the change is added to x, so that a small one keeps its digits.

    Parameters
    ----------
    x, opening, total, divisor, inverse, dt : float32

    Returns
    -------
    float32
    """
    return fma(x - opening * divisor * inverse, _expm1(-dt * (total * total * inverse)), x)


@_single
def relax(v, current, conductance, dt_over_c):
    """Advance a membrane, as in ``vmath``; the change is added to v.

    Parameters
    ----------
    v, current, conductance, dt_over_c : float32

    Returns
    -------
    float32
    """
    return fma(v - current / conductance, _expm1(min(-dt_over_c * conductance, 88.3)), v)


rate_fractions = _single(vmath.rate_fractions)
inverses = _single(vmath.inverses)
