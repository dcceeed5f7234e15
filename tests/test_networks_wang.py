"""Saturating NMDA gates, and the networks of Wang and his colleagues that have them."""

import itertools

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from neurocore_nb import LIFNeuron, Network, Population, Projection, RateMonitor, SpikeSource, StateMonitor, StepCurrent
from neurocore_nb.networks import decision_making, working_memory
from neurocore_nb.networks.gating import saturating_nmda


def poisson_train(rate, duration, seed):
    """Spike times in s, on the grid, at least 2 ms apart."""
    times = np.cumsum(0.002 + np.random.default_rng(seed).exponential(1.0 / rate - 0.002, round(2 * rate * duration)))
    return np.round(times[times < duration], 4)


def gate_of_the_papers(spikes, times):
    """The papers' equations for s and x, solved from spike to spike; all in ms."""
    s = np.zeros(len(times))
    y = [0.0, 0.0]
    borders = [0.0, *spikes, times[-1] + 1.0]
    for begin, end in itertools.pairwise(borders):
        inside = (times >= begin) & (times < end)
        solved = solve_ivp(
            lambda _, y: [-y[0] / 100.0 + 0.5 * y[1] * (1.0 - y[0]), -y[1] / 2.0],
            (begin, end), y, t_eval=[*times[inside], end], rtol=1e-8, atol=1e-10,
        )  # fmt: skip
        s[inside] = solved.y[0, :-1]
        y = [solved.y[0, -1], solved.y[1, -1] + 1.0]
    return s


@pytest.mark.parametrize("rate", [2.0, 40.0])
def test_short_term_depression_is_the_gate_of_the_papers(rate):
    trains = [poisson_train(rate, 2.0, seed) for seed in (1, 2)]
    nmda = saturating_nmda()
    cell = Population(LIFNeuron, 1, {"v_th": 1e6}, receptors={"nmda": nmda.receptor})
    sources = [SpikeSource(train, np.zeros(len(train), int), 1) for train in trains]
    weights = 1.0, 0.5
    synapses = [
        Projection(source, cell, w * nmda.weight, topology="all_to_all", receptor="nmda", plasticity=nmda.rule)
        for source, w in zip(sources, weights, strict=True)
    ]
    g = StateMonitor(cell, ["g_nmda"], interval=1e-3)
    Network(cell, *sources, *synapses, g).run(2.0, dt=1e-4, threads=1)
    ours = g.traces["g_nmda"].ravel()
    exact = sum(w * gate_of_the_papers(1e3 * t, 1e3 * g.t) for w, t in zip(weights, trains, strict=True))
    assert ours.mean() == pytest.approx(exact.mean(), rel=4e-3)
    assert np.sqrt(np.mean((ours - exact) ** 2)) < 0.02 * exact.mean()


def rates_of_the_stimulus(net, times):
    """Of both groups, shape (n_times, 2)."""
    return np.array([[stimulus.rate_hz(t) for stimulus in net.stimuli[-2:]] for t in times])


def test_the_stimulus_is_drawn_anew_in_each_interval_and_trial():
    net = decision_making(scale=0.01, coherence=20.0, onset=0.1, offset=1.1)
    middles = 0.1 + 0.05 * (np.arange(20) + 0.5)
    found = []
    for seed in range(50):
        net.reset(seed=seed)
        found.append(rates_of_the_stimulus(net, middles))
        for beside in (-0.024, 0.024):
            np.testing.assert_array_equal(rates_of_the_stimulus(net, middles + beside), found[-1])
    assert (rates_of_the_stimulus(net, [0.0, 0.099, 1.101]) == 0.0).all()
    found = np.array(found)
    assert len(np.unique(found)) == found.size
    np.testing.assert_allclose(found.mean(axis=(0, 1)), [48.0, 32.0], atol=4 * 4.0 / np.sqrt(1000))
    np.testing.assert_allclose(found.std(axis=(0, 1)), 4.0, rtol=0.1)
    assert abs(np.corrcoef(*found.reshape(-1, 2).T)[0, 1]) < 0.13
    net.reset(seed=7)
    np.testing.assert_array_equal(rates_of_the_stimulus(net, middles), found[7])


def test_rates_of_the_stimulus_are_never_negative():
    net = decision_making(scale=0.01, coherence=100.0)
    rates = rates_of_the_stimulus(net, 0.5 + 0.05 * (np.arange(20) + 0.5))
    assert (rates >= 0.0).all()
    assert 0.0 < (rates[:, 1] == 0.0).mean() < 1.0


@pytest.mark.parametrize("coherence", [100.0, -100.0])
def test_strong_motion_is_seen(coherence):
    net = decision_making(scale=0.2, coherence=coherence, onset=0.2, offset=0.9)
    groups = [RateMonitor(net[label], 0.1) for label in ("A", "B")]
    net.add(*groups)
    net.run(0.9, dt=1e-4, threads=1)
    right, wrong = (group.rate[-1] for group in (groups if coherence > 0.0 else groups[::-1]))
    assert right > 15.0 > 5.0 > wrong


def test_synapses_onto_a_group_have_the_same_sum_whatever_w_plus():
    def onto_a(w_plus):
        net = decision_making(scale=0.05, w_plus=w_plus)
        return sum(one.weight * one.source.n for one in net.projections
                   if one.target.label == "A" and one.receptor == "nmda")  # fmt: skip

    assert onto_a(1.0) == pytest.approx(onto_a(1.7))
    assert onto_a(1.0) == pytest.approx(1600 * 0.165 * saturating_nmda().weight)


def test_the_footprint_is_that_of_the_paper():
    net = working_memory(scale=0.125)
    net.run(0.0, dt=1e-4, threads=1)
    weights = net.projections[0].matrix().toarray() / (0.381 * 8 * saturating_nmda().weight)
    assert weights.shape == (256, 256)
    np.testing.assert_allclose(weights.mean(axis=1), 1.0, rtol=1e-6)
    np.testing.assert_allclose(np.diag(weights), 1.62, rtol=1e-6)
    j_minus = weights.min()
    d = 360.0 / 256 * np.minimum(np.arange(256), 256 - np.arange(256))
    expected = j_minus + (1.62 - j_minus) * np.exp(-0.5 * (d / 14.4) ** 2)
    for cell in (0, 100, 255):
        np.testing.assert_allclose(weights[cell], np.roll(expected, cell), rtol=1e-6)


def test_a_bump_outlasts_its_cue_and_is_erased():
    net = working_memory(scale=0.25, cue=90.0, cue_onset=0.1, cue_offset=0.35, g_ee=0.37, j_plus=1.8)
    near, far = (RateMonitor(net["exc"][begin : begin + 32], 0.25) for begin in (112, 368))
    net.add(near, far, StepCurrent(1.0, 1.25, 250.0, net["exc"]))
    net.run(2.0, dt=1e-4, threads=1)
    assert (near.rate[2:4] > 15.0).all()  # 0.5 to 1 s
    assert (far.rate[2:4] < 5.0).all()
    assert near.rate[-1] < 5.0
