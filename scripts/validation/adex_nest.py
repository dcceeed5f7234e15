"""AdExNeuron against NEST's aeif_cond_exp: spike times under current steps in four firing regimes.

Parameters as in Naud, Marcille, Clopath and Gerstner 2008 (pF, nS, mV, ms, pA). Resets fall on the grid of substeps,
which delays every spike by half a substep more than the one before, on average: the bar is one substep a spike.
"""

from __future__ import annotations

import numpy as np
from common import Row, spike_row
from drive import nest_cells, nest_run, our_run

PEER = "nest-simulator"
ONSET, DURATION, PEER_DT = 20.0, 420.0, 0.001
NAMES = ("c_m", "g_l", "e_l", "v_t", "delta_t", "a", "tau_w", "b", "v_reset", "i")
REGIMES = {
    "tonic": (200.0, 10.0, -70.0, -50.0, 2.0, 2.0, 30.0, 0.0, -58.0, 500.0),
    "adapting": (200.0, 12.0, -70.0, -50.0, 2.0, 2.0, 300.0, 60.0, -58.0, 500.0),
    "initial burst": (130.0, 18.0, -58.0, -50.0, 2.0, 4.0, 150.0, 120.0, -50.0, 400.0),
    "regular bursting": (200.0, 10.0, -58.0, -50.0, 2.0, 2.0, 120.0, 100.0, -46.0, 210.0),
}


def peer(values: dict[str, float]) -> np.ndarray:
    """Spike times of NEST's cell."""
    names = {
        "c_m": "C_m",
        "g_l": "g_L",
        "e_l": "E_L",
        "v_t": "V_th",
        "delta_t": "Delta_T",
        "a": "a",
        "tau_w": "tau_w",
        "b": "b",
        "v_reset": "V_reset",
    }
    params = {name: values[key] for key, name in names.items()}
    params.update(V_peak=0.0, V_m=values["e_l"], w=0.0, t_ref=0.0, gsl_error_tol=1e-9)
    nest, cells = nest_cells("aeif_cond_exp", 1, params, PEER_DT)
    return nest_run(nest, cells, ["V_m"], [(ONSET, 0.0), (DURATION - ONSET, values["i"])])[1][0]


def ours(values: dict[str, float], max_step: float) -> np.ndarray:
    """Spike times of our cell."""
    from neurocore_nb import AdExNeuron, Population, StepCurrent

    params = {key: values[key] for key in NAMES[:-1]} | {"v_peak": 0.0, "t_ref": 0.0}
    cells = Population(AdExNeuron, 1, params=params, initial={"v": values["e_l"], "w": 0.0}, max_step=max_step)
    return our_run(cells, [StepCurrent(ONSET * 1e-3, 1.0, values["i"])], [], DURATION, 0.1)[1][0]


def compare() -> list[Row]:
    """Spike times in each regime, which converge as the integration step shrinks."""
    rows = []
    regimes = {regime: dict(zip(NAMES, numbers, strict=True)) for regime, numbers in REGIMES.items()}
    exact = {regime: peer(values) for regime, values in regimes.items()}
    for regime, values in regimes.items():
        for max_step in (0.1, 0.01, 0.001):
            bar = None if max_step == 0.1 else max_step * len(exact[regime])
            rows.append(spike_row(f"{regime}, max_step {max_step} ms", exact[regime], ours(values, max_step), bar))
    return rows


if __name__ == "__main__":
    print(*(row.markdown() for row in compare()), sep="\n")
