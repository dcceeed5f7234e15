"""Spikes that ranks share within compiled calls, and what ends such a call before its time."""

import threading
from contextlib import contextmanager, nullcontext

import numpy as np
import pytest
from networks import same, spikes_and_states
from ranks import ThreadComm, on_each_rank, on_ranks

from neurocore_nb import (
    CheckpointedExit,
    ExpCurrent,
    HodgkinHuxleyNeuron,
    LIFNeuron,
    Network,
    NumericalError,
    PoissonInput,
    Population,
    Projection,
    SpikeMonitor,
    StateMonitor,
    StepCurrent,
    Uniform,
)
from neurocore_nb.engine import checkpoint, recording
from neurocore_nb.engine.exchange import Exchange
from neurocore_nb.engine.report import Stopwatch
from neurocore_nb.engine.schedule import Checkpoints
from neurocore_nb.engine.sparse_exchange import SparseExchange
from neurocore_nb.engine.stepper import Stepper
from neurocore_nb.kernels.wire import CHECKPOINT, GOING_ON, STOP

MS = 1e-3
N = 1320


def syn():
    return {"syn": ExpCurrent(tau=2.0)}


def waves(connect=lambda net: net, delay=0.0, interval=None, duration=0.1, exchange="all", checkpoint=None):
    """Cells of which now few and now nearly all fire in a step, among others whose spikes nobody needs."""
    others = Population(LIFNeuron, 50, label="others", receptors=syn())
    cells = Population(LIFNeuron, N, receptors=syn(), initial={"v": Uniform(-70.0, -52.0)})
    rest = Projection(cells, cells, 200.0, topology="fixed_indegree", indegree=3, delay=delay)
    pulses = [StepCurrent(k * 40 * MS, (k * 40 + 2) * MS, 6000.0, cells) for k in range(3)]
    spikes, seen = SpikeMonitor(cells), SpikeMonitor(others)
    states = [StateMonitor(cells, "v", record=[0, 300, N - 1], interval=interval)] if interval else []
    drives = PoissonInput(N, 300.0, 1500.0, target=cells), PoissonInput(50, 300.0, 800.0, target=others)
    net = connect(Network(others, cells, rest, *drives, *pulses, spikes, seen, *states))
    net.run(duration / 4, dt=0.5 * MS, threads=1, exchange=exchange, checkpoint=checkpoint)
    net.run(duration * 3 / 4, dt=0.5 * MS, threads=1, exchange=exchange, checkpoint=checkpoint)
    values = spikes_and_states(net)
    here = net._comm.rank == 0
    return (
        [array for one in (spikes, seen) * here for array in (one.t, one.i)]
        + [one.traces["v"] for one in states * here]
        + values
    )


class Counts:
    """How often each rank's calls of one method have been made."""

    def __init__(self, monkeypatch, kind, name):
        self.n = 0
        method = getattr(kind, name)

        def counted(*arguments):
            self.n += 1
            return method(*arguments)

        monkeypatch.setattr(kind, name, counted)


@pytest.mark.parametrize("size", [2, 3, 5])
@pytest.mark.parametrize(
    ("delay", "interval"), [(0.0, None), (1 * MS, None), (0.0, 2 * MS), (1.5 * MS, 2 * MS), (1 * MS, 2 * MS)]
)
def test_the_same_bits_whether_a_rank_shares_in_calls_or_in_python(monkeypatch, size, delay, interval):
    alone = waves(delay=delay, interval=interval)
    by_number = np.bincount(np.round(alone[0] / (0.5 * MS)).astype(int))
    assert by_number.max() > 5 * 140  # more than travel with the header
    assert np.sum((by_number > 0) & (by_number < 20)) > 20
    in_calls, afterwards = (Counts(monkeypatch, ThreadComm, name) for name in ("_allgather", "allgatherv"))
    assert same(on_ranks(size, lambda connect: waves(connect, delay, interval)), alone)
    samples_between_exchanges = (delay, interval) == (1 * MS, 2 * MS)  # there Python shares
    assert (in_calls.n == 0) == samples_between_exchanges
    assert afterwards.n > 0


def test_many_intervals_take_few_calls(monkeypatch):
    calls = Counts(monkeypatch, Stepper, "advance")
    net = on_ranks(1, waves)
    alone, calls.n = calls.n, 0
    monkeypatch.setattr(ThreadComm, "always_in_kernels", True)
    assert same(on_ranks(2, waves), net)
    assert calls.n < 2 * alone + 2 * 40


@pytest.mark.parametrize("delay", [0.0, 1 * MS])
def test_spikes_that_nobody_needs_change_nothing(delay):
    def program(busy):
        cells = Population(LIFNeuron, 40, receptors=syn())
        onward = Projection(cells, cells, 9000.0, topology=(np.arange(40), (np.arange(40) + 1) % 40), delay=delay)
        spikes, drive = SpikeMonitor(cells), StepCurrent(0.0, 2 * MS, 6000.0, cells[:3])
        net = Network(cells, onward, drive, spikes)
        if busy:
            others = Population(LIFNeuron, 7, params={"v_reset": -56.0, "t_ref": 0.0})
            net.add(others, StepCurrent(0.0, 1.0, 30000.0, others), seen := SpikeMonitor(others))
        net.run(0.2, dt=0.5 * MS, threads=1)
        assert not busy or seen.count > 7 * 50, seen.count
        return spikes.t, spikes.i

    quiet = program(busy=False)
    assert len(quiet[0]) > 40
    assert same(program(busy=True), quiet)


def test_a_full_log_of_one_rank_holds_up_nobody(monkeypatch):
    alone = waves()
    monkeypatch.setattr(recording, "_ROOM", 100)
    assert same(on_ranks(3, waves), alone)


@pytest.mark.parametrize("failing", [0, 1, 2])
def test_what_a_recorder_raises_on_one_rank_is_raised_on_all(monkeypatch, failing):
    record, place = recording.SpikeRecorder.record, threading.local()

    def full(recorder, spikes, origin):
        if place.rank == failing and origin > 0:
            raise OSError("disk full")
        record(recorder, spikes, origin)

    def program(connect, rank):
        place.rank = rank
        with pytest.raises(OSError, match="disk full") as caught:
            waves(connect)
        return str(caught.value)

    monkeypatch.setattr(recording.SpikeRecorder, "record", full)
    monkeypatch.setattr(recording, "_ROOM", 100)
    assert len(on_each_rank(3, program)) == 3


@pytest.mark.parametrize("neuron", [0, 5, 8])
def test_a_state_that_is_not_finite_ends_the_run_on_all_ranks(neuron):
    def program(connect, rank):
        cells = Population(HodgkinHuxleyNeuron, 9, label="cells")
        current = StepCurrent(20 * MS, 1.0, 1e305, cells[neuron : neuron + 1])
        net = connect(Network(cells, Projection(cells, cells, 0.1), current))
        with pytest.raises(NumericalError, match=rf"'cells'.*neuron {neuron}\b") as caught:
            net.run(0.1, dt=0.1 * MS, threads=1)
        net.reset()
        with pytest.raises(NumericalError):  # not something else: all ranks agree anew on their messages
            net.run(0.1, dt=0.1 * MS, threads=1)
        return str(caught.value)

    assert len({message.split("between")[1] for message in on_each_rank(3, program)}) == 1


def test_an_error_of_mpi_is_raised(monkeypatch):
    def broken(comm, *_):
        comm._error = RuntimeError("MPI_ERR_COMM")
        return 5

    monkeypatch.setattr(ThreadComm, "_allgather", broken)
    with pytest.raises(RuntimeError, match="MPI_ERR_COMM"):
        on_ranks(2, waves)


class Playing:
    """Lets something go wrong on one of the ranks that are threads of this process."""

    def __init__(self, monkeypatch, failing, kind, name, error, when=lambda calls: True, after=False):
        self._place, method, calls = threading.local(), getattr(kind, name), {}

        def wrong(one, *arguments, **named):
            rank = self._place.rank
            calls[rank] = calls.get(rank, 0) + 1
            fails = rank == failing and when(calls[rank])
            if fails and not after:
                raise error
            result = method(one, *arguments, **named)
            if fails:
                raise error
            return result

        monkeypatch.setattr(kind, name, wrong)

    def on_each_rank(self, size, program):
        def started(connect, rank):
            self._place.rank = rank
            return program(connect)

        return on_each_rank(size, started)


def refused(kind, program):
    def act(connect):
        with pytest.raises(kind) as caught:
            program(connect)
        return str(caught.value)

    return act


@pytest.mark.parametrize("failing", [0, 2])
@pytest.mark.parametrize("exchange", ["all", "sparse"])
def test_no_memory_for_many_spikes_on_one_rank(monkeypatch, failing, exchange):
    kind = Exchange if exchange == "all" else SparseExchange
    playing = Playing(monkeypatch, failing, kind, "_make_room", MemoryError("no room"))
    program = refused(MemoryError, lambda connect: waves(connect, exchange=exchange))
    said = playing.on_each_rank(3, program)
    assert said == [f"rank {failing}: no room"] * 3


@pytest.mark.parametrize("size", [1, 2, 3])
def test_an_error_after_a_call_is_told_with_the_next(monkeypatch, size):
    """The spikes have gone to the others, who go on for an interval more, and then raise it, too."""
    playing = Playing(monkeypatch, size - 1, Stopwatch, "move", LookupError("late"), lambda calls: calls == 9)
    monkeypatch.setattr(ThreadComm, "always_in_kernels", True)
    said = playing.on_each_rank(size, refused(LookupError, waves))
    assert len(set(said)) == 1
    assert "s: late" in said[0]


@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_progress_bar_that_breaks_ends_the_run_on_all_ranks(monkeypatch, size):
    monkeypatch.setattr("neurocore_nb.network.network.progress_bar", broken_bar)
    said = on_each_rank(size, lambda connect, rank: refused(BrokenPipeError, waves)(connect))
    assert len(set(said)) == 1
    assert "nobody reads" in said[0]


@contextmanager
def broken_bar(wanted, n_steps, dt):
    def advance(steps):
        if steps:
            raise BrokenPipeError(32, "nobody reads")

    yield advance


@pytest.mark.parametrize("status", [CHECKPOINT, STOP])
@pytest.mark.parametrize("exchange", ["all", "sparse"])
@pytest.mark.parametrize("in_kernels", [True, False])
def test_what_one_rank_asks_for_is_done_by_all_at_the_same_step(monkeypatch, tmp_path, status, exchange, in_kernels):
    """Rank 1 asks for a checkpoint, or the end, in its ninth call."""
    times, asked = [], threading.local()

    def ask(one):
        asked.calls = getattr(asked, "calls", 0) + 1
        one._fresh = False
        if status == STOP and one._comm.rank == 1 and asked.calls >= 9:
            one._signal = "SIGUSR1"
        return status if one._comm.rank == 1 and asked.calls == 9 else GOING_ON

    def program(connect, rank):
        path = tmp_path / "a"
        with pytest.raises(CheckpointedExit) if status == STOP else nullcontext():
            whole = waves(connect, exchange=exchange, checkpoint=path)
        return None if status == STOP else whole

    def noted(path, comm, step, *rest):
        times.append(step)
        checkpoint.write(path, comm, step, *rest)

    monkeypatch.setattr(Checkpoints, "status", ask)
    monkeypatch.setattr(ThreadComm, "always_in_kernels", in_kernels)
    monkeypatch.setattr("neurocore_nb.engine.snapshot.write", noted)
    whole = on_each_rank(3, program)[0]
    first = times[:3]
    assert len(set(first)) == 1
    assert 0 < first[0] < 50
    assert status == STOP or same(whole, waves())
