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
    "Receptor",
    "VoltageJump",
]
