"""The compiled step of a population: deliver, stimulate, integrate and detect, in one call per interval.

What depends on the model is in one function, ``step_tile``, which ``kernels.integrate`` makes and which is called here
by its address. So the functions below are compiled once for all models.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numba import carray, prange  # type: ignore[attr-defined]

from .arrays import (
    blocks_of,
    bounds_of,
    fired_of,
    found_of,
    noises_of,
    outcome_of,
    poisson_of,
    ring_of,
    rows_of,
    table_at,
)
from .deliver import deliver
from .jit import address_of, as_pointer, call, kernel, nanoseconds, parallel_kernel
from .stimulate import FINE, drive, inject

TILE = 256  # neurons that go through all substeps of an interval together, so that their states stay in the L1 cache

# What a slice reports, one row of the outcome per thread.
N_FIRED, STATUS, WHERE, RECEPTOR, DELIVER_NS, N_OUTCOMES = range(6)

# Rows of the memory for a tile: injected current and conductance, a jump of v, numbers in between, who has crossed.
CURRENT, CONDUCTANCE, JUMP, SCRATCH, CROSSED, N_SCRATCH = range(6)


def advance_slice(w, step_tile, table, spikes, n_spikes, spikes_from, step, n_steps, origin):
    """Deliver spikes to one thread's neurons and take these through an interval.

    Parameters
    ----------
    w : int64
        Number of the slice.
    step_tile : int64
        Address of the model's function, see ``kernels.frame``.
    table : int64
        Address of the table, see ``kernels.arrays``.
    spikes, n_spikes : int64
        Address and number of the spikes to deliver: ids, and steps counted from ``spikes_from``.
    spikes_from, step, n_steps : int64
        The interval begins with ``step``.
    origin : int64
        The step from which those of the spikes found are to be counted.
    """
    arrays = table_at(table)
    ring, outcome = ring_of(arrays), outcome_of(arrays)[w]
    started = nanoseconds()
    deliver(ring, spikes_from, carray(as_pointer(spikes), (2, n_spikes), np.int32), blocks_of(arrays)[w])
    outcome[DELIVER_NS] = nanoseconds() - started
    outcome[N_FIRED] = 0
    outcome[STATUS] = FINE
    if n_steps == 0:
        return
    injecting = rows_of(arrays).shape[0] + noises_of(arrays).shape[0] > 0
    driven = poisson_of(arrays).shape[0] > 0
    scratch = np.zeros((N_SCRATCH, TILE))
    end = bounds_of(arrays)[w + 1]
    for a in range(bounds_of(arrays)[w], end, TILE):
        b = min(a + TILE, end)
        for k in range(n_steps):
            slot = (step + k) % ring.shape[1]
            if injecting:
                inject(arrays, a, b, step + k, k, scratch[CURRENT], scratch[CONDUCTANCE], scratch[SCRATCH])
            if driven:
                drive(arrays, a, b, step + k, k, slot, scratch[SCRATCH])
            last = np.int64(k == n_steps - 1)
            call(step_tile, (table, w, a, b, slot, step + k - origin, last, scratch.ctypes.data))


@cache
def address_of_slice() -> int:
    """Address of the compiled :func:`advance_slice`."""
    return address_of(advance_slice, 9)


@kernel
def collect(arrays):
    """Put the spikes of all slices together.

    Parameters
    ----------
    arrays : int64[:, :]
        The table of a population.

    Returns
    -------
    n_fired, status, deliver_ns : int64
        Number of spikes, combined status, and longest time of delivery.
    """
    fired, outcome, found = fired_of(arrays), outcome_of(arrays), found_of(arrays)
    n_fired, status, deliver_ns = 0, 0, 0
    for w in range(outcome.shape[0]):
        for k in range(outcome[w, N_FIRED]):
            for row in range(3):
                found[row, n_fired] = fired[w, row, k]
            n_fired += 1
        status |= outcome[w, STATUS]
        deliver_ns = max(deliver_ns, outcome[w, DELIVER_NS])
    return n_fired, status, deliver_ns


@kernel
def advance_serial(slice_, step_tile, table, spikes, spikes_from, step, n_steps, origin):
    """Take a population through an interval, one slice after the other.

    Parameters
    ----------
    slice_ : int64
        From :func:`address_of_slice`.
    step_tile : int64
    table : int64[:, :]
    spikes : int32[:, :]
        C-contiguous.
    spikes_from, step, n_steps, origin : int64
        As for :func:`advance_slice`.

    Returns
    -------
    n_fired, status, deliver_ns : int64
        See :func:`collect`.
    """
    at, spikes_at, n_spikes = table.ctypes.data, spikes.ctypes.data, spikes.shape[1]
    for w in range(outcome_of(table).shape[0]):
        call(slice_, (w, step_tile, at, spikes_at, n_spikes, spikes_from, step, n_steps, origin))
    return collect(table)


@parallel_kernel
def advance_parallel(slice_, step_tile, table, spikes, spikes_from, step, n_steps, origin):
    """As :func:`advance_serial`, all slices at once."""
    at, spikes_at, n_spikes = table.ctypes.data, spikes.ctypes.data, spikes.shape[1]
    for w in prange(outcome_of(table).shape[0]):
        call(slice_, (np.int64(w), step_tile, at, spikes_at, n_spikes, spikes_from, step, n_steps, origin))
    return collect(table)
