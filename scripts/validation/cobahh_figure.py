"""The figure of the COBAHH comparison."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from cobahh_peer import DURATION, N, Spikes

FIGURE = Path(__file__).parents[2] / "docs" / "cobahh.png"
Samples = list[list[np.ndarray]]  # of each simulator, of each run


def draw(simulators: tuple[list[Spikes], list[Spikes]], rates: Samples, cvs: Samples) -> None:
    """Distributions of rates and CVs, mean rates of the seeds, and a raster of each simulator."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(2, 2, figsize=(9, 6), layout="constrained")
    names, colours = ("Brian2", "neurocore_nb"), ("tab:orange", "tab:blue")
    for k, runs in enumerate(simulators):
        style = {"bins": 60, "density": True, "histtype": "step", "color": colours[k], "label": names[k]}
        axes[0, 0].hist(np.concatenate(rates[k]), range=(0, 200), **style)
        axes[0, 1].hist(np.concatenate(cvs[k]), range=(0, 4), **style)
        axes[1, 0].plot(sorted(len(t) / N / DURATION for t, _ in runs), "o", color=colours[k], label=names[k])
        t, i = runs[0]
        few = (i % 40 == 0) & (t > 0.5)
        axes[1, 1].plot(t[few], i[few] / 80 + 50 * k, "|", markersize=3, color=colours[k])
    labels = ("rate of a cell (Hz)", "density"), ("CV of a cell's intervals", "density")
    labels += ("seeds, sorted by rate", "mean rate (Hz)"), ("time (s)", "every 40th cell, seed 1")
    for axis, (x, y) in zip(axes.flat, labels, strict=True):
        axis.set(xlabel=x, ylabel=y)
    axes[0, 0].legend()
    figure.savefig(FIGURE, dpi=110)
