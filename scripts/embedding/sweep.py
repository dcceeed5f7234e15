"""A sweep: the rate of a network for each weight of inhibition and each seed, on the workers of a Dask cluster.

Each task describes a network of its own and runs it in one process on one thread; here the workers are processes of
this machine. ``--scheduler tcp://...`` takes those of a cluster instead. A task is a function of its arguments, so that
the results don't depend on which worker does it, nor on how many there are.
"""

from __future__ import annotations

import argparse
from itertools import product
from pathlib import Path

import numpy as np

DOCS = Path(__file__).parents[2] / "docs" / "embedding"
WEIGHTS = (0.15, 0.2, 0.335, 0.5, 0.8)  # mS/cm2; the network of the paper has 0.335


def rate_of(w_inh: float, seed: int, scale: float, duration: float) -> float:
    """Mean rate in Hz of the COBAHH network after 0.1 s."""
    from neurocore_nb import SpikeMonitor
    from neurocore_nb.networks import cobahh

    net = cobahh(scale, w_inh=w_inh, seed=seed)
    spikes = SpikeMonitor(net["cells"])
    net.add(spikes)
    net.run(duration, dt=1e-4, backend="numba", threads=1)
    return float((spikes.t > 0.1).sum() / net["cells"].n / (duration - 0.1))


def draw(rates: np.ndarray, path: Path) -> None:
    """Each network, and the mean of each weight."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axis = plt.subplots(figsize=(6, 4), layout="constrained")
    axis.plot(WEIGHTS, rates, "o", color="grey", ms=4)
    axis.plot(WEIGHTS, rates.mean(axis=1), color="black", label="mean of the seeds")
    axis.set(xlabel="weight of inhibition (mS/cm2)", ylabel="rate (Hz)")
    axis.legend(frameon=False)
    figure.savefig(path, dpi=100)


def main(arguments: list[str] | None = None) -> None:
    """Run all tasks and print a table."""
    made = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    made.add_argument("--scheduler", help="address of a Dask scheduler; by default workers are started here")
    made.add_argument("--workers", type=int, default=2)
    made.add_argument("--seeds", type=int, default=8)
    made.add_argument("--scale", type=float, default=0.25)
    made.add_argument("--duration", type=float, default=0.5, help="in s")
    made.add_argument("--write", action="store_true", help="into docs/embedding")
    options = made.parse_args(arguments)

    from distributed import Client

    here = {"n_workers": options.workers, "threads_per_worker": 1, "dashboard_address": None}
    with Client(options.scheduler) if options.scheduler else Client(**here) as client:
        tasks = [(w, seed, options.scale, options.duration) for w, seed in product(WEIGHTS, range(options.seeds))]
        found = client.gather(client.map(lambda task: rate_of(*task), tasks, pure=False))
    rates = np.array(found).reshape(len(WEIGHTS), options.seeds)
    print("w_inh (mS/cm2)  rate (Hz), mean ± sd of the seeds")
    for w, some in zip(WEIGHTS, rates, strict=True):
        print(f"{w:14g}  {some.mean():.2f} ± {some.std(ddof=1):.2f}")
    if options.write:
        draw(rates, DOCS / "sweep.png")


if __name__ == "__main__":
    main()
