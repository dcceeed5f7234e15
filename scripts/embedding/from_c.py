"""Neurons called from a program in C, by an address: ``python scripts/embedding/from_c.py``.

``host.c`` is compiled into a shared library with ``cc`` (or what the variable CC names). Its own loop advances
Hodgkin-Huxley neurons; then a loop in Python does, and both have the same bits.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from neurocore_nb.kernels import C_DECLARATIONS, ModelKernel, model_kernel
from neurocore_nb.neurons import HodgkinHuxleyNeuron

N, N_STEPS, DT = 1009, 5000, 0.01  # 50 ms


def compiled_host(folder: Path) -> ctypes.CDLL:
    """``host.c`` as a shared library in a folder."""
    compiler = shutil.which(os.environ.get("CC", "cc"))
    if compiler is None:
        sys.exit("no C compiler found: install one that is called cc, or set CC to its name")
    (folder / "neurons.h").write_text(C_DECLARATIONS)
    library, source = folder / "host.so", Path(__file__).with_name("host.c")
    command = [compiler, "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-I", str(folder), str(source)]
    subprocess.run([*command, "-o", str(library)], check=True)
    return ctypes.CDLL(str(library))


def start(kernel: ModelKernel) -> list[np.ndarray]:
    """States, currents in uA/cm2, conductances, and whether and how often each neuron fired."""
    counts = np.zeros(N, np.int64)
    return [kernel.start(N), np.linspace(0.0, 20.0, N), np.zeros(N), np.zeros(N, np.int64), counts]


def in_c(kernel: ModelKernel) -> list[np.ndarray]:
    """States and counts after the loop in C."""
    states, current, conductance, fired, counts = start(kernel)
    with tempfile.TemporaryDirectory() as folder:
        host = compiled_host(Path(folder))
        host.simulate.argtypes = [ctypes.c_void_p] * 6 + [ctypes.c_int64] * 2 + [ctypes.c_void_p]
        host.simulate.restype = ctypes.c_int64
        arrays = [one.ctypes.data for one in (states, current, conductance, fired, kernel.constants)]
        n_spikes = host.simulate(kernel.address, *arrays, N, N_STEPS, counts.ctypes.data)
    print(f"C:      {n_spikes:,} spikes of {N:,} neurons in {N_STEPS * DT:g} ms")
    return [states, counts]


def in_python(kernel: ModelKernel) -> list[np.ndarray]:
    """The same after a loop in Python."""
    states, current, conductance, fired, counts = start(kernel)
    given = states, current, conductance, current[:0], fired, kernel.constants, kernel.varied
    n_spikes = 0
    for _ in range(N_STEPS):
        n_spikes += kernel.advance(*given, 0, N)
        counts += fired
    print(f"Python: {n_spikes:,} spikes")
    return [states, counts]


def main() -> None:
    """Compare both."""
    kernel = model_kernel(HodgkinHuxleyNeuron, DT)
    same = all(map(np.array_equal, in_c(kernel), in_python(kernel)))
    print(f"the same spikes of each neuron, and states with the same bits: {'yes' if same else 'no'}")


if __name__ == "__main__":
    main()
