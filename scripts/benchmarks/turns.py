"""Programs that measure in turn: each waits at its standard input, asleep, until it may go on."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from common import READY

HERE = Path(__file__).parent
# Open MPI refuses to run as root unless told; MPICH doesn't look at these.
ENVIRONMENT = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}


class ProgramError(RuntimeError):
    """A program ended before its time; the message is the last that it said."""


def measurements(lines: list[str]) -> list[dict[str, Any]]:
    """What programs report: lines of JSON, each with one measurement or a list of them."""
    found: list[dict[str, Any]] = []
    for line in lines:
        if line.startswith(("{", "[")):
            try:
                read = json.loads(line)
            except ValueError:
                continue
            found += [one for one in (read if isinstance(read, list) else [read]) if "what" in one]
    return found


class Turn:
    """A running program.

    Parameters
    ----------
    python : str
        The interpreter.
    command : tuple of str
        Script, in this directory, and options.
    """

    def __init__(self, python: str, command: tuple[str, ...]) -> None:
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115  # closed at its end
        self._process = subprocess.Popen(
            [python, str(HERE / command[0]), *command[1:]],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, text=True,
            env=os.environ | ENVIRONMENT,
        )  # fmt: skip

    def until_ready(self) -> list[dict[str, Any]]:
        """Wait until the program has finished a round (or its preparation); what it measured.

        Raises
        ------
        ProgramError
            If it ends instead.
        """
        lines: list[str] = []
        assert self._process.stdout  # noqa: S101
        for line in self._process.stdout:
            if line.strip() == READY:
                return measurements(lines)
            lines.append(line)
        self._process.communicate()
        raise ProgramError(self._last_words())

    def round(self) -> list[dict[str, Any]]:
        """Let it measure once."""
        assert self._process.stdin  # noqa: S101
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        return self.until_ready()

    def all_rounds(self) -> list[dict[str, Any]]:
        """Let a program that doesn't take turns measure by itself."""
        out, _ = self._process.communicate()
        if self._process.returncode:
            raise ProgramError(self._last_words())
        self._errors.close()
        return measurements(out.splitlines())

    def _last_words(self) -> str:
        with self._errors as errors:
            errors.seek(0)
            return next((line.strip() for line in reversed(errors.readlines()) if line.strip()), "it said nothing")

    def end(self) -> None:
        """Let it end: there are no more rounds."""
        self._process.communicate()
        self._errors.close()
