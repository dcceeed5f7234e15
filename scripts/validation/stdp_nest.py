"""Learning rules against NEST's synapses under given spike trains: the weight of a synapse at presynaptic spikes.

Pairs: stdp_synapse, stdp_nn_symm_synapse. Power law: stdp_pl_synapse_hom. Triplets: stdp_triplet_synapse. Inhibition:
vogels_sprekeler_synapse. Rewards: stdp_dopamine_synapse. Depression and facilitation: tsodyks2_synapse.

In NEST, both neurons of a synapse are parrots that repeat their trains; spikes of both sides act together at times, and
some steps hold two spikes of the source. NEST clips in the middle of the inhibitory rule's presynaptic update, and a
weight under rewards at each step: those cases keep off such bounds.

Our target is a cell that is made to fire at the same times, and the run stops at each presynaptic spike to look at the
weight. Short-term plasticity changes only what arrives, which is rounded to 1e-10 of the largest weight so that sums
are exact; hence its bar. Rows of the oracle are the sums over all earlier spikes of `tests/naive_plasticity.py`; there
some steps hold two spikes of the target, too.
"""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from common import Row
from drive import nest_cells

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))
import naive_plasticity as naive

PEER = "nest-simulator"
DT, N_STEPS = 0.1, 20000  # ms, steps
BAR = 1e-12  # relative to the largest weight
COMMON = "stdp_pl_synapse_hom", "stdp_dopamine_synapse"  # models whose parameters aren't of single synapses
ROUNDED = 1e-10  # the same for what arrives at a receptor


class Case(NamedTuple):
    """A synapse: the naive rule, its initial weight, its delay in steps, and what NEST calls all that."""

    rule: naive.Rule
    w0: float
    delay: int
    model: str
    synapse: dict[str, Any]
    neuron: dict[str, float] = {}

    @property
    def only_acts(self) -> bool:
        """Whether the weight stays as it is, and spikes act with another."""
        return isinstance(self.rule, naive.TsodyksMarkram)

    @property
    def bar(self) -> float:
        """For the package's weights."""
        return ROUNDED if self.only_acts else BAR


def pair_case(delay: int, mu: float, **params: Any) -> Case:
    """NEST's ``lambda`` is a_plus, its ``alpha`` the ratio a_minus / a_plus; nearest spikes are another model."""
    rule = naive.STDP(mu_plus=mu, mu_minus=mu, tau_plus=17.0, tau_minus=34.0, w_max=2.0, **params)
    synapse = {
        "lambda": rule.a_plus, "alpha": rule.a_minus / rule.a_plus, "tau_plus": rule.tau_plus,
        "mu_plus": mu, "mu_minus": mu, "Wmax": rule.w_max,
    }  # fmt: skip
    model = "stdp_nn_symm_synapse" if rule.pairing == "nearest" else "stdp_synapse"
    return Case(rule, 1.0, delay, model, synapse, {"tau_minus": rule.tau_minus})


def power_law_case(delay: int) -> Case:
    """NEST's reference weight is 1."""
    rule = naive.PowerLawSTDP(a_plus=0.05, a_minus=0.03, tau_plus=15.0, tau_minus=30.0, w_ref=1.0, w_max=100.0)
    common = {"lambda": rule.a_plus, "alpha": rule.a_minus / rule.a_plus, "tau_plus": rule.tau_plus, "mu": rule.mu}
    return Case(rule, 2.0, delay, "stdp_pl_synapse_hom", common, {"tau_minus": rule.tau_minus})


def triplet_case(delay: int, w_max: float = 100.0, **params: float) -> Case:
    """NEST's amplitudes are in units of the weight (w_ref 1)."""
    rule = naive.TripletSTDP(w_ref=1.0, w_max=w_max, **params)
    synapse = {
        "tau_plus": rule.tau_plus, "tau_plus_triplet": rule.tau_x, "Wmax": w_max,
        "Aplus": rule.a2_plus, "Aplus_triplet": rule.a3_plus,
        "Aminus": rule.a2_minus, "Aminus_triplet": rule.a3_minus,
    }  # fmt: skip
    neuron = {"tau_minus": rule.tau_minus, "tau_minus_triplet": rule.tau_y}
    return Case(rule, 1.0, delay, "stdp_triplet_synapse", synapse, neuron)


def inhibitory_case(delay: int, w0: float, rho_0: float) -> Case:
    """NEST takes alpha itself, and tau of the postsynaptic trace from the neuron."""
    rule = naive.InhibitorySTDP(eta=0.02, rho_0=rho_0, tau=20.0, w_max=100.0)
    synapse = {"eta": rule.eta, "alpha": rule.alpha, "tau": rule.tau, "Wmax": rule.w_max}
    return Case(rule, w0, delay, "vogels_sprekeler_synapse", synapse, {"tau_minus": rule.tau})


def reward_case(delay: int, b: float) -> Case:
    """NEST calls the eligibility c."""
    rule = naive.RewardSTDP(a_plus=0.01, a_minus=0.012, tau_minus=30.0, tau_e=500.0, tau_n=100.0, b=b, w_max=10.0)
    synapse = {
        "A_plus": rule.a_plus, "A_minus": rule.a_minus, "tau_plus": rule.tau_plus, "tau_c": rule.tau_e,
        "tau_n": rule.tau_n, "b": b, "Wmin": rule.w_min, "Wmax": rule.w_max,
    }  # fmt: skip
    return Case(rule, 5.0, delay, "stdp_dopamine_synapse", synapse, {"tau_minus": rule.tau_minus})


def short_term_case(delay: int, u: float, tau_rec: float, tau_fac: float) -> Case:
    """NEST's u has to be told to start at U."""
    rule = naive.TsodyksMarkram(U=u, tau_rec=tau_rec, tau_fac=tau_fac)
    synapse = {"U": u, "u": u, "tau_rec": tau_rec, "tau_fac": tau_fac}
    return Case(rule, 2.0, delay, "tsodyks2_synapse", synapse)


HIPPOCAMPUS = {
    "a2_plus": 6.1e-3, "a3_plus": 6.7e-3, "a2_minus": 1.6e-3, "a3_minus": 1.4e-3, "tau_x": 946.0, "tau_y": 27.0,
}  # fmt: skip
CASES = {
    "pairs, additive, delay 0.1 ms": pair_case(1, 0.0),
    "pairs, additive, delay 1.5 ms": pair_case(15, 0.0),
    "pairs, mu 0.02, delay 0.1 ms": pair_case(1, 0.02),
    "pairs, mu 0.02, delay 5 ms": pair_case(50, 0.02),
    "pairs, multiplicative, delay 1.5 ms": pair_case(15, 1.0),
    "pairs, at both bounds, delay 1.5 ms": pair_case(15, 0.0, a_plus=0.4, a_minus=0.4),
    "pairs of nearest spikes, additive, delay 0.1 ms": pair_case(1, 0.0, pairing="nearest"),
    "pairs of nearest spikes, mu 0.5, delay 5 ms": pair_case(50, 0.5, pairing="nearest"),
    "power law, delay 0.1 ms": power_law_case(1),
    "power law, delay 1.5 ms": power_law_case(15),
    "triplets, visual cortex, delay 0.1 ms": triplet_case(1),
    "triplets, visual cortex, delay 5 ms": triplet_case(50),
    "triplets, hippocampus, delay 1.5 ms": triplet_case(15, **HIPPOCAMPUS),
    "triplets, at an upper bound, delay 1.5 ms": triplet_case(15, w_max=1.001, **HIPPOCAMPUS),
    "inhibition, delay 1.5 ms": inhibitory_case(15, 1.0, 5.0),
    "inhibition, at 0, delay 0.1 ms": inhibitory_case(1, 0.05, 60.0),
    "rewards, b 0, delay 0.1 ms": reward_case(1, 0.0),
    "rewards, b 0, delay 1.5 ms": reward_case(15, 0.0),
    "rewards, b 0.003, delay 1.5 ms": reward_case(15, 0.003),
    "depression, delay 1.5 ms": short_term_case(15, 0.5, 800.0, 0.0),
    "facilitation, delay 0.1 ms": short_term_case(1, 0.05, 130.0, 530.0),
}


def trains(delay: int, repeated: bool = True) -> tuple[list[int], list[int], list[int]]:
    """Steps of presynaptic and postsynaptic spikes and of rewards, about 20, 20 and 5 Hz.

    Some postsynaptic spikes act together with presynaptic ones, some steps have two presynaptic spikes (and two
    postsynaptic ones, if ``repeated``), some rewards fall on spikes. The first spike and the last are presynaptic:
    NEST's synapse of nearest spikes takes the time 0 for such a spike, and all learn when one passes.
    """
    rng = np.random.default_rng(21)
    pre, post = rng.integers(100, N_STEPS - 200, (2, 40))
    post[::5] = pre[::5] - delay
    pre, post = (sorted([*train.tolist(), *train[:3].tolist()]) for train in (pre, post))
    rewards = sorted([*rng.integers(100, N_STEPS - 200, 8).tolist(), pre[9], pre[20]])
    return [10, *pre, N_STEPS - 100], post if repeated else sorted(set(post)), rewards


def peer(case: Case, repeated: bool) -> list[float]:
    """Weights in NEST, of the projection from a parrot to a port of another at which it repeats nothing."""
    pre, post, rewards = trains(case.delay, repeated)
    nest, _ = nest_cells("parrot_neuron", 1, {}, DT)
    source, target = nest.Create("parrot_neuron"), nest.Create("parrot_neuron", params=case.neuron)
    repeat(nest, pre, source)
    repeat(nest, post, target)
    recorder = nest.Create("weight_recorder")
    nest.SetDefaults(case.model, {"weight_recorder": recorder})
    synapse = dict(case.synapse)
    if case.model == "stdp_dopamine_synapse":
        transmitter = nest.Create("volume_transmitter")
        rewarder = nest.Create("parrot_neuron")
        repeat(nest, [step - 1 for step in rewards], rewarder)  # a reward acts when it arrives
        nest.Connect(rewarder, transmitter, syn_spec={"delay": DT})
        synapse["volume_transmitter"] = transmitter
    if case.model in COMMON:
        nest.SetDefaults(case.model, synapse)
        synapse = {}
    synapse |= {"synapse_model": case.model, "weight": case.w0, "delay": case.delay * DT, "receptor_type": 1}
    nest.Connect(source, target, syn_spec=synapse)
    nest.Simulate(N_STEPS * DT)
    return list(recorder.events["weights"])


def repeat(nest: Any, steps: list[int], parrot: Any) -> None:
    """Let a parrot fire at the given steps, one step after it is told to."""
    generator = nest.Create("spike_generator", params={"spike_times": [round((step - 1) * DT, 6) for step in steps]})
    nest.Connect(generator, parrot, syn_spec={"delay": DT})


def naive_weights(case: Case) -> list[float]:
    """Weights from the sums over all spikes in ``tests/naive_plasticity.py``."""
    pre, post, rewards = trains(case.delay)
    _, acting = naive.run(case.rule, pre, post, case.delay, DT, case.w0, N_STEPS, rewards, return_acting=True)
    return [weight for _, weight in acting]


def compare() -> list[Row]:
    """NEST's weights and ours in all cases; all of NEST's runs come first."""
    once = {name: peer(case, repeated=False) for name, case in CASES.items()}
    twice = {name: peer(case, repeated=True) for name, case in CASES.items()}
    rows = [weight_row(name, by_step(case, once[name]), our_weights(case), case.bar) for name, case in CASES.items()]
    return rows + [weight_row(f"oracle: {name}", twice[name], naive_weights(case), BAR) for name, case in CASES.items()]


def weight_row(what: str, theirs: list[float], own: list[float], bar: float) -> Row:
    """Compare weights at presynaptic spikes, relative to the largest."""
    shown = [f"{len(one)} weights from {min(one):.6g} to {max(one):.6g}" for one in (theirs, own)]
    difference = np.abs(np.subtract(theirs, own)).max() / max(own) if len(theirs) == len(own) else np.inf
    return Row(what, *shown, float(difference), bar, "of the largest")


def by_step(case: Case, weights: list[float]) -> list[float]:
    """The weight after the last spike of each step, or for short-term plasticity the sum of those that act in it."""
    _, first = np.unique(trains(case.delay)[0], return_index=True)
    if case.only_acts:
        return list(np.add.reduceat(weights, first))
    return [weights[k - 1] for k in (*first[1:], len(weights))]


def our_weights(case: Case) -> list[float]:
    """The package's weights at the same spikes, from a source to a cell that another source makes fire."""
    from neurocore_nb import (
        ExpCurrent,
        LIFNeuron,
        Network,
        Population,
        Projection,
        SpikeMonitor,
        SpikeSource,
        VoltageJump,
    )

    pre, post, rewards = trains(case.delay, repeated=False)
    source, rewarder = SpikeSource(seconds(pre)), SpikeSource(seconds(rewards))
    driver = SpikeSource(seconds(post) - seconds([1]))  # the cell fires one step later
    receptors = {"sum": ExpCurrent(tau=1e15), "kick": VoltageJump()}
    cell = Population(LIFNeuron, 1, params={"t_ref": 0.0}, receptors=receptors, max_step=DT)
    learning = Projection(
        source, cell, weight=case.w0, delay=case.delay * DT * 1e-3, plasticity=our_rule(case, rewarder),
        receptor="sum", weight_dtype="float64", topology="one_to_one",
    )  # fmt: skip
    kick = Projection(driver, cell, weight=1000.0, topology="one_to_one", receptor="kick")
    monitor = SpikeMonitor(cell)
    net = Network(source, driver, rewarder, cell, learning, kick, monitor)
    looks = np.unique(pre) + (case.delay + 1 if case.only_acts else 0)  # there a spike has arrived
    weights, arrived = [], 0.0
    for begin, end in zip([0, *looks], looks, strict=False):
        net.run((end - begin) * DT * 1e-3, dt=DT * 1e-3)
        before, arrived = arrived, float(net.get(cell, "i_sum")[0])
        weights.append(arrived - before if case.only_acts else float(learning.matrix().data[0]))
    if not np.array_equal(np.rint(monitor.t * 1e3 / DT), post):
        raise RuntimeError(f"{case}: the cell didn't fire when it was told to")
    return weights


def seconds(steps: list[int]) -> np.ndarray:
    """Times of steps in s."""
    return np.array(steps) * DT * 1e-3


def our_rule(case: Case, rewarder: Any) -> Any:
    """The package's rule with the values of the naive one."""
    import neurocore_nb

    values = asdict(case.rule)
    if case.only_acts:
        values = {name: values[name] for name in ("U", "tau_rec", "tau_fac")}
    if isinstance(case.rule, naive.RewardSTDP):
        values["reward"] = rewarder
    return getattr(neurocore_nb, type(case.rule).__name__)(**values)


if __name__ == "__main__":
    print(*(row.markdown() for row in compare()), sep="\n")
