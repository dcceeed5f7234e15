"""COBAHH in BrainPy on the CPU: exponential Euler, delivery by events, the loop over steps compiled.

All states are updated from old values, as in Brian2, so rates are about 37 Hz at steps of 0.1 ms. One product delivers
the spikes of both kinds of cells, since each call costs some 50 us. Event-driven products need Numba in BrainPy's
environment. ``--blocks`` measures the same network from BrainPy's building blocks, with default flags, instead.
"""

from __future__ import annotations

import math
import os
import time
from typing import Any

import cobahh_brainpy_blocks as blocks
from common import parser, report, rounds

TAU_EXC, TAU_INH, REFRACTORY, STEP = 5.0, 10.0, 3.0, 0.1  # ms


def wiring(n: int, n_exc: int, seed: int) -> tuple[Any, Any]:
    """CSR indices and row starts, sources by row; the columns from n on are inhibitory inputs of the n cells."""
    import numpy as np

    draw = np.random.default_rng(seed)
    numbers = draw.binomial(n, 80 / n, n)
    targets = [draw.choice(n, number, replace=False, shuffle=False) for number in numbers]
    starts = np.concatenate([[0], np.cumsum(numbers)]).astype(np.int32)
    indices = np.concatenate(targets).astype(np.int32)
    indices[starts[n_exc] :] += n
    return indices, starts


def make_network(n: int, seed: int) -> Any:
    """Cells and synapses as a BrainPy system, whose update returns which cells fire."""
    import brainpy as bp
    import brainpy.math as bm
    import jax.numpy as jnp
    import numpy as np

    def relax(x: Any, alpha: Any, beta: Any) -> Any:
        rate = alpha + beta
        steady = alpha / rate
        return steady + (x - steady) * jnp.exp(-STEP * rate)

    def fraction(x: Any) -> Any:  # x / (exp(x) - 1)
        return jnp.where(jnp.abs(x) < 1e-5, 1.0 - 0.5 * x, x / (jnp.exp(x) - 1.0))

    class Network(bp.DynamicalSystem):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.indices, self.starts = (bm.asarray(part) for part in wiring(n, n * 4 // 5, seed))
            self.random = np.random.default_rng(seed)
            self.v, self.m, self.h, self.n, self.ge, self.gi, self.free = (bm.Variable(np.zeros(n)) for _ in range(7))

        def restart(self) -> None:
            draw = self.random.standard_normal
            for state in (self.m, self.h, self.n, self.free):
                state.value = bm.zeros(n)
            self.v.value = bm.asarray(-65.0 + 5.0 * draw(n))
            self.ge.value = bm.asarray(0.05 * (4.0 + 1.5 * draw(n)))
            self.gi.value = bm.asarray(0.05 * (20.0 + 12.0 * draw(n)))

        def update(self, step: Any) -> Any:
            v, m, h, k, ge, gi = (x.value for x in (self.v, self.m, self.h, self.n, self.ge, self.gi))
            u = v + 63.0
            g_na, g_k = 100.0 * m * m * m * h, 30.0 * k**4
            g = g_na + g_k + 0.05 + ge + gi
            steady = (50.0 * g_na - 90.0 * g_k - 3.0 - 80.0 * gi) / g
            v = steady + (v - steady) * jnp.exp(-STEP * g)
            spike = (v > -20.0) & (self.free.value <= step)
            arrived = bm.as_jax(bm.event.csrmv(1.0, self.indices, self.starts, spike, shape=(n, 2 * n), transpose=True))
            self.v.value = v
            self.m.value = relax(m, 1.28 * fraction((13.0 - u) / 4.0), 1.4 * fraction((u - 40.0) / 5.0))
            self.h.value = relax(h, 0.128 * jnp.exp((17.0 - u) / 18.0), 4.0 / (1.0 + jnp.exp((40.0 - u) / 5.0)))
            self.n.value = relax(k, 0.16 * fraction((15.0 - u) / 5.0), 0.5 * jnp.exp((10.0 - u) / 40.0))
            self.ge.value = ge * math.exp(-STEP / TAU_EXC) + 0.03 * arrived[:n]
            self.gi.value = gi * math.exp(-STEP / TAU_INH) + 0.335 * arrived[n:]
            self.free.value = jnp.where(spike, step + round(REFRACTORY / STEP), self.free.value)
            return spike

    return Network()


def main() -> None:
    """Measure."""
    made = parser(__doc__)
    made.add_argument("--neurons", type=int, default=4000)
    made.add_argument("--duration", type=float, default=1.0, help="biological time in s")
    made.add_argument("--threads", type=int, default=2)
    made.add_argument("--precision", choices=("float64", "float32"), default="float64")
    made.add_argument("--blocks", action="store_true", help="from BrainPy's building blocks")
    options = made.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])  # JAX has a thread for each core
    os.environ["JAX_PLATFORMS"] = "cpu"
    if not options.blocks:
        os.environ["XLA_FLAGS"] = "--xla_cpu_prefer_vector_width=512"  # a fifth faster than the default where it is 256

    import brainpy.math as bm
    import numpy as np

    if options.precision == "float64":
        bm.enable_x64()
    bm.set_dt(STEP)
    bm.random.seed(1)
    network = blocks.make_network(options.neurons) if options.blocks else make_network(options.neurons, seed=1)
    advance = network.step_run if options.blocks else network.update
    steps = np.arange(round(options.duration * 1e3 / STEP), dtype=int if options.blocks else options.precision)
    loop = bm.jit(lambda times: bm.for_loop(advance, times))

    for _ in range(2):  # compiles, the second time for states as it has left them
        network.restart()
        np.asarray(bm.as_jax(loop(steps)))  # waits, lest it goes on while others measure
    for _ in rounds(options):
        network.restart()
        started = time.perf_counter()
        spikes = np.asarray(bm.as_jax(loop(steps)))  # waits for the result
        seconds = time.perf_counter() - started
        rate = float(spikes.sum() / options.neurons / options.duration)
        what = f"{options.neurons} cells, {options.precision}"
        report(what, seconds / options.duration, "s per biological s", rate_hz=rate)


if __name__ == "__main__":
    main()
