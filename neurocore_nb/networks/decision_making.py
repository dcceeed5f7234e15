"""Wang's network that decides between two alternatives."""

from __future__ import annotations

import itertools
import weakref
from functools import lru_cache
from typing import Any

import numpy as np

from ..network.distributions import Uniform
from ..network.network import Network
from ..network.population import Population
from ..network.projection import Projection
from ..network.stimulus import PoissonInput
from ..neurons import COBALIFNeuron
from ..synapses import ExpConductance
from .gating import Gating, saturating_nmda
from .sizes import scaled

N_EXC, N_INH = 1600, 400
GROUPS = "A", "B"
CELL = {"e_l": -70.0, "v_th": -50.0, "v_reset": -55.0}  # mV
EXC = CELL | {"c_m": 500.0, "g_l": 25.0, "t_ref": 2.0}  # pF, nS, ms
INH = CELL | {"c_m": 200.0, "g_l": 20.0, "t_ref": 1.0}
# Conductances in nS onto excitatory and inhibitory cells.
G_EXT, G_AMPA, G_NMDA, G_GABA = (2.1, 1.62), (0.05, 0.04), (0.165, 0.13), (1.3, 1.0)
DELAY = 0.5e-3  # s
INTERVAL = 0.05  # s, between draws of the rates of the stimulus


def decision_making(
    scale: float = 1.0,
    *,
    coherence: float = 0.0,
    mu0: float = 40.0,
    sigma: float = 4.0,
    onset: float = 0.5,
    offset: float = 1.5,
    nu_ext: float = 2400.0,
    f: float = 0.15,
    w_plus: float = 1.7,
    seed: int = 42,
) -> Network:
    r"""Two groups of cells compete by way of inhibition, until one of them has decided for its direction of motion.

    1600 excitatory cells, of which a part ``f`` prefers direction A and as many B, and 400 inhibitory ones, all
    connected with all. Slow recurrent excitation by NMDA receptors sums up the evidence. Run it with ``dt=1e-4``. For
    further trials call ``net.reset(seed=...)``, which draws also the stimulus anew.

    Parameters
    ----------
    scale : float
        Times 2000 cells. Recurrent weights are divided by it, so that mean currents stay the same; in a small network
        fluctuations are larger, and with them the part of decisions that are wrong or taken without a stimulus.
    coherence : float
        Of the motion, in %, from -100 to 100: where it is positive, A is right.
    mu0, sigma : float
        Each cell of a group gets Poisson spikes at a rate of ``mu0 * (1 +- coherence / 100)``, and the standard
        deviation of that rate, in Hz: it is drawn every 50 ms for all cells of a group.
    onset, offset : float
        Of the stimulus, in s.
    nu_ext : float
        Rate of background spikes onto each cell, in Hz.
    f : float
        Part of the excitatory cells that is in each group.
    w_plus : float
        Relative strength of synapses within a group. Those from other excitatory cells onto it have
        ``1 - f * (w_plus - 1) / (1 - f)``, so that the sum is the same.
    seed : int

    Returns
    -------
    Network
        With populations ``"A"``, ``"B"``, ``"nonselective"`` and ``"inh"``.

    Notes
    -----
    Deviations from the paper: the gates of NMDA receptors are short-term depression, which is nearly the same (the mean
    of a gate is off by less than 0.3 %, see ``networks/gating.py``). Potentials start anywhere between reset and
    threshold, with all gates closed, so that rates take about 0.5 s to settle. The paper's steps are of 0.02 ms.

    References
    ----------
    Wang XJ (2002), Neuron 36:955-968; Brunel N, Wang XJ (2001), J Comput Neurosci 11:63-85.

    Examples
    --------
    >>> from neurocore_nb import SpikeMonitor
    >>> from neurocore_nb.networks import decision_making
    >>> net = decision_making(scale=0.2, coherence=100.0, onset=0.1, offset=0.6)
    >>> a, b = SpikeMonitor(net["A"]), SpikeMonitor(net["B"])
    >>> net.add(a, b)
    >>> report = net.run(0.6, dt=1e-4)
    >>> a.count > 2 * b.count
    True
    """
    nmda = saturating_nmda()
    receptors = {
        "ampa": ExpConductance(tau=2.0, e_rev=0.0),
        "nmda": nmda.receptor,
        "gaba": ExpConductance(tau=5.0, e_rev=-70.0),
    }
    n_exc, n_group = scaled(N_EXC, scale), scaled(N_EXC * f, scale)
    sizes = {"A": n_group, "B": n_group, "nonselective": n_exc - 2 * n_group, "inh": scaled(N_INH, scale)}
    start = {"v": Uniform(CELL["v_reset"], CELL["v_th"])}
    cells = {
        label: Population(COBALIFNeuron, n, INH if label == "inh" else EXC, label, receptors=receptors, initial=start)
        for label, n in sizes.items()
    }
    net = Network(*cells.values(), seed=seed)
    for label, one in cells.items():
        net.add(PoissonInput(len(one), nu_ext, G_EXT[label == "inh"], target=one, receptor="ampa"))
    w_minus = 1.0 - f * (w_plus - 1.0) / (1.0 - f)
    for pre, post in itertools.product(cells.values(), cells.values()):
        onto_group = post.label in GROUPS and pre.label != "inh"
        w = (w_plus if pre is post else w_minus) if onto_group else 1.0
        net.add(*_projections(pre, post, w / scale, nmda))
    for group, sign in zip(GROUPS, (1.0, -1.0), strict=True):
        motion = _Motion(net, group, mu0 * (1.0 + sign * coherence / 100.0), sigma, onset, offset)
        net.add(PoissonInput(n_group, motion, G_EXT[0], target=cells[group], receptor="ampa"))
    return net


def _projections(pre: Population, post: Population, w: float, nmda: Gating) -> list[Projection]:
    """All synapses from one population onto another, of a relative strength."""
    wiring: dict[str, Any] = {"topology": "all_to_all", "delay": DELAY}
    onto = post.label == "inh"
    if pre.label == "inh":
        return [Projection(pre, post, w * G_GABA[onto], receptor="gaba", **wiring)]
    open_gates: dict[str, Any] = {"receptor": "nmda", "plasticity": nmda.rule}
    return [
        Projection(pre, post, w * G_AMPA[onto], receptor="ampa", **wiring),
        Projection(pre, post, w * G_NMDA[onto] * nmda.weight, **open_gates, **wiring),
    ]


class _Motion:
    """The rate of the stimulus to one group at a time, which follows from the seed of the network's present trial."""

    def __init__(self, net: Network, group: str, mean: float, sigma: float, onset: float, offset: float) -> None:
        self.net = weakref.ref(net)  # which holds this
        self.group, self.mean, self.sigma, self.onset, self.offset = group, mean, sigma, onset, offset

    def __call__(self, t: float) -> float:
        net = self.net()
        if net is None or not self.onset <= t < self.offset:
            return 0.0
        normal = _normal(net.seed, self.group, int((t - self.onset) / INTERVAL))
        return max(0.0, self.mean + self.sigma * normal)


@lru_cache(maxsize=1024)
def _normal(seed: int, group: str, interval: int) -> float:
    """A standard normal number for each trial, group and interval."""
    return float(np.random.default_rng([seed, ord(group), interval]).normal())
