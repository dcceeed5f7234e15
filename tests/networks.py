"""Small networks for several test files, and their translation for the naive simulator."""

from __future__ import annotations

import naive
import numpy as np

from neurocore_nb import PoissonInput, StepCurrent
from neurocore_nb.engine.streams import POISSON, stream_key


def different_parameters(rng, n):
    """All parameters of HodgkinHuxleyNeuron, up to a tenth from the squid axon's, for each neuron its own."""
    return {name: value * rng.uniform(0.9, 1.1, n) for name, value in naive.SQUID_AXON.items()}


def as_naive(net, n_steps, dt, explicit=None):
    """Arguments for ``naive.simulate``; builds the network.

    ``explicit`` holds (post, pre, weight, delay in s) of projections whose synapses are known otherwise than from
    ``matrix()``, which doesn't tell delays.
    """
    net.run(0.0, dt)
    initial = net.get_states()
    cells = [naive.Cells(initial[one.label], one.params, one.max_step) for one in net.populations]
    synapses = [_synapses(net, one, (explicit or {}).get(one) or _known(one), dt) for one in net.projections]
    inputs = [one for one in net.stimuli if isinstance(one, PoissonInput)]
    currents = [_current(net, one, n_steps, dt) for one in net.stimuli if not isinstance(one, PoissonInput)]
    poisson = [_poisson(net, one, place) for place, one in enumerate(inputs)]
    return {
        "cells": cells, "synapses": synapses, "poisson": poisson, "currents": currents, "n_steps": n_steps, "dt": dt,
    }  # fmt: skip


def _place(net, neurons):
    return next(k for k, population in enumerate(net.populations) if population is neurons.parent)


def _known(projection):
    weights = projection.matrix().tocoo()
    return weights.row, weights.col, weights.data, projection.delay


def _synapses(net, projection, synapses, dt):
    post, pre, weight, delay = synapses
    steps = np.broadcast_to(np.floor(np.asarray(delay) / dt + 0.5).astype(int), len(post))
    source, target = projection.source, projection.target
    return naive.Synapses(
        _place(net, source), _place(net, target), pre + source.start, post + target.start, weight, steps
    )


def _poisson(net, drive, place):
    # The key is the package's own: any 64 bits would do. What follows from it is what the naive simulator makes anew.
    seed, place = (net._description.noise_seed, place) if drive.seed is None else (drive.seed, None)
    key = int(stream_key(seed, POISSON, place))
    target = drive.target
    rate, weight = (np.broadcast_to(value, drive.n) for value in (drive.rate_hz, drive.weight))
    return naive.Poisson(_place(net, target), target.start, rate, weight, key)


def _current(net, current, n_steps, dt):
    middle = (np.arange(n_steps) + 0.5) * dt
    if isinstance(current, StepCurrent):
        on = (middle > current.onset) & (middle < current.offset)
        values = on[:, None] * np.atleast_1d(current.amplitude)
    else:
        row = np.minimum((middle / current.dt).astype(int), len(current.values) - 1)
        values = current.values[row].reshape(n_steps, -1)
    target = current.target
    return naive.Current(
        _place(net, target), target.start, np.broadcast_to(values, (n_steps, target.n))
    )
