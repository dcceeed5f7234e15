"""The cortical microcircuit in NEST, for comparisons and benchmarks.

iaf_psc_exp, fixed_total_number, drawn weights and delays, Poisson background; sizes and weights are scaled as in the
paper's own code.
"""

from __future__ import annotations

import math
from typing import Any

LABELS = ("L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I")
SIZES = (20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948)
BACKGROUND = (1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100)
RATES = (0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829)
V_MEAN = (-68.28, -63.16, -63.33, -63.45, -63.11, -61.66, -66.72, -61.43)
V_SD = (5.36, 4.57, 4.74, 4.94, 4.94, 4.55, 5.46, 4.48)
PROBABILITIES = (
    (0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0000, 0.0076, 0.0000),
    (0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0000, 0.0042, 0.0000),
    (0.0077, 0.0059, 0.0497, 0.1350, 0.0067, 0.0003, 0.0453, 0.0000),
    (0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0000, 0.1057, 0.0000),
    (0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0000),
    (0.0548, 0.0269, 0.0257, 0.0022, 0.0600, 0.3158, 0.0086, 0.0000),
    (0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252),
    (0.0364, 0.0010, 0.0034, 0.0005, 0.0277, 0.0080, 0.0658, 0.1443),
)
W, G = 87.8, -4.0  # pA


def weight(source: int, target: int) -> float:
    """Mean weight of the full network in pA."""
    return W * (G if source % 2 else 2.0 if (source, target) == (2, 0) else 1.0)


def indegree(source: int, target: int) -> float:
    """Synapses of a cell of the full network."""
    pairs = SIZES[source] * SIZES[target]
    return math.log1p(-PROBABILITIES[target][source]) / math.log1p(-1.0 / pairs) / SIZES[target]


def potjans_diesmann(nest: Any, scale: float, suffix: str) -> dict[str, Any]:
    """Make cells and connect them, as functions of ``published_peer`` do."""
    root = math.sqrt(scale)
    for label in LABELS:  # NEST takes at most 134 million synapses of one kind on a thread
        nest.CopyModel(f"static_synapse{suffix}", f"from {label}")
    params = {"C_m": 250.0, "tau_m": 10.0, "E_L": -65.0, "V_th": -50.0, "V_reset": -65.0, "t_ref": 2.0}
    params |= {"tau_syn_ex": 0.5, "tau_syn_in": 0.5}
    cells: list[Any] = []
    for k, size in enumerate(SIZES):
        recurrent = sum(weight(source, k) * indegree(source, k) * RATES[source] for source in range(8))
        lacking = (1.0 - root) * 0.5e-3 * (recurrent + W * BACKGROUND[k] * 8.0)
        made = nest.Create("iaf_psc_exp", round(size * scale), params | {"I_e": lacking})
        made.V_m = nest.random.normal(V_MEAN[k], V_SD[k])
        cells.append(made)
    for k, made in enumerate(cells):  # NEST finds neurons quickly only where devices come after all of them
        drive = nest.Create("poisson_generator", params={"rate": BACKGROUND[k] * scale * 8.0})
        nest.Connect(drive, made, "all_to_all", {"weight": W / root, "delay": 1.5})
    for target in range(8):
        for source in range(8):
            n = round(indegree(source, target) * scale * len(cells[target]))
            if n > 0:
                mean, delay = weight(source, target) / root, 0.75 if source % 2 else 1.5
                bound = {"min": 0.0, "max": math.inf} if mean > 0.0 else {"min": -math.inf, "max": 0.0}
                drawn = nest.math.redraw(nest.random.normal(mean, 0.1 * abs(mean)), **bound)
                late = nest.math.redraw(nest.random.normal(delay, 0.5 * delay), min=0.05, max=math.inf)
                rule = {"rule": "fixed_total_number", "N": n}
                synapses = {"synapse_model": f"from {LABELS[source]}", "weight": drawn, "delay": late}
                nest.Connect(cells[source], cells[target], rule, synapses)
    return dict(zip(LABELS, cells, strict=True))
