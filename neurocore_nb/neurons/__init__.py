"""Neuron models."""

from ..declarations import Parameter, State
from .model import DIMENSIONLESS, PER_AREA, PER_CELL, Level, NeuronModel, UpwardCrossing
from .models import (
    MODELS,
    AdExNeuron,
    COBALIFNeuron,
    ExpIFNeuron,
    FitzHughNagumoNeuron,
    GLIFNeuron,
    HindmarshRoseNeuron,
    HodgkinHuxleyNeuron,
    Izhikevich2007Neuron,
    IzhikevichNeuron,
    LapicqueNeuron,
    LIFNeuron,
    QuadraticIFNeuron,
    StochasticLIFNeuron,
    TraubMilesNeuron,
    WangBuzsakiNeuron,
)

__all__ = [
    "DIMENSIONLESS",
    "MODELS",
    "PER_AREA",
    "PER_CELL",
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
    "Level",
    "NeuronModel",
    "Parameter",
    "QuadraticIFNeuron",
    "State",
    "StochasticLIFNeuron",
    "TraubMilesNeuron",
    "UpwardCrossing",
    "WangBuzsakiNeuron",
]
