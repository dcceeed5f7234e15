"""Matrices of projections, in one piece or in parts, and what tests compare of them."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from builders import cells
from scipy import stats

from neurocore_nb import Network, Projection, uniform_positions
from neurocore_nb.engine.build import Synapses
from neurocore_nb.engine.partition import block, bounds

UNLIKELY = 1e-4  # p-values below this fail; seeds are fixed


def build(*objects, seed=42, threads=1):
    Network(*objects, seed=seed).run(0.0, threads=threads)


def wired(n_source, n_target, weight=1.0, network_seed=42, threads=1, **arguments):
    """Matrix of a projection between two populations, or of one onto itself if n_target is None."""
    source = cells(n_source, "source")
    target = source if n_target is None else cells(n_target, "target")
    projection = Projection(source, target, weight=weight, **arguments)
    build(*([source] if source is target else [source, target]), projection, seed=network_seed, threads=threads)
    return projection.matrix()


def entries(matrix):
    """Rows, columns and data as stored, duplicates included, in a well-defined order."""
    rows, columns = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr)), matrix.indices
    order = np.lexsort((matrix.data, columns, rows))
    return rows[order], columns[order], matrix.data[order]


def assert_same(one, other):
    assert one.shape == other.shape
    for here, there in zip(entries(one), entries(other), strict=True):
        np.testing.assert_array_equal(here, there)


def differs(one, other):
    return one.nnz != other.nnz or not all(map(np.array_equal, entries(one), entries(other)))


def assert_degrees(degrees, n, p):
    chi2 = ((degrees - n * p) ** 2).sum() / (n * p * (1.0 - p))
    assert UNLIKELY < stats.chi2.cdf(chi2, len(degrees)) < 1.0 - UNLIKELY


def drawn_in_parts(projection, ranks, threads=1, seed=42):
    """Rows, columns and data of a projection whose targets are divided among ranks and threads."""
    parts = []
    for rank in range(ranks):
        local = block(projection.target.parent.n, rank, ranks)
        synapses = Synapses(projection, seed, 0, 1e-3, 2.0**-40, local)
        with ThreadPoolExecutor(threads) as executor:
            synapses.build(bounds(local[1] - local[0], threads), executor)
        rows, columns, data = entries(synapses.matrix(0))
        parts.append((rows + synapses.rows[0], columns, data))
    return tuple(map(np.concatenate, zip(*parts, strict=True)))


def sheet(n, label="cells", extents=(1.0, 1.0), seed=5):
    """Neurons at random places."""
    return cells(n, label, positions=uniform_positions(n, extents, seed))


def onto_itself(population, rule, weight=1.0, **options):
    return Projection(population, population, weight, topology=rule, **options)


def dense(projection, seed=42):
    """How many synapses each pair has, shape (n_target, n_source)."""
    found = np.zeros((projection.target.n, projection.source.n), int)
    rows, columns, _ = drawn_in_parts(projection, 1, seed=seed)
    np.add.at(found, (rows, columns), 1)
    return found
