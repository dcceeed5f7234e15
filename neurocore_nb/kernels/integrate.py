"""The compiled functions of a model.

``make_frame`` writes the source of a module from what a model and its receptors declare: their scalar updates stand in
a loop over the neurons of a tile (``kernels.frame``). The module is kept in a cache directory under a name that
contains a digest of its text; its ``__file__`` can be read there.
"""

from __future__ import annotations

from types import ModuleType

from . import vmath
from .advance import N_FIRED, RECEPTOR, WHERE
from .frame import N_ARGUMENTS, ON_ITSELF, Update, source_of_frame
from .generated import load_module, not_compiled
from .intrinsics import vector_loop
from .jit import address_of, kernel
from .single import single_precision
from .stimulate import NOT_EXACT, first_beyond

# The code of a model or receptor has a module of its own, so that its names and those of the frame can't meet.
_SCALAR = '''"""Scalar functions of {name}, written by neurocore_nb.kernels.integrate."""

import math

from neurocore_nb.kernels.jit import inlined
from neurocore_nb.kernels.{vmath} import *

{source}'''


# Rows of a list of spikes: the neuron's id in the network, the network step, and the substep of it at whose end the
# neuron fired (from 1).
ID, STEP, SUBSTEP = range(3)


_SOME = 32  # neurons of a tile that are looked at one by one if any of them fired


@kernel
def any_crossed(crossed):  # type: ignore[no-untyped-def]
    """A number that isn't 0 if any neuron fired."""
    vector_loop()
    found = crossed[0]
    for j in range(crossed.shape[0]):
        found |= crossed[j]
    return found


@kernel
def note_spikes(crossed, first_id, step, substep, fired, outcome):  # type: ignore[no-untyped-def]
    """List the neurons of a tile that fired in one substep.

    Parameters
    ----------
    crossed : int64[:]
        1 where a neuron fired.
    first_id : int64
        Id of the tile's first neuron.
    step, substep : int64
        When.
    fired : int32[:, :], modified in place
        Shape (3, capacity), the capacity more than the number of spikes.
    outcome : int64[:], modified in place
        The number of spikes listed is counted on.
    """
    n = outcome[N_FIRED]
    for first in range(0, crossed.shape[0], _SOME):
        some = crossed[first : first + _SOME]
        if any_crossed(some) != 0:
            for j in range(some.shape[0]):  # without a condition, which the processor would have to guess
                fired[ID, n] = first_id + first + j
                n += some[j]
    for k in range(outcome[N_FIRED], n):
        fired[STEP, k] = step
        fired[SUBSTEP, k] = substep
    outcome[N_FIRED] = n


@kernel
def beyond_limit(line, limit, begin, receptor, outcome):  # type: ignore[no-untyped-def]
    """Note where a sum is too large to be exact, and at which receptor; the status ``NOT_EXACT``."""
    outcome[WHERE] = begin + first_beyond(line, limit)
    outcome[RECEPTOR] = receptor
    return NOT_EXACT


def make_frame(update: Update) -> ModuleType:
    """The module with the functions of a model and its receptors.

    Parameters
    ----------
    update : Update

    Returns
    -------
    module
        See ``kernels.frame``.
    """
    functions = "update, reset" if update.reset_arguments else "update"
    model = scalar_module(update.name, update.source, update.single)
    imports = [f"from {model.__name__} import {functions}"]
    for r, receptor in enumerate(update.receptors):
        if receptor.acts == ON_ITSELF:
            module = scalar_module(receptor.name, receptor.source, update.single)
            imports.append(f"from {module.__name__} import arrive as arrive_{r}, update as update_{r}")
    return load_module(source_of_frame(update, imports), update.name)


def address_of_step(update: Update) -> int:
    """Address of the compiled ``step_tile`` of a model and its receptors, for ``kernels.advance``.

    Parameters
    ----------
    update : Update

    Returns
    -------
    int
    """
    frame = make_frame(update)
    if not hasattr(frame, "address"):
        frame.address = address_of(frame.step_tile, N_ARGUMENTS)  # type: ignore[attr-defined]
    return int(frame.address)


def scalar_module(name: str, source: str, single: bool) -> ModuleType:
    """The module with the scalar functions of a model or receptor."""
    functions = "vmath32" if single else "vmath"
    text = single_precision(source, vmath.__all__) if single else source
    return load_module(_SCALAR.format(name=name, vmath=functions, source=text), f"{name}_update")


def explain(error: Exception, model: str, receptors: list[str]) -> str:
    """Say in terms of the model what Numba can't compile.

    Parameters
    ----------
    error : NumbaError
    model : str
        Name of the model.
    receptors : list of str
        Names of its receptors' classes.

    Returns
    -------
    str
    """
    whose = next(
        (name for name in (model, *receptors) if f"{name}_update" in str(error)), f"{model} or a receptor of it"
    )
    return not_compiled(error, whose)
