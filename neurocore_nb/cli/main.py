"""The command ``neurocore``: what it understands, and how its sub-commands are found."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from .._version import __version__
from . import bench, info, plan, run
from .arguments import take_options
from .errors import CommandError

_COMMANDS = (run, plan, info, bench)


def make_parser() -> argparse.ArgumentParser:
    """What reads the arguments of the command line.

    Returns
    -------
    argparse.ArgumentParser
        Gives a namespace with ``act``, the function of the sub-command.
    """
    parser = argparse.ArgumentParser(
        prog="neurocore",
        description="Networks of Hodgkin-Huxley neurons: run and plan scripts, and see what this machine has.",
        epilog="'neurocore COMMAND --help' tells more of each.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"neurocore_nb {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in _COMMANDS:
        command.add_to(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says.

    Parameters
    ----------
    arguments : sequence of str, optional
        By default those of this process.

    Returns
    -------
    int
        Exit status: 0, or 1 where it couldn't be done; what was started has its own. Arguments that aren't understood
        raise SystemExit with status 2.

    Examples
    --------
    >>> main(["run", "nowhere.py"])
    Traceback (most recent call last):
    ...
    SystemExit: 2
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    options = make_parser().parse_args(given or ["--help"])
    if hasattr(options, "script"):
        take_options(options)
    try:
        status: int = options.act(options)
    except CommandError as error:
        print(f"{options.parser.prog}: error: {error}", file=sys.stderr)
        return 1
    return status
