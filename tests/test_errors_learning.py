"""What is wrong with a learning rule, a projection that learns or a monitor of weights is said in so many words."""

import re

import numpy as np
import pytest

from neurocore_nb import (
    STDP,
    InhibitorySTDP,
    LIFNeuron,
    Network,
    Normal,
    Plasticity,
    Population,
    Projection,
    RewardSTDP,
    SpikeSource,
    Trace,
    TripletSTDP,
    TsodyksMarkram,
    Uniform,
    WeightMonitor,
)


def learning(plasticity="stdp", weight=1.0, **options):
    cells = Population(LIFNeuron, 10, label="cells")
    return Projection(cells, cells, weight, plasticity=plasticity, **options)


def rule(**declared):
    """A projection with a rule of the user's."""
    return learning(type("Mine", (Plasticity,), declared)())


def on_pre(w):
    return w


def more(w):
    return w + 1.0


def in_words(w):
    return w + len(w)


def weights(*arguments, **options):
    return WeightMonitor(learning(), *arguments, **({"interval": 0.01} | options))


def network(*more, **options):
    one = learning(**options)
    return Network(one.source, one, *more)


def run(one):
    Network(one.source, one).run(0.0)


def procedural():
    cells = Population(LIFNeuron, 10, label="cells")
    return Projection(cells, cells, 1.0, storage="procedural")


def with_monitor(pairs):
    one = learning(probability=0.0)
    Network(one.source, one, WeightMonitor(one, pairs, interval=0.01)).run(0.01)


MISTAKES = [
    (lambda: learning(0.1), TypeError, r"cells -> cells: plasticity must be a rule such as STDP\(\), not 0.1"),
    (lambda: learning(STDP), TypeError, r"cells -> cells: plasticity.*write STDP\(\)"),
    (lambda: STDP(a_pluss=1.0), TypeError, r"STDP: parameter 'a_pluss' is unknown; it has a_plus"),
    (lambda: STDP(pairing="all"), ValueError, r"STDP: pairing 'all' is unknown; use 'all_to_all' or 'nearest'"),
    (lambda: TripletSTDP(pairing=1), ValueError, r"TripletSTDP: pairing 1"),
    (lambda: learning(STDP(tau_plus=0.0)), ValueError, r"cells: STDP: tau_plus.* 0\.0 ms.*above 0 ms"),
    (lambda: learning(STDP(tau_plus="20")), TypeError, r"cells: STDP: tau_plus must be a number in ms, not '20'"),
    (lambda: learning(STDP(a_plus=np.nan)), ValueError, r"cells: STDP: a_plus = nan"),
    (lambda: learning(STDP(mu_plus=-1.0)), ValueError, r"cells: STDP: mu_plus.*at least 0"),
    (lambda: learning(STDP(w_min=-1.0)), ValueError, r"cells: STDP: w_min = -1.0 pA; it must be at least 0 pA"),
    (lambda: learning(STDP(w_max=0.5)), ValueError, r"STDP: weights start between 1 and 1 pA.*w_max = 0.5 pA"),
    (lambda: learning(STDP(w_min=2.0)), ValueError, r"STDP: weights start between 1 and 1 pA.*w_min = 2"),
    (lambda: learning(STDP(w_min=3.0, w_max=2.5)), ValueError, r"STDP: w_min = 3 pA is above w_max = 2.5 pA"),
    (lambda: learning(STDP(), 0.0), ValueError, r"STDP: all weights start at 0, so w_max must be given, in pA"),
    (lambda: learning(STDP(), Normal(0.0, 1.0)), ValueError, r"-8.3 to 8.3 pA have both signs.*low= or high="),
    (lambda: learning(STDP(w_max=4.0), Uniform(1.0, 5.0)), ValueError, r"start between 1 and 5 pA.*w_max = 4"),
    (lambda: learning(storage="procedural"), ValueError, r"cells: synapses that learn have to be kept.*'stored'"),
    (lambda: learning(RewardSTDP()), ValueError, r"RewardSTDP needs reward=.*SpikeSource"),
    (lambda: learning(RewardSTDP(reward=3)), TypeError, r"RewardSTDP: reward must be a Population.*3"),
    (lambda: learning(STDP(reward=SpikeSource([], [], 1))), ValueError, r"STDP heeds no reward; leave it out"),
    (lambda: learning(InhibitorySTDP(rho_0=-1.0)), ValueError, r"InhibitorySTDP: rho_0.*at least 0 Hz"),
    (lambda: learning(TsodyksMarkram(tau_rec=0.0)), ValueError, r"TsodyksMarkram: tau_rec.*above 0 ms"),
    (lambda: learning().matrix("e"), ValueError, r"cells -> cells.*: synapses have no 'e'; they have w"),
    (
        lambda: network(plasticity=RewardSTDP(reward=SpikeSource([], [], 1))),
        ValueError,
        r"the reward of <Projection cells.*isn't part of the network",
    ),
    # rules of one's own
    (lambda: rule(), TypeError, r"the rule Mine has none of the functions on_pre, on_post, between, release"),
    (lambda: rule(on_pre=lambda w: w), TypeError, r"Mine.on_pre must be a function written with def"),
    (lambda: rule(on_pre=on_pre, pre={"x": Trace("tau")}), TypeError, r"Mine: the trace 'x' has no parameter 'tau'"),
    (lambda: rule(on_pre=on_pre, pre={"x": 20.0}), TypeError, r"Mine: 'x' must be a trace such as Trace\('tau'\)"),
    (
        lambda: rule(on_pre=on_pre, pre={"x": Trace(20.0)}, post={"x": Trace(20.0)}, parameters={"x": 1.0}),
        TypeError,
        r"the rule Mine uses the name 'x' for two things",
    ),
    (lambda: rule(on_pre=on_pre, states={"w": 0.0}), TypeError, r"the rule Mine uses the name 'w' for two things"),
    (lambda: rule(on_pre=more, states={"e": 0.0}), TypeError, r"Mine.on_pre returns 1 value, but must return 2: w, e"),
    (lambda: rule(on_pre=on_pre, reward={"n": Trace(5.0)}), TypeError, r"a reward, but no function 'between'"),
    (lambda: rule(on_post=takes_y), TypeError, r"Mine.on_post takes 'y'; it may take w, w_min, w_max, w_ref"),
    (lambda: rule(on_pre=undefined), TypeError, r"Mine.on_pre uses the name 'nothing', which is neither an argument"),
    (lambda: run(rule(on_pre=in_words)), TypeError, r"rule Mine can't be compiled, at 'return w \+ len"),
    (lambda: run(rule(on_pre=on_pre, states={"e": 0.0})), TypeError, r"functions of the rule Mine can't be compiled"),
    # monitors
    (lambda: WeightMonitor(3, interval=0.1), TypeError, r"WeightMonitor watches must be a projection, not 3"),
    (lambda: WeightMonitor(procedural(), interval=0.1), ValueError, r"procedural synapses aren't kept"),
    (lambda: weights(interval=0.0), ValueError, r"WeightMonitor of.*interval.*above 0 s"),
    (lambda: weights([1, 2, 3]), TypeError, r"pairs must be \(pre, post\), two arrays"),
    (lambda: weights(([0], [0, 1])), ValueError, r"pairs hold 1 sources and 2 targets"),
    (lambda: weights(([10], [0])), ValueError, r"pre holds 10; the 10 neurons of the source are 0"),
    (lambda: weights(([0.5], [0])), TypeError, r"pre must be indices \(integers\)"),
    (lambda: weights(bins=[1.0]), ValueError, r"bins must be at least two borders, ascending"),
    (lambda: weights(bins=[2.0, 1.0]), ValueError, r"bins must be at least two borders, ascending"),
    (lambda: weights(variables="e"), ValueError, r"synapses have no 'e'; they have w"),
    (lambda: network(weights()), ValueError, r"isn't part of the network"),
    (lambda: with_monitor(([0], [1])), ValueError, r"the pair 0 -> 1 has no synapse; leave it out"),
]  # fmt: skip


def takes_y(w, y):
    return w + y


def undefined(w):
    return w + nothing  # noqa: F821


@pytest.mark.parametrize("k", range(len(MISTAKES)))
def test_mistakes(k):
    call, kind, pattern = MISTAKES[k]
    with pytest.raises(kind) as caught:
        call()
    assert re.search(pattern, str(caught.value)), str(caught.value)
