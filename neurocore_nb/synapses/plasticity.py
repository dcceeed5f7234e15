"""What a learning rule declares: how spikes change the weight of a synapse.

A rule is a class of declarations and a few scalar functions, like a neuron model; the engine makes loops over synapses
of them (``kernels.rule``).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

from ..declarations import Parameter, ScalarSource, State, declared
from ..kernels.rule import RuleForm

_BOUNDS = {"w_min": Parameter(0.0, "weight", low=0.0), "w_max": Parameter(0.0, "weight", low=0.0),
           "w_ref": Parameter(0.0, "weight", low=0.0)}  # fmt: skip
_FUNCTIONS = ("on_pre", "on_post", "between", "release")


@dataclass(frozen=True)
class Trace:
    """What the spikes of a neuron leave behind: it decays exponentially, and each spike adds 1.

    Attributes
    ----------
    tau : float or str
        Time constant in ms; a number or the name of a parameter.
    keep : float or str
        Which part of what is there a spike leaves: 1, so that all spikes add up, or 0, so that the last one counts; a
        number or the name of a parameter.
    """

    tau: float | str
    keep: float | str = 1.0


class Plasticity:
    """Base of all learning rules.

    A presynaptic spike acts on a synapse when it is fired, a postsynaptic spike one delay after it was fired: all delay
    is dendritic. Both act at the end of their network step. If both act in the same step, the postsynaptic one is
    first, and neither sees the other's trace. After each of them the weight is held within its bounds. A rule sees
    weights without their sign, which they keep.

    The functions are plain Python on numbers, without ``self``: they are compiled. Their arguments are named: the
    weight ``w``, states of the synapse, traces (just before the spike), parameters, ``w_min``, ``w_max``, and
    ``w_ref``, the largest weight at the start.

    Parameters
    ----------
    w_min, w_max : float, optional
        Bounds of the weight without its sign; by default 0 and twice the largest weight at the start.
    w_ref : float, optional
        By default the largest weight at the start, without its sign.
    reward : Population or part of one, optional
        For rules with a ``reward``: the neurons whose spikes are rewards.
    **values : float
        Values of parameters.

    Attributes
    ----------
    pre, post : dict of str to Trace
        Traces that spikes of the source and of the target leave.
    reward : dict of str to Trace
        At most one: the trace that rewards leave, such as ``{"n": Trace("tau_n")}``.
    states : dict of str to State or number
        What a synapse has beside its weight, with its value at the start.
    terminal : dict of str to State or number
        What a source has for all of its synapses, see ``release``.
    parameters : dict of str to Parameter or number
        With their defaults.

    Examples
    --------
    >>> from neurocore_nb import LIFNeuron, Plasticity, Population, Projection, Trace
    >>> class OnlyDown(Plasticity):
    ...     post = {"y": Trace("tau")}
    ...     parameters = {"tau": 20.0, "amount": 0.01}
    ...     def on_pre(w, y, amount):
    ...         return w - amount * y * w
    >>> cells = Population(LIFNeuron, 100, label="cells")
    >>> Projection(cells, cells, weight=10.0, probability=0.1, plasticity=OnlyDown(amount=0.02))
    <Projection cells -> cells: random, p = 0.1, weight 10 pA, plasticity OnlyDown(amount=0.02)>
    """

    pre: ClassVar[Mapping[str, Trace]] = {}
    post: ClassVar[Mapping[str, Trace]] = {}
    reward: ClassVar[Mapping[str, Trace]] = {}
    states: ClassVar[Mapping[str, Any]] = {}  # State, once the class is made; what users write may be a number
    terminal: ClassVar[Mapping[str, Any]] = {}  # likewise
    parameters: ClassVar[Mapping[str, Any]] = {}  # Parameter, likewise

    on_pre: ClassVar[Callable[..., Any] | None] = None
    """The weight, and the synapse's states in their order, after a spike of the source."""

    on_post: ClassVar[Callable[..., Any] | None] = None
    """The same after a spike of the target."""

    between: ClassVar[Callable[..., Any] | None] = None
    """The same after ``h`` ms without a spike of either; takes also the trace of rewards at the start of that time."""

    release: ClassVar[Callable[..., Any] | None] = None
    """New states of the terminal, and the factor from 0 to 1 by which weights act, at a spike ``h`` ms after the last
    (very many before the first)."""

    def __init_subclass__(cls) -> None:
        cls.states = declared(cls.states, State)
        cls.terminal = declared(cls.terminal, State)
        cls.parameters = declared(cls.parameters, Parameter)
        for name in _FUNCTIONS:
            function = vars(cls).get(name)
            if inspect.isfunction(function):
                setattr(cls, name, staticmethod(function))

    def __init__(self, *, reward: Any = None, **values: Any) -> None:
        known = self.all_parameters()
        for name in values:
            if name not in known:
                raise TypeError(f"{type(self).__name__}: parameter {name!r} is unknown; it has {', '.join(known)}")
        self.given = values
        self.rewards = reward

    @classmethod
    def all_parameters(cls) -> dict[str, Parameter]:
        """The rule's own parameters and, where weights change, their bounds."""
        changes = any(getattr(cls, name) is not None for name in ("on_pre", "on_post", "between"))
        return {**cls.parameters, **(_BOUNDS if changes else {})}

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in self.given.items())
        return f"{type(self).__name__}({given})"

    @classmethod
    def traces(cls) -> dict[str, Trace]:
        """All traces of sources, targets and rewards."""
        return {**cls.pre, **cls.post, **cls.reward}

    @classmethod
    @cache
    def form(cls) -> RuleForm:
        """What the kernels need to know.

        Raises
        ------
        TypeError
            If a declaration is of no use, or a function can't be compiled.
        """
        cls._check_declarations()
        source = ScalarSource(cls.__name__)
        returned = {"release": (*cls.terminal, "factor")}
        arguments = []
        for name in _FUNCTIONS:
            function = getattr(cls, name)
            if function is None:
                continue
            values = returned.get(name, ("w", *cls.states))
            source.add(function, name, len(values), ", ".join(values))
            taken = tuple(inspect.signature(function).parameters)
            cls._check_arguments(name, taken)
            arguments.append((name, taken))
        return RuleForm(
            cls.__name__,
            source.text,
            tuple(cls.pre),
            tuple(cls.post),
            next(iter(cls.reward), ""),
            tuple(cls.states),
            tuple(cls.terminal),
            tuple(cls.all_parameters()),
            tuple(arguments),
        )

    @classmethod
    def _check_declarations(cls) -> None:
        name, known = cls.__name__, cls.all_parameters()
        if all(getattr(cls, function) is None for function in _FUNCTIONS):
            raise TypeError(f"the rule {name} has none of the functions {', '.join(_FUNCTIONS)}")
        if len(cls.reward) > 1:
            raise TypeError(f"the rule {name}: rewards leave one trace, not {', '.join(cls.reward)}")
        if cls.reward and cls.between is None:
            raise TypeError(f"the rule {name} has a reward, but no function 'between' that heeds it")
        names = [*cls.traces(), *cls.states, *cls.terminal, *known]
        for one in names:
            if names.count(one) > 1 or one in ("w", "h"):
                raise TypeError(f"the rule {name} uses the name {one!r} for two things")
        for one, trace in cls.traces().items():
            if not isinstance(trace, Trace):
                raise TypeError(f"the rule {name}: {one!r} must be a trace such as Trace('tau'), not {trace!r}")
            for value in (trace.tau, trace.keep):
                if isinstance(value, str) and value not in known:
                    raise TypeError(f"the rule {name}: the trace {one!r} has no parameter {value!r}")

    @classmethod
    def _check_arguments(cls, function: str, taken: tuple[str, ...]) -> None:
        shared = [*cls.all_parameters()]
        synapse = ["w", *cls.states, *cls.pre, *cls.post, *shared]
        known = {
            "on_pre": synapse,
            "on_post": synapse,
            "between": ["w", *cls.states, "h", *cls.reward, *shared],
            "release": [*cls.terminal, "h", *shared],
        }[function]
        for one in taken:
            if one not in known:
                raise TypeError(f"{cls.__name__}.{function} takes {one!r}; it may take {', '.join(known)}")
