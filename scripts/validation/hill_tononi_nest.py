"""HillTononiNeuron against NEST's ht_neuron: spike times under constant currents of a cortical and a relay cell.

The cortical cell has the model's defaults; in the relay cell, a hyperpolarisation ends the inactivation of its T
current. Resets fall on the grid of substeps, which delays each spike by half a substep on average, and those that
follow by as much, or more where the cell slows down: the bar is a hundred substeps.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from common import Row, spike_row
from drive import FLUSH, nest_cells, our_run

PEER = "nest-simulator"
DURATION, PEER_DT = 400.0, 0.001
RELAY = {"tau_m": 8.0, "theta_eq": -53.0, "tau_theta": 0.75, "tau_spike": 0.75, "g_t": 1.0, "g_dk": 0.0}
NAMES = {"g_nap": "g_peak_NaP", "g_dk": "g_peak_KNa", "g_t": "g_peak_T", "g_h": "g_peak_h", "g_kl": "g_KL"}
# Parameters that differ from our defaults, and currents in mV for 100, 100 and 200 ms.
CASES: dict[str, tuple[dict[str, float], tuple[float, float, float]]] = {
    "cortical, 20 mV": ({}, (20.0, 20.0, 20.0)),
    "cortical, 40 mV": ({}, (40.0, 40.0, 40.0)),
    "cortical, g_nap and g_dk of 1.25": ({"g_nap": 1.25, "g_dk": 1.25}, (30.0, 0.0, 30.0)),
    "relay, rebound": (RELAY, (0.0, -40.0, 25.0)),
}
PHASES = (100.0, 100.0, 200.0)


def peer(params: dict[str, float], currents: tuple[float, float, float]) -> np.ndarray:
    """Spike times of NEST's cell."""
    from neurocore_nb import HillTononiNeuron

    values: dict[str, Any] = {name: HillTononiNeuron.parameters[name].default for name in NAMES} | params
    values = {NAMES.get(name, name): value for name, value in values.items()}
    start = {"V_m": HillTononiNeuron.states["v"].initial, "theta": -51.0, "equilibrate": True}
    nest, cell = nest_cells("ht_neuron", 1, values | start, PEER_DT)
    generator, recorder = nest.Create("dc_generator"), nest.Create("spike_recorder")
    nest.Connect(generator, cell, syn_spec={"delay": PEER_DT})
    nest.Connect(cell, recorder)
    for duration, current in zip(PHASES, currents, strict=True):
        generator.amplitude = current
        nest.Simulate(duration)
    nest.Simulate(FLUSH)
    times = recorder.events["times"]
    return np.sort(times[times < DURATION + 1e-6])


def ours(params: dict[str, float], currents: tuple[float, float, float], max_step: float) -> np.ndarray:
    """Spike times of our cell."""
    from neurocore_nb import HillTononiNeuron, Population, StepCurrent

    ends = np.cumsum(PHASES)
    steps = [
        StepCurrent((end - duration) * 1e-3, end * 1e-3, current)
        for end, duration, current in zip(ends, PHASES, currents, strict=True)
    ]
    cell = Population(HillTononiNeuron, 1, params=params, max_step=max_step)
    return our_run(cell, steps, [], DURATION, 0.1)[1][0]


def compare() -> list[Row]:
    """Spike times in each case, which converge as the integration step shrinks."""
    exact = {what: peer(*case) for what, case in CASES.items()}
    rows = []
    for what, case in CASES.items():
        for max_step in (0.1, 0.01, 0.001):
            bar = None if max_step == 0.1 else 100.0 * max_step
            rows.append(spike_row(f"{what}, max_step {max_step} ms", exact[what], ours(*case, max_step), bar))
    return rows


if __name__ == "__main__":
    print(*(row.markdown() for row in compare()), sep="\n")
