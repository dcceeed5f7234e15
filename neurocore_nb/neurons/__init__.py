"""Neuron models."""

from ..declarations import Parameter, State
from .model import PER_AREA, PER_CELL, Level, NeuronModel, UpwardCrossing
from .models import (
    MODELS,
    AdExNeuron,
    COBALIFNeuron,
    HodgkinHuxleyNeuron,
    Izhikevich2007Neuron,
    LIFNeuron,
    StochasticLIFNeuron,
    TraubMilesNeuron,
    WangBuzsakiNeuron,
)

__all__ = [
    "MODELS",
    "PER_AREA",
    "PER_CELL",
    "AdExNeuron",
    "COBALIFNeuron",
    "HodgkinHuxleyNeuron",
    "Izhikevich2007Neuron",
    "LIFNeuron",
    "Level",
    "NeuronModel",
    "Parameter",
    "State",
    "StochasticLIFNeuron",
    "TraubMilesNeuron",
    "UpwardCrossing",
    "WangBuzsakiNeuron",
]
