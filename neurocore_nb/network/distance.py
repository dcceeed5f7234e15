"""The wiring rule by which the probability of a pair depends on the distance of its neurons."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from .checks import FloatArray
from .rules import Array, WiringRule
from .space import Profile, check_positions, lengths, periods_of

_SAMPLED = 1 << 20  # pairs from which the numbers of synapses are estimated; if there are no more, they are exact
_SOURCES_SAMPLED = 1 << 8
_KEPT = 1 << 18  # numbers that are kept of them
_CELLS = {1: 4096, 2: 64, 3: 16}  # in each dimension, in which neurons are counted
_CERTAINLY = 1.01  # rounded upwards, lest the last bit of a machine's functions reaches the quanta of weights


@dataclass(frozen=True)
class DistanceDependent(WiringRule):
    """Each pair is connected with a probability that depends on its distance, independently.

    Parameters
    ----------
    profile : Gaussian, Exponential or Box
        The probability as a function of the distance.
    periodic : float or sequence of 1 to 3 float, optional
        Sizes of a periodic space, in the unit of the positions, at least as large as that in which the neurons are.

    Raises
    ------
    TypeError, ValueError
        If a value is not legal; where it is used, unless source and target have positions in such a space.

    Notes
    -----
    Nothing is cut off, however far away. Targets are drawn in at most 32 blocks, and each rank draws those in which any
    of its own are; so more than 32 ranks times threads don't build it faster.

    Examples
    --------
    >>> from neurocore_nb import DistanceDependent, Gaussian, LIFNeuron, Network, Population, Projection
    >>> from neurocore_nb import uniform_positions
    >>> sheet = Population(LIFNeuron, 1000, positions=uniform_positions(1000, (1.0, 1.0), seed=1), label="sheet")
    >>> rule = DistanceDependent(Gaussian(p=0.5, sigma=0.05), periodic=(1.0, 1.0))
    >>> wiring = Projection(sheet, sheet, 1.0, topology=rule, autapses=False)
    >>> report = Network(sheet, wiring).run(0.0)
    >>> 7.0 < wiring.matrix().nnz / 1000 < 9.0  # 2 pi sigma**2 p times 1000
    True
    """

    profile: Profile
    periodic: Any = None
    name: ClassVar[str] = "distance"

    def __post_init__(self) -> None:
        if not isinstance(self.profile, Profile):
            raise TypeError(
                f"DistanceDependent: profile must be a Gaussian, Exponential or Box, such as Gaussian(0.2, 0.1), not "
                f"{self.profile!r}"
            )
        if self.periodic is not None:
            object.__setattr__(self, "periodic", lengths(self.periodic, "DistanceDependent: periodic"))

    @property
    def draws(self) -> bool:
        """Whether there may be any synapse."""
        return self.profile.p > 0.0

    @property
    def periods(self) -> tuple[float, ...]:
        """Sizes of space; none where it isn't periodic."""
        return self.periodic or ()

    def check(self, wiring: Any, what: str) -> None:
        """Whether neurons have positions in such a space."""
        d = check_positions(wiring, what, repr(self))
        if self.periodic is None:
            return
        if len(self.periodic) != d:
            raise ValueError(f"{what}: periodic = {self.periodic} has {len(self.periodic)} sizes, positions have {d}")
        ends = [one.positions for one in (wiring.source, wiring.target) if one.n]
        for k, size in enumerate(self.periodic if ends else ()):
            low, high = min(one[:, k].min() for one in ends), max(one[:, k].max() for one in ends)
            if high - low > size:
                raise ValueError(
                    f"{what}: in dimension {k} the neurons are from {low:g} to {high:g}, more than the periodic size "
                    f"{size:g}; enlarge it, or take the positions modulo it"
                )

    def mean_indegree(self, wiring: Any) -> float:
        """Of a sample, if there are many pairs."""
        total = float(self.synapses_onto(wiring, np.zeros(1), np.full(1, wiring.target.n))[0])
        return float(f"{total / max(1, wiring.target.n):.3g}")

    def largest_indegree(self, wiring: Any) -> float:
        """A bound: neurons are counted in cells, and taken to be as near as their cells."""
        return float(_kept(wiring, "_largest_indegree", lambda: _largest_indegree(self.profile, wiring)))

    def synapses_onto(self, wiring: Any, begin: Array, end: Array) -> Array:
        """Of a sample, if there are many pairs."""
        sample = self._sample(wiring)
        return sample.onto_all(end) - sample.onto_all(begin)

    def sources_onto(self, wiring: Any, begin: Array, end: Array, first: Any, last: Any) -> Array:
        """Of a sample, if there are many pairs."""
        return self._sample(wiring).sources_onto(begin, end, first, last)

    def _sample(self, wiring: Any) -> _Sample:
        found: _Sample = _kept(wiring, "_sample", lambda: _Sample(self.profile, wiring))
        return found


def _kept(wiring: Any, name: str, make: Any) -> Any:
    """What belongs to a projection or coupling, made once."""
    if name not in vars(wiring):
        setattr(wiring, name, make())
    return getattr(wiring, name)


def distances_between(wiring: Any, sources: Array, targets: Array) -> FloatArray:
    """Of some sources to some targets, shape (n_sources, n_targets)."""
    squares = np.zeros((len(sources), len(targets)))
    periods = periods_of(wiring)
    for k in range(wiring.source.positions.shape[1]):
        d = np.abs(wiring.source.positions[sources, k][:, None] - wiring.target.positions[targets, k])
        squares += np.minimum(d, periods[k] - d) ** 2
    return np.sqrt(squares)


class _Sample:
    """How many synapses some sources have with some targets, for estimates.

    Parameters
    ----------
    profile : Profile
    wiring : Wiring
    """

    def __init__(self, profile: Profile, wiring: Any) -> None:
        n_source, n_target = wiring.source.n, wiring.target.n
        few = min(n_source, max(_SOURCES_SAMPLED, _SAMPLED // max(1, n_target)))
        rng = np.random.default_rng(1)  # at random: equal steps could meet the columns of a grid
        self._sources = np.sort(rng.choice(n_source, few, replace=False))
        targets = np.sort(rng.choice(n_target, min(n_target, _SAMPLED // max(1, few)), replace=False))
        chances = profile.probability(distances_between(wiring, self._sources, targets))
        own = wiring.own_difference()
        if own is not None:
            chances[self._sources[:, None] - targets == own] = 0.0
        chances *= n_target / max(1, len(targets))
        borders = np.concatenate([[0.0], 0.5 * (targets[1:] + targets[:-1] + 1), [float(n_target)]])
        below = np.concatenate([np.zeros((few, 1)), np.cumsum(chances, axis=1)], axis=1)
        kept = np.append(np.arange(0, len(targets), 1 + below.size // _KEPT), len(targets))
        self._borders, self._below = borders[kept], below[:, kept]
        self._times = n_source / max(1, few)

    def _onto(self, border: Array) -> FloatArray:
        """Synapses of each source onto the targets below each border."""
        place = np.clip(np.searchsorted(self._borders, border, side="right") - 1, 0, max(0, len(self._borders) - 2))
        low, high = self._borders[place], self._borders[np.minimum(place + 1, len(self._borders) - 1)]
        part = (np.asarray(border) - low) / np.maximum(high - low, 1e-9)
        below = self._below[:, place]
        found: FloatArray = below + part * (self._below[:, np.minimum(place + 1, self._below.shape[1] - 1)] - below)
        return found

    def onto_all(self, border: Array) -> FloatArray:
        """Synapses of all sources onto the targets below each border."""
        found: FloatArray = self._onto(border).sum(axis=0) * self._times
        return found

    def sources_onto(self, begin: Array, end: Array, first: Any, last: Any) -> FloatArray:
        """Sources from ``first`` to ``last`` that have any synapse onto the targets of each range."""
        first, last = np.broadcast_to(first, begin.shape), np.broadcast_to(last, begin.shape)
        found = np.zeros(len(begin))
        for k in range(len(begin) if len(self._sources) else 0):
            low = min(int(np.searchsorted(self._sources, first[k])), len(self._sources) - 1)
            stop = max(low + 1, int(np.searchsorted(self._sources, last[k])))  # the next one, if there is none inside
            each = (self._onto(end[k : k + 1]) - self._onto(begin[k : k + 1]))[low:stop]
            found[k] = (last[k] - first[k]) * float(np.mean(-np.expm1(-each)))
        return found


def _largest_indegree(profile: Profile, wiring: Any) -> float:
    """Sources are counted in cells; two neurons are at least as far apart as their cells."""
    source, target = wiring.source.positions, wiring.target.positions
    if not len(source) or not len(target):
        return 0.0
    d = source.shape[1]
    low = np.minimum(source.min(axis=0), target.min(axis=0))
    high = np.maximum(source.max(axis=0), target.max(axis=0))
    periods = np.array(periods_of(wiring)[:d])
    circular, cells = np.isfinite(periods), _CELLS[d]
    size = np.where(circular, periods, np.maximum(high - low, 1e-300)) / cells
    places = np.minimum(((source - low) / size).astype(np.int64), cells - 1)
    shape = tuple(np.where(circular, cells, 2 * cells).tolist())  # with empty ones beyond ends, lest these meet
    counts = np.zeros(shape)
    np.add.at(counts, tuple(places.T), 1.0)
    squares = np.zeros(shape)
    for k, n in enumerate(shape):
        steps = np.minimum(np.arange(n), n - np.arange(n))
        apart = np.maximum(steps - 1, 0) * size[k] * (1.0 - 1e-9)
        squares = squares + (apart**2).reshape([-1 if j == k else 1 for j in range(d)])
    chances = profile.probability(np.sqrt(squares))
    sums = np.fft.irfftn(np.fft.rfftn(counts) * np.fft.rfftn(chances), shape, axes=range(d))
    most = min(float(sums.max()) * _CERTAINLY, profile.p * len(source))
    return float(f"{math.ceil(most * 100.0) / 100.0:.6g}")
