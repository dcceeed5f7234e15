"""What a neuron model declares.

A model is a class of declarations and scalar functions that take one neuron through one substep. The engine makes a
loop of them (``kernels.integrate``), together with the receptors of a population; nothing else needs to know a model.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from ..declarations import Parameter, State, declared
from ..kernels.frame import ON_CURRENT, ReceptorForm, Update
from .scalar import GIVEN, REFRACTORY, from_arrays, nothing, scalar_functions
from .spiking import PER_AREA, SpikeRule, Units, UpwardCrossing


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

    derive: ClassVar[Callable[..., dict[str, Any]]] = staticmethod(nothing)
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
        derived = from_arrays(cls.derive, parameters | {"dt": dt})
        values = parameters | derived
        made = scalar_functions(cls, precision)
        values |= from_arrays(made.derive, values | {"dt": dt}, made.derived_from)
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
