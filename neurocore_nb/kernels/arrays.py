"""The arrays of a population, by address: one table stands for all of them.

A kernel that takes a table is called in a third of the time that Numba needs to receive the arrays one by one, compiles
faster, and its slices of them aren't counted (which takes an atomic operation for each). Who makes a table keeps the
arrays alive, and makes another when one of them is replaced.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import types
from numba.np.numpy_support import from_dtype

from .intrinsics import array_at, array_from, with_twin
from .jit import kernel, pasted

_COLUMNS = 4  # address and up to three lengths
_layout: dict[str, tuple[Any, int]] = {}


def _array(name: str, dtype: Any, n_dim: int) -> Any:
    """Give an array the next place in tables; the function that takes it from a table, in kernels."""
    _layout[name] = dtype, n_dim
    return _taker(len(_layout) - 1, dtype, n_dim)


def _single(name: str) -> Any:
    """The function that takes an array from a table in which it is float32."""
    return _taker(list(_layout).index(name), np.float32, _layout[name][1])


def _taker(k: int, dtype: Any, n_dim: int) -> Any:
    """The function that takes the k-th array from a table.

    Generated, as Numba takes several times as long to compile what a shape and four lookups say.
    """

    @with_twin(lambda table: array_at(table[k, 0], tuple(table[k, 1 : 1 + n_dim]), dtype))
    def take(_: Any, table: Any) -> Any:
        array = types.Array(from_dtype(np.dtype(dtype)), n_dim, "C")

        def generate(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
            first = context.make_array(table)(context, builder, args[0]).data
            places = [builder.gep(first, [ir.IntType(64)(k * _COLUMNS + i)]) for i in range(1 + n_dim)]
            address, *lengths = [builder.load(place) for place in places]
            pointer = builder.inttoptr(address, ir.IntType(8).as_pointer())
            return array_from(context, builder, array, pointer, lengths)

        return array(table), generate

    return take


bounds_of = _array("bounds", np.int64, 1)  # borders of the threads' slices of the local neurons
# Substeps in a network step, id of the first local neuron, size of tiles; key of a model's own noise, and the first
# local neuron's index in its population.
settings_of = _array("settings", np.int64, 1)
states_of = _array("states", np.float64, 2)  # [state, neuron], those of the model and of the receptors
constants_of = _array("constants", np.float64, 1)  # the substep in ms, parameters that are one number for all neurons
varied_of = _array("varied", np.float64, 2)  # those that are not
ring_of = _array("ring", np.float64, 3)  # [receptor, slot, neuron], sums of arriving weights; step k is k % n_slots
used_of = _array("used", np.bool_, 1)  # whether anything can arrive at a receptor
limits_of = _array("limits", np.float64, 1)  # below which sums of weights are exact
poisson_of = _array("poisson", np.int64, 2)  # the Poisson table, see kernels.poisson ...
poisson_values_of = _array("poisson_values", np.float64, 2)  # ... and its values
rows_of = _array("rows", np.float64, 2)  # injected currents ...
factors_of = _array("factors", np.float64, 2)  # ... and with which factor each is present in a step of the interval
noises_of = _array("noises", np.int64, 2)  # the noise table, see kernels.stimulate ...
noise_values_of = _array("noise_values", np.float64, 2)  # ... and its values
given_of = _array("given", np.float64, 2)  # current and conductance from a host's loop, or no rows
couplings_of = _array("couplings", np.int64, 2)  # the coupling table, see kernels.couple
blocks_of = _array("blocks", np.int64, 3)  # for each slice the block table, see kernels.deliver
fired_of = _array("fired", np.int32, 3)  # spikes of each slice ...
outcome_of = _array("outcome", np.int64, 2)  # ... and what else it reports
work_of = _array("work", np.float64, 2)  # memory in which each slice works
N_ARRAYS = len(_layout)

_OF_PRECISION = "states", "constants", "varied"
states_32_of, constants_32_of, varied_32_of = map(_single, _OF_PRECISION)  # in single precision


def make_table(arrays: Mapping[str, npt.NDArray[Any]], precision: str = "float64") -> npt.NDArray[np.int64]:
    """The addresses and shapes of the arrays of a population.

    Parameters
    ----------
    arrays : dict of str to array
        By the names above, C-contiguous, of the dtypes and numbers of dimensions given there.
    precision : {"float64", "float32"}
        Of states and parameters.

    Returns
    -------
    int64[N_ARRAYS, 4]

    Raises
    ------
    TypeError
        If an array isn't as it should be: a kernel would read something else.
    """
    table = np.zeros((N_ARRAYS, _COLUMNS), np.int64)
    for row, (name, (usual, n_dim)) in zip(table, _layout.items(), strict=True):
        array, dtype = arrays[name], precision if name in _OF_PRECISION else usual
        if array.dtype != dtype or array.ndim != n_dim or not array.flags.c_contiguous:
            raise TypeError(
                f"{name} must be a contiguous array of {n_dim} dimensions and {np.dtype(dtype)}, not {array.dtype} of "
                f"shape {array.shape}"
            )
        row[0] = array.ctypes.data
        row[1 : 1 + n_dim] = array.shape
    return table


@pasted
def table_at(address):
    """The table at an address."""
    return array_at(address, (N_ARRAYS, 4), np.int64)


@kernel
def uncounted(array):
    """The same array, whose uses Numba doesn't count, which takes an atomic operation for each.

    Whoever asks for it has to keep the array itself alive: by a use of it behind all uses of this.
    """
    return array_at(array.ctypes.data, array.shape, array.dtype)
