"""Equations of models with calcium pools or second compartments, as their papers print them, solved by SciPy.

In ms, mV, mS/cm2 and uA/cm2. Each right-hand side takes the state as a vector whose first variable is the one in which
spikes are seen, and a stimulus.
"""

from __future__ import annotations

import numpy as np
from scipy.integrate import solve_ivp
from scipy.optimize import root

e = np.exp


def over_exponential(x, scale):
    """x / (exp(x / scale) - 1), and its limit at 0."""
    return scale - x / 2 if abs(x) < 1e-5 * scale else x / np.expm1(x / scale)


def spikes(slopes, start, currents, each, threshold):
    """Times at which the first variable rises through a threshold, and the last state.

    ``currents`` hold for ``each`` ms, one after another.
    """
    y, found = np.array(start, float), []
    for k, current in enumerate(currents):

        def above(_, y):
            return y[0] - threshold

        above.direction = 1.0
        span = (k * each, (k + 1) * each)
        part = solve_ivp(
            lambda _, y, i=current: slopes(y, i), span, y, "LSODA", events=above, rtol=1e-10, atol=1e-12, max_step=1.0
        )
        y = part.y[:, -1]
        found += list(part.t_events[0])
    return np.array(found), y


def rest(slopes, guess):
    """Where the equations rest without stimulus, near a guess."""
    scale = np.abs(guess)
    return scale * root(lambda z: np.array(slopes(scale * z, 0.0)) / scale, guess / scale, tol=1e-13).x


def pinsky_rinzel(y, i, g_c=2.1, i_s=-0.5, i_d=0.0, p=0.5):
    """Pinsky and Rinzel 1994, equations 1 to 3 and table 1; ``i`` acts on the soma, per area of soma."""
    v, v_d, h, n, s, c, q, ca = y
    alpha_m, beta_m = 0.32 * over_exponential(-46.9 - v, 4), 0.28 * over_exponential(v + 19.9, 5)
    m = alpha_m / (alpha_m + beta_m)
    alpha_n, beta_n = 0.016 * over_exponential(-24.9 - v, 5), 0.25 * e(-1 - 0.025 * v)
    alpha_h, beta_h = 0.128 * e((-43 - v) / 18), 4 / (1 + e((-20 - v) / 5))
    alpha_s, beta_s = 1.6 / (1 + e(-0.072 * (v_d - 5))), 0.02 * over_exponential(v_d + 8.9, 5)
    total_c = 2 * e(-(v_d + 53.5) / 27)
    alpha_c = e((v_d + 50) / 11 - (v_d + 53.5) / 27) / 18.975 if v_d <= -10 else total_c
    alpha_q = min(2e-5 * ca, 0.01)
    i_ca = 10 * s**2 * (v_d - 80)
    soma = -0.1 * (v + 60) - 30 * m**2 * h * (v - 60) - 15 * n * (v + 75) + g_c * (v_d - v) / p + i_s / p + i
    dendrite = -0.1 * (v_d + 60) - i_ca - 0.8 * q * (v_d + 75) - 15 * c * min(ca / 250, 1) * (v_d + 75)
    dendrite += (g_c * (v - v_d) + i_d) / (1 - p)
    return (
        soma / 3,
        dendrite / 3,
        alpha_h * (1 - h) - beta_h * h,
        alpha_n * (1 - n) - beta_n * n,
        alpha_s * (1 - s) - beta_s * s,
        alpha_c - total_c * c,
        alpha_q * (1 - q) - 0.001 * q,
        -0.13 * i_ca - 0.075 * ca,
    )


def _traub(v, v_t, m, h, n):
    """Slopes of the fast sodium and potassium gates of Traub and Miles."""
    u = v - v_t
    alpha_m, beta_m = 0.32 * over_exponential(13 - u, 4), 0.28 * over_exponential(u - 40, 5)
    alpha_h, beta_h = 0.128 * e((17 - u) / 18), 4 / (1 + e((40 - u) / 5))
    alpha_n, beta_n = 0.032 * over_exponential(15 - u, 5), 0.5 * e((10 - u) / 40)
    return (
        alpha_m * (1 - m) - beta_m * m,
        alpha_h * (1 - h) - beta_h * h,
        alpha_n * (1 - n) - beta_n * n,
    )


def _calcium(ca, i_ca):
    """Inflow into a shell of 1 um (a current in uA/cm2, charge 2, to mM/ms), and decay within 5 ms; none flows out."""
    return max(-i_ca * 1e-6 / (2 * 96485.33212) / 1e-4 * 1e3, 0) + (2.4e-4 - ca) / 5


def _e_ca(ca):
    return 1e3 * 8.314462618 * 309.15 / (2 * 96485.33212) * np.log(2 / ca)


def thalamic(y, i, g_h=0.02, g_kl=0.0138):
    """Destexhe, Bal, McCormick and Sejnowski 1996: the relay cell."""
    v, m, h, n, h_t, p1, o, o_l, ca = y
    w = v + 2
    m_t, h_inf = 1 / (1 + e(-(w + 57) / 6.2)), 1 / (1 + e((w + 81) / 4))
    tau_h = (30.8 + (211.4 + e((w + 113.2) / 5)) / (1 + e((w + 84) / 3.2))) / 3**1.2
    i_t = 2 * m_t**2 * h_t * (v - _e_ca(ca))
    o_inf, tau_o = 1 / (1 + e((v + 75) / 5.5)), 20 + 1000 / (e((v + 71.5) / 14.2) + e(-(v + 89) / 11.6))
    alpha, beta = o_inf / tau_o, (1 - o_inf) / tau_o
    current = 0.01 * (v + 70) + g_kl * (v + 100) + 90 * m**3 * h * (v - 50) + 10 * n**4 * (v + 100)
    current += i_t + g_h * (o + 2 * o_l) * (v + 40)
    return (
        i - current,
        *_traub(v, -25, m, h, n),
        (h_inf - h_t) / tau_h,
        4e-4 * (ca / 0.002) ** 4 * (1 - p1) - 4e-4 * p1,
        alpha * (1 - o - o_l) - beta * o - 1e-3 * (p1 / 0.01) * o + 1e-3 * o_l,
        1e-3 * (p1 / 0.01) * o - 1e-3 * o_l,
        _calcium(ca, i_t),
    )


def reticular(y, i):
    """Destexhe, Bal, McCormick and Sejnowski 1996: the reticular cell."""
    v, m, h, n, m_t, h_t, ca = y
    w = v + 2
    m_inf, h_inf = 1 / (1 + e(-(w + 50) / 7.4)), 1 / (1 + e((w + 78) / 5))
    tau_m = (3 + 1 / (e((w + 25) / 10) + e(-(w + 100) / 15))) / 2.5**1.2
    tau_h = (85 + 1 / (e((w + 46) / 4) + e(-(w + 405) / 50))) / 2.5**1.2
    i_t = 3 * m_t**2 * h_t * (v - _e_ca(ca))
    current = 0.05 * (v + 90) + 200 * m**3 * h * (v - 50) + 20 * n**4 * (v + 100) + i_t
    return (
        i - current,
        *_traub(v, -55, m, h, n),
        (m_inf - m_t) / tau_m,
        (h_inf - h_t) / tau_h,
        _calcium(ca, i_t),
    )


def mainen_sejnowski(y, i, rho=165.0, kappa=10.0, i_s=0.0, phi=2.3**1.4):
    """Mainen and Sejnowski 1996, figure 2, at 37 degrees; ``i`` acts on the dendrite, ``i_s`` on the soma."""
    v_s, v, m_s, h_s, n, m_d, h_d, m_ca, h_ca, n_m, n_kca, ca = y

    def sodium(v, m, h):
        alpha, beta = 0.182 * over_exponential(-(v + 25), 9), 0.124 * over_exponential(v + 25, 9)
        rate = 0.024 * over_exponential(-(v + 40), 5) + 0.0091 * over_exponential(v + 65, 5)
        return phi * (alpha * (1 - m) - beta * m), phi * rate * (1 / (1 + e((v + 55) / 6.2)) - h)

    alpha_n, beta_n = 0.02 * over_exponential(-(v_s - 25), 9), 0.002 * over_exponential(v_s - 25, 9)
    alpha_m, beta_m = 1e-3 * over_exponential(-(v + 30), 9), 1e-3 * over_exponential(v + 30, 9)
    alpha_c, beta_c = 0.055 * over_exponential(-(v + 27), 3.8), 0.94 * e(-(v + 75) / 17)
    alpha_i, beta_i = 0.000457 * e(-(v + 13) / 50), 0.0065 / (1 + e(-(v + 15) / 28))
    coupling = 1 / kappa / 1e-6 * 1e-3  # 1 / MOhm over 100 um2 of soma, in mS/cm2
    i_ca = 0.03 * phi * m_ca**2 * h_ca * (v - 140)
    soma = -phi * (3000 * m_s**3 * h_s * (v_s - 60) + 150 * n * (v_s + 90)) + coupling * (v - v_s) + i_s
    dendrite = i - (v + 70) / 30 - phi * (1.5 * m_d**3 * h_d * (v - 60) + (0.01 * n_m + 0.3 * n_kca) * (v + 90)) - i_ca
    dendrite += coupling * (v_s - v) / rho
    inflow = max(-i_ca * 1e-6 / (2 * 96485.33212) / 1e-5 * 1e3, 0)  # into a shell of 0.1 um
    return (
        soma / 0.75,
        dendrite / 0.75,
        *sodium(v_s, m_s, h_s),
        phi * (alpha_n * (1 - n) - beta_n * n),
        *sodium(v, m_d, h_d),
        phi * (alpha_c * (1 - m_ca) - beta_c * m_ca),
        phi * (alpha_i * (1 - h_ca) - beta_i * h_ca),
        phi * (alpha_m * (1 - n_m) - beta_m * n_m),
        phi * (0.01 * ca * (1 - n_kca) - 0.02 * n_kca),
        inflow + (1e-4 - ca) / 200,
    )


def hill_tononi(y, i, on, g_nap=0.5, g_dk=0.5, g_t=0.0, g_h=1.0, g_kl=1.0):
    """Hill and Tononi 2005 with the corrections of NEST's ht_neuron; ``on``: whether the potassium current flows."""
    v, theta, m_h, m_t, h_t, d = y
    m = 1 / (1 + e(-(v + 55.7) / 7.7))
    current = 0.2 * (v - 30) + g_kl * (v + 90) + g_nap * m**3 * (v - 30) + g_t * m_t**2 * h_t * v
    current += g_dk / (1 + (0.25 / d) ** 3.5) * (v + 90) + g_h * m_h * (v + 40)
    tau_h = 1 / (e(-14.59 - 0.086 * v) + e(-1.87 + 0.0701 * v))
    tau_m_t = 0.22 / (e(-(v + 132) / 16.7) + e((v + 16.8) / 18.2)) + 0.13
    tau_h_t = 8.2 + (56.6 + 0.27 * e((v + 115.2) / 5)) / (1 + e((v + 86) / 3.2))
    return (
        (i - current) / 16 - on * (v + 90) / 1.75,
        -(theta + 51) / 2,
        (1 / (1 + e((v + 75) / 5.5)) - m_h) / tau_h,
        (1 / (1 + e(-(v + 59) / 6.2)) - m_t) / tau_m_t,
        (1 / (1 + e((v + 83) / 4)) - h_t) / tau_h_t,
        0.025 / (1 + e(-(v + 10) / 5)) - (d - 0.001) / 1250,
    )


def hill_tononi_spikes(start, current, duration, **params):
    """Spike times of that cell: at each, v and theta become 30 mV, and the potassium current flows for 2 ms."""
    y, t, found = np.array(start, float), 0.0, []

    def above(_, y):
        return y[0] - y[1]

    above.direction, above.terminal = 1.0, True
    while t < duration:
        part = solve_ivp(
            lambda _, y: hill_tononi(y, current, 0, **params), (t, duration), y, "LSODA", events=above,
            rtol=1e-10, atol=1e-12, max_step=1.0,
        )  # fmt: skip
        y, t = part.y[:, -1], part.t[-1]
        if part.status == 1:
            found.append(t)
            y[:2] = 30.0
            part = solve_ivp(lambda _, y: hill_tononi(y, current, 1, **params), (t, t + 2), y, rtol=1e-10, atol=1e-12)
            y, t = part.y[:, -1], part.t[-1]
    return np.array(found)
