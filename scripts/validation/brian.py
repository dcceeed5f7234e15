"""Single cells in Brian2: shared by the comparisons with it."""

from __future__ import annotations

from typing import Any

import numpy as np


def brian2_spikes(
    equations: str, threshold: str, start: dict[str, Any], duration: float, dt: float, **options: Any
) -> list[np.ndarray]:
    """Spike times in ms of cells integrated with fourth-order Runge-Kutta.

    Parameters
    ----------
    equations : str
        May use ``i_step``, a current that differs between cells, in the unit that ``start["i_step"]`` has.
    start : dict
        Initial values; the length of ``i_step`` is the number of cells.
    duration, dt : float
        In ms.
    options
        ``reset``, ``refractory`` and ``namespace`` of a NeuronGroup.
    """
    import brian2 as b2

    b2.start_scope()
    b2.defaultclock.dt = dt * b2.ms
    cells = b2.NeuronGroup(len(start["i_step"]), equations, threshold=threshold, method="rk4", **options)
    for name, value in start.items():
        setattr(cells, name, value)
    spikes = b2.SpikeMonitor(cells)
    b2.Network(cells, spikes).run(duration * b2.ms)
    # Brian2 stamps a spike with the beginning of its step, we with the end
    return [np.asarray(train / b2.ms) + dt for train in spikes.spike_trains().values()]
