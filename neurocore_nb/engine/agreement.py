"""All ranks go on together, or raise together."""

from __future__ import annotations

import platform
from collections.abc import Callable
from typing import TypeVar

import numba
import numpy as np

from ..errors import LaunchError
from .comm import Comm

Result = TypeVar("Result")


def together(comm: Comm, action: Callable[[], Result]) -> Result:
    """Do something on every rank; if it fails on any, raise the error of the first such rank on all.

    Parameters
    ----------
    comm : Comm
    action : function without arguments
        Must not communicate.

    Returns
    -------
    What the action returns on this rank.
    """
    error: Exception | None = None
    try:
        result = action()
    except Exception as caught:
        error = caught
    raise_together(comm, error)
    return result


def raise_together(comm: Comm, error: Exception | None) -> None:
    """Raise the error of the first rank that has one on all ranks.

    Parameters
    ----------
    comm : Comm
    error : Exception or None
        This rank's error.
    """
    verdicts = comm.gather_objects(None if error is None else (type(error), str(error)))
    failed = [(rank, verdict) for rank, verdict in enumerate(verdicts) if verdict is not None]
    if not failed:
        return
    rank, (kind, message) = failed[0]
    if error is not None and type(error) is kind:
        raise error
    for base in kind.__mro__[: kind.__mro__.index(Exception)]:
        try:
            raised = base(f"rank {rank}: {message}")
        except TypeError:  # it has arguments of its own: raise what it derives from
            continue
        raise raised
    raise RuntimeError(f"rank {rank}: {kind.__name__}: {message}")


def same_everywhere(comm: Comm, version: str, digest: str) -> None:
    """Check that all ranks run the same software on the same network.

    Parameters
    ----------
    comm : Comm
    version : str
        Of the package.
    digest : str
        Of the network's description and of the run's arguments.

    Raises
    ------
    LaunchError
        Naming what differs between which ranks.
    """
    mine = {
        "neurocore_nb": version,
        "numba": numba.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
        "the digest of the network and of the arguments of run()": digest,
    }
    everyone = comm.gather_objects(mine)
    for what, value in everyone[0].items():
        for rank, theirs in enumerate(everyone):
            if theirs[what] != value:
                raise LaunchError(
                    f"all ranks must run the same network in the same environment, but {what} is {value} on rank 0 and "
                    f"{theirs[what]} on rank {rank}"
                )
