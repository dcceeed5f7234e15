"""One rank raises outside of a run, before MPI is used or after; the others wait for it in the next run."""

import os
import sys

from neurocore_nb import HodgkinHuxleyNeuron, Network, Population

rank = int(os.environ.get("PMI_RANK") or os.environ["OMPI_COMM_WORLD_RANK"])
net = Network(Population(HodgkinHuxleyNeuron, 10))
if sys.argv[1] == "after":
    net.run(0.01)
if rank == 1:
    raise RuntimeError("only rank 1 fails")
net.run(0.01)
net.run(0.01)
