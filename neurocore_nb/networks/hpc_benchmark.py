"""The balanced random network with plastic synapses by which NEST is measured on supercomputers."""

from __future__ import annotations

import math
from typing import Any

from ..network.distributions import Normal
from ..network.network import Network
from ..network.population import Population
from ..network.projection import Projection
from ..network.stimulus import PoissonInput
from ..neurons import LIFNeuron
from ..synapses import AlphaCurrent, PowerLawSTDP
from .sizes import scaled

N_EXC, N_INH = 9000, 2250  # also the synapses onto each cell
C_M, TAU_M, V_TH, TAU_SYN = 250.0, 10.0, 20.0, 0.32582722403722841  # pF, ms, mV, ms
ROOM = 10.0  # the upper bound of plastic weights, times what they start with


def hpc_benchmark(
    scale: float = 1.0,
    *,
    j_exc: float = 0.14,
    g: float = -5.0,
    eta: float = 1.685,
    delay: float = 1.5e-3,
    lambda_: float = 0.1,
    alpha: float = 0.0513,
    mu: float = 0.4,
    tau_plus: float = 15.0,
    tau_minus: float = 30.0,
    seed: int = 42,
) -> Network:
    """A balanced random network with 11,250 synapses onto each cell, of which those between excitatory cells learn.

    9000 excitatory and 2250 inhibitory leaky integrate-and-fire cells with alpha-shaped currents, each with 9000
    synapses from excitatory and 2250 from inhibitory cells, and a Poisson train from outside. Potentiation follows a
    power of the weight, depression the weight itself: see :class:`PowerLawSTDP`. Run it with ``dt=1e-4``. At
    ``scale=1`` it has 127 million synapses and takes 1.2 GB.

    Parameters
    ----------
    scale : float
        Times 11,250 cells. Their synapses are as many at any scale, so that mean and variance of the input stay the
        same. It was made for a scale of 100 and more. The fewer the cells, the more of their input do they share: then
        weights grow, and after some hundred ms all fire in synchrony, as they do in NEST.
    j_exc : float
        Peak of an excitatory postsynaptic potential in mV.
    g : float
        Inhibitory weights in units of excitatory ones.
    eta : float
        Rate of the external trains, relative to that which brings the mean potential to the threshold.
    delay : float
        In s.
    lambda_, alpha, mu : float
        Step of potentiation, depression relative to it, and exponent of the weight (in pA).
    tau_plus, tau_minus : float
        Time constants of the plasticity in ms.
    seed : int

    Returns
    -------
    Network
        With populations ``"exc"`` and ``"inh"``. The first projection is that which learns.

    Notes
    -----
    This is ``hpc_benchmark.py`` of NEST, with its random initial potentials. Weights may grow to ten times what they
    start with, where NEST has no bound; in the regime for which the network is made they stay within a few tenths of
    it. External spikes have no delay, which makes no difference. Sources are drawn independently of each other, so a
    pair may have several synapses; no cell has one onto itself.

    References
    ----------
    Morrison A, Aertsen A, Diesmann M (2007), Neural Comput 19:1437-1467; Helias M, Kunkel S, Masumoto G, et al. (2012),
    Front Neuroinform 6:26; Kunkel S, Schmidt M, Eppler JM, et al. (2014), Front Neuroinform 8:78.

    Examples
    --------
    >>> from neurocore_nb.networks import hpc_benchmark
    >>> net = hpc_benchmark(scale=0.01)
    >>> report = net.run(0.05, dt=1e-4)
    >>> len(net["exc"]), report.spikes > 0
    (90, True)
    """
    cell: dict[str, Any] = {
        "model": LIFNeuron,
        "params": {"c_m": C_M, "tau_m": TAU_M, "e_l": 0.0, "v_th": V_TH, "v_reset": 0.0, "t_ref": 0.5},
        "receptors": {"syn": AlphaCurrent(tau=TAU_SYN)},
        "initial": {"v": Normal(5.7, 7.2)},
    }
    exc = Population(n=scaled(N_EXC, scale), label="exc", **cell)
    inh = Population(n=scaled(N_INH, scale), label="inh", **cell)
    w_exc = j_exc / peak_potential(C_M, TAU_M, TAU_SYN)  # pA
    rule = PowerLawSTDP(
        a_plus=lambda_, a_minus=alpha * lambda_, mu=mu, tau_plus=tau_plus, tau_minus=tau_minus, w_ref=1.0,
        w_max=ROOM * w_exc,
    )  # fmt: skip
    rate = eta * V_TH * C_M / TAU_M / (w_exc * math.e * TAU_SYN * 1e-3)  # Hz, of all external trains of a cell
    connected: dict[str, Any] = {
        "topology": "fixed_indegree", "autapses": False, "delay": delay, "receptor": "syn",
    }  # fmt: skip
    net = Network(exc, inh, seed=seed)
    for target, plasticity in ((exc, rule), (inh, None)):
        net.add(
            Projection(exc, target, weight=w_exc, indegree=N_EXC, plasticity=plasticity, **connected),
            Projection(inh, target, weight=g * w_exc, indegree=N_INH, **connected),
            PoissonInput(target.n, rate, w_exc, target=target, receptor="syn"),
        )
    return net


def peak_potential(c_m: float, tau_m: float, tau_syn: float) -> float:
    """Peak in mV of what an alpha-shaped current of 1 pA does to a membrane at rest.

    Parameters
    ----------
    c_m : float
        Capacitance in pF.
    tau_m, tau_syn : float
        Time constants of membrane and current in ms.
    """
    from scipy.special import lambertw  # here, because importing scipy takes longer than all the rest

    ratio, b = tau_m / tau_syn, 1.0 / tau_syn - 1.0 / tau_m
    t = (-float(lambertw(-math.exp(-1.0 / ratio) / ratio, k=-1).real) - 1.0 / ratio) / b  # where its slope is 0
    fallen, risen = math.exp(-t / tau_m), math.exp(-t / tau_syn)
    return math.e / (tau_syn * c_m * b) * ((fallen - risen) / b - t * risen)
