"""Published equations of integrate-and-fire and dimensionless models, solved by SciPy from spike to spike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.integrate import solve_ivp

e = np.exp


@dataclass(frozen=True)
class Cell:
    """Equations ``dy/dt = slopes(y, i)`` in ms; a spike where ``above(y)`` rises through 0, then perhaps a reset, after
    which nothing changes for ``held`` ms; and the potential, as our models have it.
    """

    slopes: Callable
    start: Sequence[float]
    above: Callable
    reset: Callable | None = None
    held: float = 0.0
    v: Callable = lambda y: y[0]


def spike_times(cell, current, duration):
    """In ms, under a constant current."""

    def above(_, y):
        return cell.above(y)

    above.direction, above.terminal = 1.0, cell.reset is not None
    t, y, times = 0.0, cell.start, []
    while t < duration:
        part = solve_ivp(
            lambda _, y: cell.slopes(y, current), (t, duration), y, "DOP853", events=above, rtol=1e-10, atol=1e-10
        )
        times += list(part.t_events[0])
        if part.status != 1:
            break
        t, y = part.t[-1] + cell.held, cell.reset(part.y[:, -1])
    return np.array(times)


def lapicque(tau=10.0, r=0.1, rest=-65.0, threshold=-50.0):
    """The resistance in GOhm."""
    return Cell(lambda y, i: [(-(y[0] - rest) + r * i) / tau], [rest], lambda y: y[0] - threshold, lambda y: [rest])


def exp_if():
    """Fourcaud-Trocme et al. 2003; from 0 mV on the solver couldn't follow."""

    def slopes(y, i):
        return [-0.1 * (y[0] + 65.0) + 0.348 * e((min(y[0], 0.0) + 59.9) / 3.48) + i]

    return Cell(slopes, [-63.8962966816359], lambda y: y[0], lambda y: [-68.0], held=1.7)


def quadratic_if():
    """Latham et al. 2000 with a time constant of 10 ms; 1 pA is 0.1 mV."""

    def slopes(y, i):
        return [((y[0] + 65.0) * (y[0] + 50.0) / 15.0 + 0.1 * i) / 10.0]

    return Cell(slopes, [-65.0], lambda y: y[0] - 20.0, lambda y: [-80.0])


def izhikevich(a=0.02, b=0.2, c=-65.0, d=8.0):
    """Izhikevich 2003, equations 1 to 3."""

    def slopes(y, i):
        v, u = y
        return [0.04 * v**2 + 5.0 * v + 140.0 - u + i, a * (b * v - u)]

    return Cell(slopes, [-70.0, -14.0], lambda y: y[0] - 30.0, lambda y: [c, y[1] + d])


def glif(
    c_m, g_l, e_l, v_th, t_ref, v_fraction=0.0, v_add=0.0, th_s_add=0.0, th_s_decay=0.0, asc_1_add=0.0,
    asc_1_decay=0.0, asc_2_add=0.0, asc_2_decay=0.0, th_v_rise=0.0, th_v_decay=0.0,
):  # fmt: skip
    """Teeter et al. 2018, equations 1 to 7; potentials above rest."""

    def slopes(y, i):
        v, i_1, i_2, th_s, th_v = y
        return [
            (i + i_1 + i_2 - g_l * v) / c_m,
            -asc_1_decay * i_1,
            -asc_2_decay * i_2,
            -th_s_decay * th_s,
            th_v_rise * v - th_v_decay * th_v,
        ]

    def reset(y):
        v, i_1, i_2, th_s, th_v = y
        return [
            v_fraction * v + v_add,
            i_1 * e(-asc_1_decay * t_ref) + asc_1_add,
            i_2 * e(-asc_2_decay * t_ref) + asc_2_add,
            th_s * e(-th_s_decay * t_ref) + th_s_add,
            th_v,
        ]

    return Cell(slopes, np.zeros(5), lambda y: y[0] - y[3] - y[4] - (v_th - e_l), reset, t_ref, lambda y: y[0] + e_l)


def hindmarsh_rose(r=0.001, s=4.0, x_1=-1.6):
    """Hindmarsh and Rose 1984, from rest."""

    def slopes(y, i):
        x, y, z = y
        return [y - x**3 + 3.0 * x**2 + i - z, 1.0 - 5.0 * x**2 - y, r * (s * (x - x_1) - z)]

    x = max(np.roots([1.0, 2.0, s, -1.0 - s * x_1]), key=np.isreal).real
    return Cell(slopes, [x, 1.0 - 5.0 * x**2, s * (x - x_1)], lambda y: y[0] - 1.0)


def fitzhugh():
    """FitzHugh 1961, equations 1 and 2, in the paper's signs: x falls in excitation, which is a negative z."""
    a, b, c = 0.7, 0.8, 3.0

    def slopes(y, i):
        x, y = y
        return [c * (y + x - x**3 / 3.0 - i), -(x - a + b * y) / c]

    x = max(np.roots([1.0 / 3.0, 0.0, 1.0 / b - 1.0, -a / b]), key=np.isreal).real
    return Cell(slopes, [x, (a - x) / b], lambda y: -y[0], v=lambda y: -y[0])
