"""Random small networks: Hypothesis strategies that describe them as plain data, and what makes networks of that.

Kernels are compiled for each combination of model, receptors, precision and parameters that differ between neurons, so
the populations are of the few kinds in ``KINDS``. All else varies freely.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.sparse
from hypothesis import strategies as st
from naive import SQUID_AXON

import neurocore_nb
from neurocore_nb import (
    GABAB,
    NMDA,
    AlphaConductance,
    AlphaCurrent,
    BiexpConductance,
    ExpConductance,
    ExpCurrent,
    Network,
    Normal,
    Population,
    Uniform,
    VoltageJump,
    uniform_positions,
)

MS = 1e-3
SIZES = [7, 13, 1, 2, 3, 5, 8, 16, 17, 23, 31, 37, 41, 131, 263, 0]  # tiles of 128 and 256 neurons are crossed, too
STEPS_MS = [0.1, 0.25, 0.5, 1.0]


@dataclass(frozen=True)
class Kind:
    """A kind of population, and how large weights (by receptor) and currents are that make its cells fire.

    ``pulse`` is the charge that takes a cell from rest to its threshold, ``leak`` its conductance at rest; ``varied``
    are the parameters that differ between neurons, with their ranges. With ``noisy`` it may get noisy conductances.
    """

    model: str
    drive: float
    pulse: float
    leak: float
    rest: float = -65.0
    receptors: dict = field(default_factory=dict)
    weights: dict = field(default_factory=dict)
    varied: dict = field(default_factory=dict)
    precision: str = "float64"
    steps_ms: tuple = (None, 0.03, 0.1)  # longest substeps
    noisy: bool = False

    @property
    def units(self) -> Any:
        """In which weights and currents are."""
        return Population(self.model, 0).model.units

    def states(self) -> list[str]:
        """Names of all state variables."""
        return list(Population(self.model, 0, receptors=self.receptors).states)


def around(value: float) -> tuple[float, float]:
    """From a tenth below a value to a tenth above."""
    return value - 0.1 * abs(value), value + 0.1 * abs(value)


HH, TRAUB, WANG, LIF = "HodgkinHuxleyNeuron", "TraubMilesNeuron", "WangBuzsakiNeuron", "LIFNeuron"
COBA, ADEX, IZHIKEVICH = "COBALIFNeuron", "AdExNeuron", "Izhikevich2007Neuron"
KINDS = {
    "hh": Kind(HH, 12.0, 20.0, 0.7, noisy=True),
    "hh, each cell another": Kind(HH, 12.0, 20.0, 0.7, varied={k: around(v) for k, v in SQUID_AXON.items()}),
    "hh, synapses": Kind(
        HH, 12.0, 20.0, 0.7, -65.0, {"a": BiexpConductance(), "b": NMDA(tau_rise=1.0)}, {"a": (0, 1), "b": (0, 0.1)},
    ),
    "hh, single": Kind(HH, 12.0, 20.0, 0.7, -65.0, {"a": ExpCurrent(tau=2.0)}, {"a": (-10, 10)}, precision="float32"),
    "traub": Kind(
        TRAUB, 1.5, 8.0, 0.05, -60.0, {"exc": ExpConductance(), "inh": ExpConductance(tau=10.0, e_rev=-80.0)},
        {"exc": (0, 0.2), "inh": (0, 0.1)}, noisy=True,
    ),
    "traub, slow": Kind(
        TRAUB, 1.5, 8.0, 0.05, -60.0, {"a": ExpConductance(tau=Uniform(3.0, 8.0)), "b": GABAB(g_max=0.1)},
        {"a": (0, 0.2), "b": (0, 2)},
    ),
    "traub, single": Kind(
        TRAUB, 1.5, 8.0, 0.05, -60.0, {"a": AlphaConductance(tau=2.0), "b": NMDA(mg=0.5)},
        {"a": (0, 0.2), "b": (0, 0.02)}, {"t_ref": (0.5, 4.0)}, "float32",
    ),
    "wang": Kind(
        WANG, 1.5, 8.0, 0.1, -65.0, {"a": AlphaConductance(tau=2.0), "b": VoltageJump()}, {"a": (0, 0.2), "b": (-5, 9)},
    ),
    "lif": Kind(
        LIF, 450.0, 4000.0, 25.0, -70.0, {"a": ExpCurrent(tau=2.0), "b": AlphaCurrent(tau=1.0)},
        {"a": (-300, 900), "b": (-300, 900)}, {"tau_m": (8.0, 12.0), "t_ref": (0.0, 3.0)}, steps_ms=(None, 0.07, 0.5),
        noisy=True,
    ),
    "lif, single": Kind(
        LIF, 450.0, 4000.0, 25.0, -70.0, {"a": VoltageJump()}, {"a": (-8, 16)}, {}, "float32", (None, 0.07, 0.5),
    ),
    "coba": Kind(
        COBA, 200.0, 2000.0, 10.0, -60.0, {"exc": ExpConductance(), "inh": ExpConductance(tau=10.0, e_rev=-80.0)},
        {"exc": (0, 15), "inh": (0, 40)}, steps_ms=(None, 0.07, 0.5), noisy=True,
    ),
    "adex": Kind(
        ADEX, 1000.0, 6000.0, 30.0, -70.0, {"a": BiexpConductance(tau_decay=3.0), "b": ExpCurrent()},
        {"a": (0, 30), "b": (-300, 500)}, {"b": (0.0, 80.0)}, noisy=True,
    ),
    "adex, single": Kind(ADEX, 1000.0, 6000.0, 30.0, -70.0, precision="float32"),
    "izhikevich": Kind(
        IZHIKEVICH, 300.0, 4000.0, 10.0, -60.0, {"a": AlphaCurrent(), "b": VoltageJump()},
        {"a": (-50, 150), "b": (-8, 16)},
    ),
    "izhikevich, single": Kind(
        IZHIKEVICH, 300.0, 4000.0, 10.0, -60.0, {"a": GABAB(g_max=5.0), "b": ExpConductance(tau=3.0)},
        {"a": (0, 2), "b": (0, 10)}, {"d": (50.0, 150.0)}, "float32", noisy=True,
    ),
}  # fmt: skip

# ---- plain data ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Values:
    """Values between ``low`` and ``high`` in a form that the package takes, for n neurons or synapses."""

    form: str
    low: float
    high: float
    n: int | tuple[int, ...]
    seed: int = 0

    def make(self, populations: Any = None) -> Any:
        low, high, rng = self.low, self.high, np.random.default_rng(self.seed)
        middle, width = 0.5 * (low + high), high - low
        return {
            "array": lambda: low + width * rng.random(self.n),
            "integers": lambda: rng.integers(low, high, self.n),
            "uniform": lambda: Uniform(low, high),
            "normal": lambda: Normal(middle, 0.3 * width, low, high),
            "function": lambda: lambda t: middle + 0.5 * width * np.sin(300.0 * t),
            "function of arrays": lambda: lambda t: np.linspace(low, high, self.n) * (1.0 + np.sin(300.0 * t)) / 2.0,
        }[self.form]()


@dataclass(frozen=True)
class Times(Values):
    """Multiples of a step."""

    dt: float = MS

    def make(self, populations: Any = None) -> Any:
        return np.random.default_rng(self.seed).integers(self.low, self.high + 1, self.n) * self.dt


@dataclass(frozen=True)
class Places:
    """Positions of n neurons in the unit square."""

    n: int
    seed: int

    def make(self, populations: Any = None) -> Any:
        return uniform_positions(self.n, (1.0, 1.0), self.seed)


@dataclass(frozen=True)
class Part:
    """The neurons from ``start`` to ``stop`` of a population, given by its place among all; perhaps the whole."""

    place: int
    start: int
    stop: int
    whole: bool

    @property
    def n(self) -> int:
        return self.stop - self.start

    def make(self, populations: list) -> Any:
        return populations[self.place] if self.whole else populations[self.place][self.start : self.stop]

    def own_pairs(self, other: Part) -> int:
        """How many neurons are in both."""
        same = self.place == other.place
        return max(0, min(self.stop, other.stop) - max(self.start, other.start)) if same else 0


@dataclass(frozen=True)
class Explicit:
    """Synapses one by one, some of them again: indices, or a matrix whose entries are between ``low`` and ``high``."""

    form: str
    n_source: int
    n_target: int
    n: int
    low: float
    high: float
    seed: int

    def synapses(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Sources, targets and entries, some of which are 0, in the order in which they are given."""
        rng = np.random.default_rng(self.seed)
        pre, post = rng.integers(0, self.n_source, self.n), rng.integers(0, self.n_target, self.n)
        again = self.n // 5
        pre[:again], post[:again] = pre[self.n - again :], post[self.n - again :]
        order = np.argsort(post, kind="stable") if self.form == "csr" else slice(None)
        return pre[order], post[order], rng.uniform(self.low, self.high, self.n) * (rng.random(self.n) < 0.9)

    def make(self, populations: Any = None) -> Any:
        pre, post, entries = self.synapses()
        if self.form == "indices":
            return pre, post
        shape = self.n_target, self.n_source
        if self.form == "coo":
            return scipy.sparse.coo_array((entries, (post, pre)), shape=shape)
        ends = np.cumsum(np.bincount(post, minlength=self.n_target))
        return scipy.sparse.csr_array((entries, pre, np.append(0, ends)), shape=shape)


@dataclass(frozen=True)
class One:
    """One object of a network: the name of its class and its arguments, plain data."""

    kind: str
    arguments: dict[str, Any]

    def make(self, populations: Any = None) -> Any:
        given = {
            name: value.make(populations) if hasattr(value, "make") else value for name, value in self.arguments.items()
        }
        return getattr(neurocore_nb, self.kind)(**given)


@dataclass(frozen=True)
class Cells:
    """A population of a kind."""

    kind: str
    n: int
    max_step: float | None
    initial: dict[str, Any]
    seed: int
    as_arrays: bool

    def make(self) -> Population:
        kind, rng = KINDS[self.kind], np.random.default_rng(self.seed)
        params = {
            name: rng.uniform(*span, self.n) if self.as_arrays else Uniform(*span) for name, span in kind.varied.items()
        }
        initial = {name: value.make() if hasattr(value, "make") else value for name, value in self.initial.items()}
        return Population(
            kind.model, self.n, params, receptors=kind.receptors, initial=initial, max_step=self.max_step,
            precision=kind.precision, positions=uniform_positions(self.n, (1.0, 1.0), self.seed),
        )  # fmt: skip


@dataclass(frozen=True)
class Described:
    """A network and how long it runs."""

    populations: list[Cells | One]
    projections: list[One]
    couplings: list[One]
    stimuli: list[One]
    monitors: list[One]
    seed: int
    dt: float
    n_steps: int


def build(described: Described) -> Network:
    """A new network; its first monitors are SpikeMonitors of all populations, in their order."""
    populations = [one.make() for one in described.populations]
    others = [*described.projections, *described.couplings, *described.stimuli, *described.monitors]
    return Network(*populations, *(one.make(populations) for one in others), seed=described.seed)


# ---- strategies ------------------------------------------------------------------------------------------------------

seeds = st.integers(0, 2**16)
often = st.sampled_from([True, True, True, False])
seldom = st.sampled_from([False] * 8 + [True])
either = st.sampled_from([True, False])  # st.booleans() is False more often
own_seed = st.none() | st.none() | seeds
DRAWN = ("number", "uniform", "normal")
PER_NEURON = ("number", "array")


def sizes() -> Any:
    return st.sampled_from(SIZES) | st.integers(1, 40)


@st.composite
def values(draw: Any, low: float, high: float, forms: tuple[str, ...], n: int = 0) -> Any:
    """A number or ``Values`` within a range."""
    form = draw(st.sampled_from(forms))
    if form == "number":
        return draw(st.floats(low, high))
    low, high = sorted((draw(st.floats(low, high)), draw(st.floats(low, high))))
    return Values(form, low, high, n, draw(seeds))


@st.composite
def parts(draw: Any, populations: list, places: list[int]) -> Part:
    """Any of some populations, whole or not."""
    place = draw(st.sampled_from(places))
    n = _size(populations[place])
    if draw(often):
        return Part(place, 0, n, whole=True)
    start = draw(st.integers(0, n))
    return Part(place, start, draw(st.integers(start, n)), whole=False)


def _size(population: Cells | One) -> int:
    return population.n if isinstance(population, Cells) else population.arguments["n"]


def membranes_of(populations: list) -> list[int]:
    """The places of those that have membranes."""
    return [place for place, one in enumerate(populations) if isinstance(one, Cells)]


@st.composite
def cells(draw: Any, kinds: list[str], n: Any, known: bool) -> Cells:
    kind = draw(st.sampled_from(kinds))
    n, rest = draw(n), KINDS[kind].rest
    initial = {"v": draw(values(rest - 8.0, rest + 8.0, (*DRAWN, "array"), n))} if draw(often) else {}
    longest = draw(st.sampled_from((0.05, 0.1) if known else KINDS[kind].steps_ms))
    return Cells(kind, n, longest, initial, draw(seeds), known or draw(st.booleans()))


@st.composite
def sources(draw: Any, duration: float) -> One:
    n = draw(sizes())
    if draw(st.booleans()):
        forms = ("number", "array", "function", "function of arrays")
        highest = draw(st.sampled_from([100.0, 1000.0, 4000.0]))
        rate = draw(values(0.0, highest, forms, n))
        places = Places(n, draw(seeds))
        return One("PoissonPopulation", {"n": n, "rate_hz": rate, "seed": draw(own_seed), "positions": places})
    n_spikes = draw(st.integers(0, 60)) if n else 0
    times = Values("array", 1e-9, 1.2 * duration, n_spikes, draw(seeds))
    indices = Values("integers", 0, max(n, 1), n_spikes, draw(seeds))
    return One("SpikeSource", {"n": n, "times": times, "indices": indices, "positions": Places(n, draw(seeds))})


@st.composite
def rules(draw: Any, source: Part, target: Part, autapses: Any = often) -> dict[str, Any]:
    """Arguments that say which pairs a rule connects."""
    autapses, multapses = draw(autapses), draw(st.booleans())
    if source.n * target.n > 0 and draw(either):
        return {"topology": draw(rule_objects(source, target)), "autapses": autapses, "multapses": multapses}
    own, pairs = 0 if autapses else source.own_pairs(target), source.n * target.n
    legal = {
        "indegree": source.n - min(own, 1), "outdegree": target.n - min(own, 1), "total": pairs - own,
    }  # fmt: skip
    kinds = ["random", "random", "all_to_all", "fixed_indegree", "fixed_outdegree", "fixed_total"]
    kind = draw(st.sampled_from(kinds + ["one_to_one"] * 3 * (source.n == target.n)))
    arguments = {"topology": kind, "autapses": autapses, "multapses": multapses}
    if kind == "random":
        return arguments | {"probability": draw(st.sampled_from([0.3, 0.1, 0.6, 0.03, 1.0, 0.0]) | st.floats(0.0, 1.0))}
    if not kind.startswith("fixed"):
        return arguments
    count = kind.removeprefix("fixed_")
    most = {"total": 150}.get(count, 6)
    few = min(most, legal[count])
    probability = draw(st.floats(0.0, 0.3))
    if draw(seldom) and (own == 0 or few == 0):
        return arguments | ({"probability": probability} if few > 0 else {"probability": 0.0})
    return arguments | {count: draw(st.integers(0, few if few < most and not multapses else most * (few > 0)))}


@st.composite
def rule_objects(draw: Any, source: Part, target: Part) -> One:
    """A rule that is an object; all neurons have places in the unit square."""
    sizes = [draw(st.integers(0, n)) for n in (source.n, target.n)]
    chances = [[draw(st.sampled_from([0.0, 0.2, 0.5, 1.0])) for _ in "ab"] for _ in "ab"]
    profile = draw(st.sampled_from([One("Gaussian", {"p": 0.8, "sigma": 0.2}), One("Box", {"p": 0.5, "radius": 0.4})]))
    kinds = [
        One("Blocks", {
            "probabilities": chances, "sizes": [sizes[1], target.n - sizes[1]],
            "source_sizes": [sizes[0], source.n - sizes[0]],
        }),
        One("DistanceDependent", {"profile": profile, "periodic": draw(st.sampled_from([None, (1.0, 1.0)]))}),
    ]  # fmt: skip
    n, same = source.n, (source.place, source.start, source.n) == (target.place, target.start, target.n)
    if n == target.n:
        flags = {"periodic": draw(either), "centre": draw(either)}
        kinds += [One("Grid", {"shape": (n,), "radius": draw(st.integers(1, 3))} | flags)]
    if n == target.n and n >= 3:
        kinds += [One("Ring", {"k": draw(st.integers(1, min(3, (n - 1) // 2)))})]
    if same and n >= 3:
        k = 2 * draw(st.integers(1, min(3, (n - 1) // 2)))
        kinds += [One("SmallWorld", {"k": k, "rewiring": draw(st.floats(0.0, 1.0))})] * 2
        kinds += [One("ScaleFree", {"m": draw(st.integers(1, min(3, n - 1)))})] * 2
    return draw(st.sampled_from(kinds[::-1]))


@st.composite
def projections(draw: Any, populations: list, first_arrival: int, dt: float, known: bool) -> One:
    """Synapses whose delays are at least so many steps."""
    source = draw(parts(populations, list(range(len(populations)))))
    target = draw(parts(populations, membranes_of(populations)))
    if draw(st.booleans()) and source.n != target.n:  # for one-to-one
        n = min(source.n, target.n)
        source, target = (Part(one.place, one.stop - n, one.stop, whole=False) for one in (source, target))
    kind = KINDS[populations[target.place].kind]
    pulse = kind.pulse / (dt / MS)
    ranges = {None: (-0.3 * pulse, 0.6 * pulse) if known else (-pulse, pulse), **kind.weights}
    receptor = draw(st.sampled_from(list(ranges)))
    low, high = ranges[receptor]
    if not known and draw(seldom) and draw(seldom):
        low, high = 1e9 * low, 1e9 * high
    longest = first_arrival + draw(st.sampled_from([0, 1, 4, 30]))
    arguments = {
        "source": source, "target": target, "receptor": receptor, "seed": draw(own_seed),
        "weight_dtype": draw(st.sampled_from(["float32", "float64"])),
    }  # fmt: skip
    if source.n * target.n > 0 and not draw(often):
        n = draw(st.integers(0, 120))
        form = draw(st.sampled_from(["indices", "coo", "csr"]))
        topology = Explicit(form, source.n, target.n, n, low, high, draw(seeds))
        forms = ("array",) if known else ("array", *DRAWN)
        weight = None if form != "indices" and draw(st.booleans()) else draw(values(low, high, forms, n))
        delay = draw(values(first_arrival * dt, longest * dt, PER_NEURON if known else forms, n))
        return One("Projection", arguments | {"topology": topology, "weight": weight, "delay": delay})
    rule = draw(rules(source, target))
    by_source = ("random", "all_to_all", "one_to_one", "fixed_outdegree")
    procedural = rule["topology"] in by_source and draw(st.booleans())
    weight = draw(values(low, high, ("number",) if procedural else DRAWN))
    delay = draw(values(first_arrival * dt, longest * dt, ("number",) if procedural or known else DRAWN))
    arguments |= rule | {"weight": weight, "delay": delay, "storage": "procedural" if procedural else "stored"}
    if not (known or procedural) and draw(seldom):  # of one kind, as each has to be compiled
        bound = high if draw(st.booleans()) or low == 0.0 else low
        arguments |= {"weight": bound * draw(st.floats(0.1, 1.0)), "weight_dtype": "float32", "plasticity": "stdp"}
    return One("Projection", arguments)


@st.composite
def couplings(draw: Any, populations: list, known: bool) -> One:
    """Gap junctions or graded synapses, onto kinds whose kernels take conductances anyway."""
    noisy = [place for place in membranes_of(populations) if KINDS[populations[place].kind].noisy]
    target = draw(parts(populations, noisy))
    units, leak = KINDS[populations[target.place].kind].units, KINDS[populations[target.place].kind].leak
    gap = draw(either)
    alike = [place for place in noisy if KINDS[populations[place].kind].units == units]
    source = draw(parts(populations, alike if gap else membranes_of(populations)))
    if source.place == target.place and draw(st.booleans()):
        source = target
    arguments = {"source": source, "target": target, "seed": draw(own_seed)}
    if gap:
        arguments |= {"symmetric": draw(often), "rectification": draw(st.sampled_from([0.0, 0.0, 0.4, 1.0]))}
    else:
        states = ["v", "m", "h", "n"] if known else KINDS[populations[source.place].kind].states()
        arguments |= {"state": draw(st.sampled_from(states)), "e_rev": draw(st.floats(-90.0, 0.0))}
    high = (2.0 if known else 0.3) * leak
    if source.n * target.n > 0 and not draw(often) and not (gap and source.place == target.place):
        n = draw(st.integers(0, 60))
        topology = Explicit(
            draw(st.sampled_from(["indices", "coo", "csr"])), source.n, target.n, n, 0.0, high, draw(seeds)
        )
        weight = None if topology.form != "indices" and draw(st.booleans()) else draw(values(0.0, high, ("array",), n))
        arguments |= {"topology": topology, "weight": weight}
    else:
        rule = draw(rules(source, target, st.just(False) if gap else often))
        arguments |= {name: value for name, value in rule.items() if not (gap and name == "autapses")}
        arguments |= {"weight": draw(values(0.0, high, DRAWN))}
    return One("GapJunction" if gap else "GradedSynapse", arguments)


STIMULI = ("PoissonInput", "StepCurrent", "TimedArray", "SinusoidalCurrent")
NOISES = ("OUCurrent", "OUConductance")


@st.composite
def stimuli(draw: Any, populations: list, place: int, strength: float, described: dict, known: bool) -> One:
    """One onto a population, that makes its cells fire where the strength is about 1."""
    kind = KINDS[populations[place].kind]
    target = draw(parts(populations, [place]))
    name = draw(st.sampled_from(STIMULI if known else STIMULI + NOISES[: 1 + kind.noisy]))
    n, current = target.n, strength * kind.drive
    arguments = {
        "PoissonInput": lambda: draw(_poisson_input(target, kind, strength, described["dt"], known)),
        "StepCurrent": lambda: draw(_step_current(n, current, **described)),
        "TimedArray": lambda: draw(_timed_array(n, current, described["dt"])),
        "SinusoidalCurrent": lambda: {
            "amplitude": draw(values(0.0, current, PER_NEURON, n)),
            "frequency_hz": draw(values(5.0, 300.0, PER_NEURON, n)),
            "phase": draw(values(0.0, 6.0, PER_NEURON, n)),
            "offset": draw(values(0.7 * current, 1.5 * current, PER_NEURON, n)),
        },
        "OUCurrent": lambda: {
            "mean": draw(values(0.7 * current, 1.5 * current, PER_NEURON, n)),
            "sd": draw(values(0.0, current, PER_NEURON, n)),
            "tau": draw(values(0.3 * MS, 9 * MS, PER_NEURON, n)),
            "seed": draw(own_seed),
        },
        "OUConductance": lambda: {
            "mean": draw(values(0.0, current / 30.0, PER_NEURON, n)),
            "sd": draw(values(0.0, kind.leak, PER_NEURON, n)),
            "tau": draw(values(0.3 * MS, 9 * MS, PER_NEURON, n)),
            "e_rev": draw(values(-20.0, 10.0, PER_NEURON, n)),
            "seed": draw(own_seed),
        },
    }[name]()
    by_default = target.whole and place == membranes_of(populations)[0] and name != "PoissonInput" and draw(seldom)
    return One(name, arguments | ({} if by_default else {"target": target}))


@st.composite
def _poisson_input(draw: Any, target: Part, kind: Kind, strength: float, dt: float, known: bool) -> dict:
    n = draw(st.integers(0, target.n)) if draw(seldom) else target.n
    receptor = draw(st.sampled_from([None, *kind.weights]))
    pulse = kind.pulse / (dt / MS)
    low, high = (0.0, pulse) if receptor is None else kind.weights[receptor]
    weight = draw(values(0.5 * (low + high) * strength, high * strength, PER_NEURON, n))
    forms = ("number", "array") if known else ("number", "array", "function", "function of arrays")
    fast = not known and draw(seldom)
    rate = draw(values(300.0, 20000.0 if fast else 1500.0, forms, n))
    seed, own_dt = draw(own_seed), draw(st.sampled_from([None, dt]))
    return {"n": n, "rate_hz": rate, "weight": weight, "receptor": receptor, "seed": seed, "dt": own_dt}


@st.composite
def _step_current(draw: Any, n: int, current: float, dt: float, n_steps: int) -> dict:
    middle = draw(st.integers(1, max(n_steps // 3, 1)))
    amplitude = draw(values(0.7 * current, 2.0 * current, PER_NEURON, n))
    if draw(often):
        return {"onset": draw(st.integers(0, middle)) * dt, "offset": (middle + n_steps) * dt, "amplitude": amplitude}
    onset = Times("multiples", 0, middle, n, draw(seeds), dt)
    return {
        "onset": onset,
        "offset": Times("multiples", middle, 2 * n_steps, n, draw(seeds), dt),
        "amplitude": amplitude,
    }


@st.composite
def _timed_array(draw: Any, n: int, current: float, dt: float) -> dict:
    n_times = draw(st.integers(1, 9))
    shape = draw(st.sampled_from([(n_times,), (n_times, n)]))
    table = Values("array", 0.3 * current, 2.0 * current, shape, draw(seeds))
    return {"values": table, "dt": draw(st.integers(1, 12)) * dt}


@st.composite
def too_much(draw: Any, populations: list, described: dict) -> One:
    """A current that no model stands."""
    target = draw(parts(populations, membranes_of(populations)))
    largest = 1e37 if KINDS[populations[target.place].kind].precision == "float32" else 1e305
    arguments = draw(_step_current(target.n, largest, **described))
    return One("StepCurrent", arguments | {"target": target})


@st.composite
def monitors(draw: Any, populations: list, interval: int, dt: float) -> One:
    """Of spikes, or of states: at any times, or with an interval between exchanges or two."""
    if draw(st.booleans()):
        return One("SpikeMonitor", {"population": draw(parts(populations, list(range(len(populations)))))})
    watched = draw(parts(populations, membranes_of(populations)))
    known = KINDS[populations[watched.place].kind].states()
    record = draw(st.none() | st.lists(st.integers(0, watched.n - 1), max_size=5)) if watched.n else None
    every = draw(st.sampled_from([None, interval, 2 * interval, 1, 2, 3, 7, 30]))
    return One("StateMonitor", {
        "population": watched,
        "variables": draw(st.lists(st.sampled_from(known), min_size=1, max_size=3)),
        "record": record,
        "interval": every and every * dt,
    })  # fmt: skip


@st.composite
def networks(draw: Any, kinds: tuple[str, ...] = tuple(KINDS), known: bool = False, coupled: Any = either) -> Described:
    """Any network, or (``known``) of what ``networks.as_naive`` can tell the naive simulator.

    ``coupled`` draws whether populations are also coupled continuously, where there are kinds that can be.
    """
    dt = draw(st.sampled_from(STEPS_MS)) * MS
    n_steps = round(draw(st.integers(15, 45 if known else 60)) * MS / dt)
    n_steps = n_steps if known else min(n_steps, draw(st.integers(80, 200)))
    grid = {"dt": dt, "n_steps": n_steps}
    n = st.sampled_from([7, 1, 2, 3, 4, 5, 9, 12, 15]) if known else sizes()
    populations = draw(st.lists(cells(list(kinds), n, known), min_size=1, max_size=3))
    if not known:
        populations += draw(st.lists(sources(n_steps * dt), max_size=2))
        populations = draw(st.permutations(populations)) if draw(st.booleans()) else populations
    first_arrival = draw(st.sampled_from([0, 0, 1, 3, 10] + [70] * (not known)))
    drives = [
        draw(stimuli(populations, place, 1.0, grid, known)) for place in membranes_of(populations) if not draw(seldom)
    ]
    if draw(st.booleans()):
        anywhere = st.sampled_from(membranes_of(populations)).flatmap(
            lambda place: stimuli(populations, place, 0.2, grid, known)
        )
        drives += draw(st.lists(anywhere, max_size=3))
    if not known and draw(seldom):
        drives.append(draw(too_much(populations, grid)))
    watching = [
        One("SpikeMonitor", {"population": Part(place, 0, _size(one), whole=True)})
        for place, one in enumerate(populations)
    ]
    some = projections(populations, first_arrival, dt, known)
    any_noisy = any(KINDS[populations[place].kind].noisy for place in membranes_of(populations))
    return Described(
        populations,
        draw(st.lists(some, min_size=2 if draw(often) else 0, max_size=5)),
        draw(st.lists(couplings(populations, known), min_size=1, max_size=3)) if any_noisy and draw(coupled) else [],
        drives,
        watching + (draw(st.lists(monitors(populations, first_arrival + 1, dt), max_size=3)) if not known else []),
        draw(seeds),
        **grid,
    )


# ---- ways to run them ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Way:
    """On how many ranks, to which steps one after the other, and in each such run with how many threads and how spikes
    are shared. ``broken_off`` is the step at which a first attempt is given up, or None.
    """

    ranks: int
    in_kernels: bool
    ends: list[int]
    threads: list[int]
    exchanges: list[str]
    broken_off: int | None


@st.composite
def ways(draw: Any, described: Described) -> Way:
    n_steps = described.n_steps
    ends = [*sorted(draw(st.lists(st.integers(0, n_steps), max_size=4))), n_steps]
    several = {"min_size": len(ends), "max_size": len(ends)}
    return Way(
        draw(st.sampled_from([3, 2, 5, 4, 1])),
        draw(st.booleans()),
        ends,
        draw(st.lists(st.integers(1, 3), **several)),
        draw(st.lists(st.sampled_from(["all", "auto", *["sparse"] * (not described.couplings)]), **several)),
        draw(st.none() | st.none() | st.none() | st.integers(0, n_steps)),
    )
