"""Izhikevich2007Neuron against the same equations in Brian2 (Runge-Kutta, 0.001 ms), regular spiking.

Parameters of the regular spiking cell of Izhikevich 2007, section 8.2 (pF, mV, nS/mV, pA, 1/ms).
"""

from __future__ import annotations

import numpy as np
from brian import brian2_spikes
from common import Row, Trains, spike_row
from drive import our_run

PEER = "brian2"
DURATION, PEER_DT = 500.0, 0.001
CURRENT = np.array([60.0, 70.0, 100.0, 200.0])  # pA
EQUATIONS = """
dv/dt = (0.7*(v + 60)*(v + 40) - u + i_step)/100/ms : 1
du/dt = 0.03*(-2*(v + 60) - u)/ms : 1
i_step : 1
"""


def peer() -> Trains:
    """Spike times in Brian2."""
    start = {"v": -60.0, "u": 0.0, "i_step": CURRENT}
    return brian2_spikes(EQUATIONS, "v >= 35", start, DURATION, PEER_DT, reset="v = -50; u += 100")


def ours(max_step: float) -> Trains:
    """Spike times of our cells."""
    from neurocore_nb import Izhikevich2007Neuron, Population, StepCurrent

    params = {
        "c_m": 100.0,
        "k": 0.7,
        "v_r": -60.0,
        "v_t": -40.0,
        "v_peak": 35.0,
        "a": 0.03,
        "b": -2.0,
        "c": -50.0,
        "d": 100.0,
    }
    start = {"v": -60.0, "u": 0.0}
    cells = Population(Izhikevich2007Neuron, len(CURRENT), params=params, initial=start, max_step=max_step)
    return our_run(cells, [StepCurrent(0.0, 1.0, CURRENT)], [], DURATION, 0.1)[1]


def compare() -> list[Row]:
    """Spike times, which converge as the integration step shrinks."""
    exact = peer()
    rows = []
    for max_step, bar in ((0.1, None), (0.01, 0.05), (0.001, 0.01)):
        for current, theirs, own in zip(CURRENT, exact, ours(max_step), strict=True):
            rows.append(spike_row(f"{current} pA, max_step {max_step} ms", theirs, own, bar))
    return rows


if __name__ == "__main__":
    print(*(row.markdown() for row in compare()), sep="\n")
