"""How fast spikes are delivered: ``python scripts/benchmarks/delivery.py``.

Prints, for networks of several sizes, millions of synaptic events per second of the delivery alone, medians over
repeats, and bytes per synapse. Leave the machine alone meanwhile; two threads need two idle cores.

Each line is a projection of pairs drawn with one probability: number of target neurons, synapses of each source, spikes
in one call (in as many steps as the delay lasts; few are those of a single step), and what is stored.
"""

import argparse
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from common import report
from numba import prange

from neurocore_nb import LIFNeuron, Normal, PoissonPopulation, Population, Projection, Uniform
from neurocore_nb.engine.build import Synapses
from neurocore_nb.engine.partition import bounds
from neurocore_nb.engine.threads import numba_threads
from neurocore_nb.kernels.deliver import deliver
from neurocore_nb.kernels.jit import parallel_kernel

DT, DELAY_STEPS = 1e-4, 15
LARGE = 1_000_000, 1000  # neurons and synapses a source; from fewer sources, to spare memory
LARGE_SOURCES = 100_000
QUANTUM = 2.0**-40

KINDS: dict[str, dict[str, Any]] = {
    "one weight, one delay": {},
    "float32 weights": {"weight": Normal(1.0, 0.1)},
    "uint8 delays": {"delay": Uniform(1e-4, DELAY_STEPS * DT)},
    "both": {"weight": Normal(1.0, 0.1), "delay": Uniform(1e-4, DELAY_STEPS * DT)},
    "procedural": {"storage": "procedural"},
    "procedural, all-to-all": {"storage": "procedural", "topology": "all_to_all"},
    "procedural, outdegree": {"storage": "procedural", "topology": "fixed_outdegree"},
}


@parallel_kernel
def deliver_on_threads(ring: Any, spikes: Any, blocks: Any) -> None:
    """As in a step of a network: each thread delivers all spikes to its own targets."""
    for w in prange(blocks.shape[0]):
        deliver(ring, 0, spikes, blocks[w])


def build(n_source: int, n_target: int, outdegree: int, threads: int, **options: Any) -> Synapses:
    """The synapses of a projection, one block for each thread."""
    arguments = {"weight": 1.0, "delay": DELAY_STEPS * DT, "probability": outdegree / n_target} | options
    if arguments.get("topology") == "all_to_all":
        del arguments["probability"]
    source, target = PoissonPopulation(n_source, 1.0), Population(LIFNeuron, n_target)
    synapses = Synapses(Projection(source, target, **arguments), 1, 0, DT, QUANTUM, (0, n_target))
    with ThreadPoolExecutor(threads) as executor:
        synapses.build(bounds(n_target, threads), executor)
    return synapses


def events_per_second(synapses: Synapses, n_spikes: int, least_events: float, repeats: int) -> float:
    """Median over repeats, each of so many calls that there are enough events."""
    n_source, n_target = synapses.projection.source.n, synapses.projection.target.n
    table = np.stack([block.table_row(0, 0, n_source)[None] for block in synapses.blocks])
    ring = np.zeros((1, synapses.longest_delay + 1, n_target))
    events = synapses.n_synapses / n_source * n_spikes
    steps = DELAY_STEPS if n_spikes > DELAY_STEPS * 10 else 1
    rng = np.random.default_rng(2)
    calls = [
        np.stack([rng.integers(0, n_source, n_spikes), np.sort(rng.integers(0, steps, n_spikes))]).astype(np.int32)
        for _ in range(max(1, round(least_events / events)))
    ]
    deliver_on_threads(ring, calls[0], table)
    rates = []
    for _ in range(repeats):
        started = time.perf_counter()
        for spikes in calls:
            deliver_on_threads(ring, spikes, table)
        rates.append(len(calls) * events / (time.perf_counter() - started))
    return statistics.median(rates)


def cases(neurons: int, large: bool) -> Iterator[tuple[int, int, int, int, list[str]]]:
    """Sources, targets, synapses a source, spikes of one call, and what to store."""
    for outdegree in (neurons // 16, neurons // 500):
        yield neurons, neurons, outdegree, 600, [kind for kind in KINDS if kind != "procedural, all-to-all"]
    yield neurons, neurons, neurons // 500, 16, ["one weight, one delay", "float32 weights", "procedural"]
    yield neurons // 10, neurons // 10, neurons // 10, 600, ["one weight, one delay", "procedural, all-to-all"]
    if large:
        yield LARGE_SOURCES, *LARGE, 3000, ["one weight, one delay", "procedural"]


def main(arguments: list[str] | None = None) -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description="How fast spikes are delivered.")
    parser.add_argument("--neurons", type=int, default=40_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--events", type=float, default=1e7, help="at least so many in one measurement")
    parser.add_argument("--large", action="store_true", help="also a million neurons (0.5 GB)")
    parser.add_argument("--kind", choices=list(KINDS), action="append", help="only these; may be repeated")
    parser.add_argument("--json", action="store_true", help="also print lines for run.py")
    options = parser.parse_args(arguments)

    print("  neurons  synapses  spikes  stored                    M events/s  bytes per synapse")
    for n_source, n_target, outdegree, n_spikes, kinds in cases(options.neurons, options.large):
        stored = 0.0
        for kind in kinds:
            if options.kind and kind not in options.kind:
                continue
            with numba_threads(options.threads):
                synapses = build(n_source, n_target, outdegree, options.threads, **KINDS[kind])
                rate = events_per_second(synapses, n_spikes, options.events, options.repeats)
            size = synapses.nbytes / max(1, synapses.n_synapses)
            print(f"{n_target:9,} {outdegree:9,} {n_spikes:7,}  {kind:25} {rate / 1e6:10,.0f} {size:18.2g}", flush=True)
            if options.json:
                what = f"{n_target} x {outdegree}, {n_spikes} spikes, {kind}"
                report(what, rate / 1e6, "M events/s")
                report(f"{what}, memory", size, "bytes per synapse")
                if kind.startswith("procedural") and stored:
                    report(f"{what}, time over that of stored synapses", stored / rate, "")
                stored = stored or rate


if __name__ == "__main__":
    main()
