"""The published equations of the neuron models, solved by SciPy, with thresholds, resets and refractory times."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.integrate import solve_ivp

e = np.exp


@dataclass(frozen=True)
class Cell:
    """Equations ``dy/dt = slopes(y, i)`` in ms and mV, and what happens where v, the first variable, rises above
    ``threshold``: nothing, or a reset after which v stays for ``held`` ms. No spike is seen for ``unseen`` ms.
    """

    slopes: Callable
    start: Sequence[float]
    threshold: float
    reset: Callable | None = None
    held: float = 0.0
    unseen: float = 0.0


def hodgkin_huxley(y, i):
    v, m, h, n = y
    alpha_m, beta_m = 0.1 * (v + 40) / (1 - e(-(v + 40) / 10)), 4 * e(-(v + 65) / 18)
    alpha_h, beta_h = 0.07 * e(-(v + 65) / 20), 1 / (1 + e(-(v + 35) / 10))
    alpha_n, beta_n = 0.01 * (v + 55) / (1 - e(-(v + 55) / 10)), 0.125 * e(-(v + 65) / 80)
    return (
        i - 120 * m**3 * h * (v - 50) - 36 * n**4 * (v + 77) - 0.3 * (v + 54.387),
        alpha_m * (1 - m) - beta_m * m,
        alpha_h * (1 - h) - beta_h * h,
        alpha_n * (1 - n) - beta_n * n,
    )


def traub_miles(y, i):
    v, m, h, n = y
    u = v + 63
    alpha_m, beta_m = 0.32 * (13 - u) / (e((13 - u) / 4) - 1), 0.28 * (u - 40) / (e((u - 40) / 5) - 1)
    alpha_h, beta_h = 0.128 * e((17 - u) / 18), 4 / (1 + e((40 - u) / 5))
    alpha_n, beta_n = 0.032 * (15 - u) / (e((15 - u) / 5) - 1), 0.5 * e((10 - u) / 40)
    return (
        i - 100 * m**3 * h * (v - 50) - 30 * n**4 * (v + 90) - 0.05 * (v + 60),
        alpha_m * (1 - m) - beta_m * m,
        alpha_h * (1 - h) - beta_h * h,
        alpha_n * (1 - n) - beta_n * n,
    )


def wang_buzsaki(y, i):
    v, h, n = y
    alpha_m, beta_m = 0.1 * (v + 35) / (1 - e(-(v + 35) / 10)), 4 * e(-(v + 60) / 18)
    alpha_h, beta_h = 0.07 * e(-(v + 58) / 20), 1 / (1 + e(-(v + 28) / 10))
    alpha_n, beta_n = 0.01 * (v + 34) / (1 - e(-(v + 34) / 10)), 0.125 * e(-(v + 44) / 80)
    m = alpha_m / (alpha_m + beta_m)
    return (
        i - 35 * m**3 * h * (v - 55) - 9 * n**4 * (v + 90) - 0.1 * (v + 65),
        5 * (alpha_h * (1 - h) - beta_h * h),
        5 * (alpha_n * (1 - n) - beta_n * n),
    )


def lif(y, i):
    return (-(y[0] + 70) / 10 + i / 250,)


def cobalif(y, i):
    return ((-10 * (y[0] + 60) + i) / 200,)


def adex(y, i):
    v, w = y
    upswing = 60 * e((min(v, -10.0) + 50.4) / 2)  # from there it is 3e-7 ms to the peak: too fast for the solver
    return (-30 * (v + 70.6) + upswing - w + i) / 281, (4 * (v + 70.6) - w) / 144


def izhikevich(y, i):
    v, u = y
    return (0.7 * (v + 60) * (v + 40) - u + i) / 100, 0.03 * (-2 * (v + 60) - u)


def steady_gates(slopes, v, n):
    """Where the gates rest at a potential: each equation is linear in its own gate."""
    at_0, at_1 = slopes((v, *np.zeros(n)), 0.0)[1:], slopes((v, *np.ones(n)), 0.0)[1:]
    return [zero / (zero - one) for zero, one in zip(at_0, at_1, strict=True)]


CELLS = {
    "HodgkinHuxleyNeuron": Cell(hodgkin_huxley, [-65.0, *steady_gates(hodgkin_huxley, -65.0, 3)], 0.0),
    "TraubMilesNeuron": Cell(traub_miles, [-60.0, *steady_gates(traub_miles, -60.0, 3)], -20.0, unseen=3.0),
    "WangBuzsakiNeuron": Cell(wang_buzsaki, [-65.0, *steady_gates(wang_buzsaki, -65.0, 2)], 0.0),
    "LIFNeuron": Cell(lif, [-70.0], -55.0, lambda y: [-70.0], held=2.0),
    "COBALIFNeuron": Cell(cobalif, [-60.0], -50.0, lambda y: [-60.0], held=5.0),
    "AdExNeuron": Cell(adex, [-70.6, 0.0], 20.0, lambda y: [-70.6, y[1] + 80.5]),
    "Izhikevich2007Neuron": Cell(izhikevich, [-60.0, 0.0], 35.0, lambda y: [-50.0, y[1] + 100.0]),
}


def solve(cell, currents, each):
    """Spike times, and the state at the start of each span, under currents that hold for so many ms each."""
    y, free_at, spikes, states = np.array(cell.start), 0.0, [], []
    for k, current in enumerate(currents):
        states.append(y)
        t, end = k * each, (k + 1) * each
        while end - t > 1e-12:
            held = t < free_at - 1e-12
            until = min(end, free_at) if held else end
            y, t, spiked = _solve_until(cell, y, t, until, current, held)
            spikes += spiked
            if spiked and cell.reset is not None:
                y, free_at = np.array(cell.reset(y)), t + cell.held
    seen = spikes[:1]
    for time in spikes[1:]:
        seen += [time] if time >= seen[-1] + cell.unseen else []
    return np.array(seen), np.array(states)


def _solve_until(cell, y, t, until, current, held):
    def slopes(_, y):
        rates = cell.slopes(y, current)
        return (0.0, *rates[1:]) if held else rates

    def above(_, y):
        return y[0] - cell.threshold

    above.direction, above.terminal = 1.0, cell.reset is not None
    part = solve_ivp(slopes, (t, until), y, "DOP853", events=above, rtol=1e-10, atol=1e-10)
    return part.y[:, -1], part.t[-1], list(part.t_events[0])
