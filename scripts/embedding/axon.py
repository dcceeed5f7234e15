"""A spike travels along the squid axon at the velocity that Hodgkin and Huxley computed in 1952.

The cable equation `a / (2 R) d2v/dx2 = C dv/dt + I` of an axon with a radius of 238 um and a resistivity of 35.4 Ohm cm
at 18.5 degrees, with sealed ends, of which one gets a short current. A step has two parts. First the membranes are
advanced by `model_kernel(HodgkinHuxleyNeuron, ...)`, with the axial current at the step's start as injected current.
Then the change w of the potential is replaced by the solution of the tridiagonal system `(1 - dt L / 2) w' = w`, L
being diffusion; without membrane currents that is the method of Crank and Nicolson. The system is factorised once.

The kernel's gates lie half a step beside v, and with the diffusion inside the step of v, as here, the whole is of
second order in dt. Half a step of diffusion before and after the kernel would be of first order only, as the gates
would then act amid a potential that is diffused but not yet charged.

The velocity is that between 10 and 13 cm of 16, from the times at which v crosses 0 mV. The limit is extrapolated from
halved steps. Shooting solves the equation of a travelling wave with scipy, without the package
(`scripts/embedding/travelling_wave.py`), as the paper did by hand: its number is `K = 2 R C theta**2 / a`. The axon
itself conducted at 21.2 m/s.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from matplotlib import pyplot
from rows import Finding, main, table
from travelling_wave import find_stiffness, velocity

from neurocore_nb.kernels import kernel, model_kernel
from neurocore_nb.neurons import HodgkinHuxleyNeuron

RADIUS, RESISTIVITY, C_M, CELSIUS = 0.0238, 0.0354, 1.0, 18.5  # cm, kOhm cm, uF/cm2, degrees Celsius
LENGTH, START, END, DURATION = 16.0, 10.0, 13.0, 8.0  # cm, where the velocity is measured, ms
STIMULUS, PULSE = 50.0, 0.2  # uA and ms, into the left end
DX = (0.2, 0.1, 0.05, 0.025, 0.0125)  # cm
DT = (0.02, 0.01, 0.005, 0.0025, 0.00125)  # ms

advance = model_kernel(HodgkinHuxleyNeuron, 0.01).advance  # the same function for all steps and temperatures


class Factors(NamedTuple):
    """Of a tridiagonal matrix ``1 - r L`` with sealed ends: multipliers, upper diagonal, inverse pivots."""

    lower: np.ndarray
    upper: np.ndarray
    inverse: np.ndarray


def factorise(n: int, r: float) -> Factors:
    """Gaussian elimination of the matrix of n nodes; the ends are mirrors."""
    lower, upper, inverse = np.zeros(n), np.full(n, -r), np.empty(n)
    upper[0] = -2.0 * r
    inverse[0] = 1.0 / (1.0 + 2.0 * r)
    for j in range(1, n):
        lower[j] = (-2.0 * r if j == n - 1 else -r) * inverse[j - 1]
        inverse[j] = 1.0 / (1.0 + 2.0 * r - lower[j] * upper[j - 1])
    return Factors(lower, upper, inverse)


@kernel
def solve(factors, x):
    """Replace the right-hand side x by the solution."""
    lower, upper, inverse = factors
    for j in range(1, x.shape[0]):
        x[j] -= lower[j] * x[j - 1]
    x[-1] *= inverse[-1]
    for j in range(x.shape[0] - 2, -1, -1):
        x[j] = (x[j] - upper[j] * x[j + 1]) * inverse[j]


@kernel
def axial_current(v, coupling, current):
    """What flows into each node from its neighbours, in uA/cm2."""
    n = v.shape[0]
    left, middle, right = v[: n - 2], v[1 : n - 1], v[2:]
    inner = current[1 : n - 1]
    for j in range(inner.shape[0]):
        inner[j] = coupling * ((left[j] - middle[j]) + (right[j] - middle[j]))
    current[0] = 2.0 * coupling * (v[1] - v[0])
    current[n - 1] = 2.0 * coupling * (v[n - 2] - v[n - 1])


@kernel
def travel(states, coupling, factors, pulse, constants, probes, seen):
    """Take all nodes through some steps.

    Parameters
    ----------
    states : float64[4, n], modified in place
    coupling : float64
        Of neighbours, in mS/cm2.
    factors : Factors
    pulse : float64[steps]
        Injected into the left end, in uA/cm2.
    constants : float64[n_constants]
        Of the membrane's kernel.
    probes : int64[n_probes]
        Nodes whose potentials are kept.
    seen : float64[steps, n_probes], overwritten
    """
    v, n = states[0], states.shape[1]
    current, nothing, fired, change = np.empty(n), np.zeros(n), np.empty(n, np.int64), np.empty(n)
    varied = np.empty((0, 0))
    for step in range(pulse.shape[0]):
        axial_current(v, coupling, current)
        current[0] += pulse[step]
        change[:] = v
        advance(states, current, nothing, nothing[:0], fired, constants, varied, 0, n)
        for j in range(n):
            change[j], v[j] = v[j] - change[j], change[j]
        solve(factors, change)
        for j in range(n):
            v[j] += change[j]
        for k in range(probes.shape[0]):
            seen[step, k] = v[probes[k]]


def run(dx: float, dt: float, places: np.ndarray, length: float = LENGTH) -> tuple[np.ndarray, np.ndarray]:
    """A spike from the left end.

    Parameters
    ----------
    dx, dt : float
        In cm and ms.
    places : array of float
        Where the potential is kept, in cm.
    length : float
        In cm.

    Returns
    -------
    t, v : arrays of shape (steps,) and (steps, places)
        In ms and mV.
    """
    membrane = model_kernel(HodgkinHuxleyNeuron, dt, c_m=C_M, celsius=CELSIUS)
    n, steps = round(length / dx) + 1, round(DURATION / dt)
    coupling = RADIUS / (2.0 * RESISTIVITY * dx**2)
    pulse = np.zeros(steps)
    pulse[: round(PULSE / dt)] = STIMULUS / (np.pi * RADIUS * dx)  # the end's node has half a cylinder
    seen = np.empty((steps, len(places)))
    factors, probes = factorise(n, coupling * dt / (2.0 * C_M)), np.rint(np.asarray(places) / dx).astype(np.int64)
    travel(membrane.start(n), coupling, factors, pulse, membrane.constants, probes, seen)
    return dt * np.arange(1, steps + 1), seen


def crossing(t: np.ndarray, v: np.ndarray) -> float:
    """When v first rises above 0 mV, from a cubic of time by potential through four points."""
    k = int(np.flatnonzero((v[:-1] < 0.0) & (v[1:] >= 0.0))[0])
    return float(np.polyfit(v[k - 1 : k + 3], t[k - 1 : k + 3], 3)[-1])


def conduction(dx: float, dt: float, start: float = START, end: float = END, length: float = LENGTH) -> float:
    """Conduction velocity in m/s, at steps in cm and ms."""
    t, v = run(dx, dt, np.array([start, end]), length)
    return 10.0 * (end - start) / (crossing(t, v[:, 1]) - crossing(t, v[:, 0]))


def convergence(steps: tuple[float, ...], found: np.ndarray, name: str) -> str:
    """A table of velocities with their differences, and the orders of these."""
    differences = np.diff(found)
    rows = [(f"{step:g}", f"{theta:.5f}") for step, theta in zip(steps, found, strict=True)]
    rows = [(*row, f"{d:.5f}") for row, d in zip(rows, [np.nan, *differences], strict=True)]
    orders = [np.nan, np.nan, *np.log2(differences[:-1] / differences[1:])]
    rows = [tuple(x.replace("nan", "") for x in (*row, f"{o:.2f}")) for row, o in zip(rows, orders, strict=True)]
    return table(f"{name} | velocity (m/s) | difference | order", rows)


def limit(by_dx: np.ndarray, by_dt: np.ndarray, common: float) -> float:
    """Richardson's extrapolation in both steps; ``common`` is where the two series meet."""
    ends = [found[-1] + (found[-1] - found[-2]) / 3.0 for found in (by_dx, by_dt)]
    return float(sum(ends) - common)


def picture(by_dx: np.ndarray, by_dt: np.ndarray, theta: float) -> Any:
    """The spike at several times, and how its velocity converges."""
    figure, (spike, steps) = pyplot.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
    places = np.arange(0.0, LENGTH, 0.05)
    _, v = run(0.05, 0.005, places)
    for time in range(1, 8):
        spike.plot(places, v[round(time / 0.005) - 1], color=pyplot.cm.viridis(time / 8.0), label=f"{time} ms")
    spike.set(xlabel="place (cm)", ylabel="potential (mV)", ylim=(-80.0, 75.0))
    spike.legend(frameon=False, ncols=7, loc="upper center", handlelength=0.8, columnspacing=0.9, fontsize="small")
    steps.loglog(DX, np.abs(by_dx - by_dx[-1] - (by_dx[-1] - by_dx[-2]) / 3.0), "o-", label="dx (cm)")
    steps.loglog(DT, np.abs(by_dt - by_dt[-1] - (by_dt[-1] - by_dt[-2]) / 3.0), "s-", label="dt (ms)")
    guide = np.array([0.002, 0.2])
    steps.loglog(guide, 100.0 * guide**2, ":", color="0.5", label="second order")
    steps.set(xlabel="step", ylabel="distance from limit (m/s)", title=f"velocity; limit {theta:.3f} m/s")
    steps.legend(frameon=False)
    return figure


def measure(options: Any) -> Iterator[Any]:
    """Velocities at all steps, their limit, and the same by shooting."""
    by_dx = np.array([conduction(dx, options.dt) for dx in DX])
    by_dt = np.array([conduction(options.dx, dt) for dt in DT])
    theta = limit(by_dx, by_dt, conduction(options.dx, options.dt))
    stiffness = theta**2 * 2.0 * RESISTIVITY * C_M / RADIUS / 100.0  # per ms; 1 m/s is 0.1 cm/ms
    paper = "Hodgkin and Huxley 1952"
    yield Finding("velocity, dx = 0.05 cm, dt = 0.01 ms", conduction(0.05, 0.01), "m/s", 18.8, paper, 0.02)
    yield Finding("velocity, limit of small steps", theta, "m/s", 18.8, paper, 0.02)
    yield Finding("K, from the limit", stiffness, "per ms", 10.47, paper, 0.02)
    yield Finding("velocity, limit of small steps", theta, "m/s", velocity(find_stiffness()), "shooting", 1e-4)
    yield convergence(DX, by_dx, f"dx (cm), dt = {options.dt:g} ms")
    yield convergence(DT, by_dt, f"dt (ms), dx = {options.dx:g} cm")
    if options.write:
        yield picture(by_dx, by_dt, theta)


if __name__ == "__main__":
    main("axon", __doc__, measure, {"dx": 0.05, "dt": 0.005})
