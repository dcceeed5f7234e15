"""Networks that have been published: each a function that returns a ``Network``, and an example of how to write one."""

from .cobahh import cobahh
from .decision_making import decision_making
from .potjans_diesmann import potjans_diesmann
from .working_memory import working_memory

__all__ = ["cobahh", "decision_making", "potjans_diesmann", "working_memory"]
