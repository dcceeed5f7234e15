"""The models that come with the package, one file each; ``MODELS`` finds them by name."""

from ..model import NeuronModel
from .adex import AdExNeuron
from .butera import ButeraRespiratoryNeuron
from .connor_stevens import ConnorStevensNeuron
from .destexhe_thalamic import DestexheReticularNeuron, DestexheThalamicNeuron
from .exp_if import ExpIFNeuron
from .fitzhugh_nagumo import FitzHughNagumoNeuron
from .glif import GLIFNeuron
from .golomb import GolombFSNeuron
from .hill_tononi import HillTononiNeuron
from .hindmarsh_rose import HindmarshRoseNeuron
from .hodgkin_huxley import HodgkinHuxleyNeuron
from .izhikevich import Izhikevich2007Neuron, IzhikevichNeuron
from .lapicque import LapicqueNeuron
from .lif import COBALIFNeuron, LIFNeuron
from .mainen_sejnowski import MainenSejnowskiNeuron
from .morris_lecar import MorrisLecarNeuron
from .pinsky_rinzel import PinskyRinzelNeuron
from .pospischil import PospischilNeuron
from .quadratic_if import QuadraticIFNeuron
from .stochastic_lif import StochasticLIFNeuron
from .traub_miles import TraubMilesNeuron
from .wang_buzsaki import WangBuzsakiNeuron

__all__ = [
    "MODELS",
    "AdExNeuron",
    "ButeraRespiratoryNeuron",
    "COBALIFNeuron",
    "ConnorStevensNeuron",
    "DestexheReticularNeuron",
    "DestexheThalamicNeuron",
    "ExpIFNeuron",
    "FitzHughNagumoNeuron",
    "GLIFNeuron",
    "GolombFSNeuron",
    "HillTononiNeuron",
    "HindmarshRoseNeuron",
    "HodgkinHuxleyNeuron",
    "Izhikevich2007Neuron",
    "IzhikevichNeuron",
    "LIFNeuron",
    "LapicqueNeuron",
    "MainenSejnowskiNeuron",
    "MorrisLecarNeuron",
    "PinskyRinzelNeuron",
    "PospischilNeuron",
    "QuadraticIFNeuron",
    "StochasticLIFNeuron",
    "TraubMilesNeuron",
    "WangBuzsakiNeuron",
]

MODELS: dict[str, type[NeuronModel]] = {
    model.__name__: model
    for model in (
        AdExNeuron,
        ButeraRespiratoryNeuron,
        COBALIFNeuron,
        ExpIFNeuron,
        FitzHughNagumoNeuron,
        GLIFNeuron,
        HindmarshRoseNeuron,
        ConnorStevensNeuron,
        GolombFSNeuron,
        DestexheReticularNeuron,
        DestexheThalamicNeuron,
        HillTononiNeuron,
        HodgkinHuxleyNeuron,
        Izhikevich2007Neuron,
        IzhikevichNeuron,
        LIFNeuron,
        StochasticLIFNeuron,
        LapicqueNeuron,
        QuadraticIFNeuron,
        MorrisLecarNeuron,
        PospischilNeuron,
        MainenSejnowskiNeuron,
        PinskyRinzelNeuron,
        TraubMilesNeuron,
        WangBuzsakiNeuron,
    )
}
