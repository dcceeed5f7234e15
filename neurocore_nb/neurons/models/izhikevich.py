"""Izhikevich's simple model: as first published, and in the units of membranes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from ...declarations import Parameter, State
from ...kernels.vmath import exprel
from ..model import NeuronModel
from ..spiking import PER_CELL, Level, Units
from .quadratic_if import parabola


class IzhikevichNeuron(NeuronModel):
    r"""Izhikevich's simple model as first published; defaults of a regular spiking cell.

    .. math::

        \dot v &= 0.04 v^2 + 5 v + 140 - u + i_e + i - g v

        \dot u &= a (b v - u)

    Where v reaches 30 mV, the neuron fires: v is set to ``c`` and u grows by ``d``.

    Parameters (units): ``a`` 0.02 per ms; ``b`` 0.2 per ms; ``c`` -65 mV; ``d`` 8 mV/ms; ``i_e`` 0 mV/ms, a constant
    current. States: ``v`` (mV), which starts at rest, -70, and the recovery ``u`` (mV/ms), -14. v is in mV and time in
    ms, so currents are in mV/ms and conductances in 1/ms, as if the capacitance were 1.

    Attributes
    ----------
    types : mapping of str to mapping of str to float
        The paper's cells, for ``Population(params=...)``: regular spiking RS, intrinsically bursting IB, chattering CH,
        fast spiking FS, low-threshold spiking LTS, thalamo-cortical TC and resonator RZ.

    Notes
    -----
    The paper steps v twice by Euler's method in each ms, with which spikes come at other times than those of the
    equations, which are solved here. ``Izhikevich2007Neuron`` is the same model in pF, nS and pA.

    References
    ----------
    Izhikevich EM (2003), IEEE Trans Neural Netw 14:1569-1572.

    Examples
    --------
    >>> from neurocore_nb import IzhikevichNeuron, Network, Population, SpikeMonitor, StepCurrent
    >>> cell = Population(IzhikevichNeuron, 1, params=IzhikevichNeuron.types["CH"])
    >>> spikes = SpikeMonitor(cell)
    >>> report = Network(cell, StepCurrent(0.0, 0.2, 10.0), spikes).run(0.2)
    >>> spikes.count
    23
    """

    units = Units("mV/ms", "1/ms", "")
    states = {"v": State(-70.0, "mV"), "u": State(-14.0, "mV/ms")}
    parameters = {
        "a": Parameter(0.02, "1/ms", low=0.0),
        "b": Parameter(0.2, "1/ms"),
        "c": Parameter(-65.0, "mV"),
        "d": Parameter(8.0, "mV/ms"),
        "i_e": Parameter(0.0, "mV/ms"),
    }
    types: ClassVar[Mapping[str, Mapping[str, float]]] = {
        "RS": {"a": 0.02, "b": 0.2, "c": -65.0, "d": 8.0},
        "IB": {"a": 0.02, "b": 0.2, "c": -55.0, "d": 4.0},
        "CH": {"a": 0.02, "b": 0.2, "c": -50.0, "d": 2.0},
        "FS": {"a": 0.1, "b": 0.2, "c": -65.0, "d": 2.0},
        "LTS": {"a": 0.02, "b": 0.25, "c": -65.0, "d": 2.0},
        "TC": {"a": 0.02, "b": 0.25, "c": -65.0, "d": 0.05},
        "RZ": {"a": 0.1, "b": 0.26, "c": -65.0, "d": 2.0},
    }
    spike = Level("v", 30.0)
    max_step = 0.01

    @staticmethod
    def derive(dt: Any, a: Any) -> dict[str, Any]:
        """What an exponential would otherwise cost in each substep."""
        return {"decay_u": np.exp(-dt * a)}

    @staticmethod
    def update(v, u, i, g, dt, b, i_e, decay_u):  # type: ignore[no-untyped-def]
        """One substep: u at the old v, then v, both by exact solutions."""
        u_rest = b * v
        u = u_rest + (u - u_rest) * decay_u
        bottom = -62.5 + 12.5 * g  # of the parabola, which a conductance moves to the right, and down
        lift = i_e + i - u - 16.25 + g * (62.5 - 6.25 * g)
        return min(bottom + parabola(v - bottom, 0.04 * dt, lift * dt), 30.0), u

    @staticmethod
    def reset(u, c, d):  # type: ignore[no-untyped-def]
        """After a spike."""
        return c, u + d


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
