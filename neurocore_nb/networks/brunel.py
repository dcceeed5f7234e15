"""Brunel's sparse random network of excitatory and inhibitory integrate-and-fire cells."""

from __future__ import annotations

from typing import Any

from ..network.distributions import Uniform
from ..network.network import Network
from ..network.population import Population
from ..network.projection import Projection
from ..network.stimulus import PoissonInput
from ..neurons import LIFNeuron
from ..synapses import VoltageJump
from .sizes import scaled

N_EXC, N_INH = 10_000, 2500

# The four states of figure 8: their names, and g and eta.
BRUNEL_REGIMES = {
    "SR": {"g": 3.0, "eta": 2.0},  # synchronous regular
    "SI fast": {"g": 6.0, "eta": 4.0},  # synchronous irregular, fast oscillation
    "AI": {"g": 5.0, "eta": 2.0},  # asynchronous irregular
    "SI slow": {"g": 4.5, "eta": 0.9},  # synchronous irregular, slow oscillation
}


def brunel(
    scale: float = 1.0,
    *,
    g: float = 5.0,
    eta: float = 2.0,
    j: float = 0.1,
    epsilon: float = 0.1,
    delay: float = 1.5e-3,
    theta: float = 20.0,
    v_reset: float = 10.0,
    tau: float = 20.0,
    tau_rp: float = 2.0,
    seed: int = 42,
) -> Network:
    """A sparse random network of which inhibition decides how it fires: synchronous or not, regular or not.

    10,000 excitatory and 2500 inhibitory leaky integrate-and-fire cells, alike (the paper's model A), with synapses
    that make the potential jump. Each cell gets ``epsilon`` times 10,000 synapses from excitatory and ``epsilon`` times
    2500 from inhibitory cells, and as many independent Poisson trains from outside as it has excitatory synapses.
    ``BRUNEL_REGIMES`` has the states of figure 8: ``brunel(**BRUNEL_REGIMES["SI fast"])``. Run it with ``dt=1e-4``.

    Parameters
    ----------
    scale : float
        Times 12,500 cells. Their synapses are as many at any scale, 1000 and 250, so that mean and variance of the
        input stay the same, and with them the rates. What cells have in common grows as they become fewer: their
        activity fluctuates more.
    g : float
        Strength of inhibitory synapses, relative to excitatory ones.
    eta : float
        Rate of the external trains, relative to that which brings the mean potential to the threshold.
    j : float
        Jump by an excitatory synapse, also an external one, in mV.
    epsilon : float
        Probability of a connection in the whole network.
    delay : float
        In s.
    theta, v_reset : float
        Threshold and reset, above the resting potential, in mV.
    tau, tau_rp : float
        Time constant of the membrane and refractory period in ms.
    seed : int

    Returns
    -------
    Network
        With populations ``"exc"`` and ``"inh"``.

    Notes
    -----
    Sources are drawn independently of each other, so a pair may have several synapses; no cell has one onto itself.
    Potentials start between 0 and the threshold, of which the paper says nothing. The external trains of a cell are one
    of their total rate.

    References
    ----------
    Brunel N (2000), J Comput Neurosci 8:183-208.

    Examples
    --------
    >>> from neurocore_nb import SpikeMonitor
    >>> from neurocore_nb.networks import brunel
    >>> net = brunel(scale=0.02)
    >>> spikes = SpikeMonitor(net["exc"])
    >>> net.add(spikes)
    >>> report = net.run(0.1, dt=1e-4)
    >>> len(net["exc"]), spikes.count > 0
    (200, True)
    """
    cell: dict[str, Any] = {
        "model": LIFNeuron,
        "params": {"tau_m": tau, "e_l": 0.0, "v_th": theta, "v_reset": v_reset, "t_ref": tau_rp},
        "receptors": {"jump": VoltageJump()},
        "initial": {"v": Uniform(0.0, theta)},
    }
    exc = Population(n=scaled(N_EXC, scale), label="exc", **cell)
    inh = Population(n=scaled(N_INH, scale), label="inh", **cell)
    rate = eta * theta / (j * tau * 1e-3)  # Hz, of all external trains of a cell
    connected: dict[str, Any] = {
        "topology": "fixed_indegree", "autapses": False, "delay": delay, "receptor": "jump",
    }  # fmt: skip
    net = Network(exc, inh, seed=seed)
    for target in (exc, inh):
        net.add(
            Projection(exc, target, weight=j, indegree=scaled(N_EXC, epsilon), **connected),
            Projection(inh, target, weight=-g * j, indegree=scaled(N_INH, epsilon), **connected),
            PoissonInput(target.n, rate, j, target=target, receptor="jump"),
        )
    return net
