"""``neurocore bench``: how fast this machine is, by the field's standard network."""

from __future__ import annotations

import argparse
import statistics
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import Network, Normal, Population, Projection, SpikeMonitor, TraubMilesNeuron
from ..engine.comm import SerialComm
from ..engine.report import Report
from ..engine.threads import default_threads
from .arguments import whole_number

_NEURONS = 4000
_DT = 1e-4  # s
_ROUNDS = 3

_ABOUT = f"""\
Simulate COBAHH (Brette et al. 2007, benchmark 3): {_NEURONS:,} Hodgkin-Huxley cells with 80 synapses each, at 0.1 ms,
on one rank. The first run of a machine compiles for some ten seconds, which isn't counted."""


@dataclass
class Speed:
    """How fast a network was.

    Attributes
    ----------
    wall_per_biological : float
    ns_per_substep : float
        Wall time of integrating and detecting, for one substep of one neuron.
    events_per_second : float
        Weights that spikes have added to their targets, for each s of wall time that delivery took.
    rate_hz : float
        Mean rate of the neurons.
    """

    wall_per_biological: float
    ns_per_substep: float
    events_per_second: float
    rate_hz: float


def add_to(commands: Any) -> None:
    """Add the sub-command.

    Parameters
    ----------
    commands : what ``argparse.ArgumentParser.add_subparsers`` returns
    """
    about = argparse.RawDescriptionHelpFormatter
    parser = commands.add_parser(
        "bench", help="tell how fast this machine is", description=_ABOUT, formatter_class=about, allow_abbrev=False
    )
    parser.add_argument("--quick", action="store_true", help="a tenth of the time: 0.1 s in place of 1 s, three times")
    parser.add_argument("--threads", type=whole_number, metavar="T", help="by default all cores")
    parser.set_defaults(act=bench, parser=parser)


def make_network(n: int) -> tuple[Network, SpikeMonitor]:
    """COBAHH, of any size.

    Parameters
    ----------
    n : int
        Cells, of which four in five excite.

    Returns
    -------
    Network, SpikeMonitor
    """
    start = {"v": Normal(-65.0, 5.0), "m": 0.0, "h": 0.0, "n": 0.0}
    start |= {"g_exc": Normal(0.2, 0.075), "g_inh": Normal(1.0, 0.6)}  # mS/cm2: 10 nS on 20,000 um2 are 0.05
    cells = Population(TraubMilesNeuron, n, label="cells", initial=start, max_step=_DT * 1e3)
    n_exc, p = n * 4 // 5, min(1.0, 80 / n)
    exc = Projection(cells[:n_exc], cells, weight=0.03, probability=p, receptor="exc")
    inh = Projection(cells[n_exc:], cells, weight=0.335, probability=p, receptor="inh")
    spikes = SpikeMonitor(cells)
    return Network(cells, exc, inh, spikes), spikes


def measure(net: Network, spikes: SpikeMonitor, duration: float, threads: int, rounds: int = _ROUNDS) -> Speed:
    """Run a network several times.

    Parameters
    ----------
    net : Network
        On one rank; it is built, and its kernels are compiled, before anything is measured.
    spikes : SpikeMonitor
        Of its only population.
    duration : float
        In s, of each round.
    threads : int
    rounds : int

    Returns
    -------
    Speed
        Of each number, the median over the rounds.
    """
    net.run(0.0, dt=_DT, threads=threads)
    outgoing = sum(_outgoing(projection) for projection in net.projections)
    found = []
    for trial in range(rounds):
        net.reset(seed=trial)
        report = net.run(duration, dt=_DT, threads=threads)
        found.append(_speed(report, float(outgoing[spikes.i].sum()), spikes.population.n))
    return Speed(*(statistics.median(each) for each in zip(*(vars(one).values() for one in found), strict=True)))


def _outgoing(projection: Projection) -> Any:
    """How many synapses each neuron of the source's population has."""
    source = projection.source
    counts = np.bincount(projection.matrix().indices, minlength=source.n)
    return np.pad(counts, (source.start, source.parent.n - source.start - source.n))


def _speed(report: Report, events: float, n: int) -> Speed:
    substeps, delivering = max(report.total("neuron_steps"), 1), max(report.seconds["deliver"], 1e-9)
    return Speed(
        report.wall_per_biological,
        report.seconds["integrate"] / substeps * 1e9,
        events / delivering,
        report.spikes / n / report.duration,
    )


def bench(options: argparse.Namespace) -> int:
    """Measure, and print.

    Parameters
    ----------
    options : argparse.Namespace

    Returns
    -------
    int
        0
    """
    duration = 0.1 if options.quick else 1.0
    threads = options.threads or default_threads(SerialComm())
    speed = measure(*make_network(_NEURONS), duration, threads)
    used = f"{threads} thread{'s' * (threads > 1)}"
    print(f"COBAHH: {_NEURONS:,} neurons for {duration:g} s at {_DT * 1e3:g} ms on {used}, median of {_ROUNDS} runs")
    for what, value in (
        ("wall / biological time", f"{speed.wall_per_biological:.3g}"),
        ("ns per neuron substep", f"{speed.ns_per_substep:.3g}"),
        ("synaptic events per s", f"{speed.events_per_second:.3g}"),
        ("mean rate", f"{speed.rate_hz:.3g} Hz"),
    ):
        print(f"  {what:24} {value}")
    return 0
