"""The learning rule of a projection, with its values checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..synapses.plasticity import Plasticity
from ..synapses.rules import RULES
from . import checks
from .population import Neurons, neurons

_ROOM_TO_GROW = 2.0  # w_max over the largest weight at the start, where it isn't given


@dataclass
class Learning:
    """How the synapses of a projection learn.

    Attributes
    ----------
    rule : Plasticity
    values : dict of str to float
        Of all its parameters, bounds included.
    sign : float
        Of all weights, 1 or -1; a rule sees them without it.
    rewards : Neurons or None
    weight_range : tuple of float
        Smallest and largest weight that there can be, with sign.
    """

    rule: Plasticity
    values: dict[str, float]
    sign: float
    rewards: Neurons | None
    weight_range: tuple[float, float]

    @property
    def learns(self) -> bool:
        """Whether weights change."""
        return self.rule.form().learns


def learning_of(plasticity: Any, weights: tuple[float, float], unit: str, name: str) -> Learning | None:
    """Check the rule of a projection.

    Parameters
    ----------
    plasticity : Plasticity, str or None
    weights : tuple of float
        Smallest and largest weight at the start.
    unit : str
        Of weights.
    name : str
        Of the projection.

    Returns
    -------
    Learning or None

    Raises
    ------
    TypeError, ValueError
        If the rule or a value is not legal.
    """
    rule = _rule(plasticity, name)
    if rule is None:
        return None
    what = f"{name}: {type(rule).__name__}"
    form = rule.form()
    low, high = weights
    if low < 0.0 < high:
        raise ValueError(
            f"{name}: weights from {low:g} to {high:g} {unit} have both signs, but a synapse that learns keeps its "
            "sign; bound them with low= or high=, or make two projections"
        )
    sign = -1.0 if low < 0.0 else 1.0
    smallest, largest = sorted((abs(low), abs(high)))
    values = {key: parameter.default for key, parameter in rule.all_parameters().items()}
    values |= {"w_max": _ROOM_TO_GROW * largest, "w_ref": largest} if form.learns else {}
    for key, given in rule.given.items():
        legal = rule.all_parameters()[key]
        if given is None and key in ("w_max", "w_ref"):
            continue
        label = unit if legal.unit == "weight" else legal.unit
        values[key] = checks.real_number(given, f"{what}: {key}", label, low=legal.low, above=legal.above)
    if form.learns:
        _check_bounds(values, smallest, largest, unit, what)
        smallest, largest = 0.0, values["w_max"]
    low, high = sorted((sign * smallest, sign * largest))
    return Learning(rule, values, sign, _rewards(rule, what), (low, high))


def _rule(plasticity: Any, name: str) -> Plasticity | None:
    if plasticity is None or isinstance(plasticity, Plasticity):
        return plasticity
    if isinstance(plasticity, str):
        if plasticity not in RULES:
            raise ValueError(
                f"{name}: plasticity {plasticity!r} is unknown; known are {', '.join(map(repr, RULES))}, and rules "
                "such as STDP(a_plus=0.01)"
            )
        return RULES[plasticity]()
    hint = f"; write {plasticity.__name__}()" if isinstance(plasticity, type) else ""
    raise TypeError(f"{name}: plasticity must be a rule such as STDP(), not {plasticity!r}{hint}")


def _check_bounds(values: dict[str, float], smallest: float, largest: float, unit: str, what: str) -> None:
    w_min, w_max = values["w_min"], values["w_max"]
    if w_max == 0.0:
        raise ValueError(f"{what}: all weights start at 0, so w_max must be given, in {unit}")
    if w_min > w_max:
        raise ValueError(f"{what}: w_min = {w_min:g} {unit} is above w_max = {w_max:g} {unit}")
    if smallest < w_min or largest > w_max:
        raise ValueError(
            f"{what}: weights start between {smallest:g} and {largest:g} {unit} (without their sign), but are to stay "
            f"between w_min = {w_min:g} and w_max = {w_max:g} {unit}"
        )


def _rewards(rule: Plasticity, what: str) -> Neurons | None:
    if not rule.reward:
        if rule.rewards is not None:
            raise ValueError(f"{what} heeds no reward; leave it out")
        return None
    if rule.rewards is None:
        raise ValueError(f"{what} needs reward=, the neurons whose spikes are rewards, such as a SpikeSource")
    return neurons(rule.rewards, f"{what}: reward")
