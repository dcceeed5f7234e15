"""Which programs make up each benchmark, and what is asked of the results."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

OURS = "neurocore_nb"
ONE_BY_ONE, BLOCKS = "Arbor, cells one by one as by default", "BrainPy, from its building blocks"
PLAIN = "NEST, synapses as by default"
# who: distribution that brings it
PEERS = {
    "Brian2": "brian2", "BrainPy": "brainpy", BLOCKS: "brainpy", "NEST": "nest-simulator", PLAIN: "nest-simulator",
    "NEURON": "neuron", "CoreNEURON": "neuron", "Arbor": "arbor", ONE_BY_ONE: "arbor",
}  # fmt: skip
REFERENCE_PEAK = 58.0  # GFLOP/s: bars of membranes are for a core with this peak of multiply-adds


class Program(NamedTuple):
    """One side of a benchmark: a script with its options.

    Attributes
    ----------
    who : str
    command : tuple of str
    turns : bool
        Whether it understands ``--turns``; otherwise it repeats by itself.
    """

    who: str
    command: tuple[str, ...]
    turns: bool = True


class Bar(NamedTuple):
    """What is asked of measurements whose ``what`` matches a pattern.

    Attributes
    ----------
    who : str
        Regular expression. A peer: its time is at least ``value`` times ours. Ourselves: the value is at most
        ``value``, or at least.
    pattern : str
        Regular expression for the whole of ``what``.
    value : float
    at_least : bool
    by_peak : bool
        Whether ``value`` is for a core with ``REFERENCE_PEAK``.
    """

    who: str
    pattern: str
    value: float
    at_least: bool = False
    by_peak: bool = False

    def matches(self, who: str, what: str) -> bool:
        """Whether it is about this measurement."""
        return re.fullmatch(self.who, who) is not None and re.fullmatch(self.pattern, what) is not None


class Benchmark(NamedTuple):
    """Programs that take turns, and the bars of their results."""

    name: str
    title: str
    programs: Sequence[Program]
    bars: Sequence[Bar] = ()
    repeats: int | None = None  # instead of what was asked for


def _program(who: str, *words: str | float, turns: bool = True) -> Program:
    return Program(who, tuple(str(word) for word in words), turns)


def _cobahh(n: int, quick: bool) -> Benchmark:
    same = ("--neurons", n // 10 if quick else n, "--duration", 0.1 if quick else 1.0, "--threads", 2)
    programs = [
        _program(OURS, "cobahh.py", *same),
        _program(OURS, "cobahh.py", *same, "--precision", "float32"),
        _program("Brian2", "cobahh_brian2.py", *same),
        _program("BrainPy", "cobahh_brainpy.py", *same),
        _program("BrainPy", "cobahh_brainpy.py", *same, "--precision", "float32"),
    ]
    if n in (4000, 40_000):
        programs.append(_program(BLOCKS, "cobahh_brainpy.py", *same, "--blocks"))
        programs.append(_program(BLOCKS, "cobahh_brainpy.py", *same, "--blocks", "--precision", "float32"))
    if n <= 4000:
        programs.append(_program("NEST", "cobahh_nest.py", *same))
    factors = {4000: (9.0, 7.0, 30.0), 40_000: (13.0, 3.5)}.get(n, ())
    bars = [Bar(who, ".*", factor) for who, factor in zip(("Brian2", "BrainPy.*", "NEST"), factors, strict=False)]
    return Benchmark(f"cobahh_{n}", f"COBAHH, {n:,} cells, 1 s at 0.1 ms, no delay, two threads", programs, bars)


def _synapses(n: int, quick: bool) -> Benchmark:
    same = ("--neurons", n // 10 if quick else n, "--duration", 0.05 if quick else 0.25)
    programs = [
        _program(OURS, "synapses.py", *same),
        _program("NEURON", "synapses_neuron.py", *same),
        _program("CoreNEURON", "synapses_neuron.py", *same, "--core"),
        _program("Arbor", "synapses_arbor.py", *same),
    ]
    if n == 2000:
        programs.append(_program(ONE_BY_ONE, "synapses_arbor.py", *same, "--group", 1))
    bars = [Bar("CoreNEURON", ".*", 8.0), Bar("Arbor.*", ".*", 20.0)] if n == 2000 else []
    title = f"{n:,} HH 1952 cells with 80 exponential synapses each, steps of 0.025 ms, delay 1 ms, one thread"
    return Benchmark(f"synapses_{n}", title, programs, bars)


def _others(quick: bool) -> list[Benchmark]:
    """Where there is no peer."""

    def ours(script: str, *small: str | float, large: tuple[str | float, ...] = ()) -> Program:
        return _program(OURS, script, *(small if quick else large))

    membranes = [
        Bar(OURS, "HH 1952, float64, threads: 1", 9.0, by_peak=True),
        Bar(OURS, "HH 1952, float32, threads: 1", 4.0, by_peak=True),
    ]
    ranks = [Bar(OURS, "(tutorial|COBAHH, delay).*", 1.1), Bar(OURS, "COBAHH, no delay.*", 1.35)]
    learning = [Bar(OURS, ".*STDP / static", 3.0), Bar(OURS, ".*memory of a plastic synapse", 17.0)]
    start = [Bar(OURS, "import", 0.6), Bar(OURS, "warm start", 1.5), Bar(OURS, "cold start", 15.0)]
    million = [Bar(OURS, ".*building", 40.0), Bar(OURS, ".*running", 300.0), Bar(OURS, ".*memory", 8.0)]
    limits = [ours("limit.py"), ours("limit.py", "--precision", "float32", large=("--precision", "float32"))]
    return [
        Benchmark("membrane", "Membranes in the whole run, 12,500 HH cells",
                  [ours("membrane.py", "--neurons", 500), *limits], membranes),
        Benchmark("tutorial", "The tutorial's network, 12,500 HH cells, 1 s in substeps of 0.01 ms",
                  [ours("tutorial.py", "--neurons", 500, "--duration", 0.1)], [Bar(OURS, "threads: 1", 12.0)]),
        Benchmark("interval", "A quiet exchange interval, 2 populations, 3 projections",
                  [ours("interval.py", "--intervals", 500)], [Bar(OURS, ".*", 20.0)]),
        Benchmark("calls", "Calls of a model's kernel, HH 1952",
                  [ours("calls.py", "--calls", 500)], [Bar(OURS, "import of the kernels", 0.6)]),
        Benchmark("start", "Start of the tutorial's network", [ours("start.py", "--no-cold")], start),
        Benchmark("ranks", "Ranks over threads, time over time",
                  [ours("ranks.py", "--scale", 0.05, "--duration", 0.05, "--runs", 1)], ranks),
        Benchmark("cable", "A spike on a cable of 1000 nodes of the squid axon, by the kernel and by hand, one thread",
                  [ours("cable.py", "--nodes", 100, "--steps", 100)], [Bar(OURS, ".*over hand-fused", 1.5)]),
        Benchmark("learning", "Pair STDP on all excitatory synapses over none, two threads, steps of 0.1 ms",
                  [ours("learning.py", "--scale", 0.1, "--duration", 0.05)], learning),
        Benchmark("million", "A million HH cells with 1000 synapses each, steps of 0.025 ms",
                  [ours("million.py", "--neurons", 5000, "--duration", 0.01),
                   ours("million.py", "--neurons", 5000, "--duration", 0.01, "--storage", "procedural",
                        large=("--storage", "procedural"))], million, repeats=1),
    ]  # fmt: skip


def _building(quick: bool) -> Benchmark:
    programs = []
    for n, indegree in ((40_000, 2500), (1_000_000, 200)):
        size = (n // 100, indegree // 10) if quick else (n, indegree)
        for topology in ("random", "fixed_indegree"):
            words = ("build.py", "--topology", topology, "--neurons", size[0], "--indegree", size[1])
            programs.append(_program(OURS, *words, turns=False))
    few = ("build.py", "--neurons", 400 if quick else 40_000, "--indegree", 250)
    programs += [_program(OURS, *few, "--drawn-weights", turns=False)]
    programs += [_program(OURS, *few, "--drawn-weights", "--drawn-delays", turns=False)]
    bars = [
        Bar(OURS, r"random, 40000 x 2500, synapses", 80.0, at_least=True),
        Bar(OURS, r"random, 1000000 x 200, synapses", 40.0, at_least=True),
        Bar(OURS, r"fixed_indegree, 40000 x 2500, synapses", 60.0, at_least=True),
        Bar(OURS, r"fixed_indegree, 1000000 x 200, synapses", 25.0, at_least=True),
        Bar(OURS, r".*, peak of memory over the final", 1.3),
        Bar(OURS, r".*drawn weights, drawn delays, synapses, memory", 10.0),
        Bar(OURS, r".*drawn weights, synapses, memory", 9.0),
        Bar(OURS, r".*, synapses, memory", 4.5),
    ]
    return Benchmark("building", "Building synapses, two threads", programs, bars)


def _wirings(quick: bool) -> Benchmark:
    size = ("--neurons", 400, "--indegree", 40) if quick else ("--neurons", 20_000, "--indegree", 1000)
    rules = (
        "ring", "small_world", "scale_free", "grid", "blocks", "gaussian", "gaussian_periodic", "gaussian_3d",
        "exponential", "box",
    )  # fmt: skip
    programs = [_program(OURS, "build.py", "--topology", rule, *size, turns=False) for rule in rules]
    bars = [Bar(OURS, r".*, synapses", 5.0, at_least=True)]
    return Benchmark("wirings", "Building synapses by rules, two threads", programs, bars, repeats=3)


def _published(network: Published, quick: bool) -> Benchmark:
    """A network of the library, at full size."""
    same = (network.name, "--scale", 0.05 if quick else 1.0, "--duration", 0.05 if quick else network.duration)
    plain = _program(PLAIN, "published_nest.py", *same, "--plain")
    programs = [_program(OURS, "published.py", *same)]
    programs += [_program("NEST", "published_nest.py", *same), plain] if network.compact else [plain]
    if network.name == "coba":
        programs.append(_program("Brian2", "published_brian2.py", *same))
    title = f"{network.title}, steps of 0.1 ms, two threads"
    return Benchmark(f"published_{network.name}", title, programs, network.bars, network.repeats)


class Published(NamedTuple):
    """A network of the library as a benchmark; ``compact``: whether NEST's smaller synapses are tried, too."""

    name: str
    title: str
    duration: float
    bars: Sequence[Bar]
    compact: bool = True
    repeats: int | None = None


FASTER, SMALLER = Bar("NEST.*", ".*running", 6.0), Bar("NEST.*", ".*memory.*", 4.0)
PUBLISHED = (
    Published("coba", "COBA, 4000 cells", 1.0, [Bar("NEST.*|Brian2", ".*running", 5.0)]),
    Published("brunel", "Brunel's network of 12,500 cells, asynchronous and irregular", 1.0, [FASTER, SMALLER],
              repeats=3),
    Published("hpc_benchmark", "NEST's hpc_benchmark, 11,250 cells, 127 million synapses, two thirds of them learn",
              0.25, [FASTER, SMALLER], repeats=1),
    Published("potjans_diesmann", "The microcircuit of Potjans and Diesmann, full size", 0.5,
              [Bar(OURS, ".*building", 20.0), Bar(OURS, ".*running", 12.0), Bar(OURS, ".*memory of the whole.*", 3.5)],
              compact=False, repeats=1),
)  # fmt: skip


def _delivery(quick: bool) -> Benchmark:
    words = ("--neurons", 1000, "--events", 1) if quick else ("--large",)
    bars = [
        Bar(OURS, r"40000 x 2500, 600 spikes, one weight, one delay", 900.0, at_least=True),
        Bar(OURS, r"40000 x 80, 600 spikes, one weight, one delay", 300.0, at_least=True),
        Bar(OURS, r"1000000 x 1000, .* spikes, one weight, one delay", 200.0, at_least=True),
        Bar(OURS, r".*procedural[^,]*(, all-to-all|, outdegree)?, memory", 0.1),
        Bar(OURS, r".*, time over that of stored synapses", 4.0),
    ]
    return Benchmark("delivery", "Delivery, two threads", [_program(OURS, "delivery.py", *words, turns=False)], bars)


def plan(quick: bool) -> list[Benchmark]:
    """All benchmarks; quick ones are small, to try the programs, and have no bars."""
    networks = [_cobahh(n, quick) for n in (4000, 40_000, 1000, 12_000)]
    cells = [_synapses(n, quick) for n in (2000, 500, 8000)]
    planned = [*networks, *cells, *_others(quick), _building(quick), _wirings(quick)]
    planned += [_delivery(quick), *(_published(one, quick) for one in PUBLISHED)]
    return [one._replace(bars=()) for one in planned] if quick else planned
