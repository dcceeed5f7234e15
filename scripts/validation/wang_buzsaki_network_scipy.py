"""Wang and Buzsaki's network of 100 cells with graded inhibition, against scipy's solve_ivp of its 400 equations.

``networks.wang_buzsaki()`` (WangBuzsakiNeuron, GradedRelease and GradedSynapse) has the parameters of figure 3 of Wang
and Buzsaki 1996, which shows that it becomes synchronous: all to all, 0.1 mS/cm2 in all, -75 mV, 1 uA/cm2, potentials
at the start between -68 and -55 mV. Spike times are those at which V rises through 0 mV. Coherence is the paper's
(``statistics.coherence``), in bins of a tenth of the period; ``python wang_buzsaki_network_scipy.py --figure`` draws
it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from common import Row, trace_row, upward_crossings

PEER = "scipy"
N, G_SYN, E_SYN, CURRENT = 100, 0.1, -75.0, 1.0
DURATION, WHOLE = 100.0, 600.0  # ms: compared; until it is synchronous
FIGURE = Path(__file__).parents[2] / "docs" / "wang_buzsaki.png"


def rates(v: np.ndarray) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """Opening and closing rates of m, h and n, without phi, and of s."""
    return (
        (0.1 * (v + 35.0) / (1.0 - np.exp(-(v + 35.0) / 10.0)), 4.0 * np.exp(-(v + 60.0) / 18.0)),
        (0.07 * np.exp(-(v + 58.0) / 20.0), 1.0 / (1.0 + np.exp(-(v + 28.0) / 10.0))),
        (0.01 * (v + 34.0) / (1.0 - np.exp(-(v + 34.0) / 10.0)), 0.125 * np.exp(-(v + 44.0) / 80.0)),
        (12.0 / (1.0 + np.exp(-v / 2.0)), 0.1),
    )


def slopes(t: float, y: np.ndarray) -> np.ndarray:
    """The equations as published."""
    v, h, n, s = y.reshape(4, N)
    (alpha_m, beta_m), *gates = rates(v)
    m = alpha_m / (alpha_m + beta_m)
    ionic = 35.0 * m**3 * h * (v - 55.0) + 9.0 * n**4 * (v + 90.0) + 0.1 * (v + 65.0)
    synaptic = G_SYN / (N - 1) * (s.sum() - s) * (v - E_SYN)
    changes = [
        phi * (opening * (1.0 - x) - closing * x)
        for phi, x, (opening, closing) in zip((5.0, 5.0, 1.0), (h, n, s), gates, strict=True)
    ]
    return np.concatenate([CURRENT - ionic - synaptic, *changes])


def crossings(t: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Spike times of all cells, cell after cell."""
    return np.concatenate([upward_crossings(t, one, 0.0) for one in v.T])


def network(*monitors: str):
    """Our network, and monitors of its cells by the names of their classes."""
    import neurocore_nb as nb
    from neurocore_nb.networks import wang_buzsaki

    net = wang_buzsaki()
    watching = [getattr(nb, name)(net["cells"]) for name in monitors]
    net.add(*watching)
    return net, *watching


def start() -> np.ndarray:
    """V, h, n and s of all cells at the start."""
    (net,) = network()
    net.run(0.0, 5e-5)
    return np.array([net.get(net["cells"], name) for name in ("v", "h", "n", "s_gaba")])


def peer() -> np.ndarray:
    """Spike times by an explicit method of eighth order with a relative tolerance of 1e-9."""
    from scipy.integrate import solve_ivp

    t = np.arange(0.0, DURATION, 0.005)
    solved = solve_ivp(slopes, (0.0, DURATION), start().ravel(), "DOP853", t_eval=t, rtol=1e-9, atol=1e-9)
    return crossings(t, solved.y[:N].T)


def ours(dt: float) -> np.ndarray:
    """Our spike times."""
    net, states = network("StateMonitor")
    net.run(DURATION * 1e-3, dt * 1e-3, backend="numba")
    return crossings(states.t * 1e3, states.traces["v"])


def coherence_in_time() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Spikes of our network (ms, cell), and its coherence in windows of 100 ms around some times (ms)."""
    from neurocore_nb import statistics

    net, spikes = network("SpikeMonitor")
    net.run(WHOLE * 1e-3, 5e-5, backend="numba")
    t, i = spikes.t * 1e3, spikes.i
    width = 0.1 * N * 100.0 / ((t > WHOLE - 100.0).sum())  # a tenth of the mean period in the end
    middles = np.arange(50.0, WHOLE - 49.0, 10.0)
    kappa = [statistics.coherence(spikes, width * 1e-3, 0.1, start=(one - 50.0) * 1e-3) for one in middles]
    return t, i, middles, np.array(kappa)


def compare() -> list[Row]:
    """Spike times, which converge as the step shrinks with second order, and the coherence in the end."""
    exact = peer()
    rows = []
    for dt, bar in ((0.05, None), (0.025, None), (0.0125, None), (0.00625, 0.01)):
        found = ours(dt)
        if len(found) != len(exact):
            raise ValueError(f"{len(found)} spikes instead of {len(exact)}")
        rows.append(trace_row(f"{len(exact)} spikes of 100 cells, dt {dt} ms", exact, found, bar, "ms"))
    _, _, _, kappa = coherence_in_time()
    told = f"from {kappa[0]:.2f} to {kappa[-1]:.2f}"
    what = "coherence, first and last 100 ms of 600 ms"
    return [*rows, Row(what, "to 1 (published)", told, 1.0 - float(kappa[-1]), 0.05, "")]


def draw() -> None:
    """The figure: spikes, and the coherence in time."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    t, i, middles, kappa = coherence_in_time()
    order = np.argsort(start()[0])
    figure, (raster, curve) = pyplot.subplots(
        2, 1, figsize=(9, 5), sharex=True, height_ratios=(2, 1), layout="constrained"
    )
    raster.plot(t, np.argsort(order)[i], "|", markersize=2.5, color="tab:blue")
    raster.set(ylabel="cell, by potential at the start", ylim=(-1, N))
    curve.plot(middles, kappa, color="tab:orange")
    curve.set(xlabel="time (ms)", ylabel="coherence", xlim=(0.0, WHOLE), ylim=(0.0, 1.05))
    figure.savefig(FIGURE, dpi=110)


if __name__ == "__main__":
    if "--figure" in sys.argv:
        draw()
    else:
        print(*(row.markdown() for row in compare()), sep="\n")
