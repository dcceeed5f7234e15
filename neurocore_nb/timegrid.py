"""From seconds to whole steps."""

from __future__ import annotations

import math

# A time counts as a multiple of dt if it is one up to rounding: 0.7 / 0.001 is 699.9999999999999.
_TOLERANCE = 1e-6
_RELATIVE_TOLERANCE = 1e-12

MOST_STEPS = 2**53
MOST_SUBSTEPS = 10**7  # of an exchange interval's steps, counted in 32 bits


def whole_steps(time: float, dt: float, what: str) -> int:
    """Number of steps in a time span that must be a multiple of dt.

    Parameters
    ----------
    time, dt : float
        In s.
    what : str
        Name of the time in the error.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If it is no multiple.
    """
    ratio = time / dt
    if not abs(ratio) < MOST_STEPS:
        raise ValueError(
            f"{what} = {time!r} s is {ratio:.3g} steps of dt = {dt!r} s; at most {MOST_STEPS} can be counted"
        )
    steps = round(ratio)
    if abs(ratio - steps) > _TOLERANCE + _RELATIVE_TOLERANCE * abs(ratio):
        raise ValueError(
            f"{what} = {time!r} s is no multiple of dt = {dt!r} s (it is {ratio:.6g} steps); "
            f"the nearest that is: {(steps or 1) * dt:.12g} s"
        )
    return steps


def nearest_steps(time: float, dt: float) -> int:
    """A delay in steps, rounded half up."""
    return math.floor(time / dt + 0.5)


def n_substeps(dt: float, max_step: float, what: str = "max_step") -> int:
    """Number of equal substeps of at most ``max_step`` ms in a step of ``dt`` s.

    Parameters
    ----------
    dt : float
        In s.
    max_step : float
        In ms.
    what : str
        Name of the longest substep in the error.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If there are more than can be counted.
    """
    ratio = dt * 1e3 / max_step
    if not ratio < MOST_SUBSTEPS:
        raise ValueError(
            f"{what} = {max_step!r} ms divides dt = {dt!r} s into {ratio:.3g} substeps; at most {MOST_SUBSTEPS}"
        )
    return max(1, math.ceil(ratio * (1.0 - _RELATIVE_TOLERANCE) - _TOLERANCE))
