"""Receptors' kernels for other codes, and synapses as arrays, beside networks, NumPy and scipy."""

import ctypes
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numba import njit

from neurocore_nb import (
    GABAB,
    NMDA,
    AlphaCurrent,
    BiexpConductance,
    CurrentPulse,
    ExpConductance,
    GradedRelease,
    HodgkinHuxleyNeuron,
    LIFNeuron,
    Network,
    Population,
    Projection,
    SpikeSource,
    StepCurrent,
)
from neurocore_nb.kernels import by_source, model_kernel, receptor_kernel, scatter

N, STEPS = 37, 100
DT = {HodgkinHuxleyNeuron: 1e-5, LIFNeuron: 1e-4}  # s, one substep
RECEPTORS = {  # with their states at the start
    ExpConductance(tau=3.0, e_rev=-10.0): {"g": 0.4},
    AlphaCurrent(tau=2.0): {"i": 5.0, "rise": 2.0},
    NMDA(tau_decay=50.0): {"g": 0.3, "rise": 0.2},
    GABAB(g_max=2.0): {"g": 0.01, "r": 0.2, "s": 1.5},
}


def both(model, *receptors):
    """Kernels of a model and receptors, with the substep that a network takes."""
    dt = DT[model] * 1e3
    tau_m = model.parameters["tau_m"].default if model.membrane_time_constant else np.inf
    return model_kernel(model, dt), [receptor_kernel(one, dt, tau_m) for one in receptors]


def start(model, receptors):
    """States of a population of neurons at the start, by name, and as arrays for kernels."""
    rng = np.random.default_rng(5)
    initial = {"v": rng.uniform(-70.0, -56.0, N)}
    kernel, kernels = both(model, *receptors)
    states = kernel.start(N)
    states[kernel.states.index("v")] = initial["v"]
    parts = []
    for r, receptor in enumerate(receptors):
        values = [RECEPTORS[receptor][name] * rng.uniform(0.0, 1.0, N) for name in kernels[r].states]
        initial |= {f"{name}_r{r}": value for name, value in zip(kernels[r].states, values, strict=True)}
        parts.append(np.array(values))
    return initial, kernel, states, kernels, parts


def in_network(model, receptors, initial, *objects):
    """All states of a network after ``STEPS`` steps."""
    named = {f"r{r}": one for r, one in enumerate(receptors)}
    cells = Population(model, N, receptors=named, initial=initial, label="cells")
    net = Network(cells, *(make(cells) for make in objects))
    net.run(STEPS * DT[model], dt=DT[model], threads=1)
    return np.array(list(net.get_states()["cells"].values()))


def in_kernels(kernel, states, kernels, parts, injected, arriving=None):
    """The same by kernels; ``arriving(step)`` is what arrives at the first receptor."""
    fired = np.zeros(N, np.int64)
    for step in range(STEPS):
        if arriving is not None:
            kernels[0].arrive(parts[0], arriving(step), kernels[0].constants, 0, N)
        current, conductance, v = injected.copy(), np.zeros(N), states[kernel.states.index("v")].copy()
        for receptor, part in zip(kernels, parts, strict=True):
            for begin, end in ((0, 10), (10, N)):
                receptor.advance(part, v, current, conductance, receptor.constants, begin, end)
        kernel.advance(states, current, conductance, current[:0], fired, kernel.constants, kernel.varied, 0, N)
    return np.concatenate([states, *parts])


CASES = [(HodgkinHuxleyNeuron, [one]) for one in RECEPTORS] + [
    (LIFNeuron, [AlphaCurrent(tau=2.0)]),
    (HodgkinHuxleyNeuron, list(RECEPTORS)),
]


@pytest.mark.parametrize(("model", "receptors"), CASES, ids=str)
def test_receptors_and_model_have_the_bits_of_a_network(model, receptors):
    receptors = [next(one for one in RECEPTORS if type(one) is type(receptor)) for receptor in receptors]
    initial, *made = start(model, receptors)
    injected = np.linspace(0.0, 20.0, N)
    expected = in_network(model, receptors, initial, lambda cells: StepCurrent(0.0, 1.0, injected))
    np.testing.assert_array_equal(in_kernels(*made, injected), expected)


@pytest.mark.parametrize("receptor", RECEPTORS, ids=str)
def test_spikes_over_synapses_have_the_effect_they_have_in_a_network(receptor):
    rng = np.random.default_rng(6)
    n_source = 5
    post, pre = np.nonzero(rng.random((N, n_source)) < 0.4)
    weights = rng.integers(1, 9, post.size) / 8.0  # sums of them are exact
    steps, sources = rng.integers(1, STEPS, 60), rng.integers(0, n_source, 60)
    matrix = scipy.sparse.coo_array((weights, (post, pre)), shape=(N, n_source))
    source = SpikeSource(steps * DT[HodgkinHuxleyNeuron], sources, n=n_source)
    initial, *made = start(HodgkinHuxleyNeuron, [receptor])
    expected = in_network(
        HodgkinHuxleyNeuron,
        [receptor],
        initial,
        lambda _: source,
        lambda cells: Projection(
            source, cells, weight=None, topology=matrix, receptor="r0", weight_dtype="float64"
        ),
    )  # fmt: skip

    indptr, order = np.empty(n_source + 1, np.int64), np.empty(post.size, np.int64)
    assert by_source(pre, n_source, indptr, order)

    def arriving(step):
        sums = np.zeros(N)
        for begin, end in ((0, 20), (20, N)):
            scatter(sources[steps == step], indptr, post[order], weights[order], begin, end, sums)
        return sums

    np.testing.assert_array_equal(in_kernels(*made, np.zeros(N), arriving), expected)


def as_c(address, n_pointers):
    pointer = ctypes.POINTER(ctypes.c_double)
    function = ctypes.CFUNCTYPE(None, *[pointer] * n_pointers, *[ctypes.c_int64] * 3)(address)

    def call(*arguments):
        data = [one.ctypes.data_as(pointer) for one in arguments[:n_pointers]]
        function(*data, arguments[0].shape[1], *arguments[n_pointers:])

    return call


@njit
def one_by_one(scalar_arrive, scalar_advance, states, weights, v, current, conductance, constants):
    for j in range(states.shape[1]):
        state, current[j], conductance[j] = scalar_advance(
            scalar_arrive(states[:, j], weights[j], constants), v[j], constants
        )
        for row in range(len(state)):
            states[row, j] = state[row]


@pytest.mark.parametrize("receptor", [*RECEPTORS, BiexpConductance(), GradedRelease()], ids=str)
def test_a_receptor_by_every_way_to_call_it(receptor):
    kernel = receptor_kernel(receptor, 0.1)
    rng = np.random.default_rng(7)
    begin = rng.uniform(0.0, 0.5, (len(kernel.states), N))
    weights, v = rng.uniform(0.0, 2.0, N), rng.uniform(-80.0, 20.0, N)
    results = []
    for arrive, advance in (
        (kernel.arrive, kernel.advance),
        (as_c(kernel.arrive_address, 3), as_c(kernel.advance_address, 5)),
        (kernel.arrive.py_func, kernel.advance.py_func),
    ):
        states, current, conductance = begin.copy(), np.zeros(N), np.zeros(N)
        for a, b in ((0, 11), (11, N)):
            arrive(states, weights, kernel.constants, a, b)
            advance(states, v, current, conductance, kernel.constants, a, b)
        results.append(np.array([*states, current, conductance]))
    states, current, conductance = begin.copy(), np.zeros(N), np.zeros(N)
    given = states, weights, v, current, conductance, kernel.constants
    one_by_one(kernel.scalar_arrive, kernel.scalar_advance, *given)
    results.append(np.array([*states, current, conductance]))
    for result in results[1:]:
        np.testing.assert_array_equal(result, results[0])


@pytest.mark.parametrize("receptor", RECEPTORS, ids=str)
def test_what_arrives_is_taken_as_the_class_says(receptor):
    kernel = receptor_kernel(receptor, 0.1)
    rng = np.random.default_rng(8)
    states, weights = rng.uniform(0.0, 0.5, (len(kernel.states), N)), rng.uniform(0.0, 2.0, N)
    function = type(receptor).arrive
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    known = dict(zip(kernel.parameters, kernel.constants, strict=True))
    known |= dict(zip(kernel.states, states.copy(), strict=True)) | {"w": weights}
    expected = [
        function(*(known[name] if np.ndim(known[name]) == 0 else known[name][j] for name in names)) for j in range(N)
    ]
    kernel.arrive(states, weights, kernel.constants, 0, N)
    np.testing.assert_array_equal(states, np.array(expected).reshape(N, -1).T)


@pytest.mark.parametrize(
    ("receptor", "arguments", "error", "says"),
    [
        (ExpConductance, (0.1,), TypeError, "receptor must be a receptor with its parameters, such as"),
        ("ExpConductance", (0.1,), TypeError, "receptor must be a receptor with its parameters, such as"),
        (CurrentPulse(), (0.1,), TypeError, "has no states"),
        (ExpConductance(), (-0.1,), ValueError, "dt must be a positive number of ms"),
        (ExpConductance(), (0.1, 0.0), ValueError, "tau_m must be a positive number of ms, not 0.0"),
        (ExpConductance(), (0.1, np.nan), ValueError, "tau_m must be"),
        (ExpConductance(), (0.1, np.ones(2)), ValueError, "tau_m must be"),
        (ExpConductance(tau=0.0), (0.1,), ValueError, "ExpConductance: tau = 0.0 ms: must be finite, and above 0"),
        (ExpConductance(tau=[1.0, 2.0]), (0.1,), TypeError, "tau must be one number here; make a kernel for each"),
        (ExpConductance(e_rev="0"), (0.1,), TypeError, "e_rev must be a number"),
    ],
)
def test_wrong_receptors(receptor, arguments, error, says):
    with pytest.raises(error, match=says):
        receptor_kernel(receptor, *arguments)


def test_arrays_that_do_not_fit():
    kernel = receptor_kernel(AlphaCurrent(), 0.1)
    states, row = kernel.start(3), np.zeros(3)
    with pytest.raises(TypeError, match=r"AlphaCurrent.arrive: states must be an array of shape \(2, n\), of i, rise"):
        kernel.arrive(row, row, kernel.constants, 0, 3)
    with pytest.raises(ValueError, match=r"AlphaCurrent.arrive: weights must have one value for each column of states"):
        kernel.arrive(states, row[:2], kernel.constants, 0, 3)
    with pytest.raises(ValueError, match=r"AlphaCurrent.advance: v, current, conductance must have one value"):
        kernel.advance(states, row, row, row[:1], kernel.constants, 0, 3)
    with pytest.raises(ValueError, match="begin and end must be"):
        kernel.advance(states, row, row.copy(), row.copy(), kernel.constants, 0, 4)


# ---- synapses as arrays ----------------------------------------------------------------------------------------------

settled = settings(max_examples=60, deadline=None, derandomize=True)


@settled
@given(st.data())
def test_synapses_by_source(data):
    n_source = data.draw(st.integers(0, 12))
    sources = data.draw(hnp.arrays(np.int64, st.integers(0, 60 if n_source else 0), elements=st.integers(0, n_source)))
    indptr, order = np.empty(n_source + 1, np.int64), np.empty(sources.size, np.int64)
    fine = by_source(sources, n_source, indptr, order)
    assert fine == (sources < n_source).all()
    if fine:
        np.testing.assert_array_equal(order, np.argsort(sources, kind="stable"))
        np.testing.assert_array_equal(indptr, np.searchsorted(np.sort(sources), np.arange(n_source + 1)))


@settled
@given(st.data())
def test_scatter_is_a_product_with_the_matrix(data):
    n_source, n_target = data.draw(st.integers(1, 12)), data.draw(st.integers(1, 40))
    seed, density = data.draw(st.integers(0, 999)), data.draw(st.floats(0.0, 1.0))
    rng = np.random.default_rng(seed)
    pre, post = np.nonzero(rng.random((n_source, n_target)) < density)
    eighths = rng.integers(-99, 99, 1 if data.draw(st.booleans()) else pre.size) / 8.0
    whole = scipy.sparse.csr_array((np.broadcast_to(eighths, pre.size), (pre, post)), shape=(n_source, n_target))
    indptr, order = np.empty(n_source + 1, np.int64), np.empty(pre.size, np.int64)
    assert by_source(pre, n_source, indptr, order)
    targets = post[order].astype(data.draw(st.sampled_from([np.int32, np.int64])))
    spikes = rng.integers(0, n_source, data.draw(st.integers(0, 30)))
    expected = whole.T @ np.bincount(spikes, minlength=n_source).astype(float)
    weights = eighths if eighths.size == 1 else eighths[order]
    arriving = np.zeros(n_target)
    n = scatter(spikes, indptr, targets, weights, 0, n_target, arriving)
    np.testing.assert_array_equal(arriving, expected)
    assert n == np.diff(indptr)[spikes].sum()

    borders = np.sort(rng.integers(0, n_target + 1, 3))
    slices = list(zip([0, *borders], [*borders, n_target], strict=True))
    shared = np.zeros(n_target)
    with ThreadPoolExecutor(2) as pool:
        added = list(pool.map(lambda part: scatter(spikes, indptr, targets, weights, *part, shared), slices))
    np.testing.assert_array_equal(shared, expected)
    assert sum(added) == n


def test_synapses_that_do_not_fit():
    indptr, targets, arriving = np.array([0, 1, 3]), np.array([1, 0, 1]), np.zeros(2)
    one, spikes = np.array([0.5]), np.array([1])
    assert not by_source(np.array([-1]), 2, indptr.copy(), np.zeros(1, np.int64))
    with pytest.raises(ValueError, match="indptr must have one place more than there are sources"):
        by_source(spikes, 2, indptr[:2], targets[:1])
    with pytest.raises(ValueError, match="order must be as long as sources"):
        by_source(spikes, 2, indptr.copy(), targets)
    with pytest.raises(ValueError, match="weights must be as long as targets, or one for all"):
        scatter(spikes, indptr, targets, np.ones(2), 0, 2, arriving)
    with pytest.raises(ValueError, match="begin and end must be"):
        scatter(spikes, indptr, targets, one, 0, 3, arriving)
    for spike in (-1, 2):
        with pytest.raises(IndexError, match="a spike is of a neuron that indptr doesn't know"):
            scatter(np.array([spike]), indptr, targets, one, 0, 2, arriving)
    assert not arriving.any()
