"""Recordings as objects of Neo, which elephant and others work on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .extras import load
from .trains import SpikeTrains

FloatArray = npt.NDArray[np.float64]


def spike_block(trains: SpikeTrains) -> Any:
    """A block with one segment that has the spike trains of a population.

    Parameters
    ----------
    trains : SpikeTrains

    Returns
    -------
    neo.Block
        Of each train, the annotation ``neuron`` is its index.
    """
    neo, quantities = _libraries()
    name = trains.label
    segment = neo.Segment(name=name)
    start = trains.t_start * quantities.s
    stop = max(trains.t_stop, *(one[-1] for one in trains.values() if len(one)), 0.0) * quantities.s  # despite rounding
    for neuron, times in trains.items():
        train = neo.SpikeTrain(times * quantities.s, t_start=start, t_stop=stop, name=f"{name} {neuron}")
        train.annotate(neuron=neuron, population=name)
        segment.spiketrains.append(train)
    return _block(neo, segment)


def signal_block(
    t: FloatArray, traces: Mapping[str, npt.NDArray[Any]], units: Mapping[str, str], record: Any, name: str
) -> Any:
    """A block with one segment that has an analog signal for each variable.

    Parameters
    ----------
    t : float64[n_samples]
        At regular times, in s.
    traces : dict of str to array of shape (n_samples, n)
    units : dict of str to str
        Of each variable.
    record : int64[n]
        Which neurons the columns are.
    name : str
        Of the population.

    Returns
    -------
    neo.Block

    Raises
    ------
    ValueError
        With fewer than two samples, between which there is no interval.
    """
    if len(t) < 2:
        raise ValueError(f"to_neo: {name} has {len(t)} samples; a signal needs at least 2")
    neo, quantities = _libraries()
    segment = neo.Segment(name=name)
    for variable, values in traces.items():
        signal = neo.AnalogSignal(
            values, units=_unit(quantities, units[variable]), sampling_period=(t[1] - t[0]) * quantities.s,
            t_start=t[0] * quantities.s, name=variable, population=name,
        )  # fmt: skip
        signal.array_annotate(neuron=np.asarray(record))
        segment.analogsignals.append(signal)
    return _block(neo, segment)


def joined(blocks: Sequence[Any], name: str) -> Any:
    """One block with the segments of several.

    Parameters
    ----------
    blocks : sequence of neo.Block
    name : str

    Returns
    -------
    neo.Block
    """
    whole = _libraries()[0].Block(name=name)
    for block in blocks:
        whole.segments.extend(block.segments)
    whole.check_relationships()
    return whole


def _block(neo: Any, segment: Any) -> Any:
    block = neo.Block(name=segment.name)
    block.segments.append(segment)
    block.check_relationships()
    return block


def _libraries() -> tuple[Any, Any]:
    return load("neo", "analysis", "to_neo()"), load("quantities", "analysis", "to_neo()")


def _unit(quantities: Any, unit: str) -> Any:
    """As quantities writes it; those it doesn't know have no dimension."""
    try:
        return quantities.Quantity(1.0, unit.replace("cm2", "cm**2")).units
    except Exception:  # it evaluates the text, and fails in many ways
        return quantities.dimensionless
