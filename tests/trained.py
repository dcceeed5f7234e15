"""A network in which given spikes of some sources meet forced spikes of some cells on plastic synapses."""

from __future__ import annotations

from dataclasses import fields

import naive_plasticity as naive
import numpy as np

from neurocore_nb import (
    STDP,
    ExpCurrent,
    InhibitorySTDP,
    LIFNeuron,
    Network,
    Population,
    PowerLawSTDP,
    Projection,
    RewardSTDP,
    SpikeMonitor,
    SpikeSource,
    TripletSTDP,
    TsodyksMarkram,
    WeightMonitor,
)

DT = 1e-3  # s
N_STEPS = 300
N_PRE, N_POST = 5, 7
FOREVER = 1e12  # ms
RULES = {
    "additive": (STDP, {"a_plus": 0.03, "a_minus": 0.02, "w_max": 1.5}),
    "multiplicative": (STDP, {"a_plus": 0.1, "a_minus": 0.09, "mu_plus": 1.0, "mu_minus": 1.0, "tau_minus": 34.0}),
    "power": (STDP, {"a_plus": 0.1, "a_minus": 0.09, "mu_plus": 0.4, "mu_minus": 0.2, "w_min": 0.2}),
    "nearest": (STDP, {"a_plus": 0.03, "a_minus": 0.02, "pairing": "nearest"}),
    "power law": (PowerLawSTDP, {"a_plus": 0.1, "a_minus": 0.09, "tau_minus": 30.0, "w_ref": 0.8}),
    "triplet": (TripletSTDP, {"a2_plus": 5e-3}),
    "nearest triplet": (TripletSTDP, {"pairing": "nearest", "a3_plus": 5e-2, "tau_x": 714.0, "tau_y": 40.0}),
    "inhibitory": (InhibitorySTDP, {"eta": 0.05, "rho_0": 8.0}),
    "reward": (RewardSTDP, {"a_plus": 0.05, "a_minus": 0.08, "b": 5e-4, "w_max": 1.2, "tau_e": 100.0, "tau_n": 30.0}),
    "short-term": (TsodyksMarkram, {"U": 0.3, "tau_rec": 50.0, "tau_fac": 80.0}),
}  # fmt: skip


def oracle_of(name, w_max=2.0):
    """The oracle's rule with the values of the package's, and the weight 1 at the start."""
    kind, values = RULES[name]
    known = {one.name for one in fields(getattr(naive, kind.__name__))}
    defaults = {key: one.default for key, one in kind.all_parameters().items() if key in known and key != "w_ref"}
    bounds = {"w_max": w_max} if kind is not TsodyksMarkram else {"w_max": np.inf}
    return getattr(naive, kind.__name__)(**(defaults | bounds | values))


def trains(rng, n, rate, together=0.0):
    """Steps and neurons of random spikes, some of them twice."""
    fired = rng.random((N_STEPS - 5, n)) < rate * DT
    steps, neurons = np.nonzero(fired)
    twice = rng.random(len(steps)) < together
    return np.concatenate([steps, steps[twice]]), np.concatenate([neurons, neurons[twice]])


def sources(steps, neurons, n):
    """A source population that fires in given steps."""
    return SpikeSource((np.asarray(steps) + 1) * DT, neurons, n)


class Trained:
    """Such a network; what arrives at a cell by plastic synapses is summed in its state ``i_count``."""

    def __init__(
        self, name, seed=1, *, delays=(0, 3), sign=1.0, dtype="float64", pre_rate=60.0, post_rate=50.0, monitor=None,
        weight=1.0,
    ):  # fmt: skip
        rng = np.random.default_rng(seed)
        kind, values = RULES[name]
        self.name = name
        self.pre_steps, self.pre_neurons = trains(rng, N_PRE, pre_rate, 0.2)
        self.reward_steps = np.sort(rng.integers(0, N_STEPS - 5, 6))
        source = sources(self.pre_steps, self.pre_neurons, N_PRE)
        teacher = sources(*trains(rng, N_POST, post_rate), N_POST)
        rewards = sources(self.reward_steps, np.zeros(6, int), 1)
        extra = {"reward": rewards} if kind is RewardSTDP else {}
        receptors = {"count": ExpCurrent(tau=FOREVER)}
        self.cells = Population(
            LIFNeuron, N_POST, params={"t_ref": 1.0}, label="cells", receptors=receptors, max_step=1.0
        )
        self.pairs = pre, post = np.nonzero(rng.random((N_PRE, N_POST)) < 0.7)
        self.delays = rng.integers(delays[0], delays[1] + 1, len(pre))
        self.learning = Projection(
            source, self.cells, weight=sign * weight, topology=(pre, post), receptor="count", weight_dtype=dtype,
            delay=self.delays * DT if delays[0] != delays[1] else delays[0] * DT, plasticity=kind(**values, **extra),
        )  # fmt: skip
        forcing = Projection(teacher, self.cells, weight=1e6, topology="one_to_one")
        self.spikes = SpikeMonitor(self.cells)
        self.monitor = monitor and WeightMonitor(self.learning, self.pairs, np.linspace(-2.0, 2.0, 9), interval=monitor)
        objects = [source, teacher, rewards, self.cells, self.learning, forcing, self.spikes, self.monitor]
        self.net = Network(*filter(None, objects), seed=seed)

    def run(self, n_steps=N_STEPS, **arguments):
        """Run some steps; the network itself."""
        self.net.run(n_steps * DT, dt=DT, **arguments)
        return self

    def expected(self, n_steps=N_STEPS):
        """Weights, and sums of the weights that have acted on each cell, by the oracle."""
        weights, arrived = [], np.zeros(N_POST)
        post = np.rint(self.spikes.t / DT).astype(int) - 1
        for pre, cell, delay in zip(*self.pairs, self.delays, strict=True):
            last, acting = naive.run(
                oracle_of(self.name), np.sort(self.pre_steps[self.pre_neurons == pre]), post[self.spikes.i == cell],
                int(delay), DT * 1e3, 1.0, n_steps - 1, self.reward_steps if "reward" in self.name else (),
                return_acting=True,
            )  # fmt: skip
            weights.append(last)
            arrived[cell] += sum(weight for step, weight in acting if step + 1 + delay < n_steps)
        return np.array(weights), arrived

    def weights(self):
        """Those of the package, in the order of the pairs."""
        return self.learning.matrix().toarray().T[self.pairs]

    def outcome(self):
        """Weights of this rank, and states of all cells."""
        return self.learning.matrix().toarray(), self.net.get_states()["cells"]


def assert_same(found, whole):
    """What several ranks have is what one has."""
    assert np.array_equal(np.concatenate([rows for rows, _ in found]), whole[0])
    for state, values in whole[1].items():
        assert np.array_equal(found[0][1][state], values), state
