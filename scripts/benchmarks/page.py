"""The page of results: tables of medians, and a picture."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from plan import OURS, REFERENCE_PEAK, Bar, Benchmark

INTRODUCTION = """# Performance

Written by `python scripts/benchmarks/run.py`. A figure is the median of several runs, in brackets the least and the
most. All sides of a table measured in turn on a machine that had nothing else to do; peers are compiled and called as
their users would for speed. "peer / ours" is how many times longer the peer takes at equal precision. A bar is what was
asked; bars of membranes are for a core whose peak of fused multiply-adds is {peak:.0f} GFLOP/s with the vectors that
the compiler prefers, and scale with it. What limits each figure, and what was tried, stands below the tables.

A *bar* is the least (≥) or the most (≤) that was asked, in rows of peers of "peer / ours"; *reached* says whether it
was met. Rows without a bar are for comparison. Rates of COBAHH differ between simulators at steps of 0.1 ms, as their
numerical schemes differ and each draws a network of its own; means of several networks at small steps
[agree](coming_from/index.md) (see also [validation](validation.md)).
"""
NOTES = "<!-- What follows is written by hand. -->\n"
HEADER = "| what | who | median | rate | peer / ours | bar | reached |\n| --- | --- | --- | --- | --- | --- | --- |"
DETAILS = ("what", "who", "value", "unit", "rate_hz")


class Row(NamedTuple):
    """One thing that one side measured, several times."""

    who: str
    what: str
    unit: str
    values: list[float]
    last: dict[str, Any]

    @property
    def median(self) -> float:
        """Of the runs."""
        return statistics.median(self.values)


def rows(measured: list[dict[str, Any]]) -> list[Row]:
    """Measurements of the same by the same, put together, in the order of their first."""
    found: dict[tuple[str, str], Row] = {}
    for one in measured:
        row = found.setdefault((one["who"], one["what"]), Row(one["who"], one["what"], one["unit"], [], {}))
        row.values.append(one["value"])
        row.last.update(one)
    return sorted(found.values(), key=lambda row: [other.what for other in found.values()].index(row.what))


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def verdict(row: Row, ours: Row | None, bars: Sequence[Bar], peak: float) -> tuple[str, str, str]:
    """Cells of a table: the ratio, the bar, and whether it is reached."""
    ratio = row.median / ours.median if ours and row.who != OURS else None
    bar = next((one for one in bars if one.matches(row.who, row.what)), None)
    shown = f"{ratio:.2f}" if ratio else ""
    if bar is None or (row.who != OURS and ratio is None):
        return shown, "", ""
    asked = bar.value * (REFERENCE_PEAK / peak if bar.by_peak else 1.0)
    at_least = bar.at_least or row.who != OURS
    reached = (ratio or row.median) >= asked if at_least else row.median <= asked
    return shown, f"{'≥' if at_least else '≤'} {asked:.3g}", "yes" if reached else "**no**"


def section(benchmark: Benchmark, result: dict[str, Any]) -> str:
    """One benchmark's table in Markdown."""
    all_rows = rows(result["measured"])
    ours = {row.what: row for row in all_rows if row.who == OURS}
    lines = [f"## {benchmark.title}", "", HEADER]
    notes = []
    for row in all_rows:
        median = f"{_number(row.median)} {row.unit}".strip()
        if len(row.values) > 1:
            median += f" ({_number(min(row.values))} to {_number(max(row.values))})"
        rates = f"{row.last['rate_hz']:.1f} Hz" if "rate_hz" in row.last else ""
        cells = [
            row.what,
            row.who,
            median,
            rates,
            *verdict(row, ours.get(row.what), benchmark.bars, result["peak_default_gflops"]),
        ]
        lines.append(f"| {' | '.join(cells)} |")
        details = {name: value for name, value in row.last.items() if name not in DETAILS}
        if details:
            told = ", ".join(f"{k} {_number(v) if isinstance(v, float | int) else v}" for k, v in details.items())
            notes.append(f"- {row.what}: {told}")
    notes += [f"- not measured: {problem}" for problem in result["problems"]]
    return "\n".join([*lines, *[""] * bool(notes), *notes, ""])


def stamp(result: dict[str, Any]) -> str:
    """Machine, versions and date of a result."""
    named = {name.partition(",")[0]: version for name, version in result["versions"].items()}
    versions = ", ".join(f"{name} {version}" for name, version in named.items())
    return (
        f"{result['date']}: {result['processor']}, {result['cores']} cores, peak of one core "
        f"{result['peak_gflops']:.0f} GFLOP/s ({result['peak_default_gflops']:.0f} with the compiler's default "
        f"vectors); {versions}."
    )


def draw(path: Path, results: dict[str, Any]) -> bool:
    """Time over number of cells, on logarithmic axes; False without matplotlib or results."""
    try:
        import matplotlib
    except ImportError:
        return False
    matplotlib.use("Agg")
    from matplotlib import pyplot
    from matplotlib.ticker import NullFormatter

    figure, axes = pyplot.subplots(1, 2, figsize=(9, 4.6), layout="constrained")
    titles = {"cobahh": "COBAHH, two threads", "synapses": "HH 1952, 80 synapses each, one thread"}
    drawn = False
    for axis, (name, title) in zip(axes, titles.items(), strict=True):
        lines: dict[str, list[tuple[int, float]]] = {}
        for row in (row for key, one in results.items() if key.startswith(name) for row in rows(one["measured"])):
            size, _, precision = row.what.partition(" cells")
            n = int(size)
            steps = n * 1e3 / 0.025 * 1e-9 if row.unit.startswith("ns") else 1.0
            lines.setdefault(row.who + precision.replace(", float64", ""), []).append((n, row.median * steps))
        for label, points in sorted(lines.items()):
            style = (
                {"linewidth": 2.5, "linestyle": "-"}
                if label.startswith(OURS)
                else {"linewidth": 1.2, "linestyle": "--"}
            )
            axis.loglog(*zip(*sorted(points), strict=True), marker="o", label=label, **style)
            drawn = True
        axis.xaxis.set_minor_formatter(NullFormatter())
        axis.set(title=title, xlabel="cells", ylabel="seconds per biological second")
        if lines:
            axis.legend(fontsize=7, ncols=2, loc="lower center", bbox_to_anchor=(0.5, 1.08))
    if drawn:
        figure.savefig(path, dpi=110)
    pyplot.close(figure)
    return drawn


def write(directory: Path, results: dict[str, Any], benchmarks: list[Benchmark]) -> None:
    """Write performance.md and performance.png into a directory; the notes at the end of the former stay."""
    path = directory / "performance.md"
    notes = path.read_text().partition(NOTES)[2] if path.exists() else ""
    parts = [INTRODUCTION.format(peak=REFERENCE_PEAK)]
    if draw(directory / "performance.png", results):
        parts.append("![Time over number of cells](performance.png)\n")
    before = ""
    for benchmark in benchmarks:
        if benchmark.name in results:
            result = results[benchmark.name]
            now = stamp(result)
            parts += [f"{now}\n"] * (now != before) + [section(benchmark, result)]
            before = now
    path.write_text("\n".join(parts).rstrip() + f"\n\n{NOTES}{notes}")
