"""neurocore_nb: networks of Hodgkin-Huxley neurons in plain Python, with the same bits on any number of ranks.

Times are in s, rates in Hz, membrane potentials in mV, weights in the unit of the target's model.
"""

from . import units
from ._version import __version__
from .engine.comm import abort_on_uncaught_errors
from .engine.report import Report
from .errors import LaunchError, NumericalError, SimulationError
from .network.distributions import Normal, Uniform
from .network.monitor import SpikeMonitor, StateMonitor
from .network.network import Network
from .network.population import Population
from .network.projection import Projection
from .network.stimulus import PoissonInput, StepCurrent, TimedArray
from .neurons import HodgkinHuxleyNeuron, NeuronModel

abort_on_uncaught_errors()

__all__ = [
    "HodgkinHuxleyNeuron",
    "LaunchError",
    "Network",
    "NeuronModel",
    "Normal",
    "NumericalError",
    "PoissonInput",
    "Population",
    "Projection",
    "Report",
    "SimulationError",
    "SpikeMonitor",
    "StateMonitor",
    "StepCurrent",
    "TimedArray",
    "Uniform",
    "__version__",
    "units",
]
