"""LapicqueNeuron, QuadraticIFNeuron, IzhikevichNeuron, HindmarshRoseNeuron, FitzHughNagumoNeuron against Brian2.

The papers' equations, integrated by Runge-Kutta in steps of 0.001 ms, under constant currents. In both, a spike and its
reset wait for the end of a step, so that a bar is a step for each spike. For Izhikevich's cells it is two: our u is
taken on before v, and so is half a step ahead after each reset.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from brian import brian2_spikes
from common import Row, Trains, spike_row
from drive import our_run

PEER = "brian2"
DURATION, PEER_DT = 200.0, 0.001
IZHIKEVICH = 10.0  # mV/ms
RESET = {"threshold": "v >= v_peak", "reset": "v = v_reset"}
# Model, currents, initial values, and equations with the threshold and what follows.
CASES: dict[str, tuple[str, list[float], dict[str, float], str, dict[str, Any]]] = {
    "Lapicque": (
        "LapicqueNeuron",
        [160.0, 300.0],
        {"v": -65.0},
        "dv/dt = (-(v + 65) + 0.1*i_step)/10/ms : 1\ni_step : 1",
        RESET | {"namespace": {"v_peak": -50.0, "v_reset": -65.0}},
    ),
    "quadratic": (
        "QuadraticIFNeuron",
        [45.0, 200.0],
        {"v": -65.0},
        "dv/dt = (10*(v + 65)*(v + 50)/15 + i_step)/100/ms : 1\ni_step : 1",
        RESET | {"namespace": {"v_peak": 20.0, "v_reset": -80.0}},
    ),
    "Hindmarsh and Rose": (
        "HindmarshRoseNeuron",
        [0.4, 2.0, 4.0],
        {"v": -1.6045345328, "y": -11.8726553348, "z": -0.0181381312},
        "dv/dt = (y - v**3 + 3*v**2 - z + i_step)/ms : 1\ndy/dt = (1 - 5*v**2 - y)/ms : 1\n"
        "dz/dt = 0.001*(4*(v + 1.6) - z)/ms : 1\ni_step : 1",
        {"threshold": "v >= 1", "refractory": "v >= 1"},
    ),
    "FitzHugh": (
        "FitzHughNagumoNeuron",
        [0.4, 1.0],
        {"v": -1.1994080352, "w": -0.6242600441},
        "dv/dt = 3*(v - v**3/3 - w + i_step)/ms : 1\ndw/dt = (v + 0.7 - 0.8*w)/3/ms : 1\ni_step : 1",
        {"threshold": "v >= 0", "refractory": "v >= 0"},
    ),
}
TYPES = (
    "dv/dt = (0.04*v**2 + 5*v + 140 - u + i_step)/ms : 1\ndu/dt = a*(b*v - u)/ms : 1\n"
    "i_step : 1\na : 1\nb : 1\nc : 1\nd : 1"
)


def peer(name: str) -> Trains:
    """Spike times of Brian2's cells, one for each current."""
    _, currents, start, equations, options = CASES[name]
    return brian2_spikes(
        equations, start=start | {"i_step": np.array(currents)}, duration=DURATION, dt=PEER_DT, **options
    )


def peer_types(types: dict[str, dict[str, float]]) -> Trains:
    """Spike times of Brian2's cells, one of each of Izhikevich's types."""
    start: dict[str, Any] = {key: np.array([params[key] for params in types.values()]) for key in "abcd"}
    start |= {"v": -70.0, "u": -14.0, "i_step": np.full(len(types), IZHIKEVICH)}
    return brian2_spikes(TYPES, "v >= 30", start, DURATION, PEER_DT, reset="v = c; u += d")


def ours(model: str, currents: list[float], max_step: float, params: dict[str, float] | None = None) -> Trains:
    """Spike times of our cells."""
    from neurocore_nb import Population, StepCurrent

    cells = Population(model, len(currents), params=params, max_step=max_step)
    return our_run(cells, [StepCurrent(0.0, 1.0, np.array(currents))], [], DURATION, 0.1)[1]


def compare() -> list[Row]:
    """Spike times, which converge as the integration step shrinks."""
    from neurocore_nb import IzhikevichNeuron

    types = {kind: dict(params) for kind, params in IzhikevichNeuron.types.items()}
    exact = {name: peer(name) for name in CASES}
    rows = []
    for name, (model, currents, *_) in CASES.items():
        for max_step in (0.01, 0.001):
            for current, theirs, own in zip(currents, exact[name], ours(model, currents, max_step), strict=True):
                bar = None if max_step > PEER_DT else PEER_DT * len(theirs)
                rows.append(spike_row(f"{name}, {current}, max_step {max_step} ms", theirs, own, bar))
    for (kind, params), theirs in zip(types.items(), peer_types(types), strict=True):
        own = ours("IzhikevichNeuron", [IZHIKEVICH], PEER_DT, params)[0]
        rows.append(spike_row(f"Izhikevich's {kind}, max_step {PEER_DT} ms", theirs, own, 2.0 * PEER_DT * len(theirs)))
    return rows


if __name__ == "__main__":
    print(*(row.markdown() for row in compare()), sep="\n")
