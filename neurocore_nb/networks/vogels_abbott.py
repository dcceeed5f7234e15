"""COBA and CUBA: networks of integrate-and-fire cells that keep themselves active."""

from __future__ import annotations

from typing import Any

from ..network.distributions import Normal, Uniform
from ..network.network import Network
from ..network.population import Population
from ..network.projection import Projection
from ..neurons import COBALIFNeuron, LIFNeuron
from ..synapses import ExpCurrent
from .sizes import scaled

N_EXC, N_INH = 3200, 800
INDEGREE = 80  # 4000 cells, connected with a probability of 0.02


def coba(scale: float = 1.0, *, w_exc: float = 6.0, w_inh: float = 67.0, delay: float = 0.0, seed: int = 42) -> Network:
    """A network with synaptic conductances, which keeps itself active after a kick.

    3200 excitatory and 800 inhibitory leaky integrate-and-fire cells, each pair connected with a probability of 0.02.
    The kick are the conductances that the cells start with. Run it with ``dt=1e-4``.

    Parameters
    ----------
    scale : float
        Times 4000 cells. Each keeps 80 synapses on average, so that rates stay the same; but networks of fewer than
        about 1000 cells soon fall silent.
    w_exc, w_inh : float
        Weights in nS.
    delay : float
        In s.
    seed : int

    Returns
    -------
    Network
        With populations ``"exc"`` and ``"inh"``.

    Notes
    -----
    This is benchmark 1 of Brette et al., whose weights are 6 and 67 nS. Vogels and Abbott find activity that lasts in a
    range of weights, and connect cells with delays; larger networks, of 10,000 cells, last longer. Potentials and
    conductances start as in the code for Brian that was published with the benchmark.

    References
    ----------
    Vogels TP, Abbott LF (2005), J Neurosci 25:10786-10795; Brette R, Rudolph M, Carnevale T, et al. (2007), J Comput
    Neurosci 23:349-398, benchmark 1; ModelDB 83319.

    Examples
    --------
    >>> from neurocore_nb import SpikeMonitor
    >>> from neurocore_nb.networks import coba
    >>> net = coba(scale=0.25)
    >>> spikes = SpikeMonitor(net["exc"])
    >>> net.add(spikes)
    >>> report = net.run(0.1, dt=1e-4)
    >>> len(net["exc"]), spikes.count > 0
    (800, True)
    """
    start = {"v": Normal(-65.0, 5.0), "g_exc": Normal(40.0, 15.0), "g_inh": Normal(200.0, 120.0)}
    return _network(scale, {"model": COBALIFNeuron, "initial": start}, w_exc, w_inh, delay, seed)


def cuba(
    scale: float = 1.0, *, w_exc: float = 16.2, w_inh: float = -90.0, delay: float = 0.0, seed: int = 42
) -> Network:
    """A network with synaptic currents, which keeps itself active.

    3200 excitatory and 800 inhibitory leaky integrate-and-fire cells, each pair connected with a probability of 0.02.
    Their resting potential is above the threshold. Run it with ``dt=1e-4``.

    Parameters
    ----------
    scale : float
        Times 4000 cells. Each keeps 80 synapses on average, so that rates stay the same.
    w_exc, w_inh : float
        Weights in pA: 1.62 and -9 mV at a leak of 10 nS.
    delay : float
        In s.
    seed : int

    Returns
    -------
    Network
        With populations ``"exc"`` and ``"inh"``.

    Notes
    -----
    This is benchmark 2 of Brette et al., with the initial potentials of the code for Brian that was published with it.
    Both are exact at the ends of steps; spikes are at these.

    References
    ----------
    Vogels TP, Abbott LF (2005), J Neurosci 25:10786-10795; Brette R, Rudolph M, Carnevale T, et al. (2007), J Comput
    Neurosci 23:349-398, benchmark 2; ModelDB 83319.

    Examples
    --------
    >>> from neurocore_nb import SpikeMonitor
    >>> from neurocore_nb.networks import cuba
    >>> net = cuba(scale=0.25)
    >>> spikes = SpikeMonitor(net["exc"])
    >>> net.add(spikes)
    >>> report = net.run(0.1, dt=1e-4)
    >>> len(net["exc"]), spikes.count > 0
    (800, True)
    """
    cell: dict[str, Any] = {
        "model": LIFNeuron,
        "params": {"c_m": 200.0, "tau_m": 20.0, "e_l": -49.0, "v_th": -50.0, "v_reset": -60.0, "t_ref": 5.0},
        "receptors": {"exc": ExpCurrent(tau=5.0), "inh": ExpCurrent(tau=10.0)},
        "initial": {"v": Uniform(-60.0, -50.0)},
    }
    return _network(scale, cell, w_exc, w_inh, delay, seed)


def _network(scale: float, cell: dict[str, Any], w_exc: float, w_inh: float, delay: float, seed: int) -> Network:
    """The wiring that both share."""
    exc = Population(n=scaled(N_EXC, scale), label="exc", **cell)
    inh = Population(n=scaled(N_INH, scale), label="inh", **cell)
    connected: dict[str, Any] = {"probability": min(1.0, INDEGREE / (exc.n + inh.n)), "delay": delay}
    return Network(
        exc,
        inh,
        *(Projection(exc, target, weight=w_exc, receptor="exc", **connected) for target in (exc, inh)),
        *(Projection(inh, target, weight=w_inh, receptor="inh", **connected) for target in (exc, inh)),
        seed=seed,
    )
