"""A network that inhibitory plasticity balances."""

from __future__ import annotations

from typing import Any

from ..network.distributions import Uniform
from ..network.network import Network
from ..network.population import Population
from ..network.projection import Projection
from ..neurons import COBALIFNeuron
from ..synapses import InhibitorySTDP, Plasticity
from .sizes import scaled

N_EXC, N_INH = 8000, 2000
INDEGREE = 200  # 10,000 cells, connected with a probability of 0.02


def vogels_istdp(
    scale: float = 1.0,
    *,
    rho_0: float = 3.0,
    eta: float = 0.01,
    tau: float = 20.0,
    w_exc: float = 0.3,
    w_inh: float = 3.0,
    w_max: float = 100.0,
    delay: float = 0.0,
    plasticity: Plasticity | None = None,
    seed: int = 42,
) -> Network:
    """A network in which inhibitory synapses onto excitatory cells learn to balance what excites these.

    8000 excitatory and 2000 inhibitory leaky integrate-and-fire cells, each pair connected with a probability of 0.02.
    The synapses that learn have no weight at first, so that excitatory cells fire as fast as they can. Run it with
    ``dt=1e-4``.

    Parameters
    ----------
    scale : float
        Times 10,000 cells. Each keeps 200 synapses on average, so that rates stay the same.
    rho_0 : float
        Rate in Hz to which excitatory cells are to come.
    eta : float
        Learning rate in nS. With 0.01 it takes minutes of simulated time to come to rest, with 1 seconds.
    tau : float
        Time constant of the plasticity in ms.
    w_exc, w_inh : float
        Weights of excitatory synapses and of those between inhibitory cells, in nS.
    w_max : float
        The most that a weight can become, in nS.
    delay : float
        In s.
    plasticity : Plasticity, optional
        Another rule instead of that which these parameters make, such as one that begins later.
    seed : int

    Returns
    -------
    Network
        With populations ``"exc"`` and ``"inh"``. The first projection is that which learns.

    Notes
    -----
    The authors have published two codes. Weights, ``w_max`` and learning rate are those of the one for Brian; that for
    Auryn has ``w_exc=3.0, w_inh=30.0, w_max=300.0``. The rule holds the number of spikes around inhibitory ones,
    not the rate: since a cell fires less than by chance just after a strong inhibitory spike, it fires somewhat faster
    than ``rho_0`` in all, the more so with the weights of Auryn. Weights start at 1e-10 nS, as in Brian's.

    References
    ----------
    Vogels TP, Sprekeler H, Zenke F, Clopath C, Gerstner W (2011), Science 334:1569-1573, figure 4; ModelDB 143751.

    Examples
    --------
    >>> from neurocore_nb import SpikeMonitor
    >>> from neurocore_nb.networks import vogels_istdp
    >>> net = vogels_istdp(scale=0.03, eta=1.0)
    >>> spikes = SpikeMonitor(net["exc"])
    >>> net.add(spikes)
    >>> report = net.run(1.0, dt=1e-4)
    >>> bool((spikes.t < 0.1).sum() > 2 * (spikes.t > 0.9).sum() > 0)
    True
    """
    cell: dict[str, Any] = {"model": COBALIFNeuron, "params": {"i_e": 200.0}, "initial": {"v": Uniform(-60.0, -50.0)}}
    exc = Population(n=scaled(N_EXC, scale), label="exc", **cell)
    inh = Population(n=scaled(N_INH, scale), label="inh", **cell)
    rule = plasticity or InhibitorySTDP(rho_0=rho_0, eta=eta, tau=tau, w_max=w_max)
    connected: dict[str, Any] = {"probability": min(1.0, INDEGREE / (exc.n + inh.n)), "delay": delay}
    return Network(
        exc,
        inh,
        Projection(inh, exc, weight=1e-10, receptor="inh", plasticity=rule, weight_dtype="float64", **connected),
        Projection(inh, inh, weight=w_inh, receptor="inh", **connected),
        *(Projection(exc, target, weight=w_exc, receptor="exc", **connected) for target in (exc, inh)),
        seed=seed,
    )
