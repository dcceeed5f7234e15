"""Networks that have been published: each a function that returns a ``Network``, and an example of how to write one."""

from .central_pattern_generator import central_pattern_generator
from .cobahh import cobahh
from .ping import ping
from .thalamocortical import thalamocortical
from .wang_buzsaki import wang_buzsaki

__all__ = ["central_pattern_generator", "cobahh", "ping", "thalamocortical", "wang_buzsaki"]
