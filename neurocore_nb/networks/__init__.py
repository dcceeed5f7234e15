"""Networks that have been published: each a function that returns a ``Network``, and an example of how to write one."""

from .brunel import BRUNEL_REGIMES, brunel
from .cobahh import cobahh
from .hpc_benchmark import hpc_benchmark
from .vogels_abbott import coba, cuba
from .vogels_istdp import vogels_istdp

__all__ = ["BRUNEL_REGIMES", "brunel", "coba", "cobahh", "cuba", "hpc_benchmark", "vogels_istdp"]
