"""Spikes from each rank to all ranks, once per exchange interval."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..errors import SimulationError
from ..kernels import share as columns
from ..kernels.share import MOST, N_MAIL, address_of_share, read_mail, write_mail
from ..kernels.wire import COUNT, FAILED, LARGEST_COUNT, N_HEADER, pack, unpack
from .agreement import raise_together, together
from .comm import Comm, Int32Array
from .membranes import NO_SPIKES, Spikes

FloatArray = npt.NDArray[np.float64]
NO_VALUES = np.empty(0)


def merge(fired: list[Spikes]) -> Spikes:
    """All spikes of a rank in one array."""
    if len(fired) == 1:
        return fired[0]
    return np.concatenate(fired, axis=1) if fired else NO_SPIKES


def too_many(length: int) -> SimulationError | None:
    """An error if a message of that length, for one rank or for all together, can't be sent."""
    if length <= LARGEST_COUNT:
        return None
    return SimulationError(
        f"{length} spikes in one exchange are more than the {LARGEST_COUNT} that can be counted; use a smaller dt, or "
        "shorter delays, so that ranks share spikes more often"
    )


class LocalExchange:
    """Takes the place of ``Exchange`` on one rank: its spikes are all there are."""

    kind = "none"
    nbytes = 0
    goes_along = True

    def __init__(self) -> None:
        self.mail = np.zeros(N_MAIL, np.int64)

    def share(self, fired: list[Spikes], n_steps: int, error: Exception | None) -> Spikes:
        """As ``Exchange.share``."""
        if error is not None:
            raise error
        self.mail[columns.ASKED] = self.mail[columns.ASKS]
        return np.ascontiguousarray(merge(fired))


class Exchange:
    """Shares all spikes of an interval by one Allgather, or, where a rank has many, by an Allgatherv after it.

    Parameters
    ----------
    comm : Comm
    interval : int
        Steps of an interval at most.
    own : float64[n]
        What this rank tells all others beside its spikes ...
    values : float64[size, n]
        ... and where that of all ranks is to stand.

    Attributes
    ----------
    kind : str
        As ``Network.run`` calls it.
    nbytes : int
        Memory that it keeps.
    mail : int64[N_MAIL]
        See ``kernels.share``. What this rank asks of all is written there before an exchange, what any asks is read
        there after it. The stepper tells the other ranks by itself what they have to know ...
    goes_along : bool
        ... unless there is no MPI that compiled code can call.

    Notes
    -----
    On the wire stand, for each rank, how many spikes it has and its status, and then the spikes as in
    ``kernels.wire``. The Allgather has room for up to twice as many as the busiest rank had before, so its size follows
    the activity; as all ranks see all numbers they agree on it. It doesn't matter to the others whether a rank calls it
    from compiled code or from Python.
    """

    kind = "all"

    def __init__(self, comm: Comm, interval: int, own: FloatArray = NO_VALUES, values: FloatArray = NO_VALUES) -> None:
        self._comm = comm
        tail = 2 * len(own)
        longest = N_HEADER + interval + MOST + tail
        self._message, self._received = np.zeros(longest, np.int32), np.zeros(comm.size * longest, np.int32)
        self._arrived = np.empty(2 * comm.size * MOST, np.int32)
        self._interval, self._room = interval, 0
        self.mail = np.zeros(N_MAIL, np.int64)
        address, int32, handle = comm.allgather_in_kernels()
        self.mail[:6] = address_of_share() if address else 0, address, int32, handle, comm.size, interval
        places = [one.ctypes.data for one in (self._message, self._received, self._arrived)]
        self.mail[[columns.MESSAGE, columns.RECEIVED, columns.ARRIVED]] = places
        self.mail[[columns.TAIL, columns.OWN, columns.VALUES]] = tail, own.ctypes.data, values.ctypes.data
        self.goes_along = bool(address)

    @staticmethod
    def compile() -> None:
        """Call the kernels with nothing to do."""
        nothing, none = np.zeros(2, np.int32), np.empty((2, 0), np.int32)
        mail = np.zeros(N_MAIL, np.int64)
        mail[[columns.MESSAGE, columns.RECEIVED, columns.ARRIVED, columns.OWN, columns.VALUES]] = nothing.ctypes.data
        write_mail(NO_SPIKES, 1, False, mail)
        read_mail(1, mail)
        unpack(nothing, np.zeros(1, np.int64), 1, none)
        pack(NO_SPIKES, 1, nothing)
        address_of_share()

    def share(self, fired: list[Spikes], n_steps: int, error: Exception | None) -> Spikes:
        """Send this rank's spikes and receive everybody's, as far as the stepper hasn't done so.

        Parameters
        ----------
        fired : list of int32[3, n]
            Ids of neurons that fired, and in which step of the interval, from 0.
        n_steps : int
            Length of the interval.
        error : Exception or None
            What went wrong on this rank; the others learn of it here. Not where the stepper has told them already that
            all is well.

        Returns
        -------
        int32[2 or 3, n_all]
            Ids and steps of the spikes of all ranks; the next call may overwrite them.

        Raises
        ------
        Exception
            The error of the first rank that has one, on every rank.
        """
        spikes, mail = NO_SPIKES, self.mail
        try:
            spikes = merge(fired)
        except Exception as caught:
            error = error or caught
        if not mail[columns.TOLD]:
            self._tell(spikes, n_steps, error is not None)
        self._comm.bytes_sent += int(mail[columns.SENT])
        self._comm.check(int(mail[columns.CODE]))
        mail[[columns.TOLD, columns.SENT]] = 0
        if mail[columns.ASKED] == FAILED:
            raise_together(self._comm, error or too_many(spikes.shape[1] + n_steps))
        if not mail[columns.ALL_HERE]:
            return self._share_many(spikes, n_steps)
        total = int(mail[columns.TOTAL])
        return self._arrived[: 2 * total].reshape(2, total)

    def _tell(self, spikes: Spikes, n_steps: int, failed: bool) -> None:
        """What the stepper does, too, where the exchange goes along with it."""
        write_mail(spikes, n_steps, failed, self.mail)
        self._messages[:] = self._comm.allgather(self._message[: self.mail[columns.LENGTH]])
        read_mail(n_steps, self.mail)

    @property
    def _messages(self) -> Int32Array:
        """Those of all ranks in the present interval, one in each row."""
        size, length = self._comm.size, int(self.mail[columns.LENGTH])
        return self._received[: size * length].reshape(size, length)

    def _share_many(self, spikes: Spikes, n_steps: int) -> Spikes:
        largest, total = int(self.mail[columns.LARGEST]), int(self.mail[columns.TOTAL])
        lengths = self._messages[:, COUNT].astype(np.int64) + n_steps
        error = too_many(int(lengths.sum()))
        if error is not None:  # as all ranks see
            raise error
        if largest > self._room:
            together(self._comm, lambda: self._make_room(2 * largest))
        packed = self._packed[: n_steps + spikes.shape[1]]
        pack(np.ascontiguousarray(spikes), n_steps, packed)
        received = self._comm.allgatherv(packed, lengths, self._many)
        arrived = self._many_arrived[: 2 * total].reshape(2, total)
        unpack(received, np.cumsum(lengths) - lengths, n_steps, arrived)
        return arrived

    def _make_room(self, room: int) -> None:
        """Memory for so many spikes of each rank; ranks find out whether they have it before others rely on them."""
        size = self._comm.size
        self._packed = np.empty(room + self._interval, np.int32)
        self._many = np.empty(size * (room + self._interval), np.int32)
        self._many_arrived = np.empty(2 * size * room, np.int32)
        self._room = room

    @property
    def nbytes(self) -> int:
        """Memory that it keeps (what spikes haven't touched takes none)."""
        return sum(one.nbytes for one in (self._message, self._received, self._arrived))
