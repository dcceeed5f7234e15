"""The record of a run's phases over wall time is true and stays small."""

import time

import numpy as np
import pytest
from builders import cells, run

from neurocore_nb import Network, Projection, SpikeMonitor
from neurocore_nb.engine.report import PHASES, Stopwatch
from neurocore_nb.engine.timeline import MOST_POINTS, History


@pytest.fixture
def clock(monkeypatch):
    """A clock that is set by hand."""
    now = [100.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    return now


def laps(watch, clock, *spans):
    for phase, seconds in spans:
        clock[0] += seconds
        watch.lap(phase)


def test_shares_are_those_of_the_laps(clock):
    watch = Stopwatch()
    laps(watch, clock, ("compile", 1.0), ("build", 2.0))
    clock[0] += 1.0
    watch.start()  # what passed before belongs to no phase
    laps(watch, clock, ("integrate", 3.0), ("record", 1.0))
    timeline = watch.timeline()
    shares = timeline.shares(np.arange(0.0, 9.0))
    assert list(shares) == list(PHASES)
    assert shares["compile"] == pytest.approx([1, 0, 0, 0, 0, 0, 0, 0])
    assert shares["build"] == pytest.approx([0, 1, 1, 0, 0, 0, 0, 0])
    assert shares["integrate"] == pytest.approx([0, 0, 0, 0, 1, 1, 1, 0])
    assert shares["record"] == pytest.approx([0, 0, 0, 0, 0, 0, 0, 1])
    assert timeline.t[[0, -1]] == pytest.approx([0.0, 8.0])


def test_time_that_is_moved_is_another_phases_from_its_lap_on(clock):
    watch = Stopwatch()
    for _ in range(4):
        laps(watch, clock, ("integrate", 1.0))
        watch.move(0.25, "integrate", to="deliver")
    timeline = watch.timeline()
    shares = timeline.shares([0.0, 1.0, 2.0, 3.0, 4.0])
    assert shares["integrate"] == pytest.approx([0.75] * 4)
    assert shares["deliver"] == pytest.approx([0.25] * 4)
    assert all((np.diff(taken) >= 0.0).all() for taken in timeline.seconds.values())


@pytest.mark.parametrize("gap", [2e-3, 0.3])
def test_a_long_run_is_kept_in_few_points(clock, gap):
    watch = Stopwatch()
    laps(watch, clock, ("build", 20.0), ("compile", 10.0))
    for k in range(20_000):
        laps(watch, clock, ("integrate" if k % 10_000 < 5000 else "exchange", gap))
    timeline = watch.timeline()
    span = 5000 * gap
    assert MOST_POINTS // 4 < len(timeline.t) <= MOST_POINTS + 1
    assert (np.diff(timeline.t) >= 0.0).all()
    assert {phase: float(taken[-1]) for phase, taken in timeline.seconds.items()} == pytest.approx(watch.seconds)
    borders = 30.0 + span * np.arange(5)
    resolution = (30.0 + 4 * span) * 4 / MOST_POINTS / span  # a point in time, as a part of a span
    if gap < 0.1:
        assert timeline.shares([0.0, 20.0, 30.0])["build"] == pytest.approx([1.0, 0.0], abs=0.01)
    assert timeline.shares(borders)["integrate"] == pytest.approx([1, 0, 1, 0], abs=resolution)
    assert timeline.shares(borders)["exchange"] == pytest.approx([0, 1, 0, 1], abs=resolution)


def test_no_points_are_no_shares():
    assert History(1, 0.0).timeline(["one"], 0.0, [0.0]).t.tolist() == [0.0]
    assert len(Stopwatch().timeline().t) == 1


def test_a_report_carries_the_timeline_of_its_run():
    population = cells(20)
    net = Network(population, Projection(population, population, 1.0), SpikeMonitor(population))
    for _ in range(2):
        report = run(net, 0.05)
        (rank,) = report.ranks
        total = {phase: float(taken[-1]) for phase, taken in rank.timeline.seconds.items()}
        assert total == pytest.approx(rank.seconds, rel=1e-5, abs=1e-6)
        assert sum(total.values()) <= float(rank.timeline.t[-1]) * (1.0 + 1e-5) <= rank.wall * (1.0 + 1e-4)
        assert "timeline" not in repr(rank)
