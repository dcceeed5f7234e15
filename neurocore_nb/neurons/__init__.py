"""Neuron models."""

from ..declarations import Parameter, State
from .model import PER_AREA, PER_CELL, Level, NeuronModel, UpwardCrossing
from .models import (
    MODELS,
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

__all__ = [
    "MODELS",
    "PER_AREA",
    "PER_CELL",
    "AdExNeuron",
    "ButeraRespiratoryNeuron",
    "COBALIFNeuron",
    "ConnorStevensNeuron",
    "GolombFSNeuron",
    "HodgkinHuxleyNeuron",
    "Izhikevich2007Neuron",
    "LIFNeuron",
    "Level",
    "MorrisLecarNeuron",
    "NeuronModel",
    "Parameter",
    "PospischilNeuron",
    "State",
    "TraubMilesNeuron",
    "UpwardCrossing",
    "WangBuzsakiNeuron",
]
