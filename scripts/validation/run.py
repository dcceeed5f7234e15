"""Compare with every peer that is installed: ``python scripts/validation/run.py [names]``.

Without names the tables go into docs/validation.md; with names (``lif_nest``) they are only printed. Each comparison
has a process of its own, since simulators set global state. All take about a quarter of an hour, most of it Brian2's 40
runs of COBAHH; where the environment variable ``VALIDATION_DATA`` names a folder, these are kept there and used again.
"""

from __future__ import annotations

import ast
import datetime
import multiprocessing
import platform
import sys
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module, metadata
from pathlib import Path

HERE = Path(__file__).parent
TARGET = HERE.parents[1] / "docs" / "validation.md"
ORDER = (
    "lif_nest", "coba_nest", "receptors_nest", "adex_nest", "izhikevich_brian2", "if_family_nest", "if_family_brian2",
    "hh_neuron", "traub_nest", "wang_buzsaki_brian2", "hh_family", "hill_tononi_nest", "pools_family",
    "wang_buzsaki_network_scipy", "stdp_nest", "vogels_nest", "vogels_abbott_brian2", "hpc_benchmark_nest",
    "cobahh_brian2", "potjans_diesmann_nest",
)  # fmt: skip
INTRODUCTION = """# Comparison with other simulators

Written by `python scripts/validation/run.py` (the peers come with `pip install neurocore_nb[validation]`). Each section
is one short script in `scripts/validation/` with the peer's side and ours side by side. A bar is what was asked of the
difference; rows without a bar show how it falls with the integration step. A spike time here is the end of the step in
which the threshold was passed.
"""


def peer_of(name: str) -> str:
    """The distribution that a comparison's module declares as ``PEER``."""
    assignments = (node for node in ast.parse((HERE / f"{name}.py").read_text()).body if isinstance(node, ast.Assign))
    return next(ast.literal_eval(node.value) for node in assignments if ast.unparse(node.targets[0]) == "PEER")


def installed(distribution: str) -> str | None:
    """Version of a distribution, or None."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def section(name: str) -> str:
    """Run one comparison (in its own process)."""
    sys.path.insert(0, str(HERE))
    import common

    module = import_module(name)
    table = [common.HEADER, *(row.markdown() for row in module.compare())]
    return "\n".join([f"## `{name}.py`\n", module.__doc__.strip(), "", *table, ""])


def main(names: list[str]) -> None:
    """Run comparisons and print or write their tables."""
    parts, versions = [], {}
    for name in names or ORDER:
        version = installed(peer_of(name))
        if version is None:
            print(f"{name}: {peer_of(name)} is not installed, skipped", file=sys.stderr)
            continue
        versions[peer_of(name)] = version
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(max_workers=1, mp_context=context) as pool:
            parts.append(pool.submit(section, name).result())
        print(parts[-1], flush=True)
    if not names:
        for own in ("numba", "numpy"):
            versions[own] = metadata.version(own)
        listed = ", ".join(f"{name} {version}" for name, version in versions.items())
        stamp = f"{datetime.date.today()}, Python {platform.python_version()}, {listed}.\n"
        images = ["![Wang and Buzsaki's network becomes synchronous](wang_buzsaki.png)\n"]
        images += ["![COBAHH in both simulators](cobahh.png)\n"] if "brian2" in versions else []
        TARGET.write_text("\n".join([INTRODUCTION, stamp, *parts, *images]).rstrip() + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
