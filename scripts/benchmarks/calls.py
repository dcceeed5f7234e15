"""What a call of a model's kernel costs: from Python, from compiled loops and by its address; and its import.

One Hodgkin-Huxley neuron a call, so that little but the call remains; then 12,500 at once.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from common import parser, report, rounds
from numba import njit
from start import start

from neurocore_nb.kernels import ModelKernel, model_kernel
from neurocore_nb.neurons import HodgkinHuxleyNeuron

IMPORT = "from neurocore_nb.kernels import model_kernel"  # the package's name alone would load next to nothing


@njit(nogil=True)
def compiled_loop(advance, states, current, conductance, noise, fired, constants, varied, calls):
    """Call ``advance`` of all neurons again and again."""
    n_fired = 0
    for _ in range(calls):
        n_fired += advance(states, current, conductance, noise, fired, constants, varied, 0, states.shape[1])
    return n_fired


@njit(nogil=True)
def scalar_loop(scalar, state, current, constants, calls):
    """Call ``scalar`` of one neuron again and again."""
    n_fired = 0
    for _ in range(calls):
        state, spike = scalar(state, current, 0.0, 0.0, constants)
        n_fired += spike
    return n_fired


def loop_by_address(kernel: ModelKernel) -> Callable[..., Any]:
    """A compiled loop that knows the kernel by its address alone, as a program in C does."""
    doubles, whole = [ctypes.POINTER(ctypes.c_double)], [ctypes.POINTER(ctypes.c_int64)]
    signature = ctypes.CFUNCTYPE(ctypes.c_int64, *doubles * 4, *whole, *doubles * 2, *[ctypes.c_int64] * 3)
    advance = signature(kernel.address)

    @njit(nogil=True)
    def loop(states, current, conductance, noise, fired, constants, varied, calls):
        n_fired, n = 0, states.shape[1]
        for _ in range(calls):
            n_fired += advance(
                states.ctypes, current.ctypes, conductance.ctypes, noise.ctypes, fired.ctypes, constants.ctypes,
                varied.ctypes, n, 0, n,
            )  # fmt: skip
        return n_fired

    return loop


def arrays(kernel: ModelKernel, n: int) -> tuple[np.ndarray, ...]:
    """What ``advance`` takes for n neurons, without their range."""
    given = kernel.start(n), np.full(n, 10.0), np.zeros(n), np.zeros(0), np.zeros(n, np.int64)
    return *given, kernel.constants, kernel.varied


def trials(n: int, calls: int) -> dict[str, tuple[Callable[[int], object], int, float]]:
    """What is measured: a function of a number of calls, that number, and so many neurons in each."""
    kernel = model_kernel(HodgkinHuxleyNeuron, 0.01)
    one, many, by_address = arrays(kernel, 1), arrays(kernel, n), loop_by_address(kernel)
    state, constants = tuple(kernel.initial), tuple(kernel.constants)

    def from_python(calls: int) -> None:
        for _ in range(calls):
            kernel.advance(*one, 0, 1)

    def scalars(calls: int) -> object:
        return scalar_loop(kernel.scalar, state, 10.0, constants, calls)

    def compiled(given: tuple[np.ndarray, ...]) -> Callable[[int], object]:
        return lambda calls: compiled_loop(kernel.advance, *given, calls)

    often, seldom = 10 * calls, max(1, calls // 100)
    return {
        "advance of one neuron, from Python": (from_python, calls, 1),
        "advance of one neuron, from a compiled loop": (compiled(one), often, 1),
        "advance of one neuron, by its address": (lambda calls: by_address(*one, calls), often, 1),
        "scalar, from a compiled loop": (scalars, often, 1),
        "advance of many neurons": (compiled(many), seldom, n),
    }


def main(arguments: list[str] | None = None) -> None:
    """Measure."""
    made = parser(__doc__)
    made.add_argument("--calls", type=int, default=20_000)
    made.add_argument("--neurons", type=int, default=12_500)
    options = made.parse_args(arguments)
    measured = trials(options.neurons, options.calls)
    for trial, _, _ in measured.values():
        trial(1)  # compiles
    start(IMPORT)
    for _ in rounds(options):
        for what, (trial, calls, n) in measured.items():
            started = time.perf_counter()
            trial(calls)
            per = "ns per call" if n == 1 else "ns per neuron"
            report(what, (time.perf_counter() - started) * 1e9 / (calls * n), per)
        report("import of the kernels", start(IMPORT) - start(""), "s")


if __name__ == "__main__":
    main()
