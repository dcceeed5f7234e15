"""Recordings as CSV and NPZ files, for everything else."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from os import PathLike
from typing import Any

import numpy as np
import numpy.typing as npt

_ROWS = 1 << 16  # that are converted at once


def write_csv(path: str | PathLike[str], columns: Mapping[str, npt.NDArray[Any]]) -> None:
    """Write columns of one length, with their names in the first row; numbers are such that none loses a digit.

    Parameters
    ----------
    path : path
    columns : dict of str to array of shape (n,)
    """
    n = len(next(iter(columns.values())))
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for begin in range(0, n, _ROWS):
            writer.writerows(zip(*(column[begin : begin + _ROWS].tolist() for column in columns.values()), strict=True))


def write_npz(path: str | PathLike[str], arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Write arrays for ``numpy.load``; nothing is pickled.

    Parameters
    ----------
    path : path
    arrays : dict of str to array
    """
    with open(path, "wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
