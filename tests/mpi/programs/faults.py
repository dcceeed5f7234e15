"""Lets something go wrong on one rank, and says on each how it ended: see test_faults.py.

Usage: faults.py FAULT RANK [PATH]
"""

import errno
import os
import signal
import sys
import time

import numpy as np

from neurocore_nb import HodgkinHuxleyNeuron, Network, PoissonInput, Population, Projection, SpikeMonitor, StepCurrent
from neurocore_nb.engine.launcher import launched_ranks

FAULT, CULPRIT, *REST = sys.argv[1:]
RANK = int(os.environ.get("PMI_RANK") or os.environ.get("OMPI_COMM_WORLD_RANK") or 0)
MINE = int(CULPRIT) == RANK
FROM = 0.05  # s of the network's time


class FullMonitor(SpikeMonitor):
    """Can't keep what it is given."""

    def extend(self, *arguments):
        if MINE:
            raise OSError(errno.ENOSPC, "no space left on device")
        super().extend(*arguments)


def go_wrong() -> None:
    """What happens in the middle of a run."""
    sys.stderr.write(f"fault at {time.time()}\n")
    sys.stderr.flush()
    if FAULT in ("SIGKILL", "SIGSTOP", "SIGSEGV"):
        os.kill(os.getpid(), getattr(signal, FAULT))
    elif FAULT == "busy":
        time.sleep(3600)
    elif FAULT == "exit":
        sys.exit(3)
    elif FAULT == "memory":
        np.empty(1 << 45)
    elif FAULT == "function":
        raise LookupError("no rate for today")


def rate(t: float) -> float:
    """The rate of a Poisson input, a function of the user's."""
    if MINE and t > FROM and FAULT not in ("nan", "monitor", "between", "exit between", "checkpoint"):
        go_wrong()
    return 400.0


def main() -> None:
    """Run a network that goes wrong."""
    cells = Population(HodgkinHuxleyNeuron, 40, label="cells")
    spikes = (FullMonitor if FAULT == "monitor" else SpikeMonitor)(cells)
    objects = [Projection(cells, cells, 3.0, 0.2, delay=1e-3), PoissonInput(40, rate, 15.0), spikes]
    if FAULT == "nan":
        n = 40 // launched_ranks() * int(CULPRIT) + 1
        objects.append(StepCurrent(FROM, 1.0, 1e308, target=cells[n : n + 1]))
    net = Network(cells, *objects)
    net.run(0.02)
    kept = spikes.count
    if FAULT == "between" and MINE:
        go_wrong()
        raise LookupError("only this rank fails")
    if FAULT == "exit between" and MINE:
        go_wrong()
        sys.exit(3)
    try:
        net.run(0.5, watchdog=3.0, **({"checkpoint": REST[0]} if REST else {}))
    except Exception as error:
        said = str(error).replace("\n", " ")
        sys.stdout.write(f"rank {RANK}: {type(error).__name__}: {said} | kept {spikes.count - kept}\n")
        sys.stdout.flush()
        raise
    sys.stdout.write(f"rank {RANK}: went well\n")


main()
