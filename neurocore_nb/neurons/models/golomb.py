"""Fast-spiking cortical interneurons that fire late or stutter."""

from __future__ import annotations

from ...declarations import Parameter, State
from ...kernels.vmath import exp
from ..model import NeuronModel
from ..spiking import PER_AREA, UpwardCrossing


class GolombFSNeuron(NeuronModel):
    r"""Golomb and colleagues' fast-spiking cortical interneuron with a potassium current D that inactivates slowly.

    .. math::

        C \dot v = -g_{Na} m_\infty^3 h (v - E_{Na}) - (g_K n^2 + g_D a^3 b) (v - E_K) - g_L (v - E_L) + i - g v

    How it begins to fire is chosen by the current D and by the sodium current near rest. With ``theta_m`` -24 mV, near
    its threshold it fires at once and at a high rate if ``g_d`` is small (0.1), after a delay of some hundred
    milliseconds if it is larger (0.39), and stutters, in clusters of spikes, if it is still larger (1.8). With
    ``theta_m`` -28 mV it begins to fire at low rates. A spike is an upward crossing of 0 mV.

    Parameters (units): ``c_m`` 1 uF/cm2; ``g_na`` 112.5, ``g_k`` 225, ``g_d`` 0.39, ``g_l`` 0.25 mS/cm2; ``e_na`` 50,
    ``e_k`` -90, ``e_l`` -70 mV; ``theta_m`` -24 mV, where half of the sodium channels are activated. States: ``v`` (mV)
    and the gates ``h``, ``n``, ``a`` and ``b``, which start at rest, near -70 mV.

    References
    ----------
    Golomb D, Donner K, Shacham L, Shlosberg D, Amitai Y, Hansel D (2007), PLoS Comput Biol 3:e156.

    Examples
    --------
    >>> from neurocore_nb import GolombFSNeuron, Network, Population, SpikeMonitor, StepCurrent
    >>> cell = Population(GolombFSNeuron, 1)
    >>> spikes = SpikeMonitor(cell)
    >>> report = Network(cell, StepCurrent(0.0, 0.2, 5.0), spikes).run(0.2, dt=1e-4)
    >>> spikes.count
    12
    """

    units = PER_AREA
    states = {
        "v": State(-70.03810532254, "mV"),
        "h": State(0.8521993432356, "(a fraction)", 0.0, 1.0),
        "n": State(2.083272686e-04, "(a fraction)", 0.0, 1.0),
        "a": State(0.2685669882627, "(a fraction)", 0.0, 1.0),
        "b": State(0.5015877164360, "(a fraction)", 0.0, 1.0),
    }
    parameters = {
        "c_m": Parameter(1.0, "uF/cm2", above=0.0),
        "g_na": Parameter(112.5, "mS/cm2", low=0.0),
        "g_k": Parameter(225.0, "mS/cm2", low=0.0),
        "g_d": Parameter(0.39, "mS/cm2", low=0.0),
        "g_l": Parameter(0.25, "mS/cm2", above=0.0),
        "e_na": Parameter(50.0, "mV"),
        "e_k": Parameter(-90.0, "mV"),
        "e_l": Parameter(-70.0, "mV"),
        "theta_m": Parameter(-24.0, "mV"),
    }
    spike = UpwardCrossing("v", 0.0)
    max_step = 0.01

    @staticmethod
    def rates(v):  # type: ignore[no-untyped-def]
        """Opening and closing rates per ms: steady states of open and closed channels over time constants."""
        tau_h = 0.5 + 14.0 / (1.0 + exp((v + 60.0) / 12.0))
        # float: as a fraction, its products with others would leave the range of single precision
        tau_n = float((0.087 + 11.4 / (1.0 + exp((v + 14.6) / 8.6))) * (0.087 + 11.4 / (1.0 + exp(-(v - 1.3) / 18.7))))
        return {
            "h": (1.0 / (tau_h * (1.0 + exp((v + 58.3) / 6.7))), 1.0 / (tau_h * (1.0 + exp(-(v + 58.3) / 6.7)))),
            "n": (1.0 / (tau_n * (1.0 + exp(-(v + 12.4) / 6.8))), 1.0 / (tau_n * (1.0 + exp((v + 12.4) / 6.8)))),
            "a": (0.5 / (1.0 + exp(-(v + 50.0) / 20.0)), 0.5 / (1.0 + exp((v + 50.0) / 20.0))),
            "b": (1.0 / (150.0 * (1.0 + exp((v + 70.0) / 6.0))), 1.0 / (150.0 * (1.0 + exp(-(v + 70.0) / 6.0)))),
        }

    @staticmethod
    def currents(v, h, n, a, b, g_na, g_k, g_d, g_l, e_na, e_k, e_l, theta_m):  # type: ignore[no-untyped-def]
        """Conductances and their reversal potentials."""
        m = 1.0 / (1.0 + exp(-(v - theta_m) / 11.5))
        return [(g_na * m**3 * h, e_na), (g_k * n**2 + g_d * a**3 * b, e_k), (g_l, e_l)]
