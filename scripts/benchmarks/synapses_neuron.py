"""Cells with 80 synapses each in NEURON and, with ``--core``, CoreNEURON: its own hh and ExpSyn, one thread.

The time is that of ``psolve`` in NEURON, and in CoreNEURON what it prints as its solver's, without copying the model.
Its hh interpolates the rates in tables.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from typing import Any

import numpy as np
from common import parser, report, rounds

DT = 0.025  # ms


def make_cells(h: Any, n: int) -> tuple[list[Any], Any, list[Any]]:
    """Cells (with their synapses), the context of their spikes' exchange, and their connections."""
    pc = h.ParallelContext()
    side = (20_000.0 / np.pi) ** 0.5
    cells: list[Any] = []
    for k, leak in enumerate(np.random.default_rng(1).permutation(np.linspace(-54.387, -14.387, n))):
        soma = h.Section(name=f"soma{k}")
        soma.L = soma.diam = side
        soma.insert("hh")
        soma(0.5).hh.el = leak
        exc, inh = h.ExpSyn(soma(0.5)), h.ExpSyn(soma(0.5))
        exc.tau, exc.e, inh.tau, inh.e = 5.0, 0.0, 10.0, -80.0
        pc.set_gid2node(k, pc.id())
        detector = h.NetCon(soma(0.5)._ref_v, None, sec=soma)
        detector.threshold = 0.0
        pc.cell(k, detector)
        cells.append((soma, exc, inh))
    draw, connections, n_exc = np.random.default_rng(2), [], n * 4 // 5
    for _, exc, inh in cells:
        inputs = (exc, draw.integers(0, n_exc, 64), 6e-4), (inh, draw.integers(n_exc, n, 16), 2e-3)
        for synapse, sources, weight in inputs:
            for source in sources:
                connection = pc.gid_connect(int(source), synapse)
                connection.delay, connection.weight[0] = 1.0, weight  # ms, uS
                connections.append(connection)
    return cells, pc, connections


def solve(pc: Any, coreneuron: Any, duration: float) -> float:
    """Seconds that the solver takes."""
    if not coreneuron.enable:
        started = time.perf_counter()
        pc.psolve(duration)
        return time.perf_counter() - started
    with tempfile.TemporaryFile() as printed:
        sys.stdout.flush()
        before = os.dup(1)
        os.dup2(printed.fileno(), 1)
        pc.psolve(duration)
        os.dup2(before, 1)
        printed.seek(0)
        found = re.search(rb"Solver Time : ([\d.]+)", printed.read())
    assert found, "CoreNEURON didn't print its solver's time"  # noqa: S101
    return float(found[1])


def main() -> None:
    """Measure."""
    made = parser(__doc__)
    made.add_argument("--neurons", type=int, default=2000)
    made.add_argument("--duration", type=float, default=0.25, help="biological time in s")
    made.add_argument("--core", action="store_true", help="CoreNEURON")
    options = made.parse_args()

    from neuron import coreneuron, h

    _cells, pc, _connections = make_cells(h, options.neurons)  # as long as they are referred to, they exist
    times, gids = h.Vector(), h.Vector()
    pc.spike_record(-1, times, gids)
    pc.set_maxstep(10)
    coreneuron.enable, coreneuron.verbose = options.core, 2
    neuron_steps = options.neurons * options.duration * 1e3 / DT
    for _ in rounds(options):
        h.dt, h.celsius = DT, 6.3
        h.finitialize(-65.0)
        times.resize(0)
        gids.resize(0)
        seconds = solve(pc, coreneuron, options.duration * 1e3)
        rate = len(times) / options.neurons / options.duration
        report(f"{options.neurons} cells", seconds * 1e9 / neuron_steps, "ns per neuron-step", rate_hz=rate)


if __name__ == "__main__":
    main()
