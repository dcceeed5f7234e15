"""WangBuzsakiNeuron against the same equations in Brian2 (Runge-Kutta, 0.001 ms): spike times under constant currents.

Wang and Buzsaki 1996, the interneuron model without its synapse; a spike is the rise through the model's threshold.
"""

from __future__ import annotations

import numpy as np
from brian import brian2_spikes
from common import Row, Trains, spike_row
from drive import our_run

PEER = "brian2"
DURATION, PEER_DT = 300.0, 0.001
CURRENT = np.array([0.2, 0.5, 1.0, 3.0])  # uA/cm2
START = {"v": -64.0, "h": 0.78, "n": 0.09}
EQUATIONS = """
dv/dt = (i_step - 0.1*(v + 65) - 35*m_inf**3*h*(v - 55) - 9*n**4*(v + 90))/ms : 1
dh/dt = 5*(alpha_h*(1 - h) - beta_h*h)/ms : 1
dn/dt = 5*(alpha_n*(1 - n) - beta_n*n)/ms : 1
m_inf = alpha_m/(alpha_m + beta_m) : 1
alpha_m = 1/exprel(-(v + 35)/10) : 1
beta_m = 4*exp(-(v + 60)/18) : 1
alpha_h = 0.07*exp(-(v + 58)/20) : 1
beta_h = 1/(1 + exp(-(v + 28)/10)) : 1
alpha_n = 0.1/exprel(-(v + 34)/10) : 1
beta_n = 0.125*exp(-(v + 44)/80) : 1
i_step : 1
"""


def peer() -> Trains:
    """Spike times in Brian2: steps at which v has risen through 0 mV."""
    start = dict(START, i_step=CURRENT)
    return brian2_spikes(EQUATIONS, "v > 0", start, DURATION, PEER_DT, refractory="v > 0")


def ours(max_step: float) -> Trains:
    """Spike times of our cells."""
    from neurocore_nb import Population, StepCurrent, WangBuzsakiNeuron

    cells = Population(WangBuzsakiNeuron, len(CURRENT), initial=START, max_step=max_step)
    return our_run(cells, [StepCurrent(0.0, 1.0, CURRENT)], [], DURATION, 0.1)[1]


def compare() -> list[Row]:
    """Spike times, which converge as the integration step shrinks."""
    exact = peer()
    rows = []
    for max_step, bar in ((0.05, None), (0.01, 0.1), (0.001, 0.005)):
        for current, theirs, own in zip(CURRENT, exact, ours(max_step), strict=True):
            rows.append(spike_row(f"{current} uA/cm2, max_step {max_step} ms", theirs, own, bar))
    return rows


if __name__ == "__main__":
    print(*(row.markdown() for row in compare()), sep="\n")
