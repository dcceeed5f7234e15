"""The digest of a description: differs where descriptions do, and not with process, place or order of sets."""

# ruff: noqa: N805 - functions of models have no self

import functools
import itertools
import math
import os
import subprocess
import sys

import numpy as np
import pytest
import scipy.sparse
from builders import REPOSITORY
from hypothesis import given
from hypothesis import strategies as st

from neurocore_nb import (
    STDP,
    Blocks,
    Box,
    DistanceDependent,
    ExpConductance,
    ExpCurrent,
    Exponential,
    Gaussian,
    Grid,
    HodgkinHuxleyNeuron,
    LIFNeuron,
    Network,
    NeuronModel,
    Normal,
    OfDistance,
    OUConductance,
    OUCurrent,
    Plasticity,
    PoissonInput,
    PoissonPopulation,
    Population,
    PowerLawSTDP,
    Projection,
    Receptor,
    RewardSTDP,
    Ring,
    ScaleFree,
    SmallWorld,
    SpikeMonitor,
    SpikeSource,
    StateMonitor,
    StepCurrent,
    Trace,
    TripletSTDP,
    Uniform,
    UpwardCrossing,
    WeightMonitor,
)
from neurocore_nb.network.content import feed
from neurocore_nb.network.distributions import Distribution


class Hashed(list):
    """In place of a hash: all bytes that were fed."""

    def update(self, data):
        self.append(bytes(data))


def fed(value):
    bytes_ = Hashed()
    feed(bytes_, value, [])
    return b"".join(bytes_)


def digest(*objects, seed=1):
    return Network(*objects, seed=seed)._description.digest()


def described_with(rate_hz):
    return Network(Population(LIFNeuron, 3), PoissonInput(3, rate_hz=rate_hz, weight=1.0))._description


def with_rate(rate_hz):
    return described_with(rate_hz).inventory()


class Rate:
    """A rate as an object that can be called."""

    def __init__(self, rate):
        self._rate = rate

    def __call__(self, t):
        return self._rate

    def twice(self, t):
        return 2.0 * self._rate


class OtherRate(Rate):
    def __call__(self, t):
        return 2.0 * self._rate


def constant(t, rate=20.0):
    return rate


def make_rate(rate):
    return lambda t: rate


SCALE = 20.0
NOTED = []


def scaled(t):
    NOTED.append(t)
    return SCALE * helper(t)


def helper(t):
    return 2.0


RATES = {
    "20": lambda: 20.0,
    "array": lambda: np.array([20.0, 20.0, 20.0]),
    "other array": lambda: np.array([20.0, 20.0, 30.0]),
    "lambda 20": lambda: lambda t: 20.0,
    "lambda 30": lambda: lambda t: 30.0,
    "lambda t": lambda: lambda t: t,
    "inner 20": lambda: lambda t: (lambda: 20.0)(),
    "inner 30": lambda: lambda t: (lambda: 30.0)(),
    "generator 20": lambda: lambda t: sum(20.0 for _ in "a"),
    "generator 30": lambda: lambda t: sum(30.0 for _ in "a"),
    "in set": lambda: lambda t: 1.0 if round(t) in {1, 2} else 20.0,
    "in other set": lambda: lambda t: 1.0 if round(t) in {1, 3} else 20.0,
    "math.sin": lambda: lambda t: math.sin(t),
    "math.cos": lambda: lambda t: math.cos(t),
    "closure 20": lambda: make_rate(20.0),
    "closure 30": lambda: make_rate(30.0),
    "closure array": lambda: make_rate(np.array([1.0, 2.0])),
    "closure other array": lambda: make_rate(np.array([1.0, 3.0])),
    "default": lambda: constant,
    "partial 20": lambda: functools.partial(constant, rate=20.0),
    "partial 30": lambda: functools.partial(constant, rate=30.0),
    "object 20": lambda: Rate(20.0),
    "other object 20": lambda: OtherRate(20.0),
    "method 20": lambda: Rate(20.0).twice,
    "builtin exp": lambda: math.exp,
    "builtin cosh": lambda: math.cosh,
    "ufunc exp": lambda: np.exp,
    "ufunc cosh": lambda: np.cosh,
    "globals": lambda: scaled,
}


def test_rates_differ_and_are_equal_to_themselves():
    digests = {name: with_rate(make()) for name, make in RATES.items()}
    for one, other in itertools.combinations(digests, 2):
        assert digests[one] != digests[other], (one, other)
    assert digests == {name: with_rate(make()) for name, make in RATES.items()}


def test_globals_that_last_count_and_those_that_change_do_not(monkeypatch):
    before = with_rate(scaled)
    for _ in range(100):  # so that Python specialises its code, too
        scaled(0.0)
    assert NOTED
    assert with_rate(scaled) == before
    monkeypatch.setitem(globals(), "SCALE", 30.0)
    assert with_rate(scaled) != before
    monkeypatch.undo()
    monkeypatch.setitem(globals(), "helper", lambda t: 3.0)
    assert with_rate(scaled) != before


def test_what_objects_of_another_code_hold_may_differ_between_ranks():
    for make in (lambda rate: Rate(rate), lambda rate: Rate(rate).twice, lambda rate: make_rate(Rate(rate))):
        assert with_rate(make(20.0)) == with_rate(make(30.0))
    assert with_rate(make_rate(Rate(20.0))) != with_rate(make_rate(OtherRate(20.0)))


def test_what_functions_capture_may_differ_between_ranks():
    """One that plays a failure on one rank, say, or that lets one rank print."""
    pairs = [(make_rate(1), make_rate(2)), (functools.partial(constant, rate=1), functools.partial(constant, rate=2))]
    for one, other in pairs:
        assert described_with(one).digest() == described_with(other).digest()
        assert described_with(one).inventory() != described_with(other).inventory()
    assert described_with(lambda t: 20.0).digest() != described_with(lambda t: 30.0).digest()


def test_values_that_hold_themselves():
    def recursive(t):
        return recursive(t - 1.0) if t > 0.0 else 1.0

    endless = [1.0]
    endless.append(endless)
    assert with_rate(recursive) == with_rate(recursive)
    assert fed(endless) == fed(endless) != fed([1.0, [1.0]])


ENTRIES = scipy.sparse.csr_array(np.eye(3))


LINE = np.arange(3.0)
RULES = [
    Ring(1), Grid([3]), Grid([3], 2), Grid([3], periodic=True), Grid([3], centre=True), SmallWorld(2, 0.1),
    SmallWorld(2, 0.2), ScaleFree(1), ScaleFree(2), Blocks([[0.1]], [3]), Blocks([[0.2]], [3]),
    Blocks([[0.1, 0.1]], [3], [1, 2]), Blocks([[0.1, 0.1]], [3], [2, 1]), DistanceDependent(Box(0.5, 1.0), 4.0),
    DistanceDependent(Box(0.5, 1.0)), DistanceDependent(Box(0.5, 2.0)), DistanceDependent(Exponential(0.5, 1.0)),
    DistanceDependent(Gaussian(0.5, 1.0)),
]  # fmt: skip
WEIGHTS = [
    OfDistance(lambda d: d, 0.0, 2.0), OfDistance(lambda d: 0.5 * d, 0.0, 2.0), OfDistance(lambda d: d, 0.0, 3.0),
]  # fmt: skip


def variants():
    """Networks that differ in one thing each."""

    def net(model=LIFNeuron, n=3, *, projection=None, more=(), monitors=(), seed=1, **options):
        cells = Population(model, n, **options)
        objects = [make(cells) for make in more] + [make(cells) for make in monitors]
        return digest(cells, *([projection(cells)] if projection else []), *objects, seed=seed)

    def onto(**options):
        return lambda cells: Projection(cells, cells, **({"weight": 1.0} | options))

    receptors = {"a": ExpCurrent(tau=2.0), "b": ExpConductance(tau=2.0, e_rev=0.0)}
    yield from (net(), net(n=4), net(seed=2), net(HodgkinHuxleyNeuron), net(precision="float32"), net(label="cells"))
    yield from (net(max_step=0.05), net(params={"tau_m": 12.0}), net(initial={"v": -60.0}))
    yield from (net(initial={"v": law}) for law in (Normal(-60.0, 1.0), Normal(-60.0, 2.0), Uniform(-60.0, 1.0)))
    yield from (net(receptors=one) for one in (receptors, dict(reversed(receptors.items()))))
    yield net(receptors=receptors | {"a": ExpCurrent(tau=3.0)})
    yield from (net(projection=onto(**one)) for one in (
        {}, {"weight": 2.0}, {"weight": Normal(1.0, 0.1)}, {"probability": 0.5}, {"delay": 1e-3}, {"seed": 3},
        {"topology": "one_to_one"}, {"topology": "fixed_indegree", "indegree": 2}, {"autapses": False},
        {"topology": "fixed_indegree", "indegree": 1}, {"storage": "procedural"}, {"weight_dtype": "float64"},
        {"topology": ENTRIES}, {"topology": ([0, 1], [1, 2])}, {"topology": ([0, 1], [1, 1])}, {"receptor": None,
        "topology": "all_to_all"},
    ))  # fmt: skip
    yield from (net(projection=onto(topology=rule), positions=LINE) for rule in RULES)
    yield from (net(projection=onto(topology=RULES[-1]), positions=2.0 * LINE), net(positions=LINE))
    yield from (net(projection=onto(weight=one), positions=LINE) for one in WEIGHTS)
    yield from (net(projection=lambda cells, k=k: Projection(cells[k:], cells, weight=1.0)) for k in (1, 2))
    for make in (
        lambda cells: OUCurrent(0.1, 0.1, 2e-3), lambda cells: OUConductance(0.1, 0.1, 2e-3, e_rev=0.0),
        lambda cells: StepCurrent(0.0, 1.0, 1.0), lambda cells: StepCurrent(0.0, 1.0, 1.0, target=cells[1:]),
        lambda cells: PoissonPopulation(12, 3.0), lambda cells: PoissonPopulation(1, 23.0),
        lambda cells: SpikeSource([[0.1], [0.2]]), lambda cells: SpikeSource([[0.2], [0.1]]),
    ):  # fmt: skip
        yield net(more=[make])
    for make in (
        SpikeMonitor, lambda cells: SpikeMonitor(cells[1:]), lambda cells: StateMonitor(cells, "v"),
        lambda cells: StateMonitor(cells, "v", record=[1]), lambda cells: StateMonitor(cells, "v", interval=1e-3),
    ):  # fmt: skip
        yield net(monitors=[make])


def test_networks_that_differ_in_anything_have_different_digests():
    digests = list(variants())
    assert len(digests) > 45
    assert len(set(digests)) == len(digests)
    assert digests == list(variants())


# ---- models and receptors ------------------------------------------------------------------------------------------


def leaky(e_l=-65.0, factor=1.0, threshold=0.0, max_step=0.1, initial=-65.0, phi=3.0, doubled=2.0):
    class Leaky(NeuronModel):
        states = {"v": initial, "n": 0.3}
        parameters = {"c_m": 1.0, "phi": phi}
        spike = UpwardCrossing("v", threshold)
        rate_factor = "phi"

        def derive(phi):
            return {"psi": doubled * phi}

        def rates(v):
            return {"n": (0.1 * factor, 0.125)}

        def currents(v, n, psi):
            return [(0.1 * n * psi, e_l)]

    Leaky.max_step = max_step
    return Leaky


def stepping(gain=1.0, back=-65.0):
    class Stepping(NeuronModel):
        states = {"v": -65.0}
        spike = UpwardCrossing("v", 0.0)
        max_step = 0.1

        def update(v, i, g, dt):
            return v + gain * dt * (i - g * v)

        def reset(v):
            return back + 0.0 * v

    return Stepping


@pytest.mark.parametrize(
    ("make", "changes"),
    [
        (leaky, {"e_l": -60.0, "factor": 2.0, "threshold": 1.0, "max_step": 0.05, "initial": -64.0, "phi": 2.0,
                 "doubled": 3.0}),
        (stepping, {"gain": 2.0, "back": -60.0}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_edited_model_of_the_same_name_has_another_digest(make, changes, precision):
    def of(**options):
        return digest(Population(make(**options), 3, precision=precision))

    digests = [of(), *(of(**{name: value}) for name, value in changes.items())]
    assert len(set(digests)) == len(digests)
    assert of() == digests[0]


def own_receptor(gain=1.0, default=2.0, doubled=2.0):
    class Own(Receptor):
        states = {"g": 0.0}
        parameters = {"tau": default}

        def derive(tau, dt):
            return {"decay": np.exp(-doubled * dt / tau)}

        def arrive(w, g):
            return g + gain * w

        def update(g, v, decay):
            return g * decay, 0.0, g

    return Own


def test_edited_receptor_of_the_same_name_has_another_digest():
    def of(tau=None, **options):
        receptor = own_receptor(**options)
        return digest(Population(LIFNeuron, 3, receptors={"a": receptor() if tau is None else receptor(tau=tau)}))

    digests = [of(), of(gain=2.0), of(default=3.0), of(doubled=1.0), of(tau=2.5)]
    assert len(set(digests)) == len(digests)
    assert of() == digests[0]


def own_distribution(power, low=-70.0):
    class Own(Distribution):
        def __init__(self):
            self.low = low

        def support(self):
            return -70.0, -60.0

        def from_uniform(self, u):
            return -70.0 + 10.0 * u**power

    return Own()


def test_distribution_of_the_users_counts_by_what_it_does():
    one, same, other = (
        digest(Population(LIFNeuron, 3, initial={"v": own_distribution(power)})) for power in (1.0, 1.0, 2.0)
    )
    assert one == same != other
    assert digest(Population(LIFNeuron, 3, initial={"v": own_distribution(1.0, low=-71.0)})) != one


# ---- what is fed ---------------------------------------------------------------------------------------------------

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-20, 200) | st.floats(allow_nan=False) | st.text(max_size=3)
    | st.lists(st.integers(0, 3), max_size=3).map(lambda numbers: np.array(numbers, np.int64)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3)
    | st.frozensets(st.integers(0, 20), max_size=3),
    max_leaves=6,
)  # fmt: skip


def text_of(value):
    """Equal for equal values only."""
    if isinstance(value, dict):
        return f"dict({sorted((key, text_of(one)) for key, one in value.items())})"
    if isinstance(value, list):
        return f"list({[text_of(one) for one in value]})"
    return f"set({sorted(value)})" if isinstance(value, frozenset) else repr(value)


@given(one=VALUES, other=VALUES)
def test_different_values_are_fed_differently(one, other):
    assert (fed(one) == fed(other)) == (text_of(one) == text_of(other))


def test_neighbours_do_not_run_into_one_another():
    assert fed([1, 23]) != fed([12, 3])
    assert fed(["a", "b"]) != fed(["a', 'b"])
    assert fed([[1], 2]) != fed([1, [2]])
    assert fed(np.zeros(2)) != fed(np.zeros((2, 1))) != fed(np.zeros(2, np.int64))


# ---- processes -----------------------------------------------------------------------------------------------------

SCRIPT = """
import functools, numpy as np
from neurocore_nb import *
from neurocore_nb.kernels.vmath import exp

{blank}
class Own(NeuronModel):
    states = {{"v": -65.0}}
    parameters = {{"c_m": 1.0, "g_l": 0.1, "e_l": -65.0}}
    spike = UpwardCrossing("v", 0.0)
    max_step = 0.1
    def rates(v):
        return {{}}
    def currents(v, g_l, e_l):
        return [(g_l, e_l + 0.0 * exp(v))]

class Rate:
    names = {{"one", "other", "third"}}
    def __init__(self):
        self.kinds = {{"one", "other", "third"}}
        self.where = object()
    def __call__(self, t):
        return 1.0 if str(t) in {{"0.1", "0.2", "0.3"}} else 2.0 * len(self.kinds)

def rate(t, names=frozenset("abc")):
    return sum(1.0 for one in names if one in {{"a", "b", "x", "y"}})

cells = Population(Own, 5, initial={{name: -60.0 for name in {{"v"}}}})
squid = Population(HodgkinHuxleyNeuron, 5, params={{name: 1.0 for name in {{"g_na", "g_k", "g_l", "c_m"}}}})
inputs = [PoissonInput(5, rate_hz=one, weight=1.0) for one in (rate, Rate(), functools.partial(rate), lambda t: exp(t))]
net = Network(cells, squid, *inputs, Projection(cells, squid, weight=Normal(1.0, 0.1), delay=1e-3), SpikeMonitor(cells))
print(net._description.digest(1, "x", None))
"""


def test_same_in_all_processes_and_folders(tmp_path):
    found = []
    for k, seed in enumerate(["0", "1", "2", "random"]):
        script = tmp_path / f"folder {k}" / f"script{k}.py"
        script.parent.mkdir()
        script.write_text(SCRIPT.format(blank="\n" * k))
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(REPOSITORY)}
        done = subprocess.run(
            [sys.executable, "-W", "error", str(script)], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        found.append(done.stdout)
    assert len(found[0].strip()) == 16
    assert found == found[:1] * len(found)


# ---- learning --------------------------------------------------------------------------------------------------------


def learner(factor):
    class Mine(Plasticity):
        pre = {"x": Trace(20.0)}

        def on_post(w, x):
            return w + factor * x

    return Mine()


def learns(plasticity, **options):
    cells, given = Population(LIFNeuron, 5), SpikeSource([], [], 3)
    one = Projection(cells, cells, 1.0, plasticity=plasticity(given) if callable(plasticity) else plasticity)
    return digest(cells, given, one, *([WeightMonitor(one, **options)] if options else []))


def test_how_synapses_learn_counts():
    different = [
        learns(None),
        learns("stdp"),
        learns(STDP(a_plus=0.1)),
        learns(STDP(w_max=3.0)),
        learns(STDP(pairing="nearest")),
        learns(TripletSTDP()),
        learns(PowerLawSTDP()),
        learns(learner(1.0)),
        learns(learner(2.0)),
        learns(lambda given: RewardSTDP(reward=given)),
        learns(lambda given: RewardSTDP(reward=given[:2])),
        learns("stdp", interval=0.1),
        learns("stdp", interval=0.2),
        learns("stdp", interval=0.2, bins=[0.0, 1.0]),
        learns("stdp", interval=0.2, pairs=([0], [1])),
        learns("stdp", interval=0.2, pairs=([1], [1])),
    ]
    assert len(set(different)) == len(different)
    assert learns("stdp") == learns(STDP()) == learns(STDP(a_plus=0.005))
    assert learns(learner(1.0)) == learns(learner(1.0))
