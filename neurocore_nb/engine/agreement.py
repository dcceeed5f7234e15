"""All ranks go on together, or raise together."""

from __future__ import annotations

import pickle
import platform
from collections.abc import Callable
from typing import Any, TypeVar

import numba
import numpy as np
import numpy.typing as npt

from ..errors import LaunchError, SimulationError, chained, described, number_of, remade
from .comm import Comm, shown_by

Array = npt.NDArray[Any]
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
    """Raise the error of the first rank that has one on all ranks, naming the rank.

    Parameters
    ----------
    comm : Comm
    error : Exception or None
        This rank's error.

    Notes
    -----
    Where the type of an error can't be had on other ranks, all raise one that it derives from.
    """
    verdicts = comm.gather_objects(None if error is None else _verdict(error))
    failed = [rank for rank, verdict in enumerate(verdicts) if verdict is not None]
    if not failed:
        return
    if error is None or verdicts.count(verdicts[0]) < comm.size:  # else there is nothing to say of ranks
        names, name, message, number = verdicts[failed[0]]
        kind = _known_to_all(comm, names)
        told = message if kind.__name__ == name else f"{name}: {message}"
        raised = chained(remade(kind, f"rank {failed[0]}: {told}", number), error)
    else:
        raised = error
    shown_by(raised, failed[0])
    raise raised


def gather_arrays(comm: Comm, values: Array) -> list[Array]:
    """One-dimensional arrays of one dtype from all ranks, on rank 0; elsewhere an empty list.

    Parameters
    ----------
    comm : Comm
    values : array of shape (n,)

    Raises
    ------
    MemoryError
        On all ranks, if rank 0 has no room for them.
    """
    if comm.size == 1:
        return [values]
    lengths = comm.gather_objects(len(values))
    room = together(comm, lambda: np.empty(sum(lengths) if comm.rank == 0 else 0, values.dtype))
    comm.gather(np.ascontiguousarray(values), lengths, room)
    return np.split(room, np.cumsum(lengths)[:-1]) if comm.rank == 0 else []


def _verdict(error: Exception) -> tuple[list[bytes], str, str, int | None]:
    """What other ranks need to make an error anew: types that it is of, the nearest first, its own type's name, message
    and errno.
    """  # noqa: D205
    message, number = described(error), number_of(error)
    kinds = [kind for kind in type(error).__mro__ if issubclass(kind, Exception)]
    names = [_name_of(kind) for kind in kinds if type(remade(kind, message, number)) is kind]
    return [name for name in names if name], type(error).__name__, message, number


def _name_of(kind: type[Exception]) -> bytes:
    """By what other ranks may find a type; empty if it can't be found so."""
    try:
        name = pickle.dumps(kind)
    except Exception:
        return b""
    return name if _named_so(name) is kind else b""


def _named_so(name: bytes) -> type[Exception] | None:
    try:
        kind: type[Exception] = pickle.loads(name)  # noqa: S301  # of a rank of this job
    except Exception:
        return None
    return kind


def _known_to_all(comm: Comm, names: list[bytes]) -> type[Exception]:
    """The first of several types that all ranks know: some may have defined or imported it alone."""
    kinds = [_named_so(name) for name in names]
    known = comm.gather_objects([kind is not None for kind in kinds])
    for place, kind in enumerate(kinds):
        if kind is not None and all(theirs[place] for theirs in known):
            return kind
    return RuntimeError


def same_call(comm: Comm, call: str) -> None:
    """Check that all ranks ask the same of the network: what they say to one another would else be misunderstood.

    Parameters
    ----------
    comm : Comm
    call : str

    Raises
    ------
    LaunchError
        On all ranks, naming two of the calls.
    SimulationError
        On a rank that was interrupted, by Ctrl-C or sys.exit(), where others still wait for it.
    """
    if comm.size > 1 and comm.here.interrupted:
        raise SimulationError(
            f"rank {comm.rank} was interrupted and can't go on: the other ranks still wait for it there"
        )
    calls = comm.gather_objects(call)
    for rank, theirs in enumerate(calls):
        if theirs != calls[0]:
            raise LaunchError(
                f"all ranks must ask the same of the network in the same order, but rank 0 calls {calls[0]} and rank "
                f"{rank} calls {theirs}"
            )


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
