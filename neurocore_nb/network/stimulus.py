"""External input to populations."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..synapses.receptors import LARGEST_WEIGHT
from ..timegrid import whole_steps
from . import checks
from .checks import FloatArray
from .population import Neurons, neurons


class Stimulus:
    """Base of all stimuli.

    Attributes
    ----------
    target : Neurons or None
        None stands for the network's first population.
    n : int or None
        Number of neurons it is for; None: all of the target.
    """

    target: Neurons | None
    n: int | None = None

    def check_grid(self, dt: float) -> None:
        """Raise a ValueError where the stimulus doesn't fit the network step ``dt`` (s)."""

    def _set_target(self, target: Any) -> None:
        self.target = None if target is None else neurons(target, f"the target of {type(self).__name__}")


class PoissonInput(Stimulus):
    """Independent Poisson spike trains, one onto each of the first n neurons of the target.

    In each network step a neuron receives ``weight`` times a Poisson-distributed count of mean ``rate_hz * dt``; exact
    also where several events fall into one step.

    Parameters
    ----------
    n : int
        Number of neurons.
    rate_hz : float or array of shape (n,)
    weight : float or array of shape (n,)
        In uA/cm2: each event adds this current for one network step.
    dt : float, optional
        If given, it must equal the ``dt`` of the run (s).
    seed : int, optional
        Replaces what the network's seed gives this input.
    target : Population or part of one, optional
        By default the network's first population.

    Raises
    ------
    TypeError, ValueError
        If a value is not legal.

    Examples
    --------
    >>> from neurocore_nb import PoissonInput
    >>> PoissonInput(n=100, rate_hz=50.0, weight=9.0)
    <PoissonInput onto the first population: 100 neurons>
    """

    def __init__(
        self,
        n: int,
        rate_hz: Any,
        weight: Any,
        dt: float | None = None,
        seed: int | None = None,
        target: Neurons | None = None,
    ) -> None:
        self.n: int = checks.whole_number(n, "PoissonInput: n")
        self.rate_hz = checks.values(rate_hz, self.n, "PoissonInput: rate_hz", "Hz", low=0.0)
        self.weight = checks.values(
            weight, self.n, "PoissonInput: weight", "uA/cm2", low=-LARGEST_WEIGHT, high=LARGEST_WEIGHT
        )
        self.dt = None if dt is None else checks.real_number(dt, "PoissonInput: dt", "s", above=0.0)
        self.seed = None if seed is None else checks.seed(seed, "PoissonInput: seed")
        self._set_target(target)

    def check_grid(self, dt: float) -> None:
        """Raise a ValueError unless its own dt, if it has one, is that of the run."""
        if self.dt is not None and not math.isclose(self.dt, dt, rel_tol=1e-9):
            raise ValueError(
                f"{self!r} was given dt = {self.dt!r} s, but the run has dt = {dt!r} s; leave it out or make them equal"
            )

    def largest_weight(self) -> float:
        """Largest absolute weight of an event."""
        return float(np.max(np.abs(self.weight), initial=0.0))

    def __repr__(self) -> str:
        return f"<PoissonInput onto {_name(self.target)}: {self.n} neurons>"


class CurrentStimulus(Stimulus):
    """Base of injected currents that are constant within each of a sequence of segments."""

    def segment(self, step: int, dt: float) -> int:
        """Number of the segment to which a network step belongs."""
        raise NotImplementedError

    def current(self, segment: int) -> float | FloatArray:
        """Current in uA/cm2 during a segment: one value, or one for each neuron of the target."""
        raise NotImplementedError


class StepCurrent(CurrentStimulus):
    """A current from one time to another.

    Parameters
    ----------
    onset, offset : float
        In s, multiples of the run's ``dt``.
    amplitude : float or array of shape (n_target,)
        In uA/cm2.
    target : Population or part of one, optional
        By default the network's first population.

    Raises
    ------
    TypeError, ValueError
        If a value is not legal.

    Examples
    --------
    >>> from neurocore_nb import StepCurrent
    >>> StepCurrent(onset=0.1, offset=0.2, amplitude=10.0)
    <StepCurrent onto the first population: 0.1 to 0.2 s>
    """

    def __init__(self, onset: float, offset: float, amplitude: Any, target: Neurons | None = None) -> None:
        self.onset = checks.real_number(onset, "StepCurrent: onset", "s", low=0.0)
        self.offset = checks.real_number(offset, "StepCurrent: offset", "s", low=0.0)
        if self.offset < self.onset:
            raise ValueError(f"StepCurrent: offset = {offset!r} s lies before onset = {onset!r} s")
        self.amplitude = checks.real_array(amplitude, "StepCurrent: amplitude", "uA/cm2")
        if self.amplitude.ndim > 1:
            raise ValueError(
                f"StepCurrent: amplitude has shape {self.amplitude.shape}; give one value or one per neuron, in uA/cm2"
            )
        self.n = len(self.amplitude) if self.amplitude.ndim else None
        self._set_target(target)

    def check_grid(self, dt: float) -> None:
        """Raise a ValueError unless onset and offset are multiples of dt."""
        whole_steps(self.onset, dt, f"{self!r}: onset")
        whole_steps(self.offset, dt, f"{self!r}: offset")

    def segment(self, step: int, dt: float) -> int:
        """0 before and after, 1 during the step."""
        return int(round(self.onset / dt) <= step < round(self.offset / dt))

    def current(self, segment: int) -> float | FloatArray:
        """Amplitude or 0."""
        return self.amplitude * segment

    def __repr__(self) -> str:
        return f"<StepCurrent onto {_name(self.target)}: {self.onset:g} to {self.offset:g} s>"


class TimedArray(CurrentStimulus):
    """A current given by its values at regular times; the last one holds on.

    Parameters
    ----------
    values : array of shape (n_times,) or (n_times, n_target)
        In uA/cm2.
    dt : float
        Time between values in s, a multiple of the run's ``dt``.
    target : Population or part of one, optional
        By default the network's first population.

    Raises
    ------
    TypeError, ValueError
        If a value is not legal.

    Examples
    --------
    >>> import numpy as np
    >>> from neurocore_nb import TimedArray
    >>> TimedArray(np.linspace(0.0, 10.0, 11), dt=0.01)
    <TimedArray onto the first population: 11 values, every 0.01 s>
    """

    def __init__(self, values: Any, dt: float, target: Neurons | None = None) -> None:
        self.values = checks.real_array(values, "TimedArray: values", "uA/cm2")
        if self.values.ndim not in (1, 2) or len(self.values) == 0:
            raise ValueError(
                f"TimedArray: values have shape {self.values.shape}; give (n_times,) or (n_times, n_target), "
                "n_times > 0"
            )
        self.dt = checks.real_number(dt, "TimedArray: dt", "s", above=0.0)
        self.n = self.values.shape[1] if self.values.ndim == 2 else None
        self._set_target(target)

    def check_grid(self, dt: float) -> None:
        """Raise a ValueError unless its dt is a multiple of the run's."""
        if whole_steps(self.dt, dt, f"{self!r}: dt") < 1:
            raise ValueError(f"{self!r}: its dt must be at least the run's, {dt!r} s")

    def segment(self, step: int, dt: float) -> int:
        """Index of the value that holds."""
        return min(step // round(self.dt / dt), len(self.values) - 1)

    def current(self, segment: int) -> float | FloatArray:
        """The value, or the row of values."""
        row: FloatArray = self.values[segment]
        return row

    def __repr__(self) -> str:
        return f"<TimedArray onto {_name(self.target)}: {len(self.values)} values, every {self.dt:g} s>"


def _name(target: Neurons | None) -> str:
    return "the first population" if target is None else target.label or "a population"
