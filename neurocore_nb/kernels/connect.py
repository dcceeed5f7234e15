"""Wiring rules: which synapses exist, as a pure function of a key and of the neurons' indices.

Each rule writes one block: the synapses of all sources onto the targets ``begin <= target < end``, source-major,
targets ascending. A rank or thread that makes another block of the same projection finds the same synapses there, so
the network is the same however it is divided.

``targets`` receives the target's index plus ``shift``. A kernel returns the number of synapses; if that exceeds
``len(targets)`` only the first ones were written and the caller tries again with more room. ``own`` is the index
difference ``source - target`` of a neuron to itself, or ``NO_AUTAPSE_RULE`` where autapses are allowed.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .bernoulli import draw_bernoulli, new_bernoulli_scratch
from .intrinsics import vector_loop
from .jit import kernel
from .rng import uniform_pair
from .rows import draw_row, lend, new_scratch, take_back
from .sampling import share

NO_AUTAPSE_RULE = -(2**62)
_DRAWN_AT_ONCE = 1024  # sources of a target, an even number: they stay in the cache
_1 = np.uint64(1)


def bernoulli(
    key: np.uint64, scale: float, size: int, begin: int, end: int, own: int, shift: int,
    indptr: npt.NDArray[np.int64], targets: npt.NDArray[np.uint32],
) -> int:  # fmt: skip
    """Each pair is connected with the same probability, independently.

    Parameters
    ----------
    key : uint64
    scale : float64
    size : int64
        From :func:`.bernoulli.distances`.
    begin, end, own, shift : int64
        See the module's text.
    indptr : int64[:], modified in place
        Row starts, length ``n_source + 1``.
    targets : uint32[:], modified in place

    Returns
    -------
    int64
        Number of synapses.
    """
    sources, scratch = np.arange(len(indptr) - 1), new_bernoulli_scratch()
    return int(draw_bernoulli(key, scale, size, sources, begin, end, own, shift, scratch, indptr, targets))


@kernel
def all_to_all(begin, end, own, shift, indptr, targets):
    """Every pair is connected. Parameters as for :func:`bernoulli`."""
    count = 0
    n_source = indptr.shape[0] - 1
    for source in range(n_source):
        indptr[source] = count
        for target in range(begin, end):
            if source - target != own:
                if count < targets.shape[0]:
                    targets[count] = target + shift
                count += 1
    indptr[n_source] = count
    return count


@kernel
def one_to_one(begin, end, own, shift, indptr, targets):
    """Neuron i is connected to neuron i. Parameters as for :func:`bernoulli`."""
    count = 0
    n_source = indptr.shape[0] - 1
    for source in range(n_source):
        indptr[source] = count
        if begin <= source < end and own != 0:
            if count < targets.shape[0]:
                targets[count] = source + shift
            count += 1
    indptr[n_source] = count
    return count


@kernel
def _draw_sources(key, target, first, n_calls, n, itself, sources):
    """Sources of a target: each of n, but ``itself``, as likely as any other."""
    vector_loop()
    for j in range(n_calls):
        u, v = uniform_pair(key, target, first + j, 0)
        one, other = np.int64(u * n), np.int64(v * n)
        sources[2 * j], sources[2 * j + 1] = one + (one >= itself), other + (other >= itself)


@kernel
def _sources_of(key, target, first, indegree, n_source, own, sources):
    """Fill ``sources`` with those from the first on, as far as there are more; returns how many."""
    n = min(indegree - first, sources.shape[0])
    itself = target + own
    if 0 <= itself < n_source:
        _draw_sources(key, target, first // 2, (n + 1) // 2, float(n_source - 1), itself, sources)
    else:
        _draw_sources(key, target, first // 2, (n + 1) // 2, float(n_source), n_source, sources)
    return n


@kernel
def count_sources(sources, n, indptr):
    """Add one to ``indptr[k + 1]`` for each of the first n sources k."""
    for k in range(n):
        indptr[np.uint64(sources[np.uint64(k)]) + _1] += 1


@kernel
def place_target(target, sources, n, indptr, targets):
    """Write a target into the rows of the first n sources, each of which begins one later then."""
    for k in range(n):
        source = np.uint64(sources[np.uint64(k)])  # unsigned: no test for negative indices
        at = indptr[source]
        targets[np.uint64(at)] = target
        indptr[source] = at + 1


@kernel
def counts_to_starts(indptr):
    """Turn ``indptr[k + 1]``, the length of row k, into its start plus its length."""
    for k in range(indptr.shape[0] - 1):
        indptr[k + 1] += indptr[k]


@kernel
def ends_to_starts(indptr):
    """Move all back, when each row's start has become its end."""
    for k in range(indptr.shape[0] - 1, 0, -1):
        indptr[k] = indptr[k - 1]
    indptr[0] = 0


@kernel
def fixed_indegree(key, indegree, begin, end, own, shift, indptr, targets):
    """Every target has the same number of synapses, from sources drawn uniformly with replacement.

    Parameters as for :func:`bernoulli`, ``indegree`` the number of synapses of each target. Drawn twice, to count and
    to place, which needs no memory beside the result: numbers are cheaper than the scattered writing.
    """
    n_source = indptr.shape[0] - 1
    indptr[:] = 0
    count = (end - begin) * indegree
    if count > targets.shape[0] or count <= 0:
        return count
    sources = np.empty(_DRAWN_AT_ONCE, np.uint32)
    for target in range(begin, end):
        for first in range(0, indegree, _DRAWN_AT_ONCE):
            n = _sources_of(key, target, first, indegree, n_source, own, sources)
            count_sources(sources, n, indptr)
    counts_to_starts(indptr)
    for target in range(begin, end):
        for first in range(0, indegree, _DRAWN_AT_ONCE):
            n = _sources_of(key, target, first, indegree, n_source, own, sources)
            place_target(target + shift, sources, n, indptr, targets)
    ends_to_starts(indptr)
    return count


@kernel
def fixed_indegree_distinct(key, indegree, begin, end, own, shift, indptr, targets):
    """Every target has the same number of synapses, from different sources drawn uniformly.

    Parameters as for :func:`fixed_indegree`, whose cheaper kernel stays apart because this takes long to compile.
    """
    n_source = indptr.shape[0] - 1
    indptr[:] = 0
    count = (end - begin) * indegree
    if count > targets.shape[0] or count <= 0:
        return count
    memory, sources, multapses = new_scratch(), np.empty(indegree, np.uint32), np.bool_(False)
    scratch = lend(memory)
    for placing in range(2):
        for target in range(begin, end):
            draw_row(key, target, indegree, n_source, target + own, multapses, 0, n_source, 0, scratch, sources, 0)
            for source in sources:
                if placing:
                    targets[indptr[source]] = target + shift
                    indptr[source] += 1
                else:
                    indptr[source + 1] += 1
        if not placing:
            counts_to_starts(indptr)
    take_back(memory)
    ends_to_starts(indptr)
    return count


@kernel
def given_outdegrees(key, outdegrees, n_target, multapses, begin, end, own, shift, indptr, targets):
    """Every source has a given number of synapses, onto targets drawn uniformly.

    Parameters
    ----------
    key, begin, end, own, shift, indptr, targets
        As for :func:`bernoulli`; what follows is that of the whole projection.
    outdegrees : int64[n_source]
    n_target : int64
    multapses : bool
        Whether a target may be drawn several times for one source.
    """
    count = 0
    n_source = indptr.shape[0] - 1
    memory = new_scratch()
    scratch = lend(memory)
    for source in range(n_source):
        indptr[source] = count
        itself = source - own
        count = draw_row(
            key, source, outdegrees[source], n_target, itself, multapses, begin, end, shift, scratch, targets, count
        )
    take_back(memory)
    indptr[n_source] = count
    return count


@kernel
def outdegrees_of_total(key, total, n_target, multapses, own, outdegrees):
    """Distribute a number of synapses over the sources as if each pair was drawn uniformly.

    Parameters
    ----------
    key : uint64
    total, n_target, own : int64
    multapses : bool
        Whether a pair may be drawn several times.
    outdegrees : int64[n_source], modified in place
    """
    n_source = outdegrees.shape[0]
    own_pairs = max(0, min(n_source, own + n_target) - max(0, own))
    others = n_source * n_target - own_pairs
    for source in range(n_source):
        candidates = n_target - (0 <= source - own < n_target)
        others -= candidates
        outdegrees[source] = share(total, candidates, others, multapses, key, source, n_source)
        total -= outdegrees[source]


@kernel
def synapse_uniforms(key, indptr, targets, shift, begin, out):
    """One uniform number for each synapse, for per-synapse weights and delays.

    Keyed by source, target and, for several synapses of one pair, their number.

    Parameters
    ----------
    key : uint64
    indptr : int64[:]
    targets : uint32[:]
    shift : int64
        As added to the targets by the wiring rule.
    begin : int64
        First synapse of the part wanted.
    out : float64[:], modified in place
        Numbers of the synapses ``begin`` to ``begin + len(out)``.
    """
    end = begin + out.shape[0]
    source = np.searchsorted(indptr, begin, side="right") - 1
    a = begin
    while a < end:
        start, b = indptr[source], min(indptr[source + 1], end)
        _row_uniforms(key, source, targets[a:b], shift, out[a - begin : b - begin])
        if _repeated(targets[max(start, a - 1) : b]):
            _number_repeated(key, source, targets[start:b], shift, out[a - begin : b - begin])
        a, source = b, source + 1


@kernel
def _row_uniforms(key, source, targets, shift, out):
    """The numbers of some synapses of one source, as if no target were repeated."""
    vector_loop()
    for k in range(out.shape[0]):
        u, _ = uniform_pair(key, source, np.int64(targets[k]) - shift, 0)
        out[k] = u


@kernel
def _repeated(targets):
    vector_loop()
    found = np.int64(0)
    for k in range(targets.shape[0] - 1):
        found |= np.int64(targets[k] == targets[k + 1])
    return found != 0


@kernel
def _number_repeated(key, source, targets, shift, out):
    """Draw those again that aren't the first of their pair; ``out`` are the last ones of the source's synapses."""
    skipped = targets.shape[0] - out.shape[0]
    repetition = 0
    for k in range(1, targets.shape[0]):
        repetition = repetition + 1 if targets[k] == targets[k - 1] else 0
        if repetition > 0 and k >= skipped:
            u, _ = uniform_pair(key, source, np.int64(targets[k]) - shift, repetition)
            out[k - skipped] = u
