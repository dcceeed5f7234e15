"""A network with inhibitory plasticity against NEST: the rates and weights of `vogels_istdp` as they develop.

Two seconds with the learning rate of the authors' Brian code, from the beginning, in networks of 2000 cells with delays
of 0.1 ms, eight of them in each simulator: only averages can agree. The bar is three standard errors of their
difference. NEST's side is iaf_cond_exp and vogels_sprekeler_synapse.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from common import Row
from drive import nest_cells

PEER = "nest-simulator"
CELLS, END, SEEDS = 2000, 2.0, range(1, 9)
BINS = (0.0, 0.5, 1.0, 1.5, 2.0)  # s
BAR = 3.0  # standard errors
DT, ETA, RHO_0, TAU = 0.1, 0.01, 3.0, 20.0  # ms, nS, Hz, ms


def peer(seed: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Rates of excitatory and inhibitory cells in each bin, and the mean weight at the end, in NEST."""
    n_exc, probability = CELLS * 4 // 5, 200 / CELLS
    params = {
        "C_m": 200.0, "g_L": 10.0, "E_L": -60.0, "V_th": -50.0, "V_reset": -60.0, "t_ref": 5.0, "I_e": 200.0,
        "E_ex": 0.0, "E_in": -80.0, "tau_syn_ex": 5.0, "tau_syn_in": 10.0, "tau_minus": TAU,
    }  # fmt: skip
    nest, cells = nest_cells("iaf_cond_exp", CELLS, params, DT)
    nest.rng_seed = seed
    cells.V_m = np.random.default_rng(seed).uniform(-60.0, -50.0, CELLS)
    exc, inh = cells[:n_exc], cells[n_exc:]
    rule = {"rule": "pairwise_bernoulli", "p": probability}
    nest.Connect(exc, cells, rule, {"weight": 0.3, "delay": DT})
    nest.Connect(inh, inh, rule, {"weight": -3.0, "delay": DT})
    synapse = {
        "eta": ETA,
        "alpha": 2e-3 * RHO_0 * TAU,
        "tau": TAU,
        "Wmax": -100.0,
        "weight": -1e-10,
        "delay": DT,
    }
    nest.Connect(inh, exc, rule, {"synapse_model": "vogels_sprekeler_synapse", **synapse})
    recorder = nest.Create("spike_recorder")
    nest.Connect(cells, recorder)
    nest.Simulate(END * 1e3)
    learning = nest.GetConnections(synapse_model="vogels_sprekeler_synapse")
    times, is_exc = recorder.events["times"] * 1e-3, recorder.events["senders"] <= n_exc
    rates = [np.histogram(times[who], BINS)[0] for who in (is_exc, ~is_exc)]
    return (*per_cell(*rates), float(-np.mean(learning.weight)))


def ours(seed: int) -> tuple[np.ndarray, np.ndarray, float]:
    """The same of our network."""
    from neurocore_nb import SpikeMonitor, networks

    net = networks.vogels_istdp(CELLS / 10_000, rho_0=RHO_0, eta=ETA, tau=TAU, delay=DT * 1e-3, seed=seed)
    monitors = [SpikeMonitor(cells) for cells in net.populations]
    net.add(*monitors)
    net.run(END, dt=DT * 1e-3)
    rates = [np.histogram(one.t, BINS)[0] for one in monitors]
    return (*per_cell(*rates), float(net.projections[0].matrix().data.mean()))


def per_cell(exc: np.ndarray, inh: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rates in Hz from numbers of spikes in each bin."""
    return exc / np.diff(BINS) / (CELLS * 0.8), inh / np.diff(BINS) / (CELLS * 0.2)


def compare() -> list[Row]:
    """Averages over seeds."""
    theirs, own = ([simulate(seed) for seed in SEEDS] for simulate in (peer, ours))
    rows = []
    for place, kind in enumerate(("excitatory", "inhibitory")):
        for k, (begin, end) in enumerate(pairwise(BINS)):
            rates = ([run[place][k] for run in side] for side in (theirs, own))
            rows.append(averages(f"{kind} rate, {begin:g} to {end:g} s", *rates, "Hz"))
    weights = ([run[2] for run in side] for side in (theirs, own))
    return [*rows, averages(f"mean weight at {END:g} s", *weights, "nS")]


def averages(what: str, theirs: list[float], own: list[float], unit: str) -> Row:
    """Compare averages over seeds."""
    means = [float(np.mean(side)) for side in (theirs, own)]
    errors = [float(np.std(side, ddof=1)) / len(side) ** 0.5 for side in (theirs, own)]
    shown = [f"{mean:.3f} ± {error:.3f} {unit}" for mean, error in zip(means, errors, strict=True)]
    return Row(what, *shown, abs(means[1] - means[0]), BAR * float(np.hypot(*errors)), unit)


if __name__ == "__main__":
    print(*(row.markdown() for row in compare()), sep="\n")
