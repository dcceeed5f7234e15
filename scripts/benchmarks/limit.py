"""What the machine allows a membrane kernel: the arithmetic of the compiled loop over its peak.

Counts the vector instructions of one pass through the loop of ``substep`` in the compiler's assembly (x86-64 with
AVX-512), and measures the peak of multiply-adds and the rate of divisions on one core. All of the arithmetic but
divisions goes at the rate of multiply-adds; divisions have a unit of their own beside them.
"""

from __future__ import annotations

import inspect
import os
import re
import sys
from collections import Counter
from typing import NamedTuple

from common import parser, report, rounds
from machine import divisions_per_ns, fma_peak

from neurocore_nb import HodgkinHuxleyNeuron, Network, Population

ARITHMETIC = re.compile(r"^\s+v(fn?m(?:add|sub)|add|sub|mul|div|min|max|sqrt|rndscale)(?:\d+)?p[sd]\s.*%zmm", re.M)
SINGLE = re.compile(r"^\s+v\w+ps\s.*%zmm", re.M)
ADVANCE = re.compile(r"^\s+addq\s+\$(-?\d+), %r", re.M)


class Loop(NamedTuple):
    """One pass through a vectorised loop.

    Attributes
    ----------
    operations : Counter
        Arithmetic vector instructions by name.
    neurons : int
        How many neurons a pass serves.
    lanes : int
        Numbers in a vector.
    """

    operations: Counter[str]
    neurons: int
    lanes: int

    @property
    def n_divisions(self) -> int:
        """Divisions (and roots)."""
        return self.operations["div"] + self.operations["sqrt"]


def read_loop(assembly: str) -> Loop | None:
    """The loop with most arithmetic on 512-bit vectors, or None if there is none."""
    blocks = re.split(r"^(?=\.?L\w+:)", assembly, flags=re.M)
    best = max(blocks, key=lambda block: len(ARITHMETIC.findall(block)))
    operations = Counter(re.sub(r"fn?m\w+", "fma", name) for name in ARITHMETIC.findall(best))
    strides = [abs(int(number)) for number in ADVANCE.findall(best)]
    if not operations or not strides:
        return None
    return Loop(operations, min(strides), 16 if SINGLE.search(best) else 8)


def loop_of(precision: str) -> Loop | None:
    """The loop of the Hodgkin-Huxley model as a network compiles it."""
    os.environ["NEUROCORE_NB_CACHE"] = "0"  # functions that come out of the cache have no assembly to show
    choice = {} if precision == "float64" else {"precision": precision}
    net = Network(Population(HodgkinHuxleyNeuron, 1, max_step=0.01, **choice))
    net.run(0.0, threads=1)
    mine = [one for name, one in sys.modules.items() if name.startswith(f"{HodgkinHuxleyNeuron.__name__}_")]
    module = next(one for one in mine if hasattr(one, "substep"))
    return read_loop("\n".join(module.substep.inspect_asm().values()))


def main(arguments: list[str] | None = None) -> None:
    """Measure and count."""
    made = parser(__doc__)
    made.add_argument("--precision", choices=("float64", "float32"), default="float64")
    options = made.parse_args(arguments)
    if options.precision != "float64" and "precision" not in inspect.signature(Population).parameters:
        sys.exit(f"this version of neurocore_nb doesn't offer {options.precision}")
    loop = loop_of(options.precision)
    if loop is None:
        sys.exit("no loop over 512-bit vectors found: this counts AVX-512 instructions only")
    scale = loop.lanes / 8  # of what a vector instruction does, from measurements with float64
    for _ in rounds(options):
        peak, _ = fma_peak()
        others = sum(loop.operations.values()) - loop.n_divisions
        busy = others * loop.lanes * 2 / (peak * scale * loop.neurons)
        dividing = loop.n_divisions * loop.lanes / (divisions_per_ns() * scale * loop.neurons)
        counted = ", ".join(f"{count} {name}" for name, count in sorted(loop.operations.items()))
        what = f"HH 1952, arithmetic limit, {options.precision}, threads: 1"
        more = {"operations": f"{counted} for {loop.neurons} neurons", "divisions_ns": dividing, "peak_gflops": peak}
        report(what, max(busy, dividing), "ns per neuron-substep", **more)


if __name__ == "__main__":
    main()
