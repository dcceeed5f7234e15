"""What couplings will take: memory, messages and time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..engine.participants import Layout
from .costs import UnitCosts
from .expected import Division, expected_block

Array = npt.NDArray[Any]
_SENT = 20  # bytes of a neuron whose value is sent: its index and two values of it
_ENTRY = 72  # bytes of an entry while rows are made


@dataclass
class Coupled:
    """Couplings of a network.

    Attributes
    ----------
    most : int
        Values that each rank sends in each step.
    sent : int[ranks]
        Neurons of each rank whose value that is ...
    entries : float[ranks]
        ... and what acts on its neurons.
    drawn : float
        Pairs that a rank draws to find these: of symmetric couplings those of all ranks, for both ways.
    nbytes, building : float[ranks]
        Memory, and more of it while they are built.
    """

    most: int
    sent: Array
    entries: Array
    drawn: float
    nbytes: Array
    building: Array

    def seconds(self, division: Division, costs: UnitCosts) -> Array:
        """Of a step, on each rank."""
        unpacked = self.most * division.ranks if division.ranks > 1 else 0
        seconds: Array = costs.coupled * self.entries / division.threads + costs.sampled * (self.sent + unpacked)
        return seconds


def expected_couplings(description: Any, division: Division) -> Coupled:
    """What to expect of a network's couplings.

    Parameters
    ----------
    description : Description
    division : Division

    Returns
    -------
    Coupled
    """
    layout = Layout(description.couplings, division.ranks)
    sent = layout.counts.sum(axis=0)
    entries, nbytes = np.zeros(division.ranks), _SENT * sent + 8.0 * layout.most * division.ranks
    nbytes += 8 * layout.most if division.ranks > 1 else 0
    drawn = 0.0
    for coupling in description.couplings:
        rectifying = coupling.rectification > 0.0
        own_weights = rectifying or not isinstance(coupling.weight, float)
        ways = _ways(coupling, division)
        drawn += max(float(2.0 * some.sum() if coupling.symmetric else some.max(initial=0.0)) for _, some in ways)
        for onto, some in ways:
            rows = division.held(onto)
            entries += some
            nbytes += 8.0 * (rows + 2) + 4.0 * some + (8.0 * some if own_weights else 8.0) + 4.0 * rows * rectifying
    return Coupled(layout.most, sent, entries, drawn, nbytes, _ENTRY * entries)


def _ways(coupling: Any, division: Division) -> list[tuple[Any, Array]]:
    """Onto whom a coupling acts, and how many entries its rows have on each rank."""
    direct = _direct(coupling, division)
    if not coupling.symmetric:
        return [(coupling.target, direct)]
    if not coupling.within:
        return [(coupling.target, direct), (coupling.source, _mirrored(coupling, division))]
    if coupling.explicit:
        return [(coupling.target, direct + _mirrored(coupling, division))]
    # Of the draws in both directions one is kept, and mirrored: as many as there were.
    return [(coupling.target, direct * (coupling.topology != "one_to_one"))]


def _direct(coupling: Any, division: Division) -> Array:
    return expected_block(coupling, *division.span(coupling.target))[0]


def _mirrored(coupling: Any, division: Division) -> Array:
    """Entries of the rows of sources."""
    source, target = coupling.source, coupling.target
    begin, end = division.span(source)
    if coupling.explicit:
        pre = np.sort(coupling.topology.pre)
        counted: Array = np.searchsorted(pre, end) - np.searchsorted(pre, begin)
        return counted.astype(np.float64)
    if coupling.topology in ("random", "all_to_all"):
        shift = source.start - target.start
        own = np.maximum(0, np.minimum(end, target.n - shift) - np.maximum(begin, -shift))
        own = own if source.parent is target.parent else 0 * own
        pairs: Array = coupling.probability * ((end - begin) * float(target.n) - own)
        return pairs
    spread: Array = float(_direct(coupling, division).sum()) * (end - begin) / max(1, source.n)
    return spread
