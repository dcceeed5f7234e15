"""The models that come with the package, one file each; ``MODELS`` finds them by name."""

from ..model import NeuronModel
from .adex import AdExNeuron
from .hodgkin_huxley import HodgkinHuxleyNeuron
from .izhikevich import Izhikevich2007Neuron
from .lif import COBALIFNeuron, LIFNeuron
from .stochastic_lif import StochasticLIFNeuron
from .traub_miles import TraubMilesNeuron
from .wang_buzsaki import WangBuzsakiNeuron

__all__ = [
    "MODELS",
    "AdExNeuron",
    "COBALIFNeuron",
    "HodgkinHuxleyNeuron",
    "Izhikevich2007Neuron",
    "LIFNeuron",
    "StochasticLIFNeuron",
    "TraubMilesNeuron",
    "WangBuzsakiNeuron",
]

MODELS: dict[str, type[NeuronModel]] = {
    model.__name__: model
    for model in (
        AdExNeuron,
        COBALIFNeuron,
        HodgkinHuxleyNeuron,
        Izhikevich2007Neuron,
        LIFNeuron,
        StochasticLIFNeuron,
        TraubMilesNeuron,
        WangBuzsakiNeuron,
    )
}
