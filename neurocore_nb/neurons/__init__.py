"""Neuron models."""

from ..declarations import Parameter, State
from .model import PER_AREA, PER_CELL, Level, NeuronModel, UpwardCrossing
from .models import (
    MODELS,
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

__all__ = [
    "MODELS",
    "PER_AREA",
    "PER_CELL",
    "AdExNeuron",
    "COBALIFNeuron",
    "DestexheReticularNeuron",
    "DestexheThalamicNeuron",
    "HillTononiNeuron",
    "HodgkinHuxleyNeuron",
    "Izhikevich2007Neuron",
    "LIFNeuron",
    "Level",
    "MainenSejnowskiNeuron",
    "NeuronModel",
    "Parameter",
    "PinskyRinzelNeuron",
    "State",
    "TraubMilesNeuron",
    "UpwardCrossing",
    "WangBuzsakiNeuron",
]
