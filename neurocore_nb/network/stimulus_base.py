"""What all external input to populations has in common."""

from __future__ import annotations

from typing import Any

from .checks import FloatArray
from .population import Neurons, membranes, note_user


class Stimulus:
    """Base of all stimuli.

    Attributes
    ----------
    target : Neurons or None
        None stands for the network's first population with membranes.
    n : int or None
        Number of neurons it is for; None: all of the target.
    """

    target: Neurons | None
    n: int | None = None

    def check_grid(self, dt: float) -> None:
        """Raise a ValueError where the stimulus doesn't fit the network step ``dt`` (s)."""

    def check_target(self, target: Neurons) -> None:
        """Raise a ValueError where the stimulus doesn't fit its target."""
        if self.n is not None and self.n != target.n:
            raise ValueError(
                f"{self!r} has values for {self.n} neurons, but its target {target.label or 'population'} has "
                f"{target.n}"
            )

    def _set_target(self, target: Any) -> None:
        self.target = None if target is None else membranes(target, f"the target of {type(self).__name__}")
        note_user(self, self.target)

    def _common_size(self, **values: FloatArray) -> None:
        """Set n from arrays of no or one dimension, which must be of the same length."""
        units = {"amplitude": "uA/cm2 (or the unit of the target's model)"}
        sizes = {name: len(value) for name, value in values.items() if value.ndim == 1}
        for name, value in values.items():
            if value.ndim > 1:
                raise ValueError(
                    f"{type(self).__name__}: {name} has shape {value.shape}; give one value or one per neuron, in "
                    f"{units.get(name, 'its unit')}"
                )
        if len(set(sizes.values())) > 1:
            raise ValueError(f"{type(self).__name__}: arrays of different lengths: {sizes}")
        self.n = next(iter(sizes.values()), None)


def name_of_target(target: Neurons | None) -> str:
    """How errors call the target of a stimulus."""
    return "the first population" if target is None else target.label or "a population"
