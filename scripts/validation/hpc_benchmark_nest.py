"""NEST's hpc_benchmark, a network with plastic excitatory synapses, against NEST itself: rates.

A twentieth of the network, 562 cells with 11,250 synapses onto each, at 0.1 ms, several networks in each simulator:
only averages can agree. The bar is three standard errors of their difference. So small a network fluctuates much; where
it learns, its activity soon explodes, in both simulators. NEST's side is iaf_psc_alpha and stdp_pl_synapse_hom_hpc.
Weights are compared in `stdp_nest.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from common import Row
from published_peer import hpc_benchmark

PEER = "nest-simulator"
SCALE = 0.05
# lambda, from when to when in s, and how many networks
CASES = {"lambda 0": (0.0, 0.1, 0.4, 8), "lambda 0.1": (0.1, 0.0, 0.05, 32)}
BAR = 3.0  # standard errors


def peer(seed: int, lambda_: float, start: float, stop: float) -> float:
    """Mean rate in Hz in NEST."""
    import nest

    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.set(resolution=0.1, rng_seed=seed)
    exc, inh = hpc_benchmark(nest, SCALE, "_hpc", lambda_).values()
    recorder = nest.Create("spike_recorder", params={"start": start * 1e3})
    nest.Connect(exc + inh, recorder, syn_spec={"delay": 1.5})
    nest.Simulate(stop * 1e3)
    return float(recorder.n_events / len(exc + inh) / (stop - start))


def ours(seed: int, lambda_: float, start: float, stop: float) -> float:
    """The same of ours."""
    from neurocore_nb import SpikeMonitor, networks

    net = networks.hpc_benchmark(SCALE, lambda_=lambda_, seed=seed)
    monitors = [SpikeMonitor(cells) for cells in net.populations]
    net.add(*monitors)
    net.run(stop, dt=1e-4)
    spikes = sum(int((one.t > start).sum()) for one in monitors)
    return spikes / sum(map(len, net.populations)) / (stop - start)


def compare() -> list[Row]:
    """Averages over seeds; all of NEST's runs come first."""
    sides: list[Any] = [
        {name: np.array([simulate(seed, *case) for seed in range(1, n + 1)]) for name, (*case, n) in CASES.items()}
        for simulate in (peer, ours)
    ]
    return [averages(f"{name}, rate from {CASES[name][1]:g} to {CASES[name][2]:g} s", *(side[name] for side in sides))
            for name in CASES]  # fmt: skip


def averages(what: str, theirs: np.ndarray, own: np.ndarray) -> Row:
    """Compare averages over seeds."""
    errors = [float(side.std(ddof=1)) / len(side) ** 0.5 for side in (theirs, own)]
    shown = [
        f"{len(side)} networks: {side.mean():.2f} ± {error:.2f} Hz"
        for side, error in zip((theirs, own), errors, strict=True)
    ]
    return Row(what, *shown, float(abs(theirs.mean() - own.mean())), BAR * float(np.hypot(*errors)), "Hz")


if __name__ == "__main__":
    print(*(row.markdown() for row in compare()), sep="\n")
