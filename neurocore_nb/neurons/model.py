"""What a neuron model declares.

A model is a class of declarations and scalar functions that take one neuron through one substep. The engine makes a
loop of them (``kernels.integrate``), together with the receptors of a population; nothing else needs to know a model.
"""

from __future__ import annotations

import inspect
import math
import weakref
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ..declarations import Parameter, ScalarSource, State, declared
from ..kernels.frame import ON_CURRENT, ReceptorForm, Update
from .membrane import default_values, membrane_update
from .trial import as_python

GIVEN = ("i", "g", "dt", "noise")  # what an update may take beside states and parameters
REFRACTORY = "refractory"  # the state that counts substeps in which no spike is seen


@dataclass(frozen=True)
class Units:
    """A system of units that is consistent with the potential's, most often mV, and ms."""

    current: str
    conductance: str
    capacitance: str


PER_AREA = Units("uA/cm2", "mS/cm2", "uF/cm2")
"""Units of the Hodgkin-Huxley family."""
PER_CELL = Units("pA", "nS", "pF")
"""Units of the integrate-and-fire family."""
DIMENSIONLESS = Units("", "", "")
"""Units of models in which all but time is a number."""


@dataclass(frozen=True)
class SpikeRule:
    """When a neuron fires; look for a spike is made at the end of each substep.

    Attributes
    ----------
    variable : str
        The state that is compared with the threshold.
    threshold : float or str
        A number or the name of a parameter or state.
    refractory : float or str
        Time in ms after a spike in which none is seen; a number or the name of a parameter.
    held : tuple of str
        States that don't change in that time.
    """

    variable: str
    threshold: float | str
    refractory: float | str = 0.0
    held: tuple[str, ...] = ()


class UpwardCrossing(SpikeRule):
    """A spike is the passage from below the threshold to it or beyond.

    Parameters
    ----------
    variable : str
        The state that is compared with the threshold.
    threshold : float or str
        A number or the name of a parameter or of another state, in the state's unit.
    refractory : float or str
        Time in ms after a spike in which none is seen; a number or the name of a parameter.
    held : tuple of str
        States that don't change in that time, such as ``("v",)`` of an integrate-and-fire neuron.
    """


class Level(SpikeRule):
    """A spike is any value at or above the threshold, outside the refractory time.

    Parameters
    ----------
    variable : str
        The state that is compared with the threshold.
    threshold : float or str
        A number or the name of a parameter or of another state, in the state's unit.
    refractory : float or str
        Time in ms after a spike in which none is seen; a number or the name of a parameter.
    held : tuple of str
        States that don't change in that time, such as ``("v",)`` of an integrate-and-fire neuron.
    """


def _nothing() -> dict[str, Any]:
    """Parameters that follow from others and from the substep: none."""
    return {}


class NeuronModel:
    """Base of all neuron models.

    A model has either a function ``update``, or ``rates`` and ``currents`` from which one is made, which is as fast as
    one written by hand. All of them are plain Python on numbers, without ``self``: they are compiled, pasted into a
    loop over neurons and vectorised. They may use the functions of ``math`` and of ``kernels.vmath``, of which
    ``exprel(x) = (exp(x) - 1) / x`` is the way to write singular rates.

    Attributes
    ----------
    units : Units
        Of weights and stimuli onto neurons of this model.
    states : dict of str to State or number
        With their values at the start.
    parameters : dict of str to Parameter or number
        With their defaults.
    spike : UpwardCrossing or Level
    max_step : float
        The longest substep in ms at which the model is integrated accurately; a population can set its own.
    rate_factor : float or str
        All ``rates`` are multiplied by it; a number or the name of a parameter.
    membrane_time_constant : str
        Name of the parameter (ms) where the membrane is linear with this time constant; receptors' currents are then
        exact, too.
    receptors : dict of str to Receptor
        Of populations that are given none.

    Examples
    --------
    >>> from neurocore_nb import Network, NeuronModel, Population, SpikeMonitor, StepCurrent, UpwardCrossing
    >>> from neurocore_nb.kernels.vmath import exp, exprel
    >>> class Interneuron(NeuronModel):
    ...     states = {"v": -65.0, "h": 0.8, "n": 0.1}
    ...     parameters = {"c_m": 1.0, "g_na": 35.0, "g_k": 9.0, "g_l": 0.1, "phi": 5.0}
    ...     spike = UpwardCrossing("v", 0.0)
    ...     max_step = 0.01
    ...     rate_factor = "phi"
    ...     def rates(v):
    ...         return {
    ...             "h": (0.07 * exp(-(v + 58.0) / 20.0), 1.0 / (1.0 + exp(-(v + 28.0) / 10.0))),
    ...             "n": (0.1 / exprel(-(v + 34.0) / 10.0), 0.125 * exp(-(v + 44.0) / 80.0)),
    ...         }
    ...     def currents(v, h, n, g_na, g_k, g_l):
    ...         m = 1.0 / (1.0 + 4.0 * exp(-(v + 60.0) / 18.0) * exprel(-(v + 35.0) / 10.0))
    ...         return [(g_na * m**3 * h, 55.0), (g_k * n**4, -90.0), (g_l, -65.0)]
    >>> cell = Population(Interneuron, 1)
    >>> spikes = SpikeMonitor(cell)
    >>> report = Network(cell, StepCurrent(0.0, 0.1, 1.0), spikes).run(0.1)
    >>> spikes.count
    6
    """

    units: ClassVar[Units] = PER_AREA
    states: ClassVar[Mapping[str, Any]]  # State, once the class is made; what users write may be a number
    parameters: ClassVar[Mapping[str, Any]] = {}  # Parameter, likewise
    spike: ClassVar[SpikeRule]
    max_step: ClassVar[float]
    rate_factor: ClassVar[float | str] = 1.0
    membrane_time_constant: ClassVar[str] = ""
    receptors: ClassVar[Mapping[str, Any]] = {}

    update: ClassVar[Callable[..., Any] | None] = None
    """One substep. Its arguments are named: states, parameters, derived parameters, ``dt`` (ms), and the synaptic and
    external input ``i`` and ``g``, whose current is ``i - g * v``; and ``noise``, a standard normal number, another for
    each neuron and substep. Returns the new states in their order."""

    rates: ClassVar[Callable[..., Any] | None] = None
    """Opening and closing rates per ms of each gate, as ``{"m": (alpha, beta)}``, from ``v``, parameters and states
    that flow; a few assignments and a return. All states are gates but ``v`` and those that flow."""

    currents: ClassVar[Callable[..., Any] | None] = None
    """Conductances with their reversal potentials, as ``[(g_na * m**3 * h, e_na)]``, and outward currents; from ``v``,
    other states and parameters, one of which, perhaps derived, is the capacitance ``c_m``."""

    flows: ClassVar[Callable[..., Any] | None] = None
    """Inflow and rate of loss per ms of states that are no gates, such as a concentration or the potential of another
    compartment: ``{"ca": (inflow, loss)}`` stands for ``dca/dt = inflow - loss * ca``; from ``v``, other states and
    parameters."""

    reset: ClassVar[Callable[..., Any] | None] = None
    """States after a spike, in their order, from states and parameters; None if a spike changes nothing."""

    derive: ClassVar[Callable[..., dict[str, Any]]] = staticmethod(_nothing)
    """Parameters that follow from others and from the substep ``dt`` (ms); takes those by name, as arrays."""

    def __init_subclass__(cls) -> None:
        for name in ("states", "parameters"):
            if name in vars(cls):
                kind: type = State if name == "states" else Parameter
                setattr(cls, name, declared(vars(cls)[name], kind))
        for name in ("update", "rates", "currents", "flows", "reset", "derive"):
            function = vars(cls).get(name)
            if inspect.isfunction(function):
                setattr(cls, name, staticmethod(function))

    @classmethod
    def all_states(cls) -> dict[str, State]:
        """The states, and the count of refractory substeps where the spike rule has a refractory time."""
        count = {REFRACTORY: State(0.0, "substeps", 0.0)} if cls.spike.refractory != 0.0 else {}
        return dict(cls.states) | count

    @classmethod
    def all_parameters(cls, parameters: dict[str, Any], dt: float, precision: str = "float64") -> dict[str, Any]:
        """Add what follows from the parameters.

        Parameters
        ----------
        parameters : dict of str to float or float64[:]
        dt : float
            Substep in ms.
        precision : {"float64", "float32"}

        Returns
        -------
        dict of str to float or float64[:]
        """
        derived = _from_arrays(cls.derive, parameters | {"dt": dt})
        values = parameters | derived
        made = scalar_functions(cls, precision)
        values |= _from_arrays(made.derive, values | {"dt": dt}, made.derived_from)
        if cls.spike.refractory != 0.0:
            time = cls.spike.refractory
            values["refractory_steps"] = np.rint((values[time] if isinstance(time, str) else time) / dt)
        return values

    @classmethod
    def compiled_form(
        cls,
        varied: Collection[str],
        receptors: Sequence[ReceptorForm] = (),
        conductance: bool = False,
        precision: str = "float64",
    ) -> Update:
        """What the fused kernel needs to know of the model with its receptors.

        Parameters
        ----------
        varied : collection of str
            Parameters, derived ones included, that differ between the neurons of the population; a receptor's are
            called ``"0_tau"`` and so on by its number.
        receptors : sequence of ReceptorForm
            None: a current pulse.
        conductance : bool
            Whether conductances are injected.
        precision : {"float64", "float32"}
            Of states and parameters.

        Returns
        -------
        Update
        """
        made = scalar_functions(cls, precision)
        forms = tuple(receptors) or (ReceptorForm("CurrentPulse", ON_CURRENT),)
        states = [*cls.all_states(), *(f"{r}_{name}" for r, form in enumerate(forms) for name in form.states)]
        refractory, threshold = cls.spike.refractory != 0.0, cls.spike.threshold
        used = dict.fromkeys([*made.update_arguments, *made.reset_arguments])
        names = [name for name in used if name not in (*cls.states, *GIVEN)]
        names += ["refractory_steps"] * refractory
        if isinstance(threshold, str) and threshold not in (*names, *cls.states):
            names.append(threshold)
        for r, form in enumerate(forms):
            given = dict.fromkeys([*form.arrive_arguments, *form.update_arguments])
            names += [f"{r}_{name}" for name in given if name not in (*form.states, "w", "v", "dt")]
        return Update(
            name=cls.__name__,
            source=made.source,
            update_arguments=made.update_arguments,
            reset_arguments=made.reset_arguments,
            states=tuple(states),
            constants=tuple(name for name in names if name not in varied),
            varied=tuple(name for name in names if name in varied),
            variable=cls.spike.variable,
            threshold=threshold if isinstance(threshold, str) else repr(float(threshold)),
            crossing=isinstance(cls.spike, UpwardCrossing),
            refractory=refractory,
            held=cls.spike.held,
            conductance=conductance,
            receptors=forms,
            precision=precision,
        )


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
    derive: Callable[..., dict[str, Any]] = _nothing
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


def _from_arrays(
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
    made = set(_from_arrays(functions.derive, dict.fromkeys(functions.derived_from, 1.0), functions.derived_from))
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
