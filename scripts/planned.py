"""Whether a plan comes true, and how large a network can get: ``python scripts/planned.py``.

Prints markdown tables; starts ``mpirun`` itself. Leave the machine alone meanwhile.

compare (by default)
    Three networks, each planned in one process and then built and run by others, on one and on two ranks of one thread:
    the tutorial's, COBAHH, and integrate-and-fire neurons with delays. Memory is that of the largest rank at the end,
    times are those of the slowest rank: the fastest of some trials, as others may use the machine, too. What the
    processor spent (of rank 0, with its waiting for messages) shows how much they did.
``--project``
    The tutorial's table, from ten thousand neurons to a billion, from stated unit costs. Nothing is built.
``--write``
    Puts the tables asked for, or both, into ``docs/performance.md``.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import mpi_demo
import scaling

from neurocore_nb import (
    LIFNeuron,
    Network,
    Normal,
    PoissonInput,
    Population,
    Projection,
    Report,
    SpikeMonitor,
    TraubMilesNeuron,
    VoltageJump,
)
from neurocore_nb.planning.plan import Plan, seconds, size

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
TABLES = ("compare", "project")
TUTORIAL_HZ = 28.0  # of scaling.py's network
# neurons and ranks: the tutorial's own four, and as many neurons on a rank as in its last
SIZES = [(10_000, 1), (10_000, 4), (100_000, 16), (10**6, 64), (10**7, 640), (10**8, 6400), (10**9, 64_000)]


ROWS: list[tuple[str, str, Callable[[float], str]]] = [
    ("memory", "memory of the largest rank", size),
    ("build", "time to build", seconds),
    ("build_cpu", "time to build, of the processor", seconds),  # without that in which others have it
    ("run", "time to run", seconds),
    ("run_cpu", "time to run, of the processor", seconds),
    ("wire", "sent by a rank in an interval", size),
]


# ---- networks --------------------------------------------------------------------------------------------------------


def tutorial(scale: float) -> Network:
    """12,500 neurons as in ``mpi_demo.py``."""
    return mpi_demo.build(round(10_000 * scale))[0]


def cobahh(scale: float) -> Network:
    """12,000 cells as in ``benchmarks/cobahh.py``, 80 synapses each."""
    n, p = round(12_000 * scale), min(1.0, 80 / (12_000 * scale))
    start = {"v": Normal(-65.0, 5.0), "m": 0.0, "h": 0.0, "n": 0.0}
    start |= {"g_exc": Normal(0.2, 0.075), "g_inh": Normal(1.0, 0.6)}
    cells = Population(TraubMilesNeuron, n, initial=start, max_step=0.1, label="cells")
    n_exc = n * 4 // 5
    exc = Projection(cells[:n_exc], cells, weight=0.03, probability=p, receptor="exc")
    inh = Projection(cells[n_exc:], cells, weight=0.335, probability=p, receptor="inh")
    return Network(cells, exc, inh, SpikeMonitor(cells))


def brunel(scale: float) -> Network:
    """10,000 integrate-and-fire neurons with 10 M synapses in Brunel's asynchronous irregular state (g = 5, 2)."""
    n = round(10_000 * scale)
    n_exc, jump = n * 4 // 5, 0.1  # mV
    params = {"c_m": 20.0, "tau_m": 20.0, "e_l": 0.0, "v_th": 20.0, "v_reset": 10.0}
    receptors = {"jump": VoltageJump()}
    cells = Population(
        LIFNeuron, n, params=params, receptors=receptors, initial={"v": 0.0}, max_step=0.1, label="cells"
    )
    same: dict[str, Any] = {"topology": "fixed_indegree", "delay": 1.5e-3, "receptor": "jump"}
    exc = Projection(cells[:n_exc], cells, jump, indegree=n_exc // 10, **same)
    inh = Projection(cells[n_exc:], cells, -5.0 * jump, indegree=n_exc // 40, **same)
    drive = PoissonInput(n, rate_hz=2.0 * 20.0 / (jump * 0.020), weight=jump, target=cells, receptor="jump")
    return Network(cells, exc, inh, drive, SpikeMonitor(cells))


# network: what makes it, its step and the time to simulate in s, the rate to expect in Hz
NETWORKS: dict[str, tuple[Callable[[float], Network], float, float, float]] = {
    "tutorial": (tutorial, 1e-3, 0.2, 31.0),
    "COBAHH": (cobahh, 1e-4, 0.5, 38.0),
    "LIF, delays": (brunel, 1e-4, 0.2, 38.0),
}


# ---- in processes of their own ---------------------------------------------------------------------------------------


def plan_case(name: str, ranks: int, scale: float) -> dict[str, Any]:
    """Plan a network, with stated and with measured unit costs, before anything is built."""
    make, dt, duration, rate = NETWORKS[name]
    net = make(scale)
    given: dict[str, Any] = {"duration": duration, "dt": dt, "ranks": ranks, "rate_hz": rate}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        stated, measured = net.plan(**given), net.plan(**given, measure=True)
    return {
        "memory": [stated.resident_bytes, stated.resident_bytes],
        "build": [stated.build_seconds, measured.build_seconds],
        "run": [stated.run_seconds, measured.run_seconds],
        "wire": [stated.wire_bytes[stated.exchange]] * 2,
        "text": str(stated),
    }


def run_case(name: str, repeats: int, scale: float) -> dict[str, Any]:
    """Build and run a network on the ranks that were started."""
    make, dt, duration, _ = NETWORKS[name]
    make(0.02).run(0.0, dt, threads=1)  # loads kernels
    small, spent_beside = spent_building(make(0.02), dt)
    net = make(scale)
    built, spent_in_all = spent_building(net, dt)
    first = net.run(duration, dt, threads=1)
    interval = net.plan(duration, dt).interval
    walls, spent = [], []
    for _ in range(repeats):
        net.reset()
        started = time.thread_time()
        walls.append(net.run(duration, dt, threads=1).simulation_wall)
        spent.append(time.thread_time() - started)
    return {
        "memory": max(rank.resident_bytes for rank in first.ranks),
        "wire": first.total("bytes_sent") / len(first.ranks) / round(duration / dt) * interval,
        "rate": first.spikes / first.total("neurons") / duration,
        "build": built.seconds["build"],
        "build_cpu": spent_in_all - spent_beside + small.seconds["build"],
        "run": min(walls, default=0.0),
        "run_cpu": min(spent, default=0.0),
    }


def spent_building(net: Network, dt: float) -> tuple[Report, float]:
    """Build a network; the report, and the processor's time in s, with what else a run does before its first step."""
    started = time.process_time()
    return net.run(0.0, dt, threads=1), time.process_time() - started


def work(case: dict[str, Any], output: str) -> None:
    """Do a case, and write what came out."""
    kinds: dict[str, Callable[..., Any]] = {"plan": plan_case, "run": run_case}
    result = kinds[case.pop("kind")](**case)
    if scaling.is_first():
        Path(output).write_text(json.dumps(result))


def launch(ranks: int, case: dict[str, Any]) -> dict[str, Any]:
    """Do a case in processes of its own."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "result.json"
        command = [sys.executable, __file__, "--work", json.dumps(case), str(output)]
        scaling.start(ranks, command)
        result: dict[str, Any] = json.loads(output.read_text())
        return result


# ---- tables ----------------------------------------------------------------------------------------------------------


def comparison(options: argparse.Namespace) -> Iterator[list[str]]:
    """What was planned, and what it then took."""
    yield [
        "network", "ranks", "what", "planned, stated costs", "planned, measured costs", "measured",
        "planned / measured",
    ]  # fmt: skip
    for name in options.networks:
        launch(1, {"kind": "run", "name": name, "repeats": 1, "scale": 0.02})  # fills the cache of kernels
        for ranks in options.ranks:
            planned = launch(1, {"kind": "plan", "name": name, "ranks": ranks, "scale": options.scale})
            run = {"kind": "run", "name": name, "repeats": options.repeats, "scale": options.scale}
            took = launch(ranks, run)
            others = [launch(ranks, run | {"repeats": 0}) for _ in range(options.repeats)]  # whose memory is fresh, too
            took |= {what: min(one[what] for one in [took, *others]) for what in ("build", "build_cpu")}
            if options.verbose:
                print(planned["text"], took, sep="\n", file=sys.stderr, flush=True)
            for what, said, shown in ROWS:
                stated, measured = planned[what.removesuffix("_cpu")]
                if took[what]:
                    cells = [shown(stated), shown(measured), shown(took[what]), f"{measured / took[what]:.2f}"]
                    yield [name, str(ranks), said, *cells]


def projection(options: argparse.Namespace) -> Iterator[list[str]]:
    """The tutorial's table, and on."""
    yield [
        "neurons", "ranks", "synapses", "memory of a rank", "at its peak", "sent by a rank per interval", "exchange",
        "build, s", "wall s per biological s", "membranes", "delivery", "exchange, s",
    ]  # fmt: skip
    for neurons, ranks in options.sizes:
        plan = planned_tutorial(neurons, ranks)
        parts = (plan.timing.integrate, plan.timing.deliver, plan.timing.exchange)
        sent = size(plan.wire_bytes[plan.exchange])
        yield [
            f"{neurons:,}", f"{ranks:,}", f"{plan.synapses:.2g}", size(plan.resident_bytes), size(plan.peak_bytes),
            sent, plan.exchange, f"{plan.build_seconds:.2g}", f"{plan.run_seconds:,.3g}",
            *(f"{part:,.2g}" for part in parts),
        ]  # fmt: skip


def planned_tutorial(neurons: int, ranks: int) -> Plan:
    """Of one second of the tutorial's network with so many neurons, one thread on each rank."""
    net, _ = scaling.random_network(neurons, monitored=False)  # a billion neurons' spikes don't fit on rank 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return net.plan(1.0, scaling.DT, ranks=ranks, rate_hz=TUTORIAL_HZ)


def sizes(text: str) -> list[tuple[int, int]]:
    """Pairs of neurons and ranks, as 1000x4,2000x8."""
    return [(int(pair.partition("x")[0]), int(pair.partition("x")[2])) for pair in text.split(",")]


def main(arguments: list[str] | None = None) -> None:
    """Print tables, and write them where asked to."""
    parser = argparse.ArgumentParser(description="Whether a plan comes true, and how large a network can get.")
    parser.add_argument("--compare", action="store_true", help="the table that is printed by default")
    parser.add_argument("--project", action="store_true", help="see above")
    parser.add_argument("--networks", type=lambda text: text.split(";"), default=list(NETWORKS), help="between ;")
    parser.add_argument("--ranks", type=scaling.numbers, default=[1, 2], help="default 1,2")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--scale", type=float, default=1.0, help="of the networks' numbers of neurons")
    parser.add_argument("--sizes", type=sizes, default=SIZES, help="neurons x ranks, as 1000x4,2000x8")
    parser.add_argument("--verbose", action="store_true", help="also print the plans and all times")
    parser.add_argument("--write", action="store_true", help="into docs/performance.md")
    parser.add_argument("--page", type=Path, default=PAGE, help=argparse.SUPPRESS)
    parser.add_argument("--work", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.work:
        work(json.loads(options.work[0]), options.work[1])
        return
    tables = {"compare": comparison, "project": projection}
    asked = [name for name in TABLES if getattr(options, name)]
    for name in asked or (TABLES if options.write else ["compare"]):
        table = scaling.markdown(tables[name](options))
        print(f"{name}\n\n{table}\n", flush=True)
        if options.write:
            scaling.put_into_page(options.page, name, table)


if __name__ == "__main__":
    main()
