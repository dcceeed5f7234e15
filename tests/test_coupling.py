"""Gap junctions and graded synapses: exact solutions, the naive simulator, the same bits however divided."""

import naive
import numpy as np
import pytest
import scipy.sparse
from builders import E_L, G_L, PASSIVE, cells
from networks import as_naive, same, spikes_and_states
from ranks import on_each_rank, on_ranks
from scipy.integrate import solve_ivp
from scipy.linalg import expm
from wiring import assert_same

from neurocore_nb import (
    STDP,
    GapJunction,
    GradedRelease,
    GradedSynapse,
    HodgkinHuxleyNeuron,
    Network,
    Normal,
    NumericalError,
    PoissonInput,
    Population,
    Projection,
    SpikeMonitor,
    StateMonitor,
    StepCurrent,
    Uniform,
    WangBuzsakiNeuron,
)
from neurocore_nb.engine.comm import SerialComm

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
        Projection(hh, wb, weight=5.0, probability=0.5, delay=1e-3, plasticity=STDP()),
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


@pytest.mark.filterwarnings("ignore:.* isn't part of the network:UserWarning")
def test_nothing_happens_where_nobody_takes_part():
    def run(connect, coupled):
        group, empty = cells(4), cells(0, "empty")
        couplings = [
            GapJunction(group[2:2], group, 0.1), GapJunction(empty, empty, 0.1), GapJunction(group, group, 0.1, 0.0),
            GradedSynapse(empty, group, 0.1, state="n", e_rev=0.0), GapJunction(group, group, 0.1, topology=([], [])),
        ]  # fmt: skip
        net = connect(Network(group, empty, *couplings[: 5 * coupled], StepCurrent(0.0, 1.0, 10.0)))
        net.run(5e-3, DT, threads=1)
        return spikes_and_states(net)

    alone = run(lambda net: net, coupled=True)
    np.testing.assert_allclose(alone[0], run(lambda net: net, coupled=False)[0], rtol=1e-12)
    assert same(on_ranks(6, lambda connect: run(connect, coupled=True)), alone)


def test_states_that_are_set_act_at_once():
    """What was set is what the others feel, without the step from what was before."""

    def pair(v):
        return cells(2, params=PASSIVE, initial={"v": v}, max_step=1.0)

    start = E_L + np.array([20.0, -10.0])
    one, other = pair(E_L), pair(start)
    nets = [Network(both, GapJunction(both, both, 0.2, topology=([0], [1]))) for both in (one, other)]
    nets[0].run(3e-3, DT)
    nets[0].set(one, {"v": start})
    for net in nets:
        net.run(2e-3, DT)
    np.testing.assert_array_equal(nets[0].get(one, "v"), nets[1].get(other, "v"))


def test_states_that_are_set_are_felt_on_all_ranks():
    def program(connect):
        net = connect(of_all_kinds())
        hh = net.populations[0]
        net.run(0.0051, DT, threads=1)
        net.set(hh[3:8], {"v": Uniform(-80.0, -40.0), "m": 0.5})
        return run_of_all_kinds(net, (0.0049,))

    def connect(net):
        net._comm = SerialComm()
        return net

    assert same(on_ranks(3, program), program(connect))


def test_an_error_on_one_rank_is_raised_on_all_and_a_new_trial_is_as_ever(alone):
    def program(connect, rank):
        net = connect(of_all_kinds())
        net.run(0.005, DT, threads=1)
        net.set(net.populations[2][:1], {"v": 1e300})
        with pytest.raises(NumericalError, match="'wb', neuron 0"):
            net.run(0.025, DT, threads=1)
        net.reset()
        return run_of_all_kinds(net)

    assert same(on_each_rank(3, program)[0], alone[0])


# ---- exact solutions -------------------------------------------------------------------------------------------------


def passive_pair(dt, duration=2e-3, **options):
    """Potentials of two passive cells, 30 mV apart at the start, that a junction of 0.2 mS/cm2 couples."""
    pair = cells(2, params=PASSIVE, initial={"v": E_L + np.array([20.0, -10.0])}, max_step=1.0)
    net = Network(pair, GapJunction(pair, pair, 0.2, topology=([0], [1]), **options))
    net.run(duration, dt, threads=1)
    return net.get(pair, "v")


def exact_pair(forward, backward, duration_ms=2.0):
    """The same by the matrix exponential: a conductance for the current into each cell."""
    rates = np.array([[-G_L - backward, backward], [forward, -G_L - forward]])
    return E_L + expm(rates * duration_ms) @ np.array([20.0, -10.0])


def orders(errors):
    """Of convergence, at each halving of the step."""
    return np.log2(np.array(errors[:-1]) / np.array(errors[1:]))


STEPS = 1e-4 / 2.0 ** np.arange(5)


def test_passive_pair_converges_to_the_exact_solution_with_second_order():
    errors = [np.abs(passive_pair(dt) - exact_pair(0.2, 0.2)).max() for dt in STEPS]
    assert errors[-1] < 1e-5
    assert (orders(errors) > 1.95).all()
    assert orders(errors)[-1] < 2.3


@pytest.mark.parametrize(("options", "forward", "backward"), [
    ({"symmetric": False}, 0.2, 0.0),
    ({"rectification": 1.0}, 0.2, 0.2),  # the source's potential is the higher one
    ({"rectification": 0.4, "symmetric": False}, 0.2, 0.0),
])  # fmt: skip
def test_junctions_of_one_way_and_rectifying_ones_are_exact_too(options, forward, backward):
    assert passive_pair(1e-6, **options) == pytest.approx(exact_pair(forward, backward), abs=2e-5)


@pytest.mark.parametrize("rectification", [0.0, 0.3, 1.0])
def test_charge_is_conserved(rectification):
    # Of passive cells, the sum of all potentials decays as if there were no junctions.
    rng = np.random.default_rng(2)
    v = E_L + rng.uniform(-30.0, 30.0, 20)
    drift = []
    for dt in STEPS[:4]:
        group = cells(20, params=PASSIVE, initial={"v": v}, max_step=1.0)
        net = Network(group, GapJunction(group, group, Uniform(0.0, 0.05), 0.5, rectification=rectification))
        net.run(2e-3, dt, threads=1)
        left = net.get(group, "v")
        drift.append(abs((left - E_L).sum() - (v - E_L).sum() * np.exp(-2.0 * G_L)))
    assert np.abs(left - E_L - (v - E_L) * np.exp(-2.0 * G_L)).max() > 1.0
    assert drift[-1] < 2e-3  # mV in all
    assert drift[0] > 20.0 * drift[-1]  # it vanishes with dt, by second order or nearly so


def test_rectifying_junction_conducts_less_backwards():
    # The junction from 0 onto 1 conducts with 0.4 of its conductance while the potential of 0 is the lower one.
    pair = cells(2, params=PASSIVE, initial={"v": E_L + np.array([20.0, -10.0])}, max_step=1.0)
    net = Network(pair, GapJunction(pair, pair, 0.2, topology=([1], [0]), rectification=0.6))
    net.run(2e-3, 1e-6, threads=1)
    assert net.get(pair, "v") == pytest.approx(exact_pair(0.08, 0.08), abs=2e-5)


# ---- graded synapses -------------------------------------------------------------------------------------------------


def wang_buzsaki(t, y, current, weight, e_rev):
    """The equations of two cells that inhibit each other, as published."""
    v, h, n, s = y.reshape(4, 2)
    alpha_m, beta_m = 0.1 * (v + 35.0) / (1.0 - np.exp(-(v + 35.0) / 10.0)), 4.0 * np.exp(-(v + 60.0) / 18.0)
    alpha_h, beta_h = 0.07 * np.exp(-(v + 58.0) / 20.0), 1.0 / (1.0 + np.exp(-(v + 28.0) / 10.0))
    alpha_n, beta_n = 0.01 * (v + 34.0) / (1.0 - np.exp(-(v + 34.0) / 10.0)), 0.125 * np.exp(-(v + 44.0) / 80.0)
    m = alpha_m / (alpha_m + beta_m)
    membrane = -35.0 * m**3 * h * (v - 55.0) - 9.0 * n**4 * (v + 90.0) - 0.1 * (v + 65.0)
    synaptic = weight * s[::-1] * (v - e_rev)
    release = 12.0 / (1.0 + np.exp(-v / 2.0)) * (1.0 - s) - 0.1 * s
    gates = 5.0 * (alpha_h * (1.0 - h) - beta_h * h), 5.0 * (alpha_n * (1.0 - n) - beta_n * n)
    return np.concatenate([membrane - synaptic + current, *gates, release])


@pytest.mark.parametrize("substeps", [1, 5])
def test_graded_synapses_converge_to_the_solution_of_the_equations_with_second_order(substeps):
    # Cell 1 fires twice and inhibits cell 0, which is silent and so shows what the coupling does.
    current, weight, e_rev, duration = np.array([1.0, 3.0]), 0.5, -75.0, 13.0
    start = np.repeat([-65.0, 0.8045789773, 0.0825536303, 0.0], 2)
    solved = solve_ivp(
        wang_buzsaki, (0.0, duration), start, "DOP853", args=(current, weight, e_rev), rtol=1e-11, atol=1e-12
    )
    errors = []
    for dt in 2.5e-5 / 2.0 ** np.arange(4):
        pair = interneurons(2, max_step=dt * 1e3 / substeps)
        inhibition = GradedSynapse(pair, pair, weight, topology=([0, 1], [1, 0]), state="s_gaba", e_rev=e_rev)
        spikes = SpikeMonitor(pair)
        net = Network(pair, inhibition, StepCurrent(0.0, 1.0, current), spikes)
        net.run(duration * 1e-3, dt, threads=1)
        np.testing.assert_array_equal(spikes.i, [1, 1])
        errors.append(abs(net.get(pair, "v")[0] - solved.y[0, -1]))
    assert errors[-1] < 1e-4
    assert 1.8 < orders(errors)[-2:].mean() < 2.2


def test_transmitter_rises_and_falls_as_its_equation_says():
    """At a fixed potential, s tends to its steady state exactly, whatever the substep."""
    held = {"g_na": 0.0, "g_k": 0.0, "g_l": 1e3, "e_l": 3.0}
    cell = Population(HodgkinHuxleyNeuron, 1, held, receptors={"x": GradedRelease(beta=0.5)}, initial={"v": 3.0})
    net = Network(cell)
    net.run(2e-3, 1e-3)
    opening = 12.0 / (1.0 + np.exp(-1.5))
    expected = opening / (opening + 0.5) * (1.0 - np.exp(-2.0 * (opening + 0.5)))
    assert net.get(cell, "s_x")[0] == pytest.approx(expected, rel=1e-12)


def test_summed_conductance_is_never_negative():
    source, target = cells(1, "source"), cells(2, "target", params=PASSIVE, initial={"v": E_L}, max_step=1.0)
    negative = GradedSynapse(source, target[:1], 1.0, topology="one_to_one", state="v", e_rev=0.0)
    positive = GradedSynapse(source, target[1:], 1.0, topology="one_to_one", state="h", e_rev=0.0)
    net = Network(source, target, negative, positive)
    net.run(5e-3, DT)
    v = net.get(target, "v")
    assert v[0] == pytest.approx(E_L, abs=1e-12)
    assert v[1] > E_L + 10.0


# ---- the naive simulator ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_random_networks_do_what_the_naive_simulator_does(seed):
    rng = np.random.default_rng(seed)
    one = cells(7, "one", initial={"v": rng.uniform(-70.0, -55.0, 7)}, max_step=0.05)
    two = cells(5, "two", initial={"v": rng.uniform(-70.0, -55.0, 5)}, max_step=0.1)
    couplings = [
        GapJunction(one, one, Uniform(0.0, 0.3), probability=0.5, rectification=rng.choice([0.0, 0.6])),
        GapJunction(one[1:6], two, Normal(0.1, 0.05, low=0.0), probability=0.6, rectification=rng.choice([0.0, 1.0])),
        GapJunction(two[:3], two[1:], 0.1, topology="all_to_all", symmetric=bool(seed)),
        GapJunction(two, one, 0.2, probability=0.3, symmetric=False, rectification=0.5),
        GradedSynapse(one, two, 0.5, probability=0.4, state="n", e_rev=-80.0),
        GradedSynapse(two, two, 0.5, probability=0.4, state="m", e_rev=20.0),
    ]
    drives = [PoissonInput(7, 400.0, 90.0, target=one), StepCurrent(1e-3, 0.02, 12.0, target=two)]
    spikes = [SpikeMonitor(one), SpikeMonitor(two)]
    net = Network(one, two, *couplings, *drives, Projection(one, two, 20.0, 0.3), *spikes, seed=seed)
    description = as_naive(net, 250, DT)
    expected, states = naive.simulate(**description)
    assert naive.simulate(**description | {"junctions": ()})[0] != expected
    net.run(0.025, DT, threads=2)
    for monitor, theirs in zip(spikes, expected, strict=True):
        assert monitor.count > 3
        t, i = np.array(theirs).T
        np.testing.assert_array_equal(monitor.i, i)
        np.testing.assert_allclose(monitor.t, t, rtol=0, atol=1e-9)
    for population, theirs in zip(net.populations, states, strict=True):
        for name, found in net.get_states()[population.label].items():
            np.testing.assert_allclose(found, theirs[name], rtol=1e-7, atol=1e-7, err_msg=name)


# ---- networks that are known -----------------------------------------------------------------------------------------


def coherence(spikes, begin, end, bin_width):
    """Mean over pairs of the part of spikes in the same bins, as Wang and Buzsaki 1996 define it."""
    n, n_bins = spikes.population.n, round((end - begin) / bin_width)
    trains = np.zeros((n, n_bins))
    inside = (spikes.t > begin) & (spikes.t < end)
    trains[spikes.i[inside], ((spikes.t[inside] - begin) / bin_width).astype(int).clip(0, n_bins - 1)] = 1.0
    norm = np.sqrt(trains.sum(axis=1))
    return ((trains @ trains.T) / np.outer(norm, norm))[np.triu_indices(n, 1)].mean()


def test_network_of_wang_and_buzsaki_becomes_synchronous():
    group = interneurons(100, initial={"v": Uniform(-68.0, -55.0)})
    inhibition = GradedSynapse(
        group, group, 0.1 / 99, topology="all_to_all", autapses=False, state="s_gaba", e_rev=-75.0
    )
    spikes = SpikeMonitor(group)
    net = Network(group, inhibition, StepCurrent(0.0, 1.0, 1.0), spikes, seed=1)  # by some seeds it takes 0.7 s
    net.run(0.5, DT, threads=1)
    assert 34.0 < spikes.count / 100 / 0.5 < 40.0  # Hz, in the gamma range as published
    assert coherence(spikes, 0.0, 0.1, 2.5e-3) < 0.4
    assert coherence(spikes, 0.4, 0.5, 2.5e-3) > 0.95


@pytest.mark.parametrize("weight", [0.0, 0.3])
def test_ring_of_cells_with_different_phases_synchronises(weight):
    ring = cells(8, initial={"v": np.linspace(-75.0, -50.0, 8)}, max_step=0.05)
    junctions = GapJunction(ring, ring, weight, topology=(np.arange(8), np.roll(np.arange(8), -1)))
    spikes, traces = SpikeMonitor(ring), StateMonitor(ring, "v")
    Network(ring, junctions, StepCurrent(0.0, 1.0, 10.0), spikes, traces).run(0.3, DT, threads=1)
    assert spikes.count > 100
    spread = np.ptp(traces.traces["v"], axis=1)  # mV, between the cells
    late = spread[-500:].max()
    assert late < 2.0 if weight else late > 90.0
