"""Spikes from each rank to all ranks, once per exchange interval."""

from __future__ import annotations

import numpy as np

from ..errors import SimulationError
from ..kernels.wire import COUNT, N_HEADER, pack, read_messages, unpack, write_message
from .agreement import raise_together
from .comm import Comm, Int32Array
from .membranes import NO_SPIKES, Spikes

LARGEST_COUNT = 2**31 - 1
_MOST_AT_ONCE = 128  # spikes of a rank that travel with its header: more are worth a message of their own


def merge(fired: list[Spikes]) -> Spikes:
    """All spikes of a rank in one array."""
    if len(fired) == 1:
        return fired[0]
    return np.concatenate(fired, axis=1) if fired else NO_SPIKES


def too_many(length: int) -> SimulationError | None:
    """An error if a message of that length can't be sent."""
    if length <= LARGEST_COUNT:
        return None
    return SimulationError(f"{length} spikes of one rank in one exchange are more than {LARGEST_COUNT}")


class LocalExchange:
    """Takes the place of ``Exchange`` on one rank: its spikes are all there are."""

    kind = "none"
    nbytes = 0

    def share(self, fired: list[Spikes], n_steps: int, error: Exception | None) -> Spikes:
        """As ``Exchange.share``."""
        if error is not None:
            raise error
        return merge(fired)


class Exchange:
    """Shares all spikes of an interval by one Allgather, or, where a rank has many, by an Allgatherv after it.

    Parameters
    ----------
    comm : Comm

    Attributes
    ----------
    kind : str
        As ``Network.run`` calls it.
    nbytes : int
        Memory that it keeps.

    Notes
    -----
    On the wire stand, for each rank, how many spikes it has and whether it failed, and then the spikes as in
    ``kernels.wire``. The Allgather has room for up to twice as many as the busiest rank had before, so its size follows
    the activity; as all ranks see all numbers they agree on it.
    """

    kind = "all"
    nbytes = 0

    def __init__(self, comm: Comm) -> None:
        self._comm = comm
        self._room = 0
        self._buffers_for = -1, -1

    @staticmethod
    def compile() -> None:
        """Call the kernels with nothing to do."""
        nothing, none = np.zeros((1, N_HEADER + 1), np.int32), np.empty((2, 0), np.int32)
        write_message(NO_SPIKES, 1, False, nothing[0])
        read_messages(nothing, 1, none[0])
        unpack(nothing[0], np.zeros(1, np.int64), 1, none)
        pack(NO_SPIKES, 1, nothing[0])

    def share(self, fired: list[Spikes], n_steps: int, error: Exception | None) -> Spikes:
        """Send this rank's spikes and receive everybody's.

        Parameters
        ----------
        fired : list of int32[3, n]
            Ids of neurons that fired, and in which step of the interval, from 0.
        n_steps : int
            Length of the interval.
        error : Exception or None
            What went wrong on this rank; the others learn of it here.

        Returns
        -------
        int32[2 or 3, n_all]
            Ids and steps of the spikes of all ranks; the next call may overwrite them.

        Raises
        ------
        Exception
            The error of the first rank that has one, on every rank.
        """
        spikes = merge(fired)
        error = error or too_many(spikes.shape[1] + n_steps)
        message, arrived = self._buffers(n_steps)
        write_message(spikes, n_steps, error is not None, message)
        received = self._comm.allgather(message)
        n_failed, largest, total = read_messages(received, n_steps, arrived)
        if n_failed:
            raise_together(self._comm, error)
        shared = largest <= self._room
        self._make_room(largest)
        if shared:
            return arrived[: 2 * total].reshape(2, total)
        return self._share_many(spikes, received[:, COUNT], n_steps)

    def _buffers(self, n_steps: int) -> tuple[Int32Array, Int32Array]:
        """Memory for this rank's message and for the spikes of all, used again and again."""
        if (self._room, n_steps) != self._buffers_for:
            length = N_HEADER + (self._room + n_steps if self._room else 0)
            self._kept = np.zeros(length, np.int32), np.empty(2 * self._comm.size * self._room, np.int32)
            self._buffers_for = self._room, n_steps
        return self._kept

    def _make_room(self, largest: int) -> None:
        wanted = 1 << largest.bit_length() if largest else 0
        self._room = max(wanted, self._room // 2) if wanted <= _MOST_AT_ONCE else 0

    def _share_many(self, spikes: Spikes, counts: Int32Array, n_steps: int) -> Spikes:
        packed = np.empty(n_steps + spikes.shape[1], np.int32)
        pack(spikes, n_steps, packed)
        lengths = counts.astype(np.int64) + n_steps
        received = self._comm.allgatherv(packed, lengths)
        arrived = np.empty((2, int(counts.sum(dtype=np.int64))), np.int32)
        unpack(received, np.cumsum(lengths) - lengths, n_steps, arrived)
        return arrived
