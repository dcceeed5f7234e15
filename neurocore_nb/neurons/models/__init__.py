"""The models that come with the package, one file each; ``MODELS`` finds them by name."""

from ..model import NeuronModel
from .hodgkin_huxley import HodgkinHuxleyNeuron

MODELS: dict[str, type[NeuronModel]] = {model.__name__: model for model in (HodgkinHuxleyNeuron,)}

__all__ = ["MODELS", "HodgkinHuxleyNeuron"]
