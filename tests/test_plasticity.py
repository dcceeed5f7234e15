"""Learning rules against a simulator that visits every step, however the network is divided and interrupted."""

from __future__ import annotations

import naive_plasticity as naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import run_python
from ranks import on_each_rank
from trained import DT, FOREVER, N_STEPS, RULES, Trained, assert_same, sources, trains

from neurocore_nb import (
    STDP,
    ExpCurrent,
    LIFNeuron,
    Network,
    Normal,
    NumericalError,
    Plasticity,
    PoissonInput,
    PoissonPopulation,
    Population,
    PowerLawSTDP,
    Projection,
    SpikeMonitor,
    Trace,
    TsodyksMarkram,
    Uniform,
)
from neurocore_nb.engine.membranes import Membranes

# Kernels are compiled for each rule, precision of weights and kind of delays; few of these are enough.
CASES = [*((name, (2, 2)) for name in RULES), ("additive", (0, 3)), ("additive", (0, 0)), ("reward", (0, 0))]
DTYPES = st.sampled_from([*((name, "float64") for name in RULES), ("additive", "float32")])


def delays_of(name, long):
    """Shortest and longest delay in steps; synapses of one rule have delays of their own."""
    if name == "additive":
        return (20, 30) if long else (0, 3)
    return (25, 25) if long else (2, 2)


@pytest.mark.parametrize(("name", "delays"), CASES)
def test_weights_are_those_of_a_simulator_that_visits_every_step(name, delays):
    trained = Trained(name, delays=delays).run()
    weights, arrived = trained.expected()
    assert trained.spikes.count > 60
    assert np.ptp(weights) > 0.01 or name == "short-term"
    np.testing.assert_allclose(trained.weights(), weights, rtol=1e-11)
    np.testing.assert_allclose(trained.net.get(trained.cells, "i_count"), arrived, rtol=1e-7)


@settings(max_examples=12, deadline=None)
@given(DTYPES, st.integers(0, 10**6), st.data())
def test_bits_are_the_same_however_it_is_divided(rule, seed, data):
    name, dtype = rule
    rates = dict(
        zip(("pre_rate", "post_rate"), data.draw(st.sampled_from([(20.0, 200.0), (200.0, 400.0)])), strict=True)
    )
    ranks, threads = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 3))
    cuts = sorted(data.draw(st.sets(st.integers(1, N_STEPS - 1), max_size=3)))
    looks, interval = data.draw(st.booleans()), data.draw(st.sampled_from([None, 7 * DT, 50 * DT]))
    exchange = data.draw(st.sampled_from(["all", "sparse"]))
    given = {"dtype": dtype, "delays": delays_of(name, data.draw(st.booleans()))} | rates
    whole = Trained(name, seed, **given).run(threads=1)

    def program(connect, rank):
        trained = Trained(name, seed, monitor=interval, **given)
        connect(trained.net)
        for begin, end in zip([0, *cuts], [*cuts, N_STEPS], strict=True):
            trained.run(end - begin, threads=threads if looks else 1 + begin % 3, exchange=exchange)
            if looks:
                trained.learning.matrix()
        return trained.outcome()

    assert_same(on_each_rank(ranks, program), whole.outcome())
    low, high = whole.learning.weight_range()
    assert ((low <= whole.weights()) & (whole.weights() <= high)).all()


@settings(max_examples=8, deadline=None)
@given(st.sampled_from(sorted(RULES)), st.integers(1, 4), st.integers(1, 4), st.integers(1, N_STEPS - 1), st.booleans())
def test_a_checkpoint_goes_on_with_the_same_bits_on_other_ranks(tmp_path_factory, name, before, after, step, busy):
    path = tmp_path_factory.mktemp("learning") / "run.ckpt"
    given = {"delays": delays_of(name, busy)} | ({"post_rate": 400.0} if busy else {"monitor": 20 * DT})
    whole = Trained(name, **given).run()

    def first(connect, rank):
        trained = Trained(name, **given)
        connect(trained.net)
        trained.run(step, threads=2).net.save(path)

    def second(connect, rank):
        trained = Trained(name, **given)
        connect(trained.net).restore(path)
        outcome = trained.run(N_STEPS - step).outcome()
        return *outcome, trained.monitor and rank == 0 and (trained.monitor.weights, trained.monitor.histogram)

    on_each_rank(before, first)
    found = on_each_rank(after, second)
    assert_same([one[:2] for one in found], whole.outcome())
    if not busy:
        assert np.array_equal(found[0][2][0], whole.monitor.weights)
        assert np.array_equal(found[0][2][1], whole.monitor.histogram)


def test_going_back_to_the_start_forgets_what_was_learned():
    trained = Trained("reward", monitor=50 * DT).run()
    first, recorded = trained.outcome(), trained.monitor.weights
    trained.net.reset()
    trained.net.run(0.0, dt=DT)
    assert (trained.weights() == 1.0).all()
    trained.run()
    assert_same([trained.outcome()], first)
    assert np.array_equal(trained.monitor.weights, recorded)


@pytest.mark.parametrize("name", ["additive", "reward"])
def test_recorded_weights_are_those_of_a_run_that_ends_there(name):
    trained = Trained(name, monitor=60 * DT).run()
    assert trained.monitor.t.tolist() == pytest.approx([0.0, 0.06, 0.12, 0.18, 0.24])
    for k, (weights, counts) in enumerate(zip(trained.monitor.weights, trained.monitor.histogram, strict=True)):
        other = Trained(name).run(60 * k)
        assert np.array_equal(weights, other.weights())
        assert np.array_equal(counts, np.histogram(other.weights(), np.linspace(-2.0, 2.0, 9))[0])
    assert (np.ptp(trained.monitor.weights, axis=0) > 0.0).any()


@pytest.mark.parametrize("name", ["additive", "inhibitory", "short-term"])
def test_inhibitory_weights_are_the_same_with_the_other_sign(name):
    plus, minus = Trained(name).run(), Trained(name, sign=-1.0).run()
    assert np.array_equal(plus.weights(), -minus.weights())
    assert (minus.weights() <= 0.0).all()
    counts = [one.net.get(one.cells, "i_count") for one in (plus, minus)]
    assert np.array_equal(counts[0], -counts[1])


def test_rings_that_are_too_short_grow():
    trained = Trained("triplet", delays=(60, 60), post_rate=500.0).run(threads=1)
    (block,) = trained.net._simulation.synapses[0].blocks
    assert block.arrays["RINGS"].shape[1] > block.rule.room
    np.testing.assert_allclose(trained.weights(), trained.expected()[0], rtol=1e-11)


def test_autapses_and_several_synapses_of_a_pair_learn_each_for_itself():
    rng = np.random.default_rng(3)
    n, n_steps = 3, 200
    pre = np.array([0, 0, 0, 1, 1, 2, 2, 0])
    post = np.array([0, 1, 1, 1, 2, 0, 0, 0])
    delays = np.array([0, 2, 2, 5, 1, 0, 3, 4])
    cells = Population(LIFNeuron, n, params={"t_ref": 1.0}, receptors={"count": ExpCurrent(tau=FOREVER)}, max_step=1.0)
    teacher = sources(*trains(rng, n, 100.0), n)
    rule = {"a_plus": 0.05, "a_minus": 0.02, "mu_plus": 1.0}
    learning = Projection(
        cells, cells, weight=1.0, topology=(pre, post), delay=delays * DT, plasticity=STDP(**rule), receptor="count",
        weight_dtype="float64",
    )  # fmt: skip
    spikes = SpikeMonitor(cells)
    forcing = Projection(teacher, cells, weight=1e6, topology="one_to_one")
    Network(teacher, cells, learning, forcing, spikes).run(n_steps * DT, dt=DT)
    steps = np.rint(spikes.t / DT).astype(int) - 1
    trained = [
        naive.run(
            naive.STDP(w_max=2.0, **rule), steps[spikes.i == a], steps[spikes.i == b], d, DT * 1e3, 1.0, n_steps - 1
        )
        for a, b, d in zip(pre, post, delays.tolist(), strict=True)
    ]
    found = learning.matrix()
    assert found.nnz == len(pre)
    order = np.lexsort((np.arange(len(pre)), pre, post))
    np.testing.assert_allclose(found.data, np.array(trained)[order], rtol=1e-11)
    assert np.ptp(trained) > 0.02


class Combined(Plasticity):
    """Learning, short-term depression, and a state of each synapse that counts what has happened there."""

    pre = {"x": Trace("tau")}
    states = {"count": 0.0}
    terminal = {"R": 1.0}
    parameters = {"tau": 15.0, "amount": 0.1, "used": 0.25}

    @staticmethod
    def on_pre(w, count):
        return w, count + 1.0

    @staticmethod
    def on_post(w, count, x, amount, w_max):
        return w + amount * x * (w_max - w), count + 100.0

    @staticmethod
    def release(R, h, used):
        left = 1.0 - (1.0 - R) * np.exp(-h / 100.0)
        return left * (1.0 - used), left


def test_a_rule_of_ones_own():
    rng = np.random.default_rng(4)
    steps, neurons = trains(rng, 2, 100.0)
    pre, teacher = sources(steps, neurons, 2), sources(*trains(rng, 3, 80.0), 3)
    cells = Population(LIFNeuron, 3, params={"t_ref": 1.0}, receptors={"count": ExpCurrent(tau=FOREVER)}, max_step=1.0)
    learning = Projection(
        pre, cells, weight=1.0, topology="all_to_all", plasticity=Combined(amount=0.2), receptor="count",
        weight_dtype="float64",
    )  # fmt: skip
    spikes = SpikeMonitor(cells)
    forcing = Projection(teacher, cells, weight=1e6, topology="one_to_one")
    net = Network(pre, teacher, cells, learning, forcing, spikes)
    net.run(N_STEPS * DT, dt=DT)
    posts = np.rint(spikes.t / DT).astype(int) - 1
    arrived = np.zeros(3)
    for a in range(2):
        for b in range(3):
            w, count, x, left, last = 1.0, 0.0, 0.0, 1.0, -np.inf
            for step in range(N_STEPS):
                x *= np.exp(-1.0 / 15.0)
                for _ in range(int((posts[spikes.i == b] == step).sum())):
                    w, count = min(w + 0.2 * x * (2.0 - w), 2.0), count + 100.0
                for _ in range(int((steps[neurons == a] == step).sum())):
                    count, x = count + 1.0, x + 1.0
                    available = 1.0 - (1.0 - left) * np.exp(-(step - last) / 100.0)
                    arrived[b] += w * available if step + 1 < N_STEPS else 0.0
                    left, last = 0.75 * available, step
            assert learning.matrix()[b, a] == pytest.approx(w, rel=1e-11)
            assert learning.matrix("count")[b, a] == count
    np.testing.assert_allclose(net.get(cells, "i_count"), arrived, rtol=1e-7)


@pytest.mark.parametrize("start", [0.1, 1.0])
def test_a_power_law_brings_weights_to_where_pairs_by_chance_cancel(start):
    rule = {"a_plus": 2e-3, "a_minus": 2e-3, "tau_plus": 75.0, "tau_minus": 150.0, "w_ref": 1e-3}  # pA: of no effect
    pre, teacher, cells = PoissonPopulation(40, 50.0), PoissonPopulation(40, 50.0), Population(LIFNeuron, 40)
    learning = Projection(pre, cells, start * 1e-3, topology="all_to_all", plasticity=PowerLawSTDP(w_max=1.0, **rule))
    forcing = Projection(teacher, cells, 1e6, topology="one_to_one")
    Network(pre, teacher, cells, learning, forcing).run(20.0, dt=1e-3)
    assert learning.matrix().data.mean() == pytest.approx(naive.power_law_rest(naive.PowerLawSTDP(**rule)), rel=0.05)


def test_short_term_plasticity_of_equal_weights_stores_no_weights():
    def network(weight, topology):
        pre, cells = PoissonPopulation(40, rate_hz=80.0), Population(LIFNeuron, 30, receptors={"syn": ExpCurrent()})
        rule = TsodyksMarkram(U=0.2, tau_fac=500.0)
        synapses = Projection(pre, cells, weight=weight, topology=topology, plasticity=rule, delay=2e-3, receptor="syn")
        return Network(pre, cells, synapses, seed=5), cells, synapses

    pairs = np.nonzero(np.random.default_rng(6).random((40, 30)) < 0.5)
    one, many = network(50.0, pairs), network(np.full(len(pairs[0]), 50.0), pairs)
    for net in (one[0], many[0]):
        net.run(0.2, dt=DT)
    assert np.array_equal(one[0].get(one[1], "i_syn"), many[0].get(many[1], "i_syn"))
    assert one[0].get(one[1], "i_syn").any()
    assert np.array_equal(one[2].matrix().toarray(), many[2].matrix().toarray())
    bytes_of = [net._simulation.synapses[0].nbytes for net, _, _ in (one, many)]
    assert bytes_of[1] - bytes_of[0] == 4 * len(pairs[0])


def test_memory_of_a_plastic_synapse():
    pre, cells = PoissonPopulation(500, rate_hz=10.0), Population(LIFNeuron, 500)
    onto = {"topology": "fixed_indegree", "plasticity": "stdp"}
    learning = [
        Projection(pre, cells, weight=1.0, indegree=indegree, delay=delay, **onto)
        for indegree, delay in ((40, 1e-3), (64, Uniform(1e-3, 4e-3)), (100, 1e-3), (400, Uniform(1e-3, 4e-3)))
    ]
    net = Network(pre, cells, *learning)
    net.run(0.0, dt=1e-4, threads=2)
    for synapses in net._simulation.synapses:
        assert 10.0 < synapses.nbytes / synapses.n_synapses < 17.0


@pytest.mark.filterwarnings("ignore:.* isn't part of the network:UserWarning")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_weights_never_pass_their_bounds_by_rounding(dtype, sign):
    pre, cells = PoissonPopulation(20, rate_hz=100.0), Population(LIFNeuron, 10)
    low, high = 0.1, 0.3  # of which single precision has larger neighbours only
    for rule in (STDP(a_plus=0.9, a_minus=0.0, w_max=high), STDP(a_minus=0.9, a_plus=0.0, w_min=low, w_max=high)):
        learning = Projection(
            pre, cells, sign * high, topology="all_to_all", plasticity=rule, weight_dtype=dtype, delay=1e-3
        )
        Network(pre, cells, learning, PoissonInput(10, 500.0, 1e4), seed=2).run(0.2, dt=DT)
        found = sign * learning.matrix().data
        assert low - 1e-7 < found.min() <= found.max() <= high
        assert rule.given.get("w_min", 0.0) <= found.min()
    assert found.min() == pytest.approx(low, rel=1e-6)


def test_depression_without_facilitation_also_of_two_spikes_in_a_step():
    source, cell = (
        sources([10, 10, 30], [0, 0, 0], 1),
        Population(LIFNeuron, 1, receptors={"count": ExpCurrent(tau=FOREVER)}),
    )
    synapse = Projection(source, cell, 1.0, plasticity=TsodyksMarkram(), receptor="count", weight_dtype="float64")
    net = Network(source, cell, synapse)
    net.run(0.05, dt=DT)
    _, acting = naive.run(naive.TsodyksMarkram(), [10, 10, 30], [], 0, DT * 1e3, 1.0, 49, return_acting=True)
    assert acting[1][1] == 0.25
    assert net.get(cell, "i_count")[0] == pytest.approx(sum(weight for _, weight in acting), rel=1e-7)


UNCOMPILED = """
from trained import RULES, Trained
for name in RULES:
    print(name, Trained(name).run(20, threads=1).weights().tobytes().hex())
"""


def test_plain_python_gives_the_same_bits():
    expected = [f"{name} {Trained(name).run(20, threads=1).weights().tobytes().hex()}" for name in RULES]
    assert run_python(UNCOMPILED, NUMBA_DISABLE_JIT="1").splitlines() == expected


def test_learning_starts_from_the_wiring_and_weights_of_a_projection_that_does_not_learn():
    def matrix(plasticity, steps=0, threads=1):
        pre, cells = PoissonPopulation(60, rate_hz=100.0), Population(LIFNeuron, 50)
        one = Projection(
            pre, cells, Normal(1.0, 0.3, low=0.1), topology="fixed_indegree", indegree=12, plasticity=plasticity,
            delay=Uniform(1e-3, 4e-3),
        )  # fmt: skip
        net = Network(pre, cells, one, PoissonInput(50, 500.0, 1e4), seed=3)
        net.run(steps * DT, dt=DT, threads=threads)
        learned = one.matrix()
        net.reset()
        net.run(0.0, dt=DT, threads=threads)
        return learned, one.matrix()

    fixed, _ = matrix(None)
    learned, again = matrix("stdp", 100, threads=2)
    for one in (learned, again):
        assert np.array_equal(one.indices, fixed.indices)
        assert np.array_equal(one.indptr, fixed.indptr)
    np.testing.assert_allclose(again.data, fixed.data, rtol=1e-6)
    assert (abs(learned.data - again.data) > 1e-4).mean() > 0.5


def test_what_was_learned_outlasts_a_division_into_threads_that_fails(monkeypatch):
    trained, whole = Trained("reward").run(150, threads=1), Trained("reward").run(threads=1)

    def fails(*_):
        raise MemoryError("no room")

    with monkeypatch.context() as patched:
        patched.setattr(Membranes, "set_synapses", fails)  # when all synapses are there, as they were at the start
        with pytest.raises(MemoryError):
            trained.run(10, threads=2)
    trained.run(N_STEPS - 150, threads=2)
    assert_same([trained.outcome()], whole.outcome())


class DividesByZero(Plasticity):
    post = {"y": Trace(20.0)}

    @staticmethod
    def on_pre(w, y):
        return w + (y - y) / (y - y)


def test_a_rule_that_gives_no_number_is_found():
    pre, cells = sources([10], [0], 1), Population(LIFNeuron, 1)
    learning = Projection(pre, cells, 1.0, plasticity=DividesByZero(), weight_dtype="float64")
    with pytest.raises(NumericalError, match="nan"):
        Network(pre, cells, learning).run(0.05, dt=DT)
