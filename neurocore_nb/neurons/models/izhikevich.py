"""Izhikevich's simple model in the units of membranes."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...declarations import Parameter, State
from ...kernels.vmath import exprel
from ..model import PER_CELL, Level, NeuronModel


class Izhikevich2007Neuron(NeuronModel):
    r"""Izhikevich's simple model with capacitance; defaults of a regular spiking pyramidal cell.

    .. math::

        C \dot v &= k (v - v_r) (v - v_t) - u + i_e + i - g v

        \dot u &= a [b (v - v_r) - u]

    Where v reaches ``v_peak``, the neuron fires: v is set to ``c`` and u grows by ``d``.

    Parameters (units): ``c_m`` 100 pF; ``k`` 0.7 nS/mV; ``v_r`` -60, ``v_t`` -40, ``v_peak`` 35, ``c`` -50 mV; ``a``
    0.03 per ms; ``b`` -2 nS; ``d`` 100 pA; ``i_e`` 0 pA, a constant current. States: ``v`` (mV), which starts at -60,
    and the recovery current ``u`` (pA).

    References
    ----------
    Izhikevich EM (2007), Dynamical Systems in Neuroscience, MIT Press, chapter 8.

    Examples
    --------
    >>> from neurocore_nb import Izhikevich2007Neuron, Network, Population, SpikeMonitor, StepCurrent
    >>> cell = Population(Izhikevich2007Neuron, 1)
    >>> spikes = SpikeMonitor(cell)
    >>> report = Network(cell, StepCurrent(0.0, 0.5, 100.0), spikes).run(0.5, dt=1e-4)
    >>> spikes.count
    6
    """

    units = PER_CELL
    states = {"v": State(-60.0, "mV"), "u": State(0.0, "pA")}
    parameters = {
        "c_m": Parameter(100.0, "pF", above=0.0),
        "k": Parameter(0.7, "nS/mV"),
        "v_r": Parameter(-60.0, "mV"),
        "v_t": Parameter(-40.0, "mV"),
        "v_peak": Parameter(35.0, "mV"),
        "a": Parameter(0.03, "1/ms", low=0.0),
        "b": Parameter(-2.0, "nS"),
        "c": Parameter(-50.0, "mV"),
        "d": Parameter(100.0, "pA"),
        "i_e": Parameter(0.0, "pA"),
    }
    spike = Level("v", "v_peak")
    max_step = 0.02

    @staticmethod
    def derive(dt: Any, c_m: Any, a: Any) -> dict[str, Any]:
        """What divisions and exponentials would otherwise cost in each substep."""
        return {"dt_over_c": dt / c_m, "decay_u": np.exp(-dt * a)}

    @staticmethod
    def update(v, u, i, g, k, v_r, v_t, b, i_e, v_peak, decay_u, dt_over_c):  # type: ignore[no-untyped-def]
        """One substep: u at the old v by its exact solution, then v by that of its equation linearised at the old v."""
        u_rest = b * (v - v_r)
        u = u_rest + (u - u_rest) * decay_u
        slope = (k * (2.0 * v - v_r - v_t) - g) * dt_over_c
        change = (k * (v - v_r) * (v - v_t) - u + i_e + i - g * v) * dt_over_c
        return min(v + change * exprel(slope), v_peak), u

    @staticmethod
    def reset(u, c, d):  # type: ignore[no-untyped-def]
        """After a spike."""
        return c, u + d
