"""Every model with every receptor, on one to three ranks: finite, active where it should be, and with the same bits."""

from pathlib import Path

import numpy as np
import pytest
from ranks import on_ranks

from neurocore_nb import (
    GABAB,
    NMDA,
    AlphaConductance,
    AlphaCurrent,
    BiexpConductance,
    ExpConductance,
    ExpCurrent,
    Network,
    PoissonPopulation,
    Population,
    Projection,
    SpikeMonitor,
    StateMonitor,
    StepCurrent,
    VoltageJump,
)
from neurocore_nb.neurons import MODELS

SCRIPTS = Path(__file__).parents[1] / "scripts"
N, DURATION, DT = 7, 0.06, 5e-4  # a prime, below the width of a vector
# A current that makes each model fire, in its unit.
DRIVE = {
    "HodgkinHuxleyNeuron": 10.0, "TraubMilesNeuron": 2.0, "WangBuzsakiNeuron": 2.0, "LIFNeuron": 500.0,
    "COBALIFNeuron": 300.0, "StochasticLIFNeuron": 500.0, "AdExNeuron": 1000.0, "Izhikevich2007Neuron": 300.0,
    "ExpIFNeuron": 2.0, "FitzHughNagumoNeuron": 0.5, "GLIFNeuron": 500.0, "HindmarshRoseNeuron": 3.0,
    "IzhikevichNeuron": 10.0, "LapicqueNeuron": 250.0, "QuadraticIFNeuron": 250.0,
    "ConnorStevensNeuron": 15.0, "MorrisLecarNeuron": 120.0, "PospischilNeuron": 5.0, "GolombFSNeuron": 8.0,
    "ButeraRespiratoryNeuron": 40.0, "PinskyRinzelNeuron": 2.5, "DestexheThalamicNeuron": 5.0,
    "DestexheReticularNeuron": 5.0, "MainenSejnowskiNeuron": 1.2, "HillTononiNeuron": 40.0,
}  # fmt: skip
WITHOUT_UNITS = "FitzHughNagumoNeuron", "HindmarshRoseNeuron"
RECEPTORS = {
    "jump": (VoltageJump(), "v"), "i_exp": (ExpCurrent(), "i"), "i_alpha": (AlphaCurrent(), "i"),
    "g_exp": (ExpConductance(), "g"), "g_alpha": (AlphaConductance(tau=2.0), "g"), "g_biexp": (BiexpConductance(), "g"),
    "nmda": (NMDA(), "g"), "gabab": (GABAB(g_max=1e-3), "t"),
}  # fmt: skip


def test_all_models_are_visited():
    assert set(DRIVE) == set(MODELS)


def run(connect, model, threads):
    """Spikes and all states at each step, of neurons that are driven, and reached by spikes at each receptor."""
    drive, scale = DRIVE[model], 1.0 if model in WITHOUT_UNITS else 60.0  # mV
    weights = {"v": 0.01 * scale, "i": 0.1 * drive, "g": 0.1 * drive / scale, "t": 1.0}
    cells = Population(model, N, receptors={name: one for name, (one, _) in RECEPTORS.items()})
    noise = PoissonPopulation(5, 200.0)
    spikes, states = SpikeMonitor(cells), StateMonitor(cells, tuple(cells.states))
    onto = [Projection(noise, cells, weights[kind], receptor=name) for name, (_, kind) in RECEPTORS.items()]
    again = Projection(cells, cells, weights["g"], 0.3, 1e-3, receptor="g_exp")
    net = connect(Network(cells, noise, *onto, again, StepCurrent(0.0, 1.0, drive), spikes, states, seed=3))
    net.run(DURATION, DT, threads=threads)
    return (spikes.t, spikes.i, np.stack(list(states.traces.values()))) if net.rank == 0 else None


@pytest.mark.parametrize("model", MODELS)
def test_every_model_with_every_receptor_on_one_to_three_ranks(model):
    t, i, states = run(lambda net: net, model, 1)
    assert np.isfinite(states).all()
    assert set(i) == set(range(N)), "a neuron didn't fire"
    receptors = states[-sum(len(one.states) for one, _ in RECEPTORS.values()) :]
    assert (np.abs(receptors).max(axis=1) > 0.0).all(axis=None), "nothing arrived at a receptor of some neuron"
    for size in (2, 3):
        others = on_ranks(size, lambda connect: run(connect, model, 2 - size % 2))  # noqa: B023
        for mine, theirs in zip((t, i, states), others, strict=True):
            np.testing.assert_array_equal(mine, theirs)


def test_the_pictures_show_every_model(monkeypatch):
    monkeypatch.syspath_prepend(SCRIPTS)
    import catalogue

    assert set(catalogue.MEMBRANES) | set(catalogue.RESETS) == set(MODELS)
    above, below = catalogue.draw_models({"LIFNeuron": (450.0, 1000.0)}).axes[:6:5]
    assert above.get_title() == "LIF, I = 450"
    assert below.get_xlabel() == "I (pA)"
    rates = below.lines[0].get_ydata()
    assert rates[0] == 0.0 < rates[-1]
