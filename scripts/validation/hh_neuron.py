"""HodgkinHuxleyNeuron against NEURON's mechanism hh with its variable step: spike times under current steps.

NEURON's temperature is 6.3 degrees C, where the rates are those of 1952; a spike is the rise of V through 0 mV.
"""

from __future__ import annotations

import math

import numpy as np
from common import Row, Trains, spike_row
from drive import our_run

PEER = "neuron"
ONSET, END = 100.0, 200.0  # ms
CURRENT = (7.0, 10.0, 20.0, 60.0)  # uA/cm2
TOLERANCE = 1e-9


def peer() -> Trains:
    """Spike times in NEURON, one cell at each current."""
    from neuron import h

    h.load_file("stdrun.hoc")
    soma = h.Section(name="soma")
    soma.L = soma.diam = 10.0
    soma.insert("hh")
    area = math.pi * soma.L * soma.diam * 1e-8  # cm2
    for name, value in {"gnabar": 0.12, "gkbar": 0.036, "gl": 0.0003, "el": -54.387}.items():
        setattr(soma(0.5), f"{name}_hh", value)
    soma.ena, soma.ek, soma.cm, h.celsius = 50.0, -77.0, 1.0, 6.3
    h.usetable_hh = 0  # rates themselves, not a table of them
    clamp, times = h.IClamp(soma(0.5)), h.Vector()
    clamp.delay, clamp.dur = ONSET, END - ONSET
    detector = h.NetCon(soma(0.5)._ref_v, None, sec=soma)
    detector.threshold = 0.0
    detector.record(times)
    solver = h.CVode()
    solver.active(True)
    solver.atol(TOLERANCE)
    solver.condition_order(2)  # spike times interpolated
    trains = []
    for current in CURRENT:
        clamp.amp = current * area * 1e3  # nA
        h.finitialize(-65.0)
        solver.solve(END)
        trains.append(np.array(times))
    return trains


def ours(max_step: float) -> Trains:
    """Spike times of our cells."""
    from neurocore_nb import HodgkinHuxleyNeuron, Population, StepCurrent

    cells = Population(HodgkinHuxleyNeuron, len(CURRENT), max_step=max_step)
    return our_run(cells, [StepCurrent(ONSET * 1e-3, END * 1e-3, CURRENT)], [], END, 0.1)[1]


def compare() -> list[Row]:
    """Spike times, which converge as the integration step shrinks."""
    exact = peer()
    rows = []
    for max_step, bar in ((0.05, None), (0.01, 0.05), (0.001, 0.005)):
        for current, theirs, own in zip(CURRENT, exact, ours(max_step), strict=True):
            rows.append(spike_row(f"{current:g} uA/cm2, max_step {max_step} ms", theirs, own, bar))
    return rows


if __name__ == "__main__":
    print(*(row.markdown() for row in compare()), sep="\n")
