"""Neurons by themselves under constant currents: their spikes, their potentials, and their substeps by plain Python."""

import numpy as np

from neurocore_nb import Network, Population, SpikeMonitor, StateMonitor, StepCurrent
from neurocore_nb.neurons.scalar import scalar_functions
from neurocore_nb.neurons.trial import as_python


def trains(model, currents, n_ms=200, dt=1e-3, **options):
    """Spike times in ms of neurons that get one current each."""
    cells = Population(model, len(currents), **options)
    spikes = SpikeMonitor(cells)
    Network(cells, StepCurrent(0.0, 10.0, np.array(currents)), spikes).run(n_ms * 1e-3, dt, threads=1)
    return [train * 1e3 for train in spikes.spike_trains().values()]


def traces(model, current, n_ms, dt=1e-3, **options):
    """v of one neuron at the start of each step."""
    cell = Population(model, 1, **options)
    states = StateMonitor(cell, ("v",))
    Network(cell, StepCurrent(0.0, 10.0, current), states).run(n_ms * 1e-3, dt, threads=1)
    return states.traces["v"][:, 0]


def advance(model, current, conductance, n, dt, precision="float64", params=()):
    """All states after each of n substeps, by plain Python."""
    made = scalar_functions(model, precision)
    update = as_python(made.source, "update", precision == "float32")
    real = np.float32 if precision == "float32" else float
    given = {name: one.default for name, one in model.parameters.items()} | dict(params)
    values = model.all_parameters(given, dt) | {"dt": dt, "i": current, "g": conductance}
    values = {name: real(value) for name, value in values.items()}
    state, rows = [real(one.initial) for one in model.states.values()], []
    for _ in range(n):
        values |= dict(zip(model.states, state, strict=True))
        state = np.atleast_1d(update(*(values[name] for name in made.update_arguments))).tolist()
        state = [real(value) for value in state]
        rows.append(state)
    return np.array(rows, np.float64)
