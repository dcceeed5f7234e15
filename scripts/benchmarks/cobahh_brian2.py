"""COBAHH in Brian2: C++ standalone with OpenMP threads and its best flags; the time that the program's run takes.

All states are updated from old values, so that rates are about 37 Hz at steps of 0.1 ms and 40 Hz at small ones.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from common import parser, report, rounds

sys.path.insert(0, str(Path(__file__).parents[1] / "validation"))
from cobahh_peer import build


def main() -> None:
    """Measure."""
    made = parser(__doc__)
    made.add_argument("--neurons", type=int, default=4000)
    made.add_argument("--duration", type=float, default=1.0, help="biological time in s")
    made.add_argument("--threads", type=int, default=2)
    options = made.parse_args()

    import brian2 as b2

    b2.prefs.codegen.cpp.extra_compile_args_gcc = ["-O3", "-march=native", "-ffast-math", "-w"]
    b2.prefs.devices.cpp_standalone.openmp_threads = options.threads if options.threads > 1 else 0
    b2.set_device("cpp_standalone", build_on_run=False)
    b2.defaultclock.dt = 0.1 * b2.ms
    spikes = build(b2, options.neurons, options.duration)
    with tempfile.TemporaryDirectory() as project:
        b2.device.build(directory=project, run=False, compile=True, with_output=False)
        for _ in rounds(options):
            b2.device.run(project, with_output=False)
            rate = len(spikes.t) / options.neurons / options.duration
            seconds = b2.device._last_run_time
            what = f"{options.neurons} cells, float64"
            report(what, seconds / options.duration, "s per biological s", rate_hz=rate)


if __name__ == "__main__":
    main()
