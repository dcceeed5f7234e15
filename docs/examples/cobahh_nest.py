"""COBAHH in NEST: mean rate in Hz for each seed given."""

import sys

import nest
import numpy as np


def mean_rate(seed, n_cells=4000, duration=1.0, dt=0.025):  # s, and ms
    """Simulate once."""
    nest.ResetKernel()
    nest.set(resolution=dt, rng_seed=seed)
    n_exc, p = n_cells * 4 // 5, 80 / n_cells

    params = {
        "C_m": 200.0, "g_L": 10.0, "E_L": -60.0, "g_Na": 20_000.0, "g_K": 6_000.0,
        "E_Na": 50.0, "E_K": -90.0, "V_T": -63.0, "E_ex": 0.0, "E_in": -80.0,
        "tau_syn_ex": 5.0, "tau_syn_in": 10.0, "t_ref": 3.0,
    }  # fmt: skip
    cells = nest.Create("hh_cond_exp_traub", n_cells, params)
    draw = np.random.default_rng(seed).standard_normal
    cells.set(V_m=-65.0 + 5.0 * draw(n_cells), Act_m=0.0, Inact_h=0.0, Act_n=0.0)

    # conductances at the start can't be set, but sent
    start = nest.Create("spike_generator", params={"spike_times": [dt]})
    g_exc, g_inh = 40.0 + 15.0 * draw(n_cells), 200.0 + 120.0 * draw(n_cells)
    for g in (g_exc, -np.maximum(g_inh, 0.0)):
        one = {"weight": g[:, np.newaxis], "delay": dt}
        nest.Connect(start, cells, "all_to_all", one)

    rule = {"rule": "pairwise_bernoulli", "p": p}
    nest.Connect(cells[:n_exc], cells, rule, {"weight": 6.0, "delay": dt})
    nest.Connect(cells[n_exc:], cells, rule, {"weight": -67.0, "delay": dt})

    spikes = nest.Create("spike_recorder")
    nest.Connect(cells, spikes)
    nest.Simulate(duration * 1e3)
    return spikes.n_events / n_cells / duration


if __name__ == "__main__":
    nest.verbosity = nest.VerbosityLevel.ERROR
    for seed in map(int, sys.argv[1:] or ["1"]):
        print(seed, round(mean_rate(seed), 3), flush=True)
