"""Hodgkin-Huxley 1952 cells with two exponential conductances and 80 synapses each, steps of 0.025 ms, one thread.

Each cell gets 64 exciting (5 ms, 0 mV, 0.6 nS) and 16 inhibiting synapses (10 ms, -80 mV, 2 nS on 20,000 um2) from
random sources, delay 1 ms. Reversal potentials of the leak differ evenly from -54.4 to -14.4 mV, so that some cells
fire by themselves in all simulators without a stimulus that would cost differently. Spikes are recorded.
"""

from __future__ import annotations

import time

import numpy as np
from common import parser, report, rounds

from neurocore_nb import ExpConductance, HodgkinHuxleyNeuron, Network, Population, Projection, SpikeMonitor

DT = 0.025  # ms


def make_network(n: int) -> tuple[Network, SpikeMonitor]:
    """The network of n cells, of which four in five excite, and its monitor."""
    receptors = {"exc": ExpConductance(tau=5.0, e_rev=0.0), "inh": ExpConductance(tau=10.0, e_rev=-80.0)}
    leak = {"e_l": np.random.default_rng(1).permutation(np.linspace(-54.387, -14.387, n))}
    cells = Population(HodgkinHuxleyNeuron, n, leak, receptors=receptors, max_step=DT)
    n_exc = n * 4 // 5
    # 1 nS on 20,000 um2 is 0.005 mS/cm2
    wiring = {"topology": "fixed_indegree", "delay": 1e-3}
    exc = Projection(cells[:n_exc], cells, weight=0.003, indegree=64, receptor="exc", **wiring)
    inh = Projection(cells[n_exc:], cells, weight=0.01, indegree=16, receptor="inh", **wiring)
    spikes = SpikeMonitor(cells)
    return Network(cells, exc, inh, spikes), spikes


def main(arguments: list[str] | None = None) -> None:
    """Measure."""
    made = parser(__doc__)
    made.add_argument("--neurons", type=int, default=2000)
    made.add_argument("--duration", type=float, default=0.25, help="biological time in s")
    options = made.parse_args(arguments)
    net, spikes = make_network(options.neurons)
    net.run(0.0, dt=DT * 1e-3, threads=1)
    neuron_steps = options.neurons * options.duration * 1e3 / DT
    for _ in rounds(options):
        net.reset()
        started = time.perf_counter()
        net.run(options.duration, dt=DT * 1e-3, threads=1)
        seconds = time.perf_counter() - started
        rate = spikes.count / options.neurons / options.duration
        report(f"{options.neurons} cells", seconds * 1e9 / neuron_steps, "ns per neuron-step", rate_hz=rate)


if __name__ == "__main__":
    main()
