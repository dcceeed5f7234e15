"""Synapses whose probability depends on the distance of their neurons, in any range of targets.

Targets are taken in blocks of equally many ids. Those of a block stand in a binary tree: a node's targets are divided
between its children along the coordinate in which they spread most. For a source, the probability at the distance of a
node's bounding box is the largest that any of its targets can have. Where this promises few synapses, or at a leaf,
targets are proposed with it, and each proposal is accepted with the ratio of the target's own probability to it
(thinning: Lewis and Shedler 1979, Naval Research Logistics Quarterly 26:403). So nothing is cut off, all that is far
away takes one random number together, and what falls on a block is a pure function of key, source and positions.

Positions have three coordinates; in fewer dimensions the others are 0. A period is infinite where there is none.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from .intrinsics import popcount
from .jit import inlined, kernel
from .rng import uniform_pair
from .vmath import exp, log

GAUSSIAN, EXPONENTIAL, BOX = range(3)
_FEW = 2.0  # synapses that a node may promise without being divided: more proposals, or more nodes, take longer
_NONE = 2.0**-53  # promises below it come to nothing: it is the smallest uniform number
_RARE = 1e-4  # 1 - p loses digits of probabilities below it, and a series has them
_BIT = np.uint64(1)


class Profile(NamedTuple):
    """How the probability of a pair follows from its distance d, and the periods of space.

    ``GAUSSIAN``: ``p exp(scale d**2)``, ``EXPONENTIAL``: ``p exp(scale d)``, ``BOX``: p up to ``scale``, 0 beyond.
    """

    kind: Any  # int64
    p: Any  # float64, as all that follow
    scale: Any
    period_x: Any
    period_y: Any
    period_z: Any


class Trees(NamedTuple):
    """Targets in blocks, each with a tree, whose nodes are numbered as in a heap, from 1 on."""

    size: Any  # int64: ids of a block
    first: Any  # int64: number of the first block
    nodes: Any  # int64[n_blocks, n_nodes + 1, 2]: where the targets of each node begin and end in what follows
    middles: Any  # float64[n_blocks, n_nodes + 1, 3]: of its bounding box
    halves: Any  # float64[n_blocks, n_nodes + 1, 3]: of the widths of that
    ids: Any  # uint32[n]: less the first of the block
    positions: Any  # float64[n, 3]


@inlined
def _apart(x, y, period):
    """Distance of two coordinates."""
    d = abs(x - y)
    return min(d, period - d)


@inlined
def _beyond(x, middle, half, period):
    """Distance of a coordinate from an interval."""
    return max(_apart(x, middle, period) - half, 0.0)


@inlined
def _probability(kind, p, scale, d2):
    """Of a pair, from the square of its distance."""
    if kind == GAUSSIAN:
        return p * exp(d2 * scale)
    if kind == EXPONENTIAL:
        return p * exp(math.sqrt(d2) * scale)
    return p if math.sqrt(d2) <= scale else 0.0


@inlined
def _mean_gap(p):
    """``floor(_mean_gap(p) * E)`` with an exponential number E is how many trials of probability p fail in a row."""
    if p >= 1.0:
        return 0.0
    return 1.0 / p - 0.5 if p < _RARE else -1.0 / log(1.0 - p)


@kernel
def _propose(key, source, node, bound, first, last, x, y, z, profile, ids, positions, marks):
    """Mark those of the targets ``first`` to ``last`` that are connected, none of them with more than the bound."""
    kind, p, scale, period_x, period_y, period_z = profile
    gap, place, draw = _mean_gap(bound), float(first) - 1.0, 0
    while True:
        u, v = uniform_pair(key, source, node, draw)
        place += 1.0 + np.floor(gap * -log(u))
        if place >= last:
            return
        k = np.uint64(place)
        dx = _apart(x, positions[k, 0], period_x)
        dy = _apart(y, positions[k, 1], period_y)
        dz = _apart(z, positions[k, 2], period_z)
        # Without a condition, which the processor would have to guess.
        accepted = np.uint64(v * bound < _probability(kind, p, scale, dx * dx + dy * dy + dz * dz))
        item = np.uint64(ids[k])
        marks[item >> np.uint64(6)] |= accepted << (item & np.uint64(63))
        draw += 1


@kernel
def _mark_block(key, source, number, n_inner, x, y, z, profile, trees, marks):
    """Mark the targets of a block that are connected to a source, by a walk through its tree."""
    kind, p, scale, period_x, period_y, period_z = profile
    _, first_block, nodes, middles, halves, ids, positions = trees
    block, node = number - first_block, 1
    while node > 0:
        first, last = nodes[block, node, 0], nodes[block, node, 1]
        dx = _beyond(x, middles[block, node, 0], halves[block, node, 0], period_x)
        dy = _beyond(y, middles[block, node, 1], halves[block, node, 1], period_y)
        dz = _beyond(z, middles[block, node, 2], halves[block, node, 2], period_z)
        bound = _probability(kind, p, scale, dx * dx + dy * dy + dz * dz)
        promised = bound * (last - first)
        if promised > _FEW and node <= n_inner:
            node *= 2
            continue
        if promised > _NONE:
            _propose(key, source, number << 32 | node, bound, first, last, x, y, z, profile, ids, positions, marks)
        while node & 1:  # up from right children, then to the sibling; from the root to 0, the end
            node >>= 1
        node += node > 0


@kernel
def _list_marks(marks, low, stop, shift, out, count):
    """Write which bits are set, from the low-th on and before the stop-th, and clear all; the new ``count``."""
    for w in range(marks.shape[0]):
        bits, marks[w] = marks[w], np.uint64(0)
        while bits:
            rest = bits & (bits - _BIT)
            item = 64 * w + popcount((bits ^ rest) - _BIT)
            bits = rest
            if low <= item < stop:
                if count < out.shape[0]:
                    out[count] = item + shift
                count += 1
    return count


@kernel
def by_distance(key, profile, trees, sources, begin, end, own, shift, indptr, targets):
    """Each pair is connected with a probability that depends on its distance, independently.

    Parameters
    ----------
    key : uint64
    profile : Profile
    trees : Trees
        Of at least all blocks that hold any of the targets ``begin`` to ``end``.
    sources : float64[n_source, 3]
        Positions.
    begin, end, own, shift, indptr, targets
        As for the rules of ``kernels.connect``.

    Returns
    -------
    int64
        Number of synapses.
    """
    count, n_source, size = 0, indptr.shape[0] - 1, trees.size
    marks = np.zeros((size + 63) >> 6, np.uint64)
    n_inner = trees.nodes.shape[1] // 2 - 1
    first, stop = begin // size, ((end - 1) // size + 1 if end > begin else begin // size)
    for source in range(n_source):
        indptr[source] = count
        x, y, z = sources[source, 0], sources[source, 1], sources[source, 2]
        for number in range(first, stop):
            start = number * size
            _mark_block(key, source, number, n_inner, x, y, z, profile, trees, marks)
            itself = source - own - start
            if 0 <= itself < size:
                marks[itself >> 6] &= ~(_BIT << np.uint64(itself & 63))
            count = _list_marks(marks, begin - start, end - start, start + shift, targets, count)
    indptr[n_source] = count
    return count


@kernel
def distances(indptr, targets, shift, begin, sources, positions, periods, out):
    """The distance of the neurons of each synapse.

    Parameters
    ----------
    indptr, targets, shift, begin, out
        As for :func:`.connect.synapse_uniforms`.
    sources, positions : float64[:, 3]
        Of sources and of targets.
    periods : float64[3]
    """
    end = begin + out.shape[0]
    first = np.searchsorted(indptr, begin, side="right") - 1
    for source in range(first, indptr.shape[0] - 1):
        if indptr[source] >= end:
            break
        for k in range(max(begin, indptr[source]), min(indptr[source + 1], end)):
            target = np.int64(targets[k]) - shift
            dx = _apart(sources[source, 0], positions[target, 0], periods[0])
            dy = _apart(sources[source, 1], positions[target, 1], periods[1])
            dz = _apart(sources[source, 2], positions[target, 2], periods[2])
            out[k - begin] = math.sqrt(dx * dx + dy * dy + dz * dz)
