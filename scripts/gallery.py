"""Every picture that ``neurocore_nb.plot`` draws, from small networks, into a folder.

    python scripts/gallery.py
    mpirun -np 4 python scripts/gallery.py

On several ranks, phases and timeline have a row for each. Each function below is the whole recipe of its pictures.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

mpl.use("Agg")
import matplotlib.pyplot as plt

from neurocore_nb import (
    STDP,
    GapJunction,
    HodgkinHuxleyNeuron,
    Network,
    Normal,
    PoissonInput,
    PoissonPopulation,
    Population,
    Projection,
    Report,
    SpikeMonitor,
    StateMonitor,
    StepCurrent,
    TraubMilesNeuron,
    WangBuzsakiNeuron,
    plot,
    statistics,
)

DT = 1e-4  # s
Pictures = Iterator[tuple[str, Any]]


class Lively:
    """Excitatory cells driven at random, and inhibitory ones that make a rhythm of it.

    Parameters
    ----------
    n : int
        Number of cells, of which four in five excite.
    """

    def __init__(self, n: int) -> None:
        self.exc = Population(HodgkinHuxleyNeuron, n * 4 // 5, label="exc", initial={"v": Normal(-65.0, 5.0)})
        self.inh = Population(HodgkinHuxleyNeuron, n - self.exc.n, label="inh", initial={"v": Normal(-65.0, 5.0)})
        excites, inhibits = Normal(1000.0 / n, 200.0 / n, low=0.0), Normal(-6000.0 / n, 1000.0 / n, high=0.0)  # uA/cm2
        self.projections = [
            Projection(self.exc, self.exc, weight=excites, probability=0.1, delay=1e-3),
            Projection(self.exc, self.inh, weight=Normal(6000.0 / n, 1000.0 / n, low=0.0), probability=0.2, delay=1e-3),
            Projection(self.inh, self.exc, weight=inhibits, probability=0.2, delay=1e-3),
            Projection(self.inh, self.inh, weight=inhibits, probability=0.2, delay=1e-3),
        ]
        self.spikes = [SpikeMonitor(self.exc), SpikeMonitor(self.inh)]
        self.states = StateMonitor(self.exc, ("v", "n"), record=[0, 1])
        drive = PoissonInput(self.exc.n, rate_hz=50.0, weight=90.0, target=self.exc)
        self.net = Network(self.exc, self.inh, *self.projections, drive, *self.spikes, self.states)


def of_spikes(lively: Lively) -> Pictures:
    """Rasters, rates and what follows from spikes."""
    yield "raster", plot.raster(*lively.spikes, xlim=(0.0, 0.5))
    yield "rates", plot.rates(*lively.spikes, sigma=1e-3, xlim=(0.0, 0.5))
    yield "spectrum", plot.spectrum(*lively.spikes, start=0.1, segment=0.25, xlim=(0.0, 400.0))
    yield "isi", plot.isi(*lively.spikes, start=0.1)
    yield "cv", plot.cv(*lively.spikes, start=0.1)
    yield "traces", plot.traces(lively.states, xlim=(0.1, 0.3))


def of_synapses(projection: Projection) -> Pictures:
    """Weights and degrees."""
    yield "weights", plot.weights(projection)
    yield "weight_histogram", plot.weight_histogram(projection)
    yield "degrees", plot.degrees(projection)


def of_a_network() -> Pictures:
    """A diagram of a cortical circuit, which needn't run."""
    thalamus = PoissonPopulation(200, rate_hz=20.0, label="thalamus")
    exc = Population(TraubMilesNeuron, 8000, label="exc")
    pv = Population(TraubMilesNeuron, 1200, label="PV")
    som = Population(TraubMilesNeuron, 800, label="SOM")
    net = Network(
        thalamus, exc, pv, som,
        Projection(thalamus, exc, weight=0.03, probability=0.1, receptor="exc"),
        Projection(thalamus, pv, weight=0.03, probability=0.2, receptor="exc"),
        Projection(exc, exc, weight=0.03, probability=0.02, receptor="exc", plasticity=STDP()),
        Projection(exc, pv, weight=0.03, probability=0.05, receptor="exc"),
        Projection(exc, som, weight=0.03, topology="fixed_indegree", indegree=80, receptor="exc"),
        Projection(pv, exc, weight=0.3, probability=0.05, receptor="inh"),
        Projection(som, exc, weight=0.3, probability=0.02, receptor="inh"),
        Projection(som, pv, weight=0.3, probability=0.02, receptor="inh"),
        GapJunction(pv, pv, weight=0.01, probability=0.01),
        PoissonInput(8000, rate_hz=100.0, weight=0.01, target=exc, receptor="exc"),
        StepCurrent(0.1, 0.2, 2.0, target=som),
    )  # fmt: skip
    yield "graph", plot.graph(net)


def of_models(duration: float) -> Pictures:
    """F-I curves of two models in one picture."""
    currents = np.linspace(0.0, 20.0, 41)  # uA/cm2
    ax = None
    for model in (HodgkinHuxleyNeuron, WangBuzsakiNeuron):
        rates_hz = statistics.f_i(model, currents, duration)
        ax = plot.f_i_curve(currents, rates_hz, model=model, ax=ax)
    yield "f_i_curve", ax


def of_a_run(report: Report) -> Pictures:
    """What it took."""
    yield "phases", plot.phases(report)
    yield "timeline", plot.timeline(report)


def main(arguments: Any = None) -> None:
    """Run the networks and draw the pictures."""
    parser = argparse.ArgumentParser(description="Draw every picture that neurocore_nb.plot has.")
    parser.add_argument("--neurons", type=int, default=1000, help="of the network (default 1000)")
    parser.add_argument("--duration", type=float, default=2.0, help="simulated time in s (default 2)")
    parser.add_argument("--output", type=Path, default=Path(__file__).parents[1] / "docs" / "gallery", help="folder")
    options = parser.parse_args(arguments)

    lively = Lively(options.neurons)
    report = lively.net.run(options.duration, dt=DT)
    if lively.net.rank != 0:
        return
    whole = Lively(options.neurons)  # with the synapses of all ranks
    whole.net.run(0.0, dt=DT, backend="numba")
    options.output.mkdir(parents=True, exist_ok=True)
    pictures = (
        of_spikes(lively), of_synapses(whole.projections[2]), of_a_network(), of_models(options.duration),
        of_a_run(report),
    )  # fmt: skip
    for some in pictures:
        for name, axes in some:
            figure = np.ravel(axes)[0].figure
            figure.savefig(options.output / f"{name}.png", dpi=110)
            plt.close(figure)
            print(options.output / f"{name}.png")


if __name__ == "__main__":
    main()
