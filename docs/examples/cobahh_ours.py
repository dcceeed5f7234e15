"""COBAHH in neurocore_nb: mean rate in Hz for each seed given."""

import sys

from neurocore_nb import (
    Network,
    Normal,
    Population,
    Projection,
    SpikeMonitor,
    TraubMilesNeuron,
)


def mean_rate(seed, n_cells=4000, duration=1.0, dt=0.025):  # s, and ms
    """Simulate once."""
    n_exc, p = n_cells * 4 // 5, 80 / n_cells

    # the model's defaults are those of COBAHH: 10 nS on 20,000 um2 are 0.05 mS/cm2
    start = {"v": Normal(-65.0, 5.0), "m": 0.0, "h": 0.0, "n": 0.0}
    start |= {"g_exc": Normal(0.2, 0.075), "g_inh": Normal(1.0, 0.6)}
    cells = Population(TraubMilesNeuron, n_cells, initial=start, max_step=dt)

    exc = Projection(cells[:n_exc], cells, weight=0.03, probability=p, receptor="exc")
    inh = Projection(cells[n_exc:], cells, weight=0.335, probability=p, receptor="inh")

    spikes = SpikeMonitor(cells)
    Network(cells, exc, inh, spikes, seed=seed).run(duration, dt=dt * 1e-3)
    return spikes.count / n_cells / duration


if __name__ == "__main__":
    for seed in map(int, sys.argv[1:] or ["1"]):
        print(seed, round(mean_rate(seed), 3), flush=True)
