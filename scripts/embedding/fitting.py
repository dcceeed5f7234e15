"""Thousands of candidates for the parameters of a model are fitted to a voltage trace, a generation at a time.

The target is a trace of `HodgkinHuxleyNeuron` in fluctuating current, with other conductances and another capacitance
than the model's defaults, and white noise of 2 mV on it. Differential evolution
(`scipy.optimize.differential_evolution`, `vectorized=True`) looks for them between a third and three times the
defaults. All candidates of a generation are one population of the kernel, their parameters arrays: its compiled
function is the same for all generations. A candidate's error is the mean square over the trace; the noise alone leaves
4 mV^2.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from matplotlib import pyplot
from numba import njit
from rows import Finding, main
from scipy.optimize import OptimizeResult, differential_evolution

from neurocore_nb.kernels import model_kernel
from neurocore_nb.neurons import HodgkinHuxleyNeuron

DT, NOISE = 0.01, 2.0  # ms, mV
TRUE = {"g_na": 100.0, "g_k": 30.0, "g_l": 0.45, "c_m": 1.3}
UNITS = {"g_na": "mS/cm2", "g_k": "mS/cm2", "g_l": "mS/cm2", "c_m": "uF/cm2"}
DEFAULT = {name: HodgkinHuxleyNeuron.parameters[name].default for name in TRUE}
OPTIONS = {"candidates": 256, "generations": 200, "duration": 100.0, "seed": 42}  # duration in ms
BOUNDS = [(one / 3.0, one * 3.0) for one in DEFAULT.values()]

advance = model_kernel(HodgkinHuxleyNeuron, DT, **{name: np.ones(1) for name in TRUE}).advance  # these four are arrays


@njit(nogil=True)
def follow(states, injected, constants, varied, target, errors, kept):
    """Let all candidates follow a current, and compare each with a trace.

    Parameters
    ----------
    states : float64[4, n], modified in place
    injected : float64[steps]
        In uA/cm2, the same for all.
    constants, varied : float64[n_constants], float64[4, n]
        Of the kernel.
    target : float64[steps]
        In mV.
    errors : float64[n], overwritten
        Mean squares of the differences, in mV^2.
    kept : float64[steps] or float64[0]
        Gets the potential of the first candidate.
    """
    v, n, steps = states[0], states.shape[1], injected.shape[0]
    current, nothing, fired = np.empty(n), np.zeros(n), np.empty(n, np.int64)
    errors[:] = 0.0
    for step in range(steps):
        current[:] = injected[step]
        advance(states, current, nothing, nothing[:0], fired, constants, varied, 0, n)
        for j in range(n):
            errors[j] += (v[j] - target[step]) ** 2 / steps
        if kept.shape[0] > 0:
            kept[step] = v[0]


def fluctuating(rng: np.random.Generator, duration: float, tau: float = 2.0) -> np.ndarray:
    """An Ornstein-Uhlenbeck current around 8 uA/cm2 with a standard deviation of 6; times in ms."""
    decay, kicks = np.exp(-DT / tau), rng.standard_normal(round(duration / DT))
    x = np.zeros(len(kicks))
    for k in range(1, len(kicks)):
        x[k] = decay * x[k - 1] + np.sqrt(1.0 - decay**2) * kicks[k]
    return 8.0 + 6.0 * x


def simulate(parameters: dict[str, np.ndarray], injected: np.ndarray, target: np.ndarray, keep: bool = False) -> Any:
    """Errors of candidates, and if wanted the potential of the first."""
    membrane = model_kernel(HodgkinHuxleyNeuron, DT, **parameters)
    n = membrane.varied.shape[1]
    errors, kept = np.empty(n), np.empty(len(injected) if keep else 0)
    follow(membrane.start(n), injected, membrane.constants, membrane.varied, target, errors, kept)
    return (errors, kept) if keep else errors


def trace(parameters: dict[str, float], injected: np.ndarray) -> np.ndarray:
    """The potential at some parameters, in mV."""
    return simulate({name: np.array([one]) for name, one in parameters.items()}, injected, injected, keep=True)[1]


def fit(injected: np.ndarray, target: np.ndarray, candidates: int, generations: int, seed: int) -> OptimizeResult:
    """Look for the parameters whose trace is nearest.

    Parameters
    ----------
    injected, target : float64[steps]
        Current in uA/cm2 and potential in mV.
    candidates, generations : int
        ``candidates`` is rounded to a multiple of the number of parameters.
    seed : int

    Returns
    -------
    OptimizeResult
        ``x`` are the parameters in the order of ``TRUE``, ``nfev`` is the number of candidates.
    """

    def errors(x: np.ndarray) -> np.ndarray:
        errors.evaluated += x.shape[1]
        return simulate(dict(zip(TRUE, np.ascontiguousarray(x), strict=True)), injected, target)

    errors.evaluated = 0
    result = differential_evolution(
        errors, BOUNDS, vectorized=True, updating="deferred", popsize=max(candidates // len(BOUNDS), 2),
        maxiter=generations, init="sobol", tol=1e-6, polish=False, seed=seed,
    )  # fmt: skip
    result.nfev = errors.evaluated  # scipy counts a generation as one
    return result


def picture(injected: np.ndarray, target: np.ndarray, found: dict[str, float], candidates: int) -> Any:
    """The target, the default model and the fitted one."""
    t = DT * np.arange(1, len(injected) + 1)
    figure, (above, below) = pyplot.subplots(
        2, 1, figsize=(9, 4.5), sharex=True, height_ratios=(4, 1), layout="constrained"
    )
    above.plot(t, target, color="0.75", label="target, with noise")
    above.plot(t, trace(DEFAULT, injected), "C1:", lw=1.0, label="default parameters")
    above.plot(t, trace(found, injected), "C0", lw=1.0, label=f"best of {candidates:,} candidates")
    above.set(ylabel="potential (mV)", ylim=(-85.0, 65.0))
    above.legend(frameon=False, ncols=3, loc="upper center")
    below.plot(t, injected, color="0.3", lw=0.8)
    below.set(xlabel="time (ms)", ylabel="current\n(µA/cm²)", xlim=(0.0, t[-1]))
    return figure


def measure(options: Any) -> Iterator[Any]:
    """Fit, and compare what is found with what the target was made of."""
    rng = np.random.default_rng(options.seed)
    injected = fluctuating(rng, options.duration)
    target = trace(TRUE, injected)
    target = target + NOISE * rng.standard_normal(len(target))
    result = fit(injected, target, options.candidates, options.generations, options.seed)
    for (name, true), found in zip(TRUE.items(), result.x, strict=True):
        yield Finding(f"`{name}`", found, UNITS[name], true, "of the target", 0.05)
    least = np.mean((trace(TRUE, injected) - target) ** 2)
    yield (
        f"{result.nfev:,} candidates were evaluated in {result.nit} generations, over {options.duration:g} ms each. "
        f"The error of the best is {result.fun:.4g} mV^2, that of the true parameters {least:.4g} mV^2."
    )
    if options.write:
        yield picture(injected, target, dict(zip(TRUE, result.x, strict=True)), result.nfev)


if __name__ == "__main__":
    main("fitting", __doc__, measure, OPTIONS)
