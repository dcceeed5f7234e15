"""Arguments that sub-commands share: a script with its own arguments, numbers, and sizes of memory."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12, "ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}


def add_script(parser: argparse.ArgumentParser, own: Sequence[argparse.Action]) -> None:
    """Let a sub-command take a script and its arguments.

    Parameters
    ----------
    parser : argparse.ArgumentParser
    own : sequence of argparse.Action
        The options of the sub-command, which may stand before and right after the script.
    """
    parser.add_argument("script", metavar="SCRIPT", help="a Python program that runs a network")
    rest = "arguments of the script: all from the first on that is no option listed here, and all after '--'"
    parser.add_argument("arguments", metavar="...", nargs=argparse.REMAINDER, help=rest)
    parser.set_defaults(own=own)


def take_options(options: argparse.Namespace) -> None:
    """Take the sub-command's options that stand right after the script, and leave the rest to the script.

    Parameters
    ----------
    options : argparse.Namespace
        Changed in place.
    """
    known = {name: action for action in options.own for name in action.option_strings}
    own: list[str] = []
    rest: list[str] = options.arguments
    while rest and (name := rest[0].partition("=")[0]) in known:
        n = 1 if "=" in rest[0] or known[name].nargs == 0 else 2
        own, rest = own + rest[:n], rest[n:]
    options.parser.parse_args([*own, options.script], options)
    options.arguments = rest[1:] if rest[:1] == ["--"] else rest
    if not Path(options.script).is_file():
        options.parser.error(f"there is no script {options.script!r} in {Path.cwd()}; give the path of a Python file")


def whole_number(text: str) -> int:
    """A number of ranks or threads: an integer of at least 1.

    Raises
    ------
    argparse.ArgumentTypeError
    """
    if not re.fullmatch(r"\s*\+?\d+\s*", text) or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} must be a whole number of at least 1")
    return int(text)


def memory(text: str) -> float:
    """Bytes, which may have a unit.

    Raises
    ------
    argparse.ArgumentTypeError

    Examples
    --------
    >>> memory("16GB"), memory("1.5 GiB"), memory("4e9")
    (16000000000.0, 1610612736.0, 4000000000.0)
    """
    found = re.fullmatch(r"([\d.]+(?:e[+-]?\d+)?)\s*([kmgt]?i?)b?", text.strip().lower())
    try:
        number, unit = float(found[1] if found else ""), _UNITS[found[2] if found else ""]
    except (ValueError, KeyError):
        raise argparse.ArgumentTypeError(f"{text!r} must be a number of bytes such as 16GB, 1.5GiB or 4e9") from None
    return number * unit
