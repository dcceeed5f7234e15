"""The squid giant axon."""

from __future__ import annotations

import math
from typing import Any

from ...kernels.vmath import exp, fma, gate, inverses, linoid, rate_fractions, relax
from ..model import PER_AREA, NeuronModel, Parameter, State, UpwardCrossing

# exp(-(v + 40) / 10) and its like, from exp(-(v + 65) / 10)
FROM_40 = math.exp(2.5)
FROM_35 = math.exp(3.0)
FROM_55 = math.exp(1.0)
LOWEST = -500.0  # mV from rest; beyond it all gates are shut or open at once, and products of rates would overflow


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

    @staticmethod
    def derive(celsius: Any) -> dict[str, Any]:
        """The factor of all rates at a temperature."""
        return {"phi": 3.0 ** ((celsius - 6.3) / 10.0)}

    @staticmethod
    def update(v, m, h, n, i, g, dt, c_m, g_na, g_k, g_l, e_na, e_k, e_l, phi):  # type: ignore[no-untyped-def]
        """One substep: the gates at the old v, then v with the new gates."""
        u = max(v + 65.0, LOWEST)
        q = exp(u * -0.0125)  # five of the six rates are made of powers of this one exponential
        q2 = q * q
        q4 = q2 * q2
        q8 = q4 * q4
        alpha_m, alpha_m_divisor = linoid(0.1 * (u - 25.0), FROM_40 * q8)
        beta_m = 4.0 * exp(u * (-1.0 / 18.0))
        alpha_h, beta_h_divisor = 0.07 * q4, 1.0 + FROM_35 * q8
        alpha_n, alpha_n_divisor = linoid(0.1 * (u - 10.0), FROM_55 * q8)
        beta_n = 0.125 * q

        m_open, m_total, m_divisor = rate_fractions(alpha_m, alpha_m_divisor, beta_m, 1.0)
        h_open, h_total, h_divisor = rate_fractions(alpha_h, 1.0, 1.0, beta_h_divisor)
        n_open, n_total, n_divisor = rate_fractions(0.1 * alpha_n, alpha_n_divisor, beta_n, 1.0)
        m_inverse, h_inverse, n_inverse = inverses(m_total * m_divisor, h_total * h_divisor, n_total * n_divisor)
        m = gate(m, m_open, m_total, m_divisor, m_inverse, dt * phi)
        h = gate(h, h_open, h_total, h_divisor, h_inverse, dt * phi)
        n = gate(n, n_open, n_total, n_divisor, n_inverse, dt * phi)

        open_na = g_na * (m * m * m * h)
        open_k = g_k * (n * n * n * n)
        current = fma(open_na, e_na, fma(open_k, e_k, i + g_l * e_l))
        v = relax(v, current, open_na + open_k + (g + g_l), dt / c_m)
        return v, m, h, n
