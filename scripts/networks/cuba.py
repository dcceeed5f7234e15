"""CUBA, a network with synaptic currents, keeps itself active, as in Brette et al. 2007, benchmark 2.

Rates are those of one second at 0.1 ms. The paper shows such activity, but gives no rate: ranges are mean and three
standard deviations of 40 networks in Brian2, see [the comparison](validation.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from common import Finding, digest, main, recorded

from neurocore_nb import plot, statistics
from neurocore_nb.networks import cuba


def measure(options: Any) -> Iterator[Any]:
    """Rates and irregularity, and whether the activity lasts."""
    net = cuba(options.scale, seed=options.seed)
    monitors = recorded(net).values()
    net.run(1.0, dt=1e-4)
    if net.rank == 0:
        exc, inh = monitors
        yield digest(exc, inh)
        yield Finding("mean rate, excitatory", exc.firing_rates().mean(), "Hz", 4.95, 6.36)
        yield Finding("mean rate, inhibitory", inh.firing_rates().mean(), "Hz", 4.95, 6.36)
        yield Finding("mean rate in the last 0.1 s", statistics.firing_rates(exc, start=0.9).mean(), "Hz")
        yield Finding("mean CV of intervals", np.nanmean(statistics.cv(exc)), "", 0.493, 0.546)
        yield plot.raster(exc, inh)[0].figure


if __name__ == "__main__":
    main("cuba", __doc__, measure)
