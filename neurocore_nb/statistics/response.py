"""How a neuron model responds to what is injected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..network import checks
from ..network.checks import FloatArray
from ..network.currents import StepCurrent
from ..network.monitor import SpikeMonitor
from ..network.network import Network
from ..network.population import Population
from ..neurons.model import NeuronModel
from .single import firing_rates, isi


def f_i(
    model: type[NeuronModel] | str,
    currents: Any,
    duration: float = 1.0,
    params: Mapping[str, Any] | None = None,
    *,
    settle: float = 0.2,
    dt: float = 1e-3,
    **options: Any,
) -> FloatArray:
    """The f-I curve of a model: rates at constant currents, by one run of a population with a neuron for each.

    Parameters
    ----------
    model : type of NeuronModel, or str
    currents : array of shape (n,)
        In the model's unit, such as uA/cm2, injected from the start on.
    duration : float
        For how long spikes are looked at, in s.
    params : dict, optional
        Of the model.
    settle : float
        How much time passes before, in s.
    dt : float
        Network step in s; the model takes substeps of at most its ``max_step``.
    **options
        Of :class:`Population`, such as ``max_step``.

    Returns
    -------
    float64[n]
        In Hz: one over the mean interval, or where there is none the number of spikes over the duration.

    Raises
    ------
    TypeError, ValueError
        If a value is not legal.

    Examples
    --------
    >>> from neurocore_nb import HodgkinHuxleyNeuron, statistics
    >>> statistics.f_i(HodgkinHuxleyNeuron, [0.0, 10.0, 20.0], duration=0.5).round()
    array([ 0., 68., 86.])
    """
    amplitudes = checks.real_array(currents, "currents", "the model's unit of current")
    if amplitudes.ndim != 1:
        raise ValueError(f"currents have shape {amplitudes.shape}; give one for each neuron, (n,)")
    end = settle + checks.real_number(duration, "duration", "s", above=0.0)
    cells = Population(model, len(amplitudes), params, **options)
    spikes = SpikeMonitor(cells)
    Network(cells, StepCurrent(0.0, end, amplitudes, target=cells), spikes).run(end, dt, backend="numba")
    counted = firing_rates(spikes, start=settle)
    intervals = isi(spikes, start=settle)
    return np.array([1.0 / one.mean() if len(one) else rate for one, rate in zip(intervals, counted, strict=True)])
