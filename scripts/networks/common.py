"""What the scripts of published networks share: rows beside the paper's numbers, and where they and pictures go."""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl

mpl.use("Agg")

from neurocore_nb import Network, SpikeMonitor

DOCS = Path(__file__).parents[2] / "docs" / "networks"
HEADER = "| what | paper | here | within |\n| --- | --- | --- | --- |"


class Finding(NamedTuple):
    """A quantity beside its paper's: a range that it should be in, or None where the paper has no number."""

    what: str
    here: float
    unit: str
    low: float | None = None
    high: float | None = None
    paper: str = ""  # what the paper says, where that is not the range

    def markdown(self) -> str:
        """A row of a table with the columns of ``HEADER``."""
        bounded = self.low is not None and self.high is not None
        paper = self.paper or (f"{self.low:g} to {self.high:g} {self.unit}" if bounded else "")
        within = ("yes" if self.low <= self.here <= self.high else "**no**") if bounded else ""
        return f"| {self.what} | {paper} | {self.here:.3g} {self.unit} | {within} |"


def recorded(net: Network, *labels: str) -> dict[str, SpikeMonitor]:
    """Add a spike monitor for each of some populations, by default all, to a network."""
    monitors = {label: SpikeMonitor(net[label]) for label in labels or [one.label for one in net.populations]}
    net.add(*monitors.values())
    return monitors


def digest(*monitors: SpikeMonitor) -> str:
    """Sixteen digits that depend on every bit of the spikes; on rank 0."""
    made = hashlib.sha256()
    for monitor in monitors:
        made.update(monitor.t.tobytes() + monitor.i.tobytes())
    return made.hexdigest()[:16]


def main(name: str, text: str, measure: Callable[[Any], Iterator[Any]]) -> None:
    """Run a script: print what it finds, and with ``--write`` put table and picture into docs/networks.

    Parameters
    ----------
    name : str
        Of its files.
    text : str
        The script's docstring.
    measure : function
        Takes the parsed arguments and yields, on rank 0, findings, one figure, and digests as strings.
    """
    parser = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--write", action="store_true", help="into docs/networks")
    options = parser.parse_args()
    rows = [HEADER]
    for one in measure(options):
        if isinstance(one, Finding):
            rows.append(one.markdown())
            print(rows[-1], flush=True)
        elif isinstance(one, str):
            print(f"spikes {one}", flush=True)
        elif options.write:
            one.savefig(DOCS / f"{name}.png", dpi=100, bbox_inches="tight")
    if options.write and len(rows) > 1:
        (DOCS / f"{name}.md").write_text(f"{text.strip()}\n\n" + "\n".join(rows) + "\n")
