"""Published networks, at full size by default: building, running, memory. Their names are those of the library.

In a network of COBA's size the activity dies now and then: its rate tells.
"""

from __future__ import annotations

import gc
import resource
import time
from pathlib import Path
from typing import Any

from common import parser, report, rounds

NETWORKS = ("brunel", "coba", "cuba", "hpc_benchmark", "potjans_diesmann")
TRANSIENT = {"hpc_benchmark": 0.05}  # s that are run before the clock starts; of the others 0.1 s
SMALL = {"hpc_benchmark": 0.005, "potjans_diesmann": 0.005}  # scale of what is run to compile; of the others 0.05


def options_of(text: str | None, names: tuple[str, ...], arguments: list[str] | None = None) -> Any:
    """The options that all simulators' programs have."""
    made = parser(text, repeats=1)
    made.add_argument("network", choices=names)
    made.add_argument("--scale", type=float, default=1.0)
    made.add_argument("--duration", type=float, default=1.0, help="biological time in s")
    made.add_argument("--threads", type=int, default=2)
    made.add_argument("--seed", type=int, default=42)
    options = made.parse_args(arguments)
    options.transient = TRANSIENT.get(options.network, 0.1)
    return options


def resident_gb() -> float:
    """Memory of this process now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e9


def peak_gb() -> float:
    """The most that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def report_all(
    options: Any,
    build: float,
    run: float,
    counts: dict[str, int],
    sizes: dict[str, int],
    memory_gb: tuple[float, float],
) -> None:
    """Print what was measured: seconds, rates in the measured time, and memory.

    Parameters
    ----------
    options : argparse.Namespace
    build, run : float
        Seconds.
    counts, sizes : dict of str to int
        Spikes and cells of each population.
    memory_gb : tuple of float
        Of the program before it builds, and at its peak.
    """
    what = f"{options.network}, scale {options.scale:g}"
    rate_hz = sum(counts.values()) / sum(sizes.values()) / options.duration
    rates = {label: counts[label] / sizes[label] / options.duration for label in counts}
    report(f"{what}, building", build, "s")
    report(f"{what}, running", run / options.duration, "s per biological s", rate_hz=rate_hz, **rates)
    before, peak = memory_gb
    report(f"{what}, memory of the network", peak - before, "GB")
    report(f"{what}, memory of the whole process", peak, "GB")


def main(arguments: list[str] | None = None) -> None:
    """Measure."""
    options = options_of(__doc__, NETWORKS, arguments)
    from neurocore_nb import SpikeMonitor, networks

    make = getattr(networks, options.network)
    make(SMALL.get(options.network, 0.05)).run(0.005, dt=1e-4, threads=options.threads)  # compiles
    before = resident_gb()
    for trial in rounds(options):
        net = make(options.scale, seed=options.seed + trial)
        started = time.perf_counter()
        net.run(0.0, dt=1e-4, threads=options.threads)
        build = time.perf_counter() - started
        net.run(options.transient, dt=1e-4, threads=options.threads)
        monitors = {cells.label: SpikeMonitor(cells) for cells in net.populations}
        net.add(*monitors.values())
        started = time.perf_counter()
        net.run(options.duration, dt=1e-4, threads=options.threads)
        run = time.perf_counter() - started
        counts = {label: one.count for label, one in monitors.items()}
        sizes = {cells.label: cells.n for cells in net.populations}
        report_all(options, build, run, counts, sizes, (before, peak_gb()))
        del net, monitors  # before the next is built
        gc.collect()


if __name__ == "__main__":
    main()
