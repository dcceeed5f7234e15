"""Published networks in NEST: iaf_psc_delta, iaf_cond_exp, iaf_psc_alpha with stdp_pl_synapse_hom.

Where a model has one, its variant with small synapses is taken (``_hpc``); ``--plain`` takes the other. A delay of NEST
is at least a step: that of COBA is one, in which ours acts after a spike, too.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from common import rounds
from published import options_of, report_all

sys.path.insert(0, str(Path(__file__).parents[1] / "validation"))
from published_peer import brunel, coba, hpc_benchmark

NETWORKS = {"brunel": brunel, "coba": coba, "hpc_benchmark": hpc_benchmark}


def main() -> None:
    """Measure."""
    suffix = "" if "--plain" in sys.argv else "_hpc"
    sys.argv = [one for one in sys.argv if one != "--plain"]
    options = options_of(__doc__, tuple(NETWORKS))
    import nest

    for trial in rounds(options):
        started = time.perf_counter()
        nest.ResetKernel()
        nest.verbosity = nest.VerbosityLevel.ERROR
        seed = options.seed + trial
        nest.set(resolution=0.1, local_num_threads=options.threads, rng_seed=seed, print_time=False)
        populations = NETWORKS[options.network](nest, options.scale, suffix)
        nest.Prepare()
        build = time.perf_counter() - started
        nest.Run(options.transient * 1e3)
        nest.Cleanup()
        recorder = nest.Create("spike_recorder")
        for cells in populations:
            nest.Connect(cells, recorder, syn_spec={"delay": nest.min_delay})
        nest.Prepare()
        started = time.perf_counter()
        nest.Run(options.duration * 1e3)
        run = time.perf_counter() - started
        nest.Cleanup()
        report_all(options, build, run, recorder.n_events / sum(map(len, populations)) / options.duration)


if __name__ == "__main__":
    main()
