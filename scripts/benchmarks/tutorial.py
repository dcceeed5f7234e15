"""The tutorial's network of 12,500 Hodgkin-Huxley neurons that fire, in substeps of 0.01 ms, for 1 s."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from common import parser, report, rounds
from machine import cores

sys.path.insert(0, str(Path(__file__).parents[1]))
from mpi_demo import build


def main(arguments: list[str] | None = None) -> None:
    """Measure."""
    made = parser(__doc__)
    made.add_argument("--neurons", type=int, default=12_500)
    made.add_argument("--duration", type=float, default=1.0, help="biological time in s")
    options = made.parse_args(arguments)
    net, _ = build(options.neurons * 4 // 5)
    for _ in rounds(options):
        for threads in sorted({1, cores()}):
            net.run(0.0, threads=threads)  # builds
            net.reset()
            started = time.perf_counter()
            done = net.run(options.duration, threads=threads)
            seconds = time.perf_counter() - started
            rate = done.spikes / options.neurons / options.duration
            report(f"threads: {threads}", seconds / options.duration, "s per biological s", rate_hz=rate)


if __name__ == "__main__":
    main()
