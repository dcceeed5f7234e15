"""Neuron models."""

from .model import NeuronModel, Parameter, State, UpwardCrossing
from .models import MODELS, HodgkinHuxleyNeuron

__all__ = ["MODELS", "HodgkinHuxleyNeuron", "NeuronModel", "Parameter", "State", "UpwardCrossing"]
