"""Learning rules against NEST's synapses under given spike trains: the weights with which presynaptic spikes act.

Pairs: stdp_synapse, stdp_nn_symm_synapse. Triplets: stdp_triplet_synapse. Inhibition: vogels_sprekeler_synapse.
Rewards: stdp_dopamine_synapse. Depression and facilitation: tsodyks2_synapse.

In NEST, both neurons of a synapse are parrots that repeat their trains; spikes of both sides act together at times, and
some steps hold two spikes of a neuron. NEST clips in the middle of the inhibitory rule's presynaptic update, and a
weight under rewards at each step: those cases keep off such bounds.

Our side is the sum over all earlier spikes of ``tests/naive_plasticity.py``.
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


class Case(NamedTuple):
    """A synapse: the naive rule, its initial weight, its delay in steps, and what NEST calls all that."""

    rule: naive.Rule
    w0: float
    delay: int
    model: str
    synapse: dict[str, Any]
    neuron: dict[str, float] = {}


def pair_case(delay: int, mu: float, **params: Any) -> Case:
    """NEST's ``lambda`` is a_plus, its ``alpha`` the ratio a_minus / a_plus; nearest spikes are another model."""
    rule = naive.STDP(mu_plus=mu, mu_minus=mu, tau_plus=17.0, tau_minus=34.0, w_max=2.0, **params)
    synapse = {
        "lambda": rule.a_plus, "alpha": rule.a_minus / rule.a_plus, "tau_plus": rule.tau_plus,
        "mu_plus": mu, "mu_minus": mu, "Wmax": rule.w_max,
    }  # fmt: skip
    model = "stdp_nn_symm_synapse" if rule.pairing == "nearest" else "stdp_synapse"
    return Case(rule, 1.0, delay, model, synapse, {"tau_minus": rule.tau_minus})


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


def trains(delay: int) -> tuple[list[int], list[int], list[int]]:
    """Steps of presynaptic and postsynaptic spikes and of rewards, about 20, 20 and 5 Hz.

    Some postsynaptic spikes act together with presynaptic ones, some steps have two spikes of a neuron, some rewards
    fall on spikes. The first spike and the last are presynaptic: NEST's synapse of nearest spikes takes the time 0 for
    such a spike, and all learn when one passes.
    """
    rng = np.random.default_rng(21)
    pre, post = rng.integers(100, N_STEPS - 200, (2, 40))
    post[::5] = pre[::5] - delay
    pre, post = (sorted([*train.tolist(), *train[:3].tolist()]) for train in (pre, post))
    rewards = sorted([*rng.integers(100, N_STEPS - 200, 8).tolist(), pre[9], pre[20]])
    return [10, *pre, N_STEPS - 100], post, rewards


def peer(case: Case) -> list[float]:
    """Weights in NEST, of the projection from a parrot to a port of another at which it repeats nothing."""
    pre, post, rewards = trains(case.delay)
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
        nest.SetDefaults(case.model, synapse | {"volume_transmitter": transmitter})
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
    exact = {name: peer(case) for name, case in CASES.items()}

    import neurocore_nb

    rows = [weight_row(name, exact[name], naive_weights(case)) for name, case in CASES.items()]
    # THE PACKAGE'S OWN WEIGHTS stand here as soon as it has learning rules; those of rewards are still to be written.
    for name, case in CASES.items():
        if hasattr(neurocore_nb, type(case.rule).__name__) and not isinstance(case.rule, naive.RewardSTDP):
            rows.append(final_row(name, case))
    return rows


def weight_row(what: str, theirs: list[float], own: list[float]) -> Row:
    """Compare weights at each presynaptic spike, relative to the largest."""
    shown = [f"{len(one)} weights from {min(one):.6g} to {max(one):.6g}" for one in (theirs, own)]
    difference = np.abs(np.subtract(theirs, own)).max() / max(own) if len(theirs) == len(own) else np.inf
    return Row(what, *shown, float(difference), BAR, "of the largest")


def our_network(case: Case, **synapse: Any) -> tuple[Any, ...]:
    """A synapse from a source to a cell that a second source makes fire; and a monitor of the cell.

    The cell can fire once in a step, so the postsynaptic train loses its repetitions.
    """
    from neurocore_nb import ExpCurrent, LIFNeuron, Population, Projection, SpikeMonitor, SpikeSource, VoltageJump

    pre, post, _ = trains(case.delay)
    source = SpikeSource(np.array(pre) * DT * 1e-3)
    driver = SpikeSource((np.unique(post) - 1) * DT * 1e-3)  # makes the cell fire one step later
    receptors = {"exc": ExpCurrent(tau=2.0), "kick": VoltageJump()}
    cell = Population(LIFNeuron, 1, params={"t_ref": 0.0}, receptors=receptors, max_step=DT)
    learning = Projection(
        source, cell, weight=case.w0, delay=case.delay * DT * 1e-3, weight_dtype="float64", topology="one_to_one",
        receptor="exc", **synapse,
    )  # fmt: skip
    kick = Projection(driver, cell, weight=1000.0, topology="one_to_one", receptor="kick")
    return learning, SpikeMonitor(cell), source, driver, cell, kick


def final_row(name: str, case: Case) -> Row:
    """Compare the package's final weight with the naive one; the cell must have fired when it was told to."""
    import neurocore_nb

    pre, post, _ = trains(case.delay)
    params = asdict(case.rule)
    if isinstance(case.rule, naive.TsodyksMarkram):
        del params["w_min"], params["w_max"]
    rule = getattr(neurocore_nb, type(case.rule).__name__)(**params)
    learning, monitor, *others = our_network(case, plasticity=rule)
    neurocore_nb.Network(learning, monitor, *others).run(N_STEPS * DT * 1e-3, dt=DT * 1e-3)
    if not np.array_equal(np.round(monitor.t * 1e3 / DT), np.unique(post)):
        raise RuntimeError(f"{name}: the cell didn't fire when it was told to")
    expected = naive.run(case.rule, pre, np.unique(post).tolist(), case.delay, DT, case.w0, N_STEPS)
    (final,) = learning.matrix().data
    return Row(f"{name}: final", f"{expected:.15g}", f"{final:.15g}", abs(final / expected - 1.0), BAR, "relative")


if __name__ == "__main__":
    print(*(row.markdown() for row in compare()), sep="\n")
