"""Cortical and hippocampal pyramidal cells as in the field's standard network of Hodgkin-Huxley neurons."""

from __future__ import annotations

from ...declarations import Parameter, State
from ...kernels.vmath import exp, exprel
from ...synapses import ExpConductance
from ..model import NeuronModel
from ..spiking import PER_AREA, Level


class TraubMilesNeuron(NeuronModel):
    r"""Hodgkin-Huxley neuron with the kinetics of Traub and Miles; defaults of the COBAHH benchmark network.

    .. math:: C \dot v = -\bar g_{Na} m^3 h (v - E_{Na}) - \bar g_K n^4 (v - E_K) - g_L (v - E_L) + i - g v

    with the rates of Traub and Miles shifted by ``v_t``. A spike is a potential at or above ``v_th``, after which none
    is seen for the time ``t_ref``.

    Parameters (units): ``c_m`` 1 uF/cm2; ``g_na`` 100, ``g_k`` 30, ``g_l`` 0.05 mS/cm2; ``e_na`` 50, ``e_k`` -90,
    ``e_l`` -60, ``v_t`` -63, ``v_th`` -20 mV; ``t_ref`` 3 ms. For a cell of 20,000 um2, 1 mS/cm2 is 200 nS. States:
    ``v`` (mV), which starts at -60, and the gates ``m``, ``h``, ``n``, which start at their steady state at -60 mV.
    Receptors: ``exc`` (5 ms, 0 mV) and ``inh`` (10 ms, -80 mV), exponential conductances.

    References
    ----------
    Traub RD, Miles R (1991), Neuronal Networks of the Hippocampus; Brette R et al. (2007), J Comput Neurosci
    23:349-398, benchmark 3.

    Examples
    --------
    >>> from neurocore_nb import Network, Population, SpikeMonitor, StepCurrent, TraubMilesNeuron
    >>> cell = Population(TraubMilesNeuron, 1)
    >>> spikes = SpikeMonitor(cell)
    >>> report = Network(cell, StepCurrent(0.0, 0.2, 1.0), spikes).run(0.2, dt=1e-4)
    >>> spikes.count
    10
    """

    units = PER_AREA
    states = {
        "v": State(-60.0, "mV"),
        "m": State(0.0268633298, "(a fraction)", 0.0, 1.0),
        "h": State(0.9913058219, "(a fraction)", 0.0, 1.0),
        "n": State(0.0604340347, "(a fraction)", 0.0, 1.0),
    }
    parameters = {
        "c_m": Parameter(1.0, "uF/cm2", above=0.0),
        "g_na": Parameter(100.0, "mS/cm2", low=0.0),
        "g_k": Parameter(30.0, "mS/cm2", low=0.0),
        "g_l": Parameter(0.05, "mS/cm2", above=0.0),
        "e_na": Parameter(50.0, "mV"),
        "e_k": Parameter(-90.0, "mV"),
        "e_l": Parameter(-60.0, "mV"),
        "v_t": Parameter(-63.0, "mV"),
        "v_th": Parameter(-20.0, "mV"),
        "t_ref": Parameter(3.0, "ms", low=0.0),
    }
    receptors = {"exc": ExpConductance(tau=5.0, e_rev=0.0), "inh": ExpConductance(tau=10.0, e_rev=-80.0)}
    spike = Level("v", "v_th", refractory="t_ref")
    max_step = 0.02

    @staticmethod
    def rates(v, v_t):  # type: ignore[no-untyped-def]
        """Opening and closing rates per ms."""
        u = v - v_t
        return {
            "m": (1.28 / exprel((13.0 - u) / 4.0), 1.4 / exprel((u - 40.0) / 5.0)),
            "h": (0.128 * exp((17.0 - u) / 18.0), 4.0 / (1.0 + exp((40.0 - u) / 5.0))),
            "n": (0.16 / exprel((15.0 - u) / 5.0), 0.5 * exp((10.0 - u) / 40.0)),
        }

    @staticmethod
    def currents(m, h, n, g_na, g_k, g_l, e_na, e_k, e_l):  # type: ignore[no-untyped-def]
        """Conductances and their reversal potentials."""
        return [(g_na * m**3 * h, e_na), (g_k * n**4, e_k), (g_l, e_l)]
