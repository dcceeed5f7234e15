"""A small network that takes its compiled code from the disk cache, if it finds any there: prints what it did."""

import gc
import hashlib

from numba.core.registry import CPUDispatcher

from neurocore_nb import LIFNeuron, Network, Population, Projection, SpikeMonitor, StepCurrent, Uniform
from neurocore_nb.kernels import jit

cells = Population(LIFNeuron, 21, initial={"v": Uniform(-70.0, -55.0)})
spikes = SpikeMonitor(cells)
net = Network(
    cells,
    Projection(cells, cells, weight=30.0, probability=0.3),
    StepCurrent(0.0, 1.0, 900.0),
    spikes,
)
report = net.run(0.02, threads=1)
kernels = [one for one in gc.get_objects() if type(one) is CPUDispatcher and one.__module__.startswith("neurocore_nb")]
hits = sum(one._cache_hits for one in jit.BY_ADDRESS.values())
hits += sum(sum(one._cache_hits.values()) for one in kernels)
compiled = sum(one._cache_hits == 0 for one in jit.BY_ADDRESS.values())
compiled += sum(sum(one._cache_misses.values()) for one in kernels)
comm = net._comm
digest = hashlib.sha256(spikes.t.tobytes() + spikes.i.tobytes()).hexdigest()[:16] if comm.rank == 0 else "-"
print(f"rank {comm.rank}: {report.spikes} spikes {digest} {hits} hits {compiled} compiled\n", end="", flush=True)
