"""What a network costs on this machine: ``python scripts/benchmark.py``.

Prints medians over repeats. Leave the machine alone meanwhile; two threads need two idle cores.

membrane
    12,500 Hodgkin-Huxley neurons, each with its own current, in substeps of 0.01 ms: wall time of the whole ``run``
    per neuron and substep, beside a plain compiled loop over the same equations with ``math.exp``.
own model
    Wang and Buzsaki's interneuron as a user writes it in ten lines, beside the built-in one.
tutorial
    The tutorial's network with a drive that makes it fire, 1 s on one thread and on all.
start
    Importing the package; from the start of Python to the end of the tutorial network's first step, with a warm and
    with an empty compile cache.
"""

import argparse
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numba import njit

sys.path.insert(0, str(Path(__file__).parent))
from mpi_demo import build

from neurocore_nb import (
    HodgkinHuxleyNeuron,
    Network,
    NeuronModel,
    Population,
    StepCurrent,
    UpwardCrossing,
    WangBuzsakiNeuron,
)
from neurocore_nb.engine.comm import SerialComm
from neurocore_nb.engine.threads import default_threads
from neurocore_nb.kernels.vmath import exp, exprel

STEP = 0.01  # ms


@njit(error_model="numpy")
def plain_loop(v, m, h, n, current, steps):
    """The equations of Hodgkin and Huxley as one would write them down, neuron by neuron."""
    for _ in range(steps):
        for j in range(v.shape[0]):
            x, y = 0.1 * (v[j] + 40.0), 0.1 * (v[j] + 55.0)
            alpha = 1.0 if x == 0.0 else x / (1.0 - math.exp(-x))
            beta = 4.0 * math.exp(-(v[j] + 65.0) / 18.0)
            m[j] = alpha / (alpha + beta) + (m[j] - alpha / (alpha + beta)) * math.exp(-(alpha + beta) * STEP)
            alpha = 0.07 * math.exp(-(v[j] + 65.0) / 20.0)
            beta = 1.0 / (1.0 + math.exp(-(v[j] + 35.0) / 10.0))
            h[j] = alpha / (alpha + beta) + (h[j] - alpha / (alpha + beta)) * math.exp(-(alpha + beta) * STEP)
            alpha = 0.1 * (1.0 if y == 0.0 else y / (1.0 - math.exp(-y)))
            beta = 0.125 * math.exp(-(v[j] + 65.0) / 80.0)
            n[j] = alpha / (alpha + beta) + (n[j] - alpha / (alpha + beta)) * math.exp(-(alpha + beta) * STEP)
            g_na, g_k = 120.0 * m[j] ** 3 * h[j], 36.0 * n[j] ** 4
            g = g_na + g_k + 0.3
            steady = (g_na * 50.0 - g_k * 77.0 - 0.3 * 54.387 + current[j]) / g
            v[j] = steady + (v[j] - steady) * math.exp(-g * STEP)


def median_seconds(action: Callable[[], object], repeats: int) -> float:
    """Median wall time of an action, after one call that isn't counted."""
    action()
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        action()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


class Interneuron(NeuronModel):
    """As in the README."""

    states = {"v": -65.0, "h": 0.8, "n": 0.1}
    parameters = {"c_m": 1.0, "g_na": 35.0, "g_k": 9.0, "g_l": 0.1, "phi": 5.0}
    spike, max_step, rate_factor = UpwardCrossing("v", 0.0), 0.02, "phi"

    def rates(v):  # noqa: D102, N805
        return {
            "h": (0.07 * exp(-(v + 58) / 20), 1 / (1 + exp(-(v + 28) / 10))),
            "n": (0.1 / exprel(-(v + 34) / 10), 0.125 * exp(-(v + 44) / 80)),
        }

    def currents(v, h, n, g_na, g_k, g_l):  # noqa: D102, N805
        m = 1 / (1 + 4 * exp(-(v + 60) / 18) * exprel(-(v + 35) / 10))
        return [(g_na * m**3 * h, 55.0), (g_k * n**4, -90.0), (g_l, -65.0)]


def membrane(n: int, threads: int, repeats: int, model: type[NeuronModel] = HodgkinHuxleyNeuron) -> float:
    """Time of the whole run in ns per neuron and substep."""
    cells = Population(model, n, max_step=STEP)
    net = Network(cells, StepCurrent(0.0, 100.0, np.linspace(0.0, 20.0, n)))
    return median_seconds(lambda: net.run(0.05, threads=threads), repeats) * 1e9 / (n * 0.05 * 1e3 / STEP)


def plain(size: int, repeats: int) -> float:
    """The same of the plain loop, on one thread."""
    v, current = np.full(size, -65.0), np.linspace(0.0, 20.0, size)
    m, h, n = np.full(size, 0.0529), np.full(size, 0.596), np.full(size, 0.3177)
    return median_seconds(lambda: plain_loop(v, m, h, n, current, 200), repeats) * 1e9 / (size * 200)


def tutorial(n: int, threads: int, repeats: int) -> float:
    """Wall time of 1 s of the tutorial's network of n neurons, built before."""
    net, _ = build(n * 4 // 5)
    net.run(0.0, threads=threads)

    def trial() -> None:
        net.reset()
        net.run(1.0, threads=threads)

    return median_seconds(trial, repeats)


def start(code: str, cold: bool = False) -> float:
    """Wall time of a fresh Python process that runs some code."""
    with tempfile.TemporaryDirectory() as empty:
        environment = os.environ | ({"NUMBA_CACHE_DIR": empty} if cold else {})
        path = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})"
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", f"{path}\n{code}"], check=True, env=environment)
        return time.perf_counter() - started


def starts(repeats: int) -> None:
    """Print how long it takes to import, and to start with a warm and with an empty cache."""

    def median(code: str) -> float:
        return statistics.median(start(code) for _ in range(repeats))

    first_step = "import mpi_demo; mpi_demo.build()[0].run(0.001)"
    start(first_step)
    print(f"import                          {median('import neurocore_nb') - median(''):8.2f} s")
    print(f"first step, warm cache          {median(first_step):8.2f} s from the start of Python")
    print(f"first step, empty cache         {start(first_step, cold=True):8.2f} s from the start of Python")


def main(arguments: list[str] | None = None) -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description="What a network costs on this machine.")
    parser.add_argument("--neurons", type=int, default=12_500)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--no-start", action="store_true", help="leave out the times of import and start")
    options = parser.parse_args(arguments)
    n, repeats = options.neurons, options.repeats

    threads = sorted({1, default_threads(SerialComm())})
    times = [membrane(n, count, repeats) for count in threads]
    for count, time_ in zip(threads, times, strict=True):
        print(f"membrane, threads: {count}            {time_:8.2f} ns per neuron-substep")
    loop = plain(n, repeats)
    print(f"plain loop with math.exp        {loop:8.2f} ns per neuron-substep, {loop / times[0]:.1f} times the first")
    own, built_in = (membrane(n, 1, repeats, model) for model in (Interneuron, WangBuzsakiNeuron))
    print(
        f"own model, threads: 1           {own:8.2f} ns per neuron-substep, {own / built_in:.2f} times the built-in one"
    )
    for count in threads:
        print(
            f"tutorial's network, threads: {count} {tutorial(n, count, min(3, repeats)):8.2f} s per biological second"
        )
    if not options.no_start:
        starts(repeats)


if __name__ == "__main__":
    main()
