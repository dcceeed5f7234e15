"""From the running network into files: recorders that keep little in memory, and gather nothing."""

from __future__ import annotations

import secrets
import shutil
import time
from bisect import bisect_left
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import named
from ..io.extras import load
from ..io.parts import LARGEST, Block, Notes, Part, blocks_in
from ..io.sonata import OURS, parts_folder, write_whole
from .agreement import together
from .comm import Comm
from .recording import Recorder, SampleRecorder, SpikeRecorder, StateRecorder, WeightRecorder

EVERY = 1.0  # s of wall time after which what was recorded is in files: so much is lost if the job is killed
MOST_OF_TIME = 0.05  # that is spent on writing it so often


class StreamFile:
    """A file into which monitors record, from the first run of a network to its reset; all ranks make it together.

    Parameters
    ----------
    path : Path
    monitors : list of Monitor
        All that record into it.
    comm : Comm

    Attributes
    ----------
    token : str
        That the names of its parts have, and those of other attempts have not.
    notes : Notes
        Before which step each rank has all in files.

    Raises
    ------
    FileExistsError
        On all ranks, if there is something else in its place.
    """

    def __init__(self, path: Path, monitors: list[Any], comm: Comm) -> None:
        self.path, self.folder = path, parts_folder(path)
        self.token = str(comm.gather_objects(secrets.token_hex(4))[0])
        self._rank, self.notes = comm.rank, Notes(self.folder, self.token, comm.rank, comm.size)
        self._complete_until = 0  # step before which all ranks have all in files, as far as rank 0 knows
        self._parts: dict[str, Part] = {}
        self._complete: dict[str, Block] = {}
        self.take_in(monitors)
        goes_on = any(monitor.facts()["blocks"] for monitor in monitors)  # known to rank 0
        together(comm, lambda: self._make_room(goes_on) if comm.rank == 0 else None)

    def take_in(self, monitors: list[Any]) -> None:
        """All monitors that record into it, of which those that were there before come first."""
        self._monitors = monitors

    def _make_room(self, goes_on: bool) -> None:
        """Remove an old recording, and nothing else."""
        if self.path.exists() and not _is_ours(self.path):
            raise FileExistsError(
                f"{str(self.path)!r} is there already and isn't a recording of this package: give to= another path"
            )
        if not goes_on:
            self.path.unlink(missing_ok=True)
            shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True, exist_ok=True)

    def part_of(self, monitor: Any, first_row: int = 0, first_column: int = 0, n_columns: int = 0) -> Part:
        """What this rank has of what a monitor records, from run to run."""
        stem = f"{self._stem(monitor)}.r{self._rank:05d}"
        if stem not in self._parts:
            self._parts[stem] = Part(self.folder, stem, first_row, first_column, n_columns)
        return self._parts[stem]

    def _stem(self, monitor: Any) -> str:
        """How the names of a monitor's parts begin; after it was cleared, those of others."""
        return f"{self._monitors.index(monitor):03d}.{self.token}-{monitor._n_cleared}"

    def earlier(self, monitor: Any) -> list[Block]:
        """The blocks that a monitor had before this file was begun, from a checkpoint; on rank 0."""
        return [block for block in monitor._blocks if not block.file.startswith(f"{self._stem(monitor)}.")]

    def publish(self, step: int, whole: bool) -> None:
        """Write the file that presents what is there, on rank 0.

        Parameters
        ----------
        step : int
            Before which rank 0 has all in files.
        whole : bool
            Whether other ranks have so, too, and the monitors know all blocks; else it presents what can be seen in
            the folder.
        """
        # Before looking for blocks: those that come meanwhile are of later steps.
        self._complete_until = step if whole else max(self._complete_until, self.notes.least())
        groups = []
        for monitor in self._monitors:
            blocks = monitor._blocks
            if whole:
                self._check_that_all_is_seen(blocks)
            else:
                blocks = [*self.earlier(monitor), *blocks_in(self.folder, f"{self._stem(monitor)}.r", self._complete)]
            groups += monitor.groups(blocks, self._complete_until)
        write_whole(self.path, groups)

    def _check_that_all_is_seen(self, blocks: list[Block]) -> None:
        hidden = [block.file for block in blocks if not (self.folder / block.file).is_file()]
        if hidden:
            raise FileNotFoundError(
                f"rank 0 doesn't see {len(hidden)} files that other ranks have written into {str(self.folder)!r}, such "
                f"as {hidden[0]!r}: give to= a path on a file system that all nodes share"
            )


def _is_ours(path: Path) -> bool:
    try:
        with load("h5py", "files", "to=").File(path, "r") as file:
            return OURS in file.attrs
    except OSError:
        return False


class Streamed:
    """What recorders of files have in common; comes before ``SpikeRecorder`` and ``SampleRecorder``.

    Attributes
    ----------
    file : StreamFile
    part : Part
    written_until : int
        Step before which all is in files.
    """

    monitor: Any
    file: StreamFile
    part: Part
    _dt: float
    written_until: int  # a step

    @property
    def pending(self) -> int:
        """Bytes that are in memory."""
        raise NotImplementedError

    def write(self, step: int) -> None:
        """Have all that was recorded before a step in files."""
        raise NotImplementedError

    def _finish(self, end: int) -> None:
        """Have all that was recorded before a step in files, and nothing else."""
        ahead = self.written_until > end  # where another rank had an error meanwhile
        self.write(end)
        if ahead:
            self.part.cut(self._rows_before(end))

    def _rows_before(self, end: int) -> int:
        raise NotImplementedError

    def _blocks(self, comm: Comm) -> list[Block]:
        """All blocks of all ranks, on rank 0; one rank after the other."""
        parts = comm.gather_objects(self.part.blocks)
        return [*self.file.earlier(self.monitor), *(block for part in parts for block in part)]


class StreamedSpikes(Streamed, SpikeRecorder):
    """Writes the spikes of one SpikeMonitor; parameters as for ``SpikeRecorder``."""

    def into(self, file: StreamFile, dt: float) -> StreamedSpikes:
        """Itself, with the file to write into, and the network step in s."""
        self.file, self.part, self._dt, self.written_until = file, file.part_of(self.monitor), dt, self._since
        # Before there is anything to present.
        self.monitor._dt, self.monitor._n_substeps, self.monitor._end = dt, self.group.n_substeps, self._since
        self._n_before = self.part.n_rows
        return self

    @property
    def pending(self) -> int:
        """Bytes that are in memory."""
        return sum(spikes.nbytes for spikes in self._spikes)

    def write(self, step: int) -> None:
        """Have all spikes before a step in files."""
        neurons, ticks = self._in_order(*self._recorded(step))
        ids = (neurons + self.monitor.population.start).astype(np.uint64)
        self.part.write({"timestamps": ticks * (self._dt * 1e3) / self.group.n_substeps, "node_ids": ids})
        self._spikes, self._origins = [], []
        self.written_until = step

    def _rows_before(self, end: int) -> int:
        limit = (end + 0.5 / self.group.n_substeps) * self._dt * 1e3  # a step's last spike is at its end
        return self.part.rows_before("timestamps", limit)

    def hand_over(self, comm: Comm, dt: float, end: int) -> None:
        """Have all spikes before a step in files, and let the monitor know."""
        together(comm, lambda: self._finish(end))
        count = sum(comm.gather_objects(self.part.n_rows - self._n_before))
        self._n_before = self.part.n_rows
        n_steps, self._since = end - self._since, end
        self.monitor.extend_in_file(comm.rank, n_steps, dt, self.group.n_substeps, count, end, self._blocks(comm))


class StreamedSamples(Streamed, SampleRecorder):
    """Writes the samples of one monitor; parameters as for ``SampleRecorder``."""

    by_index = True

    def into(self, file: StreamFile, membranes: Any, dt: float, step: int) -> Any:
        """Itself, with the file, the membranes whose part it records, the network step in s, and the present one."""
        monitor = self.monitor
        before = int((monitor.record + monitor.population.start < membranes.begin).sum())
        self.file, self.written_until = file, step
        self.part = file.part_of(monitor, monitor._n_samples, before, len(self._index))
        first = monitor._grid[0] if monitor._n_samples else -(-step // self.every) * self.every
        self._first, monitor._grid = first, (first, self.every, dt)  # before there is anything to present
        return self

    @property
    def pending(self) -> int:
        """Bytes that are in memory."""
        n_values = len(self._steps) * len(self._index) * len(self.monitor.variables)
        return n_values * int(np.dtype(self.monitor.dtype).itemsize)

    def write(self, step: int) -> None:
        """Have all samples before a step in files."""
        n = bisect_left(self._steps, step)
        if len(self._index):
            shape = n, len(self._index)
            self.part.write({
                name: np.array(samples[:n], self.monitor.dtype).reshape(shape)
                for name, samples in self._samples.items()
            })  # fmt: skip
        del self._steps[:n]
        for samples in self._samples.values():
            del samples[:n]
        self.written_until = step

    def _n_samples(self, end: int) -> int:
        return len(range(self._first, end, self.every))

    def _rows_before(self, end: int) -> int:
        return self._n_samples(end) - self.part.first_row

    def hand_over(self, comm: Comm, dt: float, end: int) -> None:
        """Have all samples before a step in files, and let the monitor know."""
        together(comm, lambda: self._finish(end))
        self.monitor.extend_in_file(comm.rank, self._n_samples(end), self._positions, self._blocks(comm))


class StreamedStates(StateRecorder, StreamedSamples):
    """Writes the samples of one StateMonitor; parameters as for ``StateRecorder``."""


class StreamedWeights(WeightRecorder, StreamedSamples):
    """Writes the samples of one WeightMonitor; parameters as for ``WeightRecorder``. Histograms stay in memory."""


class Streams:
    """All recorders of a run that write files, and when they do.

    Parameters
    ----------
    recorders : iterable of recorders
        Of which some may be ``Streamed``.
    rank : int
    """

    def __init__(self, recorders: Iterable[Any], rank: int) -> None:
        self._recorders = [one for one in recorders if isinstance(one, Streamed)]
        self._presents = rank == 0
        self._next = time.monotonic() + EVERY

    def due(self) -> bool:
        """Whether it is time to write."""
        if not self._recorders:
            return False
        late = time.monotonic() > self._next
        return late or sum(one.pending for one in self._recorders) > LARGEST

    def write(self, step: int) -> None:
        """Have all that was recorded before a step in files; on rank 0, also present what others have written."""
        started = time.monotonic()
        for one in self._recorders:
            with named(f"{one.monitor.name}, to {str(one.file.path)!r}"):
                one.write(step)
        for file in _files(self._recorders):
            with named(f"the recording {str(file.path)!r}"):
                file.notes.write(step)
        if self._presents:
            publish(self._recorders, whole=False)
        now = time.monotonic()
        self._next = now + max(EVERY, (now - started) / MOST_OF_TIME)


def publish(recorders: Iterable[Any], *, whole: bool) -> None:
    """Write the files that present what recorders have written, on rank 0; parameters as for ``StreamFile.publish``."""
    for file, step in _files(recorders).items():
        with named(f"the recording {str(file.path)!r}"):
            file.publish(step, whole)


def _forget_notes(recorders: Iterable[Any]) -> None:
    for file in _files(recorders):
        file.notes.remove()


def _files(recorders: Iterable[Any]) -> dict[StreamFile, int]:
    """The files into which recorders write, and before which step all is in them."""
    return {one.file: one.written_until for one in recorders if isinstance(one, Streamed)}


def hand_over(recorders: list[Recorder], comm: Comm, dt: float, end: int) -> None:
    """Give all monitors what was recorded before a step and not given yet; all ranks call it together.

    Files then present it.

    Parameters
    ----------
    recorders : list of recorders
    comm : Comm
    dt : float
        Network step in s.
    end : int
        What was recorded of later steps is forgotten.

    Raises
    ------
    Exception
        On all ranks what goes wrong on any, naming the monitor.
    """
    for recorder in recorders:
        with named(f"{recorder.monitor.name}, at {end * dt:.9g} s"):
            recorder.hand_over(comm, dt, end)
    together(comm, lambda: _forget_notes(recorders))  # a rank may have been ahead
    together(comm, lambda: publish(recorders, whole=True) if comm.rank == 0 else None)
