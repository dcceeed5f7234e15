"""What one rank writes of a recording while it runs: a series of files that are never left half-written.

A file is written beside its place and then put there in a single operation of the file system. So whatever ends the
job, what was written last is whole.
"""

from __future__ import annotations

import os
from dataclasses import astuple, dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .extras import load

Rows = dict[str, npt.NDArray[Any]]
LARGEST = 32 << 20  # bytes; then a new file is begun. A file that grows is written anew each time


@dataclass(frozen=True)
class Block:
    """The rows in a file, and where they belong in the whole.

    Attributes
    ----------
    file : str
        Its name in the folder of parts.
    first_row, n_rows : int
        Of samples. Spikes have no rows of their own in the whole: one block follows the other.
    first_column, n_columns : int
        Of samples; 0 for spikes.
    """

    file: str
    first_row: int
    n_rows: int
    first_column: int = 0
    n_columns: int = 0

    def plain(self) -> list[str | int]:
        """As JSON knows it."""
        return list(astuple(self))


class Part:
    """Rows of one rank, on their way into files.

    Parameters
    ----------
    folder : Path
    stem : str
        How the files' names begin.
    first_row, first_column, n_columns : int
        Where the rows belong in the whole, see ``Block``.

    Attributes
    ----------
    first_row : int
    blocks : list of Block
        What is in files.
    """

    def __init__(self, folder: Path, stem: str, first_row: int = 0, first_column: int = 0, n_columns: int = 0) -> None:
        self._h5py = load("h5py", "files", "to= (a recording in a file)")
        self._folder, self._stem = folder, stem
        self._rows: list[Rows] = []  # of the last file, also those that are in it already
        self._n_written = 0
        self._next = Block(f"{stem}.00000.h5", first_row, 0, first_column, n_columns)
        self._n_files = 0
        self.first_row = first_row
        self.blocks: list[Block] = []

    @property
    def n_rows(self) -> int:
        """Number of rows in files."""
        return sum(block.n_rows for block in self.blocks)

    def write(self, rows: Rows) -> None:
        """Add rows, which have one length, and have all in files.

        Raises
        ------
        OSError
            If they can't be written. Nothing is lost: the next call tries again.
        """
        if len(next(iter(rows.values()))):
            self._rows.append(rows)
        if not self._rows or self._n_written == len(self._rows):
            return
        whole = {name: np.concatenate([piece[name] for piece in self._rows]) for name in rows}
        block = replace(self._next, n_rows=len(next(iter(whole.values()))))
        self._put(block, whole)
        if self._n_written:
            self.blocks.pop()
        self.blocks.append(block)
        self._rows = [whole]
        self._n_written = 1
        if sum(column.nbytes for column in whole.values()) >= LARGEST:
            self._begin_file()

    def _begin_file(self) -> None:
        last = self.blocks[-1]
        self._n_files += 1
        self._rows, self._n_written = [], 0
        self._next = replace(
            last, file=f"{self._stem}.{self._n_files:05d}.h5", first_row=last.first_row + last.n_rows, n_rows=0
        )

    def _put(self, block: Block, rows: Rows) -> None:
        place = self._folder / block.file
        beside = place.with_suffix(".new")
        try:
            with self._h5py.File(beside, "w") as file:
                for name, column in rows.items():
                    file[name] = column
                file.attrs["block"] = block.plain()[1:]
            os.replace(beside, place)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise

    def cut(self, n_rows: int) -> None:
        """Forget the rows after the first ones, and begin a new file with the next."""
        kept: list[Block] = []
        for block in self.blocks:
            kept.append(replace(block, n_rows=min(block.n_rows, n_rows)))
            n_rows -= kept[-1].n_rows
        self.blocks = kept
        if kept:
            self._begin_file()

    def rows_before(self, name: str, limit: float) -> int:
        """How many rows have values below a limit in a column that ascends."""
        count = 0
        for block in self.blocks:
            with self._h5py.File(self._folder / block.file, "r") as file:
                count += int(np.searchsorted(file[name][: block.n_rows], limit))
        return count


class Notes:
    """How far each rank is with writing while the network runs, in a small file of each.

    Parameters
    ----------
    folder : Path
    token : str
        How the files' names begin.
    rank, n_ranks : int
    """

    def __init__(self, folder: Path, token: str, rank: int, n_ranks: int) -> None:
        places = [folder / f"{token}.r{one:05d}.until" for one in range(n_ranks)]
        self._mine, self._places = places[rank], places

    def write(self, step: int) -> None:
        """Note that this rank has all before a step in files."""
        beside = self._mine.with_suffix(".new")
        beside.write_text(str(step))
        os.replace(beside, self._mine)

    def remove(self) -> None:
        """Forget what this rank has noted."""
        self._mine.unlink(missing_ok=True)

    def least(self) -> int:
        """The step before which all ranks have all in files; 0 if one has noted nothing."""
        try:
            return min(int(place.read_text()) for place in self._places)
        except FileNotFoundError:
            return 0


def blocks_in(folder: Path, stem: str, complete: dict[str, Block]) -> list[Block]:
    """The blocks whose files' names begin with a stem, as any rank sees them; sorted by name.

    Parameters
    ----------
    folder : Path
    stem : str
    complete : dict of str to Block
        Those in files that a rank has been through with, so that they needn't be looked at again. Modified in place.
    """
    h5py = load("h5py", "files", "a recording in a file")
    found = []
    names = sorted(path.name for path in folder.glob(f"{stem}*.h5"))
    for name, following in pairwise([*names, ""]):
        block = complete.get(name)
        if block is None:
            with h5py.File(folder / name, "r") as file:
                block = Block(name, *(int(value) for value in file.attrs["block"]))
            if following.startswith(name.rsplit(".", 2)[0]):
                complete[name] = block
        found.append(block)
    return found
