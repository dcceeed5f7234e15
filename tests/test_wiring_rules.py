"""Wiring rules that are objects: against their definitions, against networkx, and in parts."""

import itertools

import naive
import networkx
import numpy as np
import pytest
from builders import cells
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from wiring import UNLIKELY, dense, drawn_in_parts, onto_itself, sheet

from neurocore_nb import (
    Blocks,
    DistanceDependent,
    GapJunction,
    Gaussian,
    Grid,
    Network,
    OfDistance,
    Projection,
    Ring,
    ScaleFree,
    SmallWorld,
    Uniform,
)
from neurocore_nb.engine.streams import WIRING, stream_key


def graph_of(projection):
    """A directed graph of a projection of neurons onto themselves."""
    return networkx.from_numpy_array(dense(projection).T, create_using=networkx.DiGraph)


def uniforms(projection, a, b, c):
    """Two numbers of the projection's wiring, by the naive generator."""
    key = int(stream_key(42, WIRING, 0))
    words = naive.philox((a, b % 2**32, b // 2**32, c), (key % 2**32, key // 2**32))
    bits = (((words[0] << 32) | words[1]) >> 12, ((words[2] << 32) | words[3]) >> 12)
    return [(2.0 * float(one) + 1.0) * 2.0**-53 for one in bits]


# ---- rings and grids -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "k"), [(3, 1), (11, 2), (12, 5), (40, 7)])
def test_a_ring_is_the_circulant_graph(n, k):
    expected = networkx.to_numpy_array(networkx.circulant_graph(n, range(1, k + 1)))
    np.testing.assert_array_equal(dense(onto_itself(cells(n), Ring(k))), expected)


def near_on_grid(rule, one, other):
    """Whether two points of a lattice are neighbours, from the definition."""
    steps = [abs(a - b) for a, b in zip(one, other, strict=True)]
    around = [min(d, n - d) if turns else d for d, n, turns in zip(steps, rule.shape, rule.periodic, strict=True)]
    distance = max(around) if rule.neighbourhood == "moore" else sum(around)
    return distance <= rule.radius and (distance > 0 or rule.centre)


grids = st.lists(st.integers(1, 6), min_size=1, max_size=3).flatmap(
    lambda shape: st.builds(
        Grid, st.just(tuple(shape)), st.integers(1, 4), st.sampled_from(["von_neumann", "moore"]),
        st.tuples(*[st.booleans()] * len(shape)), st.booleans(),
    )
)  # fmt: skip


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(grids, st.integers(1, 5))
def test_grids_connect_neighbours(rule, ranks):
    points = list(itertools.product(*map(range, rule.shape)))
    expected = [[near_on_grid(rule, source, target) for source in points] for target in points]
    projection = onto_itself(cells(len(points)), rule)
    np.testing.assert_array_equal(dense(projection), expected)
    rows, columns, _ = drawn_in_parts(projection, ranks)
    np.testing.assert_array_equal(np.stack([rows, columns]), np.nonzero(expected))
    assert projection.mean_indegree() == pytest.approx(np.sum(expected) / len(points))
    of_row = len(points) // rule.shape[0]
    begin = np.arange(rule.shape[0]) * of_row
    by_row = rule.synapses_onto(projection, begin, begin + of_row) if rule.shape[0] > 1 else np.sum(expected)
    np.testing.assert_allclose(by_row, np.sum(expected, axis=1).reshape(-1, of_row).sum(axis=1))
    assert projection.most_synapses() >= np.max(np.sum(expected, axis=1))


@pytest.mark.parametrize(("shape", "periodic"), [((4, 5), False), ((4, 5), True), ((3, 4, 5), True), ((7,), False)])
def test_a_grid_is_that_of_networkx(shape, periodic):
    graph = networkx.grid_graph(shape[::-1], periodic)  # whose dimensions are the other way round
    nodes = list(itertools.product(*map(range, shape))) if len(shape) > 1 else list(range(*shape))
    expected = networkx.to_numpy_array(graph, nodelist=nodes)
    np.testing.assert_array_equal(dense(onto_itself(cells(len(nodes)), Grid(shape, periodic=periodic))), expected)


def test_between_layers_a_grid_may_have_its_centre():
    one, other = cells(12, "one"), cells(12, "other")
    found = dense(Projection(one, other, 1.0, topology=Grid((3, 4), centre=True)))
    assert found.diagonal().all()
    assert not dense(onto_itself(one, Grid((3, 4), centre=True), autapses=False)).diagonal().any()


# ---- graphs ----------------------------------------------------------------------------------------------------------


def naive_small_world(projection, k, rewiring):
    """Sources of each target."""
    n = projection.target.n
    for target in range(n):
        sources = [(target + step) % n for step in (*range(-k // 2, 0), *range(1, k // 2 + 1))]
        for j in range(k if k < n - 1 else 0):
            u, v = uniforms(projection, target, j, 0)
            attempt = 0
            while u < rewiring:
                other = [source for source in range(n) if source != target][int(v * (n - 1))]
                if other not in sources:
                    sources[j] = other
                    break
                attempt += 1
                v = uniforms(projection, target, j, attempt)[0]
        yield sources


@pytest.mark.parametrize(("n", "k", "rewiring"), [(20, 4, 0.3), (9, 6, 1.0), (13, 12, 0.5), (30, 2, 0.0)])
def test_small_worlds_are_what_their_definition_says(n, k, rewiring):
    projection = onto_itself(cells(n), SmallWorld(k, rewiring))
    expected = np.zeros((n, n), int)
    for target, sources in enumerate(naive_small_world(projection, k, rewiring)):
        expected[target, sources] += 1
    np.testing.assert_array_equal(dense(projection), expected)
    assert (expected.sum(axis=1) == k).all()
    assert expected.max() == 1


@pytest.mark.parametrize("rewiring", [0.0, 0.05, 0.2, 1.0])
def test_clustering_and_distances_of_small_worlds(rewiring):
    n, k = 1000, 10
    graph = graph_of(onto_itself(cells(n), SmallWorld(k, rewiring)))
    # Barrat and Weigt (2000), Eur Phys J B 13:547: a triangle remains if none of its three edges is replaced.
    expected = 3.0 * (k - 2) / (4.0 * (k - 1)) * (1.0 - rewiring) ** 3
    assert networkx.average_clustering(graph) == pytest.approx(expected, abs=0.02)
    steps = networkx.single_source_shortest_path_length(graph, 0)
    peer = networkx.watts_strogatz_graph(n, k, rewiring, seed=1)
    theirs = networkx.single_source_shortest_path_length(peer, 0)
    assert len(steps) == n
    assert np.mean(list(steps.values())) == pytest.approx(np.mean(list(theirs.values())), rel=0.15)


def test_what_is_rewired_comes_from_anywhere():
    n, k = 400, 20
    found = dense(onto_itself(cells(n), SmallWorld(k, 1.0)))
    around = sum(np.roll(np.array([found[t, (t + d) % n] for t in range(n)]), 0) for d in range(1, n)) / n
    assert around.shape == (n,)
    distances = [sum(found[t, (t + d) % n] for t in range(n)) for d in range(1, n)]
    far = [count for d, count in enumerate(distances, 1) if min(d, n - d) > k // 2]
    assert stats.chisquare(far).pvalue > UNLIKELY
    out = found.sum(axis=0)
    assert UNLIKELY < stats.chi2.cdf(((out - k) ** 2 / (k * (1.0 - k / n))).sum(), n) < 1.0 - UNLIKELY


def naive_attachment(projection, m):
    """Edges, as networkx makes them: from a list in which a neuron stands as often as it has edges."""
    edges = [(0, neuron) for neuron in range(1, m + 1)]
    for neuron in range(m + 1, projection.source.n):
        repeated, chosen = [end for edge in edges for end in edge], []
        for j in range(m):
            for attempt in itertools.count():
                other = repeated[int(uniforms(projection, neuron, j, attempt)[0] * len(repeated))]
                if other not in chosen:
                    chosen.append(other)
                    break
        edges += [(other, neuron) for other in chosen]
    return edges


@pytest.mark.parametrize(("n", "m"), [(40, 3), (12, 1), (5, 4), (9, 5)])
def test_scale_free_graphs_are_what_their_definition_says(n, m):
    projection = onto_itself(cells(n), ScaleFree(m))
    expected = np.zeros((n, n), int)
    for one, other in naive_attachment(projection, m):
        expected[one, other] += 1
        expected[other, one] += 1
    np.testing.assert_array_equal(dense(projection), expected)
    assert projection.mean_indegree() == pytest.approx(expected.sum() / n)


def exponent(degrees, least=20):
    """Of a power law, most likely for the degrees from ``least`` on (Clauset et al. 2009, SIAM Rev 51:661)."""
    tail = degrees[degrees >= least]
    return 1.0 + len(tail) / np.log(tail / (least - 0.5)).sum()


def test_degrees_of_scale_free_graphs_follow_a_power_law():
    n, m = 20_000, 5
    projection = onto_itself(cells(n), ScaleFree(m))
    rows, columns, _ = drawn_in_parts(projection, 3)
    degrees = np.bincount(rows, minlength=n)
    np.testing.assert_array_equal(degrees, np.bincount(columns, minlength=n))
    peer = np.array([degree for _, degree in networkx.barabasi_albert_graph(n, m, seed=2).degree()])
    assert degrees.sum() == peer.sum()
    assert degrees.min() == peer.min()
    assert exponent(degrees) == pytest.approx(3.0, abs=0.15)
    assert stats.ks_2samp(degrees, peer).pvalue > UNLIKELY
    assert degrees.max() < 5.0 * projection.largest_indegree()


def test_older_neurons_of_scale_free_graphs_are_expected_to_have_more_synapses():
    n, m = 600, 4
    projection = onto_itself(cells(n), ScaleFree(m))
    graphs = [networkx.barabasi_albert_graph(n, m, seed=k) for k in range(60)]
    degrees = np.mean([[degree for _, degree in graph.degree()] for graph in graphs], axis=0)
    borders = np.array([0, 5, 30, 200, 600])
    expected = projection.topology.synapses_onto(projection, borders[:-1], borders[1:])
    np.testing.assert_allclose(expected, np.add.reduceat(degrees, borders[:-1]), rtol=0.06)
    assert expected.sum() == pytest.approx(2 * m * (n - m))


# ---- blocks ----------------------------------------------------------------------------------------------------------

P = np.array([[0.3, 0.02, 1.0], [0.0, 0.5, 0.1]])
TARGETS, SOURCES = (150, 50), (70, 200, 30)


def block_model():
    return Projection(cells(300, "pre"), cells(200, "post"), 1.0, topology=Blocks(P, TARGETS, SOURCES))


def test_blocks_have_their_probabilities():
    projection = block_model()
    counts = sum(dense(projection, seed=seed) for seed in range(60))
    chance = np.repeat(np.repeat(P, TARGETS, axis=0), SOURCES, axis=1)
    assert (counts[chance == 0.0] == 0).all()
    assert (counts[chance == 1.0] == 60).all()
    for p in (0.02, 0.1, 0.3, 0.5):
        some = counts[chance == p]
        chi2 = ((some - 60 * p) ** 2).sum() / (60 * p * (1.0 - p))
        assert UNLIKELY < stats.chi2.cdf(chi2, len(some)) < 1.0 - UNLIKELY
    assert projection.topology.synapses_onto(projection, np.array([0]), np.array([200]))[0] == pytest.approx(
        chance.sum()
    )
    assert projection.largest_indegree() == pytest.approx(chance.sum(axis=1).max())


def test_blocks_are_independent():
    """Those of one source draw from streams of their own, also where their targets are in one piece of 24 synapses."""
    projection = onto_itself(cells(80), Blocks([[0.3, 0.3], [0.31, 0.31]], [40, 40]))
    found = np.array([dense(projection, seed=seed) for seed in range(100)])
    one, other = found[:, :40].sum(axis=1).ravel(), found[:, 40:].sum(axis=1).ravel()
    assert stats.pearsonr(one, other).pvalue > UNLIKELY


# ---- in parts --------------------------------------------------------------------------------------------------------

BY_DISTANCE = DistanceDependent(Gaussian(0.5, 0.2), (1.0, 1.0))
RULES = [
    Ring(4), SmallWorld(6, 0.3), ScaleFree(3), Grid((10, 12), 2, "moore", (True, False)),
    Blocks([[0.3, 0.1], [1.0, 0.0]], [50, 70]), BY_DISTANCE,
]  # fmt: skip
by_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


@by_rule
def test_ranks_and_threads_make_no_difference(rule):
    population = sheet(120)
    projection = onto_itself(population, rule, Uniform(0.5, 1.5))
    whole = drawn_in_parts(projection, 1)
    assert len(whole[0]) > 300
    for ranks, threads in ((2, 1), (3, 2), (4, 3), (5, 1), (1, 3)):
        for one, other in zip(drawn_in_parts(projection, ranks, threads), whole, strict=True):
            np.testing.assert_array_equal(one, other)


@by_rule
def test_parts_of_populations_are_connected_by_their_own_numbers(rule):
    alone, whole = sheet(120), cells(300, positions=np.full((300, 2), 0.5))
    whole.positions[90:210] = alone.positions
    expected = dense(onto_itself(alone, rule))
    part = whole[90:210]
    np.testing.assert_array_equal(dense(onto_itself(part, rule)), expected)
    rows, columns, _ = drawn_in_parts(onto_itself(part, rule), 4, threads=2)
    np.testing.assert_array_equal(np.stack([rows, columns]), np.nonzero(expected))


@by_rule
def test_without_autapses_the_rest_is_the_same(rule):
    expected = dense(onto_itself(sheet(120), rule))
    assert expected.diagonal().any() == isinstance(rule, Blocks | DistanceDependent)
    np.fill_diagonal(expected, 0)
    np.testing.assert_array_equal(dense(onto_itself(sheet(120), rule, autapses=False)), expected)


@pytest.mark.parametrize(
    "rule", [Ring(9), Grid((10, 8), 3), Blocks([[0.4]], [80]), BY_DISTANCE], ids=lambda rule: rule.name
)
def test_autapses_of_parts_are_judged_by_the_whole(rule):
    whole = sheet(100)
    source, target = whole[15:95], whole[5:85]
    expected = dense(Projection(source, target, 1.0, topology=rule))
    post, pre = np.mgrid[5:85, 15:95]
    assert expected[post == pre].any() == (rule.name != "ring")
    projection = Projection(source, target, 1.0, topology=rule, autapses=False)
    np.testing.assert_array_equal(dense(projection), np.where(post == pre, 0, expected))


@by_rule
def test_the_seed_decides(rule):
    one, other = (dense(onto_itself(sheet(120), rule), seed=seed) for seed in (1, 2))
    assert onto_itself(sheet(120), rule).draws == (one != other).any()


@pytest.mark.parametrize("n", [(0, 5), (5, 0), (0, 0), (1, 1)])
@pytest.mark.parametrize("rule", [Blocks, BY_DISTANCE, DistanceDependent(Gaussian(1.0, 9.0))], ids=str)
def test_hardly_any_neurons(rule, n):
    rule = Blocks([[1.0]], [n[1]], [n[0]]) if rule is Blocks else rule
    projection = Projection(sheet(n[0], "pre"), sheet(n[1], "post"), 1.0, topology=rule)
    assert dense(projection).sum() <= n[0] * n[1]
    assert projection.mean_indegree() <= projection.most_synapses() <= n[0]
    range_ = np.array([0]), np.array([n[1]])
    assert rule.synapses_onto(projection, *range_)[0] <= n[0] * n[1]
    assert rule.sources_onto(projection, *range_, 0, n[0])[0] <= n[0]


def test_what_rules_say_of_themselves():
    population = sheet(10)
    weight = OfDistance(lambda d: 1.0 - 0.1 * d, 0.5, 1.0)
    shown = {
        repr(onto_itself(population, rule, weight)).split(": ")[1].removesuffix(", weight 0.5 to 1 uA/cm2 by distance>")
        for rule in (Ring(2), SmallWorld(4, 0.1), ScaleFree(2), Blocks([[0.1, 0.2]], [10], [4, 6]), BY_DISTANCE)
    }
    assert shown == {
        "Ring(k=2)", "SmallWorld(k=4, rewiring=0.1)", "ScaleFree(m=2)", "Blocks(1 x 2, p = 0.1 to 0.2)",
        "DistanceDependent(profile=Gaussian(p=0.5, sigma=0.2), periodic=(1.0, 1.0))",
    }  # fmt: skip
    assert "in 2 dimensions" in population._repr_html_()
    assert "Ring(k=2)" in onto_itself(population, Ring(2))._repr_html_()


# ---- couplings -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", [Ring(2), ScaleFree(2), Grid((5, 8))], ids=lambda rule: rule.name)
def test_gap_junctions_by_undirected_rules_join_each_pair_once(rule):
    population = cells(40)
    gaps = GapJunction(population, population, 0.1, topology=rule)
    Network(population, gaps, seed=42).run(0.0)
    found = gaps.matrix().toarray()
    assert set(np.unique(found)) == {0.0, 0.1}
    np.testing.assert_array_equal(found, found.T)
    if rule.draws:
        assert np.count_nonzero(found) == 2 * rule.n_edges(gaps)
    else:
        np.testing.assert_array_equal(found > 0.0, dense(onto_itself(population, rule)))
