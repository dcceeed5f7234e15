"""Published networks: the sizes of their papers, activity, and the same bits on other numbers of ranks."""

import numpy as np
import pytest
from ranks import on_ranks

from neurocore_nb import SpikeMonitor, networks
from neurocore_nb.planning.expected import expected_block

CORTEX = 0.02 * (1600 * 1599 + 2 * 1600 * 400 + 400 * 399)
THALAMUS = 0.02 * 100 * 100 + 0.08 * (100 * 100 + 100 * 99)
BETWEEN = 0.02 * (2 * 1600 * 100 + 100 * 1600 + 100 * 400)

# What is run, at which scale and for how long in s, with which step; neurons and mean number of synapses as published.
CASES = {
    "brunel": ({}, 0.02, 0.05, 1e-4, 12_500, 12_500 * 1250),
    "central_pattern_generator": ({}, 5.0, 0.15, 5e-5, 2, 2),
    "coba": ({}, 0.05, 0.05, 1e-4, 4000, 4000 * 4000 * 0.02),
    "cobahh": ({}, 0.02, 0.05, 1e-4, 4000, 4000 * 4000 * 0.02),
    "cuba": ({}, 0.05, 0.05, 1e-4, 4000, 4000 * 4000 * 0.02),
    "decision_making": ({}, 0.05, 0.4, 1e-4, 2000, 2000 * (2 * 1600 + 400)),
    "hpc_benchmark": ({}, 0.005, 0.05, 1e-4, 11_250, 11_250 * 11_250),
    "ping": ({}, 0.2, 0.05, 5e-5, 250, 0.5 * (200 * 50 + 50 * 200 + 50 * 50)),
    "ping[fixed]": ({"fixed": True, "p": 0.02}, 0.2, 0.05, 5e-5, 250, 4 * 50 + 200 + 50),
    "potjans_diesmann": ({}, 0.02, 0.3, 1e-4, 77_169, 298_880_968),
    "potjans_diesmann[thalamus]": ({"thalamus_hz": 15.0, "background": "dc"}, 0.1, 0.3, 1e-4, 78_071, 301_977_186),
    "thalamocortical": ({}, 0.1, 0.1, 1e-4, 2200, CORTEX + THALAMUS + BETWEEN),
    "thalamocortical[channels]": ({"cells": "channels"}, 0.1, 0.3, 1e-4, 2200, CORTEX + THALAMUS + BETWEEN),
    "thalamocortical[cortex]": ({"thalamus": False, "lts": 0.05}, 0.1, 0.1, 1e-4, 2000, CORTEX),
    "thalamocortical[thalamus]": ({"cortex": False}, 0.2, 0.1, 1e-4, 200, THALAMUS),
    "vogels_istdp": ({"eta": 1.0}, 0.03, 0.1, 1e-4, 10_000, 10_000 * 10_000 * 0.02),
    "wang_buzsaki": ({}, 0.2, 0.05, 5e-5, 100, 100 * 99),
    "wang_buzsaki[sparse]": ({"m_syn": 60.0, "sigma_i": 0.03}, 0.7, 0.05, 5e-5, 100, 100 * 60),
    "working_memory": ({}, 0.05, 0.3, 1e-4, 2560, 2560 * 2560),
}
FUNCTIONS = [name for name in networks.__all__ if callable(getattr(networks, name))]


def test_all_networks_are_visited():
    assert {name.split("[")[0] for name in CASES} == set(FUNCTIONS)


@pytest.mark.parametrize("name", CASES)
def test_published_sizes(name):
    parameters, _, _, dt, neurons, synapses = CASES[name]
    net = getattr(networks, name.split("[")[0])(**parameters)
    assert sum(population.n for population in net.populations) == neurons
    graded = [expected_block(one, np.array([0]), np.array([one.target.n]))[0].sum() for one in net.couplings]
    assert net.plan(dt=dt).synapses + sum(graded) == pytest.approx(synapses, rel=1e-6)


@pytest.mark.parametrize("name", CASES)
def test_active_and_the_same_bits_on_other_ranks(name):
    parameters, scale, duration, dt, _, _ = CASES[name]

    def run(connect):
        net = getattr(networks, name.split("[")[0])(scale, seed=3, **parameters)
        monitors = [SpikeMonitor(population) for population in net.populations]
        net.add(*monitors)
        net = connect(net)
        net.run(duration, dt=dt, threads=1)
        return [array for monitor in monitors for array in (monitor.t, monitor.i)] if net.rank == 0 else None

    alone = run(lambda net: net)
    assert all(len(array) > 0 for array in alone), "a population is silent"
    for mine, theirs in zip(alone, on_ranks(2, run), strict=True):
        np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("scale", [0.0, -1.0, "large", float("nan")])
def test_a_scale_that_is_no_positive_number_is_an_error(name, scale):
    with pytest.raises((TypeError, ValueError), match="scale"):
        getattr(networks, name)(scale)
