"""TraubMilesNeuron against NEST's hh_cond_exp_traub: spike times of single cells under current steps.

NEST's model has the equations and parameters of COBAHH (200 pF and 10 nS stand for 20,000 um2 of membrane) but calls
a spike the maximum of V above V_T + 30 mV, so that what is compared is the time at which V rises through -20 mV.
"""

from __future__ import annotations

import numpy as np
from common import Row, Trains, spike_row, upward_crossings
from drive import nest_cells, nest_run, our_run

PEER = "nest-simulator"
PEER_DT, ONSET, DURATION, LEVEL = 0.005, 50.0, 550.0, -20.0  # ms, mV
CURRENT = np.array([0.5, 1.0, 2.0, 6.0])  # uA/cm2
PA = 200.0  # 1 uA/cm2 on 20,000 um2
START = {"v": -65.0, "m": 0.02, "h": 0.98, "n": 0.05}


def peer() -> Trains:
    """Rises of NEST's cells through the level."""
    names = {"v": "V_m", "m": "Act_m", "h": "Inact_h", "n": "Act_n"}
    nest, cells = nest_cells("hh_cond_exp_traub", 4, {names[key]: value for key, value in START.items()}, PEER_DT)
    traces, _ = nest_run(nest, cells, ["V_m"], [(ONSET, 0.0), (DURATION - ONSET, CURRENT * PA)])
    t = PEER_DT * np.arange(1, len(traces["V_m"]) + 1)
    return [upward_crossings(t, trace, LEVEL) for trace in traces["V_m"].T]


def ours(max_step: float) -> Trains:
    """Spike times of our cells, which are ends of substeps of ``max_step`` ms."""
    from neurocore_nb import Population, StepCurrent, TraubMilesNeuron

    cells = Population(TraubMilesNeuron, 4, initial=START, max_step=max_step)
    _, trains = our_run(cells, [StepCurrent(ONSET * 1e-3, 1.0, CURRENT)], [], DURATION, 0.1)
    return trains


def compare() -> list[Row]:
    """Spike times at three integration steps; the difference falls with the step."""
    exact = peer()
    rows = []
    for max_step, bar in ((0.1, None), (0.01, 0.1), (0.001, 0.005)):
        for current, theirs, own in zip(CURRENT, exact, ours(max_step), strict=True):
            rows.append(spike_row(f"{current} uA/cm2, max_step {max_step} ms", theirs, own, bar))
    return rows


if __name__ == "__main__":
    print(*(row.markdown() for row in compare()), sep="\n")
