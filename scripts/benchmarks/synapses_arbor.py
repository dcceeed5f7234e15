"""Cells with 80 synapses each in Arbor: its own hh and expsyn on one compartment, in groups of cells, one thread."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from common import parser, report, rounds

DT = 0.025  # ms


def make_recipe(arbor: Any, n: int) -> Any:
    """The network as Arbor's recipe."""
    u = arbor.units
    side = (20_000.0 / np.pi) ** 0.5
    leak = np.random.default_rng(1).permutation(np.linspace(-54.387, -14.387, n))
    draw, n_exc = np.random.default_rng(2), n * 4 // 5
    sources = [("exc", 6e-4, draw.integers(0, n_exc, (n, 64))), ("inh", 2e-3, draw.integers(n_exc, n, (n, 16)))]

    class Recipe(arbor.recipe):  # type: ignore[misc]
        def __init__(self) -> None:
            arbor.recipe.__init__(self)
            tree = arbor.segment_tree()
            point = [arbor.mpoint(x, 0.0, 0.0, side / 2) for x in (0.0, side)]
            tree.append(arbor.mnpos, *point, tag=1)
            self.tree = tree
            self.properties = arbor.neuron_cable_properties()

        def num_cells(self) -> int:
            return n

        def cell_kind(self, _: int) -> Any:
            return arbor.cell_kind.cable

        def global_properties(self, _: Any) -> Any:
            return self.properties

        def cell_description(self, gid: int) -> Any:
            place = "(location 0 0.5)"
            decor = arbor.decor().set_property(Vm=-65.0 * u.mV, tempK=279.45 * u.Kelvin, cm=0.01 * u.F / u.m2)
            decor.set_ion("na", rev_pot=50.0 * u.mV)
            decor.set_ion("k", rev_pot=-77.0 * u.mV)
            decor.paint("(all)", arbor.density("hh", el=float(leak[gid])))
            decor.place(place, arbor.synapse("expsyn", tau=5.0, e=0.0), "exc")
            decor.place(place, arbor.synapse("expsyn", tau=10.0, e=-80.0), "inh")
            decor.place(place, arbor.threshold_detector(0.0 * u.mV), "spike")
            return arbor.cable_cell(self.tree, decor, arbor.label_dict(), arbor.cv_policy_single())

        def connections_on(self, gid: int) -> list[Any]:
            return [
                arbor.connection((int(source), "spike"), synapse, weight, 1.0 * u.ms)
                for synapse, weight, chosen in sources
                for source in chosen[gid]
            ]

    recipe = Recipe()
    recipe.properties.catalogue = arbor.default_catalogue()
    recipe.properties.set_property(rL=35.4 * u.Ohm * u.cm)
    for ion, inside, outside, potential, valence in (("na", 10.0, 140.0, 50.0, 1), ("k", 54.4, 2.5, -77.0, 1)):
        recipe.properties.set_ion(
            ion, valence=valence, int_con=inside * u.mM, ext_con=outside * u.mM, rev_pot=potential * u.mV,
            diff=0.0 * u.m2 / u.s,
        )  # fmt: skip
    return recipe


def main() -> None:
    """Measure."""
    made = parser(__doc__)
    made.add_argument("--neurons", type=int, default=2000)
    made.add_argument("--duration", type=float, default=0.25, help="biological time in s")
    made.add_argument(
        "--group", type=int, default=500, help="cells that go through time together; Arbor's default is 1"
    )
    options = made.parse_args()

    import arbor

    recipe, context = make_recipe(arbor, options.neurons), arbor.context(threads=1)
    hint = arbor.partition_hint(cpu_group_size=options.group, prefer_gpu=False)
    division = arbor.partition_load_balance(recipe, context, {arbor.cell_kind.cable: hint})
    simulation = arbor.simulation(recipe, context, division)
    simulation.record(arbor.spike_recording.all)
    neuron_steps = options.neurons * options.duration * 1e3 / DT
    for _ in rounds(options):
        simulation.reset()
        started = time.perf_counter()
        simulation.run(options.duration * 1e3 * arbor.units.ms, DT * arbor.units.ms)
        seconds = time.perf_counter() - started
        rate = len(simulation.spikes()) / options.neurons / options.duration
        report(f"{options.neurons} cells", seconds * 1e9 / neuron_steps, "ns per neuron-step", rate_hz=rate)


if __name__ == "__main__":
    main()
