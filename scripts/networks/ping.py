"""Excitatory and inhibitory cells synchronise each other, if each has enough synapses, as Borgers and Kopell found.

The paper's statements are those of its abstract. Numbers are those of the figures of the book's programs (chapter 30),
counted from the spikes in these figures by the same measures: coherence of excitatory cells in bins of 5 ms, a quarter
of the period, after 100 ms. They are of one random network and 100 ms each, ours of three networks and 0.4 s, so that
a difference of 0.15 is let pass. Unrelated cells have 0.25. Where a cell has one inhibitory synapse, it has one
excitatory one in the book, and four here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from common import Finding, digest, main, recorded
from matplotlib import pyplot

from neurocore_nb import plot, statistics
from neurocore_nb.networks import ping

DURATION, START = 0.8, 0.4  # s: of a run, and from when on it is looked at
TRIALS, SPREAD = 3, 0.15
FEW = {"sigma_e": 0.0, "p": 0.2}
FIGURES = {  # of the book's programs: what, parameters, coherence
    1: ("each pair is connected with 0.5", {}, 0.49),
    2: ("all to all, one current for all", {"p": 1.0, "sigma_e": 0.0}, 1.0),
    3: ("each pair is connected with 0.05", {"p": 0.05}, 0.24),
    4: ("the same with 1000 cells, so with four times as many synapses of a cell", {"scale": 4.0, "p": 0.2}, 0.42),
    5: ("one inhibitory synapse of a cell on average", {"p": 0.02, "sigma_e": 0.0}, 0.25),
    6: ("exactly one inhibitory synapse of each cell", {"p": 0.02, "sigma_e": 0.0, "fixed": True}, 1.0),
    7: ("inhibitory cells driven by 0.7 uA/cm2", {"i_i": 0.7}, 0.48),
    8: ("inhibitory cells driven by 0.9 uA/cm2", {"i_i": 0.9}, 0.25),
}
SHOWN = (1, 3, 6, 8)
I_I = np.array([0.0, 0.3, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2])
TAU_I = np.array([3.0, 4.5, 6.0, 9.0, 12.0, 15.0, 18.0])
I_E = np.array([0.4, 0.6, 0.8, 1.0, 1.2, 1.4, 1.6])
G_EI = np.array([0.05, 0.1, 0.15, 0.2, 0.25, 0.35, 0.5])


def run(options: Any, trial: int = 0, scale: float = 1.0, **parameters: Any) -> tuple[Any, bool]:
    """The spikes of a network by population, and whether they are on this rank."""
    net = ping(options.scale * scale, seed=options.seed + trial, **parameters)
    spikes = recorded(net)
    net.run(DURATION, dt=5e-5)
    return spikes, net.rank == 0


def measured(options: Any, **parameters: Any) -> tuple[float, float]:
    """Coherence of excitatory cells and their rate in Hz, which is the rhythm's frequency where they are coherent."""
    found = []
    for trial in range(TRIALS):
        spikes, here = run(options, trial, **parameters)
        if here:
            cells = spikes["exc"]
            coherence = statistics.coherence(cells, 5e-3, start=START)
            found.append((coherence, statistics.firing_rates(cells, start=START).mean()))
    if not found:
        return np.nan, np.nan
    coherence, rate = np.mean(found, axis=0)
    return float(coherence), float(rate)


def sweep(options: Any, name: str, values: np.ndarray) -> np.ndarray:
    """Coherences and rates as rows, a column for each value."""
    return np.array([measured(options, **{name: float(value)}) for value in values]).T


def picture(rasters: dict[int, Any], curves: dict[str, tuple[np.ndarray, np.ndarray]]) -> Any:
    """Spikes of some networks; coherence and rate against four parameters."""
    figure, axes = pyplot.subplots(4, 2, figsize=(11, 12), layout="constrained")
    for ax, (number, spikes) in zip(axes[:2].flat, rasters.items(), strict=True):
        plot.raster(spikes["inh"], spikes["exc"], xlim=(0.6, 0.8), ax=ax)
        ax.set_title(FIGURES[number][0], fontsize=10)
    for ax, (label, (values, (coherence, rate))) in zip(axes[2:].flat, curves.items(), strict=True):
        ax.plot(values, coherence, "o-")
        ax.set(xlabel=label, ylabel="coherence", ylim=(0.0, 1.0))
        ax.yaxis.label.set_color("tab:blue")
        rates = ax.twinx()
        rates.plot(values, rate, "s--", color="tab:red")
        rates.set_ylabel("rate of excitatory cells (Hz)", color="tab:red")
        rates.set_ylim(0.0, 80.0)
    return figure


def measure(options: Any) -> Iterator[Any]:
    """Networks of the book's figures, and what the paper says of synapses and drives."""
    found = {number: measured(options, **parameters) for number, (_, parameters, _) in FIGURES.items()}
    stronger = {name: measured(options, **FEW, **{name: 0.5})[0] for name in ("g_ei", "g_ie")}
    few = measured(options, **FEW)[0]
    curves = {
        "current into inhibitory cells (µA/cm²)": (I_I, sweep(options, "i_i", I_I)),
        "decay of inhibition (ms)": (TAU_I, by_tau := sweep(options, "tau_i", TAU_I)),
        "current into excitatory cells (µA/cm²)": (I_E, sweep(options, "i_e", I_E)),
        "conductance of excitation onto inhibitory cells (mS/cm²)": (G_EI, by_g := sweep(options, "g_ei", G_EI)),
    }
    rasters = {number: run(options, **FIGURES[number][1]) for number in SHOWN}
    if rasters[1][1]:
        yield digest(*rasters[1][0].values())
        yield Finding("frequency", found[1][1], "Hz", 45.0, 50.0, "48 Hz (gamma)")
        for number, (what, _, theirs) in FIGURES.items():
            yield Finding(f"coherence: {what}", found[number][0], "", theirs - SPREAD, theirs + SPREAD, f"{theirs:g}")
        yield Finding("stronger excitation of inhibitory cells (twice): coherence, times that before",
                      stronger["g_ei"] / few, "", 1.0, 2.0, "more")  # fmt: skip
        yield Finding("stronger inhibition of excitatory cells (twice): the same", stronger["g_ie"] / few, "", 0.5, 1.0,
                      "not more")  # fmt: skip
        yield Finding("inhibition that decays with 4.5 instead of 9 ms: the same", by_tau[0, 1] / by_tau[0, 3], "", 1.0,
                      2.0, "more")  # fmt: skip
        yield Finding("weak excitation of inhibitory cells (0.1 mS/cm2): coherence", by_g[0, 1], "", 0.0, 0.3, "none")
        yield picture({number: spikes for number, (spikes, _) in rasters.items()}, curves)


if __name__ == "__main__":
    main("ping", __doc__, measure)
