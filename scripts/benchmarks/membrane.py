"""What the membranes of a network cost: ``python scripts/benchmarks/membrane.py``.

12,500 Hodgkin-Huxley neurons, each with its own current, in substeps of 0.01 ms: wall time of the whole ``run`` per
neuron and substep, beside a plain compiled loop over the same equations with ``math.exp``; and Wang and Buzsaki's
interneuron as a user writes it in ten lines, beside the built-in one.
"""

from __future__ import annotations

import inspect
import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from common import parser, report, rounds
from machine import cores
from numba import njit

from neurocore_nb import (
    HodgkinHuxleyNeuron,
    Network,
    NeuronModel,
    Population,
    StepCurrent,
    UpwardCrossing,
    WangBuzsakiNeuron,
)
from neurocore_nb.kernels.vmath import exp, exprel

STEP, DURATION = 0.01, 0.05  # ms, s


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


def network(model: type[NeuronModel], n: int, threads: int, **choice: Any) -> Callable[[], object]:
    """A function that runs a network of n neurons; what has to be compiled is."""
    cells = Population(model, n, max_step=STEP, **choice)
    net = Network(cells, StepCurrent(0.0, 100.0, np.linspace(0.0, 20.0, n)))
    net.run(0.0, threads=threads)
    return lambda: net.run(DURATION, threads=threads)


def plain(n: int) -> Callable[[], object]:
    """A function that does the same with the plain loop."""
    v, current = np.full(n, -65.0), np.linspace(0.0, 20.0, n)
    m, h, k = np.full(n, 0.0529), np.full(n, 0.596), np.full(n, 0.3177)
    plain_loop(v, m, h, k, current, 0)
    return lambda: plain_loop(v, m, h, k, current, round(DURATION * 1e3 / STEP))


def main(arguments: list[str] | None = None) -> None:
    """Measure."""
    made = parser(__doc__)
    made.add_argument("--neurons", type=int, default=12_500)
    options = made.parse_args(arguments)
    n = options.neurons
    precisions = ["float64", *["float32"] * ("precision" in inspect.signature(Population).parameters)]
    trials: dict[str, Callable[[], object]] = {}
    for precision in precisions:
        choice = {} if precision == "float64" else {"precision": precision}
        for threads in sorted({1, cores()}):
            trials[f"HH 1952, {precision}, threads: {threads}"] = network(HodgkinHuxleyNeuron, n, threads, **choice)
    trials["HH 1952, plain loop with math.exp, threads: 1"] = plain(n)
    trials["Wang-Buzsaki, a user's ten lines, threads: 1"] = network(Interneuron, n, 1)
    trials["Wang-Buzsaki, built in, threads: 1"] = network(WangBuzsakiNeuron, n, 1)
    for _ in rounds(options):
        for what, trial in trials.items():
            started = time.perf_counter()
            trial()
            seconds = time.perf_counter() - started
            report(what, seconds * 1e9 / (n * DURATION * 1e3 / STEP), "ns per neuron-substep")


if __name__ == "__main__":
    main()
