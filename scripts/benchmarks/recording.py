"""Spikes that are streamed into a file: memory stays bounded however many there are.

A population of Poisson processes fires at 1 kHz each, into a file. Memory is that of the process at its largest, beyond
what it had after a run of a second. Then the file is put into one, sorted by time.
"""

from __future__ import annotations

import math
import resource
import tempfile
import time
from pathlib import Path

from common import parser, report, rounds

from neurocore_nb import Network, PoissonPopulation, SpikeMonitor
from neurocore_nb.io import Recording, merge

RATE_HZ, DT = 1000.0, 1e-3


def largest_memory() -> float:
    """The most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def main(arguments: list[str] | None = None) -> None:
    """Measure."""
    made = parser(__doc__, repeats=1)
    made.add_argument("--spikes", type=float, default=1e8)
    made.add_argument("--neurons", type=int, default=20_000)
    made.add_argument("--folder", type=Path, help="where to write (default: a temporary folder)")
    options = made.parse_args(arguments)
    for _ in rounds(options):
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            source = PoissonPopulation(options.neurons, RATE_HZ, label="source")
            spikes = SpikeMonitor(source, to=Path(folder) / "run.h5")
            net = Network(source, spikes)
            net.run(1.0, DT, threads=1)
            before, started, first = largest_memory(), time.perf_counter(), spikes.count
            net.run(math.ceil(options.spikes / (options.neurons * RATE_HZ)), DT, threads=1)
            seconds = time.perf_counter() - started
            what = f"{spikes.count} spikes"
            size = sum(file.stat().st_size for file in Path(folder).rglob("*.h5"))
            more = {"bytes_per_spike": size / spikes.count}
            report(f"{what}, recording", (spikes.count - first) / max(seconds, 1e-9) / 1e6, "M spikes per s", **more)
            report(f"{what}, memory beyond that of the first second", largest_memory() - before, "MB")
            before, started = largest_memory(), time.perf_counter()
            merge(Path(folder) / "run.h5", Path(folder) / "one.h5")
            seconds = time.perf_counter() - started
            report(f"{what}, merging", spikes.count / seconds / 1e6, "M spikes per s")
            report(f"{what}, memory of merging", largest_memory() - before, "MB")
            with Recording(Path(folder) / "one.h5") as recording:
                n = len(recording._file["spikes/source/timestamps"])
            if n != spikes.count:
                raise SystemExit(f"{n} spikes in the file, but {spikes.count} were fired")


if __name__ == "__main__":
    main()
