"""Fast-spiking hippocampal interneurons."""

from __future__ import annotations

from ...declarations import Parameter, State
from ...kernels.vmath import exp, exprel
from ..model import NeuronModel
from ..spiking import PER_AREA, UpwardCrossing


class WangBuzsakiNeuron(NeuronModel):
    r"""Wang and Buzsáki's hippocampal interneuron, whose sodium channels activate at once.

    .. math:: C \dot v = -\bar g_{Na} m_\infty^3 h (v - E_{Na}) - \bar g_K n^4 (v - E_K) - g_L (v - E_L) + i - g v

    The rates of h and n are multiplied by ``phi``. A spike is an upward crossing of 0 mV.

    Parameters (units): ``c_m`` 1 uF/cm2; ``g_na`` 35, ``g_k`` 9, ``g_l`` 0.1 mS/cm2; ``e_na`` 55, ``e_k`` -90,
    ``e_l`` -65 mV; ``phi`` 5. States: ``v`` (mV), which starts at -65, and the gates ``h`` and ``n``, which start at
    their steady state at -65 mV.

    References
    ----------
    Wang XJ, Buzsáki G (1996), J Neurosci 16:6402-6413.

    Examples
    --------
    >>> from neurocore_nb import Network, Population, SpikeMonitor, StepCurrent, WangBuzsakiNeuron
    >>> cell = Population(WangBuzsakiNeuron, 1)
    >>> spikes = SpikeMonitor(cell)
    >>> report = Network(cell, StepCurrent(0.0, 0.2, 1.0), spikes).run(0.2, dt=1e-4)
    >>> spikes.count
    12
    """

    units = PER_AREA
    states = {
        "v": State(-65.0, "mV"),
        "h": State(0.8045789773, "(a fraction)", 0.0, 1.0),
        "n": State(0.0825536303, "(a fraction)", 0.0, 1.0),
    }
    parameters = {
        "c_m": Parameter(1.0, "uF/cm2", above=0.0),
        "g_na": Parameter(35.0, "mS/cm2", low=0.0),
        "g_k": Parameter(9.0, "mS/cm2", low=0.0),
        "g_l": Parameter(0.1, "mS/cm2", above=0.0),
        "e_na": Parameter(55.0, "mV"),
        "e_k": Parameter(-90.0, "mV"),
        "e_l": Parameter(-65.0, "mV"),
        "phi": Parameter(5.0, "", above=0.0),
    }
    spike = UpwardCrossing("v", 0.0)
    max_step = 0.02
    rate_factor = "phi"

    @staticmethod
    def rates(v):  # type: ignore[no-untyped-def]
        """Opening and closing rates per ms, before phi."""
        return {
            "h": (0.07 * exp(-(v + 58.0) / 20.0), 1.0 / (1.0 + exp(-(v + 28.0) / 10.0))),
            "n": (0.1 / exprel(-(v + 34.0) / 10.0), 0.125 * exp(-(v + 44.0) / 80.0)),
        }

    @staticmethod
    def currents(v, h, n, g_na, g_k, g_l, e_na, e_k, e_l):  # type: ignore[no-untyped-def]
        """Conductances and their reversal potentials."""
        alpha_m = 1.0 / exprel(-(v + 35.0) / 10.0)
        beta_m = 4.0 * exp(-(v + 60.0) / 18.0)
        m = alpha_m / (alpha_m + beta_m)
        return [(g_na * m**3 * h, e_na), (g_k * n**4, e_k), (g_l, e_l)]
