"""Crustacean axons, whose A-current lets them fire at any low rate."""

from __future__ import annotations

from ...declarations import Parameter, State
from ...kernels.vmath import exp, exprel, log
from ..model import NeuronModel
from ..spiking import PER_AREA, UpwardCrossing


class ConnorStevensNeuron(NeuronModel):
    r"""Connor, Walter and McKown's crustacean axon with the A-current that Connor and Stevens found.

    .. math::

        C \dot v = -\bar g_{Na} m^3 h (v - E_{Na}) - \bar g_K n^4 (v - E_K) - \bar g_A a^3 b (v - E_A)
        - g_L (v - E_L) + i - g v

    The potassium current A inactivates between spikes and makes them rare: above its rheobase of 8.11 uA/cm2 the axon
    begins to fire at rates from 0 (type I), unlike that of Hodgkin and Huxley. A spike is an upward crossing of 0 mV.

    Parameters (units): ``c_m`` 1 uF/cm2; ``g_na`` 120, ``g_k`` 20, ``g_a`` 47.7, ``g_l`` 0.3 mS/cm2; ``e_na`` 55,
    ``e_k`` -72, ``e_a`` -75, ``e_l`` -17 mV. States: ``v`` (mV) and the gates ``m``, ``h``, ``n``, ``a`` and ``b``,
    which start at rest, near -68 mV.

    Notes
    -----
    Dayan and Abbott (2001, section 6.1) have the same equations with slopes rounded to three digits, which are those of
    many programs. The fit of the steady state of ``a`` exceeds 1 above 39.8 mV, by up to 1.4 percent; here it stays 1.

    References
    ----------
    Connor JA, Walter D, McKown R (1977), Biophys J 18:81-102; Connor JA, Stevens CF (1971), J Physiol 213:31-53.

    Examples
    --------
    >>> from neurocore_nb import ConnorStevensNeuron, Network, Population, SpikeMonitor, StepCurrent
    >>> cell = Population(ConnorStevensNeuron, 1)
    >>> spikes = SpikeMonitor(cell)
    >>> report = Network(cell, StepCurrent(0.0, 0.2, 15.0), spikes).run(0.2, dt=1e-4)
    >>> spikes.count
    17
    """

    units = PER_AREA
    states = {
        "v": State(-67.97472585536, "mV"),
        "m": State(0.010080286729, "(a fraction)", 0.0, 1.0),
        "h": State(0.965897305695, "(a fraction)", 0.0, 1.0),
        "n": State(0.155891988986, "(a fraction)", 0.0, 1.0),
        "a": State(0.540436798845, "(a fraction)", 0.0, 1.0),
        "b": State(0.288484895452, "(a fraction)", 0.0, 1.0),
    }
    parameters = {
        "c_m": Parameter(1.0, "uF/cm2", above=0.0),
        "g_na": Parameter(120.0, "mS/cm2", low=0.0),
        "g_k": Parameter(20.0, "mS/cm2", low=0.0),
        "g_a": Parameter(47.7, "mS/cm2", low=0.0),
        "g_l": Parameter(0.3, "mS/cm2", above=0.0),
        "e_na": Parameter(55.0, "mV"),
        "e_k": Parameter(-72.0, "mV"),
        "e_a": Parameter(-75.0, "mV"),
        "e_l": Parameter(-17.0, "mV"),
    }
    spike = UpwardCrossing("v", 0.0)
    max_step = 0.01

    @staticmethod
    def rates(v):  # type: ignore[no-untyped-def]
        """Opening and closing rates per ms; 3.8 and 1.9 stand for the temperature."""
        a_cubed = 0.0761 * exp((v + 94.22) / 31.84) / (1.0 + exp((v + 1.17) / 28.93))
        a_inf = min(exp(log(a_cubed) / 3.0), 1.0)
        tau_a = 0.3632 + 1.158 / (1.0 + exp((v + 55.96) / 20.12))
        b_inf = (1.0 / (1.0 + exp((v + 53.3) / 14.54))) ** 4
        tau_b = 1.24 + 2.678 / (1.0 + exp((v + 50.0) / 16.027))
        return {
            "m": (3.8 / exprel(-(v + 29.7) / 10.0), 3.8 * 4.0 * exp(-(v + 54.7) / 18.0)),
            "h": (3.8 * 0.07 * exp(-(v + 48.0) / 20.0), 3.8 / (1.0 + exp(-(v + 18.0) / 10.0))),
            "n": (1.9 * 0.1 / exprel(-(v + 45.7) / 10.0), 1.9 * 0.125 * exp(-(v + 55.7) / 80.0)),
            "a": (a_inf / tau_a, (1.0 - a_inf) / tau_a),
            "b": (b_inf / tau_b, (1.0 - b_inf) / tau_b),
        }

    @staticmethod
    def currents(m, h, n, a, b, g_na, g_k, g_a, g_l, e_na, e_k, e_a, e_l):  # type: ignore[no-untyped-def]
        """Conductances and their reversal potentials."""
        return [(g_na * m**3 * h, e_na), (g_k * n**4, e_k), (g_a * a**3 * b, e_a), (g_l, e_l)]
