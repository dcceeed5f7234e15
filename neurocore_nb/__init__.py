"""neurocore_nb: networks of Hodgkin-Huxley neurons in plain Python, with the same bits on any number of ranks.

Times are in s, rates in Hz, membrane potentials in mV, weights in the unit of the target's model.

All names and their modules are listed in ``__init__.pyi``. A module is loaded when one of its names is first used, so
that ``neurocore_nb.kernels`` can be had with NumPy and Numba alone.
"""

import ast as _ast
import importlib as _importlib
from pathlib import Path as _Path
from typing import Any as _Any

from .engine.launcher import launched_ranks as _launched_ranks


def _homes() -> dict[str, str]:
    """The module of each public name; of modules, the package."""
    listed = _ast.parse(_Path(__file__).with_suffix(".pyi").read_text())
    imports = [one for one in listed.body if isinstance(one, _ast.ImportFrom)]
    return {name.name: f".{one.module or ''}" for one in imports for name in one.names}


_HOMES = _homes()
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> _Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = _HOMES[name]
    found = (
        _importlib.import_module(f".{name}", __name__)
        if home == "."
        else getattr(_importlib.import_module(home, __name__), name)
    )
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return [*globals(), *__all__]


if _launched_ranks() > 1:  # an error on one rank ends the job, wherever it happens
    _importlib.import_module(".engine.comm", __name__).abort_on_uncaught_errors()
