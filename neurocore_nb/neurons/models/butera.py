"""Pacemakers of breathing."""

from __future__ import annotations

from ...declarations import Parameter, State
from ...kernels.vmath import exp
from ..model import NeuronModel
from ..spiking import PER_CELL, UpwardCrossing


class ButeraRespiratoryNeuron(NeuronModel):
    r"""Butera, Rinzel and Smith's pacemaker of the pre-Bötzinger complex, their model 1.

    .. math::

        C \dot v = -(\bar g_{NaP} m_{P\infty} h + \bar g_{Na} m_\infty^3 (1 - n)) (v - E_{Na})
        - \bar g_K n^4 (v - E_K) - g_L (v - E_L) + i - g v

    The persistent sodium current makes bursts: it inactivates within seconds by the gate h, which ends a burst, and
    recovers until the next. With rising ``e_l`` the cell is silent (-65 mV), bursts ever faster (at -60 mV every 6.8 s,
    at -57.5 mV every 1.6 s) and fires all the time (-54 mV). A spike is an upward crossing of -20 mV.

    Parameters (units): ``c_m`` 21 pF; ``g_nap`` 2.8, ``g_na`` 28, ``g_k`` 11.2, ``g_l`` 2.8 nS; ``e_na`` 50, ``e_k``
    -85, ``e_l`` -65 mV; ``tau_h`` 10,000 ms, the longest time constant of ``h``. States: ``v`` (mV) and the gates ``h``
    and ``n``, which start at rest, near -62.7 mV.

    Notes
    -----
    The authors' tonic excitation, a constant conductance that reverses at 0 mV, is ``OUConductance`` without
    fluctuations. In single precision intervals between bursts differ by up to half a percent, as h changes by a
    millionth in a substep.

    References
    ----------
    Butera RJ, Rinzel J, Smith JC (1999), J Neurophysiol 82:382-397.

    Examples
    --------
    >>> from neurocore_nb import ButeraRespiratoryNeuron, Network, Population, SpikeMonitor, StepCurrent
    >>> cell = Population(ButeraRespiratoryNeuron, 1, params={"e_l": -57.5})
    >>> spikes = SpikeMonitor(cell)
    >>> report = Network(cell, StepCurrent(0.0, 2.0, 0.0), spikes).run(2.0, dt=1e-3)
    >>> spikes.count
    139
    """

    units = PER_CELL
    states = {
        "v": State(-62.68893956020, "mV"),
        "h": State(0.9204265415015, "(a fraction)", 0.0, 1.0),
        "n": State(2.198742450e-04, "(a fraction)", 0.0, 1.0),
    }
    parameters = {
        "c_m": Parameter(21.0, "pF", above=0.0),
        "g_nap": Parameter(2.8, "nS", low=0.0),
        "g_na": Parameter(28.0, "nS", low=0.0),
        "g_k": Parameter(11.2, "nS", low=0.0),
        "g_l": Parameter(2.8, "nS", above=0.0),
        "e_na": Parameter(50.0, "mV"),
        "e_k": Parameter(-85.0, "mV"),
        "e_l": Parameter(-65.0, "mV"),
        "tau_h": Parameter(10000.0, "ms", above=0.0),
    }
    spike = UpwardCrossing("v", -20.0)
    max_step = 0.02

    @staticmethod
    def rates(v, tau_h):  # type: ignore[no-untyped-def]
        """Opening and closing rates per ms: steady states of open and closed channels over time constants."""
        # float: as fractions, their products with others would leave the range of single precision
        h_inf = float(1.0 / (1.0 + exp((v + 48.0) / 6.0)))
        n_inf = float(1.0 / (1.0 + exp(-(v + 29.0) / 4.0)))
        rate_h = 0.5 * (exp((v + 48.0) / 12.0) + exp(-(v + 48.0) / 12.0)) / tau_h
        rate_n = 0.5 * (exp((v + 29.0) / 8.0) + exp(-(v + 29.0) / 8.0)) / 10.0
        return {"h": (h_inf * rate_h, (1.0 - h_inf) * rate_h), "n": (n_inf * rate_n, (1.0 - n_inf) * rate_n)}

    @staticmethod
    def currents(v, h, n, g_nap, g_na, g_k, g_l, e_na, e_k, e_l):  # type: ignore[no-untyped-def]
        """Conductances and their reversal potentials."""
        m_p = 1.0 / (1.0 + exp(-(v + 40.0) / 6.0))
        m = 1.0 / (1.0 + exp(-(v + 34.0) / 5.0))
        return [(g_nap * m_p * h + g_na * m**3 * (1.0 - n), e_na), (g_k * n**4, e_k), (g_l, e_l)]
