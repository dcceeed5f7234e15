"""What the interface of kernels costs: a spike on a cable, beside loops in which all is written out by hand.

The program of ``scripts/embedding/axon.py``, which calls the kernel of a model for the membranes of all nodes, beside
two loops for this one model and method, each with axial current, membrane and the change of potential in one vectorised
loop: one does the same operations in the same order, with results of the same bits, as who knows all that
``kernels.vmath`` has would write it; the other has the rates as they are printed, with ``exp`` and ``exprel``.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from common import parser, report, rounds
from numba import njit

sys.path.append(str(Path(__file__).parents[1] / "embedding"))
from axon import CELSIUS, RADIUS, RESISTIVITY, factorise, solve, travel

from neurocore_nb.kernels import exp, exprel, inlined, model_kernel, vector_loop
from neurocore_nb.kernels.vmath import (
    exp_bounded,
    exprel_fraction,
    fma,
    gate,
    inverses,
    rate_fractions,
    relax,
)
from neurocore_nb.neurons import HodgkinHuxleyNeuron

DX, DT = 0.0125, 0.005  # cm, ms
PHI = 3.0 ** ((CELSIUS - 6.3) / 10.0)


@inlined
def shared(v, m, h, n, i, dt):
    """A step of the membrane in the operations of the kernel: 2 exponentials and a division for the rates."""
    u = min(max(v - -65.0, -200.0), 200.0)
    slow, fast = exp_bounded(u * -0.0125), exp_bounded(u * -0.05555555555555555)
    slow_4 = (slow * slow) * (slow * slow)
    slow_8 = slow_4 * slow_4
    m_bent, m_divided = exprel_fraction(-(v + 40.0) * 0.1, 12.182493960703473 * slow_8, 1.0)
    n_bent, n_divided = exprel_fraction(-(v + 55.0) * 0.1, 2.718281828459045 * slow_8, 1.0)
    m_open, m_total, m_divisor = rate_fractions(m_divided, m_bent, 4.0 * fast, 1.0)
    h_open, h_total, h_divisor = rate_fractions(0.07 * slow_4, 1.0, 1.0, 1.0 + 20.085536923187668 * slow_8)
    n_open, n_total, n_divisor = rate_fractions(0.1 * n_divided, n_bent, 0.125 * slow, 1.0)
    one, two, three = inverses(m_total * m_divisor, h_total * h_divisor, n_total * n_divisor)
    m = gate(m, m_open, m_total, m_divisor, one, dt * PHI)
    h = gate(h, h_open, h_total, h_divisor, two, dt * PHI)
    n = gate(n, n_open, n_total, n_divisor, three, dt * PHI)
    g_na, g_k = (120.0 * (m * m * m)) * h, 36.0 * ((n * n) * (n * n))
    v = relax(v, fma(0.3, -54.387, fma(g_k, -77.0, fma(g_na, 50.0, i))), 0.0 + g_na + g_k + 0.3, dt)
    return v, m, h, n


@inlined
def printed(v, m, h, n, i, dt):
    """A step of the membrane with the rates as in the paper."""
    a, b = PHI / exprel(-(v + 40.0) / 10.0), PHI * 4.0 * exp(-(v + 65.0) / 18.0)
    m = a / (a + b) + (m - a / (a + b)) * exp(-(a + b) * dt)
    a, b = PHI * 0.07 * exp(-(v + 65.0) / 20.0), PHI / (1.0 + exp(-(v + 35.0) / 10.0))
    h = a / (a + b) + (h - a / (a + b)) * exp(-(a + b) * dt)
    a, b = PHI * 0.1 / exprel(-(v + 55.0) / 10.0), PHI * 0.125 * exp(-(v + 65.0) / 80.0)
    n = a / (a + b) + (n - a / (a + b)) * exp(-(a + b) * dt)
    g_na, g_k = 120.0 * m * m * m * h, 36.0 * n * n * n * n
    g = g_na + g_k + 0.3
    steady = (g_na * 50.0 - g_k * 77.0 - 0.3 * 54.387 + i) / g
    return steady + (v - steady) * exp(-g * dt), m, h, n


def by_hand(step: Callable[..., Any]) -> Callable[..., None]:
    """The loops of all nodes and steps around a membrane; ``wide`` has a mirrored node beyond each end."""

    @njit(error_model="numpy", nogil=True)  # as kernels are, but not kept: the cache can't tell one step from another
    def membranes(wide, m, h, n, pulse, change, coupling, dt):
        vector_loop()
        left, v, right = wide[: m.shape[0]], wide[1 : m.shape[0] + 1], wide[2:]
        for j in range(m.shape[0]):
            i = coupling * ((left[j] - v[j]) + (right[j] - v[j])) + pulse[j]
            new, m[j], h[j], n[j] = step(v[j], m[j], h[j], n[j], i, dt)
            change[j] = new - v[j]

    @njit(nogil=True)
    def steps(wide, m, h, n, coupling, factors, pulse, dt):
        change, injected = np.empty(m.shape[0]), np.zeros(m.shape[0])
        for k in range(pulse.shape[0]):
            wide[0], wide[-1], injected[0] = wide[2], wide[-3], pulse[k]
            membranes(wide, m, h, n, injected, change, coupling, dt)
            solve(factors, change)
            for j in range(m.shape[0]):
                wide[j + 1] += change[j]

    return steps


LOOPS = {"the same operations": by_hand(shared), "rates as printed": by_hand(printed)}
OURS = "model_kernel"


def trial(who: str, n: int, n_steps: int) -> Callable[[], np.ndarray]:
    """A function that lets a spike travel from rest, and returns the states of all nodes at the end."""
    membrane = model_kernel(HodgkinHuxleyNeuron, DT, celsius=CELSIUS)
    coupling = RADIUS / (2.0 * RESISTIVITY * DX**2)
    factors, pulse = factorise(n, coupling * DT / 2.0), np.zeros(n_steps)
    pulse[: round(0.2 / DT)] = 50.0 / (np.pi * RADIUS * DX)
    probes, seen = np.zeros(0, np.int64), np.empty((n_steps, 0))

    def run() -> np.ndarray:
        states = membrane.start(n)
        if who == OURS:
            travel(states, coupling, factors, pulse, membrane.constants, probes, seen)
        else:
            wide = np.full(n + 2, states[0, 0])
            LOOPS[who](wide, *states[1:], coupling, factors, pulse, DT)
            states[0] = wide[1:-1]
        return states

    return run


def main(arguments: list[str] | None = None) -> None:
    """Measure."""
    made = parser(__doc__)
    made.add_argument("--nodes", type=int, default=1000)
    made.add_argument("--steps", type=int, default=2000)
    options = made.parse_args(arguments)
    for who in (OURS, *LOOPS):
        trial(who, options.nodes, 1)()  # what has to be compiled is
    trials = {who: trial(who, options.nodes, options.steps) for who in (OURS, *LOOPS)}
    for _ in rounds(options):
        took = {}
        for who, run in trials.items():
            started = time.perf_counter()
            run()
            took[who] = (time.perf_counter() - started) * 1e9 / (options.nodes * options.steps)
        report(f"cable, {OURS}", took[OURS], "ns per node and step")
        for who in LOOPS:
            report(f"cable, {who}, hand-fused", took[who], "ns per node and step")
            report(f"cable, {who}, {OURS} over hand-fused", took[OURS] / took[who], "")


if __name__ == "__main__":
    main()
