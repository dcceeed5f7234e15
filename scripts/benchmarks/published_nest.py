"""Published networks in NEST: iaf_psc_delta, iaf_cond_exp, iaf_psc_alpha with stdp_pl_synapse_hom, iaf_psc_exp.

Synapses are those that take less memory (``_hpc``), or with ``--plain`` those that users of NEST take by default. A
delay of NEST is at least a step: that of COBA is one, in which ours acts after a spike, too.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from common import rounds
from published import options_of, peak_gb, report_all, resident_gb

sys.path.insert(0, str(Path(__file__).parents[1] / "validation"))
from potjans_diesmann_peer import potjans_diesmann
from published_peer import brunel, coba, hpc_benchmark

NETWORKS = {"brunel": brunel, "coba": coba, "hpc_benchmark": hpc_benchmark, "potjans_diesmann": potjans_diesmann}


def main() -> None:
    """Measure."""
    given = sys.argv[1:]
    options = options_of(__doc__, tuple(NETWORKS), [one for one in given if one != "--plain"])
    suffix = "" if "--plain" in given else "_hpc"
    import nest

    before = resident_gb()
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
        recorders = {label: nest.Create("spike_recorder") for label in populations}
        for label, cells in populations.items():
            nest.Connect(cells, recorders[label], syn_spec={"delay": nest.min_delay})
        nest.Prepare()
        started = time.perf_counter()
        nest.Run(options.duration * 1e3)
        run = time.perf_counter() - started
        nest.Cleanup()
        counts = {label: recorder.n_events for label, recorder in recorders.items()}
        sizes = {label: len(cells) for label, cells in populations.items()}
        report_all(options, build, run, counts, sizes, (before, peak_gb()))


if __name__ == "__main__":
    main()
