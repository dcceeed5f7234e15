"""Synapses that are drawn again at each spike, instead of being stored.

Wiring rules are pure functions of a key and of the neurons' indices, so what is drawn now is what ``kernels.connect``
would have stored. One function delivers for each rule, called by its address as those of ``kernels.deliver``, so that
only networks that use a rule in this way compile it.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from .abreast import (
    ABREAST,
    can_go_abreast,
    draw_rows,
    lend_abreast,
    new_scratch_abreast,
    take_back_abreast,
)
from .arrays import uncounted
from .bernoulli import draw_bernoulli, new_bernoulli_scratch
from .deliver import (
    BATCH,
    DELAYS,
    LIMIT,
    N_ARGUMENTS,
    N_COLUMNS,
    N_SOURCE,
    RULE,
    SOURCE_BEGIN,
    WEIGHTS,
    add_row,
    add_row_within,
    note_beyond,
)
from .intrinsics import array_at, as_float
from .jit import address_of, kernel
from .rows import draw_row, lend, new_scratch, take_back

RANDOM, FIXED_OUTDEGREE, ALL_TO_ALL, ONE_TO_ONE = range(4)  # rules

# What a rule is made of: an array of int64, whose address stands in the block table. Those that a rule has no use for
# are left out.
(
    BEGIN,  # targets begin <= target < end are wanted
    END,
    OWN,  # index difference source - target of a neuron to itself, or NO_AUTAPSE_RULE
    SHIFT,  # from a target to its column in the ring buffer
    AT_ONCE,  # sources whose targets are drawn together
    ROOM,  # for so many targets of theirs; if there are more they are drawn once more
    KEY,  # bits of a uint64
    SCALE,  # bits of a float64: from bernoulli.distances, as the next
    BLOCK,
    N_TARGET,  # of the whole projection
    OUTDEGREE,
    MULTAPSES,
    N_PARAMETERS,
) = range(13)


_new_bernoulli_scratch = kernel(new_bernoulli_scratch)


@kernel
def _list_sources(first, step, n_slots, spikes, block, sources, slots):
    """Find the spikes of a projection's sources among a batch of spikes.

    Parameters as for ``deliver.list_rows``; ``sources`` receives their indices in the projection. Returns how many.
    """
    count = 0
    for k in range(first, min(first + sources.shape[0], spikes.shape[1])):
        source = spikes[0, k] - block[SOURCE_BEGIN]
        if 0 <= source < block[N_SOURCE]:
            sources[count] = source
            slots[count] = (step + spikes[1, k] + 1) % n_slots
            count += 1
    return count


@kernel
def _draw_random(rule, sources, scratch, starts, targets):
    """Targets under ``"random"``; see ``connect.bernoulli``.

    As the other three: fills ``starts``, one longer than ``sources``, and ``targets``; returns how many there are.
    """
    key, scale, size = np.uint64(rule[KEY]), as_float(rule[SCALE]), rule[BLOCK]
    return draw_bernoulli(
        key, scale, size, sources, rule[BEGIN], rule[END], rule[OWN], rule[SHIFT], scratch, starts, targets
    )


@kernel
def _draw_outdegree(rule, sources, scratch, starts, targets):
    """Targets under ``"fixed_outdegree"``; see ``connect.given_outdegrees``."""
    key, multapses, found = np.uint64(rule[KEY]), rule[MULTAPSES] != 0, np.int64(0)
    count, n, own = rule[OUTDEGREE], rule[N_TARGET], rule[OWN]
    begin, end, shift = rule[BEGIN], rule[END], rule[SHIFT]
    alone, abreast = lend(scratch[0]), lend_abreast(scratch[1])
    sources, starts, targets = uncounted(sources), uncounted(starts), uncounted(targets)
    n_abreast = sources.shape[0] // ABREAST * ABREAST if can_go_abreast(count, n, multapses) else 0
    for k in range(0, n_abreast, ABREAST):
        rows = sources[k : k + ABREAST]
        found = draw_rows(
            key, rows, count, n, own, multapses, begin, end, shift, abreast, alone, starts[k:], targets, found
        )
    for k in range(n_abreast, sources.shape[0]):
        starts[k], row = found, sources[k]
        found = draw_row(key, row, count, n, row - own, multapses, begin, end, shift, alone, targets, found)
    take_back(scratch[0])
    take_back_abreast(scratch[1])
    starts[sources.shape[0]] = found
    return found


@kernel
def _new_outdegree_scratch():
    return new_scratch(), new_scratch_abreast()


@kernel
def _list_all(rule, sources, starts, targets):
    """Targets under ``"all_to_all"``, of one source."""
    count, itself = 0, sources[0] - rule[OWN]
    for target in range(rule[BEGIN], rule[END]):
        targets[count] = target + rule[SHIFT]
        count += target != itself
    starts[0], starts[1] = 0, count
    return count


@kernel
def _list_itself(rule, sources, starts, targets):
    """The target under ``"one_to_one"``, of one source."""
    starts[0], starts[1] = 0, 0
    if rule[BEGIN] <= sources[0] < rule[END] and rule[OWN] != 0:
        targets[0] = sources[0] + rule[SHIFT]
        starts[1] = 1
    return starts[1]


def _make_deliver(kind):
    """Make the function that delivers spikes by one of the rules; its arguments are as in ``kernels.deliver``."""

    def deliver_drawn(ring_address, n_slots, n_targets, step, spikes_address, n_spikes, block_address):
        ring = array_at(ring_address, (n_slots, n_targets), np.float64)
        spikes = array_at(spikes_address, (2, n_spikes), np.int32)
        block = array_at(block_address, N_COLUMNS, np.int64)
        rule = array_at(block[RULE], N_PARAMETERS, np.int64)
        weight, delay, at_once = as_float(block[WEIGHTS]), np.uint64(block[DELAYS]), rule[AT_ONCE]
        limit, beyond = as_float(block[LIMIT]), np.int64(0)
        sources, slots = np.empty(min(n_spikes, BATCH), np.int64), np.empty(min(n_spikes, BATCH), np.uint64)
        starts, targets = np.empty(at_once + 1, np.int64), np.empty(rule[ROOM], np.uint32)
        scratch = _new_bernoulli_scratch() if kind == RANDOM else _new_outdegree_scratch()
        for first in range(0, n_spikes, BATCH):
            n = _list_sources(first, step, n_slots, spikes, block, sources, slots)
            for begin in range(0, n, at_once):
                some = sources[begin : min(n, begin + at_once)]
                while True:
                    # The kind is a constant of the closure: Numba drops the other branches before it compiles what
                    # they call. In a function of its own, which would be part of the closure, they had Numba's disk
                    # cache never find this one again.
                    if kind == RANDOM:
                        count = _draw_random(rule, some, scratch, starts, targets)
                    elif kind == FIXED_OUTDEGREE:
                        count = _draw_outdegree(rule, some, scratch, starts, targets)
                    elif kind == ALL_TO_ALL:
                        count = _list_all(rule, some, starts, targets)
                    else:
                        count = _list_itself(rule, some, starts, targets)
                    if count <= targets.shape[0]:
                        break
                    targets = np.empty(count, np.uint32)
                drawn = uncounted(targets)
                for k in range(some.shape[0]):
                    row = drawn[starts[k] : starts[k + 1]]
                    if limit == 0.0:
                        add_row(ring, slots[begin + k], row, weight, delay)
                    else:
                        beyond |= add_row_within(ring, slots[begin + k], row, weight, delay, limit)
        targets[0] = 0  # so long they are needed
        if beyond != 0:
            note_beyond(ring, limit, block)

    return deliver_drawn


@cache
def function_for(kind: int) -> int:
    """Address of the function that delivers spikes by a rule, compiled when first asked for.

    Parameters
    ----------
    kind : int
        One of this module's rules.

    Returns
    -------
    int
    """
    deliver: Any = _make_deliver(kind)
    return address_of(deliver, N_ARGUMENTS)
