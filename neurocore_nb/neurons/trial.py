"""Running a model's scalar functions as plain Python, to see what is wrong with them before anything is compiled."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from ..kernels import vmath, vmath32
from ..kernels.single import single_precision


def _exp(x: float) -> float:
    return math.exp(min(max(x, -708.0), 709.0))


def _single(function: Callable[[float], float]) -> Callable[[Any], np.float32]:
    return lambda x: np.float32(function(float(x)))


_OF_PYTHON: dict[str, Any] = {
    "exp": _exp, "exp_bounded": math.exp, "log": math.log, "fma": lambda x, y, z: x * y + z, "math": math,
    "scaled_power": lambda r, t: 2.0 ** (r + (t - vmath._ROUND)),
}  # fmt: skip
_OF_PYTHON_SINGLE: dict[str, Any] = _OF_PYTHON | {
    "exp": _single(lambda x: math.exp(min(max(x, -87.3), 88.3))), "exp_bounded": _single(math.exp),
    "_expm1": _single(math.expm1), "log": _single(math.log), "float32": np.float32, "float64": np.float64,
}  # fmt: skip


def _twins(module: ModuleType, given: dict[str, Any]) -> dict[str, Any]:
    """The functions of ``vmath`` on Python's numbers."""
    twins = dict(given)
    for name, value in vars(module).items():
        plain = getattr(value, "py_func", value)
        if isinstance(plain, FunctionType) and plain.__globals__.get("__name__") == module.__name__:
            twins.setdefault(name, FunctionType(plain.__code__, twins))
        elif isinstance(value, float):
            twins[name] = type(twins["log"](1.0))(value)
    return twins


def as_python(source: str, name: str, single: bool = False) -> Callable[..., Any]:
    """A function of a source that is meant for compilation, as plain Python.

    Parameters
    ----------
    source : str
        As ``ScalarSource.text``.
    name : str
    single : bool
        In single precision.

    Returns
    -------
    function
    """
    space = _twins(vmath32, _OF_PYTHON_SINGLE) if single else _twins(vmath, _OF_PYTHON)
    space["inlined"] = lambda function: function
    text = single_precision(source, vmath.__all__) if single else source
    exec(text, space)  # noqa: S102  # written by ourselves from the user's own code
    function: Callable[..., Any] = space[name]
    return function
