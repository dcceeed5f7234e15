"""The exponential integrate-and-fire neuron, and how its potential rises."""

from __future__ import annotations

from typing import Any

from ...declarations import Parameter, State
from ...kernels.vmath import exp, exprel, log
from ..model import NeuronModel
from ..spiking import PER_AREA, Level


def rise(v: Any, i: Any, g: Any, g_l: Any, v_t: Any, delta_t: Any, sharpness: Any, dt_over_c: Any) -> Any:
    """A potential after a substep of ``C dv/dt = i - g v + g_l delta_t exp((v - v_t) / delta_t)``.

    The linear part is taken as constant, at its mean over the substep to second order; to that the solution is exact.

    Parameters
    ----------
    v : float64
    i, g : float64
        All currents at ``v = 0``, and all conductances.
    g_l, v_t, delta_t : float64
        Of the exponential part.
    sharpness, dt_over_c : float64
        ``1 / delta_t``, and the substep over the capacitance.

    Returns
    -------
    float64
        At most some 700 ``delta_t`` above v, where it runs away.
    """
    upswing = g_l * dt_over_c * exp(min((v - v_t) * sharpness, 300.0))  # beyond, v reaches any peak at once
    drift = (i - g * v) * dt_over_c * sharpness * exprel(-g * dt_over_c)
    x = max(drift - 0.5 * g * dt_over_c * min(upswing, 1.0), -600.0)
    remaining = 1.0 - (upswing + x) * exprel(-x)  # exp(-(change of v) / delta_t): 0 where v runs away
    return v - delta_t * log(max(remaining, 1e-300))


class ExpIFNeuron(NeuronModel):
    r"""Exponential integrate-and-fire neuron; defaults of a fit to Wang and Buzsaki's interneuron.

    .. math:: C \dot v = -g_L (v - E_L) + g_L \Delta_T e^{(v - v_T) / \Delta_T} + i_e + i - g v

    Where v reaches ``v_peak``, the neuron fires: v is set to ``v_reset``, where it stays for the time ``t_ref``.

    Parameters (units): ``c_m`` 1 uF/cm2; ``g_l`` 0.1 mS/cm2; ``e_l`` -65, ``v_t`` -59.9, ``delta_t`` 3.48, ``v_reset``
    -68, ``v_peak`` 0 mV; ``t_ref`` 1.7 ms; ``i_e`` 0 uA/cm2, a constant current. State: ``v`` (mV), which starts at
    rest, -63.8963.

    Notes
    -----
    The least current that makes it fire is :math:`g_L (v_T - E_L - \Delta_T)`, 0.162 uA/cm2; the interneuron has 0.16.
    In the paper v runs to infinity, which takes less than 1e-6 ms from ``v_peak``.

    References
    ----------
    Fourcaud-Trocme N, Hansel D, van Vreeswijk C, Brunel N (2003), J Neurosci 23:11628-11640.

    Examples
    --------
    >>> from neurocore_nb import ExpIFNeuron, Network, Population, SpikeMonitor, StepCurrent
    >>> cell = Population(ExpIFNeuron, 1)
    >>> spikes = SpikeMonitor(cell)
    >>> report = Network(cell, StepCurrent(0.0, 0.1, 1.0), spikes).run(0.1)
    >>> spikes.count
    6
    """

    units = PER_AREA
    states = {"v": State(-63.8962966817, "mV")}
    parameters = {
        "c_m": Parameter(1.0, "uF/cm2", above=0.0),
        "g_l": Parameter(0.1, "mS/cm2", above=0.0),
        "e_l": Parameter(-65.0, "mV"),
        "v_t": Parameter(-59.9, "mV"),
        "delta_t": Parameter(3.48, "mV", above=0.0),
        "v_reset": Parameter(-68.0, "mV"),
        "v_peak": Parameter(0.0, "mV"),
        "t_ref": Parameter(1.7, "ms", low=0.0),
        "i_e": Parameter(0.0, "uA/cm2"),
    }
    spike = Level("v", "v_peak", refractory="t_ref", held=("v",))
    max_step = 0.01

    @staticmethod
    def derive(dt: Any, c_m: Any, g_l: Any, e_l: Any, i_e: Any, delta_t: Any) -> dict[str, Any]:
        """The constant currents, and what divisions would otherwise cost in each substep."""
        return {"i_l": g_l * e_l + i_e, "dt_over_c": dt / c_m, "sharpness": 1.0 / delta_t}

    @staticmethod
    def update(v, i, g, g_l, i_l, v_t, delta_t, sharpness, v_peak, dt_over_c):  # type: ignore[no-untyped-def]
        """One substep."""
        return min(rise(v, i + i_l, g + g_l, g_l, v_t, delta_t, sharpness, dt_over_c), v_peak)

    @staticmethod
    def reset(v_reset):  # type: ignore[no-untyped-def]
        """After a spike."""
        return v_reset
