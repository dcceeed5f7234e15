"""Which pairs a projection connects: the names of the rules, and explicit matrices."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

RANDOM, ALL_TO_ALL, ONE_TO_ONE, FIXED_INDEGREE = RULES = ("random", "all_to_all", "one_to_one", "fixed_indegree")


class ExplicitMatrix:
    """The synapses of a scipy sparse matrix, one for each stored entry.

    Parameters
    ----------
    matrix : scipy sparse matrix or array
        Rows are targets, columns sources.
    shape : tuple of int
        (n_target, n_source).
    name : str
        Name of the projection in errors.

    Attributes
    ----------
    post, pre : int32 arrays of shape (n_synapses,)
    data : float64 array of shape (n_synapses,)
        The entries, in the order of ``matrix.tocoo()``; may share memory with the matrix.
    """

    def __init__(self, matrix: Any, shape: tuple[int, int], name: str) -> None:
        import scipy.sparse

        if not scipy.sparse.issparse(matrix):
            raise TypeError(
                f"{name}: topology must be one of {', '.join(RULES)} or a scipy sparse matrix, not "
                f"{type(matrix).__name__}; "
                "wrap a dense matrix as scipy.sparse.csr_array(matrix)"
            )
        if matrix.shape != shape:
            hint = "; rows are targets, columns sources: transpose it" if matrix.shape == shape[::-1] else ""
            raise ValueError(f"{name}: the matrix has shape {matrix.shape}, but (n_target, n_source) is {shape}{hint}")
        entries = matrix.tocoo()
        if entries.data.dtype.kind not in "biuf":
            raise TypeError(f"{name}: the matrix must hold real numbers, not {entries.data.dtype}")
        self.post: npt.NDArray[np.int32] = np.array(entries.row, np.int32)
        self.pre: npt.NDArray[np.int32] = np.array(entries.col, np.int32)
        self.data: npt.NDArray[Any] = entries.data.astype(np.float64, copy=False)

    @property
    def n_synapses(self) -> int:
        """Number of stored entries."""
        return len(self.data)

    def __repr__(self) -> str:
        return f"explicit matrix of {self.n_synapses} synapses"
