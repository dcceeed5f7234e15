"""Cells of cortex and thalamus with intrinsic currents and a moving threshold."""

from __future__ import annotations

from typing import Any

from ...declarations import Parameter, State
from ...kernels.vmath import exp, sqrt
from ..model import NeuronModel
from ..spiking import Level, Units


def _tau_m_t(v: Any) -> Any:
    """Time constant in ms with which I_T activates."""
    return 0.13 + 0.22 / (exp(-(v + 132.0) / 16.7) + exp((v + 16.8) / 18.2))


def _tau_h_t(v: Any) -> Any:
    """Time constant in ms with which I_T inactivates."""
    return 8.2 + (56.6 + 0.27 * exp((v + 115.2) / 5.0)) / (1.0 + exp((v + 86.0) / 3.2))


class HillTononiNeuron(NeuronModel):
    r"""Hill and Tononi's integrate-and-fire neuron; defaults of a pyramidal cell of layers 5 and 6, awake.

    .. math::

        \tau_m \dot v &= -g_{NaL} (v - E_{Na}) - g_{KL} (v - E_K) - g_{NaP} m_\infty^3 (v - E_{NaP})
            - g_{DK} D^{3.5} / (D^{3.5} + 0.25^{3.5}) (v - E_{DK})

        &\quad - g_T m_T^2 h_T (v - E_T) - g_h m_h (v - E_h) - \tau_m / \tau_{spike} (v - E_K)
            [\textrm{for } t_{spike}] + i - g v

        \dot D &= 0.025 / (1 + e^{-(v + 10) / 5}) - (D - 0.001) / \tau_D, \qquad
            \dot\theta = -(\theta - \theta_{eq}) / \tau_\theta

    Where v is at or above the threshold theta, the neuron fires: v and theta are set to ``e_na``, and for the time
    ``t_spike`` a potassium current repolarises it and it can't fire again.

    Parameters (units): ``tau_m`` 16, ``tau_theta`` 2, ``tau_spike`` 1.75, ``t_spike`` 2 (in whole substeps), ``tau_d``
    1250 ms; ``g_nal`` 0.2, ``g_kl`` 1, ``g_nap`` 0.5, ``g_dk`` 0.5, ``g_t`` 0, ``g_h`` 1, numbers without unit;
    ``theta_eq`` -51, ``e_na`` 30, ``e_k`` -90, ``e_nap`` 30, ``e_dk`` -90, ``e_t`` 0, ``e_h`` -40 mV. States, which
    start where the cell rests: ``v`` and ``theta`` (mV), the gates ``m_h``, ``m_t``, ``h_t``, the depolarisation of the
    past ``d``, and ``t_k``, the time left of the potassium current (ms; it goes on below 0).

    Notes
    -----
    Conductances, those of receptors too, are multiples of the membrane's, so that their unit is 1 and that of currents
    is mV; both act divided by ``tau_m``. The paper's cells differ: inhibitory ones have a ``tau_m`` of 8, ``theta_eq``
    -53, ``tau_theta`` 1, ``tau_spike`` 0.5 and no ``g_h``; thalamic ones 8, -53, 0.75, 0.75, ``g_t`` 1 and no ``g_dk``.
    Asleep, ``g_kl`` is 1.85.

    As in NEST's ht_neuron, what is misprinted in the paper is put right: the brackets of the time constants of I_T, the
    sign and power of :math:`m_\infty`, the equations of D. The paper's synapses are the receptor ``BiexpConductance``.

    References
    ----------
    Hill S, Tononi G (2005), J Neurophysiol 93:1671-1698.

    Examples
    --------
    >>> from neurocore_nb import HillTononiNeuron, Network, Population, SpikeMonitor, StepCurrent
    >>> cell = Population(HillTononiNeuron, 1)
    >>> spikes = SpikeMonitor(cell)
    >>> report = Network(cell, StepCurrent(0.0, 0.2, 40.0), spikes).run(0.2, dt=1e-4)
    >>> spikes.count
    31
    """

    units = Units("mV", "", "ms")
    states = {
        "v": State(-66.06989054, "mV"),
        "theta": State(-51.0, "mV"),
        "m_h": State(0.1647012435, "(a fraction)", 0.0, 1.0),
        "m_t": State(0.2422643807, "(a fraction)", 0.0, 1.0),
        "h_t": State(0.01430796821, "(a fraction)", 0.0, 1.0),
        "d": State(0.001421381392, "", 0.0),
        "t_k": State(0.0, "ms"),
    }
    parameters = {
        "tau_m": Parameter(16.0, "ms", above=0.0),
        "tau_theta": Parameter(2.0, "ms", above=0.0),
        "tau_spike": Parameter(1.75, "ms", above=0.0),
        "t_spike": Parameter(2.0, "ms", low=0.0),
        "tau_d": Parameter(1250.0, "ms", above=0.0),
        "g_nal": Parameter(0.2, "", above=0.0),
        "g_kl": Parameter(1.0, "", above=0.0),
        "g_nap": Parameter(0.5, "", low=0.0),
        "g_dk": Parameter(0.5, "", low=0.0),
        "g_t": Parameter(0.0, "", low=0.0),
        "g_h": Parameter(1.0, "", low=0.0),
        "theta_eq": Parameter(-51.0, "mV"),
        "e_na": Parameter(30.0, "mV"),
        "e_k": Parameter(-90.0, "mV"),
        "e_nap": Parameter(30.0, "mV"),
        "e_dk": Parameter(-90.0, "mV"),
        "e_t": Parameter(0.0, "mV"),
        "e_h": Parameter(-40.0, "mV"),
    }
    spike = Level("v", "theta", refractory="t_spike")
    max_step = 0.02

    @staticmethod
    def derive(tau_m: Any) -> dict[str, Any]:
        """What is in the capacitance's place."""
        return {"c_m": tau_m}

    @staticmethod
    def rates(v):  # type: ignore[no-untyped-def]
        """Opening and closing rates per ms."""
        m_h = 1.0 / (1.0 + exp((v + 75.0) / 5.5))
        speed_h = exp(-14.59 - 0.086 * v) + exp(-1.87 + 0.0701 * v)
        m_t = 1.0 / (1.0 + exp(-(v + 59.0) / 6.2))
        tau_m_t = _tau_m_t(v)
        h_t = 1.0 / (1.0 + exp((v + 83.0) / 4.0))
        tau_h_t = _tau_h_t(v)
        return {
            "m_h": (m_h * speed_h, (1.0 - m_h) * speed_h),
            "m_t": (m_t / tau_m_t, (1.0 - m_t) / tau_m_t),
            "h_t": (h_t / tau_h_t, (1.0 - h_t) / tau_h_t),
        }

    @staticmethod
    def flows(v, tau_theta, theta_eq, tau_d):  # type: ignore[no-untyped-def]
        """Inflow and rate of loss per ms of the threshold, of D, and of the time left."""
        return {
            "theta": (theta_eq / tau_theta, 1.0 / tau_theta),
            "d": (0.025 / (1.0 + exp(-(v + 10.0) / 5.0)) + 0.001 / tau_d, 1.0 / tau_d),
            "t_k": (-1.0, 0.0),
        }

    @staticmethod
    def currents(  # type: ignore[no-untyped-def]
        v, m_h, m_t, h_t, d, t_k, tau_m, tau_spike, g_nal, g_kl, g_nap, g_dk, g_t, g_h, e_na, e_k, e_nap, e_dk, e_t, e_h
    ):
        """Conductances and their reversal potentials."""
        m = 1.0 / (1.0 + exp(-(v + 55.7) / 7.7))
        x = (4.0 * d) ** 3 * sqrt(4.0 * d)
        return [
            (g_nal, e_na),
            (g_kl + (tau_m / tau_spike if t_k > 1e-6 else 0.0), e_k),  # 1e-6: what rounding leaves at the end
            (g_nap * m**3, e_nap),
            (g_dk * x / (1.0 + x), e_dk),
            (g_t * m_t**2 * h_t, e_t),
            (g_h * m_h, e_h),
        ]

    @staticmethod
    def reset(m_h, m_t, h_t, d, e_na, t_spike):  # type: ignore[no-untyped-def]
        """After a spike."""
        return e_na, e_na, m_h, m_t, h_t, d, t_spike
