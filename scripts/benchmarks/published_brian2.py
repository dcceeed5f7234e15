"""COBA and CUBA in Brian2: C++ standalone with OpenMP threads and its best flags.

Building is what the program does before its run, without the time to compile it; memory is that of the program. The run
begins with the initial state.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from common import rounds
from published import options_of, report_all

sys.path.insert(0, str(Path(__file__).parents[1] / "validation"))
from vogels_abbott_peer import build

# Runs the program that is given with its arguments, and writes its largest memory in kB into a file.
WATCH = """
import os, sys
_, status, usage = os.wait4(os.spawnv(os.P_NOWAIT, sys.argv[2], sys.argv[2:]), 0)
open(sys.argv[1], "w").write(str(usage.ru_maxrss))
sys.exit(os.waitstatus_to_exitcode(status))
"""


def main() -> None:
    """Measure."""
    options = options_of(__doc__, ("coba", "cuba"))
    n = round(4000 * options.scale)

    import brian2 as b2

    with tempfile.TemporaryDirectory() as project:
        peak = Path(project) / "peak"
        b2.prefs.codegen.cpp.extra_compile_args_gcc = ["-O3", "-march=native", "-ffast-math", "-w"]
        b2.prefs.devices.cpp_standalone.openmp_threads = options.threads if options.threads > 1 else 0
        b2.prefs.devices.cpp_standalone.run_cmd_unix = [sys.executable, "-c", WATCH, str(peak), "./main"]
        b2.set_device("cpp_standalone", build_on_run=False)
        b2.defaultclock.dt = 0.1 * b2.ms
        spikes = build(b2, options.network, n, options.duration)
        b2.device.build(directory=project, run=False, compile=True, with_output=False)
        for _ in rounds(options):
            started = time.perf_counter()
            b2.device.run(project, with_output=False)
            whole, run = time.perf_counter() - started, b2.device._last_run_time
            counts = {"all": len(spikes.t)}
            report_all(options, whole - run, run, counts, {"all": n}, (0.0, int(peak.read_text()) * 1024 / 1e9))


if __name__ == "__main__":
    main()
