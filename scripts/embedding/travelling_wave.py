"""The velocity of the squid axon's spike as Hodgkin and Huxley computed it: as an eigenvalue of ordinary equations.

In a wave of constant shape the potential is a function of ``t - x / theta``, and the cable equation becomes
``v'' = K (v' + I / C)`` with ``K = 2 R C theta**2 / a``. Only with the right K does a solution that leaves rest
come back; with any other it ends at plus or minus infinity. Nothing here uses the package.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

PHI = 3.0 ** ((18.5 - 6.3) / 10.0)


def _linear(x: float) -> float:
    return x / math.expm1(x) if x else 1.0


def rates(v: float) -> np.ndarray:
    """Opening and closing rates per ms at 18.5 degrees of m, h and n, as three rows."""
    m = _linear(-(v + 40.0) / 10.0), 4.0 * math.exp(-(v + 65.0) / 18.0)
    h = 0.07 * math.exp(-(v + 65.0) / 20.0), 1.0 / (1.0 + math.exp(-(v + 35.0) / 10.0))
    n = 0.1 * _linear(-(v + 55.0) / 10.0), 0.125 * math.exp(-(v + 65.0) / 80.0)
    return PHI * np.array([m, h, n])


def ionic(v: float, m: float, h: float, n: float) -> float:
    """Outward current in uA/cm2."""
    return 120.0 * m**3 * h * (v - 50.0) + 36.0 * n**4 * (v + 77.0) + 0.3 * (v + 54.387)


def steady(v: float) -> np.ndarray:
    """The gates at a constant potential."""
    return rates(v)[:, 0] / rates(v).sum(axis=1)


def derivative(_: float, y: np.ndarray, stiffness: float) -> np.ndarray:
    """Of the potential, its derivative and the gates, by time in ms."""
    (v, slope), gates = y[:2], y[2:]
    opening, closing = rates(v).T
    bend = stiffness * (slope + ionic(v, *gates))
    return np.array([slope, bend, *(opening * (1.0 - gates) - closing * gates)])


def departure(stiffness: float) -> np.ndarray:
    """A point beside rest on the one path that leaves it upwards: 0.1 uV along the growing solution."""
    rest = brentq(lambda v: ionic(v, *steady(v)), -66.0, -64.0, xtol=1e-12)
    y = np.array([rest, 0.0, *steady(rest)])
    columns = [derivative(0.0, y + e, stiffness) - derivative(0.0, y - e, stiffness) for e in 1e-6 * np.eye(5)]
    growth, directions = np.linalg.eig(np.array(columns).T / 2e-6)
    direction = directions[:, growth.real.argmax()].real
    return y + 1e-4 * direction / direction[0]


def ends_above(stiffness: float) -> bool:
    """Whether the solution goes to plus infinity."""

    def gone(t: float, y: np.ndarray, _: float) -> float:
        return abs(y[0]) - 200.0

    gone.terminal = True  # type: ignore[attr-defined]
    path = solve_ivp(
        derivative, (0.0, 20.0), departure(stiffness), "DOP853", args=(stiffness,), rtol=1e-9, atol=1e-11, events=gone
    )
    return bool(path.y[0, -1] > 0.0)


def find_stiffness(low: float = 10.0, high: float = 11.0, tolerance: float = 1e-6) -> float:
    """K per ms, by bisection; its spike is the fast one of the two that there are."""
    if ends_above(low) or not ends_above(high):
        raise ValueError(f"K isn't between {low} and {high} per ms")
    while high - low > tolerance:
        middle = (low + high) / 2.0
        low, high = (low, middle) if ends_above(middle) else (middle, high)
    return (low + high) / 2.0


def velocity(stiffness: float, radius: float = 0.0238, resistivity: float = 35.4, c_m: float = 1.0) -> float:
    """In m/s, from K per ms, the radius in cm, the resistivity in Ohm cm and the capacitance in uF/cm2."""
    return math.sqrt(1e3 * stiffness * radius / (2.0 * resistivity * 1e-6 * c_m)) / 100.0
