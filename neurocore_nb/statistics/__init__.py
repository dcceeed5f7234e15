"""Statistics of spikes and potentials: times in s, rates in Hz.

Spikes are a ``SpikeMonitor`` (under MPI on rank 0) or spike trains: ``Recording.spike_trains()`` of what is in a file,
those of Neo, or a list or dict with an array of times in s for each neuron of one population. All functions take the
window in which to look, ``duration`` and ``start`` in s, by default all that was recorded; arrays don't tell that, so
they need ``duration``. What isn't defined for a neuron is nan, such as the mean interval of one that is silent;
``numpy.nanmean`` averages over the others.

:func:`lv` and :func:`cv2` call Elephant, which comes with ``pip install "neurocore_nb[analysis]"``. All others need
NumPy and SciPy alone.
"""

from .population import coherence, pairwise_correlation, population_rate, spectrum, synchrony
from .response import f_i
from .single import cv, cv2, fano_factor, firing_rates, isi, lv

__all__ = [
    "coherence",
    "cv",
    "cv2",
    "f_i",
    "fano_factor",
    "firing_rates",
    "isi",
    "lv",
    "pairwise_correlation",
    "population_rate",
    "spectrum",
    "synchrony",
]
