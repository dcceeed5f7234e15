"""Injected currents: known functions of time, constant within each network step."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from ..timegrid import whole_steps
from . import checks
from .checks import FloatArray
from .population import Neurons, Population
from .stimulus_base import Stimulus, name_of_target

Part = tuple[Any, FloatArray, FloatArray]


class CurrentStimulus(Stimulus):
    """Base of injected currents: sums of fixed patterns over the neurons, each times a factor that depends on time."""

    def parts(self, steps: npt.NDArray[np.int64], dt: float) -> list[Part]:
        """What the current is made of in some network steps.

        Parameters
        ----------
        steps : int64[n_steps]
        dt : float
            Network step in s.

        Returns
        -------
        list of (key, factors, pattern)
            Factors of shape (n_steps,), and the pattern, one value or one for each neuron of the target. Patterns with
            the same key are the same.
        """
        raise NotImplementedError

    def most_parts(self, n_steps: int, dt: float) -> int:
        """How many parts there are at most in so many steps."""
        raise NotImplementedError

    def _current(self, value: Any, what: str) -> FloatArray:
        unit = "uA/cm2 (or the unit of the target's model)"
        if self.target is not None and isinstance(self.target.parent, Population):
            unit = self.target.parent.model.units.current
        return checks.real_array(value, f"{type(self).__name__}: {what}", unit)


class StepCurrent(CurrentStimulus):
    """A current from one time to another.

    Parameters
    ----------
    onset, offset : float or array of shape (n_target,)
        In s, multiples of the run's ``dt``.
    amplitude : float or array of shape (n_target,)
        In the model's unit, such as uA/cm2.
    target : Population or part of one, optional
        By default the network's first population with membranes.

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

    def __init__(self, onset: Any, offset: Any, amplitude: Any, target: Neurons | None = None) -> None:
        self._set_target(target)
        self.onset = checks.real_array(onset, "StepCurrent: onset", "s", low=0.0)
        self.offset = checks.real_array(offset, "StepCurrent: offset", "s", low=0.0)
        self.amplitude = self._current(amplitude, "amplitude")
        self._common_size(onset=self.onset, offset=self.offset, amplitude=self.amplitude)
        if np.any(self.offset < self.onset):
            raise ValueError(f"StepCurrent: offset = {offset!r} s lies before onset = {onset!r} s")

    def check_grid(self, dt: float) -> None:
        """Raise a ValueError unless onset and offset are multiples of dt."""
        for what, times in (("onset", self.onset), ("offset", self.offset)):
            for time in np.unique(times):
                whole_steps(float(time), dt, f"{self!r}: {what}")

    def parts(self, steps: npt.NDArray[np.int64], dt: float) -> list[Part]:
        """The amplitude, or for each span of time that of the neurons whose it is."""
        spans = np.stack(np.broadcast_arrays(np.rint(self.onset / dt), np.rint(self.offset / dt)), axis=-1)
        result: list[Part] = []
        for on, off in np.unique(spans.reshape(-1, 2), axis=0):
            now = (steps >= on) & (steps < off)
            if now.any():
                mine = (spans == (on, off)).all(axis=-1)
                result.append(((on, off), now.astype(np.float64), np.where(mine, self.amplitude, 0.0)))
        return result

    def most_parts(self, n_steps: int, dt: float) -> int:
        """One for each span of time."""
        spans = np.stack(np.broadcast_arrays(self.onset, self.offset), axis=-1).reshape(-1, 2)
        return len(np.unique(spans, axis=0))

    def __repr__(self) -> str:
        first, last = np.min(self.onset, initial=np.inf), np.max(self.offset, initial=0.0)
        return f"<StepCurrent onto {name_of_target(self.target)}: {first:g} to {last:g} s>"


class SinusoidalCurrent(CurrentStimulus):
    """A sinusoidal current ``offset + amplitude * sin(2 pi frequency_hz * t + phase)``, its value at the middle of each
    network step.

    Parameters
    ----------
    amplitude : float or array of shape (n_target,)
        In the model's unit, such as uA/cm2.
    frequency_hz : float or array of shape (n_target,)
    phase : float or array of shape (n_target,)
        In radians, at time 0.
    offset : float or array of shape (n_target,)
        In the model's unit.
    target : Population or part of one, optional
        By default the network's first population with membranes.

    Raises
    ------
    TypeError, ValueError
        If a value is not legal.

    Examples
    --------
    >>> from neurocore_nb import SinusoidalCurrent
    >>> SinusoidalCurrent(amplitude=2.0, frequency_hz=8.0, offset=5.0)
    <SinusoidalCurrent onto the first population>
    """  # noqa: D205

    def __init__(
        self,
        amplitude: Any,
        frequency_hz: Any,
        phase: Any = 0.0,
        offset: Any = 0.0,
        target: Neurons | None = None,
    ) -> None:
        self._set_target(target)
        self.amplitude = self._current(amplitude, "amplitude")
        self.frequency_hz = checks.real_array(frequency_hz, "SinusoidalCurrent: frequency_hz", "Hz", low=0.0)
        self.phase = checks.real_array(phase, "SinusoidalCurrent: phase", "radians")
        self.offset = self._current(offset, "offset")
        self._common_size(
            amplitude=self.amplitude, frequency_hz=self.frequency_hz, phase=self.phase, offset=self.offset
        )

    def parts(self, steps: npt.NDArray[np.int64], dt: float) -> list[Part]:
        """With one frequency for all, sine and cosine times constant patterns; else a pattern for each step."""
        times = (steps + 0.5) * dt
        if self.frequency_hz.size != 1:
            patterns = [self.offset + self.amplitude * np.sin(self._angle(time) + self.phase) for time in times]
            return [(int(k), (steps == k).astype(np.float64), row) for k, row in zip(steps, patterns, strict=True)]
        angles = self._angle(times).ravel().tolist()  # single numbers: NumPy's arrays may round by position
        return [
            ("sine", np.array([math.sin(angle) for angle in angles]), self.amplitude * np.cos(self.phase)),
            ("cosine", np.array([math.cos(angle) for angle in angles]), self.amplitude * np.sin(self.phase)),
            ("offset", np.ones(len(steps)), self.offset),
        ]

    def most_parts(self, n_steps: int, dt: float) -> int:
        """Sine, cosine and offset, or one for each step."""
        return 3 if self.frequency_hz.size == 1 else n_steps

    def _angle(self, time: Any) -> FloatArray:
        angle: FloatArray = 2.0 * np.pi * np.mod(self.frequency_hz * time, 1.0)
        return angle

    def __repr__(self) -> str:
        return f"<SinusoidalCurrent onto {name_of_target(self.target)}>"


class TimedArray(CurrentStimulus):
    """A current given by its values at regular times; the last one holds on.

    Parameters
    ----------
    values : array of shape (n_times,) or (n_times, n_target)
        In the model's unit, such as uA/cm2.
    dt : float
        Time between values in s, a multiple of the run's ``dt``.
    target : Population or part of one, optional
        By default the network's first population with membranes.

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
        self._set_target(target)
        self.values = self._current(values, "values")
        if self.values.ndim not in (1, 2) or len(self.values) == 0:
            raise ValueError(
                f"TimedArray: values have shape {self.values.shape}; give (n_times,) or (n_times, n_target), "
                "n_times > 0"
            )
        self.dt = checks.real_number(dt, "TimedArray: dt", "s", above=0.0)
        self.n = self.values.shape[1] if self.values.ndim == 2 else None

    def check_grid(self, dt: float) -> None:
        """Raise a ValueError unless its dt is a multiple of the run's."""
        if whole_steps(self.dt, dt, f"{self!r}: dt") < 1:
            raise ValueError(f"{self!r}: its dt must be at least the run's, {dt!r} s")

    def parts(self, steps: npt.NDArray[np.int64], dt: float) -> list[Part]:
        """The values as factors, or each row of values while it holds."""
        rows = np.minimum(steps // round(self.dt / dt), len(self.values) - 1)
        if self.values.ndim == 1:
            return [("values", self.values[rows], np.ones(()))]
        return [(int(row), (rows == row).astype(np.float64), self.values[row]) for row in np.unique(rows)]

    def most_parts(self, n_steps: int, dt: float) -> int:
        """One, or one for each row of values that holds meanwhile."""
        return 1 if self.values.ndim == 1 else min(len(self.values), (n_steps - 1) // round(self.dt / dt) + 2)

    def __repr__(self) -> str:
        return f"<TimedArray onto {name_of_target(self.target)}: {len(self.values)} values, every {self.dt:g} s>"
