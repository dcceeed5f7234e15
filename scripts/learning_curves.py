"""What the learning rules do to single synapses, measured with the package beside closed forms: docs/learning.png.

    python scripts/learning_curves.py --figure docs/learning.png

Each curve is one run: many synapses, one from each of many sources onto a cell of its own, which a teacher makes fire
at given times. The closed forms are those of tests/naive_plasticity.py. The misfit to Sjöström, Turrigiano and Nelson
2001 is the mean square distance from their ten points in units of their errors, as Pfister and Gerstner 2006 fitted it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from neurocore_nb import (
    STDP,
    ExpCurrent,
    InhibitorySTDP,
    LIFNeuron,
    Network,
    Plasticity,
    Population,
    Projection,
    RewardSTDP,
    SpikeMonitor,
    SpikeSource,
    StateMonitor,
    TripletSTDP,
    TsodyksMarkram,
)

sys.path.append(str(Path(__file__).parents[1] / "tests"))
import naive_plasticity as naive

LAGS = np.array([*range(-100, 0, 4), *range(4, 101, 4)], float)  # ms, a postsynaptic spike after a presynaptic one
FINE = np.linspace(0.5, 100.0, 200)  # ms, for lines
WEIGHT = 0.8  # of w_max, at which windows are shown
PAIR_RULES = {
    "additive": {},
    "Gütig, mu 0.2": {"mu_plus": 0.2, "mu_minus": 0.2},
    "multiplicative": {"mu_plus": 1.0, "mu_minus": 1.0},
}
RATES = (0.1, 10.0, 20.0, 40.0, 50.0)  # Hz
SJOESTROEM = {
    10.0: ((-0.04, 0.05), (0.14, 0.10), (0.29, 0.14), (0.53, 0.11), (0.56, 0.26)),
    -10.0: ((-0.29, 0.08), (-0.41, 0.11), (-0.34, 0.10), (0.56, 0.32), (0.75, 0.19)),
}  # lag in ms: change and its error at each rate
INTERVALS = np.array([10_000, 400, 200, 100, 80, 70, 60, 50, 45, 40, 35, 30, 25, 20], float)  # ms, for lines
N_PAIRINGS = 60
FITS = {
    "all-to-all, full": TripletSTDP.VISUAL_CORTEX,
    "all-to-all, minimal": TripletSTDP.VISUAL_CORTEX_MINIMAL,
    "nearest, full": TripletSTDP.VISUAL_CORTEX_NEAREST,
    "nearest, minimal": TripletSTDP.VISUAL_CORTEX_MINIMAL_NEAREST,
}
SHORT_TERM = {
    "depression": {"U": 0.5, "tau_rec": 800.0},
    "facilitation": {"U": 0.03, "tau_rec": 130.0, "tau_fac": 530.0},
}  # Tsodyks, Pawelzik and Markram 1998, figure 1


def learned(
    rules: Sequence[Plasticity], pre: Sequence[Any], post: Sequence[Any], w0: Any, dt: float = 1.0, end: float = 0.0
) -> list[np.ndarray]:
    """Weights after given spike trains.

    Parameters
    ----------
    rules : sequence of Plasticity
        Each for synapses of its own, with the same spikes.
    pre, post : sequence of sequences
        Times in ms for each synapse, multiples of ``dt``.
    w0 : float or array
        Weights at the start.
    dt : float
        Network step in ms.
    end : float
        How long to run at least, in ms.

    Returns
    -------
    list of array
        The weights of each rule.
    """
    n = len(pre)
    source = SpikeSource([np.asarray(train) * 1e-3 for train in pre], n=n)
    teacher = SpikeSource([(np.asarray(train) - dt) * 1e-3 for train in post], n=n)  # the cell fires a step later
    cells = Population(LIFNeuron, n, params={"t_ref": 0.0}, max_step=dt)
    weights, pairs = np.broadcast_to(np.asarray(w0, float), n), (np.arange(n), np.arange(n))
    learning = [
        Projection(source, cells, weights, topology=pairs, plasticity=rule, weight_dtype="float64") for rule in rules
    ]
    teaching = Projection(teacher, cells, 1e6, topology="one_to_one")
    spikes = SpikeMonitor(cells)
    rewards = [rule.rewards for rule in rules if rule.rewards is not None]
    last = max([end, *(max(train) for train in (*pre, *post))])
    Network(source, teacher, cells, *rewards, *learning, teaching, spikes).run((last + dt) * 1e-3, dt=dt * 1e-3)
    for told, did in zip(post, spikes.spike_trains().values(), strict=True):
        if not np.array_equal(np.rint(np.asarray(told) / dt), np.rint(did * 1e3 / dt)):
            raise RuntimeError("a cell didn't fire when it was told to")
    return [one.matrix().data.copy() for one in learning]


def pair_trains(lags: Any, first: float = 200.0) -> tuple[list[list[float]], list[list[float]]]:
    """One presynaptic spike for each lag, and the postsynaptic one."""
    return [[first]] * len(lags), [[first + lag] for lag in lags]


def windows(rules: Sequence[Plasticity], w0: Any, lags: Any = LAGS) -> list[np.ndarray]:
    """Changes by one pair of spikes, for each lag."""
    return [w - w0 for w in learned(rules, *pair_trains(lags), w0)]


def closed_windows(lags: Any = LAGS) -> dict[str, np.ndarray]:
    """The same for the pair rules and the triplet rule, as formulas (w_max and w_ref are 1)."""
    forms = {
        name: [naive.pair_window(lag, naive.STDP(**values), WEIGHT) for lag in lags]
        for name, values in PAIR_RULES.items()
    }
    triplet = naive.TripletSTDP(**values_of(TripletSTDP.HIPPOCAMPUS))
    forms["triplet, hippocampus"] = [naive.triplet_sum(triplet, [0.0], [lag]) for lag in lags]
    return {name: np.array(one) for name, one in forms.items()}


@cache
def measured_windows() -> dict[str, np.ndarray]:
    """Changes by one pair, for each lag, of the rules of ``closed_windows``."""
    rules = [STDP(w_max=1.0, **values) for values in PAIR_RULES.values()]
    rules.append(TripletSTDP(w_max=2.0, w_ref=1.0, **TripletSTDP.HIPPOCAMPUS))
    return dict(zip(closed_windows(), windows(rules, WEIGHT), strict=True))


def values_of(given: dict[str, Any]) -> dict[str, Any]:
    """Values of a triplet rule for the oracle, which has no more parameters than they name."""
    return {"w_ref": 1.0, **given}


@cache
def frequency_dependence(rates: tuple[float, ...] = RATES) -> dict[str, dict[float, np.ndarray]]:
    """Changes by 60 pairings at each rate, for each fit and both lags; intervals are multiples of 5 ms."""
    lags = np.repeat(list(SJOESTROEM), len(rates))
    pre = [100.0 + np.arange(N_PAIRINGS) * 1e3 / rate for rate in (*rates, *rates)]
    post = [train + lag for train, lag in zip(pre, lags, strict=True)]
    found = learned([TripletSTDP(w_max=10.0, **values) for values in FITS.values()], pre, post, 1.0, dt=5.0)
    return {name: {lag: w[lags == lag] - 1.0 for lag in SJOESTROEM} for name, w in zip(FITS, found, strict=True)}


def misfit(changes: dict[float, np.ndarray]) -> float:
    """Mean square distance from the data in units of its errors."""
    squares = []
    for lag, data in SJOESTROEM.items():
        means, errors = np.transpose(data)
        squares.append(((changes[lag] - means) / errors) ** 2)
    return float(np.mean(squares))


def acting(rule: TsodyksMarkram, times: np.ndarray) -> np.ndarray:
    """Weights with which spikes at given times in ms act, of a synapse of weight 1."""
    source = SpikeSource(times * 1e-3)
    cell = Population(LIFNeuron, 1, receptors={"sum": ExpCurrent(tau=1e12)}, max_step=1.0)
    synapse = Projection(source, cell, 1.0, plasticity=rule, receptor="sum", weight_dtype="float64")
    arrived = StateMonitor(cell, ("i_sum",))
    Network(source, cell, synapse, arrived).run((times[-1] + 5.0) * 1e-3)
    return np.diff(arrived.traces["i_sum"][np.rint(times).astype(int) + 2, 0], prepend=0.0)


def reward_delays(waits: np.ndarray) -> np.ndarray:
    """Changes by a pair and a reward a time in ms later; each synapse has its pair at another time."""
    pre = [[5000.0 - wait - 10.0] for wait in waits]
    rule = RewardSTDP(reward=SpikeSource([5.0]), a_plus=0.01, w_max=2.0)
    (w,) = learned([rule], pre, [[train[0] + 10.0] for train in pre], 1.0, end=15000.0)
    return w - 1.0


def draw(path: Path) -> None:
    """All curves; points are measured and lines are closed forms, but where there are data."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(2, 3, figsize=(13, 7.5), layout="constrained")
    colours = ("tab:blue", "tab:orange", "tab:green", "tab:red")

    axis = axes[0, 0]
    found = measured_windows()
    for colour, name in zip(colours, found, strict=True):
        axis.plot(-FINE, 100.0 * closed_windows(-FINE)[name], color=colour, label=name)
        axis.plot(FINE, 100.0 * closed_windows(FINE)[name], color=colour)
        axis.plot(LAGS, 100.0 * found[name], "o", color=colour, ms=3)
    axis.set(title=f"One pair of spikes, weight {WEIGHT:g} w_max", xlabel="lag: post after pre (ms)")
    axis.set(ylabel="change (% of w_max; triplet: of w_ref)")
    axis.legend(loc="upper left", fontsize=8)

    axis = axes[0, 1]
    w = np.linspace(0.1, 0.9, 9)
    for lag, style in ((10.0, "-"), (-10.0, "--")):
        rules = [STDP(w_max=1.0, **values) for values in PAIR_RULES.values()]
        changes = windows(rules, w, np.full(len(w), lag))
        for colour, (name, values), change in zip(colours, PAIR_RULES.items(), changes, strict=False):
            form = [naive.pair_window(lag, naive.STDP(**values), one) for one in np.linspace(0.0, 1.0, 101)]
            label = name if lag > 0.0 else None
            axis.plot(np.linspace(0.0, 1.0, 101), 100.0 * np.array(form), style, color=colour, label=label)
            axis.plot(w, 100.0 * change, "o", color=colour, ms=4)
    axis.set(title="Pairs at +10 ms (solid) and -10 ms (dashed)", xlabel="weight / w_max", ylabel="change (% of w_max)")
    axis.legend(loc=(0.02, 0.56), fontsize=8)

    axis = axes[0, 2]
    rule = naive.InhibitorySTDP(eta=0.01, rho_0=5.0)
    for lags in (-FINE, FINE):
        form = [100.0 * naive.inhibitory_sum(rule, [0.0], [lag]) for lag in lags]
        axis.plot(lags, form, color="tab:purple")
    (change,) = windows([InhibitorySTDP(eta=0.01, rho_0=5.0)], 1.0)
    axis.plot(LAGS, 100.0 * change, "o", color="tab:purple", ms=3)
    axis.set(title="Inhibitory rule, one pair, eta 0.01", xlabel="lag: post after pre (ms)", ylabel="change (% of w)")

    axis = axes[1, 0]
    markers, lines, frequencies = {10.0: "o", -10.0: "s"}, tuple(1e3 / INTERVALS), frequency_dependence()
    for lag, data in SJOESTROEM.items():
        means, errors = 100.0 * np.transpose(data)
        label = f"Sjöström et al., {lag:+g} ms"
        axis.errorbar(RATES, means, errors, fmt=markers[lag], color="black", mfc="white", capsize=3, label=label)
    for colour, (name, changes) in zip(colours, frequency_dependence(lines).items(), strict=True):
        for lag, style in ((10.0, "-"), (-10.0, "--")):
            label = f"{name}: E = {misfit(frequencies[name]):.3f}" if lag > 0.0 else None
            axis.plot(lines, 100.0 * changes[lag], style, color=colour, label=label)
    axis.set(title="60 pairings, triplet rule, visual cortex", xlabel="rate of pairings (Hz)", ylabel="change (%)")
    axis.set(ylim=(-60.0, 170.0))
    axis.legend(loc="upper left", fontsize=8)

    axis = axes[1, 1]
    times = np.append(100.0 + 50.0 * np.arange(12), 1250.0)
    for colour, (name, values) in zip(colours, SHORT_TERM.items(), strict=False):
        axis.vlines(times, 0.0, acting(TsodyksMarkram(**values), times), color=colour, lw=2.5, label=name)
        u, r = naive.regular_train(naive.TsodyksMarkram(**({"tau_fac": 1e-3} | values)), 50.0)
        axis.plot((100.0, 650.0), (u * r, u * r), ":", color=colour)
        times = times + 12.0  # side by side
    axis.set(title="Short-term plasticity, 20 Hz (dotted: where it leads)", xlabel="time (ms)")
    axis.set(ylabel="acting weight / weight")
    axis.legend()

    axis = axes[1, 2]
    waits = np.arange(0.0, 4001.0, 200.0)
    jump = 0.01 * np.exp(-10.0 / 20.0)
    form = [100.0 * naive.distal_reward(naive.RewardSTDP(), jump, wait) for wait in waits]
    axis.plot(waits * 1e-3, form, color="tab:brown")
    axis.plot(waits * 1e-3, 100.0 * reward_delays(waits), "o", color="tab:brown", ms=4)
    axis.set(title="A pair (+10 ms) and a reward", xlabel="reward after the pair (s)", ylabel="change (% of w)")

    for axis in axes.flat:
        axis.axhline(0.0, color="grey", lw=0.6, zorder=0)
    figure.savefig(path, dpi=110)


def main(arguments: Any = None) -> None:
    """Print how far the package is from the closed forms and from the data; draw the curves."""
    parser = argparse.ArgumentParser(description="What the learning rules do to single synapses.")
    parser.add_argument("--figure", type=Path, help="picture, such as docs/learning.png")
    options = parser.parse_args(arguments)
    closed = closed_windows()
    for name, found in measured_windows().items():
        error = np.abs(found / closed[name] - 1.0).max()
        print(f"window, {name}: {len(LAGS)} lags, largest relative difference from the closed form {error:.1e}")
    for name, changes in frequency_dependence().items():
        print(f"frequency dependence, {name}: misfit {misfit(changes):.3f}")
    if options.figure:
        draw(options.figure)


if __name__ == "__main__":
    main()
