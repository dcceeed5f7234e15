"""COBALIFNeuron with ExpConductance against NEST's iaf_cond_exp under random input spikes.

NEST solves the membrane adaptively; at a resolution of 0.01 ms its error is far below the differences shown.
"""

from __future__ import annotations

import numpy as np
from common import Row, Trains, after_decay, random_trains, spike_row, trace_row
from drive import nest_cells, nest_drive, nest_run, our_drive, our_run

PEER = "nest-simulator"
N, DURATION = 4, 300.0
TRAINS = random_trains(20, rate_hz=100.0, duration=DURATION, dt=0.1, seed=4)
WEIGHTS = np.random.default_rng(5).uniform(-3.0, 6.0, (N, len(TRAINS)))  # nS
SAME = 1e-9  # ms: rounding of times on the grid
CURRENT = np.linspace(0.0, 200.0, N)  # pA


def peer(dt: float) -> tuple[dict[str, np.ndarray], Trains]:
    """Traces and spikes of NEST's cells at a resolution in ms."""
    params = {"C_m": 200.0, "g_L": 10.0, "E_L": -60.0, "V_th": -50.0, "V_reset": -60.0, "t_ref": 5.0, "V_m": -60.0}
    params.update(E_ex=0.0, E_in=-80.0, tau_syn_ex=5.0, tau_syn_in=10.0)
    nest, cells = nest_cells("iaf_cond_exp", N, params, dt)
    nest_drive(nest, cells, TRAINS, WEIGHTS)
    return nest_run(nest, cells, ["V_m", "g_ex", "g_in"], [(DURATION, CURRENT)])


def ours(dt: float) -> tuple[dict[str, np.ndarray], Trains]:
    """Traces and spikes of our cells at a step in ms."""
    from neurocore_nb import COBALIFNeuron, ExpConductance, Population

    params = {"c_m": 200.0, "g_l": 10.0, "e_l": -60.0, "v_th": -50.0, "v_reset": -60.0, "t_ref": 5.0, "i_e": CURRENT}
    receptors = {"exc": ExpConductance(tau=5.0, e_rev=0.0), "inh": ExpConductance(tau=10.0, e_rev=-80.0)}
    cells = Population(COBALIFNeuron, N, params=params, receptors=receptors, initial={"v": -60.0}, max_step=dt)
    return our_run(cells, our_drive(cells, TRAINS, WEIGHTS), ["v", "g_exc", "g_inh"], DURATION, dt)


def compare() -> list[Row]:
    """Conductances at one step, spike times at several."""
    rows = []
    bars = {0.1: 1e-3, 0.01: 1e-5}  # mV
    exact = {dt: peer(dt) for dt in bars}
    for dt, bar in bars.items():
        (peer_traces, peer_spikes), (our_traces, our_spikes) = exact[dt], ours(dt)
        for name, our_name, tau in (("g_ex", "g_exc", 5.0), ("g_in", "g_inh", 10.0)):
            decayed = after_decay(peer_traces[name], tau, dt)
            rows.append(trace_row(f"{our_name}, dt {dt} ms", decayed, our_traces[our_name][1:], 1e-6, "nS"))
        rows.append(trace_row(f"V, dt {dt} ms", peer_traces["V_m"], our_traces["v"], bar, "mV"))
        for k in range(N):
            rows.append(spike_row(f"spike times, cell {k}, dt {dt} ms", peer_spikes[k], our_spikes[k], SAME))
    return rows


if __name__ == "__main__":
    print(*(row.markdown() for row in compare()), sep="\n")
