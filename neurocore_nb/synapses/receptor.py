"""What a receptor declares: how an arriving weight becomes a current or a conductance of the membrane.

A receptor is a class of declarations and two scalar functions, like a neuron model; the engine fuses them with the
model of the population (``kernels.integrate``).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, ClassVar

import numpy as np

from ..declarations import Parameter, ScalarSource, State, declared
from ..kernels.frame import ON_ITSELF, ReceptorForm

CURRENT, CONDUCTANCE, POTENTIAL = "current", "conductance", "potential"


def _nothing() -> dict[str, Any]:
    """Parameters that follow from others and from the substep: none."""
    return {}


class Receptor:
    """Base of all receptors.

    Parameters
    ----------
    **values : float, array of shape (n,) or Distribution
        Values of parameters, in the same forms as those of a population.

    Attributes
    ----------
    states : dict of str to State
        The first is the current ``i`` or conductance ``g``.
    parameters : dict of str to Parameter
    weight : {"current", "conductance", "potential"} or str
        The quantity that arriving weights are: its unit follows from the model; or else the unit itself.
    acts : str
        What arrives changes the receptor's own states, if not stated otherwise; see ``kernels.integrate``.
    takes_weights : bool
        Whether projections and Poisson inputs can name it.
    follows_v : bool
        Whether its states are driven by the potential. As a substep takes them on from the potential at its start, they
        stand half a substep behind the potential then, which couplings allow for.
    """

    states: ClassVar[Mapping[str, Any]] = {}  # State, once the class is made; what users write may be a number
    parameters: ClassVar[Mapping[str, Any]] = {}  # Parameter, likewise
    weight: ClassVar[str] = CONDUCTANCE
    acts: ClassVar[str] = ON_ITSELF
    takes_weights: ClassVar[bool] = True
    follows_v: ClassVar[bool] = False

    arrive: ClassVar[Callable[..., Any]]
    """New states from the arriving weight ``w``, states and parameters, at the start of a network step."""

    update: ClassVar[Callable[..., Any]]
    """New states, current and conductance during a substep, from states, parameters and the potential ``v``."""

    derive: ClassVar[Callable[..., dict[str, Any]]] = staticmethod(_nothing)
    """Parameters that follow from others, from the substep ``dt`` and from the membrane's time constant ``tau_m``."""

    def __init_subclass__(cls) -> None:
        cls.states = declared(cls.states, State)
        cls.parameters = declared(cls.parameters, Parameter)

    def __init__(self, **values: Any) -> None:
        for name in values:
            if name not in self.parameters:
                known = ", ".join(self.parameters) or "none"
                raise TypeError(f"{type(self).__name__}: parameter {name!r} is unknown; it has {known}")
        self.given = values

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in self.given.items())
        return f"{type(self).__name__}({given})"

    @classmethod
    def all_parameters(cls, parameters: dict[str, Any], dt: float, tau_m: Any) -> dict[str, Any]:
        """What the scalar functions use, from the parameters, the substep and the membrane's time constant (ms)."""
        values = parameters | {"dt": dt, "tau_m": tau_m}
        wanted = {name: values[name] for name in inspect.signature(cls.derive).parameters}
        # As arrays even where all are numbers: NumPy's functions of arrays round differently from Python's.
        derived = cls.derive(**{name: np.atleast_1d(np.asarray(value, np.float64)) for name, value in wanted.items()})
        if not any(isinstance(value, np.ndarray) for value in wanted.values()):
            derived = {name: float(np.ravel(value)[0]) for name, value in derived.items()}
        values = parameters | derived
        used = {name for form in (cls.form(),) for name in (*form.arrive_arguments, *form.update_arguments)}
        return {name: value for name, value in values.items() if name in used}

    @classmethod
    @cache
    def form(cls) -> ReceptorForm:
        """What the fused kernel needs to know.

        Raises
        ------
        TypeError
            If a function can't be compiled.
        """
        if cls.acts != ON_ITSELF:
            return ReceptorForm(cls.__name__, cls.acts)
        cls._check_arguments()
        source = ScalarSource(cls.__name__)
        names = ", ".join(cls.states)
        source.add(cls.arrive, "arrive", len(cls.states), names)
        source.add(cls.update, "update", len(cls.states) + 2, f"{names}, current and conductance")
        return ReceptorForm(
            cls.__name__,
            cls.acts,
            source.text,
            tuple(cls.states),
            tuple(inspect.signature(cls.arrive).parameters),
            tuple(inspect.signature(cls.update).parameters),
        )

    @classmethod
    def _check_arguments(cls) -> None:
        """Raise a TypeError where a function is missing or takes what it isn't given."""
        values = {name: parameter.default for name, parameter in cls.parameters.items()}
        given = values | {"dt": 0.01, "tau_m": np.inf}
        cls._check("derive", list(given))
        wanted = {name: np.array([given[name]]) for name in inspect.signature(cls.derive).parameters}
        known = [*cls.states, *values, *(name for name in cls.derive(**wanted) if name not in values)]
        cls._check("arrive", ["w", *known])
        cls._check("update", [*known, "v", "dt"])

    @classmethod
    def _check(cls, function: str, known: list[str]) -> None:
        if not inspect.isfunction(getattr(cls, function, None)):
            raise TypeError(f"the receptor {cls.__name__} must have a function {function!r}, written with def")
        for name in inspect.signature(getattr(cls, function)).parameters:
            if name not in known:
                raise TypeError(f"{cls.__name__}.{function} takes {name!r}; it may take {', '.join(known)}")
