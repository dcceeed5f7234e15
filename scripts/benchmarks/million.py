"""A million Hodgkin-Huxley neurons with a thousand synapses each on one machine, dt and substeps of 0.025 ms.

Four in five excite; pairs are connected with one probability, one weight and one delay of 1 ms. Each neuron starts at a
potential of its own and gets Poisson input, weak enough that the network fires at about 5 Hz, and irregularly.
"""

from __future__ import annotations

import time
from typing import Any

from common import parser, report, rounds
from machine import cores

from neurocore_nb import (
    ExpConductance,
    HodgkinHuxleyNeuron,
    Network,
    Normal,
    PoissonInput,
    Population,
    Projection,
    SpikeMonitor,
)
from neurocore_nb.engine.report import resident_bytes

DT, OUTDEGREE = 0.025, 1000  # ms
EXC, INH, INPUT, INPUT_HZ = 3e-4, 2e-3, 0.05, 45.0  # mS/cm2, Hz


def make_network(n: int, storage: str) -> tuple[Network, SpikeMonitor]:
    """The network and the monitor of its spikes."""
    receptors = {"exc": ExpConductance(tau=5.0, e_rev=0.0), "inh": ExpConductance(tau=10.0, e_rev=-80.0)}
    cells = Population(
        HodgkinHuxleyNeuron, n, receptors=receptors, initial={"v": Normal(-65.0, 3.0)}, max_step=DT, label="cells"
    )
    n_exc = n * 4 // 5
    wiring: dict[str, Any] = {"probability": min(1.0, OUTDEGREE / n), "delay": 1e-3}
    if storage != "stored":
        wiring["storage"] = storage
    exc = Projection(cells[:n_exc], cells, weight=EXC, receptor="exc", **wiring)
    inh = Projection(cells[n_exc:], cells, weight=INH, receptor="inh", **wiring)
    drive = PoissonInput(n, rate_hz=INPUT_HZ, weight=INPUT, target=cells, receptor="exc")
    spikes = SpikeMonitor(cells)
    return Network(cells, exc, inh, drive, spikes), spikes


def main(arguments: list[str] | None = None) -> None:
    """Measure; building and running each trial anew."""
    made = parser(__doc__, repeats=1)
    made.add_argument("--neurons", type=int, default=1_000_000)
    made.add_argument("--duration", type=float, default=1.0, help="biological time in s")
    made.add_argument("--threads", type=int, default=cores())
    made.add_argument("--storage", choices=("stored", "procedural"), default="stored")
    options = made.parse_args(arguments)
    make_network(100, options.storage)[0].run(2 * DT * 1e-3, dt=DT * 1e-3, threads=options.threads)  # compiles
    for _ in rounds(options):
        net, spikes = make_network(options.neurons, options.storage)
        started = time.perf_counter()
        built = net.run(0.0, dt=DT * 1e-3, threads=options.threads)
        seconds = time.perf_counter() - started
        what = f"{options.neurons} neurons, {options.storage}"
        report(f"{what}, building", seconds, "s", synapses=built.total("synapses"))
        started = time.perf_counter()
        net.run(options.duration, dt=DT * 1e-3, threads=options.threads)
        seconds = time.perf_counter() - started
        rate = spikes.count / options.neurons / options.duration
        report(f"{what}, running", seconds / options.duration, "s per biological s", rate_hz=rate)
        report(f"{what}, memory", resident_bytes() / 1e9, "GB")


if __name__ == "__main__":
    main()
