"""The cortical microcircuit of Potjans and Diesmann, at full size by default: building, running, memory."""

from __future__ import annotations

import resource
import time
from typing import Any

from common import parser, report, rounds

LABELS = ("L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I")
TRANSIENT = 0.1  # s that are run before the clock starts


def options_of(text: str | None, arguments: list[str] | None = None) -> Any:
    """The options that both simulators' programs have."""
    made = parser(text, repeats=1)
    made.add_argument("--scale", type=float, default=1.0)
    made.add_argument("--duration", type=float, default=1.0, help="biological time in s")
    made.add_argument("--threads", type=int, default=2)
    made.add_argument("--seed", type=int, default=1)
    return made.parse_args(arguments)


def report_all(options: Any, build: float, run: float, rates_hz: list[float]) -> None:
    """Print what was measured: seconds, and the rates of the populations in the measured time."""
    what = f"microcircuit, scale {options.scale:g}"
    gigabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
    report(f"{what}, building", build, "s")
    report(f"{what}, running", run / options.duration, "s per biological s")
    rates = {label: round(rate, 3) for label, rate in zip(LABELS, rates_hz, strict=True)}
    report(f"{what}, memory of the process at its peak", gigabytes, "GB", **rates)


def main(arguments: list[str] | None = None) -> None:
    """Measure."""
    options = options_of(__doc__, arguments)
    from neurocore_nb import SpikeMonitor
    from neurocore_nb.networks import potjans_diesmann

    potjans_diesmann(0.005).run(0.01, dt=1e-4, threads=options.threads)  # compiles
    for trial in rounds(options):
        net = potjans_diesmann(options.scale, seed=options.seed + trial)
        started = time.perf_counter()
        net.run(0.0, dt=1e-4, threads=options.threads)
        build = time.perf_counter() - started
        net.run(TRANSIENT, dt=1e-4, threads=options.threads)
        monitors = {label: SpikeMonitor(net[label]) for label in LABELS}
        net.add(*monitors.values())
        started = time.perf_counter()
        net.run(options.duration, dt=1e-4, threads=options.threads)
        run = time.perf_counter() - started
        rates_hz = [one.count / len(net[label]) / options.duration for label, one in monitors.items()]
        report_all(options, build, run, rates_hz)


if __name__ == "__main__":
    main()
