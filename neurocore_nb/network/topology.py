"""Which pairs a projection connects: the names of the rules, how many synapses they draw, and explicit synapses."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .population import Neurons

RANDOM, ALL_TO_ALL, ONE_TO_ONE = "random", "all_to_all", "one_to_one"
FIXED_INDEGREE, FIXED_OUTDEGREE, FIXED_TOTAL = "fixed_indegree", "fixed_outdegree", "fixed_total"
RULES = (RANDOM, ALL_TO_ALL, ONE_TO_ONE, FIXED_INDEGREE, FIXED_OUTDEGREE, FIXED_TOTAL)
COUNTS = {FIXED_INDEGREE: "indegree", FIXED_OUTDEGREE: "outdegree", FIXED_TOTAL: "total"}  # keywords that say how many

OBJECTS = "Ring, SmallWorld, ScaleFree, Grid, Blocks, DistanceDependent"  # rules that are objects
KNOWN = (
    f"{', '.join(RULES)}, a rule such as Ring(k=2) ({OBJECTS}), a scipy sparse matrix, or a tuple (pre, post) of index "
    "arrays"
)


class ExplicitSynapses:
    """Synapses given one by one.

    Attributes
    ----------
    pre, post : int32 arrays of shape (n_synapses,)
        Indices within source and target.
    data : float64 array of shape (n_synapses,), or None
        The entries of the matrix they come from.
    """

    def __init__(self, pre: npt.ArrayLike, post: npt.ArrayLike, data: npt.NDArray[np.float64] | None = None) -> None:
        self.pre: npt.NDArray[np.int32] = np.array(pre, np.int32)
        self.post: npt.NDArray[np.int32] = np.array(post, np.int32)
        self.data = data

    @classmethod
    def from_matrix(cls, matrix: Any, shape: tuple[int, int], name: str) -> ExplicitSynapses:
        """One for each stored entry of a scipy sparse matrix, in the order of ``matrix.tocoo()``.

        Parameters
        ----------
        matrix : scipy sparse matrix or array
            Rows are targets, columns sources. Its data may be shared.
        shape : tuple of int
            (n_target, n_source).
        name : str
            Name of the projection in errors.
        """
        if matrix.shape != shape:
            hint = "; rows are targets, columns sources: transpose it" if matrix.shape == shape[::-1] else ""
            raise ValueError(f"{name}: the matrix has shape {matrix.shape}, but (n_target, n_source) is {shape}{hint}")
        entries = matrix.tocoo()
        if entries.data.dtype.kind not in "biuf":
            raise TypeError(f"{name}: the matrix must hold real numbers, not {entries.data.dtype}")
        return cls(entries.col, entries.row, entries.data.astype(np.float64, copy=False))

    @classmethod
    def from_indices(cls, pre: Any, post: Any, shape: tuple[int, int], name: str) -> ExplicitSynapses:
        """One from ``pre[k]`` onto ``post[k]`` for each k. Other parameters as for :meth:`from_matrix`."""
        pre, post = _indices(pre, shape[1], f"{name}: pre"), _indices(post, shape[0], f"{name}: post")
        if len(pre) != len(post):
            raise ValueError(
                f"{name}: pre has {len(pre)} indices, but post has {len(post)}; give one of each a synapse"
            )
        return cls(pre, post)

    @property
    def n_synapses(self) -> int:
        """Number of synapses."""
        return len(self.pre)

    def check_distinct(self, name: str) -> None:
        """Refuse several synapses of one pair."""
        order = np.lexsort((self.post, self.pre))
        pre, post = self.pre[order], self.post[order]
        again = np.flatnonzero((pre[1:] == pre[:-1]) & (post[1:] == post[:-1]))
        if len(again):
            raise ValueError(
                f"{name}: multapses=False, but there are several synapses from {pre[again[0]]} onto {post[again[0]]}; "
                "merge them or leave it out"
            )

    def __repr__(self) -> str:
        return f"{self.n_synapses} explicit synapses"


def explicit_synapses(topology: Any, shape: tuple[int, int], name: str) -> ExplicitSynapses:
    """The synapses of a scipy sparse matrix or of a tuple (pre, post)."""
    import scipy.sparse

    if isinstance(topology, tuple):
        if len(topology) != 2:
            raise ValueError(f"{name}: topology is a tuple of {len(topology)}; give (pre, post), two index arrays")
        return ExplicitSynapses.from_indices(*topology, shape, name)
    if scipy.sparse.issparse(topology):
        return ExplicitSynapses.from_matrix(topology, shape, name)
    if isinstance(topology, type):
        raise TypeError(f"{name}: topology must be a rule, not its class: write {topology.__name__}(...)")
    raise TypeError(
        f"{name}: topology must be one of {KNOWN}, not {type(topology).__name__}; "
        "wrap a dense matrix as scipy.sparse.csr_array(matrix)"
    )


def own_pairs(source: Neurons, target: Neurons) -> int:
    """In how many pairs of source and target both are the same neuron."""
    if source.parent is not target.parent:
        return 0
    ends = source.start + source.n, target.start + target.n
    return max(0, min(ends) - max(source.start, target.start))


def _indices(values: Any, n: int, what: str) -> npt.NDArray[Any]:
    """A one-dimensional array of indices from 0 to n - 1."""
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise TypeError(f"{what} must be an array of integers, not {values!r} ({error})") from None
    if array.dtype.kind not in "iu" and array.size:
        raise TypeError(f"{what} must be an array of integers, not of {array.dtype}")
    if array.ndim != 1:
        raise ValueError(f"{what} has shape {array.shape}; give one index for each synapse, shape (n_synapses,)")
    wrong = np.flatnonzero((array < 0) | (array >= n))
    if len(wrong):
        legal = f"legal are 0 to {n - 1}" if n else "there are no neurons"
        raise ValueError(f"{what} holds {array[wrong[0]]} at index {wrong[0]}; {legal}")
    return array
