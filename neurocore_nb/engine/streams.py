"""Keys of random streams."""

from __future__ import annotations

import zlib

import numpy as np

WIRING, WEIGHTS, DELAYS, PARAMETERS, INITIAL, POISSON, NOISE, SPIKES = range(8)
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
