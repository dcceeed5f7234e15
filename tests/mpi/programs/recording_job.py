"""Records into a file what doesn't end, until it is killed; or, without a file, a given time.

Usage: recording_job.py MARKER FILE | recording_job.py whole OUTPUT.npz SECONDS
"""

import sys

import numpy as np

from neurocore_nb import HodgkinHuxleyNeuron, Network, PoissonInput, Population, Projection, SpikeMonitor, StateMonitor
from neurocore_nb.engine import streaming

streaming.EVERY = 0.1


def describe(to: str | None) -> Network:
    """Two populations that fire at one another."""
    exc = Population(HodgkinHuxleyNeuron, 37, label="exc")
    inh = Population(HodgkinHuxleyNeuron, 11, label="inh")
    wires = Projection(exc, inh, 15.0, 0.5, delay=1e-3), Projection(inh, exc, -5.0, 0.5, delay=1e-3)
    monitors = SpikeMonitor(exc, to=to), StateMonitor(inh, "v", interval=1e-3, to=to)
    return Network(exc, inh, *wires, PoissonInput(37, 800.0, 9.0), *monitors, seed=3)


if sys.argv[1] == "whole":
    net = describe(None)
    net.run(float(sys.argv[3]), 1e-3)
    spikes, states = net.monitors
    np.savez(sys.argv[2], t=spikes.t, i=spikes.i, v=states.traces["v"])
else:
    describe(sys.argv[2]).run(1e5, 1e-3)
