"""Objects as small tables for notebooks: plain HTML, with the colours and the font of the page around it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

_MOST_ROWS = 16  # of a table: of more, the first and the last
_STYLE = "padding-right:1em;text-align:"  # of cells


def facts_table(title: str, facts: Mapping[str, object]) -> str:
    """A table with a line for each fact.

    Parameters
    ----------
    title : str
    facts : dict of str to object
        What each is called, and what it is.

    Returns
    -------
    str
        HTML, in which everything given is escaped.

    Examples
    --------
    >>> facts_table("", {"rule": "a < b"}).replace(" style='padding-right:1em;text-align:left'", "")
    '<table><tr><td>rule</td><td>a &lt; b</td></tr></table>'
    """
    return _table(title, [_row("td", pair, "left") for pair in facts.items()])


def rows_table(title: str, header: Sequence[str], rows: Iterable[Sequence[object]], align: str = "right") -> str:
    """A table with a header, and a line for each row; in a long one, the first and the last of them.

    Parameters
    ----------
    title : str
    header : sequence of str
    rows : sequence of sequences
        As long as the header.
    align : {"left", "right"}
        Of all but the first column.

    Returns
    -------
    str
        HTML, in which everything given is escaped.
    """
    lines = [_row("td", row, align) for row in rows]
    if len(lines) > _MOST_ROWS:
        half = _MOST_ROWS // 2
        left_out = f"... {len(lines) - 2 * half:,} more"
        lines = [*lines[:half], _row("td", (left_out, *[""] * (len(header) - 1)), align), *lines[-half:]]
    return _table(title, [_row("th", header, align), *lines])


def _table(title: str, lines: list[str]) -> str:
    heading = f"<div><strong>{escape(title)}</strong></div>" if title else ""
    return f"{heading}<table>{''.join(lines)}</table>"


def _row(tag: str, cells: Iterable[object], align: str) -> str:
    first, *others = (escape(str(cell)) for cell in cells)
    made = [f"<{tag} style='{_STYLE}left'>{first}</{tag}>"]
    made += [f"<{tag} style='{_STYLE}{align}'>{cell}</{tag}>" for cell in others]
    return f"<tr>{''.join(made)}</tr>"
