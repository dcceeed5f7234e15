"""From the rates and currents of a membrane to the function that takes one neuron through one substep.

A model of the Hodgkin-Huxley family is declared by the rates of its gates and by its conductances and reversal
potentials, as papers print them. ``make_update`` writes the exponential-Euler update from them, and makes it fast as
one would by hand:

- rates are kept as fractions, so that one division serves up to three gates;
- an exponential of a multiple of ``v`` is taken as a power of another where it can be: of the six rates of Hodgkin and
  Huxley, five are made of powers of ``exp(-v / 80)``;
- what doesn't depend on ``v`` is computed once for each neuron, not in each substep.

The gates advance at the old ``v``, then ``v`` with the new gates, each by its exact solution with all else constant.
Gates and potential so stand half a substep apart, which makes the whole of second order. What follows v at once, such
as an activation that is always in its steady state, is taken at the middle of the substep, to which v is advanced
first.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple, TypeGuard

import numpy as np

from .affine import Affine, affine
from .formulas import Formulas, calls

V_REFERENCE = -65  # mV: shared exponentials are powers of exp(slope * (v - V_REFERENCE))
V_SPAN = 200.0  # mV from there: beyond, rates stay at their value (all gates are shut or open at once)
HIGHEST_POWER = 32  # of a shared exponential: each costs rounding
HIGHEST_EXPONENT = 150.0  # products of four such exponentials are still within the range of numbers
MADE = "made_"  # with which names begin that are no state's or parameter's


class Quotient(NamedTuple):
    """An expression as numerator and denominator (None: 1), and whether it contains gates."""

    numerator: str
    denominator: str | None = None
    gated: bool = False


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
    rates: ast.FunctionDef,
    currents: ast.FunctionDef,
    gates: tuple[str, ...],
    factor: str | float,
    gates_per_division: int,
    name: str,
    constants: Mapping[str, Any],
) -> Made:
    """Write the update.

    Parameters
    ----------
    rates, currents : ast.FunctionDef
        Of a model, see ``NeuronModel``.
    gates : tuple of str
        All states but ``v``, in the order of their declaration.
    factor : str or float
        By which all rates are multiplied; the name of a parameter or a number.
    gates_per_division : int
        Up to 3; fewer where products of the rates' denominators would overflow.
    name : str
        Of the model, for errors.
    constants : dict of str to anything
        What the functions use from their surroundings, by name.

    Returns
    -------
    Made
    """
    rates_, currents_ = Formulas(f"{name}.rates", rates), Formulas(f"{name}.currents", currents)
    writer = _Writer([rates_, currents_], gates, constants)
    advances = writer.advance_gates(rates_, factor)
    lines, change = writer.membrane(currents_)
    lines = [*writer.before, *writer.divisions(gates_per_division), *advances, *lines]
    if "v" in currents_.arguments:
        lines.append(f"{MADE}v = {change(f'0.5 * {MADE}dt_over_c')}")
        middle = _Writer([currents_], gates, constants, f"{MADE}v", f"{MADE}middle_", writer.derived)
        again, change = middle.membrane(currents_)
        lines += [*middle.before, *middle.divisions(gates_per_division), *again]
    lines += [f"v = {change(f'{MADE}dt_over_c')}", f"return {', '.join(['v', *gates])}"]
    derived = writer.derived | {f"{MADE}dt_over_c": "dt / c_m"}
    used = (rates_.arguments | currents_.arguments | ({factor} if isinstance(factor, str) else set())) - {
        "v", "i", "g", "dt", *gates,
    }  # fmt: skip
    arguments = ("v", *gates, "i", "g", "dt", *sorted(used), *derived)
    text = f"def update({', '.join(arguments)}):\n" + "\n".join(f"    {line}" for line in lines)
    return Made(text, arguments, derived)


def _number(value: Fraction) -> str:
    return repr(float(value))


class _Writer:
    """Collects statements while it walks through the expressions."""

    def __init__(
        self,
        functions: list[Formulas],
        gates: tuple[str, ...],
        constants: Mapping[str, Any],
        v: str = "v",
        made: str = MADE,
        derived: dict[str, str] | None = None,
    ) -> None:
        self.gates = gates
        self.constants = constants
        self.v = v  # the potential at which they are evaluated
        self.made = made  # with which its names begin
        self.before: list[str] = []  # statements that don't need the new gates
        self.inverses: list[str] = []  # what to divide by, after these
        self.derived: dict[str, str] = {} if derived is None else derived
        self.exponentials: dict[Affine, Quotient] = {}
        self._share(functions)

    def _enter(self, function: Formulas, dividing: bool = False) -> None:
        """Turn to one of the functions, whose values may wait for the divisions of the rates or not."""
        self.function = function
        self.dividing = dividing
        self.quotients: dict[str, Quotient] = {}

    # ---- exponentials ----------------------------------------------------------------------------------------------

    def _affine(self, node: ast.expr) -> Affine | None:
        return affine(node, self._meaning)

    def _meaning(self, name: str) -> Any:
        """What a name stands for, see ``affine``."""
        if name in self.function.values:
            return self.function.values[name]
        if name in self.constants and name not in self.function.arguments:
            return self.constants[name]
        return None if name in self.gates else name

    def _slopes(self, function: Formulas) -> list[Fraction]:
        """With which slopes v stands in the exponentials of a function."""
        self._enter(function)
        nodes = [node for one in (*function.values.values(), function.returned) for node in ast.walk(one)]
        found = [self._affine(node.args[0]) for node in nodes if calls(node, "exp", "exprel")]  # type: ignore[attr-defined]
        return [one.slope for one in found if _shareable(one)]

    def _share(self, functions: list[Formulas]) -> None:
        """Choose the exponentials of which all others are powers, and write them down."""
        slopes = [slope for function in functions for slope in self._slopes(function)]
        self.bases: list[Fraction] = []
        for slope in sorted({abs(slope) for slope in slopes}):
            if not any(self._is_power(slope, base) for base in self.bases):
                self.bases.append(slope)
        if self.bases:
            self.before.append(f"{self.made}u = min(max({self.v} - {V_REFERENCE:.1f}, {-V_SPAN}), {V_SPAN})")
        self.powers: dict[tuple[int, int], str] = {}
        for k, base in enumerate(self.bases):
            rising = sum(1 if slope > 0 else -1 for slope in slopes if slope % base == 0) > 0
            self.bases[k] = base if rising else -base
            self.before.append(f"{self.made}q{k} = exp_bounded({self.made}u * {_number(self.bases[k])})")
            self.powers[k, 1] = f"{self.made}q{k}"

    def _power(self, k: int, n: int) -> str:
        """The n-th power of a shared exponential."""
        if (k, n) not in self.powers:
            half = 1 << (n.bit_length() - 1) if n & (n - 1) else n // 2
            product = f"{self._power(k, half)} * {self._power(k, n - half)}"
            self.powers[k, n] = f"{self.made}q{k}_{n}"
            self.before.append(f"{self.made}q{k}_{n} = {product}")
        return self.powers[k, n]

    def exponential(self, affine: Affine) -> Quotient:
        """The exponential of an affine function of v."""
        if affine not in self.exponentials:
            number = affine.number + affine.slope * V_REFERENCE
            sums = [_number(number), *(f"{_number(factor)} * {text}" for text, factor in affine.terms)]
            constant = repr(math.exp(number))
            if affine.terms:
                constant = f"{MADE}exp_{len(self.derived)}"
                self.derived[constant] = f"exp({' + '.join(sums)})"
            k = next(k for k, base in enumerate(self.bases) if self._is_power(affine.slope, base))
            power = affine.slope / self.bases[k]
            q = self._power(k, abs(int(power)))
            self.exponentials[affine] = Quotient(f"{constant} * {q}") if power > 0 else Quotient(constant, q)
        return self.exponentials[affine]

    @staticmethod
    def _is_power(slope: Fraction, base: Fraction) -> bool:
        return slope % base == 0 and abs(slope / base) <= HIGHEST_POWER

    # ---- expressions -----------------------------------------------------------------------------------------------

    def quotient(self, node: ast.expr) -> Quotient:
        """An expression as a fraction."""
        if isinstance(node, ast.Constant):
            return Quotient(ast.unparse(node))
        if isinstance(node, ast.Name):
            return self._name(node.id)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            inner = self.quotient(node.operand)
            return Quotient(f"(-{inner.numerator})", inner.denominator, inner.gated)
        if isinstance(node, ast.BinOp):
            return self._operation(node)
        if calls(node, "exp", "exprel"):
            return self._exponential_call(node)  # type: ignore[arg-type]
        return self._other(node)

    def _name(self, name: str) -> Quotient:
        if name not in self.function.values:
            return Quotient(self.v if name == "v" else name, None, name in self.gates)
        if name not in self.quotients:
            self.quotients[name] = self.quotient(self.function.values[name])
        return self.quotients[name]

    def _operation(self, node: ast.BinOp) -> Quotient:
        if isinstance(node.op, ast.Pow):
            return self._pow(node)
        left, right = self.quotient(node.left), self.quotient(node.right)
        if left.gated != right.gated:  # what doesn't depend on gates is divided together with the rates
            left, right = (Quotient(self.scalar(one), None, one.gated) for one in (left, right))
        (a, b), (c, d), gated = left[:2], right[:2], left.gated or right.gated
        if isinstance(node.op, ast.Mult):
            return Quotient(f"({a} * {c})", _product(b, d), gated)
        if isinstance(node.op, ast.Div):
            if isinstance(node.right, ast.Constant) and isinstance(node.right.value, int | float):
                return Quotient(f"({a} * {1.0 / node.right.value!r})", b, gated)
            return Quotient(_product(a, d) or "1.0", _product(b, c), gated)
        if isinstance(node.op, ast.Add | ast.Sub):
            sign = "+" if isinstance(node.op, ast.Add) else "-"
            if b == d:
                return Quotient(f"({a} {sign} {c})", b, gated)
            return Quotient(f"({_product(a, d)} {sign} {_product(c, b)})", _product(b, d), gated)
        raise TypeError(f"{self.function.what}: {ast.unparse(node)!r} can't be compiled")

    def _pow(self, node: ast.BinOp) -> Quotient:
        base = self.quotient(node.left)
        base = Quotient(self.scalar(base), None, base.gated)
        if isinstance(node.right, ast.Constant) and isinstance(node.right.value, int) and node.right.value > 0:
            n = node.right.value
            power = _product_of(base.numerator, n) if base.numerator.isidentifier() else f"{base.numerator}**{n}"
            return Quotient(f"({power})", None, base.gated)
        exponent = self.quotient(node.right)
        return Quotient(f"({self.scalar(base)}**{self.scalar(exponent)})", None, base.gated or exponent.gated)

    def _exponential_call(self, node: ast.Call) -> Quotient:
        affine = self._affine(node.args[0])
        if not _shareable(affine):
            return self._other(node)
        e = self.exponential(affine)
        if calls(node, "exp"):
            return e
        n = sum("exprel_fraction" in line for line in self.before)
        names = f"{self.made}r{n}", f"{self.made}r{n}_divisor"
        argument = self.quotient(node.args[0])
        x = argument.numerator if argument.denominator is None else f"{argument.numerator} / {argument.denominator}"
        self.before.append(f"{', '.join(names)} = exprel_fraction({x}, {e.numerator}, {e.denominator or '1.0'})")
        return Quotient(*names)

    def _other(self, node: ast.expr) -> Quotient:
        """A call of another function, a condition, or what else Numba may know, of scalars."""
        gated = False
        names = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
        called = {one.func.id for one in ast.walk(node) if isinstance(one, ast.Call) and isinstance(one.func, ast.Name)}
        replaced = {}
        for name in sorted(names - called):
            value = self._name(name)
            gated |= value.gated
            replaced[name] = self.scalar(value)
        renamed = _Renamed(replaced).visit(ast.parse(ast.unparse(node), mode="eval").body)
        if calls(node, "exp") and isinstance(renamed, ast.Call):
            limited = f"min(max({ast.unparse(renamed.args[0])}, {-HIGHEST_EXPONENT}), {HIGHEST_EXPONENT})"
            return Quotient(f"exp({limited})", None, gated)
        text = ast.unparse(renamed)
        return Quotient(f"({text})", None, gated)

    def scalar(self, value: Quotient) -> str:
        """A fraction as one number."""
        if value.denominator is None:
            return value.numerator
        if value.gated or not self.dividing:
            return f"({value.numerator} / {value.denominator})"
        if value.denominator not in self.inverses:
            self.inverses.append(value.denominator)
        return f"({value.numerator} * {self.made}inverse_{self.inverses.index(value.denominator)})"

    # ---- writing ---------------------------------------------------------------------------------------------------

    def advance_gates(self, rates: Formulas, factor: str | float) -> list[str]:
        """Statements that advance the gates; they need the divisions."""
        self._enter(rates)
        pairs = rates.rates(self.gates)
        return [self._gate(gate, *pairs[gate], factor) for gate in self.gates]

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


def _shareable(affine: Affine | None) -> TypeGuard[Affine]:
    """Whether an exponential of this may be written as a power of another: v is in it, and it can't overflow."""
    if affine is None or affine.slope == 0:
        return False
    offset = affine.number + affine.slope * V_REFERENCE
    return abs(affine.slope) * int(V_SPAN) <= HIGHEST_EXPONENT and abs(offset) <= HIGHEST_EXPONENT


def _product_of(name: str, n: int) -> str:
    """The n-th power of a variable by few multiplications, as the compiler finds equal factors."""
    half = "(" + " * ".join([name] * (n // 2)) + ")"
    return " * ".join([half, half, name][: 2 + n % 2]) if n > 3 else " * ".join([name] * n)


def _product(a: str | None, b: str | None) -> str | None:
    return f"({a} * {b})" if a is not None and b is not None else a if b is None else b


class _Renamed(ast.NodeTransformer):
    def __init__(self, names: dict[str, str]) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """A name, or the expression that stands for it."""
        return ast.parse(self._names.get(node.id, node.id), mode="eval").body


def evaluate_derived(derived: dict[str, str], values: dict[str, Any]) -> dict[str, Any]:
    """The values of derived parameters, from arrays of the others and ``dt``."""
    return {name: eval(text, {"exp": np.exp}, values) for name, text in derived.items()}  # noqa: S307
