"""What a description consists of, fed into a hash: the same on all ranks, and wherever a script lies."""

from __future__ import annotations

import hashlib
import re
import sysconfig
from collections.abc import Iterable
from functools import partial
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

from ..declarations import State
from ..neurons.model import NeuronModel
from ..neurons.scalar import scalar_functions
from ..synapses import Plasticity, Receptor
from .distributions import Distribution
from .population import Neurons, Parent

_PACKAGE = __name__.partition(".")[0]
_INSTALLED = tuple(sysconfig.get_paths()[place] for place in ("stdlib", "platstdlib", "purelib", "platlib"))
_PLAIN = (bool, int, float, complex, str, bytes, type(None), np.generic)


def feed(digest: Any, value: Any, populations: list[Parent], captured: bool = True) -> None:
    """Feed a value into a hash by its content; neurons by their place in the network.

    Functions are taken by their code, constants included, and by what they capture: what is in their closure, their
    defaults, and the numbers, texts and functions among the global names they use. Python's versions have different
    code for one function. Of other objects than the package's and distributions, such as one of another code that is
    called for a rate, only the class counts: what it holds may well differ between ranks.

    Parameters
    ----------
    digest : hash object
    value : anything
    populations : list of Parent
        Of the network.
    captured : bool
        Whether what functions capture counts.
    """
    _Feeder(digest, populations, [], captured).feed(value)


def digest_of(value: Any, populations: list[Parent], captured: bool = True) -> str:
    """A number in hexadecimal for the content of a value; parameters as for :func:`feed`."""
    digest = hashlib.sha256()
    feed(digest, value, populations, captured)
    return digest.hexdigest()[:16]


def content_of(one: Any) -> list[Any]:
    """What :func:`feed` is to be given of an object of the network: its kind, and what isn't private to it."""
    values = {name: value for name, value in vars(one).items() if not name.startswith("_") and name != "parent"}
    if isinstance(values.get("model"), type):
        values["model"] = _model(values["model"], values["precision"])
    return [type(one), values]


def _model(model: type[NeuronModel], precision: str) -> list[Any]:
    made = scalar_functions(model, precision)
    declared = [list(model.all_states().items()), model.parameters, model.spike, model.max_step, model.units]
    named = [model.rate_factor, model.membrane_time_constant]
    return [model, vars(made), model.derive, declared, named]


def _receptor(receptor: Receptor) -> list[Any]:
    kind = type(receptor)
    declared = [list(kind.states.items()), kind.parameters, kind.weight]
    return [kind, kind.form(), kind.derive, declared, vars(receptor)]


class _Feeder:
    """Feeds values into one hash.

    Parameters
    ----------
    digest : hash object
    populations : list of Parent
    within : list
        The values that hold the one to be fed, from the outermost on: one that holds itself is told by its place.
    captured : bool
        As for :func:`feed`.
    """

    def __init__(self, digest: Any, populations: list[Parent], within: list[Any], captured: bool) -> None:
        self._digest, self._populations, self._within, self._captured = digest, populations, within, captured

    def feed(self, value: Any) -> None:
        """Feed a value by its kind, with the lengths of all parts, lest two descriptions run into the same bytes."""
        if isinstance(value, _PLAIN):
            self._write("value", value)
            return
        above = next((k for k, one in enumerate(self._within) if one is value), None)
        if above is not None:
            self._write("within", above)
            return
        self._within.append(value)
        self._feed(value)
        self._within.pop()

    def _feed(self, value: Any) -> None:
        if isinstance(value, np.ndarray):
            self._array(value)
        elif isinstance(value, dict):
            # Receptors and states act in their order; that of other names may be arbitrary, such as that of a set.
            ordered = any(isinstance(one, Receptor | State) for one in value.values())
            (self._in_order if ordered else self._in_any_order)("dict", value.items())
        elif isinstance(value, set | frozenset):
            self._in_any_order("set", value)
        elif isinstance(value, list | tuple):
            self._in_order("list", value)
        elif isinstance(value, Neurons):
            places = (k for k, population in enumerate(self._populations) if population is value.parent)
            place = next(places, None)  # a function may know of other networks
            self._write("neurons", (place, value.start, value.n))
        elif isinstance(value, Receptor):
            self._in_order("receptor", _receptor(value))
        elif isinstance(value, Plasticity):
            self._in_order("rule", [value.form(), value.traces(), value.states, value.terminal])
        elif isinstance(value, type):
            self._write("class", value.__qualname__)
        elif isinstance(value, ModuleType):
            self._write("module", value.__name__)
        elif isinstance(value, CodeType):
            self._code(value)
        elif isinstance(value, FunctionType):
            self._function(value)
        else:
            self._object(value)

    def _write(self, kind: str, content: Any) -> None:
        text = re.sub(r" at 0x[0-9a-fA-F]+", "", repr(content)).encode()
        self._digest.update(f"{kind} {len(text)}:".encode() + text)

    def _array(self, array: npt.NDArray[Any]) -> None:
        self._write("array", (str(array.dtype), array.shape))
        if array.dtype.hasobject:
            self._in_order("list", array.ravel().tolist())
        else:
            self._digest.update(np.ascontiguousarray(array).tobytes())

    def _in_order(self, kind: str, values: Iterable[Any]) -> None:
        several = list(values)
        self._write(kind, len(several))
        for value in several:
            self.feed(value)

    def _in_any_order(self, kind: str, values: Iterable[Any]) -> None:
        each = []
        for value in values:
            digest = hashlib.sha256()
            _Feeder(digest, self._populations, self._within, self._captured).feed(value)
            each.append(digest.hexdigest())
        self._write(kind, sorted(each))

    def _code(self, code: CodeType) -> None:
        """All but where it was written."""
        arguments = code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags
        names = code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars
        self._write("code", (code.co_code, getattr(code, "co_exceptiontable", b""), arguments, names))
        self._in_order("constants", code.co_consts)

    def _function(self, function: FunctionType) -> None:
        self._write("function", function.__qualname__)
        if self._captured:
            self._in_order("held", [_content_of_cell(cell) for cell in function.__closure__ or ()])
        if _is_of_library(function):
            self._write("library", function.__module__)
            return
        self.feed(function.__code__)
        if not self._captured:
            return
        self._in_order("defaults", [function.__defaults__, function.__kwdefaults__])
        for name in sorted(_names(function.__code__) & function.__globals__.keys()):
            self._write("global", name)
            self.feed(_lasting(function.__globals__[name]))

    def _object(self, value: Any) -> None:
        if isinstance(value, MethodType):
            self._in_order("method", [value.__func__, type(value.__self__)])
        elif isinstance(value, BuiltinFunctionType):
            self._in_order("builtin", [value.__qualname__, value.__self__])
        elif isinstance(value, partial):
            self._in_order("partial", [value.func, *([value.args, value.keywords] if self._captured else [])])
        elif isinstance(getattr(value, "py_func", None), FunctionType):  # compiled by Numba
            self.feed(value.py_func)
        elif hasattr(value, "__dict__"):
            held = vars(value) if isinstance(value, Distribution) or _is_own(type(value)) else {}
            name = getattr(value, "__name__", None)  # of NumPy's functions
            self._in_order("object", [type(value), str(name), held, _functions_of(type(value))])
        else:
            self._write("object", value)


def _is_of_library(function: FunctionType) -> bool:
    """Whether it is told by its name, as all ranks have the same libraries."""
    return _is_own(function) or function.__code__.co_filename.startswith(_INSTALLED)


def _is_own(one: Any) -> bool:
    """Whether a function or class is one of this package."""
    return str(one.__module__).partition(".")[0] == _PACKAGE


def _content_of_cell(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not yet filled
        return None


def _names(code: CodeType) -> set[str]:
    """Global names (and attributes) that a code uses, and what is defined in it."""
    inner = [one for one in code.co_consts if isinstance(one, CodeType)]
    return set(code.co_names).union(*map(_names, inner))


def _lasting(value: Any) -> Any:
    """A global value, or only its type where it may change: a list that a function notes its calls in, say."""
    functions = FunctionType, BuiltinFunctionType, ModuleType, type
    if isinstance(value, (*_PLAIN, *functions)) or hasattr(value, "py_func"):
        return value
    return tuple(map(_lasting, value)) if isinstance(value, tuple) else type(value)


def _functions_of(kind: type) -> list[Any]:
    """The functions that a class of the user's defines or inherits, by name."""
    found: dict[str, Any] = {}
    for base in reversed(kind.__mro__):
        for name, value in vars(base).items():
            function = getattr(value, "__func__", getattr(value, "fget", value))  # of static methods and properties
            if isinstance(function, FunctionType) and not _is_of_library(function):
                found[name] = function
    return sorted(found.items())
