"""Gap junctions and graded synapses: exact solutions, the naive simulator, the same bits however divided."""

import naive
import numpy as np
import pytest
import scipy.sparse
from builders import E_L, G_L, PASSIVE, assert_raises, cells, table
from networks import same, spikes_and_states
from ranks import on_each_rank, on_ranks
from scipy.integrate import solve_ivp
from scipy.linalg import expm
from wiring import assert_same

from neurocore_nb import (
    GapJunction,
    GradedRelease,
    GradedSynapse,
    HodgkinHuxleyNeuron,
    LIFNeuron,
    Network,
    Normal,
    PoissonInput,
    PoissonPopulation,
    Population,
    Projection,
    SpikeMonitor,
    StateMonitor,
    StepCurrent,
    Uniform,
    WangBuzsakiNeuron,
)

DT = 1e-4


def interneurons(n, label="wb", **options):
    return Population(WangBuzsakiNeuron, n, label=label, receptors={"gaba": GradedRelease()}, **options)


# ---- the same bits ---------------------------------------------------------------------------------------------------


def of_all_kinds():
    """A network with couplings of all kinds, and the monitors of its spikes."""
    rng = np.random.default_rng(4)
    hh = cells(13, "hh", initial={"v": Normal(-62.0, 6.0)}, max_step=0.05)
    single = cells(7, "single", initial={"v": Normal(-62.0, 6.0)}, max_step=0.05, precision="float32")
    wb = interneurons(3, initial={"v": Normal(-62.0, 6.0)})
    gate = {"state": "s_gaba", "e_rev": -75.0}
    couplings = [
        GapJunction(hh, hh, Normal(0.05, 0.02, low=0.0), probability=0.4),
        GapJunction(hh[2:9], single, 0.03, probability=0.5, rectification=0.7),
        GapJunction(single, single[1:6], Uniform(0.0, 0.1), topology="fixed_indegree", indegree=2),
        GapJunction(hh, wb, None, topology=scipy.sparse.random_array((3, 13), density=0.3, rng=rng), symmetric=False),
        GapJunction(hh, hh, 0.1, topology=([1, 5, 9], [2, 6, 10]), rectification=1.0, symmetric=False),
        GradedSynapse(wb, hh, Uniform(0.0, 0.2), probability=0.7, **gate),
        GradedSynapse(wb, wb, 0.05, topology="all_to_all", autapses=False, **gate),
        GradedSynapse(hh[3:], single, [0.01, 0.02, 0.03], topology=([0, 9, 9], [6, 0, 0]), state="m", e_rev=0.0),
    ]
    spikes = [SpikeMonitor(one) for one in (hh, single, wb)]
    others = [
        Projection(hh, wb, weight=5.0, probability=0.5, delay=1e-3),
        PoissonInput(13, 500.0, 60.0),
        StepCurrent(0.0, 1.0, 8.0, target=single),
        StepCurrent(0.0, 1.0, [0.5, 1.0, 1.5], target=wb),
    ]
    return Network(hh, single, wb, *couplings, *others, *spikes, seed=5)


def run_of_all_kinds(net, parts=(0.03,), threads=(1,)):
    for k, part in enumerate(parts):
        net.run(part, DT, threads=threads[k % len(threads)])
    return spikes_and_states(net, net.monitors if net._comm.rank == 0 else ())


@pytest.fixture(scope="module")
def alone():
    net = of_all_kinds()
    found = run_of_all_kinds(net)
    assert all(monitor.count > 2 for monitor in net.monitors)
    return found, [one.matrix() for one in net.couplings]


@pytest.mark.parametrize(
    ("ranks", "parts", "threads"),
    [
        (1, (0.03,), (3,)),
        (1, (0.0101, 0.0, 0.0199), (2, 1)),
        (2, (0.03,), (1,)),
        (3, (0.0001, 0.0299), (2, 3)),
        (4, (0.03,), (1,)),
        (5, (0.02, 0.01), (1, 2)),
    ],
)
@pytest.mark.parametrize("in_kernels", [True, False])
def test_bits_do_not_depend_on_ranks_threads_and_cuts(alone, ranks, parts, threads, in_kernels):
    def program(connect):
        net = connect(of_all_kinds()) if ranks > 1 else of_all_kinds()
        if ranks > 1:
            net._comm.always_in_kernels = in_kernels
        return run_of_all_kinds(net, parts, threads)

    if ranks > 1 or in_kernels:
        assert same(program(None) if ranks == 1 else on_ranks(ranks, program), alone[0])


@pytest.mark.parametrize("ranks", [2, 5])
def test_rows_are_the_same_on_any_ranks(alone, ranks):
    def program(connect, rank):
        net = connect(of_all_kinds())
        net.run(0.0, DT, threads=1)
        return [one.matrix() for one in net.couplings]

    for parts, whole in zip(zip(*on_each_rank(ranks, program), strict=True), alone[1], strict=True):
        assert_same(scipy.sparse.vstack(parts, format="csr"), whole)


def test_every_coupling_of_the_network_matters(alone):
    whole = of_all_kinds()
    for left_out in whole.couplings:
        net = of_all_kinds()
        net._description.couplings.remove(net.couplings[whole.couplings.index(left_out)])
        assert not same(run_of_all_kinds(net), alone[0]), left_out


def test_checkpoint_of_four_ranks_goes_on_on_one(alone, tmp_path):
    def save(connect):
        net = connect(of_all_kinds())
        net.run(0.01, DT, threads=1)
        net.save(tmp_path / "a")

    on_ranks(4, save)
    net = of_all_kinds()
    net.restore(tmp_path / "a")
    assert same(run_of_all_kinds(net, (0.02,)), alone[0])


def test_reset_begins_anew(alone):
    net = of_all_kinds()
    net.run(0.0123, DT)
    net.reset()
    assert same(run_of_all_kinds(net), alone[0])
