"""What was recorded into a file until a job was killed can be read."""

import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest
from test_faults import processes_of

from neurocore_nb.io import Recording

JOB = Path(__file__).parent / "programs" / "recording_job.py"


@pytest.mark.parametrize("ranks", [1, 3])
def test_a_killed_job_leaves_a_file_that_can_be_read(start, launch, tmp_path, ranks):
    file, marker = tmp_path / "run.h5", f"marker-{tmp_path.name}"
    start(ranks, JOB, marker, str(file))
    deadline = time.monotonic() + 100
    while not (file.exists() and written(file)):
        assert time.monotonic() < deadline, "nothing is written"
        time.sleep(0.05)
    for process in processes_of(marker):
        os.kill(process, signal.SIGKILL)
    with Recording(file) as recording:
        (t, i), (t_v, v) = recording.spikes("exc"), recording.samples("inh.v")
        until = recording.complete_until
    assert len(t_v) > 300
    assert len(t) > 100
    launch(0, JOB, "whole", str(tmp_path / "whole.npz"), f"{max(t_v[-1], t[-1]) + 0.1:.3f}")
    whole = np.load(tmp_path / "whole.npz")
    assert np.array_equal(v, whole["v"][: len(v)])
    assert until > 0.5 * t_v[-1]
    n = int((t <= until + 1e-9).sum())  # of later ones, a rank that was ahead of others has written more
    assert n == int((whole["t"] <= until + 1e-9).sum()) > 0
    assert np.array_equal(t[:n], whole["t"][:n])
    assert np.array_equal(i[:n], whole["i"][:n])


def written(file):
    """Whether there are samples, and all ranks have written several times: the first to write knows of no other."""
    with Recording(file) as recording:
        return len(recording.samples("inh.v")[0]) > 300 and recording.complete_until > 1.0
