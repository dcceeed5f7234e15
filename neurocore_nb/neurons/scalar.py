"""A model's functions of one neuron, made ready to be compiled; what is wrong with a model is found here."""

from __future__ import annotations

import inspect
import math
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..declarations import ScalarSource
from .membrane import default_values, membrane_update
from .spiking import Level, UpwardCrossing
from .trial import as_python

if TYPE_CHECKING:
    from .model import NeuronModel

GIVEN = ("i", "g", "dt", "noise")  # what an update may take beside states and parameters
REFRACTORY = "refractory"  # the state that counts substeps in which no spike is seen


def nothing() -> dict[str, Any]:
    """Parameters that follow from others and from the substep: none."""
    return {}


@dataclass(frozen=True)
class ScalarFunctions:
    """A model's functions, ready to be compiled.

    Attributes
    ----------
    source : str
        Of ``update`` and, where there is one, ``reset``.
    update_arguments, reset_arguments : tuple of str
    derive : function
        What the update needs beside the model's own parameters, from arrays by name.
    derived_from : tuple of str
        Names of what ``derive`` takes.
    """

    source: str
    update_arguments: tuple[str, ...]
    reset_arguments: tuple[str, ...]
    derive: Callable[..., dict[str, Any]]
    derived_from: tuple[str, ...]


def scalar_functions(model: type[NeuronModel], precision: str = "float64") -> ScalarFunctions:
    """A model's functions; what is wrong with them is an error here.

    Those for single precision are written in double precision, too, but keep their numbers within its range;
    ``kernels.single`` makes their twins.

    Raises
    ------
    TypeError, ValueError
        In terms of the model.
    """
    made = _made.setdefault(model, {})
    if precision not in made:
        made[precision] = _make_functions(model, precision)
    return made[precision]


_made: weakref.WeakKeyDictionary[Any, dict[str, ScalarFunctions]] = weakref.WeakKeyDictionary()


def _make_functions(model: type[NeuronModel], precision: str) -> ScalarFunctions:
    _check_declarations(model)
    source = ScalarSource(model.__name__)
    names = ", ".join(model.states)
    derive: Callable[..., dict[str, Any]] = nothing
    derived_from: tuple[str, ...] = ()
    if model.update is not None:
        source.add(model.update, "update", len(model.states), names)
        update_arguments = tuple(inspect.signature(model.update).parameters)
    else:
        made = membrane_update(model, source, precision)
        update_arguments, derive, derived_from = made
    reset_arguments: tuple[str, ...] = ()
    if model.reset is not None:
        source.add(model.reset, "reset", len(model.states), names)
        reset_arguments = tuple(inspect.signature(model.reset).parameters)
    functions = ScalarFunctions(source.text, update_arguments, reset_arguments, derive, derived_from)
    _check_arguments(model, functions)
    _try_functions(model, functions)
    return functions


def _try_functions(model: type[NeuronModel], functions: ScalarFunctions) -> None:
    """Run the functions once as plain Python, from the initial state with default parameters."""
    values: dict[str, Any] = default_values(model)
    values |= {name: float(np.ravel(value)[0]) for name, value in functions.derive(
        **{name: np.array([values[name]]) for name in functions.derived_from}).items()}  # fmt: skip
    values |= {name: state.initial for name, state in model.states.items()} | {"i": 0.0, "g": 0.0, "noise": 0.0}
    for name, arguments in (("update", functions.update_arguments), ("reset", functions.reset_arguments)):
        if not arguments:
            continue
        what = f"{model.__name__}.{name if name == 'reset' or model.update is not None else 'currents'}"
        function = as_python(functions.source, name)
        try:
            new = np.atleast_1d(np.asarray(function(*(values[one] for one in arguments)), np.float64))
        except ArithmeticError as error:
            raise ValueError(f"{what} fails in the initial state with default parameters: {error}") from None
        except Exception as error:
            raise TypeError(f"{what} fails in the initial state: {type(error).__name__}: {error}") from None
        if new.shape != (len(model.states),):
            states = ", ".join(model.states)
            raise TypeError(f"{what} returns {new.size} values, but must return {len(model.states)}: {states}")
        for state, value in zip(model.states, new.tolist(), strict=True):
            if not math.isfinite(value):
                raise ValueError(
                    f"{what}: from the initial state, with default parameters, {state} becomes {value} in one substep"
                )


def from_arrays(
    function: Callable[..., dict[str, Any]], values: dict[str, Any], names: Sequence[str] = ()
) -> dict[str, Any]:
    """Call a function that makes parameters from others; numbers if all it takes are numbers."""
    names = names or tuple(inspect.signature(function).parameters)
    wanted = {name: values[name] for name in names}
    # As arrays even where all are numbers: NumPy's functions of arrays round differently from Python's.
    made = function(**{name: np.atleast_1d(np.asarray(value, np.float64)) for name, value in wanted.items()})
    if not any(isinstance(value, np.ndarray) for value in wanted.values()):
        made = {name: float(np.ravel(value)[0]) for name, value in made.items()}
    return made


def _check_declarations(model: type[NeuronModel]) -> None:
    name = model.__name__
    for attribute in ("states", "spike", "max_step"):
        if not hasattr(model, attribute):
            raise TypeError(f"the model {name} doesn't declare {attribute}")
    if "v" not in model.states:
        raise TypeError(f"the model {name} has no state 'v', the membrane potential")
    if (model.update is None) == (model.rates is None or model.currents is None):
        raise TypeError(f"the model {name} must have either update, or rates and currents")
    if model.update is not None and model.flows is not None:
        raise TypeError(f"the model {name} has update, which tells all of its states; leave flows out")
    both = set(model.states) & set(model.parameters)
    reserved = (set(model.states) | set(model.parameters)) & {*GIVEN, REFRACTORY, "refractory_steps"}
    if both or reserved:
        raise TypeError(
            f"the model {name} can't have a state and parameter, or anything, called {[*both, *reserved][0]!r}"
        )
    rule = model.spike
    if not isinstance(rule, UpwardCrossing | Level):
        raise TypeError(f"{name}.spike must be UpwardCrossing(...) or Level(...), not {rule!r}")
    for state in (rule.variable, *rule.held):
        if state not in model.states:
            raise TypeError(f"{name}.spike names the state {state!r}; the states are {', '.join(model.states)}")


def _check_arguments(model: type[NeuronModel], functions: ScalarFunctions) -> None:
    derived = set(default_values(model)) - set(model.parameters) - {"dt"}
    made = set(from_arrays(functions.derive, dict.fromkeys(functions.derived_from, 1.0), functions.derived_from))
    known = [*model.states, *model.parameters, *sorted(derived), *GIVEN]
    for what, arguments in (("update", functions.update_arguments), ("reset", functions.reset_arguments)):
        written = what if what == "reset" or model.update is not None else "rates or currents"
        for name in arguments:
            if name not in known and name not in made:
                raise TypeError(
                    f"{model.__name__}.{written} takes {name!r}, which is neither a state nor a parameter; known are "
                    f"{', '.join(known)}"
                )
    rule = model.spike
    for value in (rule.threshold, rule.refractory, model.rate_factor):
        if isinstance(value, str) and value not in known:
            raise TypeError(f"{model.__name__} names the parameter {value!r}, which it doesn't have")
