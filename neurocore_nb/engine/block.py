"""The stored synapses of one projection onto the targets of one thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..kernels import deliver

Array = npt.NDArray[Any]


@dataclass
class Block:
    """The synapses of one projection onto the targets of one thread, source-major.

    Attributes
    ----------
    indptr : int64[n_rows + 1]
        Row starts; one row for each source, or for each of ``sources``.
    sources : uint32[n_rows] or None
    targets : uint32[n_synapses]
        Columns of the ring buffer, that is local indices in the target's population.
    weights : float, float32[n_synapses] or float64[n_synapses]
    delays : int, or the smallest of uint8, uint16 and uint32 [n_synapses]
        In steps.
    """

    indptr: npt.NDArray[np.int64]
    sources: npt.NDArray[np.uint32] | None
    targets: npt.NDArray[np.uint32]
    weights: float | Array
    delays: int | Array

    def __post_init__(self) -> None:
        self._function = deliver.function_for(self.weights, self.delays)  # before the table: it may have to be compiled

    @property
    def n_synapses(self) -> int:
        """Number of synapses of the block."""
        return len(self.targets)

    @property
    def nbytes(self) -> int:
        """Memory of the block."""
        arrays = (self.indptr, self.sources, self.targets, self.weights, self.delays)
        return sum(array.nbytes for array in arrays if isinstance(array, np.ndarray))

    def sources_with_synapses(self) -> Array:
        """Sources with at least one synapse in this block, ascending."""
        filled = np.flatnonzero(np.diff(self.indptr))
        return filled if self.sources is None else self.sources[filled]

    def table_row(self, receptor: int, source_begin: int, n_source: int) -> npt.NDArray[np.int64]:
        """Its row in the block table of ``kernels.deliver`` (which holds addresses: keep the block alive)."""
        row = np.zeros(deliver.N_COLUMNS, np.int64)
        row[deliver.FUNCTION], row[deliver.RECEPTOR] = self._function, receptor
        row[deliver.SOURCE_BEGIN], row[deliver.N_SOURCE] = source_begin, n_source
        row[deliver.N_ROWS] = len(self.indptr) - 1
        row[deliver.SOURCES] = (self.indptr if self.sources is None else self.sources).ctypes.data
        row[deliver.INDPTR], row[deliver.TARGETS] = self.indptr.ctypes.data, self.targets.ctypes.data
        row[deliver.WEIGHTS], row[deliver.DELAYS] = _word(self.weights), _word(self.delays)
        return row


def _word(values: float | Array) -> int:
    """What stands for values in the block table: the address of an array, the bits of a float, an int itself."""
    if isinstance(values, np.ndarray):
        return values.ctypes.data
    return int(np.float64(values).view(np.int64)) if isinstance(values, float) else values
