"""Runs a small network in which all kinds of synapses learn, and writes what came out: see test_mpi.py.

Usage: learning_network.py OUTPUT.json THREADS
"""

import hashlib
import json
import sys

import numpy as np
import scipy.sparse
from living_network import digest

from neurocore_nb import (
    STDP,
    COBALIFNeuron,
    InhibitorySTDP,
    LIFNeuron,
    Network,
    Normal,
    PoissonInput,
    PoissonPopulation,
    Population,
    Projection,
    RewardSTDP,
    SpikeMonitor,
    SpikeSource,
    TripletSTDP,
    TsodyksMarkram,
    Uniform,
)

output, threads = sys.argv[1], int(sys.argv[2])
N, N_INH = 61, 17
exc, inh = Population(COBALIFNeuron, N, label="exc"), Population(COBALIFNeuron, N_INH, label="inh")
readers = Population(LIFNeuron, 5, label="readers")
retina = PoissonPopulation(40, 40.0, label="retina")
rewards = SpikeSource([0.05, 0.11, 0.13], label="rewards")
learning = [
    Projection(retina, exc, Uniform(1.0, 3.0), 0.5, delay=Uniform(1e-3, 4e-3), receptor="exc",
               plasticity=STDP(a_plus=0.02, w_max=6.0)),
    Projection(exc, exc, 1.0, 0.2, delay=2e-3, plasticity=TripletSTDP(), receptor="exc", weight_dtype="float64"),
    Projection(inh, exc, 2.0, 0.5, delay=1e-3, plasticity=InhibitorySTDP(eta=0.02, w_max=9.0), receptor="inh",
               weight_dtype="float64"),
    Projection(exc, readers, Normal(60.0, 10.0, low=10.0, high=110.0), 0.7, delay=1e-3, receptor="exc",
               plasticity=RewardSTDP(reward=rewards, a_plus=5.0, a_minus=5.0, w_max=150.0), weight_dtype="float64"),
    Projection(exc, inh, 4.0, 0.3, delay=2e-3, plasticity=TsodyksMarkram(tau_rec=100.0, tau_fac=50.0), receptor="exc"),
]  # fmt: skip
monitors = [SpikeMonitor(one) for one in (exc, inh, readers)]
drive = PoissonInput(N, 900.0, 1.0, target=exc, receptor="exc")
net = Network(exc, inh, readers, retina, rewards, *learning, drive, *monitors, seed=5)
reports = [net.run(part, dt=1e-4, threads=threads) for part in (0.07, 0.13)]

weights = [one.matrix() for one in learning] + [learning[3].matrix("e")]
size, parts = len(reports[0].ranks), [weights]
if size > 1:
    from mpi4py import MPI

    parts = MPI.COMM_WORLD.gather(weights)
states = digest(net, *monitors)
if parts:
    whole = [scipy.sparse.vstack(one).tocsr() for one in zip(*parts, strict=True)]
    bits = hashlib.sha256(b"".join(one.data.tobytes() + one.indices.tobytes() for one in whole)).hexdigest()
    result = {
        "digest": states,
        "weights": bits,
        "spikes": [one.count for one in monitors],
        "spread": [float(np.ptp(one.data)) for one in whole],
        "mean": [float(one.data.mean()) for one in whole],
        "synapses": [one.synapses for one in reports[0].ranks],
    }
    with open(output, "w") as file:
        json.dump(result, file)
