"""Learning rules against a simulator that visits every step, and against closed forms."""

from __future__ import annotations

from dataclasses import fields

import naive_plasticity as naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ranks import on_each_rank

from neurocore_nb import (
    STDP,
    ExpCurrent,
    InhibitorySTDP,
    LIFNeuron,
    Network,
    Population,
    Projection,
    RewardSTDP,
    SpikeMonitor,
    SpikeSource,
    TripletSTDP,
    TsodyksMarkram,
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
    "triplet": (TripletSTDP, {"a2_plus": 5e-3}),
    "nearest triplet": (TripletSTDP, {"pairing": "nearest", "a3_plus": 5e-2, "tau_x": 714.0, "tau_y": 40.0}),
    "inhibitory": (InhibitorySTDP, {"eta": 0.05, "rho_0": 8.0}),
    "reward": (RewardSTDP, {"a_plus": 0.5, "a_minus": 0.3, "b": 0.001, "w_max": 1.2, "tau_e": 100.0, "tau_n": 30.0}),
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


class Trained:
    """A network in which given spikes of some sources meet forced spikes of some cells on plastic synapses."""

    def __init__(self, name, seed=1, *, delays=(0, 3), pairs=None, sign=1.0, dtype="float64", **more):
        rng = np.random.default_rng(seed)
        kind, values = RULES[name]
        self.pre_steps, self.pre_neurons = trains(rng, N_PRE, more.pop("pre_rate", 60.0), 0.2)
        steps, neurons = trains(rng, N_POST, more.pop("post_rate", 50.0))
        self.reward_steps = np.sort(rng.integers(0, N_STEPS - 5, 6))
        self.source = self.sources(self.pre_steps, self.pre_neurons, N_PRE)
        teacher = self.sources(steps, neurons, N_POST)
        rewards = self.sources(self.reward_steps, np.zeros(6, int), 1)
        extra = {"reward": rewards} if kind is RewardSTDP else {}
        self.cells = Population(LIFNeuron, N_POST, label="cells", params={"t_ref": 1.0},
                                receptors={"count": ExpCurrent(tau=FOREVER)}, max_step=1.0)  # fmt: skip
        self.pairs = pairs or np.nonzero(rng.random((N_PRE, N_POST)) < 0.7)
        self.delays = rng.integers(delays[0], delays[1] + 1, len(self.pairs[0]))
        self.learning = Projection(
            self.source, self.cells, weight=sign * more.pop("weight", 1.0), topology=tuple(self.pairs),
            delay=self.delays * DT if delays[0] != delays[1] else delays[0] * DT,
            plasticity=kind(**values, **extra), receptor="count", weight_dtype=dtype,
        )  # fmt: skip
        forcing = Projection(teacher, self.cells, weight=1e6, topology="one_to_one")
        self.spikes = SpikeMonitor(self.cells)
        objects = [self.source, teacher, rewards, self.cells, self.learning, forcing, self.spikes]
        self.net = Network(*objects, seed=seed)

    @staticmethod
    def sources(steps, neurons, n):
        return SpikeSource((np.asarray(steps) + 1) * DT, neurons, n)

    def expected(self, name, n_steps=N_STEPS):
        """Weights, and sums of the weights that have acted on each cell, by the oracle."""
        weights, arrived = [], np.zeros(N_POST)
        post = np.rint(self.spikes.t / DT).astype(int) - 1
        for pre, cell, delay in zip(*self.pairs, self.delays, strict=True):
            last, acting = naive.run(
                oracle_of(name), np.sort(self.pre_steps[self.pre_neurons == pre]), post[self.spikes.i == cell],
                int(delay), DT * 1e3, 1.0, n_steps - 1, self.reward_steps if "reward" in name else (),
                return_acting=True,
            )  # fmt: skip
            weights.append(last)
            arrived[cell] += sum(weight for step, weight in acting if step + 1 + delay < n_steps)
        return np.array(weights), arrived

    def weights(self):
        """Those of the package, in the order of the pairs."""
        found = self.learning.matrix().tocoo()
        order = np.lexsort((found.col, found.row))
        mine = np.lexsort((self.pairs[0], self.pairs[1]))
        values = np.empty(len(mine))
        values[mine] = found.data[order]
        return values


@pytest.mark.parametrize("delays", [(0, 0), (2, 2), (0, 3)])
@pytest.mark.parametrize("name", RULES)
def test_weights_are_those_of_a_simulator_that_visits_every_step(name, delays):
    trained = Trained(name, delays=delays)
    trained.net.run(N_STEPS * DT, dt=DT)
    weights, arrived = trained.expected(name)
    assert trained.spikes.count > 60
    assert np.ptp(weights) > 0.01 or name == "short-term"
    np.testing.assert_allclose(trained.weights(), weights, rtol=1e-11)
    np.testing.assert_allclose(trained.net.get(trained.cells, "i_count"), arrived, rtol=1e-7)


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(sorted(RULES)), st.integers(0, 10**6), st.sampled_from(["float32", "float64"]), st.data())
def test_bits_are_the_same_however_it_is_divided(name, seed, dtype, data):
    rates = {
        "pre_rate": data.draw(st.sampled_from([20.0, 200.0])),
        "post_rate": data.draw(st.sampled_from([20.0, 400.0])),
    }
    ranks, threads = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 3))
    cuts = sorted(data.draw(st.sets(st.integers(1, N_STEPS - 1), max_size=3)))
    looks = data.draw(st.booleans())
    settings = {"dtype": dtype, "delays": data.draw(st.sampled_from([(0, 4), (1, 1), (20, 30)]))} | rates

    whole = Trained(name, seed, **settings)
    whole.net.run(N_STEPS * DT, dt=DT, threads=1)

    def program(connect, rank):
        trained = Trained(name, seed, **settings)
        connect(trained.net)
        for begin, end in zip([0, *cuts], [*cuts, N_STEPS], strict=True):
            trained.net.run((end - begin) * DT, dt=DT, threads=threads if looks else 1 + begin % 3)
            if looks:
                trained.learning.matrix()
        return trained.learning.matrix().toarray(), trained.net.get_states()["cells"]

    found = on_each_rank(ranks, program)
    assert np.array_equal(np.concatenate([rows for rows, _ in found]), whole.learning.matrix().toarray())
    for state, values in whole.net.get_states()["cells"].items():
        assert np.array_equal(found[0][1][state], values), state
