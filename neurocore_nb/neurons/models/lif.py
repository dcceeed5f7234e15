"""Leaky integrate-and-fire neurons."""

from __future__ import annotations

from typing import Any

from ...declarations import Parameter, State
from ...kernels.vmath import relax
from ...synapses import ExpConductance, ExpCurrent
from ..model import NeuronModel
from ..spiking import PER_CELL, Level


class LIFNeuron(NeuronModel):
    r"""Leaky integrate-and-fire neuron, integrated exactly; with its receptors the equations of NEST's iaf_psc_exp.

    .. math:: \dot v = -(v - E_L) / \tau_m + (i + i_e - g v) / C

    Where v is at or above ``v_th`` at the end of a substep, the neuron fires and v is set to ``v_reset``, where it
    stays for the time ``t_ref``; what arrives meanwhile goes on in the receptors.

    Parameters (units): ``c_m`` 250 pF; ``tau_m`` 10 ms; ``e_l`` -70, ``v_th`` -55, ``v_reset`` -70 mV; ``t_ref`` 2 ms
    (in whole substeps); ``i_e`` 0 pA, a constant current. State: ``v`` (mV), which starts at -70. Receptors: ``exc``
    and ``inh``, exponential currents of 2 ms; with these v is exact at the ends of substeps of any length.

    References
    ----------
    Rotter S, Diesmann M (1999), Biol Cybern 81:381-402.

    Examples
    --------
    >>> from neurocore_nb import LIFNeuron, Network, Population, SpikeMonitor, StepCurrent
    >>> cell = Population(LIFNeuron, 1)
    >>> spikes = SpikeMonitor(cell)
    >>> report = Network(cell, StepCurrent(0.0, 0.1, 500.0), spikes).run(0.1, dt=1e-4)
    >>> spikes.count
    6
    """

    units = PER_CELL
    states = {"v": State(-70.0, "mV")}
    parameters = {
        "c_m": Parameter(250.0, "pF", above=0.0),
        "tau_m": Parameter(10.0, "ms", above=0.0),
        "e_l": Parameter(-70.0, "mV"),
        "v_th": Parameter(-55.0, "mV"),
        "v_reset": Parameter(-70.0, "mV"),
        "t_ref": Parameter(2.0, "ms", low=0.0),
        "i_e": Parameter(0.0, "pA"),
    }
    receptors = {"exc": ExpCurrent(tau=2.0), "inh": ExpCurrent(tau=2.0)}
    spike = Level("v", "v_th", refractory="t_ref", held=("v",))
    max_step = 0.1
    membrane_time_constant = "tau_m"

    @staticmethod
    def derive(dt: Any, c_m: Any, tau_m: Any, e_l: Any, i_e: Any) -> dict[str, Any]:
        """The leak as a conductance, the constant currents, and time over capacitance."""
        return {"g_l": c_m / tau_m, "i_l": c_m / tau_m * e_l + i_e, "dt_over_c": dt / c_m}

    @staticmethod
    def update(v, i, g, g_l, i_l, dt_over_c):  # type: ignore[no-untyped-def]
        """One substep."""
        return relax(v, i + i_l, g + g_l, dt_over_c)

    @staticmethod
    def reset(v_reset):  # type: ignore[no-untyped-def]
        """After a spike."""
        return v_reset


class COBALIFNeuron(NeuronModel):
    r"""Leaky integrate-and-fire neuron with exponential conductances; defaults of the COBA benchmark network.

    .. math:: C \dot v = -g_L (v - E_L) + i_e + i - g v

    Where v is at or above ``v_th`` at the end of a substep, the neuron fires and v is set to ``v_reset``, where it
    stays for the time ``t_ref``.

    Parameters (units): ``c_m`` 200 pF; ``g_l`` 10 nS; ``e_l`` -60, ``v_th`` -50, ``v_reset`` -60 mV; ``t_ref`` 5 ms (in
    whole substeps); ``i_e`` 0 pA, a constant current. State: ``v`` (mV), which starts at -60. Receptors: ``exc`` (5 ms,
    0 mV) and ``inh`` (10 ms, -80 mV), exponential conductances.

    References
    ----------
    Vogels TP, Abbott LF (2005), J Neurosci 25:10786-10795; Brette R et al. (2007), J Comput Neurosci 23:349-398,
    benchmark 1.

    Examples
    --------
    >>> from neurocore_nb import COBALIFNeuron, Network, Population, SpikeMonitor, StepCurrent
    >>> cell = Population(COBALIFNeuron, 1)
    >>> spikes = SpikeMonitor(cell)
    >>> report = Network(cell, StepCurrent(0.0, 0.1, 200.0), spikes).run(0.1, dt=1e-4)
    >>> spikes.count
    5
    """

    units = PER_CELL
    states = {"v": State(-60.0, "mV")}
    parameters = {
        "c_m": Parameter(200.0, "pF", above=0.0),
        "g_l": Parameter(10.0, "nS", above=0.0),
        "e_l": Parameter(-60.0, "mV"),
        "v_th": Parameter(-50.0, "mV"),
        "v_reset": Parameter(-60.0, "mV"),
        "t_ref": Parameter(5.0, "ms", low=0.0),
        "i_e": Parameter(0.0, "pA"),
    }
    receptors = {"exc": ExpConductance(tau=5.0, e_rev=0.0), "inh": ExpConductance(tau=10.0, e_rev=-80.0)}
    spike = Level("v", "v_th", refractory="t_ref", held=("v",))
    max_step = 0.1

    @staticmethod
    def derive(dt: Any, c_m: Any, g_l: Any, e_l: Any, i_e: Any) -> dict[str, Any]:
        """The constant currents, and time over capacitance."""
        return {"i_l": g_l * e_l + i_e, "dt_over_c": dt / c_m}

    @staticmethod
    def update(v, i, g, g_l, i_l, dt_over_c):  # type: ignore[no-untyped-def]
        """One substep."""
        return relax(v, i + i_l, g + g_l, dt_over_c)

    @staticmethod
    def reset(v_reset):  # type: ignore[no-untyped-def]
        """After a spike."""
        return v_reset
