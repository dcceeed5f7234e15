"""From the rates and currents of a membrane to the function that takes one neuron through one substep.

A model of the Hodgkin-Huxley family is declared by the rates of its gates and by its conductances and reversal
potentials, as papers print them. ``make_update`` writes the exponential-Euler update from them, and makes it fast as
one would by hand:

- rates are kept as fractions, so that one division serves up to three gates;
- an exponential of a multiple of ``v`` is taken as a power of another where it can be: of the six rates of Hodgkin and
  Huxley, five are made of powers of ``exp(-v / 80)``;
- what doesn't depend on ``v`` is computed once for each neuron, not in each substep.

The gates advance at the old ``v``, then ``v`` with the new gates, each by its exact solution with all else constant.
"""

from __future__ import annotations

import ast
import math
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

V_REFERENCE = -65  # mV: shared exponentials are powers of exp(slope * (v - V_REFERENCE))
V_SPAN = 200.0  # mV from there: beyond, rates stay at their value (all gates are shut or open at once)
HIGHEST_POWER = 32  # of a shared exponential: each costs rounding


class Quotient(NamedTuple):
    """An expression as numerator and denominator (None: 1), and whether it contains gates."""

    numerator: str
    denominator: str | None = None
    gated: bool = False


class Affine(NamedTuple):
    """``slope * v + number + sum of coefficient * text``."""

    slope: Fraction
    number: Fraction
    terms: tuple[tuple[str, Fraction], ...] = ()


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

    Returns
    -------
    Made
    """
    writer = _Writer(gates)
    writer.enter(f"{name}.rates", rates)
    pairs = writer.read_rates()
    writer.find_slopes([rate for pair in pairs.values() for rate in pair])
    writer.enter(f"{name}.currents", currents)
    terms = writer.read_currents()
    writer.find_slopes(terms)
    return writer.write(pairs, terms, factor, gates_per_division)


def _number(value: Fraction) -> str:
    return repr(float(value))


@dataclass
class _Scope:
    """The assignments of a function, what has been made of them, and what it returns."""

    values: dict[str, ast.expr] = field(default_factory=dict)
    quotients: dict[str, Quotient] = field(default_factory=dict)
    returned: ast.expr = field(default_factory=lambda: ast.Constant(0.0))


class _Writer:
    """Collects statements while it walks through the expressions."""

    def __init__(self, gates: tuple[str, ...]) -> None:
        self.gates = gates
        self.what = ""
        self.scopes: dict[str, _Scope] = {}
        self.before: list[str] = []  # statements at the old v
        self.inverses: list[str] = []  # what to divide by, after these
        self.derived: dict[str, str] = {}
        self.slopes: list[Fraction] = []
        self.exponentials: dict[Affine, Quotient] = {}
        self.arguments: set[str] = set()
        self.dividing = False  # whether a value may wait for the divisions of the rates

    # ---- reading ---------------------------------------------------------------------------------------------------

    def enter(self, what: str, function: ast.FunctionDef | None = None) -> None:
        """Turn to one of the functions; at first with its tree."""
        self.what = what
        if function is not None:
            self.arguments |= {argument.arg for argument in function.args.args}
            self.scopes[what] = _Scope()
            self.scopes[what].returned = self._statements(function)
        self.scope = self.scopes[what]

    def _statements(self, function: ast.FunctionDef) -> ast.expr:
        """Take in the assignments of a function; what it returns."""
        values = self.scopes[self.what].values
        for statement in function.body:
            if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
                target = statement.targets[0]
                if isinstance(target, ast.Name):
                    if target.id in values or target.id in self.arguments:
                        raise TypeError(f"{self.what} assigns {target.id!r} twice; give each value a name of its own")
                    values[target.id] = statement.value
                    continue
            if isinstance(statement, ast.Return) and statement.value is not None:
                return statement.value
            raise TypeError(f"{self.what} may hold assignments to names and one return; not {ast.unparse(statement)!r}")
        raise TypeError(f"{self.what} returns nothing")

    def read_rates(self) -> dict[str, tuple[ast.expr, ast.expr]]:
        """Opening and closing rate of each gate."""
        returned = self.scope.returned
        legal = isinstance(returned, ast.Dict) and all(isinstance(key, ast.Constant) for key in returned.keys)
        pairs = {}
        if isinstance(returned, ast.Dict) and legal:
            for key, value in zip(returned.keys, returned.values, strict=True):
                legal &= isinstance(value, ast.Tuple) and len(value.elts) == 2
                if legal and isinstance(key, ast.Constant) and isinstance(value, ast.Tuple):
                    pairs[str(key.value)] = (value.elts[0], value.elts[1])
        if not legal:
            raise TypeError(
                f"{self.what} must return a dict such as {{'m': (alpha, beta)}}, not {ast.unparse(returned)!r}"
            )
        if set(pairs) != set(self.gates):
            raise TypeError(
                f"{self.what} returns rates of {', '.join(pairs) or 'nothing'}, but the states beside v are "
                f"{', '.join(self.gates) or 'none'}"
            )
        return pairs

    def read_currents(self) -> list[ast.expr]:
        """Pairs of conductance and reversal potential, and outward currents."""
        returned = self.scope.returned
        if not isinstance(returned, ast.List | ast.Tuple):
            raise TypeError(
                f"{self.what} must return a list such as [(g_l, e_l)] of conductances and reversal potentials, not "
                f"{ast.unparse(returned)!r}"
            )
        for value in returned.elts:
            if isinstance(value, ast.Tuple) and len(value.elts) != 2:
                raise TypeError(f"{self.what}: {ast.unparse(value)} is no pair of conductance and reversal potential")
        return returned.elts

    # ---- exponentials ----------------------------------------------------------------------------------------------

    def affine(self, node: ast.expr) -> Affine | None:
        """An expression as an affine function of v with a slope that is a number, if it is one."""
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            return Affine(Fraction(0), Fraction(repr(node.value)))
        if isinstance(node, ast.Name):
            if node.id == "v":
                return Affine(Fraction(1), Fraction(0))
            if node.id in self.scope.values:
                return self.affine(self.scope.values[node.id])
            return None if node.id in self.gates else Affine(Fraction(0), Fraction(0), ((node.id, Fraction(1)),))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            inner = self.affine(node.operand)
            return inner and _scaled(inner, Fraction(-1))
        if isinstance(node, ast.BinOp):
            return self._affine_operation(node)
        return None

    def _affine_operation(self, node: ast.BinOp) -> Affine | None:
        left, right = self.affine(node.left), self.affine(node.right)
        if left is None or right is None:
            return None
        if isinstance(node.op, ast.Sub):
            right = _scaled(right, Fraction(-1))
        if isinstance(node.op, ast.Add | ast.Sub):
            return Affine(left.slope + right.slope, left.number + right.number, left.terms + right.terms)
        plain = [one.slope == 0 and not one.terms for one in (left, right)]
        if isinstance(node.op, ast.Mult) and any(plain):
            return _scaled(right, left.number) if plain[0] else _scaled(left, right.number)
        if isinstance(node.op, ast.Div) and plain[1] and right.number != 0:
            return _scaled(left, 1 / right.number)
        return None

    def find_slopes(self, nodes: list[ast.expr]) -> None:
        """Note with which slopes v stands in exponentials."""
        for expression in [*self.scope.values.values(), *nodes]:
            for node in ast.walk(expression):
                if _calls(node, "exp", "exprel"):
                    affine = self.affine(node.args[0])  # type: ignore[attr-defined]
                    if affine is not None and affine.slope != 0:
                        self.slopes.append(affine.slope)

    def share(self) -> None:
        """Choose the exponentials of which all others are powers, and write them down."""
        self.bases: list[Fraction] = []
        for slope in sorted({abs(slope) for slope in self.slopes}):
            if not any(slope % base == 0 and slope / base <= HIGHEST_POWER for base in self.bases):
                self.bases.append(slope)
        if self.bases:
            self.before.append(f"u = min(max(v - {V_REFERENCE:.1f}, {-V_SPAN}), {V_SPAN})")
        self.powers: dict[tuple[int, int], str] = {}
        for k, base in enumerate(self.bases):
            rising = sum(1 if slope > 0 else -1 for slope in self.slopes if slope % base == 0) > 0
            self.bases[k] = base if rising else -base
            self.before.append(f"q{k} = exp(u * {_number(self.bases[k])})")
            self.powers[k, 1] = f"q{k}"

    def _power(self, k: int, n: int) -> str:
        """The n-th power of a shared exponential."""
        if (k, n) not in self.powers:
            half = 1 << (n.bit_length() - 1) if n & (n - 1) else n // 2
            product = f"{self._power(k, half)} * {self._power(k, n - half)}"
            self.powers[k, n] = f"q{k}_{n}"
            self.before.append(f"q{k}_{n} = {product}")
        return self.powers[k, n]

    def exponential(self, affine: Affine) -> Quotient:
        """The exponential of an affine function of v."""
        if affine not in self.exponentials:
            number = affine.number + affine.slope * V_REFERENCE
            sums = [_number(number), *(f"{_number(factor)} * {text}" for text, factor in affine.terms)]
            constant = repr(math.exp(number))
            if affine.terms:
                constant = f"exp_{len(self.derived)}"
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
            return Quotient(repr(node.value))
        if isinstance(node, ast.Name):
            return self._name(node.id)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            inner = self.quotient(node.operand)
            return Quotient(f"(-{inner.numerator})", inner.denominator, inner.gated)
        if isinstance(node, ast.BinOp):
            return self._operation(node)
        if _calls(node, "exp", "exprel"):
            return self._exponential_call(node)  # type: ignore[arg-type]
        return self._other(node)

    def _name(self, name: str) -> Quotient:
        if name not in self.scope.values:
            return Quotient(name, None, name in self.gates)
        if name not in self.scope.quotients:
            self.scope.quotients[name] = self.quotient(self.scope.values[name])
        return self.scope.quotients[name]

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
        raise TypeError(f"{self.what}: {ast.unparse(node)!r} can't be compiled")

    def _pow(self, node: ast.BinOp) -> Quotient:
        base = self.quotient(node.left)
        base = Quotient(self.scalar(base), None, base.gated)
        if isinstance(node.right, ast.Constant) and isinstance(node.right.value, int) and node.right.value > 0:
            n = node.right.value
            power = " * ".join([base.numerator] * n) if base.numerator.isidentifier() else f"{base.numerator}**{n}"
            return Quotient(f"({power})", None, base.gated)
        exponent = self.quotient(node.right)
        return Quotient(f"({self.scalar(base)}**{self.scalar(exponent)})", None, base.gated or exponent.gated)

    def _exponential_call(self, node: ast.Call) -> Quotient:
        affine = self.affine(node.args[0])
        if affine is None or affine.slope == 0:
            return self._other(node)
        e = self.exponential(affine)
        if _calls(node, "exp"):
            return e
        n = sum("exprel_fraction" in line for line in self.before)
        names = f"r{n}", f"r{n}_divisor"
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
        text = ast.unparse(_Renamed(replaced).visit(ast.parse(ast.unparse(node), mode="eval").body))
        return Quotient(f"({text})", None, gated)

    def scalar(self, value: Quotient) -> str:
        """A fraction as one number."""
        if value.denominator is None:
            return value.numerator
        if value.gated or not self.dividing:
            return f"({value.numerator} / {value.denominator})"
        if value.denominator not in self.inverses:
            self.inverses.append(value.denominator)
        return f"({value.numerator} * inverse_{self.inverses.index(value.denominator)})"

    # ---- writing ---------------------------------------------------------------------------------------------------

    def write(
        self,
        pairs: dict[str, tuple[ast.expr, ast.expr]],
        terms: list[ast.expr],
        factor: str | float,
        gates_per_division: int,
    ) -> Made:
        """Put all together."""
        self.share()
        self.enter(next(iter(self.scopes)))
        advances = [self._gate(gate, *pairs[gate], factor) for gate in self.gates]
        self.enter(list(self.scopes)[1])
        self.dividing = True
        current, conductance = "i", "g"
        for term in terms:
            if isinstance(term, ast.Tuple):
                g, e = (self.scalar(self.quotient(one)) for one in term.elts)
                place = terms.index(term)
                advances.append(f"g_{place} = {g}")
                current, conductance = f"fma(g_{place}, {e}, {current})", f"{conductance} + g_{place}"
            else:
                current = f"{current} - {self.scalar(self.quotient(term))}"
        self.derived["dt_over_c"] = "dt / c_m"
        used = self.arguments - {"v"} - set(self.gates)
        used |= {factor} if isinstance(factor, str) else set()
        arguments = ("v", *self.gates, "i", "g", "dt", *sorted(used), *self.derived)
        lines = [
            *self.before,
            *self._divisions(gates_per_division),
            *advances,
            f"v = relax(v, {current}, {conductance}, dt_over_c)",
            f"return {', '.join(['v', *self.gates])}",
        ]
        text = f"def update({', '.join(arguments)}):\n" + "\n".join(f"    {line}" for line in lines)
        return Made(text, arguments, self.derived)

    def _gate(self, gate: str, alpha: ast.expr, beta: ast.expr, factor: str | float) -> str:
        a, b = self.quotient(alpha), self.quotient(beta)
        parts = f"{gate}_open, {gate}_total, {gate}_divisor"
        values = f"{a.numerator}, {a.denominator or '1.0'}, {b.numerator}, {b.denominator or '1.0'}"
        self.before.append(f"{parts} = rate_fractions({values})")
        self.inverses.append(f"{gate}_total * {gate}_divisor")
        step = "dt" if factor == 1.0 else f"dt * {factor}"
        return f"{gate} = gate({gate}, {parts}, inverse_{len(self.inverses) - 1}, {step})"

    def _divisions(self, together: int) -> list[str]:
        lines = []
        for first in range(0, len(self.inverses), together):
            some = self.inverses[first : first + together]
            names = [f"inverse_{first + k}" for k in range(len(some))]
            if len(some) == 1:
                lines.append(f"{names[0]} = 1.0 / ({some[0]})")
            else:
                names += ["_"] * (3 - len(some))
                lines.append(f"{', '.join(names)} = inverses({', '.join([*some, *['1.0'] * (3 - len(some))])})")
        return lines


def _scaled(value: Affine, factor: Fraction) -> Affine:
    terms = tuple((text, coefficient * factor) for text, coefficient in value.terms)
    return Affine(value.slope * factor, value.number * factor, terms)


def _product(a: str | None, b: str | None) -> str | None:
    return f"({a} * {b})" if a is not None and b is not None else a if b is None else b


def _calls(node: ast.AST, *names: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names


class _Renamed(ast.NodeTransformer):
    def __init__(self, names: dict[str, str]) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """A name, or the expression that stands for it."""
        return ast.parse(self._names.get(node.id, node.id), mode="eval").body


def evaluate_derived(derived: dict[str, str], values: dict[str, Any]) -> dict[str, Any]:
    """The values of derived parameters, from arrays of the others and ``dt``."""
    return {name: eval(text, {"exp": np.exp}, values) for name, text in derived.items()}  # noqa: S307
