"""A stretch reflex: motor neurons and a limb, two codes in a closed loop, each with its own MPI communicator.

A load stretches a muscle. Its spindles excite 100 motor neurons (Hodgkin-Huxley cells with noise), whose spikes make
the muscle pull back. With several ranks the last one moves the limb, and the others are the network; on one rank both
take turns. They meet every millisecond: a count of spikes goes to the limb, its stretch and velocity come back. So the
results have the same bits on any number of ranks.
"""

from __future__ import annotations

import argparse
import hashlib
import struct
from pathlib import Path
from typing import Any

import numpy as np
from limb import Limb

from neurocore_nb import Network, OUCurrent, Population, TraubMilesNeuron
from neurocore_nb.engine.launcher import launched_ranks

DOCS = Path(__file__).parents[2] / "docs" / "embedding"
N_MOTOR, DT, MEET, LOAD, ONSET = 100, 1e-4, 1e-3, 20.0, 0.2  # s, s, N, s
BIAS, PER_STRETCH, PER_VELOCITY = 0.0, 40.0, 1.0  # uA/cm2, per m, per m/s: what the spindles do to a motor neuron


def motor_neurons(seed: int) -> Network:
    """Cells near their threshold, each with noise of its own."""
    cells = Population(TraubMilesNeuron, N_MOTOR, label="motor neurons")
    return Network(cells, OUCurrent(mean=BIAS, sd=0.5, tau=5e-3), seed=seed)


class Nerves:
    """The network's side of the loop: spindles in, spikes out."""

    def __init__(self, gain: float, seed: int, comm: Any = None) -> None:
        net = motor_neurons(seed)
        self._cells, self._gain = net["motor neurons"], gain
        self._sim = net.compile(DT, comm=comm) if comm is not None else net.compile(DT, backend="numba")
        self._current = self._sim.current(self._cells)

    def feel(self, stretch: float, velocity: float) -> int:
        """Go on for as long as both sides are apart; the number of spikes of this rank's cells."""
        self._current[:] = self._gain * (PER_STRETCH * max(stretch, 0.0) + PER_VELOCITY * max(velocity, 0.0))
        self._sim.step(round(MEET / DT))
        return len(self._sim.spikes(self._cells)[0])


def load_at(k: int) -> float:
    """The load in N at the k-th meeting."""
    return LOAD if k * MEET >= ONSET else 0.0


def alone(gain: float, duration: float, seed: int) -> np.ndarray:
    """Both codes in one process; rows of stretch (m), force (N) and spikes, one for each meeting."""
    limb, nerves, course = Limb(), Nerves(gain, seed), []
    for k in range(round(duration / MEET)):
        spikes = nerves.feel(limb.stretch, limb.velocity)
        limb.move(MEET, load_at(k), spikes)
        course.append((limb.stretch, limb.force, spikes))
    return np.array(course)


def on_ranks(world: Any, gain: float, duration: float, seed: int) -> np.ndarray | None:
    """The last rank is the limb, which has the course; the others share the network."""
    last = world.Get_size() - 1
    moves = world.Get_rank() == last
    group = world.Split(int(moves))
    limb, course = Limb(), []
    nerves = None if moves else Nerves(gain, seed, group)
    for k in range(round(duration / MEET)):
        felt = world.bcast((limb.stretch, limb.velocity) if moves else None, root=last)
        spikes = world.reduce(nerves.feel(*felt) if nerves else 0, root=last)
        if moves:
            limb.move(MEET, load_at(k), spikes)
            course.append((limb.stretch, limb.force, spikes))
    return np.array(course) if moves else None


def digest(course: np.ndarray) -> str:
    """Sixteen digits that depend on every bit."""
    return hashlib.sha256(struct.pack(f"{course.size}d", *course.ravel())).hexdigest()[:16]


def draw(courses: dict[str, np.ndarray], path: Path) -> None:
    """Stretch, force and rates, with and without the reflex."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(3, 1, sharex=True, figsize=(7, 6), layout="constrained")
    for name, course in courses.items():
        t = np.arange(1, len(course) + 1) * MEET
        rate = np.convolve(course[:, 2], np.ones(20), "valid") / (20 * MEET * N_MOTOR)
        for axis, values in zip(axes, (course[:, 0] * 1e2, course[:, 1], rate), strict=True):
            axis.plot(t[-len(values) :], values, label=name)
    for axis, label in zip(axes, ("stretch (cm)", "force of the muscle (N)", "rate (Hz)"), strict=True):
        axis.set_ylabel(label)
    axes[0].axvline(ONSET, color="grey", lw=0.8)
    axes[0].legend(frameon=False)
    axes[2].set_xlabel("t (s)")
    figure.savefig(path, dpi=100)


def main(arguments: list[str] | None = None) -> None:
    """Run with and without the reflex."""
    made = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    made.add_argument("--duration", type=float, default=1.0, help="in s")
    made.add_argument("--seed", type=int, default=42)
    made.add_argument("--write", action="store_true", help="into docs/embedding")
    options = made.parse_args(arguments)
    courses = {}
    for name, gain in (("without reflex", 0.0), ("with reflex", 1.0)):
        if launched_ranks() > 1:
            from mpi4py import MPI

            course = on_ranks(MPI.COMM_WORLD, gain, options.duration, options.seed)
        else:
            course = alone(gain, options.duration, options.seed)
        if course is not None:
            courses[name] = course
            stretch, force, spikes = course[len(course) // 2 :].T
            rate = spikes.mean() / MEET / N_MOTOR
            print(f"{name}: stretch {stretch.mean() * 1e2:.2f} cm, force {force.mean():.2f} N, {rate:.1f} Hz, digest "
                  f"{digest(course)}", flush=True)  # fmt: skip
    if courses and options.write:
        draw(courses, DOCS / "closed_loop.png")


if __name__ == "__main__":
    main()
