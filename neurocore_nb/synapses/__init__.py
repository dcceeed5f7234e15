"""How arriving weights act on neurons."""

from .receptor import Receptor
from .receptors import (
    GABAB,
    NMDA,
    AlphaConductance,
    AlphaCurrent,
    BiexpConductance,
    CurrentPulse,
    ExpConductance,
    ExpCurrent,
    GradedRelease,
    VoltageJump,
)

__all__ = [
    "GABAB",
    "NMDA",
    "AlphaConductance",
    "AlphaCurrent",
    "BiexpConductance",
    "CurrentPulse",
    "ExpConductance",
    "ExpCurrent",
    "GradedRelease",
    "Receptor",
    "VoltageJump",
]
