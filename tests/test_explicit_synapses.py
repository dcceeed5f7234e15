"""Synapses that are given one by one: by a sparse matrix, or by arrays of indices."""

import numpy as np
import pytest
import scipy.sparse
from builders import N, assert_raises, cells, table
from wiring import assert_same, build, drawn_in_parts, entries, wired

from neurocore_nb import Normal, Projection, Uniform

# ---- explicit matrices ---------------------------------------------------------------------------------------------


def with_duplicates_and_zeros(n_target=23, n_source=19, n=200):
    rng = np.random.default_rng(1)
    rows, columns = rng.integers(0, n_target, n), rng.integers(0, n_source, n)
    data = rng.normal(0.0, 1.0, n)
    data[::7] = 0.0
    rows[:20], columns[:20] = rows[-20:], columns[-20:]
    return scipy.sparse.coo_array((data, (rows, columns)), shape=(n_target, n_source))


def unmerged_csr(coo):
    order = np.argsort(coo.row, kind="stable")
    indptr = np.concatenate([[0], np.cumsum(np.bincount(coo.row, minlength=coo.shape[0]))])
    return scipy.sparse.csr_array((coo.data[order], coo.col[order], indptr), shape=coo.shape)


def unmerged_csc(coo):
    return unmerged_csr(coo.T.tocoo(copy=True)).T


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("convert", [lambda coo: coo, unmerged_csr, unmerged_csc])
def test_an_explicit_matrix_comes_back_as_given(convert, threads):
    given = with_duplicates_and_zeros()
    matrix = convert(given)
    assert matrix.nnz == given.nnz
    result = wired(19, 23, None, topology=matrix, threads=threads)
    rows, columns, data = entries(unmerged_csr(given))
    for here, there in zip(entries(result)[:2], (rows, columns), strict=True):
        np.testing.assert_array_equal(here, there)
    np.testing.assert_allclose(entries(result)[2], data, rtol=1e-7, atol=1e-9)
    assert (result.data == 0.0).sum() == (given.data == 0.0).sum()


def test_an_explicit_matrix_with_weights_of_its_own():
    given = with_duplicates_and_zeros()
    constant = wired(19, 23, 2.5, topology=given)
    assert (constant.data == 2.5).all()
    assert constant.nnz == given.nnz
    drawn = wired(19, 23, Uniform(1.0, 2.0), topology=given, weight_dtype="float64")
    assert len(np.unique(drawn.data)) == drawn.nnz == given.nnz
    along = np.arange(given.nnz) / 8.0
    result = wired(19, 23, along, topology=given)
    expected = scipy.sparse.coo_array((along, (given.row, given.col)), shape=given.shape)
    np.testing.assert_array_equal(entries(result)[2], entries(unmerged_csr(expected))[2])


def test_an_explicit_matrix_between_parts():
    whole = cells(30)
    given = scipy.sparse.csr_array(np.arange(1.0, 13.0).reshape(3, 4))
    projection = Projection(whole[10:14], whole[12:15], None, topology=given)
    build(whole, projection)
    np.testing.assert_array_equal(projection.matrix().toarray(), given.toarray())


def test_an_empty_explicit_matrix():
    assert wired(19, 23, None, topology=scipy.sparse.csr_array((23, 19))).nnz == 0


# ---- arrays of indices ---------------------------------------------------------------------------------------------

PRE, POST = np.array([18, 0, 3, 3, 7]), np.array([0, 22, 5, 5, 1])


@pytest.mark.parametrize("dtype", [np.int64, np.uint8, np.int32, list])
def test_arrays_of_indices(dtype):
    convert = list if dtype is list else (lambda values: values.astype(dtype))
    result = wired(19, 23, 0.5, topology=(convert(PRE), convert(POST)))
    expected = scipy.sparse.coo_array((np.full(5, 0.5), (POST, PRE)), shape=(23, 19))
    assert_same(result, unmerged_csr(expected))


def test_weights_go_along_the_indices():
    weights = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    rows, columns, data = entries(wired(19, 23, weights, topology=(PRE, POST)))
    np.testing.assert_array_equal(rows, [0, 1, 5, 5, 22])
    np.testing.assert_array_equal(columns, [18, 7, 3, 3, 0])
    np.testing.assert_array_equal(data, [1.0, 5.0, 3.0, 4.0, 2.0])
    drawn = wired(19, 23, Normal(1.0, 0.1), topology=(PRE, POST))
    assert len(np.unique(drawn.data)) == 5


def test_indices_give_the_same_synapses_as_a_matrix():
    given = with_duplicates_and_zeros()
    options = {"weight": Uniform(1.0, 2.0), "delay": Uniform(0.0, 0.01), "threads": 2}
    assert_same(wired(19, 23, topology=(given.col, given.row), **options), wired(19, 23, topology=given, **options))


def test_indices_of_parts_are_their_own():
    whole = cells(30)
    projection = Projection(whole[10:14], whole[12:15], 2.0, topology=([0, 3], [2, 0]))
    build(whole, projection)
    np.testing.assert_array_equal(projection.matrix().toarray(), [[0, 0, 0, 2], [0, 0, 0, 0], [2, 0, 0, 0]])
    assert repr(projection) == "<Projection exc[10:14] -> exc[12:15]: 2 explicit synapses, weight 2 uA/cm2>"


def test_no_indices():
    assert wired(19, 23, 1.0, topology=([], [])).nnz == 0
    assert wired(0, 0, 1.0, topology=([], [])).nnz == 0


@pytest.mark.parametrize(("ranks", "threads"), [(2, 1), (5, 2)])
def test_explicit_synapses_in_parts(ranks, threads):
    given = with_duplicates_and_zeros()
    projection = Projection(cells(19), cells(23), np.arange(200.0), topology=(given.col, given.row), delay=1e-3)
    for here, there in zip(drawn_in_parts(projection, ranks, threads), drawn_in_parts(projection, 1), strict=True):
        np.testing.assert_array_equal(here, there)


def test_the_arrays_are_copied():
    pre, post = PRE.astype(np.int32), POST.astype(np.int32)
    projection = Projection(cells(19), cells(23), 1.0, topology=(pre, post))
    pre[:] = post[:] = 0
    np.testing.assert_array_equal(projection.topology.pre, PRE)
    np.testing.assert_array_equal(projection.topology.post, POST)


# ---- errors --------------------------------------------------------------------------------------------------------


def explicit(pre=(0, 4), post=(3, 0), weight=0.1, **options):
    return Projection(cells(N), cells(4, "inh"), weight, topology=(pre, post), **options)


def of_matrix(**options):
    twice = scipy.sparse.coo_array((np.ones(3), ([0, 3, 0], [1, 2, 1])), shape=(4, N))
    return Projection(cells(N), cells(4, "inh"), None, topology=twice, **options)


ERRORS = [
    (lambda: explicit(pre=[0.0, 1.0]), TypeError, r"exc -> inh: pre .*integers.*float64"),
    (lambda: explicit(post=[True, False]), TypeError, r"exc -> inh: post .*integers.*bool"),
    (lambda: explicit(pre="ab"), TypeError, r"exc -> inh: pre .*integers.*<U"),
    (lambda: explicit(pre=[[0], [1, 2]]), TypeError, r"exc -> inh: pre .*integers"),
    (lambda: explicit(pre=[[0, 1]]), ValueError, r"exc -> inh: pre has shape \(1, 2\).*\(n_synapses,\)"),
    (lambda: explicit(post=3), ValueError, r"exc -> inh: post has shape \(\)"),
    (lambda: explicit(pre=[0, 1, 2]), ValueError, r"exc -> inh: pre has 3 indices, but post has 2"),
    (lambda: explicit(pre=[0, 5]), ValueError, r"exc -> inh: pre holds 5 at index 1; legal are 0 to 4"),
    (lambda: explicit(post=[4, 0]), ValueError, r"exc -> inh: post holds 4 at index 0; legal are 0 to 3"),
    (lambda: explicit(pre=[-1, 0]), ValueError, r"exc -> inh: pre holds -1 at index 0"),
    (
        lambda: Projection(cells(0), cells(0, "inh"), 1.0, topology=([0], [0])),
        ValueError,
        r"exc -> inh: pre holds 0 at index 0; there are no neurons",
    ),
    (lambda: explicit(weight=None), ValueError, r"exc -> inh: weight=None .*matrix.*2 explicit synapses"),
    (lambda: explicit(weight=[1.0]), ValueError, r"exc -> inh: weight has shape \(1,\).*\(2,\).*uA/cm2"),
    (lambda: explicit(delay=[1e-3] * 3), ValueError, r"exc -> inh: delay has shape \(3,\).*\(2,\).* s"),
    (lambda: explicit(probability=0.5), ValueError, r"probability = 0\.5 .*2 explicit synapses.*leave it out"),
    (lambda: explicit(indegree=2), ValueError, r"indegree is for .*fixed_indegree.*2 explicit synapses"),
    (lambda: explicit(autapses=False), ValueError, r"exc -> inh: autapses=False .*2 explicit synapses"),
    (lambda: of_matrix(autapses=False), ValueError, r"exc -> inh: autapses=False .*3 explicit synapses"),
    (lambda: of_matrix(multapses=False), ValueError, r"exc -> inh: multapses=False.*from 1 onto 0; merge"),
    (lambda: of_matrix(probability=0.5), ValueError, r"probability = 0.5 .*3 explicit synapses"),
    (
        lambda: Projection(cells(N), cells(4, "inh"), 1.0, topology=([0], [1], [2])),
        ValueError,
        r"exc -> inh: topology is a tuple of 3; give \(pre, post\)",
    ),
    (lambda: Projection(cells(N), cells(4, "inh"), 1.0, topology=[[0], [1]]), TypeError, r"tuple \(pre, post\).*list"),
]


@pytest.mark.parametrize(("call", "kind", "pattern"), table(ERRORS))
def test_errors(call, kind, pattern):
    assert_raises(call, kind, pattern)


def test_distinct_pairs_are_accepted_without_multapses():
    assert explicit(multapses=False).topology.n_synapses == 2
