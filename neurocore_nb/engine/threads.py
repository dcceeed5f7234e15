"""How many threads a rank uses."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numba
from numba import config

from .agreement import together
from .comm import Comm

THREADS_VARIABLE = "NEUROCORE_NB_THREADS"
MAX_THREADS: int = config.NUMBA_NUM_THREADS  # type: ignore[attr-defined]  # set when Numba is loaded


def default_threads(comm: Comm) -> int:
    """The rank's share of the cores it may run on: ranks on one node divide the cores they have in common.

    The environment variable NEUROCORE_NB_THREADS says another number. All ranks call it together.

    Parameters
    ----------
    comm : Comm

    Returns
    -------
    int
        The same on all ranks of a node where they share all cores.

    Raises
    ------
    ValueError
        On all ranks, if the variable is no number of threads on any.
    """
    cores = _own_cores()
    neighbours = comm.gather_on_node(cores)
    asked = together(comm, _asked_threads)
    if asked:
        return asked
    share = sum(1.0 / sum(core in theirs for theirs in neighbours) for core in cores)
    return max(1, min(int(share + 1e-9), MAX_THREADS))


def _asked_threads() -> int:
    """What the environment asks for; 0: nothing."""
    given = os.environ.get(THREADS_VARIABLE, "").strip()
    if not given:
        return 0
    if not given.isdecimal() or int(given) < 1:
        raise ValueError(f"{THREADS_VARIABLE}={given!r} must be a number of threads, at least 1; or leave it out")
    return int(given)


def warn_if_oversubscribed(comm: Comm, threads: int, *, asked: bool = True) -> None:
    """Let the first rank of a node warn where its ranks have more threads than there are cores for them.

    All ranks call it together.

    Parameters
    ----------
    comm : Comm
    threads : int
        Of this rank; more than Numba has been allowed aren't started.
    asked : bool
        Whether somebody has said how many.

    Warns
    -----
    RuntimeWarning
        With the numbers, and what to do; at the line that called who calls this.

    Notes
    -----
    Where ranks may run on different cores, as where the launcher binds them, those that share cores are judged together
    and the most crowded are named.
    """
    neighbours = comm.gather_on_node((comm.rank, _own_cores(), min(threads, MAX_THREADS)))
    if comm.rank != neighbours[0][0]:
        return
    crowds = _crowds([(set(cores), wanted) for _, cores, wanted in neighbours])
    cores, wanted = max(crowds, key=lambda crowd: sum(crowd[1]) / len(crowd[0]))
    if sum(wanted) <= len(cores):
        return
    each = _several(wanted[0], "thread") if len(set(wanted)) == 1 else f"{min(wanted)} to {max(wanted)} threads"
    fewer = ", leave threads out of run() (which divides the cores among the ranks)," if asked else ""
    warnings.warn(
        f"{_several(len(wanted), 'rank')} x {each} on this node, but {_several(len(cores), 'core')}: threads wait for "
        f"one another, many times longer than they work. Start fewer ranks{fewer} or have the launcher or the batch "
        "system give each rank more cores",
        RuntimeWarning,
        stacklevel=4,  # the line that calls Network.run or restore
    )


def _several(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _crowds(ranks: list[tuple[set[int], int]]) -> list[tuple[set[int], list[int]]]:
    """Put ranks together that share cores, directly or by others; the cores of each crowd, and the threads."""
    crowds: list[tuple[set[int], list[int]]] = []
    for cores, threads in ranks:
        touching = [crowd for crowd in crowds if crowd[0] & cores]
        apart = [crowd for crowd in crowds if not crowd[0] & cores]
        together = cores.union(*(crowd[0] for crowd in touching))
        crowds = [*apart, (together, [one for crowd in touching for one in crowd[1]] + [threads])]
    return crowds


def _own_cores() -> list[int]:
    """The cores that this process may run on."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(os.cpu_count() or 1))


@contextmanager
def numba_threads(threads: int) -> Iterator[None]:
    """Let parallel kernels use at most this many threads, and restore what was set before."""
    if threads == 1:  # the serial kernels don't start any
        yield
        return
    before = numba.get_num_threads()
    numba.set_num_threads(min(threads, MAX_THREADS))
    try:
        yield
    finally:
        numba.set_num_threads(before)
