"""The COBAHH network in Brian2, built once and run with many seeds.

Brette et al. 2007, benchmark 3: 4000 cells of which 3200 excite, pairwise probability 0.02, no delay.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

N, N_EXC, DURATION = 4000, 3200, 1.0  # s
Spikes = tuple[np.ndarray, np.ndarray]  # times in s, indices
SEED_VARIABLE = "COBAHH_SEED"

EQUATIONS = """
dv/dt = (g_l*(e_l - v) + ge*(e_exc - v) + gi*(e_inh - v) - g_na*m**3*h*(v - e_na) - g_k*n**4*(v - e_k))/c_m : volt
dm/dt = alpha_m*(1 - m) - beta_m*m : 1
dn/dt = alpha_n*(1 - n) - beta_n*n : 1
dh/dt = alpha_h*(1 - h) - beta_h*h : 1
dge/dt = -ge/(5*ms) : siemens
dgi/dt = -gi/(10*ms) : siemens
alpha_m = 0.32/mV*4*mV/exprel((13*mV - v + v_t)/(4*mV))/ms : Hz
beta_m = 0.28/mV*5*mV/exprel((v - v_t - 40*mV)/(5*mV))/ms : Hz
alpha_h = 0.128*exp((17*mV - v + v_t)/(18*mV))/ms : Hz
beta_h = 4.0/(1 + exp((40*mV - v + v_t)/(5*mV)))/ms : Hz
alpha_n = 0.032/mV*5*mV/exprel((15*mV - v + v_t)/(5*mV))/ms : Hz
beta_n = 0.5*exp((10*mV - v + v_t)/(40*mV))/ms : Hz
"""


def peer(seeds: range, dt: float) -> list[Spikes]:
    """Spikes of one second for each seed; ``dt`` in ms.

    With the environment variable ``VALIDATION_DATA`` set to a folder, spikes are kept there and read when they exist.
    """
    folder = Path(os.environ.get("VALIDATION_DATA") or tempfile.mkdtemp())
    files = {seed: folder / f"brian2_dt{dt}_{seed}.npz" for seed in seeds}
    missing = [seed for seed, file in files.items() if not file.exists()]
    if missing:
        _simulate(missing, dt, files)
    return [(data["t"], data["i"]) for data in (np.load(file) for file in files.values())]


def _simulate(seeds: list[int], dt: float, files: dict[int, Path]) -> None:
    import brian2 as b2

    b2.set_device("cpp_standalone", build_on_run=False)
    b2.device.reinit()
    b2.device.activate(build_on_run=False)
    b2.defaultclock.dt = dt * b2.ms
    b2.device.insert_code("main", f'brian::_random_generators[0].seed(std::stoul(std::getenv("{SEED_VARIABLE}")));')
    spikes = build(b2, N, DURATION)
    with tempfile.TemporaryDirectory() as project:
        b2.device.build(directory=project, run=False, compile=True, with_output=False)
        for seed in seeds:
            os.environ[SEED_VARIABLE] = str(seed)
            b2.device.run(project, results_directory=f"seed{seed}", with_output=False)
            np.savez(files[seed], t=np.array(spikes.t / b2.second), i=np.array(spikes.i))


def build(b2: Any, n: int, duration: float) -> Any:
    """Cells, 80 synapses onto each, and a run of so many seconds; returns the monitor of spikes."""
    values = {
        "c_m": 200 * b2.pF, "g_l": 10 * b2.nS, "g_na": 20 * b2.uS, "g_k": 6 * b2.uS, "v_t": -63 * b2.mV,
        "e_l": -60 * b2.mV, "e_k": -90 * b2.mV, "e_na": 50 * b2.mV, "e_exc": 0 * b2.mV, "e_inh": -80 * b2.mV,
    }  # fmt: skip
    cells = b2.NeuronGroup(
        n, EQUATIONS, threshold="v > -20*mV", refractory=3 * b2.ms, method="exponential_euler", namespace=values
    )
    cells.v = "e_l + (randn()*5 - 5)*mV"
    cells.ge = "(randn()*1.5 + 4)*10*nS"
    cells.gi = "(randn()*12 + 20)*10*nS"
    exc = b2.Synapses(cells, cells, on_pre="ge += 6*nS")
    exc.connect(f"i < {n * 4 // 5}", p=80 / n)
    inh = b2.Synapses(cells, cells, on_pre="gi += 67*nS")
    inh.connect(f"i >= {n * 4 // 5}", p=80 / n)
    spikes = b2.SpikeMonitor(cells)
    b2.Network(cells, exc, inh, spikes).run(duration * b2.second)
    return spikes
