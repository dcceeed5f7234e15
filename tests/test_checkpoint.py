"""Checkpoints: a restart on any ranks and threads goes on with the same bits, and what isn't whole is refused."""

import errno
import json
import os
import pickle
import random
import shutil
import signal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from networks import same, spikes_and_states
from ranks import on_each_rank, on_ranks
from test_contract import BOTH, DT, DURATION, build

from neurocore_nb import (
    CheckpointedExit,
    CheckpointError,
    HodgkinHuxleyNeuron,
    Network,
    Normal,
    NumericalError,
    OUCurrent,
    PoissonInput,
    Population,
    Projection,
    SpikeMonitor,
    StateMonitor,
    StepCurrent,
    Uniform,
)
from neurocore_nb.engine import checkpoint
from neurocore_nb.engine.comm import SerialComm
from neurocore_nb.engine.schedule import Checkpoints

MS = 1e-3
N_STEPS = round(DURATION / DT)
fixed = settings(max_examples=3, deadline=None, derandomize=True, phases=[Phase.generate])


def described(case):
    """A network with a source or stimulus of every kind, and monitors of spikes and states of wholes and parts."""
    net, _ = build(*case)
    cells = net.populations[0]
    net.add(
        SpikeMonitor(cells[len(cells) // 3 :]),
        StateMonitor(cells, tuple(cells.states), interval=2.5 * MS),
        StateMonitor(cells[len(cells) // 2 :], "v", record=list(range(len(cells) - len(cells) // 2))[::-1]),
    )
    return net


def recorded(net):
    """All that monitors hold, and all states: on rank 0."""
    states = spikes_and_states(net)
    if net._comm.rank:
        return []
    spikes = [one for one in net.monitors if isinstance(one, SpikeMonitor)]
    traces = [one for one in net.monitors if isinstance(one, StateMonitor)]
    arrays = [array for one in spikes for array in (one.t, one.i, one.firing_rates(), np.array(one.count))]
    return arrays + [array for one in traces for array in (one.t, *one.traces.values())] + states


def run_to(net, step, threads=1):
    net.run((step - round(net.t / DT)) * DT, DT, threads=threads)
    return net


@BOTH
@fixed
@given(
    n=st.sampled_from([1, 2, 7, 13, 67, 257]),
    seed=st.integers(0, 10**6),
    cut=st.integers(0, N_STEPS),
    ranks=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    threads=st.tuples(st.integers(1, 3), st.integers(1, 3)),
)
def test_a_restart_anywhere_goes_on_with_the_same_bits(
    tmp_path_factory, model, precision, n, seed, cut, ranks, threads
):
    case = model, precision, n, 31, seed
    path = tmp_path_factory.mktemp("restart") / "run.ckpt"
    whole = recorded(run_to(described(case), N_STEPS))

    def first(connect):
        net = run_to(connect(described(case)), cut, threads[0])
        net.save(path)
        return recorded(net) if cut else None

    def second(connect):
        net = connect(described(case))
        net.restore(path, threads=threads[1])
        begun = recorded(net) if cut else None
        return begun, recorded(run_to(net, N_STEPS, threads[1]))

    before = on_ranks(ranks[0], first)
    after, end = on_ranks(ranks[1], second)
    assert cut == 0 or same(before, after)
    assert same(end, whole)


def network(amplitude=10.0, seed=3, monitors=True, **options):
    """Few neurons, with noise, delays of many steps, and a current that makes them fire."""
    cells = Population(HodgkinHuxleyNeuron, 11, label="cells", initial={"v": Normal(-65.0, 3.0)}, **options)
    objects = [
        Projection(cells, cells, Normal(3.0, 1.0), 0.4, Uniform(1 * MS, 9 * MS)),
        OUCurrent(2.0, 2.0, 5 * MS),
        PoissonInput(11, 300.0, 9.0),
        StepCurrent(0.0, 1.0, amplitude),
    ]
    watching = [SpikeMonitor(cells), StateMonitor(cells, "v", interval=2 * MS)] if monitors else []
    return Network(cells, *objects, *watching, seed=seed)


def saved(path, steps=40):
    net = network()
    net.run(steps * DT, DT, threads=1)
    net.save(path)
    return net


def restored(path, **options):
    net = network(**options)
    net.restore(path)
    return net


def assert_goes_on(net, reference, steps=40):
    for one in (net, reference):
        one.run(steps * DT, DT, threads=1)
    assert reference.monitors[0].count > 11
    assert same(recorded(net), recorded(reference))


def test_parameters_and_states_that_were_set_are_in_it(tmp_path):
    net = saved(tmp_path / "a")
    cells = net.populations[0]
    net.set(cells, {"g_l": 0.31, "celsius": Uniform(6.0, 7.0)})
    net.set(cells[2:5], {"g_k": [30.0, 33.0, 38.0], "v": -60.0})
    net.save(tmp_path / "a")
    other = restored(tmp_path / "a")
    for name in ("g_l", "celsius", "g_k", "v"):
        assert np.array_equal(other.get(other.populations[0], name), net.get(cells, name)), name
    assert_goes_on(other, net)
    other.restore(tmp_path / "a")
    other.save(tmp_path / "b")
    assert_goes_on(restored(tmp_path / "b"), restored(tmp_path / "a"))


def test_parameters_that_were_set_after_it_are_as_before_again(tmp_path):
    net = saved(tmp_path / "a")
    net.set(net.populations[0], {"g_na": 100.0})
    net.run(10 * MS, DT)
    net.restore(tmp_path / "a")
    assert_goes_on(net, restored(tmp_path / "a"))
    assert np.all(net.get(net.populations[0], "g_na") == 120.0)


def test_another_trial_goes_on_with_its_own_noise(tmp_path):
    net = network()
    net.reset(seed=77)
    net.run(40 * DT, DT)
    net.save(tmp_path / "a")
    assert_goes_on(restored(tmp_path / "a"), net)


def test_monitors_may_be_in_another_order_and_more_but_not_less(tmp_path):
    net = saved(tmp_path / "a")
    cells = (other := network(monitors=False)).populations[0]
    states, spikes, late = StateMonitor(cells, "v", interval=2 * MS), SpikeMonitor(cells), SpikeMonitor(cells[3:])
    other.add(states, late, spikes)
    other.restore(tmp_path / "a")
    assert late.count == 0
    assert np.array_equal(states.traces["v"], net.monitors[1].traces["v"])
    for one in (net, other):
        one.run(20 * MS, DT)
    assert np.array_equal(spikes.t, net.monitors[0].t)
    assert np.array_equal(late.i, spikes.i[(spikes.t > 40.5 * DT) & (spikes.i >= 3)] - 3)
    with pytest.raises(CheckpointError, match=r"monitor 0 .*no such monitor: add one"):
        restored(tmp_path / "a", monitors=False)


def test_a_network_that_failed_goes_on_from_its_last_checkpoint(tmp_path):
    net = network(amplitude=10.0)
    cells = net.populations[0]
    net.run(20 * MS, DT, checkpoint=tmp_path / "a")
    net.set(cells[4:5], {"v": 1e308})
    with pytest.raises(NumericalError):
        net.run(20 * MS, DT, checkpoint=tmp_path / "a")
    with pytest.raises(RuntimeError, match=r"failed.*restore\(\)"):
        net.save(tmp_path / "a")
    net.restore(tmp_path / "a")
    assert net.t == pytest.approx(20 * MS)
    assert_goes_on(net, restored(tmp_path / "a"))


def test_functions_may_note_their_calls(tmp_path):
    def describe():
        calls, last = [], None

        def rate(t):
            nonlocal last
            calls.append(t)
            last = t
            return 300.0

        net = network()
        net.add(PoissonInput(3, rate, 9.0))
        return net

    net = describe()
    net.run(20 * MS, DT, threads=1, checkpoint=tmp_path / "a")
    other = describe()
    other.restore(tmp_path / "a")
    assert_goes_on(other, net)
    other.save(tmp_path / "b")
    third = describe()
    third.restore(tmp_path / "b")
    third.restore(tmp_path / "a")
    assert third.t == pytest.approx(20 * MS)


class Stubborn(SpikeMonitor):
    """Can't be cleared, or written, where it is told so."""

    fails = ""

    def clear(self):
        if self.fails == "clear":
            raise LookupError("not mine")
        super().clear()

    def memory(self):
        if self.fails == "memory":
            raise MemoryError("no room")
        return super().memory()


def test_a_network_that_was_restored_in_part_has_to_be_restored_again(tmp_path):
    net = network()
    net.add(monitor := Stubborn(net.populations[0]))
    net.run(20 * MS, DT, checkpoint=tmp_path / "a")
    net.run(20 * MS, DT)
    monitor.fails = "clear"
    with pytest.raises(LookupError, match="not mine"):
        net.restore(tmp_path / "a")
    with pytest.raises(ValueError, match=r"failed; call reset\(\) or restore\(\)"):
        net.run(1 * MS, DT)
    monitor.fails = ""
    net.restore(tmp_path / "a")
    net.run(1 * MS, DT)


def test_no_memory_for_a_checkpoint_on_one_rank(tmp_path):
    def program(connect, rank):
        net = connect(network())
        net.add(monitor := Stubborn(net.populations[0]))
        net.run(20 * MS, DT, checkpoint=tmp_path / "a")
        monitor.fails = "memory" if rank == 1 else ""
        with pytest.raises(MemoryError, match=r"checkpoint '.*a', at 0\.03 s: rank 1: no room"):
            net.run(10 * MS, DT, checkpoint=tmp_path / "a")
        with pytest.raises(MemoryError, match=r"checkpoint '.*a': rank 1: no room"):
            net.save(tmp_path / "a")
        with pytest.raises(TypeError, match=r"rank 1: save: path must be a path"):
            net.save(3 if rank == 1 else tmp_path / "a")
        net.restore(tmp_path / "a")
        assert net.t == pytest.approx(20 * MS)

    on_each_rank(2, program)


def test_monitors_keep_what_was_recorded_before_an_error():
    def broken(t):
        if t > 25 * MS:
            raise LookupError("no rate for today")
        return 300.0

    whole = network()
    whole.add(PoissonInput(3, 300.0, 9.0))
    failing = network()
    failing.add(PoissonInput(3, broken, 9.0))
    whole.run(60 * MS, DT, threads=1)
    with pytest.raises(LookupError, match=r"PoissonInput onto.*raised LookupError at 0\.0252.* s: no rate for today"):
        failing.run(60 * MS, DT, threads=1)
    spikes, states = failing.monitors
    n = len(states.t)
    assert spikes.count > 5
    assert 3 <= n <= 13
    assert np.array_equal(spikes.t, whole.monitors[0].t[: spikes.count])
    assert np.array_equal(states.traces["v"], whole.monitors[1].traces["v"][:n])
    assert np.all(whole.monitors[0].t[spikes.count :] > states.t[-1])


# ---- when ------------------------------------------------------------------------------------------------------------


def test_checkpoints_by_the_clock_change_nothing(tmp_path, monkeypatch):
    times = []
    write = checkpoint.write
    monkeypatch.setattr("neurocore_nb.engine.snapshot.write", lambda *a: (times.append(a[2]), write(*a)))
    net, untroubled = network(), network()
    net.run(300 * MS, DT, checkpoint=tmp_path / "a", checkpoint_every=1e-9)
    untroubled.run(300 * MS, DT)
    assert len(times) > 5
    assert times == sorted(set(times))
    assert times[-1] == 600
    assert same(recorded(net), recorded(untroubled))
    assert_goes_on(restored(tmp_path / "a"), untroubled)


@pytest.mark.parametrize("name", ["SIGUSR1", "SIGTERM"])
def test_a_signal_ends_a_run_after_a_checkpoint(tmp_path, name):
    def signalling(t):
        if 0.1 < t < 0.101:
            os.kill(os.getpid(), getattr(signal, name))
        return 300.0

    def describe():
        net = network()
        net.add(PoissonInput(5, signalling, 1.0))
        return net

    before = signal.getsignal(getattr(signal, name))
    net = describe()
    with pytest.raises(CheckpointedExit, match=rf"{name}: wrote the checkpoint .*a' at 0\.\d+ s") as caught:
        net.run(1.0, DT, checkpoint=tmp_path / "a")
    assert caught.value.code == 75
    assert 0.05 < net.t < 0.5
    assert signal.getsignal(getattr(signal, name)) == before
    other = describe()
    other.restore(tmp_path / "a")
    assert_goes_on(other, net)


class Signalling(SpikeMonitor):
    """Its rank gets a signal while a checkpoint is written."""

    def memory(self):
        os.kill(os.getpid(), signal.SIGUSR1)
        return super().memory()


def test_a_signal_while_the_last_checkpoint_is_written(tmp_path):
    net = network()
    net.add(Signalling(net.populations[0]))
    with pytest.raises(CheckpointedExit, match=r"SIGUSR1: wrote the checkpoint .*a' at 0\.02 s"):
        net.run(20 * MS, DT, checkpoint=tmp_path / "a")
    assert len(os.listdir(tmp_path / "a")) == 2


def test_a_signal_that_came_too_late_is_not_lost():
    seen, before = [], signal.signal(signal.SIGUSR1, lambda *_: seen.append("late"))
    try:
        with Checkpoints(SerialComm(), Path("a"), None, lambda: None):
            os.kill(os.getpid(), signal.SIGUSR1)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert seen == ["late"]


def test_without_a_checkpoint_signals_do_what_they_did():
    before = [signal.getsignal(one) for one in (signal.SIGUSR1, signal.SIGTERM)]
    seen = []
    net = network()
    net.add(PoissonInput(5, lambda t: seen.append([signal.getsignal(one) for one in (10, 15)]) or 1.0, 1.0))
    net.run(2 * MS, DT)
    assert seen[-1] == before


# ---- what isn't whole ------------------------------------------------------------------------------------------------


def files_of(path):
    return sorted(one for one in path.rglob("*") if one.is_file())


def content(path):
    return {one.relative_to(path): one.read_bytes() for one in files_of(path)}


def mutated(data, dice):
    """The data with one random mistake of the kinds that disks, networks and people make."""
    kind, at = dice.randrange(7), dice.randrange(max(1, len(data)))
    if kind == 0:
        return data[:at]
    if kind == 1:
        return data[:at] + bytes([data[at] ^ (1 << dice.randrange(8))]) + data[at + 1 :]
    if kind == 2:
        return data[:at] + dice.randbytes(dice.randrange(1, 40)) + data[at:]
    if kind == 3:
        return data[:at] + data[at + dice.randrange(1, 40) :]
    if kind == 4:
        return data[:at] + bytes(min(64, len(data) - at)) + data[at + 64 :]
    if kind == 5:
        return dice.randbytes(len(data))
    return data[:at] + data[at:][::-1]


def test_a_thousand_mutations(tmp_path):
    saved(tmp_path / "good")
    good, reference = content(tmp_path / "good"), recorded(restored(tmp_path / "good"))
    dice, refused, net = random.Random(7), 0, network()  # noqa: S311
    for round_ in range(1000):
        path = tmp_path / "bad"
        shutil.rmtree(path, ignore_errors=True)
        shutil.copytree(tmp_path / "good", path)
        name = dice.choice(sorted(good))
        (path / name).write_bytes(mutated(good[name], dice))
        try:
            net.restore(path)
        except CheckpointError:
            refused += 1
        else:
            assert same(recorded(net), reference), (round_, name)
    assert refused > 900


def manifest_of(path):
    return json.loads((path / "manifest.json").read_text())


def forged(path, **changes):
    """Change the manifest, with a checksum that agrees."""
    content = manifest_of(path) | changes
    del content["checksum"]
    (path / "manifest.json").write_text(json.dumps(content | {"checksum": checkpoint._checksum(content)}))


FORGED = [
    ({"format": 0}, r"format 0 .*written by neurocore_nb '0\.\d+\.\d+'.*version that wrote it"),
    ({"neurocore_nb": "0.0.1"}, r"written by neurocore_nb '0\.0\.1', but this is"),
    ({"folder": "../../etc"}, "which files belong"),
    ({"folder": "step-40-nothing!"}, "which files belong"),
    ({"folder": "step-40-00000000"}, "missing"),
    ({"parts": []}, "which files belong"),
    ({"parts": [{"bytes": 1}]}, "which files belong"),
    ({"parts": None}, "which files belong"),
    ({"dt": 0.0}, "must"),
    ({"dt": "now"}, "must"),
    ({"dt": None}, "must"),
    ({"step": -1}, "must"),
    ({"step": 2**60}, "must"),
    ({"noise_seed": "x"}, "must"),
    ({"set": [{"g_l": "much"}]}, "must"),
    ({"set": [{"none such": 1.0}]}, "must"),
    ({"set": []}, "must"),
    ({"set": [{"g_l": None}]}, r"no array '0/set/g_l'"),
    ({"monitors": None}, "must"),
    ({"monitors": [{}]}, "no such monitor"),
    ({"network": "0123456789abcdef"}, "another network"),
]


@pytest.mark.parametrize(("changes", "pattern"), [pytest.param(*row, id=str(row[0])[:30]) for row in FORGED])
def test_hand_edited_manifests(tmp_path, changes, pattern):
    net = saved(tmp_path / "a")
    forged(tmp_path / "a", **changes)
    with pytest.raises(CheckpointError, match=pattern):
        restored(tmp_path / "a")
    with pytest.raises(CheckpointError, match=pattern):
        net.restore(tmp_path / "a")
    net.save(tmp_path / "b")  # it has stayed as it was
    assert_goes_on(restored(tmp_path / "b"), net)


def test_an_edit_without_the_checksum_is_told_from_damage_elsewhere(tmp_path):
    saved(tmp_path / "a")
    file = tmp_path / "a" / "manifest.json"
    file.write_text(file.read_text().replace('"step": 40', '"step": 41'))
    with pytest.raises(CheckpointError, match="damaged, or was changed by hand"):
        restored(tmp_path / "a")


class Evil:
    """Would be run by whoever unpickles it."""

    def __reduce__(self):
        return os.mkdir, ("run",)


def rewritten(path, change):
    """Change the arrays of a part, with checksums that agree."""
    part = next(path.rglob("part-00000.npz"))
    with np.load(part) as arrays:
        kept = dict(arrays)
    change(kept)
    np.savez(part, **kept)
    forged(path, parts=[checkpoint._signature(part)])


PARTS = [
    (lambda arrays: arrays.pop("0/ring"), "no array '0/ring'"),
    (
        lambda arrays: arrays.update({"0/states": arrays["0/states"][:, 1:]}),
        r"'0/states' is float64 of shape \(\d+, 10\)",
    ),
    (lambda arrays: arrays.update({"0/states": arrays["0/states"].astype("f4")}), "is float32"),
    (lambda arrays: arrays.update({"monitor 0/i": arrays["monitor 0/i"] + 100}), "indices from"),
    (lambda arrays: arrays.update({"monitor 0/t": arrays["monitor 0/t"][1:]}), "monitor|shape"),
    (lambda arrays: arrays.update({"monitor 1/t": arrays["monitor 1/t"][1:]}), "shape"),
    (lambda arrays: arrays.update({"0/states": np.array([Evil()], object)}), "can't be read"),
]


@pytest.mark.parametrize(("change", "pattern"), [pytest.param(*row, id=row[1][:20]) for row in PARTS])
def test_parts_that_a_stranger_made(tmp_path, monkeypatch, change, pattern):
    monkeypatch.chdir(tmp_path)
    saved(tmp_path / "a")
    rewritten(tmp_path / "a", change)
    with pytest.raises(CheckpointError, match=pattern):
        restored(tmp_path / "a")
    assert not (tmp_path / "run").exists()


def test_a_pickle_is_not_opened(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    saved(tmp_path / "a")
    part = next((tmp_path / "a").rglob("*.npz"))
    part.write_bytes(pickle.dumps(Evil()))
    forged(tmp_path / "a", parts=[checkpoint._signature(part)])
    with pytest.raises(CheckpointError, match="can't be read"):
        restored(tmp_path / "a")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("options", [{"amplitude": 10.5}, {"seed": 4}, {"max_step": 0.02}, {"precision": "float32"}])
def test_the_checkpoint_of_another_network_is_refused(tmp_path, options):
    saved(tmp_path / "a")
    with pytest.raises(CheckpointError, match=r"of another network.*same populations, projections, couplings"):
        restored(tmp_path / "a", **options)


def test_another_environment_is_named_as_a_possible_reason(tmp_path):
    saved(tmp_path / "a")
    forged(tmp_path / "a", network="0" * 16, environment={"python": "3.9.1", "numpy": np.__version__})
    with pytest.raises(CheckpointError, match=r"other versions: python .* there"):
        restored(tmp_path / "a")


# ---- what can't be written or read -----------------------------------------------------------------------------------


def no_room(*_, **__):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("what", ["numpy.savez", "os.replace", "json.dump", "os.fsync"])
def test_the_old_checkpoint_outlives_a_failure_to_write_a_new_one(tmp_path, monkeypatch, what):
    net = saved(tmp_path / "a")
    before = content(tmp_path / "a")
    net.run(10 * MS, DT)
    with monkeypatch.context() as patch:
        patch.setattr(what, no_room)
        with pytest.raises(OSError, match=r"checkpoint '.*a'.*No space left") as caught:
            net.save(tmp_path / "a")
        assert caught.value.errno == errno.ENOSPC
        with pytest.raises(OSError, match=r"checkpoint '.*a', at 0\.035 s.*No space left"):
            net.run(5 * MS, DT, checkpoint=tmp_path / "a")
    after = content(tmp_path / "a")
    assert {name: after[name] for name in before} == before
    assert after.keys() == before.keys()
    assert_goes_on(restored(tmp_path / "a"), saved(tmp_path / "b"))


def test_a_run_whose_checkpoint_cannot_be_written_may_go_on(tmp_path, monkeypatch):
    net, untroubled = network(), network()
    with monkeypatch.context() as patch:
        patch.setattr("numpy.savez", no_room)
        with pytest.raises(OSError, match=r"checkpoint '.*a', at 0\.\d+ s: .*No space left"):
            net.run(1.0, DT, checkpoint=tmp_path / "a", checkpoint_every=1e-9)
    untroubled.run(net.t, DT)
    net.save(tmp_path / "b")
    assert_goes_on(restored(tmp_path / "b"), untroubled)
    assert_goes_on(net, restored(tmp_path / "b"))


def test_a_function_may_change_the_folder(tmp_path, monkeypatch):
    def rate(t):
        os.chdir(tmp_path / "b")
        return 1.0

    (tmp_path / "b").mkdir()
    monkeypatch.chdir(tmp_path)
    net = network()
    net.add(PoissonInput(5, rate, 1.0))
    net.run(2 * MS, DT, checkpoint="a")
    assert sorted(os.listdir(tmp_path)) == ["a", "b"]


def test_a_new_checkpoint_takes_the_place_of_the_old_one_and_of_remains(tmp_path):
    net = saved(tmp_path / "a")
    first = manifest_of(tmp_path / "a")["folder"]
    (tmp_path / "a" / "step-99-0123abcd").mkdir()
    net.save(tmp_path / "a")
    folder = manifest_of(tmp_path / "a")["folder"]
    assert folder != first
    assert sorted(one.name for one in (tmp_path / "a").iterdir()) == ["manifest.json", folder]


def test_remains_of_a_job_that_was_killed_take_no_room_from_the_next(tmp_path, monkeypatch):
    net = saved(tmp_path / "a")
    kept = sorted(os.listdir(tmp_path / "a"))
    (tmp_path / "a" / "step-99-0123abcd").mkdir()
    monkeypatch.setattr("numpy.savez", no_room)
    with pytest.raises(OSError, match="No space left"):
        net.save(tmp_path / "a")
    assert sorted(os.listdir(tmp_path / "a")) == kept


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path):
    (tmp_path / "results.csv").write_text("precious")
    with pytest.raises(CheckpointError, match=r"holds 'results\.csv' and isn't a checkpoint"):
        saved(tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == ["results.csv"]


def test_a_file_in_its_place(tmp_path):
    (tmp_path / "a").write_text("precious")
    with pytest.raises(CheckpointError, match=r"checkpoint '.*there is a file, but a checkpoint is a folder"):
        saved(tmp_path / "a")
    assert (tmp_path / "a").read_text() == "precious"


def test_nothing_to_save_and_nothing_there(tmp_path):
    with pytest.raises(RuntimeError, match=r"nothing to save yet.*run\(0\.0\)"):
        network().save(tmp_path / "a")
    with pytest.raises(FileNotFoundError, match=r"no checkpoint at '.*a'"):
        restored(tmp_path / "a")
    (tmp_path / "a").mkdir()
    with pytest.raises(FileNotFoundError, match="no checkpoint"):
        restored(tmp_path / "a")


WRONG = [
    (lambda net: net.run(0.001, checkpoint_every=1.0), ValueError, r"checkpoint_every = 1\.0 s, but no checkpoint="),
    (lambda net: net.run(0.001, checkpoint="a", checkpoint_every=0.0), ValueError, "checkpoint_every.*above 0 s"),
    (lambda net: net.run(0.001, checkpoint=3), TypeError, r"checkpoint must be a path such as 'run\.ckpt', not 3"),
    (lambda net: net.run(0.001, watchdog=-1.0), ValueError, r"watchdog = -1\.0 s must be at least 0 s; 0 switches"),
    (lambda net: net.run(0.001, watchdog="on"), TypeError, "watchdog must be a number of seconds, not 'on'"),
    (lambda net: net.restore(None), TypeError, r"restore: path must be a path"),
    (lambda net: net.restore(""), TypeError, r"restore: path must be a path"),
]


@pytest.mark.parametrize(("call", "kind", "pattern"), [pytest.param(*row, id=row[2][:20]) for row in WRONG])
def test_bad_arguments(call, kind, pattern):
    with pytest.raises(kind, match=pattern):
        call(network())


def test_a_checkpoint_of_another_step_needs_a_new_network(tmp_path):
    saved(tmp_path / "a")
    net = network()
    net.run(1 * MS, 0.25 * MS)
    with pytest.raises(ValueError, match=r"dt = 0\.00025 s since its first run.*dt = 0\.0005 s; restore it into a new"):
        net.restore(tmp_path / "a")


def test_a_restore_that_fails_fixes_nothing(tmp_path):
    saved(tmp_path / "a")
    next((tmp_path / "a").rglob("*.npz")).unlink()
    net = network()
    with pytest.raises(CheckpointError, match="missing"):
        net.restore(tmp_path / "a")
    assert net.t == 0.0
    net.run(1 * MS, 0.25 * MS)


def test_paths_of_all_kinds(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("deep/er").mkdir(parents=True)
    net = saved(Path("deep/er/run.ckpt"))
    net.save("plain")
    assert_goes_on(restored("deep/er/run.ckpt"), restored(Path("plain")))


def test_a_bad_place_is_told_before_anything_runs(tmp_path):
    net = network()
    with pytest.raises(
        FileNotFoundError, match=r"checkpoint '.*a': there is no folder '.*nowhere' for 'a'; make it first"
    ):
        net.run(10 * MS, checkpoint=tmp_path / "nowhere" / "a")
    (tmp_path / "notes.txt").write_text("precious")
    with pytest.raises(CheckpointError, match=r"holds 'notes.txt' and isn't a checkpoint"):
        net.run(10 * MS, checkpoint=tmp_path)
    assert net.t == 0.0
    assert not (tmp_path / "nowhere").exists()


def test_what_differs_from_the_checkpoint_is_told(tmp_path):
    saved(tmp_path / "a")
    with pytest.raises(CheckpointError, match=r"it has seed \d+, this one has seed 4;"):
        restored(tmp_path / "a", seed=4)
    with pytest.raises(CheckpointError, match=r"StepCurrent.* has other values there;"):
        restored(tmp_path / "a", amplitude=10.5)
