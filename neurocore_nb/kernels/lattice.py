"""Neighbours on a lattice of one to three dimensions, numbered row by row."""

from __future__ import annotations

from .jit import inlined, kernel


@inlined
def _part(c, radius, n, periodic, upper):
    """Coordinates up to a distance from c, as ranges: the only or lower one, or the upper one."""
    low, high = c - radius, c + radius + 1
    if not periodic or high - low >= n:
        if upper:
            return 0, 0
        return (0, n) if periodic else (max(low, 0), min(high, n))
    if low < 0:
        return (low + n, n) if upper else (0, high)
    if high > n:
        return (low, n) if upper else (0, high - n)
    return (0, 0) if upper else (low, high)


@inlined
def _rest(c, x, radius, n, periodic, diagonal):
    """How far a neighbour may be away in the other dimensions."""
    d = abs(x - c)
    return radius if diagonal else radius - (min(d, n - d) if periodic else d)


@kernel
def _write_row(source, begin, end, centre, own, shift, targets, count):
    """Write a range of targets."""
    for target in range(begin, end):
        if (target != source or centre) and source - target != own:
            if count < targets.shape[0]:
                targets[count] = target + shift
            count += 1
    return count


@kernel
def lattice(shape, radius, diagonal, periodic, centre, begin, end, own, shift, indptr, targets):
    """Each source is connected to those near it.

    Parameters
    ----------
    shape : int64[3]
        Sizes of the lattice, whose points are the sources, and as well the targets.
    radius : int64
        Largest sum of the steps in all dimensions, or, with ``diagonal``, largest number of steps in any of them.
    diagonal : bool
    periodic : bool[3]
        Whether the ends are neighbours; a point that can be reached in two ways is still one target.
    centre : bool
        Whether a source is connected to the target of the same number.
    begin, end, own, shift, indptr, targets
        As for the rules of ``kernels.connect``.

    Returns
    -------
    int64
        Number of synapses.
    """
    count = 0
    n0, n1, n2 = shape[0], shape[1], shape[2]
    for source in range(n0 * n1 * n2):
        indptr[source] = count
        c0, c1, c2 = source // (n1 * n2), source // n2 % n1, source % n2
        for upper0 in range(2):
            low0, high0 = _part(c0, radius, n0, periodic[0], upper0)
            for x0 in range(max(low0, begin // (n1 * n2)), min(high0, (end - 1) // (n1 * n2) + 1)):
                radius1 = _rest(c0, x0, radius, n0, periodic[0], diagonal)
                for upper1 in range(2):
                    low1, high1 = _part(c1, radius1, n1, periodic[1], upper1)
                    for x1 in range(low1, high1):
                        radius2, row = _rest(c1, x1, radius1, n1, periodic[1], diagonal), (x0 * n1 + x1) * n2
                        for upper2 in range(2):
                            low2, high2 = _part(c2, radius2, n2, periodic[2], upper2)
                            low, high = max(begin, row + low2), min(end, row + high2)
                            count = _write_row(source, low, high, centre, own, shift, targets, count)
    indptr[n0 * n1 * n2] = count
    return count
