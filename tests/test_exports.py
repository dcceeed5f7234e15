"""Recordings as objects of Neo, as tables and as arrays."""

import csv

import elephant.statistics
import neo
import numpy as np
import pytest
import quantities as pq
from ranks import on_each_rank

from neurocore_nb import (
    AverageMonitor,
    HodgkinHuxleyNeuron,
    Network,
    Population,
    RateMonitor,
    SpikeMonitor,
    StateMonitor,
    StepCurrent,
)


def watched():
    cells = Population(HodgkinHuxleyNeuron, 4, label="cells")
    monitors = (
        SpikeMonitor(cells), StateMonitor(cells, ("v", "n"), record=[3, 1], interval=5e-4),
        RateMonitor(cells, interval=0.01), AverageMonitor(cells, ("v", "n"), interval=5e-4),
    )  # fmt: skip
    return Network(cells, StepCurrent(0.0, 1.0, [0.0, 10.0, 20.0, 5.0]), *monitors)


@pytest.fixture(scope="module")
def monitors():
    net = watched()
    net.run(0.08, 1e-4)
    assert net.monitors[0].count > 10
    return net.monitors


def test_spike_trains_of_neo(monitors, tmp_path):
    spikes = monitors[0]
    block = spikes.to_neo()
    trains = block.segments[0].spiketrains
    assert isinstance(block, neo.Block)
    assert [train.annotations["neuron"] for train in trains] == [0, 1, 2, 3]
    assert trains[0].t_stop == 0.08 * pq.s
    for train, times in zip(trains, spikes.spike_trains().values(), strict=True):
        np.testing.assert_array_equal(train.rescale("s").magnitude, times)
    rates = [float(elephant.statistics.mean_firing_rate(train).rescale("Hz")) for train in trains]
    np.testing.assert_allclose(rates, spikes.firing_rates(), rtol=1e-12)
    neo.io.NeoMatlabIO(str(tmp_path / "a.mat")).write_block(block)
    again = neo.io.NeoMatlabIO(str(tmp_path / "a.mat")).read_block().segments[0].spiketrains
    assert [len(train) for train in again] == [len(train) for train in trains]


def test_signals_of_neo(monitors):
    states = monitors[1]
    v, n = states.to_neo().segments[0].analogsignals
    assert (v.name, v.units, n.units) == ("v", pq.mV, pq.dimensionless)
    assert v.sampling_rate.rescale("Hz") == pytest.approx(2000.0)
    np.testing.assert_array_equal(v.magnitude, states.traces["v"])
    np.testing.assert_allclose(v.times.rescale("s").magnitude, states.t, atol=1e-12)
    assert list(v.array_annotations["neuron"]) == [3, 1]
    cells = Population(HodgkinHuxleyNeuron, 1)
    few = StateMonitor(cells)
    Network(cells, few).run(1e-3)
    with pytest.raises(ValueError, match=r"1 samples; a signal needs at least 2"):
        few.to_neo()


def test_neo_knows_when_a_monitor_that_was_added_later_began():
    net = watched()
    net.run(0.02, 1e-4)
    late = SpikeMonitor(net.populations[0])
    net.add(late)
    net.run(0.06, 1e-4)
    trains = late.to_neo().segments[0].spiketrains
    assert (float(trains[0].t_start), float(trains[0].t_stop)) == pytest.approx((0.02, 0.08))
    rates = [float(elephant.statistics.mean_firing_rate(train).rescale("Hz")) for train in trains]
    assert rates == pytest.approx([len(train) / 0.06 for train in trains])
    assert max(rates) > 0.0


def columns_of(path):
    with open(path, newline="") as file:
        names, *rows = csv.reader(file)
    return dict(zip(names, np.array(rows, float).T, strict=True))


def test_tables_lose_no_digit(monitors, tmp_path):
    for k, monitor in enumerate(monitors):
        monitor.to_csv(tmp_path / f"{k}.csv")
        monitor.to_npz(tmp_path / f"{k}.npz")
    spikes, states, rates, averages = monitors
    expected = [
        {"t (s)": spikes.t, "neuron": spikes.i},
        {"t (s)": states.t} | {
            f"{name}[{neuron}] ({unit})": states.traces[name][:, k]
            for name, unit in (("v", "mV"), ("n", "a fraction")) for k, neuron in enumerate((3, 1))
        },
        {"t (s)": rates.t, "rate (Hz)": rates.rate},
        {"t (s)": averages.t, "v (mV)": averages.averages["v"], "n (a fraction)": averages.averages["n"]},
    ]  # fmt: skip
    for k, known in enumerate(expected):
        found = columns_of(tmp_path / f"{k}.csv")
        assert list(found) == list(known)
        for name, values in known.items():
            np.testing.assert_allclose(found[name], values, rtol=0.0, atol=1e-12 if name == "t (s)" else 0.0)
    arrays = [np.load(tmp_path / f"{k}.npz") for k in range(4)]
    assert [sorted(one) for one in arrays] == [["i", "t"], ["n", "record", "t", "v"], ["rate", "t"], ["n", "t", "v"]]
    np.testing.assert_array_equal(arrays[1]["v"], states.traces["v"])


def test_times_in_tables_read_well(monitors, tmp_path):
    monitors[0].to_csv(tmp_path / "a.csv")
    times = [line.split(",")[0] for line in (tmp_path / "a.csv").read_text().splitlines()[1:]]
    assert max(map(len, map(repr, monitors[0].t.tolist()))) > 15
    assert max(map(len, times)) == len("0.01234")  # substeps have 0.01 ms


def test_where_a_file_cannot_be_is_told(monitors, tmp_path):
    for monitor in monitors:
        for write, example in ((monitor.to_csv, "run.csv"), (monitor.to_npz, "run.npz")):
            with pytest.raises(
                FileNotFoundError, match=r"Monitor of cells.*no folder '.*nowhere' for 'a'; make it first"
            ):
                write(tmp_path / "nowhere" / "a")
            with pytest.raises(TypeError, match=rf"path must be a path such as '{example}', not True"):
                write(True)


def test_one_rank_writes(tmp_path, monitors):
    def program(connect, rank):
        net = connect(watched())
        net.run(0.08, 1e-4, threads=1)
        for k, monitor in enumerate(net.monitors):
            monitor.to_csv(tmp_path / f"{k}.csv")
        if rank:
            with pytest.raises(RuntimeError, match=r"'if net.rank == 0:'"):
                net.monitors[0].to_neo()

    on_each_rank(3, program)
    assert columns_of(tmp_path / "1.csv")["v[1] (mV)"].tolist() == monitors[1].traces["v"][:, 1].tolist()
    assert columns_of(tmp_path / "2.csv")["rate (Hz)"].tolist() == monitors[2].rate.tolist()


def test_intervals_are_those_of_each_train(monitors):
    spikes = monitors[0]
    expected = [np.diff(train) for train in spikes.spike_trains().values()]
    assert len(expected[2]) > 3
    np.testing.assert_array_equal(spikes.isi(), np.concatenate(expected))
    for neuron, intervals in enumerate(expected):
        np.testing.assert_array_equal(spikes.isi(neuron), intervals)
    t, i = spikes.raster_data()
    assert t is spikes.t or np.array_equal(t, spikes.t)
    assert np.array_equal(i, spikes.i)
    for wrong, kind in ((4, ValueError), (-1, ValueError), (1.5, TypeError)):
        with pytest.raises(kind, match=r"SpikeMonitor of cells.*neuron"):
            spikes.isi(wrong)


def test_what_is_missing_is_told(monitors, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "neo", None)
    with pytest.raises(ImportError, match=r'needs neo: pip install "neurocore_nb\[analysis\]"'):
        monitors[0].to_neo()
