"""Inhibitory plasticity balances a network, as in figure 4 of Vogels, Sprekeler, Zenke, Clopath and Gerstner 2011.

For a second no inhibition reaches the excitatory cells, which fire as fast as they can; then the synapses onto them
learn, until their targets fire at about the paper's 3 Hz, asynchronously and irregularly. The learning rate is a
hundred times that of the authors' Brian code up to 20 s, then the same. What the rule holds is not the rate, but the
number of the target's spikes around an inhibitory one, weighed by its window, at 2 rho_0 tau = 0.12. By chance there
would be more at such a rate; but after an inhibitory spike a cell fires less. So the rate is somewhat above its target.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import scipy.sparse
from common import Finding, digest, main, recorded
from matplotlib import pyplot

from neurocore_nb import InhibitorySTDP, SpikeMonitor, statistics
from neurocore_nb.networks import vogels_istdp

DT = 1e-4  # s
ONSET, UNTIL, STOP, LAST = 1.0, 20.0, 60.0, 5.0  # s; the last ones show what is reached
MOMENTS = (0.0, 1.0, 1.5, 2.0, 5.0, 10.0, 20.0, 40.0, 60.0)  # s
RHO_0, TAU, ETA, FASTER = 3.0, 20.0, 0.01, 100.0  # Hz, ms, nS
ALPHA = 2e-3 * RHO_0 * TAU
COLOURS = {"exc": "tab:blue", "inh": "tab:red"}


class Staged(InhibitorySTDP):
    """Inhibitory plasticity that begins at ``onset`` and is ``faster`` up to ``until`` (ms); synapses count time."""

    states = {"age": 0.0}
    parameters = {**InhibitorySTDP.parameters, "onset": 1000.0, "until": 20000.0, "faster": 1.0}

    @staticmethod
    def between(w, age, h):
        """Time goes on."""
        return w, age + h

    @staticmethod
    def on_pre(w, age, y, eta, rho_0, tau, onset, until, faster):
        """The rule, with the learning rate of the time."""
        rate = 0.0 if age <= onset else faster * eta if age <= until else eta
        return w + rate * (y - 2e-3 * rho_0 * tau), age

    @staticmethod
    def on_post(w, age, x, eta, onset, until, faster):
        """The same for spikes of the target."""
        rate = 0.0 if age <= onset else faster * eta if age <= until else eta
        return w + rate * x, age


def measure(options: Any) -> Iterator[Any]:
    """Rates as they develop, and what is reached."""
    onset, until = ((one + DT) * 1e3 for one in (ONSET, UNTIL))  # nothing before, however time is rounded
    rule = Staged(eta=ETA, rho_0=RHO_0, tau=TAU, w_max=100.0, onset=onset, until=until, faster=FASTER)
    net = vogels_istdp(options.scale, plasticity=rule, seed=options.seed)
    spikes = recorded(net)
    net.run(STOP, dt=DT)
    weights = on_rank_0(net.projections[0].matrix(), net.n_ranks)
    if weights is None:
        return
    exc = spikes["exc"]
    yield digest(*spikes.values())
    for begin, end in pairwise(MOMENTS):
        rates = [statistics.firing_rates(one, end - begin, start=begin).mean() for one in spikes.values()]
        yield Finding(f"excitatory rate from {begin:g} to {end:g} s", rates[0], "Hz")
        yield Finding(f"inhibitory rate from {begin:g} to {end:g} s", rates[1], "Hz")
    last = statistics.firing_rates(exc, start=STOP - LAST).mean()
    yield Finding("excitatory rate in the last 5 s", last, "Hz", 0.8 * RHO_0, 1.2 * RHO_0, f"target {RHO_0:g} Hz")
    begin = UNTIL - LAST
    found = pairs(spikes, weights, begin, UNTIL)
    yield Finding("spikes around an inhibitory one, 15 to 20 s", found, "", 0.95 * ALPHA, 1.05 * ALPHA, f"{ALPHA:g}")
    chance = 2e-3 * TAU * statistics.firing_rates(exc, LAST, start=begin).mean()
    yield Finding("the same by chance, at the rate of that time", chance, "")
    yield Finding("mean CV of intervals before", np.nanmean(statistics.cv(exc, ONSET)), "")
    yield Finding("mean CV of intervals in the last 10 s", np.nanmean(statistics.cv(exc, start=STOP - 10.0)), "")
    yield Finding("mean weight", weights.data.mean(), "nS")
    yield draw(spikes, weights.data)


def on_rank_0(matrix: Any, n_ranks: int) -> Any:
    """All rows of a matrix on rank 0, None elsewhere."""
    if n_ranks == 1:
        return matrix
    from mpi4py import MPI

    gathered = MPI.COMM_WORLD.gather(matrix)
    return None if gathered is None else scipy.sparse.vstack(gathered, format="csr")


def pairs(spikes: dict[str, SpikeMonitor], weights: Any, begin: float, end: float) -> float:
    """What the rule brings to alpha: spikes of the target around an inhibitory one, as its traces count them."""
    edge = 10.0 * TAU * 1e-3
    sources = trains(spikes["inh"], begin + edge, end - edge)
    total, count = 0.0, 0
    for cell, train in enumerate(trains(spikes["exc"], begin, end)):
        inputs = weights.indices[weights.indptr[cell] : weights.indptr[cell + 1]]
        times = np.concatenate([np.empty(0), *(sources[one] for one in inputs)])
        lags = np.abs(times[:, None] - train) * 1e3
        total += float(np.exp(-lags[lags > DT * 500.0] / TAU).sum())  # those of one step don't see each other
        count += len(times)
    return total / max(count, 1)


def trains(spikes: SpikeMonitor, begin: float, end: float) -> list[np.ndarray]:
    """Times in s of the spikes of each cell between two times."""
    return [t[(begin <= t) & (t < end)] for t in spikes.spike_trains().values()]


def draw(spikes: dict[str, SpikeMonitor], weights: np.ndarray) -> Any:
    """Rates over time, cells and weights at the end, and rasters before and after."""
    figure = pyplot.figure(figsize=(12, 6.5), layout="constrained")
    axes = figure.subplot_mosaic([["time", "time", "rates"], ["before", "after", "weights"]])
    draw_rates(axes["time"], spikes)
    rates = statistics.firing_rates(spikes["exc"], start=STOP - LAST)
    axes["rates"].hist(rates, bins=(np.arange(75) - 0.5) / LAST, color=COLOURS["exc"])
    axes["rates"].axvline(RHO_0, color="black", ls="--", lw=1.0)
    axes["rates"].set(xlabel=f"rate in the last {LAST:g} s (Hz)", ylabel="excitatory cells", xlim=(-0.2, 15.0))
    axes["rates"].set_title(f"Cells at the end: mean {rates.mean():.2f} Hz")
    for name, begin in (("before", ONSET - 0.4), ("after", STOP - 0.4)):
        first = 0
        for label, n in (("exc", 160), ("inh", 40)):
            few = trains(spikes[label], begin, begin + 0.4)[:n]
            rows = first + np.arange(len(few))
            axes[name].eventplot(few, lineoffsets=rows, color=COLOURS[label], linelengths=2.5, linewidths=0.8)
            first += n
        axes[name].set(xlabel="time (s)", ylabel="some cells", xlim=(begin, begin + 0.4), ylim=(-1, 200))
        axes[name].set_title({"before": "Before plasticity", "after": "At the end"}[name])
    axes["weights"].hist(weights, bins=np.linspace(0.0, np.quantile(weights, 0.9995), 60), color=COLOURS["inh"])
    axes["weights"].set(yscale="log", xlabel="weight (nS)", ylabel="inhibitory synapses")
    axes["weights"].set_title(f"Weights at the end: mean {weights.mean():.2f} nS")
    return figure


def draw_rates(ax: Any, spikes: dict[str, SpikeMonitor]) -> None:
    """Rates on logarithmic axes, in bins that widen."""
    edges = [0.0]
    while edges[-1] < STOP:
        edges.append(edges[-1] + max(0.05, 0.04 * edges[-1]))
    for label, one in spikes.items():
        rate = np.histogram(one.t, edges)[0] / one.population.n / np.diff(np.minimum(edges, STOP))
        ax.stairs(rate, edges, color=COLOURS[label], label=label, lw=1.8, baseline=None)
    ax.axhline(RHO_0, color="black", ls="--", lw=1.0, label=f"target, {RHO_0:g} Hz")
    for at, what in ((ONSET, "plasticity on"), (UNTIL, f"eta {ETA:g} nS")):
        ax.axvline(at, color="grey", lw=1.0)
        ax.text(at * 1.03, 1.15, what, color="dimgrey")
    ax.set(xscale="log", yscale="log", xlim=(0.3, STOP), ylim=(1.0, 400.0))
    ax.set(xlabel="time (s, logarithmic)", ylabel="rate of a cell (Hz)", title="Rates")
    ax.xaxis.set_major_formatter("{x:g}")
    ax.yaxis.set_major_formatter("{x:g}")
    ax.legend(loc="upper right")


if __name__ == "__main__":
    main("vogels_istdp", __doc__, measure)
