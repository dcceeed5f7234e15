"""Two halves of the world run different networks, each as it would alone."""

import numpy as np
from mpi4py import MPI

from neurocore_nb import HodgkinHuxleyNeuron, Network, PoissonInput, Population, Projection, SpikeMonitor

world = MPI.COMM_WORLD
half = world.Split(world.Get_rank() % 2)


def network():
    cells = Population(HodgkinHuxleyNeuron, 40 + world.Get_rank() % 2)
    spikes = SpikeMonitor(cells)
    drive = PoissonInput(40, rate_hz=200.0, weight=10.0)
    return Network(cells, Projection(cells, cells, 1.0, 0.2, delay=2e-3), drive, spikes), spikes


def run(**arguments):
    net, spikes = network()
    net.run(0.1, **arguments)
    return spikes


def step(**arguments):
    """Two networks in the same loop of a host."""
    pairs = [network() for _ in range(2)]
    sims = [net.compile(**arguments) for net, _ in pairs]
    for n in (1, 0, 42, 7, 50):
        for sim in sims:
            sim.step(n)
    for sim in sims:
        sim.gather()
    return [spikes for _, spikes in pairs]


def same(one, other):
    return np.array_equal(one.t, other.t) and np.array_equal(one.i, other.i)


alone = run(backend="numba")
shared = [run(comm=half), *step(comm=half)]
fine = alone.count > 0 and all(same(one, alone) for one in step(backend="numba"))
if half.Get_rank() == 0:  # where spikes are gathered
    fine = fine and all(same(one, alone) for one in shared)
print(f"rank {world.Get_rank()} same as alone: {fine}")
