"""Gathers more than one call may hold, sends more spikes than one exchange may: with a limit that is soon reached."""

import sys

import numpy as np

from neurocore_nb import SimulationError
from neurocore_nb.engine import comm as module
from neurocore_nb.engine.comm import connect

module.LARGEST_COUNT = int(sys.argv[1])
comm = connect("mpi", None)
verdicts = []
for lengths in ([3, 0, 7], [0, 0, 0], [1, 20, 2], [4, 4, 4]):
    mine = lengths[comm.rank]
    gathered = comm.gather(np.arange(mine) + 100.5 * comm.rank)
    expected = [(np.arange(n) + 100.5 * rank).tolist() for rank, n in enumerate(lengths)]
    verdicts.append([part.tolist() for part in gathered] == (expected if comm.rank == 0 else []))
try:
    comm.allgatherv(np.zeros(4, np.int32), np.array([4, 4, 4]))
    verdicts.append("sent")
except SimulationError as error:
    verdicts.append(str(error)[:46])
print(f"rank {comm.rank}: {verdicts}\n", end="", flush=True)
