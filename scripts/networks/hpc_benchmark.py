"""NEST's hpc_benchmark, the balanced network with plastic excitatory synapses of Morrison et al. 2007.

0.3 s at 0.1 ms, as in NEST's script. That asks for rates below 10 Hz, but in networks ten times as large and more: in
this one cells share most of their input, so that they come to fire together and weights grow, in NEST, too. So the rate
is that from 0.05 to 0.2 s, and its range mean and three standard deviations of three networks of this size in NEST
3.10. Rest is the weight at which potentiation and depression by chance are equal, by the formula.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from common import Finding, digest, main, recorded
from matplotlib import pyplot

from neurocore_nb import WeightMonitor, plot, statistics
from neurocore_nb.networks import hpc_benchmark

STOP = 0.3  # s
REST = (15.0 / (0.0513 * 30.0)) ** (1.0 / 0.6)  # pA
EDGES = np.linspace(40.0, 52.0, 481)  # pA


def measure(options: Any) -> Iterator[Any]:
    """Rates, irregularity and weights."""
    net = hpc_benchmark(options.scale, seed=options.seed)
    monitors = recorded(net).values()
    weights = WeightMonitor(net.projections[0], bins=EDGES, interval=STOP / 3.0)
    net.add(weights)
    net.run(STOP, dt=1e-4)
    if net.rank != 0:
        return
    exc, inh = monitors
    yield digest(exc, inh)
    rate = statistics.firing_rates(exc, 0.15, start=0.05).mean()
    yield Finding("mean rate from 0.05 to 0.2 s", rate, "Hz", 6.8, 12.0)
    yield Finding("mean rate in the last 0.1 s", statistics.firing_rates(exc, start=0.2).mean(), "Hz")
    yield Finding("mean CV of intervals", np.nanmean(statistics.cv(exc)), "")
    middle, counts = (EDGES[1:] + EDGES[:-1]) / 2.0, weights.histogram[-1]
    mean = np.average(middle, weights=counts)
    paper = f"rest {REST:.1f} pA, at first 45.6 pA"
    yield Finding("mean of plastic weights at 0.2 s", mean, "pA", paper=paper)
    yield Finding("their standard deviation", np.sqrt(np.average((middle - mean) ** 2, weights=counts)), "pA")
    yield draw(exc, inh, weights)


def draw(exc: Any, inh: Any, weights: WeightMonitor) -> Any:
    """Spikes, rates, and the distribution of weights."""
    figure = pyplot.figure(figsize=(10, 5), layout="constrained")
    axes = figure.subplot_mosaic([["spikes", "weights"], ["rates", "weights"]], width_ratios=[2, 1])
    plot.raster(exc, inh, ax=[axes["spikes"], axes["rates"]])
    for t, counts in zip(weights.t, weights.histogram, strict=True):
        axes["weights"].stairs(counts, EDGES, label=f"{t:g} s")
    axes["weights"].set(yscale="log", xlabel="plastic weights (pA)", ylabel="synapses")
    axes["weights"].legend()
    return figure


if __name__ == "__main__":
    main("hpc_benchmark", __doc__, measure)
