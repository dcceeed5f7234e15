"""Runs small living networks on the ranks it was started on and writes what came out: see test_mpi.py.

Usage: living_network.py OUTPUT.json CASES, CASES being a list in JSON of the arguments of ``run_case``.
"""

import hashlib
import json
import sys

import numpy as np
import scipy.sparse

from neurocore_nb import (
    ExpConductance,
    ExpCurrent,
    HodgkinHuxleyNeuron,
    LIFNeuron,
    Network,
    Normal,
    OUCurrent,
    PoissonInput,
    PoissonPopulation,
    Population,
    Projection,
    SpikeMonitor,
    SpikeSource,
    StateMonitor,
    StepCurrent,
    Uniform,
)


def chain(n: int) -> scipy.sparse.coo_array:
    """Neuron k excites k + 1; every seventh synapse is doubled."""
    pre = np.concatenate([np.arange(n - 1), np.arange(0, n - 1, 7)]) if n > 1 else np.empty(0, int)
    return scipy.sparse.coo_array((np.linspace(0.5, 2.0, len(pre)), (pre + 1, pre)), shape=(n, n))


def build(
    size: int, dt: float, shortest: float, record_states: bool, precision: str = "float64"
) -> tuple[Network, SpikeMonitor, SpikeMonitor]:
    """Both signs of weight, some of which learn; constant and drawn delays; constant, drawn and given weights."""
    pulse = 1e-3 / dt  # a weight acts for one step: the same charge at any dt
    n_inh = max(1, size // 4)
    p = min(1.0, 12.0 / size)
    exc = Population(HodgkinHuxleyNeuron, size, label="exc", initial={"v": Normal(-65.0, 3.0)}, precision=precision)
    inh = Population(
        HodgkinHuxleyNeuron,
        n_inh,
        label="inh",
        params={"g_l": Uniform(0.25, 0.35), "celsius": 8.0},
        receptors={"exc": ExpConductance(tau=3.0)},
        max_step=0.02,
        precision=precision,
    )
    lif = Population(LIFNeuron, n_inh + 1, label="lif", receptors={"syn": ExpCurrent(tau=2.0)})
    noise = PoissonPopulation(size // 2, lambda t: 20.0 + 200.0 * t, label="noise")
    given = SpikeSource(np.linspace(1e-3, 0.1, 20), np.arange(20) % 3, n=3, label="given")
    spikes = SpikeMonitor(exc), SpikeMonitor(inh[: max(1, n_inh - 1)])
    objects = [
        exc,
        inh,
        lif,
        noise,
        given,
        Projection(noise, inh, 0.02, topology="fixed_outdegree", outdegree=2, delay=shortest, receptor="exc"),
        Projection(given, lif, 900.0, delay=shortest + 1e-3, receptor="syn"),
        Projection(exc, lif, 300.0, topology="fixed_total", total=5 * size, delay=shortest, receptor="syn"),
        Projection(lif, exc, 0.3 * pulse, p, shortest, multapses=False),
        OUCurrent(200.0, 100.0, 5e-3, target=lif),
        Projection(exc, exc, Normal(0.6 * pulse, 0.2 * pulse, low=0.0), p, delay=shortest + 1.5e-3, plasticity="stdp"),
        Projection(exc, inh, 1.5 * pulse, p, delay=shortest),
        Projection(inh, exc, Normal(-1.0 * pulse, 0.1 * pulse, high=0.0), p, delay=Uniform(shortest + 0.5e-3, 4e-3)),
        Projection(inh, inh, -0.7 * pulse, 0.5, shortest, topology="fixed_indegree", autapses=n_inh == 1),
        Projection(exc, exc, None, topology=chain(size), delay=shortest + 2e-3, weight_dtype="float64"),
        PoissonInput(size, rate_hz=60.0, weight=10.0 * pulse),
        PoissonInput(len(inh), rate_hz=np.linspace(20.0, 60.0, n_inh), weight=8.0 * pulse, target=inh),
        StepCurrent(0.02, 0.05, 4.0, target=exc[size // 3 : size // 2 + 1]),
        *spikes,
    ]
    if record_states:
        objects.append(StateMonitor(exc, ("v", "n"), record=range(size - 1, -1, -2), interval=2e-3))
    return Network(*objects, seed=11), *spikes


def run_case(
    size: int, threads: int, parts: list[float], dt: float, shortest: float = 0.0, record_states: bool = False
) -> dict:
    """Run one network; what came out, on rank 0."""
    net, exc, inh = build(size, dt, shortest, record_states)
    reports = [net.run(part, dt=dt, threads=threads) for part in parts]
    whole = digest(net, exc, inh)
    if net.rank != 0:
        return {}
    first = reports[0].ranks
    return {
        "digest": whole,
        "exc": exc.count,
        "inh": inh.count,
        "synapses": [one.synapses for one in first],
        "neurons": [one.neurons for one in first],
        "neuron_steps": sum(report.total("neuron_steps") for report in reports),
    }


def digest(net: Network, *monitors: SpikeMonitor | StateMonitor) -> str:
    """A number for all that came out, on rank 0: what monitors recorded (all of them, if none is given), and states."""
    result, states = hashlib.sha256(), net.get_states()
    for one in monitors or net.monitors:
        for name in ("t", "i") if isinstance(one, SpikeMonitor) else ("t",):
            result.update(getattr(one, name).tobytes() if one._rank == 0 else b"")
        if isinstance(one, StateMonitor) and one._rank == 0:
            result.update(b"".join(traces.tobytes() for traces in one.traces.values()))
    for name, values in ((name, values) for one in states.values() for name, values in one.items()):
        result.update(name.encode() + values.tobytes())
    return result.hexdigest()


if __name__ == "__main__":
    results = [run_case(**case) for case in json.loads(sys.argv[2])]
    if results[0]:
        with open(sys.argv[1], "w") as file:
            json.dump(results, file)
