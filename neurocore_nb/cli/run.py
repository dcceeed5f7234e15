"""``neurocore run``: a script on some ranks and threads."""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import sys
from typing import Any

from .arguments import add_script, whole_number
from .errors import CommandError
from .launchers import start_of

_ABOUT = """\
Run a script on some ranks, with the launcher that belongs to the MPI library of mpi4py in this environment, or with
srun in a Slurm job (where SLURM_MPI_TYPE may be needed, see 'srun --mpi=list'). One rank runs without MPI. The launcher
takes the place of this process, so signals reach it, and its exit status is that of this command."""


def add_to(commands: Any) -> None:
    """Add the sub-command.

    Parameters
    ----------
    commands : what ``argparse.ArgumentParser.add_subparsers`` returns
    """
    about = argparse.RawDescriptionHelpFormatter
    parser = commands.add_parser(
        "run", help="run a script on several ranks", description=_ABOUT, formatter_class=about, allow_abbrev=False
    )
    own = [
        parser.add_argument("-n", "--ranks", type=whole_number, default=1, metavar="N", help="processes (default 1)"),
        parser.add_argument(
            "--threads", type=whole_number, metavar="T",
            help="threads of each rank, where the script doesn't say; by default the ranks of a node share its cores",
        ),
        parser.add_argument(
            "--dry-run", action="store_true", help="print the command, with what is added to the environment"
        ),
    ]  # fmt: skip
    add_script(parser, own)
    parser.set_defaults(act=run, parser=parser)


def run(options: argparse.Namespace) -> int:
    """Run a script in place of this process, or print how.

    Parameters
    ----------
    options : argparse.Namespace

    Returns
    -------
    int
        0 where the command was only printed; otherwise it doesn't return.

    Raises
    ------
    CommandError
        If the script can't be started.
    """
    start = start_of([sys.executable, options.script, *options.arguments], options.ranks, options.threads)
    if options.dry_run:
        added = [f"{name}={shlex.quote(value)}" for name, value in start.environment.items()]
        print(" ".join([*added, shlex.join(start.command)]))
        return 0
    sys.stdout.flush()
    sys.stderr.flush()
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # which Python ignores, and programs would inherit that
    try:
        os.execve(start.command[0], start.command, os.environ | start.environment)  # noqa: S606  # no shell is wanted
    except OSError as error:
        raise CommandError(f"{start.command[0]} can't be started: {error.strerror}") from None
