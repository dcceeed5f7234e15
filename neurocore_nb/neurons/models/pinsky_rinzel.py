"""Pyramidal cells of hippocampal area CA3, as a soma and a dendrite."""

from __future__ import annotations

from ...declarations import Parameter, State
from ...kernels.vmath import exp, exprel
from ..model import NeuronModel
from ..spiking import PER_AREA, UpwardCrossing


class PinskyRinzelNeuron(NeuronModel):
    r"""Pinsky and Rinzel's bursting pyramidal cell: a soma that spikes and a dendrite with calcium channels.

    .. math::

        C \dot v &= -g_L (v - E_L) - g_{Na} m_\infty^2 h (v - E_{Na}) - g_{KDR} n (v - E_K)
            + [g_c (v_d - v) + i_s] / p + i - g v

        C \dot v_d &= -g_L (v_d - E_L) - g_{Ca} s^2 (v_d - E_{Ca}) - g_{KC} c \chi (v_d - E_K) - g_{KAHP} q (v_d - E_K)
            + [g_c (v - v_d) + i_d] / (1 - p)

        \dot{Ca} &= -0.13 g_{Ca} s^2 (v_d - E_{Ca}) - 0.075 Ca, \qquad \chi = \min(Ca / 250, 1)

    ``p`` is the soma's share of the membrane. A spike is an upward crossing of -20 mV by the soma.

    Parameters (units): ``c_m`` 3 uF/cm2; ``p`` 0.5; ``g_c`` 2.1, ``g_l`` 0.1, ``g_na`` 30, ``g_kdr`` 15, ``g_ca`` 10,
    ``g_kc`` 15, ``g_kahp`` 0.8 mS/cm2; ``e_na`` 60, ``e_ca`` 80, ``e_k`` -75, ``e_l`` -60 mV; ``i_s`` -0.5 and ``i_d``
    0 uA/cm2, constant currents into soma and dendrite. States, which start where the cell rests: ``v`` and ``v_d``
    (mV), the gates ``h``, ``n``, ``s``, ``c``, ``q``, and calcium ``ca`` (in a unit of its own).

    Notes
    -----
    As in the paper, ``g_c``, ``i_s`` and ``i_d`` are per area of the whole cell. Synapses and stimuli act on the soma,
    per area of the soma: a current ``i`` acts as ``p i`` in ``i_s``. The paper's AMPA and NMDA synapses, on the
    dendrite, are not included. With the default ``i_s``, that of the paper's networks, the cell rests; from -0.3 it
    bursts by itself. The equations are those of the erratum, with potentials 60 mV lower than in the paper.

    References
    ----------
    Pinsky PF, Rinzel J (1994), J Comput Neurosci 1:39-60; erratum (1995) 2:275.

    Examples
    --------
    >>> from neurocore_nb import Network, PinskyRinzelNeuron, Population, SpikeMonitor, StepCurrent
    >>> cell = Population(PinskyRinzelNeuron, 1)
    >>> spikes = SpikeMonitor(cell)
    >>> report = Network(cell, StepCurrent(0.0, 0.2, 2.5), spikes).run(0.2, dt=1e-4)
    >>> spikes.count
    4
    """

    units = PER_AREA
    states = {
        "v": State(-64.38827018, "mV"),
        "v_d": State(-64.2642533, "mV"),
        "h": State(0.9986736687, "(a fraction)", 0.0, 1.0),
        "n": State(0.0005103733021, "(a fraction)", 0.0, 1.0),
        "s": State(0.009701249143, "(a fraction)", 0.0, 1.0),
        "c": State(0.007204713576, "(a fraction)", 0.0, 1.0),
        "q": State(0.004684753987, "(a fraction)", 0.0, 1.0),
        "ca": State(0.2353402103, "", 0.0),
    }
    parameters = {
        "c_m": Parameter(3.0, "uF/cm2", above=0.0),
        "p": Parameter(0.5, "(a fraction)", above=0.0),
        "g_c": Parameter(2.1, "mS/cm2", low=0.0),
        "g_l": Parameter(0.1, "mS/cm2", above=0.0),
        "g_na": Parameter(30.0, "mS/cm2", low=0.0),
        "g_kdr": Parameter(15.0, "mS/cm2", low=0.0),
        "g_ca": Parameter(10.0, "mS/cm2", low=0.0),
        "g_kc": Parameter(15.0, "mS/cm2", low=0.0),
        "g_kahp": Parameter(0.8, "mS/cm2", low=0.0),
        "e_na": Parameter(60.0, "mV"),
        "e_ca": Parameter(80.0, "mV"),
        "e_k": Parameter(-75.0, "mV"),
        "e_l": Parameter(-60.0, "mV"),
        "i_s": Parameter(-0.5, "uA/cm2"),
        "i_d": Parameter(0.0, "uA/cm2"),
    }
    spike = UpwardCrossing("v", -20.0)
    max_step = 0.01

    @staticmethod
    def rates(v, v_d, ca):  # type: ignore[no-untyped-def]
        """Opening and closing rates per ms."""
        speed_c = 2.0 * exp(-(v_d + 53.5) / 27.0)
        open_c = min(exp((v_d + 50.0) / 11.0) / 37.95, 1.0)  # 1 from -10 mV, where the paper changes the formula
        return {
            "h": (0.128 * exp(-(v + 43.0) / 18.0), 4.0 / (1.0 + exp(-(v + 20.0) / 5.0))),
            "n": (0.08 / exprel(-(v + 24.9) / 5.0), 0.25 * exp(-1.0 - 0.025 * v)),
            "s": (1.6 / (1.0 + exp(-0.072 * (v_d - 5.0))), 0.1 / exprel((v_d + 8.9) / 5.0)),
            "c": (speed_c * open_c, speed_c * (1.0 - open_c)),
            "q": (min(2e-5 * ca, 0.01), 0.001),
        }

    @staticmethod
    def flows(v, v_d, s, c, q, ca, p, c_m, g_c, g_l, g_ca, g_kc, g_kahp, e_ca, e_k, e_l, i_d):  # type: ignore[no-untyped-def]
        """Inflow and rate of loss per ms of calcium and of the dendrite's potential."""
        gate_ca = g_ca * s**2
        gate_k = g_kc * c * min(ca / 250.0, 1.0) + g_kahp * q
        share = 1.0 - p
        return {
            "ca": (-0.13 * gate_ca * (v_d - e_ca), 0.075),
            "v_d": (
                (g_l * e_l + gate_ca * e_ca + gate_k * e_k + (g_c * v + i_d) / share) / c_m,
                (g_l + gate_ca + gate_k + g_c / share) / c_m,
            ),
        }

    @staticmethod
    def currents(v, v_d, h, n, p, g_c, g_l, g_na, g_kdr, e_na, e_k, e_l, i_s):  # type: ignore[no-untyped-def]
        """Conductances of the soma and their reversal potentials, and the constant current."""
        alpha_m = 1.28 / exprel(-(v + 46.9) / 4.0)
        beta_m = 1.4 / exprel((v + 19.9) / 5.0)
        m = alpha_m / (alpha_m + beta_m)
        return [(g_na * m**2 * h, e_na), (g_kdr * n, e_k), (g_l, e_l), (g_c / p, v_d), -i_s / p]
