"""PING: excitatory and inhibitory cells that synchronise each other at gamma frequency."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..declarations import Parameter, State
from ..kernels.vmath import exp, exprel
from ..network.coupling import GradedSynapse
from ..network.currents import StepCurrent
from ..network.distributions import Uniform
from ..network.network import Network
from ..network.population import Population
from ..neurons import NeuronModel, UpwardCrossing, WangBuzsakiNeuron
from ..synapses import Receptor
from .sizes import FOREVER, scaled

SIZES = {"exc": 200, "inh": 50}
E_REV = {"exc": 0.0, "inh": -75.0}  # mV, by source


class ReducedTraubMiles(NeuronModel):
    """The pyramidal cell of Traub and Miles as Ermentrout and Kopell reduced it: sodium channels activate at once."""

    states = {
        "v": State(-70.0, "mV"),
        "h": State(0.99810998, "(a fraction)", 0.0, 1.0),
        "n": State(0.0228476, "(a fraction)", 0.0, 1.0),
    }
    parameters = {
        "c_m": Parameter(1.0, "uF/cm2", above=0.0),
        "g_na": Parameter(100.0, "mS/cm2", low=0.0),
        "g_k": Parameter(80.0, "mS/cm2", low=0.0),
        "g_l": Parameter(0.1, "mS/cm2", above=0.0),
    }
    spike = UpwardCrossing("v", -20.0)
    max_step = 0.02

    @staticmethod
    def rates(v):  # type: ignore[no-untyped-def]
        """Opening and closing rates per ms."""
        return {
            "h": (0.128 * exp(-(v + 50.0) / 18.0), 4.0 / (1.0 + exp(-(v + 27.0) / 5.0))),
            "n": (0.16 / exprel(-(v + 52.0) / 5.0), 0.5 * exp(-(v + 57.0) / 40.0)),
        }

    @staticmethod
    def currents(v, h, n, g_na, g_k, g_l):  # type: ignore[no-untyped-def]
        """Conductances and their reversal potentials."""
        alpha_m = 1.28 / exprel(-(v + 54.0) / 4.0)
        beta_m = 1.4 / exprel((v + 27.0) / 5.0)
        m = alpha_m / (alpha_m + beta_m)
        return [(g_na * m**3 * h, 50.0), (g_k * n**4, -100.0), (g_l, -67.0)]


class Release(Receptor):
    """Transmitter q that a spike releases, and the gate s that it opens, for graded synapses to act with."""

    takes_weights = False
    follows_v = True
    states = {"s": State(0.0, "(a fraction)", 0.0, 1.0), "q": State(0.0, "(a fraction)", 0.0, 1.0)}
    parameters = {"tau": Parameter(3.0, "ms", above=0.0), "tau_q": Parameter(0.17232, "ms", above=0.0)}

    @staticmethod
    def arrive(w, s, q):  # type: ignore[no-untyped-def]
        """Nothing arrives."""
        return s, q

    @staticmethod
    def update(s, q, v, dt, tau, tau_q):  # type: ignore[no-untyped-def]
        """One substep: q within 0.1 ms during a spike, then s within 0.5 ms."""
        opening = 10.0 / (1.0 + exp(-v / 5.0))
        rate = opening + 1.0 / tau_q
        new_q = opening / rate + (q - opening / rate) * exp(-dt * rate)
        opening = 0.5 * (q + new_q) / 0.5
        rate = opening + 1.0 / tau
        return opening / rate + (s - opening / rate) * exp(-dt * rate), new_q, 0.0, 0.0


def ping(
    scale: float = 1.0,
    *,
    p: float = 0.5,
    fixed: bool = False,
    i_e: float = 1.4,
    sigma_e: float = 0.05,
    i_i: float = 0.0,
    sigma_i: float = 0.05,
    g_ee: float = 0.0,
    g_ei: float = 0.25,
    g_ie: float = 0.25,
    g_ii: float = 0.25,
    tau_i: float = 9.0,
    seed: int = 42,
) -> Network:
    """A pyramidal-interneuronal gamma rhythm in a sparse, random network.

    200 excitatory cells of Traub and Miles and 50 inhibitory ones of Wang and Buzsaki. Excitatory cells are driven;
    their volleys make the inhibitory cells fire, which hold all others back until inhibition has decayed. Run it with
    ``dt=5e-5``.

    Parameters
    ----------
    scale : float
        Times 250 cells. Each keeps its numbers of synapses, on which synchrony depends, as far as there are as many
        cells.
    p : float
        Probability of each pair at scale 1: cells have 200 p excitatory and 50 p inhibitory synapses on average ...
    fixed : bool
        ... or all of them exactly so many.
    i_e, i_i : float
        Mean currents into excitatory and inhibitory cells, in uA/cm2.
    sigma_e, sigma_i : float
        Standard deviations of currents between cells, as parts of the means.
    g_ee, g_ei, g_ie, g_ii : float
        Conductances of all of a cell's synapses together, if it has the mean number, in mS/cm2. ``g_ei`` is that of
        excitatory cells onto inhibitory ones.
    tau_i : float
        Time constant in ms with which inhibitory synapses close.
    seed : int

    Returns
    -------
    Network
        With populations ``"exc"`` and ``"inh"``.

    Notes
    -----
    The paper has theta neurons. This network is the one with which its first author shows the same results in his book,
    with channels; cells, synapses and parameters are those of the programs of the book's chapter 30. Deviations from
    these: potentials start between -75 and -55 mV, where the book starts cells on their limit cycles; and ``tau_q``,
    which makes a gate s open most 0.5 ms after a spike, doesn't follow ``tau_i``.

    References
    ----------
    Börgers C, Kopell N (2003), Neural Comput 15:509-538; Börgers C (2017), An Introduction to Modeling Neuronal
    Dynamics, Springer.

    Examples
    --------
    >>> from neurocore_nb import SpikeMonitor
    >>> from neurocore_nb.networks import ping
    >>> net = ping()
    >>> spikes = SpikeMonitor(net["exc"])
    >>> net.add(spikes)
    >>> report = net.run(0.2, dt=5e-5)
    >>> round(spikes.firing_rates().mean(), -1)
    np.float64(50.0)
    """
    rng = np.random.default_rng(seed)
    cells, currents = {}, []
    for label, model, release, mean, spread in (
        ("exc", ReducedTraubMiles, Release(), i_e, sigma_e),
        ("inh", WangBuzsakiNeuron, Release(tau=tau_i, tau_q=0.11631), i_i, sigma_i),
    ):
        n = scaled(SIZES[label], scale)
        start = {"v": Uniform(-75.0, -55.0)}
        cells[label] = Population(model, n, label=label, receptors={"release": release}, initial=start)
        drive = mean * (1.0 + spread * rng.standard_normal(n))
        currents.append(StepCurrent(0.0, FOREVER, drive, target=cells[label]))
    pairs = {("exc", "exc"): g_ee, ("exc", "inh"): g_ei, ("inh", "exc"): g_ie, ("inh", "inh"): g_ii}
    synapses = [_synapses(cells[a], cells[b], g, p * SIZES[a], fixed) for (a, b), g in pairs.items() if g > 0.0]
    return Network(*cells.values(), *synapses, *currents, seed=seed)


def _synapses(source: Population, target: Population, g: float, number: float, fixed: bool) -> GradedSynapse:
    """So many synapses for each target on average, or exactly, with a conductance of g in all."""
    number = min(number, len(source))
    rule: dict[str, Any] = {"probability": number / len(source)}
    if fixed:
        rule = {"topology": "fixed_indegree", "indegree": round(number), "multapses": False}
    return GradedSynapse(source, target, g / number, **rule, state="s_release", e_rev=E_REV[source.label])
