"""Models with calcium pools and second compartments against the same equations in Brian2 (fourth-order Runge-Kutta).

PinskyRinzelNeuron, DestexheThalamicNeuron, DestexheReticularNeuron (steps of 0.001 ms in Brian2) and
MainenSejnowskiNeuron (0.0001 ms, as its axon is stiff), each with three constant currents from rest; a spike is the
rise through the model's threshold. Errors grow where a cell bursts or fires slowly, as a spike's delay is passed on.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from brian import brian2_spikes
from common import Row, spike_row
from drive import our_run

PEER = "brian2"
DURATION = 200.0
PINSKY_RINZEL = """
dv/dt = (i_step + i_s/0.5 - 0.1*(v + 60) - 30*m_inf**2*h*(v - 60) - 15*n*(v + 75) + 2.1*(v_d - v)/0.5)/3/ms : 1
dv_d/dt = (-0.1*(v_d + 60) - i_ca - (0.8*q + 15*c*clip(ca/250, 0, 1))*(v_d + 75) + 2.1*(v - v_d)/0.5)/3/ms : 1
i_ca = 10*s**2*(v_d - 80) : 1
m_inf = 1/(1 + 0.28*5/exprel((v + 19.9)/5)/(0.32*4/exprel(-(v + 46.9)/4))) : 1
dh/dt = (0.128*exp((-43 - v)/18)*(1 - h) - 4/(1 + exp((-20 - v)/5))*h)/ms : 1
dn/dt = (0.016*5/exprel((-24.9 - v)/5)*(1 - n) - 0.25*exp(-1 - 0.025*v)*n)/ms : 1
ds/dt = (1.6/(1 + exp(-0.072*(v_d - 5)))*(1 - s) - 0.02*5/exprel((v_d + 8.9)/5)*s)/ms : 1
all_c = 2*exp((-53.5 - v_d)/27) : 1
alpha_c = int(v_d <= -10)*exp((v_d + 50)/11 - (v_d + 53.5)/27)/18.975 + int(v_d > -10)*all_c : 1
dc/dt = (alpha_c - all_c*c)/ms : 1
dq/dt = (clip(0.00002*ca, 0, 0.01)*(1 - q) - 0.001*q)/ms : 1
dca/dt = (-0.13*i_ca - 0.075*ca)/ms : 1
i_s : 1
i_step : 1
"""
TRAUB = """
dm/dt = (0.32*4/exprel((13 - u)/4)*(1 - m) - 0.28*5/exprel((u - 40)/5)*m)/ms : 1
dh/dt = (0.128*exp((17 - u)/18)*(1 - h) - 4/(1 + exp((40 - u)/5))*h)/ms : 1
dn/dt = (0.032*5/exprel((15 - u)/5)*(1 - n) - 0.5*exp((10 - u)/40)*n)/ms : 1
e_ca = 13.319696*log(2/ca) : 1
dca/dt = (clip(-5.18213e-5*i_t, 0, 1) + (2.4e-4 - ca)/5)/ms : 1
i_step : 1
"""
THALAMIC = """
dv/dt = (i_step - 0.01*(v + 70) - 0.0138*(v + 100) - 90*m**3*h*(v - 50) - 10*n**4*(v + 100)
         - i_t - 0.02*(o + 2*o_l)*(v + 40))/ms : 1
u = v + 25 : 1
i_t = 2*h_t*(v - e_ca)/(1 + exp(-(v + 59)/6.2))**2 : 1
dh_t/dt = (1/(1 + exp((v + 83)/4)) - h_t)/tau_h/ms : 1
tau_h = (30.8 + (211.4 + exp((v + 115.2)/5))/(1 + exp((v + 86)/3.2)))/3.0**1.2 : 1
dp_1/dt = 0.0004*((ca/0.002)**4*(1 - p_1) - p_1)/ms : 1
tau_o = 20 + 1000/(exp((v + 71.5)/14.2) + exp(-(v + 89)/11.6)) : 1
do/dt = (((1 - o_l)/(1 + exp((v + 75)/5.5)) - o)/tau_o - do_l)/ms : 1
do_l = 0.001*(p_1/0.01*o - o_l) : 1
do_l/dt = do_l/ms : 1
"""
RETICULAR = """
dv/dt = (i_step - 0.05*(v + 90) - 200*m**3*h*(v - 50) - 20*n**4*(v + 100) - i_t)/ms : 1
u = v + 55 : 1
i_t = 3*m_t**2*h_t*(v - e_ca) : 1
dm_t/dt = (1/(1 + exp(-(v + 52)/7.4)) - m_t)/tau_m/ms : 1
dh_t/dt = (1/(1 + exp((v + 80)/5)) - h_t)/tau_h/ms : 1
tau_m = (3 + 1/(exp((v + 27)/10) + exp(-(v + 102)/15)))/2.5**1.2 : 1
tau_h = (85 + 1/(exp((v + 48)/4) + exp(-(v + 407)/50)))/2.5**1.2 : 1
"""
MAINEN_SEJNOWSKI = """
dv_s/dt = (-phi*(3000*m_s**3*h_s*(v_s - 60) + 150*n*(v_s + 90)) + 100*(v - v_s))/0.75/ms : 1
dv/dt = (i_step - (v + 70)/30 - phi*(1.5*m**3*h*(v - 60) + (0.01*n_m + 0.3*n_ca)*(v + 90)) - i_ca
         + 100/165*(v_s - v))/0.75/ms : 1
i_ca = 0.03*phi*a**2*b*(v - 140) : 1
dm_s/dt = phi*(0.182*9/exprel(-(v_s + 25)/9)*(1 - m_s) - 0.124*9/exprel((v_s + 25)/9)*m_s)/ms : 1
dh_s/dt = phi*speed_s*(1/(1 + exp((v_s + 55)/6.2)) - h_s)/ms : 1
speed_s = 0.024*5/exprel(-(v_s + 40)/5) + 0.0091*5/exprel((v_s + 65)/5) : 1
dn/dt = phi*(0.02*9/exprel(-(v_s - 25)/9)*(1 - n) - 0.002*9/exprel((v_s - 25)/9)*n)/ms : 1
dm/dt = phi*(0.182*9/exprel(-(v + 25)/9)*(1 - m) - 0.124*9/exprel((v + 25)/9)*m)/ms : 1
dh/dt = phi*speed_h*(1/(1 + exp((v + 55)/6.2)) - h)/ms : 1
speed_h = 0.024*5/exprel(-(v + 40)/5) + 0.0091*5/exprel((v + 65)/5) : 1
da/dt = phi*(0.055*3.8/exprel(-(v + 27)/3.8)*(1 - a) - 0.94*exp(-(v + 75)/17)*a)/ms : 1
db/dt = phi*(0.000457*exp(-(v + 13)/50)*(1 - b) - 0.0065/(1 + exp(-(v + 15)/28))*b)/ms : 1
dn_m/dt = phi*0.001*9*((1 - n_m)/exprel(-(v + 30)/9) - n_m/exprel((v + 30)/9))/ms : 1
dn_ca/dt = phi*(0.01*ca*(1 - n_ca) - 0.02*n_ca)/ms : 1
dca/dt = (clip(-5.18213e-4*i_ca, 0, 1) + (1e-4 - ca)/200)/ms : 1
phi = 2.3**1.4 : 1
i_step : 1
"""


class Case(NamedTuple):
    """A model in both simulators."""

    equations: str
    threshold: str
    currents: np.ndarray  # uA/cm2
    dt: float  # ms, in Brian2
    bar: float  # ms, for the default max_step


CASES = {
    "PinskyRinzelNeuron": Case(PINSKY_RINZEL, "v > -20", np.array([1.5, 2.5, 4.0]), 0.001, 0.1),
    "DestexheThalamicNeuron": Case(TRAUB + THALAMIC, "v > 0", np.array([2.0, 5.0, 20.0]), 0.001, 0.1),
    "DestexheReticularNeuron": Case(TRAUB + RETICULAR, "v > 0", np.array([1.0, 2.0, 5.0]), 0.001, 0.2),
    "MainenSejnowskiNeuron": Case(MAINEN_SEJNOWSKI, "v_s > 0", np.array([0.606, 0.9, 1.212]), 0.0001, 0.5),
}


def peer(name: str, case: Case) -> list[np.ndarray]:
    """Spike times in Brian2."""
    import neurocore_nb

    model = getattr(neurocore_nb, name)
    start: dict[str, Any] = {key: state.initial for key, state in model.states.items()} | {"i_step": case.currents}
    if name == "PinskyRinzelNeuron":
        start["i_s"] = -0.5
    return brian2_spikes(case.equations, case.threshold, start, DURATION, case.dt, refractory=case.threshold)


def ours(name: str, currents: np.ndarray, max_step: float) -> list[np.ndarray]:
    """Spike times of our cells."""
    from neurocore_nb import Population, StepCurrent

    cells = Population(name, len(currents), max_step=max_step)
    return our_run(cells, [StepCurrent(0.0, 1.0, currents)], [], DURATION, 0.1)[1]


def compare() -> list[Row]:
    """Spike times, which converge as the integration step shrinks."""
    import neurocore_nb

    rows = []
    for name, case in CASES.items():
        exact = peer(name, case)
        step = getattr(neurocore_nb, name).max_step
        for max_step, bar in ((4.0 * step, None), (step, case.bar), (step / 4.0, case.bar / 4.0)):
            for current, theirs, own in zip(case.currents, exact, ours(name, case.currents, max_step), strict=True):
                what = f"{name}, {current} uA/cm2, max_step {max_step:.4g} ms"
                rows.append(spike_row(what, theirs, own, bar))
    return rows


if __name__ == "__main__":
    print(*(row.markdown() for row in compare()), sep="\n")
