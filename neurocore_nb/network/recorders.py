"""What records for the monitors of a network during a run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..engine.averaging import AverageRecorder, RateRecorder
from ..engine.recording import Recorder, SpikeRecorder, StateRecorder, WeightRecorder
from ..engine.simulation import Simulation
from ..engine.streaming import StreamedSpikes, StreamedStates, StreamedWeights, StreamFile, publish
from .averages import AverageMonitor, RateMonitor
from .description import Description
from .monitor import SpikeMonitor, StateMonitor
from .monitor_base import Monitor
from .weight_monitor import WeightMonitor


def make_recorders(
    description: Description, simulation: Simulation, files: Mapping[Path, StreamFile]
) -> list[Recorder]:
    """A recorder for each monitor; files, which can be read from now on, have what was recorded before.

    Parameters
    ----------
    description : Description
    simulation : Simulation
    files : dict of Path to StreamFile
        Those into which monitors record.
    """
    made = [
        make(monitor, description, simulation, None if monitor.to is None else files[monitor.to])
        for monitor in description.monitors
        for kind, make in _MAKERS
        if isinstance(monitor, kind)
    ]
    if simulation.comm.rank == 0:
        publish(made, whole=True)
    return made


def _spikes(monitor: Monitor, description: Description, simulation: Simulation, file: StreamFile | None) -> Recorder:
    settings = monitor, simulation.groups[monitor.population.parent], simulation.step
    return SpikeRecorder(*settings) if file is None else StreamedSpikes(*settings).into(file, simulation.dt)


def _states(monitor: Monitor, description: Description, simulation: Simulation, file: StreamFile | None) -> Recorder:
    settings = monitor, simulation.membranes[monitor.population.parent], simulation.dt
    return StateRecorder(*settings) if file is None else _into(StreamedStates(*settings), file, simulation)


def _weights(monitor: Any, description: Description, simulation: Simulation, file: StreamFile | None) -> Recorder:
    synapses = simulation.synapses[description.projections.index(monitor.projection)]
    settings = monitor, simulation.membranes[monitor.population.parent], synapses, simulation.dt
    return WeightRecorder(*settings) if file is None else _into(StreamedWeights(*settings), file, simulation)


def _rates(monitor: Monitor, description: Description, simulation: Simulation, file: None) -> Recorder:
    return RateRecorder(monitor, simulation.groups[monitor.population.parent], simulation.step, simulation.dt)


def _averages(monitor: Monitor, description: Description, simulation: Simulation, file: None) -> Recorder:
    return AverageRecorder(monitor, simulation.membranes[monitor.population.parent], simulation.dt)


def _into(recorder: Any, file: StreamFile, simulation: Simulation) -> Any:
    membranes = simulation.membranes[recorder.monitor.population.parent]
    return recorder.into(file, membranes, simulation.dt, simulation.step)


_MAKERS: list[tuple[type, Any]] = [
    (SpikeMonitor, _spikes),
    (StateMonitor, _states),
    (WeightMonitor, _weights),
    (RateMonitor, _rates),
    (AverageMonitor, _averages),
]
