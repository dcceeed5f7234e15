"""What building synapses costs: ``python scripts/benchmarks/build.py --topology random --neurons 40000``.

``--topology all`` goes through all rules. Of rules by distance, neurons are drawn in a unit square (``gaussian``,
``exponential``, ``box``) or cube (``gaussian_3d``), which may be periodic, and the profile is as wide as the number of
synapses asks for, which at ends become fewer.

Prints synapses per second (median over repeats, each in a process of its own), the memory of the synapses, at its peak
while they are built and in the end, over what the process had before, and the same of a whole network of
Hodgkin-Huxley neurons that is set up by ``run(0.0)``. Kernels are compiled before. Leave the machine alone meanwhile.

A billion synapses: ``--neurons 1000000 --indegree 1000 --repeats 1``.
"""

import argparse
import json
import math
import resource
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from common import report

from neurocore_nb import (
    Blocks,
    Box,
    DistanceDependent,
    Exponential,
    Gaussian,
    Grid,
    HodgkinHuxleyNeuron,
    Network,
    Normal,
    Population,
    Projection,
    Ring,
    ScaleFree,
    SmallWorld,
    Uniform,
    uniform_positions,
)
from neurocore_nb.engine.build import Synapses
from neurocore_nb.engine.partition import bounds
from neurocore_nb.engine.report import resident_bytes

STEP = 1e-4  # s
P = 0.2  # probability of a pair at one place


def by_name(n: int, indegree: int) -> dict[str, dict[str, Any]]:
    """Arguments of rules that projections know by name."""
    return {
        "random": {"probability": indegree / n},
        "fixed_indegree": {"indegree": indegree},
        "fixed_outdegree": {"outdegree": indegree},
        "fixed_total": {"total": indegree * n},
    }


def objects(n: int, indegree: int) -> dict[str, Any]:
    """Rules that are objects, by which a neuron has about so many synapses."""
    side, p = math.isqrt(n), P
    radius = max(1, round((math.sqrt(indegree) - 1.0) / 2.0))
    plane = math.sqrt(indegree / (n * p * 2.0 * math.pi))  # widths, if there were no ends
    solid = (indegree / (n * p)) ** (1.0 / 3.0) / math.sqrt(2.0 * math.pi)
    half = indegree / n
    return {
        "ring": Ring(max(1, indegree // 2)),
        "small_world": SmallWorld(indegree // 2 * 2, 0.3),
        "scale_free": ScaleFree(max(1, indegree // 2)),
        "grid": Grid((side, side), radius, "moore", periodic=True),
        "blocks": Blocks(half * np.array([[1.8, 0.2], [0.2, 1.8]]), [n // 2, n - n // 2]),
        "gaussian": DistanceDependent(Gaussian(p, plane)),
        "gaussian_periodic": DistanceDependent(Gaussian(p, plane), (1.0, 1.0)),
        "exponential": DistanceDependent(Exponential(p, plane), (1.0, 1.0)),
        "box": DistanceDependent(Box(p, math.sqrt(2.0) * plane), (1.0, 1.0)),
        "gaussian_3d": DistanceDependent(Gaussian(p, solid)),
        "gaussian_3d_periodic": DistanceDependent(Gaussian(p, solid), (1.0, 1.0, 1.0)),
    }


def projection(options: argparse.Namespace, n: int, indegree: int) -> tuple[Population, Projection]:
    """A population of n neurons and its projection onto itself."""
    if options.topology == "grid":
        n = math.isqrt(n) ** 2
    positions = uniform_positions(n, (1.0,) * (3 if "3d" in options.topology else 2), seed=1)
    cells = Population(HodgkinHuxleyNeuron, n, positions=positions)
    named = by_name(n, indegree).get(options.topology)
    rule = options.topology if named is not None else objects(n, indegree)[options.topology]
    drawing: dict[str, Any] = {"multapses": not options.distinct} if options.topology.startswith("fixed") else {}
    weight = Normal(0.1, 0.01) if options.drawn_weights else 0.1
    delay = Uniform(1e-3, 5e-3) if options.drawn_delays else 1e-3
    return cells, Projection(cells, cells, weight, topology=rule, delay=delay, **(named or {}), **drawing)


def forget_peak() -> None:
    """Count the peak of memory from now on, where the system can (Linux)."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        print("the peak may be that of compilation", file=sys.stderr)


def peak_bytes() -> int:
    """Most memory that the process had."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def measure(options: argparse.Namespace) -> dict[str, float]:
    """Build once, in this process: the synapses alone, or a whole network."""
    small, to_compile = projection(options, 50, 5)
    Network(small, to_compile).run(0.0, STEP, threads=options.threads)
    forget_peak()
    before = resident_bytes()
    cells, wiring = projection(options, options.neurons, options.indegree)
    if options.part == "synapses":
        synapses = Synapses(wiring, 1, 0, STEP, 2.0**-40, (0, cells.n))
        with ThreadPoolExecutor(options.threads) as executor:
            started = time.perf_counter()
            synapses.build(bounds(cells.n, options.threads), executor)
            seconds = time.perf_counter() - started
        count = synapses.n_synapses
    else:
        net = Network(cells, wiring)
        started = time.perf_counter()
        done = net.run(0.0, STEP, threads=options.threads)
        seconds = time.perf_counter() - started
        count = int(done.total("synapses"))
    peak, final = peak_bytes(), resident_bytes()
    return {"count": count, "seconds": seconds, "peak": peak - before, "final": final - before, "process": peak}


def in_fresh_process(topology: str, part: str) -> dict[str, float]:
    """Measure in a process of its own."""
    command = [sys.executable, __file__, *sys.argv[1:], "--topology", topology, "--part", part]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    result: dict[str, float] = json.loads(output)
    return result


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="What building synapses costs.")
    parser.add_argument("--neurons", type=int, default=40_000)
    parser.add_argument("--indegree", type=int, default=2500, help="mean number of synapses of a neuron")
    parser.add_argument("--topology", choices=["all", *by_name(9, 4), *objects(9, 4)], default="random")
    parser.add_argument("--distinct", action="store_true", help="fixed numbers without repetition")
    parser.add_argument("--drawn-weights", action="store_true", help="float32 weights of a normal distribution")
    parser.add_argument("--drawn-delays", action="store_true", help="delays of a uniform distribution")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="also print lines for run.py")
    parser.add_argument("--part", choices=["synapses", "network"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        print(json.dumps(measure(options)))
        return
    for topology in [*by_name(9, 4), *objects(9, 4)] if options.topology == "all" else [options.topology]:
        compare(options, topology)


def compare(options: argparse.Namespace, topology: str) -> None:
    """Measure one rule several times, and print."""
    print(f"{topology}, {options.neurons} neurons x {options.indegree}, threads: {options.threads}")
    for part in ("synapses", "network"):
        runs = [in_fresh_process(topology, part) for _ in range(options.repeats)]
        rate = statistics.median(run["count"] / run["seconds"] for run in runs)
        seconds = statistics.median(run["seconds"] for run in runs)
        peak, final = (max(run[name] for run in runs) for name in ("peak", "final"))
        count = runs[0]["count"]
        print(
            f"{part:9s} {rate / 1e6:7.1f} M synapses/s ({seconds:.2f} s), memory {final / 1e6:.0f} MB, "
            f"peak {peak / 1e6:.0f} MB ({peak / final:.2f} times); {final / count:.2f} bytes per synapse; "
            f"whole process {max(run['process'] for run in runs) / 1e9:.2f} GB",
            flush=True,
        )
        if options.json:
            drawn = ", drawn weights" * options.drawn_weights + ", drawn delays" * options.drawn_delays
            what = f"{topology}, {options.neurons} x {options.indegree}{drawn}, {part}"
            report(what, rate / 1e6, "M synapses/s")
            report(f"{what}, memory", final / count, "bytes per synapse")
            report(f"{what}, peak of memory over the final", peak / final, "")


if __name__ == "__main__":
    main()
