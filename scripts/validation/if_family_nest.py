"""ExpIFNeuron, IzhikevichNeuron and GLIFNeuron against NEST's aeif_cond_exp, izhikevich and glif_psc: spike times.

NEST's aeif_cond_exp is the exponential neuron where ``a`` and ``b`` are 0; 100 pF and 10 nS stand for its 1 uF/cm2 and
0.1 mS/cm2. NEST's izhikevich is integrated by Euler's method, here in steps of 0.001 ms, which the bar allows for;
`if_family_brian2.py` has a narrower one. On all sides a spike and its reset wait for the end of a substep. glif_psc has
our scheme on the same grid; only where the reset depends on v it takes that of the step before, which differs less the
shorter the step. Its cell is 490626718 of the Allen Cell Types Database, NEST's default: it doesn't take the reset of
the paper's cell, whose ``v_fraction`` is above 1.
"""

from __future__ import annotations

import numpy as np
from common import Row, spike_row
from drive import nest_cells, nest_run, our_run

PEER = "nest-simulator"
ONSET, DURATION, FINE = 10.0, 310.0, 0.001  # ms
EXPONENTIAL, IZHIKEVICH, GLIF = 0.5, 10.0, 500.0  # currents in uA/cm2, mV/ms and pA
CELL = {"c_m": 58.72, "g_l": 9.43, "e_l": -78.85, "v_th": -51.68, "t_ref": 3.75}
RESET = {"v_fraction": 0.2, "v_add": 18.51, "th_s_add": 0.37, "th_s_decay": 0.009}
AFTER_SPIKES = {"asc_1_add": -9.18, "asc_1_decay": 0.003, "asc_2_add": -198.94, "asc_2_decay": 0.1}
ADAPTATION = {"th_v_rise": 0.005, "th_v_decay": 0.09}
LEVELS = {  # what NEST switches on, and what we add to the cell
    1: ((), {}),
    2: (("spike_dependent_threshold",), RESET),
    3: (("after_spike_currents",), AFTER_SPIKES),
    4: (("spike_dependent_threshold", "after_spike_currents"), RESET | AFTER_SPIKES),
    5: (
        ("spike_dependent_threshold", "after_spike_currents", "adapting_threshold"),
        RESET | AFTER_SPIKES | ADAPTATION,
    ),
}


def peer_exponential() -> np.ndarray:
    """Spike times of NEST's cell."""
    params = {
        "C_m": 100.0,
        "g_L": 10.0,
        "E_L": -65.0,
        "V_th": -59.9,
        "Delta_T": 3.48,
        "V_reset": -68.0,
        "V_peak": 0.0,
        "t_ref": 1.7,
        "a": 0.0,
        "b": 0.0,
        "w": 0.0,
        "V_m": -63.8962966817,
        "gsl_error_tol": 1e-9,
    }
    nest, cells = nest_cells("aeif_cond_exp", 1, params, FINE)
    return nest_run(nest, cells, ["V_m"], [(ONSET, 0.0), (DURATION - ONSET, 100.0 * EXPONENTIAL)])[1][0]


def peer_izhikevich(params: dict[str, float]) -> np.ndarray:
    """Spike times of NEST's cell of one type."""
    nest, cells = nest_cells("izhikevich", 1, params | {"V_m": -70.0, "U_m": -14.0}, FINE)
    return nest_run(nest, cells, ["V_m"], [(ONSET, 0.0), (DURATION - ONSET, IZHIKEVICH)])[1][0]


def peer_glif(level: int, dt: float) -> np.ndarray:
    """Spike times of NEST's default cell of one level; it takes currents from a generator, after a delay."""
    params = dict.fromkeys(LEVELS[level][0], True) | {"V_m": CELL["e_l"]}
    nest, cells = nest_cells("glif_psc", 1, params, dt)
    source = nest.Create("dc_generator", params={"amplitude": GLIF, "start": ONSET - dt})
    nest.Connect(source, cells, syn_spec={"delay": dt})
    recorder = nest.Create("spike_recorder")
    nest.Connect(cells, recorder)
    nest.Simulate(DURATION + dt)
    return np.asarray(recorder.events["times"])


def ours(model: str, params: dict[str, float], current: float, max_step: float, **initial: float) -> np.ndarray:
    """Spike times of our cell."""
    from neurocore_nb import Population, StepCurrent

    cells = Population(model, 1, params=params, max_step=max_step, initial=initial)
    return our_run(cells, [StepCurrent(ONSET * 1e-3, 1.0, current)], [], DURATION, 0.1)[1][0]


def compare() -> list[Row]:
    """Spike times, which converge as the integration step shrinks."""
    from neurocore_nb import IzhikevichNeuron

    types = IzhikevichNeuron.types
    exponential = peer_exponential()
    izhikevich = {kind: peer_izhikevich(dict(params)) for kind, params in types.items()}
    glif = {(level, dt): peer_glif(level, dt) for level in LEVELS for dt in (0.05, 0.01, FINE)}
    rows = []
    for max_step in (0.1, 0.01, FINE):
        bar = None if max_step > FINE else FINE * len(exponential)
        found = ours("ExpIFNeuron", {}, EXPONENTIAL, max_step)
        rows.append(spike_row(f"exponential, max_step {max_step} ms", exponential, found, bar))
    for kind, exact in izhikevich.items():
        found = ours("IzhikevichNeuron", dict(types[kind]), IZHIKEVICH, FINE)
        rows.append(spike_row(f"Izhikevich's {kind}, max_step {FINE} ms", exact, found, 0.3))
    for (level, dt), exact in glif.items():
        bar = 1e-9 if level in (1, 3) else None if dt > FINE else 0.02
        found = ours("GLIFNeuron", CELL | LEVELS[level][1], GLIF, dt, v=CELL["e_l"])
        rows.append(spike_row(f"GLIF level {level}, both in steps of {dt} ms", exact, found, bar))
    return rows


if __name__ == "__main__":
    print(*(row.markdown() for row in compare()), sep="\n")
