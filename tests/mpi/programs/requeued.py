"""A network as scripts/slurm_job.sh wants it: goes on from its checkpoint until it is done."""

import os

from living_network import build

net, *_ = build(101, 1e-4, 1e-3, record_states=False)
if os.path.exists("run.ckpt"):
    net.restore("run.ckpt")
begun = net.t
net.run(3.0 - net.t, dt=1e-4, checkpoint="run.ckpt", checkpoint_every=0.2)
if net.rank == 0:
    print(f"done at {net.t:.9g} s, begun at {begun:.9g} s")
