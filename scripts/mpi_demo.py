"""The tutorial's network of 12,500 Hodgkin-Huxley neurons, alive.

    mpirun -np 4 python scripts/mpi_demo.py
    python scripts/mpi_demo.py

The drive is strong enough to make the excitatory neurons fire, and the connections strong enough to matter: the
inhibitory neurons have no other input. Prints spike counts, rates and the report, and saves a raster picture where
matplotlib is installed.
"""

import argparse
from pathlib import Path
from typing import Any

from neurocore_nb import HodgkinHuxleyNeuron, Network, PoissonInput, Population, Projection, SpikeMonitor


def build(n: int = 10_000) -> tuple[Network, list[SpikeMonitor]]:
    """The network and its monitors, with n excitatory and n / 4 inhibitory neurons.

    Parameters
    ----------
    n : int

    Returns
    -------
    Network, list of SpikeMonitor
    """
    exc = Population(HodgkinHuxleyNeuron, n=n, label="exc")
    inh = Population(HodgkinHuxleyNeuron, n=n // 4, label="inh")
    exc_exc = Projection(exc, exc, weight=0.05, topology="random", probability=0.02)
    exc_inh = Projection(exc, inh, weight=0.2, topology="random", probability=0.05)
    inh_exc = Projection(inh, exc, weight=-0.2, topology="random", probability=0.05)
    drive = PoissonInput(n=n, rate_hz=50.0, weight=9.0)
    monitors = [SpikeMonitor(exc), SpikeMonitor(inh)]
    return Network(exc, inh, exc_exc, exc_inh, inh_exc, drive, *monitors), monitors


def save_raster(monitors: list[SpikeMonitor], path: Path) -> None:
    """Draw the spikes of every tenth neuron, and both populations' rates, into a file."""
    import matplotlib as mpl

    mpl.use("Agg")
    from neurocore_nb import plot

    spikes, _ = plot.raster(*monitors, every=10)
    spikes.set_title("12,500 Hodgkin-Huxley neurons")
    spikes.figure.savefig(path, dpi=120)


def main(arguments: Any = None) -> None:
    """Run the network and say what it did."""
    parser = argparse.ArgumentParser(description="The tutorial's network, alive.")
    parser.add_argument("--duration", type=float, default=1.0, help="simulated time in s (default 1)")
    parser.add_argument("--output", type=Path, default=Path("mpi_demo.png"), help="picture (default mpi_demo.png)")
    options = parser.parse_args(arguments)

    net, monitors = build()
    if net.rank == 0:
        print("compiling (once), building and running 12,500 neurons ...", flush=True)
    report = net.run(options.duration, dt=0.001)
    if net.rank != 0:
        return
    for monitor in monitors:
        label, rate = monitor.population.label, monitor.firing_rates().mean()
        print(f"{label}: {monitor.count:8,} spikes, {rate:.2f} Hz per neuron")
    print(report)
    try:
        save_raster(monitors, options.output)
        print(f"raster picture: {options.output}")
    except ImportError as error:
        print(f"no raster picture: {error}")


if __name__ == "__main__":
    main()
