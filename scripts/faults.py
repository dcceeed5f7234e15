"""How long a job takes to end after something went wrong on one of its ranks.

    python scripts/faults.py [--write]

Starts three ranks for each fault and measures from the fault to the end of the launcher, and whether any process is
left then. With ``--write`` the table goes into docs/reliability.md.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
PROGRAM = ROOT / "tests" / "mpi" / "programs" / "faults.py"
PAGE = ROOT / "docs" / "reliability.md"
# What the program calls them, and what they are called in the table.
FAULTS = {
    "function": "a function of the user's raises",
    "nan": "a state becomes nan (from the start of the job)",
    "memory": "no memory",
    "between": "an exception between runs",
    "SIGKILL": "killed",
    "SIGSEGV": "crashed",
    "exit": "`sys.exit()` in a run",
    "exit between": "`sys.exit()` between runs",
    "SIGSTOP": "stopped; watchdog of 3 s",
    "busy": "in an endless loop; watchdog of 3 s",
}
# Open MPI refuses to run as root, and more ranks than cores, unless told; MPICH doesn't look at these.
OPEN_MPI = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
}


def launcher() -> str:
    """The launcher of the MPI beside this Python, or else the first on the path."""
    beside = shutil.which("mpirun", path=str(Path(sys.executable).parent))
    return beside or shutil.which("mpirun") or "mpirun"


def family() -> str:
    """What MPI calls itself."""
    said = subprocess.run([launcher(), "--version"], capture_output=True, text=True, check=False).stdout
    return "Open MPI" if "open" in said.lower() else "MPICH"


def left(marker: str) -> int:
    """How many processes have a word in their command line."""
    count = 0
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            count += marker in file.read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
    return count


def measure(fault: str, rank: int) -> tuple[float, int]:
    """Seconds from the fault to the end of the job, and processes left a second later."""
    marker = f"faults-{os.getpid()}-{time.monotonic_ns()}"
    command = [launcher(), "-np", "3", sys.executable, str(PROGRAM), fault, str(rank), marker]
    started = time.time()
    done = subprocess.run(command, env=os.environ | OPEN_MPI, capture_output=True, text=True, timeout=120, check=False)
    ended = time.time()
    if done.returncode == 0:
        raise RuntimeError(f"{fault} on rank {rank}: the job ended well\n{done.stdout}{done.stderr}")
    said = re.search(r"fault at ([\d.]+)", done.stdout + done.stderr)
    time.sleep(1.0)
    return ended - (float(said.group(1)) if said else started), left(marker)


def table(rounds: int) -> list[str]:
    """Rows of the table."""
    lines = ["| what happens | MPI | seconds to the end of the job, median (most) | processes left |"]
    lines.append("| --- | --- | --- | --- |")
    mpi = family()
    for fault, name in FAULTS.items():
        results = [measure(fault, rank) for _ in range(rounds) for rank in (0, 2)]
        seconds = [one for one, _ in results]
        remaining = sum(count for _, count in results)
        lines.append(f"| {name} | {mpi} | {statistics.median(seconds):.1f} ({max(seconds):.1f}) | {remaining} |")
        print(lines[-1], flush=True)
    return lines


def write(lines: list[str]) -> None:
    """Put the rows into the page, in place of those of the same MPI."""
    page = PAGE.read_text()
    before, rest = page.split("<!-- faults -->\n")
    old, after = rest.split("<!-- end -->", 1)
    kept = [line for line in old.splitlines()[2:] if f"| {family()} |" not in line]
    PAGE.write_text("\n".join([f"{before}<!-- faults -->", *lines[:2], *kept, *lines[2:], f"<!-- end -->{after}"]))


def main(arguments: list[str] | None = None) -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=2, help="times two ranks (default 2)")
    parser.add_argument("--write", action="store_true", help="into docs/reliability.md")
    options = parser.parse_args(arguments)
    lines = table(options.rounds)
    if options.write:
        write(lines)


if __name__ == "__main__":
    main()
