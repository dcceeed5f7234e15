"""What goes wrong on one rank ends the job, says what it was, and leaves nothing behind.

Every program is started with limits of its own: one that hangs is killed after ``conftest.TIMEOUT`` and fails its test.
"""

import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parent / "programs" / "faults.py"
EARLY = Path(__file__).parent / "programs" / "ends_early.py"


def left_behind(marker):
    """Processes that have a word in their command line, a moment after their launcher has ended."""
    for _ in range(20):
        alive = []
        for file in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                state = (file.parent / "stat").read_text().rpartition(")")[2].split()[0]
                if state != "Z" and marker in file.read_bytes().decode(errors="replace").split("\0"):
                    alive.append(file.parent.name)
            except OSError:
                continue
        if not alive:
            return []
        time.sleep(0.1)
    return alive


@pytest.fixture
def fault(launch, tmp_path):
    def run(program, *arguments, **environment):
        marker = f"marker-{tmp_path.name}"
        result = launch(3, program, *arguments, marker, check=False, **environment)
        assert result.returncode != 0, result.stdout + result.stderr
        assert left_behind(marker) == []
        result.text = result.stdout + result.stderr
        return result

    return run


def verdicts(result):
    return [line for line in result.stdout.splitlines() if line.startswith("rank")]


# What happens, on which rank, and what all ranks raise.
RAISED = [
    (
        "function",
        2,
        "LookupError",
        r"between 0\.02\d* and 0\.\d+ s: <PoissonInput onto.*at 0\.05\d* s: no rate",
    ),
    ("memory", 0, "MemoryError", r"<PoissonInput onto.*raised \w*MemoryError at 0\.05\d* s: Unable to allocate"),
    ("nan", 2, "NumericalError", r"between 0\.05 and 0\.05\d* s, population 'cells', neuron \d+: v became"),
    ("monitor", 0, "OSError", r"<FullMonitor of cells>, at 0\.52 s: .*no space left on device"),
]


@pytest.mark.parametrize(("what", "culprit", "kind", "pattern"), [pytest.param(*row, id=row[0]) for row in RAISED])
def test_an_error_on_one_rank_is_raised_on_all(fault, what, culprit, kind, pattern):
    result = fault(PROGRAM, what, str(culprit))
    said = verdicts(result)
    assert len(said) == 3, result.text
    for line in said:
        assert re.search(rf": {kind}: .*{pattern}", line), line
        assert f"rank {culprit}: " in line.split(": ", 1)[1], line
    assert len({line.split(": ", 1)[1].partition(" | ")[0] for line in said}) == 1  # the same words on all
    if what != "monitor":
        assert all(int(line.rpartition("kept ")[2]) > 0 for line in said)
    assert f"rank {culprit}:\nTraceback" in result.stderr
    assert result.stderr.count(":\nTraceback") == 1  # one rank shows it


@pytest.mark.parametrize(("what", "culprit"), [("SIGKILL", 0), ("SIGKILL", 2), ("SIGSEGV", 1)])
def test_a_rank_that_is_killed_ends_the_job(fault, what, culprit):
    result = fault(PROGRAM, what, str(culprit))
    assert "fault at" in result.text
    assert verdicts(result) == []


AT = r"integrating neurons at 0\.0\d+ s of the network's time"
STUCK = {"SIGSTOP": r"process \d+ is stopped, for \d+\.\d s; was ", "busy": rf"is busy since \d+\.\d s, {AT}"}


@pytest.mark.parametrize(("what", "culprit"), [("SIGSTOP", 0), ("SIGSTOP", 2), ("busy", 1)])
def test_the_watchdog_says_which_rank_is_stuck_where(fault, what, culprit):
    result = fault(PROGRAM, what, str(culprit))
    assert re.search(r"watchdog: no progress for \d+\.\d s \(the limit is 3 s\); ending the job", result.text)
    assert re.search(rf"  rank {culprit}: {STUCK[what]}", result.text), result.text
    for rank in {0, 1, 2} - {culprit}:
        assert re.search(rf"  rank {rank}: waits for other ranks since \d+\.\d s, {AT}", result.text), result.text


@pytest.mark.parametrize(("what", "culprit"), [("exit", 0), ("exit between", 2)])
def test_a_rank_whose_program_ends_alone_ends_the_job(fault, what, culprit):
    result = fault(PROGRAM, what, str(culprit))
    assert f"watchdog: rank {culprit} has ended, for which others wait" in result.text
    assert f"rank {culprit}: has ended its program" in result.text


def test_an_exception_between_runs(fault):
    result = fault(PROGRAM, "between", "0")
    assert "rank 0:\nTraceback" in result.stderr
    assert "LookupError: only this rank fails" in result.stderr


@pytest.mark.parametrize(
    ("mpi", "how"), [("before MPI", "raise"), ("before MPI", "exit"), ("after MPI", "exit"), ("after MPI", "kill")]
)
def test_before_the_first_run(fault, mpi, how):
    result = fault(EARLY, mpi, how)
    if how == "raise":
        assert "ValueError: only rank 1 fails" in result.stderr
    assert "went well" not in result.stdout


def test_a_limit_from_the_environment(fault):
    result = fault(PROGRAM, "SIGSTOP default", "1", NEUROCORE_NB_WATCHDOG="2")
    assert "(the limit is 2 s)" in result.text


def mounted(folder):
    """A file system of a few pages, or None where one can't be mounted."""
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(folder)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


@pytest.mark.parametrize("why", ["full disk", "no permission", "file in its place"])
def test_a_checkpoint_that_cannot_be_written(fault, tmp_path, why):
    folder = tmp_path / "disk"
    folder.mkdir()
    full = why == "full disk" and mounted(folder)
    try:
        if why == "file in its place":
            folder = tmp_path / "file"
            folder.write_text("precious")
        elif why == "full disk" and not full:
            why = "limited files"  # for those who may not mount
        result = fault(PROGRAM, "checkpoint", "1", str(folder / "run.ckpt"), why)
    finally:
        if full:
            subprocess.run(["umount", str(folder)], check=True)
    wanted = {"full disk": "No space left on device", "no permission": "Permission denied"}
    said = verdicts(result)
    assert len(said) == 3, result.text
    for line in said:
        assert re.search(rf"(\w+Error): .*checkpoint '.*run\.ckpt'(, at 0\.\d+ s)?: .*{wanted.get(why, '')}", line), (
            line
        )
        assert "old one whole" in line or why != "full disk", line


def processes_of(marker):
    """The ranks of a job."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = file.read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        if marker in words and "python" in Path(words[0]).name:
            found.append(int(file.parent.name))
    return sorted(found)


def test_a_launcher_that_is_killed_leaves_no_rank(start, tmp_path):
    marker = f"marker-{tmp_path.name}"
    job = start(2, PROGRAM, "none", "0", marker)
    deadline = time.monotonic() + 60
    while len(processes_of(marker)) < 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(2.0)
    job.send_signal(signal.SIGTERM)
    job.communicate(timeout=60)
    assert left_behind(marker) == []
