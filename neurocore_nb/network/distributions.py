"""Distributions from which parameters, initial states, weights and delays are drawn.

A distribution turns uniform numbers into its own by its inverse cumulative distribution function. The uniform
numbers are keyed by seed and neuron or synapse, so a draw doesn't depend on how the network is divided.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..kernels.rng import truncated_normals

_LEAST_WITHIN = 1e-6  # of all numbers; of fewer, uniform numbers of 53 bits don't tell enough apart
_REACH = 8.3  # standard deviations that the smallest uniform number, 2**-53, stands for


class Distribution:
    """Base of distributions."""

    def support(self) -> tuple[float, float]:
        """Smallest and largest value that can be drawn."""
        raise NotImplementedError

    def from_uniform(self, u: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Values at the quantiles ``u``, each in the open interval (0, 1)."""
        raise NotImplementedError


def _number(name: str, **numbers: float) -> None:
    for key, value in numbers.items():
        if not isinstance(value, int | float | np.number) or isinstance(value, bool):
            raise TypeError(f"{name}: {key} = {value!r} is not a number")


def _finite(name: str, **numbers: float) -> None:
    _number(name, **numbers)
    for key, value in numbers.items():
        if not math.isfinite(value):
            raise ValueError(f"{name}: {key} = {value!r} is not a finite number")


@dataclass(frozen=True)
class Normal(Distribution):
    """Normal distribution; values beyond ``low`` and ``high`` are set to them.

    Parameters
    ----------
    mean, sd : float
        In the unit of what is drawn.
    low, high : float, optional

    Raises
    ------
    ValueError
        If a number is not finite, ``sd`` is negative or ``low`` is above ``high``.

    Examples
    --------
    >>> Normal(-65.0, 5.0, low=-80.0).support()
    (-80.0, -23.5)
    """

    mean: float
    sd: float
    low: float = -math.inf
    high: float = math.inf

    def __post_init__(self) -> None:
        _finite("Normal", mean=self.mean, sd=self.sd)
        _number("Normal", low=self.low, high=self.high)
        if self.sd < 0:
            raise ValueError(f"Normal: sd = {self.sd!r} must not be negative")
        if not self.low <= self.high:
            raise ValueError(f"Normal: low = {self.low!r} must not be above high = {self.high!r}")

    def support(self) -> tuple[float, float]:
        """Smallest and largest value that can be drawn (without bounds, 8.3 standard deviations away)."""
        reach = _REACH * self.sd
        return (
            float(min(max(self.mean - reach, self.low), self.high)),
            float(max(min(self.mean + reach, self.high), self.low)),
        )

    def from_uniform(self, u: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Values at the quantiles ``u``."""
        values = np.array(u, np.float64)
        flat = values.reshape(-1)
        truncated_normals(flat, *self._parts(), float(self.mean), float(self.sd), *self.support(), flat)
        return values

    def _parts(self) -> tuple[float, float, float]:
        """What part of all numbers isn't drawn as it is too low, what part is drawn, and what is too high."""
        return 0.0, 1.0, 0.0


@dataclass(frozen=True)
class TruncatedNormal(Normal):
    """Normal distribution without what lies beyond ``low`` and ``high``: drawn again until a number is within them.

    Parameters
    ----------
    mean, sd : float
        Of the distribution before it is truncated, in the unit of what is drawn.
    low, high : float, optional

    Raises
    ------
    ValueError
        As for :class:`Normal`; or if there is next to nothing between ``low`` and ``high``, or ``sd`` is 0.

    Examples
    --------
    >>> TruncatedNormal(1.5e-3, 0.75e-3, low=0.1e-3, high=5e-3).support()
    (0.0001, 0.005)
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.sd == 0.0 or self._parts()[1] < _LEAST_WITHIN:
            raise ValueError(
                f"{self!r}: hardly any number of such a distribution lies between low and high; Normal sets those "
                "beyond the bounds to them"
            )

    def _parts(self) -> tuple[float, float, float]:
        low, high = ((bound - self.mean) / (self.sd * math.sqrt(2.0)) for bound in (self.low, self.high))
        below, above = 0.5 * math.erfc(-low), 0.5 * math.erfc(high)
        return below, 1.0 - below - above, above


@dataclass(frozen=True)
class Uniform(Distribution):
    """Uniform distribution between ``low`` and ``high``.

    Parameters
    ----------
    low, high : float
        In the unit of what is drawn.

    Raises
    ------
    ValueError
        If a number is not finite or ``low`` is above ``high``.

    Examples
    --------
    >>> Uniform(0.5e-3, 2e-3).support()
    (0.0005, 0.002)
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        _finite("Uniform", low=self.low, high=self.high)
        if not self.low <= self.high:
            raise ValueError(f"Uniform: low = {self.low!r} must not be above high = {self.high!r}")

    def support(self) -> tuple[float, float]:
        """Smallest and largest value that can be drawn."""
        return float(self.low), float(self.high)

    def from_uniform(self, u: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Values at the quantiles ``u``."""
        values: npt.NDArray[np.float64] = np.clip(self.low + (self.high - self.low) * u, self.low, self.high)
        return values
