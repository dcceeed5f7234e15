"""Compiled code on plain arrays, for this package and for other codes. Imports nothing else of the package.

``model_kernel``, ``receptor_kernel``
    The compiled functions of a model or receptor: on arrays, on numbers, and for C (``C_DECLARATIONS``).
``by_source``, ``scatter``
    Synapses as arrays, and what spikes do to their targets.
``exp``, ``exprel``, ``log``
    Functions that vectorise in a loop; more are in ``kernels.vmath``.
``kernel``, ``inlined``, ``vector_loop``
    How to compile loops around them.
``philox``, ``uniform_pair``
    Random numbers that are a function of a key and a counter; more are in ``kernels.rng``.

Needs NumPy and Numba alone; what is named here is loaded when it is first used. ``VERSION`` grows when a signature
changes.
"""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING as _TYPE_CHECKING
from typing import Any as _Any

if _TYPE_CHECKING:
    from .csr import by_source, scatter
    from .intrinsics import vector_loop
    from .jit import inlined, kernel
    from .library import C_DECLARATIONS, VERSION, ModelKernel, ReceptorKernel, model_kernel, receptor_kernel
    from .rng import philox, uniform_pair
    from .vmath import exp, exprel, log

_HOMES = {
    "csr": ("by_source", "scatter"),
    "intrinsics": ("vector_loop",),
    "jit": ("inlined", "kernel"),
    "library": ("C_DECLARATIONS", "VERSION", "ModelKernel", "ReceptorKernel", "model_kernel", "receptor_kernel"),
    "rng": ("philox", "uniform_pair"),
    "vmath": ("exp", "exprel", "log"),
}

__all__ = [
    "C_DECLARATIONS",
    "VERSION",
    "ModelKernel",
    "ReceptorKernel",
    "by_source",
    "exp",
    "exprel",
    "inlined",
    "kernel",
    "log",
    "model_kernel",
    "philox",
    "receptor_kernel",
    "scatter",
    "uniform_pair",
    "vector_loop",
]


def __getattr__(name: str) -> _Any:
    for module, names in _HOMES.items():
        if name in names:
            return getattr(_import_module(f".{module}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
