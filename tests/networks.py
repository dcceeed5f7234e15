"""Small networks for several test files, and their translation for the naive simulator."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import naive
import numpy as np
import scipy.sparse

import neurocore_nb
from neurocore_nb import (
    NMDA,
    GapJunction,
    GradedRelease,
    GradedSynapse,
    HodgkinHuxleyNeuron,
    Network,
    Normal,
    OUConductance,
    OUCurrent,
    PoissonInput,
    PoissonPopulation,
    Population,
    Projection,
    RewardSTDP,
    SinusoidalCurrent,
    SpikeMonitor,
    StepCurrent,
    TimedArray,
    TraubMilesNeuron,
    Uniform,
    VoltageJump,
)
from neurocore_nb.engine.streams import POISSON, stream_key


def different_parameters(rng, n):
    """All parameters of HodgkinHuxleyNeuron, up to a tenth from the squid axon's, for each neuron its own."""
    return {name: value * rng.uniform(0.9, 1.1, n) for name, value in naive.SQUID_AXON.items()}


def spikes_and_states(net, monitors=()):
    """Times and indices of the spikes that each monitor saw, then every variable of every population."""
    spikes = [array for one in monitors for array in (one.t, one.i)]
    return spikes + [values for states in net.get_states().values() for values in states.values()]


def same(one, other):
    """Whether two lists hold equal arrays."""
    return len(one) == len(other) and all(map(np.array_equal, one, other))


def run_tiny(precision="float64"):
    """Hexadecimal digits of all that comes out of a network that uses every kernel; small enough for plain Python."""
    rng = np.random.default_rng(6)
    initial = {"v": Normal(-60.0, 5.0)}
    exc = Population(HodgkinHuxleyNeuron, 4, label="exc", initial=initial, max_step=0.05, precision=precision)
    receptors = {"nmda": NMDA(), "jump": VoltageJump(), "release": GradedRelease()}
    inh = Population(
        TraubMilesNeuron, 3, label="inh", receptors=receptors, initial=initial, max_step=0.1, precision=precision
    )
    noise = PoissonPopulation(3, 300.0)
    entries = rng.integers(0, 4, 8), rng.integers(0, 3, 8)
    matrix = scipy.sparse.coo_array((rng.uniform(-30.0, 0.0, 8), entries), shape=(4, 3))
    objects = [
        Projection(exc, inh, weight=Normal(30.0, 5.0), probability=0.6, delay=Uniform(0.0, 2e-3)),
        Projection(exc, exc, weight=20.0, topology="fixed_indegree", indegree=2, delay=1e-3, autapses=False),
        Projection(inh, exc, weight=None, topology=matrix, delay=rng.uniform(0.0, 2e-3, 8), weight_dtype="float64"),
        Projection(
            inh,
            inh,
            weight=-5.0,
            topology="all_to_all",
            plasticity=RewardSTDP(reward=noise, a_plus=0.5, b=0.01),
            weight_dtype="float64",
        ),
        Projection(exc[1:], inh, weight=-5.0, topology="one_to_one"),
        Projection(inh, exc, weight=3.0, probability=0.5, storage="procedural"),
        PoissonInput(4, rate_hz=[500.0, 900.0, 0.0, 30000.0], weight=[9.0, 9.0, 9.0, 0.5]),
        Projection(noise, inh, 0.1, topology="fixed_outdegree", outdegree=2, receptor="nmda"),
        Projection(noise, inh, 5.0, topology="fixed_total", total=7, multapses=False, receptor="jump"),
        GapJunction(exc, exc, Uniform(0.0, 0.1), probability=0.7, rectification=0.5),
        GapJunction(exc[1:], inh, 0.05, topology="all_to_all"),
        GradedSynapse(inh, exc[1:], 0.5, topology="all_to_all", state="s_release", e_rev=-80.0),
        OUCurrent(1.0, 1.0, 2e-3, target=inh),
        OUConductance(0.1, 0.1, 2e-3, e_rev=0.0, target=inh[1:]),
        StepCurrent(1e-3, 6e-3, 40.0),
        TimedArray(rng.uniform(10.0, 40.0, (3, 3)), dt=2e-3, target=inh),
    ]
    spikes = [SpikeMonitor(exc), SpikeMonitor(inh)]
    net = Network(exc, inh, noise, *objects, *spikes)
    net.run(6e-3, dt=5e-4, threads=1)
    assert all(one.count > 2 for one in spikes)
    values = [*spikes_and_states(net, spikes), *(one.matrix().data for one in net.projections)]
    return "\n".join(np.ascontiguousarray(one).tobytes().hex() for one in values)


def run_python(program, **environment):
    """What a program prints that runs in an interpreter of its own, where warnings are errors as here."""
    folders = Path(__file__).parent, Path(neurocore_nb.__file__).parents[1]
    environment["PYTHONPATH"] = os.pathsep.join(map(str, folders))
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        env=os.environ | environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    # What fails in a function called by its address is printed and nothing more.
    assert done.returncode == 0, done.stderr
    assert "Error" not in done.stderr, done.stderr
    return done.stdout.strip()


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
    junctions = [_junctions(net, one) for one in net.couplings]
    return {
        "cells": cells, "synapses": synapses, "poisson": poisson, "currents": currents, "junctions": junctions,
        "n_steps": n_steps, "dt": dt,
    }  # fmt: skip


def _place(net, neurons):
    return next(k for k, population in enumerate(net.populations) if population is neurons.parent)


def _target(net, stimulus):
    return net.populations[0] if stimulus.target is None else stimulus.target


def _known(projection):
    weights = projection.matrix().tocoo()
    return weights.row, weights.col, weights.data, projection.delay


def _synapses(net, projection, synapses, dt):
    post, pre, weight, delay = synapses
    steps = np.broadcast_to(np.floor(np.asarray(delay) / dt + 0.5).astype(int), len(post))
    source, target = projection.source, projection.target
    weight = np.asarray(weight, float)  # sums of float32 would be rounded to float32
    return naive.Synapses(
        _place(net, source), _place(net, target), pre + source.start, post + target.start, weight, steps
    )


def _junctions(net, coupling):
    """Those of a matrix of a rule; of a symmetric one between the same neurons, one half of it."""
    source, target, found = coupling.source, coupling.target, coupling.matrix().tocoo()
    post, pre, weight = found.row, found.col, found.data
    if coupling.symmetric and coupling.within:
        post, pre, weight = post[pre < post], pre[pre < post], weight[pre < post]
    return naive.Junctions(
        _place(net, source), _place(net, target), pre + source.start, post + target.start, weight, coupling.state,
        getattr(coupling, "e_rev", None), coupling.symmetric, coupling.rectification,
    )  # fmt: skip


def _poisson(net, drive, place):
    # The key is the package's own: any 64 bits would do. What follows from it is what the naive simulator makes anew.
    seed, place = (net._description.noise_seed, place) if drive.seed is None else (drive.seed, None)
    key = int(stream_key(seed, POISSON, place))
    target = _target(net, drive)
    rate, weight = (np.broadcast_to(value, drive.n) for value in (drive.rate_hz, drive.weight))
    return naive.Poisson(_place(net, target), target.start, rate, weight, key)


def _current(net, current, n_steps, dt):
    middle = (np.arange(n_steps) + 0.5) * dt
    column = middle[:, None]
    if isinstance(current, StepCurrent):
        values = ((column > current.onset) & (column < current.offset)) * current.amplitude
    elif isinstance(current, SinusoidalCurrent):
        angle = 2.0 * np.pi * current.frequency_hz * column + current.phase
        values = current.offset + current.amplitude * np.sin(angle)
    else:
        row = np.minimum((middle / current.dt).astype(int), len(current.values) - 1)
        values = current.values[row].reshape(n_steps, -1)
    target = _target(net, current)
    return naive.Current(_place(net, target), target.start, np.broadcast_to(values, (n_steps, target.n)))
