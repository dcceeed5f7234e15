"""Half-centres: pairs of cells that inhibit each other and fire in turn."""

from __future__ import annotations

from typing import Any

from ..declarations import Parameter, State
from ..kernels.vmath import exp, relax
from ..network.coupling import GradedSynapse
from ..network.distributions import Uniform
from ..network.network import Network
from ..network.population import Population
from ..neurons import NeuronModel, UpwardCrossing
from .sizes import scaled


def _rebound(v: Any, h: Any, g_pir: Any) -> Any:
    """Conductance of the rebound current, which activates at once."""
    m = 1.0 / (1.0 + exp(-(v + 65.0) / 7.8))
    return g_pir * m * m * m * h


class ReboundNeuron(NeuronModel):
    """Wang and Rinzel's cell with a rebound current, and the gate s of its synapses, which follows v at once."""

    states = {
        "v": State(-60.0, "mV"),
        "h": State(0.13, "(a fraction)", 0.0, 1.0),
        "s": State(0.0, "(a fraction)", 0.0, 1.0),
    }
    parameters = {
        "c_m": Parameter(1.0, "uF/cm2", above=0.0),
        "g_pir": Parameter(0.3, "mS/cm2", low=0.0),
        "g_l": Parameter(0.1, "mS/cm2", above=0.0),
        "v_pir": Parameter(120.0, "mV"),
        "v_l": Parameter(-60.0, "mV"),
        "phi": Parameter(3.0, "", above=0.0),
        "theta_syn": Parameter(-44.0, "mV"),
        "k_syn": Parameter(2.0, "mV", above=0.0),
    }
    spike = UpwardCrossing("v", "theta_syn")
    max_step = 0.05

    @staticmethod
    def update(v, h, i, g, dt, c_m, g_pir, g_l, v_pir, v_l, phi, theta_syn, k_syn):  # type: ignore[no-untyped-def]
        """One substep: h at the old v, v with the new h and the rebound current of its middle, s at the new v."""
        h_inf = 1.0 / (1.0 + exp((v + 81.0) / 11.0))
        h = h_inf + (h - h_inf) * exp(-dt * phi / (h_inf * exp((v + 162.3) / 17.8)))
        i, g = i + g_l * v_l, g + g_l
        rebound = _rebound(v, h, g_pir)
        middle = relax(v, i + rebound * v_pir, g + rebound, 0.5 * dt / c_m)
        rebound = _rebound(middle, h, g_pir)
        v = relax(v, i + rebound * v_pir, g + rebound, dt / c_m)
        return v, h, 1.0 / (1.0 + exp(-(v - theta_syn) / k_syn))


def central_pattern_generator(
    scale: float = 1.0,
    *,
    g_pir: float = 0.3,
    g_syn: float = 0.3,
    theta_syn: float = -44.0,
    k_syn: float = 2.0,
    phi: float = 3.0,
    seed: int = 42,
) -> Network:
    """Two cells that inhibit each other and are active in turn, though neither would oscillate alone.

    While a cell is inhibited, its rebound current recovers from inactivation. Where that is weak, as by default, the
    active cell releases the other as its potential falls below the threshold of its synapses; where it is strong
    (``g_pir=1.0``), the inhibited cell escapes. With that and a threshold of -36 mV it is released, too. Run it with
    ``dt=5e-5``.

    Parameters
    ----------
    scale : float
        Times one pair; pairs are independent of each other and start differently.
    g_pir, g_syn : float
        Conductances of the rebound current and of the synapse, in mS/cm2.
    theta_syn, k_syn : float
        Potential in mV of a cell at which the synapse onto its partner is half open, and how gradually it opens there.
    phi : float
        Speed with which the rebound current inactivates and recovers.
    seed : int

    Returns
    -------
    Network
        With populations ``"left"`` and ``"right"``; their cells of the same number are a pair. What counts as a spike
        is the start of activity: the potential rises through ``theta_syn``.

    Notes
    -----
    Equations and parameters are those of the paper's instantaneous synapse (its figures 1 to 3). The synapse's gate is
    a state of the presynaptic cell, of which the partner feels the value at the middle of each network step.

    References
    ----------
    Wang XJ, Rinzel J (1992), Neural Comput 4:84-97.

    Examples
    --------
    >>> from neurocore_nb import SpikeMonitor
    >>> from neurocore_nb.networks import central_pattern_generator
    >>> net = central_pattern_generator()
    >>> left, right = SpikeMonitor(net["left"]), SpikeMonitor(net["right"])
    >>> net.add(left, right)
    >>> report = net.run(0.3, dt=5e-5)
    >>> left.t.round(3), right.t.round(3)
    (array([0.001, 0.082, 0.164, 0.247]), array([0.041, 0.123, 0.206, 0.288]))
    """
    n = scaled(1, scale)
    params = {"g_pir": g_pir, "theta_syn": theta_syn, "k_syn": k_syn, "phi": phi}
    left, right = (
        Population(ReboundNeuron, n, params, label, initial={"v": Uniform(low, low + 10.0)})
        for label, low in (("left", -50.0), ("right", -75.0))
    )
    synapses = [
        GradedSynapse(source, target, g_syn, topology="one_to_one", state="s", e_rev=-80.0)
        for source, target in ((left, right), (right, left))
    ]
    return Network(left, right, *synapses, seed=seed)
