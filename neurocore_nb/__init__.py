"""neurocore_nb: networks of Hodgkin-Huxley neurons in plain Python, with the same bits on any number of ranks.

Times are in s, rates in Hz, membrane potentials in mV, weights in the unit of the target's model.
"""

from . import units
from ._version import __version__
from .engine.comm import abort_on_uncaught_errors
from .engine.report import Report
from .errors import CheckpointedExit, CheckpointError, LaunchError, NumericalError, RunInterrupted, SimulationError
from .network.averages import AverageMonitor, RateMonitor
from .network.coupling import GapJunction, GradedSynapse
from .network.distributions import Normal, Uniform
from .network.monitor import SpikeMonitor, StateMonitor
from .network.network import Network
from .network.population import Population
from .network.projection import Projection
from .network.source import PoissonPopulation, SpikeSource
from .network.stimulus import OUConductance, OUCurrent, PoissonInput, SinusoidalCurrent, StepCurrent, TimedArray
from .network.weight_monitor import WeightMonitor
from .neurons import (
    PER_AREA,
    PER_CELL,
    AdExNeuron,
    COBALIFNeuron,
    DestexheReticularNeuron,
    DestexheThalamicNeuron,
    HillTononiNeuron,
    HodgkinHuxleyNeuron,
    Izhikevich2007Neuron,
    Level,
    LIFNeuron,
    MainenSejnowskiNeuron,
    NeuronModel,
    Parameter,
    PinskyRinzelNeuron,
    State,
    TraubMilesNeuron,
    UpwardCrossing,
    WangBuzsakiNeuron,
)
from .planning.plan import Plan
from .synapses import (
    GABAB,
    NMDA,
    STDP,
    AlphaConductance,
    AlphaCurrent,
    BiexpConductance,
    CurrentPulse,
    ExpConductance,
    ExpCurrent,
    GradedRelease,
    InhibitorySTDP,
    Plasticity,
    Receptor,
    RewardSTDP,
    Trace,
    TripletSTDP,
    TsodyksMarkram,
    VoltageJump,
)

abort_on_uncaught_errors()

__all__ = [
    "GABAB",
    "NMDA",
    "PER_AREA",
    "PER_CELL",
    "STDP",
    "AdExNeuron",
    "AlphaConductance",
    "AlphaCurrent",
    "AverageMonitor",
    "BiexpConductance",
    "COBALIFNeuron",
    "CheckpointError",
    "CheckpointedExit",
    "CurrentPulse",
    "DestexheReticularNeuron",
    "DestexheThalamicNeuron",
    "ExpConductance",
    "ExpCurrent",
    "GapJunction",
    "GradedRelease",
    "GradedSynapse",
    "HillTononiNeuron",
    "HodgkinHuxleyNeuron",
    "InhibitorySTDP",
    "Izhikevich2007Neuron",
    "LIFNeuron",
    "LaunchError",
    "Level",
    "MainenSejnowskiNeuron",
    "Network",
    "NeuronModel",
    "Normal",
    "NumericalError",
    "OUConductance",
    "OUCurrent",
    "Parameter",
    "PinskyRinzelNeuron",
    "Plan",
    "Plasticity",
    "PoissonInput",
    "PoissonPopulation",
    "Population",
    "Projection",
    "RateMonitor",
    "Receptor",
    "Report",
    "RewardSTDP",
    "RunInterrupted",
    "SimulationError",
    "SinusoidalCurrent",
    "SpikeMonitor",
    "SpikeSource",
    "State",
    "StateMonitor",
    "StepCurrent",
    "TimedArray",
    "Trace",
    "TraubMilesNeuron",
    "TripletSTDP",
    "TsodyksMarkram",
    "Uniform",
    "UpwardCrossing",
    "VoltageJump",
    "WangBuzsakiNeuron",
    "WeightMonitor",
    "__version__",
    "units",
]
