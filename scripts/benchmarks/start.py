"""From the start of Python to the end of an import, and to the end of the first step of the tutorial's network.

The latter with a warm and with an empty compile cache.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import parser, report, rounds

FIRST_STEP = "import mpi_demo; mpi_demo.build()[0].run(0.001)"


def start(code: str, cache: str | None = None) -> float:
    """Wall time of a fresh Python process that runs some code."""
    environment = os.environ | ({"NUMBA_CACHE_DIR": cache} if cache else {})
    path = f"import sys; sys.path.insert(0, {str(Path(__file__).parents[1])!r})"
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", f"{path}\n{code}"], check=True, env=environment)
    return time.perf_counter() - started


def main(arguments: list[str] | None = None) -> None:
    """Measure."""
    made = parser(__doc__)
    made.add_argument("--no-cold", action="store_true", help="leave out the start with an empty cache")
    options = made.parse_args(arguments)
    start(FIRST_STEP)
    for _ in rounds(options):
        report("import", start("import neurocore_nb") - start(""), "s")
        report("warm start", start(FIRST_STEP), "s")
        if not options.no_cold:
            with tempfile.TemporaryDirectory() as empty:
                report("cold start", start(FIRST_STEP, empty), "s")


if __name__ == "__main__":
    main()
