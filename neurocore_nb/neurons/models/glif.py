"""The generalized leaky integrate-and-fire neurons of the Allen Institute."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from ...declarations import Parameter, State
from ...kernels.vmath import relax
from ..model import NeuronModel
from ..spiking import PER_CELL, Level

# An interneuron of the paper's figure 4, from the files that come with it: what all of its levels have, ...
_CELL = {"c_m": 59.74, "e_l": -66.93, "t_ref": 2.8}
_RESET = {"v_fraction": 1.1876, "v_add": -17.465, "th_s_add": 3.2536, "th_s_decay": 0.07709}
_AFTER_SPIKES = {"asc_1_add": -12.097, "asc_1_decay": 0.003, "asc_2_add": -222.98, "asc_2_decay": 0.1}
_ADAPTATION = {"th_v_rise": 0.04857, "th_v_decay": 0.15992}
# ... and its two conductances, with and without fitted currents after spikes.
_WITHOUT, _WITH = {"g_l": 9.0075}, {"g_l": 8.832}


class GLIFNeuron(NeuronModel):
    r"""Generalized leaky integrate-and-fire neuron, levels 1 to 5; defaults are level 1 of an interneuron.

    .. math::

        C \dot v &= -g_L (v - E_L) + I_1 + I_2 + i_e + i - g v

        \dot I_k &= -k_k I_k

        \dot\theta_s &= -b_s \theta_s

        \dot\theta_v &= a_v (v - E_L) - b_v \theta_v

    Where v is at or above the threshold :math:`v_{th} + \theta_s + \theta_v` at the end of a substep, the neuron fires.
    All states then stay for the time ``t_ref`` at

    .. math::

        v &\leftarrow E_L + f_v (v - E_L) + \delta v

        I_k &\leftarrow f_k e^{-k_k t_{ref}} I_k + \delta I_k

        \theta_s &\leftarrow e^{-b_s t_{ref}} \theta_s + \delta \theta_s

    Parameters (units): ``c_m`` 59.74 pF; ``g_l`` 9.0075 nS; ``e_l`` -66.93, ``v_th`` -20.75 mV; ``t_ref`` 2.8 ms;
    ``i_e`` 0 pA, a constant current. Of the reset: ``v_fraction`` :math:`f_v` 0, ``v_add`` :math:`\delta v` 0 mV. Of
    the threshold after spikes: ``th_s_add`` :math:`\delta \theta_s` 0 mV, ``th_s_decay`` :math:`b_s` 0.01 per ms. Of
    the currents after spikes, k = 1 and 2: ``asc_k_add`` :math:`\delta I_k` 0 pA, ``asc_k_decay`` :math:`k_k` 0.003 and
    0.1 per ms, ``asc_k_fraction`` :math:`f_k` 1. Of the threshold that follows the potential: ``th_v_rise`` :math:`a_v`
    0, ``th_v_decay`` :math:`b_v` 0.1 per ms.

    States: ``v`` (mV), which starts at -66.93; ``asc_1``, ``asc_2`` (pA); ``th_s``, ``th_v`` (mV); and ``above`` (mV),
    how far v is above the threshold.

    Attributes
    ----------
    levels : mapping of int to mapping of str to float
        Parameters of the five levels fitted to one cell, for ``Population(params=...)``: 1, leaky integrate-and-fire;
        2, with the reset and a threshold after spikes; 3, with currents after spikes; 4, with both; 5, with a threshold
        that follows the potential, too.

    Notes
    -----
    The cell is 474637203, an Htr3a-positive neuron of the mouse's visual cortex, which the paper shows in figure 4. The
    thresholds of the five levels were fitted one by one, so that level 1, which lacks all that slows the cell down, has
    a very high one.

    The paper subtracts its :math:`\delta v`. As in its program and in NEST's glif_psc, the part of the threshold that
    follows the potential neither decays in ``t_ref`` nor is reset. NEST takes the reset's v from the step before the
    spike, and no ``v_fraction`` above 1.

    References
    ----------
    Teeter C et al. (2018), Nat Commun 9:709.

    Examples
    --------
    >>> from neurocore_nb import GLIFNeuron, Network, Population, SpikeMonitor, StepCurrent
    >>> cell = Population(GLIFNeuron, 1, params=GLIFNeuron.levels[5])
    >>> spikes = SpikeMonitor(cell)
    >>> report = Network(cell, StepCurrent(0.0, 0.2, 400.0), spikes).run(0.2)
    >>> spikes.count
    10
    """

    units = PER_CELL
    states = {
        "v": State(-66.93, "mV"),
        "asc_1": State(0.0, "pA"),
        "asc_2": State(0.0, "pA"),
        "th_s": State(0.0, "mV"),
        "th_v": State(0.0, "mV"),
        "above": State(-46.18, "mV"),
    }
    parameters = {
        "c_m": Parameter(59.74, "pF", above=0.0),
        "g_l": Parameter(9.0075, "nS", above=0.0),
        "e_l": Parameter(-66.93, "mV"),
        "v_th": Parameter(-20.75, "mV"),
        "t_ref": Parameter(2.8, "ms", low=0.0),
        "i_e": Parameter(0.0, "pA"),
        "v_fraction": Parameter(0.0),
        "v_add": Parameter(0.0, "mV"),
        "th_s_add": Parameter(0.0, "mV"),
        "th_s_decay": Parameter(0.01, "1/ms", low=0.0),
        "asc_1_add": Parameter(0.0, "pA"),
        "asc_1_decay": Parameter(0.003, "1/ms", above=0.0),
        "asc_1_fraction": Parameter(1.0, low=0.0),
        "asc_2_add": Parameter(0.0, "pA"),
        "asc_2_decay": Parameter(0.1, "1/ms", above=0.0),
        "asc_2_fraction": Parameter(1.0, low=0.0),
        "th_v_rise": Parameter(0.0, "1/ms"),
        "th_v_decay": Parameter(0.1, "1/ms", above=0.0),
    }
    levels: ClassVar[Mapping[int, Mapping[str, float]]] = {
        1: _CELL | _WITHOUT | {"v_th": -20.75},
        2: _CELL | _WITHOUT | _RESET | {"v_th": -15.40},
        3: _CELL | _WITH | _AFTER_SPIKES | {"v_th": -39.19},
        4: _CELL | _WITH | _RESET | _AFTER_SPIKES | {"v_th": -39.13},
        5: _CELL | _WITH | _RESET | _AFTER_SPIKES | _ADAPTATION | {"v_th": -46.65},
    }
    spike = Level("above", 0.0, refractory="t_ref", held=("v", "asc_1", "asc_2", "th_s", "th_v", "above"))
    max_step = 0.01

    @staticmethod
    def derive(
        dt: Any, c_m: Any, g_l: Any, e_l: Any, i_e: Any, t_ref: Any, th_s_decay: Any, th_v_decay: Any,
        asc_1_decay: Any, asc_1_fraction: Any, asc_2_decay: Any, asc_2_fraction: Any,
    ) -> dict[str, Any]:  # fmt: skip
        """What is left of each state after a substep, after a spike, and on the mean over a substep."""
        return {
            "i_l": g_l * e_l + i_e,
            "dt_over_c": dt / c_m,
            "keep_1": np.exp(-dt * asc_1_decay),
            "keep_2": np.exp(-dt * asc_2_decay),
            "mean_1": -np.expm1(-dt * asc_1_decay) / (dt * asc_1_decay),
            "mean_2": -np.expm1(-dt * asc_2_decay) / (dt * asc_2_decay),
            "keep_s": np.exp(-dt * th_s_decay),
            "keep_v": np.exp(-dt * th_v_decay),
            "gain_v": -np.expm1(-dt * th_v_decay) / th_v_decay,
            "after_1": asc_1_fraction * np.exp(-t_ref * asc_1_decay),
            "after_2": asc_2_fraction * np.exp(-t_ref * asc_2_decay),
            "after_s": np.exp(-t_ref * th_s_decay),
        }

    @staticmethod
    def update(  # type: ignore[no-untyped-def]
        v, asc_1, asc_2, th_s, th_v, i, g, g_l, e_l, v_th, i_l, dt_over_c,
        keep_1, keep_2, mean_1, mean_2, keep_s, keep_v, gain_v, th_v_rise,
    ):  # fmt: skip
        """One substep: v with the mean of the currents after spikes, then the threshold with the mean of v."""
        new = relax(v, i + i_l + mean_1 * asc_1 + mean_2 * asc_2, g + g_l, dt_over_c)
        th_s = keep_s * th_s
        th_v = keep_v * th_v + gain_v * th_v_rise * (0.5 * (v + new) - e_l)
        return new, keep_1 * asc_1, keep_2 * asc_2, th_s, th_v, new - v_th - th_s - th_v

    @staticmethod
    def reset(  # type: ignore[no-untyped-def]
        v, asc_1, asc_2, th_s, th_v, e_l, v_th, v_fraction, v_add, th_s_add, asc_1_add, asc_2_add,
        after_1, after_2, after_s,
    ):  # fmt: skip
        """After a spike, and the refractory time."""
        v = e_l + v_fraction * (v - e_l) + v_add
        th_s = after_s * th_s + th_s_add
        return v, after_1 * asc_1 + asc_1_add, after_2 * asc_2 + asc_2_add, th_s, th_v, v - v_th - th_s - th_v
