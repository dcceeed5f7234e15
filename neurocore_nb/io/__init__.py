"""Files that other programs read, and objects of Neo; works on plain arrays. Extras ``files`` and ``analysis``."""

from .merge import merge
from .recording import Recording
from .trains import SpikeTrains

__all__ = ["Recording", "SpikeTrains", "merge"]
