"""The receptors that come with the package.

Time courses are exact: linear kinetics are propagated by their solution, and the current or conductance that acts on
the membrane during a substep is its mean over that substep (for a membrane with a time constant of its own, the mean
that charges it as much).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..declarations import Parameter, State
from ..kernels.frame import ON_CURRENT, ON_V
from ..kernels.vmath import exp, fade
from .kinetics import chain_over, decay_over, peak_of_chain
from .receptor import CONDUCTANCE, CURRENT, POTENTIAL, Receptor


class CurrentPulse(Receptor):
    """The weight is a current that flows for one network step. Every population has this receptor."""

    weight = CURRENT
    acts = ON_CURRENT


class VoltageJump(Receptor):
    """The weight is added to the membrane potential at the start of the step (a delta synapse).

    Where the model holds the potential in its refractory time, what arrives meanwhile is lost. A jump to the threshold
    or beyond is a spike, at the end of the substep that follows.
    """

    weight = POTENTIAL
    acts = ON_V


class ExpCurrent(Receptor):
    r"""A current that jumps by the weight and decays: :math:`i(t) = w\, e^{-t / \tau}`.

    Parameters
    ----------
    tau : float
        Time constant in ms; 5 by default.

    Examples
    --------
    >>> from neurocore_nb import ExpCurrent, LIFNeuron, Population
    >>> cells = Population(LIFNeuron, 10, receptors={"syn": ExpCurrent(tau=0.5)})
    >>> "i_syn" in cells.states
    True
    """

    weight = CURRENT
    states = {"i": State(0.0, CURRENT)}
    parameters = {"tau": Parameter(5.0, "ms", above=0.0)}

    @staticmethod
    def derive(dt: Any, tau: Any, tau_m: Any) -> dict[str, Any]:
        """The propagator."""
        return decay_over(dt, tau, tau_m)

    @staticmethod
    def arrive(w, i):  # type: ignore[no-untyped-def]
        """The current jumps by the weight."""
        return i + w

    @staticmethod
    def update(i, decay, mean):  # type: ignore[no-untyped-def]
        """One substep."""
        return fade(i, decay), i * mean, 0.0


class AlphaCurrent(Receptor):
    r"""A current that rises and decays: :math:`i(t) = w\, (t / \tau)\, e^{1 - t / \tau}`, with its peak ``w`` at tau.

    Parameters
    ----------
    tau : float
        Time constant in ms; 5 by default.
    """

    weight = CURRENT
    states = {"i": State(0.0, CURRENT), "rise": State(0.0, "per ms")}
    parameters = {"tau": Parameter(5.0, "ms", above=0.0)}

    @staticmethod
    def derive(dt: Any, tau: Any, tau_m: Any) -> dict[str, Any]:
        """The propagator."""
        return chain_over(dt, tau, tau, tau_m) | {"gain": np.e / tau}

    @staticmethod
    def arrive(w, i, rise, gain):  # type: ignore[no-untyped-def]
        """What feeds the current jumps."""
        return i, rise + gain * w

    @staticmethod
    def update(i, rise, decay, feed, decay_rise, mean, mean_rise):  # type: ignore[no-untyped-def]
        """One substep."""
        return fade(i, decay) + rise * feed, fade(rise, decay_rise), i * mean + rise * mean_rise, 0.0


class ExpConductance(Receptor):
    r"""A conductance that jumps by the weight and decays: :math:`g(t) = w\, e^{-t / \tau}`.

    Parameters
    ----------
    tau : float
        Time constant in ms; 5 by default.
    e_rev : float
        Reversal potential in mV; 0 by default.

    Examples
    --------
    >>> from neurocore_nb import ExpConductance, HodgkinHuxleyNeuron, Population
    >>> cells = Population(HodgkinHuxleyNeuron, 10, receptors={"gaba": ExpConductance(tau=10.0, e_rev=-80.0)})
    >>> "g_gaba" in cells.states
    True
    """

    states = {"g": State(0.0, CONDUCTANCE)}
    parameters = {"tau": Parameter(5.0, "ms", above=0.0), "e_rev": Parameter(0.0, "mV")}

    @staticmethod
    def derive(dt: Any, tau: Any, tau_m: Any) -> dict[str, Any]:
        """The propagator."""
        return decay_over(dt, tau, tau_m)

    @staticmethod
    def arrive(w, g):  # type: ignore[no-untyped-def]
        """The conductance jumps by the weight."""
        return g + w

    @staticmethod
    def update(g, decay, mean, e_rev):  # type: ignore[no-untyped-def]
        """One substep."""
        acting = g * mean
        return fade(g, decay), acting * e_rev, acting


class BiexpConductance(Receptor):
    r"""A conductance that rises with one time constant and decays with another.

    .. math:: g(t) = w\, k\, (e^{-t / \tau_{decay}} - e^{-t / \tau_{rise}})

    with k so that the peak is ``w``.

    Parameters
    ----------
    tau_rise, tau_decay : float
        Time constants in ms; 0.5 and 5 by default.
    e_rev : float
        Reversal potential in mV; 0 by default.
    """

    states = {"g": State(0.0, CONDUCTANCE), "rise": State(0.0, "per ms")}
    parameters = {
        "tau_rise": Parameter(0.5, "ms", above=0.0),
        "tau_decay": Parameter(5.0, "ms", above=0.0),
        "e_rev": Parameter(0.0, "mV"),
    }

    @staticmethod
    def derive(dt: Any, tau_rise: Any, tau_decay: Any, tau_m: Any) -> dict[str, Any]:
        """The propagator, and what makes the peak 1."""
        return chain_over(dt, tau_decay, tau_rise, tau_m) | {"gain": 1.0 / peak_of_chain(tau_decay, tau_rise)}

    @staticmethod
    def arrive(w, g, rise, gain):  # type: ignore[no-untyped-def]
        """What feeds the conductance jumps."""
        return g, rise + gain * w

    @staticmethod
    def update(g, rise, decay, feed, decay_rise, mean, mean_rise, e_rev):  # type: ignore[no-untyped-def]
        """One substep."""
        acting = g * mean + rise * mean_rise
        return fade(g, decay) + rise * feed, fade(rise, decay_rise), acting * e_rev, acting


class AlphaConductance(BiexpConductance):
    r"""A conductance that rises and decays: :math:`g(t) = w\, (t / \tau)\, e^{1 - t / \tau}`, its peak ``w`` at tau.

    Parameters
    ----------
    tau : float
        Time constant in ms; 5 by default.
    e_rev : float
        Reversal potential in mV; 0 by default.
    """

    parameters = {"tau": Parameter(5.0, "ms", above=0.0), "e_rev": Parameter(0.0, "mV")}

    @staticmethod
    def derive(dt: Any, tau: Any, tau_m: Any) -> dict[str, Any]:  # type: ignore[override]
        """The propagator."""
        return chain_over(dt, tau, tau, tau_m) | {"gain": np.e / tau}


class NMDA(BiexpConductance):
    r"""NMDA receptors: a biexponential conductance that magnesium blocks at low potentials.

    .. math:: i = g(t)\, B(v)\, (e_{rev} - v), \quad B(v) = 1 / (1 + [Mg] / 3.57\ \mathrm{mM}\ e^{-0.062\, v})

    The weight is the peak of g, without block; ``g_<name>`` reads as g. The block follows v in each substep.

    Parameters
    ----------
    tau_rise, tau_decay : float
        Time constants in ms; 2 and 100 by default.
    e_rev : float
        Reversal potential in mV; 0 by default.
    mg : float
        Magnesium concentration in mM; 1 by default.

    References
    ----------
    Jahr CE, Stevens CF (1990), J Neurosci 10:3178-3182.
    """

    parameters = {
        "tau_rise": Parameter(2.0, "ms", above=0.0),
        "tau_decay": Parameter(100.0, "ms", above=0.0),
        "e_rev": Parameter(0.0, "mV"),
        "mg": Parameter(1.0, "mM", low=0.0),
    }

    @staticmethod
    def update(g, rise, v, decay, feed, decay_rise, mean, mean_rise, e_rev, mg):  # type: ignore[no-untyped-def, override]
        """One substep."""
        acting = (g * mean + rise * mean_rise) / (1.0 + mg / 3.57 * exp(-0.062 * v))
        return fade(g, decay) + rise * feed, fade(rise, decay_rise), acting * e_rev, acting


class GABAB(Receptor):
    r"""GABA-B receptors: transmitter binds to receptors, these activate G-proteins, which open channels together.

    .. math::

        \dot r = -k_2 r, \quad \dot s = k_3 r - k_4 s, \quad g = g_{max} \frac{s^4}{s^4 + k_d}

    An arriving weight is an amount of transmitter; 1 is a pulse of 0.5 mM for 0.3 ms. As the pulse is short, the
    receptors that are still free bind it at once: :math:`1 - r` shrinks by
    :math:`e^{-w\, k_1\, 0.15\ \mathrm{mM\,ms}}`.

    Parameters
    ----------
    g_max : float
        Conductance of all channels, in the model's unit; 1 by default.
    k1 : float
        Rate of binding, 0.52 per mM and ms by default.
    k2, k3, k4 : float
        Rates per ms of unbinding, activation and decay of G-proteins; 0.0013, 0.098, 0.033 by default.
    k_d : float
        Dissociation constant of the four binding sites; 100 by default.
    e_rev : float
        Reversal potential in mV; -95 by default.

    References
    ----------
    Destexhe A, Mainen ZF, Sejnowski TJ (1994), J Comput Neurosci 1:195-230; Destexhe A, Sejnowski TJ (1995), PNAS
    92:9515-9519.
    """

    weight = "pulses of transmitter"
    states = {
        "g": State(0.0, CONDUCTANCE),
        "r": State(0.0, "(a fraction)", 0.0, 1.0),
        "s": State(0.0, "uM"),
    }
    parameters = {
        "g_max": Parameter(1.0, CONDUCTANCE, low=0.0),
        "k1": Parameter(0.52, "1/(mM ms)", low=0.0),
        "k2": Parameter(0.0013, "1/ms", above=0.0),
        "k3": Parameter(0.098, "1/ms", low=0.0),
        "k4": Parameter(0.033, "1/ms", above=0.0),
        "k_d": Parameter(100.0, "uM^4", above=0.0),
        "e_rev": Parameter(-95.0, "mV"),
    }

    @staticmethod
    def derive(dt: Any, k2: Any, k4: Any, tau_m: Any) -> dict[str, Any]:
        """The propagator."""
        return chain_over(dt, 1.0 / k4, 1.0 / k2, tau_m)

    @staticmethod
    def arrive(w, g, r, s, k1):  # type: ignore[no-untyped-def]
        """Transmitter binds."""
        return g, 1.0 - (1.0 - r) * exp(-0.15 * k1 * w), s

    @staticmethod
    def update(g, r, s, decay, feed, decay_rise, mean, mean_rise, g_max, k3, k_d, e_rev):  # type: ignore[no-untyped-def]
        """One substep."""
        middle = s * mean + k3 * r * mean_rise
        m4 = middle * middle * middle * middle
        acting = g_max * m4 / (m4 + k_d)
        new_s = fade(s, decay) + k3 * r * feed
        s4 = new_s * new_s * new_s * new_s
        return g_max * s4 / (s4 + k_d), fade(r, decay_rise), new_s, acting * e_rev, acting


class GradedRelease(Receptor):
    r"""Transmitter that a neuron releases by degrees, as its potential rises: the presynaptic side of graded synapses.

    .. math:: \dot s = \alpha\, F(v)\, (1 - s) - \beta\, s, \quad F(v) = 1 / (1 + e^{-(v - \theta) / \sigma})

    It takes no weights and gives no current: it adds the gate ``s_<name>`` to every neuron of its population, for
    :class:`GradedSynapse` to act with.

    Parameters
    ----------
    alpha, beta : float
        Rates per ms of opening and closing; 12 and 0.1 by default.
    theta, slope : float
        Potential in mV at which F is 1/2, 0 by default, and how gradually it rises there; 2 by default.

    References
    ----------
    Wang XJ, Buzsáki G (1996), J Neurosci 16:6402-6413.

    Examples
    --------
    >>> from neurocore_nb import GradedRelease, Population, WangBuzsakiNeuron
    >>> cells = Population(WangBuzsakiNeuron, 100, receptors={"gaba": GradedRelease(beta=0.2)})
    >>> "s_gaba" in cells.states
    True
    """

    takes_weights = False
    follows_v = True
    states = {"s": State(0.0, "(a fraction)", 0.0, 1.0)}
    parameters = {
        "alpha": Parameter(12.0, "1/ms", low=0.0),
        "beta": Parameter(0.1, "1/ms", above=0.0),
        "theta": Parameter(0.0, "mV"),
        "slope": Parameter(2.0, "mV", above=0.0),
    }

    @staticmethod
    def arrive(w, s):  # type: ignore[no-untyped-def]
        """Nothing arrives."""
        return s

    @staticmethod
    def update(s, v, dt, alpha, beta, theta, slope):  # type: ignore[no-untyped-def]
        """One substep."""
        opening = alpha / (1.0 + exp(-(v - theta) / slope))
        rate = opening + beta
        steady = opening / rate
        return steady + (s - steady) * exp(-dt * rate), 0.0, 0.0
