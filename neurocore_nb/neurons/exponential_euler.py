"""From the rates and currents of a membrane to the function that takes one neuron through one substep.

A model of the Hodgkin-Huxley family is declared by the rates of its gates and by its conductances and reversal
potentials, as papers print them; perhaps also by the flows of further states, such as a concentration or the potential
of a dendrite. ``make_update`` writes the exponential-Euler update from them, as fast as one by hand (see
``fractions``).

The gates advance at the old ``v``, then ``v`` with the new gates, each by its exact solution with all else constant.
Gates and potential so stand half a substep apart, which makes the whole of second order. What follows v at once, such
as an activation that is always in its steady state, is taken at the middle of the substep, to which v is advanced
first. States that flow advance in between, in their order, each with what is newest of the others.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .formulas import Formulas
from .fractions import DOUBLE, MADE, Fractions, Range


@dataclass
class Made:
    """An update as source, and what it needs.

    Attributes
    ----------
    text : str
        Of a function ``update``.
    arguments : tuple of str
    derived : dict of str to str
        Parameters that follow from others, as expressions of these.
    """

    text: str = ""
    arguments: tuple[str, ...] = ()
    derived: dict[str, str] = field(default_factory=dict)


def make_update(
    functions: Mapping[str, ast.FunctionDef],
    states: tuple[str, ...],
    factor: str | float,
    gates_per_division: int,
    name: str,
    constants: Mapping[str, Any],
    within: Range = DOUBLE,
) -> Made:
    """Write the update.

    Parameters
    ----------
    functions : dict of str to ast.FunctionDef
        ``rates`` and ``currents`` of a model and, where it has them, ``flows``; see ``NeuronModel``.
    states : tuple of str
        In the order of their declaration.
    factor : str or float
        By which all rates are multiplied; the name of a parameter or a number.
    gates_per_division : int
        Up to 3; fewer where products of the rates' denominators would overflow.
    name : str
        Of the model, for errors.
    constants : dict of str to anything
        What the functions use from their surroundings, by name.
    within : Range

    Returns
    -------
    Made
    """
    formulas = {key: Formulas(f"{name}.{key}", one) for key, one in functions.items()}
    rates, currents, flows = formulas["rates"], formulas["currents"], formulas.get("flows")
    pools = () if flows is None else tuple(flows.pairs(None))
    writer = _Writer([rates, currents], states, constants, within)
    gates = writer.advance_gates(rates, tuple(one for one in states if one not in ("v", *pools)), factor)
    membrane, change = writer.membrane(currents)
    lines = [*writer.before, *writer.divisions(gates_per_division), *gates, *membrane]
    if flows is not None or "v" in currents.arguments:
        lines.append(f"{MADE}v = {change(f'0.5 * {MADE}dt_over_c')}")
        again = [currents] if flows is None else [flows, currents]
        middle = _Writer(again, states, constants, within, f"{MADE}v", f"{MADE}middle_", writer.derived)
        advances = [] if flows is None else middle.advance_pools(flows)
        membrane, change = middle.membrane(currents)
        lines += [*middle.before, *middle.divisions(gates_per_division), *advances, *membrane]
    new = [f"{MADE}{one}_new" if one in pools else one for one in states]
    lines += [f"v = {change(f'{MADE}dt_over_c')}", f"return {', '.join(new)}"]
    derived = writer.derived | {f"{MADE}dt_over_c": "dt / c_m"}
    used = {factor} if isinstance(factor, str) else set()
    used = used.union(*(one.arguments for one in formulas.values())) - {"i", "g", "dt", *states}
    arguments = (*states, "i", "g", "dt", *sorted(used), *derived)
    text = f"def update({', '.join(arguments)}):\n" + "\n".join(f"    {line}" for line in lines)
    return Made(text, arguments, derived)


class _Writer(Fractions):
    """Collects the statements of an update."""

    def advance_gates(self, rates: Formulas, gates: tuple[str, ...], factor: str | float) -> list[str]:
        """Statements that advance the gates; they need the divisions."""
        self._enter(rates, moved=False)
        pairs = rates.pairs(gates)
        return [self._gate(gate, *pairs[gate], factor) for gate in gates]

    def advance_pools(self, flows: Formulas) -> list[str]:
        """Statements that advance states with an inflow and a rate of loss, and then set them to their middle.

        Each advances with the others at their middle, to which all are brought first.
        """
        self._enter(flows, dividing=True)
        pairs = flows.pairs(None)
        old = [f"{MADE}{name}_old = {name}" for name in pairs]
        first = [line for name, pair in pairs.items() for line in self._flow(name, *pair, name, "0.5 * dt")]
        then = [line for name, pair in pairs.items() for line in self._flow(name, *pair, f"{MADE}{name}_new", "dt")]
        return [*old, *first, *then, *(f"{name} = 0.5 * ({MADE}{name}_old + {MADE}{name}_new)" for name in pairs)]

    def _flow(self, name: str, inflow: ast.expr, loss: ast.expr, new: str, time: str) -> list[str]:
        """Statements that advance one such state by a time from its old value."""
        rate, old, constant = f"{MADE}{name}_loss", f"{MADE}{name}_old", self.of_parameters(loss)
        span = f"({time}) * exprel(-{rate} * ({time}))"
        if constant is not None:
            span = f"{MADE}{name}_{'span' if time == 'dt' else 'half'}"
            self.derived[span] = f"span({constant}, {time})"
        return [
            f"{rate} = {self.scalar(self.quotient(loss))}",
            f"{new} = fma({self.scalar(self.quotient(inflow))} - {rate} * {old}, {span}, {old})",
        ]

    def membrane(self, currents: Formulas) -> tuple[list[str], Callable[[str], str]]:
        """Statements that need the new gates, and v after a time (over the capacitance) as an expression."""
        self._enter(currents, dividing=True)
        lines: list[str] = []
        current, conductance = "i", "g"
        for place, term in enumerate(currents.currents()):
            if isinstance(term, ast.Tuple):
                g, e = (self.scalar(self.quotient(one)) for one in term.elts)
                lines.append(f"{self.made}g_{place} = {g}")
                current, conductance = (
                    f"fma({self.made}g_{place}, {e}, {current})",
                    f"{conductance} + {self.made}g_{place}",
                )
            else:
                current = f"{current} - {self.scalar(self.quotient(term))}"
        if conductance == "g":  # nothing but currents: g may be 0, by which relax would divide
            return lines, lambda time: f"v + ({current} - g * v) * ({time}) * exprel(-g * ({time}))"
        return lines, lambda time: f"relax(v, {current}, {conductance}, {time})"

    def _gate(self, gate: str, alpha: ast.expr, beta: ast.expr, factor: str | float) -> str:
        a, b = self.quotient(alpha), self.quotient(beta)
        parts = f"{self.made}{gate}_open, {self.made}{gate}_total, {self.made}{gate}_divisor"
        values = f"{a.numerator}, {a.denominator or '1.0'}, {b.numerator}, {b.denominator or '1.0'}"
        self.before.append(f"{parts} = rate_fractions({values})")
        self.inverses.append(f"{self.made}{gate}_total * {self.made}{gate}_divisor")
        step = "dt" if factor == 1.0 else f"dt * {factor}"
        return f"{gate} = gate({gate}, {parts}, {self.made}inverse_{len(self.inverses) - 1}, {step})"

    def divisions(self, together: int) -> list[str]:
        """Statements that divide by what has been found so far, several at once."""
        lines = []
        for first in range(0, len(self.inverses), together):
            some = self.inverses[first : first + together]
            names = [f"{self.made}inverse_{first + k}" for k in range(len(some))]
            if len(some) == 1:
                lines.append(f"{names[0]} = 1.0 / ({some[0]})")
            else:
                names += [f"{self.made}_"] * (3 - len(some))
                lines.append(f"{', '.join(names)} = inverses({', '.join([*some, *['1.0'] * (3 - len(some))])})")
        return lines


def evaluate_derived(derived: dict[str, str], values: dict[str, Any]) -> dict[str, Any]:
    """The values of derived parameters, from arrays of the others and ``dt``."""
    functions = {"exp": np.exp, "span": _span}
    return {name: eval(text, functions, values) for name, text in derived.items()}  # noqa: S307


def _span(loss: Any, dt: Any) -> Any:
    """How long an inflow would take without loss to what is left of it with a rate of loss."""
    return -np.expm1(-loss * dt) / np.where(loss == 0.0, 1.0, loss) + np.where(loss == 0.0, dt, 0.0)
