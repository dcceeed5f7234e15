"""Poisson-distributed numbers of events, drawn anew in each network step."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from .intrinsics import vector_loop
from .jit import inlined, kernel
from .rng import MORE_WORDS, shared_words, uniform_pair

REJECTION_FROM = 30.0  # means from here on are drawn by rejection: inversion takes about as many turns as the mean
_WORDS = 2.0**32  # probabilities are counted in words, numbers of 32 bits


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
def poisson_count(word, mean, nothing, key, neuron, step):
    """A Poisson-distributed count, for any mean.

    Parameters
    ----------
    word : float64
        The leading 32 bits of a uniform number; those that follow are drawn here.
    mean : float64
        Expected count, rate times time step.
    nothing : float64
        Its :func:`silence`.
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
    u = word + rest
    k = 0.0
    probability = cumulative = nothing
    while u > cumulative and probability > 0.0:
        k += 1.0
        probability *= mean * (1.0 / k)
        cumulative += probability
    return k


@kernel
def _one_more(words, means, factor, probability, cumulative, counts):
    """Raise the counts of those whose words are beyond what is summed up, and sum up the next probability.

    Returns
    -------
    int64
        How many were raised; negative if the digits after a word, which nobody has drawn, are needed to know it.
    """
    vector_loop()
    raised = np.int64(0)
    unsure = np.int64(0)
    for j in range(counts.shape[0]):
        level = math.floor(cumulative[j])
        beyond = np.int64(words[j] > level)
        unsure |= np.int64(words[j] == level)
        raised += beyond
        counts[j] += beyond
        probability[j] *= means[j] * factor
        cumulative[j] += probability[j]
    return -1 if unsure != 0 else raised


@kernel
def _counts_together(words, means, nothing, probability, cumulative, counts):
    """The counts of :func:`poisson_count` side by side; whether that went well, else ``counts`` are of no use.

    Parameters
    ----------
    words, means, nothing : float64[:]
        As there, means below ``REJECTION_FROM``.
    probability, cumulative, counts : float64[:], overwritten
    """
    for j in range(counts.shape[0]):
        probability[j] = cumulative[j] = nothing[j]
        counts[j] = 0.0
    k = 0.0
    raised = np.int64(1)
    while raised > 0:
        k += 1.0
        raised = _one_more(words, means, 1.0 / k, probability, cumulative, counts)
    return raised == 0


# Columns of a row of the Poisson table, one row per stimulus.
(
    RECEPTOR,  # where the events arrive: first index of the ring buffer
    COLUMN,  # ring column of the stimulus' first neuron on this rank
    COUNT,  # its number of neurons on this rank
    FIRST,  # index of the first of them within the stimulus
    OFFSET,  # where their values begin
    STRIDE,  # from the values of one step to those of the next; 0 where they are constant
    KEY,
    SPREAD,  # from the values of one neuron to those of the next: 1, or 0 where one tile of values serves all
    FUNCTION,  # address of the function that adds it
    N_COLUMNS,
) = range(10)
MEAN, WEIGHT, SILENCE = range(3)  # rows of the values: expected count, weight, and the probability of no event


def silence(mean: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The probability of no event, in words: below its whole part there is surely none.

    Parameters
    ----------
    mean : float64 array
        Expected counts.

    Returns
    -------
    float64 array
        0 where counts are drawn by rejection, which draws zeros, too.
    """
    return np.where(mean < REJECTION_FROM, np.exp(-mean) * _WORDS, 0.0)


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
def _any_event(words, nothing):
    vector_loop()
    found = np.int64(0)
    for j in range(words.shape[0]):
        found |= np.int64(words[j] >= math.floor(nothing[j]))
    return found != 0


@kernel
def _any_by_rejection(nothing):
    vector_loop()
    found = np.int64(0)
    for j in range(nothing.shape[0]):
        found |= np.int64(nothing[j] == 0.0)
    return found != 0


@kernel
def _add_weighted(arriving, weights, counts):
    vector_loop()
    for j in range(arriving.shape[0]):
        arriving[j] += weights[j] * counts[j]


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
        Mean counts, weights, and the mean counts' :func:`silence`.
    step, k : int64
        Network step, and its place in the interval.
    scratch : float64[:]
        As long as :func:`room` says for the neurons of the tile; overwritten.
    """
    low = max(begin, stimulus[COLUMN])
    high = min(begin + arriving.shape[0], stimulus[COLUMN] + stimulus[COUNT])
    if low >= high:
        return
    key = np.uint64(stimulus[KEY])
    value = stimulus[OFFSET] + k * stimulus[STRIDE] + stimulus[SPREAD] * (low - stimulus[COLUMN])
    neuron = stimulus[FIRST] + low - stimulus[COLUMN]
    n = high - low
    at = shared_words(key, neuron, n, step, scratch)
    words, weights = scratch[at : at + n], values[WEIGHT, value : value + n]
    means, nothing = values[MEAN, value : value + n], values[SILENCE, value : value + n]
    if not _any_event(words, nothing):
        return
    more = scratch[n + MORE_WORDS : 4 * n + MORE_WORDS]
    counts = more[2 * n :]
    if _any_by_rejection(nothing) or not _counts_together(words, means, nothing, more[:n], more[n : 2 * n], counts):
        for j in range(n):
            counts[j] = poisson_count(words[j], means[j], nothing[j], key, neuron + j, step)
    _add_weighted(arriving[low - begin : high - begin], weights, counts)


@kernel
def room(n):
    """How long a vector :func:`add_poisson` needs to work in, for n neurons."""
    return 4 * n + MORE_WORDS


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
        if words[j] >= math.floor(silence[j]):
            count = min(poisson_count(words[j], mean[j], silence[j], key, first + j, step), most_events(mean[j]))
            for _ in range(np.int64(count)):
                if n_fired < fired.shape[1]:
                    fired[0, n_fired] = j
                    fired[1, n_fired] = tick
                n_fired += 1
    return n_fired
