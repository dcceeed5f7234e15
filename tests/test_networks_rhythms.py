"""Published networks with rhythms: exact periods, and what the papers say of synchrony."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from neurocore_nb import SpikeMonitor, StateMonitor, networks, statistics


def half_centre(t, y, g_pir, theta_syn):
    """Equations 1 to 3 of Wang and Rinzel 1992, with v and h of both cells."""
    v, h = y.reshape(2, 2)
    m = 1.0 / (1.0 + np.exp(-(v + 65.0) / 7.8))
    h_inf = 1.0 / (1.0 + np.exp((v + 81.0) / 11.0))
    tau = h_inf * np.exp((v + 162.3) / 17.8)
    s = 1.0 / (1.0 + np.exp(-(v[::-1] - theta_syn) / 2.0))
    slope = -g_pir * m**3 * h * (v - 120.0) - 0.1 * (v + 60.0) - 0.3 * s * (v + 80.0)
    return np.concatenate([slope, 3.0 * (h_inf - h) / tau])


def rises(t, v, threshold):
    """When a potential rises through a threshold."""
    k = np.flatnonzero((v[:-1] < threshold) & (v[1:] >= threshold))
    return t[k] + (threshold - v[k]) / (v[k + 1] - v[k]) * (t[k + 1] - t[k])


@pytest.mark.parametrize(("g_pir", "theta_syn"), [(0.3, -44.0), (1.0, -44.0), (1.0, -36.0)])
def test_half_centre_follows_the_published_equations(g_pir, theta_syn):
    net = networks.central_pattern_generator(g_pir=g_pir, theta_syn=theta_syn)
    net.run(5e-3, dt=5e-5)
    start = [net.get(net[label], name)[0] for name in "vh" for label in ("left", "right")]
    states = [StateMonitor(net[label]) for label in ("left", "right")]
    net.add(*states)
    net.run(0.3, dt=5e-5)
    t = np.arange(0.0, 300.0, 0.05)
    exact = solve_ivp(half_centre, (0.0, 300.0), start, "DOP853", t, args=(g_pir, theta_syn), rtol=1e-9, atol=1e-9)
    for mine, theirs in zip(states, exact.y, strict=False):
        expected = rises(t, theirs, theta_syn)
        assert len(expected) >= 2
        np.testing.assert_allclose(rises(1e3 * mine.t - 5.0, mine.traces["v"][:, 0], theta_syn), expected, atol=0.1)


def spikes_of(net, label, duration, dt=5e-5):
    spikes = SpikeMonitor(net[label])
    net.add(spikes)
    net.run(duration, dt=dt)
    return spikes


def test_sparse_ping_is_synchronous_only_with_equal_numbers_of_synapses():
    coherence = {
        fixed: statistics.coherence(
            spikes_of(networks.ping(p=0.02, fixed=fixed, sigma_e=0.0), "exc", 0.4), 5e-3, start=0.3
        )
        for fixed in (False, True)
    }
    assert coherence[True] > 0.9
    assert coherence[False] < 0.35


@pytest.mark.parametrize(("sigma_i", "low", "high"), [(0.0, 0.9, 1.01), (0.15, 0.0, 0.2)])
def test_interneurons_are_coherent_unless_their_currents_differ(sigma_i, low, high):
    spikes = spikes_of(networks.wang_buzsaki(sigma_i=sigma_i), "cells", 0.7)
    assert low < statistics.coherence(spikes, 2.5e-3, start=0.6) < high


def test_forty_cells_of_the_thalamus_keep_themselves_active():
    spikes = spikes_of(networks.thalamocortical(0.2, cortex=False), "TC", 1.0, 1e-4)
    assert spikes.t.max() > 0.9
    assert spikes.firing_rates().mean() > 1.0


def test_strong_adaptation_ends_the_activity_of_the_cortex_alone():
    last = [spikes_of(networks.thalamocortical(thalamus=False, b=b), "PY", 0.6, 1e-4).t.max() for b in (5.0, 40.0)]
    assert last[0] > 0.59
    assert last[1] < 0.5


@pytest.mark.parametrize(
    ("parameters", "words"), [({"cells": "hh"}, "cells = 'hh'"), ({"cortex": False, "thalamus": False}, "nothing")]
)
def test_a_thalamocortical_network_of_nothing_known_is_an_error(parameters, words):
    with pytest.raises(ValueError, match=words):
        networks.thalamocortical(**parameters)
