"""What goes wrong on the command line and isn't a mistake in its arguments."""

from __future__ import annotations


class CommandError(Exception):
    """A command can't be carried out; the message says why, and what helps."""
