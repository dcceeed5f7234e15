"""Synapses as three arrays, source by source, and what spikes do to their targets.

For codes that keep their own synapses. Those of networks are stored likewise, in one slice for each thread, and
delivered into ring buffers (``kernels.deliver``); ``kernels.connect`` draws them.
"""

from __future__ import annotations

import numpy as np

from .jit import kernel


@kernel
def by_source(sources, n_source, indptr, order):
    """Order synapses by their sources; those of one source stay in their order.

    Parameters
    ----------
    sources : int64[n_synapses]
        Of each synapse, from 0 to ``n_source - 1``.
    n_source : int64
    indptr : int64[n_source + 1], overwritten
        Where the synapses of each source begin, and in the end their number.
    order : int64[n_synapses], overwritten
        Indices of the synapses, source by source: ``targets[order]`` are their targets, and so on.

    Returns
    -------
    bool
        Whether all sources are within their range; otherwise nothing else is of use.

    Raises
    ------
    ValueError
        If ``indptr`` or ``order`` is of another length.

    Examples
    --------
    >>> sources, targets = np.array([2, 0, 2, 1]), np.array([5, 3, 4, 5])
    >>> indptr, order = np.empty(4, np.int64), np.empty(4, np.int64)
    >>> by_source(sources, 3, indptr, order), indptr, targets[order]
    (True, array([0, 1, 2, 4]), array([3, 5, 5, 4]))
    """
    if indptr.shape[0] != n_source + 1:
        raise ValueError("by_source: indptr must have one place more than there are sources")
    if order.shape[0] != sources.shape[0]:
        raise ValueError("by_source: order must be as long as sources")
    indptr[:] = 0
    for source in sources:
        if source < 0 or source >= n_source:
            return False
        indptr[source + 1] += 1
    for source in range(n_source):
        indptr[source + 1] += indptr[source]
    place = indptr[:n_source].copy()
    for k in range(sources.shape[0]):
        order[place[sources[k]]] = k
        place[sources[k]] += 1
    return True


@kernel
def scatter(spikes, indptr, targets, weights, begin, end, arriving):
    """Add the weights of some spikes' synapses to their targets.

    Parameters
    ----------
    spikes : int64[n_spikes]
        Neurons that fired; one that stands there twice counts twice.
    indptr : int64[n_source + 1]
    targets : int32[n_synapses] or int64[n_synapses]
        Source by source; ascending within a source unless ``begin`` and ``end`` comprise all targets.
    weights : float64[n_synapses]
        One of length 1 serves all synapses.
    begin, end : int64
        Only targets from ``begin`` to ``end - 1``: give each thread its own, and none waits for another.
    arriving : float64[n_target], modified in place

    Returns
    -------
    int64
        How many weights were added.

    Raises
    ------
    ValueError, IndexError
        If lengths don't fit, or a spike is of no neuron. Targets are not checked.

    Notes
    -----
    Sums of floating-point numbers depend on their order. Weights that are multiples of one power of two are added
    exactly as long as sums stay below 2**53 of it; then spikes may come in any order.

    Examples
    --------
    >>> indptr, targets = np.array([0, 2, 3]), np.array([0, 2, 2])
    >>> arriving = np.zeros(3)
    >>> scatter(np.array([1, 0]), indptr, targets, np.array([0.5]), 0, 3, arriving), arriving
    (3, array([0.5, 0. , 1. ]))
    """
    if weights.shape[0] != 1 and weights.shape[0] != targets.shape[0]:
        raise ValueError("scatter: weights must be as long as targets, or one for all")
    if not 0 <= begin <= end <= arriving.shape[0]:
        raise ValueError("scatter: begin and end must be from 0 to the length of arriving, in this order")
    one, n = weights.shape[0] == 1, 0
    for spike in spikes:
        if spike < 0 or spike >= indptr.shape[0] - 1:
            raise IndexError("scatter: a spike is of a neuron that indptr doesn't know")
        first, last = indptr[spike], indptr[spike + 1]
        if begin > 0 or end < arriving.shape[0]:
            row = targets[first:last]
            first, last = first + np.searchsorted(row, begin), first + np.searchsorted(row, end)
        for k in range(first, last):
            arriving[targets[k]] += weights[0 if one else k]
        n += last - first
    return n
