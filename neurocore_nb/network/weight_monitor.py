"""Weights recorded while a network runs."""

from __future__ import annotations

from os import PathLike
from typing import Any

import numpy as np
import numpy.typing as npt

from . import checks
from .checks import FloatArray
from .facts import several
from .monitor_base import IntArray, Pieces
from .population import population_of
from .projection import STORED, Projection
from .sample_monitor import SampleMonitor, sequence_of_indices


class WeightMonitor(SampleMonitor):
    """Records weights of a projection at regular times: those of some synapses, or how they are distributed.

    Parameters
    ----------
    projection : Projection
    pairs : tuple (pre, post) of integer arrays, optional
        Whose synapses to record, by indices within the projection's source and target. Where a pair has several, the
        sum of them is recorded.
    bins : array of shape (n_bins + 1,), optional
        Borders of bins, ascending: the number of synapses in each is recorded, of all synapses of the projection.
    interval : float
        Time between samples in s, a multiple of the run's dt. Samples are taken at the start of a network step, after
        all spikes before it.
    variables : sequence of str
        ``"w"``, and states that the learning rule gives to each synapse; bins are of the first.
    to : path, optional
        HDF5 file for what is recorded of pairs, as for :class:`SpikeMonitor`.

    Attributes
    ----------
    t : float64[n_samples]
        Times of the samples in s; on every rank.
    weights : array of shape (n_samples, n_pairs)
        Weights of the pairs, with their sign; on rank 0. ``traces`` has all ``variables``.
    histogram : int64 array of shape (n_samples, n_bins)
        How many synapses of all ranks are in each bin; on rank 0.
    local_record : int64 array of shape (n_local,)
        The pairs on this rank, as positions within ``pairs``.

    Raises
    ------
    TypeError, ValueError
        If a value is not legal; at the first run, if a pair has no synapse.

    Examples
    --------
    >>> from neurocore_nb import STDP, LIFNeuron, Network, PoissonPopulation, Population, Projection, WeightMonitor
    >>> pre, cells = PoissonPopulation(100, rate_hz=50.0), Population(LIFNeuron, 10)
    >>> learning = Projection(pre, cells, weight=400.0, probability=0.5, plasticity=STDP(a_plus=0.01))
    >>> learned = WeightMonitor(learning, bins=[0.0, 390.0, 410.0, 800.0], interval=0.05)
    >>> report = Network(pre, cells, learning, learned, seed=1).run(0.2, dt=1e-4)
    >>> learned.t, learned.histogram.sum(axis=1) == learning.matrix().nnz
    (array([0.  , 0.05, 0.1 , 0.15]), array([ True,  True,  True,  True]))
    """

    def __init__(
        self,
        projection: Projection,
        pairs: Any = None,
        bins: Any = None,
        *,
        interval: float,
        variables: Any = ("w",),
        to: str | PathLike[str] | None = None,
    ) -> None:
        if not isinstance(projection, Projection):
            raise TypeError(f"what WeightMonitor watches must be a projection, not {projection!r}")
        self.projection = projection
        super().__init__(projection.target, to)
        if projection.storage != STORED:
            raise ValueError(f"{self.name}: {projection.storage} synapses aren't kept; their weight is one number")
        self.variables = self._variables(variables)
        self.interval = checks.real_number(interval, f"{self.name}: interval", "s", above=0.0)
        self.dtype = projection.weight_dtype
        given = ([], []) if pairs is None else pairs
        if not (isinstance(given, tuple | list) and len(given) == 2):
            raise TypeError(f"{self.name}: pairs must be (pre, post), two arrays of indices, not {pairs!r}")
        self.pre = sequence_of_indices(given[0], projection.source.n, f"{self.name}: pre", "neurons of the source")
        self.record = sequence_of_indices(given[1], projection.target.n, f"{self.name}: post", "neurons of the target")
        if len(self.pre) != len(self.record):
            raise ValueError(f"{self.name}: pairs hold {len(self.pre)} sources and {len(self.record)} targets")
        self.bins = self._bins(bins)
        self.clear()

    def _variables(self, variables: Any) -> tuple[str, ...]:
        learning = self.projection.learning
        known = ["w", *(() if learning is None else learning.rule.states)]
        names = (variables,) if isinstance(variables, str) else tuple(variables)
        for name in names:
            if name not in known:
                raise ValueError(f"{self.name}: synapses have no {name!r}; they have {', '.join(known)}")
        return tuple(dict.fromkeys(names))

    def _bins(self, bins: Any) -> FloatArray:
        if bins is None:
            return np.empty(0)
        found = checks.real_array(bins, f"{self.name}: bins", "the unit of the weight")
        if found.ndim != 1 or len(found) < 2 or not (np.diff(found) > 0.0).all():
            raise ValueError(f"{self.name}: bins must be at least two borders, ascending, not {bins!r}")
        return found

    def _watched(self) -> str:
        return self.projection._ends()

    def _recorded(self) -> str:
        pairs = [several(len(self.pre), "pair")] * (len(self.pre) > 0)
        return " and ".join([*pairs, *[several(len(self.bins) - 1, "bin")] * (len(self.bins) > 0)]) or "nothing"

    def clear(self) -> None:
        """Forget all samples."""
        super().clear()
        self._histogram = Pieces(np.empty((0, max(0, len(self.bins) - 1)), np.int64))

    @property
    def weights(self) -> npt.NDArray[Any]:
        """Weights of the pairs, with their sign, shape (n_samples, n_pairs); on rank 0."""
        return self.traces["w"]

    @property
    def histogram(self) -> IntArray:
        """How many synapses of all ranks are in each bin, shape (n_samples, n_bins); on rank 0."""
        self._only_on_rank_0("histogram", "projection.matrix()")
        counts: IntArray = self._histogram.whole
        return counts

    def count(self, histogram: IntArray) -> None:
        """Append the histograms of some steps (called by the engine, on rank 0)."""
        self._histogram.append(histogram)

    def file_label(self) -> str:
        """What the file calls the synapses."""
        return f"{self.projection.source.parent.label}-{self.population.parent.label}"

    def unit_of(self, name: str) -> str:
        """The unit of a weight; of other states of synapses none is declared."""
        return population_of(self.population).weight_unit(self.projection.receptor) if name == "w" else ""

    def _names(self) -> list[str]:
        return [f"{pre} {post}" for pre, post in zip(self.pre, self.record, strict=True)]

    def _arrays(self) -> dict[str, npt.NDArray[Any]]:
        recorded = {"t": self.t, "pre": self.pre, "post": self.record, **self.traces}
        return recorded | ({"bins": self.bins, "histogram": self.histogram} if len(self.bins) else {})

    def _source_ids(self) -> npt.NDArray[np.uint64]:
        return (self.pre[self.columns] + self.projection.source.start).astype(np.uint64)

    def memory(self) -> dict[str, npt.NDArray[Any]]:
        """What this rank has to write into a checkpoint."""
        return super().memory() | {"histogram": self._histogram.whole}
