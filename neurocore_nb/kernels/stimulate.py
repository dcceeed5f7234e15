"""External input that is drawn or looked up anew in each network step."""

from __future__ import annotations

import math

import numpy as np

from .jit import inlined, kernel, vector_loop
from .rng import uniform_pair, uniforms

REJECTION_FROM = 10.0  # means from here on are drawn by rejection: inversion takes about as many turns as the mean


@inlined
def _log_probability(k, mean):
    return k * math.log(mean) - mean - math.lgamma(k + 1.0)


@kernel
def _poisson_by_rejection(mean, key, neuron, step):
    """Hörmann's PTRS (1993, Insurance: Mathematics and Economics 12:39), means of 10 and above."""
    b = 0.931 + 2.53 * math.sqrt(mean)
    a = -0.059 + 0.02483 * b
    inverse_alpha = 1.1239 + 1.1328 / (b - 3.4)
    v_r = 0.9277 - 3.6224 / (b - 2.0)
    attempt = 0
    while True:
        attempt += 1  # attempt 0 is the number for inversion
        u, v = uniform_pair(key, neuron, step, attempt)
        u -= 0.5
        us = 0.5 - abs(u)
        k = math.floor((2.0 * a / us + b) * u + mean + 0.43)
        if us >= 0.07 and v <= v_r:
            return k
        if k < 0.0 or (us < 0.013 and v > us):
            continue
        if math.log(v) + math.log(inverse_alpha) - math.log(a / (us * us) + b) <= _log_probability(k, mean):
            return k


@kernel
def poisson_count(u, mean, key, neuron, step):
    """A Poisson-distributed count, for any mean.

    Parameters
    ----------
    u : float64
        The first uniform number of ``(neuron, step, 0)``.
    mean : float64
        Expected count, rate times time step.
    key : uint64
    neuron, step : int64

    Returns
    -------
    float64
        The count, a whole number.
    """
    if mean >= REJECTION_FROM:
        return _poisson_by_rejection(mean, key, neuron, step)
    k = 0.0
    probability = math.exp(-mean)
    cumulative = probability
    while u > cumulative and probability > 0.0:
        k += 1.0
        probability *= mean / k
        cumulative += probability
    return k


# Columns of a row of the Poisson table, one row per stimulus.
(
    COLUMN,  # ring column of the stimulus' first neuron on this rank
    COUNT,  # its number of neurons on this rank
    FIRST,  # index of the first of them within the stimulus
    OFFSET,  # where their values begin
    KEY,
    N_COLUMNS,
) = range(6)
MEAN, WEIGHT, SILENCE = range(3)  # rows of the values: expected count, weight, up to which number there is no event


@kernel
def _any_above(u, silence):
    vector_loop()
    above = np.int64(0)
    for j in range(u.shape[0]):
        above |= np.int64(u[j] > silence[j])
    return above != 0


@kernel
def add_poisson(arriving, begin, stimulus, values, step, scratch):
    """Add one step of independent Poisson input to a tile of neurons.

    Parameters
    ----------
    arriving : float64[:], modified in place
        Summed weights that arrive at the neurons of the tile in this step.
    begin : int64
        Ring column of the tile's first neuron.
    stimulus : int64[:]
        A row of the Poisson table.
    values : float64[:, :]
        Mean counts, weights and probabilities of no event.
    step : int64
        Network step.
    scratch : float64[:]
        As long as ``arriving``; overwritten.
    """
    low = max(begin, stimulus[COLUMN])
    high = min(begin + arriving.shape[0], stimulus[COLUMN] + stimulus[COUNT])
    if low >= high:
        return
    key = np.uint64(stimulus[KEY])
    value = stimulus[OFFSET] + low - stimulus[COLUMN]
    neuron = stimulus[FIRST] + low - stimulus[COLUMN]
    u = scratch[: high - low]
    uniforms(key, neuron, step, 0, u)
    if not _any_above(u, values[SILENCE, value : value + high - low]):
        return
    for j in range(high - low):
        if u[j] > values[SILENCE, value + j]:
            count = poisson_count(u[j], values[MEAN, value + j], key, neuron + j, step)
            arriving[low - begin + j] += values[WEIGHT, value + j] * count


@kernel
def take_arrivals(arriving, line, limit):
    """Read what arrives in this step, clear its place in the ring buffer, and check it.

    Parameters
    ----------
    arriving : float64[:], modified in place
    line : float64[:], modified in place
    limit : float64

    Returns
    -------
    bool
        Whether all absolute values are below the limit.
    """
    vector_loop()
    beyond = np.int64(0)
    for j in range(arriving.shape[0]):
        value = line[j]
        arriving[j] = value
        line[j] = 0.0
        beyond |= np.int64(not abs(value) < limit)
    return beyond == 0


@kernel
def add(values, more):
    """Add ``more`` to ``values`` in place."""
    vector_loop()
    for j in range(values.shape[0]):
        values[j] += more[j]


@kernel
def first_beyond(values, limit):
    """Index of the first value whose absolute value isn't below a limit; the number of values if all are."""
    for j in range(values.shape[0]):
        if not abs(values[j]) < limit:
            return j
    return values.shape[0]


@kernel
def all_below(values, limit):
    """Whether every absolute value is below a limit (which nan never is).

    Parameters
    ----------
    values : float64[:]
    limit : float64

    Returns
    -------
    bool
    """
    vector_loop()
    beyond = np.int64(0)
    for j in range(values.shape[0]):
        beyond |= np.int64(not abs(values[j]) < limit)
    return beyond == 0
