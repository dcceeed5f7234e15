"""COBAHH keeps itself active, irregularly, as in figure 3 of Brette et al. 2007.

Rates are those of one second at 0.1 ms. The paper shows the activity, but gives no rate: the range is mean and three
standard deviations of the rates of eight seeds in Brian2 at small steps. The distributions of rates and of irregularity
over 20 seeds are in [the comparison with Brian2](validation.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from common import Finding, digest, main, recorded

from neurocore_nb import plot, statistics
from neurocore_nb.networks import cobahh


def measure(options: Any) -> Iterator[Any]:
    """Rate and irregularity."""
    net = cobahh(options.scale, seed=options.seed)
    spikes = recorded(net)["cells"]
    net.run(1.0, dt=1e-4)
    if net.rank == 0:
        yield digest(spikes)
        yield Finding("mean rate", spikes.firing_rates().mean(), "Hz", 35.4, 45.0)
        yield Finding("mean CV of intervals", np.nanmean(statistics.cv(spikes)), "")
        yield plot.raster(spikes, xlim=(0.7, 1.0))[0].figure


if __name__ == "__main__":
    main("cobahh", __doc__, measure)
