"""A network in another program's loop: the bits of a run, views of states, input from outside."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import same, spikes_and_states
from ranks import on_each_rank

from neurocore_nb import (
    ExpConductance,
    HodgkinHuxleyNeuron,
    LIFNeuron,
    Network,
    Normal,
    NumericalError,
    OUConductance,
    PoissonInput,
    PoissonPopulation,
    Population,
    Projection,
    SpikeMonitor,
    StateMonitor,
    StepCurrent,
    TimedArray,
)

DT = 1e-4
STEPS = 300


def driven(*more):
    """Two populations that excite each other with delays, one source, and all their spikes in monitors."""
    exc = Population(
        HodgkinHuxleyNeuron, 41, label="exc", receptors={"syn": ExpConductance(tau=2.0)},
        initial={"v": Normal(-60.0, 5.0)}, max_step=0.05,
    )  # fmt: skip
    inh = Population(HodgkinHuxleyNeuron, 13, label="inh", max_step=0.05)
    source = PoissonPopulation(5, 300.0, label="source")
    return Network(
        exc, inh, source,
        Projection(exc, inh, weight=30.0, probability=0.5, delay=3e-4),
        Projection(inh, exc, weight=0.2, probability=0.5, delay=1e-3, receptor="syn"),
        Projection(source, exc, weight=0.5, probability=0.5, receptor="syn", delay=2e-4),
        PoissonInput(41, rate_hz=400.0, weight=60.0, target=exc),
        SpikeMonitor(exc), SpikeMonitor(inh), SpikeMonitor(source), *more,
    )  # fmt: skip


def results(net):
    return spikes_and_states(net, net.monitors[:3] if net.rank == 0 else [])


@pytest.fixture(scope="module")
def run_at_once():
    net = driven()
    net.run(STEPS * DT, DT, threads=1)
    assert all(monitor.count > 5 for monitor in net.monitors)
    return results(net)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 40), max_size=12), st.sampled_from([1, 3]), st.booleans())
def test_steps_have_the_bits_of_a_run(run_at_once, parts, threads, gathers):
    net = driven()
    sim = net.compile(DT, threads=threads)
    for n in parts:
        n = min(n, STEPS - round(sim.t / DT))
        sim.step(n)
        if gathers:
            sim.gather()
    sim.step(STEPS - round(sim.t / DT))
    sim.gather()
    assert sim.t == net.t == pytest.approx(STEPS * DT)
    assert same(results(net), run_at_once)


@pytest.mark.parametrize("ranks", [2, 3])
def test_steps_on_ranks(run_at_once, ranks):
    def program(connect, rank):
        net = connect(driven())
        sim = net.compile(DT, threads=1)
        seen = []
        while sim.t < STEPS * DT - DT / 2:
            sim.step(7 if round(sim.t / DT) + 7 <= STEPS else 1)
            neurons, times = sim.spikes(net["exc"])
            seen += zip(neurons.tolist(), times.tolist(), strict=True)
        local = sim.local(net["exc"])
        assert all(neuron in local for neuron, _ in seen)
        v = sim.state(net["exc"], "v").copy()
        sim.gather()
        return results(net), seen, local, v

    found = on_each_rank(ranks, program)
    assert same(found[0][0], run_at_once)
    times, neurons = run_at_once[0], run_at_once[1]
    everything = sorted((time, neuron) for _, seen, _, _ in found for neuron, time in seen)
    assert everything == sorted(zip(times.tolist(), neurons.tolist(), strict=True))
    assert [neuron for _, _, local, _ in found for neuron in local] == list(range(41))
    np.testing.assert_array_equal(np.concatenate([v for *_, v in found]), run_at_once[6])


def test_runs_and_checkpoints_may_come_between(run_at_once, tmp_path):
    net = driven()
    sim = net.compile(DT, threads=2)
    sim.step(17)
    net.run(13 * DT, DT, threads=3)  # with other slices of neurons
    sim.step(5)
    net.save(tmp_path / "a.ckpt")
    sim.step(40)
    again = driven()
    again.restore(tmp_path / "a.ckpt")
    sim = again.compile(DT, threads=1)
    sim.step(STEPS - 35)
    sim.gather()
    assert same(results(again), run_at_once)
    again.reset()
    sim.step(STEPS)
    sim.gather()
    assert same(results(again), run_at_once)


@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_a_current_is_that_of_a_timed_array(precision):
    values = np.random.default_rng(1).uniform(0.0, 20.0, (60, 9))
    cells = [Population(HodgkinHuxleyNeuron, 9, precision=precision) for _ in range(2)]
    known = Network(cells[0], TimedArray(values, DT))
    known.run(60 * DT, DT)
    net = Network(cells[1])
    sim = net.compile(DT)
    current = sim.current(cells[1])
    for row in values:
        current[:] = row
        sim.step()
    assert np.abs(np.diff(known.get(cells[0], "v"))).max() > 1.0
    assert same(spikes_and_states(net), spikes_and_states(known))


def test_a_conductance_is_that_of_a_stimulus():
    g, e_rev = np.linspace(0.0, 2.0, 7), 10.0
    cells = [Population(HodgkinHuxleyNeuron, 7) for _ in range(2)]
    known = Network(cells[0], OUConductance(mean=g, sd=0.0, tau=1.0, e_rev=e_rev))
    known.run(0.01, DT)
    net = Network(cells[1])
    sim = net.compile(DT)
    sim.conductance(cells[1])[:], sim.current(cells[1])[:] = g, g * e_rev
    sim.step(100)
    assert net.get(cells[1], "v")[6] > -40.0
    assert same(spikes_and_states(net), spikes_and_states(known))


def test_views_show_and_take_what_is_now():
    cells = Population(LIFNeuron, 10)
    net = Network(cells)
    sim = net.compile(DT)
    v, part = sim.state(cells, "v"), sim.state(cells[3:5], "v")
    assert np.shares_memory(v, part)
    before = v.copy()
    sim.current(cells[3:5])[:] = 1000.0  # pA
    sim.step(10)
    assert (v[3:5] > before[3:5] + 1.0).all()
    assert (np.delete(v, [3, 4]) == np.delete(before, [3, 4])).all()
    v[0] = -49.0  # above the threshold
    sim.step()
    neurons, times = sim.spikes(cells)
    assert neurons.tolist() == [0]
    assert times == pytest.approx([11 * DT])
    assert sim.spikes(cells[1:])[0].size == 0
    sim.step()
    assert sim.spikes(cells)[0].size == 0
    v[1] = -49.0
    net.compile(DT).step()  # the same network by another name
    assert sim.spikes(cells)[0].tolist() == [1]


def test_monitors_record_meanwhile(tmp_path):
    def watched(to=None):
        cells = Population(HodgkinHuxleyNeuron, 3, label="cells")
        return Network(cells, StepCurrent(0.0, 1.0, 20.0), StateMonitor(cells, "v", interval=2e-4, to=to))

    known, net, filed = watched(), watched(), watched(tmp_path / "a.h5")
    known.run(0.02, DT)
    for one in (net, filed):
        sim = one.compile(DT)
        for n in (3, 50, 147):
            sim.step(n)
        sim.gather()
        np.testing.assert_array_equal(one.monitors[0].traces["v"], known.monitors[0].traces["v"])
        np.testing.assert_array_equal(one.monitors[0].t, known.monitors[0].t)


def test_what_is_wrong_is_told():
    net = driven()
    sim = net.compile(DT)
    with pytest.raises(ValueError, match=r"no state 'u'; it has v, m, h, n, g_syn"):
        sim.state(net["exc"], "u")
    with pytest.raises(TypeError, match=r"current\(\).*must be neurons with membranes"):
        sim.current(net["source"])
    with pytest.raises(ValueError, match=r"isn't part of the network"):
        sim.spikes(Population(LIFNeuron, 2))
    with pytest.raises(TypeError, match=r"compiled network"):
        sim.local("exc")
    for wrong, kind in ((-1, ValueError), (1.5, TypeError), (True, TypeError)):
        with pytest.raises(kind, match=r"step: n"):
            sim.step(wrong)
    with pytest.raises(ValueError, match=r"dt = 0.0001 s since its first run"):
        net.compile(2e-4)
    sim.current(net["inh"])[4] = np.nan
    with pytest.raises(NumericalError, match=r"population 'inh', neuron 4: v became nan"):
        sim.step(3)
    with pytest.raises(ValueError, match=r"failed; call reset\(\) or restore\(\)"):
        sim.step()
    sim.current(net["inh"])[4] = 0.0
    net.reset()
    sim.step(3)
    assert sim.t == pytest.approx(3 * DT)
