"""COBAHH, the field's standard network of Hodgkin-Huxley cells (Brette et al. 2007, benchmark 3), for 1 s at 0.1 ms.

80 synapses onto each cell at any size, spikes recorded. The gates are advanced before the potential, so that rates are
about 40 Hz at this step, as at small ones; peers that update all from old values have about 37 Hz.
"""

from __future__ import annotations

import inspect
import sys
import time
from typing import Any

from common import parser, report, rounds

from neurocore_nb import Network, Normal, Population, Projection, SpikeMonitor, TraubMilesNeuron

DT = 0.1  # ms


def make_network(
    n: int, precision: str = "float64", delay: float = 0.0, plasticity: Any = None
) -> tuple[Network, SpikeMonitor]:
    """The network and its monitor.

    Parameters
    ----------
    n : int
        Number of cells, of which four in five excite.
    precision : {"float64", "float32"}
    delay : float
        In s.
    plasticity : Plasticity, optional
        Of the excitatory synapses.

    Returns
    -------
    Network, SpikeMonitor
    """
    # 10 nS on 20,000 um2 are 0.05 mS/cm2
    start = {"v": Normal(-65.0, 5.0), "m": 0.0, "h": 0.0, "n": 0.0}
    start |= {"g_exc": Normal(0.2, 0.075), "g_inh": Normal(1.0, 0.6)}
    if precision != "float64" and "precision" not in inspect.signature(Population).parameters:
        sys.exit(f"this version of neurocore_nb doesn't offer {precision}")
    choice = {} if precision == "float64" else {"precision": precision}
    cells = Population(TraubMilesNeuron, n, initial=start, max_step=DT, **choice)
    n_exc, p = n * 4 // 5, min(1.0, 80 / n)
    learning = {} if plasticity is None else {"plasticity": plasticity}
    exc = Projection(cells[:n_exc], cells, weight=0.03, probability=p, receptor="exc", delay=delay, **learning)
    inh = Projection(cells[n_exc:], cells, weight=0.335, probability=p, receptor="inh", delay=delay)
    spikes = SpikeMonitor(cells)
    return Network(cells, exc, inh, spikes), spikes


def main(arguments: list[str] | None = None) -> None:
    """Measure."""
    made = parser(__doc__)
    made.add_argument("--neurons", type=int, default=4000)
    made.add_argument("--duration", type=float, default=1.0, help="biological time in s")
    made.add_argument("--threads", type=int, default=2)
    made.add_argument("--precision", choices=("float64", "float32"), default="float64")
    options = made.parse_args(arguments)
    net, spikes = make_network(options.neurons, options.precision)
    net.run(0.0, dt=DT * 1e-3, threads=options.threads)
    for trial in rounds(options):
        net.reset(seed=trial)
        started = time.perf_counter()
        net.run(options.duration, dt=DT * 1e-3, threads=options.threads)
        seconds = time.perf_counter() - started
        rate = spikes.count / options.neurons / options.duration
        what = f"{options.neurons} cells, {options.precision}"
        report(what, seconds / options.duration, "s per biological s", rate_hz=rate)


if __name__ == "__main__":
    main()
