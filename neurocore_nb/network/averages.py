"""What populations do as a whole, recorded while a network runs: rates and averages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .checks import FloatArray
from .facts import several
from .monitor_base import IntArray, Monitor, Pieces
from .population import Neurons, population_of
from .sample_monitor import sampling_interval, state_names


class RateMonitor(Monitor):
    """Records how often the neurons of a population fire, in bins of time; takes no memory for spikes.

    Parameters
    ----------
    population : Population or part of one
    interval : float, optional
        Width of a bin in s, a multiple of the run's dt, which is the default.

    Attributes
    ----------
    interval : float or None
    t : float64[n_bins]
        When the bins begin, in s; of those that are complete. On every rank.
    rate : float64[n_bins]
        Mean rate of the neurons in each bin, in Hz; on every rank.

    Examples
    --------
    >>> from neurocore_nb import HodgkinHuxleyNeuron, Network, Population, RateMonitor, StepCurrent
    >>> cells = Population(HodgkinHuxleyNeuron, 2)
    >>> rates = RateMonitor(cells, interval=0.01)
    >>> report = Network(cells, StepCurrent(0.0, 0.05, [0.0, 10.0]), rates).run(0.05, dt=1e-4)
    >>> rates.t, rates.rate
    (array([0.  , 0.01, 0.02, 0.03, 0.04]), array([50., 50.,  0., 50., 50.]))
    """

    everywhere = True

    def __init__(self, population: Neurons, interval: float | None = None) -> None:
        super().__init__(population)
        self.interval = sampling_interval(interval, self.name)
        self.clear()

    def clear(self) -> None:
        """Forget what has been recorded."""
        super().clear()
        self._first = 0  # bin, from which all were recorded
        self._counts: IntArray = np.empty(0, np.int64)  # from there; the last may not be complete
        self._end, self._every, self._dt = 0, 1, 0.0  # steps until now, steps of a bin, and s of a step

    @property
    def _n_bins(self) -> int:
        return max(0, self._end // self._every - self._first)

    @property
    def t(self) -> FloatArray:
        """When the bins begin, in s; of those that are complete. On every rank."""
        return (self._first + np.arange(self._n_bins)) * self._every * np.float64(self._dt)

    @property
    def rate(self) -> FloatArray:
        """Mean rate of the neurons in each bin in Hz; on every rank."""
        with np.errstate(invalid="ignore"):
            return self._counts[: self._n_bins] / (self.population.n * self._every * self._dt)

    def _facts(self) -> dict[str, str]:
        if not (hasattr(self, "_counts") and self._n_bins):
            return {}
        return {"recorded": several(self._n_bins, "bin"), "bins of": f"{self._every * self._dt:g} s"}

    def _columns(self) -> dict[str, npt.NDArray[Any]]:
        return {"t (s)": self.t, "rate (Hz)": self.rate}

    def _arrays(self) -> dict[str, npt.NDArray[Any]]:
        return {"t": self.t, "rate": self.rate}

    def extend(self, rank: int, counts: IntArray, first: int, end: int, every: int, dt: float) -> None:
        """Add the spikes of some steps (called by the engine).

        Parameters
        ----------
        rank : int
        counts : int64[n_bins]
            Spikes of all ranks in each bin ...
        first : int
            ... from this one on.
        end : int
            Steps until now.
        every : int
            Steps of a bin.
        dt : float
            Network step in s.
        """
        self._rank = rank
        if self._end == 0:
            self._first = first
        n_bins = first + len(counts) - self._first
        whole = np.zeros(max(n_bins, len(self._counts)), np.int64)
        whole[: len(self._counts)] = self._counts
        if len(counts):
            whole[first - self._first :][: len(counts)] += counts
        self._counts, self._end, self._every, self._dt = whole, end, every, dt

    def memory(self) -> dict[str, npt.NDArray[Any]]:
        """What this rank has to write into a checkpoint."""
        return {"counts": self._counts}

    def facts(self) -> dict[str, Any]:
        """What a checkpoint has to know beside it."""
        return {"first": self._first, "end": self._end, "every": self._every, "dt": self._dt}


class AverageMonitor(Monitor):
    """Records averages of state variables over a population at regular times.

    Sums are exact and rounded once, so that averages have the same bits on any number of ranks.

    Parameters
    ----------
    population : Population or part of one
    variables : sequence of str
        Names of state variables.
    interval : float, optional
        Time between samples in s, a multiple of the run's dt, which is the default.

    Attributes
    ----------
    variables : tuple of str
    interval : float or None
    t : float64[n_samples]
        Times of the samples in s; on every rank.
    averages : dict of str to float64[n_samples]
        Average of each variable; on every rank.

    Examples
    --------
    >>> from neurocore_nb import AverageMonitor, HodgkinHuxleyNeuron, Network, Population
    >>> cells = Population(HodgkinHuxleyNeuron, 2, initial={"v": [-70.0, -60.0]})
    >>> means = AverageMonitor(cells, ["v"], interval=0.001)
    >>> report = Network(cells, means).run(0.003)
    >>> means.averages["v"][0], means.averages["v"].shape
    (np.float64(-65.0), (3,))
    """

    everywhere = True

    def __init__(self, population: Neurons, variables: Sequence[str] = ("v",), interval: float | None = None) -> None:
        super().__init__(population)
        self.variables = state_names(self.population, variables, self.name)
        self.interval = sampling_interval(interval, self.name)
        self.record = np.arange(self.population.n)
        self.clear()

    def clear(self) -> None:
        """Forget what has been recorded."""
        super().clear()
        self._t = Pieces(np.empty(0))
        self._averages = {name: Pieces(np.empty(0)) for name in self.variables}

    @property
    def t(self) -> FloatArray:
        """Times of the samples in s; on every rank."""
        times: FloatArray = self._t.whole
        return times

    @property
    def averages(self) -> dict[str, FloatArray]:
        """Average of each variable at the times ``t``, shape (n_samples,); on every rank."""
        return {name: pieces.whole for name, pieces in self._averages.items()}

    def _facts(self) -> dict[str, str]:
        if not hasattr(self, "_t"):
            return {}
        facts = {"variables": ", ".join(self.variables)}
        facts["every"] = "step" if self.interval is None else f"{self.interval:g} s"
        return facts | ({"recorded": several(len(self.t), "sample")} if len(self.t) else {})

    def _columns(self) -> dict[str, npt.NDArray[Any]]:
        states = population_of(self.population).states
        units = {name: states[name].unit.strip("()") for name in self.variables}
        named = {f"{name} ({units[name]})" if units[name] else name: one for name, one in self.averages.items()}
        return {"t (s)": self.t, **named}

    def _arrays(self) -> dict[str, npt.NDArray[Any]]:
        return {"t": self.t, **self.averages}

    def extend(self, rank: int, t: FloatArray, averages: dict[str, FloatArray]) -> None:
        """Append the averages of some steps (called by the engine).

        Parameters
        ----------
        rank : int
        t : float64[n_samples]
        averages : dict of str to float64[n_samples]
        """
        self._rank = rank
        self._t.append(t)
        for name, pieces in self._averages.items():
            pieces.append(averages[name])

    def memory(self) -> dict[str, npt.NDArray[Any]]:
        """What this rank has to write into a checkpoint."""
        return {"t": self.t} | {f"averages/{name}": one for name, one in self.averages.items()}

    def facts(self) -> dict[str, Any]:
        """What a checkpoint has to know beside it: nothing."""
        return {}
