"""What the benchmarks share: how a program measures again and again, and how it reports.

Needs the standard library alone, since the programs of peers use it in their own environments.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from typing import Any

READY = "ready for the next round"


def parser(description: str | None, repeats: int = 5) -> argparse.ArgumentParser:
    """Options that all benchmark programs have.

    Parameters
    ----------
    description : str or None
        The program's docstring.
    repeats : int
        Default number of rounds.

    Returns
    -------
    argparse.ArgumentParser
    """
    made = argparse.ArgumentParser(description=(description or "").splitlines()[0])
    made.add_argument("--repeats", type=int, default=repeats, help=f"rounds of measurement (default {repeats})")
    made.add_argument("--turns", action="store_true", help="a round for each line of standard input")
    return made


def rounds(options: argparse.Namespace) -> Iterator[int]:
    """Numbers of the rounds, each when it is this program's turn.

    With ``--turns`` a round begins when a line arrives at standard input, and its end is said on standard output. So
    several programs measure in turn, each when the others rest, and a drift of the machine meets all of them.
    """
    if not options.turns:
        yield from range(options.repeats)
        return
    print(f"\n{READY}", flush=True)
    for number, _ in enumerate(sys.stdin):
        yield number
        print(f"\n{READY}", flush=True)


def report(what: str, value: float, unit: str, **more: Any) -> None:
    """Print one measurement as a line of JSON.

    Parameters
    ----------
    what : str
        What was measured; measurements of the same thing by different programs have the same.
    value : float
    unit : str
    **more
        What else is of interest: rates, events.
    """
    print("\n" + json.dumps({"what": what, "value": value, "unit": unit} | more), flush=True)
