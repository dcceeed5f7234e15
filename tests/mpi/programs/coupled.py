"""Runs a network with continuous couplings on the ranks it was started on, and writes what came out.

Usage: coupled.py OUTPUT.json
"""

import hashlib
import json
import sys

import numpy as np
from counting import CountingComm
from mpi4py import MPI

from neurocore_nb import (
    GapJunction,
    GradedRelease,
    GradedSynapse,
    Network,
    Normal,
    Population,
    Projection,
    SpikeMonitor,
    StepCurrent,
    Uniform,
)

WORLD = MPI.COMM_WORLD
DT = 1e-4


def build():
    """Two populations, coupled in themselves and with each other; of one a part only, so that ranks send unequally."""
    group = Population("HodgkinHuxleyNeuron", 23, initial={"v": Normal(-62.0, 5.0)}, max_step=0.05, label="group")
    release = {"gaba": GradedRelease()}
    others = Population("WangBuzsakiNeuron", 5, receptors=release, initial={"v": Uniform(-68.0, -55.0)}, label="others")
    objects = [
        GapJunction(group[:9], group[:9], Uniform(0.0, 0.1), probability=0.5, rectification=0.5),
        GapJunction(group[5:], others, 0.02, probability=0.2),
        GradedSynapse(others, group, 0.1, topology="fixed_indegree", indegree=2, state="s_gaba", e_rev=-75.0),
        Projection(group, others, 3.0, probability=0.5, delay=2e-3),
        StepCurrent(0.0, 1.0, np.linspace(6.0, 15.0, 23), target=group),
        StepCurrent(0.0, 1.0, 1.5, target=others),
        *(SpikeMonitor(one) for one in (group, others)),
    ]
    return Network(group, others, *objects, seed=3)


def main():
    """Run in two parts; digest of all spikes and states, and the bytes sent as counted and as reported."""
    net = build()
    net.run(0.0, DT, comm=CountingComm(WORLD))
    CountingComm.sent = 0
    reports = [net.run(part, DT) for part in (0.0113, 0.0487)]
    counted = sum(WORLD.allgather(CountingComm.sent))
    states = net.get_states()
    if WORLD.Get_rank() == 0:
        whole = hashlib.sha256()
        for array in [array for one in net.monitors for array in (one.t, one.i)]:
            whole.update(array.tobytes())
        for array in [array for one in states.values() for array in one.values()]:
            whole.update(array.tobytes())
        result = {
            "digest": whole.hexdigest(),
            "spikes": [one.count for one in net.monitors],
            "counted": counted,
            "reported": sum(report.total("bytes_sent") for report in reports),
        }
        with open(sys.argv[1], "w") as file:
            json.dump(result, file)


if __name__ == "__main__":
    main()
