"""Starting programs under a real MPI launcher."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

collect_ignore_glob = ["mpi/programs/*"]  # started by tests, not collected

NOT_STARTED = "listener thread failed to start"  # what Open MPI's launcher says, seldom, before it starts anything
TIMEOUT = 240  # s; a program that hangs is killed and fails its test

# Open MPI refuses to run as root, and more ranks than cores, unless told; MPICH doesn't look at these.
OPEN_MPI = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
}


def mpirun() -> str:
    """The launcher of the MPI beside this Python, or else the first on the path."""
    beside = shutil.which("mpirun", path=str(Path(sys.executable).parent))
    launcher = beside or shutil.which("mpirun")
    assert launcher, "no mpirun found: install neurocore_nb[mpi-local]"
    return launcher


def launching(ranks: int, program: Path, *arguments: str) -> list[str]:
    """The command that runs a Python program on some ranks; 0 ranks is without a launcher."""
    command = [sys.executable, str(program), *arguments]
    return [mpirun(), "-np", str(ranks), *command] if ranks else command


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen]]:
    """Begin to run a program on some ranks: ``start(ranks, program, *arguments)``; killed at the end of the test."""
    jobs = []

    def begin(ranks: int, program: Path, *arguments: str) -> subprocess.Popen:
        command = launching(ranks, program, *arguments)
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        jobs.append(subprocess.Popen(command, env=os.environ | OPEN_MPI, start_new_session=True, **pipes))
        return jobs[-1]

    yield begin
    for job in jobs:
        with suppress(ProcessLookupError):
            os.killpg(job.pid, signal.SIGKILL)
        job.communicate()


@pytest.fixture(scope="session")
def launch() -> Callable[..., subprocess.CompletedProcess]:
    """Run a Python program on some ranks: ``launch(ranks, program, *arguments)``; 0 ranks is without a launcher."""

    def run(
        ranks: int, program: Path, *arguments: str, check: bool = True, **environment: str
    ) -> subprocess.CompletedProcess:
        for _ in range(3):
            result = subprocess.run(
                launching(ranks, program, *arguments),
                env=os.environ | OPEN_MPI | environment,
                capture_output=True,
                text=True,
                timeout=TIMEOUT,
                check=False,
            )
            if NOT_STARTED not in result.stderr:
                break
        assert result.returncode == 0 or not check, f"{result.stdout}\n{result.stderr}"
        return result

    return run


def pytest_runtest_teardown() -> None:
    """Close the pictures that a test has drawn."""
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
