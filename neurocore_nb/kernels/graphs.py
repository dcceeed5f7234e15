"""Random graphs of one set of neurons: small worlds, and hubs by preferential attachment.

Parameters as for the rules of ``kernels.connect``.
"""

from __future__ import annotations

import numpy as np

from .connect import count_sources, counts_to_starts, ends_to_starts, place_target
from .jit import kernel
from .rng import uniform_pair


@kernel
def _other_source(key, target, j, v, n, taken, stamp):
    """A source of a target that isn't taken, each as likely as any other; ``v`` is the first number to try."""
    attempt = np.int64(0)
    while True:
        source = np.int64(v * (n - 1))
        source += source >= target
        if taken[source] != stamp:
            return source
        attempt += 1
        v, _ = uniform_pair(key, target, j, attempt)


@kernel
def _sources_in_small_world(key, target, k, rewiring, n, taken, stamp, sources):
    """Fill in the sources of a target."""
    taken[target] = stamp
    for j in range(k):
        sources[j] = (target + n + (j - k // 2 if j < k // 2 else j - k // 2 + 1)) % n
        taken[sources[j]] = stamp
    if k >= n - 1:
        return  # there are no others
    for j in range(k):
        u, v = uniform_pair(key, target, j, np.int64(0))
        if u < rewiring:
            source = _other_source(key, target, j, v, n, taken, stamp)
            taken[sources[j]], taken[source] = 0, stamp
            sources[j] = source


@kernel
def small_world(key, k, rewiring, begin, end, shift, indptr, targets):
    """Every target has k synapses from its neighbours on a ring, some of which are replaced.

    Parameters
    ----------
    k : int64
        Even.
    rewiring : float64
        Probability with which a neighbour is replaced by another source, which isn't one of the target yet.

    Notes
    -----
    After Watts and Strogatz (1998), Nature 393:440. Drawn twice, to count and to place, as by ``fixed_indegree``.
    """
    n = indptr.shape[0] - 1
    indptr[:] = 0
    count = (end - begin) * k
    if count > targets.shape[0] or count <= 0:
        return count
    sources, taken = np.empty(k, np.uint32), np.zeros(n, np.int64)
    for target in range(begin, end):
        _sources_in_small_world(key, target, k, rewiring, n, taken, 2 * target + 1, sources)
        count_sources(sources, k, indptr)
    counts_to_starts(indptr)
    for target in range(begin, end):
        _sources_in_small_world(key, target, k, rewiring, n, taken, 2 * target + 2, sources)
        place_target(target + shift, sources, k, indptr, targets)
    ends_to_starts(indptr)
    return count


@kernel
def attach(key, m, ends):
    """Edges by preferential attachment, in the order in which they are made.

    It begins with a star of m edges from 0. Each further neuron makes m edges with different ones before it, drawn with
    probabilities in proportion to the edges that they have.

    Parameters
    ----------
    key : uint64
    m : int64
    ends : int32[n_edges, 2], overwritten
        For n neurons, ``m * (n - m)`` edges.

    Notes
    -----
    After Barabási and Albert (1999), Science 286:509.
    """
    for neuron in range(1, m + 1):
        ends[neuron - 1, 0], ends[neuron - 1, 1] = 0, neuron
    n_edges = ends.shape[0]
    taken = np.zeros(n_edges // m + m, np.int32)
    for neuron in range(m + 1, n_edges // m + m):
        before = m * (neuron - m)
        for j in range(m):
            attempt = np.int64(0)
            while True:
                u, _ = uniform_pair(key, neuron, j, attempt)
                place = np.int64(u * (2 * before))
                other = ends[place >> 1, place & 1]
                if taken[other] != neuron:
                    break
                attempt += 1
            taken[other] = neuron
            ends[before + j, 0], ends[before + j, 1] = other, neuron


@kernel
def both_ways(ends, begin, end, shift, indptr, targets):
    """Two synapses for each edge.

    Parameters
    ----------
    ends : int32[n_edges, 2]
        No pair twice.
    """
    indptr[:] = 0
    starts = np.zeros(max(end - begin, 0) + 1, np.int64)
    for k in range(ends.shape[0]):
        for side in range(2):
            if begin <= ends[k, side] < end:
                starts[ends[k, side] - begin + 1] += 1
                indptr[ends[k, 1 - side] + 1] += 1
    counts_to_starts(starts)
    count = starts[-1]
    if count > targets.shape[0]:
        return count
    sources = np.empty(count, np.uint32)
    for k in range(ends.shape[0]):
        for side in range(2):
            if begin <= ends[k, side] < end:
                at = starts[ends[k, side] - begin]
                sources[at], starts[ends[k, side] - begin] = ends[k, 1 - side], at + 1
    ends_to_starts(starts)
    counts_to_starts(indptr)
    for target in range(begin, end):
        row = sources[starts[target - begin] : starts[target - begin + 1]]
        place_target(target + shift, row, row.shape[0], indptr, targets)
    ends_to_starts(indptr)
    return count
