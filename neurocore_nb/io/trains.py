"""Spike trains, and for how long they were recorded."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


class SpikeTrains(dict[int, FloatArray]):
    """A dict with the spike times in s of each neuron, which knows when they were recorded.

    ``neurocore_nb.statistics`` and ``neurocore_nb.plot`` take it as they take a ``SpikeMonitor``.

    Parameters
    ----------
    trains : dict of int to float64[n_spikes]
        Ascending times of each neuron, silent ones included.
    t_stop : float
        Until when they were recorded, in s.
    t_start : float
        From when on, in s.
    label : str
        Of the population, for pictures.

    Examples
    --------
    >>> from neurocore_nb import statistics
    >>> from neurocore_nb.io import SpikeTrains
    >>> trains = SpikeTrains({0: [0.1, 0.6], 1: []}, t_stop=0.5, label="cells")
    >>> statistics.firing_rates(trains)
    array([2., 0.])
    """

    def __init__(
        self, trains: Mapping[int, FloatArray], t_stop: float, *, t_start: float = 0.0, label: str = ""
    ) -> None:
        super().__init__(trains)
        self.t_start, self.t_stop, self.label = t_start, t_stop, label


def trains_of(t: FloatArray, i: IntArray, n: int) -> list[FloatArray]:
    """The spike times of each of n neurons, in the order in which they are given.

    Parameters
    ----------
    t : float64[n_spikes]
    i : int64[n_spikes]
        Which neuron fired, from 0 to n - 1.
    n : int
    """
    order = np.argsort(i, kind="stable")
    ends = np.cumsum(np.bincount(i, minlength=n))
    return np.split(t[order], ends[:-1]) if n else []
