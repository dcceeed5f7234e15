"""How many threads a rank uses."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import numba
from numba import config

from .comm import Comm

MAX_THREADS: int = config.NUMBA_NUM_THREADS  # type: ignore[attr-defined]  # set when Numba is loaded


def default_threads(comm: Comm) -> int:
    """The rank's share of the cores it may run on: ranks on one node divide the cores they have in common.

    Parameters
    ----------
    comm : Comm

    Returns
    -------
    int
        The same on all ranks of a node where they share all cores.
    """
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(os.cpu_count() or 1))
    neighbours = comm.gather_on_node(cores)
    share = sum(1.0 / sum(core in theirs for theirs in neighbours) for core in cores)
    return max(1, min(int(share + 1e-9), MAX_THREADS))


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
