"""Rates near their removable singularities, and the functions that models are made of."""

from decimal import Decimal, localcontext

import numpy as np
import pytest
from scipy.special import log_ndtr, ndtri
from solutions import CELLS

import neurocore_nb
from neurocore_nb import Network, Population
from neurocore_nb.kernels.jit import kernel
from neurocore_nb.kernels.rng import normal_quantile
from neurocore_nb.kernels.vmath import exp, exprel, exprel_fraction, sqrt, tanh

DISTANCES = np.concatenate([[0.0, 5e-324, 1e-310, 1e-300, 1e-17], np.logspace(-15, 1.3, 120)])


@kernel
def all_exprel(x, out):
    for j in range(x.shape[0]):
        out[j] = exprel(x[j])


@kernel
def all_exprel_fractions(x, out):
    for j in range(x.shape[0]):
        numerator, denominator = exprel_fraction(x[j], exp(0.5 * x[j]), exp(-0.5 * x[j]))
        out[j] = numerator / denominator


@kernel
def all_tanh(x, out):
    for j in range(x.shape[0]):
        out[j] = tanh(x[j])


@kernel
def all_sqrt(x, out):
    for j in range(x.shape[0]):
        out[j] = sqrt(x[j])


@kernel
def all_quantiles(u, out):
    for j in range(u.shape[0]):
        out[j] = normal_quantile(u[j])


def values(function, arguments):
    out = np.empty(len(arguments))
    function(np.asarray(arguments, np.float64), out)
    return out


def exact_exprel(x):
    with localcontext(prec=400):
        x = Decimal(float(x))
        return float((x.exp() - 1) / x) if x else 1.0


@pytest.mark.parametrize("function", [all_exprel, all_exprel_fractions])
def test_exprel_on_both_sides_of_its_series(function):
    border = [0.001, np.nextafter(0.001, 0.0), np.nextafter(0.001, 1.0)]
    x = np.concatenate([DISTANCES[:1], DISTANCES[4:], border, [30.0, 700.0]])
    x = np.concatenate([x, -x])
    np.testing.assert_allclose(values(function, x), [exact_exprel(one) for one in x], rtol=1e-12)
    tiny = np.concatenate([DISTANCES[:5], -DISTANCES[:5]])
    assert (values(function, tiny) == 1.0).all()


def test_exprel_far_from_zero():
    far = values(all_exprel, [-1e3, -1e300, 1e3, 1e300])
    np.testing.assert_allclose(far[:2], [1e-3, 1e-300], rtol=1e-13)
    assert (far >= 0.0).all()
    assert np.isfinite(far).all()


def test_tanh():
    x = np.concatenate([-DISTANCES, DISTANCES, [-800.0, 800.0]])
    np.testing.assert_allclose(values(all_tanh, x), np.tanh(x), rtol=0, atol=3e-16)


def test_sqrt_is_rounded_correctly():
    x = np.random.default_rng(1).uniform(0.0, 1e6, 1000) ** 3
    np.testing.assert_array_equal(values(all_sqrt, x), np.sqrt(x))


def test_normal_quantile():
    u = np.concatenate(
        [np.logspace(-307, -1, 3000), np.linspace(0.001, 0.999, 3001), 1.0 - np.logspace(-15.9, -1, 500)]
    )
    u = np.concatenate([u, [2.0**-53, 1.0 - 2.0**-53, 0.075, 0.925, 0.5 - 2.0**-53, np.exp(-25.0)]])
    np.testing.assert_allclose(values(all_quantiles, u), ndtri(u), rtol=3e-15, atol=1e-16)
    assert values(all_quantiles, [0.5])[0] == 0.0


def test_normal_quantile_is_the_inverse_of_the_distribution():
    u = np.logspace(-300, -1, 400)
    np.testing.assert_allclose(log_ndtr(values(all_quantiles, u)), np.log(u), rtol=1e-14)


def test_normal_quantile_rises_across_the_borders_of_its_formulas():
    for border in (0.075, 0.925, np.exp(-25.0)):
        u = border * (1.0 + np.arange(-2000, 2001) * 1e-12)
        assert (np.diff(values(all_quantiles, u)) > 0.0).all()


# mV, where rates of a model are 0 / 0.
SINGULAR = {
    "HodgkinHuxleyNeuron": (-40.0, -55.0),
    "TraubMilesNeuron": (-50.0, -23.0, -48.0),
    "WangBuzsakiNeuron": (-34.0, -35.0),
}


def voltages_around(point):
    neighbours = [np.nextafter(point, 0.0), np.nextafter(point, -100.0)]
    return np.concatenate([[point], neighbours, point + DISTANCES, point - DISTANCES])


def one_substep(name, states, step=0.01):
    """All states after a substep of so many ms."""
    cells = Population(name, len(states["v"]), label="cells", initial=states, max_step=step)
    net = Network(cells)
    net.run(step * 1e-3, dt=step * 1e-3, threads=1)
    return net.get_states()["cells"]


def published_rates(name, v, n):
    """Sum of both rates of each gate, and where it tends to; the limit where they are 0 / 0."""
    with np.errstate(invalid="ignore", divide="ignore"):
        closed = np.array(CELLS[name].slopes((v, *np.zeros((n, len(v)))), 0.0)[1:])
        total = closed - np.array(CELLS[name].slopes((v, *np.ones((n, len(v)))), 0.0)[1:])
    return total, closed / total


@pytest.mark.parametrize("name", list(SINGULAR))
def test_rates_are_continuous_through_their_singularities(name):
    n = len(CELLS[name].start) - 1
    gates = list(getattr(neurocore_nb, name).states)[1:]
    v = np.unique(np.concatenate([*map(voltages_around, SINGULAR[name]), np.linspace(-200.0, 120.0, 1281)]))
    x = np.random.default_rng(2).uniform(0.0, 1.0, (n, 1)) * np.ones(len(v))
    after = one_substep(name, {"v": v, **dict(zip(gates, x, strict=True))})
    # Their own formulas lose digits near the singularities, so there it is the value 1e-3 mV away, to first order.
    near = np.min([np.abs(v - point) for point in SINGULAR[name]], axis=0) < 1e-3
    safe = [np.where(near, v + shift, v) for shift in (-4e-3, 4e-3)]
    expected = []
    for moved in safe:
        total, steady = published_rates(name, moved, n)
        expected.append(steady + (x - steady) * np.exp(-0.01 * total))
    expected = np.mean(expected, axis=0)
    for gate, values_of_gate in zip(gates, expected, strict=True):
        assert np.isfinite(after[gate]).all()
        np.testing.assert_allclose(after[gate][~near], values_of_gate[~near], rtol=1e-10, err_msg=gate)
        np.testing.assert_allclose(after[gate][near], values_of_gate[near], rtol=1e-8, err_msg=gate)
    assert np.isfinite(after["v"]).all()


@pytest.mark.parametrize("name", list(SINGULAR))
def test_rates_are_positive_wherever_the_potential_may_go(name):
    gates = list(getattr(neurocore_nb, name).states)[1:]
    v = np.concatenate([np.linspace(-265.0, 135.0, 4001), [-1e4, 1e4]])
    shut = one_substep(name, {"v": v, **dict.fromkeys(gates, 0.0)})
    full = one_substep(name, {"v": v, **dict.fromkeys(gates, 1.0)})
    for gate in gates:
        for values_of_gate in (shut[gate], full[gate]):
            assert ((values_of_gate >= 0.0) & (values_of_gate <= 1.0 + 1e-15)).all()
        assert (shut[gate] <= full[gate]).all()


@pytest.mark.parametrize("v_t", [-120.0, -63.0, -20.0, 60.0])
def test_shifted_rates_stay_finite(v_t):
    v = np.linspace(-265.0, 135.0, 401)
    cells = Population("TraubMilesNeuron", len(v), {"v_t": v_t}, "cells", initial={"v": v})
    net = Network(cells)
    net.run(5e-5, dt=5e-5, threads=1)
    assert all(np.isfinite(values).all() for values in net.get_states()["cells"].values())
