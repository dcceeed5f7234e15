"""How several ranks are started here: the launcher that belongs to the MPI library of mpi4py, and what it needs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..engine.threads import THREADS_VARIABLE
from ..planning.machine import usable_cores
from .errors import CommandError

MPICH, OPEN_MPI = "MPICH", "Open MPI"
_LAUNCHERS = ("mpirun", "mpiexec")
_PATIENCE = 60.0  # s for a program that only tells its version
_ASK = "import mpi4py; mpi4py.rc.initialize = False; from mpi4py import MPI; print(MPI.Get_library_version())"
_INSTALL = "pip install 'neurocore_nb[mpi-local]', which brings an MPI library and its launcher"


@dataclass
class Start:
    """What starts a program.

    Attributes
    ----------
    command : list of str
    environment : dict of str to str
        What it needs beside the environment of this process.
    """

    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)


def start_of(program: list[str], ranks: int, threads: int | None) -> Start:
    """What starts a program on some ranks of this machine, or of the Slurm job that this is.

    Parameters
    ----------
    program : list of str
        A command.
    ranks : int
        One starts without MPI.
    threads : int or None
        Of each rank; None: as many as it decides.

    Returns
    -------
    Start

    Raises
    ------
    CommandError
        If there is no launcher, or none that belongs to the MPI library of mpi4py.
    """
    names = ("NUMBA_NUM_THREADS", THREADS_VARIABLE)  # the most that Numba starts, and how many are used
    environment = {} if threads is None else dict.fromkeys(names, str(threads))
    if ranks == 1:
        return Start(program, environment)
    library = mpi_library()
    srun = shutil.which("srun") if os.environ.get("SLURM_JOB_ID") else None
    if srun is not None:
        cores = [] if threads is None else ["-c", str(threads)]
        return Start([srun, "-n", str(ranks), *cores, *program], environment)
    launcher = find_launcher(library)
    extra: list[str] = []
    if family(library) == OPEN_MPI:
        extra = [one for name in environment for one in ("-x", name)]  # to other nodes, too
        extra += ["--bind-to", "none"] if threads != 1 else []  # or all threads of a rank would share one core
        environment |= _open_mpi_switches(ranks)
    return Start([launcher, "-n", str(ranks), *extra, *program], environment)


def mpi_library() -> str:
    """How the MPI library of mpi4py calls itself.

    It is asked in another process: a library that can't be loaded, or is loaded without being started, harms none.

    Raises
    ------
    CommandError
        If mpi4py or its library is missing.
    """
    try:
        asked = _ask(sys.executable, "-c", _ASK)
    except subprocess.TimeoutExpired:
        raise CommandError(f"mpi4py doesn't load its MPI library within {_PATIENCE:g} s; try one rank") from None
    if asked.returncode:
        said = (asked.stderr.strip() or f"it ends with status {asked.returncode}").splitlines()[-1]
        raise CommandError(
            f"several ranks need mpi4py and an MPI library, but: {said}. Install {_INSTALL}; on a machine that has its "
            "own MPI, pip install 'neurocore_nb[mpi]'"
        )
    return asked.stdout.strip()


def family(told: str) -> str:
    """Whose launchers start a library's programs, from how a library or launcher calls itself; empty if unknown.

    Examples
    --------
    >>> family("Open MPI v5.0.11, package: ..."), family("HYDRA build details:"), family("mpirun 1.0")
    ('Open MPI', 'MPICH', '')
    """
    if re.search(r"Open ?MPI|OpenRTE|PRRTE", told, re.IGNORECASE):
        return OPEN_MPI
    return MPICH if re.search(r"MPICH|HYDRA|MVAPICH|Intel\(R\) MPI", told, re.IGNORECASE) else ""


def find_launcher(library: str) -> str:
    """The launcher of an MPI library: beside this Python, else on the path.

    Parameters
    ----------
    library : str
        How it calls itself. If its family isn't known, the first launcher is taken.

    Returns
    -------
    str
        Its path.

    Raises
    ------
    CommandError
        If there is none of the library's family.
    """
    wanted, others = family(library), []
    for launcher in _launchers():
        found = family(_version_of(launcher))
        if not wanted or found == wanted:
            return launcher
        others.append(f"{launcher} is of {found or 'an unknown MPI'}")
    name = library.partition("\n")[0]
    if not others:
        raise CommandError(
            f"there is no mpirun or mpiexec beside {sys.executable} or on the path, for mpi4py's library ({name}). "
            f"Load your machine's MPI (module load ...), or {_INSTALL}"
        )
    raise CommandError(
        f"mpi4py uses {wanted} ({name}), but {'; '.join(others)}: ranks wouldn't see one another. Put the launcher of "
        f"{wanted} on the path (module load ...), or build mpi4py with the other: pip install --no-cache-dir "
        "--no-binary=mpi4py --force-reinstall mpi4py"
    )


def _launchers() -> Iterator[str]:
    """Launchers, that of the environment of this Python first."""
    beside = str(Path(sys.executable).parent)
    seen = set()
    for folder in (beside, *os.environ.get("PATH", os.defpath).split(os.pathsep)):
        for name in _LAUNCHERS:
            launcher = shutil.which(name, path=folder)
            if launcher is not None and launcher not in seen:
                seen.add(launcher)
                yield launcher


def _version_of(launcher: str) -> str:
    try:
        told = _ask(launcher, "--version")
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return told.stdout + told.stderr


def _ask(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE, check=False)  # noqa: S603


def _open_mpi_switches(ranks: int) -> dict[str, str]:
    """What Open MPI wants to be told, in its versions 5 and 4, before it starts so many ranks, and any as root."""
    switches = {}
    if ranks > _physical_cores():
        switches["PRTE_MCA_rmaps_default_mapping_policy"] = ":oversubscribe"
        switches["OMPI_MCA_rmaps_base_oversubscribe"] = "1"
    if os.geteuid() == 0:
        switches |= {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    return switches


def _physical_cores() -> int:
    """Cores that this process may run on, each counted once where it runs several threads: Open MPI's slots."""
    places = Path("/sys/devices/system/cpu")
    try:
        files = [places / f"cpu{core}" / "topology" / "thread_siblings_list" for core in os.sched_getaffinity(0)]
        return len({file.read_text() for file in files})
    except (OSError, AttributeError):  # another system than Linux
        return usable_cores()
