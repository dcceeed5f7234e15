"""Exact propagation of linear kinetics over a substep."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

_CLOSE = 0.5  # exponents that lie closer together than this are treated by a series
_TERMS = 16  # of which so many leave a relative error below 1e-16


def exprel(x: Any) -> Any:
    """``(exp(x) - 1) / x``, 1 at 0."""
    x = np.asarray(x, np.float64)
    return np.divide(np.expm1(x), x, out=np.ones_like(x), where=x != 0.0)


def decay_over(dt: Any, tau: Any, tau_m: Any) -> dict[str, FloatArray]:
    """One decaying state ``dx/dt = -x / tau``.

    Parameters
    ----------
    dt, tau, tau_m : float64 arrays
        Substep, time constant, and that of the membrane through which the state is seen (infinite: a plain mean);
        in ms.

    Returns
    -------
    dict of str to array
        ``decay``: what is left after a substep. ``mean``: the constant value that charges the membrane as much during
        the substep, for a state of 1 at its start.
    """
    charge = dt * exprel(-dt / tau_m)  # of a membrane by a constant current of 1
    return {
        "decay": np.exp(-dt / tau),
        "mean": dt * _first_difference(-dt / tau_m, -dt / tau) / charge,
    }


def chain_over(dt: Any, tau: Any, tau_rise: Any, tau_m: Any) -> dict[str, FloatArray]:
    """A state that is fed by a decaying one: ``dx/dt = -x / tau + y``, ``dy/dt = -y / tau_rise``.

    Parameters
    ----------
    dt, tau, tau_rise, tau_m : float64 arrays
        As for :func:`decay_over`.

    Returns
    -------
    dict of str to array
        ``decay`` and ``mean`` of x; ``decay_rise`` of y; ``feed`` and ``mean_rise``: what a y of 1 at the start adds to
        x at the end, and to its mean.
    """
    charge = dt * exprel(-dt / tau_m)
    return decay_over(dt, tau, tau_m) | {
        "decay_rise": np.exp(-dt / tau_rise),
        "feed": dt * _first_difference(-dt / tau, -dt / tau_rise),
        "mean_rise": dt**2 * _second_difference(-dt / tau_m, -dt / tau, -dt / tau_rise) / charge,
    }


def peak_of_chain(tau: Any, tau_rise: Any) -> FloatArray:
    """Peak of x in :func:`chain_over` after y has jumped from 0 to 1."""
    ratio = tau / tau_rise - 1.0
    small = np.abs(ratio) < 1e-8
    log_ratio = np.where(small, 1.0 - 0.5 * ratio, np.log1p(ratio) / np.where(small, 1.0, ratio))
    time = tau * log_ratio
    peak: FloatArray = time * np.exp(-time / tau) * exprel(time * (1.0 / tau - 1.0 / tau_rise))
    return peak


def _first_difference(a: Any, b: Any) -> FloatArray:
    """Divided difference of the exponential function at two points; neither over- nor underflows before it must."""
    difference: FloatArray = np.exp(np.maximum(a, b)) * exprel(-np.abs(a - b))
    return difference


def _second_difference(*points: Any) -> FloatArray:
    """Second divided difference of the exponential function, also where points are equal."""
    x = np.sort(np.stack(np.broadcast_arrays(*points)), axis=0)
    low, middle, high = x
    spread = high - low
    far = np.maximum(spread, _CLOSE)

    by_quotient = (_first_difference(middle, high) - _first_difference(low, middle)) / far
    # exp[x0, x1, x2] = exp(c) sum_k h_k(x - c) / (k + 2)! with the complete homogeneous symmetric polynomials h_k
    centre = (low + middle + high) / 3.0
    a, b, c = x - centre
    e1, e2, e3 = a + b + c, a * b + b * c + c * a, a * b * c
    h = [np.zeros_like(centre), np.zeros_like(centre), np.ones_like(centre)]
    factor, series = 0.5, np.full_like(centre, 0.5)
    for k in range(1, _TERMS):
        h.append(e1 * h[-1] - e2 * h[-2] + e3 * h[-3])
        factor /= k + 2
        series = series + factor * h[-1]
    result: FloatArray = np.where(spread < _CLOSE, np.exp(centre) * series, by_quotient)
    return result
