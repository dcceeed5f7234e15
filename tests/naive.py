"""A slow, obvious simulator of Hodgkin-Huxley networks in NumPy: what the package must agree with.

It shares no code with the package: its own random numbers, formulas, order of things and buffers.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from scipy import stats

SQUID_AXON = {
    "c_m": 1.0,
    "g_na": 120.0,
    "g_k": 36.0,
    "g_l": 0.3,
    "e_na": 50.0,
    "e_k": -77.0,
    "e_l": -54.387,
    "celsius": 6.3,
}
MOST_COUNTED = 100  # events in one step; enough for means below 10


@dataclass
class Cells:
    """A population: initial states v, m, h, n; parameters that differ from the squid axon; substep in ms."""

    initial: dict[str, np.ndarray]
    params: dict = field(default_factory=dict)
    max_step: float = 0.01

    @property
    def n(self):
        return len(self.initial["v"])


@dataclass
class Synapses:
    """Synapses between two populations, given by their places in the list; delays in steps."""

    source: int
    target: int
    pre: np.ndarray
    post: np.ndarray
    weight: np.ndarray
    delay: np.ndarray


@dataclass
class Poisson:
    """Poisson input onto the neurons from ``first`` on, one for each rate."""

    target: int
    first: int
    rate_hz: np.ndarray
    weight: np.ndarray
    key: int


@dataclass
class Current:
    """A current onto the neurons from ``first`` on, shape (n_steps, number of neurons)."""

    target: int
    first: int
    values: np.ndarray


@dataclass
class Junctions:
    """Conductances through which a state of ``pre`` acts on ``post`` at all times.

    Without ``reversal`` it drives the current g (x_pre - v_post), which also flows back out of pre if ``both_ways``,
    and is less by ``rectification`` where x_pre is the lower one. With it, the current is g x_pre (reversal - v_post).
    """

    source: int
    target: int
    pre: np.ndarray
    post: np.ndarray
    weight: np.ndarray
    state: str = "v"
    reversal: float | None = None
    both_ways: bool = False
    rectification: float = 0.0


def philox(counter, key):
    """Philox4x32-10 (Salmon et al. 2011): four words of 32 bits from four of counter and two of key."""
    c0, c1, c2, c3 = (np.asarray(word, np.uint64) for word in counter)
    k0, k1 = (int(word) for word in key)
    low = np.uint64(0xFFFFFFFF)
    for _ in range(10):
        p0, p1 = np.uint64(0xD2511F53) * c0, np.uint64(0xCD9E8D57) * c2
        c0, c1, c2, c3 = (p1 >> 32) ^ c1 ^ np.uint64(k0), p1 & low, (p0 >> 32) ^ c3 ^ np.uint64(k1), p0 & low
        k0, k1 = (k0 + 0x9E3779B9) % 2**32, (k1 + 0xBB67AE85) % 2**32
    return c0, c1, c2, c3


def uniforms(key, neurons, step, repetition=0):
    """The number in (0, 1) that belongs to each neuron and step: an odd multiple of 2**-53 from 52 bits."""
    neurons = np.asarray(neurons)
    zeros = np.zeros_like(neurons)
    counter = neurons, zeros + step % 2**32, zeros + step // 2**32, zeros + repetition
    high, low, _, _ = philox(counter, (key % 2**32, key // 2**32))
    bits = ((high << 32) | low) >> 12
    return (2.0 * bits + 1.0) * 2.0**-53


def words(key, neurons, step):
    """32 random bits for each neuron and step; of 128 neurons, those 32 apart share a turn of the generator."""
    neurons = np.asarray(neurons)
    zeros = np.zeros_like(neurons)
    counter = neurons // 128 * 32 + neurons % 32, zeros + step % 2**32, zeros + step // 2**32, zeros
    return np.choose(neurons % 128 // 32, philox(counter, (key % 2**32, key // 2**32))).astype(float)


def poisson_uniforms(key, neurons, step):
    """The numbers of which Poisson counts are the quantiles: the words, and more digits."""
    neurons = np.asarray(neurons)
    return (words(key, neurons, step) + uniforms(key, neurons, step, 1)) * 2.0**-32


def poisson_counts(u, means):
    """Inverse of the cumulative distribution function: the first count at which it reaches u."""
    return np.array(
        [np.searchsorted(_poisson_cdf(float(mean)), one) for one, mean in zip(u, means, strict=True)], float
    )


@cache
def _poisson_cdf(mean):
    return stats.poisson.cdf(np.arange(MOST_COUNTED), mean)


def linoid(x):
    """``x / (1 - exp(-x))``."""
    return np.where(x == 0.0, 1.0, x / np.where(x == 0.0, 1.0, -np.expm1(-x)))


def rates(v):
    """Opening and closing rates per ms at 6.3 degrees of the gates m, h and n, as published."""
    return {
        "m": (linoid((v + 40.0) / 10.0), 4.0 * np.exp(-(v + 65.0) / 18.0)),
        "h": (0.07 * np.exp(-(v + 65.0) / 20.0), 1.0 / (1.0 + np.exp(-(v + 35.0) / 10.0))),
        "n": (0.1 * linoid((v + 55.0) / 10.0), 0.125 * np.exp(-(v + 65.0) / 80.0)),
    }


def substep(state, current, params, dt, more=0.0):
    """Gates from the old v, then v with the new gates, each by its exact solution with all else held constant.

    ``more`` is an injected conductance: the injected current is ``current - more * v``.
    """
    p = SQUID_AXON | params
    phi = 3.0 ** ((p["celsius"] - 6.3) / 10.0)
    new = {}
    for gate, (opening, closing) in rates(state["v"]).items():
        steady = opening / (opening + closing)
        new[gate] = steady + (state[gate] - steady) * np.exp(-dt * phi * (opening + closing))
    g_na, g_k = p["g_na"] * new["m"] ** 3 * new["h"], p["g_k"] * new["n"] ** 4
    conductance = g_na + g_k + p["g_l"] + more
    steady = (g_na * p["e_na"] + g_k * p["e_k"] + p["g_l"] * p["e_l"] + current) / conductance
    new["v"] = steady + (state["v"] - steady) * np.exp(-dt * conductance / p["c_m"])
    return new


def n_substeps(dt, max_step):
    """Equal substeps of at most ``max_step`` ms in a step of ``dt`` s."""
    return math.ceil(round(dt * 1e3 / max_step, 6))


class Runaway(Exception):  # noqa: N818
    """A membrane potential beyond what the package's rates are made for."""


def simulate(cells, synapses=(), poisson=(), currents=(), junctions=(), *, n_steps, dt, within=(-np.inf, np.inf)):
    """Spikes (t in s, neuron) of each population, sorted, and final states.

    Raises Runaway when a membrane potential (mV) leaves an interval at any substep.
    """
    states = [{name: np.array(values, float) for name, values in one.initial.items()} for one in cells]
    spikes = [[] for _ in cells]
    arriving = defaultdict(float)  # summed weights by (step, population, neuron)
    last = states
    for step in range(n_steps):
        fired = []
        driving, conductance = _coupling(cells, junctions, states, last, dt)
        last = list(states)
        for place, one in enumerate(cells):
            total = np.array([arriving.pop((step, place, neuron), 0.0) for neuron in range(one.n)])
            total += _stimulation(place, one.n, poisson, currents, step, dt) + driving[place]
            n_sub = n_substeps(dt, one.max_step)
            for s in range(n_sub):
                before = states[place]["v"]
                states[place] = substep(states[place], total, one.params, dt * 1e3 / n_sub, conductance[place])
                if not ((within[0] < states[place]["v"]) & (states[place]["v"] < within[1])).all():
                    raise Runaway
                for neuron in np.flatnonzero((before < 0.0) & (states[place]["v"] >= 0.0)):
                    fired.append((place, neuron))
                    spikes[place].append(((step * n_sub + s + 1) * dt / n_sub, int(neuron)))
        for place, neuron in fired:
            _send(place, neuron, synapses, arriving, step)
    return [sorted(one) for one in spikes], states


def _stimulation(place, n, poisson, currents, step, dt):
    total = np.zeros(n)
    for drive in poisson:
        if drive.target == place:
            neurons = np.arange(len(drive.rate_hz))
            counts = poisson_counts(poisson_uniforms(drive.key, neurons, step), drive.rate_hz * dt)
            total[drive.first + neurons] += drive.weight * counts
    for current in currents:
        if current.target == place:
            total[current.first : current.first + current.values.shape[1]] += current.values[step]
    return total


def _coupling(cells, junctions, states, last, dt):
    """Current and conductance of each neuron, from states at the start of a step and of the one before."""
    current, conductance = [np.zeros(one.n) for one in cells], [np.zeros(one.n) for one in cells]

    def middle(place, state, neuron):
        """The state in the middle of the step; a gate stands half a substep behind."""
        behind = 0.0 if state == "v" else 0.5 / n_substeps(dt, cells[place].max_step)
        now, before = states[place][state][neuron], last[place][state][neuron]
        return now + (0.5 + behind) * (now - before)

    for one in junctions:
        graded = [np.zeros(n) for n in map(len, conductance)]
        for pre, post, weight in zip(one.pre, one.post, one.weight, strict=True):
            x = middle(one.source, one.state, pre)
            if one.reversal is not None:
                graded[one.target][post] += weight * x
                continue
            g = weight
            if one.rectification > 0.0:
                y = middle(one.target, one.state, post)
                g = weight * (1.0 if x > y else 1.0 - one.rectification)
            conductance[one.target][post] += g
            current[one.target][post] += g * x
            if one.both_ways:
                conductance[one.source][pre] += g
                current[one.source][pre] += g * middle(one.target, one.state, post)
        for place, g in enumerate(graded):
            conductance[place] += np.maximum(g, 0.0)
            current[place] += np.maximum(g, 0.0) * (one.reversal or 0.0)
    return current, conductance


def _send(place, neuron, synapses, arriving, step):
    for one in synapses:
        if one.source == place:
            for k in np.flatnonzero(one.pre == neuron):
                arriving[step + 1 + int(one.delay[k]), one.target, int(one.post[k])] += one.weight[k]
