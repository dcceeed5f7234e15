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

TILE = 256  # neurons that go through all substeps of an interval together, so that their states stay in the L1 cache

# What a slice reports, one row of the outcome per thread.
N_FIRED, STATUS, WHERE, RECEPTOR, DELIVER_NS, N_OUTCOMES = range(6)

# The code of a model or receptor has a module of its own, so that its names and those of the frame can't meet.
_SCALAR = '''"""Scalar functions of {name}, written by neurocore_nb.kernels.integrate."""

import math

from neurocore_nb.kernels.jit import inlined
from neurocore_nb.kernels.{vmath} import *

{source}'''


@kernel
def note_spikes(crossed, begin, tick, fired, n_fired):  # type: ignore[no-untyped-def]
    """List the neurons of a tile that fired in one substep.

    Parameters
    ----------
    crossed : int64[:]
        1 where a neuron fired.
    begin : int64
        Local index of the tile's first neuron.
    tick : int64
        Number of the substep whose end is the spikes' time, from 1.
    fired : int32[:, :], modified in place
        Shape (2, capacity): local index and tick of each spike.
    n_fired : int64
        Spikes listed so far.

    Returns
    -------
    int64
        Spikes listed now.
    """
    for j in range(crossed.shape[0]):
        if crossed[j] != 0:
            fired[0, n_fired] = begin + j
            fired[1, n_fired] = tick
            n_fired += 1
    return n_fired


@kernel
def summary(outcome):  # type: ignore[no-untyped-def]
    """Number of spikes, combined status, and longest time of delivery (ns) of all slices.

    Parameters
    ----------
    outcome : int64[:, :]
        One row for each slice.

    Returns
    -------
    n_fired, status, deliver_ns : int64
    """
    n_fired, status, deliver_ns = 0, 0, 0
    for w in range(outcome.shape[0]):
        n_fired += outcome[w, N_FIRED]
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
        ``advance(bounds, states, constants, varied, inputs, blocks, spikes, spikes_from, step, n_steps, n_substeps,
        dt, fired, outcome)``; ``engine.membranes`` says what each holds. First the ``spikes`` are delivered, then
        ``n_steps`` steps from ``step`` on are integrated. Returns what :func:`summary` does.
    """
    functions = "update, reset" if update.reset_arguments else "update"
    model = _scalar(update.name, update.source, update.single)
    imports = [f"from {model.__name__} import {functions}"]
    for r, receptor in enumerate(update.receptors):
        if receptor.acts == ON_ITSELF:
            module = _scalar(receptor.name, receptor.source, update.single)
            imports.append(f"from {module.__name__} import arrive as arrive_{r}, update as update_{r}")
    frame = load_module(source_of_advance(update, imports), update.name)
    return frame.advance_parallel if parallel else frame.advance_serial


def _scalar(name: str, source: str, single: bool) -> ModuleType:
    if single:
        text = _SCALAR.format(name=name, vmath="vmath32", source=single_precision(source, vmath.__all__))
    else:
        text = _SCALAR.format(name=name, vmath="vmath", source=source)
    return load_module(text, f"{name}_update")


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
