"""The microcircuit of Potjans and Diesmann in NEST and here: mean rates of its populations over ten seeds.

Each seed draws wiring, initial potentials and background anew, in both. The difference is the statistic of
Kolmogorov and Smirnov for two samples of ten: above 0.7 it has a probability of 0.002 where the distributions are the
same. ``SCALE`` is of cells and of the synapses onto each; at full size NEST takes 17 GB and the better part of an hour:
``python potjans_diesmann_nest.py 1.0 0.5`` (scale, and s of biological time).
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
from common import Row

PEER = "nest-simulator"
SCALE, DURATION, SEEDS = 0.25, 2.0, 10
BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


def rates(program: tuple[str, ...], scale: float, duration: float) -> dict[str, np.ndarray]:
    """Mean rates in Hz of each population, one for each seed, by a program of the benchmarks."""
    found = [_rates_of(program, scale, duration, seed) for seed in range(1, SEEDS + 1)]
    return {name: np.array([one[name] for one in found]) for name in found[0]}


def _rates_of(program: tuple[str, ...], scale: float, duration: float, seed: int) -> dict[str, float]:
    """The same for one seed, in a process of its own, so that no memory is left of another."""
    options = {"scale": scale, "duration": duration, "repeats": 1, "threads": 1, "seed": seed}
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    command = [sys.executable, str(BENCHMARKS / program[0]), "potjans_diesmann", *program[1:], *words]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return next({name: line[name] for name in line if name.startswith("L")} for line in lines if "L4E" in line)


def compare(scale: float = SCALE, duration: float = DURATION) -> list[Row]:
    """One row for each population."""
    from scipy.stats import ks_2samp

    peer = rates(("published_nest.py", "--plain"), scale, duration)
    ours = rates(("published.py",), scale, duration)

    def shown(values: np.ndarray) -> str:
        return f"{values.mean():.3f} ± {values.std(ddof=1):.3f} Hz"

    return [
        Row(f"{name}, scale {scale:g}", shown(peer[name]), shown(ours[name]),
            float(ks_2samp(peer[name], ours[name]).statistic), 0.7, "(KS)")
        for name in peer
    ]  # fmt: skip


if __name__ == "__main__":
    print(*(row.markdown() for row in compare(*map(float, sys.argv[1:]))), sep="\n")
