"""Thalamus and cortex, which keep themselves active and, with strong adaptation, alternate between Up and Down."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..network.network import Network
from ..network.population import Population
from ..network.projection import Projection
from ..network.stimulus import PoissonInput
from ..neurons import AdExNeuron, DestexheReticularNeuron, DestexheThalamicNeuron, NeuronModel, PospischilNeuron
from ..synapses import ExpConductance
from .sizes import scaled

SIZES = {"PY": 1600, "IN": 400, "TC": 100, "RE": 100}
PAIRS = {  # source and target: probability
    ("PY", "PY"): 0.02, ("PY", "IN"): 0.02, ("IN", "PY"): 0.02, ("IN", "IN"): 0.02,
    ("TC", "RE"): 0.02, ("RE", "TC"): 0.08, ("RE", "RE"): 0.08,
    ("PY", "TC"): 0.02, ("PY", "RE"): 0.02, ("TC", "PY"): 0.02, ("TC", "IN"): 0.02,
}  # fmt: skip
RECEPTORS = {"exc": ExpConductance(tau=5.0, e_rev=0.0), "inh": ExpConductance(tau=10.0, e_rev=-80.0)}
STIMULUS = 20 / 0.07  # Hz: 20 synapses with a mean interval of 70 ms
_COMMON = {
    "c_m": 200.0, "g_l": 10.0, "e_l": -60.0, "v_t": -50.0, "delta_t": 2.5, "v_peak": -50.0, "v_reset": -60.0,
    "t_ref": 2.5, "tau_w": 600.0,
}  # fmt: skip


class Cells(NamedTuple):
    """A kind of cell.

    Attributes
    ----------
    model : type of NeuronModel
    params : dict of str to float
    leak : float
        Conductance at rest, which weights are multiples of.
    max_step : float
        In ms.
    """

    model: type[NeuronModel]
    params: dict[str, Any]
    leak: float
    max_step: float


def _adex(b: float) -> dict[str, Cells]:
    """The paper's integrate-and-fire cells, by their levels of adaptation a (nS) and b (pA)."""
    levels = {"PY": (1.0, b), "LTS": (20.0, 0.0), "IN": (1.0, 0.0), "TC": (40.0, 0.0), "RE": (80.0, 30.0)}
    return {kind: Cells(AdExNeuron, _COMMON | {"a": a, "b": b}, 10.0, 0.1) for kind, (a, b) in levels.items()}


def _channels(g_m: float) -> dict[str, Cells]:
    """Cells of the same classes with channels."""
    types = PospischilNeuron.types
    return {
        "PY": Cells(PospischilNeuron, types["RS"] | {"g_m": g_m}, 0.1, 0.05),
        "LTS": Cells(PospischilNeuron, types["LTS"], 0.1, 0.05),
        "IN": Cells(PospischilNeuron, types["FS"], 0.15, 0.05),
        "TC": Cells(DestexheThalamicNeuron, {}, 0.0238, 0.05),
        "RE": Cells(DestexheReticularNeuron, {}, 0.05, 0.05),
    }


def thalamocortical(
    scale: float = 1.0,
    *,
    cortex: bool = True,
    thalamus: bool = True,
    cells: str = "adex",
    b: float = 5.0,
    g_m: float = 0.07,
    lts: float = 0.0,
    w_exc: float = 0.6,
    w_inh: float = 6.7,
    w_tc_re: float = 3.0,
    stimulus: float = 0.05,
    seed: int = 42,
) -> Network:
    """Cortex and thalamus, together or alone, active by themselves after a short stimulus.

    Cortex: 1600 pyramidal cells and 400 interneurons; thalamus: 100 relay cells and 100 reticular ones. Run it with
    ``dt=1e-4``.

    Parameters
    ----------
    scale : float
        Times these numbers. Cells keep their mean numbers of synapses, as far as there are as many cells.
    cortex, thalamus : bool
        Which parts there are.
    cells : {"adex", "channels"}
        The paper's integrate-and-fire cells, or cells with channels: Pospischil's regular-spiking and fast-spiking
        ones, and Destexhe's relay and reticular cells.
    b : float
        Adaptation of pyramidal cells in pA with each spike, of ``"adex"``: weak with 5, strong from 20 on.
    g_m : float
        Conductance in mS/cm2 of the slow potassium current of pyramidal cells, of ``"channels"``: 0.07 is weak.
    lts : float
        Part of the pyramidal cells that have low-threshold spikes instead; the last ones.
    w_exc, w_inh : float
        Weights of excitation and inhibition, as multiples of the target's leak conductance: 6 and 67 nS of 10 nS.
    w_tc_re : float
        That of relay cells onto reticular ones: 30 nS.
    stimulus : float
        How long in s the first fifth of the pyramidal cells, or without cortex all relay cells, are stimulated.
    seed : int

    Returns
    -------
    Network
        With populations ``"PY"`` and ``"IN"`` of the cortex, ``"TC"`` and ``"RE"`` of the thalamus.

    Notes
    -----
    Cells and cortex are those of the paper's programs (ModelDB 126466): there a spike is a potential above -50 mV, and
    the refractory time of 5 ms lasts 2.5. These programs are of the cortex alone. Connections of and with the thalamus
    follow A. Sinha's replication in NEST (2017), but for ``w_tc_re``: with its 0.6 the thalamus alone falls silent;
    30 nS are its value for the paper's smallest circuits. The programs give a cell at most the mean
    number of synapses, here it is a mean. Cells with channels aren't in the paper. They have its connections, and its
    weights as multiples of the leak.

    References
    ----------
    Destexhe A (2009), J Comput Neurosci 27:493-506; for the channels, Pospischil M et al. (2008), Biol Cybern
    99:427-441, and Destexhe A et al. (1996), J Neurophysiol 76:2049-2070.

    Examples
    --------
    >>> from neurocore_nb import SpikeMonitor
    >>> from neurocore_nb.networks import thalamocortical
    >>> net = thalamocortical(0.2, cortex=False)
    >>> spikes = SpikeMonitor(net["TC"])
    >>> net.add(spikes)
    >>> report = net.run(0.5, dt=1e-4)
    >>> bool(spikes.t.max() > 0.4)
    True
    """
    if cells not in ("adex", "channels"):
        raise ValueError(f"cells = {cells!r} are unknown; use 'adex' or 'channels'")
    if not (cortex or thalamus):
        raise ValueError("cortex = False and thalamus = False leave nothing of the network")
    kinds = _adex(b) if cells == "adex" else _channels(g_m)
    parts = [*(("PY", "IN") if cortex else ()), *(("TC", "RE") if thalamus else ())]
    numbers = {label: scaled(SIZES[label], scale) for label in parts}
    populations = {label: _population(label, kinds[label], n) for label, n in numbers.items()}
    if cortex and (n_lts := round(lts * numbers["PY"])):
        populations["PY"] = _population("PY", _mixed(kinds["PY"], kinds["LTS"], numbers["PY"], n_lts), numbers["PY"])
    weights = {"exc": w_exc, "inh": w_inh}
    projections = []
    for (source, target), probability in PAIRS.items():
        if source in parts and target in parts:
            receptor = "inh" if source in ("IN", "RE") else "exc"
            weight = w_tc_re if (source, target) == ("TC", "RE") else weights[receptor]
            p = min(1.0, probability * SIZES[source] / numbers[source])
            pair = populations[source], populations[target]
            projections.append(Projection(*pair, weight * kinds[target].leak, p, receptor=receptor, autapses=False))
    first = populations[parts[0]]
    stimulated = first[: max(1, len(first) // 5)] if cortex else first
    weight = w_exc * kinds[parts[0]].leak
    drive = PoissonInput(
        len(stimulated), lambda t: STIMULUS if t < stimulus else 0.0, weight, target=stimulated, receptor="exc"
    )
    return Network(*populations.values(), *projections, drive, seed=seed)


def _population(label: str, kind: Cells, n: int) -> Population:
    """So many cells of a kind, at their leak's potential."""
    start = {"v": kind.params["e_l"]} if "e_l" in kind.params else None
    return Population(kind.model, n, kind.params, label, receptors=RECEPTORS, max_step=kind.max_step, initial=start)


def _mixed(kind: Cells, other: Cells, n: int, n_other: int) -> Cells:
    """Cells of one model, of which the last ones have the parameters of another kind."""
    mine = np.arange(n) < n - n_other
    params = {name: np.where(mine, value, other.params[name]) for name, value in kind.params.items()}
    return kind._replace(params=params)
