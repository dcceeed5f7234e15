"""What a run reports, and how a network goes on and starts again."""

import fcntl
import os
import pty
import re
import struct
import sys
import termios
from contextlib import suppress

import numpy as np
import pytest
from builders import DT, PASSIVE, cells, injected, passive_cells, run
from networks import same, spikes_and_states

from neurocore_nb import Network, Normal, PoissonInput, Projection, SpikeMonitor, StateMonitor, StepCurrent
from neurocore_nb.engine.report import PHASES
from neurocore_nb.network import progress


def lively():
    exc, inh = cells(11, "exc", initial={"v": Normal(-65.0, 5.0)}), cells(5, "inh", max_step=0.02)
    wiring = [Projection(exc, inh, 3.0, 0.5), Projection(inh, exc, -1.0, 0.4, delay=1.5e-3)]
    drive = PoissonInput(11, 500.0, 9.0)
    monitors = [SpikeMonitor(exc), SpikeMonitor(inh)]
    return Network(exc, inh, *wiring, drive, *monitors), wiring, monitors


# ---- reports ---------------------------------------------------------------------------------------------------------


def test_a_report_adds_up():
    net, wiring, monitors = lively()
    before = 0
    for duration in (0.05, 0.03):
        report = run(net, duration)
        (rank,) = report.ranks
        assert (report.duration, report.dt, report.threads) == (pytest.approx(duration), DT, 1)
        assert (rank.neurons, report.total("neurons")) == (16, 16)
        assert rank.neuron_steps == (11 * 100 + 5 * 50) * round(duration / DT)
        assert rank.synapses == sum(projection.matrix().nnz for projection in wiring) > 0
        assert report.spikes == rank.spikes == sum(monitor.count for monitor in monitors) - before > 0
        assert rank.network_bytes > 4 * 8 * 16
        assert rank.resident_bytes > rank.network_bytes
        before += report.spikes


def test_a_report_tells_the_time_of_each_phase():
    net, _, _ = lively()
    report = run(net, 0.02)
    assert set(report.seconds) == set(PHASES) == {"build", "compile", "integrate", "exchange", "deliver", "record"}
    assert report.wall == report.ranks[0].wall > 0.0
    assert report.wall_per_biological == pytest.approx(report.simulation_wall / 0.02)
    assert np.isnan(run(net, 0.0).wall_per_biological)


def test_a_report_prints_as_a_short_table():
    net, _, monitors = lively()
    text = str(run(net, 0.05))
    lines = text.splitlines()
    assert len(lines) <= 6
    assert max(map(len, lines)) < 150
    assert all(phase in text for phase in PHASES)
    assert f"{sum(monitor.count for monitor in monitors)} spikes" in text
    assert "16 neurons" in text


def shown_in_terminal(action, columns=120):
    """What an action writes to stderr where that is a terminal."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    with os.fdopen(follower, "w") as terminal, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stderr", terminal)
        action()
        written = os.read(leader, 1 << 16).decode()
    os.close(leader)
    return written


@pytest.mark.parametrize("steps", [1, 10, 130])
def test_progress_in_a_terminal_is_a_bar(steps):
    population = cells(2)
    net = Network(population, Projection(population, population, 0.0))  # without delay: an update for each step
    *before, last, end = shown_in_terminal(lambda: run(net, steps * DT, progress=True)).split("\r")
    assert before or steps == 1  # of a run of one step the end may be all that there is to show
    assert end == "\n"
    done = f"{steps * DT:.4g}/{steps * DT:.4g} s"
    assert re.fullmatch(rf"simulated \|█+\| {done} \[00:0\d<00:00, .*step/s, [\d.e+]+ x biological\] *", last)
    assert len(last) <= 120


def test_progress_in_a_file_is_whole_lines(capfd):
    run(Network(cells(2)), 130 * DT, progress=True)
    out, err = capfd.readouterr()
    assert out == ""
    line = (
        rf"simulated {130 * DT:.4g} of {130 * DT:.4g} s \(100%\) in 00:0\d, [\d.e+]+ steps/s, [\d.e+]+ x biological\n"
    )
    assert re.fullmatch(line, err)


@pytest.mark.parametrize(("wall", "lines"), [(5.0, 1), (50.0, 5), (1000.0, 10)])
def test_lines_of_progress_are_few(monkeypatch, capfd, wall, lines):
    """A line needs both 10 s and a tenth of the run since the last."""
    clock = 100.0
    monkeypatch.setattr(progress.time, "monotonic", lambda: clock)
    with progress.progress_bar(True, 1000, 1e-3) as advance:
        for _ in range(200):
            clock += wall / 200
            advance(5)
    written = capfd.readouterr().err.splitlines()
    assert len(written) == lines
    assert f"simulated 1 of 1 s (100%) in {int(wall) // 60:02}:{int(wall) % 60:02}" in written[-1]
    if lines == 10:
        middle = "simulated 0.5 of 1 s (50%) in 08:20, 1 steps/s, 1e+03 x biological, 08:20 left"
        assert written[4] == middle


def test_progress_of_a_run_that_fails_says_how_far_it_came(capfd):
    with suppress(KeyboardInterrupt), progress.progress_bar(True, 1000, 1e-3) as advance:
        advance(300)
        raise KeyboardInterrupt
    assert "simulated 0.3 of 1 s (30%)" in capfd.readouterr().err


def test_without_progress_nothing_is_written(capfd):
    run(Network(cells(2)), 0.01)
    assert capfd.readouterr() == ("", "")


# ---- going on, and starting again ------------------------------------------------------------------------------------


def test_get_states_has_every_variable_of_every_population():
    net, _, _ = lively()
    with pytest.raises(RuntimeError, match="first run"):
        net.get_states()
    run(net, 0.0)
    states = net.get_states()
    assert list(states) == ["exc", "inh"]
    assert list(states["exc"]) == list(states["inh"]) == ["v", "m", "h", "n"]
    assert {variable.shape for variable in states["exc"].values()} == {(11,)}
    assert {variable.shape for variable in states["inh"].values()} == {(5,)}


def test_get_states_gives_copies():
    net, _, _ = lively()
    run(net, 0.0)
    net.get_states()["exc"]["v"][:] = 0.0
    assert (net.get_states()["exc"]["v"] != 0.0).all()


def test_reset_runs_the_same_trial_again():
    net, wiring, monitors = lively()
    run(net, 0.06)
    first = spikes_and_states(net, monitors)
    matrices = [projection.matrix().toarray() for projection in wiring]
    net.reset()
    assert [monitor.count for monitor in monitors] == [0, 0]
    assert [len(monitor.t) for monitor in monitors] == [0, 0]
    run(net, 0.02)
    run(net, 0.04)
    assert same(spikes_and_states(net, monitors), first)
    assert same([projection.matrix().toarray() for projection in wiring], matrices)


def test_reset_with_a_seed_changes_the_noise_and_not_the_wiring():
    net, wiring, monitors = lively()
    run(net, 0.0)
    initial = net.get_states()["exc"]["v"]
    run(net, 0.06)
    first = spikes_and_states(net, monitors)
    matrices = [projection.matrix().toarray() for projection in wiring]
    net.reset(seed=7)
    run(net, 0.0)
    assert (net.get_states()["exc"]["v"] != initial).all()
    run(net, 0.06)
    assert not np.array_equal(monitors[0].t, first[0])
    assert same([projection.matrix().toarray() for projection in wiring], matrices)
    assert net.seed == 7
    net.reset(seed=42)  # the default of a network
    assert net.seed == 42
    run(net, 0.06)
    assert same(spikes_and_states(net, monitors), first)


def test_reset_keeps_drawn_parameters():
    population = cells(20, params=PASSIVE | {"e_l": Normal(-60.0, 2.0)}, max_step=1.0)
    net = Network(population)
    run(net, 0.2)
    first = net.get_states()["exc"]["v"]
    net.reset(seed=3)
    run(net, 0.2)
    assert np.array_equal(net.get_states()["exc"]["v"], first)


def test_reset_before_the_first_run_chooses_the_noise():
    trial, again = (lively() for _ in range(2))
    trial[0].reset(seed=9)
    run(trial[0], 0.03)
    run(again[0], 0.03)
    again[0].reset(seed=9)
    run(again[0], 0.03)
    assert same(spikes_and_states(trial[0], trial[2]), spikes_and_states(again[0], again[2]))


def test_a_spike_under_way_arrives_in_the_next_run():
    source, target = cells(1, "source"), passive_cells(1, "target")
    monitor, spikes = StateMonitor(target), SpikeMonitor(source)
    kick = StepCurrent(0.0, 0.002, 30.0, target=source)
    net = Network(source, target, kick, Projection(source, target, 1.0, delay=4 * DT), monitor, spikes)
    while spikes.count == 0:
        run(net, DT)
    run(net, 8 * DT)
    fired_in = int(np.ceil(spikes.t[0] / DT - 1e-9)) - 1
    assert np.flatnonzero(injected(monitor.traces["v"])[:, 0] > 0.5).tolist() == [fired_in + 1 + 4]


# ---- after something went wrong --------------------------------------------------------------------------------------


def test_a_change_of_threads_that_failed_is_made_good(monkeypatch):
    net, _, monitors = lively()
    run(net, 0.05)
    before = [monitor.count for monitor in monitors]
    with monkeypatch.context() as patch:
        patch.setattr("neurocore_nb.engine.build.Synapses.build", failing(MemoryError))
        with pytest.raises(MemoryError):
            run(net, 0.05, threads=2)
    net.reset()
    run(net, 0.05)
    assert [monitor.count for monitor in monitors] == before
    assert before[1] > 0  # which only synapses make fire


def test_an_interrupted_run_cannot_be_continued(monkeypatch):
    net, _, monitors = lively()
    with monkeypatch.context() as patch:
        patch.setattr("neurocore_nb.engine.exchange.LocalExchange.share", failing(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            run(net, 0.05)
    with pytest.raises(ValueError, match=r"reset\(\)"):
        run(net, 0.05)
    net.reset()
    report = run(net, 0.05)
    assert report.spikes == sum(monitor.count for monitor in monitors) > 0


def failing(kind):
    def fail(*_):
        raise kind

    return fail
