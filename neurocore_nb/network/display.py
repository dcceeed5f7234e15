"""What a network says of itself: a line, and tables for notebooks."""

from __future__ import annotations

from collections.abc import Sequence

from ..tables import facts_table, rows_table
from .description import Description
from .facts import several


def line_of(description: Description, time: float) -> str:
    """How many objects a network has, and its time in s.

    Parameters
    ----------
    description : Description
    time : float

    Returns
    -------
    str
    """
    return f"<Network of {', '.join(_counts(description))}; t = {time:g} s>"


def tables_of(description: Description, time: float) -> str:
    """The objects of a network in tables.

    Parameters
    ----------
    description : Description
    time : float
        In s.

    Returns
    -------
    str
        HTML.
    """
    wirings = [*description.projections, *description.couplings]
    populations = [(one.label, f"{one.n:,}", one.kind, ", ".join(one._facts())) for one in description.populations]
    connections = [(one._ends(), type(one).__name__, one._rule(), _told(one._facts())) for one in wirings]
    others = [(repr(one).strip("<>"),) for one in (*description.stimuli, *description.monitors)]
    tables = [facts_table("Network", {"time": f"{time:g} s", "holds": ", ".join(_counts(description))})]
    for title, header, rows in (
        ("Populations", ("label", "neurons", "kind", "more"), populations),
        ("Projections and couplings", ("from, to", "kind", "rule", "values"), connections),
        ("Stimuli and monitors", ("",), others),
    ):
        if rows:
            tables.append(rows_table(title, header, rows, align="left"))
    return "".join(tables)


def _counts(description: Description) -> list[str]:
    neurons = sum(one.n for one in description.populations)
    kinds: list[tuple[Sequence[object], str, str | None]] = [
        (description.projections, "projection", None),
        (description.couplings, "coupling", None),
        (description.stimuli, "stimulus", "stimuli"),
        (description.monitors, "monitor", None),
    ]
    counts = [several(len(each), what, plural) for each, what, plural in kinds if each]
    return [f"{several(neurons, 'neuron')} in {several(len(description.populations), 'population')}", *counts]


def _told(facts: dict[str, str]) -> str:
    return ", ".join(f"{name} {fact}" for name, fact in facts.items())
