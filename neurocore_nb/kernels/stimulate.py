"""What reaches a tile of neurons from outside in each network step: arriving spikes, currents and conductances."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .jit import kernel, vector_loop
from .poisson import RECEPTOR, add_poisson
from .rng import normal_quantile, uniforms

FINE, NOT_FINITE, NOT_EXACT = 0, 1, 2  # status of a slice


class Inputs(NamedTuple):
    """All that reaches the local neurons of a population from outside.

    Attributes
    ----------
    ring : float64[n_receptors, n_slots, n_local]
        Summed weights that arrive in the coming steps; step ``k`` is slot ``k % n_slots``.
    used : bool[n_receptors]
        Whether anything can arrive at a receptor.
    limits : float64[n_receptors]
        Below which sums of weights are exact.
    poisson : int64[n_inputs, n_columns]
        The Poisson table, see ``kernels.poisson``.
    poisson_values : float64[3, n]
    rows : float64[n_rows, n_local]
        Injected currents, ...
    factors : float64[n_rows, n_steps]
        ... and with which factor each is present in each step of the interval.
    noises : int64[n_noises, n_columns]
        The noise table, below.
    noise_values : float64[5, n]
    """

    ring: npt.NDArray[np.float64]
    used: npt.NDArray[np.bool_]
    limits: npt.NDArray[np.float64]
    poisson: npt.NDArray[np.int64]
    poisson_values: npt.NDArray[np.float64]
    rows: npt.NDArray[np.float64]
    factors: npt.NDArray[np.float64]
    noises: npt.NDArray[np.int64]
    noise_values: npt.NDArray[np.float64]


# Columns of a row of the noise table, one row per Ornstein-Uhlenbeck process.
(
    COLUMN,  # local index of its first neuron on this rank
    COUNT,  # its number of neurons on this rank
    FIRST,  # index of the first of them within the stimulus
    OFFSET,  # where their values begin
    CONDUCTANCE,  # 1 for a conductance, 0 for a current
    KEY,
    N_COLUMNS,
) = range(7)
# Rows of the noise values: the process itself, where it tends to, what is left of a deviation after a step, the
# standard deviation of what comes in a step, and the reversal potential of a conductance (mV).
VALUE, MEAN, DECAY, SPREAD, REVERSAL = range(5)


@kernel
def drive(line, inputs, receptor, begin, step, k, scratch):
    """Add the Poisson input of a network step to what arrives at one receptor of a tile of neurons.

    Parameters
    ----------
    line : float64[:], modified in place
        The tile's part of the ring buffer in that step.
    inputs : Inputs
    receptor, begin : int64
        Receptor, and local index of the tile's first neuron.
    step, k : int64
        Network step, and its place in the interval.
    scratch : float64[:]
    """
    for p in range(inputs.poisson.shape[0]):
        if inputs.poisson[p, RECEPTOR] == receptor:
            add_poisson(line, begin, inputs.poisson[p], inputs.poisson_values, step, k, scratch)


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
def inject(current, conductance, inputs, begin, step, k, scratch):
    """Add the injected currents and conductances of a tile of neurons in a network step.

    Parameters
    ----------
    current, conductance : float64[:], modified in place
        The injected current is ``current - conductance * v``.
    inputs : Inputs
    begin, step, k : int64
        As for :func:`drive`.
    scratch : float64[:]
    """
    for row in range(inputs.rows.shape[0]):
        if inputs.factors[row, k] != 0.0:
            _add_scaled(current, inputs.rows[row, begin : begin + current.shape[0]], inputs.factors[row, k])
    for p in range(inputs.noises.shape[0]):
        _add_noise(current, conductance, begin, inputs.noises[p], inputs.noise_values, step, scratch)


@kernel
def _add_scaled(values, more, factor):
    vector_loop()
    for j in range(values.shape[0]):
        values[j] += factor * more[j]


@kernel
def _add_noise(current, conductance, begin, noise, values, step, scratch):
    """Add the present value of a process to a tile, and take the process to the next step."""
    low = max(begin, noise[COLUMN])
    high = min(begin + current.shape[0], noise[COLUMN] + noise[COUNT])
    if low >= high:
        return
    n = high - low
    first = noise[OFFSET] + low - noise[COLUMN]
    part = values[:, first : first + n]
    if noise[CONDUCTANCE] != 0:
        _add_conductance(current[low - begin :], conductance[low - begin :], part[VALUE], part[REVERSAL])
    else:
        _add_scaled(current[low - begin : high - begin], part[VALUE], 1.0)
    normals = scratch[:n]
    standard_normals(np.uint64(noise[KEY]), noise[FIRST] + low - noise[COLUMN], step + 1, normals)
    _relax(part[VALUE], part[MEAN], part[DECAY], part[SPREAD], normals)


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
    _to_normal(out)


@kernel
def _to_normal(values):
    vector_loop()
    for j in range(values.shape[0]):
        values[j] = normal_quantile(values[j])


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
