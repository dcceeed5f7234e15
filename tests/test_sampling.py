"""Binomial and hypergeometric numbers, and choices without repetition, against their exact distributions."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats
from wiring import UNLIKELY

from neurocore_nb.kernels import abreast, rows, sampling
from neurocore_nb.kernels.rows import draw_row, new_scratch
from neurocore_nb.kernels.sampling import binomial, heads, hypergeometric

KEY = np.uint64(0x0123456789ABCDEF)
NOTHING = -1  # an excluded item that there isn't
N_DRAWN = 10_000
fixed = settings(derandomize=True, deadline=None, max_examples=200)


def drawn(sampler, *parameters, n=N_DRAWN):
    return np.array([sampler(*parameters, KEY, node, 3) for node in range(n)])


def assert_follows(numbers, distribution):
    """Chi-square test in classes of about equal probability."""
    edges = np.unique(distribution.ppf(np.linspace(0.0, 1.0, 21)[1:-1]))
    expected = np.diff(distribution.cdf(edges), prepend=0.0, append=1.0)
    observed = np.bincount(np.searchsorted(edges, numbers), minlength=len(expected))
    assert observed[expected < 1e-12].sum() == 0
    kept = expected >= 1e-12
    if kept.sum() > 1:
        assert stats.chisquare(observed[kept], expected[kept] * len(numbers)).pvalue > UNLIKELY


# ---- numbers -------------------------------------------------------------------------------------------------------

BINOMIAL = [
    (1, 0.5), (7, 0.3), (19, 0.5), (21, 0.5), (40, 0.26), (100, 0.05), (100, 0.97), (1000, 0.3), (1000, 0.999),
    (10**6, 1e-6), (10**6, 1.1e-5), (10**6, 0.7), (10**9, 0.5), (2**53, 1e-15), (10**15, 2e-14),
]  # fmt: skip


@pytest.mark.parametrize(("n", "p"), BINOMIAL)
def test_binomial(n, p):
    assert_follows(drawn(binomial, n, p), stats.binom(n, p))


@pytest.mark.parametrize("n", [0, 1, 5, 63, 64, 65, 100, 127, 128, 129, 192, 1000, 4096])
def test_heads_of_a_coin(n):
    assert_follows(drawn(heads, n), stats.binom(n, 0.5))


HYPERGEOMETRIC = [
    (1, 1, 1), (3, 4, 2), (20, 20, 20), (33, 33, 33), (40, 50, 60), (200, 300, 40), (200, 300, 450), (300, 200, 45),
    (1000, 1000, 100), (1000, 1000, 1900), (10**6, 10**6, 35), (35, 10**6, 10**5), (50, 10**6, 10**6 - 30),
    (10**5, 10**9, 10**5), (10**6, 3 * 10**6, 10**6),
]  # fmt: skip


@pytest.mark.parametrize(("places", "others", "n"), HYPERGEOMETRIC)
def test_hypergeometric(places, others, n):
    assert_follows(drawn(hypergeometric, places, others, n), stats.hypergeom(places + others, places, n))


@pytest.mark.parametrize(
    ("sampler", "parameters", "mean", "variance"),
    [
        (binomial, (2**53, 0.5), 2.0**52, 2.0**51),
        (binomial, (10**15, 0.01), 1e13, 0.99e13),
        (hypergeometric, (2**61, 2**61, 2**50), 2.0**49, 2.0**48),
        (hypergeometric, (10**12, 3 * 10**12, 2 * 10**12), 5e11, 5e11 * 0.75 * 0.5),
    ],
)
def test_numbers_so_large_that_they_are_normal(sampler, parameters, mean, variance):
    z = (drawn(sampler, *parameters) - mean) / math.sqrt(variance)
    assert stats.kstest(z, stats.norm.cdf).pvalue > UNLIKELY


@fixed
@given(st.integers(0, 2**53), st.floats(0.0, 1.0), st.integers(0, 2**32))
def test_binomial_keeps_its_bounds(n, p, node):
    k = binomial(n, p, KEY, node, 0)
    assert 0 <= k <= n
    assert k == binomial(n, p, KEY, node, 0)


@fixed
@given(st.integers(0, 2**60), st.integers(0, 2**60), st.integers(0, 2**32), st.data())
def test_hypergeometric_keeps_its_bounds(places, others, node, data):
    n = data.draw(st.integers(0, min(places + others, 2**53)))
    assert max(0, n - others) <= hypergeometric(places, others, n, KEY, node, 0) <= min(n, places)


def test_impossible_and_certain_events():
    assert (drawn(binomial, 50, 0.0, n=100) == 0).all()
    assert (drawn(binomial, 50, 1.0, n=100) == 50).all()
    assert (drawn(binomial, 2**53, 5e-324, n=100) == 0).all()
    assert (drawn(hypergeometric, 70, 80, 150, n=100) == 70).all()
    assert (drawn(hypergeometric, 0, 80, 60, n=100) == 0).all()


@pytest.mark.parametrize("seed", range(5))
def test_the_hat_of_the_rejection_covers_the_distribution(seed):
    rng = np.random.default_rng(seed)
    for total in 10.0 ** rng.uniform(1.0, 5.0, 100):
        n, places = (int(1 + total**u / 2) for u in rng.uniform(0.0, 1.0, 2))
        for one in (stats.binom(int(total), rng.uniform(0.0, 0.5)), stats.hypergeom(int(total) + 2, places, n)):
            mean, variance = one.stats("mv")
            k = np.arange(max(0, mean - 40 * math.sqrt(variance + 1)) // 1, mean + 40 * math.sqrt(variance + 1))
            height = one.logpmf(k)
            half_width = 0.5 * (sampling._PER_SD * math.sqrt(variance + 0.5) + sampling._AT_LEAST)
            distance = np.maximum(abs(k - mean - 0.5), abs(k - mean + 0.5))
            assert (distance * np.exp(0.5 * (height - height.max())) <= half_width).all()


# ---- choices -------------------------------------------------------------------------------------------------------


def chosen(count, n, multapses=False, excluded=NOTHING, row=0, begin=0, end=None, key=KEY, room=None):
    out = np.zeros(count + 1 if room is None else room, np.uint32)
    end = n if end is None else end
    found = draw_row(key, row, count, n, excluded, multapses, begin, end, 0, new_scratch(), out, 0)
    return out[:found].astype(int)


WAYS = [(rows.FEW, rows.MOST_BITS), (1, rows.MOST_BITS), (2, 0), (rows.FEW, 0)]


def drawing(monkeypatch, few, most_bits):
    """The uncompiled function, with other sizes: few choices in a block have much decided by halving."""
    for name in ("_next_block", "_draw_block", "_levels"):
        monkeypatch.setattr(rows, name, getattr(rows, name).py_func)
    monkeypatch.setattr(rows, "FEW", few)
    monkeypatch.setattr(rows, "MOST_BITS", most_bits)
    scratch = new_scratch()
    return lambda row, count, n, excluded, multapses, out: draw_row.py_func(
        KEY, row, count, n, excluded, multapses, 0, n, 0, scratch, out, 0
    )


@pytest.mark.parametrize(("few", "most_bits"), WAYS)
@pytest.mark.parametrize(("n", "count", "excluded"), [(5, 2, NOTHING), (6, 3, 2), (7, 6, NOTHING), (6, 5, 0)])
def test_each_subset_is_as_likely_as_any_other(n, count, excluded, few, most_bits, monkeypatch):
    draw, out = drawing(monkeypatch, few, most_bits), np.zeros(count, np.uint32)
    subsets = dict.fromkeys(itertools.combinations([item for item in range(n) if item != excluded], count), 0)
    for row in range(100 * len(subsets)):
        assert draw(row, count, n, excluded, False, out) == count
        subsets[tuple(out.tolist())] += 1
    if len(subsets) > 1:
        assert stats.chisquare(list(subsets.values())).pvalue > UNLIKELY


@pytest.mark.parametrize(("few", "most_bits"), WAYS)
def test_repeated_choices_are_independent(few, most_bits, monkeypatch):
    draw, out = drawing(monkeypatch, few, most_bits), np.zeros(3, np.uint32)
    observed = dict.fromkeys(itertools.combinations_with_replacement([0, 2, 3], 3), 0)
    for row in range(3000):
        draw(row, 3, 4, 1, True, out)
        observed[tuple(out.tolist())] += 1
    ways = [len(set(itertools.permutations(one))) for one in observed]
    assert stats.chisquare(list(observed.values()), np.array(ways) * 3000 / 27).pvalue > UNLIKELY


@pytest.mark.parametrize(
    ("count", "n"), [(300, 1000), (900, 1000), (40, 100_000), (500, 501), (31, 40), (1000, 300_001), (1000, 20_000)]
)
def test_choices_in_a_range_have_the_exact_distribution(count, n):
    begin, end = n // 7, n // 7 + n // 3
    for multapses, exact in (
        (True, stats.binom(count, (end - begin) / n)),
        (False, stats.hypergeom(n, end - begin, count)),
    ):
        found = [len(chosen(count, n, multapses, row=row, begin=begin, end=end)) for row in range(2000)]
        assert_follows(np.array(found), exact)


choices = st.tuples(st.integers(2, 400), st.floats(0.0, 1.0), st.booleans(), st.integers(-1, 450), st.integers(0, 99))


@fixed
@given(choices, st.data())
def test_part_by_part(choice, data):
    n, share, multapses, excluded, row = choice
    count = int(share * (n - 1)) * (3 if multapses else 1)
    whole = chosen(count, n, multapses, excluded, row)
    assert len(whole) == count
    assert (np.diff(whole) >= (0 if multapses else 1)).all()
    assert excluded not in whole
    assert count == 0 or 0 <= whole[0] <= whole[-1] < n
    borders = [0, *sorted(data.draw(st.lists(st.integers(0, n), max_size=4))), n]
    parts = [chosen(count, n, multapses, excluded, row, *part) for part in itertools.pairwise(borders)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_all_items_are_chosen_where_there_are_no_more():
    np.testing.assert_array_equal(chosen(1000, 1000), np.arange(1000))
    np.testing.assert_array_equal(chosen(99, 100, excluded=40), np.delete(np.arange(100), 40))


@pytest.mark.parametrize(("count", "n"), [(200, 4097), (3000, 70_001), (2500, 40_000), (90, 13)])
def test_all_items_are_as_likely(count, n):
    for multapses in (True, False) if count < n else (True,):
        taken = np.concatenate([chosen(count, n, multapses, 5, row) for row in range(200)])
        counts = np.bincount(taken, minlength=n)
        assert counts[5] == 0
        groups = np.array_split(np.delete(counts, 5), 8)
        expected = np.array([len(group) for group in groups]) * len(taken) / (n - 1)
        narrower = 1.0 if multapses else 1.0 - count / (n - 1)
        chi2 = sum((group.sum() - mean) ** 2 / mean for group, mean in zip(groups, expected, strict=True)) / narrower
        assert UNLIKELY < stats.chi2.cdf(chi2, 7) < 1.0 - UNLIKELY


def test_it_goes_on_writing_where_it_is_told_to():
    out = np.zeros(400, np.uint32)
    assert draw_row(KEY, 0, 300, 1000, NOTHING, True, 0, 1000, 17, new_scratch(), out, 50) == 350
    np.testing.assert_array_equal(out[50:350], chosen(300, 1000, True) + 17)
    assert not out[:50].any()
    assert not out[350:].any()


def test_one_item_takes_all():
    assert (chosen(1000, 1, multapses=True) == 0).all()
    assert (chosen(1000, 2, multapses=True, excluded=0) == 1).all()


def test_it_tells_how_much_room_it_needs():
    out = np.zeros(20, np.uint32)
    needed = draw_row(KEY, 0, 300, 1000, NOTHING, False, 100, 600, 0, new_scratch(), out[:10], 0)
    complete = chosen(300, 1000, begin=100, end=600)
    assert needed == len(complete)
    np.testing.assert_array_equal(out[:10], complete[:10])
    assert not out[10:].any()


# ---- rows side by side ---------------------------------------------------------------------------------------------


@given(
    count=st.integers(1, rows.FEW), items=st.integers(2, 10**6), multapses=st.booleans(),
    first=st.integers(0, 2**32 - 9), own=st.integers(-50, 50), part=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    room=st.floats(0, 1),
)  # fmt: skip
@example(count=90, items=16200, multapses=False, first=7, own=0, part=(0.1, 0.7), room=1.0)  # repetitions
@example(count=3, items=2, multapses=True, first=0, own=0, part=(0.0, 1.0), room=1.0)  # one item is left
@fixed
def test_rows_side_by_side_are_those_drawn_alone(count, items, multapses, first, own, part, room):
    if not abreast.can_go_abreast.py_func(count, items, multapses):
        return
    begin, end = sorted(int(share * items) for share in part)
    rows_, outs = first + np.arange(abreast.ABREAST), np.zeros((2, 10 + int(room * 8 * count)), np.uint32)
    expected = [3]
    for row in rows_:
        found = draw_row(
            KEY, row, count, items, row - first - own, multapses, begin, end, 5, new_scratch(), outs[0], expected[-1]
        )
        expected.append(found)
    starts = np.zeros(abreast.ABREAST, np.int64)
    found = abreast.draw_rows(
        KEY, rows_, count, items, first + own, multapses, begin, end, 5, abreast.new_scratch_abreast(), new_scratch(),
        starts, outs[1], 3,
    )  # fmt: skip
    assert [*starts, found] == expected
    np.testing.assert_array_equal(outs[1], outs[0])
