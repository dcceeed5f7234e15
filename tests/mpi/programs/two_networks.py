"""Two halves of the world run different networks, each as it would alone."""

import numpy as np
from mpi4py import MPI

from neurocore_nb import HodgkinHuxleyNeuron, Network, PoissonInput, Population, Projection, SpikeMonitor

world = MPI.COMM_WORLD
half = world.Split(world.Get_rank() % 2)


def run(**arguments):
    cells = Population(HodgkinHuxleyNeuron, 40 + world.Get_rank() % 2)
    spikes = SpikeMonitor(cells)
    drive = PoissonInput(40, rate_hz=200.0, weight=10.0)
    Network(cells, Projection(cells, cells, 1.0, 0.2, delay=2e-3), drive, spikes).run(0.1, **arguments)
    return spikes


shared, alone = run(comm=half), run(backend="numba")
times = half.bcast((shared.t, shared.i)) if half.Get_rank() == 0 else half.bcast(None)
same = alone.count > 0 and np.array_equal(times[0], alone.t) and np.array_equal(times[1], alone.i)
print(f"rank {world.Get_rank()} same as alone: {same}")
