"""The learning rules that come with the package."""

from __future__ import annotations

from typing import Any

from ..declarations import Parameter, State
from ..kernels.vmath import exp, log
from .plasticity import Plasticity, Trace

ALL_TO_ALL, NEAREST = "all_to_all", "nearest"


def _kept(pairing: str, rule: str) -> float:
    """What a spike leaves of the traces of its neuron."""
    if pairing not in (ALL_TO_ALL, NEAREST):
        raise ValueError(f"{rule}: pairing {pairing!r} is unknown; use {ALL_TO_ALL!r} or {NEAREST!r}")
    return 1.0 if pairing == ALL_TO_ALL else 0.0


def _power(x: float, exponent: float) -> float:
    """A number of at least 0 to a power; 0 to the power of 0 is 1."""
    if exponent == 0.0:
        return 1.0
    if exponent == 1.0:
        return x
    power: float = exp(exponent * log(max(x, 1e-300)))
    return power


def _triplets(*values: float, pairing: str = ALL_TO_ALL) -> dict[str, Any]:
    """A row of the tables of Pfister and Gerstner."""
    names = "a2_plus", "a3_plus", "a2_minus", "a3_minus", "tau_x", "tau_y"
    return {**dict(zip(names, values, strict=True)), "pairing": pairing}


class STDP(Plasticity):
    r"""Spike-timing dependent plasticity of pairs of spikes.

    With traces x of the source (time constant ``tau_plus``) and y of the target (``tau_minus``), and
    :math:`u = w / w_{max}`,

    .. math::

        \text{at a postsynaptic spike: } \Delta w &= a_+ w_{max} (1 - u)^{\mu_+} x \\
        \text{at a presynaptic spike: } \Delta w &= -a_- w_{max} u^{\mu_-} y

    Parameters
    ----------
    a_plus, a_minus : float
        Changes of a pair without delay, as parts of ``w_max``; 0.005 and 0.00525 by default.
    tau_plus, tau_minus : float
        Time constants in ms; 20 by default.
    mu_plus, mu_minus : float
        Dependence on the weight: 0, the default, is additive, 1 multiplicative, numbers between as in Gütig et al.
    pairing : {"all_to_all", "nearest"}
        Whether all spikes of a neuron count or its last one before each spike of the other.
    w_min, w_max : float, optional
        Bounds of the weight without its sign; by default 0 and twice the largest weight at the start.

    References
    ----------
    Song S, Miller KD, Abbott LF (2000), Nat Neurosci 3:919-926 (the defaults); van Rossum MCW, Bi GQ, Turrigiano GG
    (2000), J Neurosci 20:8812-8821; Gütig R, Aharonov R, Rotter S, Sompolinsky H (2003), J Neurosci 23:3697-3714.

    Examples
    --------
    A presynaptic spike 10 ms before a postsynaptic one, and a synapse without delay:

    >>> from neurocore_nb import STDP, LIFNeuron, Network, Population, Projection, SpikeSource
    >>> pre, teacher = SpikeSource([0.010], [0], 1), SpikeSource([0.019], [0], 1)
    >>> cell = Population(LIFNeuron, 1)
    >>> learning = Projection(pre, cell, weight=1.0, topology="one_to_one", plasticity=STDP(a_plus=0.01, w_max=2.0))
    >>> forcing = Projection(teacher, cell, weight=1e6, topology="one_to_one")
    >>> report = Network(pre, teacher, cell, learning, forcing).run(0.05, dt=1e-3)
    >>> round(float(learning.matrix()[0, 0]), 6)  # 1 + 0.01 * 2 * exp(-10 / 20)
    1.012131
    """

    pre = {"x": Trace("tau_plus", "keep")}
    post = {"y": Trace("tau_minus", "keep")}
    parameters = {
        "a_plus": Parameter(0.005),
        "a_minus": Parameter(0.00525),
        "tau_plus": Parameter(20.0, "ms", above=0.0),
        "tau_minus": Parameter(20.0, "ms", above=0.0),
        "mu_plus": Parameter(0.0, low=0.0),
        "mu_minus": Parameter(0.0, low=0.0),
        "keep": Parameter(1.0, low=0.0),
    }

    def __init__(self, *, pairing: str = ALL_TO_ALL, **values: Any) -> None:
        super().__init__(**{"keep": _kept(pairing, type(self).__name__), **values})

    @staticmethod
    def on_pre(w, y, a_minus, mu_minus, w_max):  # type: ignore[no-untyped-def]
        """Depression by what the target fired before."""
        return w - a_minus * w_max * _power(w / w_max, mu_minus) * y

    @staticmethod
    def on_post(w, x, a_plus, mu_plus, w_max):  # type: ignore[no-untyped-def]
        """Potentiation by what the source fired before."""
        return w + a_plus * w_max * _power(1.0 - w / w_max, mu_plus) * x


class PowerLawSTDP(Plasticity):
    r"""Spike-timing dependent plasticity with a potentiation that follows a power of the weight, and has no bound.

    With traces x of the source (time constant ``tau_plus``) and y of the target (``tau_minus``),

    .. math::

        \text{at a postsynaptic spike: } \Delta w &= a_+ w_{ref} (w / w_{ref})^{\mu} x \\
        \text{at a presynaptic spike: } \Delta w &= -a_- w\, y

    With ``w_ref=1.0``, a potentiation ``a_plus`` of lambda and a depression ``a_minus`` of alpha lambda are the numbers
    of the paper and of NEST's ``stdp_pl_synapse_hom``, in pA.

    Parameters
    ----------
    a_plus, a_minus : float
        Changes of a pair without delay, as parts of the weight, for a weight of ``w_ref``; 0.01 and 0.011 by default,
        which are the paper's for weights of 46 pA.
    mu : float
        How potentiation depends on the weight; 0.4 by default.
    tau_plus, tau_minus : float
        Time constants in ms; 20 by default.
    w_ref : float, optional
        By default the largest weight at the start.
    w_min, w_max : float, optional
        Bounds of the weight without its sign; by default 0 and twice the largest weight at the start. The paper has no
        upper one: give one that no weight comes near.

    Notes
    -----
    Pairs that come by chance hold a weight at :math:`w_{ref} (a_+ \tau_+ / a_- \tau_-)^{1 / (1 - \mu)}`.

    References
    ----------
    Morrison A, Aertsen A, Diesmann M (2007), Neural Comput 19:1437-1467.

    Examples
    --------
    A presynaptic spike 10 ms before a postsynaptic one, and a synapse without delay:

    >>> from neurocore_nb import LIFNeuron, Network, Population, PowerLawSTDP, Projection, SpikeSource
    >>> pre, teacher = SpikeSource([0.010], [0], 1), SpikeSource([0.019], [0], 1)
    >>> cell = Population(LIFNeuron, 1)
    >>> rule = PowerLawSTDP(a_plus=0.1, w_ref=1.0, w_max=500.0)
    >>> learning = Projection(pre, cell, weight=45.0, topology="one_to_one", plasticity=rule)
    >>> forcing = Projection(teacher, cell, weight=1e6, topology="one_to_one")
    >>> report = Network(pre, teacher, cell, learning, forcing).run(0.05, dt=1e-3)
    >>> round(float(learning.matrix()[0, 0]), 4)  # 45 + 0.1 * 45**0.4 * exp(-10 / 20)
    45.2781
    """

    pre = {"x": Trace("tau_plus")}
    post = {"y": Trace("tau_minus")}
    parameters = {
        "a_plus": Parameter(0.01),
        "a_minus": Parameter(0.011),
        "mu": Parameter(0.4, low=0.0),
        "tau_plus": Parameter(20.0, "ms", above=0.0),
        "tau_minus": Parameter(20.0, "ms", above=0.0),
    }

    @staticmethod
    def on_pre(w, y, a_minus):  # type: ignore[no-untyped-def]
        """Depression by what the target fired before."""
        return w - a_minus * w * y

    @staticmethod
    def on_post(w, x, a_plus, mu, w_ref):  # type: ignore[no-untyped-def]
        """Potentiation by what the source fired before."""
        return w + a_plus * w_ref * _power(w / w_ref, mu) * x


class TripletSTDP(Plasticity):
    r"""Spike-timing dependent plasticity of triplets of spikes.

    With fast and slow traces :math:`r_1` (time constant ``tau_plus``), :math:`r_2` (``tau_x``) of the source and
    :math:`o_1` (``tau_minus``), :math:`o_2` (``tau_y``) of the target,

    .. math::

        \text{at a presynaptic spike: } \Delta w &= -w_{ref}\, o_1 (a_2^- + a_3^- r_2) \\
        \text{at a postsynaptic spike: } \Delta w &= w_{ref}\, r_1 (a_2^+ + a_3^+ o_2)

    each trace being that before the spike itself. ``VISUAL_CORTEX``, ``VISUAL_CORTEX_MINIMAL``, ``HIPPOCAMPUS`` and
    ``HIPPOCAMPUS_MINIMAL`` are the paper's values for all-to-all pairing, the same with ``_NEAREST`` those for the
    nearest spikes (of minimal models, time constants that play no part are those of the full ones):
    ``TripletSTDP(**TripletSTDP.HIPPOCAMPUS)``.

    Parameters
    ----------
    a2_plus, a3_plus, a2_minus, a3_minus : float
        Changes by pairs and by triplets, as parts of ``w_ref``; by default those of ``VISUAL_CORTEX``.
    tau_plus, tau_minus, tau_x, tau_y : float
        Time constants in ms.
    pairing : {"all_to_all", "nearest"}
        Whether all spikes of a neuron count or its last one before each spike of the other.
    w_ref : float, optional
        By default the largest weight at the start.
    w_min, w_max : float, optional
        Bounds of the weight without its sign; by default 0 and twice the largest weight at the start.

    References
    ----------
    Pfister JP, Gerstner W (2006), J Neurosci 26:9673-9682, tables 3 and 4.
    """

    pre = {"r1": Trace("tau_plus", "keep"), "r2": Trace("tau_x", "keep")}
    post = {"o1": Trace("tau_minus", "keep"), "o2": Trace("tau_y", "keep")}
    parameters = {
        "a2_plus": Parameter(5e-10),
        "a3_plus": Parameter(6.2e-3),
        "a2_minus": Parameter(7e-3),
        "a3_minus": Parameter(2.3e-4),
        "tau_plus": Parameter(16.8, "ms", above=0.0),
        "tau_minus": Parameter(33.7, "ms", above=0.0),
        "tau_x": Parameter(101.0, "ms", above=0.0),
        "tau_y": Parameter(125.0, "ms", above=0.0),
        "keep": Parameter(1.0, low=0.0),
    }
    VISUAL_CORTEX = _triplets(5e-10, 6.2e-3, 7e-3, 2.3e-4, 101.0, 125.0)
    VISUAL_CORTEX_MINIMAL = _triplets(0.0, 6.5e-3, 7.1e-3, 0.0, 101.0, 114.0)
    VISUAL_CORTEX_NEAREST = _triplets(8.8e-11, 5.3e-2, 6.6e-3, 3.1e-3, 714.0, 40.0, pairing=NEAREST)
    VISUAL_CORTEX_MINIMAL_NEAREST = _triplets(0.0, 5e-2, 8e-3, 0.0, 714.0, 40.0, pairing=NEAREST)
    HIPPOCAMPUS = _triplets(6.1e-3, 6.7e-3, 1.6e-3, 1.4e-3, 946.0, 27.0)
    HIPPOCAMPUS_MINIMAL = _triplets(5.3e-3, 8e-3, 3.5e-3, 0.0, 946.0, 40.0)
    HIPPOCAMPUS_NEAREST = _triplets(4.6e-3, 9.1e-3, 3e-3, 7.5e-9, 575.0, 47.0, pairing=NEAREST)
    HIPPOCAMPUS_MINIMAL_NEAREST = _triplets(4.6e-3, 9.1e-3, 3e-3, 0.0, 575.0, 48.0, pairing=NEAREST)

    def __init__(self, *, pairing: str = ALL_TO_ALL, **values: Any) -> None:
        super().__init__(**{"keep": _kept(pairing, type(self).__name__), **values})

    @staticmethod
    def on_pre(w, o1, r2, a2_minus, a3_minus, w_ref):  # type: ignore[no-untyped-def]
        """Depression."""
        return w - w_ref * o1 * (a2_minus + a3_minus * r2)

    @staticmethod
    def on_post(w, r1, o2, a2_plus, a3_plus, w_ref):  # type: ignore[no-untyped-def]
        """Potentiation."""
        return w + w_ref * r1 * (a2_plus + a3_plus * o2)


class InhibitorySTDP(Plasticity):
    r"""Plasticity of inhibitory synapses that brings their targets to a rate.

    .. math::

        \text{at a presynaptic spike: } \Delta w &= \eta\, (y - \alpha) \\
        \text{at a postsynaptic spike: } \Delta w &= \eta\, x, \quad \alpha = 2 \rho_0 \tau

    Parameters
    ----------
    eta : float
        Learning rate, in the unit of the weight; 0.01 by default.
    rho_0 : float
        The rate in Hz; 5 by default.
    tau : float
        Time constant of both traces in ms; 20 by default.
    w_min, w_max : float, optional
        Bounds of the weight without its sign; by default 0 and twice the largest weight at the start.

    References
    ----------
    Vogels TP, Sprekeler H, Zenke F, Clopath C, Gerstner W (2011), Science 334:1569-1573.
    """

    pre = {"x": Trace("tau")}
    post = {"y": Trace("tau")}
    parameters = {
        "eta": Parameter(0.01, "weight"),
        "rho_0": Parameter(5.0, "Hz", low=0.0),
        "tau": Parameter(20.0, "ms", above=0.0),
    }

    @staticmethod
    def on_pre(w, y, eta, rho_0, tau):  # type: ignore[no-untyped-def]
        """More for each spike of the target, less for none."""
        return w + eta * (y - 2e-3 * rho_0 * tau)

    @staticmethod
    def on_post(w, x, eta):  # type: ignore[no-untyped-def]
        """More for each spike of the source."""
        return w + eta * x


class RewardSTDP(Plasticity):
    r"""Plasticity that waits for a reward: pairs of spikes leave an eligibility trace, which rewards turn into weight.

    .. math::

        \dot w = e\, (n - b), \quad \dot e = -e / \tau_e, \quad \dot n = -n / \tau_n

    At a postsynaptic spike e grows by :math:`a_+ x`, at a presynaptic one it shrinks by :math:`a_- y`, with the traces
    of :class:`STDP`; at a reward n grows by :math:`1 / \tau_n`. The solution between spikes is exact.

    Parameters
    ----------
    reward : Population or part of one
        Neurons (or a ``SpikeSource``) each of whose spikes is a reward, without delay.
    a_plus, a_minus : float
        Eligibility of a pair without delay, in the unit of the weight; 0.01 and 0.0105 by default.
    tau_plus, tau_minus : float
        Time constants in ms; 20 by default.
    tau_e, tau_n : float
        Time constants of eligibility and reward in ms; 1000 and 200 by default.
    b : float
        Reward that is expected, per ms; 0 by default.
    w_min, w_max : float, optional
        Bounds of the weight without its sign; by default 0 and twice the largest weight at the start.

    References
    ----------
    Izhikevich EM (2007), Cereb Cortex 17:2443-2452; Potjans W, Morrison A, Diesmann M (2010), Front Comput Neurosci
    4:141.
    """

    pre = {"x": Trace("tau_plus")}
    post = {"y": Trace("tau_minus")}
    reward = {"n": Trace("tau_n")}
    states = {"e": State(0.0)}
    parameters = {
        "a_plus": Parameter(0.01, "weight"),
        "a_minus": Parameter(0.0105, "weight"),
        "tau_plus": Parameter(20.0, "ms", above=0.0),
        "tau_minus": Parameter(20.0, "ms", above=0.0),
        "tau_e": Parameter(1000.0, "ms", above=0.0),
        "tau_n": Parameter(200.0, "ms", above=0.0),
        "b": Parameter(0.0, "1/ms"),
    }

    @staticmethod
    def on_pre(w, e, y, a_minus):  # type: ignore[no-untyped-def]
        """The target fired before."""
        return w, e - a_minus * y

    @staticmethod
    def on_post(w, e, x, a_plus):  # type: ignore[no-untyped-def]
        """The source fired before."""
        return w, e + a_plus * x

    @staticmethod
    def between(w, e, h, n, tau_e, tau_n, b):  # type: ignore[no-untyped-def]
        """The integral of eligibility times reward."""
        decay = exp(-h / tau_e)
        both = tau_e * tau_n / (tau_e + tau_n) * (1.0 - decay * exp(-h / tau_n))
        return w + e * (n / tau_n * both - b * tau_e * (1.0 - decay)), e * decay


class TsodyksMarkram(Plasticity):
    r"""Short-term plasticity: a spike uses a part u of the resources R of a terminal, which recover.

    .. math::

        R_{k+1} = 1 + (R_k - R_k u_k - 1)\, e^{-h / \tau_{rec}}, \quad
        u_{k+1} = U + u_k (1 - U)\, e^{-h / \tau_{fac}}

    with :math:`R_1 = 1, u_1 = U`. A spike acts with the weight :math:`w\, u_k R_k`; w itself stays as it is, and may be
    one number for all synapses.

    Parameters
    ----------
    U : float
        Part that a first spike uses; 0.5 by default.
    tau_rec, tau_fac : float
        Time constants of recovery and of facilitation in ms; 800 and 0 by default. 0 stands for no facilitation.

    References
    ----------
    Tsodyks M, Pawelzik K, Markram H (1998), Neural Comput 10:821-835; Maass W, Markram H (2002), Neural Netw
    15:155-161.
    """

    terminal = {"u": State(0.0), "R": State(1.0)}
    parameters = {
        "U": Parameter(0.5, low=0.0),
        "tau_rec": Parameter(800.0, "ms", above=0.0),
        "tau_fac": Parameter(0.0, "ms", low=0.0),
    }

    @staticmethod
    def release(u, R, h, U, tau_rec, tau_fac):  # type: ignore[no-untyped-def]
        """What is left, what is used, and their product."""
        left = 1.0 + (R - R * u - 1.0) * exp(-h / tau_rec)
        used = U
        if tau_fac > 0.0:
            used = U + u * (1.0 - U) * exp(-h / tau_fac)
        return used, left, used * left


RULES: dict[str, type[Plasticity]] = {"stdp": STDP}
