"""Recordings in files: the same as in memory, on any ranks, after whatever happened; other programs read them."""

import shutil
from contextlib import contextmanager

import h5py
import libsonata
import numpy as np
import pytest
from ranks import on_each_rank, on_ranks

from neurocore_nb import (
    CheckpointError,
    HodgkinHuxleyNeuron,
    Network,
    Normal,
    NumericalError,
    PoissonInput,
    PoissonPopulation,
    Population,
    Projection,
    SpikeMonitor,
    StateMonitor,
    StepCurrent,
    WeightMonitor,
)
from neurocore_nb.engine import streaming
from neurocore_nb.io import Recording, merge, parts

DT = 1e-4
STEPS = 400


@contextmanager
def small_files(monkeypatch, bytes_=2000, every=float("inf")):
    """Files of few rows, written at each opportunity."""
    monkeypatch.setattr(parts, "LARGEST", bytes_)
    monkeypatch.setattr(streaming, "LARGEST", bytes_)
    monkeypatch.setattr(streaming, "EVERY", every)
    yield


def described(to=None, seed=3):
    """A living network, and monitors of a whole, of parts in odd orders, and of a source."""
    exc = Population(HodgkinHuxleyNeuron, 37, label="exc", initial={"v": Normal(-65.0, 5.0)})
    inh = Population(HodgkinHuxleyNeuron, 11, label="inh")
    noise = PoissonPopulation(23, 300.0, label="noise")
    return Network(
        exc, inh, noise,
        Projection(exc, inh, 15.0, 0.5, delay=5e-4), Projection(inh, exc, -5.0, 0.5, delay=7e-4),
        PoissonInput(37, 800.0, 90.0),
        SpikeMonitor(exc, to=to), SpikeMonitor(inh[2:9], to=to), SpikeMonitor(noise[5:], to=to),
        StateMonitor(exc[3:35], ("v", "m"), record=[31, 0, 7, 0, 19], interval=3e-4, to=to),
        StateMonitor(inh, "n", to=to),
        seed=seed,
    )  # fmt: skip


def recorded(net):
    """Arrays of all monitors, of rank 0."""
    arrays = []
    for one in net.monitors:
        if isinstance(one, SpikeMonitor):
            arrays += [np.array(one.count), one.t, one.i, one.firing_rates(), one.isi()]
        else:
            arrays += [one.t, *(one.traces[name] for name in one.variables)]
    return arrays


def run(net, *ends, threads=1):
    for end in ends:
        net.run((end - round(net.t / DT)) * DT, DT, threads=threads)
    return net


@pytest.fixture(scope="module")
def in_memory():
    net = run(described(), STEPS)
    arrays = recorded(net)
    assert min(one.count for one in net.monitors[:3]) > 5
    return arrays


def assert_same(found, expected):
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("ranks", [1, 2, 5])
@pytest.mark.parametrize("small", [False, True])
def test_files_hold_what_memory_would(ranks, small, in_memory, tmp_path, monkeypatch):
    def program(connect):
        net = run(connect(described(tmp_path / "run.h5")), 1, 250, STEPS, threads=2)
        assert net.monitors[0].count == in_memory[0]
        return recorded(net) if net._comm.rank == 0 else None

    with small_files(monkeypatch) if small else monkeypatch.context():
        assert_same(on_ranks(ranks, program), in_memory)
    n_files = len(list((tmp_path / "run.h5.parts").iterdir()))
    assert n_files > 10 if small else n_files <= 5 * ranks
    check_by_others(tmp_path / "run.h5", in_memory, "by_time" if ranks == 1 else "none")
    merge(tmp_path / "run.h5", tmp_path / "one.h5")
    shutil.rmtree(tmp_path / "run.h5.parts")
    check_by_others(tmp_path / "one.h5", in_memory, "by_time")
    with Recording(tmp_path / "one.h5") as recording:
        t, i = recording.spikes("inh")
        assert_same([t, i - 2], in_memory[6:8])
    with pytest.raises(FileNotFoundError, match=r"lacks .* of its parts.*merge"):
        Recording(tmp_path / "run.h5")


def test_a_recording_as_objects_of_neo(in_memory, tmp_path):
    run(described(tmp_path / "run.h5"), STEPS)
    with Recording(tmp_path / "run.h5") as recording:
        block = recording.to_neo()
        two = recording.to_neo("noise", "exc.v")
        with pytest.raises(ValueError, match=r"has no spikes 'pyr'; it has exc, inh, noise"):
            recording.to_neo("pyr")
    segments = {segment.name: segment for segment in block.segments}
    assert [segment.name for segment in two.segments] == ["noise", "exc.v"]
    assert len(two.segments[0].spiketrains) == 18
    assert list(segments) == ["exc", "inh", "noise", "exc.m", "exc.v", "inh.n"]
    trains = segments["inh"].spiketrains
    assert [train.annotations["neuron"] for train in trains] == list(range(2, 9))
    assert float(trains[0].t_stop) == pytest.approx(STEPS * DT)
    times = np.sort(np.concatenate([train.rescale("s").magnitude for train in trains]))
    np.testing.assert_array_equal(times, in_memory[6])
    np.testing.assert_array_equal(segments["inh.n"].analogsignals[0].magnitude, in_memory[19])


def check_by_others(path, expected, sorting):
    """What libsonata and plain h5py read."""
    for place, (name, start) in enumerate({"exc": 0, "inh": 2, "noise": 5}.items()):
        spikes = libsonata.SpikeReader(str(path))[name]
        assert spikes.sorting == sorting
        i, t = np.array(sorted(spikes.get(), key=lambda pair: pair[::-1])).reshape(-1, 2).T
        np.testing.assert_array_equal(i - start, expected[5 * place + 2])
        np.testing.assert_allclose(t, expected[5 * place + 1] * 1e3, rtol=1e-12)
    frames = libsonata.SomaReportReader(str(path))["exc.v"]
    values = frames.get()
    assert (frames.data_units, frames.time_units) == ("mV", "ms")
    assert list(values.ids) == [3, 3, 10, 22, 34]
    np.testing.assert_allclose(values.times, expected[15] * 1e3, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(values.data, expected[16][:, [1, 3, 2, 4, 0]], rtol=1e-6)
    assert libsonata.ElementReportReader(str(path))["inh.n"].get().data.shape == expected[19].shape
    with h5py.File(path) as file:
        assert file.attrs["magic"] == 0x0A7A
        np.testing.assert_array_equal(file["report/inh.n/values"][:], expected[19])


@pytest.mark.parametrize("ranks", [1, 3])
def test_a_file_is_whole_after_each_write(ranks, tmp_path, monkeypatch, in_memory):
    """What can be read while the network runs is the beginning of what comes out, and it tells how far that is."""
    seen = []

    def look(self, recorders, whole):
        streaming_publish(self, recorders, whole=whole)
        with Recording(tmp_path / "run.h5") as recording:
            seen.append((recording.spikes("exc"), recording.samples("exc.v"), whole, recording.complete_until))
            trains = recording.spike_trains("exc")
        of_trains = np.concatenate(list(trains.values()))
        assert trains.t_stop == seen[-1][-1] >= of_trains.max(initial=0.0) - 1e-9
        assert len(of_trains) == (seen[-1][0][0] < trains.t_stop + 1e-9).sum()

    streaming_publish = lambda self, recorders, whole: publish(recorders, whole=whole)  # noqa: E731
    publish = streaming.publish
    monkeypatch.setattr(streaming, "publish", lambda recorders, whole: look(None, recorders, whole))
    monkeypatch.setattr(streaming, "MOST_OF_TIME", 1.0)
    with small_files(monkeypatch, every=0.01):
        on_ranks(ranks, lambda connect: run(connect(described(tmp_path / "run.h5")), 150, STEPS))
    assert len(seen) > 5
    assert [whole for *_, whole, _ in seen].count(True) == 2
    ends = [until for *_, until in seen]
    assert ends == sorted(ends)
    assert ends[-1] == pytest.approx(STEPS * DT)
    assert len(set(ends)) > 4
    for (t, i), (t_v, v), _, until in seen:
        there, expected = t < until + 1e-9, in_memory[1] < until + 1e-9
        np.testing.assert_array_equal(t[there], in_memory[1][expected])
        np.testing.assert_array_equal(i[there], in_memory[2][expected])
        np.testing.assert_array_equal(v[:, -1], in_memory[16][: len(t_v), 0])
    assert not list((tmp_path / "run.h5.parts").glob("*.until"))


@pytest.mark.parametrize(("before", "after"), [(1, 3), (3, 2), (2, 1)])
def test_a_restored_network_goes_on_with_its_file(before, after, in_memory, tmp_path, monkeypatch):
    file, saved = tmp_path / "run.h5", tmp_path / "run.ckpt"

    def first(connect):
        net = run(connect(described(file)), 223)
        net.save(saved)
        run(net, 300)  # what comes of this is lost

    def second(connect):
        net = connect(described(file))
        net.restore(saved)
        run(net, 230, STEPS)
        return recorded(net) if net._comm.rank == 0 else None

    with small_files(monkeypatch):
        on_ranks(before, first)
        for _ in range(2):  # it can be restored as often as one likes
            assert_same(on_ranks(after, second), in_memory)
    for one in (tmp_path / "run.h5.parts").iterdir():
        one.unlink()
    with pytest.raises(CheckpointError, match=r"parts of its recording .* are missing"):
        on_ranks(1, second)


@pytest.mark.parametrize("ranks", [1, 3])
def test_a_failed_run_leaves_what_was_recorded_until_then(ranks, tmp_path, monkeypatch):
    def program(connect, to):
        net = described(to)
        net.add(StepCurrent(0.03, 1.0, 1e305, target=net.populations[0][30:]))
        with pytest.raises(NumericalError):
            run(connect(net), STEPS)
        return recorded(net) if net._comm is None or net._comm.rank == 0 else None

    expected = on_ranks(1, lambda connect: program(connect, None))
    with small_files(monkeypatch):
        assert_same(on_ranks(ranks, lambda connect: program(connect, tmp_path / "run.h5")), expected)
    assert len(expected[1]) > 10


def test_a_rank_that_cannot_write_ends_all(tmp_path, monkeypatch):
    put = parts.Part._put

    def fails(self, block, rows):
        if ".r00001." in block.file and len(self.blocks) > 0:
            raise OSError(28, "No space left on device")
        put(self, block, rows)

    monkeypatch.setattr(parts.Part, "_put", fails)

    def program(connect, rank):
        net = connect(described(tmp_path / "run.h5"))
        with pytest.raises(OSError, match=r"rank 1: .*Monitor of .*run\.h5.*No space left") as caught:
            run(net, STEPS)
        return caught.value.errno

    with small_files(monkeypatch):
        assert on_each_rank(3, program) == [28] * 3
    with Recording(tmp_path / "run.h5") as recording:
        assert len(recording.spikes("exc")[0]) > 0


def test_a_folder_that_not_all_nodes_share_is_told(tmp_path, monkeypatch):
    init = parts.Part.__init__

    def elsewhere(self, folder, stem, *args):
        of_another_node = tmp_path / "elsewhere"
        of_another_node.mkdir(exist_ok=True)
        init(self, of_another_node if ".r00001" in stem else folder, stem, *args)

    monkeypatch.setattr(parts.Part, "__init__", elsewhere)

    def program(connect, rank):
        with pytest.raises(FileNotFoundError, match=r"rank 0 doesn't see .* files .*that all nodes share"):
            run(connect(described(tmp_path / "run.h5")), STEPS)

    on_each_rank(2, program)


def test_weights_of_pairs_go_into_a_file(tmp_path):
    def watched(to):
        source = PoissonPopulation(30, 200.0, label="source")
        cells = Population(HodgkinHuxleyNeuron, 9, label="cells")
        learning = Projection(source, cells, weight=100.0, topology="all_to_all", plasticity="stdp")
        settings = {"pairs": ([3, 29, 0, 3], [8, 0, 2, 1]), "bins": [0.0, 99.0, 1e9], "interval": 5e-3, "to": to}
        return Network(source, cells, learning, WeightMonitor(learning, **settings))

    def program(connect, to):
        net = run(connect(watched(to)), 300, STEPS)
        monitor = net.monitors[0]
        return (monitor.t, monitor.weights, monitor.histogram) if net._comm.rank == 0 else None

    expected = on_ranks(1, lambda connect: program(connect, None))
    assert np.ptp(expected[1]) > 0.0
    assert_same(on_ranks(3, lambda connect: program(connect, tmp_path / "run.h5")), expected)
    with h5py.File(tmp_path / "run.h5") as file:
        assert file["report/source-cells.w/data"].attrs["units"] == "uA/cm2"
        assert list(file["report/source-cells.w/mapping/node_ids"]) == [0, 1, 2, 8]
        assert list(file["report/source-cells.w/mapping/source_ids"]) == [29, 3, 0, 3]


def test_a_new_recording_takes_the_place_of_the_old(tmp_path, in_memory):
    file = tmp_path / "run.h5"
    first = run(described(file, seed=1), 200)
    assert first.monitors[0].count > 0
    net = run(described(file), 100)
    net.reset()
    run(net, STEPS)
    assert_same(recorded(net), in_memory)
    assert len(list((tmp_path / "run.h5.parts").iterdir())) == 5


def test_a_monitor_that_is_cleared_begins_anew(tmp_path):
    nets = [described(to) for to in (None, tmp_path / "run.h5")]
    for net in nets:
        run(net, 200)
        for monitor in net.monitors:
            monitor.clear()
        run(net, STEPS)
    assert nets[0].monitors[0].count > 10
    assert_same(recorded(nets[1]), recorded(nets[0]))


def test_other_files_are_not_touched(tmp_path):
    file = tmp_path / "run.h5"
    file.write_text("dear diary")
    with pytest.raises(FileExistsError, match=r"run\.h5.*isn't a recording.*another path"):
        run(described(file), 10)
    with h5py.File(tmp_path / "data.h5", "w") as data:
        data["x"] = 1.0
    with pytest.raises(FileExistsError, match=r"data\.h5"):
        run(described(tmp_path / "data.h5"), 10)
    assert file.read_text() == "dear diary"


def test_what_cannot_be_recorded_into_a_file_is_told(tmp_path, monkeypatch):
    cells = Population(HodgkinHuxleyNeuron, 3, label="cells")
    file = tmp_path / "run.h5"
    with pytest.raises(ValueError, match=r"both be 'spikes/cells' in .*another file"):
        Network(cells, SpikeMonitor(cells, to=file), SpikeMonitor(cells[1:], to=file))
    with pytest.raises(TypeError, match=r"to must be a path such as 'run\.h5', not 3"):
        SpikeMonitor(cells, to=3)
    with pytest.raises(ValueError, match=r"to='.*a\.csv' would be an HDF5 file: give to='a\.h5', or.*to_csv"):
        StateMonitor(cells, to=tmp_path / "a.csv")
    monitor = SpikeMonitor(cells, to=file)
    run(Network(cells, monitor), 1)
    with pytest.raises(RuntimeError, match=r"local_t isn't kept in memory, but in .*run\.h5"):
        _ = monitor.local_t
    with pytest.raises(ValueError, match=r"has no spikes 'exc'; it has cells"), Recording(file) as recording:
        recording.spikes("exc")
    with pytest.raises(ValueError, match=r"merge: to = .* is the recording itself"):
        merge(file, file)
    monkeypatch.setitem(__import__("sys").modules, "h5py", None)
    with pytest.raises(ImportError, match=r'needs h5py: pip install "neurocore_nb\[files\]"'):
        SpikeMonitor(cells, to=file)


def test_an_empty_recording_can_be_read(tmp_path):
    cells = Population(HodgkinHuxleyNeuron, 3, label="cells")
    net = Network(cells, SpikeMonitor(cells, to=tmp_path / "a"), StateMonitor(cells, record=[], to=tmp_path / "a"))
    run(net, 5)
    assert net.monitors[0].t.shape == (0,)
    assert net.monitors[1].traces["v"].shape == (5, 0)
    with Recording(tmp_path / "a") as recording:
        assert recording.spikes("cells")[0].shape == (0,)
    assert libsonata.SpikeReader(str(tmp_path / "a"))["cells"].get() == []


def test_a_plan_knows_that_memory_is_bounded(tmp_path):
    cells = Population(HodgkinHuxleyNeuron, 10_000, label="cells")
    file = tmp_path / "run.h5"
    net = Network(cells, SpikeMonitor(cells, to=file), StateMonitor(cells, to=file))
    short, long = (net.plan(duration, dt=1e-3, ranks=2, rate_hz=50.0) for duration in (1.0, 1e5))
    bound = 4 * parts.LARGEST
    for item in ("spike monitors", "state monitors"):
        assert 0 < short.bytes_of(item) < long.bytes_of(item) <= bound
