"""Values of parameters and states for the neurons of one rank."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..kernels.rng import uniforms
from .streams import drawn

FloatArray = npt.NDArray[np.float64]
_MOST_COUNTED = 1 << 24  # substeps of a refractory time that a float32 counts


def resolve(value: Any, begin: int, end: int, key: np.uint64, first: int = 0) -> float | FloatArray:
    """The local part of a value that is a number, an array over some neurons from ``first`` on, or a distribution."""
    if isinstance(value, np.ndarray):
        return value[begin:end]
    if isinstance(value, int | float):
        return float(value)
    u = np.empty(end - begin)
    uniforms(key, first + begin, 0, 0, u)
    return drawn(value, u)


def check_single(values: dict[str, Any], substep_ms: float, what: str) -> None:
    """Raise a ValueError where a parameter, given or derived, can't be a float32."""
    for name, value in values.items():
        if not np.all(np.abs(value) <= np.finfo(np.float32).max):
            raise ValueError(
                f"{what}: the parameter {name} is beyond the range of single precision; use precision='float64'"
            )
    steps = float(np.max(values.get("refractory_steps", 0.0), initial=0.0))
    if steps > _MOST_COUNTED:
        raise ValueError(
            f"{what}: a refractory time of {steps * substep_ms:g} ms is {steps:g} substeps; in single precision at "
            f"most {_MOST_COUNTED} are counted: use precision='float64'"
        )
