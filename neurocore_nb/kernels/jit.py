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
``vector_loop``
    Called at the top of a kernel whose body is one loop over array elements: makes that loop vectorise.
``interleave``
    Called at the end of the body of such a loop: two vectors go through it side by side.
``c_address``
    A function for programs in C.
``address_of``, ``call``
    A function compiled once, and called by its address from other kernels.
``invoke``
    The same from Python.
``call_c``
    A function of a C library, called by its address.
``prefetch``
    Called for memory that will be read soon.

Set ``NEUROCORE_NB_CACHE=0`` to compile anew in each process, ``NUMBA_CACHE_DIR`` to move the cache, and
``NUMBA_DISABLE_JIT=1`` to run everything as plain Python: each intrinsic below has a twin for that.

No fast-math flag is set anywhere. ``contract`` would let LLVM fuse multiplications and additions in the vector body of
a loop but not in its tail, so that a neuron's result would depend on its place in the array; fused operations are
written out with :func:`fma` instead. The others break NaN checks or the rounding trick of :mod:`.vmath`.
"""

from __future__ import annotations

import ctypes
import math
import os
import struct
from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from typing import Any

# Ranks x threads beyond the number of cores: threads of GNU OpenMP that spin for long starve the others (20 ms an
# interval). It reads this when first loaded, which Numba does at the first parallel call.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")

import llvmlite.ir as ir
import numpy as np
from numba import carray, config, njit, types  # type: ignore[attr-defined]
from numba.core.ccallback import CFunc
from numba.core.cgutils import unpack_tuple
from numba.extending import intrinsic
from numba.np.arrayobj import np_cfarray

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


_BY_ADDRESS: dict[int, Any] = {}  # keeps compiled functions alive; where Numba is switched off, addresses are numbers


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
    _BY_ADDRESS[compiled.address] = compiled
    return int(compiled.address)


def address_of(function: Callable[..., None], n_arguments: int) -> int:
    """Compile a function of so many int64, without a result, for :func:`call`.

    Numba compiles a kernel again as part of each kernel that calls it. A function called by its address is compiled
    once, and only in programs that use it. What it does wrong ends in a message, not in an exception.
    """
    if DISABLED:
        address = len(_BY_ADDRESS)
        _BY_ADDRESS[address] = function
        return address
    return c_address(function, "void", *["int64"] * n_arguments)


def invoke(address: int, *numbers: int) -> None:
    """Call the function at an address, from :func:`address_of`, from Python."""
    if DISABLED:
        _BY_ADDRESS[address](*numbers)
    else:
        ctypes.CFUNCTYPE(None, *[ctypes.c_int64] * len(numbers))(address)(*numbers)


def with_twin(twin: Callable[..., Any]) -> Callable[[Callable[..., Any]], Any]:
    """Make an intrinsic, or its pure-Python twin where Numba is switched off."""
    return lambda generator: twin if DISABLED else intrinsic(generator)


def _fma(x: Any, y: Any, z: Any) -> Any:
    single = all(isinstance(one, np.float32) for one in (x, y, z))
    try:
        exact = Fraction(float(x)) * Fraction(float(y)) + Fraction(float(z))
        rounded = float(exact)
    except (OverflowError, ValueError):  # not finite
        rounded = float(x) * float(y) + float(z)
        return np.float32(rounded) if single else rounded
    if not single:
        return rounded
    if rounded != exact and not _as_int(rounded) & 1:  # to an odd number, or it would be rounded twice
        rounded = math.nextafter(rounded, math.inf if exact > rounded else -math.inf)
    return np.float32(rounded)


@with_twin(_fma)
def fma(_: Any, x: Any, y: Any, z: Any) -> Any:
    """``x * y + z`` with one rounding, on every machine and in every loop; a float32 if all three are."""
    real = types.float32 if (x, y, z) == (types.float32,) * 3 else types.float64
    return real(real, real, real), lambda context, builder, _signature, args: builder.fma(*args)


def _bits(layout: str, number: int) -> int:
    return number & ((1 << 8 * struct.calcsize(layout)) - 1)


@with_twin(lambda x: struct.unpack("<d", struct.pack("<Q", _bits("<Q", int(x))))[0])
def as_float(_: Any, x: Any) -> Any:
    """The float64 with the bits of a 64-bit integer."""
    return types.float64(types.int64), lambda context, builder, _signature, args: builder.bitcast(
        args[0], ir.DoubleType()
    )


@with_twin(lambda x: np.float32(struct.unpack("<f", struct.pack("<I", _bits("<I", int(x))))[0]))
def as_float32(_: Any, x: Any) -> Any:
    """The float32 with the low 32 bits of an integer."""
    return types.float32(types.int64), lambda context, builder, _signature, args: builder.bitcast(
        builder.trunc(args[0], ir.IntType(32)), ir.FloatType()
    )


@with_twin(lambda x: int(x).bit_count())
def popcount(_: Any, x: Any) -> Any:
    """How many bits of a uint64 are set."""
    return types.int64(types.uint64), lambda context, builder, _signature, args: builder.ctpop(args[0])


def _as_int(x: Any) -> int:
    bits: int = struct.unpack("<i", struct.pack("<f", x))[0] if isinstance(x, np.float32) else struct.unpack(
        "<q", struct.pack("<d", x))[0]  # fmt: skip
    return bits


@with_twin(_as_int)
def as_int(_: Any, x: Any) -> Any:
    """The integer with the bits of a float64, or, with its sign, that with the bits of a float32."""
    single = x == types.float32

    def generate(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        bits = builder.bitcast(args[0], ir.IntType(32 if single else 64))
        return builder.sext(bits, ir.IntType(64)) if single else bits

    return types.int64(types.float32 if single else types.float64), generate


@with_twin(lambda address, shape, dtype: carray(ctypes.c_void_p(int(address)), shape, dtype))
def array_at(_: Any, address: Any, shape: Any, dtype: Any) -> Any:
    """The contiguous array at an address: lets one kernel read any number of arrays of any type.

    As ``numba.carray``, which would be compiled anew for each shape and type.
    """
    array = types.Array(dtype.dtype, len(shape) if isinstance(shape, types.BaseTuple) else 1, "C")

    def generate(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        pointer = builder.inttoptr(args[0], ir.IntType(8).as_pointer())
        return np_cfarray(context, builder, array(types.voidptr, shape), (pointer, args[1]))

    return array(types.int64, shape, dtype), generate


@with_twin(lambda array, row, begin, end: array[row][begin:end])
def stretch(_: Any, array: Any, row: Any, begin: Any, end: Any) -> Any:
    """``array[row, begin:end]`` of a contiguous array, ``row`` a tuple where it has more than two dimensions.

    Its limits are taken as they are, in a few operations. Numba's slices, which may be negative or too long, take most
    of the time to compile a kernel that has many; it also counts who uses them.
    """
    rows = row if isinstance(row, types.BaseTuple) else types.UniTuple(row, 1)
    part = types.Array(array.dtype, 1, "C")

    def generate(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        whole = context.make_array(array)(context, builder, args[0])
        given = unpack_tuple(builder, args[1]) if row is rows else [args[1]]
        *places, first, last = [
            context.cast(builder, value, kind, types.int64)
            for value, kind in zip([*given, args[2], args[3]], [*rows, begin, end], strict=True)
        ]
        place = ir.IntType(64)(0)
        for number, length in zip([*places, first], unpack_tuple(builder, whole.shape), strict=True):
            place = builder.add(builder.mul(place, length), number)
        made = part(types.CPointer(array.dtype), types.int64)
        return np_cfarray(context, builder, made, (builder.gep(whole.data, [place]), builder.sub(last, first)))

    return part(array, row, begin, end), generate


@with_twin(lambda: None)
def vector_loop(_: Any) -> Any:
    """Let the calling function's loop over its array arguments vectorise.

    Promises LLVM that no two arrays overlap. It would otherwise compare them at run time, and gives up at 128
    comparisons, which about ten arrays reach. Asks for 512-bit vectors, which LLVM avoids on Intel by default, though
    loops this rich in arithmetic gain from them.
    """

    def generate(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        function = builder.function
        set.add(function.attributes, '"prefer-vector-width"="512"')  # add() itself only knows enumerated attributes
        for argument in function.args:
            if argument.name.endswith(".4"):  # an array's fields: meminfo, parent, nitems, itemsize, data, ...
                argument.add_attribute("noalias")
        return context.get_dummy_value()

    return types.none(), generate


@with_twin(lambda: None)
def interleave(_: Any) -> Any:
    """Let two vectors go side by side through the loop at the end of whose body this stands.

    The chain of dependent operations through a neuron's step is so long that one vector at a time leaves the
    arithmetic units idle half of the time; LLVM by itself doesn't see that. About a quarter faster.
    """

    def generate(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        module = builder.module
        hint = module.add_metadata(["llvm.loop.interleave.count", ir.Constant(ir.IntType(32), 2)])
        loop = ir.MDValue(module, [hint], name=str(len(module.metadata)))
        loop.operands = (loop, hint)  # by referring to itself a node becomes the identity of one loop
        plain_branch = builder.branch

        def branch_back(target: Any) -> Any:
            del builder.branch
            instruction = plain_branch(target)
            instruction.set_metadata("llvm.loop", loop)
            return instruction

        builder.branch = branch_back  # the next branch built is the one back to the loop's head
        return context.get_dummy_value()

    return types.none(), generate


@with_twin(lambda address, arguments: _BY_ADDRESS[address](*arguments))
def call(_: Any, address: Any, arguments: Any) -> Any:
    """Call the function at an address, from :func:`address_of`, with a tuple of 64-bit integers."""

    def generate(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        integers = [ir.IntType(64)] * len(arguments)
        function = builder.inttoptr(args[0], ir.FunctionType(ir.VoidType(), integers).as_pointer())
        builder.call(function, [builder.extract_value(args[1], k) for k in range(len(arguments))])
        return context.get_dummy_value()

    return types.none(types.int64, arguments), generate


def _call_c(address: int, arguments: tuple[int, ...]) -> int:
    return int(ctypes.CFUNCTYPE(ctypes.c_int, *[ctypes.c_ssize_t] * len(arguments))(address)(*arguments))


@with_twin(_call_c)
def call_c(_: Any, address: Any, arguments: Any) -> Any:
    """Call a C function that returns an int, with a tuple of integers and pointers as 64-bit integers.

    An int may be passed so, too: on 64-bit machines it has a register, or eight bytes, of its own.
    """

    def generate(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        integers = [ir.IntType(64)] * len(arguments)
        function = builder.inttoptr(args[0], ir.FunctionType(ir.IntType(32), integers).as_pointer())
        code = builder.call(function, [builder.extract_value(args[1], k) for k in range(len(arguments))])
        return builder.sext(code, ir.IntType(64))

    return types.int64(types.int64, arguments), generate


@with_twin(lambda address: None)
def prefetch(_: Any, address: Any) -> Any:
    """Begin to load the cache line of an address."""

    def generate(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        int32 = ir.IntType(32)
        pointer = builder.inttoptr(args[0], ir.IntType(8).as_pointer())
        kind = ir.FunctionType(ir.VoidType(), [pointer.type, int32, int32, int32])
        function = builder.module.declare_intrinsic("llvm.prefetch", [pointer.type], kind)
        builder.call(function, [pointer, int32(0), int32(3), int32(1)])  # to read, into all caches, data
        return context.get_dummy_value()

    return types.none(types.int64), generate


def _declare_clock(module: Any) -> Any:
    name = "clock_gettime"
    if name in module.globals:
        return module.globals[name]
    return ir.Function(module, ir.FunctionType(ir.IntType(32), [ir.IntType(32), ir.IntType(64).as_pointer()]), name)


@with_twin(lambda: 0)
def nanoseconds(_: Any) -> Any:
    """A monotonic clock inside kernels, in ns (always 0 where the platform has no ``clock_gettime``)."""
    clock_monotonic = getattr(__import__("time"), "CLOCK_MONOTONIC", None)

    def generate(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        int64 = ir.IntType(64)
        if clock_monotonic is None:
            return int64(0)
        pair = builder.alloca(int64, size=2)
        builder.call(_declare_clock(builder.module), [ir.IntType(32)(clock_monotonic), pair])
        seconds = builder.load(pair)
        fraction = builder.load(builder.gep(pair, [int64(1)]))
        return builder.add(builder.mul(seconds, int64(1_000_000_000)), fraction)

    return types.int64(), generate
