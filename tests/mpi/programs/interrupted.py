"""A run that is interrupted on one rank and goes on, and the same without interruption: see test_interrupts.py.

Usage: interrupted.py RANK
"""

import os
import signal
import sys

import numpy as np

from neurocore_nb import HodgkinHuxleyNeuron, Network, PoissonInput, Population, Projection, SpikeMonitor

DT, STEPS = 1e-3, 400


def build(interrupt: int | None = None) -> Network:
    """A living network, whose drive sends this process a signal at 0.1 s on one rank."""
    sent = []

    def rate(t: float) -> float:
        if t > 0.1 and not sent:
            sent.append(t)
            if net.rank == interrupt:
                os.kill(os.getpid(), signal.SIGINT)
        return 800.0

    cells = Population(HodgkinHuxleyNeuron, 37, label="cells")
    wires = Projection(cells, cells, 0.3, 0.2, delay=2e-3)
    net = Network(cells, wires, PoissonInput(37, rate, 9.0), SpikeMonitor(cells), seed=3)
    return net


signal.signal(signal.SIGINT, signal.default_int_handler)  # where a shell has it ignored
net = build(int(sys.argv[1]))
try:
    net.run(STEPS * DT, DT)
    print("not interrupted")
except KeyboardInterrupt as error:
    count = net.monitors[0].count
    print(f"rank {net.rank}: {error}; {count > 0}", flush=True)
step = round(net.t / DT)
net.run((STEPS - step) * DT, DT)
whole = build()
whole.run(STEPS * DT, DT)
if net.rank == 0:
    found, expected = net.monitors[0], whole.monitors[0]
    same = np.array_equal(found.t, expected.t) and np.array_equal(found.i, expected.i)
    print("same:", same, 0 < step < STEPS, len(expected.t) > 100, flush=True)
