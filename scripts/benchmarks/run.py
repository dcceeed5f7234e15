"""Run all benchmarks, beside every peer that is installed: ``python scripts/benchmarks/run.py``.

Writes tables and a picture into docs/performance.md, and what was measured into docs/performance.json. With ``--only``
the other sections stay as they are. Each side is a process of its own; within a benchmark they measure in turn, so that
a drift of the machine meets all of them. Leave the machine alone meanwhile, about three quarters of an hour.

A peer in another environment: ``--python brainpy=/path/to/its/python``, once for each.
"""

from __future__ import annotations

import argparse
import datetime
import json
import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import page
from machine import cores, fma_peak, processor
from plan import OURS, PEERS, Benchmark, Program, plan
from turns import ProgramError, Turn

DOCS = Path(__file__).parents[2] / "docs"
_VERSION = "import sys; from importlib.metadata import version; print(version(sys.argv[1]))"


def version_of(distribution: str, python: str) -> str | None:
    """Version of a distribution in an environment, or None."""
    try:
        asked = subprocess.run([python, "-c", _VERSION, distribution], capture_output=True, text=True, check=False)
    except OSError:
        return None
    return asked.stdout.strip() if asked.returncode == 0 else None


def measure(benchmark: Benchmark, pythons: dict[str, str], repeats: int) -> tuple[list[dict[str, Any]], list[str]]:
    """Let a benchmark's programs measure in turn.

    Parameters
    ----------
    benchmark : Benchmark
    pythons : dict of str to str
        The interpreter for each who is installed.
    repeats : int

    Returns
    -------
    measurements : list of dict
        In the order of measuring, each with ``who``.
    problems : list of str
        Of programs that didn't come to their end.
    """
    found: list[dict[str, Any]] = []
    problems: list[str] = []
    running: list[tuple[Program, Turn]] = []

    def note(program: Program, error: ProgramError) -> None:
        problems.append(f"{' '.join(program.command)}: {error}")
        print(f"  {problems[-1]}", file=sys.stderr, flush=True)

    for program in benchmark.programs:
        if program.who not in pythons:
            continue
        if not program.turns:
            command = (*program.command, "--json", "--repeats", str(repeats))
            try:
                found += [{"who": program.who} | one for one in Turn(pythons[program.who], command).all_rounds()]
            except ProgramError as error:
                note(program, error)
            continue
        turn = Turn(pythons[program.who], (*program.command, "--turns"))
        try:
            turn.until_ready()
            running.append((program, turn))
        except ProgramError as error:
            note(program, error)
    for _ in range(benchmark.repeats or repeats):
        for program, turn in list(running):
            try:
                found += [{"who": program.who} | one for one in turn.round()]
            except ProgramError as error:
                note(program, error)
                running.remove((program, turn))
    for _, turn in running:
        turn.end()
    return found, problems


def circumstances(pythons: dict[str, str]) -> dict[str, Any]:
    """Machine, versions and date."""
    versions = {"Python": platform.python_version()}
    versions |= {name: metadata.version(name) for name in ("numba", "llvmlite", "numpy")}
    versions |= {who: version_of(PEERS[who], python) or "" for who, python in pythons.items() if who != OURS}
    wide, default = fma_peak()
    return {
        "date": str(datetime.date.today()), "processor": processor(), "cores": cores(), "peak_gflops": wide,
        "peak_default_gflops": default, "versions": versions,
    }  # fmt: skip


def main(arguments: list[str] | None = None) -> None:
    """Run what was asked for."""
    made = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    made.add_argument("--only", action="append", default=[], metavar="NAME", help="a benchmark, or all of a kind")
    made.add_argument("--repeats", type=int, default=5)
    made.add_argument("--quick", action="store_true", help="small networks, to try the programs; nothing is written")
    made.add_argument("--python", action="append", default=[], metavar="PEER=PATH", help="interpreter of a peer")
    made.add_argument("--no-peers", action="store_true", help="our own programs only")
    made.add_argument("--output", type=Path, default=None, help=f"directory to write into (default {DOCS.name})")
    made.add_argument("--page", action="store_true", help="measure nothing, write the page anew")
    options = made.parse_args(arguments)
    output = options.output or (None if options.quick else DOCS)

    chosen = [
        one for one in plan(options.quick) if not options.only or {one.name, one.name.split("_")[0]} & set(options.only)
    ]
    given = dict(pair.split("=", 1) for pair in options.python)
    pythons = {OURS: sys.executable}
    for who, distribution in {} if options.no_peers else PEERS.items():
        python = given.get(distribution) or given.get(distribution.split("-")[0]) or sys.executable
        if version_of(distribution, python):
            pythons[who] = python
        elif any(program.who == who for one in chosen for program in one.programs):
            print(f"{who} is not installed, skipped", file=sys.stderr)

    if output:
        output.mkdir(parents=True, exist_ok=True)
    path = output / "performance.json" if output else None
    results = json.loads(path.read_text()) if path and path.exists() else {}
    around = {} if options.page else circumstances(pythons)
    failed = False
    for benchmark in [] if options.page else chosen:
        found, problems = measure(benchmark, pythons, options.repeats)
        failed |= bool(problems)
        results[benchmark.name] = around | {"measured": found, "problems": problems}
        print(page.section(benchmark, results[benchmark.name]), flush=True)
        if path:
            path.write_text(json.dumps(results, indent=1) + "\n")
    if output:
        page.write(output, results, plan(False))
    if failed:
        sys.exit("some programs didn't come to their end, see above")


if __name__ == "__main__":
    main()
