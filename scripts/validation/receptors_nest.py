"""AlphaConductance and BiexpConductance against NEST's iaf_cond_alpha and iaf_cond_beta: conductances in time.

In both simulators the peak of a single event equals its weight. The cells cannot fire.
"""

from __future__ import annotations

import numpy as np
from common import Row, random_trains, trace_row
from drive import nest_cells, nest_drive, nest_run, our_drive, our_run

PEER = "nest-simulator"
DT, DURATION = 0.01, 100.0
WEIGHTS = np.array([[3.0, 0.0, 0.0], [0.0, 2.0, -1.0]])  # nS; the first cell gets a single spike
TRAINS = [np.array([5.0]), *random_trains(2, rate_hz=300.0, duration=DURATION, dt=DT, seed=6)]
CELL = {
    "C_m": 250.0,
    "g_L": 16.6667,
    "E_L": -70.0,
    "V_th": 1e3,
    "V_reset": -70.0,
    "t_ref": 2.0,
    "E_ex": 0.0,
    "E_in": -85.0,
}


def peer(kind: str) -> dict[str, np.ndarray]:
    """Conductances and voltages of NEST's cells."""
    alpha = {"tau_syn_ex": 2.0, "tau_syn_in": 5.0}
    beta = {"tau_rise_ex": 0.5, "tau_decay_ex": 3.0, "tau_rise_in": 1.0, "tau_decay_in": 10.0}
    model, taus = ("iaf_cond_alpha", alpha) if kind == "alpha" else ("iaf_cond_beta", beta)
    nest, cells = nest_cells(model, 2, dict(CELL, **taus), DT)
    nest_drive(nest, cells, TRAINS, WEIGHTS)
    return nest_run(nest, cells, ["g_ex", "g_in", "V_m"], [(DURATION, 0.0)])[0]


def ours(kind: str) -> dict[str, np.ndarray]:
    """Conductances and voltages of our cells."""
    from neurocore_nb import AlphaConductance, BiexpConductance, COBALIFNeuron, Population

    receptors = (
        {"exc": AlphaConductance(tau=2.0, e_rev=0.0), "inh": AlphaConductance(tau=5.0, e_rev=-85.0)}
        if kind == "alpha"
        else {
            "exc": BiexpConductance(tau_rise=0.5, tau_decay=3.0, e_rev=0.0),
            "inh": BiexpConductance(tau_rise=1.0, tau_decay=10.0, e_rev=-85.0),
        }
    )
    params = {key.lower(): CELL[key] for key in ("C_m", "g_L", "E_L", "V_th", "V_reset", "t_ref")}
    cells = Population(COBALIFNeuron, 2, params=params, receptors=receptors, initial={"v": -70.0}, max_step=DT)
    traces, _ = our_run(cells, our_drive(cells, TRAINS, WEIGHTS), ["g_exc", "g_inh", "v"], DURATION, DT)
    return traces


def compare() -> list[Row]:
    """Single events, random trains of both signs, and the voltage they cause."""
    rows = []
    exact = {kind: peer(kind) for kind in ("alpha", "beta")}
    for kind, theirs in exact.items():
        own = ours(kind)
        rows += [
            trace_row(f"{kind}: g of one event of 3 nS", theirs["g_ex"][:, 0], own["g_exc"][:, 0], 1e-9, "nS"),
            trace_row(f"{kind}: excitatory g, random spikes", theirs["g_ex"][:, 1], own["g_exc"][:, 1], 1e-9, "nS"),
            trace_row(f"{kind}: inhibitory g, random spikes", theirs["g_in"][:, 1], own["g_inh"][:, 1], 1e-9, "nS"),
            trace_row(f"{kind}: V", theirs["V_m"], own["v"], 1e-5, "mV"),
        ]
    return rows


if __name__ == "__main__":
    print(*(row.markdown() for row in compare()), sep="\n")
