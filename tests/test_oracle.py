"""The package against the naive simulator: the same spikes, at the same times, and the same states."""

import naive
import numpy as np
import pytest
import scipy.sparse
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from networks import as_naive, different_parameters

from neurocore_nb import (
    HodgkinHuxleyNeuron,
    Network,
    Normal,
    PoissonInput,
    Population,
    Projection,
    SpikeMonitor,
    StepCurrent,
    TimedArray,
    Uniform,
)

MS = 1e-3


def populations(n_exc=41, n_inh=11, **arguments):
    exc = Population(HodgkinHuxleyNeuron, n_exc, label="exc", **arguments)
    inh = Population(HodgkinHuxleyNeuron, n_inh, label="inh", **arguments)
    return exc, inh


def drives(exc, inh, weight=15.0):
    return (
        PoissonInput(exc.n, rate_hz=400.0, weight=weight, target=exc),
        PoissonInput(inh.n, rate_hz=300.0, weight=weight, target=inh, seed=5),
    )


def both_ways(exc, inh, scale=1.0, **arguments):
    return (
        Projection(exc, exc, weight=1.5 * scale, probability=0.2, **arguments),
        Projection(exc, inh, weight=3.0 * scale, probability=0.3, **arguments),
        Projection(inh, exc, weight=-4.0 * scale, probability=0.4, **arguments),
        Projection(inh, inh, weight=-1.25 * scale, probability=0.2, **arguments),
    )


def assert_same_as_naive(objects, n_steps, dt, threads=2, explicit=None):
    monitors = [SpikeMonitor(one) for one in objects if isinstance(one, Population)]
    net = Network(*objects, *monitors)
    description = as_naive(net, n_steps, dt, explicit)
    expected_spikes, expected_states = naive.simulate(**description)
    net.run(n_steps * dt, dt, threads=threads)
    for monitor, expected in zip(monitors, expected_spikes, strict=True):
        t, i = np.array(expected).reshape(-1, 2).T
        np.testing.assert_array_equal(monitor.i, i)
        np.testing.assert_allclose(monitor.t, t, rtol=0, atol=1e-9)
    for population, expected in zip(net.populations, expected_states, strict=True):
        for name, values in net.get_states()[population.label].items():
            np.testing.assert_allclose(values, expected[name], rtol=1e-7, atol=1e-7, err_msg=name)
    return description, expected_spikes


def assert_alive(description, spikes):
    assert all(len(one) > 2 for one in spikes)
    unconnected, _ = naive.simulate(**description | {"synapses": ()})
    for connected, alone in zip(spikes, unconnected, strict=True):
        assert connected != alone


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("delay", [0.0, 1.5 * MS, 0.7 * MS])
def test_two_populations_at_the_tutorials_step(delay, threads):
    exc, inh = populations(max_step=0.05)
    objects = [exc, inh, *both_ways(exc, inh, delay=delay), *drives(exc, inh)]
    assert_alive(*assert_same_as_naive(objects, n_steps=60, dt=MS, threads=threads))


def test_two_populations_at_a_small_step():
    exc, inh = populations(max_step=0.025)
    objects = [exc, inh, *both_ways(exc, inh, scale=10.0, delay=1.5 * MS), *drives(exc, inh, weight=120.0)]
    assert_alive(*assert_same_as_naive(objects, n_steps=600, dt=0.1 * MS))


def test_weights_drawn_per_synapse():
    exc, inh = populations(max_step=0.05)
    objects = [
        exc,
        inh,
        Projection(exc, inh, weight=Normal(3.0, 1.0, low=0.0), probability=0.3, delay=1.5 * MS),
        Projection(inh, exc, weight=Uniform(-6.0, -2.0), topology="fixed_indegree", indegree=4, weight_dtype="float64"),
        Projection(exc, exc, weight=Uniform(-1.0, 3.0), probability=0.2, autapses=False),
        *drives(exc, inh),
    ]
    assert_alive(*assert_same_as_naive(objects, n_steps=60, dt=MS))


def random_entries(rng, n_post, n_pre, n, unit):
    """Entries with duplicates and zeros; float32 holds the weights exactly, so that they aren't rounded."""
    post, pre = rng.integers(0, n_post, n), rng.integers(0, n_pre, n)
    post[: n // 10], pre[: n // 10] = post[-(n // 10) :], pre[-(n // 10) :]
    weight = rng.integers(0, 9, n) * unit
    delay = np.round(rng.uniform(0.0, 4.0 * MS, n), 6)
    return post, pre, weight, delay


def test_explicit_matrices_with_a_delay_for_each_synapse():
    rng = np.random.default_rng(11)
    exc, inh = populations(max_step=0.05)
    objects, explicit = [exc, inh, *drives(exc, inh)], {}
    for source, target, unit in ((exc, inh, 0.5), (inh, exc, -0.75), (exc, exc, 0.25)):
        post, pre, weight, delay = random_entries(rng, target.n, source.n, 3 * (source.n + target.n), unit)
        matrix = scipy.sparse.coo_array((weight, (post, pre)), shape=(target.n, source.n))
        assert (weight == 0.0).any()
        assert len(set(zip(post, pre, strict=True))) < len(post)
        projection = Projection(source, target, weight=None, delay=delay, topology=matrix)
        objects.append(projection)
        explicit[projection] = post, pre, weight, delay
    description, spikes = assert_same_as_naive(objects, n_steps=300, dt=0.2 * MS, explicit=explicit)
    assert_alive(description, spikes)
    assert len(set(description["synapses"][0].delay)) > 10


def test_weights_given_along_an_explicit_matrix():
    rng = np.random.default_rng(12)
    exc, inh = populations(max_step=0.05)
    post, pre, weight, delay = random_entries(rng, inh.n, exc.n, 150, 0.5)
    matrix = scipy.sparse.coo_array((np.ones(150), (post, pre)), shape=(inh.n, exc.n))
    projection = Projection(exc, inh, weight=weight, delay=delay, topology=matrix)
    back = Projection(inh, exc, weight=-4.0, probability=0.4)
    objects = [exc, inh, projection, back, *drives(exc, inh)]
    assert_alive(*assert_same_as_naive(objects, n_steps=60, dt=MS, explicit={projection: (post, pre, weight, delay)}))


def test_currents_and_different_neurons():
    rng = np.random.default_rng(13)
    params = different_parameters(rng, 31)
    initial = {"v": rng.uniform(-75.0, -55.0, 31), "h": 0.5}
    exc = Population(HodgkinHuxleyNeuron, 31, label="exc", params=params, initial=initial, max_step=0.05)
    inh = Population(HodgkinHuxleyNeuron, 7, label="inh", initial={"v": Normal(-65.0, 5.0)}, max_step=0.02)
    objects = [
        exc,
        inh,
        Projection(exc, inh, weight=5.0, probability=0.5, delay=0.5 * MS),
        Projection(inh, exc, weight=-15.0, probability=0.5, delay=0.25 * MS),
        StepCurrent(5 * MS, 40 * MS, rng.uniform(5.0, 25.0, 31)),
        StepCurrent(10 * MS, 20 * MS, 3.0, target=exc[4:9]),
        TimedArray(rng.uniform(0.0, 12.0, 5), dt=8 * MS, target=inh),
        TimedArray(rng.uniform(-2.0, 6.0, (10, 3)), dt=2 * MS, target=inh[2:5]),
    ]
    assert_alive(*assert_same_as_naive(objects, n_steps=200, dt=0.25 * MS, threads=3))


def test_views_as_sources_and_targets():
    exc, inh = populations(max_step=0.05)
    objects = [
        exc,
        inh,
        Projection(exc[3:30], inh[2:9], weight=4.0, probability=0.5, delay=1.5 * MS),
        Projection(inh[1:8], exc[17:], weight=-5.0, topology="all_to_all"),
        Projection(exc[:20], exc[10:37], weight=2.0, topology="fixed_indegree", indegree=3, autapses=False),
        Projection(exc[5:12], inh[4:], weight=3.0, topology="one_to_one"),
        PoissonInput(29, rate_hz=np.linspace(200.0, 600.0, 29), weight=15.0, target=exc[7:]),
        PoissonInput(4, rate_hz=400.0, weight=np.array([12.0, -3.0, 15.0, 18.0]), target=inh[3:9]),
        StepCurrent(0.0, 0.06, 10.0, target=exc[:7]),
    ]
    assert_alive(*assert_same_as_naive(objects, n_steps=60, dt=MS))


@settings(max_examples=8, deadline=None, derandomize=True, phases=[Phase.generate])
@given(
    n_exc=st.integers(1, 30),
    n_inh=st.integers(1, 11),
    dt=st.sampled_from([0.1, 0.25, 0.5, 1.0, 2.0]),
    delay=st.floats(0.0, 5.0),
    threads=st.integers(1, 3),
)
def test_any_sizes_steps_and_delays(n_exc, n_inh, dt, delay, threads):
    exc, inh = populations(n_exc, n_inh, max_step=0.05)
    objects = [
        exc,
        inh,
        *both_ways(exc, inh, scale=2.0 / dt, delay=delay * MS),
        *drives(exc, inh, weight=16.0 / dt),
        StepCurrent(0.0, 0.01, 30.0, target=exc),
        StepCurrent(0.004, 0.02, 30.0, target=inh),
    ]
    _, spikes = assert_same_as_naive(objects, n_steps=round(40 / dt), dt=dt * MS, threads=threads)
    assert all(spikes)


def test_the_tutorials_network_with_a_drive_that_makes_it_fire():
    exc, inh = populations(400, 100)
    objects = [
        exc,
        inh,
        Projection(exc, exc, weight=0.02, topology="random", probability=0.02),
        Projection(exc, inh, weight=0.05, topology="random", probability=0.05),
        Projection(inh, exc, weight=-0.1, topology="random", probability=0.05),
        PoissonInput(n=400, rate_hz=50.0, weight=9.0, dt=0.001),
    ]
    _, spikes = assert_same_as_naive(objects, n_steps=100, dt=0.001)
    assert len(spikes[0]) > 500
