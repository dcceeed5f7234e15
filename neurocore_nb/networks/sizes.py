"""Sizes of scaled networks, and how long their currents flow."""

from __future__ import annotations

from ..network import checks

FOREVER = 1e6  # s: until when constant currents flow


def scaled(number: float, scale: float) -> int:
    """A published number of neurons or synapses, scaled and rounded; at least 1.

    Parameters
    ----------
    number : float
    scale : float
        Above 0; else a ValueError.
    """
    return max(1, round(number * checks.real_number(scale, "scale", "of the published size", above=0.0)))
