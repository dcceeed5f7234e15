"""Interneurons that synchronise each other at gamma frequency by graded inhibition."""

from __future__ import annotations

import numpy as np

from ..network.coupling import GradedSynapse
from ..network.currents import StepCurrent
from ..network.distributions import Uniform
from ..network.network import Network
from ..network.population import Population
from ..neurons import WangBuzsakiNeuron
from ..synapses import GradedRelease
from .sizes import FOREVER, scaled


def wang_buzsaki(
    scale: float = 1.0,
    *,
    m_syn: float | None = None,
    i_app: float = 1.0,
    sigma_i: float = 0.0,
    g_syn: float = 0.1,
    tau_syn: float = 10.0,
    e_syn: float = -75.0,
    phi: float = 5.0,
    seed: int = 42,
) -> Network:
    """Gamma oscillations of inhibitory interneurons.

    100 of Wang and Buzsaki's cells, each driven by a constant current and inhibited by others, by all or by
    ``m_syn`` of them on average. Run it with ``dt=5e-5``.

    Parameters
    ----------
    scale : float
        Times 100 cells, each of which keeps ``m_syn`` synapses on average and the conductance of all its synapses.
    m_syn : float, optional
        Mean number of synapses of a cell, drawn at random; by default one from each other cell.
    i_app, sigma_i : float
        Mean of the cells' currents, and their standard deviation between cells, in uA/cm2.
    g_syn : float
        Conductance of all of a cell's synapses together when they are open, in mS/cm2, if it has the mean number.
    tau_syn : float
        Time constant in ms with which synapses close.
    e_syn : float
        Their reversal potential in mV.
    phi : float
        Speed of the gates; slower ones make spikes with deeper afterhyperpolarisations.
    seed : int

    Returns
    -------
    Network
        With a population ``"cells"``.

    Notes
    -----
    Potentials start between -68 and -55 mV as in the program of figure 3 in ModelDB; deviations from it are that gates
    start at their steady state at -65 mV, and synapses closed. Currents are drawn from a normal distribution.

    References
    ----------
    Wang XJ, Buzsaki G (1996), J Neurosci 16:6402-6413; ModelDB 26997.

    Examples
    --------
    >>> from neurocore_nb import SpikeMonitor, statistics
    >>> from neurocore_nb.networks import wang_buzsaki
    >>> net = wang_buzsaki()
    >>> spikes = SpikeMonitor(net["cells"])
    >>> net.add(spikes)
    >>> report = net.run(0.6, dt=5e-5)
    >>> statistics.coherence(spikes, bin=2.5e-3, start=0.5) > 0.9
    True
    """
    n = scaled(100, scale)
    others = max(n - 1, 1)
    mean = others if m_syn is None else min(m_syn, others)
    cells = Population(
        WangBuzsakiNeuron,
        n,
        {"phi": phi},
        "cells",
        receptors={"gaba": GradedRelease(beta=1.0 / tau_syn)},
        initial={"v": Uniform(-68.0, -55.0)},
        max_step=0.05,
    )
    inhibition = GradedSynapse(cells, cells, g_syn / mean, mean / others, autapses=False, state="s_gaba", e_rev=e_syn)
    currents = np.random.default_rng(seed).normal(i_app, sigma_i, n)
    return Network(cells, inhibition, StepCurrent(0.0, FOREVER, currents, target=cells), seed=seed)
