"""A bump of activity that remembers a direction, as in Compte et al. 2000.

A cue is shown from 0.5 to 0.75 s. Rates are those of 64 groups of neighbours; the bump's direction is that of the
population vector, in windows of 0.25 s. Its drift is from 20 trials: the mean square of how far it goes in some time,
1 to 3 s, grows with a power of that time, which is 1 for a random walk. Without a cue, according to the code of Wang's
laboratory, pyramidal cells fire at 3.5 Hz at first, and at about 8 Hz after 10 s: what arises meanwhile is a bump. Two
states that last are shown with other strengths of synapses, which are ours: g_ee = 0.37 nS and j_plus = 1.8. There a
current of 200 pA into all pyramidal cells, from 4 to 4.25 s, erases the bump.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from common import Finding, digest, main, recorded
from matplotlib import pyplot
from scipy.optimize import curve_fit

from neurocore_nb import SpikeMonitor, StepCurrent
from neurocore_nb.networks import working_memory

OURS = {"g_ee": 0.37, "j_plus": 1.8}
CUE, CUE_OFFSET, STOP, WINDOW = 180.0, 0.75, 6.75, 0.25  # degrees, s
TRIALS, GROUPS = 20, 64
LAGS = np.arange(4, 13)  # windows


def profile(spikes: SpikeMonitor, start: float, stop: float) -> np.ndarray:
    """Rates of groups of neighbours in Hz."""
    cells = spikes.i[(spikes.t > start) & (spikes.t <= stop)]
    n = spikes.population.n
    return np.bincount(cells * GROUPS // n, minlength=GROUPS) * GROUPS / n / (stop - start)


def vectors(spikes: SpikeMonitor, stop: float) -> np.ndarray:
    """Population vectors in windows from 0 on: complex numbers, 1 where all cells that fire prefer 0 degrees."""
    rates = np.array([profile(spikes, k * WINDOW, (k + 1) * WINDOW) for k in range(round(stop / WINDOW))])
    return rates @ np.exp(2j * np.pi * (np.arange(GROUPS) + 0.5) / GROUPS) / rates.sum(axis=1)


def bump(degrees: Any, base: float, height: float, sd: float) -> Any:
    """A Gaussian around 0 on a base."""
    return base + height * np.exp(-0.5 * (degrees / sd) ** 2)


class Trials:
    """Several trials with a cue: how far the bump is from it, in degrees, and the spikes of the first, run last."""

    def __init__(self, options: Any) -> None:
        net = working_memory(options.scale, cue=CUE, seed=options.seed)
        self.spikes = recorded(net)
        found = []
        for trial in reversed(range(TRIALS)):
            net.reset(seed=options.seed + trial)
            net.run(STOP, dt=1e-4)
            if net.rank == 0:
                after = vectors(self.spikes["exc"], STOP)[round(CUE_OFFSET / WINDOW) :]
                found.append(np.rad2deg(np.unwrap(np.angle(after * np.exp(-1j * np.deg2rad(CUE))))))
        self.off = np.array(found)

    def squares(self) -> np.ndarray:
        """Mean squares of how far the bump drifts in times ``LAGS``."""
        return np.array([np.mean((self.off[:, lag:] - self.off[:, :-lag]) ** 2) for lag in LAGS])

    def shape(self) -> Any:
        """Rates around the bump in the last 2 s, each window turned so that it is at 0, and what fits them."""
        degrees = (np.arange(GROUPS) - GROUPS // 2) * 360.0 / GROUPS
        turned = []
        for k, vector in enumerate(vectors(self.spikes["exc"], STOP)[-8:]):
            begin = STOP + (k - 8) * WINDOW
            at = round(np.angle(vector) / (2.0 * np.pi) * GROUPS - 0.5)
            turned.append(np.roll(profile(self.spikes["exc"], begin, begin + WINDOW), GROUPS // 2 - at))
        rates = np.mean(turned, axis=0)
        return degrees, rates, curve_fit(bump, degrees, rates, (1.0, 20.0, 20.0))[0]

    def findings(self) -> Iterator[Finding]:
        """The bump's shape and drift."""
        base, height, sd = self.shape()[2]
        squares = self.squares()
        yield Finding("the bump, largest rate", base + height, "Hz", 20.0, 40.0)
        yield Finding("the bump, standard deviation", abs(sd), "degrees")
        yield Finding("cells far from it", base, "Hz")
        yield Finding("drift in 1 s, root of its mean square", squares[0] ** 0.5, "degrees")
        yield Finding("drift, power of time", np.polyfit(np.log(LAGS), np.log(squares), 1)[0], "", 0.8, 1.2, "1")


def single(options: Any, stop: float, erase: bool = False, **parameters: float) -> dict[str, SpikeMonitor]:
    """Spikes of one run, in which a current may erase the bump."""
    net = working_memory(options.scale, cue=CUE, seed=options.seed, **parameters)
    if erase:
        net.add(StepCurrent(4.0, 4.25, 200.0, net["exc"]))
    spikes = recorded(net)
    net.run(stop, dt=1e-4)
    return spikes


def mean_rate(spikes: SpikeMonitor, start: float, stop: float) -> float:
    """Of all cells, in Hz."""
    return float(profile(spikes, start, stop).mean())


def measure(options: Any) -> Iterator[Any]:
    """The bump and its drift, runs without a cue, and a bump that is erased."""
    trials = Trials(options)
    uncued = single(options, 12.0, cue_current=0.0)
    quiet = single(options, 12.0, cue_current=0.0, **OURS)
    erased = single(options, STOP, erase=True, **OURS)
    if not len(trials.off):  # not rank 0
        return
    for one in (trials.spikes, uncued, quiet, erased):
        yield digest(*one.values())
    yield from trials.findings()
    exc, inh = uncued.values()
    yield Finding("no cue, 1 to 2 s, pyramidal cells", mean_rate(exc, 1.0, 2.0), "Hz", 2.5, 4.5, "3.5 Hz")
    yield Finding("no cue, 1 to 2 s, interneurons", mean_rate(inh, 1.0, 2.0), "Hz")
    yield Finding("no cue, 10 to 12 s, pyramidal cells", mean_rate(exc, 10.0, 12.0), "Hz", 7.0, 9.0, "about 8 Hz")
    yield Finding("ours, no cue, 10 to 12 s, pyramidal cells", mean_rate(quiet["exc"], 10.0, 12.0), "Hz")
    largest = [profile(erased["exc"], *times).max() for times in ((2.0, 4.0), (5.0, STOP))]
    yield Finding("ours, the bump, largest rate", largest[0], "Hz", 20.0, 40.0)
    yield Finding("ours, erased, largest rate", largest[1], "Hz")
    yield picture(trials, uncued["exc"], erased["exc"])


def picture(trials: Trials, uncued: SpikeMonitor, erased: SpikeMonitor) -> Any:
    """Spikes of three runs; the bump's shape, where it is in all trials, and how far it drifts."""
    figure, axes = pyplot.subplots(2, 3, figsize=(12, 7), layout="constrained")
    runs = {"cue from 0.5 to 0.75 s": trials.spikes["exc"], "no cue": uncued, "ours, erased at 4 s": erased}
    for ax, (title, spikes) in zip(axes[0], runs.items(), strict=True):
        ax.plot(spikes.t, spikes.i * 360.0 / spikes.population.n, ",k", alpha=0.5)
        ax.set(
            title=title, xlabel="time (s)", ylabel="direction (degrees)", ylim=(0.0, 360.0), yticks=range(0, 361, 90)
        )
    degrees, rates, parameters = trials.shape()
    axes[1, 0].step(degrees, rates, where="mid", color="gray")
    axes[1, 0].plot(degrees, bump(degrees, *parameters), color="C0")
    axes[1, 0].set(xlabel="direction from the bump's (degrees)", ylabel="rate (Hz)", ylim=(0.0, None))
    times = (np.arange(trials.off.shape[1]) + 0.5) * WINDOW
    axes[1, 1].plot(times, trials.off.T, color="gray", linewidth=0.8)
    axes[1, 1].set(xlabel="time after the cue (s)", ylabel="direction from the cue's (degrees)")
    axes[1, 2].plot(LAGS * WINDOW, trials.squares(), "o", color="C0")
    axes[1, 2].set(xlabel="time (s)", ylabel="mean square drift (degrees$^2$)", xlim=(0.0, None), ylim=(0.0, None))
    return figure


if __name__ == "__main__":
    main("working_memory", __doc__, measure)
