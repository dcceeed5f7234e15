"""From scalar functions in double precision to their twins in single precision.

Numba takes ``x * 0.1`` with a float32 ``x`` for double arithmetic, because 0.1 is a float64. So in a twin every number
that meets a float32 is written as ``float32(0.1)``. Whole numbers stay what they are where they count or index, and as
exponents. Functions of ``math`` and powers with fractional exponents, which don't vectorise, are computed in double
precision and then rounded: so they round alike on every machine, compiled or not.
"""

from __future__ import annotations

import ast
import inspect
import math
import textwrap
import threading
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from .jit import inlined

_SMALLEST, _LARGEST = float(np.finfo(np.float32).tiny), float(np.finfo(np.float32).max)
_WHOLE = ("int", "len", "round", "bool", "as_int")  # functions that return whole numbers, ...
_WHOLE_OF_MATH = ("floor", "ceil", "trunc", "isnan", "isinf", "isfinite")
_LIKE_ARGUMENTS = ("abs", "max", "min")  # ... and those that do if they are given such
_ENTRIES = ("update", "reset", "arrive")  # return states
_PARSING = threading.Lock()  # CPython 3.11 fails when several threads do it
_ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.FloorDiv, ast.Mod)


def single_precision(text: str, functions: Iterable[str] = (), whole: Iterable[str] = ()) -> str:
    """The single-precision twin of a text.

    Parameters
    ----------
    text : str
        Functions of numbers, and assignments of numbers to the names they use.
    functions : iterable of str
        Functions that are called with floating-point numbers only.
    whole : iterable of str
        Names of whole numbers from its surroundings.

    Returns
    -------
    str
        Needs the names ``float32`` and ``float64``.
    """
    with _PARSING:
        tree = ast.parse(text)
    constants = {
        target.id
        for statement in tree.body
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant)
        for target in statement.targets
        if isinstance(target, ast.Name) and isinstance(statement.value.value, int)
    }
    twins = _Twin(constants | set(whole), frozenset(functions))
    return ast.unparse(ast.fix_missing_locations(twins.visit(tree)))


def twin(function: Callable[..., Any], names: dict[str, Any]) -> Any:
    """The single-precision twin of a scalar function, compiled.

    Parameters
    ----------
    function : function
        Perhaps compiled already.
    names : dict of str to anything
        What it uses from its surroundings; numbers among them are rounded.

    Returns
    -------
    function
    """
    plain = getattr(function, "py_func", function)
    tree = ast.parse(textwrap.dedent(inspect.getsource(plain)))
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef):
            statement.decorator_list = []
    space = names | {name: np.float32(value) for name, value in names.items() if isinstance(value, float)}
    space |= {"float32": np.float32, "float64": np.float64}
    whole = [name for name, value in names.items() if isinstance(value, int)]
    exec(single_precision(ast.unparse(tree), ("exp", "fma"), whole), space)  # noqa: S102  # the package's own functions
    return inlined(space[plain.__name__])


def _literal(value: float) -> float:
    """A number that neither vanishes nor overflows when it is rounded: a guard such as 1e-300 remains one."""
    if value == 0.0 or not math.isfinite(value):
        return value
    return math.copysign(min(max(abs(value), _SMALLEST), _LARGEST), value)


def _call(name: str, value: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(name, ast.Load()), [value], [])


class _Twin(ast.NodeTransformer):
    """Writes twins; knows which names of the function it is in stand for whole numbers."""

    def __init__(self, constants: set[str], functions: frozenset[str]) -> None:
        self._constants = constants
        self._functions = functions
        self._whole_names: set[str] = set(constants)
        self._returns_whole = False

    # ---- what is a whole number ------------------------------------------------------------------------------------

    def _whole(self, node: ast.expr) -> bool:
        """Whether an expression is a whole number or a truth value, which arithmetic would take to float64."""
        if isinstance(node, ast.Constant):
            return isinstance(node.value, int)
        if isinstance(node, ast.Name):
            return node.id in self._whole_names
        if isinstance(node, ast.Compare):
            return True
        if isinstance(node, ast.Call):
            return self._whole_call(node)
        parts: list[ast.expr] = []
        if isinstance(node, ast.BinOp) and not isinstance(node.op, ast.Div):
            parts = [node.left, node.right]
        elif isinstance(node, ast.UnaryOp):
            parts = [node.operand]
        elif isinstance(node, ast.BoolOp):
            parts = node.values
        elif isinstance(node, ast.IfExp):
            parts = [node.body, node.orelse]
        return bool(parts) and all(self._whole(part) for part in parts)

    def _whole_call(self, node: ast.Call) -> bool:
        name = _called(node)
        if name in _LIKE_ARGUMENTS:
            return all(self._whole(argument) for argument in node.args)
        return name in _WHOLE or name in {f"math.{one}" for one in _WHOLE_OF_MATH}

    def _find_whole_names(self, function: ast.FunctionDef) -> None:
        """All names that are assigned nothing but whole numbers."""
        assigned = [pair for node in ast.walk(function) for pair in _assignments(node)]
        arguments = {argument.arg for argument in function.args.args}
        self._whole_names = (self._constants | {name for name, _ in assigned}) - arguments
        while True:
            others = {name for name, value in assigned if value is None or not self._whole(value)}
            if not others & self._whole_names:
                return
            self._whole_names -= others

    # ---- what has to be written otherwise --------------------------------------------------------------------------

    def _real(self, node: ast.expr) -> ast.expr:
        """An expression, visited, as a float32."""
        if isinstance(node, ast.Constant):
            return _call("float32", ast.Constant(_literal(float(node.value))))  # type: ignore[arg-type]
        visited: ast.expr = self.visit(node)
        return _call("float32", visited) if self._whole(node) else visited

    def _reals(self, nodes: list[ast.expr]) -> list[ast.expr]:
        """Expressions of which all are written as float32 if one is no whole number."""
        if all(self._whole(node) for node in nodes):
            return [self.visit(node) for node in nodes]
        return [self._real(node) for node in nodes]

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """A function: first find its whole numbers."""
        self._find_whole_names(node)
        returned = [one.value for one in ast.walk(node) if isinstance(one, ast.Return) and one.value is not None]
        self._returns_whole = node.name not in _ENTRIES and all(
            self._whole(value) for one in returned for value in (one.elts if isinstance(one, ast.Tuple) else [one])
        )
        node.args.defaults = [self._real(value) for value in node.args.defaults]
        node.body = [self.visit(statement) for statement in node.body]
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        """A number by itself."""
        return self._real(node) if isinstance(node.value, float) else node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        """Arithmetic."""
        if isinstance(node.op, ast.Pow):
            return self._power(node)
        if isinstance(node.op, ast.Div):
            node.left, node.right = self._real(node.left), self._real(node.right)
        elif isinstance(node.op, _ARITHMETIC):
            node.left, node.right = self._reals([node.left, node.right])
        else:
            self.generic_visit(node)
        return node

    def _power(self, node: ast.BinOp) -> ast.AST:
        exponent = node.right.operand if isinstance(node.right, ast.UnaryOp) else node.right
        if self._whole(node.left) and self._whole(node.right):
            return node
        if isinstance(exponent, ast.Constant) and isinstance(exponent.value, int):
            node.left = self._real(node.left)
            return node
        node.left, node.right = _call("float64", self._real(node.left)), _call("float64", self._real(node.right))
        return _call("float32", node)

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        """A comparison."""
        node.left, *node.comparators = self._reals([node.left, *node.comparators])
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        """One of two values."""
        node.test = self.visit(node.test)
        node.body, node.orelse = self._reals([node.body, node.orelse])
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Functions of the language, of ``math`` and of ``vmath``."""
        name = _called(node)
        if name in _LIKE_ARGUMENTS:
            node.args = self._reals(node.args)
        elif name == "float":
            return _call("float32", self.visit(node.args[0]))
        elif name in self._functions:
            node.args = [self._real(argument) for argument in node.args]
        elif name.startswith("math.") and not self._whole(node):
            node.args = [_call("float64", self._real(argument)) for argument in node.args]
            return _call("float32", node)
        else:
            node.args = [self.visit(argument) for argument in node.args]
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        """An element of an array, whose index stays as it is."""
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        """A name that is assigned real and whole numbers always gets real ones."""
        target = node.targets[0]
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            pairs = zip(target.elts, node.value.elts, strict=True)
            node.value.elts = [self._assigned(name, value) for name, value in pairs]
        else:
            node.value = self._assigned(target, node.value)
        return node

    def _assigned(self, target: ast.expr, value: ast.expr) -> ast.expr:
        if isinstance(target, ast.Name) and target.id not in self._whole_names:
            return self._real(value)
        visited: ast.expr = self.visit(value)
        return visited

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        """``x += 1``."""
        whole = isinstance(node.target, ast.Name) and node.target.id in self._whole_names
        node.value = self.visit(node.value) if whole else self._real(node.value)
        return node

    def visit_Return(self, node: ast.Return) -> ast.AST:
        """States, and what other functions return unless all of it is whole numbers."""
        if node.value is None or self._returns_whole:
            return self.generic_visit(node)
        if isinstance(node.value, ast.Tuple):
            node.value.elts = [self._real(value) for value in node.value.elts]
        else:
            node.value = self._real(node.value)
        return node


def _called(node: ast.Call) -> str:
    return ast.unparse(node.func)


def _assignments(node: ast.AST) -> list[tuple[str, ast.expr | None]]:
    """Names that a statement assigns, each with its value (None: not to be seen)."""
    if isinstance(node, ast.Assign):
        return [pair for target in node.targets for pair in _pairs(target, node.value)]
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        divided = isinstance(node.op, ast.Div)
        return [(node.target.id, None if divided else node.value)]
    if isinstance(node, ast.For):
        counted = isinstance(node.iter, ast.Call) and _called(node.iter) in ("range", "prange")
        return _pairs(node.target, ast.Constant(0) if counted else None)
    return []


def _pairs(target: ast.expr, value: ast.expr | None) -> list[tuple[str, ast.expr | None]]:
    if isinstance(target, ast.Name):
        return [(target.id, value)]
    if isinstance(target, ast.Tuple):
        values: list[Any] = value.elts if isinstance(value, ast.Tuple) else [None] * len(target.elts)
        return [pair for one, its in zip(target.elts, values, strict=False) for pair in _pairs(one, its)]
    return []
