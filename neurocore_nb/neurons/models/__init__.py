"""The models that come with the package, one file each; ``MODELS`` finds them by name."""

from ..model import NeuronModel
from .adex import AdExNeuron
from .destexhe_thalamic import DestexheReticularNeuron, DestexheThalamicNeuron
from .hill_tononi import HillTononiNeuron
from .hodgkin_huxley import HodgkinHuxleyNeuron
from .izhikevich import Izhikevich2007Neuron
from .lif import COBALIFNeuron, LIFNeuron
from .mainen_sejnowski import MainenSejnowskiNeuron
from .pinsky_rinzel import PinskyRinzelNeuron
from .traub_miles import TraubMilesNeuron
from .wang_buzsaki import WangBuzsakiNeuron

__all__ = [
    "MODELS",
    "AdExNeuron",
    "COBALIFNeuron",
    "DestexheReticularNeuron",
    "DestexheThalamicNeuron",
    "HillTononiNeuron",
    "HodgkinHuxleyNeuron",
    "Izhikevich2007Neuron",
    "LIFNeuron",
    "MainenSejnowskiNeuron",
    "PinskyRinzelNeuron",
    "TraubMilesNeuron",
    "WangBuzsakiNeuron",
]

MODELS: dict[str, type[NeuronModel]] = {
    model.__name__: model
    for model in (
        AdExNeuron,
        COBALIFNeuron,
        DestexheReticularNeuron,
        DestexheThalamicNeuron,
        HillTononiNeuron,
        HodgkinHuxleyNeuron,
        Izhikevich2007Neuron,
        LIFNeuron,
        MainenSejnowskiNeuron,
        PinskyRinzelNeuron,
        TraubMilesNeuron,
        WangBuzsakiNeuron,
    )
}
