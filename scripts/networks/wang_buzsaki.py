"""Wang and Buzsaki's interneurons synchronise at gamma frequencies, as in figures 3 to 9 of their paper.

Coherence is the paper's, in bins of a tenth of the period, where unrelated cells have 0.1; over the last half second of
2 s at 0.05 ms. Points for 100 cells are means over three networks. What the paper says is taken from its abstract and
from the program of figure 3 in ModelDB, its numbers of synapses as they are commonly cited. A threshold is where
coherence exceeds 0.2, twice that of unrelated cells. The paper calls it insensitive to the number of cells. Here it
grows by less than half from 200 to 1000 cells. 100 cells need fewer synapses: the closer to all others a cell's sources
are, the less cells differ in their numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from common import Finding, digest, main, recorded
from matplotlib import pyplot

from neurocore_nb import plot, statistics
from neurocore_nb.networks import wang_buzsaki

TRIALS = 3  # networks of 100 cells
DURATION, START = 2.0, 1.5  # s: of a run, and from when on it is looked at
M_SYN = {1.0: np.arange(10.0, 99.0, 10.0)} | {scale: np.arange(40.0, 121.0, 10.0) for scale in (2.0, 5.0, 10.0)}
SIGMA_I = np.array([0.0, 0.01, 0.02, 0.03, 0.04, 0.05, 0.07, 0.1, 0.15])
SPARSE = {"m_syn": 60.0, "sigma_i": 0.03}
I_APP = np.array([0.3, 0.4, 0.6, 0.8, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0])
TAU_SYN = np.array([2.0, 4.0, 7.0, 10.0, 15.0, 20.0, 30.0, 50.0])
PHI = {"phi": 2.0, "i_app": 1.4}  # figure 3C


def run(options: Any, trial: int = 0, **parameters: Any) -> tuple[Any, bool]:
    """The spikes of a network, and whether they are on this rank."""
    net = wang_buzsaki(**({"scale": options.scale, "seed": options.seed + trial} | parameters))
    spikes = recorded(net)["cells"]
    net.run(DURATION, dt=5e-5)
    return spikes, net.rank == 0


def coherent(options: Any, trials: int = TRIALS, **parameters: Any) -> tuple[float, float]:
    """Mean rate in Hz and coherence, over some networks."""
    found = []
    for trial in range(trials):
        spikes, here = run(options, trial, **parameters)
        rate = statistics.firing_rates(spikes, start=START).mean() if here else 1.0
        found.append((rate, statistics.coherence(spikes, bin=0.1 / rate, start=START) if here else 0.0))
    rate, coherence = np.mean(found, axis=0)
    return float(rate), float(coherence)


def threshold(x: np.ndarray, coherence: np.ndarray) -> float:
    """Where coherence exceeds 0.2, between points by a straight line."""
    above = int(np.argmax(coherence > 0.2))
    return float(np.interp(0.2, coherence[above - 1 : above + 1], x[above - 1 : above + 1]))


def sweep(options: Any, name: str, values: np.ndarray, **parameters: Any) -> np.ndarray:
    """Rates and coherences as rows, one column for each value of a parameter."""
    return np.array([coherent(options, **(parameters | {name: float(value)})) for value in values]).T


def picture(spikes: Any, by_m: dict[float, np.ndarray], by_sigma: np.ndarray, bands: dict[str, np.ndarray]) -> Any:
    """A raster, and coherence against number of synapses, heterogeneity and frequency."""
    figure, ((raster, synapses), (currents, frequency)) = pyplot.subplots(2, 2, figsize=(10, 7), layout="constrained")
    plot.raster(spikes, xlim=(1.8, 2.0), ax=raster)
    raster.set_title("60 synapses a cell, currents within 3 %")
    for scale, found in by_m.items():
        synapses.plot(M_SYN[scale], found[1], "o-", label=f"{100 * scale:g} cells")
    synapses.set(xlabel="mean number of synapses of a cell")
    currents.plot(SIGMA_I, by_sigma[1], "o-", label="100 cells, all to all")
    currents.set(xlabel="standard deviation of currents (µA/cm²)")
    for label, found in bands.items():
        frequency.plot(*found, "o-", label=label)
    frequency.axvspan(20.0, 80.0, color="0.9")
    frequency.set(xlabel="frequency (Hz)")
    for ax in (synapses, currents, frequency):
        ax.set(ylabel="coherence", ylim=(0.0, 1.05 if ax is not frequency else 0.6))
        ax.legend(frameon=False)
    return figure


def measure(options: Any) -> Iterator[Any]:
    """The paper's diagrams."""
    rate, coherence = coherent(options)
    _, deep = coherent(options, **PHI)
    by_m = {scale: sweep(options, "m_syn", m, trials=TRIALS if scale == 1.0 else 1, scale=scale * options.scale)
            for scale, m in M_SYN.items()}  # fmt: skip
    by_sigma = sweep(options, "sigma_i", SIGMA_I)
    by_i, by_tau = sweep(options, "i_app", I_APP, **SPARSE), sweep(options, "tau_syn", TAU_SYN, **SPARSE)
    spikes, here = run(options, **SPARSE)
    if here:
        yield digest(spikes)
        yield Finding("all to all: coherence", coherence, "", 0.95, 1.01, "to 1")
        yield Finding("all to all: rate", rate, "Hz", 35.0, 45.0, "about 40 Hz")
        yield Finding("deeper afterhyperpolarisation (phi 2): coherence", deep, "", 0.0, 0.6, "not in full synchrony")
        needed = [threshold(m, by_m[scale][1]) for scale, m in M_SYN.items()]
        yield Finding("synapses of a cell at which 100 cells become coherent", needed[0], "", 40.0, 60.0, "40 to 60")
        for scale, number in list(zip(M_SYN, needed, strict=True))[1:]:
            yield Finding(f"the same for {100 * scale:g} cells", number, "", paper="insensitive to cells")
        yield Finding("currents within 1 %: coherence", by_sigma[1, 1], "", 0.5, 1.0, "coherent")
        yield Finding("currents within 10 %: coherence", by_sigma[1, 7], "", 0.0, 0.2, "not coherent")
        rates, values = by_i
        yield Finding("frequency of most coherence, by drive", rates[values.argmax()], "Hz", 20.0, 80.0)
        yield Finding("coherence below 20 Hz", values[rates < 20.0].max(), "", 0.0, 0.2, "not coherent")
        yield Finding("coherence above 90 Hz", values[rates > 90.0].max(), "", 0.0, 0.2, "not coherent")
        yield picture(spikes, by_m, by_sigma, {"by drive": by_i, "by decay of inhibition": by_tau})


if __name__ == "__main__":
    main("wang_buzsaki", __doc__, measure)
