"""NMDA receptors whose gates saturate, as the networks of Wang and his colleagues have them."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from ..synapses import NMDA, TsodyksMarkram
from ..synapses.kinetics import peak_of_chain

ALPHA, TAU_RISE, TAU_DECAY = 0.5, 2.0, 100.0  # 1/ms, ms, ms


class Gating(NamedTuple):
    """What makes synapses with saturating NMDA gates.

    Attributes
    ----------
    receptor : NMDA
        Of the target.
    rule : TsodyksMarkram
        Of the projection.
    weight : float
        In nS, of a synapse that has a conductance of 1 nS where its gate is open.
    """

    receptor: NMDA
    rule: TsodyksMarkram
    weight: float


def saturating_nmda() -> Gating:
    r"""Gates that a presynaptic spike opens in part, as far as they are still closed.

    The papers give each presynaptic cell a gate s and what opens it, x, to which its spikes add 1:

    .. math:: \dot s = -s / \tau + \alpha x (1 - s), \quad \dot x = -x / \tau_x

    with :math:`\tau` 100 ms, :math:`\tau_x` 2 ms, :math:`\alpha` 0.5 per ms. As x is short, a spike leaves the part
    :math:`1 - U = e^{-\alpha \tau_x}` of the closed gates closed; those that are open close with :math:`\tau`. That is
    short-term depression with :math:`\tau_{rec} = \tau`, and as all gates close alike, a target only needs their sum.

    Notes
    -----
    After a spike, s is that of the equations: :math:`k_0 + (1 - U) s` with :math:`k_0 = (\alpha \tau_x)^{\tau_x / \tau}
    \gamma(1 - \tau_x / \tau, \alpha \tau_x)`, the lower incomplete gamma function. While it rises, it does so
    exponentially, with the mean time that the equations need, 1.53 ms, and the spike before is taken to be long ago.
    Against the equations, with Poisson spikes of 0.5 to 80 Hz, the mean of s is 0 to 0.3 % larger, and the root mean
    square of the difference is 0.4 to 2 % of the mean.
    """
    from scipy.special import expi, gamma, gammainc  # here, because importing scipy takes long

    opened, slow = ALPHA * TAU_RISE, 1.0 - TAU_RISE / TAU_DECAY
    part = -math.expm1(-opened)
    first = opened ** (1.0 - slow) * gammainc(slow, opened) * gamma(slow)
    rise = TAU_RISE * (1.0 / part - 1.0) * (expi(opened) - math.log(opened) - np.euler_gamma)
    per_weight = 1.0 / ((1.0 / rise - 1.0 / TAU_DECAY) * peak_of_chain(TAU_DECAY, rise))  # of the decaying exponential
    receptor = NMDA(tau_rise=float(rise), tau_decay=TAU_DECAY)
    return Gating(receptor, TsodyksMarkram(U=part, tau_rec=TAU_DECAY, tau_fac=0.0), float(first / part / per_weight))
