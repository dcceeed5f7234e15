"""Published networks, at full size by default: building, running, memory. Their names are those of the library."""

from __future__ import annotations

import resource
import time
from typing import Any

from common import parser, report, rounds

TRANSIENT = {"hpc_benchmark": 0.05}  # s that are run before the clock starts; of the others 0.1 s
SMALL = {"hpc_benchmark": 0.005}  # scale of what is run to compile; of the others 0.02


def options_of(text: str | None, names: tuple[str, ...]) -> Any:
    """The options that all simulators' programs have."""
    made = parser(text, repeats=1)
    made.add_argument("network", choices=names)
    made.add_argument("--scale", type=float, default=1.0)
    made.add_argument("--duration", type=float, default=1.0, help="biological time in s")
    made.add_argument("--threads", type=int, default=2)
    made.add_argument("--seed", type=int, default=1)
    options = made.parse_args()
    options.transient = TRANSIENT.get(options.network, 0.1)
    return options


def report_all(options: Any, build: float, run: float, rate_hz: float, peak_kb: int | None = None) -> None:
    """Print what was measured: seconds, the rate in the measured time, and the largest memory of the process."""
    what = f"{options.network}, scale {options.scale:g}"
    peak_kb = peak_kb or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    report(f"{what}, building", build, "s")
    report(f"{what}, running", run / options.duration, "s per biological s", rate_hz=rate_hz)
    report(f"{what}, memory of the process at its peak", peak_kb * 1024 / 1e9, "GB")


def main() -> None:
    """Measure."""
    options = options_of(__doc__, ("brunel", "coba", "cuba", "hpc_benchmark"))
    from neurocore_nb import SpikeMonitor, networks

    make = getattr(networks, options.network)
    make(SMALL.get(options.network, 0.02)).run(0.005, dt=1e-4, threads=options.threads)  # compiles
    for trial in rounds(options):
        net = make(options.scale, seed=options.seed + trial)
        started = time.perf_counter()
        net.run(0.0, dt=1e-4, threads=options.threads)
        build = time.perf_counter() - started
        net.run(options.transient, dt=1e-4, threads=options.threads)
        monitors = [SpikeMonitor(cells) for cells in net.populations]
        net.add(*monitors)
        started = time.perf_counter()
        net.run(options.duration, dt=1e-4, threads=options.threads)
        run = time.perf_counter() - started
        cells = sum(population.n for population in net.populations)
        report_all(options, build, run, sum(one.count for one in monitors) / cells / options.duration)


if __name__ == "__main__":
    main()
