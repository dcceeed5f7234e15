"""What an exchange interval costs beyond its membranes: two silent populations of 8 neurons, three projections.

One rank and one thread, no delay, so that each network step is an interval of its own. The membranes' part is the time
of a step of the same two populations without projections, which go through 64 steps at a time.
"""

from __future__ import annotations

import time

from common import parser, report, rounds

from neurocore_nb import HodgkinHuxleyNeuron, Network, Population, Projection

DT = 1e-5  # s: one substep


def make_network(connected: bool) -> Network:
    """The populations, with projections or without."""
    exc, inh = (Population(HodgkinHuxleyNeuron, 8, label=label) for label in ("exc", "inh"))
    pairs = [(exc, exc), (exc, inh), (inh, exc)] if connected else []
    return Network(exc, inh, *(Projection(*pair, weight=0.1, probability=0.5) for pair in pairs))


def main(arguments: list[str] | None = None) -> None:
    """Measure."""
    made = parser(__doc__)
    made.add_argument("--intervals", type=int, default=20_000)
    options = made.parse_args(arguments)
    networks = make_network(True), make_network(False)
    for net in networks:
        net.run(0.0, dt=DT, threads=1)
    for _ in rounds(options):
        microseconds = []
        for net in networks:
            started = time.perf_counter()
            net.run(options.intervals * DT, dt=DT, threads=1)
            microseconds.append((time.perf_counter() - started) * 1e6 / options.intervals)
        whole, membranes = microseconds
        report("beyond the membranes", whole - membranes, "us per interval", whole_us=whole, membranes_us=membranes)


if __name__ == "__main__":
    main()
