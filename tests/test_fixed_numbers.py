"""Rules that draw a fixed number of synapses: for each target, for each source, or in all."""

import hashlib
import math

import numpy as np
import pytest
from builders import N, assert_raises, cells, table
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import run_python
from scipy import stats
from wiring import UNLIKELY, build, drawn_in_parts, entries, wired

from neurocore_nb import Normal, Projection, Uniform

fixed = settings(derandomize=True, deadline=None, max_examples=60)
N_SOURCE, N_TARGET = 211, 307


def degrees(matrix):
    """Synapses of each target and of each source."""
    rows, columns, _ = entries(matrix)
    return np.bincount(rows, minlength=matrix.shape[0]), np.bincount(columns, minlength=matrix.shape[1])


def pairs(matrix):
    """How many synapses each pair has."""
    rows, columns, _ = entries(matrix)
    counts = np.zeros(matrix.shape, int)
    np.add.at(counts, (rows, columns), 1)
    return counts


def assert_spread(counts, narrower=1.0):
    """Counts as of independent choices, but of a smaller variance where the choices exclude each other."""
    chi2 = ((counts - counts.mean()) ** 2).sum() / (counts.mean() * narrower)
    assert UNLIKELY < stats.chi2.cdf(chi2, counts.size - 1) < 1.0 - UNLIKELY


# ---- numbers and distributions -------------------------------------------------------------------------------------


@pytest.mark.parametrize("multapses", [True, False])
@pytest.mark.parametrize("k", [1, 20, 150, 300])
def test_fixed_outdegree(k, multapses):
    matrix = wired(N_SOURCE, N_TARGET, topology="fixed_outdegree", outdegree=k, multapses=multapses)
    of_targets, of_sources = degrees(matrix)
    assert (of_sources == k).all()
    assert_spread(of_targets, 1.0 if multapses else (N_TARGET - k) / (N_TARGET - 1))
    assert (pairs(matrix).max() == 1) == (not multapses or k == 1)
    if multapses and k > 1:
        assert_spread(pairs(matrix))


@pytest.mark.parametrize("k", [1, 20, 150, 200])
def test_fixed_indegree_without_multapses(k):
    matrix = wired(N_SOURCE, N_TARGET, topology="fixed_indegree", indegree=k, multapses=False)
    of_targets, of_sources = degrees(matrix)
    assert (of_targets == k).all()
    assert pairs(matrix).max() == 1
    assert_spread(of_sources, (N_SOURCE - k) / (N_SOURCE - 1))


@pytest.mark.parametrize("multapses", [True, False])
@pytest.mark.parametrize("total", [1, 100, 5000, 60_000])
def test_fixed_total(total, multapses):
    matrix = wired(N_SOURCE, N_TARGET, topology="fixed_total", total=total, multapses=multapses)
    assert matrix.nnz == total
    n_pairs = N_SOURCE * N_TARGET
    narrower = 1.0 if multapses else (n_pairs - total) / (n_pairs - 1)
    if total > 1:
        for one in degrees(matrix):
            assert_spread(one, narrower)
    if multapses:
        assert (pairs(matrix).max() > 1) == (total >= 5000)
    else:
        assert pairs(matrix).max() == 1
    if multapses and total > n_pairs / 2:
        assert_spread(pairs(matrix))


@pytest.mark.parametrize("rule", [{"topology": "fixed_outdegree"}, {"topology": "fixed_total"}])
def test_every_pair_is_as_likely_as_any_other(rule):
    n_source, n_target, n_seeds, p = 6, 7, 700, 0.43
    for multapses in (True, False):
        drawn = np.zeros((n_target, n_source))
        projection = Projection(cells(n_source), cells(n_target), 1.0, p, multapses=multapses, **rule)
        for seed in range(n_seeds):
            rows, columns, _ = drawn_in_parts(projection, 1, seed=seed)
            np.add.at(drawn, (rows, columns), 1)
        assert drawn.sum() == n_seeds * (6 * 3 if rule["topology"] == "fixed_outdegree" else 18)
        p_pair = drawn.sum() / n_seeds / drawn.size
        z = (drawn - n_seeds * p_pair) / math.sqrt(n_seeds * p_pair * (1.0 if multapses else 1.0 - p_pair))
        assert abs(z).max() < 4.5
        assert z.std() < 1.4


def test_defaults_follow_from_the_probability():
    _, of_sources = degrees(wired(N_SOURCE, N_TARGET, topology="fixed_outdegree", probability=0.1))
    assert (of_sources == round(0.1 * N_TARGET)).all()
    assert wired(N_SOURCE, N_TARGET, topology="fixed_total", probability=0.01).nnz == round(0.01 * N_SOURCE * N_TARGET)
    complete = {"topology": "fixed_total", "multapses": False}
    np.testing.assert_array_equal(wired(13, 17, **complete).toarray(), np.ones((17, 13)))
    np.testing.assert_array_equal(wired(13, 17, topology="fixed_outdegree", multapses=False).toarray(), 1.0)


def test_few_neurons_take_many_synapses():
    assert wired(1, 1, topology="fixed_outdegree", outdegree=1000).nnz == 1000
    assert wired(2, 1, topology="fixed_total", total=1000).nnz == 1000
    for n in ((0, 5), (5, 0), (0, 0)):
        assert wired(*n, topology="fixed_outdegree", outdegree=0).nnz == 0
        assert wired(*n, topology="fixed_total").nnz == 0


# ---- autapses ------------------------------------------------------------------------------------------------------

VIEWS = [((0, 40), (0, 40)), ((5, 25), (15, 40)), ((15, 40), (5, 25)), ((0, 20), (20, 40)), ((3, 5), (0, 40))]
RULES = [
    {"topology": "fixed_indegree", "indegree": 600},
    {"topology": "fixed_outdegree", "outdegree": 600},
    {"topology": "fixed_total", "total": 20_000},
]


def own(of_source, of_target):
    return np.arange(*of_target)[:, None] == np.arange(*of_source)


@pytest.mark.parametrize(("of_source", "of_target"), VIEWS)
@pytest.mark.parametrize("rule", RULES)
def test_without_autapses_all_other_pairs_are_as_likely_as_before(rule, of_source, of_target):
    whole = cells(40)
    projection = Projection(whole[slice(*of_source)], whole[slice(*of_target)], 1.0, autapses=False, **rule)
    build(whole, projection)
    counts, itself = pairs(projection.matrix()), own(of_source, of_target)
    assert not counts[itself].any()
    axis = {"fixed_indegree": 1, "fixed_outdegree": 0}.get(rule["topology"])
    if axis is None:
        assert counts.sum() == 20_000
        expected = np.where(itself, 0.0, 20_000 / (~itself).sum())
    else:
        assert (counts.sum(axis=axis) == 600).all()
        expected = np.where(itself, 0.0, 600 / (~itself).sum(axis=axis, keepdims=True))
    chi2 = ((counts - expected)[~itself] ** 2 / expected[~itself]).sum()
    fixed_sums = 1 if axis is None else counts.shape[1 - axis]
    assert UNLIKELY < stats.chi2.cdf(chi2, (~itself).sum() - fixed_sums) < 1.0 - UNLIKELY


@pytest.mark.parametrize(("of_source", "of_target"), VIEWS)
@pytest.mark.parametrize("topology", ["fixed_indegree", "fixed_outdegree", "fixed_total"])
def test_without_autapses_and_multapses_all_others_can_be_taken(topology, of_source, of_target):
    whole, itself = cells(40), own(of_source, of_target)
    count = {
        "fixed_indegree": {"indegree": itself.shape[1] - itself.any()},
        "fixed_outdegree": {"outdegree": itself.shape[0] - itself.any()},
        "fixed_total": {"total": (~itself).sum()},
    }[topology]
    source, target = whole[slice(*of_source)], whole[slice(*of_target)]
    projection = Projection(source, target, 1.0, topology=topology, autapses=False, multapses=False, **count)
    build(whole, projection)
    counts = pairs(projection.matrix())
    assert not counts[itself].any()
    assert counts.max(initial=0) <= 1
    full = {"fixed_indegree": itself.any(axis=1), "fixed_outdegree": itself.any(axis=0)}.get(topology)
    if full is None:
        np.testing.assert_array_equal(counts, ~itself)
    elif topology == "fixed_indegree":
        np.testing.assert_array_equal(counts[full], ~itself[full])
    else:
        np.testing.assert_array_equal(counts[:, full], ~itself[:, full])


# ---- the same network however it is divided ------------------------------------------------------------------------


@st.composite
def projections(draw):
    whole = cells(draw(st.integers(2, 90)))
    source, target = whole[draw(st.integers(0, 1)) :], whole[: draw(st.integers(1, whole.n))]
    topology = draw(st.sampled_from(["fixed_indegree", "fixed_outdegree", "fixed_total"]))
    options = {"multapses": draw(st.booleans()), "probability": draw(st.floats(0.0, 1.0))}
    if source.n > 1 and target.n > 1 and options["probability"] < 0.4:
        options["autapses"] = draw(st.booleans())
    weight = Normal(1.0, 0.2) if draw(st.booleans()) else 1.0
    return Projection(source, target, weight, delay=Uniform(0.0, 0.01), topology=topology, **options)


@fixed
@given(projections(), st.integers(1, 7), st.integers(1, 3), st.integers(0, 1000))
def test_ranks_and_threads_find_the_same_synapses(projection, ranks, threads, seed):
    expected = drawn_in_parts(projection, 1, seed=seed)
    for here, there in zip(drawn_in_parts(projection, ranks, threads, seed), expected, strict=True):
        np.testing.assert_array_equal(here, there)


@pytest.mark.parametrize("topology", ["fixed_outdegree", "fixed_total"])
def test_a_large_projection_in_parts(topology):
    projection = Projection(cells(800), cells(1500), Uniform(0.0, 1.0), 0.1, topology=topology, multapses=False)
    expected = drawn_in_parts(projection, 1)
    assert len(expected[0]) == 120_000
    for ranks, threads in ((2, 1), (3, 2), (11, 3)):
        for here, there in zip(drawn_in_parts(projection, ranks, threads), expected, strict=True):
            np.testing.assert_array_equal(here, there)


@pytest.mark.parametrize("rule", RULES)
def test_synapses_of_one_pair_have_weights_of_their_own(rule):
    matrix = wired(13, 17, Uniform(0.0, 1.0), weight_dtype="float64", **rule)
    assert matrix.nnz > 221
    assert len(np.unique(matrix.data)) == matrix.nnz


def digest_of_drawn():
    """Of a few synapses of each rule, small enough for plain Python."""
    digest = hashlib.sha256()
    whole = cells(70)
    for topology in ("fixed_indegree", "fixed_outdegree", "fixed_total"):
        for multapses in (True, False):
            options = {"topology": topology, "multapses": multapses, "autapses": False}
            projection = Projection(whole[:9], whole[5:], 1.0, 0.85, **options)
            for array in drawn_in_parts(projection, 2):
                digest.update(array.tobytes())
    return digest.hexdigest()


def test_plain_python_draws_the_same_synapses():
    program = "import numba, test_fixed_numbers; assert numba.config.DISABLE_JIT; print(test_fixed_numbers.{}())"
    assert run_python(program.format("digest_of_drawn"), NUMBA_DISABLE_JIT="1") == digest_of_drawn()


# ---- errors --------------------------------------------------------------------------------------------------------


def projection(topology, n_target=4, **options):
    return Projection(cells(), cells(n_target, "inh"), 0.1, topology=topology, **options)


def onto_itself(topology, n=N, **options):
    whole = cells(n)
    return Projection(whole, whole, 0.1, topology=topology, autapses=False, **options)


ERRORS = [
    (lambda: projection("random", outdegree=3), ValueError, r"exc -> inh: outdegree.*'fixed_outdegree'.*'random'"),
    (lambda: projection("fixed_total", indegree=3), ValueError, r"indegree.*'fixed_indegree'.*'fixed_total'"),
    (lambda: projection("fixed_indegree", total=3), ValueError, r"total.*'fixed_total'.*'fixed_indegree'"),
    (lambda: projection("fixed_outdegree", outdegree=-1), ValueError, r"exc -> inh: outdegree = -1.*at least 0"),
    (lambda: projection("fixed_total", total=1.5), TypeError, r"exc -> inh: total.*integer.*1\.5"),
    (lambda: projection("fixed_total", multapses=0), TypeError, r"exc -> inh: multapses.*True or False.*0"),
    (
        lambda: projection("fixed_indegree", indegree=6, multapses=False),
        ValueError,
        r"exc -> inh: indegree = 6 .*5 sources for a target: lower it or allow multapses",
    ),
    (lambda: projection("fixed_outdegree", outdegree=5, multapses=False), ValueError, r"outdegree = 5 .*4 targets"),
    (lambda: projection("fixed_total", total=21, multapses=False), ValueError, r"exc -> inh: total = 21 .*20 pairs"),
    (lambda: onto_itself("fixed_indegree", multapses=False), ValueError, r"indegree = 5 .*4 sources .*autapses"),
    (lambda: onto_itself("fixed_total", multapses=False), ValueError, r"total = 25 .*20 pairs other than autapses"),
    (lambda: onto_itself("fixed_outdegree", n=1), ValueError, r"outdegree = 1, .*no targets .*other than autapses"),
    (lambda: onto_itself("fixed_total", n=1), ValueError, r"total = 1, .*no pairs other than autapses"),
    (lambda: projection("fixed_total", n_target=0, total=1), ValueError, r"exc -> inh: total = 1, .*no pairs"),
    (lambda: projection("fixed_outdegree", n_target=0, outdegree=1), ValueError, r"outdegree = 1, .*no targets"),
    (lambda: projection("fixed_total", total=2**53 + 1), ValueError, r"total = 9007199254740993 gives more than"),
    (
        lambda: projection("fixed_total", probability=0.5, total=3),
        ValueError,
        r"exc -> inh: probability = 0\.5 and a number of synapses; leave one",
    ),
    (lambda: projection("fixed_indegree", probability=1.0, indegree=3), ValueError, r"probability = 1 and a number"),
    (lambda: projection("all_to_all", probability=0.5), ValueError, r"probability = 0\.5.*'all_to_all'.*leave it out"),
    (lambda: projection("one_to_one", N, probability=0.5), ValueError, r"probability = 0.5 .*'one_to_one'"),
]


@pytest.mark.parametrize(("call", "kind", "pattern"), table(ERRORS))
def test_errors(call, kind, pattern):
    assert_raises(call, kind, pattern)


def test_a_part_elsewhere_in_the_population_has_no_autapses():
    whole = cells(10)
    projection = Projection(whole[:1], whole[5:], 1.0, topology="fixed_indegree", indegree=2, autapses=False)
    build(whole, projection)
    np.testing.assert_array_equal(degrees(projection.matrix())[0], 2)


@pytest.mark.parametrize("p", [5e-324, 1e-310, 1e-300, 1e-100])
def test_hardly_any_probability(p):
    assert wired(101, 103, probability=p).nnz == 0
    assert wired(101, 103, probability=p, topology="fixed_total").nnz == 0
