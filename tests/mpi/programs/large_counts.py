"""Gathers more than one call may hold, with a limit that is soon reached."""

import sys

import numpy as np

from neurocore_nb.engine import comm as module
from neurocore_nb.engine.agreement import gather_arrays
from neurocore_nb.engine.comm import connect

module.LARGEST_COUNT = int(sys.argv[1])
comm = connect("mpi", None)
verdicts = []
for lengths in ([3, 0, 7], [0, 0, 0], [1, 20, 2], [4, 4, 4]):
    mine = lengths[comm.rank]
    gathered = gather_arrays(comm, np.arange(mine) + 100.5 * comm.rank)
    expected = [(np.arange(n) + 100.5 * rank).tolist() for rank, n in enumerate(lengths)]
    verdicts.append([part.tolist() for part in gathered] == (expected if comm.rank == 0 else []))
print(f"rank {comm.rank}: {verdicts}\n", end="", flush=True)
