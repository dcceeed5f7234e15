"""Pictures of networks and of what they did, by matplotlib (``pip install "neurocore_nb[plot]"``).

Each function returns the Axes it has drawn on, or an array of them, and takes ``ax=`` to draw on others. None of them
shows or saves a picture: ``plot.raster(spikes)[0].figure.savefig("raster.png")``. Monitors are those of rank 0. Where
spikes are drawn, all that :mod:`neurocore_nb.statistics` takes can stand for a ``SpikeMonitor``: spike trains of a
``Recording``, of Neo, or arrays, with ``duration=``.
"""

try:
    import matplotlib  # noqa: F401
except ImportError:
    raise ImportError('neurocore_nb.plot needs matplotlib: pip install "neurocore_nb[plot]"') from None

from .connections import degrees, weight_histogram, weights
from .diagram import graph
from .intervals import cv, isi
from .reports import phases, timeline
from .spikes import raster, rates, spectrum
from .states import f_i_curve, traces

__all__ = [
    "cv",
    "degrees",
    "f_i_curve",
    "graph",
    "isi",
    "phases",
    "raster",
    "rates",
    "spectrum",
    "timeline",
    "traces",
    "weight_histogram",
    "weights",
]
