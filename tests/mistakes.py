"""Functions that are wrong as parts of a model, or of which parts go wrong."""

import math

import numba
import numpy as np

from neurocore_nb.kernels.vmath import exp

TABLE = np.array([1.0, 2.0])


def factorial(n):
    return 1.0 if n < 1.0 else n * factorial(n - 1.0)


def even(n):
    return 1.0 if n < 1.0 else odd(n - 1.0)


def odd(n):
    return 0.0 if n < 1.0 else even(n - 1.0)


def gate(v):
    return 1.0 / (1.0 + exp(-v))


def one_argument(v):
    return v


def three(v, m):
    return v, m, m


@numba.njit
def compiled(v, m):
    return v, m


def reset_with_helper():
    def helper(v):
        return 2.0 * v

    def reset(v, m):
        return helper(v), m

    return reset


def helper(v):
    return 3.0 * v


def too_few(v, m):
    return v


def returns_nothing(v, m):
    m = v  # noqa: F841


def without_a_value(v, m):
    return


def unknown_name(v, m):
    return v + undefined, m  # noqa: F821


def unknown_argument(v, m, g_ca):
    return v, m


def with_self(self, v, m):
    return v, m


def text(v, m):
    return v + len("abc"), m


def nothing(v, m):
    x = None
    return x, m


def formatted(v, m):
    return float(f"{v}"), m


def a_list(v, m):
    return [v, m][0], m


def printing(v, m):
    print(v)
    return v, m


def of_an_array(v, m):
    return TABLE[0], m


def of_where(v, m):
    return np.where(v > 0.0, v, m), m


def recursive(v, m):
    return factorial(m), m


def mutually_recursive(v, m):
    return even(m), m


def called_wrongly(v, m):
    return one_argument(v, m), m


def three_values(v, m):
    return three(v, m)


def attribute(v, m):
    return v.real_part, m


def of_gate(v, m):
    return gate(v), m


def of_helper(v, m):
    return helper(v), m


# Rates and currents


def naive(v):
    return {"m": (0.1 * (v + 40.0) / (1.0 - exp(-(v + 40.0) / 10.0)), 0.2)}


def missing(v):
    return {}


def not_a_pair(v):
    return {"m": 0.1}


def of_nothing_there(v):
    return {"ca": (v, 0.1)}


def not_a_dict(v):
    return 0.1, 0.2


def negative(v):
    return {"m": (0.1 * v, 0.2)}


def both_zero(v):
    return {"m": (0.1 * max(v, 0.0), 0.0)}


def out_of_domain(v):
    return {"m": (math.sqrt(v), 0.2)}


def of_a_gate(v, m):
    return {"m": (m, 0.2)}


def twice(v):
    alpha = 0.1
    alpha = alpha * 2.0
    return {"m": (alpha, 0.2)}


def with_if(v):
    if v > 0.0:
        return {"m": (0.1, 0.2)}
    return {"m": (0.2, 0.2)}


def unpacking(v):
    alpha, beta = 0.1, 0.2
    return {"m": (alpha, beta)}


def unknown_parameter(m, g_ca):
    return [(g_ca * m, -20.0)]


def no_list(m, g_l):
    return g_l * m


def triple(m, g_l):
    return [(g_l, m, 3.0)]
