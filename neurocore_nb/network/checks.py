"""Checks of what users pass in: each returns the value in its final type or says what is wrong with it."""

from __future__ import annotations

import math
import numbers
import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .distributions import Distribution

FloatArray = npt.NDArray[np.float64]

_ANY = "a value"  # of an array


def whole_number(value: Any, what: str, low: int = 0) -> int:
    """An int of at least ``low``."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{what} must be an integer, not {value!r} ({type(value).__name__})")
    if value < low:
        raise ValueError(f"{what} = {value} must be at least {low}")
    return int(value)


def real_number(
    value: Any, what: str, unit: str, low: float = -math.inf, high: float = math.inf, above: float = -math.inf
) -> float:
    """A finite float within ``low <= value <= high`` and ``value > above``."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"{what} must be a number in {unit}, not {value!r} ({type(value).__name__})")
    number = float(value)
    _check_range(number, number, what, unit, low, high, above, repr(value))
    return number


def values(
    value: Any, n: int, what: str, unit: str, low: float = -math.inf, high: float = math.inf, above: float = -math.inf
) -> float | FloatArray:
    """A finite float, or a copy of an array of n of them."""
    if np.ndim(value) == 0:
        return real_number(value, what, unit, low, high, above)
    array = real_array(value, what, unit, low, high, above)
    if array.shape != (n,):
        raise ValueError(f"{what} has shape {array.shape}; give one value or an array of shape ({n},), in {unit}")
    return array


def real_array(
    value: Any, what: str, unit: str, low: float = -math.inf, high: float = math.inf, above: float = -math.inf
) -> FloatArray:
    """A float64 copy of an array of finite numbers."""
    try:
        given = np.asarray(value)
        if given.dtype.kind not in "iuf":
            raise TypeError(f"its type is {given.dtype}")
        array = np.array(given, dtype=np.float64, order="C")
    except (TypeError, ValueError) as error:
        raise TypeError(f"{what} must be a number or an array of numbers in {unit}, not {value!r} ({error})") from None
    if array.size:
        wrong = ~np.isfinite(array)
        if wrong.any():
            where = f"holds {float(array[wrong].flat[0])!r} at {_first(wrong)}; all must be finite numbers in {unit}"
            raise ValueError(
                f"{what} {where}" if array.ndim else f"{what} = {value!r} is not a finite number in {unit}"
            )
        _check_range(float(array.min()), float(array.max()), what, unit, low, high, above, _ANY)
    return array


def drawn_values(
    value: Any, n: int, what: str, unit: str, low: float = -math.inf, high: float = math.inf, above: float = -math.inf
) -> float | FloatArray | Distribution:
    """A float, an array of n, or a distribution that stays within the range."""
    if isinstance(value, Distribution):
        lowest, highest = value.support()
        hint = "; bound it with low= and high="
        _check_range(lowest, highest, what, unit, low, high, above, repr(value), hint)
        return value
    return values(value, n, what, unit, low, high, above)


def within(lowest: float, highest: float, what: str, unit: str, low: float, high: float, shown: str) -> None:
    """Raise a ValueError if values from ``lowest`` to ``highest`` may be below ``low`` or above ``high``."""
    _check_range(lowest, highest, what, unit, low, high, -math.inf, shown)


def fits_single(value: float | FloatArray | Distribution, what: str, unit: str) -> None:
    """Raise a ValueError if a value is beyond the range of single precision."""
    extremes = value.support() if isinstance(value, Distribution) else value
    largest = float(np.max(np.abs(extremes), initial=0.0))
    if largest > float(np.finfo(np.float32).max):
        raise ValueError(f"{what}: {largest:g} {unit} is beyond the range of single precision; use precision='float64'")


def rates(value: Any, n: int, what: str) -> Any:
    """Rates in Hz: a float, an array of n, or a function of time."""
    return value if callable(value) else values(value, n, what, "Hz", low=0.0)


def indices(value: Any, n: int, what: str) -> npt.NDArray[np.int64]:
    """A copy of an array of indices below n."""
    array = np.array(value)
    if array.size and array.dtype.kind not in "iu":
        raise TypeError(f"{what} must be integers, not {array.dtype}")
    if array.size and not (array.min() >= 0 and array.max() < n):
        wrong = array[(array < 0) | (array >= n)][0]
        raise ValueError(f"{what} hold {wrong}; the {n} neurons are 0 to {n - 1}")
    return array.astype(np.int64)


def seed(value: Any, what: str) -> int:
    """A seed: an integer from 0 on."""
    return whole_number(value, what)


def path(value: Any, what: str) -> Path:
    """The path of a file or folder."""
    if not isinstance(value, str | os.PathLike) or not os.fspath(value):
        raise TypeError(f"{what} must be a path such as 'run.ckpt', not {value!r}")
    return Path(value)


def truth(value: Any, what: str) -> bool:
    """True or False."""
    if not isinstance(value, bool):
        raise TypeError(f"{what} must be True or False, not {value!r}")
    return value


def _first(wrong: npt.NDArray[np.bool_]) -> str:
    return "index " + ", ".join(str(int(k)) for k in np.argwhere(wrong)[0])


def _check_range(
    lowest: float,
    highest: float,
    what: str,
    unit: str,
    low: float,
    high: float,
    above: float,
    shown: str,
    hint: str = "",
) -> None:
    of = f" {unit}" if unit and not unit.startswith("(") else ""
    if not (math.isfinite(lowest) and math.isfinite(highest)):
        raise ValueError(f"{what} = {shown} is not a finite number{of and f' in {unit}'}")
    if lowest < low or highest > high or lowest <= above:
        legal = [f"at least {low:g}"] * (low > -math.inf) + [f"above {above:g}"] * (above > -math.inf)
        legal += [f"at most {high:g}"] * (high < math.inf)
        if lowest == highest:
            reached = f"{what} holds {lowest:g}" if shown == _ANY else f"{what} = {shown}"
        else:
            reached = f"{what}: {shown} is {lowest:g} to {highest:g}"
        raise ValueError(f"{reached}{of}; it must be {' and '.join(legal)}{of}{hint}")
