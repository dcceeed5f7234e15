"""Elementary functions in plain arithmetic, so that loops over them vectorise.

``math.exp`` in a compiled loop is a call into libm, one element at a time. These are branch-free, accurate to about
one unit in the last place, and give an element the same bits wherever it stands in an array.
"""

from __future__ import annotations

import math

from .intrinsics import as_float, as_int, fma
from .jit import inlined

__all__ = [
    "exp", "exp_bounded", "exprel", "exprel_fraction", "exprel_parts", "fade", "fma", "gate", "inverses", "log",
    "rate_fractions", "relax", "scaled_power", "sqrt", "tanh",
]  # fmt: skip

_LOG2E = 1.4426950408889634
_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10  # fdlibm's split: k * _LN2_HIGH is exact
_ROUND = 6755399441055744.0  # 1.5 * 2**52: adding it leaves the nearest integer in the low bits of the sum

# (2**r - 1) / r on |r| <= 1 / 2: Chebyshev fit of degree 10 (relative error of 2**r below 2e-17)
_E0, _E1, _E2, _E3 = 0.6931471805599453, 0.24022650695910097, 0.0555041086648216, 0.009618129107606885
_E4, _E5, _E6, _E7 = 0.0013333558146416933, 0.00015403530441741856, 1.5252733829839213e-05, 1.3215442584382707e-06
_E8, _E9, _E10 = 1.0178062443959398e-07, 7.072586657066206e-09, 4.454960975460706e-10

# log(m) by fdlibm's e_log.c: with s = f / (2 + f), log(1 + f) = 2 s + s R(s**2)
_L1, _L2, _L3, _L4 = (
    6.666666666666735130e-01,
    3.999999999940941908e-01,
    2.857142874366239149e-01,
    2.222219843214978396e-01,
)
_L5, _L6, _L7 = 1.818357216161805012e-01, 1.531383769920937332e-01, 1.479819860511658591e-01
_SQRT2_HALF = 0.7071067811865476

_SERIES = 1e-3  # below this distance from its singular point exprel is summed as a series
_LOWEST_POWER = -1022.0  # of 2 in a normal number
_FAINT = 1e-290  # so far above the smallest normal number that its last bit is a normal number, too


@inlined
def scaled_power(r, t):
    """``2**(k + r)`` for ``|r| <= 1 / 2`` and a whole number k, from ``t = k + _ROUND``.

    Even and odd powers of r are summed side by side: in one chain, each sum would wait for the one before.
    """
    r2 = r * r
    even = fma(fma(fma(fma(fma(_E10, r2, _E8), r2, _E6), r2, _E4), r2, _E2), r2, _E0)
    odd = fma(fma(fma(fma(_E9, r2, _E7), r2, _E5), r2, _E3), r2, _E1)
    return as_float(as_int(fma(fma(odd, r, even), r, 1.0)) + (as_int(t) << 52))


@inlined
def exp_bounded(x):
    """Exponential of a number between -708 and 709, and of no other.

    Parameters
    ----------
    x : float64

    Returns
    -------
    float64
        With a relative error below 3e-16 for ``|x| < 8``, and no more than the argument's own rounding gives beyond.

    Notes
    -----
    ``x log2(e) = k + r``; a polynomial gives ``2**r``, and ``k`` is added to its exponent bits.
    """
    t = fma(x, _LOG2E, _ROUND)
    return scaled_power(fma(x, _LOG2E, _ROUND - t), t)


@inlined
def exp(x):
    """Exponential; beyond about +-708 it stays at the largest or smallest normal number.

    Parameters
    ----------
    x : float64

    Returns
    -------
    float64
        As exact as :func:`exp_bounded`.
    """
    return exp_bounded(min(max(x, -708.0), 709.0))


@inlined
def fade(x, decay):
    """``x * decay``, and 0 where that is below about 1e-306.

    Conductances that nothing feeds would otherwise end as denormal numbers, for which processors take a hundred times
    longer.

    Parameters
    ----------
    x, decay : float64

    Returns
    -------
    float64
    """
    return fma(x, decay, _FAINT) - _FAINT


@inlined
def log(x):
    """Natural logarithm of a positive, normal number.

    Parameters
    ----------
    x : float64
        At least 2.3e-308; other values give no meaningful result.

    Returns
    -------
    float64
    """
    bits = as_int(x)
    exponent = (bits >> 52) - 1023
    m = as_float((bits & 0x000FFFFFFFFFFFFF) | 0x3FE0000000000000)  # in [0.5, 1)
    small = m < _SQRT2_HALF
    f = (m + m if small else m) - 1.0
    k = float(exponent if small else exponent + 1)
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    remainder = fma(w, fma(w, fma(w, _L6, _L4), _L2), z * fma(w, fma(w, fma(w, _L7, _L5), _L3), _L1))
    half = 0.5 * f * f
    return fma(k, _LN2_HIGH, -((half - fma(s, half + remainder, k * _LN2_LOW)) - f))


@inlined
def sqrt(x):
    """Square root.

    Parameters
    ----------
    x : float64

    Returns
    -------
    float64
    """
    return math.sqrt(x)


@inlined
def tanh(x):
    """Hyperbolic tangent, with an absolute error of about 1e-16.

    Parameters
    ----------
    x : float64

    Returns
    -------
    float64
    """
    return 1.0 - 2.0 / (exp(2.0 * x) + 1.0)


@inlined
def exprel_fraction(x, numerator, denominator):
    """``(exp(x) - 1) / x`` as numerator and denominator, from ``exp(x)`` as numerator and denominator.

    A fraction, because gates divide once for all of their rates. Finite everywhere: near its removable singularity at 0
    it is a series. Its relative error is below 1e-12.

    Parameters
    ----------
    x : float64
    numerator, denominator : float64
        Whose quotient is ``exp(x)``.

    Returns
    -------
    numerator, denominator : float64
    """
    near = abs(x) < _SERIES
    series = fma(x, fma(x, fma(x, 1.0 / 24.0, 1.0 / 6.0), 0.5), 1.0)
    return (series * denominator if near else numerator - denominator), (1.0 if near else x) * denominator


@inlined
def exprel_parts(x, most):
    """``(exp(x) - 1) / x`` as numerator and denominator.

    Parameters
    ----------
    x : float64
    most : float64
        Beyond ``exp(-most)`` and ``exp(most)`` the exponential doesn't go.

    Returns
    -------
    numerator, denominator : float64
    """
    return exprel_fraction(x, exp_bounded(min(max(x, -most), most)), 1.0)


@inlined
def exprel(x):
    """``(exp(x) - 1) / x``, and 1 at 0: the singular rate ``x / (exp(x) - 1)`` is ``1 / exprel(x)``.

    Parameters
    ----------
    x : float64

    Returns
    -------
    float64
    """
    numerator, denominator = exprel_fraction(x, exp(x), 1.0)
    return numerator / denominator


@inlined
def rate_fractions(alpha, alpha_divisor, beta, beta_divisor):
    """Bring the rates of a gating variable to a common denominator.

    With ``a = alpha / alpha_divisor`` and ``b = beta / beta_divisor``, the gate ``dx/dt = a (1 - x) - b x`` has the
    steady state ``opening / total`` and the rate ``a + b = total / divisor``. Both follow from the one number
    ``1 / (total * divisor)``, so a gate costs one division instead of four; see :func:`gate`.

    Parameters
    ----------
    alpha, alpha_divisor, beta, beta_divisor : float64

    Returns
    -------
    opening, total, divisor : float64
    """
    opening = alpha * beta_divisor
    return opening, fma(beta, alpha_divisor, opening), alpha_divisor * beta_divisor


@inlined
def inverses(a, b, c):
    """``1 / a, 1 / b, 1 / c`` by one division; the product of the three must neither overflow nor vanish.

    Parameters
    ----------
    a, b, c : float64

    Returns
    -------
    tuple of three float64
    """
    ab = a * b
    inverse = 1.0 / (ab * c)
    inverse_ab = inverse * c
    return inverse_ab * b, inverse_ab * a, inverse * ab


@inlined
def gate(x, opening, total, divisor, inverse, dt):
    """Advance a gating variable by the exact solution at constant rates (Rush and Larsen 1978).

    Parameters
    ----------
    x : float64
        The gate.
    opening, total, divisor : float64
        Its rates, from :func:`rate_fractions`.
    inverse : float64
        ``1 / (total * divisor)``.
    dt : float64
        Time step, in the inverse unit of the rates.

    Returns
    -------
    float64
    """
    steady = opening * divisor * inverse
    t = max((-dt * _LOG2E) * (total * total * inverse), _LOWEST_POWER)
    rounded = t + _ROUND
    return fma(x - steady, scaled_power(t - (rounded - _ROUND), rounded), steady)


@inlined
def relax(v, current, conductance, dt_over_c):
    """Advance a membrane by the exact solution at constant conductance (exponential Euler).

    Parameters
    ----------
    v : float64
        Membrane potential, ``C dv/dt = current - conductance * v``.
    current : float64
        All currents at ``v = 0``: sum of ``g * e_rev``, plus injected current.
    conductance : float64
        Sum of all conductances, positive.
    dt_over_c : float64
        Time step over capacitance.

    Returns
    -------
    float64
    """
    steady = current / conductance
    return fma(v - steady, exp(-dt_over_c * conductance), steady)
