"""``neurocore info``: what is installed, and what this machine has."""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
from importlib import metadata
from pathlib import Path
from typing import Any

import numba
from llvmlite import binding

from .._version import __version__
from ..engine.comm import SerialComm
from ..engine.threads import default_threads
from ..kernels.advance import advance_serial
from ..kernels.generated import _cache_directory
from ..planning.machine import machine_bytes, usable_cores
from ..planning.plan import size
from .errors import CommandError
from .launchers import find_launcher, mpi_library

_NEEDED = ("numpy", "numba", "llvmlite", "scipy")
# Which extra of this package brings what may be missing.
EXTRAS = {
    "mpi4py": "mpi-local",
    "h5py": "files",
    "matplotlib": "plot",
    "tqdm": "progress",
    "neo": "analysis",
    "elephant": "analysis",
}
_SIMD = r"sse4|avx|fma$|f16c|neon|asimd|sve|sme|vsx|rvv"  # of the features of a CPU


def add_to(commands: Any) -> None:
    """Add the sub-command.

    Parameters
    ----------
    commands : what ``argparse.ArgumentParser.add_subparsers`` returns
    """
    about = "Print versions, what this machine has, and what is missing; for reports of errors, and to see what runs."
    parser = commands.add_parser(
        "info", help="tell what is installed and what this machine has", description=about, allow_abbrev=False
    )
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.set_defaults(act=info, parser=parser)


def info(options: argparse.Namespace) -> int:
    """Print what is known.

    Parameters
    ----------
    options : argparse.Namespace

    Returns
    -------
    int
        0
    """
    found = collect()
    print(json.dumps(found, indent=2) if options.json else _as_text(found))
    return 0


def collect() -> dict[str, dict[str, Any]]:
    """All that is known, by topic; what isn't there is None.

    Returns
    -------
    dict of str to dict

    Examples
    --------
    >>> sorted(collect())
    ['cache', 'machine', 'missing', 'mpi', 'threads', 'versions']
    """
    versions = {name: _version(name) for name in (*_NEEDED, *EXTRAS)}
    missing = {name: _remedy(extra) for name, extra in EXTRAS.items() if versions[name] is None}
    return {
        "versions": {"neurocore_nb": __version__, "python": platform.python_version(), **versions},
        "mpi": _mpi(),
        "machine": _machine(),
        "threads": {"used": default_threads(SerialComm()), "layer": _threading_layer()},
        "cache": _cache(),
        "missing": missing,
    }


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _remedy(extra: str) -> str:
    own = " (beside an MPI of your own: neurocore_nb[mpi])" if extra == "mpi-local" else ""
    return f"pip install 'neurocore_nb[{extra}]'{own}"


def _mpi() -> dict[str, str | None]:
    """The library, the launcher, and what is wrong with them."""
    found: dict[str, str | None] = dict.fromkeys(("library", "launcher", "problem"))
    try:
        library = mpi_library()
        found["library"] = " ".join(library.partition("\n")[0].split())
        found["launcher"] = find_launcher(library)
    except CommandError as error:
        found["problem"] = str(error)
    return found


def _machine() -> dict[str, Any]:
    features = binding.get_host_cpu_features()
    return {
        "system": platform.platform(),
        "cpu": binding.get_host_cpu_name(),
        "simd": sorted(name for name, there in features.items() if there and re.match(_SIMD, name)),
        "cores": os.cpu_count(),
        "usable_cores": usable_cores(),
        "memory_bytes": machine_bytes(),
    }


def _threading_layer() -> str:
    """What runs Numba's threads, which are started for it."""
    try:
        numba.get_num_threads()
        layer: str = numba.threading_layer()  # type: ignore[attr-defined]  # not in its __all__
    except (ValueError, ImportError) as error:
        return f"none: {error}"
    return layer


def _cache() -> dict[str, Any]:
    """Where compiled code is kept, and how much."""
    if not hasattr(advance_serial, "_cache") or os.environ.get("NEUROCORE_NB_CACHE") == "0":
        return {"folders": [], "bytes": 0}
    moved = os.environ.get("NUMBA_CACHE_DIR")
    folders = [Path(moved)] if moved else [Path(advance_serial._cache.cache_path), _cache_directory()]
    files = {file for folder in folders for file in folder.rglob("*.nbc")}
    return {"folders": [str(folder) for folder in folders], "bytes": sum(_bytes_of(file) for file in files)}


def _bytes_of(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:  # another process has replaced it
        return 0


def _as_text(found: dict[str, dict[str, Any]]) -> str:
    machine, cache, mpi = found["machine"], found["cache"], found["mpi"]
    lines = [(name, version or "missing") for name, version in found["versions"].items()]
    lines += [("MPI library", mpi["library"] or "none"), ("MPI launcher", mpi["launcher"] or "none")]
    lines += [
        ("system", machine["system"]),
        ("CPU", f"{machine['cpu']}: {', '.join(machine['simd'])}"),
        ("cores", f"{machine['cores']}, of which this process may use {machine['usable_cores']}"),
        ("memory", size(machine["memory_bytes"])),
        ("threads of a run", f"{found['threads']['used']}, layer {found['threads']['layer']}"),
        ("compile cache", f"{size(cache['bytes'])} in {' and '.join(cache['folders'])}" if cache["folders"] else "off"),
    ]
    if mpi["problem"] and found["versions"]["mpi4py"]:
        lines.append(("MPI", mpi["problem"]))
    lines += [(f"for {name}", remedy) for name, remedy in found["missing"].items()]
    width = max(len(name) for name, _ in lines)
    return "\n".join(f"{name:{width}}  {told}" for name, told in lines)
