"""``neurocore plan``: what the first run of a script would take."""

from __future__ import annotations

import argparse
import runpy
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..network.rehearsal import instead_of_running
from ..planning.machine import usable_cores
from .arguments import add_script, memory, whole_number
from .errors import CommandError

_ABOUT = """\
Run a script up to its first Network.run, and print in its place what that would take in memory and time
(Network.plan). Nothing is built; but what the script does before, such as Network.restore, it does."""


class _Rehearsed(SystemExit):
    """Ends a script at its first run."""

    def __init__(self) -> None:
        super().__init__(0)


def add_to(commands: Any) -> None:
    """Add the sub-command.

    Parameters
    ----------
    commands : what ``argparse.ArgumentParser.add_subparsers`` returns
    """
    parser = commands.add_parser(
        "plan", help="tell what a script's first run would take", description=_ABOUT, allow_abbrev=False
    )
    add = parser.add_argument
    own = [
        add("-n", "--ranks", type=whole_number, default=1, metavar="N", help="ranks to plan for (default 1)"),
        add("--threads", type=whole_number, metavar="T",
            help="threads of each; by default the script's, or the cores of this machine divided by the ranks"),
        add("--duration", type=float, metavar="S", help="simulated time in s; by default the script's"),
        add("--dt", type=float, metavar="S", help="network step in s; by default the script's"),
        add("--rate-hz", type=float, default=10.0, metavar="HZ", help="mean rate that is expected (default 10)"),
        add("--exchange", choices=("auto", "all", "sparse"), help="how ranks share spikes; by default the script's"),
        add("--memory-per-rank", type=memory, metavar="BYTES",
            help="what a rank may take, such as 4GB; by default its part of this machine's memory"),
        add("--measure", action="store_true", help="measure on this machine, for some seconds, what things take"),
    ]  # fmt: skip
    add_script(parser, own)
    parser.set_defaults(act=plan, parser=parser)


def plan(options: argparse.Namespace) -> int:
    """Print the plan of a script's first run.

    Parameters
    ----------
    options : argparse.Namespace

    Returns
    -------
    int
        0; the script's own status where it ends with another before it runs a network.

    Raises
    ------
    CommandError
        If it runs no network, or what was asked for isn't legal.
    """
    plans: list[Any] = []

    def take(network: Any, duration: float, dt: float, threads: int | None, exchange: str) -> None:
        if not plans:  # a script may catch SystemExit
            plans.append(_planned(network, options, duration, dt, threads, exchange))
        raise _Rehearsed

    with instead_of_running(take), _as_a_program(options.script, options.arguments):
        try:
            runpy.run_path(options.script, run_name="__main__")
        except _Rehearsed:
            pass
        except SystemExit as ended:
            if ended.code not in (None, 0):
                raise
    if not plans:
        raise CommandError(f"{options.script} has ended without running a network, so there is nothing to plan")
    if isinstance(plans[0], Exception):
        raise CommandError(str(plans[0])) from plans[0]
    print(plans[0])
    return 0


def _planned(
    network: Any, options: argparse.Namespace, duration: float, dt: float, threads: int | None, exchange: str
) -> Any:
    """The plan, or the error of what was asked for."""
    try:
        return network.plan(
            duration if options.duration is None else options.duration,
            dt if options.dt is None else options.dt,
            ranks=options.ranks,
            threads=options.threads or threads or max(1, usable_cores() // options.ranks),
            rate_hz=options.rate_hz,
            exchange=options.exchange or exchange,
            measure=options.measure,
            memory_per_rank=options.memory_per_rank,
        )
    except (TypeError, ValueError) as error:
        return error


@contextmanager
def _as_a_program(script: str, arguments: list[str]) -> Iterator[None]:
    """Let a script find its arguments and its neighbours."""
    before = sys.argv, sys.path
    sys.argv, sys.path = [script, *arguments], [str(Path(script).parent.absolute()), *sys.path]
    try:
        yield
    finally:
        sys.argv, sys.path = before
