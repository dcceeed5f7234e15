"""What plastic synapses have learned and remember, in an order that doesn't depend on ranks and threads.

Synapses are ordered by target, those of a target by source; as the same description makes the same synapses
anywhere, that is all that has to be known of them. What is remembered of targets stands along the targets, and what is
remembered of sources along those sources that have synapses on a rank.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import CheckpointError
from ..kernels.learn import AFTER, BEFORE, NEVER, REWARD, REWARD_LAST, STEP
from .build import Synapses, plastic_blocks
from .checkpoint import Arrays
from .learning import PlasticBlock
from .partition import block
from .recall import array_of

Array = npt.NDArray[Any]


def memory_of(synapses: Synapses, step: int) -> dict[str, Array]:
    """What the plastic synapses of a projection on this rank hold; none of it changes what follows.

    Parameters
    ----------
    synapses : Synapses
    step : int
        Present time; all spikes before it have been delivered.

    Returns
    -------
    dict of str to array
    """
    blocks = plastic_blocks(synapses)
    parts = [_of_block(one, step) for one in blocks]
    histories = [one.history() for one in blocks]
    longest = max((one.shape[1] for one in histories), default=0)
    memory = {name: np.concatenate([part[name] for part in parts], axis=-1) for name in parts[0]}
    memory["spikes"] = np.concatenate([_padded(one, longest) for one in histories], axis=-1)
    return memory | _of_sources(blocks) | _of_rewards(blocks[0])


def _order(one: PlasticBlock) -> Array:
    """Places of the synapses, ordered by target and source."""
    return np.argsort(one.targets, kind="stable")


def _of_block(one: PlasticBlock, step: int) -> dict[str, Array]:
    one.settle(step)
    if not one.rule.form.learns:
        return {"count": np.zeros(one.n_targets, np.int64), "weights": np.empty(0), "states": np.empty((0, 0))}
    order = _order(one)
    return {
        "count": np.bincount(one.targets.astype(np.int64) - one.first, minlength=one.n_targets).astype(np.int64),
        "weights": np.asarray(one.weights)[order],
        "states": one.arrays["STATES"][:, order],
        "targets": one.arrays["STATE"].T,
    }


def _padded(spikes: Array, longest: int) -> Array:
    """Histories with room for more spikes."""
    missing = np.zeros((len(spikes), longest - spikes.shape[1], spikes.shape[2]))
    missing[STEP] = NEVER
    return np.concatenate([spikes, missing], axis=1)


def _of_sources(blocks: list[PlasticBlock]) -> dict[str, Array]:
    """When each source fired last, its traces and its terminals, once for each that has fired."""
    rows = [_sources_of(one) for one in blocks]
    fired = [one.arrays["LAST"] != NEVER for one in blocks]
    sources, first = np.unique(np.concatenate([a[b] for a, b in zip(rows, fired, strict=True)]), return_index=True)
    return {"sources": sources} | {
        name: np.concatenate([one.arrays[key][b] for one, b in zip(blocks, fired, strict=True)])[first].T
        for name, key in (("last", "LAST"), ("pre", "PRE"), ("terminal", "TERMINAL"))
    }


def _sources_of(one: PlasticBlock) -> Array:
    return np.arange(len(one.indptr) - 1) if one.sources is None else one.sources.astype(np.int64)


def _of_rewards(one: PlasticBlock) -> dict[str, Array]:
    return {"reward": one.arrays["NUMBERS"][[REWARD]], "rewarded": one._table[[REWARD_LAST]]}


class LearnedSynapses:
    """What the synapses of a projection remembered, put together from the parts of the ranks that wrote it.

    Parameters
    ----------
    synapses : Synapses
        Of this rank.
    """

    def __init__(self, synapses: Synapses) -> None:
        self._synapses = synapses
        self._blocks = plastic_blocks(synapses)
        first = self._blocks[0]
        form = first.rule.form
        self._learns = form.learns
        self._n_states, self._n_pre, self._n_post = len(form.states), len(form.pre), len(form.post)
        self._n_terminal = len(form.terminal)
        self._real = first.weights.dtype if isinstance(first.weights, np.ndarray) else np.dtype(np.float64)
        n_source = synapses.projection.source.n
        self._last = np.full(n_source, NEVER, np.int64)
        self._pre = np.zeros((n_source, self._n_pre))
        self._terminal = np.tile(np.array(first.rule.terminal, np.float64), (n_source, 1))
        self._parts: list[dict[str, Array]] = []
        self._reward = np.zeros(1), np.full(1, NEVER, np.int64)

    def take(self, arrays: Arrays, rank: int, ranks: int) -> None:
        """Take what one rank of several had."""
        self._take_sources(arrays)
        if self._learns:
            self._take_targets(arrays, rank, ranks)
        self._reward = array_of(arrays, "reward", (1,), np.float64), array_of(arrays, "rewarded", (1,), np.int64)

    def _take_sources(self, arrays: Arrays) -> None:
        sources = array_of(arrays, "sources", (-1,), np.int64)
        n = len(sources)
        if n and not (sources.min() >= 0 and sources.max() < len(self._last)):
            raise CheckpointError(f"{self._synapses.projection!r} has no sources {sources.min()} to {sources.max()}")
        self._last[sources] = array_of(arrays, "last", (n,), np.int64)
        self._pre[sources] = array_of(arrays, "pre", (self._n_pre, n), np.float64).T
        self._terminal[sources] = array_of(arrays, "terminal", (self._n_terminal, n), np.float64).T

    def _take_targets(self, arrays: Arrays, rank: int, ranks: int) -> None:
        target = self._synapses.projection.target
        begin, end = (
            min(max(border, target.start), target.start + target.n) - target.start
            for border in block(target.parent.n, rank, ranks)
        )
        low, high = max(begin, self._synapses.rows[0]), min(end, self._synapses.rows[1])
        if low >= high:
            return
        count = array_of(arrays, "count", (end - begin,), np.int64)
        ends = np.concatenate([[0], np.cumsum(count)])
        n = int(ends[-1])
        mine, theirs = slice(ends[low - begin], ends[high - begin]), slice(low - begin, high - begin)
        spikes = array_of(arrays, "spikes", (BEFORE + self._n_post, -1, end - begin), np.float64)
        targets = array_of(arrays, "targets", (AFTER + self._n_post, end - begin), np.float64)
        self._parts.append({
            "count": count[theirs],
            "weights": array_of(arrays, "weights", (n,), self._real)[mine],
            "states": array_of(arrays, "states", (self._n_states, n), self._real)[:, mine],
            "targets": targets[:, theirs],
            "spikes": spikes[..., theirs],
        })  # fmt: skip

    def complete(self) -> None:
        """Check that what was taken is of these synapses."""
        if not self._learns:
            return
        longest = max((part["spikes"].shape[1] for part in self._parts), default=0)
        for part in self._parts:
            part["spikes"] = _padded(part["spikes"], longest)
        names = self._parts[0] if self._parts else ()
        self._whole = {name: np.concatenate([part[name] for part in self._parts], axis=-1) for name in names}
        found = [np.bincount(one.targets.astype(np.int64) - one.first, minlength=one.n_targets) for one in self._blocks]
        here = np.concatenate(found)
        if self._parts and not np.array_equal(self._whole["count"], here):
            raise CheckpointError(f"{self._synapses.projection!r} has other numbers of synapses")
        if not self._parts and here.size:
            raise CheckpointError(f"{self._synapses.projection!r}: its synapses are missing")

    def give(self, step: int) -> None:
        """Let the synapses have it, at a step."""
        begin_target = begin_synapse = 0
        for one in self._blocks:
            rows = _sources_of(one)
            arrays = one.arrays
            arrays["LAST"][:], arrays["PRE"][:] = self._last[rows], self._pre[rows]
            arrays["TERMINAL"][:] = self._terminal[rows]
            arrays["NUMBERS"][REWARD], one._table[REWARD_LAST] = self._reward[0][0], self._reward[1][0]
            if self._learns and self._parts:
                targets = slice(begin_target, begin_target + one.n_targets)
                synapses = slice(begin_synapse, begin_synapse + one.n_synapses)
                self._give_block(one, targets, synapses, step)
                begin_target, begin_synapse = targets.stop, synapses.stop

    def _give_block(self, one: PlasticBlock, targets: slice, synapses: slice, step: int) -> None:
        order, whole = _order(one), self._whole
        one.weights[order] = whole["weights"][synapses]  # type: ignore[index]
        one.arrays["STATES"][:, order] = whole["states"][:, synapses]
        one.take_history(whole["spikes"][..., targets], whole["targets"][:, targets], step)
