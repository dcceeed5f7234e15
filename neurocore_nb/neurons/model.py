"""What a neuron model declares.

A model is a class of declarations and one function, ``update``, that takes one neuron through one substep. The engine
makes a loop of it (``kernels.integrate``); nothing else needs to know a model.
"""

from __future__ import annotations

import ast
import inspect
import math
import textwrap
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import FunctionType
from typing import Any, ClassVar

import numpy as np

from ..kernels import vmath
from ..kernels.integrate import Update


@dataclass(frozen=True)
class Units:
    """A system of units that is consistent with mV and ms."""

    current: str
    conductance: str
    capacitance: str


PER_AREA = Units("uA/cm2", "mS/cm2", "uF/cm2")
"""Units of the Hodgkin-Huxley family."""


@dataclass(frozen=True)
class State:
    """A state variable: its value at the start, its unit, and the values that may be set."""

    initial: float
    unit: str
    low: float = -math.inf
    high: float = math.inf


@dataclass(frozen=True)
class Parameter:
    """A parameter: its default, its unit, and its legal values (``above`` itself is not one of them)."""

    default: float
    unit: str
    low: float = -math.inf
    above: float = -math.inf


@dataclass(frozen=True)
class UpwardCrossing:
    """A spike is the passage of a state variable from below a threshold to it or beyond, without a reset."""

    variable: str
    threshold: float


def _nothing() -> dict[str, Any]:
    return {}


class NeuronModel:
    """Base of all neuron models.

    Attributes
    ----------
    units : Units
        The unit of weights and stimuli onto neurons of this model.
    states : dict of str to State
    parameters : dict of str to Parameter
    spike : UpwardCrossing
    max_step : float
        The longest substep in ms at which the model is integrated accurately; a population can set its own.
    """

    units: ClassVar[Units] = PER_AREA
    states: ClassVar[Mapping[str, State]]
    parameters: ClassVar[Mapping[str, Parameter]]
    spike: ClassVar[UpwardCrossing]
    max_step: ClassVar[float]

    update: ClassVar[Callable[..., Any]]
    """One substep of one neuron, in plain Python and the functions of ``kernels.vmath``.

    Its arguments are named: states, parameters, derived parameters, ``dt`` (ms), and the synaptic and external input
    ``i`` and ``g``, whose current is ``i - g * v``. Returns the new states in the order of their declaration.
    """

    derive: ClassVar[Callable[..., dict[str, Any]]] = staticmethod(_nothing)
    """Parameters that follow from others; takes those by name, as arrays. None by default."""

    @classmethod
    def all_parameters(cls, parameters: dict[str, Any]) -> dict[str, Any]:
        """Add what ``derive`` makes of the parameters.

        Parameters
        ----------
        parameters : dict of str to float or float64[:]

        Returns
        -------
        dict of str to float or float64[:]
        """
        wanted = {name: parameters[name] for name in inspect.signature(cls.derive).parameters}
        # As arrays even where all are numbers: NumPy's functions of arrays round differently from Python's.
        derived = cls.derive(**{name: np.atleast_1d(np.asarray(value, np.float64)) for name, value in wanted.items()})
        if not any(isinstance(value, np.ndarray) for value in wanted.values()):
            derived = {name: float(value[0]) for name, value in derived.items()}
        return parameters | derived

    @classmethod
    def compiled_form(cls, varied: Collection[str]) -> Update:
        """What the fused kernel needs to know of the model.

        Parameters
        ----------
        varied : collection of str
            Parameters, derived ones included, that differ between the neurons of the population.

        Returns
        -------
        Update

        Raises
        ------
        TypeError
            If ``update`` uses a name that can't be compiled.
        """
        arguments = tuple(inspect.signature(cls.update).parameters)
        parameters = [name for name in arguments if name not in cls.states and name not in ("i", "g", "dt")]
        return Update(
            name=cls.__name__,
            source=_source(cls.update, "update", cls.__name__),
            arguments=arguments,
            states=tuple(cls.states),
            constants=tuple(name for name in parameters if name not in varied),
            varied=tuple(name for name in parameters if name in varied),
            spike_variable=cls.spike.variable,
            threshold=cls.spike.threshold,
        )


def _source(function: Callable[..., Any], name: str, model: str) -> str:
    """Source of a function and of all it uses, decorated to be pasted into a loop."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    if not isinstance(tree, ast.FunctionDef):
        raise TypeError(f"{model}.{name} must be a function written with def")
    tree.name = name
    tree.decorator_list = []
    used = inspect.getclosurevars(function)
    parts = []
    for global_name, value in sorted({**used.globals, **used.nonlocals}.items()):
        if getattr(vmath, global_name, None) is value:
            continue  # imported by the frame
        if isinstance(value, int | float):
            parts.append(f"{global_name} = {value!r}")
        elif isinstance(value, FunctionType):
            parts.append(_source(value, global_name, model))
        else:
            raise TypeError(
                f"{model}.update uses {global_name!r}, a {type(value).__name__}; only numbers, plain functions and the "
                "functions of neurocore_nb.kernels.vmath can be compiled"
            )
    return "\n\n".join([*parts, f"@inlined\n{ast.unparse(tree)}\n"])
