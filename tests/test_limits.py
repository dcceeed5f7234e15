"""Numbers near and beyond 2**31, and sums near the end of the exact range, without the memory of such networks.

Files with holes stand for large arrays: what is never written takes no place, on disk or in memory.
"""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ranks import on_ranks
from scipy import stats

from neurocore_nb import (
    LIFNeuron,
    Network,
    Normal,
    NumericalError,
    PoissonInput,
    PoissonPopulation,
    Population,
    Projection,
    SpikeMonitor,
    SpikeSource,
    Uniform,
)
from neurocore_nb.engine.build import Block, Synapses
from neurocore_nb.engine.procedural import ProceduralBlock
from neurocore_nb.kernels import connect
from neurocore_nb.kernels.bernoulli import distances, draw_bernoulli, new_bernoulli_scratch
from neurocore_nb.kernels.deliver import BEYOND, LIMIT, deliver
from neurocore_nb.kernels.poisson import most_events
from neurocore_nb.kernels.rows import draw_row, lend, new_scratch, take_back
from neurocore_nb.synapses.quantum import exact_limit, most_of

MS = 1e-3
FAR = 2**31 + 5  # a place beyond what 32 bits can tell
MOST = 2**31 - 1  # neurons
KEY = np.uint64(7)


@pytest.fixture
def with_hole(tmp_path):
    """Makes an array of which only the end holds anything."""

    def make(begin, values):
        values = np.asarray(values)
        path = tmp_path / str(len(list(tmp_path.iterdir())))
        array = np.memmap(path, values.dtype, "w+", shape=(begin + len(values),))
        array[begin:] = values
        return array

    return make


# ---- synapses of a rank --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("weights", [0.5, np.array([0.5, -0.25, 2.0, 1.0], np.float32), np.array([0.5, 1.0, 2.0, 4.0])])
@pytest.mark.parametrize("delays", [3, np.array([0, 2, 1, 2], np.uint8), np.array([3, 0, 0, 1], np.uint32)])
@pytest.mark.parametrize("limit", [0.0, 1e9])
def test_rows_beyond_the_2_31st_synapse_are_delivered(with_hole, weights, delays, limit):
    targets = np.array([0, 2, 2, 4], np.uint32)
    small = Block(np.array([0, 0, 4]), None, targets, weights, delays)
    large = Block(
        np.array([0, FAR, FAR + 4]),
        None,
        with_hole(FAR, targets),
        with_hole(FAR, weights) if isinstance(weights, np.ndarray) else weights,
        with_hole(FAR, delays) if isinstance(delays, np.ndarray) else delays,
    )
    assert (large.n_synapses, small.n_synapses) == (FAR + 4, 4)
    assert large.nbytes >= 4 * FAR
    assert large.sources_with_synapses().tolist() == [0, 1]
    rings = np.zeros((2, 1, 5, 6))
    for ring, block in zip(rings, (small, large), strict=True):
        table = block.table_row(0, 10, 2)[None]
        table[0, LIMIT] = np.float64(limit).view(np.int64)
        deliver(ring, 2**40, np.array([[11, 12, 11], [0, 0, 1]], np.int32), table)
        assert table[0, BEYOND] == 0
    assert np.abs(rings[0]).sum() > 0.0
    np.testing.assert_array_equal(*rings)


def test_numbers_of_synapses_beyond_the_2_31st(with_hole):
    targets = np.array([3, 3, 5, 9], np.uint32)
    expected, found = np.empty(4), np.empty(3)
    connect.synapse_uniforms(KEY, np.array([0, 0, 4]), targets, 1, 0, expected)
    connect.synapse_uniforms(KEY, np.array([0, FAR, FAR + 4]), with_hole(FAR, targets), 1, FAR + 1, found)
    np.testing.assert_array_equal(found, expected[1:])


RULES = {
    "all_to_all": (lambda *out: connect.all_to_all(0, 2**16, 0, 0, *out), 2**16, 2**32 - 2**16),
    "fixed_indegree": (lambda *out: connect.fixed_indegree(KEY, 2**20, 0, 2**12, 0, 0, *out), 3, 2**32),
    "given_outdegrees": (
        lambda *out: connect.given_outdegrees(
            KEY, np.array([2**31, 7, 2**31]), 1, True, 0, 1, connect.NO_AUTAPSE_RULE, 0, *out
        ),
        3,
        2**32 + 7,
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_rules_count_on_where_there_is_no_room(rule):
    draw, n_source, expected = RULES[rule]
    indptr, targets = np.zeros(n_source + 1, np.int64), np.full(8, 77, np.uint32)
    assert draw(indptr, targets[:7]) == expected
    assert targets[7] == 77
    if rule in ("all_to_all", "given_outdegrees"):
        assert indptr[-1] == expected
        assert (np.diff(indptr) >= 0).all()


def test_report_of_synapses_that_nobody_could_store():
    cells = Population(LIFNeuron, 10**6)
    for options in (
        {"probability": 0.5},
        {"topology": "all_to_all"},
        {"topology": "fixed_outdegree", "outdegree": 10**6},
    ):
        projection = Projection(cells, cells, weight=1.0, storage="procedural", **options)
        block = ProceduralBlock(projection, KEY, 0, 10**6, 0, 0, 1.0, 0)
        assert block.n_synapses == pytest.approx(projection.mean_indegree() * 1e6, rel=1e-5)
        assert block.n_synapses > 2**38


def test_more_synapses_than_memory_are_a_memory_error():
    cells = Population(LIFNeuron, MOST)
    synapses = Synapses(Projection(cells[:9000], cells, weight=1.0), 1, 0, MS, 1.0, (0, MOST))
    with pytest.raises(MemoryError):
        synapses.build_rows(0, MOST)  # 70 TiB


# ---- neurons of the network ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2**30])
def test_more_neurons_than_ids_are_refused(n):
    others = [PoissonPopulation(size, 0.0) for size in (2**30, 2**30 - 1)]
    Network(*others)
    with pytest.raises(ValueError, match=f"at most {MOST} neurons"):
        Network(*[PoissonPopulation(one.n, 0.0) for one in others], PoissonPopulation(n, 0.0))


@pytest.mark.parametrize("indices", [[2**31], [2**32 + 1], [-(2**31)]])
def test_indices_that_32_bits_would_cut_off_are_refused(indices):
    source, cells = SpikeSource([], [], n=MOST - 1), Population(LIFNeuron, 1)
    with pytest.raises(ValueError, match="pre"):
        Projection(source, cells, weight=1.0, topology=(np.array(indices, np.int64), np.array([0])))


def spikes_and_states(connect, first):
    """Of five cells whose ids, and those of the three neurons that excite them, follow ``first`` others."""
    source = SpikeSource([MS, 2 * MS, 3 * MS, 3 * MS], np.array([0, 2, 1, 2]) + first, n=first + 3)
    cells, drivers = Population(LIFNeuron, 5), source[first:]
    seen = [SpikeMonitor(drivers), SpikeMonitor(cells)]
    to_cells = Projection(drivers, cells, weight=20000.0, probability=0.8, delay=MS)
    among = Projection(cells, cells[1:], weight=-300.0, topology="fixed_outdegree", outdegree=2, storage="procedural")
    net = connect(Network(source, cells, to_cells, among, *seen, seed=3))
    net.run(8 * MS, 0.5 * MS, threads=2, exchange="all")
    states = [one.tolist() for one in net.get_states()[cells.label].values()]
    if net._comm.rank != 0:
        return [], states
    return [array.tolist() for one in seen for array in (one.t, one.i)], states


@pytest.mark.parametrize("ranks", [1, 2, 3])
def test_neurons_with_the_last_ids_behave_as_any(ranks):
    expected = spikes_and_states(lambda net: net, 0)
    assert all(expected[0])
    program = (lambda first: spikes_and_states(lambda net: net, first)) if ranks == 1 else (
        lambda first: on_ranks(ranks, lambda connect: spikes_and_states(connect, first))
    )  # fmt: skip
    assert program(MOST - 8) == expected


@pytest.mark.parametrize("p", [1e-6, 1e-4, 0.01, 0.3, 0.9])
def test_random_targets_with_the_last_indices(p):
    n = min(10**6, round(30 / p))
    scale, size = distances(p)

    def draw(begin, end):
        starts, targets = np.empty(3, np.int64), np.empty(400 + n, np.uint32)
        sources = np.array([0, MOST - 1])
        count = draw_bernoulli(KEY, scale, size, sources, begin, end, 0, 0, new_bernoulli_scratch(), starts, targets)
        assert starts[2] == count
        return targets[: starts[1]].tolist(), targets[starts[1] : count].tolist()

    for whole, low, high in zip(
        draw(MOST - n, MOST), draw(MOST - n, MOST - n // 3), draw(MOST - n // 3, MOST), strict=True
    ):
        assert whole == low + high == sorted(set(whole))
        assert all(MOST - n <= target < MOST for target in whole)
        assert abs(len(whole) - n * p) < 6.0 * math.sqrt(n * p) + 1.0
    assert MOST - 1 not in draw(MOST - n, MOST)[1]  # itself


@pytest.mark.parametrize("multapses", [True, False])
@pytest.mark.parametrize("count", [1, 200, 300, 5000])
def test_targets_of_given_number_with_the_last_indices(count, multapses):
    def draw(begin, end):
        memory, out = new_scratch(), np.empty(count, np.uint32)
        arguments = np.int64(3), count, MOST, MOST - 1, np.bool_(multapses), begin, end, 0
        found = draw_row(KEY, *arguments, lend(memory), out, np.int64(0))
        take_back(memory)
        return out[:found].tolist()

    whole, middle = draw(0, MOST), MOST - 2**29
    assert whole == draw(0, middle) + draw(middle, MOST)
    assert len(whole) == count
    assert sorted(whole) == whole
    assert max(whole) < MOST - 1
    if count > 100:
        assert whole[-1] > 2**31 - 2**26
        assert whole[0] < 2**26


# ---- sums at a receptor --------------------------------------------------------------------------------------------


@settings(max_examples=100, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6), stored=st.booleans(), many=st.integers(1, 40))
def test_sums_are_exact_or_noted(seed, stored, many):
    """Against fractions, in any order of the spikes."""
    rng = np.random.default_rng(seed)
    limit = 2.0**53
    weights = rng.integers(-(2**50), 2**50, 6).astype(np.float64)
    block = Block(np.array([0, 2, 4, 6]), None, np.array([0, 1, 0, 1, 0, 1], np.uint32), weights, 0)
    if not stored:
        block.weights, block._function = weights[0], Block(block.indptr, None, block.targets, 0.5, 0)._function
    table = block.table_row(0, 0, 3)[None]
    table[0, LIMIT] = np.float64(limit).view(np.int64)
    spikes = np.stack([rng.integers(0, 3, many), np.zeros(many, np.int64)]).astype(np.int32)
    ring = np.zeros((1, 1, 3))
    deliver(ring, 0, spikes, table)
    sums, largest = [Fraction(0)] * 3, Fraction(0)
    for source in spikes[0]:
        for k in (2 * source, 2 * source + 1):
            sums[block.targets[k]] += Fraction(float(np.broadcast_to(block.weights, 6)[k]))
            largest = max(largest, abs(sums[block.targets[k]]))
    assert (table[0, BEYOND] != 0) == (largest >= limit)
    if largest < limit:
        assert [Fraction(one) for one in ring[0, 0].tolist()] == sums


def hub(connect, n_spikes, weights):
    """A cell onto which two sources have weights of one sign and a third of the other; all arrive in one step.

    On one rank the third comes in between, on others at the end: it fires in the first step, with the longer delay.
    """
    source = SpikeSource([[0.5 * MS] * n_spikes, [1.5 * MS] * n_spikes, [0.5 * MS] * n_spikes, []])
    cell = Population(LIFNeuron, 1, label="cell")
    given = {"delay": [2 * MS, MS, 2 * MS], "weight_dtype": "float64", "topology": ([0, 1, 2], [0, 0, 0])}
    net = connect(Network(source, cell, Projection(source, cell, weight=weights, **given)))
    net.run(5 * MS, MS, threads=1)
    return net.get_states()["cell"]["v"][0].hex()


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_sums_on_the_way_that_are_not_exact_are_an_error(sign):
    """On two ranks twice the sum of one rank is reached, though all sums that are taken are small."""
    weight = sign / 300.0
    weights = [weight, weight, -weight + weight / 1024.0]

    def alone(n_spikes):
        return hub(lambda net: net, n_spikes, weights)

    def on_two(n_spikes):
        return on_ranks(2, lambda connect: hub(connect, n_spikes, weights))

    assert alone(1000) == on_two(1000)
    assert alone(2000) != alone(1000)
    with pytest.raises(NumericalError, match="neuron 0: the weights that arrived in one step, or some of them, sum to"):
        on_two(2000)


def looked_at(*objects, dt=0.1 * MS, threads=2):
    """For each projection, below which number each sum must be on the way; 0 if they aren't looked at."""
    net = Network(*objects)
    net.run(0.0, dt, threads=threads)
    limits = {}
    for population, membranes in net._simulation.membranes.items():
        for p, (synapses, _) in enumerate(membranes.synapses):
            [limit] = set(membranes._blocks[:, p, LIMIT].view(np.float64).tolist())
            quanta = net._description.quanta(population, dt)
            quantum = quanta[population.receptor_index(synapses.projection.receptor, "")]
            assert limit in (0.0, exact_limit(quantum))
            limits[synapses.projection] = limit
    return [limits[one] for one in objects if isinstance(one, Projection)]


@pytest.mark.parametrize("other", [None, -1e-6])
@pytest.mark.parametrize("n_spikes", [1, 5000])
def test_only_receptors_of_both_signs_that_many_can_reach_are_looked_at_on_the_way(other, n_spikes):
    """Where all weights have one sign the largest sum is the last."""
    source, cells = SpikeSource([[MS] * n_spikes]), Population(LIFNeuron, 2)
    objects = [Projection(source, cells, weight=1.0)]
    if other is not None:
        objects.append(PoissonInput(2, rate_hz=1.0, weight=other))
    [limit] = looked_at(source, cells, *objects)
    assert (limit != 0.0) == (other is not None and n_spikes > 1)


WIRINGS = {
    "random": {"probability": 0.1},
    "sparse": {"probability": 0.002},
    "all_to_all": {"topology": "all_to_all"},
    "one_to_one": {"topology": "one_to_one"},
    "fixed_indegree": {"topology": "fixed_indegree", "indegree": 60},
    "fixed_outdegree": {"topology": "fixed_outdegree", "outdegree": 60},
    "fixed_total": {"topology": "fixed_total", "total": 5000, "multapses": False},
    "explicit": {"topology": (np.arange(400).repeat(3), np.arange(1200) % 399)},
}


@pytest.mark.parametrize("model", ["LIFNeuron", "HodgkinHuxleyNeuron", "AdExNeuron"])
@pytest.mark.parametrize("wiring", WIRINGS)
def test_ordinary_networks_are_not_looked_at(model, wiring):
    excitatory, inhibitory = (Population(model, 400) for _ in range(2))
    poisson = PoissonPopulation(400, 20.0)
    stored = {"storage": "stored" if wiring.startswith("fixed") or wiring == "explicit" else "procedural"}
    objects = [
        Projection(excitatory, excitatory, weight=0.1, **WIRINGS[wiring]),
        Projection(inhibitory, excitatory, weight=-0.5, **WIRINGS[wiring], **stored),
        Projection(poisson, excitatory, weight=0.1, **WIRINGS[wiring], delay=10 * MS),
        Projection(excitatory, inhibitory, weight=Normal(0.1, 0.02), **WIRINGS[wiring]),
        Projection(inhibitory, inhibitory, weight=Normal(0.1, 0.2), **WIRINGS[wiring], delay=Uniform(MS, 9 * MS)),
    ]
    drive = [PoissonInput(400, 5000.0, 0.1, target=one) for one in (excitatory, inhibitory)]
    assert looked_at(excitatory, inhibitory, poisson, *objects, *drive) == [0.0] * 5


def test_sources_that_nothing_bounds_are_looked_at():
    source, cells = PoissonPopulation(10, lambda t: 10.0), Population(LIFNeuron, 10)
    assert all(looked_at(source, cells, *(Projection(source, cells, weight=one) for one in (1.0, -1.0))))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 10**6),
    rule=st.sampled_from(["random", "all_to_all", "fixed_indegree", "fixed_outdegree", "fixed_total", "explicit"]),
    sizes=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    density=st.sampled_from([0.05, 0.3, 1.0]),
    multapses=st.booleans(),
    autapses=st.booleans(),
)
def test_no_target_has_more_synapses_than_at_most(seed, rule, sizes, density, multapses, autapses):
    cells = Population(LIFNeuron, 80)
    parts, options = (cells[: sizes[0]], cells[: sizes[1]]), {"autapses": autapses, "multapses": multapses}
    if rule == "explicit":
        rng = np.random.default_rng(seed)
        rule, options = tuple(rng.integers(0, size, 100) for size in sizes), {}
    elif rule != "all_to_all":
        options["probability"] = density * (1.0 if autapses or rule == "random" else 0.5 * (min(sizes) > 1))
    projection = Projection(*parts, weight=1.0, topology=rule, **options)
    Network(cells, projection, seed=seed).run(0.0, threads=1)
    found = np.diff(projection.matrix().indptr).max()
    assert found <= projection.most_synapses()
    if rule in ("all_to_all", "fixed_indegree") or isinstance(rule, tuple):
        assert projection.most_synapses() - found <= (not autapses)


@pytest.mark.parametrize("mean", [0.0, 0.5, 30.0, 4000.0])
def test_bounds_of_drawn_sums_lie_far_out(mean):
    """Against the binomial distribution with the largest variance, the Poisson distribution."""
    assert -140.0 < stats.poisson.logsf(most_of(mean), max(mean, 1e-9)) < -99.0 or mean < 1.0
    assert stats.poisson.logsf(most_of(mean) - 1.0, max(mean, 1e-9)) < -99.0
    assert most_events(mean) == math.floor(mean + 10.0 * math.sqrt(mean)) + 16
    assert stats.poisson.sf(most_events(mean), mean) < 2.0**-64


@pytest.mark.parametrize(
    ("make", "most"),
    [
        (lambda: SpikeSource([0.2 * MS, 0.6 * MS, MS, MS, 1.2 * MS], [0, 0, 0, 1, 1]), 3.0),
        (lambda: SpikeSource([], [], n=3), 0.0),
        (lambda: PoissonPopulation(50, np.linspace(0.0, 3000.0, 50)), 36.0),
        (lambda: PoissonPopulation(50, 20_000.0), 80.0),
        (lambda: PoissonPopulation(50, lambda t: 1e4), math.inf),
        (lambda: Population(LIFNeuron, 50, params={"t_ref": 0.0, "i_e": 1e6}), 10.0),
    ],
)
def test_no_neuron_fires_more_in_a_step_than_at_most(make, most):
    """The same on each rank, whatever part it has."""

    def program(connect):
        population = make()
        seen = SpikeMonitor(population)
        net = connect(Network(population, seen))
        net.run(20 * MS, MS, threads=1)
        [group] = net._simulation.groups.values()
        bounds = net._comm.gather_objects(group.most_spikes)
        if net._comm.rank:
            return None
        steps = np.ceil(seen.t / MS - 1e-6).astype(int)
        return bounds, np.bincount(steps * population.n + seen.i, minlength=1).max()

    bounds, found = on_ranks(3, program)
    assert bounds == [most] * 3
    assert found == most or (found < most and make().kind == "PoissonPopulation")


def chain(connect, n_spikes, cuts=(), path=None):
    """A cell to which spikes of three steps bring weights for one step, and those of a fourth take them away again.

    The longest delay comes first, so that the sum grows from interval to interval; ``cuts`` divides the run, and at
    each of them the network is saved and another restored.
    """

    def network():
        steps = [[(k + 0.5) * MS] * n_spikes for k in range(4)]
        source, cell = SpikeSource(steps), Population(LIFNeuron, 2, label="cell")
        weight = 1.0 / 300.0
        weights, delays = [weight, weight, weight, -3.0 * weight + weight / 1024.0], [3 * MS, 2 * MS, MS, 0.0]
        given = {"delay": delays, "weight_dtype": "float64", "topology": ([0, 1, 2, 3], [1, 1, 1, 1])}
        return connect(Network(source, cell, Projection(source, cell, weight=weights, **given)))

    net, before = network(), 0
    for cut in (*cuts, 7):
        net.run((cut - before) * MS, MS, threads=1)
        before = cut
        if path is not None and cut < 7:
            net.save(path)
            net = network()
            net.restore(path)
    return net.get_states()["cell"]["v"][1].hex()


CUTS = [(), (1,), (2,), (3,), (4,), (1, 2, 3, 4)]


@pytest.mark.parametrize("saved", [False, True])
@pytest.mark.parametrize("cuts", CUTS)
@pytest.mark.parametrize("ranks", [1, 2])
def test_sums_that_grow_over_intervals_and_runs_are_an_error(tmp_path, ranks, cuts, saved):
    """The spikes of two steps alone stay below the limit, 32."""

    def program(n_spikes):
        path = tmp_path / "run.ckpt" if saved else None
        return on_ranks(ranks, lambda connect: chain(connect, n_spikes, cuts, path))

    assert program(3000) == chain(lambda net: net, 3000) != chain(lambda net: net, 3001)
    with pytest.raises(NumericalError, match="neuron 1: the weights that arrived in one step, or some of them, sum to"):
        program(4000)


def test_procedural_synapses_are_looked_at_too():
    source, cells = SpikeSource([[MS] * 5000, [MS] * 5000]), Population(LIFNeuron, 1)
    objects = [
        Projection(source[k : k + 1], cells, weight=sign / 300.0, topology="all_to_all", storage="procedural")
        for k, sign in enumerate((1.0, -1.0))
    ]
    with pytest.raises(NumericalError, match="neuron 0: the weights"):
        Network(source, cells, *objects).run(3 * MS)
