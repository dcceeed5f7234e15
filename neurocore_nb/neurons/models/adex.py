"""Adaptive exponential integrate-and-fire neurons."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...declarations import Parameter, State
from ..model import NeuronModel
from ..spiking import PER_CELL, Level
from .exp_if import rise


class AdExNeuron(NeuronModel):
    r"""Adaptive exponential integrate-and-fire neuron.

    .. math::

        C \dot v &= -g_L (v - E_L) + g_L \Delta_T e^{(v - v_T) / \Delta_T} - w + i_e + i - g v

        \tau_w \dot w &= a (v - E_L) - w

    Where v reaches ``v_peak``, the neuron fires: v is set to ``v_reset``, where it stays for the time ``t_ref``, and w
    grows by ``b``.

    Parameters (units): ``c_m`` 281 pF; ``g_l`` 30 nS; ``e_l`` -70.6, ``v_t`` -50.4, ``delta_t`` 2, ``v_reset`` -70.6,
    ``v_peak`` 20 mV; ``tau_w`` 144, ``t_ref`` 0 ms; ``a`` 4 nS; ``b`` 80.5 pA; ``i_e`` 0 pA, a constant current.
    States: ``v`` (mV), which starts at -70.6, and the adaptation current ``w`` (pA).

    References
    ----------
    Brette R, Gerstner W (2005), J Neurophysiol 94:3637-3642.

    Examples
    --------
    >>> from neurocore_nb import AdExNeuron, Network, Population, SpikeMonitor, StepCurrent
    >>> cell = Population(AdExNeuron, 1)
    >>> spikes = SpikeMonitor(cell)
    >>> report = Network(cell, StepCurrent(0.0, 0.3, 1000.0), spikes).run(0.3, dt=1e-4)
    >>> spikes.count
    11
    """

    units = PER_CELL
    states = {"v": State(-70.6, "mV"), "w": State(0.0, "pA")}
    parameters = {
        "c_m": Parameter(281.0, "pF", above=0.0),
        "g_l": Parameter(30.0, "nS", above=0.0),
        "e_l": Parameter(-70.6, "mV"),
        "v_t": Parameter(-50.4, "mV"),
        "delta_t": Parameter(2.0, "mV", above=0.0),
        "v_reset": Parameter(-70.6, "mV"),
        "v_peak": Parameter(20.0, "mV"),
        "tau_w": Parameter(144.0, "ms", above=0.0),
        "t_ref": Parameter(0.0, "ms", low=0.0),
        "a": Parameter(4.0, "nS"),
        "b": Parameter(80.5, "pA"),
        "i_e": Parameter(0.0, "pA"),
    }
    spike = Level("v", "v_peak", refractory="t_ref", held=("v",))
    max_step = 0.02

    @staticmethod
    def derive(dt: Any, c_m: Any, tau_w: Any, delta_t: Any) -> dict[str, Any]:
        """What divisions and exponentials would otherwise cost in each substep."""
        return {"dt_over_c": dt / c_m, "decay_w": np.exp(-dt / tau_w), "sharpness": 1.0 / delta_t}

    @staticmethod
    def update(v, w, i, g, g_l, e_l, v_t, delta_t, sharpness, a, i_e, v_peak, decay_w, dt_over_c):  # type: ignore[no-untyped-def]
        """One substep: w at the old v, then v."""
        w_rest = a * (v - e_l)
        w = w_rest + (w - w_rest) * decay_w
        risen = rise(v, g_l * e_l - w + i_e + i, g_l + g, g_l, v_t, delta_t, sharpness, dt_over_c)
        return min(risen, v_peak), w

    @staticmethod
    def reset(w, v_reset, b):  # type: ignore[no-untyped-def]
        """After a spike."""
        return v_reset, w + b
