"""Operations that Numba has no words for, as LLVM instructions: what is compiled looks like the calls of functions.

``fma``, ``popcount``, ``as_float``, ``as_float32``, ``as_int``
    Arithmetic, and the bits of numbers.
``array_at``, ``stretch``
    Arrays by address, and parts of rows.
``vector_loop``
    Called at the top of a kernel whose body is one loop over array elements: makes that loop vectorise.
``interleave``
    Called at the end of the body of such a loop: two vectors go through it side by side.
``call``, ``call_c``
    A function by its address: one of ``jit.address_of``, or one of a C library.
``prefetch``
    Called for memory that will be read soon.
``nanoseconds``
    A clock.

Each has a twin in Python, which takes its place where Numba is switched off.
"""

from __future__ import annotations

import ctypes
import math
import struct
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import llvmlite.ir as ir
import numpy as np
from numba import carray, types  # type: ignore[attr-defined]
from numba.core.cgutils import unpack_tuple
from numba.core.errors import TypingError
from numba.extending import intrinsic
from numba.np.arrayobj import np_cfarray

from .jit import BY_ADDRESS, DISABLED


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


def array_from(context: Any, builder: Any, array: Any, pointer: Any, lengths: list[Any]) -> Any:
    """In LLVM's terms, the contiguous array of a type at a pointer, for intrinsics."""
    shape = types.UniTuple(types.int64, len(lengths))
    given = pointer, context.make_tuple(builder, shape, lengths)
    return np_cfarray(context, builder, array(types.voidptr, shape), given)


def _integers(context: Any, builder: Any, value: Any, kind: Any) -> list[Any]:
    """The numbers of a tuple, or one, as int64."""
    several = isinstance(kind, types.BaseTuple)
    values, kinds = (unpack_tuple(builder, value), kind) if several else ([value], [kind])
    return [context.cast(builder, *one, types.int64) for one in zip(values, kinds, strict=True)]


@with_twin(lambda address, shape, dtype: carray(ctypes.c_void_p(int(address)), shape, dtype))
def array_at(_: Any, address: Any, shape: Any, dtype: Any) -> Any:
    """The contiguous array at an address: lets one kernel read any number of arrays of any type.

    As ``numba.carray``, which would be compiled anew for each shape and type.
    """
    array = types.Array(dtype.dtype, len(shape) if isinstance(shape, types.BaseTuple) else 1, "C")

    def generate(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        pointer = builder.inttoptr(args[0], ir.IntType(8).as_pointer())
        return array_from(context, builder, array, pointer, _integers(context, builder, args[1], shape))

    return array(types.int64, shape, dtype), generate


@with_twin(lambda array, row, begin, end: array[row][begin:end])
def stretch(_: Any, array: Any, row: Any, begin: Any, end: Any) -> Any:
    """``array[row, begin:end]`` of a contiguous array, ``row`` a tuple where it has more than two dimensions.

    Its limits are taken as they are, in a few operations. Numba's slices, which may be negative or too long, take most
    of the time to compile a kernel that has many; it also counts who uses them.
    """
    if array.layout != "C":
        raise TypingError(f"stretch: {array} isn't contiguous")
    part = types.Array(array.dtype, 1, "C")

    def generate(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        whole = context.make_array(array)(context, builder, args[0])
        (first,), (last,) = (_integers(context, builder, args[k], (begin, end)[k - 2]) for k in (2, 3))
        places = [*_integers(context, builder, args[1], row), first]
        place = ir.IntType(64)(0)
        for number, length in zip(places, unpack_tuple(builder, whole.shape), strict=True):
            place = builder.add(builder.mul(place, length), number)
        return array_from(context, builder, part, builder.gep(whole.data, [place]), [builder.sub(last, first)])

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


@with_twin(lambda address, arguments: BY_ADDRESS[address](*arguments))
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
