"""The batch script passes signals on, and queues a job again that has written a checkpoint (Slurm is played here)."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from conftest import OPEN_MPI, mpirun

SCRIPT = Path(__file__).parents[2] / "scripts" / "slurm_job.sh"
PROGRAM = Path(__file__).parent / "programs" / "requeued.py"


def script(path, text):
    path.write_text(f"#!/bin/bash\n{text}\n")
    path.chmod(0o755)


def test_a_job_that_is_signalled_goes_on_when_it_is_queued_again(tmp_path):
    """First it runs for long and is signalled; then, queued again, to its end."""
    script(tmp_path / "srun", f'shift\nexec {mpirun()} -np 2 "$@"')
    script(tmp_path / "scontrol", f"echo $* >> {tmp_path}/queue")
    (tmp_path / "shell").write_text("module() { :; }\n")
    (tmp_path / "venv" / "bin").mkdir(parents=True)
    (tmp_path / "venv" / "bin" / "activate").touch()
    path = f"{tmp_path}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | OPEN_MPI | {"PATH": path, "BASH_ENV": str(tmp_path / "shell"), "SLURM_JOB_ID": "77"}

    def submit():
        command = ["bash", str(SCRIPT), str(PROGRAM)]
        return subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True)

    job = submit()
    deadline = time.monotonic() + 60
    while not (tmp_path / "run.ckpt" / "manifest.json").exists():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    job.send_signal(signal.SIGUSR1)
    printed, _ = job.communicate(timeout=60)
    assert job.returncode == 75, printed
    assert (tmp_path / "queue").read_text() == "requeue 77\n"
    assert "done" not in printed
    job = submit()
    printed, _ = job.communicate(timeout=120)
    assert job.returncode == 0
    assert "done at 3 s, begun at" in printed
    assert "begun at 0 s" not in printed
    assert (tmp_path / "queue").read_text() == "requeue 77\n"
