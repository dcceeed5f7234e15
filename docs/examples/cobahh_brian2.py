"""COBAHH in Brian2: mean rate in Hz for each seed given."""

import sys

import brian2 as b2
from brian2 import ms, mV, nS, pF, second, uS

MODEL = """
dv/dt = (g_l*(e_l - v) + i_syn + i_na + i_k)/c_m : volt
i_syn = ge*(e_exc - v) + gi*(e_inh - v) : amp
i_na = g_na*m**3*h*(e_na - v) : amp
i_k = g_k*n**4*(e_k - v) : amp
dm/dt = alpha_m*(1 - m) - beta_m*m : 1
dh/dt = alpha_h*(1 - h) - beta_h*h : 1
dn/dt = alpha_n*(1 - n) - beta_n*n : 1
dge/dt = -ge/(5*ms) : siemens
dgi/dt = -gi/(10*ms) : siemens
alpha_m = 1.28/exprel((13*mV - v + v_t)/(4*mV))/ms : Hz
beta_m = 1.4/exprel((v - v_t - 40*mV)/(5*mV))/ms : Hz
alpha_h = 0.128*exp((17*mV - v + v_t)/(18*mV))/ms : Hz
beta_h = 4/(1 + exp((40*mV - v + v_t)/(5*mV)))/ms : Hz
alpha_n = 0.16/exprel((15*mV - v + v_t)/(5*mV))/ms : Hz
beta_n = 0.5*exp((10*mV - v + v_t)/(40*mV))/ms : Hz
"""
VALUES = {
    "c_m": 200 * pF, "g_l": 10 * nS, "g_na": 20 * uS, "g_k": 6 * uS, "v_t": -63 * mV,
    "e_l": -60 * mV, "e_k": -90 * mV, "e_na": 50 * mV, "e_exc": 0 * mV, "e_inh": -80 * mV,
}  # fmt: skip


def mean_rate(seed, n_cells=4000, duration=1.0, dt=0.025):  # s, and ms
    """Simulate once."""
    b2.start_scope()
    b2.seed(seed)
    b2.defaultclock.dt = dt * ms
    n_exc, p = n_cells * 4 // 5, 80 / n_cells

    cells = b2.NeuronGroup(
        n_cells,
        MODEL,
        threshold="v > -20*mV",
        refractory=3 * ms,
        method="exponential_euler",
        namespace=VALUES,
    )
    cells.v = "e_l + (randn()*5 - 5)*mV"
    cells.ge = "(randn()*1.5 + 4)*10*nS"
    cells.gi = "(randn()*12 + 20)*10*nS"

    exc = b2.Synapses(cells[:n_exc], cells, on_pre="ge_post += 6*nS")
    exc.connect(p=p)
    inh = b2.Synapses(cells[n_exc:], cells, on_pre="gi_post += 67*nS")
    inh.connect(p=p)

    spikes = b2.SpikeMonitor(cells)
    b2.run(duration * second)
    return spikes.num_spikes / n_cells / duration


if __name__ == "__main__":
    for seed in map(int, sys.argv[1:] or ["1"]):
        print(seed, round(mean_rate(seed), 3), flush=True)
