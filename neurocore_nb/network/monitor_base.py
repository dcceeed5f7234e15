"""What all monitors have in common."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from ..io.csv_npz import write_csv, write_npz
from ..io.extras import load
from ..io.parts import Block
from ..io.recording import Recording
from ..io.sonata import Samples, Spikes
from ..tables import facts_table
from .population import neurons, note_user

IntArray = npt.NDArray[np.int64]

_NAMED = ("every", "bins of")  # facts that a line doesn't tell without their name
_OTHER_FORMATS = (".csv", ".npz", ".npy", ".txt", ".tsv")  # names that would mislead
_DECIMALS = 12  # of times in tables: a picosecond


class Pieces:
    """An array that grows by pieces, which are put together when it is asked for.

    Parameters
    ----------
    first : array
    """

    def __init__(self, first: npt.NDArray[Any]) -> None:
        self._pieces = [first]

    def append(self, piece: npt.NDArray[Any]) -> None:
        """Add a piece."""
        self._pieces.append(piece)

    @property
    def whole(self) -> Any:
        """All pieces as one array."""
        if len(self._pieces) > 1:
            self._pieces = [np.concatenate(self._pieces)]
        return self._pieces[0]


class Monitor:
    """Base of all monitors: data is gathered on rank 0 at the end of each run, and each rank keeps its own part.

    Attributes
    ----------
    population : Neurons
        What is watched; indices are its own.
    to : Path or None
        File that is written while the network runs; nothing is kept in memory or gathered then.
    everywhere : bool
        Whether all ranks have all that was recorded.
    """

    everywhere: ClassVar[bool] = False
    _n_cleared = 0  # once where a monitor is made

    def __init__(self, population: Any, to: Any = None) -> None:
        self.population = neurons(population, f"what {type(self).__name__} watches")
        self.to: Path | None = None if to is None else self._file(to)
        self._rank = 0
        self._blocks: list[Block] = []  # of the file, on rank 0

    def _file(self, to: Any) -> Path:
        """The HDF5 file into which to record."""
        path = _path(to, f"{self.name}: to", "run.h5").absolute()  # a function may change the folder meanwhile
        if path.suffix in _OTHER_FORMATS:
            raise ValueError(
                f"{self.name}: to={str(to)!r} would be an HDF5 file: give to='{path.stem}.h5', or after the run call "
                "to_csv() or to_npz()"
            )
        load("h5py", "files", f"{self.name}: to={to!r}")
        return path

    def __setattr__(self, name: str, value: Any) -> None:
        """Refuse what would have no effect."""
        declared = getattr(type(self), name, None)
        its_own = name.startswith("_") or not (declared is None or isinstance(declared, property))  # of a subclass
        if self._n_cleared and not its_own:
            raise AttributeError(
                f"{self.name}: {name} can't be assigned; what is recorded is said where a monitor is made, and a "
                "network takes new monitors at any time: net.add(monitor)"
            )
        super().__setattr__(name, value)

    def clear(self) -> None:
        """Forget what has been recorded; a file begins anew with the next run. Makes a monitor ready, too."""
        note_user(self, self.population)
        self._blocks, self._n_cleared = [], self._n_cleared + 1

    def memory(self) -> dict[str, npt.NDArray[Any]]:
        """What this rank has to write into a checkpoint."""
        raise NotImplementedError

    def facts(self) -> dict[str, Any]:
        """What a checkpoint has to know beside it."""
        raise NotImplementedError

    def resume(self, rank: int, facts: dict[str, Any]) -> None:
        """Go on after a checkpoint that has these facts, with what is in files.

        Parameters
        ----------
        rank : int
        facts : dict
        """
        self._rank = rank
        self._blocks = [Block(*block) for block in facts["blocks"]]

    def groups(self, blocks: Sequence[Block], until: int = 0) -> list[Spikes | Samples]:
        """What the file that presents the whole has of it.

        Parameters
        ----------
        blocks : sequence of Block
            In which all of it is ...
        until : int
            ... that was recorded before this step.
        """
        raise NotImplementedError

    def to_csv(self, path: str | PathLike[str]) -> None:
        """Write what was recorded as a table, a row per spike or sample; all ranks may call it, rank 0 writes.

        Times are rounded to a picosecond, and other values have all their digits.

        Parameters
        ----------
        path : path
        """
        if self._rank == 0:
            columns = self._columns()
            write_csv(self._place(path, "run.csv"), columns | {"t (s)": np.round(columns["t (s)"], _DECIMALS)})

    def to_npz(self, path: str | PathLike[str]) -> None:
        """Write what was recorded as arrays for ``numpy.load``; all ranks may call it, rank 0 writes.

        Parameters
        ----------
        path : path
        """
        if self._rank == 0:
            write_npz(self._place(path, "run.npz"), self._arrays())

    def _place(self, path: Any, example: str) -> Path:
        """Where to write a file, in a folder that is there."""
        place = _path(path, f"{self.name}: path", example)
        if not place.parent.is_dir():
            raise FileNotFoundError(
                f"{self.name}: there is no folder {str(place.parent)!r} for {place.name!r}; make it first"
            )
        return place

    def _columns(self) -> dict[str, npt.NDArray[Any]]:
        """Columns of a table, by their names with units."""
        raise NotImplementedError

    def _arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What was recorded, by the names of attributes."""
        raise NotImplementedError

    def _only_on_rank_0(self, what: str, local: str) -> None:
        if self._rank != 0:
            raise RuntimeError(
                f"{what} of a {type(self).__name__} is gathered on rank 0, and this is rank {self._rank}; ask for "
                "it under "
                f"'if net.rank == 0:', or use {local}, the part recorded on this rank"
            )

    def _only_in_memory(self, what: str, instead: str) -> None:
        if self.to is not None:
            raise RuntimeError(f"{self.name}: {what} isn't kept in memory, but in {str(self.to)!r}; use {instead}")

    def _recording(self) -> Recording:
        """The file, to read from."""
        assert self.to is not None  # noqa: S101
        return Recording(self.to)

    def _watched(self) -> str:
        return self.population.label or "a population"

    def _facts(self) -> dict[str, str]:
        """What it says of itself and of what it has recorded, once it has been made."""
        return {}

    @property
    def name(self) -> str:
        """What errors call it: its kind and what it watches, without what it has recorded."""
        return f"<{type(self).__name__} of {self._watched()}>"

    def __repr__(self) -> str:
        facts = ", ".join(f"{name} {fact}" if name in _NAMED else fact for name, fact in self._facts().items())
        return f"{self.name[:-1]}{facts and ': '}{facts}>"

    def _repr_html_(self) -> str:
        return facts_table(f"{type(self).__name__} of {self._watched()}", self._facts())


def _path(value: Any, what: str, example: str) -> Path:
    """The path of a file."""
    if not isinstance(value, str | PathLike) or not str(value):
        raise TypeError(f"{what} must be a path such as {example!r}, not {value!r}")
    return Path(value)
