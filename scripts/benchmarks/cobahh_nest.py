"""COBAHH in NEST: hh_cond_exp_traub, an adaptive Runge-Kutta method between steps of 0.1 ms, the shortest delay.

Its spike is the maximum of V, some 0.3 ms after the passage of -20 mV, so rates differ a little.
"""

from __future__ import annotations

import time
from typing import Any

from common import parser, report, rounds


def build(nest: Any, n: int, threads: int, seed: int) -> Any:
    """Make the network anew; returns its recorder."""
    import numpy as np

    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.set(resolution=0.1, local_num_threads=threads, rng_seed=seed, print_time=False)
    params = {"C_m": 200.0, "g_L": 10.0, "E_L": -60.0, "g_Na": 20_000.0, "g_K": 6_000.0, "E_Na": 50.0, "E_K": -90.0}
    params |= {"V_T": -63.0, "E_ex": 0.0, "E_in": -80.0, "tau_syn_ex": 5.0, "tau_syn_in": 10.0, "t_ref": 3.0}
    cells = nest.Create("hh_cond_exp_traub", n, params)
    draw = np.random.default_rng(seed).standard_normal
    cells.set(V_m=-65.0 + 5.0 * draw(n), Act_m=0.0, Inact_h=0.0, Act_n=0.0)
    start = nest.Create("spike_generator", params={"spike_times": [0.1]})  # conductances can't be set, but sent
    for initial in (10.0 * (4.0 + 1.5 * draw(n)), -10.0 * np.maximum(20.0 + 12.0 * draw(n), 0.0)):
        nest.Connect(start, cells, "all_to_all", {"weight": initial[:, np.newaxis], "delay": 0.1})
    rule = {"rule": "pairwise_bernoulli", "p": 80 / n}
    nest.Connect(cells[: n * 4 // 5], cells, rule, {"weight": 6.0, "delay": 0.1})
    nest.Connect(cells[n * 4 // 5 :], cells, rule, {"weight": -67.0, "delay": 0.1})
    recorder = nest.Create("spike_recorder")
    nest.Connect(cells, recorder)
    return recorder


def main() -> None:
    """Measure."""
    made = parser(__doc__)
    made.add_argument("--neurons", type=int, default=4000)
    made.add_argument("--duration", type=float, default=1.0, help="biological time in s")
    made.add_argument("--threads", type=int, default=2)
    options = made.parse_args()

    import nest

    for trial in rounds(options):
        recorder = build(nest, options.neurons, options.threads, trial + 1)
        nest.Prepare()
        started = time.perf_counter()
        nest.Run(options.duration * 1e3)
        seconds = time.perf_counter() - started
        nest.Cleanup()
        rate = recorder.n_events / options.neurons / options.duration
        what = f"{options.neurons} cells, float64"
        report(what, seconds / options.duration, "s per biological s", rate_hz=rate)


if __name__ == "__main__":
    main()
