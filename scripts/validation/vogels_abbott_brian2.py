"""The networks of Vogels and Abbott, COBA and CUBA of Brette et al. 2007, against Brian2: rates and irregularity.

A second of each at 0.1 ms, with the initial states of the code that was published with the benchmarks, eight networks
in each simulator: only averages can agree. The bar is three standard errors of their difference. COBA falls silent in
some networks of this size; these don't count.
"""

from __future__ import annotations

import os
import tempfile
from typing import Any

import numpy as np
from common import Row

PEER = "brian2"
SEEDS, END, LAST = range(1, 9), 1.0, 0.1  # s; a network that is silent at last doesn't count
BAR = 3.0  # standard errors
SEED_VARIABLE = "NETWORK_SEED"
MIN_SPIKES = 3  # for the irregularity of a cell

EQUATIONS = {
    "coba": """dv/dt = (e_l - v + ge*(0*mV - v) + gi*(-80*mV - v))/(20*ms) : volt (unless refractory)
               dge/dt = -ge/(5*ms) : 1
               dgi/dt = -gi/(10*ms) : 1""",
    "cuba": """dv/dt = (e_l - v + ge + gi)/(20*ms) : volt (unless refractory)
               dge/dt = -ge/(5*ms) : volt
               dgi/dt = -gi/(10*ms) : volt""",
}
METHODS = {"coba": "exponential_euler", "cuba": "exact"}
RESTING = {"coba": -60.0, "cuba": -49.0}  # mV
EVENTS = {"coba": ("0.6", "6.7"), "cuba": ("1.62*mV", "-9*mV")}  # conductances in units of the leak
INITIAL = {
    "coba": {"v": "(-65 + 5*randn())*mV", "ge": "4 + 1.5*randn()", "gi": "20 + 12*randn()"},
    "cuba": {"v": "(-60 + 10*rand())*mV"},
}


def build(b2: Any, name: str, n: int, duration: float) -> Any:
    """Cells, 80 synapses onto each, and a run of so many seconds; returns the monitor of spikes."""
    cells = b2.NeuronGroup(
        n, EQUATIONS[name], threshold="v > -50*mV", reset="v = -60*mV", refractory=5 * b2.ms, method=METHODS[name],
        namespace={"e_l": RESTING[name] * b2.mV},
    )  # fmt: skip
    for state, values in INITIAL[name].items():
        setattr(cells, state, values)
    w_exc, w_inh = EVENTS[name]
    exc = b2.Synapses(cells, cells, on_pre=f"ge += {w_exc}")
    exc.connect(f"i < {n * 4 // 5}", p=80 / n)
    inh = b2.Synapses(cells, cells, on_pre=f"gi += {w_inh}")
    inh.connect(f"i >= {n * 4 // 5}", p=80 / n)
    spikes = b2.SpikeMonitor(cells)
    b2.Network(cells, exc, inh, spikes).run(duration * b2.second)
    return spikes


def peer(name: str) -> list[tuple[float, float]]:
    """Rate in Hz and irregularity of each of Brian2's networks that stay active."""
    import brian2 as b2

    b2.set_device("cpp_standalone", build_on_run=False)
    b2.device.reinit()
    b2.device.activate(build_on_run=False)
    b2.defaultclock.dt = 0.1 * b2.ms
    b2.device.insert_code("main", f'brian::_random_generators[0].seed(std::stoul(std::getenv("{SEED_VARIABLE}")));')
    spikes, found = build(b2, name, 4000, END), []
    with tempfile.TemporaryDirectory() as project:
        b2.device.build(directory=project, run=False, compile=True, with_output=False)
        for seed in SEEDS:
            os.environ[SEED_VARIABLE] = str(seed)
            b2.device.run(project, results_directory=f"seed{seed}", with_output=False)
            found.append((np.array(spikes.t / b2.second), np.array(spikes.i)))
    return active(found)


def ours(name: str) -> list[tuple[float, float]]:
    """The same of ours."""
    from neurocore_nb import SpikeMonitor, networks

    found = []
    for seed in SEEDS:
        net = getattr(networks, name)(seed=seed)
        exc, inh = SpikeMonitor(net["exc"]), SpikeMonitor(net["inh"])
        net.add(exc, inh)
        net.run(END, dt=1e-4)
        found.append((np.concatenate([exc.t, inh.t]), np.concatenate([exc.i, inh.i + len(net["exc"])])))
    return active(found)


def active(found: list[tuple[np.ndarray, np.ndarray]]) -> list[tuple[float, float]]:
    """Rate and irregularity of the networks that fire at last."""
    return [(len(t) / 4000 / END, irregularity(t, i)) for t, i in found if (t > END - LAST).any()]


def irregularity(t: np.ndarray, i: np.ndarray) -> float:
    """Mean coefficient of variation of the intervals of cells that have some."""
    order = np.lexsort((t, i))
    trains = np.split(t[order], np.cumsum(np.bincount(i, minlength=4000))[:-1])
    intervals = [np.diff(train) for train in trains if len(train) >= MIN_SPIKES]
    return float(np.mean([one.std() / one.mean() for one in intervals]))


def compare() -> list[Row]:
    """Averages over seeds."""
    rows = []
    for name in EQUATIONS:
        sides = peer(name), ours(name)
        for place, (what, unit) in enumerate((("rate", "Hz"), ("CV of intervals", ""))):
            rows.append(averages(f"{name.upper()}: {what}", *([run[place] for run in side] for side in sides), unit))
    return rows


def averages(what: str, theirs: list[float], own: list[float], unit: str) -> Row:
    """Compare averages over seeds."""
    means = [float(np.mean(side)) for side in (theirs, own)]
    errors = [float(np.std(side, ddof=1)) / len(side) ** 0.5 for side in (theirs, own)]
    shown = [
        f"{len(side)} networks: {mean:.3f} ± {error:.3f} {unit}"
        for side, mean, error in zip((theirs, own), means, errors, strict=True)
    ]
    return Row(what, *shown, abs(means[1] - means[0]), BAR * float(np.hypot(*errors)), unit)


if __name__ == "__main__":
    print(*(row.markdown() for row in compare()), sep="\n")
