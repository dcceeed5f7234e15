"""What models declare beside states and functions: their units, and when they spike."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Units:
    """A system of units that is consistent with the potential's, most often mV, and ms."""

    current: str
    conductance: str
    capacitance: str


PER_AREA = Units("uA/cm2", "mS/cm2", "uF/cm2")
"""Units of the Hodgkin-Huxley family."""
PER_CELL = Units("pA", "nS", "pF")
"""Units of the integrate-and-fire family."""
DIMENSIONLESS = Units("", "", "")
"""Units of models in which all but time is a number."""


@dataclass(frozen=True)
class SpikeRule:
    """When a neuron fires; look for a spike is made at the end of each substep.

    Attributes
    ----------
    variable : str
        The state that is compared with the threshold.
    threshold : float or str
        A number or the name of a parameter or state.
    refractory : float or str
        Time in ms after a spike in which none is seen; a number or the name of a parameter.
    held : tuple of str
        States that don't change in that time.
    """

    variable: str
    threshold: float | str
    refractory: float | str = 0.0
    held: tuple[str, ...] = ()


class UpwardCrossing(SpikeRule):
    """A spike is the passage from below the threshold to it or beyond.

    Parameters
    ----------
    variable : str
        The state that is compared with the threshold.
    threshold : float or str
        A number or the name of a parameter or of another state, in the state's unit.
    refractory : float or str
        Time in ms after a spike in which none is seen; a number or the name of a parameter.
    held : tuple of str
        States that don't change in that time, such as ``("v",)`` of an integrate-and-fire neuron.
    """


class Level(SpikeRule):
    """A spike is any value at or above the threshold, outside the refractory time.

    Parameters
    ----------
    variable : str
        The state that is compared with the threshold.
    threshold : float or str
        A number or the name of a parameter or of another state, in the state's unit.
    refractory : float or str
        Time in ms after a spike in which none is seen; a number or the name of a parameter.
    held : tuple of str
        States that don't change in that time, such as ``("v",)`` of an integrate-and-fire neuron.
    """
