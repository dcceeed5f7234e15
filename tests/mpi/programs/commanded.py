"""For tests of the command line: says what it was given and what its network did, then ends, or waits, as told.

Usage: commanded.py STATUS [...], STATUS a number, "wait", or "checkpoint" for a long run that can be asked to end.
"""

import hashlib
import sys
import time

from neurocore_nb import LIFNeuron, Network, PoissonInput, Population, Projection, SpikeMonitor
from neurocore_nb.kernels.jit import config

cells = Population(LIFNeuron, 21)
spikes = SpikeMonitor(cells)
drive = PoissonInput(21, rate_hz=2000.0, weight=300.0)
net = Network(cells, Projection(cells, cells, weight=30.0, probability=0.3), drive, spikes)
report = net.run(0.02)
comm = net._comm
if comm.rank == 0:
    bits = hashlib.sha256(spikes.t.tobytes() + spikes.i.tobytes()).hexdigest()[:16]
    print(
        f"{len(report.ranks)} ranks x {report.threads} threads of {config.NUMBA_NUM_THREADS}: {sys.argv[1:]}, "
        f"{report.spikes} spikes {bits}",
        flush=True,
    )
if sys.argv[1] == "wait":
    time.sleep(60)
elif sys.argv[1] == "checkpoint":
    net.run(1e5, checkpoint=sys.argv[2], checkpoint_every=0.2)
else:
    sys.exit(int(sys.argv[1]))
