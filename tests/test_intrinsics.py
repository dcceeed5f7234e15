"""Operations as LLVM instructions, against NumPy, and how often what calls them is compiled."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba.core.errors import TypingError

from neurocore_nb.kernels.intrinsics import array_at, stretch
from neurocore_nb.kernels.jit import kernel


@kernel
def double_stretch(array, row, begin, end):
    part = stretch(array, row, begin, end)
    for k in range(part.shape[0]):
        part[k] *= 2
    return part.shape[0]


@st.composite
def stretches(draw):
    """An array of two or three dimensions, a row of it, and limits within."""
    shape = tuple(draw(st.lists(st.integers(1, 7), min_size=2, max_size=3)))
    row = tuple(draw(st.integers(0, length - 1)) for length in shape[:-1])
    begin = draw(st.integers(0, shape[-1]))
    return shape, row if len(row) > 1 else row[0], begin, draw(st.integers(begin, shape[-1]))


@settings(deadline=None)  # compiles once for each dtype
@given(stretches(), st.sampled_from([np.float64, np.float32, np.int32, np.uint16]))
def test_stretches_are_those_of_numpy(given_stretch, dtype):
    shape, row, begin, end = given_stretch
    array = np.arange(1, 1 + np.prod(shape)).astype(dtype).reshape(shape)
    expected = array.copy()
    expected[row][begin:end] *= 2
    assert double_stretch(array, row, begin, end) == end - begin
    np.testing.assert_array_equal(array, expected)


def test_limits_of_a_stretch_may_be_of_any_integer_type():
    array = np.arange(12.0).reshape(3, 4)
    double_stretch(array, np.uint32(1), np.int32(1), np.uint64(3))
    np.testing.assert_array_equal(array[1], [4.0, 10.0, 12.0, 7.0])


def test_a_stretch_of_what_is_not_contiguous_is_refused():
    with pytest.raises(TypingError, match="isn't contiguous"):
        double_stretch(np.zeros((3, 8))[:, ::2], 0, 0, 4)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64, np.uint8])
def test_arrays_by_address_are_the_memory_itself(dtype):
    @kernel
    def transpose_and_end(address, n):
        table = array_at(address, (n, 3), dtype)
        table[0, 1], table[1, 0] = table[1, 0], table[0, 1]
        line = array_at(address, n * 3, dtype)
        return line[n * 3 - 1]

    array = np.arange(6).astype(dtype).reshape(2, 3)
    assert transpose_and_end(array.ctypes.data, 2) == 5
    np.testing.assert_array_equal(array, [[0, 3, 2], [1, 4, 5]])


def test_a_kernel_is_compiled_once_for_all_integers_written_out_in_calls():
    @kernel
    def next_to(number):
        return number + 1

    @kernel
    def several(number):
        return next_to(1) * next_to(20) * next_to(number)

    assert several(300) == 2 * 21 * 301
    assert len(next_to.signatures) == 1
