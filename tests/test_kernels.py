"""The compiled kernels one by one, against exact arithmetic, known answers and distributions."""

import math
from decimal import Decimal, localcontext

import naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import run_python, run_tiny
from scipy import stats

from neurocore_nb.engine.build import Block
from neurocore_nb.kernels.deliver import N_COLUMNS, deliver, row_of
from neurocore_nb.kernels.poisson import add_poisson, poisson_count, room, silence
from neurocore_nb.kernels.rng import (
    MORE_WORDS,
    exponential,
    exponential32,
    philox,
    shared_words,
    uniform_pair,
    uniforms,
)
from neurocore_nb.kernels.stimulate import first_beyond, move
from neurocore_nb.kernels.vmath import exp, gate, inverses, log, rate_fractions, relax

KEY = np.uint64(0x0123456789ABCDEF)
UNLIKELY = 1e-4  # p-values below this fail; seeds are fixed


def relative_errors(function, exact, arguments):
    with localcontext(prec=40):
        expected = [exact(Decimal(float(x))) for x in arguments]
        return np.array(
            [float(abs(Decimal(function(float(x))) / y - 1)) for x, y in zip(arguments, expected, strict=True)]
        )


# ---- elementary functions ------------------------------------------------------------------------------------------


def test_exp_is_accurate_near_zero():
    x = np.concatenate([np.linspace(-8.0, 8.0, 8001), np.logspace(-300, 0, 301), -np.logspace(-300, 0, 301)])
    assert relative_errors(exp, Decimal.exp, x).max() <= 3e-16


def test_exp_is_as_accurate_as_its_argument_far_from_zero():
    x = np.random.default_rng(1).uniform(-707.9, 708.9, 8000)
    assert (relative_errors(exp, Decimal.exp, x) <= 3e-16 + abs(x) * 2.0**-53).all()


def test_exp_at_special_values():
    assert exp(0.0) == exp(-0.0) == exp(5e-324) == 1.0
    assert exp(-708.0) == exp(-1e300) == exp(-math.inf) > 0.0
    assert exp(709.0) == exp(1e300) == exp(math.inf) < math.inf
    assert math.isnan(exp(math.nan))


def test_exp_never_decreases():
    x = np.sort(np.random.default_rng(2).uniform(-30.0, 30.0, 20000))
    y = np.array([exp(one) for one in x])
    assert (np.diff(y) >= -3e-16 * y[1:]).all()


WORDS = [*np.random.default_rng(4).integers(0, 2**32, 5000), *2 ** np.arange(32), 2**32 - 1, 2**31 - 1, 0]


def logarithm(word):
    """Exact to more digits than a float64 has."""
    with localcontext(prec=40):
        return -((Decimal(int(word)) + Decimal("0.5")) / 2**32).ln()


def test_exponential_numbers_are_accurate():
    for word in WORDS:
        x = exponential(np.uint32(word))
        assert x >= 0.0
        assert abs(Decimal(float(x)) - logarithm(word)) <= Decimal("2e-9")


def test_exponential_numbers_in_single_precision():
    for word in WORDS:
        x, exact = exponential32(np.uint32(word)), logarithm(word)
        assert x >= 0.0
        assert isinstance(x, float) or x.dtype == np.float32
        assert abs(Decimal(float(x)) - exact) <= Decimal("3e-7") * max(1, exact)


def test_log_is_accurate():
    rng = np.random.default_rng(3)
    x = np.concatenate(
        [rng.uniform(0.0, 1.0, 4000), 10.0 ** rng.uniform(-307.0, 307.0, 2000), 1.0 + rng.uniform(-1e-3, 1e-3, 1000)]
    )
    edges = [2.0**-53, 1.0 - 2.0**-53, 1.0 + 2.0**-52, math.sqrt(0.5), math.sqrt(2.0), 2.3e-308]
    assert relative_errors(log, Decimal.ln, np.concatenate([x, edges])).max() <= 3e-16
    assert log(1.0) == 0.0


# ---- gates and membranes -------------------------------------------------------------------------------------------

positive = st.floats(1e-6, 1e6)
settled = settings(max_examples=100, deadline=None, derandomize=True)


@settled
@given(positive, positive, positive, positive, st.floats(0.0, 1.0), st.floats(1e-4, 1.0))
def test_gate_from_rate_fractions_is_the_exact_solution(alpha, alpha_divisor, beta, beta_divisor, x, dt):
    opening, total, divisor = rate_fractions(alpha, alpha_divisor, beta, beta_divisor)
    a, b = alpha / alpha_divisor, beta / beta_divisor
    assert math.isclose(opening / total, a / (a + b), rel_tol=1e-14)
    assert math.isclose(total / divisor, a + b, rel_tol=1e-14)
    expected = a / (a + b) + (x - a / (a + b)) * math.exp(-dt * (a + b))
    assert math.isclose(gate(x, opening, total, divisor, 1.0 / (total * divisor), dt), expected, abs_tol=1e-12)


@settled
@given(positive, positive, positive)
def test_inverses(a, b, c):
    np.testing.assert_allclose(inverses(a, b, c), (1.0 / a, 1.0 / b, 1.0 / c), rtol=1e-15)


@settled
@given(st.floats(-200.0, 200.0), st.floats(-1e4, 1e4), st.floats(1e-3, 1e3), st.floats(1e-4, 1.0))
def test_relax_is_the_exact_solution(v, current, conductance, dt_over_c):
    steady = current / conductance
    expected = steady + (v - steady) * math.exp(-dt_over_c * conductance)
    result = relax(v, current, conductance, dt_over_c)
    assert math.isclose(result, expected, rel_tol=1e-13, abs_tol=1e-12 * (abs(v) + abs(steady)))


def test_gates_and_membranes_rest_at_their_steady_state():
    assert gate(0.25, 1.0, 4.0, 2.0, 1.0 / 8.0, 0.01) == 0.25
    assert relax(-65.0, -65.0, 1.0, 0.01) == -65.0


# ---- random numbers ------------------------------------------------------------------------------------------------

# Random123, kat_vectors: counter, key, result
KNOWN_ANSWERS = [
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
]


@pytest.mark.parametrize(("counter", "key", "result"), KNOWN_ANSWERS)
def test_philox_known_answers(counter, key, result):
    counter, key, result = ([int(word, 16) for word in words.split()] for words in (counter, key, result))
    assert [int(word) for word in philox(*(np.uint64(word) for word in counter + key))] == result
    assert [int(word) for word in naive.philox(counter, key)] == result


@settled
@given(st.integers(0, 2**64 - 1), st.integers(0, 2**32 - 30), st.integers(0, 2**63 - 1))
def test_uniforms_are_those_of_the_naive_simulator(key, first, step):
    u = np.empty(19)
    uniforms(np.uint64(key), first, step, 0, u)
    np.testing.assert_array_equal(u, naive.uniforms(key, first + np.arange(19), step))
    np.testing.assert_array_equal(u, [uniform_pair(np.uint64(key), first + j, step, 0)[0] for j in range(19)])


@settled
@given(st.integers(0, 2**64 - 1), st.integers(0, 2**33), st.integers(0, 300), st.integers(0, 2**63 - 1))
def test_shared_words_are_those_of_the_naive_simulator(key, first, n, step):
    out = np.full(n + MORE_WORDS + 1, -1.0)
    at = shared_words(np.uint64(key), first, n, step, out[:-1])
    np.testing.assert_array_equal(out[at : at + n], naive.words(key, first + np.arange(n), step))
    assert out[-1] == -1.0


def test_uniforms_are_uniform_and_odd_multiples_of_their_step():
    n = 200_000
    u = np.empty(n)
    uniforms(KEY, 0, 7, 0, u)
    assert 0.0 < u.min() < 1e-4
    assert 1.0 - 1e-4 < u.max() < 1.0
    assert ((u * 2.0**53) % 2.0 == 1.0).all()
    assert abs(u.mean() - 0.5) < 4.0 * math.sqrt(1.0 / 12.0 / n)
    assert abs(u.var() - 1.0 / 12.0) < 4.0 * math.sqrt(1.0 / 180.0 / n)
    assert stats.kstest(u, "uniform").pvalue > UNLIKELY


def test_uniforms_of_neighbours_and_pairs_are_independent():
    pairs = np.array([uniform_pair(KEY, a, b, c) for a in range(30) for b in range(30) for c in range(30)])
    counts, *_ = np.histogram2d(*pairs.T, bins=12, range=[[0, 1], [0, 1]])
    assert stats.chisquare(counts.ravel()).pvalue > UNLIKELY
    cube = pairs[:, 0].reshape(30, 30, 30)
    for axis in range(3):
        here, there = np.moveaxis(cube, axis, 0)[:-1].ravel(), np.moveaxis(cube, axis, 0)[1:].ravel()
        assert stats.pearsonr(here, there).pvalue > UNLIKELY
    for other_key in (KEY ^ np.uint64(1), KEY ^ np.uint64(1 << 32), KEY ^ np.uint64(1 << 63)):
        there = [uniform_pair(other_key, a, b, 0)[0] for a in range(30) for b in range(30)]
        assert stats.pearsonr(cube[:, :, 0].ravel(), there).pvalue > UNLIKELY


def poisson_counts(mean, n):
    counts = np.zeros(n)
    mean = np.full(n, mean)
    values = np.array([mean, np.ones(n), silence(mean)])
    add_poisson(counts, 0, np.array([0, 0, n, 0, 0, 0, KEY.view(np.int64), 1]), values, 3, 0, np.empty(room(n)))
    return counts


def test_poisson_counts_of_mean_zero():
    assert not poisson_counts(0.0, 1000).any()


@pytest.mark.parametrize("mean", [0.05, 1.0, 9.9, 29.9, 30.0, 37.0, 1000.0])
def test_poisson_counts_follow_their_distribution(mean):
    n = 1_000_000
    counts = poisson_counts(mean, n)
    assert (counts == np.floor(counts)).all()
    assert counts.min() >= 0.0
    # Classes of about equal probability, and at least five expected in each.
    edges = np.unique(stats.poisson.ppf(np.linspace(0.0, 1.0, 42)[1:-1], mean))
    expected = np.diff(stats.poisson.cdf(edges, mean), prepend=0.0, append=1.0) * n
    observed = np.bincount(np.searchsorted(edges, counts), minlength=len(expected))
    assert expected.min() > 5.0
    assert stats.chisquare(observed, expected * n / expected.sum()).pvalue > UNLIKELY
    assert abs(counts.mean() - mean) < 4.0 * math.sqrt(mean / n)


@pytest.mark.parametrize("mean", [0.05, 1.0, 9.9, 29.9])
def test_poisson_counts_of_small_mean_are_the_inverse_of_their_distribution(mean):
    u = naive.poisson_uniforms(int(KEY), np.arange(10_000), 3)
    np.testing.assert_array_equal(poisson_counts(mean, len(u)), stats.poisson.ppf(u, mean))


@pytest.mark.parametrize(("begin", "n"), [(0, 20), (5, 3), (8, 20), (16, 4)])
def test_poisson_input_lands_on_its_neurons(begin, n):
    column, count, first, offset, step = 4, 12, 30, 3, 2**32 + 5
    values = np.zeros((3, offset + count))
    values[0] = np.linspace(0.5, 60.0, offset + count)
    values[1] = np.arange(1.0, offset + count + 1.0)
    values[2] = silence(values[0])
    stimulus = np.array([0, column, count, first, offset, 0, KEY.view(np.int64), 1])
    arriving = np.full(n, 0.25)
    add_poisson(arriving, begin, stimulus, values, step, 0, np.empty(room(n)))
    expected = np.full(n, 0.25)
    for j in range(max(begin, column), min(begin + n, column + count)):
        neuron, value = first + j - column, offset + j - column
        word = float(naive.words(int(KEY), neuron, step))
        expected[j - begin] += values[1, value] * poisson_count(
            word, values[0, value], values[2, value], KEY, neuron, step
        )
    np.testing.assert_array_equal(arriving, expected)


@pytest.mark.parametrize("n", [1, 2, 7, 16, 33])
@pytest.mark.parametrize("culprit", [2.0, -2.0, math.inf, -math.inf, math.nan])
def test_move_finds_a_sum_beyond_the_limit_anywhere(n, culprit):
    line = np.linspace(-1.9, 1.9, n)
    values = np.full(n, 0.5)
    assert move(line.copy(), 2.0, values)
    np.testing.assert_array_equal(values, 0.5 + line)
    for k in range(n):
        wrong = line.copy()
        wrong[k] = culprit
        assert not move(wrong, 2.0, values)
        assert first_beyond(wrong, 2.0) == k


# ---- delivery ------------------------------------------------------------------------------------------------------


def test_row_of_finds_what_is_there_and_nothing_else():
    for n in range(9):
        sources = (3 * np.arange(n) + 2).astype(np.uint32)
        places = {int(source): row for row, source in enumerate(sources)}
        for source in range(3 * n + 5):
            assert row_of(source, sources) == places.get(source, -1)


WEIGHTS = {"one": None, "float32": np.float32, "float64": np.float64}
DELAYS = {"one": None, "uint8": np.uint8, "uint16": np.uint16, "uint32": np.uint32}


def random_block(rng, n_source, n_target, longest, weights, delays, compressed):
    sources = np.flatnonzero(rng.random(n_source) < 0.6).astype(np.uint32)
    counts = rng.integers(0, 6, len(sources) if compressed else n_source)
    indptr = np.concatenate([[0], np.cumsum(counts)])
    n = indptr[-1]
    targets = rng.integers(0, n_target, n).astype(np.uint32)
    # Whole multiples of one number, as the exact addition of weights demands.
    weight = 0.375 if WEIGHTS[weights] is None else (rng.integers(-99, 99, n) * 0.125).astype(WEIGHTS[weights])
    delay = longest if DELAYS[delays] is None else rng.integers(0, longest + 1, n).astype(DELAYS[delays])
    return Block(indptr, sources if compressed else None, targets, weight, delay)


def deliver_naively(ring, step, spikes, blocks):
    for block, source_begin in blocks:
        rows = np.arange(len(block.indptr) - 1) if block.sources is None else block.sources
        weights, delays = (np.broadcast_to(one, block.targets.shape) for one in (block.weights, block.delays))
        for neuron, after in spikes.T:
            for row in np.flatnonzero(rows == neuron - source_begin):
                for k in range(block.indptr[row], block.indptr[row + 1]):
                    slot = (step + int(after) + 1 + int(delays[k])) % len(ring)
                    ring[slot, block.targets[k]] += float(weights[k])


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    kinds=st.lists(st.tuples(st.sampled_from(list(WEIGHTS)), st.sampled_from(list(DELAYS)), st.booleans()), max_size=4),
    n_source=st.integers(1, 12),
    n_target=st.integers(1, 9),
    longest=st.integers(0, 6),
    step=st.integers(0, 2**40),
    seed=st.integers(0, 10**6),
)
def test_deliver(kinds, n_source, n_target, longest, step, seed):
    rng = np.random.default_rng(seed)
    blocks = [(random_block(rng, n_source, n_target, longest, *kind), int(rng.integers(0, 5))) for kind in kinds]
    table = np.array([block.table_row(0, begin, n_source) for block, begin in blocks]).reshape(-1, N_COLUMNS)
    spikes = np.stack([rng.integers(0, n_source + 6, 25), np.sort(rng.integers(0, 4, 25))]).astype(np.int32)
    ring = rng.integers(-9, 9, (longest + 1, n_target)) * 0.125
    expected = ring.copy()
    deliver_naively(expected, step, spikes, blocks)
    deliver(ring[None], step, spikes, table.astype(np.int64))
    np.testing.assert_array_equal(ring, expected)


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("delays", DELAYS)
@pytest.mark.parametrize("weights", WEIGHTS)
def test_deliver_every_kind(weights, delays, compressed):
    rng = np.random.default_rng(7)
    block = random_block(rng, 50, 20, 11, weights, delays, compressed)
    spikes = np.stack([rng.permutation(50), np.zeros(50)]).astype(np.int32)
    ring, expected = np.zeros((12, 20)), np.zeros((12, 20))
    deliver_naively(expected, 5, spikes, [(block, 0)])
    deliver(ring[None], 5, spikes, block.table_row(0, 0, 50)[None])
    assert len(block.targets) > 20
    assert expected.any()
    np.testing.assert_array_equal(ring, expected)


def test_deliver_spikes_that_do_not_stand_side_by_side():
    block = random_block(np.random.default_rng(7), 50, 20, 11, "one", "one", False)
    spikes = np.stack([np.arange(50), np.arange(50) % 4, np.zeros(50)]).astype(np.int32)
    expected = np.zeros((12, 20))
    deliver_naively(expected, 5, spikes[:2, ::2], [(block, 0)])
    for some in (spikes[:, ::2], np.asfortranarray(spikes[:2, ::2])):
        ring = np.zeros((12, 20))
        deliver(ring[None], 5, some, block.table_row(0, 0, 50)[None])
        np.testing.assert_array_equal(ring, expected)


# ---- the same, not compiled, and with bounds checked ---------------------------------------------------------------


@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_plain_python_gives_the_same_bits(precision):
    program = f"import networks, numba; assert numba.config.DISABLE_JIT; print(networks.run_tiny({precision!r}))"
    assert run_python(program, NUMBA_DISABLE_JIT="1") == run_tiny(precision)


CHECK_BOUNDS = """
import networks
import numpy as np
from neurocore_nb.kernels.advance import N_OUTCOMES
from neurocore_nb.kernels.integrate import note_spikes
print(networks.run_tiny())
try:
    note_spikes(np.ones(3, np.int64), 0, 0, 1, np.empty((3, 2), np.int32), np.zeros(N_OUTCOMES, np.int64))
except IndexError:
    print("checked")
"""


def test_no_kernel_leaves_its_arrays(tmp_path):
    # Without optimisation compilation takes half the time; the results must not depend on it.
    environment = {"NUMBA_BOUNDSCHECK": "1", "NUMBA_OPT": "0", "NUMBA_CACHE_DIR": str(tmp_path)}
    out = run_python(CHECK_BOUNDS, NEUROCORE_NB_CACHE="0", **environment)
    assert out == run_tiny() + "\nchecked"
