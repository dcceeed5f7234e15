"""What reaches a tile of neurons from outside in each network step: arriving spikes, currents and conductances."""

from __future__ import annotations

from functools import cache

import numpy as np

from .arrays import (
    couplings_of,
    factors_of,
    given_of,
    noise_values_of,
    noises_of,
    poisson_of,
    poisson_values_of,
    ring_of,
    rows_of,
    table_at,
)
from .couple import FUNCTION as ADDS
from .intrinsics import array_at, call, vector_loop
from .jit import address_of, kernel
from .poisson import FUNCTION as ADDS_POISSON
from .poisson import RECEPTOR, add_poisson, room
from .rng import to_normal, uniforms

FINE, NOT_FINITE, NOT_EXACT = 0, 1, 2  # status of a slice


# Columns of a row of the noise table, one row per Ornstein-Uhlenbeck process.
(
    COLUMN,  # local index of its first neuron on this rank
    COUNT,  # its number of neurons on this rank
    FIRST,  # index of the first of them within the stimulus
    OFFSET,  # where their values begin
    CONDUCTANCE,  # 1 for a conductance, 0 for a current
    KEY,
    FUNCTION,  # address of the function that adds it
    N_COLUMNS,
) = range(8)
# Rows of the noise values: the process itself, where it tends to, what is left of a deviation after a step, the
# standard deviation of what comes in a step, and the reversal potential of a conductance (mV).
VALUE, MEAN, DECAY, SPREAD, REVERSAL = range(5)


@kernel
def drive(arrays, begin, end, step, k, slot, scratch):
    """Add the Poisson input of a network step to what arrives at a tile of neurons.

    Parameters
    ----------
    arrays : int64[:, :]
        The table of a population; its ring buffer is modified.
    begin, end : int64
        The tile.
    step, k, slot : int64
        Network step, its place in the interval and that in the ring buffer.
    scratch : float64[:]
        See :func:`add_poisson`.
    """
    poisson = poisson_of(arrays)
    for p in range(poisson.shape[0]):
        at = arrays.ctypes.data, scratch.ctypes.data
        call(poisson[p, ADDS_POISSON], (p, begin, end, step, k, slot, *at))


def _add_poisson(p, begin, end, step, k, slot, table, scratch_at):
    """Add one Poisson input to a tile: called by its address, so that it is compiled only where there is one."""
    arrays = table_at(table)
    stimulus = poisson_of(arrays)[p]
    line = ring_of(arrays)[stimulus[RECEPTOR], slot, begin:end]
    scratch = array_at(scratch_at, room(end - begin), np.float64)
    add_poisson(line, begin, stimulus, poisson_values_of(arrays), step, k, scratch)


@cache
def poisson_function() -> int:
    """Address of the function that adds Poisson input, for the Poisson table."""
    return address_of(_add_poisson, 8)


@kernel
def move(line, limit, values):
    """Add what has arrived in a step to ``values`` and clear it, so that its place can be used again.

    Parameters
    ----------
    line : float64[:], modified in place
        Summed weights. What isn't below the limit stays, to be found by :func:`first_beyond`.
    limit : float64
        Below which sums are exact.
    values : float64[:], modified in place

    Returns
    -------
    bool
        Whether all sums are below the limit.
    """
    vector_loop()
    n_beyond = np.int64(0)
    for j in range(values.shape[0]):
        w = line[j]
        beyond = np.int64(not abs(w) < limit)
        line[j] = w if beyond else 0.0
        n_beyond += beyond
        values[j] += w
    return n_beyond == 0


@kernel
def inject(arrays, begin, end, step, k, current, conductance, scratch):
    """Sum the injected currents and conductances of a tile of neurons in a network step.

    Parameters
    ----------
    arrays : int64[:, :]
        The table of a population.
    begin, end, step, k : int64
        As for :func:`drive`.
    current, conductance : float64[:], overwritten
        The injected current is ``current - conductance * v``.
    scratch : float64[:]
    """
    rows, factors, noises = rows_of(arrays), factors_of(arrays), noises_of(arrays)
    current[:] = 0.0
    conductance[:] = 0.0
    for row in range(rows.shape[0]):
        if factors[row, k] != 0.0:
            _add_scaled(current[: end - begin], rows[row, begin:end], factors[row, k])
    for p in range(noises.shape[0]):
        at = arrays.ctypes.data, current.ctypes.data, conductance.ctypes.data, scratch.ctypes.data
        call(noises[p, FUNCTION], (p, begin, end, step, *at))
    given = given_of(arrays)
    if given.shape[0] > 0:
        _add_scaled(current[: end - begin], given[0, begin:end], 1.0)
        _add_scaled(conductance[: end - begin], given[1, begin:end], 1.0)
    couplings = couplings_of(arrays)
    for p in range(couplings.shape[0]):
        row = couplings[p : p + 1].ctypes.data
        call(couplings[p, ADDS], (row, begin, end, current.ctypes.data, conductance.ctypes.data))


@kernel
def _add_scaled(values, more, factor):
    vector_loop()
    for j in range(values.shape[0]):
        values[j] += factor * more[j]


def _add_noise(p, begin, end, step, table, current_at, conductance_at, scratch_at):
    """Add the present value of a process to a tile, and take the process to the next step.

    Called by its address, so that it is compiled only where there is noise. The arguments are those of :func:`inject`,
    arrays by their addresses.
    """
    arrays = table_at(table)
    noise, values = noises_of(arrays)[p], noise_values_of(arrays)
    low = max(begin, noise[COLUMN])
    high = min(end, noise[COLUMN] + noise[COUNT])
    if low >= high:
        return
    current = array_at(current_at, end - begin, np.float64)[low - begin : high - begin]
    conductance = array_at(conductance_at, end - begin, np.float64)[low - begin : high - begin]
    normals = array_at(scratch_at, high - low, np.float64)
    first = noise[OFFSET] + low - noise[COLUMN]
    part = values[:, first : first + high - low]
    if noise[CONDUCTANCE] != 0:
        _add_conductance(current, conductance, part[VALUE], part[REVERSAL])
    else:
        _add_scaled(current, part[VALUE], 1.0)
    standard_normals(np.uint64(noise[KEY]), noise[FIRST] + low - noise[COLUMN], step + 1, normals)
    _relax(part[VALUE], part[MEAN], part[DECAY], part[SPREAD], normals)


@cache
def noise_function() -> int:
    """Address of the function that adds noise, for the noise table."""
    return address_of(_add_noise, 8)


@kernel
def _add_conductance(current, conductance, values, reversal):
    vector_loop()
    for j in range(values.shape[0]):
        g = max(values[j], 0.0)  # the process may go below 0, a conductance may not
        conductance[j] += g
        current[j] += g * reversal[j]


@kernel
def _relax(values, mean, decay, spread, normals):
    vector_loop()
    for j in range(values.shape[0]):
        values[j] = mean[j] + decay[j] * (values[j] - mean[j]) + spread[j] * normals[j]


@kernel
def standard_normals(key, first, step, out):
    """Fill ``out[j]`` with the standard normal number of neuron ``first + j`` and a step.

    Parameters
    ----------
    key : uint64
    first, step : int64
    out : float64[:], modified in place
    """
    uniforms(key, first, step, 0, out)
    to_normal(out)


@kernel
def narrow(values, out):
    """Round float64 values to float32.

    Parameters
    ----------
    values : float64[:]
    out : float32[:], overwritten
    """
    vector_loop()
    for j in range(values.shape[0]):
        out[j] = values[j]


@kernel
def first_beyond(values, limit):
    """Index of the first value whose absolute value isn't below a limit; the number of values if all are."""
    for j in range(values.shape[0]):
        if not abs(values[j]) < limit:
            return j
    return values.shape[0]
