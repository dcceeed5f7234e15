"""Synapses that are drawn at each spike: they are those that would have been stored."""

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from builders import assert_raises, cells, table
from networks import same, spikes_and_states
from ranks import on_each_rank
from wiring import assert_same

from neurocore_nb import Network, Normal, PoissonInput, PoissonPopulation, Projection, SpikeMonitor, Uniform
from neurocore_nb.engine.build import Synapses
from neurocore_nb.engine.partition import block, bounds
from neurocore_nb.kernels.deliver import deliver
from neurocore_nb.kernels.procedural import ROOM

DRAWING = [
    {"probability": 0.02},
    {"probability": 0.3},
    {"probability": 0.97},
    {"topology": "fixed_outdegree", "outdegree": 3},
    {"topology": "fixed_outdegree", "outdegree": 80},
    {"topology": "fixed_outdegree", "outdegree": 3, "multapses": False},
    {"topology": "fixed_outdegree", "probability": 0.8, "multapses": False},
]
RULES = [
    *DRAWING,
    {"probability": 0.0},
    {"probability": 1.0},
    {"topology": "all_to_all"},
    {"topology": "one_to_one"},
]
by_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: "-".join(map(str, rule.values())))

# ---- one spike at a time -------------------------------------------------------------------------------------------


def synapses_of(projection, rank=0, ranks=1, threads=1):
    """Those of one rank."""
    local = block(projection.target.parent.n, rank, ranks)
    synapses = Synapses(projection, 42, 0, 1e-3, 2.0**-40, local)
    with ThreadPoolExecutor(threads) as executor:
        synapses.build(bounds(local[1] - local[0], threads), executor)
    return synapses, local[1] - local[0]


def arrivals(projection, *share):
    """What arrives at each target of a rank after a spike of each source: shape (n_source, n_slots, n_local)."""
    synapses, n_local = synapses_of(projection, *share)
    n_source, first_id, step = projection.source.n, 5, 13
    rings = np.zeros((n_source, 1, synapses.longest_delay + 1, n_local))
    for source in range(n_source):
        spikes = np.array([[first_id - 1, first_id + source, first_id + n_source], [0, source % 4, 1]], np.int32)
        for one in synapses.blocks:
            deliver(rings[source], step, spikes, one.table_row(0, first_id, n_source)[None])
    return rings[:, 0]


def both_storages(*ends, **options):
    return [Projection(*ends, 0.375, delay=2e-3, storage=storage, **options) for storage in ("stored", "procedural")]


@by_rule
@pytest.mark.parametrize("autapses", [True, False])
def test_each_source_reaches_the_same_targets(rule, autapses):
    whole = cells(101)
    stored, procedural = both_storages(whole, whole, autapses=autapses, **rule)
    expected = arrivals(stored)
    assert expected.any() == (rule != {"probability": 0.0} and (autapses or rule != {"topology": "one_to_one"}))
    np.testing.assert_array_equal(arrivals(procedural), expected)
    for ranks, threads in ((1, 2), (1, 5), (2, 1), (3, 2), (5, 1)):
        shares = [arrivals(procedural, rank, ranks, threads) for rank in range(ranks)]
        np.testing.assert_array_equal(np.concatenate(shares, axis=2), expected)


@by_rule
@pytest.mark.parametrize("n", [(1, 1), (2, 2), (13, 13), (3, 17), (17, 3)])
def test_few_neurons(rule, n):
    if rule.get("topology") == "one_to_one" and n[0] != n[1]:
        return
    few = {"outdegree": 1} if "outdegree" in rule and not rule.get("multapses", True) else {}
    stored, procedural = both_storages(cells(n[0], "source"), cells(n[1], "target"), **rule | few)
    for share in ((0, 1, 1), (0, 2, 1), (1, 2, 3)):
        np.testing.assert_array_equal(arrivals(procedural, *share), arrivals(stored, *share))


def test_more_targets_than_there_is_room_for():
    whole = cells(101)
    stored, procedural = both_storages(whole, whole, probability=0.3)
    expected, _ = synapses_of(stored)
    drawn, n_local = synapses_of(procedural)
    drawn.blocks[0]._rule[ROOM] = 5
    spikes, rings = np.stack([np.arange(101), np.arange(101) % 2]).astype(np.int32), np.zeros((2, 1, 3, n_local))
    for one, ring in zip((expected, drawn), rings, strict=True):
        deliver(ring, 0, spikes, one.blocks[0].table_row(0, 0, 101)[None])
    assert rings[0].any()
    np.testing.assert_array_equal(rings[1], rings[0])


@pytest.mark.parametrize("multapses", [True, False])
@pytest.mark.parametrize("n_spikes", [1, 7, 8, 13, 60])
def test_many_spikes_at_once(n_spikes, multapses):
    rule = {"topology": "fixed_outdegree", "outdegree": 45, "multapses": multapses}
    ends = cells(61, "source"), cells(4500, "target")
    rings = np.zeros((2, 2, 3, 4500))
    spikes = np.stack([np.arange(n_spikes), np.arange(n_spikes) % 2]).astype(np.int32)
    for ring, projection in zip(rings, both_storages(*ends, **rule), strict=True):
        synapses, _ = synapses_of(projection, threads=2)
        for one in synapses.blocks:
            deliver(ring[:1], 0, spikes, one.table_row(0, 0, 61)[None])
    assert rings[0].sum() == 0.375 * 45 * n_spikes
    np.testing.assert_array_equal(rings[1], rings[0])


VIEWS = [((0, 20), (0, 20)), ((5, 25), (15, 35)), ((15, 35), (5, 25)), ((0, 20), (20, 40))]


@pytest.mark.parametrize(("of_source", "of_target"), VIEWS)
@pytest.mark.parametrize("rule", [RULES[1], RULES[4], RULES[6], *RULES[-2:]])
def test_parts_of_a_population(rule, of_source, of_target):
    whole = cells(40)
    ends = whole[slice(*of_source)], whole[slice(*of_target)]
    stored, procedural = both_storages(*ends, autapses=False, **rule)
    for rank in range(3):
        np.testing.assert_array_equal(arrivals(procedural, rank, 3, 2), arrivals(stored, rank, 3, 2))


# ---- networks ------------------------------------------------------------------------------------------------------


def activity(storage, rule, connect=lambda net: net, rank=0, threads=1):
    """Spikes (on rank 0) and states of a network, and the matrices of its projections on this rank."""
    exc, inh, noise = cells(61, "exc"), cells(61, "inh"), PoissonPopulation(61, 400.0)
    projections = [
        Projection(noise, exc, 20.0, **rule, storage=storage),
        Projection(exc, exc, 9.0, delay=2e-3, autapses=False, **rule, storage=storage),
        Projection(exc, inh, Normal(20.0, 2.0), probability=0.2),
        Projection(inh[:31], exc[30:], -9.0, delay=1e-3, **rule, storage=storage),
    ]
    monitors = [SpikeMonitor(exc), SpikeMonitor(inh)]
    net = connect(Network(exc, inh, noise, *projections, PoissonInput(61, 300.0, 20.0, target=exc), *monitors))
    net.run(0.02, 5e-4, threads=threads)
    assert rank > 0 or monitors[0].count > 50
    return spikes_and_states(net, monitors if rank == 0 else ()), [projection.matrix() for projection in projections]


@pytest.mark.parametrize("rule", [*DRAWING[:2], DRAWING[3], DRAWING[5], *RULES[-2:]])
def test_networks_are_the_same(rule):
    expected, matrices = activity("stored", rule)
    for threads in (1, 2, 3):
        outcome, drawn = activity("procedural", rule, threads=threads)
        assert same(outcome, expected)
        for one, other in zip(drawn, matrices, strict=True):
            assert_same(one, other)


@pytest.mark.parametrize("ranks", [2, 3, 5])
def test_networks_are_the_same_on_several_ranks(ranks):
    rule = DRAWING[1]
    expected, _ = activity("stored", rule)
    outcomes = on_each_rank(ranks, lambda connect, rank: activity("procedural", rule, connect, rank)[0])
    assert same(outcomes[0], expected)


# ---- memory and report ---------------------------------------------------------------------------------------------


@by_rule
def test_memory_does_not_grow_with_the_synapses(rule):
    small, large = (synapses_of(both_storages(*[cells(n)] * 2, **rule)[1])[0].nbytes for n in (101, 1009))
    assert small == large < 200


@by_rule
@pytest.mark.parametrize("autapses", [True, False])
def test_the_number_of_synapses_to_expect(rule, autapses):
    whole = cells(211)
    stored, procedural = (synapses_of(one)[0] for one in both_storages(whole, whole, autapses=autapses, **rule))
    p = rule.get("probability", 1.0) if "topology" not in rule else 1.0
    tolerance = 5.0 * math.sqrt(211 * 211 * p * (1.0 - p))
    assert abs(procedural.n_synapses - stored.n_synapses) <= tolerance
    shares = [synapses_of(procedural.projection, rank, 3)[0].n_synapses for rank in range(3)]
    assert abs(sum(shares) - procedural.n_synapses) <= 3


# ---- mistakes ------------------------------------------------------------------------------------------------------


def project(weight=1.0, **options):
    source, target = cells(5, "source"), cells(5, "target")
    return Projection(source, target, weight, **{"storage": "procedural"} | options)


REMEDY = "use storage='stored'$"


@pytest.mark.parametrize(
    ("call", "kind", "pattern"),
    table(
        [
            (
                lambda: project(storage="sparse"),
                ValueError,
                "^projection source -> target: storage 'sparse' is unknown; use 'stored' or 'procedural'$",
            ),
            (
                lambda: project(topology="fixed_indegree", indegree=2),
                ValueError,
                f"^projection source -> target: procedural storage is for random, .*fixed_indegree.*{REMEDY}",
            ),
            (lambda: project(topology="fixed_total", total=2), ValueError, f"'fixed_total' can't be drawn.*{REMEDY}"),
            (lambda: project(topology=([0], [1])), ValueError, f"of 1 explicit synapses can't be drawn.*{REMEDY}"),
            (lambda: project(Normal(1.0, 0.1)), ValueError, f"weight must be a number, not Normal.*{REMEDY}"),
            (lambda: project(delay=Uniform(0.0, 1e-3)), ValueError, f"delay must be a number, not Uniform.*{REMEDY}"),
        ]
    ),
)
def test_what_cannot_be_drawn_is_refused(call, kind, pattern):
    assert_raises(call, kind, pattern)
