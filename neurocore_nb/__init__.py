"""neurocore_nb: networks of Hodgkin-Huxley neurons in plain Python, with the same bits on any number of ranks.

Times are in s, rates in Hz, membrane potentials in mV, weights in the unit of the target's model.
"""

from . import units
from ._version import __version__
from .engine.comm import abort_on_uncaught_errors
from .engine.report import Report
from .errors import CheckpointedExit, CheckpointError, LaunchError, NumericalError, RunInterrupted, SimulationError
from .network.averages import AverageMonitor, RateMonitor
from .network.blocks import Blocks
from .network.coupling import GapJunction, GradedSynapse
from .network.distance import DistanceDependent
from .network.distributions import Normal, Uniform
from .network.lattice import Grid, grid_positions
from .network.monitor import SpikeMonitor, StateMonitor
from .network.network import Network
from .network.population import Population
from .network.projection import Projection
from .network.rules import Ring, ScaleFree, SmallWorld
from .network.source import PoissonPopulation, SpikeSource
from .network.space import Box, Exponential, Gaussian, OfDistance, uniform_positions
from .network.stimulus import OUConductance, OUCurrent, PoissonInput, SinusoidalCurrent, StepCurrent, TimedArray
from .network.weight_monitor import WeightMonitor
from .neurons import (
    DIMENSIONLESS,
    PER_AREA,
    PER_CELL,
    AdExNeuron,
    ButeraRespiratoryNeuron,
    COBALIFNeuron,
    ConnorStevensNeuron,
    DestexheReticularNeuron,
    DestexheThalamicNeuron,
    ExpIFNeuron,
    FitzHughNagumoNeuron,
    GLIFNeuron,
    GolombFSNeuron,
    HillTononiNeuron,
    HindmarshRoseNeuron,
    HodgkinHuxleyNeuron,
    Izhikevich2007Neuron,
    IzhikevichNeuron,
    LapicqueNeuron,
    Level,
    LIFNeuron,
    MainenSejnowskiNeuron,
    MorrisLecarNeuron,
    NeuronModel,
    Parameter,
    PinskyRinzelNeuron,
    PospischilNeuron,
    QuadraticIFNeuron,
    State,
    StochasticLIFNeuron,
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
    "DIMENSIONLESS",
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
    "Blocks",
    "Box",
    "ButeraRespiratoryNeuron",
    "COBALIFNeuron",
    "CheckpointError",
    "CheckpointedExit",
    "ConnorStevensNeuron",
    "CurrentPulse",
    "DestexheReticularNeuron",
    "DestexheThalamicNeuron",
    "DistanceDependent",
    "ExpConductance",
    "ExpCurrent",
    "ExpIFNeuron",
    "Exponential",
    "FitzHughNagumoNeuron",
    "GLIFNeuron",
    "GapJunction",
    "Gaussian",
    "GolombFSNeuron",
    "GradedRelease",
    "GradedSynapse",
    "Grid",
    "HillTononiNeuron",
    "HindmarshRoseNeuron",
    "HodgkinHuxleyNeuron",
    "InhibitorySTDP",
    "Izhikevich2007Neuron",
    "IzhikevichNeuron",
    "LIFNeuron",
    "LapicqueNeuron",
    "LaunchError",
    "Level",
    "MainenSejnowskiNeuron",
    "MorrisLecarNeuron",
    "Network",
    "NeuronModel",
    "Normal",
    "NumericalError",
    "OUConductance",
    "OUCurrent",
    "OfDistance",
    "Parameter",
    "PinskyRinzelNeuron",
    "Plan",
    "Plasticity",
    "PoissonInput",
    "PoissonPopulation",
    "Population",
    "PospischilNeuron",
    "Projection",
    "QuadraticIFNeuron",
    "RateMonitor",
    "Receptor",
    "Report",
    "RewardSTDP",
    "Ring",
    "RunInterrupted",
    "ScaleFree",
    "SimulationError",
    "SinusoidalCurrent",
    "SmallWorld",
    "SpikeMonitor",
    "SpikeSource",
    "State",
    "StateMonitor",
    "StepCurrent",
    "StochasticLIFNeuron",
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
    "grid_positions",
    "uniform_positions",
    "units",
]
