"""From a model's rates and currents to its update: reads the functions, tries them, and explains what is wrong."""

from __future__ import annotations

import ast
import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..declarations import OWN_NAMES, ScalarSource
from .exponential_euler import Made, evaluate_derived, make_update
from .formulas import Formulas
from .fractions import DOUBLE, MADE, SINGLE, V_REFERENCE, Range
from .trial import as_python

_PROBES = np.arange(-150.0, 100.25, 0.5)  # mV, where rates are tried: singular points are such numbers
_MUST_AGREE = {DOUBLE: 1e-6, SINGLE: 1e-4}  # relative


def membrane_update(
    model: Any, source: ScalarSource, precision: str
) -> tuple[tuple[str, ...], Callable[..., dict[str, Any]], tuple[str, ...]]:
    """Write a model's update and add it to a source.

    Parameters
    ----------
    model : type of NeuronModel
    source : ScalarSource
    precision : {"float64", "float32"}

    Returns
    -------
    arguments : tuple of str
        Of the update.
    derive : function
        Derived parameters, from arrays by name.
    derived_from : tuple of str

    Raises
    ------
    TypeError, ValueError
        In terms of the model.
    """
    name = model.__name__
    if "c_m" not in default_values(model):
        raise TypeError(f"the model {name} needs the parameter c_m, its capacitance in {model.units.capacitance}")
    _check_names(model)
    _try_rates(model)
    written = {"rates": model.rates, "currents": model.currents} | ({"flows": model.flows} if model.flows else {})
    functions = {key: source.adapt(one, key) for key, one in written.items()}
    made = _make(functions, model, source, SINGLE if precision == "float32" else DOUBLE)
    source.add_text(made.text, "update")
    needed = {"dt", "c_m", *(name for text in made.derived.values() for name in _names(text))} & {
        *default_values(model)
    }

    def derive(**values: Any) -> dict[str, Any]:
        return evaluate_derived(made.derived, values)

    return made.arguments, derive, tuple(sorted(needed))


def default_values(model: Any) -> dict[str, float]:
    """Defaults of a model's parameters, what it derives from them, and its longest substep ``dt``."""
    values = {name: parameter.default for name, parameter in model.parameters.items()} | {"dt": model.max_step}
    wanted = inspect.signature(model.derive).parameters
    for name in wanted:
        if name not in values:
            raise TypeError(f"{model.__name__}.derive takes {name!r}, which is no parameter ({', '.join(values)})")
    derived = model.derive(**{name: np.array([values[name]]) for name in wanted})
    return values | {name: float(np.ravel(value)[0]) for name, value in derived.items()}


def _pools(model: Any) -> list[str]:
    """The states that have flows."""
    if model.flows is None:
        return []
    what = f"{model.__name__}.flows"
    pairs = Formulas(what, ScalarSource(model.__name__).adapt(model.flows, "flows")).pairs(None)
    for name in pairs:
        if name not in model.states or name == "v":
            states = ", ".join(state for state in model.states if state != "v")
            raise TypeError(f"{what} returns {name!r}, but the states beside v are {states or 'none'}")
    return list(pairs)


def _check_names(model: Any) -> None:
    """Raise a TypeError where the update to be written would lack a value, or has a use of its own for a name."""
    known = [*model.states, *default_values(model), "i", "g"]
    for function in ("currents", *(["flows"] if model.flows is not None else [])):
        for name in inspect.signature(getattr(model, function)).parameters:
            if name not in known:
                raise TypeError(
                    f"{model.__name__}.{function} takes {name!r}, which is neither a state nor a parameter; known are "
                    f"{', '.join(known)}"
                )
    if isinstance(model.rate_factor, str) and model.rate_factor not in known:
        raise TypeError(f"{model.__name__} names the parameter {model.rate_factor!r}, which it doesn't have")
    for name in known:
        if name.startswith(MADE) or name in OWN_NAMES:
            raise TypeError(f"the model {model.__name__} can't have a state or parameter called {name!r}; rename it")


def _names(text: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}


def _make(functions: dict[str, ast.FunctionDef], model: Any, source: ScalarSource, within: Range) -> Made:
    """Make the update with as few divisions as stay within the range of numbers."""
    given = functions, tuple(model.states), model.rate_factor
    safe = make_update(*given, 1, model.__name__, source.values, within)
    expected = _at_the_ends(safe, model, source, within)
    if within is SINGLE and not np.isfinite(expected).all():
        raise ValueError(
            f"{model.__name__}: the rates leave the range of single precision; write sums of exponentials, such as a "
            "time constant, as a function of their own that rates calls, or take precision='float64'"
        )
    tolerance = _MUST_AGREE[within]
    for gates_per_division in (3, 2):
        made = make_update(*given, gates_per_division, model.__name__, source.values, within)
        if np.allclose(_at_the_ends(made, model, source, within), expected, rtol=tolerance, atol=tolerance):
            return made
    return safe


def _at_the_ends(made: Made, model: Any, source: ScalarSource, within: Range) -> Any:
    """Gates after a substep at the lowest and highest potential, where products of rates are largest."""
    values = default_values(model) | {"i": 0.0, "g": 0.0}
    values |= {key: float(one) for key, one in evaluate_derived(made.derived, values).items()}
    update = as_python(f"{source.text}\n\n@inlined\n{made.text}\n", "update", single=within is SINGLE)
    number = np.float32 if within is SINGLE else float
    results = []
    for v in (V_REFERENCE + DOUBLE.low, V_REFERENCE + DOUBLE.high):
        states = {name: state.initial for name, state in model.states.items()} | {"v": v}
        arguments = [number((values | states)[name]) for name in made.arguments]
        try:
            with np.errstate(all="ignore"):
                new = update(*arguments)
        except ZeroDivisionError:
            return np.nan
        results.append(np.atleast_1d(new)[np.array(list(model.states)) != "v"])
    return np.concatenate(results)


def _try_rates(model: Any) -> None:
    """Raise a ValueError where a rate isn't a finite number, which happens at removable singularities."""
    source = ScalarSource(model.__name__)
    source.add_text(ast.unparse(source.adapt(model.rates, "rates")), "rates")
    rates = as_python(source.text, "rates")
    values = default_values(model) | {name: model.states[name].initial for name in _pools(model)}
    arguments = [name for name in inspect.signature(model.rates).parameters if name != "v"]
    for name in arguments:
        if name not in values:
            raise TypeError(
                f"{model.__name__}.rates takes {name!r}; it may take v, parameters and states that flow "
                f"({', '.join(values)})"
            )
    given = {name: values[name] for name in arguments}
    takes_v = "v" in inspect.signature(model.rates).parameters
    hint = "; write x / (exp(x) - 1) as 1 / exprel(x), with exprel of neurocore_nb.kernels.vmath"
    for v in _PROBES.tolist():
        try:
            pairs = rates(v=v, **given) if takes_v else rates(**given)
        except ZeroDivisionError:
            raise ValueError(f"{model.__name__}.rates divides by zero at v = {v:g} mV{hint}") from None
        except (ArithmeticError, TypeError, ValueError, NameError) as error:
            raise type(error)(f"{model.__name__}.rates fails at v = {v:g} mV: {error}") from None
        for gate, pair in pairs.items() if isinstance(pairs, dict) else ():
            if isinstance(pair, tuple) and len(pair) == 2:
                _check_pair(gate, pair, f"{model.__name__}.rates", v, hint)


def _check_pair(gate: str, pair: tuple[Any, Any], what: str, v: float, hint: str) -> None:
    """Raise a ValueError where the two rates of a gate aren't what rates can be."""
    for which, rate in zip(("opening", "closing"), pair, strict=True):
        if not (math.isfinite(rate) and rate >= 0.0):
            raise ValueError(
                f"{what}: the {which} rate of {gate} is {rate} per ms at v = {v:g} mV; it must be a finite number of "
                f"at least 0{hint if rate != rate else ''}"
            )
    if pair[0] == pair[1] == 0.0:
        raise ValueError(
            f"{what}: the opening and the closing rate of {gate} are both 0 at v = {v:g} mV; one of them must be above"
        )
