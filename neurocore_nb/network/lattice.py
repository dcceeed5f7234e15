"""Neurons on a lattice, connected with those near them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from . import checks
from .checks import FloatArray
from .rules import Array, WiringRule, near_by, same_size

VON_NEUMANN, MOORE = "von_neumann", "moore"
MOST_DIMENSIONS = 3


@dataclass(frozen=True)
class Grid(WiringRule):
    """Each neuron is connected to those near it on a lattice of 1 to 3 dimensions.

    Neurons are numbered row by row: of a shape (rows, columns), neuron i is at row ``i // columns`` and column
    ``i % columns``. :func:`grid_positions` gives the positions of such neurons.

    Parameters
    ----------
    shape : sequence of int
        Sizes of the lattice, 1 to 3; their product is the number of neurons.
    radius : int
        How far neighbours are away at most, in steps.
    neighbourhood : {"von_neumann", "moore"}
        Whether steps in all dimensions are summed, or the most in any of them counts: with radius 1, in two dimensions,
        4 or 8 neighbours.
    periodic : bool, or sequence of bool for each dimension
        Whether neurons at opposite ends are neighbours.
    centre : bool
        Whether a neuron is also connected to the one at its own place, as may be wanted between two layers.

    Raises
    ------
    TypeError, ValueError
        If a value is not legal; where it is used, unless source and target have as many neurons as the lattice.

    Examples
    --------
    >>> from neurocore_nb import Grid, LIFNeuron, Network, Population, Projection
    >>> cells = Population(LIFNeuron, 12, label="cells")
    >>> wiring = Projection(cells, cells, 1.0, topology=Grid((3, 4)))
    >>> report = Network(cells, wiring).run(0.0)
    >>> wiring.matrix().toarray()[5].nonzero()[0]  # the sources of neuron 5
    array([1, 4, 6, 9])
    """

    shape: Sequence[int]
    radius: int = 1
    neighbourhood: str = VON_NEUMANN
    periodic: bool | Sequence[bool] = False
    centre: bool = False
    name: ClassVar[str] = "grid"

    def __post_init__(self) -> None:
        shape = lattice_shape(self.shape, "Grid: shape")
        checks.whole_number(self.radius, "Grid: radius", low=1)
        if self.neighbourhood not in (VON_NEUMANN, MOORE):
            raise ValueError(f"Grid: neighbourhood {self.neighbourhood!r} is unknown; use {VON_NEUMANN!r} or {MOORE!r}")
        given = self.periodic
        periodic = tuple(given) if hasattr(given, "__iter__") else (given,) * len(shape)
        if len(periodic) != len(shape):
            raise ValueError(f"Grid: periodic has {len(periodic)} values, but the shape has {len(shape)} dimensions")
        checks.truth(self.centre, "Grid: centre")
        object.__setattr__(self, "shape", shape)
        object.__setattr__(
            self, "periodic", tuple(checks.truth(one, "Grid: periodic") for one in map(_plain, periodic))
        )

    @property
    def draws(self) -> bool:
        """It doesn't draw."""
        return False

    def check(self, wiring: Any, what: str) -> None:
        """Whether the lattice has as many points as there are neurons."""
        same_size(wiring, self, what)
        if math.prod(self.shape) != wiring.source.n:
            raise ValueError(
                f"{what}: a grid of shape {self.shape} has {math.prod(self.shape)} points, but there are "
                f"{wiring.source.n} neurons"
            )

    def space(self) -> tuple[tuple[int, ...], tuple[bool, ...]]:
        """Shape and periods in three dimensions, of which the last are its own."""
        more = MOST_DIMENSIONS - len(self.shape)
        return (1,) * more + tuple(self.shape), (False,) * more + tuple(self.periodic)  # type: ignore[arg-type]

    def _at_steps(self, n: int, periodic: bool) -> FloatArray:
        """How many points of a dimension are so many steps away, on average."""
        steps = np.arange(self.radius + 1)
        if not periodic:
            return np.where(steps == 0, 1.0, 2.0 * np.maximum(0, n - steps) / max(1, n))
        return np.where(steps == 0, 1.0, np.where(2 * steps < n, 2.0, 1.0 * (2 * steps == n)))

    def _neighbours(self, number: Any) -> float:
        """Sum of a product of three numbers over all combinations of steps that lie within the radius."""
        inside = (
            steps
            for steps in itertools.product(range(self.radius + 1), repeat=MOST_DIMENSIONS)
            if self.neighbourhood == MOORE or sum(steps) <= self.radius
        )
        return math.fsum(math.prod(of[k] for of, k in zip(number, steps, strict=True)) for steps in inside)

    def mean_indegree(self, wiring: Any) -> float:
        """Mean over all targets, of which those at the ends have less."""
        at_steps = [self._at_steps(n, periodic) for n, periodic in zip(*self.space(), strict=True)]
        return self._neighbours(at_steps) - (0.0 if self.centre else 1.0)

    def largest_indegree(self, wiring: Any) -> float:
        """Of a target in the middle."""
        inner = [np.where(np.arange(self.radius + 1) == 0, 1.0, 2.0) for _ in self.shape]
        flat = np.where(np.arange(self.radius + 1) == 0, 1.0, 0.0)
        most = self._neighbours([flat] * (MOST_DIMENSIONS - len(inner)) + inner)
        return min(most, float(wiring.source.n)) - (0.0 if self.centre else 1.0)

    def most_synapses(self, wiring: Any) -> float:
        """As many."""
        return self.largest_indegree(wiring)

    def synapses_onto(self, wiring: Any, begin: Array, end: Array) -> Array:
        """Row by row of the outermost dimension, of which the first and the last may have less; means within rows."""
        shape, periodic = self.space()
        outer = self._outermost()
        n, of_row = shape[outer], math.prod(shape[outer + 1 :])
        at_steps = [self._at_steps(*one) for one in zip(shape, periodic, strict=True)]
        rows = np.unique(np.clip(np.arange(self.radius + 1)[:, None] * [1, -1] + [0, n], 0, n))  # where numbers change
        below = [0.0]
        for row, following in itertools.pairwise(rows.tolist()):
            if not periodic[outer]:
                steps = np.arange(self.radius + 1)
                at_steps[outer] = np.where(steps == 0, 1.0, 1.0 * (row >= steps) + (row + steps < n))
            none = 0.0 if self.centre and wiring.own_difference() != 0 else 1.0
            below.append(below[-1] + (self._neighbours(at_steps) - none) * of_row * (following - row))
        expected: Array = np.diff(np.interp([begin, end], rows * float(of_row), below), axis=0)[0]
        return expected

    def _outermost(self) -> int:
        """The first dimension, of three, with more than one point; the last if there is none."""
        return next((k for k, n in enumerate(self.space()[0]) if n > 1), MOST_DIMENSIONS - 1)

    def sources_onto(self, wiring: Any, begin: Array, end: Array, first: Any, last: Any) -> Array:
        """Those of the range and of so many rows beside it."""
        shape, periodic = self.space()
        outer = self._outermost()
        reach = self.radius * math.prod(shape[outer + 1 :])
        near = near_by(begin, end, reach, wiring.source.n, bool(periodic[outer]), first, last)
        return np.minimum(near, (self.largest_indegree(wiring) + 1.0) * (end - begin))


def grid_positions(shape: Sequence[int], spacing: float | Sequence[float] = 1.0) -> FloatArray:
    """Positions on a lattice, row by row, for ``Population(..., positions=...)``.

    Parameters
    ----------
    shape : sequence of int
        Sizes, 1 to 3.
    spacing : float or sequence of float
        Between neighbours, in the unit of length of your choice.

    Returns
    -------
    float64 array of shape (n, d)
        From the origin on.

    Raises
    ------
    TypeError, ValueError
        If a value is not legal.

    Examples
    --------
    >>> grid_positions((2, 3), spacing=0.5).tolist()
    [[0.0, 0.0], [0.0, 0.5], [0.0, 1.0], [0.5, 0.0], [0.5, 0.5], [0.5, 1.0]]
    """
    sizes = lattice_shape(shape, "grid_positions: shape")
    steps = checks.values(spacing, len(sizes), "grid_positions: spacing", "your unit of length", above=0.0)
    places = np.indices(sizes).reshape(len(sizes), -1).T
    return np.ascontiguousarray(places * np.asarray(steps, np.float64))


def lattice_shape(value: Any, what: str) -> tuple[int, ...]:
    """One to three sizes."""
    if isinstance(value, str) or not hasattr(value, "__iter__"):
        raise TypeError(f"{what} must be 1 to {MOST_DIMENSIONS} integers such as (20, 30), not {value!r}")
    sizes = tuple(checks.whole_number(_plain(one), what, low=1) for one in value)
    if not 1 <= len(sizes) <= MOST_DIMENSIONS:
        raise ValueError(f"{what} = {sizes} has {len(sizes)} dimensions; there may be 1 to {MOST_DIMENSIONS}")
    return sizes


def _plain(value: Any) -> Any:
    """A number of NumPy as one of Python."""
    return value.item() if isinstance(value, np.generic) else value
