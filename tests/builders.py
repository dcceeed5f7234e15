"""Populations, stimuli, networks and checks that several test files share."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from neurocore_nb import HodgkinHuxleyNeuron, Network, PoissonInput, Population

REPOSITORY = Path(__file__).parents[1]
N = 5
DT = 0.001
G_L, E_L = 0.3, -54.387  # mS/cm2, mV: leak of the model
PASSIVE = {"g_na": 0.0, "g_k": 0.0}


def cells(n=N, label="exc", **options):
    return Population(HodgkinHuxleyNeuron, n, label=label, **options)


def passive_cells(n, label="exc"):
    """Membranes with nothing but a leak, at rest: linear, and exact at any substep."""
    return cells(n, label, params=PASSIVE, initial={"v": E_L}, max_step=1.0)


def injected(v, dt=DT):
    """Current in uA/cm2 of each step, from the potentials at the starts of the steps of passive cells."""
    decay = np.exp(-G_L * dt * 1e3)
    return G_L * ((v[1:] - E_L) - (v[:-1] - E_L) * decay) / (1.0 - decay)


def drive(n=N, rate_hz=10.0, weight=1.0, **options):
    return PoissonInput(n, rate_hz, weight, **options)


def network(*objects, **options):
    """A network of ``exc`` and what ``objects`` make of it."""
    exc = cells()
    return Network(exc, *(make(exc) for make in objects), **options)


def run(net, duration, dt=DT, **options):
    return net.run(duration, dt, **({"backend": "numba", "threads": 1} | options))


def run_program(program, environment):
    """What came of a program, given as text, in an interpreter of its own."""
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def table(rows):
    """Parameters of a test from (call, type, pattern); what matches names the case."""
    return [pytest.param(*row, id=re.sub(r"\W+", "-", row[2]).strip("-")[:60]) for row in rows]


def assert_raises(call, kind, pattern):
    with pytest.raises(kind) as caught:
        call()
    assert type(caught.value) is kind
    assert re.search(pattern, str(caught.value)), f"{str(caught.value)!r} doesn't say {pattern!r}"


def nowhere_to_write(folder):
    """The environment of a process that can't keep compiled code: not beside a copy of the package, not in its home.

    Files stand where folders would have to be made. That stops root, too, who may write anywhere.
    """
    package, home = folder / "package", folder / "file" / "home"
    shutil.copytree(REPOSITORY / "neurocore_nb", package / "neurocore_nb", ignore=shutil.ignore_patterns("__pycache__"))
    for inner in [*(package / "neurocore_nb").rglob("*"), package / "neurocore_nb"]:
        if inner.is_dir():
            (inner / "__pycache__").touch()
    home.parent.touch()
    (folder / "temporary").mkdir()
    folders = {"HOME": home, "XDG_CACHE_HOME": home, "PYTHONPATH": package, "TMPDIR": folder / "temporary"}
    return {name: str(path) for name, path in folders.items()}
