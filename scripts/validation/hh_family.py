"""Five conductance-based models against the same equations in Brian2 (Runge-Kutta, 0.002 ms), under constant currents.

ConnorStevensNeuron, the types of MorrisLecarNeuron and of PospischilNeuron, GolombFSNeuron when it stutters (``g_d``
1.8) and ButeraRespiratoryNeuron when it bursts (``e_l`` -57.5): spike times in a second. All start at the rest of the
model's defaults, which for some types is far from theirs.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from brian import brian2_spikes
from common import Row, Trains, spike_row
from drive import our_run

PEER = "brian2"
DURATION, PEER_DT = 1000.0, 0.002
CONNOR_STEVENS = """
dv/dt = (i_step - 120*m**3*h*(v - 55) - 20*n**4*(v + 72) - 47.7*a**3*b*(v + 75) - 0.3*(v + 17))/ms : 1
dm/dt = 3.8*(1/exprel(-(v + 29.7)/10)*(1 - m) - 4*exp(-(v + 54.7)/18)*m)/ms : 1
dh/dt = 3.8*(0.07*exp(-(v + 48)/20)*(1 - h) - h/(1 + exp(-(v + 18)/10)))/ms : 1
dn/dt = 1.9*(0.1/exprel(-(v + 45.7)/10)*(1 - n) - 0.125*exp(-(v + 55.7)/80)*n)/ms : 1
da/dt = ((0.0761*exp((v + 94.22)/31.84)/(1 + exp((v + 1.17)/28.93)))**(1.0/3) - a)
        /(0.3632 + 1.158/(1 + exp((v + 55.96)/20.12)))/ms : 1
db/dt = (1/(1 + exp((v + 53.3)/14.54))**4 - b)/(1.24 + 2.678/(1 + exp((v + 50)/16.027)))/ms : 1
i_step : 1
"""
MORRIS_LECAR = """
dv/dt = (i_step - g_ca*0.5*(1 + tanh((v + 1.2)/18))*(v - 120) - 8*w*(v + 84) - 2*(v + 60))/20/ms : 1
dw/dt = phi*cosh((v - v3)/(2*v4))*(0.5*(1 + tanh((v - v3)/v4)) - w)/ms : 1
i_step : 1
"""
POSPISCHIL = """
dv/dt = (i_step - 50*m**3*h*(v - 50) - (g_k*n**4 + g_m*p)*(v + 100)
         - (g_cal*q**2*r + g_cat*u/(1 + exp(-(v + 59)/6.2))**2)*(v - 120) - g_l*(v - e_l))/ms : 1
dm/dt = (1.28/exprel(-(v + 42)/4)*(1 - m) - 1.4/exprel((v + 15)/5)*m)/ms : 1
dh/dt = (0.128*exp(-(v + 38)/18)*(1 - h) - 4/(1 + exp(-(v + 15)/5))*h)/ms : 1
dn/dt = (0.16/exprel(-(v + 40)/5)*(1 - n) - 0.5*exp(-(v + 45)/40)*n)/ms : 1
dp/dt = (1/(1 + exp(-(v + 35)/10)) - p)*(3.3*exp((v + 35)/20) + exp(-(v + 35)/20))/1000/ms : 1
dq/dt = (0.209/exprel(-(v + 27)/3.8)*(1 - q) - 0.94*exp(-(v + 75)/17)*q)/ms : 1
dr/dt = (0.000457*exp(-(v + 13)/50)*(1 - r) - 0.0065/(1 + exp(-(v + 15)/28))*r)/ms : 1
du/dt = 3.7*(1/(1 + exp((v + 83)/4)) - u)/(30.8 + (211.4 + exp((v + 115.2)/5))/(1 + exp((v + 86)/3.2)))/ms : 1
i_step : 1
"""
GOLOMB = """
dv/dt = (i_step - 112.5*h*(v - 50)/(1 + exp(-(v + 24)/11.5))**3 - (225*n**2 + 1.8*a**3*b)*(v + 90)
         - 0.25*(v + 70))/ms : 1
dh/dt = (1/(1 + exp((v + 58.3)/6.7)) - h)/(0.5 + 14/(1 + exp((v + 60)/12)))/ms : 1
dn/dt = (1/(1 + exp(-(v + 12.4)/6.8)) - n)/(0.087 + 11.4/(1 + exp((v + 14.6)/8.6)))
        /(0.087 + 11.4/(1 + exp(-(v - 1.3)/18.7)))/ms : 1
da/dt = (1/(1 + exp(-(v + 50)/20)) - a)/(2*ms) : 1
db/dt = (1/(1 + exp((v + 70)/6)) - b)/(150*ms) : 1
i_step : 1
"""
BUTERA = """
dv/dt = (i_step - (2.8*h/(1 + exp(-(v + 40)/6)) + 28*(1 - n)/(1 + exp(-(v + 34)/5))**3)*(v - 50)
         - 11.2*n**4*(v + 85) - 2.8*(v + 57.5))/21/ms : 1
dh/dt = (1/(1 + exp((v + 48)/6)) - h)*cosh((v + 48)/12)/(10000*ms) : 1
dn/dt = (1/(1 + exp(-(v + 29)/4)) - n)*cosh((v + 29)/8)/(10*ms) : 1
i_step : 1
"""


def cases() -> list[tuple[str, Any, dict[str, float], str, list[float]]]:
    """What to call it, our model and its parameters, Brian2's equations, and currents."""
    from neurocore_nb import (
        ButeraRespiratoryNeuron,
        ConnorStevensNeuron,
        GolombFSNeuron,
        MorrisLecarNeuron,
        PospischilNeuron,
    )

    types = [("Hopf", [95.0, 150.0]), ("SNLC", [41.0, 80.0]), ("homoclinic", [40.3, 41.0])]
    cells = [("RS", [3.0, 5.0]), ("FS", [4.0, 8.0]), ("IB", [0.5, 1.0]), ("LTS", [0.5, 1.0])]
    return [
        ("ConnorStevens", ConnorStevensNeuron, {}, CONNOR_STEVENS, [8.5, 20.0]),
        *(("MorrisLecar", MorrisLecarNeuron, MorrisLecarNeuron.types[name], MORRIS_LECAR, i) for name, i in types),
        *(("Pospischil", PospischilNeuron, PospischilNeuron.types[name], POSPISCHIL, i) for name, i in cells),
        ("GolombFS, stuttering", GolombFSNeuron, {"g_d": 1.8}, GOLOMB, [4.0, 6.0]),
        ("ButeraRespiratory, bursting", ButeraRespiratoryNeuron, {"e_l": -57.5}, BUTERA, [0.0, 5.0]),
    ]


def label(name: str, model: Any, params: dict[str, float]) -> str:
    """The case's name, with that of the type."""
    types = getattr(model, "types", {})
    return name + "".join(f", {one}" for one, values in types.items() if values is params)


def peer(model: Any, params: dict[str, float], equations: str, currents: np.ndarray) -> Trains:
    """Spike times in Brian2, which start where our cells do."""
    start = {name: state.initial for name, state in model.states.items()} | {"i_step": currents}
    level = model.spike.threshold
    return brian2_spikes(
        equations, f"v > {level}", start, DURATION, PEER_DT, refractory=f"v > {level}", namespace=dict(params)
    )  # fmt: skip


def ours(model: Any, params: dict[str, float], currents: np.ndarray, max_step: float) -> Trains:
    """Spike times of our cells."""
    from neurocore_nb import Population, StepCurrent

    cells = Population(model, len(currents), params=params, max_step=max_step)
    return our_run(cells, [StepCurrent(0.0, 2.0, currents)], [], DURATION, 0.1)[1]


def compare() -> list[Row]:
    """Spike times at our models' own substep, and at a short one."""
    rows = []
    for name, model, params, equations, currents in cases():
        arrays = np.array(currents)
        exact = peer(model, params, equations, arrays)
        for max_step, bar in ((model.max_step, None), (0.0025, 0.1)):
            for current, theirs, own in zip(currents, exact, ours(model, params, arrays, max_step), strict=True):
                what = f"{label(name, model, params)}: {current:g} {model.units.current}, max_step {max_step} ms"
                rows.append(spike_row(what, theirs, own, bar))
    return rows


if __name__ == "__main__":
    print(*(row.markdown() for row in compare()), sep="\n")
