"""The microcircuit's spontaneous activity, as in figure 6 and table 6 of Potjans and Diesmann 2014.

One second after 0.5 s that aren't looked at. The paper's rates are those of one simulation; here they may differ by a
tenth and 0.1 Hz. Irregularity is the mean coefficient of variation of the cells' intervals, of those with two or more.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from common import Finding, digest, main, recorded

from neurocore_nb import plot, statistics
from neurocore_nb.networks import potjans_diesmann

PAPER_HZ = {
    "L23E": 0.86, "L23I": 2.80, "L4E": 4.45, "L4I": 5.93, "L5E": 7.59, "L5I": 8.64, "L6E": 1.09, "L6I": 7.88
}  # fmt: skip
START, STOP = 0.5, 1.5  # s


def measure(options: Any) -> Iterator[Any]:
    """Rates and irregularity of each population."""
    net = potjans_diesmann(options.scale, seed=options.seed)
    spikes = recorded(net)
    net.run(STOP, dt=1e-4)
    if net.rank == 0:
        yield digest(*spikes.values())
        for label, paper in PAPER_HZ.items():
            rate = statistics.firing_rates(spikes[label], start=START).mean()
            yield Finding(f"{label}, rate", rate, "Hz", 0.9 * paper - 0.1, 1.1 * paper + 0.1, f"{paper:g} Hz")
        for label in PAPER_HZ:
            irregularity = np.nanmean(statistics.cv(spikes[label], start=START))
            yield Finding(f"{label}, CV of intervals", irregularity, "")
        top_down = [spikes[label] for label in reversed(PAPER_HZ)]
        yield plot.raster(*top_down, labels=list(reversed(PAPER_HZ)), xlim=(1.0, 1.4))[0].figure


if __name__ == "__main__":
    main("potjans_diesmann", __doc__, measure)
