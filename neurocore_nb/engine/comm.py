"""Between ranks. The only module that imports mpi4py, and only where it is needed.

``SerialComm`` has the methods of ``MpiComm`` and stands in for it on one rank, so that nothing else asks whether there
is MPI.
"""

from __future__ import annotations

import atexit
import ctypes
import importlib
import os
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import LaunchError
from ..kernels.wire import LARGEST_COUNT  # in what one call receives: many MPI libraries count places in 32 bits
from .launcher import launched_ranks, neighbours_that_left, say_leaving
from .whereabouts import Whereabouts

Int32Array = npt.NDArray[np.int32]

_NAP = 1e-3  # s between two looks at whether the others have arrived
_LEAD = 3.0  # s that the rank on which something went wrong has for telling it, before those that heard of it do
_LOOK = 1.0  # s between two looks at whether programs have ended
_FORWARDING = 0.5  # s for the launcher to pass on what was printed, the rest of which it drops at an abort


class SerialComm:
    """One rank alone.

    Attributes
    ----------
    rank, size : int
    here : Whereabouts
        Where this rank is, for the watchdog.
    bytes_sent : int
        To other ranks, by the methods that take int32 arrays: an Allgather sends its values to each of them, an
        Allreduce in as many rounds as the number of ranks can be halved.
    """

    rank = 0
    size = 1
    bytes_sent = 0

    def __init__(self) -> None:
        self.here = Whereabouts()

    def watchdog(self, make: Callable[[Any], Any] | None) -> None:
        """There is nobody to wait for."""

    def is_of_mpi(self, error: Exception) -> bool:
        """Whether an error came from MPI: never."""
        return False

    def allgather_in_kernels(self) -> tuple[int, int, int]:
        """Nothing that kernels could call."""
        return 0, 0, 0

    def check(self, code: int) -> None:
        """Nothing has been called that returns codes."""

    def allgather(self, values: Int32Array) -> Int32Array:
        """Arrays of equal length from all ranks, shape (size, length)."""
        return values.reshape(1, -1)

    def allgatherv(self, values: Int32Array, lengths: npt.NDArray[np.int64], room: Int32Array) -> Int32Array:
        """Arrays of the given lengths from all ranks, one after the other, in ``room``; it may be larger."""
        return values

    def alltoallv(
        self,
        values: Int32Array,
        send_lengths: npt.NDArray[np.int64],
        receive_lengths: npt.NDArray[np.int64],
        room: Int32Array,
    ) -> Int32Array:
        """Send each rank its part of the values, the parts standing in the order of ranks; what came, in that order, in
        ``room``; it may be larger.
        """  # noqa: D205
        return values

    def allreduce_max(self, values: Int32Array) -> Int32Array:
        """The largest of the values of all ranks, element by element."""
        return values

    def gather(self, values: npt.NDArray[Any], lengths: list[int], room: npt.NDArray[Any]) -> None:
        """One-dimensional arrays of one dtype and the given lengths from all ranks, on rank 0 in ``room``."""
        room[:] = values

    def gather_objects(self, value: Any) -> list[Any]:
        """Small Python objects from all ranks, on every rank."""
        return [value]

    def gather_on_node(self, value: Any) -> list[Any]:
        """Small Python objects from all ranks of this node, on each of them."""
        return [value]

    def wait_for_all(self) -> None:
        """Wait, asleep, until all ranks are here."""


class MpiComm:
    """The ranks of an MPI communicator, of which it uses a duplicate.

    Parameters
    ----------
    comm : mpi4py.MPI.Intracomm
    """

    def __init__(self, comm: Any) -> None:
        from mpi4py import MPI

        self._mpi = MPI
        self._comm = comm.Dup()
        self._node = self._comm.Split_type(MPI.COMM_TYPE_SHARED)
        self._watchdog: Any = None
        self.here = Whereabouts()
        self.bytes_sent = 0
        self.rank: int = self._comm.Get_rank()
        self.size: int = self._comm.Get_size()

    def watchdog(self, make: Callable[[Any], Any] | None) -> Any:
        """The watchdog of these ranks, which is made when first needed, by all of them together; None before."""
        if self._watchdog is None and make is not None:
            self._watchdog = make(self)
        return self._watchdog

    def abort(self, status: int) -> None:
        """End all ranks."""
        self._comm.Abort(status)

    def is_of_mpi(self, error: Exception) -> bool:
        """Whether an error came from MPI, after which ranks may not hear of one another any more."""
        return isinstance(error, self._mpi.Exception)

    def allgather_in_kernels(self) -> tuple[int, int, int]:
        """Address of MPI_Allgather, and the handles of its int and of these ranks, for ``kernels.share``.

        Zeros where the MPI library, which mpi4py has loaded, doesn't show the function.
        """
        try:
            function = ctypes.CDLL(self._mpi.__file__).MPI_Allgather
            handles = [self._mpi._handleof(one) for one in (self._mpi.INT32_T, self._comm)]
        except (AttributeError, OSError):
            return 0, 0, 0
        int32, comm = (ctypes.c_ssize_t(handle).value for handle in handles)  # MPICH's are ints, and may be negative
        return ctypes.cast(function, ctypes.c_void_p).value or 0, int32, comm

    def check(self, code: int) -> None:
        """Raise the error that a function of MPI has returned, if any."""
        if code != self._mpi.SUCCESS:
            raise self._mpi.Exception(code)

    def allgather(self, values: Int32Array) -> Int32Array:
        """Arrays of equal length from all ranks, shape (size, length)."""
        self.bytes_sent += values.nbytes * (self.size - 1)
        result = np.empty((self.size, len(values)), np.int32)
        with self.here:
            self._comm.Allgather(values, result)
        return result

    def allgatherv(self, values: Int32Array, lengths: npt.NDArray[np.int64], room: Int32Array) -> Int32Array:
        """Arrays of the given lengths from all ranks, one after the other, in ``room``; it may be larger."""
        self.bytes_sent += values.nbytes * (self.size - 1)
        result = room[: int(lengths.sum())]
        with self.here:
            self._comm.Allgatherv(values, [result, lengths])
        return result

    def alltoallv(
        self,
        values: Int32Array,
        send_lengths: npt.NDArray[np.int64],
        receive_lengths: npt.NDArray[np.int64],
        room: Int32Array,
    ) -> Int32Array:
        """Send each rank its part of the values, the parts standing in the order of ranks; what came, in that order, in
        ``room``; it may be larger.
        """  # noqa: D205
        self.bytes_sent += values.nbytes - int(send_lengths[self.rank]) * values.itemsize
        result = room[: int(receive_lengths.sum())]
        with self.here:
            self._comm.Alltoallv([values, send_lengths], [result, receive_lengths])
        return result

    def allreduce_max(self, values: Int32Array) -> Int32Array:
        """The largest of the values of all ranks, element by element."""
        self.bytes_sent += values.nbytes * (self.size - 1).bit_length()
        result = np.empty_like(values)
        with self.here:
            self._comm.Allreduce(values, result, self._mpi.MAX)
        return result

    def gather(self, values: npt.NDArray[Any], lengths: list[int], room: npt.NDArray[Any]) -> None:
        """One-dimensional arrays of one dtype and the given lengths from all ranks, on rank 0 in ``room``."""
        if sum(lengths) <= LARGEST_COUNT:
            with self.here:
                self._comm.Gatherv(values, [room, lengths] if self.rank == 0 else None)
            return
        most = max(1, LARGEST_COUNT // self.size)  # of each rank, in one call
        for k in range(0, max(lengths), most):
            some = np.clip(np.array(lengths) - k, 0, most)
            pieces = np.empty(int(some.sum()) if self.rank == 0 else 0, values.dtype)
            with self.here:
                self._comm.Gatherv(values[k : k + most], [pieces, some] if self.rank == 0 else None)
            for rank, piece in enumerate(np.split(pieces, np.cumsum(some)[:-1]) if self.rank == 0 else []):
                start = sum(lengths[:rank]) + k
                room[start : start + len(piece)] = piece

    def gather_objects(self, value: Any) -> list[Any]:
        """Small Python objects from all ranks, on every rank."""
        with self.here:
            return list(self._comm.allgather(value))

    def gather_on_node(self, value: Any) -> list[Any]:
        """Small Python objects from all ranks of this node, on each of them."""
        with self.here:
            return list(self._node.allgather(value))

    def wait_for_all(self) -> None:
        """Wait, asleep, until all ranks are here: a rank that spins would starve one that compiles."""
        with self.here:
            request = self._comm.Ibarrier()
            while not request.Test():
                time.sleep(_NAP)


Comm = SerialComm | MpiComm


@cache
def _world_comm() -> MpiComm:
    """One duplicate of the world for all networks: MPI has room for some thousand communicators only."""
    from mpi4py import MPI

    _wait_for_all_programs(MPI)
    return MpiComm(MPI.COMM_WORLD)


def _leave() -> None:
    """Let the other ranks see that this one's program ends without having run a network."""
    say_leaving()
    if "PMI_SIZE" in os.environ:  # MPICH starts on no rank before it does on all, so others couldn't look
        with suppress(ImportError, RuntimeError):
            importlib.import_module("mpi4py.MPI")


def _wait_for_all_programs(mpi: Any) -> None:
    """Wait until the programs of all ranks are here, and end the job where one has ended without coming."""
    atexit.unregister(_leave)
    request, rank, looked = mpi.COMM_WORLD.Ibarrier(), mpi.COMM_WORLD.Get_rank(), time.monotonic()
    while not request.Test():
        time.sleep(_NAP)
        if time.monotonic() - looked > _LOOK:
            looked = time.monotonic()
            gone = neighbours_that_left()
            if gone:
                told = f"rank {rank}: the program of {gone} has ended before the network's first run, in which other "
                with suppress(Exception):  # stderr may be closed
                    sys.stderr.write(f"{told}ranks wait for it; ending the job\n")
                    sys.stderr.flush()
                time.sleep(_FORWARDING)
                mpi.COMM_WORLD.Abort(1)


def connect(backend: str, comm: Any) -> Comm:
    """Make the communicator of a run.

    Parameters
    ----------
    backend : {"auto", "numba", "mpi"}
        ``"numba"`` is one process, ``"mpi"`` needs mpi4py, ``"auto"`` takes MPI where a launcher started several ranks.
    comm : mpi4py.MPI.Intracomm or None
        Communicator to use instead of the world.

    Returns
    -------
    Comm

    Raises
    ------
    ValueError
        If the backend can't be had.
    LaunchError
        If the launcher's ranks don't see one another.
    """
    if backend == "numba":
        if comm is not None:
            raise ValueError("backend='numba' is one process without MPI; leave comm out or use backend='mpi'")
        return SerialComm()
    launched = launched_ranks()
    loaded = sys.modules.get("mpi4py.MPI")
    if backend == "auto" and comm is None and launched == 1 and (loaded is None or loaded.COMM_WORLD.Get_size() == 1):
        return SerialComm()
    try:
        from mpi4py import MPI
    except (ImportError, RuntimeError) as error:
        wanted = f"the launcher started {launched} ranks" if launched > 1 else f"backend={backend!r}"
        raise ValueError(
            f"{wanted}, which needs mpi4py and an MPI library, but: {error}. Install neurocore_nb[mpi] beside your own "
            "MPI, or neurocore_nb[mpi-local], which brings one; or use backend='numba' for one process"
        ) from None
    if comm is None:
        if launched > 1 and MPI.COMM_WORLD.Get_size() == 1:
            raise LaunchError(
                f"the launcher started {launched} ranks, but MPI sees each of them alone: mpi4py uses another MPI "
                "library "
                f"({MPI.Get_library_version().splitlines()[0]}) than the launcher; take both from one MPI"
            )
        return _world_comm()
    if not isinstance(comm, MPI.Intracomm):
        raise TypeError(f"comm must be an mpi4py communicator, not {comm!r}")
    _leave_errors_to_host()
    return MpiComm(comm)


def abort_on_uncaught_errors() -> None:
    """Let an uncaught exception on one of several launched ranks end the job.

    Without this the others wait for ever, in both MPI families. Not done where a host passes its own communicator.
    """
    if launched_ranks() > 1 and not isinstance(sys.excepthook, _AbortingHook):
        sys.excepthook = _AbortingHook(sys.excepthook)
        atexit.register(_leave)


def _leave_errors_to_host() -> None:
    atexit.unregister(_leave)
    if isinstance(sys.excepthook, _AbortingHook):
        sys.excepthook = sys.excepthook.before


def shown_by(error: Exception, rank: int) -> None:
    """Let one rank alone show an error that all ranks raise, if nobody catches it."""
    error._shown_by = rank  # type: ignore[attr-defined]


class _AbortingHook:
    """Shows an uncaught exception as before, with the rank, and aborts all ranks."""

    def __init__(self, before: Callable[..., Any]) -> None:
        self.before = before

    def __call__(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        try:
            from mpi4py import MPI
        except (ImportError, RuntimeError):
            self.before(kind, error, trace)
            return
        rank = MPI.COMM_WORLD.Get_rank()
        try:
            if getattr(error, "_shown_by", rank) != rank:
                time.sleep(_LEAD)  # for the rank that shows it, and ends this one
            self._show(rank, kind, error, trace)
            sys.stdout.flush()
            sys.stderr.flush()
            time.sleep(_FORWARDING)
        finally:  # also where it can't be shown: stderr may be closed, or on a full disk
            MPI.COMM_WORLD.Abort(1)

    def _show(self, rank: int, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Write it in one go, where it is to look as usual, so that what ranks write doesn't mix."""
        if self.before is sys.__excepthook__:
            sys.stderr.write("".join([f"rank {rank}:\n", *traceback.format_exception(kind, error, trace)]))
        else:
            sys.stderr.write(f"rank {rank}:\n")
            self.before(kind, error, trace)
