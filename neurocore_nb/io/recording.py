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
from .trains import SpikeTrains, trains_of

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_TOLERANCE = 1e-9  # of times that are the same but for rounding


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
    complete_until : float
        Until when what all ranks have recorded is there, in s: to the end, or where the job was killed, to the last
        time at which all ranks had written.

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
    ...         trains = recording.spike_trains("cells")
    >>> i, v.shape, float(t_v[1])
    (array([1, 1, 1, 1]), (500, 2), 0.0001)
    >>> from neurocore_nb import statistics
    >>> statistics.firing_rates(trains)
    array([ 0., 80.])
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

        After ``complete_until`` the neurons of some ranks may have none.

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

    def spike_trains(self, population: str) -> SpikeTrains:
        """Spike times in s of every neuron that was recorded, silent ones included, until ``complete_until``.

        ``neurocore_nb.statistics`` and ``neurocore_nb.plot`` take them as they take a ``SpikeMonitor``.

        Parameters
        ----------
        population : str

        Returns
        -------
        SpikeTrains
            A dict of the neurons' indices to arrays.
        """
        t, i = self.spikes(population)
        start, stop = self._window(population)
        nodes = self._file["spikes"][population].attrs.get("nodes", (0, i.max(initial=-1) + 1))
        first, n = (int(one) for one in nodes)
        there = t <= stop * (1.0 + _TOLERANCE)
        pieces = trains_of(t[there], i[there] - first, n)
        return SpikeTrains(dict(enumerate(pieces, first)), stop, t_start=start, label=population)

    @property
    def complete_until(self) -> float:
        """Until when what all ranks have recorded is there, in s."""
        spikes = [self._window(name)[1] for name in self.populations]
        samples = [1e-3 * float(self._file["report"][name]["mapping/time"][1]) for name in self.reports]
        return min(spikes or samples, default=0.0)  # samples are those that all ranks have

    def _window(self, population: str) -> tuple[float, float]:
        """From when to when the spikes of a population are there, in s; files of others don't tell."""
        group = self._file["spikes"][population]
        if "t_stop" in group.attrs:
            return float(group.attrs.get("t_start", 0.0)), float(group.attrs["t_stop"])
        return 0.0, 1e-3 * float(group["timestamps"][:].max(initial=0.0))

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

    def to_neo(self, *names: str) -> Any:
        """What is in the file as objects of Neo.

        Parameters
        ----------
        *names : str
            Of populations and reports; by default all that are in it, in the order of the alphabet. Of one,
            ``to_neo("exc").segments[0]`` is what that of its monitor's ``to_neo()`` is.

        Returns
        -------
        neo.Block
            With a segment of the same name for each: of a population with the spike trains of all its neurons that
            were recorded, until ``complete_until``, and of a report, if it has more than one sample, with an analog
            signal.
        """
        blocks = []
        for name in names or (*self.populations, *self.reports):
            if name not in self.reports:
                blocks.append(spike_block(self.spike_trains(name)))
                continue
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
