"""Spikes to those ranks only that need them, once per exchange interval."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..kernels.share import ASKED, ASKS, N_MAIL
from ..kernels.wire import FAILED, LARGEST_COUNT, count_needed, pack_needed, unpack
from .agreement import raise_together, together
from .comm import Comm, Int32Array
from .exchange import merge, too_many
from .membranes import NO_SPIKES, Spikes
from .partition import block, bounds

MOST_PADDED = 128  # spikes: messages of up to so many are all sent as long as the longest, which saves one collective

Populations = list[tuple[int, int]]  # id of the first neuron, and number of neurons


class SparseExchange:
    """Sends each rank the spikes of those neurons only that have targets there.

    Parameters
    ----------
    comm : Comm
    populations : list of (int, int)
        Id of the first neuron and number of neurons of each population that is a projection's source.
    needed : int32[n]
        Ids, ascending, of all neurons that have targets on this rank.
    interval : int
        Steps of an interval at most.

    Attributes
    ----------
    kind : str
        As ``Network.run`` calls it.
    nbytes : int
        Memory of the lists of who needs what.
    mail, goes_along
        As for ``Exchange``; it doesn't go along with the stepper.

    Raises
    ------
    Exception
        On every rank, if any has no memory for its lists.

    Notes
    -----
    A rank knows its *receivers*, the ranks that need any of its neurons, for each neuron which receivers these are,
    and its *senders*. Where two ranks have nothing to say to one another, nothing passes between them.

    In an interval, one Allreduce tells all ranks their status and the largest number of spikes that one sends to
    another. Where that is 0, this is all; where it is small, all messages to receivers are made as long as the longest,
    so that their lengths are known; else their lengths go before them. A message is as in ``kernels.wire``.

    Alltoallv, with lengths of 0, and not a neighbourhood collective: that takes a communicator, of which MPI has few,
    for each network, and freeing one takes all ranks at the same time.
    """

    kind = "sparse"
    goes_along = False

    def __init__(self, comm: Comm, populations: Populations, needed: Int32Array, interval: int) -> None:
        self._comm = comm
        self.mail = np.zeros(N_MAIL, np.int64)
        ids, lengths = together(comm, lambda: _by_owner(comm, populations, needed))
        ones = np.ones(comm.size, np.int64)
        room = np.empty(comm.size, np.int32)
        asked = comm.alltoallv(lengths.astype(np.int32), ones, ones, room).astype(np.int64)
        room = together(comm, lambda: np.empty(int(asked.sum()), np.int32))
        asked_ids = comm.alltoallv(ids, lengths, asked, room)
        self._senders, self._receivers = np.flatnonzero(lengths), np.flatnonzero(asked)
        self._interval, self._room = interval, -1
        self._all = np.empty((2, 0), np.int32)
        together(comm, lambda: self._list_receivers(populations, asked_ids, asked))

    def _list_receivers(self, populations: Populations, ids: Int32Array, lengths: npt.NDArray[np.int64]) -> None:
        """From the ids that each rank asked for, ``lengths`` of them, to the receivers of each neuron."""
        spans = [block(n, self._comm.rank, self._comm.size) for _, n in populations]
        self._own = np.array([(first + b, first + e, 0) for (first, _), (b, e) in zip(populations, spans, strict=True)])
        self._own = self._own.astype(np.int64).reshape(-1, 3)
        sizes = self._own[:, 1] - self._own[:, 0]
        self._own[:, 2] = np.cumsum(sizes) - sizes
        population = np.searchsorted(self._own[:, 0], ids, side="right") - 1
        rows = ids - self._own[population, 0] + self._own[population, 2]
        asking = np.repeat(np.arange(len(self._receivers)), lengths[self._receivers])
        counts = np.bincount(rows, minlength=int(sizes.sum()))
        self._indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        order = np.argsort(rows, kind="stable")
        self._needed_by = asking[order].astype(np.uint16 if len(self._receivers) <= 1 << 16 else np.uint32)

    @property
    def nbytes(self) -> int:
        """Memory of the lists."""
        return self._indptr.nbytes + self._needed_by.nbytes

    @staticmethod
    def compile() -> None:
        """Call the kernels with nothing to do."""
        own, indptr, needed_by = np.zeros((1, 3), np.int64), np.zeros(1, np.int64), np.zeros(0, np.uint16)
        counts, nowhere = np.zeros((0, 1), np.int32), np.zeros(0, np.int64)
        count_needed(NO_SPIKES, own, indptr, needed_by, counts)
        pack_needed(NO_SPIKES, own, indptr, needed_by, counts, nowhere, np.zeros((0, 1), np.int64), NO_SPIKES[0].copy())
        unpack(np.zeros(1, np.int32), np.zeros(1, np.int64), 1, np.zeros((2, 0), np.int32))

    def share(self, fired: list[Spikes], n_steps: int, error: Exception | None) -> Spikes:
        """As ``Exchange.share``, but what a rank receives are its own spikes and those that others have for it."""
        spikes, counts = NO_SPIKES, np.zeros((len(self._receivers), n_steps), np.int32)
        try:
            spikes = merge(fired)
            if spikes.shape[1] > 0 and counts.size > 0:
                count_needed(spikes, self._own, self._indptr, self._needed_by, counts)
            self._reserve(spikes.shape[1], max(self._room, 0))
        except Exception as caught:
            error = error or caught
        totals = counts.sum(axis=1, dtype=np.int64)
        largest = self._agree(int(totals.max(initial=0)), int(totals.sum()) + counts.size, error)
        if largest > self._room:
            together(self._comm, lambda: self._make_room(spikes.shape[1], 2 * largest + MOST_PADDED))
        if largest == 0:
            return spikes
        if largest <= MOST_PADDED:
            sent, received = np.full(len(self._receivers), largest), np.full(len(self._senders), largest)
        else:
            lengths = np.empty(self._comm.size, np.int32)
            sent, received = totals, self._send(totals.astype(np.int32), 1, 1, lengths).astype(np.int64)
        if (largest + n_steps) * self._comm.size > LARGEST_COUNT:  # some rank may receive too many
            raise_together(self._comm, too_many(int((received + n_steps).sum())))
        starts = np.cumsum(received + n_steps) - received - n_steps
        message = self._pack(spikes, counts, sent + n_steps)
        came = self._send(message, sent + n_steps, received + n_steps, self._came)
        if largest <= MOST_PADDED:
            received = came.reshape(-1, n_steps + largest)[:, :n_steps].sum(axis=1)
        return self._unpack(came, starts, int(received.sum()), spikes, n_steps)

    def _agree(self, largest: int, length: int, error: Exception | None) -> int:
        """Tell all ranks the status of this one; the largest number of spikes that any sends to another."""
        error = error or too_many(length)
        mine = np.array([0 if error else largest, FAILED if error else self.mail[ASKS]], np.int32)
        largest, self.mail[ASKED] = self._comm.allreduce_max(mine).tolist()
        if self.mail[ASKED] == FAILED:
            raise_together(self._comm, error)
        return int(largest)

    def _make_room(self, n_own: int, room: int) -> None:
        """Memory for so many spikes for and from each other rank, beside its own; see ``Exchange``."""
        self._reserve(n_own, room)
        length = min(room, LARGEST_COUNT) + self._interval
        self._packed = np.empty(len(self._receivers) * length, np.int32)
        self._came = np.empty(len(self._senders) * length, np.int32)
        self._room = room

    def _reserve(self, n_own: int, room: int) -> None:
        """Memory for all spikes that may be there after an exchange (what spikes don't touch takes none)."""
        most = n_own + len(self._senders) * room
        if self._all.shape[1] < most:
            self._all = np.empty((2, most + n_own), np.int32)

    def _send(
        self, values: Int32Array, lengths: npt.ArrayLike, expected: npt.ArrayLike, room: Int32Array
    ) -> Int32Array:
        """Send each receiver its part of the values; what came from the senders."""
        sent, received = np.zeros((2, self._comm.size), np.int64)
        sent[self._receivers], received[self._senders] = lengths, expected
        return self._comm.alltoallv(values, sent, received, room)

    def _pack(self, spikes: Spikes, counts: Int32Array, lengths: npt.NDArray[np.int64]) -> Int32Array:
        packed = self._packed[: int(lengths.sum())]
        packed[:] = 0
        starts, ends = np.cumsum(lengths) - lengths, np.empty(counts.shape, np.int64)
        if counts.any():
            pack_needed(spikes, self._own, self._indptr, self._needed_by, counts, starts, ends, packed)
        return packed

    def _unpack(self, values: Int32Array, starts: npt.NDArray[np.int64], n: int, own: Spikes, n_steps: int) -> Spikes:
        """Own spikes and the n that came."""
        n_own = own.shape[1]
        spikes = self._all.reshape(-1)[: 2 * (n_own + n)].reshape(2, n_own + n)
        spikes[:, :n_own] = own[:2]
        unpack(values, starts, n_steps, spikes[:, n_own:])
        return spikes


def _by_owner(comm: Comm, populations: Populations, needed: Int32Array) -> tuple[Int32Array, npt.NDArray[np.int64]]:
    """The needed ids of other ranks' neurons in the order of these ranks, and how many each rank owns."""
    parts, owners = [], []
    for first, n in populations:
        borders = first + bounds(n, comm.size)
        cuts = np.searchsorted(needed, borders)
        parts.append(needed[cuts[0] : cuts[-1]])
        owners.append(np.repeat(np.arange(comm.size), np.diff(cuts)))
    owner = np.concatenate([*owners, np.empty(0, np.int64)])
    ids = np.concatenate([*parts, np.empty(0, np.int32)])
    order = np.argsort(owner, kind="stable")
    order = order[owner[order] != comm.rank]
    return ids[order], np.bincount(owner[order], minlength=comm.size)
