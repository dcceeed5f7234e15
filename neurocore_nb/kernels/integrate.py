"""The compiled step of a population: deliver, stimulate, integrate and detect, in one call per interval.

``make_advance`` writes the source of a module from what a model and its receptors declare: their scalar updates stand
in a loop over the neurons, and the loop in the frame (``kernels.frame``). The module is kept in a cache directory under
a name that contains a digest of its text. Read one there (``advance.__module__`` names it) to see what runs.
"""

from __future__ import annotations

import re
from types import ModuleType
from typing import Any

from . import vmath
from .frame import ON_ITSELF, Update, source_of_advance
from .generated import load_module
from .jit import kernel
from .single import single_precision
from .stimulate import NOT_EXACT, first_beyond

TILE = 256  # neurons that go through all substeps of an interval together, so that their states stay in the L1 cache

# What a slice reports, one row of the outcome per thread.
N_FIRED, STATUS, WHERE, RECEPTOR, DELIVER_NS, N_OUTCOMES = range(6)

# The code of a model or receptor has a module of its own, so that its names and those of the frame can't meet.
_SCALAR = '''"""Scalar functions of {name}, written by neurocore_nb.kernels.integrate."""

import math

from neurocore_nb.kernels.jit import inlined
from neurocore_nb.kernels.{vmath} import *

{source}'''


# Rows of a list of spikes: the neuron's id in the network, the network step, and the substep of it at whose end the
# neuron fired (from 1).
ID, STEP, SUBSTEP = range(3)


@kernel
def note_spikes(crossed, first_id, step, substep, fired, n_fired):  # type: ignore[no-untyped-def]
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
    n_fired : int64
        Spikes listed so far.

    Returns
    -------
    int64
        Spikes listed now.
    """
    n = n_fired
    for j in range(crossed.shape[0]):  # without a condition, which the processor would have to guess
        fired[ID, n] = first_id + j
        n += crossed[j]
    for k in range(n_fired, n):
        fired[STEP, k] = step
        fired[SUBSTEP, k] = substep
    return n


@kernel
def beyond_limit(line, limit, begin, receptor, outcome):  # type: ignore[no-untyped-def]
    """Note where a sum is too large to be exact, and at which receptor; the status ``NOT_EXACT``."""
    outcome[WHERE] = begin + first_beyond(line, limit)
    outcome[RECEPTOR] = receptor
    return NOT_EXACT


@kernel
def collect(fired, outcome, found):  # type: ignore[no-untyped-def]
    """Put the spikes of all slices together.

    Parameters
    ----------
    fired : int32[:, :, :]
        Spikes of each slice, shape (n_slices, 3, capacity).
    outcome : int64[:, :]
        One row for each slice.
    found : int32[:, :], modified in place
        Shape (3, capacity of all slices).

    Returns
    -------
    n_fired, status, deliver_ns : int64
        Number of spikes, combined status, and longest time of delivery.
    """
    n_fired, status, deliver_ns = 0, 0, 0
    for w in range(outcome.shape[0]):
        for k in range(outcome[w, N_FIRED]):
            for row in range(3):
                found[row, n_fired] = fired[w, row, k]
            n_fired += 1
        status |= outcome[w, STATUS]
        deliver_ns = max(deliver_ns, outcome[w, DELIVER_NS])
    return n_fired, status, deliver_ns


def make_advance(update: Update, *, parallel: bool) -> Any:
    """The compiled function that takes a population of this model through an interval.

    Parameters
    ----------
    update : Update
    parallel : bool
        Whether the slices run on several threads.

    Returns
    -------
    advance : function
        ``advance(table, spikes, spikes_from, step, n_steps, origin)``. The table holds the arrays that
        ``frame.arrays_of`` names. First the ``spikes`` are delivered, whose steps count from ``spikes_from``; then
        ``n_steps`` steps from ``step`` on are integrated. The steps of the spikes found count from ``origin``. Returns
        what :func:`collect` does.
    """
    functions = "update, reset" if update.reset_arguments else "update"
    model = _scalar_module(update.name, update.source, update.single)
    imports = [f"from {model.__name__} import {functions}"]
    for r, receptor in enumerate(update.receptors):
        if receptor.acts == ON_ITSELF:
            module = _scalar_module(receptor.name, receptor.source, update.single)
            imports.append(f"from {module.__name__} import arrive as arrive_{r}, update as update_{r}")
    frame = load_module(source_of_advance(update, imports), update.name)
    return frame.advance_parallel if parallel else frame.advance_serial


def _scalar_module(name: str, source: str, single: bool) -> ModuleType:
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
    lines = [line.strip() for line in re.sub(r"\x1b\[[0-9;]*m", "", str(error)).splitlines()]
    reason = next((one for one in lines if one and not one.startswith(("Failed in", "- ", "During"))), "")
    marked = next((k for k, line in enumerate(lines) if line == "^" and k > 0), 0)
    whose = next(
        (name for name in (model, *receptors) if f"{name}_update" in str(error)), f"{model} or a receptor of it"
    )
    return (
        f"the functions of {whose} can't be compiled, at {lines[marked - 1]!r}: {reason}; use numbers, arithmetic, "
        "conditions, and the functions of math and neurocore_nb.kernels.vmath"
    )
