"""Poisson-distributed numbers of events, drawn anew in each network step."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from .jit import inlined, kernel, vector_loop
from .rng import shared_words, uniform_pair

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
        attempt += 1
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
def poisson_count(word, mean, key, neuron, step):
    """A Poisson-distributed count, for any mean.

    Parameters
    ----------
    word : float64
        The leading 32 bits of a uniform number; those that follow are drawn here.
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
    rest, _ = uniform_pair(key, neuron, step, 1)
    u = (word + rest) * 2.0**-32
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
    RECEPTOR,  # where the events arrive: first index of the ring buffer
    COLUMN,  # ring column of the stimulus' first neuron on this rank
    COUNT,  # its number of neurons on this rank
    FIRST,  # index of the first of them within the stimulus
    OFFSET,  # where their values begin
    STRIDE,  # from the values of one step to those of the next; 0 where they are constant
    KEY,
    N_COLUMNS,
) = range(8)
MEAN, WEIGHT, SILENCE = range(3)  # rows of the values: expected count, weight, below which word there is no event


def silence(mean: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Below which word, the leading 32 bits of a uniform number, there is surely no event.

    Parameters
    ----------
    mean : float64 array
        Expected counts.

    Returns
    -------
    float64 array
        The probability of no event as so many bits; 0 where counts are drawn by rejection, which draws zeros, too.
    """
    return np.where(mean < REJECTION_FROM, np.floor(np.exp(-mean) * 2.0**32), 0.0)


@kernel
def most_events(mean):
    """The largest number that counts as the spikes of one neuron in one step: ten standard deviations and 16 above.

    A limit lets the engine know what can arrive together. Larger numbers have probabilities below those that 64 random
    bits can tell from nothing.

    Parameters
    ----------
    mean : float64
        Expected count.

    Returns
    -------
    float64
    """
    return math.floor(mean + 10.0 * math.sqrt(mean)) + 16.0


@kernel
def _any_event(words, silence):
    vector_loop()
    found = np.int64(0)
    for j in range(words.shape[0]):
        found |= np.int64(words[j] >= silence[j])
    return found != 0


@kernel
def add_poisson(arriving, begin, stimulus, values, step, k, scratch):
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
        Mean counts, weights, and below which word there is no event.
    step, k : int64
        Network step, and its place in the interval.
    scratch : float64[:]
        Longer by ``rng.MORE_WORDS`` than ``arriving``; overwritten.
    """
    low = max(begin, stimulus[COLUMN])
    high = min(begin + arriving.shape[0], stimulus[COLUMN] + stimulus[COUNT])
    if low >= high:
        return
    key = np.uint64(stimulus[KEY])
    value = stimulus[OFFSET] + k * stimulus[STRIDE] + low - stimulus[COLUMN]
    neuron = stimulus[FIRST] + low - stimulus[COLUMN]
    n = high - low
    at = shared_words(key, neuron, n, step, scratch)
    words = scratch[at : at + n]
    if not _any_event(words, values[SILENCE, value : value + n]):
        return
    for j in range(n):
        if words[j] >= values[SILENCE, value + j]:
            count = poisson_count(words[j], values[MEAN, value + j], key, neuron + j, step)
            arriving[low - begin + j] += values[WEIGHT, value + j] * count


@kernel
def poisson_spikes(key, first, step, tick, mean, silence, scratch, fired, n_fired):
    """List the spikes of independent Poisson processes in one network step.

    Parameters
    ----------
    key : uint64
    first : int64
        Index of the first neuron.
    step, tick : int64
        Network step, and what to note as the time of its spikes.
    mean, silence : float64[:]
        Expected count of each neuron, and its :func:`silence`.
    scratch : float64[:]
        Longer by ``rng.MORE_WORDS`` than ``mean``; overwritten.
    fired : int32[:, :], modified in place
        Shape (2, capacity): place of the neuron and tick of each spike.
    n_fired : int64
        Spikes listed so far.

    Returns
    -------
    int64
        Number of spikes now; if that exceeds the capacity only the first ones were listed.
    """
    at = shared_words(key, first, mean.shape[0], step, scratch)
    words = scratch[at : at + mean.shape[0]]
    if not _any_event(words, silence):
        return n_fired
    for j in range(mean.shape[0]):
        if words[j] >= silence[j]:
            count = min(poisson_count(words[j], mean[j], key, first + j, step), most_events(mean[j]))
            for _ in range(np.int64(count)):
                if n_fired < fired.shape[1]:
                    fired[0, n_fired] = j
                    fired[1, n_fired] = tick
                n_fired += 1
    return n_fired
