"""Asking a script what it would run: how ``neurocore plan`` has :meth:`Network.run` do something else.

Within ``instead_of_running(action)`` each run calls ``action(network, duration, dt, threads, exchange)`` first, before
it looks at its arguments. The action is to raise SystemExit, which ends the script.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Action = Callable[[Any, float, float, int | None, str], None]

_actions: list[Action] = []


@contextmanager
def instead_of_running(action: Action) -> Iterator[None]:
    """Let runs do something else.

    Parameters
    ----------
    action : function of (network, duration, dt, threads, exchange)
        Raises SystemExit.
    """
    _actions.append(action)
    try:
        yield
    finally:
        _actions.remove(action)


def rehearse(network: Any, duration: float, dt: float, threads: int | None, exchange: str) -> None:
    """Call the actions that are to take the place of a run, if any (called by ``Network.run``)."""
    for action in _actions:
        action(network, duration, dt, threads, exchange)
