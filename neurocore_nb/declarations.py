"""What neuron models and receptors have in common: declared states and parameters, and scalar functions as source."""

from __future__ import annotations

import ast
import builtins
import inspect
import math
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

import numpy as np

from .kernels import vmath

_BUILTINS = ("abs", "bool", "float", "int", "len", "max", "min", "range", "round")  # what Numba knows of them
_FUNCTIONS = (
    "update", "reset", "rates", "currents", "flows", "arrive", "derive",  # of models and receptors
    "on_pre", "on_post", "between", "release",  # of learning rules
)  # fmt: skip
OWN_NAMES = frozenset(vmath.__all__) | {"inlined", "math", "max", "min"}  # these mean the same everywhere
_NOT_COMPILED = (
    ast.AsyncFunctionDef, ast.Await, ast.Assert, ast.ClassDef, ast.Delete, ast.Dict, ast.DictComp, ast.FunctionDef,
    ast.GeneratorExp, ast.Global, ast.Import, ast.ImportFrom, ast.JoinedStr, ast.Lambda, ast.List, ast.ListComp,
    ast.Match, ast.Nonlocal, ast.Raise, ast.Set, ast.SetComp, ast.Starred, ast.Try, ast.With, ast.Yield, ast.YieldFrom,
)  # fmt: skip


@dataclass(frozen=True)
class State:
    """A state variable: its value at the start, its unit, and the values that may be set."""

    initial: float
    unit: str = ""
    low: float = -math.inf
    high: float = math.inf


@dataclass(frozen=True)
class Parameter:
    """A parameter: its default, its unit, and its legal values (``above`` itself is not one of them)."""

    default: float
    unit: str = ""
    low: float = -math.inf
    above: float = -math.inf


def declared(values: Mapping[str, Any], kind: type) -> dict[str, Any]:
    """Declarations of which some may be plain numbers: initial values or defaults."""
    return {name: value if isinstance(value, kind) else kind(float(value)) for name, value in values.items()}


class ScalarSource:
    """The source of some scalar functions and of all they use, as it may stand in a module that has imported ``vmath``.

    Parameters
    ----------
    owner : str
        Name of the model or receptor, for errors.

    Attributes
    ----------
    text : str
    values : dict of str to anything
        What the functions use from their surroundings, by name: numbers and functions.
    """

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self._parts: dict[str, str] = {}
        self._open: list[str] = []  # the functions that are being added
        self.values: dict[str, Any] = {}

    @property
    def text(self) -> str:
        """All that has been added."""
        return "\n\n".join(self._parts.values())

    def add(self, function: Callable[..., Any], name: str, n_values: int = 0, choices: str = "") -> None:
        """Add a function under a name, decorated to be pasted into a loop, after all it uses.

        Parameters
        ----------
        function : function
        name : str
        n_values : int
            How many values it must return; 0: any number.
        choices : str
            What these are, for errors.

        Raises
        ------
        TypeError
            If it can't be compiled or returns another number of values.
        """
        tree = self.adapt(function, name)
        _check_statements(tree, f"{self._owner}.{name}")
        if n_values:
            _check_returns(tree, n_values, f"{self._owner}.{name}", choices)
        self.add_text(ast.unparse(tree), name)

    def add_text(self, text: str, name: str) -> None:
        """Add a function that is given as text."""
        self._parts[name] = f"@inlined\n{text}\n"

    def adapt(self, function: Callable[..., Any], name: str) -> ast.FunctionDef:
        """Add what a function uses from its surroundings; the function itself as it has to be written then."""
        what = f"{self._owner}.{name}"
        tree = function_tree(function, what)
        tree.name = name
        used = inspect.getclosurevars(function)
        for one in sorted(used.unbound - set(dir(builtins)) - _attributes(tree)):
            raise TypeError(
                f"{what} uses the name {one!r}, which is neither an argument nor defined; its arguments are "
                f"{', '.join(inspect.signature(function).parameters)}"
            )
        for one in used.builtins:
            if one not in _BUILTINS:
                raise TypeError(f"{what} uses {one!r}, which can't be compiled; use {', '.join(_BUILTINS)}")
        surroundings = {**used.globals, **used.nonlocals}
        self._open.append(name)
        for one, value in sorted(surroundings.items()):
            self._add_global(one, value, what)
        self._open.pop()
        renamed: ast.FunctionDef = _Mathematics(surroundings, what).visit(tree)
        return renamed

    def _add_global(self, name: str, value: Any, what: str) -> None:
        if isinstance(value, ModuleType) or _mathematical(value) or getattr(vmath, name, None) is value:
            return  # written as a name of vmath or math
        if name in OWN_NAMES or name in _FUNCTIONS:
            raise TypeError(f"{what} uses {name!r} of its own, a name that has another meaning here; rename it")
        if name in self.values and name in self._open:
            raise TypeError(f"{what} calls {name!r}, which is being called: recursion can't be compiled; write a loop")
        if name in self.values and self.values[name] is not value:
            raise TypeError(f"{what} uses {name!r}, which is something else in another of its functions; rename one")
        if name in self.values:
            return
        self.values[name] = value
        if isinstance(value, bool | int | float | np.number | np.bool_):
            self._parts[name] = f"{name} = {_literal(value)}"
        elif isinstance(value, FunctionType):
            self.add(value, name)
        elif any(one is value for one in vars(vmath).values()):
            self._parts[name] = f"{name} = {next(key for key, one in vars(vmath).items() if one is value)}"
        else:
            raise TypeError(
                f"{what} uses {name!r}, a {type(value).__name__}; only numbers, plain functions and the functions of "
                "math, numpy and neurocore_nb.kernels.vmath can be compiled"
            )


def function_tree(function: Any, what: str) -> ast.FunctionDef:
    """The syntax tree of a function that was written with ``def``, without decorators and docstring."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    except OSError:
        raise TypeError(
            f"{what} can't be compiled, because its source isn't to be found; define it in a file"
        ) from None
    except (TypeError, SyntaxError):
        raise TypeError(f"{what} must be a function written with def, not {function!r}") from None
    if not inspect.isfunction(function):
        raise TypeError(f"{what} must be a plain function, which will be compiled, not {function!r}")
    if not isinstance(tree, ast.FunctionDef):
        raise TypeError(f"{what} must be a function written with def")
    tree.decorator_list = []
    tree.returns = None
    for argument in tree.args.args:
        argument.annotation = None
    if ast.get_docstring(tree) is not None:
        tree.body = tree.body[1:] or [ast.Pass()]
    return tree


def _literal(value: Any) -> str:
    number = value.item() if isinstance(value, np.generic) else value
    return repr(number) if math.isfinite(number) else f"float({str(number)!r})"


def _attributes(tree: ast.AST) -> set[str]:
    """Names that stand behind a dot, which ``getclosurevars`` takes for global names, too."""
    return {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def _mathematical(value: Any) -> bool:
    """Whether something is a function of ``math`` or a function of numbers of NumPy."""
    module = getattr(value, "__module__", None)
    return isinstance(value, np.ufunc) or (isinstance(value, BuiltinFunctionType) and module == "math")


def _check_statements(tree: ast.FunctionDef, what: str) -> None:
    for node in (part for statement in tree.body for part in ast.walk(statement)):
        text = isinstance(node, ast.Constant) and not isinstance(node.value, bool | int | float)
        if text or isinstance(node, _NOT_COMPILED):
            raise TypeError(
                f"{what} holds {ast.unparse(node)!r}, which can't be compiled; calculate with numbers, conditions and "
                "loops only"
            )


def _check_returns(tree: ast.FunctionDef, n: int, what: str, choices: str) -> None:
    returns = [node for node in ast.walk(tree) if isinstance(node, ast.Return)]
    if not returns:
        raise TypeError(f"{what} returns nothing; it must return {choices}")
    for node in returns:
        if isinstance(node.value, ast.Tuple):
            found = len(node.value.elts)
        elif isinstance(node.value, ast.Call | ast.Name) and n > 1:
            continue  # perhaps a tuple: Numba will see
        else:
            found = 1
        if found != n:
            raise TypeError(f"{what} returns {found} value{'s' * (found > 1)}, but must return {n}: {choices}")
        if n == 1 and isinstance(node.value, ast.Tuple):
            node.value = node.value.elts[0]


class _Mathematics(ast.NodeTransformer):
    """Writes ``np.exp(x)``, ``math.exp(x)`` and the like as ``exp(x)``, and ``x**3.0`` as ``x**3``, which vectorise."""

    def __init__(self, surroundings: Mapping[str, Any], what: str) -> None:
        self._surroundings = surroundings
        self._what = what

    def _name(self, name: str) -> str:
        name = {"absolute": "fabs", "arctan": "atan", "power": "pow", "maximum": "max", "minimum": "min"}.get(
            name, name
        )
        if name in (*vmath.__all__, "max", "min"):
            return name
        if hasattr(math, name):
            return f"math.{name}"
        raise TypeError(f"{self._what} uses {name!r}, which can't be compiled")

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        """``np.exp`` and ``np.pi``."""
        if isinstance(node.value, ast.Name) and isinstance(self._surroundings.get(node.value.id), ModuleType):
            module = self._surroundings[node.value.id]
            value = getattr(module, node.attr, None)
            if isinstance(value, float):
                return ast.Constant(value)
            if module is not vmath and not _mathematical(value):
                raise TypeError(f"{self._what} uses {ast.unparse(node)}, which can't be compiled")
            name = node.attr if module is vmath else getattr(value, "__name__", node.attr)
            return ast.parse(self._name(name), mode="eval").body
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """``exp`` of ``from math import exp``."""
        value = self._surroundings.get(node.id)
        if value is not None and _mathematical(value):
            return ast.parse(self._name(value.__name__), mode="eval").body
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        """Powers with whole exponents."""
        self.generic_visit(node)
        exponent = node.right
        number = exponent.value if isinstance(exponent, ast.Constant) else None
        if isinstance(node.op, ast.Pow) and isinstance(number, float) and number.is_integer():
            node.right = ast.Constant(int(number))
        return node
