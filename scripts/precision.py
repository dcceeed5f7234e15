"""What single precision changes, and what it saves: ``python scripts/precision.py``.

Prints three tables in Markdown. Leave the machine alone during the last.

spike times
    Neurons of each model with no input but a constant current, from rheobase to fast firing: how far a spike within
    200 ms lies from where it lies in double precision.
a network
    The COBAHH benchmark (Brette et al. 2007, benchmark 3), which is chaotic, so that single spikes soon differ: mean
    rates of several seeds in the first second.
cost
    Wall time of the whole ``run`` on one thread, per neuron and substep, each neuron with its own current: medians of
    runs in turns.
"""

from __future__ import annotations

import argparse
import statistics
import time

import numpy as np

from neurocore_nb import Network, Normal, Population, Projection, SpikeMonitor, StepCurrent
from neurocore_nb.neurons.models import MODELS

PRECISIONS = ("float64", "float32")
CURRENTS = {  # lowest and highest, in the model's unit
    "HodgkinHuxleyNeuron": (7.0, 30.0), "TraubMilesNeuron": (0.5, 5.0), "WangBuzsakiNeuron": (0.3, 3.0),
    "LIFNeuron": (400.0, 900.0), "COBALIFNeuron": (120.0, 400.0), "AdExNeuron": (600.0, 1500.0),
    "Izhikevich2007Neuron": (60.0, 300.0),
}  # fmt: skip


def driven(name: str, n: int, precision: str) -> tuple[Network, SpikeMonitor]:
    """N neurons of a model, each with its own constant current, and their monitor."""
    cells = Population(name, n, precision=precision)
    spikes = SpikeMonitor(cells)
    return Network(cells, StepCurrent(0.0, 100.0, np.linspace(*CURRENTS[name], n)), spikes), spikes


def spike_times(n: int) -> None:
    """Print how far spikes lie apart."""
    print("\n| model | neurons | spikes | substep | largest difference | trains without any |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name in CURRENTS:
        trains = []
        for precision in PRECISIONS:
            net, spikes = driven(name, n, precision)
            net.run(0.2, dt=1e-4)
            trains.append(spikes.spike_trains())
        double, single = trains
        fewer = sum(len(double[k]) != len(single[k]) for k in range(n))
        apart = [np.abs(double[k] - single[k]).max(initial=0.0) for k in range(n) if len(double[k]) == len(single[k])]
        largest = f"{max(apart) * 1e3:.3g} ms" if not fewer else f"another number of spikes in {fewer} trains"
        equal = sum(value == 0.0 for value in apart)
        count = sum(len(train) for train in double.values())
        print(f"| {name} | {n} | {count} | {MODELS[name].max_step} ms | {largest} | {equal} |", flush=True)


def cobahh_rate(n: int, seed: int, precision: str) -> float:
    """Mean rate in Hz of the benchmark's network."""
    start = {"v": Normal(-65.0, 5.0), "g_exc": Normal(0.2, 0.075), "g_inh": Normal(1.0, 0.6)}
    cells = Population("TraubMilesNeuron", n, initial=start, precision=precision)
    spikes = SpikeMonitor(cells)
    probability = 80.0 / n  # the indegree of the benchmark's 4000 cells
    exc = Projection(cells[: n * 4 // 5], cells, weight=0.03, probability=probability, receptor="exc")
    inh = Projection(cells[n * 4 // 5 :], cells, weight=0.335, probability=probability, receptor="inh")
    Network(cells, exc, inh, spikes, seed=seed).run(1.0, dt=1e-4)
    return spikes.count / n


def network_rates(n: int, seeds: int) -> None:
    """Print mean rates of the network."""
    print("\n| COBAHH | " + " | ".join(f"seed {seed}" for seed in range(1, seeds + 1)) + " | mean |")
    print("| --- " * (seeds + 2) + "|")
    for precision in PRECISIONS:
        rates = [cobahh_rate(n, seed, precision) for seed in range(1, seeds + 1)]
        error = statistics.stdev(rates) / seeds**0.5 if seeds > 1 else float("nan")
        shown = " | ".join(f"{rate:.2f}" for rate in rates)
        print(f"| {precision} | {shown} | {statistics.mean(rates):.2f} ± {error:.2f} Hz |", flush=True)


def cost(n: int, repeats: int) -> None:
    """Print wall times."""
    print("\n| ns per neuron-substep | float64 | float32 | ratio |")
    print("| --- | --- | --- | --- |")
    for name in CURRENTS:
        times: dict[str, list[float]] = {precision: [] for precision in PRECISIONS}
        nets = {precision: driven(name, n, precision)[0] for precision in PRECISIONS}
        duration = 2000 * MODELS[name].max_step * 1e-3
        for repeat in range(repeats + 1):
            for precision, net in nets.items():
                started = time.perf_counter()
                net.run(duration, threads=1)
                if repeat > 0:  # the first one compiles
                    times[precision].append(time.perf_counter() - started)
        double, single = (statistics.median(times[one]) * 1e9 / (n * 2000) for one in PRECISIONS)
        print(f"| {name} | {double:.2f} | {single:.2f} | {single / double:.2f} |", flush=True)


def main(arguments: list[str] | None = None) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="What single precision changes, and what it saves.")
    parser.add_argument("--neurons", type=int, default=200, help="of each model, for spike times")
    parser.add_argument("--cells", type=int, default=4000, help="of the network")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--timed", type=int, default=12_500, help="neurons, for the cost")
    parser.add_argument("--repeats", type=int, default=9)
    options = parser.parse_args(arguments)
    spike_times(options.neurons)
    network_rates(options.cells, options.seeds)
    cost(options.timed, options.repeats)


if __name__ == "__main__":
    main()
