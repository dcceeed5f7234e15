"""How long a network will take to build and to run, from unit costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..engine.recording import sampling_steps
from ..timegrid import n_substeps
from .costs import BUFFER_BYTES, NS, TAKING, UnitCosts, by_size, poisson_seconds, substep_seconds
from .couplings import Coupled
from .expected import Division, Wiring, expected_wiring
from .footprint import n_slots
from .pace import Pace, populations, sources
from .synapse_costs import BlockSize, build_seconds, delivery_seconds, learning_seconds
from .traffic import Traffic

Array = npt.NDArray[Any]
_UNPACKING = 1.5 * NS  # of a spike that arrives


@dataclass
class Timing:
    """Seconds on the rank that takes longest.

    Attributes
    ----------
    build : float
        Synapses, parameters and states.
    integrate, deliver, exchange, record : float
        Parts of the run.
    """

    build: float
    integrate: float
    deliver: float
    exchange: float
    record: float

    @property
    def run(self) -> float:
        """All of the run."""
        return self.integrate + self.deliver + self.exchange + self.record


def expected_timing(
    description: Any, wirings: list[Wiring], rates: dict[Any, float], dt: float, division: Division, pace: Pace,
    traffic: Traffic, coupled: Coupled, touched: Array, costs: UnitCosts,
) -> Timing:  # fmt: skip
    """Time to build and to run.

    Parameters
    ----------
    description : Description
    wirings : list of Wiring
    rates : dict of Population to float
        In Hz.
    dt : float
        In s.
    division : Division
    pace : Pace
    traffic : Traffic
    coupled : Coupled
    touched : float[ranks]
        Bytes of memory that a thread of each rank is the first to use.
    costs : UnitCosts

    Returns
    -------
    Timing
    """
    build = costs.touch * touched + sum((build_seconds(one.projection, _size(one), costs) for one in wirings), 0.0)
    build = build + sum(_drawing_neurons(one, division, costs) for one in populations(description))
    build = build + costs.set_up + sum(_listing(one, division, traffic, costs) for one in wirings)
    integrate, deliver = np.zeros(division.ranks), np.zeros(division.ranks)
    for population in populations(description):
        integrate += pace.n_steps * _step(description, population, dt, division, costs)
    for source in sources(description):
        integrate += pace.n_steps * (costs.source * division.held(source) + costs.call / 4)
    integrate += _calls(pace, division, costs) + pace.n_steps * coupled.seconds(division, costs)
    build = build + costs.coupling * coupled.drawn
    for one in wirings:
        deliver += pace.n_steps * dt * _delivery(description, one, rates, dt, division, pace, traffic, costs)
    slowest = int(np.argmax(integrate + deliver))
    record = _recording(description, rates, dt, division, pace, costs)
    exchange = _exchanging(pace, traffic, division, costs)
    return Timing(float(np.max(build)), float(integrate[slowest]), float(deliver[slowest]), exchange, record)


def _size(wiring: Wiring) -> BlockSize:
    return BlockSize(wiring.widest, wiring.fullest, wiring.filled)


def _drawing_neurons(population: Any, division: Division, costs: UnitCosts) -> Array:
    """Of parameters and initial states that are distributions."""
    given = [*population.params.values(), *population.initial.values()]
    given += [value for values in population.receptor_params.values() for value in values.values()]
    drawn = sum(not isinstance(value, float | int | np.ndarray) for value in given)
    seconds: Array = costs.draw * drawn * division.held(population)
    return seconds


def _listing(wiring: Wiring, division: Division, traffic: Traffic, costs: UnitCosts) -> Any:
    """Of a projection beside its synapses: for several ranks, to list the sources that have any."""
    each = costs.set_up / 4
    if division.ranks == 1 or traffic.kind == "none":
        return each
    return 3 * each + costs.listing * np.minimum(division.threads * wiring.filled, wiring.projection.source.n)


def _step(description: Any, population: Any, dt: float, division: Division, costs: UnitCosts) -> Array:
    """Of a population's neurons on a thread, without delivery."""
    poisson, currents, noises = description.stimuli_of_kinds(population)
    held = division.held(population)
    used = sum(one is not None for one in description.quanta(population, dt))
    buffer = 8.0 * len(population.receptors) * n_slots(description, population, dt) * held / division.threads
    each = costs.step + n_substeps(dt, population.max_step) * substep_seconds(population, costs)
    each = each + used * by_size(buffer, BUFFER_BYTES, TAKING)
    seconds = each * held + costs.group * (held > 0)
    for stimulus, target, _ in poisson:
        means = 0.0 if callable(stimulus.rate_hz) else stimulus.rate_hz * dt
        moving = 8.0 * NS if callable(stimulus.rate_hz) else 0.0
        seconds = seconds + (np.mean(poisson_seconds(means, costs)) + moving) * division.held(target, stimulus.n)
    parts = sum(stimulus.most_parts(1, dt) for stimulus, _, _ in currents)
    seconds = seconds + parts * costs.current * held
    for _, target, _ in noises:
        seconds = seconds + costs.noise * division.held(target)
    mine: Array = seconds / division.threads
    return mine


def _calls(pace: Pace, division: Division, costs: UnitCosts) -> float:
    """What steps cost whatever they do."""
    intervals = -(-pace.n_steps // min(pace.interval, pace.piece)) if pace.n_steps else 0
    calls = -(-pace.n_steps // pace.piece)
    if pace.within and division.ranks > 1 and pace.interval >= pace.piece:
        calls = intervals
    return intervals * (costs.interval + (costs.region if division.threads > 1 else 0.0)) + calls * costs.call


def _delivery(
    description: Any, wiring: Wiring, rates: dict[Any, float], dt: float, division: Division, pace: Pace,
    traffic: Traffic, costs: UnitCosts,
) -> Array:  # fmt: skip
    """Of a projection's spikes of one second, on a thread."""
    projection = wiring.projection
    mine = rates[projection.source.parent] * projection.source.n
    all_of_them = traffic.arriving / (dt * pace.interval)
    slots = n_slots(description, projection.target.parent, dt)
    part = min(1.0, traffic.arriving_part)
    found = delivery_seconds(projection, _size(wiring), pace.interval, slots, costs, part)
    crowd = costs.crowd if projection.storage == "stored" else 1.0
    seconds: Array = costs.spike * all_of_them + found * crowd * mine
    seconds += learning_seconds(projection, _size(wiring), costs) * rates[projection.target.parent]
    return seconds


def _recording(
    description: Any, rates: dict[Any, float], dt: float, division: Division, pace: Pace, costs: UnitCosts
) -> float:
    """On rank 0, which gathers."""
    seconds = 0.0
    for monitor in description.monitors:
        if hasattr(monitor, "variables"):
            samples = pace.n_steps // sampling_steps(monitor, dt)
            numbers = len(monitor.record) * NS * 4
            seconds += samples * (len(monitor.variables) * (costs.sample + numbers) + costs.call)
            if hasattr(monitor, "projection"):  # all synapses are brought up to date
                seconds += samples * _most_synapses(monitor.projection, division) * costs.learn
        else:
            seconds += costs.record * rates[monitor.population.parent] * monitor.population.n * dt * pace.n_steps
    return seconds


def _most_synapses(projection: Any, division: Division) -> float:
    """Of a thread."""
    return float(np.max(expected_wiring(projection, division).fullest))


def _exchanging(pace: Pace, traffic: Traffic, division: Division, costs: UnitCosts) -> float:
    """Of all intervals: the rounds of a collective, bytes in and out, and what arrives."""
    if traffic.kind == "none":
        return 0.0
    rounds = (division.ranks - 1).bit_length()
    one = costs.latency * rounds + traffic.sent[traffic.kind] / costs.bytes_per_second
    if traffic.kind == "sparse":
        one += costs.latency * rounds + costs.message * (division.ranks - 1) + 2 * costs.call
    return -(-pace.n_steps // pace.interval) * (one + _UNPACKING * traffic.arriving)
