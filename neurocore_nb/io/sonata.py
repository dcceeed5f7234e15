"""One HDF5 file that presents what all ranks have recorded, in the layout of SONATA (Dai et al. 2020).

::

    run.h5                 virtual datasets: where each part of them is
    run.h5.parts/          what the ranks have written

        /spikes/<population>/timestamps        ms
        /spikes/<population>/node_ids          indices within the population
        /report/<population>.<variable>/data   a row per time, a column per neuron, in single precision
        /report/<population>.<variable>/values the same as recorded, if that was in double precision
        /report/<population>.<variable>/mapping/{node_ids, index_pointers, element_ids, time}

References
----------
Dai et al. 2020, The SONATA data format for efficient description of large-scale network models. PLoS Comput Biol 16,
e1007696.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .extras import load
from .parts import Block

MAGIC, VERSION = 0x0A7A, (0, 1)  # of SONATA
SORTING = {"none": 0, "by_id": 1, "by_time": 2}
OURS = "neurocore_nb"  # attribute that tells our files from others
FACTS = ("dt", "n_substeps", "t_start", "t_stop", "nodes")  # attributes of spikes, beside what SONATA knows
VALUES = "values"  # SONATA's readers want single precision


@dataclass(frozen=True)
class Spikes:
    """Spikes of a population.

    Attributes
    ----------
    population : str
    blocks : sequence of Block
    dt : float
        Network step in s ...
    n_substeps : int
        ... and into how many it is divided. Spikes are at their ends.
    t_start, t_stop : float
        From when to when what all ranks have recorded is there, in s.
    nodes : tuple (first, n)
        Whose spikes were recorded: the first index, and how many.
    """

    population: str
    blocks: Sequence[Block]
    dt: float
    n_substeps: int
    t_start: float
    t_stop: float
    nodes: tuple[int, int]

    @property
    def name(self) -> str:
        """Of its group in the file."""
        return f"spikes/{self.population}"


@dataclass(frozen=True)
class Samples:
    """Samples of a variable, taken at regular times.

    Attributes
    ----------
    population, variable : str
    blocks : sequence of Block
    node_ids : uint64[n]
        Of the columns.
    unit, dtype : str, dtype
    start_ms, step_ms : float
        Time of the first sample, and between two.
    source_ids : uint64[n], optional
        Where the columns are synapses: their sources.
    """

    population: str
    variable: str
    blocks: Sequence[Block]
    node_ids: npt.NDArray[np.uint64]
    unit: str
    dtype: npt.DTypeLike
    start_ms: float
    step_ms: float
    source_ids: npt.NDArray[np.uint64] | None = None

    @property
    def name(self) -> str:
        """Of its group in the file."""
        return f"report/{self.population}.{self.variable}"

    @property
    def n_rows(self) -> int:
        """How many rows are there with all their columns."""
        if len(self.node_ids) == 0:
            return 0
        ends = np.zeros(len(self.node_ids), np.int64)
        for block in self.blocks:
            columns = ends[block.first_column : block.first_column + block.n_columns]
            np.maximum(columns, block.first_row + block.n_rows, out=columns)
        return int(ends.min())


def parts_folder(path: Path) -> Path:
    """Where the parts of a recording are."""
    return path.with_name(f"{path.name}.parts")


def write_whole(path: Path, groups: Sequence[Spikes | Samples]) -> None:
    """Write the file that presents the whole, in place of the one that may be there.

    Parameters
    ----------
    path : Path
    groups : sequence of Spikes or Samples
    """
    h5py = load("h5py", "files", "a recording in a file")
    beside = path.with_name(f".{path.name}.new")
    try:
        with h5py.File(beside, "w") as file:
            begin_file(file)
            for group in groups:
                present = file.create_group(group.name)
                if isinstance(group, Spikes):
                    _spikes(h5py, present, group, parts_folder(path))
                else:
                    _samples(h5py, present, group, parts_folder(path))
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def begin_file(file: Any) -> None:
    """Write what tells a file's format."""
    file.attrs["magic"] = np.uint32(MAGIC)
    file.attrs["version"] = np.array(VERSION, np.uint32)
    file.attrs[OURS] = True


def note_sorting(h5py: Any, group: Any, how: str) -> None:
    """Write how the spikes of a group are sorted, and the unit of their times."""
    group.attrs.create("sorting", SORTING[how], dtype=h5py.enum_dtype(SORTING, basetype="u1"))
    group["timestamps"].attrs["units"] = "ms"


def _spikes(h5py: Any, group: Any, spikes: Spikes, folder: Path) -> None:
    blocks = [block for block in spikes.blocks if block.n_rows]
    n = sum(block.n_rows for block in blocks)
    for name, dtype in (("timestamps", np.float64), ("node_ids", np.uint64)):
        layout, begin = h5py.VirtualLayout((n,), dtype), 0
        for block in blocks:
            layout[begin : begin + block.n_rows] = _source(h5py, folder, block, name)
            begin += block.n_rows
        group.create_virtual_dataset(name, layout) if n else group.create_dataset(name, (0,), dtype)
    for name in FACTS:
        group.attrs[name] = getattr(spikes, name)
    of_one_rank = all(block.file.split(".")[2] == "r00000" for block in blocks)
    note_sorting(h5py, group, "by_time" if of_one_rank else "none")


def _source(h5py: Any, folder: Path, block: Block, name: str, shape: tuple[int, ...] = ()) -> Any:
    # Relative to the whole's folder, so that both can be moved together.
    return h5py.VirtualSource(f"{folder.name}/{block.file}", name, (block.n_rows, *shape))


def _samples(h5py: Any, group: Any, samples: Samples, folder: Path) -> None:
    n_rows, shape = samples.n_rows, (samples.n_rows, len(samples.node_ids))
    for name in ("data", VALUES) if np.dtype(samples.dtype) == np.float64 else ("data",):
        dtype = np.dtype(np.float32 if name == "data" else samples.dtype)
        layout = h5py.VirtualLayout(shape, dtype)
        for block in samples.blocks:
            rows = min(block.n_rows, n_rows - block.first_row)
            if rows > 0 and block.n_columns:
                columns = slice(block.first_column, block.first_column + block.n_columns)
                source = _source(h5py, folder, block, samples.variable, (block.n_columns,))
                layout[block.first_row : block.first_row + rows, columns] = source[:rows]
        group.create_virtual_dataset(name, layout) if n_rows else group.create_dataset(name, shape, dtype)
        group[name].attrs["units"] = samples.unit
    note_mapping(group, samples)


def note_mapping(group: Any, samples: Samples) -> None:
    """Write what the rows and columns of samples stand for."""
    n, stop_ms = len(samples.node_ids), samples.start_ms + samples.n_rows * samples.step_ms
    mapping = group.create_group("mapping")
    mapping["node_ids"] = samples.node_ids
    mapping["index_pointers"] = np.arange(n + 1, dtype=np.uint64)
    mapping["element_ids"] = np.zeros(n, np.uint32)
    if samples.source_ids is not None:
        mapping["source_ids"] = samples.source_ids
    mapping["time"] = np.array([samples.start_ms, stop_ms, samples.step_ms])
    mapping["time"].attrs["units"] = "ms"
