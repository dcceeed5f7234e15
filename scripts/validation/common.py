"""What the comparisons share: result rows, and input spike trains. Times are in ms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

Trains = Sequence[np.ndarray]  # spike times in ms, ascending, one array a neuron


class Row(NamedTuple):
    """One compared quantity; without a bar it is for information."""

    what: str
    peer: str
    ours: str
    difference: float
    bar: float | None
    unit: str

    @property
    def verdict(self) -> str:
        """Whether the difference is within the bar."""
        return "" if self.bar is None else "yes" if self.difference <= self.bar else "**no**"

    def markdown(self) -> str:
        """The row of a table with the columns of ``HEADER``."""
        bar = "" if self.bar is None else f"{self.bar:.3g} {self.unit}"
        cells = (self.what, self.peer, self.ours, f"{self.difference:.3g} {self.unit}", bar, self.verdict)
        return f"| {' | '.join(cell.strip() for cell in cells)} |"


HEADER = "| what | peer | ours | largest difference | bar | within |\n| --- | --- | --- | --- | --- | --- |"


def spike_row(what: str, peer: np.ndarray, ours: np.ndarray, bar: float | None) -> Row:
    """Compare two spike trains, spike by spike; with a bar, another number of spikes is an infinite difference."""
    n = min(len(peer), len(ours))
    same = len(peer) == len(ours) or bar is None
    difference = float(np.abs(peer[:n] - ours[:n]).max(initial=0.0)) if same else math.inf
    shown = [f"{len(train)} spikes, last at {train[-1]:.3f} ms" if len(train) else "silent" for train in (peer, ours)]
    return Row(what, shown[0], shown[1], difference, bar, "ms")


def trace_row(what: str, peer: np.ndarray, ours: np.ndarray, bar: float | None, unit: str) -> Row:
    """Compare two traces sample by sample."""
    n = min(len(peer), len(ours))
    ranges = [f"{trace.min():.6g} to {trace.max():.6g} {unit}" for trace in (peer[:n], ours[:n])]
    return Row(what, ranges[0], ranges[1], float(np.abs(peer[:n] - ours[:n]).max()), bar, unit)


def after_decay(trace: np.ndarray, tau: float, dt: float) -> np.ndarray:
    """An exponential state one step later: NEST samples after what arrives, we before it."""
    return trace[:-1] * math.exp(-dt / tau)


def random_trains(n: int, rate_hz: float, duration: float, dt: float, seed: int) -> Trains:
    """Random spikes on the grid, at most one per step and train; trains coincide by chance."""
    draws = np.random.default_rng(seed).random((n, round(duration / dt) - 1)) < rate_hz * dt * 1e-3
    return [(np.flatnonzero(train) + 1) * dt for train in draws]


def upward_crossings(t: np.ndarray, v: np.ndarray, level: float) -> np.ndarray:
    """Times at which a trace rises through a level, interpolated linearly."""
    k = np.flatnonzero((v[:-1] < level) & (v[1:] >= level))
    return t[k] + (level - v[k]) / (v[k + 1] - v[k]) * (t[k + 1] - t[k])
