"""Ranks against threads: one thread on each of as many ranks as there are cores, and one rank with as many threads.

The tutorial's network, and COBAHH with a delay of 1 ms and with none. Each trial is a program of its own, one way after
the other; its time is the median of several runs of one built network.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

from cobahh import DT, make_network
from common import parser, report, rounds
from machine import cores

sys.path.insert(0, str(Path(__file__).parents[1]))
from mpi_demo import build

# Open MPI refuses to run as root unless told; MPICH doesn't look at these.
AS_ROOT = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
NETWORKS = {
    "tutorial's network": lambda n: (build(n * 4 // 5)[0], 1e-3),
    "COBAHH, delay 1 ms": lambda n: (make_network(n, delay=1e-3)[0], DT * 1e-3),
    "COBAHH, no delay": lambda n: (make_network(n)[0], DT * 1e-3),
}
SIZES = {"tutorial's network": 12_500, "COBAHH, delay 1 ms": 4000, "COBAHH, no delay": 4000}


def trial(name: str, n: int, threads: int, duration: float, runs: int) -> None:
    """On each rank: run a network several times, and print the median wall time."""
    net, dt = NETWORKS[name](n)
    net.run(0.0, dt=dt, threads=threads)
    times = []
    for _ in range(runs):
        net.reset()
        started = time.perf_counter()
        done = net.run(duration, dt=dt, threads=threads)
        times.append(time.perf_counter() - started)
    if net.rank == 0:
        print(f"\nseconds {statistics.median(times)} ranks {len(done.ranks)} spikes {done.spikes}", flush=True)


def start(ranks: int, arguments: list[str]) -> list[str]:
    """Start trials under the MPI launcher beside this Python, or else on the path; the words of the result."""
    launcher = shutil.which("mpirun", path=str(Path(sys.executable).parent)) or shutil.which("mpirun")
    if launcher is None:
        sys.exit("no mpirun found: install neurocore_nb[mpi-local]")
    command = [sys.executable, str(Path(__file__)), *arguments]
    if ranks > 1:
        command = [launcher, "-np", str(ranks), *command]
    done = subprocess.run(command, env=os.environ | AS_ROOT, capture_output=True, text=True, check=False)
    found = [line for line in done.stdout.splitlines() if line.startswith("seconds ")]
    if not found:
        sys.exit(f"{' '.join(command)}:\n{done.stdout}\n{done.stderr}")
    return found[0].split()


def main(arguments: list[str] | None = None) -> None:
    """Measure."""
    made = parser(__doc__)
    made.add_argument("--scale", type=float, default=1.0, help="size of the networks, as a factor")
    made.add_argument("--duration", type=float, default=1.0, help="biological time in s")
    made.add_argument("--runs", type=int, default=3, help="runs of each network in a trial")
    made.add_argument("--trial", nargs=2, metavar=("NETWORK", "THREADS"), help="run one, on this rank")
    options = made.parse_args(arguments)
    if options.trial:
        name, threads = options.trial
        trial(name, round(SIZES[name] * options.scale), int(threads), options.duration, options.runs)
        return
    same = [f"--{name}={getattr(options, name)}" for name in ("scale", "duration", "runs")]
    n = cores()
    for _ in rounds(options):
        for name in NETWORKS:
            by_threads = start(1, [*same, "--trial", name, str(n)])
            by_ranks = start(n, [*same, "--trial", name, "1"])
            if by_threads[5] != by_ranks[5]:
                sys.exit(f"{name}: {by_threads[5]} spikes with threads, {by_ranks[5]} with ranks")
            seconds = [float(words[1]) / options.duration for words in (by_threads, by_ranks)]
            report(
                f"{name}, {n} ranks / {n} threads", seconds[1] / seconds[0], "",
                threads_s=seconds[0], ranks_s=seconds[1],
            )  # fmt: skip


if __name__ == "__main__":
    main()
