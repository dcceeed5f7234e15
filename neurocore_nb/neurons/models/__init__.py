"""The models that come with the package, one file each; ``MODELS`` finds them by name."""

from ..model import NeuronModel
from .adex import AdExNeuron
from .butera import ButeraRespiratoryNeuron
from .connor_stevens import ConnorStevensNeuron
from .golomb import GolombFSNeuron
from .hodgkin_huxley import HodgkinHuxleyNeuron
from .izhikevich import Izhikevich2007Neuron
from .lif import COBALIFNeuron, LIFNeuron
from .morris_lecar import MorrisLecarNeuron
from .pospischil import PospischilNeuron
from .traub_miles import TraubMilesNeuron
from .wang_buzsaki import WangBuzsakiNeuron

__all__ = [
    "MODELS",
    "AdExNeuron",
    "ButeraRespiratoryNeuron",
    "COBALIFNeuron",
    "ConnorStevensNeuron",
    "GolombFSNeuron",
    "HodgkinHuxleyNeuron",
    "Izhikevich2007Neuron",
    "LIFNeuron",
    "MorrisLecarNeuron",
    "PospischilNeuron",
    "TraubMilesNeuron",
    "WangBuzsakiNeuron",
]

MODELS: dict[str, type[NeuronModel]] = {
    model.__name__: model
    for model in (
        AdExNeuron,
        ButeraRespiratoryNeuron,
        COBALIFNeuron,
        ConnorStevensNeuron,
        GolombFSNeuron,
        HodgkinHuxleyNeuron,
        Izhikevich2007Neuron,
        LIFNeuron,
        MorrisLecarNeuron,
        PospischilNeuron,
        TraubMilesNeuron,
        WangBuzsakiNeuron,
    )
}
