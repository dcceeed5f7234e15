"""What this machine is and can do: processor, cores, peak of fused multiply-adds, divisions."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from common import parser, report, rounds
from numba import njit

from neurocore_nb.kernels.intrinsics import fma, vector_loop

CHAIN, WIDTH, TIMES = 16, 1024, 5000  # operations that depend on one another; elements; passes over them


def processor() -> str:
    """Model of the CPU."""
    try:
        pairs = (line.split(":", 1) for line in Path("/proc/cpuinfo").read_text().split("\n\n")[0].splitlines())
        facts = {name.strip(): value.strip() for name, value in pairs}
        return f"{facts['model name']} (family {facts['cpu family']}, model {facts['model']})"
    except (OSError, ValueError, KeyError):
        return platform.processor() or platform.machine()


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def repeated(body: Callable[[float], float], wide: bool) -> Callable[[Any, int], None]:
    """A compiled loop that applies a function to each element, many times over."""
    scalar = njit(error_model="numpy", forceinline=True)(body)

    @njit(error_model="numpy")  # type: ignore[untyped-decorator]
    def once(x: Any) -> None:
        if wide:
            vector_loop()
        for j in range(x.shape[0]):
            x[j] = scalar(x[j])

    @njit(error_model="numpy")  # type: ignore[untyped-decorator]
    def often(x: Any, times: int) -> None:
        for _ in range(times):
            once(x)

    return often  # type: ignore[no-any-return]


def chain(x: float) -> float:
    """Multiply-adds that depend on one another; other elements hide their latency."""
    for _ in range(CHAIN):
        x = fma(x, 0.9999999, 1e-9)
    return x


def division(x: float) -> float:
    """One division."""
    return 1.7 / x


def per_second(loop: Callable[[Any, int], None], operations: int, seconds: float = 0.3) -> float:
    """How many operations a loop does in a second on one core; the best of several trials."""
    x = np.ones(WIDTH)
    loop(x, 1)
    best, end = 0.0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        started = time.perf_counter()
        loop(x, TIMES)
        best = max(best, TIMES * WIDTH * operations / (time.perf_counter() - started))
    return best


def fma_peak() -> tuple[float, float]:
    """Peak of one core in GFLOP/s (an FMA is two), with 512-bit vectors asked for and with LLVM's default width."""
    return tuple(2e-9 * per_second(repeated(chain, wide), CHAIN) for wide in (True, False))  # type: ignore[return-value]


def divisions_per_ns() -> float:
    """Divisions of float64 that one core does in a nanosecond."""
    return 1e-9 * per_second(repeated(division, True), 1)


def main(arguments: list[str] | None = None) -> None:
    """Measure."""
    options = parser(__doc__).parse_args(arguments)
    for _ in rounds(options):
        wide, default = fma_peak()
        report("FMA peak of one core, 512-bit vectors", wide, "GFLOP/s", processor=processor(), cores=cores())
        report("FMA peak of one core, LLVM's default width", default, "GFLOP/s")
        report("divisions of one core", divisions_per_ns(), "per ns")


if __name__ == "__main__":
    main()
