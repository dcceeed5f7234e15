"""Jobs that are interrupted, by a signal or at random, go on from their checkpoint as if nothing had been.

``NEUROCORE_NB_KILLS=50`` kills as often; by default few times.
"""

import os
import random
import re
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest
from test_faults import left_behind, processes_of

PROGRAMS = Path(__file__).parent / "programs"
JOB, RESTART = PROGRAMS / "long_job.py", PROGRAMS / "restart.py"
KILLS = int(os.environ.get("NEUROCORE_NB_KILLS", "4"))
EXIT_STATUS = 75


@pytest.fixture(scope="module")
def references(launch, tmp_path_factory):
    """What comes out of the job without interruption, by duration."""
    results = {}

    def run(duration):
        if duration not in results:
            folder = tmp_path_factory.mktemp("whole")
            launch(0, JOB, str(folder / "a"), str(folder / "out"), str(duration), "1000", "whole")
            results[duration] = (folder / "out").read_text()
        return results[duration]

    return run


def outcome(text):
    """Digest and numbers of spikes, without where the last part began."""
    return re.sub(r"from \S+", "", text)


@pytest.mark.parametrize("ranks", [(4, 1), (1, 3), (2, 5)])
def test_restarts_on_other_ranks(launch, tmp_path, ranks):
    printed = [launch(n, RESTART, what, str(tmp_path)).stdout for n, what in zip(ranks, ("begin", "end"), strict=True)]
    whole = launch(0, RESTART, "whole", str(tmp_path)).stdout
    assert len(re.findall(r"^\d \w{64}$", whole, re.MULTILINE)) == 4
    assert "mid-interval" in printed[0]
    assert printed[1] == whole


@pytest.mark.parametrize(("name", "whom"), [("SIGUSR1", "a rank"), ("SIGUSR1", "launcher"), ("SIGTERM", "a rank")])
def test_a_signal_to_any_rank_ends_the_job_after_a_checkpoint(start, launch, references, tmp_path, name, whom):
    path, marker = tmp_path / "a", f"marker-{tmp_path.name}"
    arguments = str(path), str(tmp_path / "out"), "4.0"
    job = start(3, JOB, *arguments, "0.1", marker)
    wait_for(lambda: (path / "manifest.json").exists())
    target = processes_of(marker)[1] if whom == "a rank" else job.pid
    os.kill(target, getattr(signal, name))
    printed, _ = job.communicate(timeout=60)
    assert job.returncode == EXIT_STATUS, printed
    assert re.search(rf"{name}: wrote the checkpoint .*; ends with status {EXIT_STATUS}", printed)
    assert "Traceback" not in printed
    assert left_behind(marker) == []
    launch(2, JOB, *arguments, "1000", marker)
    text = (tmp_path / "out").read_text()
    assert "from 0 to" not in text
    assert outcome(text) == outcome(references(4.0))


def wait_for(condition, seconds=60.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it takes too long"
        time.sleep(0.01)


def test_killed_at_random_moments(start, launch, references, tmp_path):
    """SIGKILL for a random rank, for the launcher, or for all, while a checkpoint is written every 0.2 s."""
    path, marker, dice = tmp_path / "a", f"marker-{tmp_path.name}", random.Random(11)  # noqa: S311
    arguments = str(path), str(tmp_path / "out"), str(float(KILLS)), "0.2", marker
    n_killed = 0
    for life in range(KILLS):
        before = written(path)
        job = start(2, JOB, *arguments)
        wait_for(lambda job=job: job.poll() is not None or len(processes_of(marker)) == 2)
        if life % 4:  # else it may be killed before it has begun
            wait_for(lambda job=job, before=before: job.poll() is not None or written(path) != before)
        time.sleep(dice.uniform(0.0, 0.6))
        n_killed += kill_some(dice, processes_of(marker), job.pid)
        printed, _ = job.communicate(timeout=60)
        assert "CheckpointError" not in printed, (life, printed)
        assert left_behind(marker) == []
    assert n_killed >= 0.8 * KILLS
    launch(1, JOB, *arguments)
    text = (tmp_path / "out").read_text()
    assert "from 0 to" not in text
    assert outcome(text) == outcome(references(float(KILLS)))


def written(path):
    """When the newest checkpoint was written."""
    try:
        return (path / "manifest.json").stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def kill_some(dice, ranks, launcher):
    """Kill a part of a job at once; whether there was any of it left."""
    victims = dice.choice([ranks[:1], ranks[1:], ranks, [*ranks, launcher]])
    for process in victims:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    return len(ranks) > 0
