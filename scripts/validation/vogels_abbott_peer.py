"""The networks of Vogels and Abbott in Brian2, for the comparison and for benchmarks.

Brette et al. 2007, benchmarks 1 and 2, with the initial states of the code that was published with them.
"""

from __future__ import annotations

from typing import Any

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
