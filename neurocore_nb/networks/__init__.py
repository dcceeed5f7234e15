"""Networks that have been published: each a function that returns a ``Network``, and an example of how to write one."""

from .cobahh import cobahh
from .ping import ping
from .wang_buzsaki import wang_buzsaki

__all__ = ["cobahh", "ping", "wang_buzsaki"]
