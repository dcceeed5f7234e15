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
COLUMNS = (
    "networks",
    "mean rate ± sd (Hz)",
    "standard error (Hz)",
    "difference from ours (Hz)",
)
HEAD = f"| simulator | {' | '.join(COLUMNS)} | in its standard errors |"


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


def summary(values: list[float]) -> tuple[float, float, float]:
    """Mean, standard deviation, and standard error of the mean."""
    sd = statistics.stdev(values)
    return statistics.fmean(values), sd, sd / math.sqrt(len(values))


def table(rates: dict[str, list[float]]) -> str:
    """Means and standard deviations, and how far they are from ours."""
    lines = [HEAD, "| --- | ---: | ---: | ---: | ---: | ---: |"]
    own, own_error = summary(rates["ours"])[::2]
    for name, title in SIMULATORS.items():
        if name not in rates:
            continue
        mean, sd, error = summary(rates[name])
        difference = mean - own
        apart = f"{difference:+.2f} | {difference / math.hypot(error, own_error):+.1f}"
        lines.append(
            f"| {title} | {len(rates[name])} | {mean:.2f} ± {sd:.2f} | {error:.2f} | "
            f"{' | ' if name == 'ours' else apart} |"
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
