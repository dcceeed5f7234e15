"""The COBAHH network against Brian2: rates and regularity over 20 seeds at 0.01 ms, where both schemes have converged.

Brette et al. 2007, benchmark 3. Cells of one network are not independent, so a distribution's distance (Kolmogorov and
Smirnov's, over all cells and seeds) is judged by what shuffling the 40 networks between the simulators gives.
"""

from __future__ import annotations

import numpy as np
from cobahh_figure import draw
from cobahh_peer import DURATION, N_EXC, N, Spikes, peer
from common import Row

PEER = "brian2"
SEEDS = range(1, 21)
SHUFFLES, MIN_SPIKES = 2000, 5


def ours(seeds: range, dt: float) -> list[Spikes]:
    """Spikes of one second for each seed; ``dt`` in ms."""
    from neurocore_nb import ExpConductance, Network, Normal, Population, Projection, SpikeMonitor, TraubMilesNeuron

    runs = []
    for seed in seeds:
        receptors = {"exc": ExpConductance(tau=5.0, e_rev=0.0), "inh": ExpConductance(tau=10.0, e_rev=-80.0)}
        # 10 nS on 20,000 um2 are 0.05 mS/cm2
        start = {"v": Normal(-65.0, 5.0), "m": 0.0, "h": 0.0, "n": 0.0}
        start |= {"g_exc": Normal(0.2, 0.075), "g_inh": Normal(1.0, 0.6)}
        cells = Population(TraubMilesNeuron, N, receptors=receptors, initial=start, max_step=dt)
        spikes = SpikeMonitor(cells)
        exc = Projection(cells[:N_EXC], cells, weight=0.03, probability=0.02, receptor="exc")
        inh = Projection(cells[N_EXC:], cells, weight=0.335, probability=0.02, receptor="inh")
        Network(cells, exc, inh, spikes, seed=seed).run(DURATION, dt=dt * 1e-3)
        runs.append((spikes.t, spikes.i))
    return runs


def mean_rates(runs: list[Spikes]) -> np.ndarray:
    """Mean rate in Hz of each run, the whole second, all cells."""
    return np.array([len(t) / (N * DURATION) for t, _ in runs])


def cell_rates(run: Spikes) -> np.ndarray:
    """Rate of each cell in Hz."""
    return np.bincount(run[1], minlength=N) / DURATION


def interval_cvs(run: Spikes) -> np.ndarray:
    """Coefficient of variation of the intervals of each cell with at least ``MIN_SPIKES`` spikes."""
    order = np.lexsort(run)
    trains = np.split(run[0][order], np.cumsum(np.bincount(run[1], minlength=N))[:-1])
    intervals = [np.diff(train) for train in trains if len(train) >= MIN_SPIKES]
    return np.array([one.std() / one.mean() for one in intervals])


def mean_row(what: str, peer_means: np.ndarray, our_means: np.ndarray, unit: str, judged: bool = True) -> Row:
    """Means over seeds; the bar is two standard errors of their difference."""
    errors = [means.std(ddof=1) / np.sqrt(len(means)) for means in (peer_means, our_means)]
    shown = [
        f"{means.mean():.3f} ± {error:.3f} {unit}" for means, error in zip((peer_means, our_means), errors, strict=True)
    ]
    difference = abs(peer_means.mean() - our_means.mean())
    return Row(what, shown[0], shown[1], difference, 2.0 * float(np.hypot(*errors)) if judged else None, unit)


def distance_row(what: str, peer_samples: list[np.ndarray], our_samples: list[np.ndarray]) -> Row:
    """Distance of two pooled distributions; the bar is the 99th percentile of that between shuffled runs."""
    samples = peer_samples + our_samples
    grid = np.unique(np.quantile(np.concatenate(samples), np.linspace(0.0, 1.0, 400)))
    counts = np.array([np.searchsorted(np.sort(one), grid, side="right") for one in samples])
    sizes, half, rng = np.array([len(one) for one in samples]), len(peer_samples), np.random.default_rng(1)

    def distance(order: np.ndarray) -> float:
        a, b = order[:half], order[half:]
        return np.abs(counts[a].sum(0) / sizes[a].sum() - counts[b].sum(0) / sizes[b].sum()).max()

    everyone = np.arange(len(samples))
    bar = np.quantile([distance(rng.permutation(everyone)) for _ in range(SHUFFLES)], 0.99)
    medians = [f"median {np.median(np.concatenate(one)):.3g}" for one in (peer_samples, our_samples)]
    return Row(what, medians[0], medians[1], distance(everyone), float(bar), "")


def compare() -> list[Row]:
    """Mean rates, distributions over cells and seeds, and rates at a ten times larger step; draws the figure."""
    theirs, own = peer(SEEDS, 0.01), ours(SEEDS, 0.01)
    rates = [[cell_rates(run) for run in runs] for runs in (theirs, own)]
    cvs = [[interval_cvs(run) for run in runs] for runs in (theirs, own)]
    draw((theirs, own), rates, cvs)
    coarse = [mean_rates(simulate(SEEDS, 0.1)) for simulate in (peer, ours)]
    mean_cvs = [np.array([one.mean() for one in part]) for part in cvs]
    return [
        mean_row("mean rate, dt 0.01 ms, 20 seeds, ± standard error", mean_rates(theirs), mean_rates(own), "Hz"),
        mean_row("mean CV of intervals", *mean_cvs, ""),
        distance_row("distribution of single-cell rates (Hz), KS distance", *rates),
        distance_row("distribution of interval CVs, KS distance", *cvs),
        mean_row("mean rate, dt 0.1 ms (the schemes differ)", *coarse, "Hz", judged=False),
    ]


if __name__ == "__main__":
    print(*(row.markdown() for row in compare()), sep="\n")
