"""Errors of wiring rules that are objects: they name the rule, the value and a remedy."""

import numpy as np
import pytest
from builders import assert_raises, cells, table

from neurocore_nb import (
    Blocks,
    Box,
    DistanceDependent,
    Exponential,
    Gaussian,
    Grid,
    OfDistance,
    Projection,
    Ring,
    ScaleFree,
    SmallWorld,
)

BY_DISTANCE = DistanceDependent(Gaussian(0.5, 0.2), (1.0, 1.0))


def made(rule, n=10, n_source=None, positions=None, source_positions=None, **options):
    def make():
        post = cells(n, "post", positions=positions)
        pre = post if n_source is None else cells(n_source, "pre", positions=source_positions)
        return Projection(pre, post, 1.0, topology=rule, **options)

    return make


LINE = np.arange(10.0)
ERRORS = [
    (lambda: Ring(0), ValueError, r"Ring: k = 0 .*at least 1"),
    (lambda: Ring(1.5), TypeError, r"Ring: k .*integer.*1\.5"),
    (made(Ring(5)), ValueError, r"post -> post: k = 5 neighbours.*at least 11 neurons.* 10; lower k"),
    (made(Ring(2), n_source=11), ValueError, r"pre -> post: Ring\(k=2\) needs equal sizes.* 11 .* 10"),
    (made(Ring), TypeError, r"post -> post.*write Ring\("),
    (made("ring"), ValueError, r"'ring'.*Ring.*SmallWorld.*ScaleFree.*Grid.*Blocks.*DistanceDependent"),
    (lambda: SmallWorld(3, 0.1), ValueError, r"SmallWorld: k = 3 must be even"),
    (lambda: SmallWorld(4, 1.1), ValueError, r"SmallWorld: rewiring.*1\.1.*at most 1"),
    (made(SmallWorld(10, 0.1)), ValueError, r"post -> post: k = 10 sources.*more than 10 neurons.* 10; lower k"),
    (made(SmallWorld(2, 0.1), n_source=10), ValueError, r"pre -> post: SmallWorld.*be the same; .*'pre' and 'post'"),
    (made(ScaleFree(10)), ValueError, r"post -> post: m = 10 connections.*more than 10.* 10; lower m"),
    (made(ScaleFree(2), n_source=10), ValueError, r"pre -> post: ScaleFree.*must be the same"),
    (lambda: ScaleFree(0), ValueError, r"ScaleFree: m = 0 .*at least 1"),
    (lambda: Grid(()), ValueError, r"Grid: shape.*0 dimensions.*1 to 3"),
    (lambda: Grid((2, 2, 2, 2)), ValueError, r"Grid: shape.*4 dimensions.*1 to 3"),
    (lambda: Grid(4), TypeError, r"Grid: shape .*\(20, 30\).*4"),
    (lambda: Grid((2, 0)), ValueError, r"Grid: shape = 0 .*at least 1"),
    (lambda: Grid((2, 2), 0), ValueError, r"Grid: radius = 0 .*at least 1"),
    (lambda: Grid((2, 2), 1, "euclidean"), ValueError, r"Grid: .*'euclidean'.*'von_neumann'.*'moore'"),
    (lambda: Grid((2, 2), periodic=(True,)), ValueError, r"Grid: periodic has 1 values.*2 dimensions"),
    (lambda: Grid((2, 2), periodic=1), TypeError, r"Grid: periodic.*True or False.*1"),
    (made(Grid((3, 4))), ValueError, r"post -> post: a grid of shape \(3, 4\) has 12 points.* 10 neurons"),
    (lambda: Blocks([[0.1, 0.2]], [5, 5]), ValueError, r"Blocks: probabilities have shape \(1, 2\).* 2 .* 2 .*shape"),
    (lambda: Blocks([[1.1]], [5]), ValueError, r"Blocks: probabilities.*1\.1.*at most 1"),
    (lambda: Blocks([[0.1]], 5), TypeError, r"Blocks: sizes .*sequence.*5"),
    (made(Blocks([[0.1]], [9])), ValueError, r"post -> post: the sizes.* sum to 9, but the target has 10 neurons"),
    (made(Blocks([[0.1]], [10], [4]), n_source=5), ValueError, r"sum to 4, but the source has 5 neurons"),
    (lambda: DistanceDependent(0.1), TypeError, r"DistanceDependent: profile.*Gaussian.*0\.1"),
    (lambda: Gaussian(1.1, 1.0), ValueError, r"Gaussian: p.*1\.1.*at most 1"),
    (lambda: Gaussian(0.1, 0.0), ValueError, r"Gaussian: sigma.*above 0"),
    (lambda: Exponential(0.1, -1.0), ValueError, r"Exponential: length.*above 0"),
    (lambda: Box(0.1, np.inf), ValueError, r"Box: radius.*finite"),
    (lambda: DistanceDependent(Box(0.1, 1.0), 0.0), ValueError, r"DistanceDependent: periodic.*above 0"),
    (made(BY_DISTANCE), ValueError, r"post -> post: Dist.*needs positions of the source 'post'.*positions=array"),
    (made(BY_DISTANCE, positions=LINE), ValueError, r"periodic = \(1\.0, 1\.0\) has 2 sizes, positions have 1"),
    (
        made(DistanceDependent(Box(0.1, 1.0), 8.5), positions=LINE),
        ValueError,
        r"post -> post: in dimension 0 .*from 0 to 9, more than the periodic size 8\.5.*modulo",
    ),
    (
        made(BY_DISTANCE, n_source=10, positions=LINE, source_positions=np.zeros((10, 2))),
        ValueError,
        r"the source is in 2 dimensions, but the target in 1",
    ),
    (made(Ring(1), positions=np.zeros((9, 2))), ValueError, r"'post'.*positions.*\(9, 2\).*\(10, d\).*1 to 3"),
    (made(Ring(1), probability=0.5), ValueError, r"probability = 0\.5 is of no use to Ring\(k=1\)"),
    (made(Ring(1), indegree=5), ValueError, r"indegree is for topology='fixed_indegree', not Ring\(k=1\)"),
    (made(Ring(1), storage="procedural"), ValueError, r"procedural.*Ring\(k=1\) can't be drawn again.*'stored'"),
    (lambda: OfDistance(1.0, 0.0, 1.0), TypeError, r"OfDistance: function.*1\.0"),
    (lambda: OfDistance(np.sin, 1.0, 0.0), ValueError, r"OfDistance: low = 1\.0 .*above high = 0\.0"),
    (made(Ring(1), delay=OfDistance(np.sin, 0.0, 1.0)), ValueError, r"OfDistance.*needs positions of the source"),
    (
        made(Ring(1), delay=OfDistance(np.sin, 0.0, 1.5), positions=LINE),
        ValueError,
        r"delay of 1\.5 s is above the limit",
    ),
    (
        made(Ring(1), delay=OfDistance(np.sin, -1.0, 0.5), positions=LINE),
        ValueError,
        r"delay: OfDistance.*-1 to 0\.5 s.*at least 0 s",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("call", "kind", "pattern"), table(ERRORS))
def test_errors(call, kind, pattern):
    assert_raises(call, kind, pattern)


def test_a_function_of_distance_must_return_numbers():
    for function, pattern in ((lambda d: d[:-1], r"shape \(4,\).*\(5,\)"), (lambda d: np.nan * d, "nan")):
        with pytest.raises(ValueError, match=pattern):
            OfDistance(function, 0.0, 1.0).at_distances(np.linspace(0.0, 1.0, 5))
    np.testing.assert_array_equal(OfDistance(lambda d: 0.5, 0.0, 1.0).at_distances(np.zeros(3)), [0.5] * 3)
