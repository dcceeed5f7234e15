"""Populations without membranes, which send spikes and receive nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..timegrid import MOST_STEPS
from . import checks
from .facts import amount, several
from .population import Parent


class SourcePopulation(Parent):
    """Base of populations that only send spikes: the source of projections, watched like any other."""

    seed: int | None = None

    @property
    def _members(self) -> str:
        return "neuron" if self.n == 1 else "neurons"


class PoissonPopulation(SourcePopulation):
    """Neurons that fire independent Poisson spike trains.

    Each of them sends the same spikes to all its targets, unlike ``PoissonInput``, which is independent for each
    target. Several spikes of a neuron in one network step all count.

    Parameters
    ----------
    n : int
        Number of neurons.
    rate_hz : float, array of shape (n,), or function
        A function takes the time in s (the middle of a network step) and returns the rate at that time, one for all or
        of shape (n,).
    label : str, optional
        Name in errors and reports; given by the network if left out.
    seed : int, optional
        Replaces what the network's seed gives this population.
    positions : array of shape (n, d), optional
        As for :class:`Population`.

    Raises
    ------
    TypeError, ValueError
        If a value is not legal.

    Examples
    --------
    >>> import numpy as np
    >>> from neurocore_nb import Network, PoissonPopulation, SpikeMonitor
    >>> retina = PoissonPopulation(100, lambda t: 20.0 + 10.0 * np.sin(2.0 * np.pi * t), label="retina")
    >>> spikes = SpikeMonitor(retina)
    >>> report = Network(retina, spikes).run(1.0)
    >>> 1700 < spikes.count < 2300
    True
    """

    kind = "PoissonPopulation"

    def __init__(
        self,
        n: int,
        rate_hz: float | npt.NDArray[np.float64] | Callable[[float], Any],
        label: str | None = None,
        *,
        seed: int | None = None,
        positions: Any = None,
    ) -> None:
        name = self._set_size(n, label, positions)
        self.rate_hz = checks.rates(rate_hz, self.n, f"{name}: rate_hz")
        self.seed = None if seed is None else checks.seed(seed, f"{name}: seed")

    def _facts(self) -> list[str]:
        return [self._rate()]

    def _details(self) -> dict[str, object]:
        return {"rate": self._rate()}

    def _rate(self) -> str:
        return "rates by a function" if callable(self.rate_hz) else amount(self.rate_hz, "Hz")


class SpikeSource(SourcePopulation):
    """Neurons that fire at given times.

    A spike's time is the end of a network step: a time between two steps is taken to the next, and all times are above
    0. With delay d it arrives at ``t + d``. What lies in the past when a run begins, or after its end, is not sent.

    Parameters
    ----------
    times : array of shape (n_spikes,), or for each neuron a sequence, or a dict from neurons to sequences
        In s, in any order; ``SpikeMonitor.spike_trains()`` can be given. A neuron may fire several times in one step.
    indices : int array of shape (n_spikes,), optional
        The neuron of each spike. Without it one array of times is that of a single neuron.
    n : int, optional
        Number of neurons; by default as many as the spikes need.
    label : str, optional
        Name in errors and reports; given by the network if left out.
    positions : array of shape (n, d), optional
        As for :class:`Population`.

    Raises
    ------
    TypeError, ValueError
        If a value is not legal.

    Examples
    --------
    >>> from neurocore_nb import Network, SpikeMonitor, SpikeSource
    >>> source = SpikeSource([0.010, 0.002, 0.010], [0, 2, 1])
    >>> spikes = SpikeMonitor(source)
    >>> report = Network(source, spikes).run(0.02)
    >>> spikes.t, spikes.i
    (array([0.002, 0.01 , 0.01 ]), array([2, 0, 1]))
    """

    kind = "SpikeSource"

    def __init__(
        self, times: Any, indices: Any = None, n: int | None = None, label: str | None = None, *, positions: Any = None
    ) -> None:
        flat, neurons, most = _flattened(times, indices)
        name = self._set_size(most if n is None else n, label, positions)
        self.times = checks.real_array(flat, f"{name}: times", "s", above=0.0, high=float(MOST_STEPS))
        self.indices = checks.indices(neurons, self.n, f"{name}: indices")
        if self.times.shape != self.indices.shape or self.times.ndim != 1:
            raise ValueError(
                f"{name}: times have shape {self.times.shape} and indices {self.indices.shape}; give one index for "
                "each time"
            )

    def _facts(self) -> list[str]:
        return [several(len(self.times), "spike")]

    def _details(self) -> dict[str, object]:
        return {"spikes": f"{len(self.times):,}", "times": amount(self.times, "s")}


def _flattened(times: Any, indices: Any) -> tuple[Any, Any, int]:
    """Times, their neurons, and the number of neurons these need."""
    if indices is not None:
        neurons = np.atleast_1d(np.asarray(indices))
        most = int(neurons.max()) + 1 if neurons.size and neurons.dtype.kind in "iu" else 0
        return np.atleast_1d(times), neurons, most
    trains = times
    if isinstance(times, Mapping):
        most = max((int(neuron) for neuron in times), default=-1) + 1
        trains = [times.get(neuron, ()) for neuron in range(most)]
    elif (isinstance(times, np.ndarray) and times.dtype != object) or not _has_sequences(times):
        trains = [np.atleast_1d(times)]
    lengths = [len(train) for train in trains]
    flat = np.concatenate([np.empty(0), *(np.asarray(train, np.float64).ravel() for train in trains)])
    return flat, np.repeat(np.arange(len(lengths)), lengths), len(lengths)


def _has_sequences(times: Any) -> bool:
    return isinstance(times, Sequence) and any(np.ndim(train) > 0 for train in times)
