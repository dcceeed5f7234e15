"""A recording and its parts, put into one file."""

from __future__ import annotations

import os
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from .extras import load
from .recording import Recording
from .sonata import FACTS, VALUES, begin_file, note_sorting

_ROWS = 1 << 21  # of spikes that are read at once
_BYTES = 1 << 25  # of samples that are read at once


def merge(path: str | PathLike[str], to: str | PathLike[str]) -> None:
    """Put a recording and its parts into one file, spikes sorted by time.

    Parameters
    ----------
    path : path
        Of the recording.
    to : path
        Of the new file, which mustn't be the same. It needs no folder of parts.

    Raises
    ------
    FileNotFoundError
        If the recording, or a part of it, isn't there.
    ValueError
        If both are the same.

    Notes
    -----
    Takes little memory however large the recording is.

    Examples
    --------
    >>> import tempfile
    >>> from neurocore_nb import Network, PoissonPopulation, SpikeMonitor
    >>> source = PoissonPopulation(10, rate_hz=100.0, label="source")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     report = Network(source, SpikeMonitor(source, to=folder + "/run.h5")).run(1.0)
    ...     merge(folder + "/run.h5", folder + "/one.h5")
    ...     with Recording(folder + "/one.h5") as recording:
    ...         recording.spikes("source")[0].size == report.spikes
    True
    """
    h5py = load("h5py", "files", "merge()")
    if Path(path).resolve() == Path(to).resolve():
        raise ValueError(f"merge: to = {str(to)!r} is the recording itself; give another path")
    beside = Path(f"{os.fspath(to)}.new")
    try:
        with Recording(path) as recording, h5py.File(beside, "w") as target:
            source = recording._file
            begin_file(target)
            for name in recording.populations:
                _merge_spikes(h5py, source["spikes"][name], target.create_group(f"spikes/{name}"))
            for name in recording.reports:
                _copy_samples(source["report"][name], target.create_group(f"report/{name}"))
        os.replace(beside, to)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _merge_spikes(h5py: Any, source: Any, target: Any) -> None:
    """Write all spikes in the order of time; within a run they are so already."""
    times, ids = source["timestamps"], source["node_ids"]
    runs = _runs(times)
    out = [target.create_dataset(name, (len(times),), source[name].dtype) for name in ("timestamps", "node_ids")]
    written = 0
    while runs:
        rows = max(1, _ROWS // len(runs))
        heads = [times[begin : min(end, begin + rows)] for begin, end in runs]
        # Below the least of the last times that were read, nothing is missing.
        cut = [head[-1] for head, (begin, end) in zip(heads, runs, strict=True) if len(head) < end - begin]
        counts = [int(np.searchsorted(head, min(cut, default=np.inf))) for head in heads]
        if not any(counts):  # one time fills all that was read
            counts = [int(np.searchsorted(head, min(cut), side="right")) for head in heads]
        t = np.concatenate([head[:count] for head, count in zip(heads, counts, strict=True)])
        i = np.concatenate([ids[begin : begin + count] for (begin, _), count in zip(runs, counts, strict=True)])
        order = np.lexsort((i, t))
        for dataset, values in zip(out, (t, i), strict=True):
            dataset[written : written + len(t)] = values[order]
        written += len(t)
        runs = [(begin + count, end) for (begin, end), count in zip(runs, counts, strict=True) if begin + count < end]
    for name in FACTS:
        if name in source.attrs:
            target.attrs[name] = source.attrs[name]
    note_sorting(h5py, target, "by_time")


def _runs(times: Any) -> list[tuple[int, int]]:
    """Stretches in which times ascend: those of one rank, mostly."""
    runs: list[tuple[int, int]] = []
    for begin, end in _blocks(times):
        if runs and times[runs[-1][1] - 1] <= times[begin]:
            runs[-1] = runs[-1][0], end
        else:
            runs.append((begin, end))
    return runs


def _blocks(times: Any) -> list[tuple[int, int]]:
    """Where the parts of a dataset begin and end, in the order in which they stand."""
    if not times.is_virtual:
        return [(0, len(times))] if len(times) else []
    bounds = [source.vspace.get_select_bounds() for source in times.virtual_sources()]
    return sorted((int(begin), int(last) + 1) for (begin,), (last,) in bounds)


def _copy_samples(source: Any, target: Any) -> None:
    for name in [name for name in ("data", VALUES) if name in source]:
        data = source[name]
        copy = target.create_dataset(name, data.shape, data.dtype)
        rows = max(1, _BYTES // max(1, data.dtype.itemsize * data.shape[1]))
        for begin in range(0, data.shape[0], rows):
            copy[begin : begin + rows] = data[begin : begin + rows]
        copy.attrs["units"] = data.attrs["units"]
    source.copy("mapping", target)
