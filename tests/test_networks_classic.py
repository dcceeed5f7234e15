"""What the papers of balanced networks report, at sizes at which it is fast."""

import numpy as np
import pytest

from neurocore_nb import (
    AlphaCurrent,
    LIFNeuron,
    Network,
    Population,
    Projection,
    SpikeMonitor,
    SpikeSource,
    StateMonitor,
    networks,
    statistics,
)


def spikes_of(net, duration):
    """Spikes of the excitatory cells in so many s."""
    spikes = SpikeMonitor(net["exc"])
    net.add(spikes)
    net.run(duration, dt=1e-4, threads=1)
    return spikes


def brunel_state(name):
    """Rate in Hz, irregularity and frequency of the strongest oscillation in Hz, in the tenth part of the network."""
    spikes = spikes_of(networks.brunel(0.1, **networks.BRUNEL_REGIMES[name]), 0.6)
    f, power = statistics.spectrum(spikes, 5e-4, start=0.1, segment=0.25)
    rate = statistics.firing_rates(spikes, start=0.1).mean()
    return rate, np.nanmean(statistics.cv(spikes, start=0.1)), f[f > 5.0][power[f > 5.0].argmax()]


def test_brunels_network_can_be_regular_and_synchronous():
    rate, irregularity, frequency = brunel_state("SR")
    assert rate > 100.0
    assert irregularity < 0.1
    assert frequency >= rate


def test_brunels_network_oscillates_faster_than_its_cells_fire():
    rate, irregularity, frequency = brunel_state("SI fast")
    assert 55.8 * 0.8 < rate < 60.7 * 1.2  # the paper's theory and simulation
    assert 180.0 * 0.85 < frequency < 190.0 * 1.15
    assert irregularity > 0.5


def test_brunels_network_fires_at_the_rate_of_mean_field_theory():
    rate, irregularity, _ = brunel_state("AI")
    assert rate == pytest.approx(38.0, rel=0.2)  # small networks are somewhat above
    assert irregularity > 0.3


@pytest.mark.parametrize(("name", "low", "high"), [("coba", 15.4, 22.7), ("cuba", 4.95, 6.36)])
def test_activity_lasts_at_the_rate_that_it_has_in_brian2(name, low, high):
    spikes = spikes_of(getattr(networks, name)(), 0.4)
    assert low < statistics.firing_rates(spikes, start=0.1).mean() < high


def test_excitatory_synapses_of_the_hpc_benchmark_make_the_potential_that_was_asked_for():
    net = networks.hpc_benchmark(0.01, j_exc=0.14)
    given = net["exc"]
    cell = Population(
        LIFNeuron, 1, params=given.params, receptors={"syn": AlphaCurrent(**given.receptors["syn"].given)},
        initial={"v": 0.0},
    )  # fmt: skip
    source, v = SpikeSource([1e-3], [0], 1), StateMonitor(cell, "v")
    synapse = Projection(source, cell, net.projections[0].weight, topology="one_to_one", receptor="syn")
    Network(source, cell, synapse, v).run(0.01, dt=1e-5)
    assert v.traces["v"].max() == pytest.approx(0.14, rel=1e-4)


def test_only_excitatory_synapses_of_the_hpc_benchmark_onto_excitatory_cells_learn():
    net = networks.hpc_benchmark(0.005)
    net.run(0.05, dt=1e-4, threads=1)
    learning, *others = (np.ptp(one.matrix().data) for one in net.projections)
    assert learning > 0.01
    assert others == [0.0, 0.0, 0.0]


def test_inhibitory_plasticity_brings_a_network_to_its_target():
    spikes = spikes_of(networks.vogels_istdp(0.04, eta=1.0, rho_0=3.0), 5.0)
    assert statistics.firing_rates(spikes, 0.05).mean() > 50.0
    reached = statistics.firing_rates(spikes, start=2.0)
    assert 2.0 < reached.mean() < 4.0
    assert np.nanmean(statistics.cv(spikes, start=2.0)) > 0.5
