"""The models that come with the package, one file each; ``MODELS`` finds them by name."""

from ..model import NeuronModel
from .adex import AdExNeuron
from .exp_if import ExpIFNeuron
from .fitzhugh_nagumo import FitzHughNagumoNeuron
from .glif import GLIFNeuron
from .hindmarsh_rose import HindmarshRoseNeuron
from .hodgkin_huxley import HodgkinHuxleyNeuron
from .izhikevich import Izhikevich2007Neuron, IzhikevichNeuron
from .lapicque import LapicqueNeuron
from .lif import COBALIFNeuron, LIFNeuron
from .quadratic_if import QuadraticIFNeuron
from .stochastic_lif import StochasticLIFNeuron
from .traub_miles import TraubMilesNeuron
from .wang_buzsaki import WangBuzsakiNeuron

__all__ = [
    "MODELS",
    "AdExNeuron",
    "COBALIFNeuron",
    "ExpIFNeuron",
    "FitzHughNagumoNeuron",
    "GLIFNeuron",
    "HindmarshRoseNeuron",
    "HodgkinHuxleyNeuron",
    "Izhikevich2007Neuron",
    "IzhikevichNeuron",
    "LIFNeuron",
    "LapicqueNeuron",
    "QuadraticIFNeuron",
    "StochasticLIFNeuron",
    "TraubMilesNeuron",
    "WangBuzsakiNeuron",
]

MODELS: dict[str, type[NeuronModel]] = {
    model.__name__: model
    for model in (
        AdExNeuron,
        COBALIFNeuron,
        ExpIFNeuron,
        FitzHughNagumoNeuron,
        GLIFNeuron,
        HindmarshRoseNeuron,
        HodgkinHuxleyNeuron,
        Izhikevich2007Neuron,
        IzhikevichNeuron,
        LIFNeuron,
        StochasticLIFNeuron,
        LapicqueNeuron,
        QuadraticIFNeuron,
        TraubMilesNeuron,
        WangBuzsakiNeuron,
    )
}
