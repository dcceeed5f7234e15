"""Running a model's scalar functions as plain Python, to see what is wrong with them before anything is compiled."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import FunctionType
from typing import Any

from ..kernels import vmath


def _exp(x: float) -> float:
    return math.exp(min(max(x, -708.0), 709.0))


def _twins() -> dict[str, Any]:
    """The functions of ``vmath`` on Python's numbers."""
    twins: dict[str, Any] = {
        "exp": _exp,
        "exp_bounded": math.exp,
        "log": math.log,
        "fma": lambda x, y, z: x * y + z,
        "scaled_power": lambda r, t: 2.0 ** (r + (t - vmath._ROUND)),
        "math": math,
    }
    for name, value in vars(vmath).items():
        plain = getattr(value, "py_func", value)
        if isinstance(plain, FunctionType) and name in vmath.__all__:
            twins.setdefault(name, FunctionType(plain.__code__, twins))
        elif isinstance(value, float):
            twins[name] = value
    return twins


def as_python(source: str, name: str) -> Callable[..., Any]:
    """A function of a source that is meant for compilation, as plain Python.

    Parameters
    ----------
    source : str
        As ``ScalarSource.text``.
    name : str

    Returns
    -------
    function
    """
    space = _twins() | {"inlined": lambda function: function}
    exec(source, space)  # noqa: S102  # written by ourselves from the user's own code
    function: Callable[..., Any] = space[name]
    return function
