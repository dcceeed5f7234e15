"""The expressions of a model's rates and currents, as fractions of which several share a division.

- Rates are kept as fractions, so that one division serves up to three gates.
- An exponential of a multiple of ``v`` is taken as a power of another where it can be: of the six rates of Hodgkin and
  Huxley, five are made of powers of ``exp(-v / 80)``.
- What doesn't depend on ``v`` is computed once for each neuron, not in each substep.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NamedTuple, TypeGuard

from .affine import Affine, affine
from .formulas import Formulas, calls

V_REFERENCE = -65  # mV: shared exponentials are powers of exp(slope * (v - V_REFERENCE))
MADE = "made_"  # with which names begin that are no state's or parameter's


class Range(NamedTuple):
    """How far exponentials go, so that products of several stay within the range of numbers.

    Attributes
    ----------
    low, high : float
        In mV from ``V_REFERENCE``: beyond, rates stay at their value (all gates are shut or open at once).
    exponent : float
        The highest.
    power : int
        The highest of a shared exponential: each costs rounding.
    """

    low: float
    high: float
    exponent: float
    power: int


DOUBLE, SINGLE = Range(-200.0, 200.0, 150.0, 32), Range(-100.0, 130.0, 15.0, 16)


class Quotient(NamedTuple):
    """An expression as numerator and denominator (None: 1), and whether it contains gates."""

    numerator: str
    denominator: str | None = None
    gated: bool = False


class Fractions:
    """Collects statements while it walks through the expressions."""

    def __init__(
        self,
        functions: list[Formulas],
        states: tuple[str, ...],
        constants: Mapping[str, Any],
        within: Range,
        v: str = "v",
        made: str = MADE,
        derived: dict[str, str] | None = None,
    ) -> None:
        self.states = states
        self.constants = constants
        self.within = within
        self.v = v  # the potential at which they are evaluated
        self.made = made  # with which its names begin
        self.before: list[str] = []  # statements that don't need the new gates
        self.inverses: list[str] = []  # what to divide by, after these
        self.derived: dict[str, str] = {} if derived is None else derived
        self.exponentials: dict[Affine, Quotient] = {}
        self._share(functions)

    def _enter(self, function: Formulas, dividing: bool = False, moved: bool = True) -> None:
        """Turn to one of the functions, whose values may wait for the divisions of the rates or not.

        Its states other than v are those that have been advanced, or not yet.
        """
        self.function = function
        self.dividing = dividing
        self.moved = moved
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
        return None if name in self.states and name != "v" else name

    def _slopes(self, function: Formulas) -> list[Fraction]:
        """With which slopes v stands in the exponentials of a function."""
        self._enter(function)
        nodes = [node for one in (*function.values.values(), function.returned) for node in ast.walk(one)]
        found = [self._affine(node.args[0]) for node in nodes if calls(node, "exp", "exprel")]  # type: ignore[attr-defined]
        return [one.slope for one in found if self._shareable(one)]

    def _share(self, functions: list[Formulas]) -> None:
        """Choose the exponentials of which all others are powers, and write them down."""
        slopes = [slope for function in functions for slope in self._slopes(function)]
        self.bases: list[Fraction] = []
        for slope in sorted({abs(slope) for slope in slopes}):
            if not any(self._is_power(slope, base) for base in self.bases):
                self.bases.append(slope)
        if self.bases:
            u = f"{self.v} - {V_REFERENCE:.1f}"
            self.before.append(f"{self.made}u = min(max({u}, {self.within.low}), {self.within.high})")
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

    def _is_power(self, slope: Fraction, base: Fraction) -> bool:
        return slope % base == 0 and abs(slope / base) <= self.within.power

    def _shareable(self, affine: Affine | None) -> TypeGuard[Affine]:
        """Whether an exponential of this may be written as a power of another: v is in it, and it can't overflow."""
        if affine is None or affine.slope == 0:
            return False
        ends = (V_REFERENCE + int(u) for u in (self.within.low, self.within.high))
        return all(abs(affine.number + affine.slope * v) <= self.within.exponent for v in ends)

    def of_parameters(self, node: ast.expr) -> str | None:
        """An expression of parameters and numbers alone as such; None for another."""
        if isinstance(node, ast.Name):
            value = self._meaning(node.id)
            if isinstance(value, ast.expr):
                return self.of_parameters(value)
            return None if value is None or node.id == "v" else str(value)
        if isinstance(node, ast.BinOp):
            left, right = self.of_parameters(node.left), self.of_parameters(node.right)
            operation = ast.unparse(ast.BinOp(ast.Name("a"), node.op, ast.Name("b")))[1:-1]
            return None if left is None or right is None else f"({left}{operation}{right})"
        return ast.unparse(node) if isinstance(node, ast.Constant) else None

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
            return Quotient(self.v, None) if name == "v" else Quotient(name, None, self.moved and name in self.states)
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
        argument = self.quotient(node.args[0])
        if self._shareable(affine):
            e = self.exponential(affine)
        elif argument.gated:
            return self._other(node)
        else:
            e = None
        x = argument.numerator if argument.denominator is None else f"({argument.numerator} / {argument.denominator})"
        if calls(node, "exp"):
            return e or Quotient(f"exp_bounded({self._limited(x)})")
        n = sum("exprel_" in line for line in self.before)
        names = f"{self.made}r{n}", f"{self.made}r{n}_divisor"
        if e:
            parts = f"exprel_fraction({x}, {e.numerator}, {e.denominator or '1.0'})"
        else:
            parts = f"exprel_parts({x}, {self.within.exponent})"
        self.before.append(f"{', '.join(names)} = {parts}")
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
            return Quotient(f"exp_bounded({self._limited(ast.unparse(renamed.args[0]))})", None, gated)
        text = ast.unparse(renamed)
        return Quotient(f"({text})", None, gated)

    def _limited(self, exponent: str) -> str:
        return f"min(max({exponent}, {-self.within.exponent}), {self.within.exponent})"

    def scalar(self, value: Quotient) -> str:
        """A fraction as one number."""
        if value.denominator is None:
            return value.numerator
        if value.gated or not self.dividing:
            return f"({value.numerator} / {value.denominator})"
        if value.denominator not in self.inverses:
            self.inverses.append(value.denominator)
        return f"({value.numerator} * {self.made}inverse_{self.inverses.index(value.denominator)})"


def _number(value: Fraction) -> str:
    return repr(float(value))


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
