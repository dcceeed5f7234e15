"""What each rank of a network will hold in memory, item by item, from the description alone."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..engine.inputs import differs
from ..engine.learning import room_for, target_bytes
from ..engine.membranes import Membranes
from ..engine.recording import sampling_steps
from ..io.parts import LARGEST
from ..kernels.advance import LARGEST_TILE
from ..kernels.learn import FIRST_TRACE
from ..kernels.learn import N_PARAMETERS as N_REMEMBERED
from ..kernels.procedural import N_PARAMETERS
from ..kernels.rng import MORE_WORDS
from ..timegrid import nearest_steps
from .expected import Division, Wiring
from .pace import Pace

Array = npt.NDArray[Any]
_SPIKE_LISTS = 48  # bytes of a spike in the lists of an interval: those of threads, the rank's, and what is sent
_SPIKE_ARRIVING = 12  # bytes of a spike that comes from any rank: in messages, and its neuron and step
_NUMBER = 8
_STREAMED = 3 * LARGEST  # what a recorder keeps that writes a file: rows, and these put together
_SPIKE_KEPT, _SPIKE_RECORDED = 12, 16  # what a recorder keeps of a spike, and a monitor: time and neuron
_SPIKE_FINISHING = 88  # bytes of a spike beside these while a recorder sorts what it has
_SAMPLE = 130  # bytes of a small array beside its numbers
_LISTED = 16  # bytes of a source while those that have synapses are listed
_PLACE, _TREE = 24, 40  # bytes of a source's position, and of a target's place in its tree
_BLOCKS_AT_ONCE = 1 << 22  # bytes of synapses of a block model before they are put into their rows
_ENTRY = 45  # bytes of an explicit synapse while these are sorted


class Item(NamedTuple):
    """Something that takes memory.

    Attributes
    ----------
    name : str
    nbytes : float[ranks]
    reported : bool
        Whether it is part of ``RankReport.network_bytes``.
    """

    name: str
    nbytes: Array
    reported: bool = True


def items_of_neurons(description: Any, dt: float, division: Division, pace: Pace) -> list[Item]:
    """States, parameters, ring buffers, stimuli and source populations.

    Parameters
    ----------
    description : Description
    dt : float
        Network step in s.
    division : Division
    pace : Pace

    Returns
    -------
    list of Item
    """
    nothing = np.zeros(division.ranks)
    names = ("states", "parameters", "parameters as drawn", "ring buffers", "stimuli", "source populations")
    found = {name: nothing.copy() for name in names}
    for place, population in enumerate(description.populations):
        held = division.held(population)
        if not hasattr(population, "model"):
            found["source populations"] += _source_bytes(population, division)
            continue
        itemsize = np.dtype(population.precision).itemsize
        given = [*population.params.values(), *(v for p in population.receptor_params.values() for v in p.values())]
        drawn = sum(not isinstance(value, float | int | np.ndarray) for value in given)
        found["states"] += len(population.states) * itemsize * held
        found["parameters"] += _n_varied(description, population, place, dt) * itemsize * held
        found["parameters as drawn"] += 8 * drawn * held
        found["ring buffers"] += 8 * len(population.receptors) * n_slots(description, population, dt) * held
        found["stimuli"] += _stimuli_bytes(description, population, dt, division, pace)
    return [Item(name, nbytes, name != "parameters as drawn") for name, nbytes in found.items()]


def n_slots(description: Any, population: Any, dt: float) -> int:
    """Steps for which the population's ring buffer has room."""
    onto = [one for one in description.projections if one.target.parent is population]
    return 1 + max((nearest_steps(one.delay_range()[1], dt) for one in onto), default=0)


def _n_varied(description: Any, population: Any, place: int, dt: float) -> int:
    """How many parameters differ between neurons: those of the first neuron say it."""
    first = Membranes(population, place, 0, 0, max(1, population.n), dt)
    first.draw_parameters(description.wiring_seed)
    return len(first.update.varied)


def _source_bytes(population: Any, division: Division) -> Array:
    if not hasattr(population, "times"):
        return 24.0 * division.held(population) + 8 * MORE_WORDS
    begin, end = division.span(population)
    order = np.sort(population.indices)
    spikes: Array = np.searchsorted(order, end) - np.searchsorted(order, begin)
    return 12.0 * spikes


def _stimuli_bytes(description: Any, population: Any, dt: float, division: Division, pace: Pace) -> Array:
    poisson, currents, noises = description.stimuli_of_kinds(population)
    nbytes = np.zeros(division.ranks)
    for stimulus, target, _ in poisson:
        held = division.held(target, stimulus.n)
        if callable(stimulus.rate_hz):
            held = held * (pace.piece if pace.n_steps else 0)
        elif not differs(stimulus):
            held = np.minimum(held, LARGEST_TILE)
        nbytes += 24 * held
    rows = sum(stimulus.most_parts(pace.piece, dt) for stimulus, _, _ in currents) if pace.n_steps else 0
    nbytes += 8 * rows * division.held(population)
    for _, target, _ in noises:
        nbytes += 40 * division.held(target)
    return nbytes


def items_of_synapses(wirings: list[Wiring], dt: float, division: Division) -> list[Item]:
    """Rows, targets, weights and delays of all projections.

    Parameters
    ----------
    wirings : list of Wiring
    dt : float
        Network step in s.
    division : Division

    Returns
    -------
    list of Item
    """
    names = ("synapses: rows", "synapses: targets", "synapses: weights", "synapses: delays", "synapses: learning")
    found = {name: np.zeros(division.ranks) for name in names}
    for one in wirings:
        projection, n = one.projection, one.synapses
        if projection.storage != "stored":
            found["synapses: rows"] += 8 * N_PARAMETERS * division.threads
            continue
        weight, delay = storage_sizes(projection, dt)
        found["synapses: rows"] += row_bytes(one)
        found["synapses: targets"] += 4 * n
        found["synapses: weights"] += weight * n
        found["synapses: delays"] += delay * n
        if projection.learning is not None:
            found["synapses: learning"] += learning_bytes(one, division)
    return [Item(name, nbytes) for name, nbytes in found.items()]


def row_bytes(wiring: Wiring) -> Array:
    """Row starts, and the sources that have rows where these are few."""
    nbytes: Array = 8 * (wiring.dense + wiring.blocks_dense) + 12 * wiring.listed + 8 * wiring.blocks_listed
    return nbytes


def learning_bytes(wiring: Wiring, division: Division) -> Array:
    """What plastic synapses remember beside their weights: of each of them, of sources and of targets."""
    projection, form = wiring.projection, wiring.projection.learning.rule.form()
    rows = wiring.dense + wiring.listed
    nbytes = 8.0 * (1 + len(form.pre) + len(form.terminal)) * rows
    numbers = FIRST_TRACE + 2 * (len(form.pre) + len(form.post)) + len(form.parameters)
    nbytes += 8.0 * (numbers + N_REMEMBERED) * division.threads
    if form.learns:
        room = room_for(form, projection.mean_indegree())
        nbytes += (2 + projection.weight_dtype.itemsize * len(form.states)) * wiring.synapses
        nbytes += float(target_bytes(form, room)) * division.held(projection.target)
    return nbytes


def storage_sizes(projection: Any, dt: float) -> tuple[int, int]:
    """Bytes of a synapse's own weight and delay; 0 where one number stands for all."""
    learns = projection.learning is not None and projection.learning.learns
    weight = projection.weight_dtype.itemsize if learns or not isinstance(projection.weight, float) else 0
    longest = nearest_steps(projection.delay_range()[1], dt)
    return weight, 0 if isinstance(projection.delay, float) else np.min_scalar_type(longest).itemsize


def while_building(wirings: list[Wiring], division: Division) -> Array:
    """Memory beside the final synapses at the peak of building: all threads make their blocks of a projection at once.

    A rule takes row starts for all sources, whether or not they have synapses, and as much again for their numbers or
    to see which rows are empty.
    """
    peak = np.zeros(division.ranks)
    for one in wirings:
        if one.projection.storage == "stored":
            making = division.threads * (16.0 * one.projection.source.n + 8.0 * one.filled) - 8.0 * one.dense
            making = making + _while_drawing(one, division)
            peak = np.maximum(peak, making)
    return peak


def _while_drawing(wiring: Wiring, division: Division) -> Any:
    """Memory of what the synapses are found from."""
    projection, name = wiring.projection, wiring.projection.rule_name
    if name == "explicit":
        return _ENTRY * wiring.synapses
    if name == "scale_free":
        return 8.0 * projection.topology.n_edges(projection) + 4.0 * wiring.synapses
    if name == "small_world":
        return 8.0 * division.threads * projection.source.n
    if name == "distance":
        return _PLACE * projection.source.n + _TREE * division.held(projection.target)
    return _BLOCKS_AT_ONCE * division.threads if name == "blocks" else 0.0


def while_listing(wirings: list[Wiring], division: Division, kind: str) -> Array:
    """Memory beside the final when each of several ranks lists the sources that have synapses there."""
    peak = np.zeros(division.ranks)
    for one in wirings if kind != "all" and division.ranks > 1 else []:
        stored = one.projection.storage == "stored"
        listed = division.threads * one.filled if stored else float(one.projection.source.n)
        peak = np.maximum(peak, _LISTED * listed)
    return peak


def items_of_running(
    description: Any, rates: dict[Any, float], arriving: float, dt: float, division: Division, pace: Pace
) -> tuple[list[Item], Array]:
    """Lists of spikes and what monitors keep; and the memory beside it when a run ends and they are gathered.

    Parameters
    ----------
    description : Description
    rates : dict of Population to float
        In Hz.
    arriving : float
        Spikes that a rank receives in an interval.
    dt : float
        In s.
    division : Division
    pace : Pace

    Returns
    -------
    items : list of Item
    finishing : float[ranks]
    """
    lists, spikes, samples, finishing = (np.zeros(division.ranks) for _ in range(4))
    lists += _SPIKE_ARRIVING * arriving if division.ranks > 1 else 0.0
    for population in description.populations:
        per_step = rates[population] * dt * division.held(population)
        lists += _SPIKE_LISTS * per_step * pace.interval
    for monitor in description.monitors:
        watched = monitor.population
        if monitor.everywhere:
            columns = len(getattr(monitor, "variables", "r"))
            samples += _NUMBER * columns * (pace.n_steps // sampling_steps(monitor, dt))
            continue
        if hasattr(monitor, "variables"):
            samples += _bytes_of_samples(monitor, dt, division, pace)
            continue
        mine = rates[watched.parent] * dt * pace.n_steps * division.held(watched)
        if monitor.to is not None:
            spikes += np.minimum((_SPIKE_KEPT + _SPIKE_RECORDED) * mine, _STREAMED)
            continue
        spikes += (_SPIKE_KEPT + _SPIKE_RECORDED) * mine
        finishing = np.maximum(finishing, _SPIKE_FINISHING * mine)
        if division.ranks > 1:
            spikes[0] += _SPIKE_RECORDED * mine.sum()
            finishing[0] = max(finishing[0], _SPIKE_FINISHING * mine.sum())
    items = [Item("spikes of an interval", lists, False), Item("spike monitors", spikes, False)]
    return [*items, Item("state monitors", samples, False)], finishing


def _bytes_of_samples(monitor: Any, dt: float, division: Division, pace: Pace) -> Array:
    """What the recorder keeps, sample by sample, and the monitor; on rank 0 also of all ranks."""
    times = -(-pace.n_steps // sampling_steps(monitor, dt))
    itemsize = np.dtype(monitor.dtype).itemsize
    begin, end = division.span(monitor.population)
    order = np.sort(monitor.record)
    mine = np.searchsorted(order, end) - np.searchsorted(order, begin)
    nbytes = len(monitor.variables) * times * (2.0 * itemsize * mine + _SAMPLE)
    if monitor.to is not None:
        streamed: Array = np.minimum(nbytes, _STREAMED)
        return streamed
    nbytes[0] += len(monitor.variables) * times * itemsize * len(order)
    made: Array = nbytes
    return made
