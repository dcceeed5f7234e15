"""COBAHH: conductance-based synapses between Hodgkin-Huxley cells."""

from __future__ import annotations

from typing import Any

from ..network.distributions import Normal
from ..network.network import Network
from ..network.population import Population
from ..network.projection import Projection
from ..neurons import TraubMilesNeuron
from .sizes import scaled

INDEGREE = 80  # 4000 cells, connected with a probability of 0.02


def cobahh(
    scale: float = 1.0,
    *,
    w_exc: float = 0.03,
    w_inh: float = 0.335,
    delay: float = 0.0,
    precision: str = "float64",
    seed: int = 42,
) -> Network:
    """The benchmark network of Hodgkin-Huxley cells, which keeps itself active.

    3200 excitatory and 800 inhibitory cells with the channels of Traub and Miles, each pair connected with a
    probability of 0.02. Run it with ``dt=1e-4``.

    Parameters
    ----------
    scale : float
        Times 4000 cells. Each keeps 80 synapses on average, so that rates stay the same.
    w_exc, w_inh : float
        Weights in mS/cm2: 6 and 67 nS on 20,000 um2.
    delay : float
        In s.
    precision : {"float64", "float32"}
        Of the cells' states.
    seed : int

    Returns
    -------
    Network
        With a population ``"cells"``, of which the first four in five excite.

    Notes
    -----
    Deviations from the paper: gates are advanced before the potential, which converges faster than its scheme, and they
    and the conductances start as in the code that was published with it, for Brian.

    References
    ----------
    Brette R, Rudolph M, Carnevale T, et al. (2007), J Comput Neurosci 23:349-398, benchmark 3; ModelDB 83319.

    Examples
    --------
    >>> from neurocore_nb import SpikeMonitor
    >>> from neurocore_nb.networks import cobahh
    >>> net = cobahh(scale=0.05)
    >>> spikes = SpikeMonitor(net["cells"])
    >>> net.add(spikes)
    >>> report = net.run(0.1, dt=1e-4)
    >>> len(net["cells"]), spikes.count > 0
    (200, True)
    """
    n = scaled(4000, scale)
    n_exc = n * 4 // 5
    start = {
        "v": Normal(-65.0, 5.0), "m": 0.0, "h": 0.0, "n": 0.0, "g_exc": Normal(0.2, 0.075), "g_inh": Normal(1.0, 0.6)
    }  # fmt: skip
    cells = Population(TraubMilesNeuron, n, label="cells", initial=start, max_step=0.1, precision=precision)
    connected: dict[str, Any] = {"probability": min(1.0, INDEGREE / n), "delay": delay}
    return Network(
        cells,
        Projection(cells[:n_exc], cells, weight=w_exc, receptor="exc", **connected),
        Projection(cells[n_exc:], cells, weight=w_inh, receptor="inh", **connected),
        seed=seed,
    )
