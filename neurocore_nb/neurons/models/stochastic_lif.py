"""Leaky integrate-and-fire neurons with noise of their own."""

from __future__ import annotations

import math
from typing import Any

from ...declarations import Parameter
from ...kernels.vmath import exprel, relax
from ..model import NeuronModel
from .lif import LIFNeuron


class StochasticLIFNeuron(NeuronModel):
    r"""Leaky integrate-and-fire neuron with white noise: between spikes an Ornstein-Uhlenbeck process, drawn exactly.

    .. math:: \dot v = -(v - E_L) / \tau_m + (i + i_e - g v) / C + \sigma \sqrt{2 / \tau_m}\, \xi(t)

    The rest is as in :class:`~neurocore_nb.LIFNeuron`. Noise is independent for each neuron and substep; it follows
    from the network's seed, or that of ``Network.reset(seed=...)``. Without a threshold, v varies about its mean with
    the standard deviation ``sigma``. The threshold is looked at at the end of each substep, and what crosses it in
    between and comes back isn't seen: that acts as a threshold which is higher by 0.58 ``sigma`` times the square root
    of 2 substeps over ``tau_m``.

    Parameters (units): those of ``LIFNeuron``, and ``sigma`` 5 mV. State: ``v`` (mV), which starts at -70. Receptors:
    ``exc`` and ``inh``, exponential currents of 2 ms.

    References
    ----------
    Ricciardi LM, Sacerdote L (1979), Biol Cybern 35:1-9; for the threshold between substeps, Broadie M, Glasserman P,
    Kou S (1997), Math Finance 7:325-349.

    Examples
    --------
    >>> from neurocore_nb import Network, Population, SpikeMonitor, StepCurrent, StochasticLIFNeuron
    >>> cells = Population(StochasticLIFNeuron, 100)
    >>> spikes = SpikeMonitor(cells)
    >>> report = Network(cells, StepCurrent(0.0, 1.0, 300.0), spikes).run(1.0, dt=1e-4)
    >>> print(f"{spikes.firing_rates().mean():.2f} Hz")
    33.15 Hz
    """

    units = LIFNeuron.units
    states = LIFNeuron.states
    parameters = {**LIFNeuron.parameters, "sigma": Parameter(5.0, "mV", low=0.0)}
    receptors = LIFNeuron.receptors
    spike = LIFNeuron.spike
    max_step = LIFNeuron.max_step
    membrane_time_constant = LIFNeuron.membrane_time_constant

    @staticmethod
    def derive(dt: Any, c_m: Any, tau_m: Any, e_l: Any, i_e: Any, sigma: Any) -> dict[str, Any]:
        """As for ``LIFNeuron``; and the variance that noise would bring in a substep without leak."""
        variance = 2.0 * sigma * sigma * dt / tau_m
        return {"g_l": c_m / tau_m, "i_l": c_m / tau_m * e_l + i_e, "dt_over_c": dt / c_m, "variance": variance}

    @staticmethod
    def update(v, i, g, noise, g_l, i_l, dt_over_c, variance):  # type: ignore[no-untyped-def]
        """One substep."""
        spread = math.sqrt(variance * exprel(-2.0 * (g + g_l) * dt_over_c))
        return relax(v, i + i_l, g + g_l, dt_over_c) + spread * noise

    @staticmethod
    def reset(v_reset):  # type: ignore[no-untyped-def]
        """After a spike."""
        return v_reset
