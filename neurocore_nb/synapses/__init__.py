"""How arriving weights act on neurons, and how spikes change them."""

from .plasticity import Plasticity, Trace
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
from .rules import STDP, InhibitorySTDP, PowerLawSTDP, RewardSTDP, TripletSTDP, TsodyksMarkram

__all__ = [
    "GABAB",
    "NMDA",
    "STDP",
    "AlphaConductance",
    "AlphaCurrent",
    "BiexpConductance",
    "CurrentPulse",
    "ExpConductance",
    "ExpCurrent",
    "GradedRelease",
    "InhibitorySTDP",
    "Plasticity",
    "PowerLawSTDP",
    "Receptor",
    "RewardSTDP",
    "Trace",
    "TripletSTDP",
    "TsodyksMarkram",
    "VoltageJump",
]
