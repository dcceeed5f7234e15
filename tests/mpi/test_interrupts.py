"""Ctrl-C ends a run on all ranks so that it can go on, with what was recorded."""

import re
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parent / "programs" / "interrupted.py"


@pytest.mark.parametrize(("ranks", "whom"), [(0, 0), (3, 1)])
def test_an_interrupted_run_goes_on_with_the_same_bits(launch, ranks, whom):
    printed = launch(ranks, PROGRAM, str(whom)).stdout
    told = re.findall(r"rank (\d): stopped at ([\d.]+) s; run\(\) goes on from here; True", printed)
    assert sorted(int(rank) for rank, _ in told) == list(range(max(1, ranks)))
    assert len({time for _, time in told}) == 1
    assert "same: True True True" in printed
