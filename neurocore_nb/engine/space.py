"""Neurons in space, as ``kernels.distance`` wants them: positions in three dimensions, and trees of targets."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..kernels.distance import BOX, EXPONENTIAL, GAUSSIAN, Profile, Trees

Array = npt.NDArray[Any]
_DIMENSIONS = 3
_BLOCKS = 32  # at most: each takes time for each source, but each of so many ranks finds its own synapses alone
_SMALLEST_BLOCK = 1 << 11
_LEAF = 32  # targets: fewer would mean more nodes, more of them proposals in vain
_ROUNDING = 1e-12  # of the largest coordinate: boxes are wider by it, lest a target seems to be outside of its own


def profile_of(rule: Any) -> Profile:
    """Of a rule that depends on distance."""
    profile = rule.profile
    kind, scale = {
        "gaussian": (GAUSSIAN, -0.5 / profile.width**2),
        "exponential": (EXPONENTIAL, -1.0 / profile.width),
        "box": (BOX, profile.width),
    }[profile.kind]
    return Profile(kind, float(profile.p), float(scale), *periods_of(rule).tolist())


def periods_of(rule: Any) -> npt.NDArray[np.float64]:
    """Of the space in which a rule measures distances; infinite where it isn't periodic."""
    periods = np.full(_DIMENSIONS, np.inf)
    given = getattr(rule, "periods", ())
    periods[: len(given)] = given
    return periods


def in_space(positions: Array) -> npt.NDArray[np.float64]:
    """Positions with three coordinates."""
    found = np.zeros((len(positions), _DIMENSIONS))
    found[:, : positions.shape[1]] = positions
    return found


def block_size(n_target: int) -> int:
    """Targets of a block: a power of two that follows from their number alone, lest the network depends on ranks."""
    size = _SMALLEST_BLOCK
    while size * _BLOCKS < n_target:
        size *= 2
    return size


def trees_of(positions: Array, begin: int, end: int) -> Trees:
    """The trees of all blocks that hold any of the targets ``begin`` to ``end``.

    Parameters
    ----------
    positions : float64[n_target, d]
        Of all targets.
    begin, end : int

    Returns
    -------
    Trees
    """
    size = block_size(len(positions))
    first = begin // size
    n_blocks = -(-end // size) - first if end > begin else 0
    mine = in_space(positions[first * size : (first + n_blocks) * size])
    rounding = _ROUNDING * float(np.abs(positions).max(initial=0.0))
    borders = np.minimum(np.arange(n_blocks + 1) * size, len(mine))
    order = np.arange(len(mine))
    n_leaves = size // _LEAF
    nodes = np.zeros((n_blocks, 2 * n_leaves, 2), np.int64)
    middles, halves = np.zeros((2, n_blocks, 2 * n_leaves, _DIMENSIONS))
    n_nodes = 1  # of a level
    while True:
        low, high = _boxes(mine[order], borders)
        level = slice(n_nodes, 2 * n_nodes)
        nodes[:, level] = np.stack([borders[:-1], borders[1:]], axis=1).reshape(n_blocks, n_nodes, 2)
        middles[:, level] = (0.5 * (low + high)).reshape(n_blocks, n_nodes, _DIMENSIONS)
        halves[:, level] = (0.5 * (high - low) + rounding).reshape(n_blocks, n_nodes, _DIMENSIONS)
        if n_nodes == n_leaves:
            break
        order, borders = _divided(mine, order, borders, (high - low).argmax(axis=1))
        n_nodes *= 2
    return Trees(size, first, nodes, middles, halves, (order % size).astype(np.uint32), mine[order])


def _boxes(positions: Array, borders: Array) -> tuple[Array, Array]:
    """Lowest and highest coordinates of the nodes between borders; 0 where a node is empty."""
    low, high = np.zeros((2, len(borders) - 1, _DIMENSIONS))
    filled = np.diff(borders) > 0
    if filled.any():
        low[filled] = np.minimum.reduceat(positions, borders[:-1][filled], axis=0)
        high[filled] = np.maximum.reduceat(positions, borders[:-1][filled], axis=0)
    return low, high


def _divided(positions: Array, order: Array, borders: Array, axis: Array) -> tuple[Array, Array]:
    """Each node's targets sorted along its axis, and borders of its two halves."""
    node = np.repeat(np.arange(len(borders) - 1), np.diff(borders))
    along = positions[order, axis[node]]
    order = order[np.lexsort((along, node))]
    middle = (borders[:-1] + borders[1:]) // 2
    return order, np.append(np.stack([borders[:-1], middle], axis=1).ravel(), borders[-1])
