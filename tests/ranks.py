"""Several ranks as threads of this process, for tests of what must not depend on ranks."""

from __future__ import annotations

import ctypes
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from neurocore_nb.engine.whereabouts import Whereabouts


def as_int32(address, n):
    """The numbers at an address."""
    return np.ctypeslib.as_array(ctypes.cast(address, ctypes.POINTER(ctypes.c_int32)), (n,))


def in_room(parts, room):
    """The parts one after the other, in memory that was made for them."""
    whole = np.concatenate(parts)
    room[: len(whole)] = whole
    return room[: len(whole)]


class ThreadComm:
    """One rank of several that are threads; has the methods of ``engine.comm.SerialComm``."""

    always_in_kernels = False

    def __init__(self, rank, size, barrier, board):
        self.rank, self.size = rank, size
        self.bytes_sent = 0
        self.here = Whereabouts()
        self._barrier, self._board = barrier, board

    def gather_objects(self, value):
        self._board[self.rank] = value
        self._barrier.wait()
        values = list(self._board)
        self._barrier.wait()
        return values

    gather_on_node = gather_objects

    def allgather_in_kernels(self):
        if (
            self.rank % 2 and not self.always_in_kernels
        ):  # it doesn't matter to the others whether a rank calls it from Python
            return 0, 0, 0
        numbers = [ctypes.c_ssize_t] * 7
        self._function = ctypes.CFUNCTYPE(ctypes.c_int, *numbers)(self._allgather)  # kept alive
        return ctypes.cast(self._function, ctypes.c_void_p).value, -1, 1 - 2**31  # handles of both signs

    def _allgather(self, message, length, kind, received, room, same_kind, comm):
        try:
            assert (length, kind, same_kind, comm) == (room, -1, -1, 1 - 2**31)
            parts = self.gather_objects(as_int32(message, length).copy())
            as_int32(received, length * self.size)[:] = np.concatenate(parts)
            return 0
        except BaseException as error:
            self._error = error
            return 1

    def watchdog(self, make):
        pass

    def is_of_mpi(self, error):
        return error is getattr(self, "_error", None)

    def check(self, code):
        if code:
            raise self._error

    def allgather(self, values):
        self.bytes_sent += values.nbytes * (self.size - 1)
        return np.stack(self.gather_objects(values.copy()))

    def allgatherv(self, values, lengths, room):
        self.bytes_sent += values.nbytes * (self.size - 1)
        parts = self.gather_objects(values.copy())
        assert [len(part) for part in parts] == list(lengths)
        return in_room(parts, room)

    def alltoallv(self, values, send_lengths, receive_lengths, room):
        self.bytes_sent += values.nbytes - 4 * int(send_lengths[self.rank])
        assert len(values) == sum(send_lengths)
        parts = self.gather_objects(np.split(values.copy(), np.cumsum(send_lengths)[:-1]))
        mine = [theirs[self.rank] for theirs in parts]
        assert [len(part) for part in mine] == list(receive_lengths)
        return in_room(mine, room)

    def allreduce_max(self, values):
        self.bytes_sent += values.nbytes * (self.size - 1).bit_length()
        return np.max(self.gather_objects(values.copy()), axis=0)

    def gather(self, values, lengths, room):
        parts = self.gather_objects(values.copy())
        assert [len(part) for part in parts] == lengths
        if self.rank == 0:
            in_room(parts, room)

    def wait_for_all(self):
        self._barrier.wait()


def on_ranks(size, program):
    """What ``program(connect)`` returns on rank 0; ``connect(net)`` lets a network run on all ranks."""
    return on_each_rank(size, lambda connect, rank: program(connect))[0]


def on_each_rank(size, program):
    """What ``program(connect, rank)`` returns on each rank."""
    barrier, board = threading.Barrier(size, timeout=120), [None] * size

    def one(rank):
        def connect(net):
            net._comm, net._comm_given = ThreadComm(rank, size, barrier, board), ("auto", None)
            return net

        try:
            return program(connect, rank)
        except BaseException:
            barrier.abort()
            raise

    with ThreadPoolExecutor(size) as executor:
        futures = [executor.submit(one, rank) for rank in range(size)]
    errors = [future.exception() for future in futures]
    for error in sorted(filter(None, errors), key=lambda error: isinstance(error, threading.BrokenBarrierError)):
        raise error  # rather that of the rank that failed than of those that waited for it
    return [future.result() for future in futures]
