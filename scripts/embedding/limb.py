"""A limb with a mass, a spring and a muscle: the other code, which knows nothing of neurons or ranks."""

from __future__ import annotations

import math

MASS, DAMPING, STIFFNESS = 1.0, 20.0, 400.0  # kg, N s/m, N/m
TAU_MUSCLE = 0.05  # s
TWITCH = 0.004  # N s: what a spike of one motor neuron gives in all


class Limb:
    """A mass on a spring, which a load stretches and a muscle pulls back.

    Attributes
    ----------
    stretch, velocity : float
        In m and m/s.
    force : float
        Of the muscle, in N.
    """

    def __init__(self) -> None:
        self.stretch = self.velocity = self.force = 0.0

    def move(self, dt: float, load: float, spikes: int) -> None:
        """Go on by ``dt`` s under a load in N, with so many spikes of all motor neurons (symplectic Euler)."""
        self.force = self.force * math.exp(-dt / TAU_MUSCLE) + TWITCH / TAU_MUSCLE * spikes
        pull = load - self.force - STIFFNESS * self.stretch - DAMPING * self.velocity
        self.velocity += dt * pull / MASS
        self.stretch += dt * self.velocity
