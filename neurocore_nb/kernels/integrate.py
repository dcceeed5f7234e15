"""The compiled step of a population: deliver, stimulate, integrate and detect, in one call per interval.

``make_advance`` writes the source of a module from a model's declaration: its scalar update stands in a loop over the
neurons, and the loop in the frame below. The module is kept in a cache directory under a name that contains a digest of
its text; Numba caches the compiled code beside it. Read one there (``advance.__module__`` names it) to see what runs.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from .jit import kernel

TILE = 256  # neurons that go through all substeps of an interval together, so that their states stay in the L1 cache

# What a slice reports, one row of the outcome per thread.
N_FIRED, STATUS, WHERE, DELIVER_NS, N_OUTCOMES = range(5)
FINE, NOT_FINITE, NOT_EXACT = 0, 1, 2  # status


class Update(NamedTuple):
    """What the fused kernel needs to know of a model.

    Attributes
    ----------
    name : str
        The model's name.
    source : str
        Python source of ``update`` and of all it calls, as it may stand in a module that has imported ``vmath``.
    arguments : tuple of str
        Arguments of ``update``, in order: states, parameters, and any of ``i``, ``g`` and ``dt``.
    states : tuple of str
        State variables, in the order in which ``update`` returns them.
    constants, varied : tuple of str
        Parameters that are one number for all neurons, and those that are an array.
    spike_variable : str
        A spike is an upward crossing of ``threshold`` by this state.
    threshold : float
    """

    name: str
    source: str
    arguments: tuple[str, ...]
    states: tuple[str, ...]
    constants: tuple[str, ...]
    varied: tuple[str, ...]
    spike_variable: str
    threshold: float


# The model's code has a module of its own, so that its names and those of the frame can't get in each other's way.
_MODEL = '''"""Update of {name}, written by neurocore_nb.kernels.integrate."""

from neurocore_nb.kernels.jit import inlined
from neurocore_nb.kernels.vmath import exp, fma, gate, inverses, linoid, log, rate_fractions, relax

{source}'''

_FRAME = '''"""Fused kernel of {name}, written by neurocore_nb.kernels.integrate."""

import numpy as np
from numba import prange

from neurocore_nb.kernels.deliver import deliver
from neurocore_nb.kernels.integrate import (
    DELIVER_NS, FINE, N_FIRED, NOT_EXACT, NOT_FINITE, STATUS, TILE, WHERE, note_spikes, summary
)
from neurocore_nb.kernels.jit import interleave, kernel, nanoseconds, parallel_kernel, vector_loop
from neurocore_nb.kernels.stimulate import add, add_poisson, all_below, first_beyond, take_arrivals
from {model} import update


@kernel
def substep({state_arrays}, arriving, crossed, dt{parameter_arguments}):
    vector_loop()
    n_crossed = 0
    for j in range(crossed.shape[0]):
        {new_states} = update({update_arguments})
        up = np.int64((state_{spike}[j] < {threshold}) & (new_{spike} >= {threshold}))
{stores}
        crossed[j] = up
        n_crossed += up
        interleave()
    return n_crossed


@kernel
def advance_slice(begin, end, states, constants, varied, ring, blocks, spikes, spikes_from, poisson, poisson_values,
                  currents, current_rows, limit, step, n_steps, n_substeps, dt, fired, outcome):
    started = nanoseconds()
    deliver(ring, spikes_from, spikes, blocks)
    outcome[DELIVER_NS] = nanoseconds() - started
    status = FINE
    n_fired = 0
    arriving, scratch, crossed = np.empty(TILE), np.empty(TILE), np.empty(TILE, np.int64)
    for a in range(begin, end, TILE):
        b = min(a + TILE, end)
        tile = arriving[: b - a]
        for k in range(n_steps):
            exact = take_arrivals(tile, ring[(step + k) % ring.shape[0], a:b], limit)
            for p in range(poisson.shape[0]):
                add_poisson(tile, a, poisson[p], poisson_values, step + k, scratch)
            if not exact or (poisson.shape[0] > 0 and not all_below(tile, limit)):
                status |= NOT_EXACT
                outcome[WHERE] = a + first_beyond(tile, limit)
            if currents.shape[0] > 0:
                add(tile, currents[current_rows[k], a:b])
            for s in range(n_substeps):
                if substep({state_slices}, tile, crossed[: b - a], dt{parameter_values}) > 0:
                    n_fired = note_spikes(crossed[: b - a], a, k * n_substeps + s + 1, fired, n_fired)
        for row in range(states.shape[0]):
            if n_steps > 0 and not all_below(states[row, a:b], np.inf):
                status |= NOT_FINITE
    outcome[N_FIRED] = n_fired
    outcome[STATUS] = status


@kernel
def advance_serial(bounds, states, constants, varied, ring, blocks, spikes, spikes_from, poisson, poisson_values,
                   currents, current_rows, limit, step, n_steps, n_substeps, dt, fired, outcome):
    for w in range(bounds.shape[0] - 1):
        advance_slice(bounds[w], bounds[w + 1], states, constants, varied, ring, blocks[w], spikes, spikes_from,
                      poisson, poisson_values, currents, current_rows, limit, step, n_steps, n_substeps, dt, fired[w],
                      outcome[w])
    return summary(outcome)


@parallel_kernel
def advance_parallel(bounds, states, constants, varied, ring, blocks, spikes, spikes_from, poisson, poisson_values,
                     currents, current_rows, limit, step, n_steps, n_substeps, dt, fired, outcome):
    for w in prange(bounds.shape[0] - 1):
        advance_slice(bounds[w], bounds[w + 1], states, constants, varied, ring, blocks[w], spikes, spikes_from,
                      poisson, poisson_values, currents, current_rows, limit, step, n_steps, n_substeps, dt, fired[w],
                      outcome[w])
    return summary(outcome)
'''


@kernel
def note_spikes(crossed, begin, tick, fired, n_fired):  # type: ignore[no-untyped-def]
    """List the neurons of a tile that crossed the threshold in one substep.

    Parameters
    ----------
    crossed : int64[:]
        1 where the threshold was crossed.
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


def source_of_advance(update: Update, model: str) -> str:
    """Text of the module that integrates one model.

    Parameters
    ----------
    update : Update
    model : str
        Name of the module with the model's update.

    Returns
    -------
    str
    """
    values = {"i": "arriving[j]", "g": "0.0", "dt": "dt"}
    values |= {name: f"state_{name}[j]" for name in update.states}
    values |= {name: f"param_{name}" for name in update.constants}
    values |= {name: f"param_{name}[j]" for name in update.varied}
    parameters = [*update.constants, *update.varied]
    return _FRAME.format(
        name=update.name,
        model=model,
        state_arrays=", ".join(f"state_{name}" for name in update.states),
        state_slices=", ".join(f"states[{row}, a:b]" for row in range(len(update.states))),
        parameter_arguments="".join(f", param_{name}" for name in parameters),
        parameter_values="".join(f", constants[{k}]" for k in range(len(update.constants)))
        + "".join(f", varied[{k}, a:b]" for k in range(len(update.varied))),
        new_states="".join(f"new_{name}, " for name in update.states).strip(),
        stores="\n".join(f"        state_{name}[j] = new_{name}" for name in update.states),
        update_arguments=", ".join(values[name] for name in update.arguments),
        spike=update.spike_variable,
        threshold=repr(float(update.threshold)),
    )


def _cache_directory() -> Path:
    root = os.environ.get("NUMBA_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    directory = Path(root) / "neurocore_nb"
    directory.mkdir(parents=True, exist_ok=True)
    return directory


def _write(text: str, name: str) -> Path:
    """Put a module's text into the cache directory, or, where that can't be written, into one of this process."""
    try:
        path = _cache_directory() / name
        if path.is_file() and path.read_text() == text:
            return path
        temporary = path.with_suffix(f".{os.getpid()}")
        temporary.write_text(text)
        os.replace(temporary, path)  # other ranks may be writing or reading it now
    except (OSError, RuntimeError):
        path = Path(tempfile.mkdtemp(prefix="neurocore_nb")) / name
        path.write_text(text)
    return path


def _load(text: str, stem: str) -> ModuleType:
    name = f"{stem}_{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    if name in sys.modules:
        return sys.modules[name]
    path = _write(text, f"{name}.py")
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"the generated kernel {path} can't be loaded")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


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
        ``advance(bounds, states, constants, varied, ring, blocks, spikes, spikes_from, poisson, poisson_values,
        currents, current_rows, limit, step, n_steps, n_substeps, dt, fired, outcome)``; ``engine.membranes`` says
        what each holds. First the ``spikes`` are delivered, then ``n_steps`` steps from ``step`` on are integrated.
        Returns what :func:`summary` does.
    """
    model = _load(_MODEL.format(name=update.name, source=update.source), f"{update.name}_update")
    module = _load(source_of_advance(update, model.__name__), update.name)
    return module.advance_parallel if parallel else module.advance_serial
