"""Spikes from each rank to all ranks, once per exchange interval."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .comm import Comm, Int32Array

LARGEST_COUNT = 2**31 - 1
_NOTHING = np.empty((2, 0), np.int32)


class Exchange:
    """Shares the spikes of an interval: one Allgather of two numbers, and one Allgatherv if there was any spike.

    Parameters
    ----------
    comm : Comm
    """

    def __init__(self, comm: Comm) -> None:
        self._comm = comm

    def share(self, ids: Int32Array, steps: Int32Array, n_steps: int, failed: bool) -> tuple[Int32Array, bool]:
        """Send this rank's spikes and receive everybody's.

        Parameters
        ----------
        ids : int32[n]
            Global ids of neurons that fired.
        steps : int32[n]
            In which step of the interval, from 0.
        n_steps : int
            Length of the interval.
        failed : bool
            Whether something went wrong on this rank; the others learn of it here.

        Returns
        -------
        spikes : int32[2, n_all]
            Ids and steps of the spikes of all ranks.
        failed : bool
            Whether something went wrong on any rank.

        Notes
        -----
        On the wire stand, for each rank, the number of spikes in each step and the ids, ordered by step.
        """
        if len(ids) + n_steps > LARGEST_COUNT:
            failed = True  # found again, and named, by the caller
        n = 0 if failed else len(ids)
        headers = self._comm.allgather(np.array([n, failed], np.int32))
        if not headers.any():
            return _NOTHING, False
        if headers[:, 1].any():
            return _NOTHING, True
        counts = headers[:, 0].astype(np.int64)
        if n_steps > 1:
            ids = ids[np.argsort(steps, kind="stable")]
        per_step = np.bincount(steps, minlength=n_steps).astype(np.int32)
        sent = np.concatenate([per_step, ids])
        received = self._comm.allgatherv(sent, counts + n_steps)
        return self._unpack(received, counts, n_steps), False

    @staticmethod
    def _unpack(received: Int32Array, counts: npt.NDArray[np.int64], n_steps: int) -> Int32Array:
        ends = np.cumsum(counts + n_steps)
        spikes = np.empty((2, int(counts.sum())), np.int32)
        steps = np.arange(n_steps, dtype=np.int32)
        at = 0
        for end, n in zip(ends, counts, strict=True):
            begin = end - n
            spikes[0, at : at + n] = received[begin:end]
            spikes[1, at : at + n] = np.repeat(steps, received[begin - n_steps : begin])
            at += n
        return spikes
