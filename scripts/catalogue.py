"""Pictures of all neuron models: a trace and an f-I curve of each, and the firing types of those that have several.

    python scripts/catalogue.py

Writes ``models_membranes.png``, ``models_resets.png`` and ``models_types.png`` into a folder.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

mpl.use("Agg")
import matplotlib.pyplot as plt

from neurocore_nb import (
    IzhikevichNeuron,
    Network,
    Population,
    PospischilNeuron,
    SpikeMonitor,
    StateMonitor,
    StepCurrent,
    statistics,
)
from neurocore_nb.neurons import MODELS

DT = 1e-4  # s
# For each model a current for the trace, and the highest of the f-I curve, in its unit.
MEMBRANES = {
    "HodgkinHuxleyNeuron": (10.0, 40.0), "TraubMilesNeuron": (1.0, 4.0), "WangBuzsakiNeuron": (0.5, 3.0),
    "ConnorStevensNeuron": (10.0, 30.0), "MorrisLecarNeuron": (110.0, 220.0), "PospischilNeuron": (4.0, 8.0),
    "GolombFSNeuron": (4.0, 12.0), "ButeraRespiratoryNeuron": (10.0, 60.0), "PinskyRinzelNeuron": (2.5, 5.0),
    "DestexheThalamicNeuron": (2.0, 10.0), "DestexheReticularNeuron": (1.0, 6.0), "MainenSejnowskiNeuron": (0.9, 3.0),
}  # fmt: skip
RESETS = {
    "LapicqueNeuron": (200.0, 400.0), "LIFNeuron": (450.0, 1000.0), "COBALIFNeuron": (150.0, 400.0),
    "StochasticLIFNeuron": (350.0, 1000.0), "QuadraticIFNeuron": (60.0, 300.0), "ExpIFNeuron": (0.5, 3.0),
    "AdExNeuron": (800.0, 2000.0), "IzhikevichNeuron": (10.0, 30.0), "Izhikevich2007Neuron": (100.0, 500.0),
    "GLIFNeuron": (450.0, 1000.0), "HillTononiNeuron": (25.0, 60.0), "HindmarshRoseNeuron": (2.0, 4.0),
    "FitzHughNagumoNeuron": (0.5, 1.5),
}  # fmt: skip
SLOW = {"HindmarshRoseNeuron": 4.0, "ButeraRespiratoryNeuron": 4.0, "MorrisLecarNeuron": 2.0}  # times as long


def trace(model: str, current: float, params: Mapping[str, Any] | None = None, duration: float = 0.3) -> Any:
    """Times in ms and potentials of a neuron that gets a current after a sixth of the time.

    Parameters
    ----------
    model : str
    current : float
    params : dict, optional
    duration : float
        In s.

    Returns
    -------
    t, v : float64[:]
    """
    cell = Population(model, 1, params)
    states = StateMonitor(cell)
    onset = round(duration / 6.0 / DT) * DT
    Network(cell, StepCurrent(onset, 100.0, current), states).run(duration, DT)
    return states.t * 1e3, states.traces["v"][:, 0]


def f_i_curve(model: str, highest: float, duration: float) -> Any:
    """Currents, and the rates in Hz at which each makes a neuron fire once it has settled.

    Parameters
    ----------
    model : str
    highest : float
        The highest current.
    duration : float
        In s; rates are of its second half.

    Returns
    -------
    currents, rates : float64[:]
    """
    currents = np.linspace(0.0, highest, 41)
    cells = Population(model, len(currents))
    spikes = SpikeMonitor(cells)
    Network(cells, StepCurrent(0.0, 100.0, currents), spikes).run(duration, DT)
    return currents, statistics.firing_rates(spikes, start=duration / 2.0)


def draw_models(models: Mapping[str, tuple[float, float]]) -> Any:
    """A trace of each model and, below it, its f-I curve."""
    columns = 5
    rows = -(-len(models) // columns)
    figure, axes = plt.subplots(2 * rows, columns, figsize=(3.2 * columns, 3.6 * rows), layout="constrained")
    for axis in axes.flat:
        axis.set_axis_off()
    for place, (model, (current, highest)) in enumerate(models.items()):
        above, below = (axes[2 * (place // columns) + k, place % columns] for k in (0, 1))
        times, unit, slow = "t (ms)", MODELS[model].units.current, SLOW.get(model, 1.0)
        of_v = "v (mV)" if MODELS[model].states["v"].unit == "mV" else "v"
        for axis, x, y in ((above, times, of_v), (below, f"I ({unit})" if unit else "I", "rate (Hz)")):
            axis.set_axis_on()
            axis.set_xlabel(x, fontsize=8)
            axis.set_ylabel(y, fontsize=8)
            axis.tick_params(labelsize=7)
        above.plot(*trace(model, current, duration=0.3 * slow), linewidth=0.7)
        above.set_title(f"{model.removesuffix('Neuron')}, I = {current:g}", fontsize=9)
        below.plot(*f_i_curve(model, highest, slow), ".-", markersize=3, linewidth=0.7, color="tab:red")
    return figure


def draw_types() -> Any:
    """Firing types: one trace for each named set of parameters, at a current from 1000 to 1500 ms that shows it."""
    pospischil = PospischilNeuron.types | {"LTS, E_L -60 mV": PospischilNeuron.types["LTS"] | {"e_l": -60.0}}
    currents = {"RS": 4.0, "FS": 5.0, "IB": 0.6, "LTS, E_L -60 mV": -0.3}
    cells = [("PospischilNeuron", pospischil, kind, current) for kind, current in currents.items()]
    cells += [("IzhikevichNeuron", IzhikevichNeuron.types, kind, 10.0) for kind in ("RS", "IB", "CH", "FS")]
    figure, axes = plt.subplots(2, 4, figsize=(12.0, 5.0), layout="constrained", sharey="row")
    for axis, (model, types, kind, current) in zip(axes.flat, cells, strict=True):
        axis.plot(*_pulse(model, current, types[kind]), linewidth=0.7)
        unit = MODELS[model].units.current
        axis.set_title(f"{model.removesuffix('Neuron')}: {kind}, {current:g} {unit}", fontsize=9)
        axis.set_xlabel("t (ms)")
    for axis in axes[:, 0]:
        axis.set_ylabel("v (mV)")
    return figure


def _pulse(model: str, current: float, params: Mapping[str, float]) -> Any:
    cell = Population(model, 1, params)
    states = StateMonitor(cell)
    Network(cell, StepCurrent(1.0, 1.5, current), states).run(1.8, DT)
    shown = states.t >= 0.9  # s, when it has come to rest
    return states.t[shown] * 1e3, states.traces["v"][shown, 0]


def main(arguments: Any = None) -> None:
    """Draw all of them."""
    parser = argparse.ArgumentParser(description="Pictures of all neuron models.")
    parser.add_argument("--output", type=Path, default=Path("docs"), help="folder (default docs)")
    options = parser.parse_args(arguments)
    options.output.mkdir(parents=True, exist_ok=True)
    pictures = {"membranes": draw_models(MEMBRANES), "resets": draw_models(RESETS), "types": draw_types()}
    for name, figure in pictures.items():
        figure.savefig(options.output / f"models_{name}.png", dpi=90)


if __name__ == "__main__":
    main()
