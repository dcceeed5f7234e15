"""How to drive and record cells in NEST, and ours in the same way.

Times are in ms on both sides here, traces have the shape (n_samples, n_cells), the first sample is that of t = dt.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse
from common import Trains

Delays = tuple[float, float]  # ms, of excitation and of inhibition
DELAYS = (1.5, 0.8)
FLUSH = 5.0  # ms for which NEST runs on, as it hands over what it recorded with a delay


def nest_cells(model: str, n: int, params: dict[str, Any], dt: float) -> tuple[Any, Any]:
    """A reset NEST kernel of resolution ``dt`` with n cells: the module and the cells.

    All of NEST's runs must come before ours: resetting it after Numba has run threads crashes (NEST 3.10).
    """
    os.environ.setdefault("PYNEST_QUIET", "1")  # no banner
    import nest

    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.ResetKernel()
    nest.resolution = dt
    return nest, nest.Create(model, n, params)


def nest_drive(nest: Any, cells: Any, trains: Trains, weights: np.ndarray, delays: Delays = DELAYS) -> None:
    """Connect spike trains to NEST cells; ``weights[cell, train]`` above 0 excite, below 0 inhibit."""
    generators = nest.Create("spike_generator", len(trains), [{"spike_times": train} for train in trains])
    for post, row in enumerate(weights):
        for pre, weight in enumerate(row):
            delay = delays[0] if weight > 0.0 else delays[1]
            nest.Connect(generators[pre], cells[post], syn_spec={"weight": weight, "delay": delay})


def nest_run(
    nest: Any, cells: Any, names: Sequence[str], phases: Sequence[tuple[float, Any]]
) -> tuple[dict[str, np.ndarray], Trains]:
    """Simulate phases (duration, constant current); traces and spike times of each cell."""
    meter = nest.Create("multimeter", params={"record_from": list(names), "interval": nest.resolution})
    recorder = nest.Create("spike_recorder")
    nest.Connect(meter, cells)
    nest.Connect(cells, recorder)
    for duration, current in phases:
        cells.I_e = current
        nest.Simulate(duration)
    nest.Simulate(FLUSH)
    end = sum(duration for duration, _ in phases) + 1e-6
    ids, events, spikes = np.array(cells.tolist()), meter.events, recorder.events
    order = np.lexsort((events["senders"], events["times"]))
    order = order[events["times"][order] < end]
    traces = {name: events[name][order].reshape(-1, len(ids)) for name in names}
    times = [np.sort(spikes["times"][spikes["senders"] == one]) for one in ids]
    return traces, [train[train < end] for train in times]


def our_drive(
    cells: Any, trains: Trains, weights: np.ndarray, inhibition: float = -1.0, delays: Delays = DELAYS
) -> list[Any]:
    """The same input for our cells: inhibitory weights times ``inhibition`` (-1: positive) onto the receptor inh."""
    from neurocore_nb import Projection, SpikeSource

    indices = np.repeat(np.arange(len(trains)), [len(train) for train in trains])
    source = SpikeSource(np.concatenate(trains) * 1e-3, indices, len(trains))
    parts = {"exc": np.where(weights > 0.0, weights, 0.0), "inh": inhibition * np.where(weights < 0.0, weights, 0.0)}
    return [source] + [
        Projection(source, cells, weight=None, topology=scipy.sparse.csr_array(part), receptor=name,
                   delay=delay * 1e-3, weight_dtype="float64")
        for (name, part), delay in zip(parts.items(), delays, strict=True)
    ]  # fmt: skip


def our_run(
    cells: Any, objects: Sequence[Any], names: Sequence[str], duration: float, dt: float
) -> tuple[dict[str, np.ndarray], Trains]:
    """Run our cells with other objects; traces and spike times of each cell."""
    from neurocore_nb import Network, SpikeMonitor, StateMonitor

    states, spikes = StateMonitor(cells, tuple(names) or ("v",)), SpikeMonitor(cells)
    Network(cells, *objects, states, spikes, seed=1).run((duration + dt) * 1e-3, dt=dt * 1e-3)
    trains = [train[train <= duration * 1e-3 + 1e-9] * 1e3 for train in spikes.spike_trains().values()]
    return {name: trace[1:] for name, trace in states.traces.items()}, trains
