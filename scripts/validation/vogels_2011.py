"""Inhibitory plasticity balances a network: Vogels, Sprekeler, Zenke, Clopath and Gerstner 2011, figure 4.

    python scripts/validation/vogels_2011.py
    mpirun -np 4 python scripts/validation/vogels_2011.py

8000 excitatory and 2000 inhibitory cells, 160 and 40 synapses onto each, no delay. For a second no inhibition reaches
the excitatory cells, which fire as fast as they can; then the synapses onto them learn, until their targets fire at
rho_0 = 3 Hz. Printed are rates, irregularity and weights as they develop, and a digest of all spikes and of the last
weights, which is the same on any number of ranks.

The authors have published two codes. Weights here are those of the one for Brian: 0.3 nS from excitatory cells, 3 nS
between inhibitory ones, plastic ones from 1e-10 nS, eta = 0.01 nS; ``--weights auryn`` takes those of the other, which
are ten times larger (plastic ones start at 0 here, too, so that there is something to see). Of the two the former come
nearer to the target, since a single inhibitory spike does less: the rule doesn't hold the rate at rho_0, but the pairs
of spikes within its window at alpha, and a cell fires less than by chance just after a strong inhibitory spike, so it
has to fire more at other times. Printed beside the rate is therefore what the rule controls.

With that eta 10 s, as in the Brian code, are not enough; Auryn's runs for 1000 s. Here eta is a hundred times larger up
to ``--until``. No rule changes its parameters in time, so ``Staged`` has each synapse count the time.
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse

from neurocore_nb import COBALIFNeuron, InhibitorySTDP, Network, Population, Projection, SpikeMonitor, Uniform

DT = 1e-4  # s
N_INPUTS = 200  # of which four fifths excite
RHO_0, TAU = 3.0, 20.0  # Hz, ms
ALPHA = 2e-3 * RHO_0 * TAU
WEIGHTS = {"brian": 1.0, "auryn": 10.0}  # relative to 0.3 and 3 nS
W_MAX = {"brian": 100.0, "auryn": 300.0}  # nS
MIN_SPIKES = 5  # for the irregularity of a cell
MOMENTS = (0.5, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 80.0, 100.0)  # s
LAST = 5.0  # s at the end over which what is reached is measured


class Staged(InhibitorySTDP):
    """Inhibitory plasticity that begins at a time, ``onset``, and is ``faster`` up to another, ``until`` (ms)."""

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


class Model(NamedTuple):
    """The network, and what is looked at."""

    net: Network
    learning: Projection
    exc: SpikeMonitor
    inh: SpikeMonitor


def build(options: Any) -> Model:
    """The network; cells have as many synapses whatever their number."""
    onset, until = (
        (one + DT) * 1e3 for one in (options.onset, options.until)
    )  # nothing before, however time is rounded
    n_exc, probability = options.cells * 4 // 5, N_INPUTS / options.cells
    cells = Population(COBALIFNeuron, options.cells, params={"i_e": 200.0}, initial={"v": Uniform(-60.0, -50.0)})
    exc, inh = cells[:n_exc], cells[n_exc:]
    scale = WEIGHTS[options.weights]
    rule = Staged(
        eta=options.eta, rho_0=RHO_0, tau=TAU, w_max=W_MAX[options.weights],
        onset=onset, until=until, faster=options.faster,
    )  # fmt: skip
    wiring = {"probability": probability, "delay": options.delay}
    learning = Projection(inh, exc, 1e-10, receptor="inh", plasticity=rule, weight_dtype="float64", **wiring)
    others = [
        Projection(exc, cells, 0.3 * scale, receptor="exc", **wiring),
        Projection(inh, inh, 3.0 * scale, receptor="inh", **wiring),
    ]
    monitors = SpikeMonitor(exc), SpikeMonitor(inh)
    return Model(Network(cells, learning, *others, *monitors, seed=options.seed), learning, *monitors)


def on_rank_0(values: Any, n_ranks: int) -> list[Any] | None:
    """Values of all ranks on rank 0, None elsewhere."""
    if n_ranks == 1:
        return [values]
    from mpi4py import MPI

    gathered: list[Any] | None = MPI.COMM_WORLD.gather(values)
    return gathered


def trains(spikes: SpikeMonitor, begin: float, end: float) -> list[np.ndarray]:
    """Times in s of the spikes of each cell between two times."""
    a, b = np.searchsorted(spikes.t, (begin, end))
    t, i = spikes.t[a:b], spikes.i[a:b]
    return np.split(t[np.lexsort((t, i))], np.cumsum(np.bincount(i, minlength=spikes.population.n))[:-1])


def cell_rates(spikes: SpikeMonitor, begin: float, end: float) -> np.ndarray:
    """Rate of each cell in Hz."""
    return np.array([len(train) for train in trains(spikes, begin, end)]) / (end - begin)


def irregularity(spikes: SpikeMonitor, begin: float, end: float) -> float:
    """Mean coefficient of variation of the intervals of the cells that have some."""
    intervals = [np.diff(train) for train in trains(spikes, begin, end) if len(train) >= MIN_SPIKES]
    return float(np.mean([one.std() / one.mean() for one in intervals])) if intervals else float("nan")


def pairs(model: Model, weights: Any, begin: float, end: float) -> float:
    """What the rule brings to alpha: spikes of the target around an inhibitory one, as its traces count them."""
    edge = 10.0 * TAU * 1e-3
    sources, total, count = trains(model.inh, begin + edge, end - edge), 0.0, 0
    for cell, train in enumerate(trains(model.exc, begin, end)):
        inputs = weights.indices[weights.indptr[cell] : weights.indptr[cell + 1]]
        times = np.concatenate([np.empty(0), *(sources[one] for one in inputs)])
        lags = np.abs(times[:, None] - train) * 1e3
        total += float(np.exp(-lags[lags > DT * 500.0] / TAU).sum())  # those of one step don't see each other
        count += len(times)
    return total / max(count, 1)


def digest(*arrays: np.ndarray) -> str:
    """A number for the bits of some arrays."""
    result = hashlib.sha256()
    for one in arrays:
        result.update(np.ascontiguousarray(one).tobytes())
    return result.hexdigest()[:16]


def draw(model: Model, weights: np.ndarray, options: Any) -> None:
    """Rates over time, cells and weights at the end, and rasters before and after."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure = pyplot.figure(figsize=(12, 6.5), layout="constrained")
    axes = figure.subplot_mosaic([["time", "time", "rates"], ["before", "after", "weights"]])
    end, colours = options.seconds, {"excitatory": "tab:blue", "inhibitory": "tab:red"}
    edges = [0.0]
    while edges[-1] < end:
        edges.append(edges[-1] + max(0.05, 0.04 * edges[-1]))
    for name, spikes in zip(colours, (model.exc, model.inh), strict=True):
        rate = np.histogram(spikes.t, edges)[0] / spikes.population.n / np.diff(np.minimum(edges, end))
        axes["time"].stairs(rate, edges, color=colours[name], label=name, lw=1.8, baseline=None)
    axes["time"].axhline(RHO_0, color="black", ls="--", lw=1.0, label=f"target, {RHO_0:g} Hz")
    for at, what in ((options.onset, "plasticity on"), (options.until, f"eta {options.eta:g} nS")):
        if at < end:
            axes["time"].axvline(at, color="grey", lw=1.0)
            axes["time"].text(at * 1.03, 1.15, what, color="dimgrey")
    axes["time"].set(xscale="log", yscale="log", xlim=(0.3, end), ylim=(1.0, 400.0))
    axes["time"].set(xlabel="time (s, logarithmic)", ylabel="rate of a cell (Hz)", title="Rates")
    axes["time"].xaxis.set_major_formatter("{x:g}")
    axes["time"].yaxis.set_major_formatter("{x:g}")
    axes["time"].legend(loc="upper right")

    last = min(LAST, end)
    rates = cell_rates(model.exc, end - last, end)
    axes["rates"].hist(rates, bins=(np.arange(round(15 * last)) - 0.5) / last, color="tab:blue")
    axes["rates"].axvline(RHO_0, color="black", ls="--", lw=1.0)
    axes["rates"].set(xlabel=f"rate in the last {last:g} s (Hz)", ylabel="excitatory cells", xlim=(-0.2, 15.0))
    axes["rates"].set_title(f"Cells at the end: mean {rates.mean():.2f} Hz")

    shown = 0.4  # s
    for name, begin in (("before", max(options.onset - shown, 0.0)), ("after", end - shown)):
        for first, n, spikes, colour in ((0, 160, model.exc, "tab:blue"), (160, 40, model.inh, "tab:red")):
            few = trains(spikes, begin, begin + shown)[:n]
            axes[name].eventplot(
                few, lineoffsets=first + np.arange(len(few)), color=colour, linelengths=2.5, linewidths=0.8
            )
        axes[name].set(xlabel="time (s)", ylabel="some cells", xlim=(begin, begin + shown), ylim=(-1, 200))
        axes[name].set_title({"before": "Before plasticity", "after": "At the end"}[name])

    axes["weights"].hist(weights, bins=np.linspace(0.0, np.quantile(weights, 0.9995), 60), color="tab:red")
    axes["weights"].set(yscale="log", xlabel="weight (nS)", ylabel="inhibitory synapses")
    axes["weights"].set_title(f"Weights at the end: mean {weights.mean():.2f} nS")
    figure.savefig(options.figure, dpi=110)


def settings(arguments: Any) -> Any:
    """The options."""
    parser = argparse.ArgumentParser(description="Inhibitory plasticity balances a network (Vogels et al. 2011).")
    parser.add_argument("--cells", type=int, default=10_000, help="four fifths excitatory (default 10,000)")
    parser.add_argument("--seconds", type=float, default=60.0, help="simulated time (default 60)")
    parser.add_argument("--onset", type=float, default=1.0, help="when synapses begin to learn, in s (default 1)")
    parser.add_argument("--until", type=float, default=20.0, help="up to when they learn faster, in s (default 20)")
    parser.add_argument("--eta", type=float, default=0.01, help="learning rate in nS (default 0.01)")
    parser.add_argument("--faster", type=float, default=100.0, help="how much faster (default 100)")
    parser.add_argument("--delay", type=float, default=0.0, help="of all synapses, in s (default 0)")
    parser.add_argument("--weights", choices=WEIGHTS, default="brian", help="of which code (default brian)")
    parser.add_argument("--seed", type=int, default=42, help="of the network (default 42)")
    parser.add_argument("--threads", type=int, help="of each rank")
    parser.add_argument("--figure", type=Path, help="picture, such as docs/vogels_2011.png")
    return parser.parse_args(arguments)


def main(arguments: Any = None) -> None:
    """Run the network and say what it did."""
    options = settings(arguments)
    model = build(options)
    moments = [one for one in MOMENTS if one < options.seconds] + [options.seconds]
    for begin, end in zip([0.0, *moments], moments, strict=False):
        report = model.net.run(round(end - begin, 9), dt=DT, threads=options.threads)
        parts = on_rank_0(model.learning.matrix(), len(report.ranks))
        if parts is None:
            continue
        if begin == 0.0:
            print("| from (s) | to (s) | exc. (Hz) | inh. (Hz) | CV | mean weight (nS) | largest |")
            print("| --- | --- | --- | --- | --- | --- | --- |")
        weights = scipy.sparse.vstack(parts, format="csr")
        exc, inh = (cell_rates(one, begin, end).mean() for one in (model.exc, model.inh))
        cv, w = irregularity(model.exc, begin, end), weights.data
        print(
            f"| {begin:g} | {end:g} | {exc:.2f} | {inh:.2f} | {cv:.2f} | {w.mean():.3f} | {w.max():.1f} |", flush=True
        )
    if parts is None:
        return
    for stop in sorted({min(options.until, end), end}):
        start = max(min(options.onset, begin), stop - LAST)
        rate, found = cell_rates(model.exc, start, stop).mean(), pairs(model, weights, start, stop)
        print(f"{start:g} to {stop:g} s: rate {rate:.2f} Hz, target {RHO_0:g} Hz; ", end="")
        print(f"pairs {found:.4f}, alpha {ALPHA:g}, by chance {2e-3 * TAU * rate:.4f}")
    spikes = digest(model.exc.t, model.exc.i, model.inh.t, model.inh.i)
    print(f"digest of {model.exc.count + model.inh.count:,} spikes {spikes}, of {w.size:,} weights {digest(w)}")
    if options.figure:
        draw(model, w, options)


if __name__ == "__main__":
    main()
