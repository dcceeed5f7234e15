"""LIFNeuron with ExpCurrent against NEST's iaf_psc_exp: both solve the membrane exactly, so voltages agree to rounding.

Twelve cells, each with a random mixture of 20 input trains (weights of both signs, two delays, many coincidences).
Weights are multiples of 1/64 pA but in the last case: we round them, to 1e-10 of the largest or less, so that sums are
exact.
"""

from __future__ import annotations

import numpy as np
from common import Row, Trains, after_decay, random_trains, trace_row
from drive import nest_cells, nest_drive, nest_run, our_drive, our_run

PEER = "nest-simulator"
N, DT, DURATION = 12, 0.1, 1000.0
TRAINS = random_trains(20, rate_hz=200.0, duration=DURATION, dt=DT, seed=1)
Values = dict[str, np.ndarray]


def cases() -> dict[str, Values]:
    """Parameters of the cells (pF, ms, mV, pA); ``scale`` is the size of a weight."""
    rng, one = np.random.default_rng(2), np.ones(N)
    default = {
        "c_m": 250 * one,
        "tau_m": 10 * one,
        "e_l": -65 * one,
        "v_th": -50 * one,
        "v_reset": -65 * one,
        "t_ref": 2 * one,
    }
    mixed = {
        "c_m": rng.uniform(100, 400, N),
        "tau_m": rng.uniform(5, 30, N),
        "e_l": rng.uniform(-75, -65, N),
        "v_th": rng.uniform(-52, -48, N),
        "v_reset": rng.uniform(-75, -60, N),
        "t_ref": rng.integers(1, 51, N) * DT,
    }
    current = np.linspace(0.0, 500.0, N)
    return {
        "tau_syn 0.5 ms": dict(default, tau_ex=0.5, tau_in=0.5, i_e=current, scale=300.0),
        "tau_syn 7 and 0.5 ms": dict(default, tau_ex=7.0, tau_in=0.5, i_e=current, scale=30.0),
        "tau_syn = tau_m": dict(default, tau_ex=10.0, tau_in=10.0, i_e=current, scale=30.0),
        "every cell its own parameters": dict(mixed, tau_ex=2.0, tau_in=5.0, i_e=current, scale=100.0),
        "the same, any weights": dict(mixed, tau_ex=2.0, tau_in=5.0, i_e=current, scale=100.0, any_weight=True),
    }


def weights(case: Values) -> np.ndarray:
    """Weights in pA, more excitation than inhibition."""
    drawn = case["scale"] * np.random.default_rng(3).uniform(-0.5, 1.0, (N, len(TRAINS)))
    return drawn if "any_weight" in case else np.round(64.0 * drawn) / 64.0


def peer(case: Values) -> tuple[dict[str, np.ndarray], Trains]:
    """Traces and spikes of NEST's cells."""
    names = {"c_m": "C_m", "tau_m": "tau_m", "e_l": "E_L", "v_th": "V_th", "v_reset": "V_reset", "t_ref": "t_ref"}
    params = {name: case[key] for key, name in names.items()}
    params.update(V_m=case["e_l"], tau_syn_ex=case["tau_ex"], tau_syn_in=case["tau_in"])
    nest, cells = nest_cells("iaf_psc_exp", N, params, DT)
    nest_drive(nest, cells, TRAINS, weights(case))
    return nest_run(nest, cells, ["V_m", "I_syn_ex", "I_syn_in"], [(DURATION, case["i_e"])])


def ours(case: Values) -> tuple[dict[str, np.ndarray], Trains]:
    """Traces and spikes of our cells."""
    from neurocore_nb import ExpCurrent, LIFNeuron, Population

    params = {key: case[key] for key in ("c_m", "tau_m", "e_l", "v_th", "v_reset", "t_ref", "i_e")}
    receptors = {"exc": ExpCurrent(tau=case["tau_ex"]), "inh": ExpCurrent(tau=case["tau_in"])}
    cells = Population(LIFNeuron, N, params=params, receptors=receptors, initial={"v": case["e_l"]}, max_step=DT)
    drive = our_drive(cells, TRAINS, weights(case), inhibition=1.0)
    return our_run(cells, drive, ["v", "i_exc", "i_inh"], DURATION, DT)


def compare() -> list[Row]:
    """Voltages, currents and spikes of all cases."""
    rows = []
    exact = {name: peer(case) for name, case in cases().items()}
    for name, case in cases().items():
        (peer_traces, peer_spikes), (our_traces, our_spikes) = exact[name], ours(case)
        rows.append(trace_row(f"V, {name}", peer_traces["V_m"], our_traces["v"], 1e-9, "mV"))
        inhibition = after_decay(peer_traces["I_syn_in"], case["tau_in"], DT)
        rows.append(trace_row(f"inhibitory current, {name}", inhibition, our_traces["i_inh"][1:], 1e-6, "pA"))
        counts = [sum(map(len, trains)) for trains in (peer_spikes, our_spikes)]
        different = sum(
            len(np.setxor1d(np.round(a / DT), np.round(b / DT))) for a, b in zip(peer_spikes, our_spikes, strict=True)
        )
        rows.append(
            Row(f"spike times, {name}", f"{counts[0]} spikes", f"{counts[1]} spikes", different, 0.0, "not shared")
        )
    return rows


if __name__ == "__main__":
    print(*(row.markdown() for row in compare()), sep="\n")
