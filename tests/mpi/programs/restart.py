"""Runs networks in two parts, with a checkpoint between: see test_restarts.py.

Usage: restart.py {whole, begin, end} FOLDER
"""

import sys
from pathlib import Path

from living_network import build, digest

CASES = [
    {"size": 101, "dt": 1e-4, "shortest": 1e-3, "precision": "float64"},
    {"size": 101, "dt": 1e-4, "shortest": 1e-3, "precision": "float32"},
    {"size": 13, "dt": 5e-4, "shortest": 0.0, "precision": "float64"},
    {"size": 3, "dt": 1e-4, "shortest": 1e-3, "precision": "float32"},
]
N_STEPS, CUT = 800, 447

what, folder = sys.argv[1], Path(sys.argv[2])
for place, case in enumerate(CASES):
    net, *_ = build(**case, record_states=True)
    dt, path = case["dt"], folder / f"{place}.ckpt"
    if what == "end":
        net.restore(path)
    else:
        net.run(CUT * dt, dt=dt, threads=1)
    if what == "begin":
        net.save(path)
        net.run(0.0, dt=dt)
        if net.rank == 0 and CUT % net._simulation.interval and net._simulation.interval > 1:
            print("mid-interval")
        continue
    net.run((N_STEPS - CUT) * dt, dt=dt, threads=2)
    whole = digest(net)
    if net.rank == 0:
        print(place, whole)
