"""Models' kernels for other codes: by every way to call them the bits of a network."""

import ctypes
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np
import pytest
from networks import run_python
from numba import njit, prange

from neurocore_nb import (
    AdExNeuron,
    HodgkinHuxleyNeuron,
    Izhikevich2007Neuron,
    LIFNeuron,
    Network,
    Normal,
    PinskyRinzelNeuron,
    Population,
    SpikeMonitor,
    StepCurrent,
    StochasticLIFNeuron,
    TraubMilesNeuron,
)
from neurocore_nb.kernels import C_DECLARATIONS, model_kernel
from neurocore_nb.neurons.models import MODELS

N_STEPS = 600  # each as long as the model's longest substep
CURRENTS = {  # up to how much; some neurons fire
    AdExNeuron: 3000.0,
    HodgkinHuxleyNeuron: 100.0,
    Izhikevich2007Neuron: 2000.0,
    LIFNeuron: 1500.0,
    PinskyRinzelNeuron: 60.0,
    TraubMilesNeuron: 30.0,
}
DIFFERENT = {  # parameters that differ between neurons
    AdExNeuron: ("t_ref", "tau_w", "v_peak"),
    HodgkinHuxleyNeuron: ("c_m", "g_na", "e_k"),
    LIFNeuron: ("t_ref", "tau_m", "v_th"),
    PinskyRinzelNeuron: ("g_c", "p"),
}


def kernel_of(model, **parameters):
    """With the substep that a network takes."""
    return model_kernel(model, model.max_step * 1e-3 * 1e3, **parameters)


def currents(model, n):
    return np.linspace(0.0, CURRENTS[model], n + 1)[1:]


@cache
def parameters_of(model, n):
    rng = np.random.default_rng(n)
    names = DIFFERENT.get(model, ())
    return {name: (model.parameters[name].default or 1.0) * rng.uniform(0.9, 1.1, n) for name in names}


@cache
def network(model, n, different=False):
    """States of a network of such neurons at the end, and how often each fired."""
    cells = Population(model, n, parameters_of(model, n) if different else None, label="cells", receptors={})
    spikes, dt = SpikeMonitor(cells), model.max_step * 1e-3
    net = Network(cells, StepCurrent(0.0, 1e3, currents(model, n)), spikes)
    net.run(N_STEPS * dt, dt=dt, threads=1)
    return np.array(list(net.get_states()["cells"].values())), np.bincount(spikes.i, minlength=n)


def arrays(kernel, model, n):
    """States, current, conductance, noise, fired and counts."""
    return kernel.start(n), currents(model, n), np.zeros(n), np.zeros(0), np.zeros(n, np.int64), np.zeros(n, np.int64)


def assert_as_network(model, n, states, counts, different=False):
    expected, fired = network(model, n, different)
    assert fired.any()
    np.testing.assert_array_equal(states, expected)
    np.testing.assert_array_equal(counts, fired)


@njit
def many_steps(advance, states, current, conductance, noise, fired, constants, varied, counts, n_steps):
    n_fired = 0
    for _ in range(n_steps):
        n_fired += advance(states, current, conductance, noise, fired, constants, varied, 0, states.shape[1])
        counts += fired
    return n_fired


@njit(parallel=True)
def in_slices(advance, states, current, conductance, noise, fired, constants, varied, counts, n_steps, n_slices):
    n = states.shape[1]
    for _ in range(n_steps):
        for k in prange(n_slices):
            begin, end = k * n // n_slices, (k + 1) * n // n_slices
            advance(states, current, conductance, noise, fired, constants, varied, begin, end)
            counts[begin:end] += fired[begin:end]


@njit
def one_by_one(scalar, states, current, constants, counts, n_steps):
    """Constants of shape (n_constants, n)."""
    for j in range(states.shape[1]):
        for _ in range(n_steps):
            state, spike = scalar(states[:, j], current[j], 0.0, 0.0, constants[:, j])
            for row in range(len(state)):
                states[row, j] = state[row]
            counts[j] += spike


@pytest.mark.parametrize("n", [1, 7, 1009])
@pytest.mark.parametrize("model", CURRENTS)
def test_from_python_and_from_compiled_loops(model, n):
    kernel = kernel_of(model)
    states, *_, fired, counts = given = arrays(kernel, model, n)
    n_fired = 0
    for _ in range(N_STEPS):
        n_fired += kernel.advance(*given[:-1], kernel.constants, kernel.varied, 0, n)
        counts += fired
    assert n_fired == counts.sum()
    assert_as_network(model, n, states, counts)

    states, *_, counts = given = arrays(kernel, model, n)
    assert many_steps(kernel.advance, *given[:-1], kernel.constants, kernel.varied, counts, N_STEPS) == n_fired
    assert_as_network(model, n, states, counts)

    for n_slices in (1, 3, 8):  # some of them empty where n is small
        states, *_, counts = given = arrays(kernel, model, n)
        in_slices(kernel.advance, *given[:-1], kernel.constants, kernel.varied, counts, N_STEPS, n_slices)
        assert_as_network(model, n, states, counts)

    states, current, *_, counts = arrays(kernel, model, n)
    one_by_one(kernel.scalar, states, current, np.repeat(kernel.constants[:, None], n, axis=1), counts, N_STEPS)
    assert_as_network(model, n, states, counts)


def from_c(kernel):
    """A kernel's C function with the signature that C_DECLARATIONS shows."""
    double, long = ctypes.POINTER(ctypes.c_double), ctypes.POINTER(ctypes.c_int64)
    pointers = [double] * 4 + [long] + [double] * 2
    function = ctypes.CFUNCTYPE(ctypes.c_int64, *pointers, *[ctypes.c_int64] * 3)(kernel.address)

    def call(*arguments):
        data = [one.ctypes.data_as(kind) for one, kind in zip(arguments[:7], pointers, strict=True)]
        return function(*data, arguments[0].shape[1], *arguments[7:])

    return call


@pytest.mark.parametrize("n", [1, 7, 1009])
@pytest.mark.parametrize("model", CURRENTS)
def test_from_c_on_two_threads(model, n):
    kernel = kernel_of(model)
    advance = from_c(kernel)
    states, *_, fired, counts = given = arrays(kernel, model, n)
    with ThreadPoolExecutor(2) as pool:  # ctypes releases the GIL
        for _ in range(N_STEPS):
            slices = ((0, n // 3), (n // 3, n))
            n_fired = pool.map(lambda part: advance(*given[:-1], kernel.constants, kernel.varied, *part), slices)
            assert list(n_fired) == [fired[begin:end].sum() for begin, end in slices]
            counts += fired
    assert_as_network(model, n, states, counts)


@pytest.mark.parametrize("model", CURRENTS)
def test_neurons_one_by_one_in_python(model):
    kernel, n = kernel_of(model), 7
    constants = tuple(kernel.constants)
    states, counts = np.empty((len(kernel.states), n)), np.zeros(n, np.int64)
    for j, current in enumerate(currents(model, n)):
        state = tuple(kernel.initial)
        for _ in range(N_STEPS):
            state, spike = kernel.scalar(state, current, 0.0, 0.0, constants)
            counts[j] += spike
        states[:, j] = state
    assert_as_network(model, n, states, counts)


@pytest.mark.parametrize("model", DIFFERENT)
def test_parameters_that_differ(model):
    n = 101
    kernel = kernel_of(model, **parameters_of(model, n))
    assert kernel.varied.shape == (len(kernel.varied_parameters), n)
    assert kernel.varied_parameters
    for advance in (kernel.advance, from_c(kernel)):
        states, *_, fired, counts = given = arrays(kernel, model, n)
        for _ in range(N_STEPS):
            for begin, end in ((0, 40), (40, n)):
                advance(*given[:-1], kernel.constants, kernel.varied, begin, end)
            counts += fired
        assert_as_network(model, n, states, counts, different=True)
    states, current, *_, counts = arrays(kernel, model, n)
    constants = np.concatenate([np.repeat(kernel.constants[:, None], n, axis=1), kernel.varied])
    one_by_one(kernel.scalar, states, current, constants, counts, N_STEPS)
    assert_as_network(model, n, states, counts, different=True)


@pytest.mark.parametrize("model", [model for model in MODELS.values() if model not in CURRENTS])
def test_scalar_is_advance_for_one_neuron(model):
    kernel, n = kernel_of(model), 5
    rng = np.random.default_rng(1)
    states, current = kernel.start(n), rng.uniform(0.0, 10.0, n)
    conductance, fired = rng.uniform(0.0, 0.1, n), np.zeros(n, np.int64)
    alone = [tuple(kernel.initial)] * n
    for _ in range(20):
        noise = rng.standard_normal(n)
        kernel.advance(states, current, conductance, noise, fired, kernel.constants, kernel.varied, 0, n)
        for j in range(n):
            given = current[j], conductance[j], noise[j]
            alone[j], spike = kernel.scalar.py_func(alone[j], *given, tuple(kernel.constants))
            assert spike == fired[j]
    assert np.isfinite(states).all()
    assert (states[0] != kernel.initial[0]).all()
    np.testing.assert_array_equal(np.array(alone).T, states)


def test_noise_is_the_callers():
    kernel, n = kernel_of(StochasticLIFNeuron), 3
    assert kernel.noisy
    states, noise = kernel.start(n), np.array([-1.0, 0.0, 1.0])
    nothing, fired = np.zeros(n), np.zeros(n, np.int64)
    kernel.advance(states, nothing, nothing, noise, fired, kernel.constants, kernel.varied, 0, n)
    below, rest, above = states[kernel.states.index("v")]
    assert below < rest < above


def test_what_a_kernel_tells():
    kernel = model_kernel(LIFNeuron, 0.1, v_th=-50.0, t_ref=np.array([1.0, 2.0]))
    assert (kernel.name, kernel.states) == ("LIFNeuron", ("v", "refractory"))
    assert kernel.parameters[0] == "dt"
    assert kernel.constants[0] == 0.1
    assert kernel.constants[kernel.parameters.index("v_th")] == -50.0
    assert kernel.varied_parameters == ("refractory_steps",)
    np.testing.assert_array_equal(kernel.varied, [[10.0, 20.0]])
    np.testing.assert_array_equal(kernel.start(2), [[-70.0, -70.0], [0.0, 0.0]])
    assert C_DECLARATIONS.count("typedef") == 3


@pytest.mark.parametrize(
    ("model", "dt", "parameters", "error", "says"),
    [
        ("HodgkinHuxleyNeuron", 0.01, {}, TypeError, "model must be the class of a model"),
        (HodgkinHuxleyNeuron(), 0.01, {}, TypeError, "model must be the class of a model"),
        (dict, 0.01, {}, TypeError, "model must be the class of a model"),
        (HodgkinHuxleyNeuron, -0.01, {}, ValueError, "dt must be a positive number of ms, not -0.01"),
        (HodgkinHuxleyNeuron, 0.0, {}, ValueError, "dt must be"),
        (HodgkinHuxleyNeuron, np.nan, {}, ValueError, "dt must be"),
        (HodgkinHuxleyNeuron, np.inf, {}, ValueError, "dt must be"),
        (HodgkinHuxleyNeuron, True, {}, ValueError, "dt must be"),
        (HodgkinHuxleyNeuron, "0.01", {}, ValueError, "dt must be"),
        (HodgkinHuxleyNeuron, np.array([0.01]), {}, ValueError, "dt must be"),
        (HodgkinHuxleyNeuron, 0.01, {"g_ca": 1.0}, TypeError, "HodgkinHuxleyNeuron: parameter 'g_ca' is unknown; it h"),
        (HodgkinHuxleyNeuron, 0.01, {"c_m": 0.0}, ValueError, "c_m = 0.0 uF/cm2: must be finite, and above 0"),
        (HodgkinHuxleyNeuron, 0.01, {"g_na": [1.0, -1.0]}, ValueError, "g_na = .*: must be finite, and at least 0"),
        (HodgkinHuxleyNeuron, 0.01, {"e_na": np.nan}, ValueError, "must be finite"),
        (HodgkinHuxleyNeuron, 0.01, {"g_na": "120"}, TypeError, "g_na must be a number or one number per neuron, in"),
        (HodgkinHuxleyNeuron, 0.01, {"g_na": Normal(120.0, 1.0)}, TypeError, "g_na must be a number"),
        (HodgkinHuxleyNeuron, 0.01, {"g_na": np.ones((2, 2))}, TypeError, "g_na must be a number or one number per"),
        (HodgkinHuxleyNeuron, 0.01, {"g_na": np.ones(2), "g_k": np.ones(3)}, ValueError, "parameters of different len"),
    ],
)  # fmt: skip
def test_wrong_models_and_parameters(model, dt, parameters, error, says):
    with pytest.raises(error, match=says):
        model_kernel(model, dt, **parameters)


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"states": np.zeros(4)}, TypeError, r"states must be an array of shape \(4, n\), of v, m, h, n"),
        ({"states": np.zeros((3, 5))}, ValueError, r"states must be an array of shape \(4, n\), of v, m, h, n"),
        ({"states": np.zeros((4, 5), np.float32)}, TypeError, "HodgkinHuxleyNeuron.advance: states must be .* float64"),
        ({"current": np.zeros(4)}, ValueError, "current, conductance, fired, each row of varied must have one value"),
        ({"conductance": np.zeros(6)}, ValueError, "one value for each column"),
        ({"fired": np.zeros(9, np.int64)}, ValueError, "one value for each column"),
        ({"varied": np.ones((1, 4))}, ValueError, "one value for each column"),
        ({"varied": np.ones((2, 5))}, ValueError, "one value for each column"),
        ({"constants": np.ones(3)}, ValueError, r"there must be \d+ constants"),
        ({"begin": -1}, ValueError, "begin and end must be"),
        ({"end": 6}, ValueError, "begin and end must be"),
        ({"begin": 3, "end": 2}, ValueError, "begin and end must be"),
    ],
    ids=str,
)
def test_arrays_that_do_not_fit(change, error, says):
    kernel = kernel_of(HodgkinHuxleyNeuron, g_na=np.full(5, 120.0))
    given = {
        "states": kernel.start(5), "current": np.zeros(5), "conductance": np.zeros(5), "noise": np.zeros(0),
        "fired": np.zeros(5, np.int64), "constants": kernel.constants, "varied": kernel.varied, "begin": 0, "end": 5,
    }  # fmt: skip
    kernel.advance(*given.values())
    with pytest.raises(error, match=says):
        kernel.advance(*(given | change).values())


def test_a_range_that_does_not_fit_is_told_in_c_and_changes_nothing(monkeypatch):
    kernel, told = kernel_of(LIFNeuron), []
    monkeypatch.setattr(sys, "unraisablehook", lambda what: told.append(str(what.exc_value)))
    states, *others, _ = arrays(kernel, LIFNeuron, 2)
    from_c(kernel)(states, *others, kernel.constants, kernel.varied, 0, 3)
    assert "begin and end must be" in told[0]
    np.testing.assert_array_equal(states, kernel.start(2))


# ---- without the rest of the package, and without Numba -------------------------------------------------------------


def test_importing_kernels_loads_nothing_else():
    program = """
import sys
import numba  # which loads a part of scipy where that is installed
before = set(sys.modules)
import neurocore_nb.kernels
from neurocore_nb.kernels import by_source, model_kernel, receptor_kernel, scatter, uniform_pair, exp, kernel
others = "network", "engine.simulation", "neurons", "synapses", "io"
others = *(f"neurocore_nb.{one}" for one in others), "scipy", "mpi4py", "h5py", "tqdm"
print([name for name in set(sys.modules) - before if name.startswith(others)])
"""
    assert run_python(program) == "[]"


WITHOUT = """
import sys
for name in ("scipy", "mpi4py", "h5py", "tqdm"):
    sys.modules[name] = None
import numpy as np
from neurocore_nb.kernels import model_kernel, receptor_kernel
from neurocore_nb.neurons import HodgkinHuxleyNeuron
from neurocore_nb.synapses import ExpConductance
kernel, receptor = model_kernel(HodgkinHuxleyNeuron, 0.01), receptor_kernel(ExpConductance(), 0.01)
states, g, fired = kernel.start(3), receptor.start(3), np.zeros(3, np.int64)
receptor.arrive(g, np.arange(3.0), receptor.constants, 0, 3)
for _ in range(400):
    current, conductance = np.zeros(3), np.zeros(3)
    receptor.advance(g, states[0].copy(), current, conductance, receptor.constants, 0, 3)
    kernel.advance(states, current, conductance, current[:0], fired, kernel.constants, kernel.varied, 0, 3)
print(states.tobytes().hex(), g.tobytes().hex())
"""
ADDRESS = """
try:
    kernel.address
except RuntimeError as error:
    print(error)
"""


def test_numpy_and_numba_are_enough_and_plain_python_has_the_same_bits():
    compiled = run_python(WITHOUT)
    plain, refused = run_python(WITHOUT + ADDRESS, NUMBA_DISABLE_JIT="1").splitlines()
    assert plain == compiled
    assert "NUMBA_DISABLE_JIT is set, so there are no compiled functions" in refused


PLAIN = """
import numpy as np
from neurocore_nb import AdExNeuron, LIFNeuron, TraubMilesNeuron
from neurocore_nb.kernels import model_kernel
for model, current in ((AdExNeuron, 2e4), (LIFNeuron, 2e3), (TraubMilesNeuron, 200.0)):
    kernel = model_kernel(model, model.max_step, **{name: np.array([1.0, 3.0]) for name in ("t_ref",)})
    states, current, nothing, fired = kernel.start(2), np.full(2, current), np.zeros(2), np.zeros(2, np.int64)
    spikes = 0
    for _ in range(80):
        spikes += kernel.advance(
            states, current, nothing, nothing[:0], fired, kernel.constants, kernel.varied, 0, 2
        )
    constants = *kernel.constants, *kernel.varied[:, 0]
    state = tuple(kernel.initial)
    for _ in range(80):
        state, spike = kernel.scalar(state, current[0], 0.0, 0.0, constants)
    print(spikes, states.tobytes().hex(), np.array_equal(state, states[:, 0]))
"""


def test_other_models_in_plain_python():
    compiled = run_python(PLAIN)
    assert run_python(PLAIN, NUMBA_DISABLE_JIT="1") == compiled
    assert compiled.count("True") == 3
    assert all(int(line.split()[0]) > 0 for line in compiled.splitlines())
