"""What the examples of embedding share: rows beside what is expected, and where they and pictures go."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl

mpl.use("Agg")

DOCS = Path(__file__).parents[2] / "docs" / "embedding"
HEADER = "| what | expected | here | off by | bar | within |\n| --- | --- | --- | --- | --- | --- |"


class Finding(NamedTuple):
    """A quantity beside what it should be; ``bar`` is the largest relative difference."""

    what: str
    here: float
    unit: str
    expected: float
    source: str  # of what is expected
    bar: float

    @property
    def off(self) -> float:
        """The relative difference."""
        return abs(self.here / self.expected - 1.0)

    @property
    def within(self) -> bool:
        """Whether it is within the bar."""
        return self.off <= self.bar

    def markdown(self) -> str:
        """A row of a table with the columns of ``HEADER``."""
        expected = f"{self.expected:.6g} {self.unit}".strip() + f" ({self.source})"
        here = f"{self.here:.6g} {self.unit}".strip()
        off, bar = f"{100.0 * self.off:.2g} %", f"{100.0 * self.bar:g} %"
        return f"| {self.what} | {expected} | {here} | {off} | {bar} | {'yes' if self.within else '**no**'} |"


def table(columns: str, rows: list[tuple[str, ...]]) -> str:
    """A table in Markdown; ``columns`` are separated by ``|``."""
    names = [name.strip() for name in columns.split("|")]
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main(
    name: str,
    text: str,
    measure: Callable[[Any], Iterator[Any]],
    settings: dict[str, float],
    arguments: list[str] | None = None,
) -> None:
    """Run a script: print what it finds, and with ``--write`` put it and the picture into docs/embedding.

    Parameters
    ----------
    name : str
        Of its files.
    text : str
        The script's docstring.
    measure : function
        Takes the parsed arguments and yields findings, tables and sentences as strings, and one figure.
    settings : dict
        The script's own options with their defaults.
    arguments : list of str, optional
        In place of those of the command line.
    """
    parser = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    for option, default in settings.items():
        parser.add_argument(f"--{option}", type=type(default), default=default)
    parser.add_argument("--write", action="store_true", help="into docs/embedding")
    options = parser.parse_args(arguments)
    findings, others = [HEADER], []
    for one in measure(options):
        if isinstance(one, Finding):
            findings.append(one.markdown())
            print(findings[-1], flush=True)
        elif isinstance(one, str):
            others.append(one)
            print(f"\n{one}\n", flush=True)
        elif options.write:
            one.savefig(DOCS / f"{name}.png", dpi=100, bbox_inches="tight")
    if options.write:
        page = [text.strip(), "\n".join(findings), *others]
        (DOCS / f"{name}.md").write_text("\n\n".join(page) + "\n")
