"""Which objects a network may hold, and whether they fit together."""

from __future__ import annotations

import itertools
import weakref
from typing import Any

from .coupling import Coupling
from .description import Description
from .monitor_base import Monitor
from .population import MAX_NEURONS, Neurons, Parent, Population, PopulationView, users
from .projection import Projection
from .stimulus import Stimulus

# Which network an object belongs to; objects and networks may be forgotten.
owners: weakref.WeakKeyDictionary[Any, weakref.ref[Any]] = weakref.WeakKeyDictionary()


def owner_of(one: Any) -> Any:
    """The network that an object belongs to; None where there is none, or none any more."""
    return owners.get(one, lambda: None)()


def left_out(description: Description) -> list[Any]:
    """What was made for the neurons of a network but belongs to none."""
    made = [one for population in description.populations for one in users.get(population, ())]
    return sorted((one for one in dict.fromkeys(made) if owner_of(one) is None), key=repr)


def give_labels(populations: list[Parent]) -> None:
    """Label the populations that have no label from the user: model and number."""
    taken = {population.label for population in populations if population.labelled}
    for population in populations:
        if not population.labelled:
            names = (f"{population.kind}_{k}" for k in itertools.count())
            population.label = next(name for name in names if name not in taken)
            taken.add(population.label)


def place_for(one: Any, description: Description, network: Any, *, started: bool) -> list[Any]:
    """The list to which an object is to be added.

    Parameters
    ----------
    one : object
    description : Description
    network : Network
    started : bool
        Whether the network has been run.

    Returns
    -------
    list

    Raises
    ------
    TypeError, ValueError
        If it can't be added.
    """
    kinds: list[tuple[type, list[Any]]] = [
        (Parent, description.populations),
        (Projection, description.projections),
        (Coupling, description.couplings),
        (Stimulus, description.stimuli),
        (Monitor, description.monitors),
    ]
    for kind, place in kinds:
        if isinstance(one, kind):
            if any(one is other for other in place):
                raise ValueError(f"{one!r} is in the network already")
            if owner_of(one) not in (None, network):
                raise ValueError(
                    f"{one!r} belongs to another network; make a new one for each network (in a notebook, run the "
                    "cells again that make the objects), or use Network.reset()"
                )
            if started and kind is not Monitor:
                raise ValueError(f"{one!r} can't be added after the first run; only monitors can")
            return place
    if isinstance(one, PopulationView):
        raise TypeError(f"{one!r} is a part of a population; add the whole population to the network")
    raise TypeError(
        f"a network is made of populations, projections, couplings, stimuli and monitors, not {one!r} "
        f"({type(one).__name__})"
    )


def check_together(description: Description) -> None:
    """Check that all objects fit together."""
    for wiring in (*description.projections, *description.couplings):
        check_member(wiring.source, f"the source of {wiring!r}", description)
        check_member(wiring.target, f"the target of {wiring!r}", description)
    for projection in description.projections:
        if projection.learning is not None and projection.learning.rewards is not None:
            check_member(projection.learning.rewards, f"the reward of {projection!r}", description)
    for monitor in description.monitors:
        check_member(monitor.population, f"what {monitor.name} watches", description)
        watched = getattr(monitor, "projection", None)
        if watched is not None and not any(watched is one for one in description.projections):
            raise ValueError(f"what {monitor.name} watches isn't part of the network; add the projection, too")
    check_files(description)
    for stimulus in description.stimuli:
        if stimulus.target is not None or any(isinstance(one, Population) for one in description.populations):
            target = description.target(stimulus)
            check_member(target, f"the target of {stimulus!r}", description)
            stimulus.check_target(target)
    if sum(population.n for population in description.populations) > MAX_NEURONS:
        raise ValueError(f"a network can have at most {MAX_NEURONS} neurons, the largest 32-bit id")
    labels = [population.label for population in description.populations if population.labelled]
    for label in labels:
        if labels.count(label) > 1:
            raise ValueError(f"two populations have the label {label!r}; give each its own")


def check_files(description: Description) -> None:
    """Check that monitors that record into one file don't record the same there."""
    taken: dict[Any, Monitor] = {}
    for monitor in description.monitors:
        for group in () if monitor.to is None else monitor.groups(()):
            other = taken.setdefault((monitor.to, group.name), monitor)
            if other is not monitor:
                raise ValueError(
                    f"{monitor.name} and {other.name} would both be {group.name!r} in {str(monitor.to)!r}; give one of "
                    "them another file"
                )


def check_member(neurons: Neurons, what: str, description: Description) -> None:
    """Check that some neurons belong to the network."""
    if not any(neurons.parent is population for population in description.populations):
        raise ValueError(f"{what}, {neurons.parent!r}, isn't part of the network; add it first")
