"""Lapicque's circuit: the first integrate-and-fire neuron."""

from __future__ import annotations

from typing import Any

from ...declarations import Parameter, State
from ...kernels.vmath import relax
from ..model import NeuronModel
from ..spiking import PER_CELL, Level


class LapicqueNeuron(NeuronModel):
    r"""A resistor and a capacitor that is discharged at a threshold, integrated exactly.

    .. math:: \tau_m \dot v = -(v - E_L) + R_m (i + i_e - g v)

    Where v is at or above ``v_th`` at the end of a substep, the neuron fires and v is set to ``v_reset``.

    Parameters (units): ``tau_m`` 10 ms; ``r_m`` 100 MOhm; ``e_l`` -65, ``v_th`` -50, ``v_reset`` -65 mV; ``i_e`` 0 pA,
    a constant current. State: ``v`` (mV), which starts at -65.

    Notes
    -----
    A current I that lasts for a time t makes the neuron at rest fire if it is above
    :math:`I_\infty / (1 - e^{-t / \tau_m})`, with the rheobase :math:`I_\infty = (v_{th} - E_L) / R_m`: Lapicque's law
    of strength and duration. A constant one makes it fire at the rate
    :math:`1 / (\tau_m \ln \frac{R_m I}{R_m I - v_{th} + E_L})`, if it is reset to rest.

    The paper measures time constants and threshold voltages of frogs' nerves between electrodes, but no membranes: the
    defaults are round numbers of a cell. ``LIFNeuron`` has the same equation with a refractory time and synapses.

    References
    ----------
    Lapicque L (1907), J Physiol Pathol Gen 9:620-635; translated by Brunel N, van Rossum MCW (2007), Biol Cybern
    97:337-349.

    Examples
    --------
    >>> from neurocore_nb import LapicqueNeuron, Network, Population, SpikeMonitor, StepCurrent
    >>> cell = Population(LapicqueNeuron, 1)
    >>> spikes = SpikeMonitor(cell)
    >>> report = Network(cell, StepCurrent(0.0, 0.1, 200.0), spikes).run(0.1)
    >>> spikes.count
    7
    """

    units = PER_CELL
    states = {"v": State(-65.0, "mV")}
    parameters = {
        "tau_m": Parameter(10.0, "ms", above=0.0),
        "r_m": Parameter(100.0, "MOhm", above=0.0),
        "e_l": Parameter(-65.0, "mV"),
        "v_th": Parameter(-50.0, "mV"),
        "v_reset": Parameter(-65.0, "mV"),
        "i_e": Parameter(0.0, "pA"),
    }
    spike = Level("v", "v_th")
    max_step = 0.01
    membrane_time_constant = "tau_m"

    @staticmethod
    def derive(dt: Any, tau_m: Any, r_m: Any, e_l: Any, i_e: Any) -> dict[str, Any]:
        """The leak as a conductance in nS, the constant currents, and time over capacitance."""
        g_l = 1e3 / r_m
        return {"g_l": g_l, "i_l": g_l * e_l + i_e, "dt_over_c": dt / (tau_m * g_l)}

    @staticmethod
    def update(v, i, g, g_l, i_l, dt_over_c):  # type: ignore[no-untyped-def]
        """One substep."""
        return relax(v, i + i_l, g + g_l, dt_over_c)

    @staticmethod
    def reset(v_reset):  # type: ignore[no-untyped-def]
        """After a spike."""
        return v_reset
