"""The kernels of wiring rules, against their definitions and distributions."""

import math

import numpy as np
import pytest
from scipy import stats

from neurocore_nb.kernels import bernoulli, connect

KEY = np.uint64(0x0123456789ABCDEF)
UNLIKELY = 1e-4  # p-values below this fail; seeds are fixed


def wire(rule, *arguments, n_source, begin, end, own=connect.NO_AUTAPSE_RULE, shift=0, room=None):
    """Synapses of the targets begin to end as a matrix of how many there are, shape (end - begin, n_source)."""
    indptr = np.full(n_source + 1, -1, np.int64)
    targets = np.zeros(n_source * (end - begin) * 3 + 100 if room is None else room, np.uint32)
    count = rule(*arguments, begin, end, own, shift, indptr, targets)
    assert count <= len(targets)
    assert (indptr[0], indptr[-1]) == (0, count)
    sources = np.repeat(np.arange(n_source), np.diff(indptr))
    posts = targets[:count].astype(int) - shift
    assert (np.lexsort((posts, sources)) == np.arange(count)).all()  # targets ascend within each source
    matrix = np.zeros((end - begin, n_source), int)
    np.add.at(matrix, (posts - begin, sources), 1)
    return matrix


def wire_randomly(p, n_source, begin, end, key=KEY, block=None, **arguments):
    scale, usual_block = bernoulli.distances(p)
    rule = connect.bernoulli, key, scale, block or usual_block
    return wire(*rule, n_source=n_source, begin=begin, end=end, **arguments)


def assert_degrees(degrees, n, p):
    """Binomial degrees: neither too far from their mean nor too near."""
    chi2 = ((degrees - n * p) ** 2).sum() / (n * p * (1.0 - p))
    assert UNLIKELY < stats.chi2.cdf(chi2, len(degrees)) < 1.0 - UNLIKELY


@pytest.mark.parametrize("p", [0.001, 0.02, 0.5, 0.999])
def test_bernoulli_degrees(p):
    n_source, n_target = 997, 1009
    matrix = wire_randomly(p, n_source, 0, n_target)
    assert matrix.max() == 1
    pairs = n_source * n_target
    assert abs(matrix.sum() - pairs * p) < 5.0 * math.sqrt(pairs * p * (1.0 - p))
    assert_degrees(matrix.sum(axis=0), n_target, p)
    assert_degrees(matrix.sum(axis=1), n_source, p)


@pytest.mark.parametrize(("p", "block"), [(0.07, None), (0.3, 4), (0.3, 61), (0.9, None), (0.9, 50)])
def test_bernoulli_connects_each_pair_with_the_same_probability(p, block):
    # Blocks of 4 targets begin often; of blocks with about 18 and 45 synapses, some and all need more gaps than usual.
    n_keys, n_source, n_target = 400, 7, 61
    keys = np.arange(n_keys, dtype=np.uint64)
    counts = sum(wire_randomly(p, n_source, 0, n_target, key, block) for key in keys)
    assert_degrees(counts.ravel(), n_keys, p)
    block = block or bernoulli.distances(p)[1]
    for place in np.arange(n_target) % block == np.arange(min(block, n_target))[:, None]:  # at a border as within
        pairs = n_keys * n_source * place.sum()
        assert abs(counts[place].sum() - pairs * p) < 4.5 * math.sqrt(pairs * p * (1.0 - p))


PARTS = [(0, 1), (0, 500), (499, 503), (13, 1008), (1008, 1009), (256, 512), (700, 700)]


@pytest.mark.parametrize(("p", "block"), [(0.001, None), (0.02, None), (0.5, None), (0.5, 200), (0.999, None)])
def test_bernoulli_part_by_part(p, block):
    whole = wire_randomly(p, 101, 0, 1009, block=block)
    for begin, end in PARTS:
        np.testing.assert_array_equal(wire_randomly(p, 101, begin, end, block=block, shift=17), whole[begin:end])


@pytest.mark.parametrize("p", [1e-4, 0.03, 0.6])
def test_bernoulli_distances_are_geometric(p):
    n_target = 200_000
    targets = np.flatnonzero(wire_randomly(p, 20, 0, n_target).T.ravel())
    gaps = np.diff(targets)
    observed = np.bincount(np.searchsorted(stats.geom(p).ppf([0.2, 0.4, 0.6, 0.8]), gaps), minlength=5)
    edges = stats.geom(p).cdf(stats.geom(p).ppf([0.2, 0.4, 0.6, 0.8]))
    expected = np.diff(edges, prepend=0.0, append=1.0)
    assert stats.chisquare(observed[expected > 0], expected[expected > 0] * len(gaps)).pvalue > UNLIKELY


def test_bernoulli_without_autapses_is_the_same_otherwise():
    for own in (0, 5, -40):
        whole = wire_randomly(0.5, 61, 0, 53)
        itself = np.arange(61) - np.arange(53)[:, None] == own
        np.testing.assert_array_equal(wire_randomly(0.5, 61, 0, 53, own=own), np.where(itself, 0, whole))
        assert whole[itself].any()


@pytest.mark.parametrize("p", [5e-324, 1e-18, 1e-12])
def test_bernoulli_with_a_tiny_probability_ends(p):
    assert bernoulli.distances(p)[1] == 2**30 - 1
    assert wire_randomly(p, 100, 0, 1000).sum() == 0
    indptr, targets = np.empty(3, np.int64), np.zeros(50, np.uint32)
    scale, block = bernoulli.distances(p)
    span = 2**31 - 1000, 2**31 - 1, connect.NO_AUTAPSE_RULE, 0
    assert connect.bernoulli(KEY, scale, block, *span, indptr, targets) == 0


def test_blocks_of_all_probabilities_have_about_as_many_synapses():
    for p in (1e-7, 0.003, 1 / 16, 0.3, 0.999):
        scale, block = bernoulli.distances(p)
        assert 20 < block * p <= 24
        assert scale == pytest.approx(-1.0 / math.log1p(-p))


def test_bernoulli_tells_how_much_room_it_needs():
    complete = wire_randomly(0.3, 31, 0, 37).sum()
    indptr, targets = np.empty(32, np.int64), np.zeros(50, np.uint32)
    given = targets[:10]
    span = 0, 37, connect.NO_AUTAPSE_RULE, 1
    assert connect.bernoulli(KEY, *bernoulli.distances(0.3), *span, indptr, given) == complete
    assert not targets[10:].any()


@pytest.mark.parametrize("indegree", [0, 1, 30])
def test_fixed_indegree(indegree):
    matrix = wire(connect.fixed_indegree, KEY, indegree, n_source=97, begin=0, end=1009)
    assert (matrix.sum(axis=1) == indegree).all()
    if indegree:
        assert stats.chisquare(matrix.sum(axis=0)).pvalue > UNLIKELY
    if indegree == 30:
        assert matrix.max() > 1  # drawn with replacement
    for begin, end in PARTS:
        part = wire(connect.fixed_indegree, KEY, indegree, n_source=97, begin=begin, end=end, shift=4)
        np.testing.assert_array_equal(part, matrix[begin:end])


@pytest.mark.parametrize("own", [0, 20, -20])
def test_fixed_indegree_without_autapses(own):
    n = 67
    matrix = wire(connect.fixed_indegree, KEY, 200, n_source=n, begin=0, end=n, own=own)
    itself = np.arange(n) - np.arange(n)[:, None] == own
    assert not matrix[itself].any()
    assert (matrix.sum(axis=1) == 200).all()
    with_itself = itself.any(axis=1)
    assert stats.chisquare(matrix[with_itself][~itself[with_itself]]).pvalue > UNLIKELY
    if own:
        assert stats.chisquare(matrix[~with_itself].ravel()).pvalue > UNLIKELY


@pytest.mark.parametrize(("begin", "end"), [(0, 13), (4, 9), (12, 13), (5, 5)])
def test_all_to_all_and_one_to_one(begin, end):
    post, pre = np.mgrid[begin:end, 0:13]
    for own in (connect.NO_AUTAPSE_RULE, 0, 3):
        everyone = wire(connect.all_to_all, n_source=13, begin=begin, end=end, own=own, shift=2)
        np.testing.assert_array_equal(everyone, (pre - post != own) | (own == connect.NO_AUTAPSE_RULE))
        partners = wire(connect.one_to_one, n_source=13, begin=begin, end=end, own=own, shift=2)
        np.testing.assert_array_equal(partners, (pre == post) & (own != 0))


def synapse_uniforms(indptr, targets, shift=0, begin=0, end=None):
    out = np.full((len(targets) if end is None else end) - begin, -1.0)
    connect.synapse_uniforms(KEY, indptr, targets, shift, begin, out)
    return out


def test_synapses_have_uniform_numbers_of_their_own():
    rng = np.random.default_rng(5)
    indptr = np.concatenate([[0], np.cumsum(rng.integers(0, 80, 300))])
    targets = np.concatenate([np.sort(rng.integers(0, 40, k)) for k in np.diff(indptr)]).astype(np.uint32)
    u = synapse_uniforms(indptr, targets)
    assert len(np.unique(u)) == len(u)  # several synapses of one pair, too, differ
    assert stats.kstest(u, "uniform").pvalue > UNLIKELY
    np.testing.assert_array_equal(synapse_uniforms(indptr, targets + np.uint32(9), shift=9), u)
    for begin, end in [(0, 1), (0, 77), (1, 2), (1000, 5000), (len(u) - 1, len(u)), (50, 50)]:
        np.testing.assert_array_equal(synapse_uniforms(indptr, targets, begin=begin, end=end), u[begin:end])
