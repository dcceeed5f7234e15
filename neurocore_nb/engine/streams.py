"""Keys of random streams, and what is drawn from uniform numbers."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
import numpy.typing as npt

WIRING, WEIGHTS, DELAYS, PARAMETERS, INITIAL, POISSON, NOISE, SPIKES, OWN_NOISE = range(9)
_GIVEN = 2**32 - 1  # place of streams whose object has a seed of its own


def stream_key(seed: int, kind: int, place: int | None, name: str = "") -> np.uint64:
    """Key of a stream of random numbers.

    Parameters
    ----------
    seed : int
        Of the network, or of the object itself.
    kind : int
        One of this module's constants.
    place : int or None
        The object's place among the objects of its kind that draw; None where ``seed`` is its own.
    name : str
        Tells the streams of one object apart.

    Returns
    -------
    uint64
    """
    entropy = [seed, kind, _GIVEN if place is None else place, zlib.crc32(name.encode())]
    return np.uint64(np.random.SeedSequence(entropy).generate_state(1, np.uint64)[0])


def drawn(distribution: Any, u: npt.NDArray[np.float64]) -> npt.NDArray[Any]:
    """Values of a distribution at the quantiles u.

    Raises
    ------
    ValueError
        If a class of the user's gives others than it has promised: memory was reserved for the longest delay.
    """
    values = np.asarray(distribution.from_uniform(u))
    if _is_own(type(distribution).from_uniform):
        return values
    low, high = distribution.support()
    fits = values.shape in (u.shape, ())
    if not (fits and low <= np.min(values, initial=high) and np.max(values, initial=low) <= high):
        raise ValueError(
            f"{distribution!r}: from_uniform must return as many numbers as it is given, within the support from "
            f"{low!r} to {high!r}"
        )
    return values


def _is_own(function: Any) -> bool:
    """Whether it is one of this package, which needs no check: of many synapses that takes a third of the time."""
    return str(function.__module__).partition(".")[0] == __name__.partition(".")[0]
