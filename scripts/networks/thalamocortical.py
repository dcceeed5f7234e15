"""Cortex and thalamus keep themselves active irregularly, and alternate between Up and Down with strong adaptation.

The statements are those of the abstract of Destexhe's paper, which gives no rates. All activity follows 50 ms of
stimulation, and is looked at from 0.3 s on. Asynchronous and irregular means, as usual with these networks, a mean
pairwise correlation (bins of 5 ms) below 0.1 and a mean coefficient of variation of intervals of 1 or more. The cortex
is Down where the rate of pyramidal cells, smoothed by 30 ms, is below a tenth of its largest value. Cells with channels
aren't in the paper: connections and weights, relative to leak conductances, are the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from common import Finding, digest, main, recorded
from matplotlib import pyplot

from neurocore_nb import plot, statistics
from neurocore_nb.networks import thalamocortical

START = 0.3  # s
DURATION = 3.0  # s
RUNS: dict[str, dict[str, Any]] = {
    "cortex, b = 5 pA": {"thalamus": False},
    "cortex, b = 20 pA": {"thalamus": False, "b": 20.0},
    "thalamus, 40 cells": {"cortex": False, "scale": 0.2},
    "both, b = 5 pA": {},
    "both, b = 40 pA": {"b": 40.0},
    "both, channels, g_m = 0.07 mS/cm2": {"cells": "channels"},
    "both, channels, g_m = 0.2 mS/cm2": {"cells": "channels", "g_m": 0.2},
}
SMALL = {"thalamus": False, "scale": 0.25}
TRIALS = 5


def run(options: Any, scale: float = 1.0, trial: int = 0, **parameters: Any) -> tuple[dict[str, Any], bool]:
    """The spikes of a network by population, and whether they are on this rank."""
    net = thalamocortical(options.scale * scale, seed=options.seed + trial, **parameters)
    spikes = recorded(net)
    net.run(DURATION, dt=1e-4)
    return spikes, net.rank == 0


def last(spikes: dict[str, Any]) -> float:
    """When the last spike was, in s."""
    return max(float(one.t.max(initial=0.0)) for one in spikes.values())


def lasting(options: Any, **parameters: Any) -> float:
    """How many of some small cortical networks are active to the end."""
    found = [run(options, trial=trial, **SMALL, **parameters) for trial in range(TRIALS)]
    return float(sum(here and last(spikes) > DURATION - 0.1 for spikes, here in found))


def smooth_rate(spikes: dict[str, Any], start: float = START) -> tuple[np.ndarray, np.ndarray]:
    """Times in s, and the rate of pyramidal cells in Hz."""
    return statistics.population_rate(spikes["PY"], 5e-3, start=start, sigma=0.03)


def down(spikes: dict[str, Any]) -> np.ndarray:
    """Whether the cortex is Down, in bins of 5 ms."""
    _, rate = smooth_rate(spikes)
    return rate < 0.1 * rate.max()


def states(what: str, spikes: dict[str, Any], label: str = "PY") -> Iterator[Finding]:
    """Rate, irregularity and correlation."""
    cells = spikes[label]
    yield Finding(f"{what}: last spike", last(spikes), "s", DURATION - 0.1, DURATION, "none, it goes on")
    yield Finding(f"{what}: rate of {label}", statistics.firing_rates(cells, start=START).mean(), "Hz")
    cv = float(np.nanmean(statistics.cv(cells, start=START)))
    yield Finding(f"{what}: CV of {label}", cv, "", 1.0, 5.0, "irregular")
    pairs = statistics.pairwise_correlation(cells, start=START)
    mean = float(np.nanmean(pairs[np.triu_indices(len(pairs), 1)]))
    yield Finding(f"{what}: correlation of {label}", mean, "", -0.1, 0.1, "asynchronous")


def alternation(what: str, spikes: dict[str, Any]) -> Iterator[Finding]:
    """How long Up and Down states are."""
    is_down = down(spikes)
    changes = np.flatnonzero(np.diff(is_down.astype(int)))
    lengths, kind = np.diff(changes) * 5e-3, is_down[changes[1:]]
    yield Finding(f"{what}: last spike", last(spikes), "s", DURATION - 0.1, DURATION, "none, it goes on")
    yield Finding(f"{what}: part of the time in Down states", is_down.mean(), "", 0.1, 0.9, "Up and Down")
    yield Finding(f"{what}: mean length of Down states", lengths[kind].mean(), "s")
    yield Finding(f"{what}: mean length of Up states", lengths[~kind].mean(), "s")


def picture(found: dict[str, dict[str, Any]]) -> Any:
    """Spikes of three networks, and rates of all with a cortex."""
    figure, axes = pyplot.subplots(3, 2, figsize=(12, 11), layout="constrained")
    names = list(found)
    for ax, name in zip(axes[:, 0], (names[3], names[4], names[2]), strict=True):
        plot.raster(*found[name].values(), xlim=(0.0, DURATION), ax=ax)
        ax.set_title(name)
    for ax, pair in zip(axes[:, 1], (names[0:2], names[3:5], names[5:7]), strict=True):
        for name in pair:
            ax.plot(*smooth_rate(found[name], 0.0), label=name)
        ax.set(xlabel="time (s)", ylabel="rate of PY (Hz)", xlim=(0.0, DURATION), ylim=(0.0, 75.0))
        ax.legend(frameon=False, loc="upper right")
    return figure


def measure(options: Any) -> Iterator[Any]:
    """The paper's statements."""
    runs = {name: run(options, **parameters) for name, parameters in RUNS.items()}
    small = [lasting(options, lts=lts) for lts in (0.05, 0.0)]
    if next(iter(runs.values()))[1]:
        found = {name: spikes for name, (spikes, _) in runs.items()}
        yield digest(*(one for spikes in found.values() for one in spikes.values()))
        names = list(found)
        yield from states(names[0], found[names[0]])
        yield Finding(f"{names[1]}: last spike", last(found[names[1]]), "s", 0.0, 1.0, "transient")
        yield from states(names[2], found[names[2]], "TC")
        yield Finding("cortex of 500 cells, 5 % of them with low-threshold spikes: active to the end", small[0],
                      f"of {TRIALS}", small[1], TRIALS, "more than without")  # fmt: skip
        yield Finding("the same without", small[1], f"of {TRIALS}")
        for name in (names[3], names[5]):
            yield from states(name, found[name])
        for name in (names[4], names[6]):
            yield from alternation(name, found[name])
        yield picture(found)


if __name__ == "__main__":
    main("thalamocortical", __doc__, measure)
