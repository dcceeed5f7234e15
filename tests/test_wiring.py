"""Which synapses there are, and with what weights and delays, as the user sees them."""

import itertools
import math

import numpy as np
import pytest
from builders import cells
from scipy import stats
from wiring import UNLIKELY, assert_degrees, assert_same, build, differs, entries, wired

from neurocore_nb import (
    Network,
    Normal,
    Projection,
    StateMonitor,
    StepCurrent,
    Uniform,
)

# ---- rules ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("p", [0.003, 0.1, 0.5, 0.97])
def test_random_pairs(p):
    n_source, n_target = 401, 709
    matrix = wired(n_source, n_target, weight=0.5, probability=p)
    pairs = n_source * n_target
    assert matrix.shape == (n_target, n_source)
    assert abs(matrix.nnz - pairs * p) < 5.0 * math.sqrt(pairs * p * (1.0 - p))
    rows, columns, data = entries(matrix)
    assert len(set(zip(rows, columns, strict=True))) == matrix.nnz
    assert (data == 0.5).all()
    assert_degrees(np.bincount(rows, minlength=n_target), n_source, p)
    assert_degrees(np.bincount(columns, minlength=n_source), n_target, p)


def test_random_with_probability_zero_and_one():
    assert wired(13, 17, probability=0.0).nnz == 0
    np.testing.assert_array_equal(wired(13, 17, probability=1.0).toarray(), np.ones((17, 13)))


def test_all_to_all_and_one_to_one():
    np.testing.assert_array_equal(wired(13, 17, weight=-2.0, topology="all_to_all").toarray(), np.full((17, 13), -2.0))
    np.testing.assert_array_equal(wired(11, 11, topology="one_to_one").toarray(), np.eye(11))


def test_fixed_indegree():
    matrix = wired(101, 997, topology="fixed_indegree", indegree=20)
    assert (np.diff(matrix.indptr) == 20).all()
    assert stats.chisquare(np.bincount(matrix.indices, minlength=101)).pvalue > UNLIKELY
    drawn_twice = sum(len(np.unique(sources)) < 20 for sources in np.split(matrix.indices, 997))
    expected = 1.0 - np.prod(1.0 - np.arange(20) / 101)
    assert abs(drawn_twice - 997 * expected) < 5.0 * math.sqrt(997 * expected * (1.0 - expected))


def test_fixed_indegree_from_the_probability():
    assert (np.diff(wired(101, 23, topology="fixed_indegree", probability=0.1).indptr) == 10).all()


@pytest.mark.parametrize("n", [(0, 5), (5, 0), (0, 0), (1, 1)])
@pytest.mark.parametrize("topology", ["random", "all_to_all"])
def test_hardly_any_neurons(n, topology):
    matrix = wired(*n, topology=topology)
    assert matrix.shape == n[::-1]
    assert matrix.nnz == n[0] * n[1]


RULES = [
    {"topology": "random", "probability": 0.4},
    {"topology": "random"},
    {"topology": "all_to_all"},
    {"topology": "one_to_one"},
    {"topology": "fixed_indegree", "indegree": 300},
]


@pytest.mark.parametrize("rule", RULES)
def test_autapses_of_a_population(rule):
    with_autapses = wired(71, None, **rule)
    without = wired(71, None, autapses=False, **rule)
    assert with_autapses.diagonal().any()
    assert not without.diagonal().any()
    if rule["topology"] != "fixed_indegree":
        expected = with_autapses.toarray()
        np.fill_diagonal(expected, 0.0)
        np.testing.assert_array_equal(without.toarray(), expected)
    else:
        assert (np.diff(without.indptr) == 300).all()
        counts = without.toarray()[~np.eye(71, dtype=bool)]
        assert stats.chisquare(counts).pvalue > UNLIKELY


VIEWS = [((0, 20), (0, 20)), ((5, 25), (15, 35)), ((15, 35), (5, 25)), ((0, 20), (20, 40))]


@pytest.mark.parametrize(("of_source", "of_target"), VIEWS)
@pytest.mark.parametrize("rule", RULES)
def test_autapses_of_parts_are_judged_by_the_whole(rule, of_source, of_target):
    whole = cells(40)
    projection = Projection(whole[slice(*of_source)], whole[slice(*of_target)], weight=1.0, autapses=False, **rule)
    build(whole, projection)
    post, pre = np.meshgrid(np.arange(*of_target), np.arange(*of_source), indexing="ij")
    connected = projection.matrix().toarray() > 0.0
    assert connected.shape == (20, 20)
    assert not connected[post == pre].any()
    if rule["topology"] == "all_to_all":
        np.testing.assert_array_equal(connected, post != pre)


def test_autapses_between_populations_are_no_such_thing():
    np.testing.assert_array_equal(wired(9, 9, topology="all_to_all", autapses=False).toarray(), np.ones((9, 9)))


def test_a_part_of_a_part():
    whole = cells(30)
    projection = Projection(whole[5:25][5:10], whole[8:20][2:7], 1.0, topology="all_to_all", autapses=False)
    build(whole, projection)
    np.testing.assert_array_equal(projection.matrix().toarray(), 1.0 - np.eye(5))


# ---- seeds ---------------------------------------------------------------------------------------------------------


def two_projections(network_seed=42, **arguments):
    source, target = cells(31, "source"), cells(37, "target")
    both = [Projection(source, target, weight=1.0, probability=0.3, **arguments) for _ in range(2)]
    build(source, target, *both, seed=network_seed)
    return [one.matrix() for one in both]


def test_two_equal_projections_are_independent():
    one, other = (matrix.toarray() for matrix in two_projections())
    both = (one * other).sum()
    pairs = 31 * 37
    assert abs(both - 0.09 * pairs) < 5.0 * math.sqrt(0.09 * pairs)


def test_a_seed_of_ones_own():
    one, other = two_projections(seed=7)
    assert_same(one, other)
    again, _ = two_projections(network_seed=1, seed=7)
    assert_same(one, again)
    assert differs(one, two_projections(seed=8)[0])


def test_the_networks_seed():
    assert_same(two_projections(3)[1], two_projections(3)[1])
    assert differs(two_projections(3)[1], two_projections(4)[1])


def test_projections_that_draw_nothing_leave_the_others_as_they_are():
    source, target = cells(31, "source"), cells(37, "target")
    fixed = Projection(source, target, weight=1.0, topology="all_to_all")
    drawn = [Projection(source, target, weight=1.0, probability=0.3) for _ in range(2)]
    build(source, target, drawn[0], fixed, drawn[1])
    for one, expected in zip(drawn, two_projections(), strict=True):
        assert_same(one.matrix(), expected)


# ---- weights -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("weight", "expected"),
    [
        (Normal(0.5, 0.1), stats.norm(0.5, 0.1)),
        (Normal(-3.0, 2.0), stats.norm(-3.0, 2.0)),
        (Uniform(-2.0, 5.0), stats.uniform(-2.0, 7.0)),
    ],
)
def test_drawn_weights_follow_their_distribution(weight, expected, dtype):
    matrix = wired(211, 199, weight, probability=0.3, weight_dtype=dtype)
    assert matrix.data.dtype == dtype
    assert stats.kstest(matrix.data, expected.cdf).pvalue > UNLIKELY
    low, high = weight.support()
    assert low - 1e-7 < matrix.data.min() < matrix.data.max() < high + 1e-7
    if dtype == "float64":
        assert len(np.unique(matrix.data)) == matrix.nnz


def test_float32_and_float64_weights_are_the_same_up_to_rounding():
    single, double = (wired(53, 47, Normal(1.0, 0.2), probability=0.3, weight_dtype=f"float{n}") for n in (32, 64))
    np.testing.assert_allclose(single.toarray(), double.toarray(), rtol=6e-8)


def test_bounds_cut_off_drawn_weights():
    matrix = wired(97, 89, Normal(0.0, 1.0, low=-0.5, high=1.0))
    assert (matrix.data.min(), matrix.data.max()) == (-0.5, 1.0)
    for bound, share in ((-0.5, stats.norm.cdf(-0.5)), (1.0, stats.norm.sf(1.0))):
        n = matrix.nnz
        assert abs((matrix.data == bound).sum() - n * share) < 5.0 * math.sqrt(n * share * (1.0 - share))


def test_drawn_weights_are_independent_of_the_wiring_and_of_each_other():
    first, second = (wired(71, 73, Uniform(0.0, 1.0), network_seed=k, probability=0.5) for k in (1, 2))
    assert stats.pearsonr(first.data[:-1], first.data[1:]).pvalue > UNLIKELY
    common = (first.toarray() > 0.0) & (second.toarray() > 0.0)
    assert stats.pearsonr(first.toarray()[common], second.toarray()[common]).pvalue > UNLIKELY
    rows, columns, data = entries(first)
    assert stats.pearsonr(data, rows).pvalue > UNLIKELY
    assert stats.pearsonr(data, columns).pvalue > UNLIKELY


def test_synapses_of_one_pair_have_weights_of_their_own():
    matrix = wired(3, 5, Uniform(0.0, 1.0), topology="fixed_indegree", indegree=40, weight_dtype="float64")
    assert matrix.nnz == 200
    assert len(np.unique(matrix.data)) == 200


def test_a_constant_weight_is_rounded_to_ten_digits_at_most():
    source, target = cells(5, "source"), cells(7, "target")
    small = Projection(source, target, weight=0.001234567, topology="all_to_all")
    large = Projection(source, target, weight=9.87654321, topology="all_to_all")
    build(source, target, small, large)
    np.testing.assert_allclose(large.matrix().data, 9.87654321, rtol=1e-10)
    np.testing.assert_allclose(small.matrix().data, 0.001234567, rtol=0, atol=1e-10 * 9.87654321)


@pytest.mark.parametrize("rule", RULES)
def test_threads_make_no_difference(rule):
    weight = Normal(1.0, 0.5)
    alone = wired(61, None, weight, autapses=False, **rule)
    for threads in (2, 3):
        assert_same(wired(61, None, weight, autapses=False, threads=threads, **rule), alone)


# ---- delays --------------------------------------------------------------------------------------------------------


def steps_until_arrival(delay, n=500, dt=1e-4, threads=1):
    """Network steps that each of n spikes takes beyond the one step that every spike takes."""
    source, target = cells(n, "source"), cells(n, "target")
    projection = Projection(source, target, weight=20.0, topology="one_to_one", delay=delay)
    trace = StateMonitor(target, ("v",))
    fired = StateMonitor(source, ("v",), record=[0])
    net = Network(source, target, projection, StepCurrent(0.0, 1e-3, 40.0, target=source), trace, fired)
    net.run(0.02, dt, threads=threads)
    v = fired.traces["v"][:, 0]
    fired_in = np.flatnonzero((v[:-1] < 0.0) & (v[1:] >= 0.0))
    assert len(fired_in) == 1
    disturbed = trace.traces["v"] > trace.traces["v"][0] + 1.0
    assert disturbed.any(axis=0).all()
    return disturbed.argmax(axis=0) - fired_in[0] - 2  # seen one step after it has arrived


@pytest.mark.parametrize(("delay", "steps"), [(0.0, 0), (1e-4, 1), (1.5e-3, 15), (1.44e-3, 14), (1.46e-3, 15)])
def test_constant_delays(delay, steps):
    assert (steps_until_arrival(delay, n=3) == steps).all()


def test_drawn_delays_follow_their_distribution():
    steps = steps_until_arrival(Uniform(0.5e-3, 5e-3))
    assert (steps.min(), steps.max()) == (5, 50)
    observed = np.histogram(steps, bins=np.linspace(4.5, 50.5, 9))[0]
    edges = np.clip((np.linspace(4.5, 50.5, 9) - 5.0) / 45.0, 0.0, 1.0)
    assert stats.chisquare(observed, 500 * np.diff(edges)).pvalue > UNLIKELY
    for threads in (2, 3):
        np.testing.assert_array_equal(steps_until_arrival(Uniform(0.5e-3, 5e-3), threads=threads), steps)


# ---- parameters and initial states ---------------------------------------------------------------------------------


def initial_states(threads=1, seed=42, n=1009):
    drawn = {"v": Normal(-65.0, 5.0, low=-80.0), "m": Uniform(0.0, 0.2), "h": Uniform(0.0, 0.2)}
    population = cells(n, "cells", initial=drawn)
    other = cells(n, "others", initial=drawn)
    net = Network(population, other, seed=seed)
    net.run(0.0, threads=threads)
    return net.get_states()


def test_drawn_initial_states_follow_their_distribution():
    states = initial_states()
    assert stats.kstest(states["cells"]["v"], stats.norm(-65.0, 5.0).cdf).pvalue > UNLIKELY
    assert stats.kstest(states["cells"]["m"], stats.uniform(0.0, 0.2).cdf).pvalue > UNLIKELY
    drawn = [states[label][name] for label in ("cells", "others") for name in "vmh"]
    for one, other in itertools.combinations(drawn, 2):
        assert stats.pearsonr(one, other).pvalue > UNLIKELY


def test_drawn_initial_states_do_not_depend_on_threads_but_on_the_seed():
    one, other = (initial_states(threads=threads)["cells"]["v"] for threads in (1, 3))
    np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(initial_states(n=101)["cells"]["v"], one[:101])
    assert (initial_states(seed=1)["cells"]["v"] != one).mean() > 0.9
