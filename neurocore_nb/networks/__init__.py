"""Networks that have been published: each a function that returns a ``Network``, and an example of how to write one."""

from .cobahh import cobahh
from .potjans_diesmann import potjans_diesmann

__all__ = ["cobahh", "potjans_diesmann"]
