"""Decisions about motion, as in Wang 2002.

In each trial motion is shown from 0.5 to 1.5 s. The group that fires more in the last 0.1 s has won; a decision is
taken when a group's rate, in 50 ms, reaches 15 Hz. Correct choices at a coherence c follow a Weibull function,
1 - exp(-(c / alpha)^beta) / 2; the ranges of alpha and beta are where 95 % of fits lie if as many choices as here are
drawn from the paper's function. Rates without motion are those of 1.5 s, after 0.5 s that aren't looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np
from common import Finding, digest, main, recorded
from matplotlib import pyplot
from scipy.optimize import minimize

from neurocore_nb import RateMonitor, plot, statistics
from neurocore_nb.networks import decision_making

COHERENCES = (0.0, 3.2, 6.4, 12.8, 25.6, 51.2)  # %
ALPHA, BETA = 9.2, 1.5  # the paper's
TRIALS = 50
ONSET, OFFSET, BIN = 0.5, 1.5, 0.01  # s
THRESHOLD = 15.0  # Hz


class Trials:
    """Trials of one coherence: the rates of A and B, shape (2, n_trials, n_bins), and the spikes of the last one."""

    def __init__(self, options: Any, coherence: float, first: int) -> None:
        net = decision_making(options.scale, coherence=coherence, onset=ONSET, offset=OFFSET, seed=options.seed)
        groups = [RateMonitor(net[label], BIN) for label in ("A", "B")]
        net.add(*groups)
        self.spikes = recorded(net)
        rates = []
        for trial in range(TRIALS):
            net.reset(seed=options.seed + first + trial)
            net.run(OFFSET, dt=1e-4)
            rates.append([group.rate for group in groups])
        self.rank = net.rank
        self.rates = np.array(rates).transpose(1, 0, 2)
        self.a_wins = np.less(*self.rates[::-1, :, -round(0.1 / BIN) :].mean(axis=2))

    @cached_property
    def of_winner(self) -> np.ndarray:
        """Rates of the group that wins and of the other, in windows of 50 ms that end at ``times``."""
        ordered = np.where(self.a_wins[:, None], self.rates, self.rates[::-1])
        return np.apply_along_axis(np.convolve, 2, ordered, np.full(5, 0.2), "valid")

    @property
    def times(self) -> np.ndarray:
        """In s after the onset."""
        return (np.arange(self.of_winner.shape[2]) + 5) * BIN - ONSET

    @property
    def decision_times(self) -> np.ndarray:
        """Of trials with a decision, in s after the onset."""
        above = (self.of_winner[0] >= THRESHOLD) & (self.times > 0.0)
        return self.times[above.argmax(axis=1)][above.any(axis=1)]


def weibull(c: Any, alpha: float, beta: float) -> Any:
    """The probability of a correct choice at a coherence."""
    return 1.0 - 0.5 * np.exp(-((np.asarray(c) / alpha) ** beta))


def fitted(correct: Any) -> Any:
    """Alpha and beta that make the numbers of correct choices, at all coherences but 0, most likely."""

    def surprise(logs: Any) -> float:
        p = np.clip(weibull(COHERENCES[1:], *np.exp(logs)), 1e-9, 1.0 - 1e-9)
        return -float(np.sum(correct * np.log(p) + (TRIALS - correct) * np.log(1.0 - p)))

    return np.exp(minimize(surprise, np.log([ALPHA, BETA]), method="Nelder-Mead").x)


def expected() -> Any:
    """The 2.5 and 97.5 percentiles of alpha and beta where the paper's function is the truth."""
    rng = np.random.default_rng(1)
    drawn = rng.binomial(TRIALS, weibull(COHERENCES[1:], ALPHA, BETA), (1000, len(COHERENCES) - 1))
    return np.percentile([fitted(one) for one in drawn], [2.5, 97.5], axis=0).T


def spontaneous(options: Any) -> Iterator[Any]:
    """Rates without a stimulus."""
    net = decision_making(options.scale, mu0=0.0, sigma=0.0, seed=options.seed)
    spikes = recorded(net, "nonselective", "inh")
    net.run(2.0, dt=1e-4)
    if net.rank == 0:
        exc, inh = (statistics.firing_rates(one, start=0.5).mean() for one in spikes.values())
        yield Finding("without motion, nonselective cells", exc, "Hz", 1.0, 5.0)
        yield Finding("without motion, inhibitory cells", inh, "Hz", 8.0, 10.0)


def measure(options: Any) -> Iterator[Any]:
    """The psychometric function, the rates that ramp, and decision times."""
    yield from spontaneous(options)
    trials = {c: Trials(options, c, k * TRIALS) for k, c in enumerate(COHERENCES)}
    if trials[0.0].rank > 0:
        return
    for one in trials.values():
        yield digest(*one.spikes.values())
    correct = np.array([one.a_wins.sum() for one in trials.values()])
    fit = fitted(correct[1:])
    for name, unit, paper, here, (low, high) in zip(
        ("alpha", "beta"), ("%", ""), (ALPHA, BETA), fit, expected(), strict=True
    ):
        text = f"{paper:g} {unit} ({low:.2g} to {high:.2g})"
        yield Finding(f"{name} of the Weibull function", here, unit, low, high, text)
    yield Finding("choices of A without coherence", correct[0] / TRIALS, "", 0.36, 0.64, "0.5 (0.36 to 0.64)")
    winner, loser = (rates[:, -10:].mean() for rates in trials[12.8].of_winner)
    yield Finding("at 12.8 % and the end, who wins", winner, "Hz", 20.0, 40.0)
    yield Finding("at 12.8 % and the end, who loses", loser, "Hz", 0.0, 5.0)
    for c in COHERENCES:
        yield Finding(f"mean decision time at {c:g} %", trials[c].decision_times.mean(), "s")
    yield picture(trials, correct, fit)


def picture(trials: dict[float, Trials], correct: Any, fit: Any) -> Any:
    """Spikes of a trial, mean rates, correct choices and decision times."""
    figure, axes = pyplot.subplots(2, 2, figsize=(10, 7), layout="constrained")
    shown = trials[12.8]
    plot.raster(shown.spikes["B"], shown.spikes["A"], ax=axes[0, 0], labels=["B", "A"])
    axes[0, 0].set(title="a trial at 12.8 %", xlabel="time (s)")
    for c, colour in zip((3.2, 12.8, 51.2), ("C0", "C1", "C2"), strict=True):
        for rates, style in zip(trials[c].of_winner, "-:", strict=True):
            axes[0, 1].plot(trials[c].times, rates.mean(axis=0), style, color=colour, label=f"{c:g} %" * (style == "-"))
    axes[0, 1].set(title="who wins, and who loses (dotted)", xlabel="time after onset (s)", ylabel="rate (Hz)")
    c = np.geomspace(1.0, 100.0, 200)
    axes[1, 0].plot(c, 100.0 * weibull(c, ALPHA, BETA), "--", color="gray", label="Wang 2002")
    axes[1, 0].plot(c, 100.0 * weibull(c, *fit), color="C0", label="fit")
    axes[1, 0].plot(COHERENCES[1:], 100.0 * correct[1:] / TRIALS, "o", color="C0", label=f"{TRIALS} trials each")
    axes[1, 0].set(xscale="log", xlabel="coherence (%)", ylabel="correct (%)")
    times = [trials[c].decision_times for c in COHERENCES]
    axes[1, 1].errorbar(
        range(len(times)), [one.mean() for one in times], [one.std() for one in times], fmt="o-", capsize=3
    )
    axes[1, 1].set(xticks=range(len(times)), xticklabels=COHERENCES, ylim=(0.0, None))
    axes[1, 1].set(xlabel="coherence (%)", ylabel="decision time (s)")
    axes[0, 1].legend(title="coherence")
    axes[1, 0].legend()
    return figure


if __name__ == "__main__":
    main("decision_making", __doc__, measure)
