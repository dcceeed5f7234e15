"""A job that goes on from its checkpoint, if it has one, until it is done: see test_checkpoints.py.

Usage: long_job.py CHECKPOINT OUTPUT DURATION EVERY MARKER
"""

import sys
from pathlib import Path

from living_network import build, digest

path, output, duration, every = Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])

net, *spikes = build(101, 1e-4, 1e-3, record_states=True)
if path.exists():
    net.restore(path)
begun = net.t
net.run(duration - net.t, dt=1e-4, threads=1, checkpoint=path, checkpoint_every=every, watchdog=20.0)
whole = digest(net)
if net.rank == 0:
    output.write_text(f"{whole} from {begun:.9g} to {net.t:.9g} with {spikes[0].count} {spikes[1].count}")
