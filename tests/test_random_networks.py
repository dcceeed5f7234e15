"""Random small networks: the same bits however they are divided, and the spikes of the naive simulator.

The environment variable NEUROCORE_NB_EXAMPLES sets how many networks each test takes. Without it there are a few,
always the same; with it others each time, drawn from a seed that is printed (pytest -s) and noted with a failure, and
that NEUROCORE_NB_SEED repeats.
"""

import os
import random
from collections import Counter
from itertools import pairwise

import naive
import numpy as np
import pytest
import scipy.sparse
from hypothesis import HealthCheck, event, given, note, reject, seed, settings
from hypothesis import strategies as st
from networks import as_naive
from random_networks import KINDS, Cells, Explicit, Values, build, networks, ways
from ranks import on_each_rank
from wiring import assert_same

from neurocore_nb import NumericalError, SpikeMonitor, StateMonitor

EXAMPLES = os.environ.get("NEUROCORE_NB_EXAMPLES")
SEED = int(os.environ.get("NEUROCORE_NB_SEED", random.randrange(2**32)))  # noqa: S311


def examples(default, strategy):
    """Calls the decorated function with a number of examples of a strategy."""

    def decorate(check):
        if EXAMPLES:
            print(f"\n{EXAMPLES} examples from NEUROCORE_NB_SEED={SEED}")

        def noted(example):
            if EXAMPLES:
                note(f"NEUROCORE_NB_EXAMPLES={EXAMPLES} NEUROCORE_NB_SEED={SEED}")
            check(example)

        drawn = given(strategy)(seed(SEED)(noted) if EXAMPLES else noted)
        checks = settings(
            max_examples=int(EXAMPLES or default), derandomize=not EXAMPLES, deadline=None, database=None,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        return checks(drawn)

    return decorate


def print_counts(seen):
    print("", *(f"{count:6d} {fact}" for fact, count in sorted(seen.items(), key=lambda item: -item[1])), sep="\n")


# ---- however divided -------------------------------------------------------------------------------------------------


def run(net, described, way, rank=0):
    """Run as told; how spikes were shared."""
    kinds, dt = [], described.dt
    if way.broken_off is not None:
        net.run(way.broken_off * dt, dt, threads=1)
        net.reset()
    for k, (begin, end) in enumerate(pairwise([0, *way.ends])):
        threads = way.threads[(k + rank) % len(way.threads)]
        kinds.append(net.run((end - begin) * dt, dt, threads=threads, exchange=way.exchanges[k]).exchange)
    return kinds


def everything(net, rank=0):
    """All arrays that came out of a network, by name; those that are gathered on rank 0 only there."""
    found = {}
    for place, monitor in enumerate(net.monitors):
        arrays = {}
        if isinstance(monitor, SpikeMonitor):
            arrays["count"] = np.array(monitor.count)
            if rank == 0:
                arrays |= {"t": monitor.t, "i": monitor.i}
        else:
            arrays["t"] = monitor.t
            if rank == 0:
                arrays |= monitor.traces
        found |= {f"{name} of {place}, {monitor!r}": array for name, array in arrays.items()}
    for label, states in net.get_states().items():
        found |= {f"{name} of {label}": array for name, array in states.items()}
    return found


def differing(one, other):
    """Names of arrays in both that don't have the same bits."""
    bits = [{name: (a.dtype, a.shape, a.tobytes()) for name, a in found.items()} for found in (one, other)]
    return [name for name in bits[0].keys() & bits[1].keys() if bits[0][name] != bits[1][name]]


def matrices(net):
    return [one.matrix() for one in (*net.projections, *net.couplings)]


def divided(described, way):
    """On each rank, what came out or the error that was raised, how spikes were shared, and the matrices."""

    def program(connect, rank):
        net = connect(build(described))
        net._comm.always_in_kernels = way.in_kernels
        try:
            kinds = run(net, described, way, rank)
        except NumericalError as error:
            return error, [], []
        return everything(net, rank), kinds, matrices(net)

    return zip(*on_each_rank(way.ranks, program), strict=True)


def deliveries(net):
    """How many synapses the spikes of each projection reach."""
    spikes = dict(zip(net.populations, net.monitors, strict=False))
    for projection in net.projections:
        source = projection.source
        matrix = projection.matrix().tocoo()
        per_neuron = np.bincount(matrix.col, minlength=source.parent.n)
        fired = spikes[source.parent].i - source.start
        yield projection, int(per_neuron[fired[(fired >= 0) & (fired < source.n)]].sum())


def facts(net, described, way, kinds):
    """What may be counted of an example."""
    yield f"{way.ranks} ranks"
    yield from {f"spikes shared by {kind}" for kind in kinds}
    yield from {f"{name}" for name, value in vars(way).items() if name in ("in_kernels", "broken_off") and value}
    interval = net._simulation.interval
    yield "zero delay" if interval == 1 and net.projections else "intervals of several steps"
    if any(end % interval for end in way.ends[:-1]):
        yield "ends within an interval"
    if max(way.threads) > 1:
        yield "threads"
    for one, monitor in zip(described.populations, net.monitors, strict=False):
        if monitor.count:
            yield f"spikes of {one.kind}"
            yield "spikes" if isinstance(one, Cells) else "spikes of sources"
    if any(one.learning for one in net.projections):
        yield "synapses that learn"
    for one in (*net.stimuli, *net.couplings):
        yield type(one).__name__
    if any(one.precision == "float32" for one in net._simulation.membranes):
        yield "single precision"
    if any(isinstance(one, StateMonitor) for one in net.monitors):
        yield "state traces"
    for projection, count in deliveries(net):
        if count:
            receptor = projection.target.parent.receptors[projection.receptor or ""]
            rule = "explicit synapses" if projection.explicit else projection.rule_name
            yield from ("deliveries", f"deliveries to {type(receptor).__name__}", f"deliveries by {rule}")
            yield f"deliveries from {projection.storage} synapses"
            if projection.source.n < projection.source.parent.n or projection.target.n < projection.target.parent.n:
                yield "deliveries between parts"
    if way.ranks > 1 and sum(one.count for one, _ in zip(net.monitors, net.populations, strict=False)) > 50:
        yield "more than 50 spikes on several ranks"


def test_any_network_has_the_same_bits_however_divided():
    seen = Counter()

    @examples(45, networks().flatmap(lambda one: st.tuples(st.just(one), ways(one))))
    def check(example):
        described, way = example
        net = build(described)
        try:
            net.run(described.n_steps * described.dt, described.dt, threads=1)
        except NumericalError as error:
            alone, these = error, {"NumericalError"}
        else:
            alone, these = everything(net), None
        found, kinds, parts = divided(described, way)
        for rank, one in enumerate(found):
            assert type(one) is type(alone), (rank, one, alone)
            if isinstance(one, dict):
                assert rank > 0 or one.keys() == alone.keys()
                assert differing(one, alone) == [], rank
        for rows, whole in zip(zip(*parts, strict=True), [] if these else matrices(net), strict=True):
            assert_same(scipy.sparse.vstack(rows, format="csr"), whole)
        for fact in these or set(facts(net, described, way, kinds[0])):
            event(fact)
            seen[fact] += 1
        seen["examples"] += 1

    check()
    print_counts(seen)
    if seen["examples"] >= 40:
        assert seen["spikes"] > 0.6 * seen["examples"]
        assert seen["deliveries"] > 0.4 * seen["examples"]
        assert seen["more than 50 spikes on several ranks"] > 0.1 * seen["examples"]
        assert sum(seen[f"spikes of {kind}"] > 0 for kind in KINDS) > 5
        assert min(seen["GapJunction"], seen["GradedSynapse"]) > 0
        assert all(seen[f"spikes shared by {kind}"] for kind in ("all", "sparse"))


# ---- the naive simulator ---------------------------------------------------------------------------------------------


WITHIN = -255.0, 125.0  # mV; a little further away, the package holds the rates


def known_synapses(net, described):
    """Those that are given one by one with delays of their own."""
    for projection, one in zip(net.projections, described.projections, strict=True):
        topology, delay = one.arguments["topology"], one.arguments["delay"]
        if isinstance(topology, Explicit) and isinstance(delay, Values):
            pre, post, _ = topology.synapses()
            weight = np.broadcast_to(projection.weight, topology.n).astype(projection.weight_dtype)
            yield projection, (post, pre, weight, projection.delay)


@pytest.mark.parametrize("coupled", [False, True])
def test_networks_of_squid_axons_do_what_the_naive_simulator_does(coupled):
    seen = Counter()
    kinds = ("hh",) if coupled else ("hh", "hh, each cell another")

    @examples(30, st.tuples(networks(kinds, known=True, coupled=st.just(coupled)), st.integers(1, 3)))
    def check(example):
        described, threads = example
        net = build(described)
        explicit = dict(known_synapses(net, described))
        description = as_naive(net, described.n_steps, described.dt, explicit)
        try:
            spikes, states = naive.simulate(**description, within=WITHIN)
        except naive.Runaway:
            reject()
        net.run(described.n_steps * described.dt, described.dt, threads=threads)
        for monitor, expected in zip(net.monitors, spikes, strict=False):
            t, i = np.array(expected).reshape(-1, 2).T
            np.testing.assert_array_equal(monitor.i, i)
            np.testing.assert_allclose(monitor.t, t, rtol=0, atol=1e-9)
        for population, expected in zip(net.populations, states, strict=True):
            for name, found in net.get_states()[population.label].items():
                np.testing.assert_allclose(found, expected[name], rtol=1e-7, atol=1e-7, err_msg=name)
        seen["examples"] += 1
        these = {type(one).__name__ for one in net.stimuli} | {"deliveries" for _, n in deliveries(net) if n}
        these |= {"spikes" for one in spikes if one} | {"a delay for each synapse" for _ in explicit}
        if "deliveries" in these:
            unconnected, _ = naive.simulate(**description | {"synapses": ()})
            these |= {"spikes that depend on synapses"} if unconnected != spikes else set()
        if net.couplings:
            uncoupled, _ = naive.simulate(**description | {"junctions": ()})
            these |= {"spikes that depend on couplings"} if uncoupled != spikes else {"couplings"}
        for fact in these:
            event(fact)
            seen[fact] += 1

    check()
    print_counts(seen)
    if seen["examples"] >= 20:
        assert seen["spikes"] > 0.6 * seen["examples"]
        assert seen["deliveries"] > 0.4 * seen["examples"]
        assert seen["spikes that depend on synapses"] > 0.1 * seen["examples"]
        assert not coupled or seen["spikes that depend on couplings"] > 0.1 * seen["examples"]
