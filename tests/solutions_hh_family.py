"""The equations of the conductance-based models as their papers print them, for SciPy's solvers."""

from __future__ import annotations

import numpy as np

e = np.exp


def linoid(x, y):
    """``x / (exp(x / y) - 1)``, which is ``y`` at 0."""
    return y if abs(x) < 1e-9 else x / (e(x / y) - 1)


def sigmoid(v, theta, sigma):
    return 1 / (1 + e(-(v - theta) / sigma))


def connor_stevens(y, i):
    v, m, h, n, a, b = y
    alpha_m, beta_m = 0.1 * linoid(-(v + 29.7), 10), 4 * e(-(v + 54.7) / 18)
    alpha_h, beta_h = 0.07 * e(-(v + 48) / 20), 1 / (1 + e(-(v + 18) / 10))
    alpha_n, beta_n = 0.01 * linoid(-(v + 45.7), 10), 0.125 * e(-(v + 55.7) / 80)
    a_inf = (0.0761 * e((v + 94.22) / 31.84) / (1 + e((v + 1.17) / 28.93))) ** (1 / 3)
    b_inf = 1 / (1 + e((v + 53.3) / 14.54)) ** 4
    i_a = 47.7 * a**3 * b * (v + 75)
    return (
        i - 120 * m**3 * h * (v - 55) - 20 * n**4 * (v + 72) - i_a - 0.3 * (v + 17),
        3.8 * (alpha_m * (1 - m) - beta_m * m),
        3.8 * (alpha_h * (1 - h) - beta_h * h),
        3.8 / 2 * (alpha_n * (1 - n) - beta_n * n),
        (a_inf - a) / (0.3632 + 1.158 / (1 + e((v + 55.96) / 20.12))),
        (b_inf - b) / (1.24 + 2.678 / (1 + e((v + 50) / 16.027))),
    )


HOPF = {"g_ca": 4.4, "v3": 2.0, "v4": 30.0, "phi": 0.04}


def morris_lecar(y, i, g_ca, v3, v4, phi):
    v, w = y
    m_inf, w_inf = 0.5 * (1 + np.tanh((v + 1.2) / 18)), 0.5 * (1 + np.tanh((v - v3) / v4))
    return (
        (i - g_ca * m_inf * (v - 120) - 8 * w * (v + 84) - 2 * (v + 60)) / 20,
        phi * (w_inf - w) * np.cosh((v - v3) / (2 * v4)),
    )


RS = {
    "g_na": 50.0, "g_k": 5.0, "g_m": 0.07, "g_cal": 0.0, "g_cat": 0.0, "g_l": 0.1, "e_k": -100.0, "e_ca": 120.0,
    "e_l": -70.0, "v_t": -55.0, "v_x": 2.0, "tau_max": 1000.0,
}  # fmt: skip


def pospischil(y, i, g_na, g_k, g_m, g_cal, g_cat, g_l, e_k, e_ca, e_l, v_t, v_x, tau_max):
    v, m, h, n, p, q, r, u = y
    alpha_m, beta_m = 0.32 * linoid(-(v - v_t - 13), 4), 0.28 * linoid(v - v_t - 40, 5)
    alpha_h, beta_h = 0.128 * e(-(v - v_t - 17) / 18), 4 / (1 + e(-(v - v_t - 40) / 5))
    alpha_n, beta_n = 0.032 * linoid(-(v - v_t - 15), 5), 0.5 * e(-(v - v_t - 10) / 40)
    p_inf, tau_p = 1 / (1 + e(-(v + 35) / 10)), tau_max / (3.3 * e((v + 35) / 20) + e(-(v + 35) / 20))
    alpha_q, beta_q = 0.055 * linoid(-27 - v, 3.8), 0.94 * e((-75 - v) / 17)
    alpha_r, beta_r = 0.000457 * e((-13 - v) / 50), 0.0065 / (e((-15 - v) / 28) + 1)
    x = v + v_x
    s_inf, u_inf = 1 / (1 + e(-(x + 57) / 6.2)), 1 / (1 + e((x + 81) / 4))
    tau_u = (30.8 + (211.4 + e((x + 113.2) / 5)) / (1 + e((x + 84) / 3.2))) / 3.7
    sodium, potassium = g_na * m**3 * h * (v - 50), (g_k * n**4 + g_m * p) * (v - e_k)
    calcium = (g_cal * q**2 * r + g_cat * s_inf**2 * u) * (v - e_ca)
    return (
        i - sodium - potassium - calcium - g_l * (v - e_l),
        alpha_m * (1 - m) - beta_m * m,
        alpha_h * (1 - h) - beta_h * h,
        alpha_n * (1 - n) - beta_n * n,
        (p_inf - p) / tau_p,
        alpha_q * (1 - q) - beta_q * q,
        alpha_r * (1 - r) - beta_r * r,
        (u_inf - u) / tau_u,
    )


STUTTERING = {"g_d": 0.39, "theta_m": -24.0}


def golomb(y, i, g_d, theta_m):
    v, h, n, a, b = y
    m_inf, h_inf, n_inf = sigmoid(v, theta_m, 11.5), sigmoid(v, -58.3, -6.7), sigmoid(v, -12.4, 6.8)
    tau_h = 0.5 + 14 * sigmoid(v, -60, -12)
    tau_n = (0.087 + 11.4 / (1 + e((v + 14.6) / 8.6))) * (0.087 + 11.4 / (1 + e(-(v - 1.3) / 18.7)))
    sodium, potassium = 112.5 * m_inf**3 * h * (v - 50), (225 * n**2 + g_d * a**3 * b) * (v + 90)
    return (
        i - sodium - potassium - 0.25 * (v + 70),
        (h_inf - h) / tau_h,
        (n_inf - n) / tau_n,
        (sigmoid(v, -50, 20) - a) / 2,
        (sigmoid(v, -70, -6) - b) / 150,
    )


def butera(y, i, e_l):
    v, h, n = y
    m_p, m = sigmoid(v, -40, 6), sigmoid(v, -34, 5)
    tau_h, tau_n = 10_000 / np.cosh((v + 48) / 12), 10 / np.cosh((v + 29) / 8)
    sodium = (2.8 * m_p * h + 28 * m**3 * (1 - n)) * (v - 50)
    return (
        (i - sodium - 11.2 * n**4 * (v + 85) - 2.8 * (v - e_l)) / 21,
        (sigmoid(v, -48, -6) - h) / tau_h,
        (sigmoid(v, -29, 4) - n) / tau_n,
    )
