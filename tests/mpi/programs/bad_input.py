"""Every rank tries what should fail and says how it did."""

import sys
from collections.abc import Callable
from typing import Any

from mpi4py import MPI

from neurocore_nb import HodgkinHuxleyNeuron, Network, Population, SpikeMonitor, StepCurrent

RANK = MPI.COMM_WORLD.Get_rank()


def network(n: int = 10, amplitude: float = 10.0) -> Network:
    cells = Population(HodgkinHuxleyNeuron, n, label="cells")
    return Network(cells, StepCurrent(0.0, 0.1, amplitude, target=cells[7:8]), SpikeMonitor(cells))


def verdict(name: str, action: Callable[[], Any]) -> None:
    try:
        outcome = f"fine {action()}"
    except Exception as error:
        outcome = f"{type(error).__name__} {error}"
    sys.stdout.write(f"rank {RANK} {name}: {outcome}\n".replace("\n ", " "))
    sys.stdout.flush()
    MPI.COMM_WORLD.Barrier()


verdict("duration", lambda: network().run(0.0105))
verdict("one_rank", lambda: network().run(0.01, dt=-1.0 if RANK == 1 else 0.001))
verdict("differs", lambda: network(n=10 + (RANK == 2)).run(0.01))
net = network(amplitude=1e308)
verdict("nan", lambda: net.run(0.01))
verdict("broken", lambda: net.run(0.01))
fine = network()
fine.run(0.01)
verdict("gathered", lambda: fine.monitors[0].t)
