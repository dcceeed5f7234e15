"""What the exchange of spikes will send and keep, from rates and wiring, without MPI."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from ..engine.learning import rewards_of
from ..engine.sharing import few_needed
from ..engine.sparse_exchange import MOST_PADDED
from ..kernels.share import MOST
from ..kernels.wire import N_HEADER
from .expected import Division, expected_block

Array = npt.NDArray[Any]
_SENDERS = 64  # ranks of which it is found out who receives from them, if there are more


@dataclass
class Traffic:
    """Spikes between ranks.

    Attributes
    ----------
    kind : str
        How they are shared: ``"all"``, ``"sparse"``, or on one rank ``"none"``.
    sent : dict of str to float
        Mean bytes that a rank sends to the others in an interval, by each kind.
    nbytes : float[ranks]
        Memory of the exchange.
    arriving : float
        Spikes that a rank receives in an interval, its own included ...
    arriving_part : float
        ... and what part that is of all spikes of neurons that are sources.
    """

    kind: str
    sent: dict[str, float]
    nbytes: Array
    arriving: float
    arriving_part: float = 1.0


def expected_traffic(
    description: Any,
    rates: dict[Any, float],
    interval: int,
    dt: float,
    division: Division,
    exchange: str,
    values: int = 0,
) -> Traffic:
    """The traffic of a network.

    Parameters
    ----------
    description : Description
    rates : dict of Population to float
        In Hz.
    interval : int
        Steps between exchanges.
    dt : float
        In s.
    division : Division
    exchange : {"auto", "all", "sparse"}
        As asked for.
    values : int
        That a rank sends beside its spikes, where there are couplings.

    Returns
    -------
    Traffic
    """
    ranks = division.ranks
    rewards = rewards_of(description)
    connected = [
        one for one in description.populations if _views(description, one) or one in {r.parent for r in rewards}
    ]
    spikes = sum((rates[one] * dt * interval * division.held(one) for one in connected), np.zeros(ranks))
    if ranks == 1:
        return Traffic("none", {"none": 0.0}, np.zeros(1), float(spikes[0]))
    mean = float(spikes.mean())
    if values:
        sent = {"all": _sent_to_all(mean, interval, ranks, 2 * values)}
        return Traffic("all", sent, _memory(interval, ranks, 2 * values), mean * ranks)
    n = sum(one.n for one in connected)
    needed, own = _needed(description, connected, division)
    foreign = float((needed - own).sum())  # pairs of a neuron and another rank that needs its spikes
    sparse = few_needed(foreign, ranks, n) if exchange == "auto" else exchange == "sparse"
    copies = foreign / max(1, n)  # of a spike, to other ranks
    to_all = (ranks - 1.0) * bool(rewards)
    receivers = min(ranks - 1.0, to_all + sum(_receivers(one, division) for one in description.projections))
    sent = {
        "all": _sent_to_all(mean, interval, ranks),
        "sparse": _sent_sparsely(mean, copies, receivers, interval, ranks),
    }
    if not sparse:
        return Traffic("all", sent, _memory(interval, ranks, 0), mean * ranks)
    held = sum((division.held(one) for one in connected), np.zeros(ranks))
    nbytes = 8.0 * (held + 1) + (2 if ranks <= 1 << 16 else 4) * foreign * held / max(1, n)
    return Traffic("sparse", sent, nbytes, mean * (1.0 + copies), (1.0 + copies) / ranks)


def _memory(interval: int, ranks: int, tail: int) -> Array:
    """Of the messages of all ranks, on each."""
    length = N_HEADER + interval + MOST + tail
    return np.full(ranks, 4.0 * length * (1 + ranks) + 8 * ranks * MOST)


def _views(description: Any, population: Any) -> list[Any]:
    """Projections from a population or parts of it."""
    return [one for one in description.projections if one.source.parent is population]


def _needed(description: Any, connected: list[Any], division: Division) -> tuple[Array, Array]:
    """How many neurons have targets on each rank, and how many of these are the rank's own.

    Projections are taken as independent where they have sources in common.
    """
    needed, own = np.zeros(division.ranks), np.zeros(division.ranks)
    for population in connected:
        views = [(one.source, *_parts(one, division)) for one in _views(description, population)]
        everywhere = np.ones(division.ranks)
        views += [(one, everywhere, everywhere) for one in rewards_of(description) if one.parent is population]
        borders = sorted({border for part, _, _ in views for border in (part.start, part.start + part.n)})
        for first, stop in pairwise(borders):
            none, none_own = np.ones(division.ranks), np.ones(division.ranks)
            for part, some, some_own in views:
                if part.start <= first and stop <= part.start + part.n:
                    none, none_own = none * (1.0 - some), none_own * (1.0 - some_own)
            needed += (stop - first) * (1.0 - none)
            own += division.held(population[first:stop]) * (1.0 - none_own)
    return needed, own


def _parts(projection: Any, division: Division) -> tuple[Array, Array]:
    """Of the sources, the part that has targets on each rank: of all of them, and of the rank's own."""
    begin, end = division.span(projection.target)
    if projection.storage != "stored" and projection.topology != "one_to_one":
        part = (expected_block(projection, begin, end)[0] > 0).astype(np.float64)  # any may be drawn
        return part, part
    part = expected_block(projection, begin, end)[1] / max(1, projection.source.n)
    source_begin, source_end = division.span(projection.source)
    mine = np.maximum(1, source_end - source_begin)
    if projection.topology == "one_to_one":
        both = np.maximum(0, np.minimum(end, source_end) - np.maximum(begin, source_begin))
        return part, np.where((part > 0) & (source_end > source_begin), both / mine, 1.0 * (part > 0))
    if isinstance(projection.topology, str):
        return part, part
    if not projection.explicit:
        found = projection.topology.sources_onto(projection, begin, end, source_begin, source_end)
        return part, np.minimum(1.0, found / mine)
    entries = projection.topology
    owner = np.searchsorted(source_begin, entries.pre, side="right") - 1
    post = entries.post
    local = (post >= begin[owner]) & (post < end[owner])
    pre = np.unique(entries.pre[local])
    counts = np.bincount(np.searchsorted(source_begin, pre, side="right") - 1, minlength=division.ranks)
    return part, counts / mine


def _receivers(projection: Any, division: Division) -> float:
    """To how many other ranks a rank may have to send spikes of its sources: their mean."""
    ranks = division.ranks
    if projection.explicit:
        places = (division.span(part)[0] for part in (projection.source, projection.target))
        entries = zip(places, (projection.topology.pre, projection.topology.post), strict=True)
        owner, there = (np.searchsorted(begin, some, side="right") - 1 for begin, some in entries)
        return len(np.unique((owner * ranks + there)[owner != there])) / ranks
    if not isinstance(projection.topology, str):
        return _receivers_of_rule(projection, division)
    part, own = _parts(projection, division)
    if projection.topology == "one_to_one":
        return float((part > 0).mean()) if (own < 1.0).any() else 0.0
    mine = float(division.held(projection.source).mean())
    return (ranks - 1) * float(np.mean(1.0 - (1.0 - np.minimum(part, 1.0)) ** mine))


def _receivers_of_rule(projection: Any, division: Division) -> float:
    """The same of a rule that is an object, by which sources may have targets on few of the ranks."""
    begin, end = division.span(projection.target)
    source_begin, source_end = division.span(projection.source)
    ranks = np.unique(np.linspace(0, division.ranks - 1, _SENDERS).astype(np.int64))
    receivers = 0.0
    for rank in ranks:
        reaching = projection.topology.sources_onto(projection, begin, end, source_begin[rank], source_end[rank])
        any_of_them = -np.expm1(-reaching)
        receivers += float(any_of_them.sum() - any_of_them[rank])
    return receivers / len(ranks)


def _cumulative(mean: float, n: int) -> Array:
    """Probabilities that a Poisson number is at most 0, 1, ... n."""
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n + 1)))])
    k = np.arange(n + 1)
    chances = np.exp(k * math.log(mean) - mean - logs) if mean > 0 else (k == 0).astype(np.float64)
    below: Array = np.minimum(np.cumsum(chances), 1.0)
    return below


def _sent_to_all(mean: float, interval: int, ranks: int, tail: int = 0) -> float:
    """Bytes of a rank's messages where all spikes go to all, with spikes on each rank in Poisson numbers.

    A message has room for 0 or 2^j spikes: for more than the busiest rank had in the interval before, and for at least
    half as many as the message before. So much more stands at the end of each.
    """
    most = _cumulative(mean, MOST) ** ranks  # that of the busiest rank is at most ...
    rooms = [0, *(1 << j for j in range(MOST.bit_length()))]
    wanted = np.array([most[0], *(most[room - 1] for room in rooms[1:])])  # that room is wanted for at most so many
    below = np.array([np.prod(wanted[j:]) if j else np.prod(wanted) for j in range(len(rooms))])
    chances = np.diff(below / max(below[-1], 1e-300), prepend=0.0) * wanted[-1]
    words, overflow = N_HEADER * (1.0 - float(chances.sum())), 1.0 - float(wanted[-1])
    for room, chance in zip(rooms, chances, strict=True):
        words += chance * (N_HEADER + (room + interval if room else 0))
        overflow += chance * (1.0 - float(most[room]))
    return 4.0 * (ranks - 1) * (words + tail + overflow * (interval + mean))


def _sent_sparsely(mean: float, copies: float, receivers: float, interval: int, ranks: int) -> float:
    """Bytes of a rank's messages where a spike goes to so many others, of so many receivers; padded while few."""
    tree = 8.0 * (ranks - 1).bit_length()
    share = min(1.0, copies / receivers) if receivers > 0 else 0.0  # of its spikes, for a receiver
    each = mean * share
    longest = _longest(each, ranks / max(share, 1.0 / max(1.0, receivers)))  # messages with the same spikes count once
    if longest <= MOST_PADDED:
        leaving = mean * (1.0 - (1.0 - share) ** receivers)
        quiet = math.exp(-leaving * ranks)  # chance that no rank has a spike for another
        return tree + (1.0 - quiet) * 4.0 * receivers * (interval + longest)
    return tree + 4.0 * receivers * (1 + interval + each)


def _longest(mean: float, n: float) -> float:
    """Mean of the largest of n Poisson numbers."""
    if mean > MOST_PADDED:
        return mean + math.sqrt(2.0 * mean * math.log(max(n, 2.0)))
    most = _cumulative(mean, 4 * MOST_PADDED) ** n
    return float((1.0 - most).sum())
