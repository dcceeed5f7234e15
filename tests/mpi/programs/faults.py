"""Lets something go wrong on one rank, and says on each how it ended: see test_faults.py.

Usage: faults.py FAULT RANK [CHECKPOINT WHY] MARKER
"""

import errno
import os
import resource
import signal
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from neurocore_nb import (
    CheckpointError,
    HodgkinHuxleyNeuron,
    Network,
    PoissonInput,
    Population,
    Projection,
    SpikeMonitor,
    StepCurrent,
)
from neurocore_nb.engine.launcher import launched_ranks

FAULT, CULPRIT, *REST, _ = sys.argv[1:]
RANK = int(os.environ.get("PMI_RANK") or os.environ.get("OMPI_COMM_WORLD_RANK") or 0)
MINE = int(CULPRIT) == RANK
FROM = 0.05  # s of the network's time


class FullMonitor(SpikeMonitor):
    """Can't keep what it is given."""

    def extend(self, *arguments):
        if MINE and self.count > 0:
            raise OSError(errno.ENOSPC, "no space left on device")
        super().extend(*arguments)


def go_wrong() -> None:
    """What happens in the middle of a run."""
    sys.stderr.write(f"fault at {time.time()}\n")
    sys.stderr.flush()
    if FAULT.startswith("SIG"):
        os.kill(os.getpid(), getattr(signal, FAULT.split()[0]))
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
    if MINE and t > FROM and FAULT not in ("nan", "monitor", "between", "exit between", "checkpoint", "none"):
        go_wrong()
    return 400.0


def make_unwritable(path: Path, why: str) -> None:
    """Let checkpoints fail on one rank or on all."""
    if why == "full disk" and MINE:  # there has been room for one, and is for less than another
        (path.parent / "rest").write_bytes(bytes(os.statvfs(path.parent).f_bavail * 4096 - 8192))
    elif why == "limited files":
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
    elif why == "no permission":
        path.parent.chmod(0o555)
        if os.geteuid() == 0:  # whom permissions don't bind
            os.seteuid(65534)


def describe() -> tuple[Network, SpikeMonitor]:
    """The network and its monitor."""
    cells = Population(HodgkinHuxleyNeuron, 40, label="cells")
    spikes = (FullMonitor if FAULT == "monitor" else SpikeMonitor)(cells)
    objects = [Projection(cells, cells, 3.0, 0.2, delay=1e-3), PoissonInput(40, rate, 15.0), spikes]
    if FAULT == "nan":
        n = 40 // launched_ranks() * int(CULPRIT) + 1
        objects.append(StepCurrent(FROM, 1.0, 1e308, target=cells[n : n + 1]))
    return Network(cells, *objects), spikes


def old_one(path: str) -> str:
    """Whether the checkpoint that was there can still be restored."""
    net, _ = describe()
    try:
        net.restore(path)
    except (OSError, CheckpointError) as error:
        return f"{type(error).__name__}"
    return f"old one whole at {net.t:.3f} s"


def main() -> None:
    """Run a network that goes wrong."""
    net, spikes = describe()
    net.run(0.02)
    kept = spikes.count
    options: dict[str, Any] = {} if FAULT.endswith("default") else {"watchdog": 3.0}
    if FAULT in ("between", "exit between") and MINE:
        go_wrong()
        if FAULT == "between":
            raise LookupError("only this rank fails")
        sys.exit(3)
    if FAULT == "checkpoint":
        path, why = REST
        if why == "full disk":
            net.save(path)
        make_unwritable(Path(path), why)
        options["checkpoint"] = path
    try:
        net.run(60.0 if FAULT == "none" else 0.5, **options)
    except Exception as error:
        said = str(error).replace("\n", " ")
        after = f"{old_one(REST[0])} | " if REST else ""
        sys.stdout.write(f"rank {RANK}: {type(error).__name__}: {said} | {after}kept {spikes.count - kept}\n")
        sys.stdout.flush()
        raise
    sys.stdout.write(f"rank {RANK}: went well\n")


main()
