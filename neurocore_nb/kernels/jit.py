"""How kernels are compiled: every compile flag of the package is set here.

``kernel``
    A compiled function, cached on disk.
``parallel_kernel``
    The same with ``prange`` over threads.
``inlined``
    Scalar code that is pasted into the loop that calls it. Only so does a loop over a function that returns
    a tuple vectorise.
``pasted``
    One that becomes part of the source of what calls it, from one place or of a line or two: saves a compilation.
``c_address``
    A function for programs in C.
``address_of``
    A function compiled once, and called by its address from other kernels (``intrinsics.call``).
``invoke``
    The same from Python.

Set ``NEUROCORE_NB_CACHE=0`` to compile anew in each process, ``NUMBA_CACHE_DIR`` to move the cache, and
``NUMBA_DISABLE_JIT=1`` to run everything as plain Python.

No fast-math flag is set anywhere. ``contract`` would let LLVM fuse multiplications and additions in the vector body of
a loop but not in its tail, so that a neuron's result would depend on its place in the array; fused operations are
written out with ``intrinsics.fma`` instead. The others break NaN checks or the rounding trick of :mod:`.vmath`.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any

# Ranks x threads beyond the number of cores: threads of GNU OpenMP that spin for long starve the others (20 ms an
# interval). It reads this when first loaded, which Numba does at the first parallel call.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")

from numba import config, njit, types
from numba.core.ccallback import CFunc

from .cache import KernelCache

DISABLED: bool = config.DISABLE_JIT  # type: ignore[attr-defined]  # set when Numba is loaded


def _cached(function: Any) -> Any:
    """Switch on the disk cache of a compiled function."""
    if not DISABLED and os.environ.get("NEUROCORE_NB_CACHE") != "0":
        with suppress(RuntimeError, OSError):  # no writable place for a cache
            function._cache = KernelCache(function)
    return function


def _for_all_numbers(function: Any) -> Any:
    """Compile once what other kernels call: Numba would once more for each integer written out in a call."""
    if DISABLED:
        return function
    template_of = function.get_call_template

    def get_call_template(args: Any, kws: Any) -> Any:
        plain = [types.int64 if isinstance(one, types.IntegerLiteral) else one for one in args]
        return template_of(plain, kws)

    function.get_call_template = get_call_template
    return function


def kernel(function: Callable[..., Any]) -> Any:
    """Compile a function for one thread (divisions by zero give inf or nan, as in NumPy)."""
    return _for_all_numbers(_cached(njit(error_model="numpy", nogil=True)(function)))


def parallel_kernel(function: Callable[..., Any]) -> Any:
    """Compile a function whose ``prange`` loops run on several threads."""
    return _cached(njit(error_model="numpy", nogil=True, parallel=True)(function))


def inlined(function: Callable[..., Any]) -> Any:
    """Compile scalar code that becomes part of the loop it is called from."""
    return _for_all_numbers(njit(error_model="numpy", forceinline=True)(function))


def pasted(function: Callable[..., Any]) -> Any:
    """Let a function be compiled as part of what calls it only."""
    return njit(inline="always")(function)


BY_ADDRESS: dict[int, Any] = {}  # keeps compiled functions alive; where Numba is switched off, addresses are numbers


_C_TYPES: dict[str, Any] = {
    "int64": types.int64, "double": types.float64, "int64*": types.CPointer(types.int64),  # type: ignore[no-untyped-call]
    "double*": types.CPointer(types.float64), "void": types.void,  # type: ignore[no-untyped-call]
}  # fmt: skip


def c_address(function: Callable[..., Any], result: str, *arguments: str) -> int:
    """Address of a compiled C function, cached on disk and kept for as long as the process lives.

    Parameters
    ----------
    function : function
    result : str
    *arguments : str
        Types in C: "int64", "double", "int64*", "double*", "void".

    Raises
    ------
    RuntimeError
        Where Numba is switched off: there is no machine code then.
    """
    if DISABLED:
        raise RuntimeError("NUMBA_DISABLE_JIT is set, so there are no compiled functions that have addresses")
    signature = tuple(_C_TYPES[one] for one in arguments), _C_TYPES[result]
    compiled = _cached(CFunc(function, signature, locals={}, options={"error_model": "numpy"}))
    compiled.compile()
    BY_ADDRESS[compiled.address] = compiled
    return int(compiled.address)


def address_of(function: Callable[..., None], n_arguments: int) -> int:
    """Compile a function of so many int64, without a result, for :func:`call`.

    Numba compiles a kernel again as part of each kernel that calls it. A function called by its address is compiled
    once, and only in programs that use it. What it does wrong ends in a message, not in an exception.
    """
    if DISABLED:
        address = len(BY_ADDRESS)
        BY_ADDRESS[address] = function
        return address
    return c_address(function, "void", *["int64"] * n_arguments)


def invoke(address: int, *numbers: int) -> None:
    """Call the function at an address, from :func:`address_of`, from Python."""
    if DISABLED:
        BY_ADDRESS[address](*numbers)
    else:
        ctypes.CFUNCTYPE(None, *[ctypes.c_int64] * len(numbers))(address)(*numbers)
