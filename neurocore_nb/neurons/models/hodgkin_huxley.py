"""The squid giant axon."""

from __future__ import annotations

import math
from typing import Any

from ...declarations import Parameter, State
from ...kernels.vmath import exp, exprel
from ..model import NeuronModel
from ..spiking import PER_AREA, UpwardCrossing


def _steady_state(alpha: float, beta: float) -> float:
    return alpha / (alpha + beta)


class HodgkinHuxleyNeuron(NeuronModel):
    r"""Hodgkin and Huxley's model of the squid giant axon, as a point neuron.

    .. math:: C \dot v = -\bar g_{Na} m^3 h (v - E_{Na}) - \bar g_K n^4 (v - E_K) - g_L (v - E_L) + i - g v

    with gates :math:`\dot x = \phi(T) [\alpha_x(v) (1 - x) - \beta_x(v) x]`. A spike is an upward crossing of 0 mV.

    Parameters (units): ``c_m`` 1 uF/cm2; ``g_na`` 120, ``g_k`` 36, ``g_l`` 0.3 mS/cm2; ``e_na`` 50, ``e_k`` -77,
    ``e_l`` -54.387 mV; ``celsius`` 6.3 degrees, the temperature at which the rates were measured, from which they
    change threefold in ten degrees. States: ``v`` (mV), which starts at -65, and the gates ``m``, ``h``, ``n``, which
    start at their steady state at -65 mV.

    References
    ----------
    Hodgkin AL, Huxley AF (1952), J Physiol 117:500-544; voltages in today's sign, rest at -65 mV.

    Examples
    --------
    >>> from neurocore_nb import HodgkinHuxleyNeuron, Network, Population, SpikeMonitor, StepCurrent
    >>> axon = Population(HodgkinHuxleyNeuron, 1, params={"celsius": 6.3})
    >>> monitor = SpikeMonitor(axon)
    >>> report = Network(axon, StepCurrent(onset=0.1, offset=0.2, amplitude=10.0), monitor).run(0.2, dt=1e-4)
    >>> monitor.count
    7
    """

    units = PER_AREA
    states = {
        "v": State(-65.0, "mV"),
        "m": State(_steady_state(2.5 / (math.exp(2.5) - 1.0), 4.0), "(a fraction)", 0.0, 1.0),
        "h": State(_steady_state(0.07, 1.0 / (1.0 + math.exp(3.0))), "(a fraction)", 0.0, 1.0),
        "n": State(_steady_state(0.1 / (math.exp(1.0) - 1.0), 0.125), "(a fraction)", 0.0, 1.0),
    }
    parameters = {
        "c_m": Parameter(1.0, "uF/cm2", above=0.0),
        "g_na": Parameter(120.0, "mS/cm2", low=0.0),
        "g_k": Parameter(36.0, "mS/cm2", low=0.0),
        "g_l": Parameter(0.3, "mS/cm2", above=0.0),
        "e_na": Parameter(50.0, "mV"),
        "e_k": Parameter(-77.0, "mV"),
        "e_l": Parameter(-54.387, "mV"),
        "celsius": Parameter(6.3, "degrees Celsius", above=-273.15),
    }
    spike = UpwardCrossing("v", 0.0)
    max_step = 0.01
    rate_factor = "phi"

    @staticmethod
    def derive(celsius: Any) -> dict[str, Any]:
        """The factor of all rates at a temperature."""
        return {"phi": 3.0 ** ((celsius - 6.3) / 10.0)}

    @staticmethod
    def rates(v):  # type: ignore[no-untyped-def]
        """Opening and closing rates per ms at 6.3 degrees."""
        return {
            "m": (1.0 / exprel(-(v + 40.0) / 10.0), 4.0 * exp(-(v + 65.0) / 18.0)),
            "h": (0.07 * exp(-(v + 65.0) / 20.0), 1.0 / (1.0 + exp(-(v + 35.0) / 10.0))),
            "n": (0.1 / exprel(-(v + 55.0) / 10.0), 0.125 * exp(-(v + 65.0) / 80.0)),
        }

    @staticmethod
    def currents(m, h, n, g_na, g_k, g_l, e_na, e_k, e_l):  # type: ignore[no-untyped-def]
        """Conductances and their reversal potentials."""
        return [(g_na * m**3 * h, e_na), (g_k * n**4, e_k), (g_l, e_l)]
