"""What learning costs: networks with pair STDP on all excitatory synapses, over the same without.

Changes are so small that both fire alike. Time over time, and bytes of a plastic synapse, all that it needs counted.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import cobahh
from common import parser, report, rounds

from neurocore_nb import STDP, LIFNeuron, Network, PoissonInput, Population, Projection, Uniform, VoltageJump

DT = 1e-4  # s
SMALL = 1e-7  # parts of w_max by which a pair changes a weight


def hodgkin_huxley(n: int, learns: bool) -> Network:
    """COBAHH, its synapses with a delay of 1.5 ms."""
    net, _ = cobahh.make_network(n, delay=1.5e-3, plasticity=STDP(a_plus=SMALL, a_minus=SMALL) if learns else None)
    return net


def integrate_and_fire(n: int, learns: bool) -> Network:
    """Brunel's network in its asynchronous irregular state, with a tenth of n synapses onto each cell."""
    start = {"v": Uniform(-70.0, -55.0)}
    params = {"tau_m": 20.0, "v_th": -55.0, "v_reset": -65.0, "e_l": -75.0, "t_ref": 2.0}
    cells = Population(LIFNeuron, n, params=params, initial=start, receptors={"jump": VoltageJump()})
    n_exc, indegree, delay = n * 4 // 5, n // 10, 1.5e-3
    onto = {"delay": delay, "receptor": "jump", "topology": "fixed_indegree"}
    rule = STDP(a_plus=SMALL, a_minus=SMALL) if learns else None
    jump = 0.1 * 1000 / (indegree * 4 // 5)  # mV
    exc = Projection(cells[:n_exc], cells, weight=jump, indegree=indegree * 4 // 5, plasticity=rule, **onto)
    inh = Projection(cells[n_exc:], cells, weight=-5.0 * jump, indegree=indegree // 5, **onto)
    drive = PoissonInput(n, rate_hz=2.0 * 20.0 / (0.1 * 20e-3), weight=0.1, receptor="jump")
    return Network(cells, exc, inh, drive)


NETWORKS: dict[str, tuple[Callable[[int, bool], Network], int]] = {
    "COBAHH": (hodgkin_huxley, 4000),
    "Brunel's LIF network": (integrate_and_fire, 10_000),
}


def main(arguments: list[str] | None = None) -> None:
    """Measure."""
    made = parser(__doc__)
    made.add_argument("--scale", type=float, default=1.0, help="size of the networks, as a factor")
    made.add_argument("--duration", type=float, default=1.0, help="biological time in s")
    made.add_argument("--threads", type=int, default=2)
    options = made.parse_args(arguments)
    made_nets, held_by = {}, {}
    for name, (make, size) in NETWORKS.items():
        n = round(size * options.scale)
        made_nets[name] = n, [make(n, learns) for learns in (False, True)]
        reports = [net.run(0.0, dt=DT, threads=options.threads) for net in made_nets[name][1]]
        held = [one.total("network_bytes") for one in reports]
        synapses = made_nets[name][1][1].projections[0].matrix().nnz
        static = 4.0 + 8.0 * n / synapses  # what is replaced: targets and row starts
        held_by[name] = (held[1] - held[0]) / synapses + static
    for trial in rounds(options):
        for name, (n, nets) in made_nets.items():
            seconds, rates = [], []
            for net in nets:
                net.reset(seed=trial)
                started = time.perf_counter()
                done = net.run(options.duration, dt=DT, threads=options.threads)
                seconds.append((time.perf_counter() - started) / options.duration)
                rates.append(done.spikes / n / options.duration)
            report(
                f"{name}, {n} cells: STDP / static", seconds[1] / seconds[0], "",
                static_s=seconds[0], learning_s=seconds[1], rate_hz=rates[1], static_hz=rates[0],
            )  # fmt: skip
            report(f"{name}, memory of a plastic synapse", held_by[name], "bytes")


if __name__ == "__main__":
    main()
