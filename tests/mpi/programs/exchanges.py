"""Shares spikes in each way; writes what came out and the bytes that really went through the communicator.

Usage: exchanges.py OUTPUT.json
"""

import hashlib
import json
import sys

import numpy as np
from counting import CountingComm
from mpi4py import MPI

from neurocore_nb import ExpCurrent, LIFNeuron, Network, PoissonInput, Population, Projection, SpikeMonitor

N = 403
WORLD = MPI.COMM_WORLD


def wirings(cells):
    """Each neuron to the next two; and to most others."""
    pre = np.repeat(np.arange(N), 2)
    yield "ring", Projection(cells, cells, 300.0, topology=(pre, (pre + np.tile([1, 2], N)) % N), delay=1e-3)
    yield "dense", Projection(cells, cells, 1.0, probability=0.7)


def run(name, kind):
    """One network, shared in one way."""
    cells = Population(LIFNeuron, N, receptors={"syn": ExpCurrent(tau=2.0)})
    spikes = SpikeMonitor(cells)
    net = Network(cells, dict(wirings(cells))[name], PoissonInput(N, 300.0, 800.0), spikes)
    comm = CountingComm(WORLD)
    net.run(0.0, comm=comm, exchange=kind)
    CountingComm.sent = 0
    reports = [net.run(part, exchange=kind) for part in (0.1, 0.1)]
    counted = sum(WORLD.allgather(CountingComm.sent))
    digest = hashlib.sha256(spikes.t.tobytes() + spikes.i.tobytes()).hexdigest() if WORLD.Get_rank() == 0 else ""
    return {
        "digest": digest,
        "spikes": sum(report.spikes for report in reports),
        "counted": counted,
        "reported": sum(report.total("bytes_sent") for report in reports),
        "exchange": reports[0].exchange,
    }


results = {name: {kind: run(name, kind) for kind in ("all", "sparse", "auto")} for name in ("ring", "dense")}
for result in results.values():
    result["spikes"] = result["auto"]["spikes"]
if WORLD.Get_rank() == 0:
    with open(sys.argv[1], "w") as file:
        json.dump(results, file)
