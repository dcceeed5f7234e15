"""A neuron inside an integrand of scipy: ``python scripts/embedding/low_level_callable.py``.

The mean rate of Hodgkin-Huxley neurons whose currents are normally distributed, by ``scipy.integrate.quad``: its
integrand, a compiled C function without Python in it, simulates one neuron. Beside it the mean of a population whose
currents are the midpoints of as many equally probable parts of that distribution.
"""

from __future__ import annotations

import math

import numpy as np
from numba import cfunc
from scipy import LowLevelCallable
from scipy.integrate import quad
from scipy.stats import norm

from neurocore_nb import HodgkinHuxleyNeuron, Network, Population, SpikeMonitor, StepCurrent
from neurocore_nb.kernels import model_kernel

MEAN, SD = 8.0, 3.0  # uA/cm2
DT, DURATION = 0.01, 0.2  # ms, s
N = 2000
TOLERANCE = 0.1  # Hz: the rate goes up in steps of 5 Hz, with the number of spikes

kernel = model_kernel(HodgkinHuxleyNeuron, DT)
advance, start, constants = kernel.scalar, tuple(kernel.initial), tuple(kernel.constants)
n_steps = round(DURATION * 1e3 / DT)


@cfunc("float64(float64)")
def weighted_rate(current: float) -> float:
    """Rate in Hz of a neuron with this current, times the density of such currents."""
    state, n_spikes = start, 0
    for _ in range(n_steps):
        state, spike = advance(state, current, 0.0, 0.0, constants)
        n_spikes += spike
    z = (current - MEAN) / SD
    return n_spikes / DURATION * math.exp(-0.5 * z * z) / (SD * math.sqrt(2.0 * math.pi))


def by_quadrature() -> float:
    """Mean rate in Hz."""
    integrand = LowLevelCallable(weighted_rate.ctypes)
    rate, error = quad(integrand, MEAN - 5.0 * SD, MEAN + 5.0 * SD, epsabs=0.5 * TOLERANCE, epsrel=0.0, limit=500)
    print(f"quadrature: {rate:.3f} Hz, by its own estimate within {error:.3f} Hz")
    return float(rate)


def by_population() -> float:
    """The same from a network of neurons without synapses."""
    amplitudes = MEAN + SD * norm.ppf((np.arange(N) + 0.5) / N)
    cells = Population(HodgkinHuxleyNeuron, N, label="cells")
    spikes = SpikeMonitor(cells)
    Network(cells, StepCurrent(0.0, DURATION, amplitudes), spikes).run(DURATION, dt=DT * 1e-3, threads=1)
    rate = spikes.count / (N * DURATION)
    print(f"population: {rate:.3f} Hz, of {N:,} neurons")
    return float(rate)


def main() -> None:
    """Compare both."""
    difference = abs(by_quadrature() - by_population())
    print(f"they differ by {difference:.3f} Hz, at most {TOLERANCE} Hz: {'yes' if difference <= TOLERANCE else 'no'}")


if __name__ == "__main__":
    main()
