"""Between ranks. The only module that imports mpi4py, and only where it is needed.

``SerialComm`` has the methods of ``MpiComm`` and stands in for it on one rank, so that nothing else asks whether there
is MPI.
"""

from __future__ import annotations

import ctypes
import os
import sys
import time
from collections.abc import Callable
from functools import cache
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import LaunchError, SimulationError

Int32Array = npt.NDArray[np.int32]

# Set by the launcher in each rank it starts. SLURM_NTASKS isn't one of them: plain batch scripts have it too.
_SIZE_VARIABLES = ("OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS")
LARGEST_COUNT = 2**31 - 1  # places in what one call sends or receives: many MPI libraries count them in 32 bits
_NAP = 1e-3  # s between two looks at whether the others have arrived
_FORWARDING = 0.5  # s for the launcher to pass on what was printed, the rest of which it drops at an abort


class SerialComm:
    """One rank alone.

    Attributes
    ----------
    rank, size : int
    bytes_sent : int
        To other ranks, by the methods that take int32 arrays: an Allgather sends its values to each of them, an
        Allreduce in as many rounds as the number of ranks can be halved.
    """

    rank = 0
    size = 1
    bytes_sent = 0

    def allgather_in_kernels(self) -> tuple[int, int, int]:
        """Nothing that kernels could call."""
        return 0, 0, 0

    def check(self, code: int) -> None:
        """Nothing has been called that returns codes."""

    def allgather(self, values: Int32Array) -> Int32Array:
        """Arrays of equal length from all ranks, shape (size, length)."""
        return values.reshape(1, -1)

    def allgatherv(self, values: Int32Array, lengths: npt.NDArray[np.int64]) -> Int32Array:
        """Arrays of the given lengths from all ranks, one after the other."""
        return values

    def alltoallv(
        self, values: Int32Array, send_lengths: npt.NDArray[np.int64], receive_lengths: npt.NDArray[np.int64]
    ) -> Int32Array:
        """Send each rank its part of the values, the parts standing in the order of ranks; what came, in that order."""
        return values

    def allreduce_max(self, values: Int32Array) -> Int32Array:
        """The largest of the values of all ranks, element by element."""
        return values

    def gather(self, values: npt.NDArray[Any]) -> list[npt.NDArray[Any]]:
        """One-dimensional arrays of one dtype from all ranks, on rank 0; elsewhere an empty list."""
        return [values]

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
        self.bytes_sent = 0
        self.rank: int = self._comm.Get_rank()
        self.size: int = self._comm.Get_size()

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
        self._comm.Allgather(values, result)
        return result

    def allgatherv(self, values: Int32Array, lengths: npt.NDArray[np.int64]) -> Int32Array:
        """Arrays of the given lengths from all ranks, one after the other; a SimulationError if that is too much."""
        total = int(lengths.sum())
        if total > LARGEST_COUNT:  # which all ranks see alike
            raise SimulationError(
                f"all ranks together have {total} spikes in one exchange, more than {LARGEST_COUNT}; look for neurons "
                "that fire without end"
            )
        self.bytes_sent += values.nbytes * (self.size - 1)
        result = np.empty(total, np.int32)
        self._comm.Allgatherv(values, [result, lengths])
        return result

    def alltoallv(
        self, values: Int32Array, send_lengths: npt.NDArray[np.int64], receive_lengths: npt.NDArray[np.int64]
    ) -> Int32Array:
        """Send each rank its part of the values, the parts standing in the order of ranks; what came, in that order."""
        self.bytes_sent += values.nbytes - int(send_lengths[self.rank]) * values.itemsize
        result = np.empty(int(receive_lengths.sum()), np.int32)
        self._comm.Alltoallv([values, send_lengths], [result, receive_lengths])
        return result

    def allreduce_max(self, values: Int32Array) -> Int32Array:
        """The largest of the values of all ranks, element by element."""
        self.bytes_sent += values.nbytes * (self.size - 1).bit_length()
        result = np.empty_like(values)
        self._comm.Allreduce(values, result, self._mpi.MAX)
        return result

    def gather(self, values: npt.NDArray[Any]) -> list[npt.NDArray[Any]]:
        """One-dimensional arrays of one dtype from all ranks, on rank 0; elsewhere an empty list."""
        lengths = np.array(self._comm.allgather(len(values)), np.int64)
        most = max(1, LARGEST_COUNT // self.size)  # of each rank, in one call
        calls = [self._gather_some(values[k : k + most], np.clip(lengths - k, 0, most))
                 for k in range(0, max(1, int(lengths.max())), most)]  # fmt: skip
        if self.rank != 0:
            return []
        return calls[0] if len(calls) == 1 else [np.concatenate(parts) for parts in zip(*calls, strict=True)]

    def _gather_some(self, values: npt.NDArray[Any], lengths: npt.NDArray[np.int64]) -> list[npt.NDArray[Any]]:
        """As :meth:`gather`, in one call."""
        if self.rank != 0:
            self._comm.Gatherv(values, None)
            return []
        result = np.empty(int(lengths.sum()), values.dtype)
        self._comm.Gatherv(values, [result, lengths])
        return np.split(result, np.cumsum(lengths)[:-1])

    def gather_objects(self, value: Any) -> list[Any]:
        """Small Python objects from all ranks, on every rank."""
        return list(self._comm.allgather(value))

    def gather_on_node(self, value: Any) -> list[Any]:
        """Small Python objects from all ranks of this node, on each of them."""
        return list(self._node.allgather(value))

    def wait_for_all(self) -> None:
        """Wait, asleep, until all ranks are here: a rank that spins would starve one that compiles."""
        request = self._comm.Ibarrier()
        while not request.Test():
            time.sleep(_NAP)


Comm = SerialComm | MpiComm


def launched_ranks() -> int:
    """Number of ranks the launcher started; 1 without a launcher."""
    given = [os.environ.get(name, "") for name in _SIZE_VARIABLES]
    return max([1, *(int(value) for value in given if value.isdigit())])


@cache
def _world_comm() -> MpiComm:
    """One duplicate of the world for all networks: MPI has room for some thousand communicators only."""
    from mpi4py import MPI

    return MpiComm(MPI.COMM_WORLD)


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


def _leave_errors_to_host() -> None:
    if isinstance(sys.excepthook, _AbortingHook):
        sys.excepthook = sys.excepthook.before


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
        sys.stderr.write(f"rank {MPI.COMM_WORLD.Get_rank()}:\n")
        self.before(kind, error, trace)
        sys.stdout.flush()
        sys.stderr.flush()
        time.sleep(_FORWARDING)
        MPI.COMM_WORLD.Abort(1)
