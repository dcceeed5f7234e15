"""The cortical microcircuit of Potjans and Diesmann."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

from ..network import checks
from ..network.distributions import Normal, TruncatedNormal
from ..network.network import Network
from ..network.population import Population
from ..network.projection import Projection
from ..network.source import PoissonPopulation
from ..network.stimulus import PoissonInput
from ..neurons import LIFNeuron
from ..synapses import ExpCurrent
from .sizes import scaled

LABELS = ("L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I")
SIZES = dict(zip(LABELS, (20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948), strict=True))
BACKGROUND_INDEGREES = dict(zip(LABELS, (1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100), strict=True))
# Mean rates in Hz of the full network, as published with its code for NEST: what scaled networks are compensated for.
RATES = dict(zip(LABELS, (0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829), strict=True))
# Mean and standard deviation of potentials at the start (mV), near those of the running network; of the same code.
V_START = dict(zip(LABELS, (
    (-68.28, 5.36), (-63.16, 4.57), (-63.33, 4.74), (-63.45, 4.94),
    (-63.11, 4.94), (-61.66, 4.55), (-66.72, 5.46), (-61.43, 4.48),
), strict=True))  # fmt: skip
# Probability that a pair has at least one synapse: a row for each target, a column for each source.
PROBABILITIES = dict(zip(LABELS, (
    (0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0000, 0.0076, 0.0000),
    (0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0000, 0.0042, 0.0000),
    (0.0077, 0.0059, 0.0497, 0.1350, 0.0067, 0.0003, 0.0453, 0.0000),
    (0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0000, 0.1057, 0.0000),
    (0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0000),
    (0.0548, 0.0269, 0.0257, 0.0022, 0.0600, 0.3158, 0.0086, 0.0000),
    (0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252),
    (0.0364, 0.0010, 0.0034, 0.0005, 0.0277, 0.0080, 0.0658, 0.1443),
), strict=True))  # fmt: skip
N_THALAMUS = 902
THALAMIC_PROBABILITIES = {"L4E": 0.0983, "L4I": 0.0619, "L6E": 0.0512, "L6I": 0.0196}
TAU_SYN, RELATIVE_SD = 0.5, 0.1  # ms; of weights
STEP = 1e-4  # s; the shortest delay


def potjans_diesmann(
    scale: float = 1.0,
    *,
    indegree_scale: float | None = None,
    w: float = 87.8,
    g: float = -4.0,
    delay_exc: float = 1.5e-3,
    delay_inh: float = 0.75e-3,
    background_hz: float = 8.0,
    background: str = "poisson",
    thalamus_hz: float | Callable[[float], Any] | None = None,
    seed: int = 42,
) -> Network:
    """The microcircuit below 1 mm2 of early sensory cortex: four layers of excitatory and inhibitory cells.

    77,169 integrate-and-fire cells and 0.3 billion synapses. Run it with ``dt=1e-4``; at full size it takes 3 GB.

    Parameters
    ----------
    scale : float
        Times the published numbers of cells.
    indegree_scale : float, optional
        Times the published numbers of synapses onto a cell, ``scale`` by default. Where it isn't 1, weights are divided
        by its square root, and a constant current replaces what is missing on average at the full network's rates, so
        that mean and variance of the input stay the same, but correlations don't (van Albada et al. 2015).
    w : float
        Mean excitatory weight in pA: a postsynaptic potential of 0.15 mV. Twice that from L4E to L23E.
    g : float
        Inhibitory weights in units of w.
    delay_exc, delay_inh : float
        Mean delays in s; their standard deviation is the half of that.
    background_hz : float
        Rate of each of a cell's external inputs.
    background : {"poisson", "dc"}
        Whether they are Poisson processes or a constant current of the same mean.
    thalamus_hz : float or function, optional
        Rate of 902 thalamic cells in Hz, or a function of time in s that returns it. By default there are none.
    seed : int

    Returns
    -------
    Network
        With populations ``"L23E"``, ``"L23I"``, ``"L4E"``, ``"L4I"``, ``"L5E"``, ``"L5I"``, ``"L6E"``, ``"L6I"`` and,
        where it was asked for, ``"thalamus"``.

    Raises
    ------
    ValueError
        If a scale is not above 0, or a kind of background is unknown.

    Notes
    -----
    Deviations from the paper: potentials start near their later distributions, as in the published code for NEST, so
    that there is no burst at the beginning; background spikes have no delay, which makes no difference.

    References
    ----------
    Potjans TC, Diesmann M (2014), Cereb Cortex 24:785-806; van Albada SJ, Helias M, Diesmann M (2015), PLoS Comput Biol
    11:e1004490, for the compensation.

    Examples
    --------
    >>> from neurocore_nb.networks import potjans_diesmann
    >>> net = potjans_diesmann(scale=0.01)
    >>> len(net["L4E"]), len(net.projections)
    (219, 55)
    >>> report = net.run(0.1, dt=1e-4)
    >>> report.spikes > 0
    True
    """
    if background not in ("poisson", "dc"):
        raise ValueError(f"background {background!r} is unknown; use 'poisson' or 'dc'")
    indegree_scale = scale if indegree_scale is None else indegree_scale
    checks.real_number(indegree_scale, "indegree_scale", "of the published size", above=0.0)
    root = math.sqrt(indegree_scale)
    objects: list[Any] = []
    for label in LABELS:
        external_pa = BACKGROUND_INDEGREES[label] * background_hz * w * TAU_SYN * 1e-3
        poisson = background == "poisson"
        constant_pa = (1.0 - root) * _recurrent_current(label, w, g) + external_pa * (1.0 - root if poisson else 1.0)
        cells = _cells(label, scaled(SIZES[label], scale), constant_pa)
        objects.append(cells)
        if poisson:
            rate_hz = BACKGROUND_INDEGREES[label] * indegree_scale * background_hz
            objects.append(PoissonInput(len(cells), rate_hz, w / root, target=cells, receptor="syn"))
    cells_of = {one.label: one for one in objects if isinstance(one, Population)}
    for target, source in itertools.product(LABELS, LABELS):
        n = round(indegree(source, target) * indegree_scale * len(cells_of[target]))
        if n > 0:
            mean, delay = strength(source, target, g) * w / root, delay_inh if source.endswith("I") else delay_exc
            objects.append(_projection(cells_of[source], cells_of[target], n, mean, delay))
    if thalamus_hz is not None:
        thalamus = PoissonPopulation(scaled(N_THALAMUS, scale), thalamus_hz, label="thalamus")
        objects.append(thalamus)
        for label, probability in THALAMIC_PROBABILITIES.items():
            n = round(synapses_of(probability, N_THALAMUS, SIZES[label]) * indegree_scale * scale)
            objects.append(_projection(thalamus, cells_of[label], n, w / root, delay_exc))
    return Network(*objects, seed=seed)


def synapses_of(probability: float, n_source: int, n_target: int) -> float:
    """How many synapses a projection has where a pair has at least one with a probability (the paper's equation 1)."""
    return math.log1p(-probability) / math.log1p(-1.0 / (n_source * n_target))


def indegree(source: str, target: str) -> float:
    """Synapses of a cell of the full network from another population."""
    probability = PROBABILITIES[target][LABELS.index(source)]
    return synapses_of(probability, SIZES[source], SIZES[target]) / SIZES[target]


def strength(source: str, target: str, g: float) -> float:
    """Mean weight in units of w."""
    return g if source.endswith("I") else 2.0 if (source, target) == ("L4E", "L23E") else 1.0


def _recurrent_current(label: str, w: float, g: float) -> float:
    """Mean current in pA from the other cells of the full network."""
    arriving_hz = (strength(source, label, g) * indegree(source, label) * RATES[source] for source in LABELS)
    return w * TAU_SYN * 1e-3 * sum(arriving_hz)


def _cells(label: str, n: int, constant_pa: float) -> Population:
    parameters = {"c_m": 250.0, "tau_m": 10.0, "e_l": -65.0, "v_th": -50.0, "v_reset": -65.0, "t_ref": 2.0}
    parameters["i_e"] = constant_pa
    start, receptors = {"v": Normal(*V_START[label])}, {"syn": ExpCurrent(tau=TAU_SYN)}
    return Population(LIFNeuron, n, label=label, params=parameters, receptors=receptors, initial=start)


def _projection(source: Any, target: Population, n: int, mean: float, delay: float) -> Projection:
    sign = {"low": 0.0} if mean > 0.0 else {"high": 0.0}
    weights = TruncatedNormal(mean, RELATIVE_SD * abs(mean), **sign)
    delays = TruncatedNormal(delay, 0.5 * delay, low=0.5 * STEP)  # rounded to steps, the shortest is one
    return Projection(source, target, weights, delay=delays, topology="fixed_total", total=n, receptor="syn")
