"""Ranks that start together, on an empty cache directory or on none."""

import os
import re

import pytest
from builders import REPOSITORY, nowhere_to_write

PROGRAM = REPOSITORY / "tests" / "mpi" / "programs" / "small_start.py"
SHARED = {name: value for name, value in os.environ.items() if name == "NUMBA_CACHE_DIR"}  # of all tests


@pytest.fixture(autouse=True)
def _own_cache_only(monkeypatch):
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.delenv("NEUROCORE_NB_CACHE", raising=False)


@pytest.fixture
def start(launch):
    """Digest of the spikes; of each rank, how many functions came out of the cache, and how many were compiled."""

    def run(ranks, **environment):
        printed = launch(ranks, PROGRAM, **environment)
        assert "Error" not in printed.stderr
        found = re.findall(r"rank (\d+): (\d+) spikes (\S+) (\d+) hits (\d+) compiled", printed.stdout)
        assert sorted(int(rank) for rank, *_ in found) == list(range(max(ranks, 1))), printed.stdout
        [digest] = {digest for _, _, digest, _, _ in found} - {"-"}
        assert all(int(spikes) > 10 for _, spikes, *_ in found)
        return digest, [(int(hits), int(compiled)) for *_, hits, compiled in found]

    return run


def test_ranks_fill_an_empty_cache(start, tmp_path):
    digest, _ = start(5, NUMBA_CACHE_DIR=str(tmp_path))
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    again, counts = start(5, NUMBA_CACHE_DIR=str(tmp_path))
    assert again == digest == start(0, NUMBA_CACHE_DIR=str(tmp_path))[0]
    assert all(hits > 3 and compiled == 0 for hits, compiled in counts)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_ranks_without_a_place_for_a_cache(start, tmp_path):
    digest, counts = start(2, NUMBA_OPT="0", **nowhere_to_write(tmp_path))  # half the time, and the same bits
    assert all(hits == 0 < compiled for hits, compiled in counts)
    assert digest == start(0, **SHARED)[0]
