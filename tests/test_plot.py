"""Pictures show what was recorded: their artists are read back."""

import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pytest
from builders import assert_raises, table
from matplotlib.colors import to_hex
from matplotlib.patches import FancyArrowPatch

from neurocore_nb import (
    STDP,
    AverageMonitor,
    GapJunction,
    HodgkinHuxleyNeuron,
    LIFNeuron,
    Network,
    Normal,
    PoissonInput,
    PoissonPopulation,
    Population,
    Projection,
    RateMonitor,
    SpikeMonitor,
    SpikeSource,
    StateMonitor,
    StepCurrent,
    TraubMilesNeuron,
    WangBuzsakiNeuron,
    WeightMonitor,
    plot,
    statistics,
)
from neurocore_nb.engine.report import PHASES, RankReport
from neurocore_nb.engine.timeline import Timeline

mpl.use("Agg")
import matplotlib.pyplot as plt

SCRIPTS = Path(__file__).parents[1] / "scripts"


def drawn(ax):
    """Have everything drawn, as where a picture is saved."""
    figure = np.ravel(ax)[0].figure
    figure.canvas.draw()
    return ax


def monitored(trains, label, n=None, duration=1.0):
    source = SpikeSource(trains, n=n or len(trains), label=label)
    return source, SpikeMonitor(source)


@pytest.fixture(scope="module")
def spikes():
    """Monitors of 30 and 5 neurons that have fired at random for 2 s, and of 3 silent ones."""
    some, few = PoissonPopulation(30, 20.0, label="some"), PoissonPopulation(5, 50.0, label="few")
    silent = PoissonPopulation(3, 0.0, label="silent")
    monitors = [SpikeMonitor(one) for one in (some, few, silent)]
    Network(some, few, silent, *monitors).run(2.0)
    assert monitors[0].count > 1000
    return monitors


@pytest.fixture(scope="module")
def never_run():
    source = SpikeSource([[0.1]], label="source")
    spikes = SpikeMonitor(source)
    Network(source, spikes)
    return spikes


# ---- spikes ----------------------------------------------------------------------------------------------------------


def test_a_raster_has_every_spike_and_stacks_populations(spikes):
    top, bottom = drawn(plot.raster(*spikes, bin=0.1))
    first = 0
    for line, monitor, color in zip(top.lines, spikes, plot.canvas.COLORS, strict=False):
        t, y = line.get_data()
        assert np.array_equal(t, monitor.t)
        assert np.array_equal(y, monitor.i + first)
        assert to_hex(line.get_color()) == color
        first += monitor.population.n
    assert len(top.lines) == 3
    assert [text.get_text() for text in top.texts] == ["some", "few", "silent"]
    assert top.get_xlim() == bottom.get_xlim() == (0.0, 2.0)
    assert top.get_ylim() == (-0.5, 37.5)
    assert (top.get_ylabel(), bottom.get_xlabel(), bottom.get_ylabel()) == ("neuron", "time (s)", "rate (Hz)")
    for patch, monitor in zip(bottom.patches, spikes, strict=True):
        values, edges, _ = patch.get_data()
        counted = np.histogram(monitor.t - 1e-9, edges)[0]  # a spike at a border belongs to what is before
        assert edges == pytest.approx(0.1 * np.arange(21))
        assert values == pytest.approx(counted / monitor.population.n / 0.1)


def test_a_raster_without_rates_on_given_axes(spikes):
    _, ax = plt.subplots()
    assert plot.raster(spikes[0], ax=ax, labels="mine", colors="red", xlim=(0.5, 1.0)) is ax
    assert (ax.get_xlabel(), ax.get_xlim(), ax.texts[0].get_text()) == ("time (s)", (0.5, 1.0), "mine")
    assert to_hex(ax.lines[0].get_color()) == "#ff0000"
    _, both = plt.subplots(2)
    assert list(plot.raster(*spikes, ax=both)) == list(both)
    assert len(both[1].patches) == 3


def test_large_rasters_are_thinned():
    n = 60_000
    rng = np.random.default_rng(0)
    t, i = np.sort(rng.uniform(0.0, 1.0, 1_500_000)), rng.integers(0, n, 1_500_000)
    many = SimpleNamespace(
        raster_data=lambda: (t, i), population=Population(LIFNeuron, n, label="many"),
        window=(0.0, 1.0),
    )  # fmt: skip
    top, _ = plot.raster(many)
    (line,) = top.lines
    shown_t, shown_i = line.get_data()
    assert 100_000 < len(shown_t) <= 250_000
    step = np.diff(np.unique(shown_i)).min()
    assert np.array_equal(shown_t, t[i % step == 0])  # all spikes of those that are shown
    assert len(np.unique(shown_i)) <= 20_000
    assert line.get_rasterized()
    assert f"one in {step} shown" in top.get_ylabel()
    assert len(plot.raster(many, every=100, rate=False).lines[0].get_xdata()) == (i % 100 == 0).sum()


def test_pictures_take_all_that_holds_spike_trains(spikes):
    some = spikes[0]
    trains = [train.tolist() for train in some.spike_trains().values()]
    neo_trains = some.to_neo().segments[0].spiketrains
    for given, options in (
        (some.spike_trains(), {}), (neo_trains, {}),
        (trains, {"duration": 2.0}), (dict(enumerate(trains)), {"duration": 2.0}),
    ):  # fmt: skip
        top, bottom = plot.raster(given, rate=True, **options)
        assert sorted(zip(*top.lines[0].get_data(), strict=True)) == sorted(zip(some.t, some.i, strict=True))
        expected = plot.rates(some).patches[0].get_data()
        for ax in (bottom, plot.rates(given, **options)):
            assert np.array_equal(ax.patches[0].get_data().values, expected.values)
        for picture in (plot.isi, plot.cv):
            values, *_ = picture(given, **options).patches[0].get_data()
            assert np.array_equal(values, picture(some).patches[0].get_data().values)
        assert np.array_equal(
            plot.spectrum(given, **options).lines[0].get_ydata(), plot.spectrum(some).lines[0].get_ydata()
        )
        plt.close("all")
    assert plot.isi(some.spike_trains()).get_legend().get_texts()[0].get_text().startswith("some: CV")
    assert plot.raster(some, duration=0.5)[0].lines[0].get_xdata().max() <= 0.5
    with pytest.raises(ValueError, match="give duration= in s"):
        plot.raster(trains)
    with pytest.raises(TypeError, match=r"one after the other, as in plot\.raster\(\*monitors\)"):
        plot.raster(spikes)


@pytest.mark.filterwarnings("ignore:.* isn't part of the network:UserWarning")
def test_the_rate_of_a_monitor_that_was_added_later_begins_there():
    source = SpikeSource([[0.1, 0.9]], label="source")
    net = Network(source)
    net.run(0.5)
    late = SpikeMonitor(source)
    net.add(late)
    net.run(0.5)
    values, edges, _ = plot.rates(late, bin=0.25).patches[0].get_data()
    assert edges == pytest.approx([0.5, 0.75, 1.0])
    assert values == pytest.approx([0.0, 4.0])


def test_empty_pictures_say_so(spikes, never_run):
    for picture in (plot.isi, plot.cv):
        assert [text.get_text()[:3] for text in drawn(picture(spikes[2])).texts] == ["no "[:3]]
    assert [text.get_text() for text in drawn(plot.spectrum(spikes[2])).texts] == ["no rate that changes"]
    assert drawn(plot.spectrum(*spikes)).get_yscale() == "log"
    top, _ = drawn(plot.raster(spikes[2]))
    assert "no spikes" in [text.get_text() for text in top.texts]
    assert "nothing recorded" in [text.get_text() for text in drawn(plot.raster(never_run))[1].texts]
    drawn(plot.raster(monitored([], "nobody", n=0)[1]))


def test_rates_of_monitors_and_of_others(spikes):
    source, t = SpikeSource([[0.1, 0.3, 0.4, 1.9]], label="recorded"), 0.25 * np.arange(8)
    recorded = RateMonitor(source, interval=0.25)
    Network(source, recorded).run(2.0)
    ax = drawn(plot.rates(spikes[0], recorded, (t, np.array([1.0, np.nan] * 4)), bin=0.5, labels=["a", "b", "c"]))
    first, second, third = (patch.get_data() for patch in ax.patches)
    assert first.values == pytest.approx(statistics.population_rate(spikes[0], 0.5)[1])
    assert second.values == pytest.approx([4.0, 8.0, 0.0, 0.0, 0.0, 0.0, 0.0, 4.0])
    assert second.edges == pytest.approx([*t, 2.0])
    assert np.array_equal(third.values, [1.0, np.nan] * 4, equal_nan=True)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a", "b", "c"]
    assert plot.rates(recorded).get_legend().get_texts()[0].get_text() == "recorded"
    smooth = plot.rates(spikes[0], bin=0.01, sigma=0.05).lines[0]
    assert smooth.get_ydata() == pytest.approx(statistics.population_rate(spikes[0], 0.01, sigma=0.05)[1])
    assert smooth.get_xdata()[0] == pytest.approx(0.005)


def test_spectra_are_those_of_welch(spikes):
    from scipy.signal import welch

    ax = drawn(plot.spectrum(*spikes[:2], bin=2e-3, segment=0.2, xlim=(0.0, 100.0)))
    for line, monitor in zip(ax.lines, spikes, strict=False):
        rate = np.histogram(monitor.t - 1e-9, np.linspace(0.0, 2.0, 1001))[0] / monitor.population.n / 2e-3
        f, density = welch(rate, 500.0, nperseg=100)
        assert line.get_xdata() == pytest.approx(f[1:])
        assert line.get_ydata() == pytest.approx(density[1:])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("frequency (Hz)", "power of the rate (Hz²/Hz)")
    assert ax.get_xlim() == (0.0, 100.0)


def test_histograms_of_intervals_count_all(spikes):
    ax = drawn(plot.isi(*spikes[:2], bins=[0.0, 10.0, 100.0, 1000.0, 2000.0], log=False))
    for patch, monitor in zip(ax.patches[::2], spikes, strict=False):
        intervals = np.concatenate([np.diff(train) for train in monitor.spike_trains().values()]) * 1e3
        counts = np.histogram(intervals, patch.get_data().edges)[0]
        np.testing.assert_allclose(patch.get_data().values, counts / len(intervals))
        assert counts.sum() == monitor.count - monitor.population.n
    assert ax.get_xlabel() == "interval between spikes (ms)"
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts == [f"{one.population.label}: CV {statistics.cv(one).mean():.2f}" for one in spikes[:2]]
    log = drawn(plot.isi(spikes[0]))
    assert log.get_xscale() == "log"
    intervals = spikes[0].isi()
    assert log.patches[0].get_data().values.sum() == (intervals > 0.0).sum() < len(intervals)  # Poisson on a grid


def test_histograms_of_cvs_leave_out_what_is_not_defined():
    source, monitor = monitored([[0.1, 0.2, 0.3], [0.1, 0.2], [0.5], [], [0.1, 0.2, 0.6]], "few")
    Network(source, monitor).run(1.0)
    values, edges, _ = drawn(plot.cv(monitor)).patches[0].get_data()
    assert (edges[0], edges[-1]) == pytest.approx((0.0, np.std([0.1, 0.4]) / 0.25))
    assert (values[0], values[-1], values.sum()) == (1, 1, 2)


# ---- states and models -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def states():
    cells = Population(HodgkinHuxleyNeuron, 20, label="cells")
    monitor = StateMonitor(cells, ("v", "m"), record=[3, 1, *range(5, 18)], interval=1e-3)
    Network(cells, StepCurrent(0.0, 0.05, np.linspace(0.0, 10.0, 20)), monitor).run(0.05)
    return monitor


def test_traces_are_those_recorded(states):
    v, m = drawn(plot.traces(states, neurons=[1, 3]))
    for ax, name in ((v, "v"), (m, "m")):
        for line, column in zip(ax.lines, (1, 0), strict=True):
            assert np.array_equal(line.get_xdata(), states.t)
            assert np.array_equal(line.get_ydata(), states.traces[name][:, column])
    assert [v.get_ylabel(), m.get_ylabel(), m.get_xlabel()] == ["v (mV)", "m (a fraction)", "time (s)"]
    legend = v.get_legend()
    assert [legend.get_title().get_text(), *(one.get_text() for one in legend.get_texts())] == ["cells", "1", "3"]


def test_traces_on_given_axes_and_of_many_neurons(states):
    _, ax = plt.subplots()
    assert plot.traces(states, "v", ax=ax) is ax
    assert len({to_hex(line.get_color()) for line in ax.lines}) == len(ax.lines) == 10  # of 15
    many = plot.traces(states, "v", neurons=states.record[::-1])
    assert len({to_hex(line.get_color()) for line in many.lines}) == 15
    assert np.array_equal(ax.lines[0].get_ydata(), states.traces["v"][:, 0])
    assert np.array_equal(ax.lines[-1].get_ydata(), states.traces["v"][:, -1])


def test_traces_of_weights_and_of_nothing():
    pre, cells = SpikeSource([[0.01, 0.03]], label="pre"), Population(LIFNeuron, 2, label="cells")
    synapses = Projection(pre, cells, weight=[400.0, 300.0], topology=([0, 0], [0, 1]))
    monitor = WeightMonitor(synapses, pairs=([0, 0], [0, 1]), interval=0.01)
    net = Network(pre, cells, synapses, monitor)
    assert drawn(plot.traces(monitor)).get_ylabel() == "w (pA)"  # before the run
    net.run(0.05)
    ax = drawn(plot.traces(monitor))
    assert [line.get_ydata().tolist() for line in ax.lines] == [[400.0] * 5, [300.0] * 5]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["0 → 0", "0 → 1"]


def test_traces_of_averages():
    cells = Population(HodgkinHuxleyNeuron, 3, initial={"v": [-70.0, -60.0, -50.0]}, label="cells")
    means = AverageMonitor(cells, ["v", "n"])
    Network(cells, means).run(0.01)
    v, n = drawn(plot.traces(means))
    assert np.array_equal(v.lines[0].get_ydata(), means.averages["v"])
    assert (v.get_ylabel(), n.get_ylabel(), v.lines[0].get_label()) == ("v (mV)", "n (a fraction)", "mean")


def test_f_i_curves_share_axes():
    ax = plot.f_i_curve([0.0, 1.0, 2.0], [0.0, np.nan, 10.0], model=HodgkinHuxleyNeuron)
    assert plot.f_i_curve([0.0, 5.0], [0.0, 500.0], model="WangBuzsakiNeuron", ax=ax, color="red") is ax
    drawn(ax)
    assert np.array_equal(ax.lines[0].get_ydata(), [0.0, np.nan, 10.0], equal_nan=True)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("current (µA/cm²)", "rate (Hz)")
    assert ax.get_ylim()[0] == 0.0
    assert ax.get_ylim()[1] > 500.0
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["HodgkinHuxleyNeuron", WangBuzsakiNeuron.__name__]
    assert plot.f_i_curve([1.0], [2.0], model=LIFNeuron).get_xlabel() == "current (pA)"
    ax = plot.f_i_curve([0.0, 1.0], [0.0, 10.0])
    assert (ax.get_xlabel(), ax.get_legend()) == ("current (the model's unit)", None)
    plot.f_i_curve([0.0, 1.0], [0.0, 20.0], ax=ax)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["curve 1", "curve 2"]


# ---- synapses --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def synapses():
    cells = Population(HodgkinHuxleyNeuron, 60, label="cells")
    pre, post = [0, 0, 1, 4, 4], [2, 3, 2, 0, 0]
    by_kind = {
        "explicit": Projection(cells[:5], cells[:4], weight=[1.0, -2.0, 0.5, 0.25, 0.5], topology=(pre, post)),
        "drawn": Projection(cells[:50], cells, weight=Normal(0.5, 0.1, low=0.0), probability=0.2),
        "inhibitory": Projection(cells, cells[:7], weight=-0.3, probability=0.5),
        "none": Projection(cells, cells, weight=1.0, probability=0.0),
        "gaps": GapJunction(cells, cells, weight=0.1, probability=0.1),
    }
    Network(cells, *by_kind.values()).run(0.0)
    return by_kind


def image_of(ax):
    return ax.images[0], ax.images[0].get_array().filled(np.nan)


def test_a_weight_matrix_shows_pairs(synapses):
    projection = synapses["explicit"]
    ax = drawn(plot.weights(projection))
    image, shown = image_of(ax)
    expected = np.full((4, 5), np.nan)
    expected[[2, 3, 2, 0], [0, 0, 1, 4]] = [1.0, -2.0, 0.5, 0.75]  # the last pair has two synapses
    assert shown == pytest.approx(expected, nan_ok=True)
    assert image.get_clim() == (-2.0, 2.0)
    assert image.get_extent() == [-0.5, 4.5, 3.5, -0.5]
    assert image.colorbar.ax.get_ylabel() == "weight (µA/cm²)"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("source: neuron of cells[0:5]", "target: neuron of cells[0:4]")
    assert image_of(plot.weights(synapses["inhibitory"]))[0].get_clim() == pytest.approx((-0.3, 0.0))
    gaps, _ = image_of(plot.weights(synapses["gaps"]))
    assert gaps.colorbar.ax.get_ylabel() == "weight (mS/cm²)"


def test_a_large_weight_matrix_shows_means_of_blocks(synapses):
    projection = synapses["drawn"]
    ax = drawn(plot.weights(projection, most=8))  # 60 targets and 50 sources in blocks of 8
    image, shown = image_of(ax)
    full = np.zeros((60, 50))
    full[:] = projection.matrix().toarray()
    assert shown.shape == (8, 7)
    for row, column in ((0, 0), (3, 2), (7, 6)):
        block = full[8 * row : 8 * row + 8, 8 * column : 8 * column + 8]
        assert shown[row, column] == pytest.approx(block.mean())
    assert image.get_clim()[0] == 0.0
    assert "8 x 8 pairs (µA/cm²)" in image.colorbar.ax.get_ylabel()
    assert (ax.get_xlim(), ax.get_ylim()) == ((-0.5, 49.5), (59.5, -0.5))


def test_histograms_of_weights_and_degrees(synapses):
    matrix = synapses["drawn"].matrix()
    ax = drawn(plot.weight_histogram(synapses["drawn"], bins=[0.0, 0.4, 0.5, 0.6, 1.5]))
    values = ax.patches[0].get_data().values
    assert np.array_equal(values, np.histogram(matrix.data, [0.0, 0.4, 0.5, 0.6, 1.5])[0])
    assert values.sum() == matrix.nnz > 300
    assert ax.get_xlabel() == "weight (µA/cm²)"
    assert drawn(plot.weight_histogram(synapses["inhibitory"])).patches[0].get_data().values.max() > 100  # one weight
    for panel, axis in zip(drawn(plot.degrees(synapses["drawn"])), (1, 0), strict=True):
        degrees = (matrix.toarray() > 0.0).sum(axis=axis)
        counts, edges, _ = panel.patches[0].get_data()
        assert np.array_equal(counts, np.histogram(degrees, edges)[0])
        assert counts.sum() == matrix.shape[1 - axis]
        assert panel.lines[0].get_xdata()[0] == pytest.approx(degrees.mean())


def test_no_synapses(synapses):
    for picture in (plot.weights, plot.weight_histogram):
        assert "no synapses" in [text.get_text() for text in drawn(picture(synapses["none"])).texts]
    drawn(plot.degrees(synapses["none"]))


# ---- networks --------------------------------------------------------------------------------------------------------


def arrows_of(ax):
    return {one.get_gid(): to_hex(one.get_edgecolor()) for one in ax.patches if isinstance(one, FancyArrowPatch)}


def test_a_graph_has_all_that_a_network_has():
    source = PoissonPopulation(7, 10.0, label="source")
    exc, inh = (Population(TraubMilesNeuron, n, label=label) for n, label in ((8000, "exc"), (1, "inh")))
    net = Network(
        source, exc, inh,
        Projection(source, exc[:10], 0.1, 0.5, receptor="exc"),
        Projection(exc, exc, 0.1, topology="fixed_indegree", indegree=1200, receptor="exc", plasticity=STDP()),
        Projection(exc, inh, 0.1, topology=([0, 1], [0, 0]), receptor="exc"),
        Projection(inh, exc, 0.1, 0.25, receptor="inh"),
        Projection(inh, inh, -0.1),
        Projection(exc, inh, Normal(0.0, 1.0), 0.5),
        GapJunction(exc, inh, 0.1, 0.5),
        PoissonInput(10, 10.0, 1.0, target=exc),
        StepCurrent(0.0, 1.0, 1.0),
    )  # fmt: skip
    ax = drawn(plot.graph(net))
    blue, red, grey, green, stimulus = "#0072b2", "#d55e00", "#555555", "#009e73", "#777777"
    kinds = [to_hex(one.get_edgecolor()) for one in ax.patches if isinstance(one, FancyArrowPatch)]
    assert sorted(kinds) == sorted([blue] * 3 + [red] * 2 + [grey] + [green] + [stimulus] * 2)
    colors = arrows_of(ax)
    assert (colors["source -> exc[0:10]"], colors["exc -> exc"], colors["inh -> exc"]) == (blue, blue, red)
    assert (colors["inh -> inh"], colors["PoissonInput -> exc"]) == (red, stimulus)
    texts = [text.get_text() for text in ax.texts]
    assert {"source\n7", "exc\n8,000", "inh\n1", "PoissonInput", "StepCurrent"} <= set(texts)
    assert {"exc\nindegree 1,200\nSTDP", "exc\n2 synapses", "inh\np = 0.25", "gap junction\np = 0.5"} <= set(texts)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "excitatory", "inhibitory", "both signs", "coupling",
    ]  # fmt: skip
    assert len(drawn(plot.graph(net, labels=False)).texts) == 5


def test_graphs_of_small_and_of_large_networks():
    assert drawn(plot.graph(Network())).texts[0].get_text() == "no populations"
    lone = Population(HodgkinHuxleyNeuron, 0, label="a population with a long name")
    _, ax = plt.subplots()
    assert drawn(plot.graph(Network(lone, Projection(lone, lone, 1.0), Projection(lone, lone, -1.0)), ax=ax)) is ax
    many = [Population(HodgkinHuxleyNeuron, 10) for _ in range(12)]
    ax = drawn(plot.graph(Network(*many, *(Projection(a, b, 1.0) for a, b in pairwise(many)))))
    assert len(arrows_of(ax)) == 11


def test_a_graph_is_as_high_as_what_it_shows_and_long_labels_have_lines():
    two = [Population(HodgkinHuxleyNeuron, 9, label=f"pyramidal cells of the barrel cortex {k}") for k in range(2)]
    ax = drawn(
        plot.graph(Network(*two, Projection(*two, 1.0), *(StepCurrent(0.0, 1.0, 1.0, target=one) for one in two)))
    )
    assert ax.figure.get_figheight() < 0.5 * ax.figure.get_figwidth()
    boxes = [text.get_window_extent() for text in ax.texts]
    assert max(box.width for box in boxes) < 0.3 * ax.figure.bbox.width
    overlaps = [(a, b) for k, a in enumerate(boxes) for b in boxes[:k] if a.overlaps(b)]
    assert not overlaps


# ---- runs ------------------------------------------------------------------------------------------------------------


def report_of(n_ranks):
    rng = np.random.default_rng(0)
    ranks = []
    for _ in range(n_ranks):
        t = np.linspace(0.0, 4.0, 9, dtype=np.float32)
        cumulative = {phase: np.cumsum([0.0, *rng.uniform(0.0, 0.08, 8)], dtype=np.float32) for phase in PHASES}
        seconds = {phase: float(taken[-1]) for phase, taken in cumulative.items()}
        ranks.append(RankReport(seconds=seconds, timeline=Timeline(t, cumulative)))
    return SimpleNamespace(ranks=ranks)


def test_phases_are_bars_of_their_length():
    report = report_of(3)
    ax = drawn(plot.phases(report))
    for phase, bars in zip(PHASES, ax.containers, strict=True):
        assert bars.get_label() == phase
        assert [bar.get_width() for bar in bars] == pytest.approx([rank.seconds[phase] for rank in report.ranks])
    assert [bar.get_x() for bar in ax.containers[1]] == pytest.approx([r.seconds[PHASES[0]] for r in report.ranks])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("wall time (s)", "rank")


def test_a_timeline_shows_shares_of_the_time():
    report = report_of(2)
    ax = drawn(plot.timeline(report, bins=8))
    patches = iter(ax.patches)
    for row, rank in enumerate(report.ranks):
        base = np.full(8, row + 0.4)
        for phase in PHASES:
            upper, edges, lower = next(patches).get_data()
            share = np.diff(rank.timeline.seconds[phase]) / 0.5
            assert edges == pytest.approx(0.5 * np.arange(9))
            assert lower == pytest.approx(base, abs=1e-6)
            assert lower - upper == pytest.approx(0.8 * share, abs=1e-5)
            base = upper
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list(PHASES)


def test_of_many_ranks_some_are_shown():
    report = report_of(100)
    for picture in (plot.phases, plot.timeline):
        ticks = [int(tick.get_text()) for tick in drawn(picture(report, most=12)).get_yticklabels()]
        assert len(ticks) == 12
        assert (ticks[0], ticks[-1]) == (0, 99)
    assert drawn(plot.timeline(SimpleNamespace(ranks=[RankReport()]))).patches[:] == []


# ---- use -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    table([
        (lambda spikes, _: plot.raster(spikes, rate=True, ax=plt.gca()), ValueError, "takes 2 Axes, not 1"),
        (lambda spikes, _: plot.raster(spikes, every=0), ValueError, "every = 0"),
        (lambda spikes, _: plot.rates(spikes, ax=3), TypeError, "ax must be matplotlib Axes"),
        (lambda spikes, _: plot.rates(spikes, labels=["a", "b"]), ValueError, "2 labels for 1"),
        (lambda spikes, _: plot.rates(spikes, colors=[]), ValueError, "colors must hold"),
        (lambda *_: plot.rates(([1.0], [1.0, 2.0])), ValueError, "two arrays of one length"),
        (lambda _, states: plot.traces(states, "h"), ValueError, "has not recorded 'h'; it has v, m"),
        (lambda _, states: plot.traces(states, neurons=[4]), ValueError, r"neuron 4; it has 3, 1, 5.*15 in all"),
        (lambda _, states: plot.traces(states, neurons=[3], labels=["a", "b"]), ValueError, "2 labels for 1 traces"),
        (lambda *_: plot.f_i_curve([1.0, 2.0], [1.0]), ValueError, "one rate for each current"),
        (lambda *_: plot.f_i_curve([1.0], [1.0], model="Cell"), ValueError, "unknown neuron model 'Cell'"),
        (lambda *_: plot.phases(report_of(1), most=0), ValueError, "most = 0"),
        (lambda *_: plot.timeline(report_of(1), bins=0), ValueError, "bins = 0"),
    ]),
)  # fmt: skip
def test_mistakes_are_told(call, kind, message, spikes, states):
    assert_raises(lambda: call(spikes[0], states), kind, message)


def test_before_the_first_run_there_are_no_weights():
    cells = Population(HodgkinHuxleyNeuron, 2)
    with pytest.raises(RuntimeError, match="built by the network's first run"):
        plot.weights(Projection(cells, cells, 1.0))


def test_matplotlib_is_only_needed_for_pictures():
    program = (
        "import sys, neurocore_nb, neurocore_nb.statistics\n"
        "assert 'matplotlib' not in sys.modules\n"
        "sys.modules['matplotlib'] = None\n"
        "try:\n    from neurocore_nb import plot\n"
        "except ImportError as error:\n    print(error)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == 'neurocore_nb.plot needs matplotlib: pip install "neurocore_nb[plot]"'


def test_the_gallery_is_complete(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(str(SCRIPTS))
    import gallery

    gallery.main(["--neurons", "60", "--duration", "0.2", "--output", str(tmp_path)])
    pictures = {path.stem for path in tmp_path.glob("*.png")}
    assert pictures == set(plot.__all__)
    kept = (SCRIPTS.parent / "docs" / "gallery").glob("*.png")
    assert {path.stem: path.stat().st_size < 150_000 for path in kept} == dict.fromkeys(pictures, True)


def test_rates_are_as_high_as_what_is_shown():
    t = np.arange(0.0, 1.0, 0.1)
    rate = np.where(t < 0.2, 500.0, 20.0)
    assert drawn(plot.rates((t, rate))).get_ylim()[1] > 500.0
    assert 20.0 < drawn(plot.rates((t, rate), xlim=(0.5, 1.0))).get_ylim()[1] < 30.0


def test_what_cannot_be_drawn_is_told(spikes):
    with pytest.raises(TypeError, match=r"traces are of a StateMonitor.*not of <SpikeMonitor.*plot\.raster"):
        plot.traces(spikes[0])
    with pytest.raises(TypeError, match=r"at least one SpikeMonitor"):
        plot.raster()
