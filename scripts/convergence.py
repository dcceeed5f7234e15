"""How fast spike times converge as the integration step shrinks: ``python scripts/convergence.py``.

A current step of 10 uA/cm2 onto a Hodgkin-Huxley neuron, against spike times computed with scipy's solve_ivp at 1e-10.
"""

import math

import numpy as np

from neurocore_nb import HodgkinHuxleyNeuron, Network, Population, SpikeMonitor, StepCurrent

# Upward crossings of 0 mV in ms, current from 100 to 200 ms (solve_ivp at 1e-10, confirmed by NEURON's CVode)
EXACT = np.array([101.901, 116.823, 131.472, 146.109, 160.745, 175.382, 190.018])


def spike_times(max_step: float) -> np.ndarray:
    """Spike times in ms at an integration step in ms."""
    cell = Population(HodgkinHuxleyNeuron, 1, max_step=max_step)
    spikes = SpikeMonitor(cell)
    Network(cell, StepCurrent(0.1, 0.2, 10.0), spikes).run(0.2, dt=1e-3, backend="numba")
    return spikes.t * 1e3


def main() -> None:
    """Print errors, and the order of convergence towards the finest step."""
    steps = [0.04, 0.02, 0.01, 0.005, 0.0025, 0.00125]
    times = {step: spike_times(step) for step in steps}
    finest = spike_times(1.0 / 6400.0)
    print("step (ms)   largest error (ms)   difference from the finest (ms)   order")
    before = math.nan
    for step in steps:
        error, difference = np.abs(times[step] - EXACT).max(), np.abs(times[step] - finest).mean()
        print(f"{step:9g} {error:20.4f} {difference:33.5f} {math.log2(before / difference):7.2f}")
        before = difference


if __name__ == "__main__":
    main()
