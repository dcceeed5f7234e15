"""COBAHH in NEURON: mean rate in Hz for each seed given.

Compile traub_miles.mod and refractory.mod first, in their folder, with: nrnivmodl .
"""

import sys

import numpy as np
from neuron import h


def make_cell(v):
    """A cell of 20,000 um2 with its two synapses."""
    soma = h.Section()
    soma.L = soma.diam = (20_000 / np.pi) ** 0.5
    soma.cm, soma.v = 1.0, v
    soma.insert("traubmiles")
    soma.ena, soma.ek = 50.0, -90.0
    exc, inh = h.ExpSyn(soma(0.5)), h.ExpSyn(soma(0.5))
    exc.tau, exc.e = 5.0, 0.0
    inh.tau, inh.e = 10.0, -80.0
    return soma, exc, inh


def mean_rate(seed, n_cells=4000, duration=1.0, dt=0.025):  # s, and ms
    """Simulate once."""
    draw = np.random.default_rng(seed)
    n_exc, p = n_cells * 4 // 5, 80 / n_cells
    cells = [make_cell(v) for v in draw.normal(-65.0, 5.0, n_cells)]

    gates = [h.Refractory() for _ in cells]
    connections, times = [], h.Vector()
    for pre, (soma, _, _) in enumerate(cells):
        connections.append(
            h.NetCon(soma(0.5)._ref_v, gates[pre], -20.0, 0.0, 1.0, sec=soma)
        )
        synapse, weight = (1, 6e-3) if pre < n_exc else (2, 67e-3)  # uS
        for post in np.flatnonzero(draw.random(n_cells) < p):
            connections.append(
                h.NetCon(gates[pre], cells[post][synapse], 0.0, dt, weight)
            )
        spikes = h.NetCon(gates[pre], None)
        spikes.record(times)
        connections.append(spikes)

    h.dt = dt
    h.finitialize()
    for _, exc, inh in cells:
        exc.g, inh.g = draw.normal(0.04, 0.015), draw.normal(0.2, 0.12)  # uS
    while h.t < duration * 1e3 - dt / 2:
        h.fadvance()
    return len(times) / n_cells / duration


if __name__ == "__main__":
    for seed in map(int, sys.argv[1:] or ["1"]):
        print(seed, round(mean_rate(seed), 3), flush=True)
