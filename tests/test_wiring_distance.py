"""Wiring, weights and delays that depend on distance."""

import math

import numpy as np
import pytest
from builders import cells
from ranks import on_each_rank
from scipy import stats
from scipy.spatial import cKDTree
from wiring import UNLIKELY, dense, drawn_in_parts, onto_itself, sheet

from neurocore_nb import (
    Box,
    DistanceDependent,
    Exponential,
    Gaussian,
    Network,
    OfDistance,
    PoissonPopulation,
    Projection,
    Ring,
    grid_positions,
    uniform_positions,
)
from neurocore_nb.engine.build import Synapses

BY_DISTANCE = DistanceDependent(Gaussian(0.5, 0.2), (1.0, 1.0))

# ---- distance --------------------------------------------------------------------------------------------------------

PROFILES = [Gaussian(0.7, 0.2), Exponential(0.9, 0.1), Box(0.3, 0.35), Gaussian(1.0, 5.0)]


def distances(projection, periodic=None):
    """Of all pairs, by scipy; shape (n_target, n_source)."""
    source, target = projection.source.positions, projection.target.positions
    apart = np.abs(target[:, None] - source)
    if periodic is not None:
        apart = np.minimum(apart, np.array(periodic) - apart)
    return np.linalg.norm(apart, axis=2)


@pytest.mark.parametrize("periodic", [None, 1.0])
@pytest.mark.parametrize("d", [1, 2, 3])
@pytest.mark.parametrize("profile", PROFILES, ids=str)
def test_each_pair_has_the_probability_of_its_distance(profile, d, periodic):
    rule = DistanceDependent(profile, periodic and (periodic,) * d)
    source, target = (sheet(n, label, (1.0,) * d, n) for n, label in ((23, "pre"), (300, "post")))
    projection = Projection(source, target, 1.0, topology=rule)
    chance = {  # from the definition, not from the profile's own function
        Gaussian: lambda x: profile.p * np.exp(-(x**2) / (2.0 * profile.width**2)),
        Exponential: lambda x: profile.p * np.exp(-x / profile.width),
        Box: lambda x: profile.p * (x <= profile.width),
    }[type(profile)](distances(projection, rule.periodic))
    n_draws = 40
    counts = sum(dense(projection, seed=seed) for seed in range(n_draws))
    assert (counts[chance == 0.0] == 0).all()
    likely = (chance > 0.02) & (chance < 0.98)
    z2 = (counts - n_draws * chance)[likely] ** 2 / (n_draws * chance * (1.0 - chance))[likely]
    spread = np.sqrt((2.0 + 1.0 / (n_draws * chance * (1.0 - chance))[likely]).sum())  # of a sum of squares, binomial
    assert abs(z2.sum() - likely.sum()) <= 5.0 * spread
    for unlikely in (chance <= 0.02, chance < 1e-3):
        expected = n_draws * chance[unlikely].sum()
        assert abs(counts[unlikely].sum() - expected) < 5.0 * math.sqrt(expected) + 1e-6
    synapses, sources = (
        one[0] for one in (
            rule.synapses_onto(projection, np.array([50]), np.array([200])),
            rule.sources_onto(projection, np.array([50]), np.array([200]), 0, 23),
        )
    )  # fmt: skip
    assert synapses == pytest.approx(chance[50:200].sum())
    assert sources == pytest.approx((-np.expm1(-chance[50:200].sum(axis=0))).sum())
    assert projection.largest_indegree() >= chance.sum(axis=1).max()


@pytest.mark.parametrize("periodic", [None, (1.0, 1.0)])
def test_all_within_a_distance_are_those_that_scipy_finds(periodic):
    post, pre = sheet(5000, "post"), sheet(200, "pre", seed=6)
    rows, columns, _ = drawn_in_parts(
        Projection(pre, post, 1.0, topology=DistanceDependent(Box(1.0, 0.1), periodic)), 2
    )
    found = cKDTree(post.positions, boxsize=periodic).query_ball_point(pre.positions, 0.1)
    expected = np.array([(target, source) for source, targets in enumerate(found) for target in targets])
    order = np.lexsort((expected[:, 1], expected[:, 0]))
    np.testing.assert_array_equal(np.stack([rows, columns]), expected[order].T)


@pytest.mark.parametrize("periodic", [None, (60.0, 60.0)])
def test_pairs_at_exactly_the_radius_are_within(periodic):
    grid = cells(3600, positions=grid_positions((60, 60)))
    rule = DistanceDependent(Box(1.0, 5.0), periodic)
    rows, columns, _ = drawn_in_parts(Projection(grid[1700:1900], grid, 1.0, topology=rule), 1)
    found = cKDTree(grid.positions, boxsize=periodic).query_ball_point(grid.positions[1700:1900], 5.0)
    assert len(rows) == sum(map(len, found))
    assert np.bincount(columns).max() == 81  # points of the lattice in a circle of radius 5


@pytest.mark.parametrize("on_grid", [False, True])
def test_distances_of_many_targets_follow_the_profile(on_grid):
    """Targets in several blocks, and deep trees."""
    post = cells(6400, "post", positions=grid_positions((80, 80), 1 / 80)) if on_grid else sheet(6400, "post")
    projection = Projection(sheet(150, "pre"), post, 1.0, topology=DistanceDependent(Gaussian(0.6, 0.05)))
    d = distances(projection)
    rows, columns, _ = drawn_in_parts(projection, 1)
    borders = np.append(np.arange(0.0, 0.2, 0.01), 2.0)
    chances = 0.6 * np.exp(-0.5 * (d / 0.05) ** 2)
    expected, _ = np.histogram(d, borders, weights=chances)
    variance, _ = np.histogram(d, borders, weights=chances * (1.0 - chances))
    observed, _ = np.histogram(d[rows, columns], borders)
    chi2 = ((observed - expected) ** 2 / variance).sum()
    assert UNLIKELY < stats.chi2.cdf(chi2, len(expected)) < 1.0 - UNLIKELY
    assert projection.largest_indegree() < 4.0 * chances.sum(axis=1).max()
    estimate = projection.topology.synapses_onto(projection, np.array([0, 1600]), np.array([1600, 6400]))
    np.testing.assert_allclose(estimate, [chances[:1600].sum(), chances[1600:].sum()], rtol=0.02)


def test_a_large_sheet_is_estimated_from_a_sample():
    projection = onto_itself(sheet(20_000), DistanceDependent(Gaussian(0.2, 0.2), (1.0, 1.0)))
    # Of a plane; what lies beyond half of the period is 3e-5 of it in each direction.
    assert projection.mean_indegree() == pytest.approx(20_000 * 0.2 * 2.0 * np.pi * 0.2**2, rel=0.03)


def test_many_targets_in_parts():
    """Blocks of targets that are cut by ranks."""
    projection = Projection(sheet(60, "pre"), sheet(9000, "post"), 1.0, topology=DistanceDependent(Gaussian(0.3, 0.1)))
    whole = drawn_in_parts(projection, 1)
    for one, other in zip(drawn_in_parts(projection, 5, threads=2), whole, strict=True):
        np.testing.assert_array_equal(one, other)


def test_positions():
    np.testing.assert_allclose(
        grid_positions((2, 2, 2), (1.0, 2.0, 3.0))[[0, 1, 2, 4]], np.diag([0, 3, 2, 1])[:, [3, 2, 1]]
    )
    places = uniform_positions(4000, (2.0, 0.5), seed=1)
    for k, extent in enumerate((2.0, 0.5)):
        assert stats.kstest(places[:, k], stats.uniform(0.0, extent).cdf).pvalue > UNLIKELY
    np.testing.assert_array_equal(uniform_positions(10, (2.0, 0.5), seed=1), places[:10])
    population = cells(10, positions=places[:10])
    np.testing.assert_array_equal(population[2:8][1:].positions, places[3:8])
    places[3] = 7.0
    assert population.positions.max() < 7.0  # a copy
    assert cells(3, positions=[1.0, 2.0, 3.0]).positions.shape == (3, 1)


# ---- weights and delays by distance ----------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", ["random", BY_DISTANCE, Ring(3)], ids=str)
def test_weights_by_distance(rule):
    source, target = sheet(120, "pre"), sheet(120, "post", seed=8)
    weight = OfDistance(lambda d: 1.0 + 2.0 * d, 1.0, 4.0)
    options = {"probability": 0.2} if rule == "random" else {}
    projection = Projection(source, target, weight, topology=rule, weight_dtype="float64", **options)
    whole = drawn_in_parts(projection, 1)
    d = distances(projection, getattr(rule, "periodic", None))
    np.testing.assert_allclose(whole[2], 1.0 + 2.0 * d[whole[0], whole[1]], rtol=1e-9)
    for one, other in zip(drawn_in_parts(projection, 3, 2), whole, strict=True):
        np.testing.assert_array_equal(one, other)


def test_delays_by_distance_of_explicit_synapses():
    source, target = sheet(50, "pre"), sheet(40, "post", seed=8)
    pre, post = np.random.default_rng(1).integers(0, 40, (2, 300))
    delay = OfDistance(lambda d: 1e-3 + d / 100.0, 1e-3, 0.02)
    projection = Projection(source, target, np.arange(300.0), topology=(pre, post), delay=delay)
    synapses = Synapses(projection, 1, 0, 1e-3, 2.0**-20, (0, 40))
    block = synapses.build_rows(0, 40)
    assert synapses.longest_delay == 20
    d = distances(projection)[post, pre]
    order = np.argsort(block.weights)
    np.testing.assert_array_equal(block.delays[order], np.floor(1.0 + d * 10.0 + 0.5))


def test_the_exchange_interval_follows_from_what_is_declared():
    retina = PoissonPopulation(20, 10.0, positions=grid_positions([20], 0.01), label="retina")
    target = cells(20, positions=grid_positions([20], 0.01))
    delay = OfDistance(lambda d: 5e-3 + d / 100.0, 3e-3, 0.01)
    net = Network(retina, target, Projection(retina, target, 1.0, delay=delay, topology="all_to_all"))
    net.run(0.0, 1e-3)
    assert net._simulation.interval == 4


@pytest.mark.parametrize("what", ["weight", "delay"])
def test_a_value_beyond_its_bounds_is_an_error_on_all_ranks(what):
    def program(connect, rank):
        line = cells(30, positions=grid_positions([30], 0.1))
        value = OfDistance(lambda d: 0.01 * d, 0.0, 0.01)
        arguments = {"weight": 1.0, what: value}
        wiring = Projection(line[:1], line, topology="all_to_all", **arguments)
        with pytest.raises(
            ValueError, match=r"building <Proj.*function returned .*0\.01.* at distance 1\.1.*high = 0\.01"
        ):
            connect(Network(line, wiring)).run(0.0)
        return True

    assert on_each_rank(3, program) == [True] * 3  # the first rank has only targets that are near
