"""Networks that have been published: each a function that returns a ``Network``, and an example of how to write one."""

from .brunel import BRUNEL_REGIMES, brunel
from .central_pattern_generator import central_pattern_generator
from .cobahh import cobahh
from .decision_making import decision_making
from .hpc_benchmark import hpc_benchmark
from .ping import ping
from .potjans_diesmann import potjans_diesmann
from .thalamocortical import thalamocortical
from .vogels_abbott import coba, cuba
from .vogels_istdp import vogels_istdp
from .wang_buzsaki import wang_buzsaki
from .working_memory import working_memory

__all__ = [
    "BRUNEL_REGIMES",
    "brunel",
    "central_pattern_generator",
    "coba",
    "cobahh",
    "cuba",
    "decision_making",
    "hpc_benchmark",
    "ping",
    "potjans_diesmann",
    "thalamocortical",
    "vogels_istdp",
    "wang_buzsaki",
    "working_memory",
]
