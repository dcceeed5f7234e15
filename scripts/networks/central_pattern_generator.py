"""A half-centre is active in turn, by release or by escape, as Wang and Rinzel found.

The paper shows rhythm and mechanisms in pictures, without numbers for periods; those here are the periods of its
equations in scipy's solve_ivp at a tolerance of 1e-10, from which all times differ by less than 0.1 ms
(tests/test_networks_rhythms.py). Release means that a cell becomes active after its partner's potential has fallen
below the synaptic threshold, escape that it does so before. The lead is the time between the two, above 0 for escape.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from common import Finding, digest, main, recorded
from matplotlib import pyplot

from neurocore_nb import StateMonitor
from neurocore_nb.networks import central_pattern_generator

WEAK, STRONG, RELEASED = {"g_pir": 0.3}, {"g_pir": 1.0}, {"g_pir": 1.0, "theta_syn": -36.0}
CASES = {  # parameters, period in ms by solve_ivp, whether cells escape
    "weak rebound (0.3 mS/cm2, figure 1)": (WEAK, 82.678, False),
    "strong rebound (1 mS/cm2, figure 3)": (STRONG, 113.162, True),
    "strong rebound, synaptic threshold at -36 mV": (RELEASED, 47.290, False),
}
THETA = np.arange(-60.0, -33.0, 2.0)


def run(options: Any, **parameters: Any) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    """A network after 1 s, its starts of activity, and the potentials of its first pair."""
    net = central_pattern_generator(options.scale, seed=options.seed, **parameters)
    spikes = recorded(net)
    states = {label: StateMonitor(net[label], record=[0]) for label in spikes}
    net.add(*states.values())
    net.run(1.0, dt=5e-5)
    return net, spikes, states


def crossings(state: Any, theta: float, sign: float) -> np.ndarray:
    """When a potential rises (sign 1) or falls (-1) through the threshold, in s."""
    v = sign * (state.traces["v"][:, 0] - theta)
    k = np.flatnonzero((v[:-1] < 0.0) & (v[1:] >= 0.0))
    return state.t[k] - v[k] / (v[k + 1] - v[k]) * (state.t[1] - state.t[0])


def rhythm(states: dict[str, Any], theta: float = -44.0, **_: Any) -> tuple[float, float, float]:
    """Period in ms, phase of the partner, and by how much in ms a cell's rise leads its partner's fall."""
    left = crossings(states["left"], theta, 1.0)
    left = left[left > 0.4]
    if len(left) < 2:
        return np.nan, np.nan, np.nan
    right, falls = (crossings(states["right"], theta, sign) for sign in (1.0, -1.0))
    period = np.diff(left).mean()
    partner = right[right > left[0]][0] - left[0]
    return 1e3 * period, partner / period, 1e3 * (falls[np.abs(falls - left[0]).argmin()] - left[0])


def picture(found: dict[str, Any], sweeps: dict[str, np.ndarray]) -> Any:
    """Potentials of a pair in each case, and periods against the threshold."""
    figure, axes = pyplot.subplots(2, 2, figsize=(10, 6), layout="constrained")
    for ax, (what, states) in zip(axes.flat, found.items(), strict=False):
        for label, state in states.items():
            ax.plot(1e3 * state.t, state.traces["v"], linewidth=1.0, label=label)
        ax.axhline(CASES[what][0].get("theta_syn", -44.0), color="0.5", linestyle="--", linewidth=0.8)
        ax.set_title(f"{what}: {'escape' if CASES[what][2] else 'release'}", fontsize=9)
        ax.set(xlabel="time (ms)", ylabel="v (mV)", xlim=(600.0, 1000.0), ylim=(-80.0, 12.0))
    axes[0, 0].legend(frameon=False, loc="upper right")
    for label, periods in sweeps.items():
        axes[1, 1].plot(THETA, periods, "o-", label=label)
    axes[1, 1].set(xlabel="synaptic threshold (mV)", ylabel="period (ms)", ylim=(0.0, None))
    axes[1, 1].legend(frameon=False)
    return figure


def measure(options: Any) -> Iterator[Any]:
    """Periods and mechanisms."""
    runs = {what: run(options, **parameters) for what, (parameters, _, _) in CASES.items()}
    swept = {
        f"rebound {g_pir:g} mS/cm²": [run(options, g_pir=g_pir, theta_syn=theta) for theta in THETA]
        for g_pir in (0.3, 1.0)
    }
    net, spikes, _ = runs[next(iter(CASES))]
    if net.rank == 0:
        yield digest(*spikes.values())
        for what, (parameters, period, escapes) in CASES.items():
            here, phase, lead = rhythm(runs[what][2], parameters.get("theta_syn", -44.0))
            yield Finding(f"{what}: period", here, "ms", period - 0.1, period + 0.1, f"{period:g} ms (solve_ivp)")
            yield Finding(f"{what}: phase of the partner", phase, "", 0.49, 0.51, "0.5")
            low, high = (0.0, 30.0) if escapes else (-30.0, 0.0)
            yield Finding(f"{what}: lead of a cell", lead, "ms", low, high, "escape" if escapes else "release")
        sweeps = {
            label: [rhythm(states, theta)[0] for (_, _, states), theta in zip(some, THETA, strict=True)]
            for label, some in swept.items()
        }
        yield picture({what: states for what, (_, _, states) in runs.items()}, sweeps)


if __name__ == "__main__":
    main("central_pattern_generator", __doc__, measure)
