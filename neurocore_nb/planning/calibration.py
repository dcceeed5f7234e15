"""What the operations of a network take on the machine at hand: each is done alone, at a small size, and timed."""

from __future__ import annotations

import copy
import resource
import time
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..engine.build import Synapses
from ..engine.membranes import Membranes
from ..engine.stepper import Stepper
from ..kernels.deliver import deliver
from ..timegrid import nearest_steps
from .costs import UnitCosts, membrane_kind, poisson_seconds, substep_seconds, synapse_kind
from .expected import Division, expected_block, expected_wiring
from .footprint import n_slots
from .pace import pace_of
from .synapse_costs import BlockSize, build_seconds, delivery_seconds

_REPEATS = 7  # of which the fastest counts: others use the machine, too
_LEAST = 4e-3  # s of one measurement
_NEURONS, _SOURCES, _TARGETS = 4000, 100_000, 40_000  # at most
_MOST_SOURCES = 1 << 20  # where their number counts
_SYNAPSES_BUILT, _SYNAPSES = 2e6, 1.2e7  # at most; rows must not stay in a cache where they won't in the network
_RING = 1 << 25  # bytes
_FRESH = 1 << 22, 1 << 28  # bytes, at least and at most
_SPIKES = 512  # at most, in one delivery
_NO_STREAM = 1, 0  # seed and place
_DRIVE = 0.05  # events in a step of the Poisson input that is measured where no rate is known


def measured_costs(description: Any, n_steps: int, dt: float, division: Division) -> UnitCosts:
    """Unit costs of what a network needs, measured on one thread of this machine.

    Parameters
    ----------
    description : Description
    n_steps : int
    dt : float
        Network step in s.
    division : Division
        How the network is to be divided, which says how long rows are.

    Returns
    -------
    UnitCosts
        Where ``factors`` are what was measured over what is stated; other costs are as stated.

    Notes
    -----
    The first measurement on a machine with an empty cache compiles first, which takes some seconds more.
    """
    stated = UnitCosts()
    interval = pace_of(description, n_steps, dt, division, "all").interval
    factors: dict[str, float] = {}
    touch = _touching(description, division)  # before anything else uses memory and gives it back
    for place, population in enumerate(description.populations):
        if not hasattr(population, "model") or population.n == 0:
            continue
        if membrane_kind(population) not in factors:
            factors[membrane_kind(population)] = _membrane_factor(description, population, place, dt, stated)
        if "stimuli" not in factors and description.stimuli_of_kinds(population)[0]:
            factors["stimuli"] = _stimulus_factor(description, population, place, dt, stated)
    for projection in description.projections:
        kinds = synapse_kind("build", projection), synapse_kind("deliver", projection)
        if projection.learning is None and not factors.keys() >= set(kinds):  # how learning goes on, none can know
            slots = n_slots(description, projection.target.parent, dt)
            small, to_build = (_small(projection, division, slots, building) for building in (False, True))
            if small is not None:
                factors[kinds[0]] = 1.0 if to_build is None else _build_factor(to_build, dt, stated)
                factors[kinds[1]] = _delivery_factor(small, dt, interval, slots, stated)
    return replace(stated, where="measured on this machine; messages as stated", factors=factors, touch=touch)


def _touching(description: Any, division: Division) -> float:
    """Seconds for a byte of memory that this process hasn't used, if it takes as much as the targets of the synapses.

    How much counts: some memory a system has at hand, more it must get from elsewhere, such as the host of a virtual
    machine.
    """
    synapses = sum(expected_wiring(one, division).synapses for one in description.projections)
    fresh = np.empty(int(np.clip(4.0 * np.max(synapses), *_FRESH)), np.uint8)
    started = time.thread_time()
    fresh[:: resource.getpagesize()] = 1
    return (time.thread_time() - started) / len(fresh)


def fastest(action: Callable[[], object]) -> float:
    """Seconds of an action, called often enough to be timed; the fastest of some repetitions.

    Of this thread's own time: what others do on its core meanwhile doesn't count.
    """
    started = time.thread_time()
    action()
    calls = max(1, int(_LEAST / max(time.thread_time() - started, 1e-6)))
    seconds = []
    for _ in range(_REPEATS):
        started = time.thread_time()
        for _ in range(calls):
            action()
        seconds.append((time.thread_time() - started) / calls)
    return min(seconds)


# ---- membranes -------------------------------------------------------------------------------------------------------


def _alone(description: Any, population: Any, place: int, dt: float, poisson: list[Any]) -> tuple[Stepper, int]:
    """A population's first neurons alone; what takes them through time, and how many they are."""
    few = Membranes(population, place, 0, 0, max(1, population.n // _NEURONS), dt)
    few.set_quanta([1.0] * len(population.receptors), [np.inf] * len(population.receptors))
    few.set_stimuli(poisson, [], [])
    few.draw_parameters(description.wiring_seed)
    few.set_threads(1)
    few.compile()
    few.set_initial(description.noise_seed)
    few.set_synapses([])
    return Stepper([few], 0, 1, dt), few.n_local


def _seconds_per_step(stepper: Stepper, steps: int = 8) -> float:
    """Of a compiled call of some steps, without what the call takes by itself."""
    stepper.advance(0, steps, steps)  # a model may have to settle, and memory to be touched
    several = fastest(lambda: stepper.advance(0, steps, steps))
    one = fastest(lambda: stepper.advance(0, 1, 1))
    return max(several - one, 0.1 * several) / (steps - 1)


def _membrane_factor(description: Any, population: Any, place: int, dt: float, stated: UnitCosts) -> float:
    stepper, n = _alone(description, population, place, dt, [])
    substeps = Membranes(population, place, 0, 0, max(1, population.n), dt).n_substeps
    expected = n * substeps * substep_seconds(population, stated)
    beside = n * stated.step + stated.group
    return max((_seconds_per_step(stepper) - beside) / expected, 0.05)


def _stimulus_factor(description: Any, population: Any, place: int, dt: float, stated: UnitCosts) -> float:
    rates = [one.rate_hz for one, _, _ in description.stimuli_of_kinds(population)[0]]
    mean = max((float(np.mean(rate)) * dt for rate in rates if not callable(rate)), default=0.0) or _DRIVE
    dt = min(dt, population.max_step * 1e-3)  # one substep, lest the membranes drown the rest
    drive = SimpleNamespace(
        n=population.n, rate_hz=mean / dt, weight=0.0, receptor=None, weight_range=lambda: (0.0, 0.0)
    )
    without, n = _alone(description, population, place, dt, [])
    driven, _ = _alone(description, population, place, dt, [(drive, population, _NO_STREAM)])
    seconds = _seconds_per_step(driven) - _seconds_per_step(without)
    return float(np.clip(seconds / (n * poisson_seconds(mean, stated)), 0.3, 5.0))


# ---- synapses --------------------------------------------------------------------------------------------------------


def _small(projection: Any, division: Division, slots: int, building: bool) -> Any:
    """A projection of the same kind between fewer neurons, with rows as long as on the rank that has most synapses.

    None where it has none. To see what building takes where sources are drawn for a target, of as many sources as there
    are: their row starts must not be nearer in memory.
    """
    sizes = expected_wiring(projection, division)
    rank = int(np.argmax(sizes.fullest))
    n_source, row = projection.source.n, float(sizes.fullest[rank]) / max(1, projection.source.n)
    if row == 0.0:
        return None
    n_target = int(max(1, min(sizes.widest[rank], _TARGETS, _RING // (8 * slots))))
    small = copy.copy(projection)
    if projection.topology == "one_to_one":
        n_source = n_target = max(1, min(n_source, _TARGETS))
    elif projection.topology == "all_to_all" or projection.probability == 1.0:
        row = float(n_target)
    row = min(row, float(n_target))
    if building and not isinstance(projection.topology, str) and not projection.explicit:
        return None  # rules that are objects take the neurons' places into account, which fewer haven't
    if building and projection.topology == "fixed_indegree":
        n_source = int(min(n_source, _MOST_SOURCES))
        n_target = int(max(1, min(sizes.widest[rank], _SYNAPSES_BUILT / projection.indegree)))
        row = projection.indegree * n_target / n_source
    else:
        n_source = int(max(1, min(n_source, _SOURCES, (_SYNAPSES_BUILT if building else _SYNAPSES) / row)))
    itself = projection.source.parent is projection.target.parent
    target = SimpleNamespace(n=n_target, start=0)
    source = SimpleNamespace(n=n_source, start=0)
    target.parent = target
    source.parent = target if itself else source
    small.source, small.target = source, target
    small.probability = min(1.0, row / n_target) if projection.topology == "random" else projection.probability
    return _with_counts(small, n_source, n_target, row)


def _with_counts(small: Any, n_source: int, n_target: int, row: float) -> Any:
    """Let a projection between fewer neurons have rows of a length."""
    total = max(1, round(row * n_source))
    small.indegree = max(1, round(total / n_target)) if small.indegree else 0
    small.indegree = small.indegree if small.multapses else min(small.indegree, n_source)
    small.outdegree = max(1, round(row)) if small.outdegree else 0
    small.total = total if small.total else 0
    if not isinstance(small.topology, str):
        rng = np.random.default_rng(1)
        pre, post = (rng.integers(0, n, total, dtype=np.int32) for n in (n_source, n_target))
        small.topology = SimpleNamespace(pre=pre, post=post, n_synapses=total)
        for name in ("weight", "delay"):
            value = getattr(small, name)
            if isinstance(value, np.ndarray) or hasattr(value, "at_distances"):
                given = value if isinstance(value, np.ndarray) else np.array(value.support())
                setattr(small, name, np.resize(given, total))
    return small


def _size(small: Any) -> BlockSize:
    numbers = (one[0] for one in expected_block(small, np.zeros(1, int), np.array([small.target.n])))
    return BlockSize(float(small.target.n), *map(float, numbers))


def _build_factor(small: Any, dt: float, stated: UnitCosts) -> float:
    """Time of building over what is stated."""
    synapses = Synapses(small, *_NO_STREAM, dt, 2.0**-40, (0, small.target.n))
    expected = float(build_seconds(small, _size(small), stated))
    return fastest(lambda: synapses.build_rows(0, small.target.n)) / expected if expected > 0 else 1.0


def _delivery_factor(small: Any, dt: float, interval: int, slots: int, stated: UnitCosts) -> float:
    """Time of delivering over what is stated."""
    n_source, n_target, size = small.source.n, small.target.n, _size(small)
    synapses = Synapses(small, *_NO_STREAM, dt, 2.0**-40, (0, n_target))
    block = synapses.build_rows(0, n_target)
    ring = np.zeros((1, max(slots, 1 + nearest_steps(small.delay_range()[1], dt)), n_target))
    table = block.table_row(0, 0, n_source)[None]
    rng = np.random.default_rng(2)
    n_spikes = int(min(_SPIKES, n_source))
    calls = [
        np.stack([rng.integers(0, n_source, n_spikes), np.sort(rng.integers(0, interval, n_spikes))]).astype(np.int32)
        for _ in range(max(1, n_source // n_spikes))
    ]

    def deliver_all() -> None:
        for spikes in calls:
            deliver(ring, 0, spikes, table)

    seconds = fastest(deliver_all) / (len(calls) * n_spikes) - stated.spike
    return seconds / float(delivery_seconds(small, size, interval, slots, stated))
