"""What a plan tells is what a run then takes."""

import re
import subprocess
import sys

import numpy as np
import pytest
import scipy.sparse
from ranks import on_each_rank

from neurocore_nb import (
    Blocks,
    Box,
    DistanceDependent,
    GapJunction,
    Gaussian,
    GradedSynapse,
    Grid,
    HodgkinHuxleyNeuron,
    LIFNeuron,
    Network,
    Normal,
    OfDistance,
    OUCurrent,
    PoissonInput,
    PoissonPopulation,
    Population,
    Projection,
    RewardSTDP,
    Ring,
    ScaleFree,
    SinusoidalCurrent,
    SmallWorld,
    SpikeMonitor,
    SpikeSource,
    StateMonitor,
    StepCurrent,
    TimedArray,
    TraubMilesNeuron,
    TsodyksMarkram,
    Uniform,
    grid_positions,
    uniform_positions,
)
from neurocore_nb.kernels.advance import LARGEST_TILE

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


def in_space(rule=None, weight=0.1, source=slice(None), target=slice(None), **options):
    cells = cells_of(positions=uniform_positions(1511, (1.0, 1.0), seed=1))
    rule = rule or DistanceDependent(Gaussian(0.5, 0.1), (1.0, 1.0))
    return Network(cells, Projection(cells[source], cells[target], weight, topology=rule, **options))


def on_line():
    cells = cells_of(positions=grid_positions([1511]))
    delay = OfDistance(lambda d: 1e-3 + d * 1e-6, 1e-3, 4e-3)
    return Network(cells, Projection(cells, cells, 0.1, topology=DistanceDependent(Gaussian(1.0, 5.0)), delay=delay))


def rewards():
    pre, cells, given = cells_of(60), cells_of(1000), SpikeSource([1e-3, 3e-3], [0, 1], n=9)
    pre.label = "pre"
    learning = Projection(
        pre, cells[100:300], -0.1, topology="fixed_outdegree", outdegree=2, plasticity=RewardSTDP(reward=given[:5]),
        weight_dtype="float64",
    )  # fmt: skip
    return Network(pre, cells, given, learning)


def coupled(target=slice(None), kind=GapJunction, weight=0.01, source=slice(3, 140), **options):
    cells, others = cells_of(151), Population(LIFNeuron, 67, label="others", precision="float32")
    onto = others if target == "others" else cells[target]
    coupling = kind(cells[source], onto, weight, **options)
    return Network(cells, others, coupling, GapJunction(others, others, 0.01, topology=([0, 9, 9], [1, 60, 8])))


def in_space_coupled():
    cells = cells_of(200, positions=uniform_positions(200, (1.0, 1.0), seed=1))
    return Network(cells, GapJunction(cells, cells, 0.01, topology=DistanceDependent(Box(0.5, 0.3))))


GRADED = {"kind": GradedSynapse, "state": "v", "e_rev": 0.0}
NETWORKS = {
    "coupled": lambda: coupled(slice(3, 140), probability=0.3),
    "coupled, all to all": lambda: coupled(slice(3, 140), topology="all_to_all", rectification=0.5),
    "coupled, overlapping": lambda: coupled(slice(100, 151), weight=Uniform(0.0, 0.1), probability=0.3),
    "coupled, others": lambda: coupled("others", topology="fixed_indegree", indegree=3),
    "coupled, outdegree": lambda: coupled(slice(3, 140), topology="fixed_outdegree", outdegree=5),
    "coupled, one way": lambda: coupled("others", symmetric=False, rectification=0.1, topology="fixed_total", total=99),
    "coupled, one to one": lambda: coupled(slice(3, 140), topology="one_to_one"),
    "coupled, one to one, others": lambda: coupled("others", source=slice(67), topology="one_to_one"),
    "coupled, ring": lambda: coupled(slice(3, 140), topology=Ring(3)),
    "coupled, distance": lambda: in_space_coupled(),
    "graded": lambda: coupled("others", **GRADED, topology="all_to_all"),
    "graded, pairs": lambda: coupled(**GRADED, topology=([0, 1, 1], [9, 140, 150])),
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
    "ring": lambda: network_of(topology=Ring(4)),
    "ring, learning": lambda: network_of(topology=Ring(9), plasticity="stdp"),
    "small world": lambda: network_of(topology=SmallWorld(6, 0.2)),
    "scale-free": lambda: network_of(topology=ScaleFree(7)),
    "grid": lambda: network_of(topology=Grid((1511,), 3, periodic=True)),
    "grid, open": lambda: Network(
        one := cells_of(1200), Projection(one, one, 0.1, topology=Grid((30, 40), 2, "moore"))
    ),
    "blocks": lambda: network_of(topology=Blocks([[0.1, 0.0], [0.03, 1.0]], [1300, 211]), autapses=False),
    "distance": in_space,
    "distance, parts": lambda: in_space(source=slice(9, 1100), target=slice(200, 1500), autapses=False),
    "distance, line": on_line,
    "random, weights by distance": lambda: in_space(
        "random", OfDistance(lambda d: 0.1 * d, 0.0, 0.2), probability=0.05
    ),
    "views": views,
    "several populations": several_populations,
    "learning": lambda: network_of(
        topology="fixed_indegree",
        indegree=40,
        plasticity="stdp",
        delay=Uniform(1e-3, 4e-3),
    ),
    "rewards": rewards,
    "short-term": lambda: network_of(topology="fixed_indegree", indegree=20, plasticity=TsodyksMarkram()),
    "pairs": lambda: explicit("pairs"),
    "matrix": lambda: explicit("matrix"),
}


EXACT = {
    "none", "empty population", "all to all", "one to one", "indegree", "matrix", "pairs", "procedural",
    "learning", "short-term", "ring", "ring, learning", "grid", "coupled, ring",
    "coupled, all to all", "coupled, one to one", "coupled, one to one, others", "graded", "graded, pairs",
}  # fmt: skip


@pytest.mark.parametrize(("ranks", "threads"), [(1, 1), (1, 3), (4, 1), (3, 2)])
@pytest.mark.parametrize("name", NETWORKS)
def test_plan_counts_what_the_report_counts(name, ranks, threads):
    plan = NETWORKS[name]().plan(0.0064, DT, ranks=ranks, threads=threads)
    report = on_each_rank(
        ranks, lambda connect, rank: alone_or(connect, ranks, NETWORKS[name]()).run(0.0064, DT, threads=threads)
    )[0]
    assert plan.neurons == report.total("neurons")
    spread = 5.0 * plan.synapses**0.5 + 1 if name not in EXACT else 0.0
    assert plan.synapses == pytest.approx(report.total("synapses"), abs=spread)
    assert plan.exchange == report.exchange
    total = sum(one.total for one in plan.items if one.reported)
    spread += 5.0 * 4000**0.5 * ("coupled" in name and name not in EXACT)  # which the report doesn't count
    # a synapse more is 4 to 12 bytes, and where rows are few 12 more
    assert total == pytest.approx(report.total("network_bytes"), rel=1e-12, abs=16 * spread)
    largest = max(one.network_bytes for one in report.ranks)
    assert plan.network_bytes == pytest.approx(largest, rel=0.01, abs=16 * spread + 16)


def alone_or(connect, ranks, net):
    """The network, on all ranks if there are several."""
    return connect(net) if ranks > 1 else net


def test_largest_rank_is_the_one_that_holds_the_targets():
    cells = Population(LIFNeuron, 1000, label="cells")
    net = Network(cells, Projection(cells, cells[900:], 0.1, topology="all_to_all"))
    plan = net.plan(ranks=10)
    assert plan.bytes_of("synapses: targets") == 4 * 1000 * 100
    targets = next(one for one in plan.items if one.name == "synapses: targets")
    assert targets.total == targets.largest


def test_items_are_what_they_are_called():
    cells = Population(HodgkinHuxleyNeuron, 1000, params={"g_na": Normal(120.0, 1.0)}, precision="float32", label="it")
    weights = {"weight": Normal(0.1, 0.01), "weight_dtype": "float64", "delay": Uniform(1e-3, 0.03)}
    wiring = Projection(cells, cells, topology="fixed_indegree", indegree=10, **weights)
    net = Network(cells, wiring, PoissonInput(700, 10.0, 0.1), StepCurrent(0.0, 0.1, 1.0))
    plan = net.plan(0.1, DT)
    assert {one.name: one.largest for one in plan.items if one.reported} == {
        "states": 4 * 4 * 1000,
        "parameters": 4 * 1000,
        "ring buffers": 8 * 301 * 1000,
        "stimuli": 3 * 8 * LARGEST_TILE + 8 * 1000,  # one tile of Poisson input serves all neurons
        "source populations": 0,
        "synapses: rows": 8 * 1001,
        "synapses: targets": 4 * 10_000,
        "synapses: weights": 8 * 10_000,
        "synapses: delays": 2 * 10_000,
        "synapses: learning": 0,
        "exchange": 0,
    }
    assert plan.bytes_of("parameters as drawn") == 8 * 1000


MEMORY = """
import sys, warnings
from neurocore_nb import *
from neurocore_nb.engine.report import resident_bytes

def peak():
    lines = open("/proc/self/status").read().splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM"))

def make(n, indegree):
    cells = Population(LIFNeuron, n, label="cells")
    source = PoissonPopulation(n * 20, 1.0, label="source")
    given = {"weight": Normal(1.0, 0.1)} if sys.argv[1] == "weights" else {"weight": 1.0}
    rest = Projection(source, cells, 1.0, probability=min(1.0, 20 / n))
    wiring = Projection(cells, cells, topology="fixed_indegree", indegree=indegree, delay=2e-3, **given)
    return Network(cells, source, wiring, rest, PoissonInput(n, 2000.0, 20.0), SpikeMonitor(source))

threads = int(sys.argv[2])
make(200, 10).run(0.001, 1e-4, threads=threads)  # fills the cache, lest compiling is counted
net = make(50_000, 400)
plan = net.plan(0.2, 1e-4, threads=threads)
report = net.run(0.2, 1e-4, threads=threads)
print(plan.resident_bytes, report.ranks[0].resident_bytes, plan.peak_bytes, peak())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads what Linux says of a process")
@pytest.mark.parametrize(("kind", "threads"), [("targets", 1), ("weights", 2)])
def test_memory_of_a_process_is_as_planned(kind, threads):
    # 40 million synapses: 160 MB, or 320 MB with their weights, beside about 170 MB of any process
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, kind, str(threads)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    planned, resident, planned_peak, peak = map(float, done.stdout.split())
    assert resident > 330e6
    assert planned == pytest.approx(resident, rel=0.15)
    assert planned_peak == pytest.approx(peak, rel=0.2)


BILLION = """
import resource, warnings
from neurocore_nb import *
from neurocore_nb.engine.report import resident_bytes

exc = Population(HodgkinHuxleyNeuron, 800_000_000, label="exc")
inh = Population(HodgkinHuxleyNeuron, 200_000_000, label="inh", initial={"v": Normal(-65.0, 5.0)})
wiring = [Projection(pre, post, 0.01, probability=1e-6, delay=1e-3) for pre in (exc, inh) for post in (exc, inh)]
wiring.append(GapJunction(inh, inh[:1000], 0.01, probability=1e-5))
wiring.append(Projection(exc, exc[:10], 1.0, topology="fixed_outdegree", outdegree=3, storage="procedural"))
net = Network(exc, inh, *wiring, PoissonInput(exc.n, 50.0, 9.0), SpikeMonitor(exc))
limit = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize() + (64 << 20)
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    plan = net.plan(ranks=4096, threads=4)
print(plan.neurons, round(plan.synapses), plan.bytes_of("states"), len(caught), caught[0].filename)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads what Linux says of a process")
def test_a_billion_neurons_are_planned_in_little_memory():
    done = subprocess.run([sys.executable, "-c", BILLION], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    neurons, synapses, states, n_warnings, where = done.stdout.split()
    assert int(neurons) == 10**9
    assert int(synapses) == 10**12 + 3 * 800_000_000
    assert float(states) == 4 * 8 * (-(-800_000_000 // 4096) + -(-200_000_000 // 4096))
    assert (n_warnings, where) == ("1", "<string>")  # at the line of the one who asked


def test_largest_population_is_planned():
    cells = Population(LIFNeuron, 2**31 - 1, label="cells")
    wiring = [
        Projection(cells, cells, 0.1, topology="fixed_total", total=2**52, multapses=False),
        Projection(cells, cells, 0.1, topology="one_to_one"),
    ]
    with pytest.warns(UserWarning, match="1000 ranks needs .* TB .*, but has 1 GB: "):
        plan = Network(cells, *wiring).plan(ranks=1000, memory_per_rank=1e9)
    assert plan.synapses == pytest.approx(2**52 + 2**31 - 1)
    assert not plan.fits


@pytest.mark.parametrize("exchange", ["all", "sparse"])
@pytest.mark.parametrize(("rate_hz", "outdegree", "delay"), [(2.0, 2, 0.0), (40.0, 30, 0.0), (400.0, 1, 7e-4)])
def test_bytes_on_the_wire_are_as_planned(exchange, rate_hz, outdegree, delay):
    def make():
        source, cells = PoissonPopulation(400, rate_hz, label="source"), Population(LIFNeuron, 400, label="cells")
        wiring = Projection(source, cells, 0.0, topology="fixed_outdegree", outdegree=outdegree, delay=delay)
        return Network(source, cells, wiring)

    ranks, duration = 5, 0.2
    plan = make().plan(duration, DT, ranks=ranks, rate_hz={"cells": 0.0}, exchange=exchange)
    report = on_each_rank(ranks, lambda connect, rank: connect(make()).run(duration, DT, threads=1, exchange=exchange))[
        0
    ]
    intervals = duration / DT / plan.interval
    assert plan.wire_bytes[exchange] == pytest.approx(report.total("bytes_sent") / ranks / intervals, rel=0.1)


def test_bytes_of_couplings_are_as_planned():
    def make():
        cells = Population(LIFNeuron, 43, label="cells")
        return Network(cells, GapJunction(cells[:20], cells[30:], 0.1, probability=0.1))

    plan = make().plan(0.01, DT, ranks=3, rate_hz=0.0)
    report = on_each_rank(3, lambda connect, rank: connect(make()).run(0.01, DT, threads=1))[0]
    assert plan.interval == 1
    # of 15 neurons on the first rank, 14 on the others, there take part 15, 5 and 13
    assert plan.wire_bytes == {"all": 4 * 2 * (2 + 2 * 15)}
    assert report.total("bytes_sent") == 3 * 100 * plan.wire_bytes["all"]


def test_rates_of_sources_are_their_own():
    cells = Population(LIFNeuron, 100, label="cells")
    given = SpikeSource(np.linspace(0.01, 2.0, 200), np.arange(200) % 10, n=10, label="given")
    moving = PoissonPopulation(10, lambda t: 100.0 * t, label="moving")
    net = Network(cells, given, moving, SpikeMonitor(given), SpikeMonitor(moving), SpikeMonitor(cells))
    bytes_of_a_spike = 28.0
    plan = net.plan(1.0, 1e-3, rate_hz=0.0)
    assert plan.bytes_of("spike monitors") == pytest.approx(bytes_of_a_spike * (100 + 10 * 50.0), rel=0.01)
    plan = net.plan(1.0, 1e-3, rate_hz={"cells": 3.0, "moving": 0.0})
    assert plan.bytes_of("spike monitors") == pytest.approx(bytes_of_a_spike * (100 + 300), rel=0.01)


def test_samples_of_states_take_memory_on_rank_0():
    cells = Population(LIFNeuron, 1000, label="cells")
    plan = Network(cells, StateMonitor(cells, "v")).plan(0.1, 1e-3, ranks=4)
    assert plan.bytes_of("state monitors") == pytest.approx(100 * (2 * 8 * 250 + 8 * 1000), rel=0.05)


def test_printed_plan_names_what_takes_memory_and_time():
    net = several_populations()
    text = str(net.plan(0.1, DT, ranks=64, threads=2, memory_per_rank=1e12))
    for item in ("states", "ring buffers", "synapses: targets", "synapses: delays", "stimuli", "together"):
        assert re.search(rf"^  {item} +[0-9.]+ [kMG]?B +[0-9.]+ [kMG]?B$", text, re.MULTILINE), item
    assert "on 64 ranks x 2 threads, not built" in text
    assert "fits in 1 TB for a rank; a machine with" in text
    assert re.search(r"sent by a rank in an interval of 1 step: .* by 'all', .* by 'sparse'; takes 'sparse'", text)
    assert re.search(r"build [0-9.]+ m?s, run [0-9.e-]+ m?s \([0-9.e+-]+ times biological time\)", text)
    assert "AMD EPYC" in text


def test_plan_builds_nothing_and_can_follow_a_run():
    net = network_of(probability=0.1)
    before = net.plan(0.01, DT)
    with pytest.raises(RuntimeError, match="no synapses yet"):
        net.projections[0].matrix()
    report = net.run(0.01, DT, threads=1)
    after = net.plan(0.01, DT)
    assert after.network_bytes == before.network_bytes
    assert after.resident_bytes == pytest.approx(report.ranks[0].resident_bytes, rel=0.05)


def test_costs_can_be_measured_here():
    for make in (several_populations, lambda: explicit("pairs"), NETWORKS["total"], NETWORKS["procedural, one to one"]):
        net = make()
        costs = net.plan(0.1, DT, measure=True).costs
        assert "this machine" in costs.where
        assert all(0.0 < factor < np.inf for factor in costs.factors.values())
        kinds = [kind.split()[0] for kind in costs.factors]
        assert kinds.count("membranes") == sum(isinstance(one, Population) for one in net.populations)
        assert kinds.count("deliver") == kinds.count("build") == len(net.projections)


def test_more_work_takes_more_time():
    def seconds(n=10_000, indegree=100, rate_hz=10.0, **options):
        cells = Population(HodgkinHuxleyNeuron, n, label="cells", **options)
        plan = Network(cells, Projection(cells, cells, 0.1, topology="fixed_indegree", indegree=indegree)).plan(
            rate_hz=rate_hz
        )
        return plan.timing

    base = seconds()
    assert seconds(n=20_000).integrate == pytest.approx(2 * base.integrate, rel=0.05)
    assert seconds(max_step=0.02).integrate == pytest.approx(0.5 * base.integrate, rel=0.05)
    assert seconds(precision="float32").integrate < 0.6 * base.integrate
    assert 1.5 * base.deliver < seconds(rate_hz=20.0).deliver < 2.1 * base.deliver
    assert seconds(indegree=1000).build > 5 * base.build
    assert seconds(indegree=1000).deliver > 3 * base.deliver


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"ranks": 0}, ValueError, "ranks = 0 must be at least 1"),
        ({"ranks": 2.0}, TypeError, "ranks must be an integer, not 2.0"),
        ({"ranks": 2**40}, ValueError, "ranks = .* at most"),
        ({"threads": 0}, ValueError, "threads = 0 must be at least 1"),
        ({"threads": None}, TypeError, "threads must be an integer, not None"),
        ({"duration": -1.0}, ValueError, "duration = -1.0 s; it must be at least 0 s"),
        ({"duration": 0.00015}, ValueError, "is no multiple of dt"),
        ({"dt": 0.0}, ValueError, "dt = 0.0 s; it must be above 0 s"),
        ({"rate_hz": -1.0}, ValueError, "rate_hz = -1.0 Hz; it must be at least 0 Hz"),
        ({"rate_hz": "fast"}, TypeError, "rate_hz must be a number in Hz, not 'fast'"),
        ({"rate_hz": {"exc": 1.0}}, ValueError, "rate_hz: there is no population 'exc'; known are 'cells'"),
        ({"rate_hz": {}}, ValueError, "rate_hz: the population 'cells' is missing"),
        ({"rate_hz": {"cells": np.nan}}, ValueError, "rate_hz of 'cells' = nan is not a finite number in Hz"),
        ({"exchange": "some"}, ValueError, "unknown exchange 'some'; known are auto, all, sparse"),
        ({"measure": 1}, TypeError, "measure must be True or False, not 1"),
        ({"memory_per_rank": 0}, ValueError, "memory_per_rank = 0 bytes; it must be above 0 bytes"),
        ({"memory_per_rank": "64 GB"}, TypeError, "memory_per_rank must be a number in bytes, not '64 GB'"),
    ],
    ids=str,
)
def test_bad_arguments_are_named(arguments, error, message):
    with pytest.raises(error, match=message):
        network_of(probability=0.1).plan(**arguments)
