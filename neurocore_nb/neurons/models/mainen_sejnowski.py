"""Neocortical cells whose dendrite decides how they fire."""

from __future__ import annotations

from typing import Any

from ...declarations import Parameter, State
from ...kernels.vmath import exp, exprel
from ..model import NeuronModel
from ..spiking import PER_AREA, UpwardCrossing

_PHI = 2.3**1.4  # from 23 to 37 degrees C


def _speed_h(v: Any) -> Any:
    """Rate per ms at which sodium channels inactivate and recover."""
    return 0.12 / exprel(-(v + 40.0) / 5.0) + 0.0455 / exprel((v + 65.0) / 5.0)


class MainenSejnowskiNeuron(NeuronModel):
    r"""Mainen and Sejnowski's reduced model: a dendrite, and an axon with soma that its size makes spike or burst.

    .. math::

        C \dot v_s &= -\phi g_{Na} m_s^3 h_s (v_s - E_{Na}) - \phi g_{Kv} n (v_s - E_K) + g_c (v - v_s) + i_s

        C \dot v &= -g_L (v - E_L) - \phi [g_{Na,d} m^3 h (v - E_{Na}) + g_{Ca} a^2 b (v - E_{Ca})
            + (g_{Km} n_m + g_{KCa} n_{Ca}) (v - E_K)] + g_c (v_s - v) / \rho + i - g v

        \dot{Ca} &= -\phi g_{Ca} a^2 b (v - E_{Ca}) / (2 F d) + (0.1 \mu M - Ca) / 200 ms

    ``rho`` is the dendrite's area by that of axon and soma, 100 um2, and ``kappa`` the resistance between them, so that
    g_c is 1 / ``kappa`` per 100 um2. Rates and conductances, which are of 23 degrees C, are multiplied by ``phi`` for
    37 degrees. Synapses and stimuli act on the dendrite, per its area; a spike is an upward crossing of 0 mV by
    axon and soma.

    Parameters (units): ``c_m`` 0.75 uF/cm2; ``rho`` 165; ``kappa`` 10 MOhm; ``phi`` 3.2094; ``g_na`` 3000, ``g_kv``
    150, ``g_na_d`` 1.5, ``g_ca`` 0.03, ``g_km`` 0.01, ``g_kca`` 0.3, ``g_l`` 1/30 mS/cm2; ``e_na`` 60, ``e_k`` -90,
    ``e_ca`` 140, ``e_l`` -70 mV; ``i_s`` 0 uA/cm2, a constant current into axon and soma, of whose area 1 uA/cm2 is 1
    pA. States, which start where the cell rests: ``v`` and ``v_s`` (mV), the gates ``m_s``, ``h_s``, ``n``, ``m``,
    ``h``, ``a``, ``b``, ``n_m``, ``n_ca``, and calcium ``ca`` (mM).

    Notes
    -----
    After the authors' program: it multiplies conductances by ``phi``, too, and takes calcium in mM in the rate 0.01 Ca
    of g_KCa. A current of i uA/cm2 into the dendrite is ``rho`` i pA: 0.1 nA is 0.606 uA/cm2 for a ``rho`` of 165. With
    that, cells fire regularly with a ``rho`` of 50 to 140, begin with a burst with 165, and burst all along with 200;
    with a ``kappa`` of 1 they don't burst. Below that take a shorter ``max_step``: with 0.1 MOhm, 0.0025 ms makes
    spikes a tenth too late.

    References
    ----------
    Mainen ZF, Sejnowski TJ (1996), Nature 382:363-366.

    Examples
    --------
    >>> from neurocore_nb import MainenSejnowskiNeuron, Network, Population, SpikeMonitor, StepCurrent
    >>> cell = Population(MainenSejnowskiNeuron, 1)
    >>> spikes = SpikeMonitor(cell)
    >>> report = Network(cell, StepCurrent(0.0, 0.2, 0.606), spikes).run(0.2, dt=1e-4)
    >>> spikes.count
    3
    """

    units = PER_AREA
    states = {
        "v": State(-70.47393209, "mV"),
        "v_s": State(-70.48782333, "mV"),
        "m_s": State(0.009280854461, "(a fraction)", 0.0, 1.0),
        "h_s": State(0.924004023, "(a fraction)", 0.0, 1.0),
        "n": State(0.0002466797145, "(a fraction)", 0.0, 1.0),
        "m": State(0.009295057007, "(a fraction)", 0.0, 1.0),
        "h": State(0.9238465426, "(a fraction)", 0.0, 1.0),
        "a": State(3.568859862e-05, "(a fraction)", 0.0, 1.0),
        "b": State(0.6468000022, "(a fraction)", 0.0, 1.0),
        "n_m": State(0.01101846058, "(a fraction)", 0.0, 1.0),
        "n_ca": State(4.999836516e-05, "(a fraction)", 0.0, 1.0),
        "ca": State(0.0001000017302, "mM", 0.0),
    }
    parameters = {
        "c_m": Parameter(0.75, "uF/cm2", above=0.0),
        "rho": Parameter(165.0, "", above=0.0),
        "kappa": Parameter(10.0, "MOhm", above=0.0),
        "phi": Parameter(_PHI, "", above=0.0),
        "g_na": Parameter(3000.0, "mS/cm2", low=0.0),
        "g_kv": Parameter(150.0, "mS/cm2", low=0.0),
        "g_na_d": Parameter(1.5, "mS/cm2", low=0.0),
        "g_ca": Parameter(0.03, "mS/cm2", low=0.0),
        "g_km": Parameter(0.01, "mS/cm2", low=0.0),
        "g_kca": Parameter(0.3, "mS/cm2", low=0.0),
        "g_l": Parameter(1.0 / 30.0, "mS/cm2", above=0.0),
        "e_na": Parameter(60.0, "mV"),
        "e_k": Parameter(-90.0, "mV"),
        "e_ca": Parameter(140.0, "mV"),
        "e_l": Parameter(-70.0, "mV"),
        "i_s": Parameter(0.0, "uA/cm2"),
    }
    spike = UpwardCrossing("v_s", 0.0)
    max_step = 0.0025
    rate_factor = "phi"

    @staticmethod
    def derive(kappa: Any, rho: Any) -> dict[str, Any]:
        """The coupling in mS per cm2 of axon and soma, and of dendrite."""
        return {"g_c": 1000.0 / kappa, "g_cd": 1000.0 / kappa / rho}

    @staticmethod
    def rates(v, v_s, ca):  # type: ignore[no-untyped-def]
        """Opening and closing rates per ms, before phi."""
        h_s = 1.0 / (1.0 + exp((v_s + 55.0) / 6.2))
        h = 1.0 / (1.0 + exp((v + 55.0) / 6.2))
        speed_s = _speed_h(v_s)
        speed = _speed_h(v)
        return {
            "m_s": (1.638 / exprel(-(v_s + 25.0) / 9.0), 1.116 / exprel((v_s + 25.0) / 9.0)),
            "h_s": (h_s * speed_s, (1.0 - h_s) * speed_s),
            "n": (0.18 / exprel(-(v_s - 25.0) / 9.0), 0.018 / exprel((v_s - 25.0) / 9.0)),
            "m": (1.638 / exprel(-(v + 25.0) / 9.0), 1.116 / exprel((v + 25.0) / 9.0)),
            "h": (h * speed, (1.0 - h) * speed),
            "a": (0.209 / exprel(-(v + 27.0) / 3.8), 0.94 * exp(-(v + 75.0) / 17.0)),
            "b": (0.000457 * exp(-(v + 13.0) / 50.0), 0.0065 / (1.0 + exp(-(v + 15.0) / 28.0))),
            "n_m": (0.009 / exprel(-(v + 30.0) / 9.0), 0.009 / exprel((v + 30.0) / 9.0)),
            "n_ca": (0.01 * ca, 0.02),
        }

    @staticmethod
    def flows(v, v_s, m_s, h_s, n, a, b, c_m, phi, g_c, g_na, g_kv, g_ca, e_na, e_k, e_ca, i_s):  # type: ignore[no-untyped-def]
        """Inflow and rate of loss per ms of calcium and of the potential of axon and soma."""
        g_na_open = phi * g_na * m_s**3 * h_s
        g_kv_open = phi * g_kv * n
        inflow = -phi * g_ca * a**2 * b * (v - e_ca) * 5.1821e-4  # 10 / (2 F 0.1 um), in mM/ms for uA/cm2
        return {
            "ca": (max(inflow, 0.0) + 1e-4 / 200.0, 1.0 / 200.0),
            "v_s": (
                (g_na_open * e_na + g_kv_open * e_k + g_c * v + i_s) / c_m,
                (g_na_open + g_kv_open + g_c) / c_m,
            ),
        }

    @staticmethod
    def currents(v_s, m, h, a, b, n_m, n_ca, phi, g_cd, g_na_d, g_ca, g_km, g_kca, g_l, e_na, e_k, e_ca, e_l):  # type: ignore[no-untyped-def]
        """Conductances of the dendrite and their reversal potentials."""
        return [
            (phi * g_na_d * m**3 * h, e_na),
            (phi * g_ca * a**2 * b, e_ca),
            (phi * (g_km * n_m + g_kca * n_ca), e_k),
            (g_l, e_l),
            (g_cd, v_s),
        ]
