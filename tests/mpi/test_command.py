"""``neurocore run`` with a real launcher: it finds the one that belongs to mpi4py, and needs no other settings."""

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from conftest import NOT_STARTED, TIMEOUT

PROGRAM = Path(__file__).parent / "programs" / "commanded.py"


def command(*arguments):
    return [sys.executable, "-m", "neurocore_nb", *map(str, arguments)]


def ran(*arguments, **environment):
    for _ in range(3):
        result = subprocess.run(
            command(*arguments),
            env=os.environ | environment,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
        if NOT_STARTED not in result.stderr:
            break
    return result


def said(result):
    """Ranks, threads, what Numba may start, arguments of the script, and its spikes."""
    found = re.search(r"^(\d+) ranks x (\d+) threads of (\d+): (\[.*\]), (.*)$", result.stdout, re.MULTILINE)
    assert found, f"{result.stdout}\n{result.stderr}"
    return found.groups()


def test_a_script_runs_on_ranks_with_the_same_bits():
    alone = ran("run", PROGRAM, 0, "--ranks", 5)  # that is the script's own
    assert alone.returncode == 0, alone.stderr
    assert said(alone)[0] == "1"
    assert said(alone)[3] == "['0', '--ranks', '5']"
    for options in (("--ranks", 2, "--threads", 1), ("--ranks=3", "--threads=2")):
        several = ran("run", PROGRAM, *options, 0)
        assert several.returncode == 0, several.stderr
        ranks, threads, most, arguments, spikes = said(several)
        assert [int(one) for one in (ranks, threads, most)] == [
            int(re.search(rf"{what}\D*(\d)", str(options))[1]) for what in ("ranks", "threads", "threads")
        ]
        assert arguments == "['0']"
        assert spikes == said(alone)[4]


@pytest.mark.parametrize("ranks", [1, 2])
def test_the_status_of_a_script_is_that_of_the_command(ranks):
    assert ran("run", "--ranks", ranks, PROGRAM, 7).returncode == 7


def begun(*arguments):
    """A job whose script has said what it was given."""
    job = subprocess.Popen(
        command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # a shell's jobs don't heed it
    )  # fmt: skip
    for line in job.stdout:
        if " ranks x " in line:
            return job
    raise AssertionError(f"ended with status {job.wait()}")


def end(job):
    with suppress(ProcessLookupError):
        os.killpg(job.pid, signal.SIGKILL)
    job.communicate()


def processes_with(word):
    """Processes that have been given an argument."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if word.encode() in file.read_bytes().split(b"\0"):
                found.append(file)
    return found


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("ranks", [1, 2])
def test_signals_end_all_ranks(ranks, number, tmp_path):
    mark = str(tmp_path)
    job = begun("run", PROGRAM, "--ranks", ranks, "wait", mark)
    try:
        job.send_signal(number)
        job.communicate(timeout=30)
        assert job.returncode != 0
        if ranks == 1:
            assert job.returncode == -number
        deadline = time.monotonic() + 20  # launchers may end while their ranks are about to
        while processes_with(mark):
            assert time.monotonic() < deadline, "a rank has outlived its launcher"
            time.sleep(0.05)
    finally:
        end(job)


def test_a_signal_that_asks_for_a_checkpoint_reaches_the_ranks(tmp_path):
    job = begun("run", PROGRAM, "--ranks", 2, "checkpoint", tmp_path / "run.ckpt")
    try:
        deadline = time.monotonic() + 60
        while not (tmp_path / "run.ckpt" / "manifest.json").exists():  # before, nobody would heed the signal
            assert time.monotonic() < deadline
            time.sleep(0.1)
        job.send_signal(signal.SIGUSR1)
        job.communicate(timeout=60)
        assert job.returncode == 75
    finally:
        end(job)


def test_a_launcher_of_another_family_is_passed_over(tmp_path):
    """On the path stands one that isn't of mpi4py's library; beside this Python one that is."""
    own = ran("run", PROGRAM, "--ranks", 2, "--dry-run", 0).stdout
    family = "HYDRA build details: MPICH" if "--bind-to" in own else "mpirun (Open MPI) 5.0.11"
    other = tmp_path / "mpirun"
    other.write_text(f"#!/bin/sh\necho '{family}'\n")
    other.chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    again = ran("run", PROGRAM, "--ranks", 2, "--dry-run", 0, PATH=path).stdout
    assert str(other) not in again
    assert again == own
