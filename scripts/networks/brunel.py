"""Brunel's network in the four states of figure 8 of Brunel 2000.

Synchronous and regular (SR), synchronous and irregular with a fast or a slow oscillation (SI), asynchronous and
irregular (AI). Rates and frequencies are those of two seconds at 0.1 ms, after a transient of 0.2 s, beside those that
the paper simulated and those of its theory (table 1, which has none for SR). They should lie between the two, with 10 %
of room on either side. The theory's rates are computed here again: a cell's rate by Siegert's formula, at which its
input has that rate.

A picture has 50 cells, and the rate of all in bins of 0.1 ms with its mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from common import Finding, digest, main, recorded
from matplotlib import pyplot
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import erfcx

from neurocore_nb import SpikeMonitor, statistics
from neurocore_nb.networks import BRUNEL_REGIMES, brunel

DT, START, STOP = 1e-4, 0.2, 2.2  # s; what is before is a transient
SEGMENT, BIN, SLOWEST = 0.5, 5e-4, 5.0  # s, s, Hz: of spectra
SHOWN = {"SR": 0.1}  # s; of the others twice as much
# state: rates and frequencies in Hz, each simulated and by theory
PAPER = {"SI fast": ((60.7, 55.8), (180.0, 190.0)), "AI": ((37.7, 38.0), None), "SI slow": ((5.5, 6.5), (22.0, 29.0))}
ROOM = 0.1


def mean_field(g: float, eta: float) -> float:
    """The rate in Hz that brings itself about, of the paper's network A."""
    tau, tau_rp, theta, v_reset, j, c_exc, c_inh = 20e-3, 2e-3, 20.0, 10.0, 0.1, 1000, 250
    external = eta * theta / (j * tau)

    def excess(rate: float) -> float:
        mean = tau * j * (external + (c_exc - g * c_inh) * rate)
        sd = j * np.sqrt(tau * (external + (c_exc + g**2 * c_inh) * rate))
        passage, _ = quad(lambda u: erfcx(-u), (v_reset - mean) / sd, (theta - mean) / sd)
        return float(1.0 / (tau_rp + tau * np.sqrt(np.pi) * passage)) - rate

    return float(brentq(excess, 0.1, 400.0))


def beside(what: str, here: float, paper: tuple[float, float] | None) -> Finding:
    """A number beside the paper's two."""
    if paper is None:
        return Finding(what, here, "Hz")
    low, high = min(paper) * (1.0 - ROOM), max(paper) * (1.0 + ROOM)
    return Finding(what, here, "Hz", low, high, f"{paper[0]:g} Hz, by theory {paper[1]:g} Hz")


def draw(axes: Any, name: str, spikes: SpikeMonitor) -> None:
    """Cells above, and the rate of all below."""
    begin, stop = 1.0, 1.0 + SHOWN.get(name, 0.2)
    some = np.sort(np.random.default_rng(1).choice(spikes.population.n, 50, replace=False))
    trains = spikes.spike_trains()
    axes[0].eventplot([trains[k] for k in some.tolist()], colors="black", linewidths=0.7)
    title = f"{name}: g = {BRUNEL_REGIMES[name]['g']:g}, η = {BRUNEL_REGIMES[name]['eta']:g}"
    axes[0].set(title=title, xlim=(begin, stop), xticks=[], yticks=[], ylabel="50 cells")
    t, rate = statistics.population_rate(spikes, DT, stop - begin, start=begin)
    axes[1].plot(t, rate, color="tab:blue", lw=0.6, drawstyle="steps-post")
    axes[1].axhline(rate.mean(), color="black", ls="--", lw=0.8)
    axes[1].set(xlim=(begin, stop), ylim=(0.0, None), xlabel="time (s)", ylabel="rate (Hz)")


def measure(options: Any) -> Iterator[Any]:
    """One state after the other."""
    figure, axes = pyplot.subplots(4, 2, figsize=(10, 9), layout="constrained", height_ratios=[2, 1] * 2)
    for place, (name, values) in enumerate(BRUNEL_REGIMES.items()):
        net = brunel(options.scale, seed=options.seed, **values)
        monitors = recorded(net)
        net.run(STOP, dt=DT)
        if net.rank != 0:
            continue
        spikes = monitors["exc"]
        yield digest(*monitors.values())
        rate, frequency = PAPER.get(name, (None, None))
        yield beside(f"{name}: rate", statistics.firing_rates(spikes, start=START).mean(), rate)
        if rate:
            yield Finding(f"{name}: rate by theory", mean_field(**values), "Hz", rate[1] - 0.1, rate[1] + 0.1)
        f, power = statistics.spectrum(spikes, BIN, start=START, segment=SEGMENT)
        highest = f[f > SLOWEST][power[f > SLOWEST].argmax()]
        yield beside(f"{name}: frequency of the largest power", highest, frequency)
        yield Finding(f"{name}: mean CV of intervals", np.nanmean(statistics.cv(spikes, start=START)), "")
        draw(axes[2 * (place // 2) : 2 * (place // 2) + 2, place % 2], name, spikes)
    if net.rank == 0:
        yield figure


if __name__ == "__main__":
    main("brunel", __doc__, measure)
