"""Neurons in space: positions, and what depends on the distance of two neurons."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import checks
from .checks import FloatArray
from .lattice import MOST_DIMENSIONS

LENGTH = "your unit of length"


def positions_of(value: Any, n: int, what: str) -> FloatArray | None:
    """A copy of positions, float64 of shape (n, d); None if there are none."""
    if value is None:
        return None
    array = checks.real_array(value, what, LENGTH)
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2 or len(array) != n or not 1 <= array.shape[1] <= MOST_DIMENSIONS:
        raise ValueError(
            f"{what} have shape {np.shape(value)}; give an array of shape ({n}, d) in {LENGTH}, with d from 1 to "
            f"{MOST_DIMENSIONS}"
        )
    return array


def check_positions(wiring: Any, what: str, purpose: str) -> int:
    """Of how many dimensions the space is in which source and target are; an error if they are in none."""
    for end in ("source", "target"):
        if getattr(wiring, end).positions is None:
            raise ValueError(
                f"{what}: {purpose} needs positions of the {end} {getattr(wiring, end).label!r}; give them where it is "
                "made: Population(..., positions=array of shape (n, d))"
            )
    source, target = wiring.source.positions.shape[1], wiring.target.positions.shape[1]
    if source != target:
        raise ValueError(f"{what}: the source is in {source} dimensions, but the target in {target}")
    return int(target)


def uniform_positions(n: int, extents: float | Sequence[float], seed: int) -> FloatArray:
    """Positions drawn uniformly, for ``Population(..., positions=...)``.

    Parameters
    ----------
    n : int
    extents : float or sequence of 1 to 3 float
        Of the line, rectangle or box, which begins at the origin.
    seed : int
        A neuron's position follows from it and from the neuron's number.

    Returns
    -------
    float64 array of shape (n, d)

    Raises
    ------
    TypeError, ValueError
        If a value is not legal.

    Examples
    --------
    >>> uniform_positions(1000, (1.0, 2.0), seed=3).max(axis=0).round(2)
    array([1., 2.])
    >>> bool((uniform_positions(9, 1.0, seed=3) == uniform_positions(1000, 1.0, seed=3)[:9]).all())
    True
    """
    number = checks.whole_number(n, "uniform_positions: n")
    sizes = lengths(extents, "uniform_positions: extents")
    stream = np.random.Philox(key=checks.seed(seed, "uniform_positions: seed"))
    drawn: FloatArray = np.random.Generator(stream).random((number, len(sizes))) * sizes
    return drawn


def lengths(value: Any, what: str) -> tuple[float, ...]:
    """One to three lengths above 0."""
    array = np.atleast_1d(checks.real_array(value, what, LENGTH, above=0.0))
    if array.ndim != 1 or not 1 <= len(array) <= MOST_DIMENSIONS:
        raise ValueError(f"{what} must be 1 to {MOST_DIMENSIONS} lengths, not {value!r}")
    return tuple(array.tolist())


class Profile:
    """Base of profiles: the probability of a pair as a function of its distance.

    Attributes
    ----------
    kind : str
        By which the engine knows it.
    p : float
        Probability at distance 0, the largest.
    """

    kind: str
    p: float

    @property
    def width(self) -> float:
        """The length on which it falls off."""
        raise NotImplementedError

    def probability(self, d: FloatArray) -> FloatArray:
        """Of pairs at some distances."""
        raise NotImplementedError

    def _check(self, width: str) -> None:
        name = type(self).__name__
        checks.real_number(self.p, f"{name}: p", "per pair", low=0.0, high=1.0)
        checks.real_number(getattr(self, width), f"{name}: {width}", LENGTH, above=0.0)


@dataclass(frozen=True)
class Gaussian(Profile):
    """Probability ``p * exp(-d**2 / (2 * sigma**2))`` at distance d.

    Parameters
    ----------
    p : float
        At distance 0, from 0 to 1.
    sigma : float
        In the unit of the positions.
    """

    p: float
    sigma: float
    kind = "gaussian"

    def __post_init__(self) -> None:
        self._check("sigma")

    @property
    def width(self) -> float:
        """The length on which it falls off."""
        return self.sigma

    def probability(self, d: FloatArray) -> FloatArray:
        """Of pairs at some distances."""
        found: FloatArray = self.p * np.exp(-0.5 * (d / self.sigma) ** 2)
        return found


@dataclass(frozen=True)
class Exponential(Profile):
    """Probability ``p * exp(-d / length)`` at distance d.

    Parameters
    ----------
    p : float
        At distance 0, from 0 to 1.
    length : float
        In the unit of the positions.
    """

    p: float
    length: float
    kind = "exponential"

    def __post_init__(self) -> None:
        self._check("length")

    @property
    def width(self) -> float:
        """The length on which it falls off."""
        return self.length

    def probability(self, d: FloatArray) -> FloatArray:
        """Of pairs at some distances."""
        found: FloatArray = self.p * np.exp(-d / self.length)
        return found


@dataclass(frozen=True)
class Box(Profile):
    """Probability p up to a distance, 0 beyond.

    Parameters
    ----------
    p : float
        From 0 to 1.
    radius : float
        In the unit of the positions.
    """

    p: float
    radius: float
    kind = "box"

    def __post_init__(self) -> None:
        self._check("radius")

    @property
    def width(self) -> float:
        """The length on which it falls off."""
        return self.radius

    def probability(self, d: FloatArray) -> FloatArray:
        """Of pairs at some distances."""
        return np.where(d <= self.radius, self.p, 0.0)


@dataclass(frozen=True)
class OfDistance:
    """Weights or delays as a function of the distance of their neurons, which have positions.

    Parameters
    ----------
    function : callable
        Takes an array of distances, in the unit of the positions, and returns an array of values, each of its own
        distance.
    low, high : float
        Smallest and largest value that it may return: how exactly weights are summed and when ranks exchange spikes
        follows from them, not from the synapses that happen to be drawn. A value beyond is an error on all ranks.

    Raises
    ------
    TypeError, ValueError
        If a value is not legal. When synapses are built, if the function returns anything but as many numbers from
        ``low`` to ``high``.

    Notes
    -----
    Distances are those of the rule: with its periods for :class:`DistanceDependent`, else without.

    Examples
    --------
    >>> from neurocore_nb import LIFNeuron, Network, OfDistance, Population, Projection, grid_positions
    >>> cells = Population(LIFNeuron, 3, positions=grid_positions([3], spacing=0.1), label="cells")
    >>> weight = OfDistance(lambda d: 2.0 - 10.0 * d, low=0.0, high=2.0)
    >>> wiring = Projection(cells, cells, weight, topology="all_to_all")
    >>> report = Network(cells, wiring).run(0.0)
    >>> wiring.matrix().toarray().round(6)
    array([[2., 1., 0.],
           [1., 2., 1.],
           [0., 1., 2.]], dtype=float32)
    """

    function: Callable[[FloatArray], Any]
    low: float
    high: float

    def __post_init__(self) -> None:
        if not callable(self.function):
            raise TypeError(f"OfDistance: function must take an array of distances, not be {self.function!r}")
        checks.real_number(self.low, "OfDistance: low", "the unit of what it gives")
        checks.real_number(self.high, "OfDistance: high", "the unit of what it gives")
        if self.low > self.high:
            raise ValueError(f"OfDistance: low = {self.low!r} must not be above high = {self.high!r}")

    def support(self) -> tuple[float, float]:
        """Smallest and largest value."""
        return float(self.low), float(self.high)

    def at_distances(self, d: FloatArray) -> FloatArray:
        """Values at some distances."""
        values = np.asarray(self.function(d), np.float64)
        if values.shape not in (d.shape, ()):
            raise ValueError(f"{self!r}: the function returned shape {values.shape} for distances of shape {d.shape}")
        values = np.broadcast_to(values, d.shape)
        wrong = np.flatnonzero(~((values >= self.low) & (values <= self.high)))
        if len(wrong):
            raise ValueError(
                f"{self!r}: the function returned {values[wrong[0]]!r} at distance {d[wrong[0]]:.6g}, which isn't "
                f"between low = {self.low:g} and high = {self.high:g}; widen these, or let the function keep to them"
            )
        return values

    def __repr__(self) -> str:
        return f"OfDistance({self.low:g} to {self.high:g})"


def periods_of(wiring: Any) -> tuple[float, ...]:
    """The periods of space in three dimensions, infinite where it has none."""
    given = getattr(wiring.topology, "periods", ())
    return tuple(given) + (math.inf,) * (MOST_DIMENSIONS - len(given))
