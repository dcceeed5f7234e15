"""What objects of a description say of themselves, in their reprs and in notebooks."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from .distributions import Distribution
from .space import OfDistance


def amount(value: Any, unit: str) -> str:
    """A number, the range of an array or of a function, or a distribution, with its unit.

    Parameters
    ----------
    value : float, array, Distribution or OfDistance
    unit : str

    Returns
    -------
    str

    Examples
    --------
    >>> from neurocore_nb import Normal
    >>> amount(1.5e-3, "s"), amount([0.1, 0.2], "nS"), amount(Normal(0.5, 0.1, low=0.0), "nS")
    ('0.0015 s', '0.1 to 0.2 nS', 'Normal(0.5, 0.1, low=0) nS')
    """
    if isinstance(value, Distribution):
        return f"{_distribution(value)} {unit}"
    if isinstance(value, OfDistance):
        return f"{value.low:.6g} to {value.high:.6g} {unit} by distance"
    numbers = np.asarray(value, np.float64)
    if numbers.size == 0:
        return "none"
    low, high = float(numbers.min()), float(numbers.max())
    return f"{low:.6g} {unit}" if low == high else f"{low:.6g} to {high:.6g} {unit}"


def several(number: int, what: str, plural: str | None = None) -> str:
    """How many of something.

    Examples
    --------
    >>> several(1, "spike"), several(2000, "spike"), several(2, "synapse onto it", "synapses onto it")
    ('1 spike', '2,000 spikes', '2 synapses onto it')
    """
    return f"{number:,} {what if number == 1 else plural or what + 's'}"


def _distribution(value: Any) -> str:
    """A distribution with what differs from its defaults; those without a default need no name."""
    if not is_dataclass(value):
        return type(value).__name__
    held = [(one.name, getattr(value, one.name), one.default) for one in fields(value)]
    given = [
        f"{number:.6g}" if not isinstance(default, float) else f"{name}={number:.6g}"
        for name, number, default in held
        if number != default
    ]
    return f"{type(value).__name__}({', '.join(given)})"
