"""A user's own typed program, in which ``mypy --strict`` finds nothing; see test_typing.py."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from neurocore_nb import (
    STDP,
    Blocks,
    CheckpointedExit,
    DistanceDependent,
    ExpConductance,
    ExpCurrent,
    GapJunction,
    Gaussian,
    Grid,
    HodgkinHuxleyNeuron,
    LIFNeuron,
    Network,
    NeuronModel,
    Normal,
    NumericalError,
    OfDistance,
    Plan,
    Plasticity,
    PoissonInput,
    PoissonPopulation,
    Population,
    Projection,
    Receptor,
    Report,
    SpikeMonitor,
    SpikeSource,
    State,
    StateMonitor,
    StepCurrent,
    Trace,
    Uniform,
    UpwardCrossing,
    WeightMonitor,
    grid_positions,
    units,
)
from neurocore_nb.engine.report import RankReport
from neurocore_nb.kernels.vmath import exp, exprel
from neurocore_nb.neurons.models.hodgkin_huxley import HodgkinHuxleyNeuron as SameNeuron
from neurocore_nb.synapses.receptor import CONDUCTANCE

Floats = npt.NDArray[np.float64]
Rates = dict[str, tuple[float, float]]


class Interneuron(NeuronModel):
    """A model of one's own, with annotations."""

    states = {"v": -65.0, "h": 0.8, "n": 0.1}
    parameters = {"c_m": 1.0, "g_na": 35.0, "g_k": 9.0, "g_l": 0.1, "phi": 5.0}
    spike, max_step, rate_factor = UpwardCrossing("v", 0.0), 0.02, "phi"

    @staticmethod
    def rates(v: float) -> Rates:
        """Opening and closing rates."""
        return {
            "h": (0.07 * exp(-(v + 58) / 20), 1 / (1 + exp(-(v + 28) / 10))),
            "n": (0.1 / exprel(-(v + 34) / 10), 0.125 * exp(-(v + 44) / 80)),
        }

    @staticmethod
    def currents(v: float, h: float, n: float, g_na: float, g_k: float, g_l: float) -> list[tuple[float, float]]:
        """Conductances and their reversal potentials."""
        m = 1 / (1 + 4 * exp(-(v + 60) / 18) * exprel(-(v + 35) / 10))
        return [(g_na * m**3 * h, 55.0), (g_k * n**4, -90.0), (g_l, -65.0)]


class Decaying(Receptor):
    """A receptor of one's own."""

    weight = CONDUCTANCE
    states = {"g": State(0.0, CONDUCTANCE)}
    parameters = {"tau": 5.0, "e_rev": 0.0}

    @staticmethod
    def derive(dt: Floats, tau: Floats) -> dict[str, Floats]:
        """What is left after a substep."""
        return {"left": np.exp(-dt / tau)}

    @staticmethod
    def arrive(g: float, w: float) -> float:
        """A spike."""
        return g + w

    @staticmethod
    def update(g: float, left: float, e_rev: float) -> tuple[float, float, float]:
        """A substep."""
        return g * left, g * e_rev, g


class OnlyDown(Plasticity):
    """A rule of one's own."""

    post = {"y": Trace("tau")}
    parameters = {"tau": 20.0, "amount": 0.01}

    @staticmethod
    def on_pre(w: float, y: float, amount: float) -> float:
        """A spike of the source."""
        return w - amount * y * w


def describe(n: int) -> tuple[Network, SpikeMonitor, StateMonitor]:
    """A network with most kinds of objects."""
    model: type[NeuronModel] = HodgkinHuxleyNeuron
    exc = Population(model, n, label="exc", initial={"v": Normal(-65.0, 5.0)})
    inh = Population("HodgkinHuxleyNeuron", n // 4, {"g_na": np.full(n // 4, 120.0)}, precision="float32")
    source = PoissonPopulation(5, rate_hz=lambda t: 10.0 * t, label="source")
    given = SpikeSource({0: [0.001, 0.002]})
    pair: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]] = np.arange(3), np.arange(3)
    spikes, states = SpikeMonitor(exc[: n // 2]), StateMonitor(inh, ("v", "m"), record=[0], interval=1 * units.ms)
    sheet = Population(model, 20, positions=grid_positions((4, 5), spacing=0.1), label="sheet")
    near = DistanceDependent(Gaussian(p=0.5, sigma=0.1), periodic=(1.0, 1.0))
    net = Network(
        exc, inh, source, given, sheet,
        Projection(source, exc, weight=Uniform(0.1, 0.2), probability=0.5, delay=2 * units.ms),
        Projection(exc[:10], inh, 0.1, topology="fixed_indegree", indegree=2),
        Projection(exc, exc, weight=np.ones(3), topology=pair),
        Projection(sheet, sheet, OfDistance(lambda d: 0.1 * d, 0.0, 1.0), topology=near, delay=1 * units.ms),
        Projection(sheet, sheet, 0.1, topology=Grid([4, 5], periodic=[True, False])),
        Projection(sheet, sheet, 0.1, topology=Blocks([[0.1]], sizes=[20])),
        GapJunction(inh, inh, weight=0.1, probability=0.2),
        PoissonInput(n, rate_hz=100.0, weight=1.0),
        StepCurrent(0.0, 0.01, [5.0] * n, target=exc),
        spikes, states, seed=3,
    )  # fmt: skip
    return net, spikes, states


def learn() -> WeightMonitor:
    """A projection that learns."""
    receptors = {"exc": ExpCurrent(tau=2.0), "inh": ExpCurrent(tau=2.0)}
    cells = Population(LIFNeuron, 10, receptors=receptors)
    learning = Projection(cells, cells, weight=1.0, probability=0.5, plasticity=STDP(a_plus=0.01))
    weights = WeightMonitor(learning, bins=[0.0, 1.0, 2.0], interval=0.01)
    Network(cells, learning, weights)
    return weights


def look_at(net: Network, report: Report, plan: Plan) -> dict[str, float]:
    """Numbers of a run, each of the type it is said to be."""
    potentials: npt.NDArray[np.float64] = net.get(net.populations[0], "v")
    first: RankReport = report.ranks[0]
    return {
        "v": float(potentials.mean()),
        "wall": report.wall,
        "neurons": float(first.neurons),
        "bytes": plan.peak_bytes,
        "t": net.t,
    }


def main() -> None:
    """Run the network for some steps."""
    net, spikes, states = describe(40)
    plan: Plan = net.plan(duration=0.01, ranks=4, rate_hz={"exc": 5.0, "HodgkinHuxleyNeuron_0": 5.0, "sheet": 5.0})
    try:
        report: Report = net.run(10 * units.ms, dt=1e-3, progress=False)
    except (NumericalError, CheckpointedExit) as error:
        raise SystemExit(str(error)) from error
    trains: dict[int, npt.NDArray[np.float64]] = spikes.spike_trains()
    rates: npt.NDArray[np.float64] = spikes.firing_rates()
    potential: npt.NDArray[np.float64] = states.traces["v"]
    print(len(trains), rates.shape, potential.shape, sorted(look_at(net, report, plan)), learn())
    own = Population(Interneuron, 2, receptors={"own": Decaying(tau=3.0)})
    print(Projection(own, own, 1.0, receptor="own", plasticity=OnlyDown(amount=0.02)))
    print(SameNeuron is HodgkinHuxleyNeuron, Interneuron.max_step, ExpConductance(tau=5.0, e_rev=0.0))


if __name__ == "__main__":
    main()
