"""Rank 1 ends before the first run, in which the others wait for it: see test_faults.py.

Usage: ends_early.py {before MPI, after MPI} {raise, exit, kill}
"""

import os
import signal
import sys

from neurocore_nb import HodgkinHuxleyNeuron, Network, Population

if sys.argv[1] == "after MPI":
    from mpi4py import MPI  # noqa: F401

rank = int(os.environ.get("PMI_RANK") or os.environ["OMPI_COMM_WORLD_RANK"])
if rank == 1:
    if sys.argv[2] == "raise":
        raise ValueError("only rank 1 fails")
    if sys.argv[2] == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    sys.exit("no such input")
Network(Population(HodgkinHuxleyNeuron, 10)).run(0.01)
print("went well")
