"""COBA, a network with synaptic conductances, keeps itself active after a kick, as in Brette et al. 2007, benchmark 1.

Rates are those of one second at 0.1 ms. The paper shows such activity, but gives no rate: ranges are mean and three
standard deviations of 40 networks in Brian2, see [the comparison](validation.md). In some networks of this size the
activity dies.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from common import Finding, digest, main, recorded

from neurocore_nb import plot, statistics
from neurocore_nb.networks import coba


def measure(options: Any) -> Iterator[Any]:
    """Rates and irregularity, and whether the activity lasts."""
    net = coba(options.scale, seed=options.seed)
    monitors = recorded(net).values()
    net.run(1.0, dt=1e-4)
    if net.rank == 0:
        exc, inh = monitors
        yield digest(exc, inh)
        yield Finding("mean rate, excitatory", exc.firing_rates().mean(), "Hz", 15.4, 22.7)
        yield Finding("mean rate, inhibitory", inh.firing_rates().mean(), "Hz", 15.4, 22.7)
        yield Finding("mean rate in the last 0.1 s", statistics.firing_rates(exc, start=0.9).mean(), "Hz")
        yield Finding("mean CV of intervals", np.nanmean(statistics.cv(exc)), "", 1.41, 1.65)
        yield plot.raster(exc, inh)[0].figure


if __name__ == "__main__":
    main("coba", __doc__, measure)
