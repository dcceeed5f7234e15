"""Continuous coupling: states of some neurons that act on others in each network step.

``sample`` takes the states when all slices are done with a step. What it says of each is the value extrapolated to the
middle of the next step, in which it acts: so the coupling is of second order in the step. ``add_gaps`` and its kin sum
what acts on a neuron in the order of its row, so that the bits don't depend on ranks and threads. All are called by
their addresses, so that they are compiled only where there are couplings.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from .intrinsics import array_at, call
from .jit import address_of, kernel

# Columns of a row of the sender table, one row for each state of a population that others feel. Arrays are addresses.
(
    STATE,  # float64[:] or float32[:], of all local neurons
    SINGLE,  # whether that is float32
    INDEX,  # int32[n]: which of them take part ...
    N_SENT,  # ... and how many they are
    LATEST,  # float64[n]: their values at the present step ...
    BEFORE,  # ... and at the one before
    OUT,  # float64[n], overwritten: the values extrapolated
    LEAD,  # float64[1]: by how many steps
    N_SENDER,
) = range(9)

# Columns of a row of the coupling table, one row for each coupling onto a population, or way of it.
(
    FUNCTION,  # address of the function that adds it
    FIRST,  # local index of its first neuron on this rank ...
    N_ROWS,  # ... and their number
    INDPTR,  # int64[n + 1]: row starts
    SLOTS,  # int32[:]: where the partners' values are
    WEIGHTS,  # float64[:] ...
    STRIDE,  # ... one for each entry (1), or for all (0)
    VALUES,  # float64[:]: extrapolated values of all that take part, on any rank
    N_VALUES,
    OWN,  # int32[n]: where the neurons' own values are; of rectifying junctions
    NUMBER,  # float64[1]: reversal potential in mV, or what part of g conducts backwards
    N_COUPLING,
) = range(12)


@kernel
def _extrapolate(state, index, latest, before, out, lead, moves):
    for j in range(index.shape[0]):
        x = np.float64(state[index[j]])
        if moves:
            before[j] = latest[j]
        latest[j] = x
        out[j] = x + lead * (x - before[j])


def sample(table, n, moves):
    """Take the states that others feel, and extrapolate them to the middle of the next step.

    Parameters
    ----------
    table, n : int64
        Address and number of rows of the sender table.
    moves : int64
        Whether a step has passed since the last time.
    """
    senders = array_at(table, (n, N_SENDER), np.int64)
    for one in senders:
        k = one[N_SENT]
        index = array_at(one[INDEX], k, np.int32)
        latest, before = array_at(one[LATEST], k, np.float64), array_at(one[BEFORE], k, np.float64)
        out, lead = array_at(one[OUT], k, np.float64), array_at(one[LEAD], 1, np.float64)[0]
        if k > 0:
            n_local = index[k - 1] + 1
            if one[SINGLE] != 0:
                single = array_at(one[STATE], n_local, np.float32)
                _extrapolate(single, index, latest, before, out, lead, moves != 0)
            else:
                double = array_at(one[STATE], n_local, np.float64)
                _extrapolate(double, index, latest, before, out, lead, moves != 0)


@kernel
def _tile(address, n):
    return array_at(address, n, np.float64)


@kernel
def _row_arrays(about):
    """Row starts, places of the partners' values, weights, values, and the number, of a row of the coupling table."""
    indptr = array_at(about[INDPTR], about[N_ROWS] + 1, np.int64)
    n = indptr[about[N_ROWS]]
    slots = array_at(about[SLOTS], n, np.int32)
    weights = array_at(about[WEIGHTS], n if about[STRIDE] != 0 else 1, np.float64)
    values = array_at(about[VALUES], about[N_VALUES], np.float64)
    return indptr, slots, weights, values, array_at(about[NUMBER], 1, np.float64)[0]


def add_gaps(row, begin, end, current, conductance):
    """Add the currents of gap junctions to a tile.

    Parameters
    ----------
    row : int64
        Address of the row of the coupling table.
    begin, end : int64
        The tile.
    current, conductance : int64
        Addresses of float64[:], modified: the current is ``current - conductance * v``.
    """
    about = array_at(row, N_COUPLING, np.int64)
    first, stride = about[FIRST], np.uint64(about[STRIDE])
    i, g = _tile(current, end - begin), _tile(conductance, end - begin)
    indptr, slots, weights, values, _ = _row_arrays(about)
    for neuron in range(max(begin, first), min(end, first + about[N_ROWS])):
        total, driving = 0.0, 0.0
        for k in range(np.uint64(indptr[neuron - first]), np.uint64(indptr[neuron - first + 1])):
            weight = weights[k * stride]
            total += weight
            driving += weight * values[np.uint64(slots[k])]  # unsigned: no test for negative indices
        g[neuron - begin] += total
        i[neuron - begin] += driving


def add_rectifying(row, begin, end, current, conductance):
    """As :func:`add_gaps`, where a junction conducts less with its source lower: of mirrored ones the weight is < 0."""
    about = array_at(row, N_COUPLING, np.int64)
    first = about[FIRST]
    i, g = _tile(current, end - begin), _tile(conductance, end - begin)
    indptr, slots, weights, values, backward = _row_arrays(about)
    own = array_at(about[OWN], about[N_ROWS], np.int32)
    for neuron in range(max(begin, first), min(end, first + about[N_ROWS])):
        total, driving, mine = 0.0, 0.0, values[own[neuron - first]]
        for k in range(np.uint64(indptr[neuron - first]), np.uint64(indptr[neuron - first + 1])):
            weight, partner = weights[k], values[np.uint64(slots[k])]
            part = 1.0 if (partner - mine) * weight > 0.0 else backward  # the same number on both sides
            weight = abs(weight) * part
            total += weight
            driving += weight * partner
        g[neuron - begin] += total
        i[neuron - begin] += driving


def add_graded(row, begin, end, current, conductance):
    """As :func:`add_gaps`, for the currents of graded synapses."""
    about = array_at(row, N_COUPLING, np.int64)
    first, stride = about[FIRST], np.uint64(about[STRIDE])
    i, g = _tile(current, end - begin), _tile(conductance, end - begin)
    indptr, slots, weights, values, reversal = _row_arrays(about)
    for neuron in range(max(begin, first), min(end, first + about[N_ROWS])):
        total = 0.0
        for k in range(np.uint64(indptr[neuron - first]), np.uint64(indptr[neuron - first + 1])):
            total += weights[k * stride] * values[np.uint64(slots[k])]
        total = max(total, 0.0)  # a value that falls fast is extrapolated to below 0
        g[neuron - begin] += total
        i[neuron - begin] += total * reversal


@kernel
def sample_now(function, table):
    """Call :func:`sample` by its address, with its table, where no step has passed."""
    call(function, (table.ctypes.data, table.shape[0], 0))


@cache
def sample_function() -> int:
    """Address of :func:`sample`."""
    return address_of(sample, 3)


@cache
def function_for(graded: bool, rectifying: bool) -> int:
    """Address of the function that adds couplings of a kind, for the coupling table."""
    return address_of(add_graded if graded else add_rectifying if rectifying else add_gaps, 5)
