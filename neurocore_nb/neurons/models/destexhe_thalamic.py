"""Relay and reticular cells of the thalamus."""

from __future__ import annotations

from typing import Any

from ...declarations import Parameter, State
from ...kernels.vmath import exp, exprel, log
from ..model import NeuronModel
from ..spiking import PER_AREA, UpwardCrossing

_CA_REST = 2.4e-4  # mM
_CA_DECAY = 5.0  # ms
_NERNST = 13.319696  # mV, R T / 2 F at 36 degrees C
_INFLOW = 5.1821e-5  # mM/ms for 1 uA/cm2 into a shell of 1 um: 10 / (2 F)
_Q10_T = 3.0**1.2  # of the inactivation of I_T from 24 to 36 degrees C
_Q10_TS = 2.5**1.2  # of the gates of I_Ts


def _tau_h(v: Any) -> Any:
    """Time constant in ms with which I_T inactivates."""
    return (30.8 + (211.4 + exp((v + 115.2) / 5.0)) / (1.0 + exp((v + 86.0) / 3.2))) / _Q10_T


def _slow_tau_m(v: Any) -> Any:
    """Time constant in ms with which I_Ts activates."""
    return (3.0 + 1.0 / (exp((v + 27.0) / 10.0) + exp(-(v + 102.0) / 15.0))) / _Q10_TS


def _slow_tau_h(v: Any) -> Any:
    """Time constant in ms with which I_Ts inactivates."""
    return (85.0 + 1.0 / (exp((v + 48.0) / 4.0) + exp(-(v + 407.0) / 50.0))) / _Q10_TS


class DestexheThalamicNeuron(NeuronModel):
    r"""Thalamocortical relay cell with a T current and an h current that calcium regulates.

    .. math::

        C \dot v &= -g_L (v - E_L) - g_{KL} (v - E_K) - I_{Na} - I_K - g_T m_{T\infty}^2 h_T (v - E_{Ca})
            - g_h (o + g_{inc} o_L) (v - E_h) + i - g v

        \dot p_1 &= k_2 [(Ca / 2 \mu M)^4 (1 - p_1) - p_1]

        \dot o &= \alpha (1 - o - o_L) - \beta o - k_4 (100 p_1 o - o_L), \qquad
            \dot o_L = k_4 (100 p_1 o - o_L)

        \dot{Ca} &= \max(-I_T, 0) / (2 F d) + (0.24 \mu M - Ca) / 5 ms

    :math:`I_{Na}` and :math:`I_K` have the kinetics of Traub and Miles, shifted by ``v_t``; :math:`E_{Ca}` is Nernst's
    for 2 mM outside. All rates are those at 36 degrees C. A spike is an upward crossing of 0 mV.

    Parameters (units): ``c_m`` 1 uF/cm2; ``g_l`` 0.01, ``g_kl`` 0.0138 (4 nS), ``g_na`` 90, ``g_k`` 10, ``g_t`` 2,
    ``g_h`` 0.02 mS/cm2; ``g_inc`` 2; ``e_l`` -70, ``e_na`` 50, ``e_k`` -100, ``e_h`` -40, ``v_t`` -25 mV; ``k_2``
    0.0004, ``k_4`` 0.001 per ms. States, which start at the cell's rest, an unstable one: ``v`` (mV); the gates ``m``,
    ``h``, ``n``, ``h_t``; ``p_1``, the share of a regulating protein with calcium; ``o`` and ``o_l``, the shares of h
    channels that are open, and open and locked by the protein; calcium ``ca`` (mM).

    Notes
    -----
    The cell has an area of 2.9e-4 cm2, so that 1 mS/cm2 is 290 nS. The defaults are those of the authors' program,
    whose cells differ in ``g_h`` (0.01 to 0.025 mS/cm2) and ``g_kl`` (3 to 5 nS): they rest with much of the first and
    little of the second (0.02 and 0.0103 mS/cm2), burst at 2 to 5 Hz with the opposite, and in between in sequences of
    bursts, with seconds of silence.

    References
    ----------
    Destexhe A, Bal T, McCormick DA, Sejnowski TJ (1996), J Neurophysiol 76:2049-2070.

    Examples
    --------
    >>> from neurocore_nb import DestexheThalamicNeuron, Network, Population, SpikeMonitor, StepCurrent
    >>> cell = Population(DestexheThalamicNeuron, 1)
    >>> spikes = SpikeMonitor(cell)
    >>> report = Network(cell, StepCurrent(0.0, 0.2, -1.0), spikes).run(0.4, dt=1e-4)
    >>> spikes.count, bool((spikes.t > 0.2).all())  # a burst after the hyperpolarisation
    (9, True)
    """

    units = PER_AREA
    states = {
        "v": State(-68.45075796, "mV"),
        "m": State(5.743390123e-07, "(a fraction)", 0.0, 1.0),
        "h": State(0.9999999386, "(a fraction)", 0.0, 1.0),
        "n": State(8.235076202e-06, "(a fraction)", 0.0, 1.0),
        "h_t": State(0.02564791327, "(a fraction)", 0.0, 1.0),
        "p_1": State(0.0006435764984, "(a fraction)", 0.0, 1.0),
        "o": State(0.229675177, "(a fraction)", 0.0, 1.0),
        "o_l": State(0.01478135461, "(a fraction)", 0.0, 1.0),
        "ca": State(0.0003186030564, "mM", 1e-9),
    }
    parameters = {
        "c_m": Parameter(1.0, "uF/cm2", above=0.0),
        "g_l": Parameter(0.01, "mS/cm2", above=0.0),
        "g_kl": Parameter(0.0138, "mS/cm2", low=0.0),
        "g_na": Parameter(90.0, "mS/cm2", low=0.0),
        "g_k": Parameter(10.0, "mS/cm2", low=0.0),
        "g_t": Parameter(2.0, "mS/cm2", low=0.0),
        "g_h": Parameter(0.02, "mS/cm2", low=0.0),
        "g_inc": Parameter(2.0, "", low=0.0),
        "e_l": Parameter(-70.0, "mV"),
        "e_na": Parameter(50.0, "mV"),
        "e_k": Parameter(-100.0, "mV"),
        "e_h": Parameter(-40.0, "mV"),
        "v_t": Parameter(-25.0, "mV"),
        "k_2": Parameter(0.0004, "1/ms", above=0.0),
        "k_4": Parameter(0.001, "1/ms", above=0.0),
    }
    spike = UpwardCrossing("v", 0.0)
    max_step = 0.01

    @staticmethod
    def rates(v, ca, v_t, k_2):  # type: ignore[no-untyped-def]
        """Opening and closing rates per ms."""
        u = v - v_t
        tau_h = _tau_h(v)
        h_t = 1.0 / (1.0 + exp((v + 83.0) / 4.0))
        return {
            "m": (1.28 / exprel((13.0 - u) / 4.0), 1.4 / exprel((u - 40.0) / 5.0)),
            "h": (0.128 * exp((17.0 - u) / 18.0), 4.0 / (1.0 + exp((40.0 - u) / 5.0))),
            "n": (0.16 / exprel((15.0 - u) / 5.0), 0.5 * exp((10.0 - u) / 40.0)),
            "h_t": (h_t / tau_h, (1.0 - h_t) / tau_h),
            "p_1": (k_2 * (ca / 0.002) ** 4, k_2),
        }

    @staticmethod
    def flows(v, h_t, p_1, o, o_l, ca, g_t, k_4):  # type: ignore[no-untyped-def]
        """Inflow and rate of loss per ms of calcium and of open h channels."""
        m_t = 1.0 / (1.0 + exp(-(v + 59.0) / 6.2))
        current = g_t * m_t**2 * h_t * (v - _NERNST * log(2.0 / ca))
        tau = 20.0 + 1000.0 / (exp((v + 71.5) / 14.2) + exp(-(v + 89.0) / 11.6))
        locking = 100.0 * k_4 * p_1
        return {
            "ca": (max(-_INFLOW * current, 0.0) + _CA_REST / _CA_DECAY, 1.0 / _CA_DECAY),
            "o": (
                (1.0 - o_l) / (1.0 + exp((v + 75.0) / 5.5)) / tau + k_4 * o_l,
                1.0 / tau + locking,
            ),
            "o_l": (locking * o, k_4),
        }

    @staticmethod
    def currents(v, m, h, n, h_t, o, o_l, ca, g_l, g_kl, g_na, g_k, g_t, g_h, g_inc, e_l, e_na, e_k, e_h):  # type: ignore[no-untyped-def]
        """Conductances and their reversal potentials."""
        m_t = 1.0 / (1.0 + exp(-(v + 59.0) / 6.2))
        return [
            (g_na * m**3 * h, e_na),
            (g_k * n**4 + g_kl, e_k),
            (g_l, e_l),
            (g_t * m_t**2 * h_t, _NERNST * log(2.0 / ca)),
            (g_h * (o + g_inc * o_l), e_h),
        ]


class DestexheReticularNeuron(NeuronModel):
    r"""Cell of the thalamic reticular nucleus with a slow T current.

    .. math::

        C \dot v &= -g_L (v - E_L) - I_{Na} - I_K - g_T m_T^2 h_T (v - E_{Ca}) + i - g v

        \dot{Ca} &= \max(-I_T, 0) / (2 F d) + (0.24 \mu M - Ca) / 5 ms

    :math:`I_{Na}` and :math:`I_K` have the kinetics of Traub and Miles, shifted by ``v_t``; :math:`E_{Ca}` is Nernst's
    for 2 mM outside. All rates are those at 36 degrees C. A spike is an upward crossing of 0 mV.

    Parameters (units): ``c_m`` 1 uF/cm2; ``g_l`` 0.05, ``g_na`` 200, ``g_k`` 20, ``g_t`` 3 mS/cm2; ``e_l`` -90,
    ``e_na`` 50, ``e_k`` -100, ``v_t`` -55 mV. States, which start where the cell rests: ``v`` (mV), the gates ``m``,
    ``h``, ``n``, ``m_t``, ``h_t``, and calcium ``ca`` (mM).

    Notes
    -----
    The cell of the paper has an area of 1.43e-4 cm2, so that 1 mS/cm2 is 143 nS.

    References
    ----------
    Destexhe A, Bal T, McCormick DA, Sejnowski TJ (1996), J Neurophysiol 76:2049-2070; Destexhe A et al. (1996), J
    Neurosci 16:169-185, for the T current.

    Examples
    --------
    >>> from neurocore_nb import DestexheReticularNeuron, Network, Population, SpikeMonitor, StepCurrent
    >>> cell = Population(DestexheReticularNeuron, 1)
    >>> spikes = SpikeMonitor(cell)
    >>> report = Network(cell, StepCurrent(0.0, 0.2, 2.0), spikes).run(0.2, dt=1e-4)
    >>> spikes.count
    39
    """

    units = PER_AREA
    states = {
        "v": State(-89.57988496, "mV"),
        "m": State(4.975925989e-06, "(a fraction)", 0.0, 1.0),
        "h": State(0.9999994079, "(a fraction)", 0.0, 1.0),
        "n": State(5.140561597e-05, "(a fraction)", 0.0, 1.0),
        "m_t": State(0.006191526559, "(a fraction)", 0.0, 1.0),
        "h_t": State(0.871689144, "(a fraction)", 0.0, 1.0),
        "ca": State(0.0002454427321, "mM", 1e-9),
    }
    parameters = {
        "c_m": Parameter(1.0, "uF/cm2", above=0.0),
        "g_l": Parameter(0.05, "mS/cm2", above=0.0),
        "g_na": Parameter(200.0, "mS/cm2", low=0.0),
        "g_k": Parameter(20.0, "mS/cm2", low=0.0),
        "g_t": Parameter(3.0, "mS/cm2", low=0.0),
        "e_l": Parameter(-90.0, "mV"),
        "e_na": Parameter(50.0, "mV"),
        "e_k": Parameter(-100.0, "mV"),
        "v_t": Parameter(-55.0, "mV"),
    }
    spike = UpwardCrossing("v", 0.0)
    max_step = 0.005

    @staticmethod
    def rates(v, v_t):  # type: ignore[no-untyped-def]
        """Opening and closing rates per ms."""
        u = v - v_t
        m_t = 1.0 / (1.0 + exp(-(v + 52.0) / 7.4))
        h_t = 1.0 / (1.0 + exp((v + 80.0) / 5.0))
        tau_m = _slow_tau_m(v)
        tau_h = _slow_tau_h(v)
        return {
            "m": (1.28 / exprel((13.0 - u) / 4.0), 1.4 / exprel((u - 40.0) / 5.0)),
            "h": (0.128 * exp((17.0 - u) / 18.0), 4.0 / (1.0 + exp((40.0 - u) / 5.0))),
            "n": (0.16 / exprel((15.0 - u) / 5.0), 0.5 * exp((10.0 - u) / 40.0)),
            "m_t": (m_t / tau_m, (1.0 - m_t) / tau_m),
            "h_t": (h_t / tau_h, (1.0 - h_t) / tau_h),
        }

    @staticmethod
    def flows(v, m_t, h_t, ca, g_t):  # type: ignore[no-untyped-def]
        """Inflow and rate of loss per ms of calcium."""
        current = g_t * m_t**2 * h_t * (v - _NERNST * log(2.0 / ca))
        return {"ca": (max(-_INFLOW * current, 0.0) + _CA_REST / _CA_DECAY, 1.0 / _CA_DECAY)}

    @staticmethod
    def currents(m, h, n, m_t, h_t, ca, g_l, g_na, g_k, g_t, e_l, e_na, e_k):  # type: ignore[no-untyped-def]
        """Conductances and their reversal potentials."""
        return [
            (g_na * m**3 * h, e_na),
            (g_k * n**4, e_k),
            (g_l, e_l),
            (g_t * m_t**2 * h_t, _NERNST * log(2.0 / ca)),
        ]
