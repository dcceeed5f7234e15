"""What a plan tells is what a run then takes."""

import os
import re
import resource
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse
from ranks import on_each_rank

from neurocore_nb import (
    HodgkinHuxleyNeuron,
    LIFNeuron,
    Network,
    Normal,
    OUCurrent,
    PoissonInput,
    PoissonPopulation,
    Population,
    Projection,
    SinusoidalCurrent,
    SpikeMonitor,
    SpikeSource,
    StateMonitor,
    StepCurrent,
    TimedArray,
    TraubMilesNeuron,
    Uniform,
)

ROOT = Path(__file__).parent.parent
DT = 1e-4


def cells_of(n=1511, model=LIFNeuron, **options):
    return Population(model, n, label="cells", **options)


def network_of(**options):
    cells = cells_of()
    return Network(cells, Projection(cells, cells, 0.1, **options))


def views():
    cells = cells_of()
    parts = [(cells[:1200], cells[300:]), (cells[1200:], cells[:77]), (cells[5:9], cells)]
    wiring = [Projection(pre, post, 0.1, probability=0.2, autapses=False, delay=1e-3) for pre, post in parts]
    return Network(cells, *wiring)


def several_populations():
    exc = Population(HodgkinHuxleyNeuron, 701, label="exc", precision="float32", params={"g_na": Normal(120.0, 1.0)})
    inh = Population(TraubMilesNeuron, 199, label="inh", params={"g_na": np.linspace(90.0, 110.0, 199)})
    noise = PoissonPopulation(301, 20.0, label="noise")
    given = SpikeSource(np.linspace(1e-3, 9e-3, 50), np.arange(50) % 7, n=7, label="given")
    wiring = [
        Projection(exc, inh, 0.1, probability=0.1, receptor="exc", delay=Uniform(1e-3, 3e-2)),
        Projection(noise, exc, Normal(0.1, 0.01), topology="fixed_outdegree", outdegree=30, weight_dtype="float64"),
        Projection(given, inh, 0.1, topology="all_to_all", receptor="inh"),
        Projection(inh, exc, -0.1, probability=0.3, storage="procedural"),
    ]
    stimuli = [
        PoissonInput(500, 50.0, 0.1, target=exc),
        OUCurrent(0.1, 0.1, 5e-3, target=inh[10:]),
        StepCurrent(0.0, 0.1, 1.0, target=exc),
        SinusoidalCurrent(1.0, 8.0, target=inh),
        TimedArray(np.ones(100), 1e-3, target=exc),
    ]
    return Network(exc, inh, noise, given, *wiring, *stimuli)


def explicit(kind):
    rng = np.random.default_rng(3)
    cells = cells_of(600)
    pre, post = rng.integers(0, 500, 9001), rng.integers(0, 300, 9001)
    if kind == "matrix":
        matrix = scipy.sparse.coo_array((np.full(9001, 0.1), (post, pre)), shape=(600, 600))
        return Network(cells, Projection(cells, cells, None, topology=matrix))
    delays = rng.integers(0, 20, 9001) * 1e-4
    return Network(cells, Projection(cells[:500], cells[100:400], 0.1, topology=(pre, post), delay=delays))


NETWORKS = {
    "none": lambda: Network(cells_of(100)),
    "empty population": lambda: Network(cells_of(0), Population(LIFNeuron, 3)),
    "fewer neurons than ranks": lambda: Network(one := cells_of(2), Projection(one, one, 0.1, topology="all_to_all")),
    "random": lambda: network_of(probability=0.1),
    "random, few": lambda: network_of(probability=1e-4),
    "random, none": lambda: network_of(probability=0.0),
    "random, no autapses": lambda: network_of(probability=0.9, autapses=False),
    "random, float32": lambda: Network(
        one := cells_of(precision="float32"), Projection(one, one, Normal(0.1, 0.01), probability=0.05)
    ),
    "all to all": lambda: network_of(topology="all_to_all", delay=2e-3),
    "one to one": lambda: network_of(topology="one_to_one"),
    "one to one, no autapses": lambda: network_of(topology="one_to_one", autapses=False),
    "indegree": lambda: network_of(topology="fixed_indegree", indegree=20),
    "indegree, few": lambda: network_of(topology="fixed_indegree", indegree=1, delay=Uniform(1e-3, 1.0)),
    "indegree, distinct": lambda: network_of(topology="fixed_indegree", indegree=400, multapses=False),
    "outdegree": lambda: network_of(topology="fixed_outdegree", outdegree=20),
    "outdegree, distinct": lambda: network_of(topology="fixed_outdegree", outdegree=900, multapses=False),
    "total": lambda: network_of(topology="fixed_total", total=30_011),
    "total, distinct": lambda: network_of(topology="fixed_total", total=1_000_003, multapses=False),
    "procedural": lambda: network_of(topology="fixed_outdegree", outdegree=20, storage="procedural"),
    "procedural, all to all": lambda: network_of(topology="all_to_all", autapses=False, storage="procedural"),
    "procedural, one to one": lambda: network_of(topology="one_to_one", storage="procedural"),
    "views": views,
    "several populations": several_populations,
    "pairs": lambda: explicit("pairs"),
    "matrix": lambda: explicit("matrix"),
}


@pytest.mark.parametrize(("ranks", "threads"), [(1, 1), (1, 3), (4, 1), (3, 2)])
@pytest.mark.parametrize("make", NETWORKS.values(), ids=NETWORKS)
def test_plan_counts_what_the_report_counts(make, ranks, threads):
    net = make()
    plan = net.plan(0.0064, DT, ranks=ranks, threads=threads)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reports = on_each_rank(ranks, lambda connect, rank: connect(make()).run(0.0064, DT, threads=threads))
    report = reports[0] if ranks > 1 else make().run(0.0064, DT, threads=threads)
    assert plan.neurons == report.total("neurons")
    spread = 5.0 * plan.synapses**0.5 + 1
    assert abs(plan.synapses - report.total("synapses")) <= spread
    assert plan.exchange == report.exchange
    total = sum(one.total for one in plan.items if one.reported)
    measured = report.total("network_bytes")
    assert total == pytest.approx(measured, rel=0.01, abs=13 * spread if "random, few" in str(make) else 9 * spread)
    assert plan.network_bytes == pytest.approx(max(one.network_bytes for one in report.ranks), rel=0.1, abs=3000)
