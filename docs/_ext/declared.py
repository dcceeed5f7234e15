"""Adds to the documentation of a neuron model, receptor or learning rule a table of what it declares."""

from __future__ import annotations

import math
from typing import Any

from neurocore_nb import NeuronModel, Plasticity, Receptor
from neurocore_nb.declarations import Parameter, State

AFTER_NUMPYDOC = 900
INTERNAL = {"keep"}  # what follows from pairing=


def legal_values(one: State | Parameter) -> str:
    """The range in words, such as ``above 0``."""
    above, high = getattr(one, "above", -math.inf), getattr(one, "high", math.inf)
    if above > -math.inf:
        return f"above {above:g}"
    if one.low > -math.inf and high < math.inf:
        return f"{one.low:g} to {high:g}"
    return f"{one.low:g} or more" if one.low > -math.inf else ""


def table(title: str, head: str, values: dict[str, Any], unit_of: Any) -> list[str]:
    """Lines of a list-table with a row for each declared value."""
    lines = [
        f".. list-table:: {title}",
        "   :header-rows: 1",
        "   :widths: auto",
        "   :align: left",
        "",
    ]
    rows = [("name", head, "unit", "legal values")]
    for name, one in values.items():
        start = one.default if isinstance(one, Parameter) else one.initial
        rows.append(
            (f"``{name}``", f"{start:.6g}", unit_of(one.unit), legal_values(one))
        )
    for row in rows:
        lines += [
            f"   {'-' if k else '* -'} {cell}".replace("   - ", "     - ")
            for k, cell in enumerate(row)
        ]
    return [*lines, ""]


def add_tables(
    app: Any, what: str, name: str, kind: Any, options: Any, lines: list[str]
) -> None:
    """Append the tables of parameters and states."""
    bases = NeuronModel, Receptor, Plasticity
    if what != "class" or not issubclass(kind, bases) or kind in bases:
        return
    names = {
        "current": "that of currents",
        "conductance": "that of conductances",
        "potential": "mV",
    }
    added: list[str] = []
    if issubclass(kind, NeuronModel):
        added += [
            "",
            f"Substeps of at most {kind.max_step:g} ms, unless ``max_step`` of the population says otherwise.",
        ]
    for title, head, declared in (
        ("Parameters", "default", kind.parameters),
        ("States", "at the start", kind.states),
    ):
        values = {
            key: one
            for key, one in declared.items()
            if isinstance(one, Parameter | State) and key not in INTERNAL
        }
        if values:
            added += [
                "",
                *table(title, head, values, lambda unit: names.get(unit, unit)),
            ]
    rubrics = [k for k, line in enumerate(lines) if line.startswith(".. rubric:: ")]
    place = rubrics[0] if rubrics else len(lines)  # before references and examples
    lines[place:place] = [*added, ""]


def setup(app: Any) -> dict[str, bool]:
    """Connect to autodoc."""
    app.connect("autodoc-process-docstring", add_tables, priority=AFTER_NUMPYDOC)
    return {"parallel_read_safe": True}
