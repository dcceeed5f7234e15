"""Every model, receptor, source and stimulus: the same bits on any number of ranks and threads, in any runs."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from networks import same
from ranks import on_ranks

from neurocore_nb import (
    GABAB,
    NMDA,
    AlphaConductance,
    AlphaCurrent,
    BiexpConductance,
    ExpConductance,
    ExpCurrent,
    Network,
    Normal,
    OUConductance,
    OUCurrent,
    PoissonInput,
    PoissonPopulation,
    Population,
    Projection,
    SinusoidalCurrent,
    SpikeMonitor,
    SpikeSource,
    StateMonitor,
    StepCurrent,
    Uniform,
    VoltageJump,
)

MS = 1e-3
DT = 0.5 * MS
DURATION = 0.06

# Each model with two receptors, so that all receptors occur: weights that let the cells fire now and then.
CASES = {
    "HodgkinHuxleyNeuron": ({"a": BiexpConductance(), "b": NMDA(tau_rise=1.0)}, (0.3, 0.02), 8.0),
    "TraubMilesNeuron": ({"a": ExpConductance(tau=Uniform(3.0, 8.0)), "b": GABAB(g_max=0.1)}, (0.1, 1.0), 1.5),
    "WangBuzsakiNeuron": ({"a": AlphaConductance(tau=2.0), "b": VoltageJump()}, (0.1, 3.0), 1.5),
    "LIFNeuron": ({"a": ExpCurrent(tau=2.0), "b": AlphaCurrent(tau=1.0)}, (200.0, -50.0), 450.0),
    "COBALIFNeuron": ({"a": ExpConductance(), "b": ExpConductance(tau=10.0, e_rev=-80.0)}, (3.0, 5.0), 250.0),
    "AdExNeuron": ({"a": BiexpConductance(tau_decay=3.0), "b": ExpCurrent()}, (10.0, -20.0), 1000.0),
    "Izhikevich2007Neuron": ({"a": AlphaCurrent(), "b": VoltageJump()}, (50.0, 2.0), 300.0),
}


SINGLE = ("HodgkinHuxleyNeuron", "TraubMilesNeuron", "LIFNeuron", "Izhikevich2007Neuron")
BOTH = pytest.mark.parametrize(
    ("model", "precision"), [*((model, "float64") for model in CASES), *((model, "float32") for model in SINGLE)]
)


def rate(t):
    return 300.0 * (1.0 + np.sin(200.0 * t))


def build(model, precision, n, n_source, seed):
    """A network with every kind of source and stimulus onto one population; its spike monitors."""
    receptors, (w_a, w_b), drive = CASES[model]
    cells = Population(
        model, n, label="cells", receptors=receptors, initial={"v": Normal(-62.0, 3.0)}, precision=precision
    )
    noise = PoissonPopulation(n_source, rate, label="noise")
    rng = np.random.default_rng(seed)
    given = SpikeSource(rng.uniform(1e-6, DURATION, 40), rng.integers(0, max(n_source, 1), 40), n=max(n_source, 1))
    objects = [
        cells,
        noise,
        given,
        Projection(cells, cells, Normal(w_a, 0.2 * w_a, low=0.0), 0.2, 1.5 * MS, receptor="a"),
        Projection(cells[n // 2 :], cells, w_b, 0.2, Uniform(1 * MS, 3 * MS), receptor="b"),
        Projection(noise, cells, w_a, delay=1 * MS, topology="fixed_outdegree", outdegree=min(n, 3), receptor="a"),
        Projection(given, cells[: n // 3 + 1], w_b, delay=1 * MS, topology="fixed_total", total=50, receptor="b"),
        PoissonInput(n, rate, w_a, receptor="a"),
        PoissonInput(n - n // 4, 100.0, 0.1 * drive, target=cells[n // 4 :]),
        StepCurrent(0.0, DURATION, np.linspace(0.8, 1.2, n) * drive, target=cells),
        SinusoidalCurrent(0.2 * drive, 40.0, np.linspace(0.0, 3.0, n), target=cells),
        SinusoidalCurrent(0.1 * drive, np.linspace(10.0, 90.0, n - n // 2), target=cells[n // 2 :]),
        OUCurrent(0.0, 0.2 * drive, 5 * MS, target=cells[n // 5 :]),
        OUConductance(0.01 * drive / 70.0, 0.01 * drive / 70.0, 3 * MS, 0.0, target=cells),
    ]
    monitors = [SpikeMonitor(cells), SpikeMonitor(noise), SpikeMonitor(given)]
    return Network(*objects, *monitors, seed=seed), monitors


def results(case, connect=lambda net: net, cuts=(), threads=1, recorded=False):
    net, monitors = build(*case)
    if recorded:
        net.add(StateMonitor(net.populations[0], tuple(net.populations[0].states), interval=5 * MS))
    connect(net)
    steps = [0, *sorted(cuts), round(DURATION / DT)]
    for begin, end in pairwise(steps):
        net.run((end - begin) * DT, DT, threads=threads)
    states = net.get_states()["cells"]
    assert all(np.isfinite(values).all() for values in states.values())
    everything = [array for states in net.get_states().values() for array in states.values()]
    return [array for one in monitors for array in (one.t, one.i)] + everything if net._comm.rank == 0 else []


@BOTH
@settings(max_examples=3, deadline=None, derandomize=True, phases=[Phase.generate])
@given(
    n=st.sampled_from([1, 2, 7, 13, 67, 257]),
    n_source=st.sampled_from([1, 5, 31]),
    seed=st.integers(0, 10**6),
    ranks=st.integers(2, 5),
    threads=st.integers(2, 3),
    cuts=st.lists(st.integers(0, 120), max_size=3),
)
def test_the_same_bits_however_divided(model, precision, n, n_source, seed, ranks, threads, cuts):
    case = model, precision, n, n_source, seed
    alone = results(case)
    assert same(results(case, cuts=cuts, threads=threads, recorded=True), alone)
    assert same(on_ranks(ranks, lambda connect: results(case, connect, cuts)), alone)


@BOTH
def test_the_networks_live(model, precision):
    net, (cells, noise, given_) = build(model, precision, 67, 31, 3)
    net.run(DURATION, DT)
    assert cells.count > 67
    assert noise.count > 31
    assert given_.count == 40
    assert all(values.dtype == precision for values in net.get_states()["cells"].values())
    names = [name for name in net.populations[0].states if name.endswith(("_a", "_b")) and name != "r_b"]
    assert all(net.get(net.populations[0], name).any() for name in names)
