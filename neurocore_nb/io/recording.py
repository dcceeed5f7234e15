"""Recordings in files, read again."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .extras import load
from .neo_objects import joined, signal_block, spike_block
from .sonata import VALUES, parts_folder

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


class Recording:
    """A file with spikes and samples in the layout of SONATA, such as monitors write with ``to=``.

    Parameters
    ----------
    path : path

    Attributes
    ----------
    populations : list of str
        Whose spikes are in it.
    reports : list of str
        Names of samples, ``"<population>.<variable>"``.

    Raises
    ------
    FileNotFoundError
        If it, or a part of it, isn't there: ``run.h5`` and the folder ``run.h5.parts`` belong together.

    Examples
    --------
    >>> import tempfile
    >>> from neurocore_nb import HodgkinHuxleyNeuron, Network, Population, SpikeMonitor, StateMonitor, StepCurrent
    >>> cells = Population(HodgkinHuxleyNeuron, 2, label="cells")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = folder + "/run.h5"
    ...     watched = SpikeMonitor(cells, to=file), StateMonitor(cells, "v", to=file)
    ...     report = Network(cells, StepCurrent(0.0, 0.05, [0.0, 10.0]), *watched).run(0.05, dt=1e-4)
    ...     with Recording(file) as recording:
    ...         t, i = recording.spikes("cells")
    ...         t_v, v = recording.samples("cells.v")
    >>> i, v.shape, float(t_v[1])
    (array([1, 1, 1, 1]), (500, 2), 0.0001)
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        h5py = load("h5py", "files", "a recording in a file")
        self.path = Path(path)
        if not self.path.is_file():
            raise FileNotFoundError(f"there is no recording {str(self.path)!r}")
        self._file = h5py.File(self.path, "r")
        try:
            self._check_parts()
        except BaseException:
            self._file.close()
            raise
        self.populations: list[str] = sorted(self._file.get("spikes", {}))
        self.reports: list[str] = sorted(self._file.get("report", {}))

    def _check_parts(self) -> None:
        """HDF5 itself shows zeros where a part is missing."""
        names = set()
        self._file.visititems(lambda _, one: names.update(_parts_of(one)))
        missing = [name for name in sorted(names) if not (self.path.parent / name).is_file()]
        if missing:
            raise FileNotFoundError(
                f"{str(self.path)!r} lacks {len(missing)} of its parts, such as {missing[0]!r}: keep the folder "
                f"{parts_folder(self.path).name!r} beside it, or put all into one file with neurocore_nb.io.merge()"
            )

    def _group(self, kind: str, name: str, known: list[str]) -> Any:
        if name not in known:
            raise ValueError(f"{str(self.path)!r} has no {kind} {name!r}; it has {', '.join(known) or 'none'}")
        return self._file[kind][name]

    def spikes(self, population: str) -> tuple[FloatArray, IntArray]:
        """Times in s and indices of all spikes of a population, sorted by time and index.

        Parameters
        ----------
        population : str

        Returns
        -------
        t : float64[n]
        i : int64[n]
        """
        group = self._group("spikes", population, self.populations)
        t, i = group["timestamps"][:], group["node_ids"][:].astype(np.int64)
        order = np.lexsort((i, t))
        return _in_seconds(t[order], dict(group.attrs)), i[order]

    def samples(self, report: str) -> tuple[FloatArray, npt.NDArray[Any]]:
        """Times in s and values of all samples of a variable.

        Parameters
        ----------
        report : str
            ``"<population>.<variable>"``.

        Returns
        -------
        t : float64[n_samples]
        values : array of shape (n_samples, n)
        """
        group = self._group("report", report, self.reports)
        start, _, step = group["mapping/time"][:]
        values = group[VALUES if VALUES in group else "data"][:]
        return (start + step * np.arange(len(values))) * 1e-3, values

    def node_ids(self, report: str) -> IntArray:
        """Which neurons the columns of samples are, shape (n,)."""
        ids: IntArray = self._group("report", report, self.reports)["mapping/node_ids"][:].astype(np.int64)
        return ids

    def unit(self, report: str) -> str:
        """The unit of samples."""
        return str(self._group("report", report, self.reports)["data"].attrs["units"])

    def to_neo(self) -> Any:
        """All that is in the file as objects of Neo.

        Returns
        -------
        neo.Block
            With a segment for each population, which has the spike trains of all its neurons that were recorded, and
            for each report with more than one sample, which has an analog signal.
        """
        blocks = []
        for name in self.populations:
            t, i = self.spikes(name)
            facts = self._file["spikes"][name].attrs
            first, n = facts.get("nodes", (0, int(i.max(initial=-1)) + 1))
            order = np.argsort(i, kind="stable")
            pieces = np.split(t[order], np.searchsorted(i[order], np.arange(first + 1, first + n))) if n else []
            trains = dict(zip(range(first, first + n), pieces, strict=True))
            blocks.append(spike_block(trains, name, max(facts.get("t_stop", 0.0), *t[-1:], 0.0)))
        for name in self.reports:
            t, values = self.samples(name)
            if len(t) > 1:
                variable = name.rpartition(".")[2]
                units = {variable: self.unit(name)}
                blocks.append(signal_block(t, {variable: values}, units, self.node_ids(name), name))
        return joined(blocks, self.path.name)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Recording:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Recording {str(self.path)!r}: spikes of {self.populations}, samples of {self.reports}>"


def _in_seconds(t_ms: FloatArray, facts: dict[str, Any]) -> FloatArray:
    """Times in s, to the last bit as they are in memory where it is known on which grid they are."""
    if "n_substeps" not in facts:
        return t_ms * 1e-3
    dt, n_substeps = float(facts["dt"]), int(facts["n_substeps"])
    ticks: FloatArray = np.rint(t_ms * n_substeps / (dt * 1e3))
    return ticks * dt / n_substeps


def _parts_of(one: Any) -> list[str]:
    """Files in which a dataset's values are."""
    return [source.file_name for source in one.virtual_sources()] if getattr(one, "is_virtual", False) else []
