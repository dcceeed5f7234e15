"""How the tutorial's network scales on this machine: ``python scripts/scaling.py``.

Prints markdown tables; starts ``mpirun`` itself. Leave the machine alone meanwhile.

strong (by default)
    The tutorial's table: one network over more and more ranks of one thread.
``--weak``
    A network that grows with the ranks. Neurons keep the numbers of synapses that they have among 12,500.
``--wire``
    Many ranks, far more than there are cores: whether the spikes have the same bits as on one rank, and what each way
    of sharing them sends, for the tutorial's random wiring and for a ring.
``--share``
    How long the exchange of so many spikes per step takes, beside their delivery.
``--write``
    Puts the tables asked for, or all, into ``docs/scaling.md``.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from neurocore_nb import HodgkinHuxleyNeuron, Network, PoissonInput, Population, Projection, SpikeMonitor

PAGE = Path(__file__).parent.parent / "docs" / "scaling.md"
TABLES = ("strong", "weak", "wire", "share")
DT = 1e-3  # s, the tutorial's
TUTORIAL = 12_500  # neurons
TIMEOUT = 1800  # s, of one launch

# Open MPI refuses to run as root, as one is in a container, and more ranks than cores, unless told.
OPEN_MPI = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
}


# ---- networks --------------------------------------------------------------------------------------------------------


def random_network(n: int, monitored: bool = True) -> tuple[Network, list[SpikeMonitor]]:
    """The tutorial's network, alive as in ``mpi_demo.py``, with its numbers of synapses per neuron at any size."""
    n_inh = n // 5
    exc = Population(HodgkinHuxleyNeuron, n - n_inh, label="exc")
    inh = Population(HodgkinHuxleyNeuron, n_inh, label="inh")
    dilution = TUTORIAL / n
    wiring = [
        Projection(pre, post, weight, probability=min(1.0, p * dilution))
        for pre, post, weight, p in [(exc, exc, 0.05, 0.02), (exc, inh, 0.2, 0.05), (inh, exc, -0.2, 0.05)]
    ]
    monitors = [SpikeMonitor(exc), SpikeMonitor(inh)] if monitored else []
    return Network(exc, inh, *wiring, PoissonInput(exc.n, rate_hz=50.0, weight=9.0), *monitors), monitors


def ring_network(n: int, reach: int = 4) -> tuple[Network, list[SpikeMonitor]]:
    """Neurons in a ring, each connected with the next few; local wiring as in a sheet of tissue or a chain."""
    cells = Population(HodgkinHuxleyNeuron, n, label="cells")
    pre = np.repeat(np.arange(n), reach)
    post = (pre + np.tile(np.arange(1, reach + 1), n)) % n
    spikes = SpikeMonitor(cells)
    wiring = Projection(cells, cells, 2.0, topology=(pre, post))
    return Network(cells, wiring, PoissonInput(n, rate_hz=50.0, weight=9.0), spikes), [spikes]


NETWORKS: dict[str, Callable[[int], tuple[Network, list[SpikeMonitor]]]] = {
    "random": random_network,
    "ring": ring_network,
}


# ---- on each rank ----------------------------------------------------------------------------------------------------


def run_case(network: str, neurons: int, duration: float, exchange: str, repeats: int) -> dict[str, Any]:
    """Run a network and tell what it took; the spikes as a digest, on rank 0."""
    net, monitors = NETWORKS[network](neurons)
    net.run(0.0, DT, threads=1, exchange=exchange)
    reports = []
    for _ in range(repeats):
        net.reset()
        reports.append(net.run(duration, DT, threads=1, exchange=exchange))
    report = reports[-1]
    digest = hashlib.sha256()
    if is_first():
        for array in (array for one in monitors for array in (one.t, one.i)):
            digest.update(array.tobytes())
    return {
        "neurons": report.total("neurons"),
        "wall": statistics.median(one.wall_per_biological for one in reports),
        "spikes": report.spikes,
        "kb": report.total("bytes_sent") / len(report.ranks) / round(duration / DT) / 1e3,
        "mb": max(rank.resident_bytes for rank in report.ranks) / 1e6,
        "exchange": report.exchange,
        "digest": digest.hexdigest(),
    }


def share_case(neurons: int, spikes: list[int], seconds: float) -> list[dict[str, float]]:
    """Time of exchange and delivery of numbers of spikes in one step, on the rank that takes longest."""
    net, _ = random_network(neurons)
    net.run(0.0, DT, threads=1, exchange="all")
    simulation: Any = net._simulation
    comm = simulation.comm
    own = np.concatenate([np.arange(g.id_begin + g.begin, g.id_begin + g.end) for g in simulation.groups.values()])
    results = []
    for total in spikes:
        mine = np.random.default_rng(comm.rank).choice(own, -(-total // comm.size)).astype(np.int32)
        fired = [np.stack([mine, np.zeros_like(mine), np.ones_like(mine)])]
        times = {}
        for kind in ("all", "sparse"):
            exchange = simulation._sharing.exchange(kind)
            times[kind] = timed(comm, lambda exchange=exchange, fired=fired: exchange.share(fired, 1, None), seconds)
        arrived = simulation._sharing.exchange("all").share(fired, 1, None)
        times["deliver"] = timed(comm, lambda arrived=arrived: deliver(simulation, arrived), seconds)
        results.append(times | {"spikes": total})
    return results


def deliver(simulation: Any, spikes: Any) -> None:
    """Deliver spikes to all populations, as a run does between two steps."""
    simulation._stepper.advance(0, 0, 1, 0, spikes, 0)


def timed(comm: Any, action: Callable[[], object], seconds: float) -> float:
    """Median time in s of an action that all ranks do at the same time, on the rank where it is longest."""
    action()
    started = time.perf_counter()
    action()
    repeats = int(np.clip(seconds / (time.perf_counter() - started), 3, 200))
    repeats = max(comm.gather_objects(repeats))
    times = []
    for _ in range(repeats):
        comm.allreduce_max(np.zeros(1, np.int32))  # all start together
        started = time.perf_counter()
        action()
        times.append(time.perf_counter() - started)
    return max(comm.gather_objects(statistics.median(times)))


def is_first() -> bool:
    """Whether this process is rank 0."""
    return int(os.environ.get("OMPI_COMM_WORLD_RANK") or os.environ.get("PMI_RANK") or 0) == 0


def work(cases: list[dict[str, Any]], output: str) -> None:
    """Run cases on the ranks that were started, and write what came out."""
    kinds: dict[str, Callable[..., Any]] = {"run": run_case, "share": share_case}
    results = [kinds[case.pop("kind")](**case) for case in cases]
    if is_first():
        Path(output).write_text(json.dumps(results))


def launch(ranks: int, cases: list[dict[str, Any]]) -> list[Any]:
    """Run cases on some ranks; on one, without a launcher."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "results.json"
        command = [sys.executable, __file__, "--work", json.dumps(cases), str(output)]
        start(ranks, command)
        results: list[Any] = json.loads(output.read_text())
        return results


def start(ranks: int, command: list[str]) -> None:
    """Run a command on some ranks; on one, without a launcher."""
    if ranks > 1:
        beside = shutil.which("mpirun", path=str(Path(sys.executable).parent))
        launcher = beside or shutil.which("mpirun")
        if launcher is None:
            sys.exit("no mpirun found: install neurocore_nb[mpi-local], or load your MPI")
        command = [launcher, "-np", str(ranks), *command]
    done = subprocess.run(
        command, env=os.environ | OPEN_MPI, capture_output=True, text=True, timeout=TIMEOUT, check=False
    )
    if done.returncode != 0:
        sys.exit(f"{' '.join(command[:3])} ... failed:\n{done.stdout}\n{done.stderr}")


# ---- tables ----------------------------------------------------------------------------------------------------------


def scaling_table(options: argparse.Namespace, weak: bool) -> Iterator[list[str]]:
    """The tutorial's table, with what else one wants to know."""
    yield [
        "neurons", "ranks", "wall s per biological s", "speed-up", "efficiency", "spikes", "exchange",
        "kB sent per rank and interval", "MB per rank",
    ]  # fmt: skip
    first: dict[str, Any] = {}
    for ranks in options.ranks:
        case = {
            "kind": "run", "network": "random", "neurons": options.neurons * (ranks if weak else 1),
            "duration": options.duration, "exchange": options.exchange, "repeats": options.repeats,
        }  # fmt: skip
        (result,) = launch(ranks, [case])
        first = first or result | {"ranks": ranks}
        growth = result["neurons"] / first["neurons"]
        speed_up = growth * first["wall"] / result["wall"]
        yield [
            f"{result['neurons']:,}", str(ranks), f"{result['wall']:.2f}", f"{speed_up:.2f}",
            f"{100 * speed_up * first['ranks'] / ranks:.0f} %", f"{result['spikes']:,}", result["exchange"],
            f"{result['kb']:.3f}", f"{result['mb']:.0f}",
        ]  # fmt: skip


def wire_table(options: argparse.Namespace) -> Iterator[list[str]]:
    """What each way of sharing sends, on many ranks."""
    yield ["wiring", "neurons", "ranks", "spikes", "same bits", "B sent, all", "B sent, sparse", "auto takes"]
    for ranks in options.wire_ranks:
        common = {"kind": "run", "neurons": options.wire_neurons * ranks, "duration": options.wire_duration}
        kinds = ("all", "sparse", "auto")
        cases = [common | {"network": one, "exchange": kind, "repeats": 1} for one in NETWORKS for kind in kinds]
        many, alone = launch(ranks, cases), launch(1, cases)
        for k, network in enumerate(NETWORKS):
            results = dict(zip(kinds, many[3 * k : 3 * k + 3], strict=True))
            same = all(result["digest"] == alone[3 * k]["digest"] for result in results.values())
            yield [
                network, f"{common['neurons']:,}", str(ranks), f"{results['all']['spikes']:,}",
                "yes" if same else "**no**", *(f"{1e3 * results[kind]['kb']:,.0f}" for kind in ("all", "sparse")),
                results["auto"]["exchange"],
            ]  # fmt: skip


def share_table(options: argparse.Namespace) -> Iterator[list[str]]:
    """How long exchange and delivery take."""
    yield [
        "ranks", "spikes per step", "exchange, all (us)", "exchange, sparse (us)", "delivery (us)",
        "all / delivery",
    ]  # fmt: skip
    for ranks in (ranks for ranks in options.ranks if ranks > 1):
        case = {
            "kind": "share", "neurons": options.neurons, "spikes": options.spikes, "seconds": 0.02 * options.repeats,
        }  # fmt: skip
        for one in launch(ranks, [case])[0]:
            times = [one[name] * 1e6 for name in ("all", "sparse", "deliver")]
            yield [
                str(ranks), f"{one['spikes']:,}", *(f"{us:,.0f}" for us in times), f"{times[0] / times[2]:.2f}",
            ]  # fmt: skip


def markdown(rows: Iterator[list[str]]) -> str:
    """A table."""
    head, *body = rows
    lines = [head, ["---:"] * len(head), *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def put_into_page(page: Path, name: str, table: str) -> None:
    """Replace one of the page's tables."""
    pattern = rf"(<!-- {name} -->\n).*?(\n<!-- end -->)"
    text, count = re.subn(pattern, lambda found: found[1] + table + found[2], page.read_text(), flags=re.DOTALL)
    if count != 1:
        raise ValueError(f"{page} has {count} places for the table {name!r}, not one")
    page.write_text(text)


def numbers(text: str) -> list[int]:
    """Whole numbers between commas."""
    return [int(number) for number in text.split(",")]


def main(arguments: list[str] | None = None) -> None:
    """Print tables, and write them where asked to."""
    parser = argparse.ArgumentParser(description="How the tutorial's network scales on this machine.")
    parser.add_argument("--ranks", type=numbers, default=[1, 2, 4], help="default 1,2,4")
    parser.add_argument("--neurons", type=int, default=TUTORIAL, help="with --weak, of each rank")
    parser.add_argument("--duration", type=float, default=0.2, help="simulated time in s (default 0.2)")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--exchange", choices=("auto", "all", "sparse"), default="auto")
    for name in TABLES[1:]:
        parser.add_argument(f"--{name}", action="store_true", help="see above")
    parser.add_argument("--strong", action="store_true", help="the table that is printed by default")
    parser.add_argument("--wire-ranks", type=numbers, default=[8, 16, 64], help="default 8,16,64")
    parser.add_argument("--wire-neurons", type=int, default=25, help="of each rank (default 25)")
    parser.add_argument("--wire-duration", type=float, default=0.05, help="simulated time in s (default 0.05)")
    parser.add_argument("--spikes", type=numbers, default=[10**k for k in range(1, 7)], help="per step, for --share")
    parser.add_argument("--write", action="store_true", help="into docs/scaling.md")
    parser.add_argument("--page", type=Path, default=PAGE, help=argparse.SUPPRESS)
    parser.add_argument("--work", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.work:
        work(json.loads(options.work[0]), options.work[1])
        return
    tables: dict[str, Callable[[], Iterator[list[str]]]] = {
        "strong": lambda: scaling_table(options, weak=False),
        "weak": lambda: scaling_table(options, weak=True),
        "wire": lambda: wire_table(options),
        "share": lambda: share_table(options),
    }
    asked = [name for name in TABLES if getattr(options, name)]
    for name in asked or (TABLES if options.write else ["strong"]):
        table = markdown(tables[name]())
        print(f"{name}\n\n{table}\n", flush=True)
        if options.write:
            put_into_page(options.page, name, table)


if __name__ == "__main__":
    main()
