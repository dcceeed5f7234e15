"""Populations of neurons, and parts of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..neurons.model import NeuronModel
from ..neurons.models import MODELS
from . import checks
from .checks import FloatArray
from .distributions import Distribution

MAX_NEURONS = 2**31 - 1  # ids on the wire are int32


class Neurons:
    """What a population and a part of it have in common: it can be a source, a target, or be watched.

    Attributes
    ----------
    parent : Population
        The whole population.
    start : int
        Index of the first neuron within the parent.
    n : int
        Number of neurons.
    label : str
    """

    parent: Population
    start: int
    n: int
    label: str

    def __len__(self) -> int:
        return self.n

    def __getitem__(self, part: slice) -> PopulationView:
        """The part ``[a:b]``, with indices of its own that start at 0."""
        if not isinstance(part, slice):
            raise TypeError(f"{self.label}[{part!r}]: take a part of a population with a slice such as [0:10]")
        start, stop, step = part.indices(self.n)
        if step != 1:
            raise ValueError(
                f"{self.label}[{start}:{stop}:{step}]: a part of a population is contiguous; leave the step out"
            )
        return PopulationView(self, start, max(start, stop))


class Population(Neurons):
    """A population of neurons of one model.

    Parameters
    ----------
    model : type of NeuronModel, or str
        The model or its name.
    n : int
        Number of neurons.
    params : dict, optional
        Values of model parameters, each a number, an array of shape (n,) or a distribution drawn per neuron; in the
        parameter's unit.
    label : str, optional
        Name in errors and reports; given by the network if left out.
    initial : dict, optional
        Values of state variables at the start, in the same forms.
    max_step : float, optional
        Longest integration substep in ms; the model's own if left out.

    Attributes
    ----------
    labelled : bool
        Whether the label is the user's.

    Raises
    ------
    TypeError, ValueError
        If the model, a name or a value is not legal.

    Examples
    --------
    >>> from neurocore_nb import HodgkinHuxleyNeuron, Normal, Population
    >>> cells = Population(HodgkinHuxleyNeuron, 100, label="cells", initial={"v": Normal(-65.0, 5.0)})
    >>> len(cells), len(cells[80:])
    (100, 20)
    """

    def __init__(
        self,
        model: type[NeuronModel] | str,
        n: int,
        params: Mapping[str, Any] | None = None,
        label: str | None = None,
        *,
        initial: Mapping[str, Any] | None = None,
        max_step: float | None = None,
    ) -> None:
        self.model = _model(model)
        if label is not None and not isinstance(label, str):
            raise TypeError(f"the label of a population must be a string, not {label!r}")
        self.label, self.labelled = label or "", bool(label)
        name = f"population {label!r}" if label else f"a population of {self.model.__name__}"
        self.n = checks.whole_number(n, f"{name}: n")
        if self.n > MAX_NEURONS:
            raise ValueError(f"{name}: n = {self.n} is more than {MAX_NEURONS} neurons, the largest 32-bit id")
        self.parent, self.start = self, 0
        self.params = self._values(params, self.model.parameters, f"{name}: parameter")
        self.initial = self._values(initial, self.model.states, f"{name}: initial value of")
        step = self.model.max_step if max_step is None else max_step
        self.max_step = checks.real_number(step, f"{name}: max_step", "ms", above=0.0)

    def _values(
        self, given: Mapping[str, Any] | None, declared: Mapping[str, Any], what: str
    ) -> dict[str, float | FloatArray | Distribution]:
        if given is not None and not isinstance(given, Mapping):
            raise TypeError(f"{what}s must be a dict from names to values, not {given!r}")
        result = {}
        for name, value in (given or {}).items():
            if name not in declared:
                raise ValueError(f"{what} {name!r} is unknown to {self.model.__name__}; it has {', '.join(declared)}")
            legal = declared[name]
            bounds = {key: getattr(legal, key) for key in ("low", "high", "above") if hasattr(legal, key)}
            result[name] = checks.drawn_values(value, self.n, f"{what} {name}", legal.unit, **bounds)
        return result

    def __repr__(self) -> str:
        return f"<Population {self.label!r}: {self.n} {self.model.__name__}>"


class PopulationView(Neurons):
    """A contiguous part of a population, made by ``population[a:b]``."""

    def __init__(self, whole: Neurons, start: int, stop: int) -> None:
        self.parent = whole.parent
        self.start = whole.start + start
        self.n = stop - start

    @property
    def label(self) -> str:  # type: ignore[override]
        """The parent's label and the range within it."""
        return f"{self.parent.label}[{self.start}:{self.start + self.n}]"

    def __repr__(self) -> str:
        return f"<part of population {self.label}: {self.n} {self.parent.model.__name__}>"


def neurons(value: Any, what: str) -> Neurons:
    """Check that a value is a population or a part of one."""
    if not isinstance(value, Neurons):
        raise TypeError(f"{what} must be a Population or a part of one, such as population[0:100], not {value!r}")
    return value


def _model(model: Any) -> type[NeuronModel]:
    if isinstance(model, str):
        if model not in MODELS:
            raise ValueError(f"unknown neuron model {model!r}; known are {', '.join(MODELS)}")
        return MODELS[model]
    if isinstance(model, type) and issubclass(model, NeuronModel):
        return model
    raise TypeError(f"a neuron model must be a class such as HodgkinHuxleyNeuron or its name, not {model!r}")
