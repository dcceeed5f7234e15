"""Populations of neurons, and parts of them."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..declarations import Parameter, State
from ..neurons.model import NeuronModel
from ..neurons.models import MODELS
from ..neurons.scalar import scalar_functions
from ..synapses import CurrentPulse, Receptor
from ..synapses.receptor import CONDUCTANCE, CURRENT, POTENTIAL
from ..tables import facts_table
from . import checks
from .checks import FloatArray
from .distributions import Distribution
from .facts import amount
from .space import positions_of

MAX_NEURONS = 2**31 - 1  # ids on the wire are int32
PRECISIONS = ("float64", "float32")


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
    positions : float64 array of shape (n, d), or None
    """

    parent: Parent
    start: int
    n: int
    label: str
    positions: FloatArray | None

    def __len__(self) -> int:
        return self.n

    def __getitem__(self, part: slice) -> PopulationView:
        """The part ``[a:b]``, with indices of its own that start at 0."""
        if not isinstance(part, slice):
            raise TypeError(f"{self.label}[{part!r}]: take a part of a population with a slice such as [0:10]")
        start, stop, step = part.indices(self.n)
        for border in (part.start, part.stop):
            if border is not None and not -self.n <= border <= self.n:
                given = "".join("" if one is None else str(one) for one in (part.start, ":", part.stop))
                raise ValueError(
                    f"{self.label or 'a population'}[{given}]: there are {self.n} neurons; give a part within "
                    f"[0:{self.n}]"
                )
        if step != 1:
            raise ValueError(
                f"{self.label}[{start}:{stop}:{step}]: a part of a population is contiguous; leave the step out"
            )
        return PopulationView(self, start, max(start, stop))


class Parent(Neurons):
    """A whole population, of neurons with or without membranes.

    Attributes
    ----------
    labelled : bool
        Whether the label is the user's.
    kind : str
        What its neurons are called where it has no label.
    """

    labelled: bool
    kind: str

    @property
    def _members(self) -> str:
        """What there are so many of."""
        return self.kind

    def _set_size(self, n: Any, label: str | None, positions: Any = None) -> str:
        """Set label, size and positions; what to call it in errors."""
        if label is not None and not isinstance(label, str):
            raise TypeError(f"the label of a population must be a string, not {label!r}")
        self.label, self.labelled = label or "", bool(label)
        name = f"population {label!r}" if label else f"a population of {self.kind}"
        self.n = checks.whole_number(n, f"{name}: n")
        if self.n > MAX_NEURONS:
            raise ValueError(f"{name}: n = {self.n} is more than {MAX_NEURONS} neurons, the largest 32-bit id")
        self.parent, self.start = self, 0
        self.positions = positions_of(positions, self.n, f"{name}: positions")
        return name

    def _facts(self) -> list[str]:
        """What it says of itself beside its label, size and kind."""
        return []

    def _details(self) -> dict[str, object]:
        """What it says of itself in a notebook, beside the same."""
        return {}

    def __repr__(self) -> str:
        named = f"{self.label!r}:" if self.label else "of"
        return f"<{type(self).__name__} {named} {', '.join([f'{self.n} {self._members}', *self._facts()])}>"

    def _repr_html_(self) -> str:
        size = {"neurons": f"{self.n:,}"}
        return facts_table(f"{type(self).__name__} {self.label}", size | self._details())


class Population(Parent):
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
    receptors : dict of str to Receptor, optional
        What projections and stimuli can name as their ``receptor``, beside the current pulse that every population has;
        the model's own if left out.
    initial : dict, optional
        Values of state variables at the start, in the same forms; also of receptors (``g_<name>`` or ``i_<name>``).
    max_step : float, optional
        Longest integration substep in ms; the model's own if left out.
    precision : {"float64", "float32"}
        Of states and parameters. In single precision (``"float32"``) a membrane takes less than half of the time and
        memory. Single spikes then come some microseconds earlier or later, which in a chaotic network soon makes other
        spike trains, with the same statistics. Take it for large networks whose statistics matter; not for reference
        solutions, nor for states that change by less than about 1e-7 of their value in a substep (slower than 1e5
        substeps): such changes are lost. What arrives is still summed in double precision and exactly, so results
        are as reproducible as otherwise.
    positions : array of shape (n, d), optional
        Of the neurons in space, with d from 1 to 3, in any unit of length, as for :class:`DistanceDependent`;
        :func:`grid_positions` and :func:`uniform_positions` make them.

    Attributes
    ----------
    states : dict of str to State
        All state variables: those of the model and of the receptors.

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
        receptors: Mapping[str, Receptor] | None = None,
        initial: Mapping[str, Any] | None = None,
        max_step: float | None = None,
        precision: str = "float64",
        positions: Any = None,
    ) -> None:
        self.model = _model(model)
        self.kind = self.model.__name__
        name = self._set_size(n, label, positions)
        if precision not in PRECISIONS:
            raise ValueError(f"{name}: precision {precision!r} is unknown; use {' or '.join(map(repr, PRECISIONS))}")
        self.precision = precision
        scalar_functions(self.model, precision)  # an error in a model is raised here
        self.receptors = self._receptors(self.model.receptors if receptors is None else receptors, name)
        self.states = self._states()
        self.params = self._values(params, self.model.parameters, f"{name}: parameter")
        self.initial = self._values(initial, self.states, f"{name}: initial value of")
        self.receptor_params = {
            key: self._values(receptor.given, receptor.parameters, f"{name}: parameter of receptor {key!r},")
            for key, receptor in self.receptors.items()
        }
        step = self.model.max_step if max_step is None else max_step
        self.max_step = checks.real_number(step, f"{name}: max_step", "ms", above=0.0)
        self._made = True

    def __setattr__(self, name: str, value: Any) -> None:
        """Refuse what would have no effect."""
        if "_made" in self.__dict__ and name not in self.__dict__ and name in {**self.states, **self.model.parameters}:
            raise AttributeError(
                f"{self!r}: {name} can't be assigned; give initial= or params= where the population is made, or "
                f"between runs call net.set(population, {{{name!r}: ...}})"
            )
        super().__setattr__(name, value)

    def _facts(self) -> list[str]:
        named = ", ".join(key for key in self.receptors if key)
        single = ["float32"] * (self.precision == "float32")
        return [*([f"receptors ({named})"] if named else []), *single]

    def _details(self) -> dict[str, object]:
        units: dict[str, State | Parameter] = {**self.states, **self.model.parameters}
        given = {**{f"initial {name}": (value, name) for name, value in self.initial.items()},
                 **{name: (value, name) for name, value in self.params.items()}}  # fmt: skip
        return {
            "model": self.kind,
            "states": ", ".join(self.states),
            **{f"receptor {key}": repr(receptor) for key, receptor in self.receptors.items() if key},
            **{what: amount(value, self.unit(units[name].unit)) for what, (value, name) in given.items()},
            "longest substep": f"{self.max_step:g} ms",
            "precision": self.precision,
            **({} if self.positions is None else {"positions": f"in {self.positions.shape[1]} dimensions"}),
        }

    def _receptors(self, given: Any, name: str) -> dict[str, Receptor]:
        if not isinstance(given, Mapping):
            raise TypeError(f"{name}: receptors must be a dict from names to receptors, not {given!r}")
        for key, receptor in given.items():
            if not (isinstance(key, str) and key.isidentifier()):
                raise ValueError(f"{name}: a receptor's name must be like that of a variable, not {key!r}")
            if not isinstance(receptor, Receptor):
                hint = f"; write {receptor.__name__}()" if isinstance(receptor, type) else ""
                raise TypeError(
                    f"{name}: receptor {key!r} must be a receptor such as ExpConductance(), not {receptor!r}{hint}"
                )
            receptor.form()  # an error in a receptor is raised here
        return {"": CurrentPulse(), **given}

    def _states(self) -> dict[str, State]:
        states = self.model.all_states()
        for key, receptor in self.receptors.items():
            for name, state in receptor.states.items():
                if f"{name}_{key}" in states:
                    raise ValueError(f"the receptor {key!r} has a state {name}_{key}, as {self.kind} has; rename it")
                states[f"{name}_{key}"] = replace(state, unit=self.unit(state.unit))
        return states

    def unit(self, quantity: str) -> str:
        """The unit of a quantity that receptors name, in the model's system of units."""
        units = self.model.units
        return {CURRENT: units.current, CONDUCTANCE: units.conductance, POTENTIAL: "mV"}.get(quantity, quantity)

    def receptor_index(self, receptor: str | None, what: str) -> int:
        """The place of a receptor among all (None: the current pulse, 0); an error if there is none of that name."""
        if receptor is not None and not isinstance(receptor, str):
            raise TypeError(f"{what}: receptor must be the name of a receptor of the target, not {receptor!r}")
        if (receptor or "") not in self.receptors:
            known = ", ".join(repr(key) for key in self.receptors if key)
            raise ValueError(
                f"{what}: population {self.label!r} has no receptor {receptor!r}; "
                + (f"it has {known}" if known else "give it one by receptors={...}")
            )
        if not self.receptors[receptor or ""].takes_weights:
            kind = type(self.receptors[receptor or ""]).__name__
            raise ValueError(
                f"{what}: the receptor {receptor!r} of population {self.label!r} is a {kind}, which takes no weights; "
                "name another, or let its gate act by a GradedSynapse"
            )
        return list(self.receptors).index(receptor or "")

    def trails(self, name: str) -> bool:
        """Whether a state stands half a substep behind the potential: gates, which are taken on from it before it."""
        if name in self.model.all_states():
            return self.model.rates is not None and name in self.model.states and name != "v"
        receptors = {f"{one}_{key}": receptor for key, receptor in self.receptors.items() for one in receptor.states}
        return receptors[name].follows_v

    def weight_unit(self, receptor: str | None) -> str:
        """The unit of weights onto a receptor."""
        return self.unit(self.receptors[receptor or ""].weight)

    def check_sign(self, lowest: float, receptor: str | None, what: str) -> None:
        """Refuse weights of which the lowest would be a negative conductance."""
        kind = self.receptors[receptor or ""]
        if lowest < 0.0 and kind.weight == CONDUCTANCE:
            raise ValueError(
                f"{what}: a weight of {lowest:g} {self.weight_unit(receptor)} is a negative conductance; give it "
                "without the sign, or bound a distribution with low=0.0: what makes a synapse inhibitory is e_rev of "
                f"its receptor, here {kind!r}"
            )

    def _values(
        self, given: Mapping[str, Any] | None, declared: Mapping[str, Any], what: str
    ) -> dict[str, float | FloatArray | Distribution]:
        if given is not None and not isinstance(given, Mapping):
            raise TypeError(f"{what}s must be a dict from names to values, not {given!r}")
        for name in given or {}:
            if name not in declared:
                raise ValueError(f"{what} {name!r} is unknown to {self.kind}; it has {', '.join(declared)}")
        return {
            name: self._value(value, declared[name], self.n, f"{what} {name}") for name, value in (given or {}).items()
        }

    def _value(self, value: Any, legal: Any, n: int, what: str) -> float | FloatArray | Distribution:
        bounds = {key: getattr(legal, key) for key in ("low", "high", "above") if hasattr(legal, key)}
        checked = checks.drawn_values(value, n, what, self.unit(legal.unit), **bounds)
        if self.precision == "float32":
            checks.fits_single(checked, what, self.unit(legal.unit))
        return checked

    def declaration_of(self, name: str) -> State | Parameter:
        """What is declared of a state or parameter; a receptor's is called ``"<receptor>.<name>"``."""
        receptors = {f"{key}.{one}": legal for key, receptor in self.receptors.items()
                     for one, legal in receptor.parameters.items()}  # fmt: skip
        declared: dict[str, Any] = {**self.states, **self.model.parameters, **receptors}
        if name not in declared:
            raise ValueError(f"{self!r} has no state or parameter {name!r}; it has {', '.join(declared)}")
        found: State | Parameter = declared[name]
        return found

    def checked(self, values: Mapping[str, Any], n: int) -> dict[str, float | FloatArray | Distribution]:
        """Values of states and parameters of n neurons, which may be set."""
        if not isinstance(values, Mapping):
            raise TypeError(f"{self!r}: values must be a dict from names to values, not {values!r}")
        return {
            name: self._value(value, self.declaration_of(name), n, f"{self!r}: {name}")
            for name, value in values.items()
        }


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

    @property
    def positions(self) -> FloatArray | None:  # type: ignore[override]
        """Of its neurons."""
        whole = self.parent.positions
        return None if whole is None else whole[self.start : self.start + self.n]

    def __repr__(self) -> str:
        return f"<part of population {self.label}: {self.n} {self.parent._members}>"

    def _repr_html_(self) -> str:
        return facts_table(f"Part of population {self.label}", {"neurons": f"{self.n:,}", **self.parent._details()})


# What was made for a whole population's neurons: projections, stimuli, monitors. All of it may be forgotten.
users: weakref.WeakKeyDictionary[Parent, weakref.WeakSet[Any]] = weakref.WeakKeyDictionary()


def note_user(one: Any, *parts: Neurons | None) -> None:
    """Note that something has been made for some neurons, so that a network can tell what it lacks."""
    for part in parts:
        if part is not None:
            users.setdefault(part.parent, weakref.WeakSet()).add(one)


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


def membranes(value: Any, what: str) -> Neurons:
    """Check that a value is a population of neurons with membranes, or a part of one."""
    found = neurons(value, what)
    population_of(found, what)
    return found


def population_of(found: Neurons, what: str = "this") -> Population:
    """The population of some neurons, which must have membranes."""
    if not isinstance(found.parent, Population):
        raise TypeError(f"{what} must be neurons with membranes; {found!r} only sends spikes")
    return found.parent
