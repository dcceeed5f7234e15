"""Synapses that are drawn again at each spike, instead of being stored.

Wiring rules are pure functions of a key and of the neurons' indices, so what is drawn now is what ``kernels.connect``
would have stored. One function delivers for each rule, called by its address as those of ``kernels.deliver``, so that
only networks that use a rule in this way compile it.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numba import carray  # type: ignore[attr-defined]

from .bernoulli import draw_bernoulli, new_bernoulli_scratch
from .deliver import DELAYS, N_ARGUMENTS, N_COLUMNS, N_SOURCE, RULE, SOURCE_BEGIN, WEIGHTS, add_row
from .jit import address_of, as_float, as_pointer, kernel
from .rows import draw_row, new_scratch

RANDOM, FIXED_OUTDEGREE, ALL_TO_ALL, ONE_TO_ONE = range(4)  # rules

# What a rule is made of: an array of int64, whose address stands in the block table. Those that a rule has no use for
# are left out.
(
    BEGIN,  # targets begin <= target < end are wanted
    END,
    OWN,  # index difference source - target of a neuron to itself, or NO_AUTAPSE_RULE
    SHIFT,  # from a target to its column in the ring buffer
    ROOM,  # the largest number of synapses of one source
    KEY,  # bits of a uint64
    SCALE,  # bits of a float64: from bernoulli.distances, as the next
    BLOCK,
    N_TARGET,  # of the whole projection
    OUTDEGREE,
    MULTAPSES,
    N_PARAMETERS,
) = range(12)


@kernel
def _draw_random(rule, source, scratch, targets):
    """Targets of a source under ``"random"``; see ``connect.bernoulli``."""
    key, scale, excluded = np.uint64(rule[KEY]), as_float(rule[SCALE]), source - rule[OWN]
    return draw_bernoulli(
        key, scale, rule[BLOCK], source, rule[BEGIN], rule[END], excluded, rule[SHIFT], scratch, targets, 0
    )


@kernel
def _draw_outdegree(rule, source, scratch, targets):
    """Targets of a source under ``"fixed_outdegree"``; see ``connect.given_outdegrees``."""
    key, excluded, multapses = np.uint64(rule[KEY]), source - rule[OWN], rule[MULTAPSES] != 0
    n, begin, end = rule[N_TARGET], rule[BEGIN], rule[END]
    first = np.int64(0)
    return draw_row(
        key, source, rule[OUTDEGREE], n, excluded, multapses, begin, end, rule[SHIFT], scratch, targets, first
    )


@kernel
def _list_all(rule, source, targets):
    """Targets of a source under ``"all_to_all"``."""
    count = 0
    for target in range(rule[BEGIN], rule[END]):
        targets[count] = target + rule[SHIFT]
        count += source - target != rule[OWN]
    return count


@kernel
def _list_itself(rule, source, targets):
    """The target of a source under ``"one_to_one"``."""
    if rule[BEGIN] <= source < rule[END] and rule[OWN] != 0:
        targets[0] = source + rule[SHIFT]
        return 1
    return 0


def _make_deliver(kind):
    """Make the function that delivers spikes by one of the rules; its arguments are as in ``kernels.deliver``."""

    def deliver_drawn(ring_address, n_slots, n_targets, step, spikes_address, n_spikes, block_address):
        ring = carray(as_pointer(ring_address), (n_slots, n_targets), np.float64)
        spikes = carray(as_pointer(spikes_address), (2, n_spikes), np.int32)
        block = carray(as_pointer(block_address), N_COLUMNS, np.int64)
        rule = carray(as_pointer(block[RULE]), N_PARAMETERS, np.int64)
        weight, delay = as_float(block[WEIGHTS]), np.uint64(block[DELAYS])
        targets = np.empty(rule[ROOM], np.uint32)
        # The kind is a constant of the closure: Numba drops the other branches before it compiles what they call.
        if kind == RANDOM:
            gaps = new_bernoulli_scratch()
        elif kind == FIXED_OUTDEGREE:
            parts = new_scratch()
        for k in range(n_spikes):
            source = spikes[0, k] - block[SOURCE_BEGIN]
            if source < 0 or source >= block[N_SOURCE]:
                continue
            if kind == RANDOM:
                count = _draw_random(rule, source, gaps, targets)
            elif kind == FIXED_OUTDEGREE:
                count = _draw_outdegree(rule, source, parts, targets)
            elif kind == ALL_TO_ALL:
                count = _list_all(rule, source, targets)
            else:
                count = _list_itself(rule, source, targets)
            slot = np.uint64((step + spikes[1, k] + 1) % n_slots)
            add_row(ring, slot, targets[:count], weight, delay)

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
