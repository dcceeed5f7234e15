"""Runs COBAHH in all simulators, and writes the table of rates into docs/coming_from/index.md.

    python docs/examples/compare.py --python nest=/path/to/its/python --python brian2=/path/to/another

Rates are kept in cobahh_rates.json, so that simulators may be run one after the other (``--only nest``); without any
(``--only``) just the table is written. NEURON's channels are compiled with the nrnivmodl beside its python.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
RATES, PAGE = HERE / "cobahh_rates.json", HERE.parent / "coming_from" / "index.md"
SIMULATORS = {
    "ours": "neurocore_nb",
    "brian2": "Brian2",
    "nest": "NEST",
    "neuron": "NEURON",
}
HEAD = "| simulator | networks | mean rate ± sd | standard error | difference from ours, in its standard errors |"


def measure(simulator: str, python: str, seeds: list[int]) -> list[float]:
    """Mean rates in Hz, one for each seed."""
    with tempfile.TemporaryDirectory() as folder:
        if simulator == "neuron":
            for mechanism in HERE.glob("*.mod"):
                shutil.copy(mechanism, folder)
            subprocess.run(
                [Path(python).with_name("nrnivmodl"), "."],
                cwd=folder,
                check=True,
                capture_output=True,
            )
        command = [python, HERE / f"cobahh_{simulator}.py", *map(str, seeds)]
        done = subprocess.run(
            command, cwd=folder, check=True, capture_output=True, text=True
        )
    return [float(line.split()[1]) for line in done.stdout.splitlines()[-len(seeds) :]]


def table(rates: dict[str, list[float]]) -> str:
    """Means and standard deviations, and how far they are from ours."""
    lines = [HEAD, "| --- | ---: | ---: | ---: | ---: |"]
    mean, error = {}, {}
    for name, values in rates.items():
        mean[name] = statistics.fmean(values)
        error[name] = statistics.stdev(values) / math.sqrt(len(values))
    for name, title in SIMULATORS.items():
        if name in rates:
            difference = mean[name] - mean["ours"]
            shown = f"{difference:+.2f} Hz, {difference / math.hypot(error[name], error['ours']):+.1f}"
            lines.append(
                f"| {title} | {len(rates[name])} | {mean[name]:.2f} ± {statistics.stdev(rates[name]):.2f} Hz | "
                f"{error[name]:.2f} Hz | {'' if name == 'ours' else shown} |"
            )
    return "\n".join(lines)


def write(text: str, page: Path) -> None:
    """Put the table between the marks of its page."""
    before, rest = page.read_text().split("<!-- rates -->\n")
    _, after = rest.split("<!-- end -->")
    page.write_text(f"{before}<!-- rates -->\n{text}\n<!-- end -->{after}")


def main(arguments: list[str] | None = None) -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description="COBAHH in all simulators.")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument(
        "--only", nargs="*", choices=list(SIMULATORS), default=list(SIMULATORS)
    )
    parser.add_argument(
        "--python", action="append", default=[], metavar="SIMULATOR=PYTHON"
    )
    options = parser.parse_args(arguments)
    pythons = dict(one.split("=", 1) for one in options.python)
    rates = json.loads(RATES.read_text()) if RATES.exists() else {}
    for simulator in options.only:
        rates[simulator] = measure(
            simulator,
            pythons.get(simulator, sys.executable),
            list(range(1, options.seeds + 1)),
        )
        RATES.write_text(json.dumps(rates, indent=1) + "\n")
    print(table(rates))
    write(table(rates), PAGE)


if __name__ == "__main__":
    main()
