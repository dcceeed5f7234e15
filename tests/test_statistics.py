"""Statistics against closed forms, and against Elephant and SciPy called directly."""

import sys

import neo
import numpy as np
import pytest
import quantities
from builders import assert_raises, table
from hypothesis import given
from hypothesis import strategies as st

from neurocore_nb import (
    HodgkinHuxleyNeuron,
    LIFNeuron,
    Network,
    Population,
    SpikeMonitor,
    SpikeSource,
    StateMonitor,
    statistics,
)
from neurocore_nb.io import Recording, SpikeTrains

elephant_warns = pytest.mark.filterwarnings("ignore:The 'copy' argument in Quantity")
SECONDS = 200.0


def poisson_trains(n, rate_hz, seconds=SECONDS, seed=0):
    rng = np.random.default_rng(seed)
    return [np.sort(rng.uniform(0.0, seconds, rng.poisson(rate_hz * seconds))) for _ in range(n)]


def neo_trains(trains, seconds=SECONDS):
    return [neo.SpikeTrain(train, units=quantities.s, t_stop=seconds) for train in trains]


CLOCK = [0.1 * np.arange(1, 100)]  # s
POISSON = poisson_trains(20, 25.0)

# ---- closed forms ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("measure", ["cv", "cv2", "lv"])
def test_intervals_vary_as_those_of_poisson_processes_and_clocks(measure):
    of = getattr(statistics, measure)
    assert of(CLOCK, 10.0) == pytest.approx(0.0, abs=1e-7)
    assert of(POISSON, SECONDS) == pytest.approx(1.0, abs=0.1)
    assert of(POISSON, SECONDS).mean() == pytest.approx(1.0, abs=0.02)


def test_fano_factor_of_poisson_processes_and_clocks():
    assert statistics.fano_factor([0.1 * np.arange(100) + 0.05], window=0.5, duration=10.0) == pytest.approx(0.0)
    assert statistics.fano_factor(POISSON, window=0.2, duration=SECONDS).mean() == pytest.approx(1.0, abs=0.03)


def test_spectrum_of_poisson_processes_is_flat():
    n, rate_hz = 20, 25.0
    f, density = statistics.spectrum(POISSON, bin=2e-3, duration=SECONDS, segment=0.5)
    assert (f[0], f[-1], f[1]) == (0.0, pytest.approx(250.0), pytest.approx(2.0))
    inner = density[2:-1]  # the mean is taken away, and the last is no pair of frequencies
    assert inner == pytest.approx(2.0 * rate_hz / n, rel=0.3)
    assert inner.mean() == pytest.approx(2.0 * rate_hz / n, rel=0.02)
    # its integral is the variance of the rate (Parseval)
    variance = statistics.population_rate(POISSON, bin=2e-3, duration=SECONDS)[1].var()
    assert np.trapezoid(density, f) == pytest.approx(variance, rel=0.02)


def test_spectrum_finds_a_modulation():
    rng = np.random.default_rng(1)
    trains = []
    for train in poisson_trains(10, 60.0, seconds=50.0, seed=2):  # thinned
        trains.append(train[rng.uniform(size=len(train)) < 0.5 * (1.0 + np.sin(2.0 * np.pi * 35.0 * train))])
    f, density = statistics.spectrum(trains, duration=50.0, segment=1.0)
    assert f[density.argmax()] == pytest.approx(35.0)
    # a sine of amplitude a over the resolution bandwidth of Welch's Hann window, 1.5 / segment
    assert density.max() == pytest.approx(30.0**2 / 2.0 / 1.5, rel=0.1)


def test_identical_and_independent_trains_correlate_accordingly():
    one, other = poisson_trains(2, 20.0, seconds=100.0)
    found = statistics.pairwise_correlation([one, one, other, []], bin=5e-3, duration=100.0)
    assert found[:2, :2] == pytest.approx(1.0)
    assert abs(found[0, 2]) < 0.05
    assert np.isnan(found[3]).all()
    assert np.isnan(found[:, 3]).all()


def test_coherence_is_one_for_the_same_and_rate_times_bin_for_independent_trains():
    one = poisson_trains(1, 20.0, seconds=100.0)[0]
    assert statistics.coherence([one, one, one, []], duration=100.0) == pytest.approx(1.0)
    # bins hold a spike with probability 1 - exp(-rate bin), whatever others do
    chance = 1.0 - np.exp(-25.0 * 2e-3)
    assert statistics.coherence(POISSON, bin=2e-3, duration=SECONDS) == pytest.approx(chance, rel=0.03)
    assert np.isnan(statistics.coherence([one, []], duration=100.0))


def test_coherence_is_the_mean_over_pairs():
    trains = poisson_trains(5, 20.0, seconds=4.0, seed=3)
    bins = np.array([np.histogram(train, 400, (0.0, 4.0))[0] > 0 for train in trains], float)
    pairs = [(bins[i] @ bins[j]) / np.sqrt(bins[i].sum() * bins[j].sum()) for i in range(5) for j in range(i)]
    assert statistics.coherence(trains, bin=0.01, duration=4.0) == pytest.approx(np.mean(pairs))


def test_synchrony_of_same_and_of_independent_potentials():
    noise = np.random.default_rng(0).normal(size=(4000, 25))
    assert statistics.synchrony(noise[:, [0] * 7]) == pytest.approx(1.0)
    assert statistics.synchrony(noise) == pytest.approx(1.0 / 5.0, rel=0.1)  # 1 / sqrt(n)
    assert np.isnan(statistics.synchrony(np.ones((5, 3))))
    assert np.isnan(statistics.synchrony(np.empty((0, 3))))


def test_smoothing_keeps_the_number_of_spikes():
    trains = poisson_trains(3, 30.0, seconds=5.0)
    t, raw = statistics.population_rate(trains, duration=5.0)
    _, smooth = statistics.population_rate(trains, duration=5.0, sigma=0.02)
    assert raw.sum() * 1e-3 * 3 == pytest.approx(sum(map(len, trains)))
    assert smooth.sum() == pytest.approx(raw.sum())
    lone = statistics.population_rate([[0.5]], duration=1.0, sigma=0.02)[1]  # one spike: the kernel itself
    middle = 0.4995
    gauss = np.exp(-0.5 * ((t[:1000] + 5e-4 - middle) / 0.02) ** 2) / (0.02 * np.sqrt(2.0 * np.pi))
    assert lone == pytest.approx(gauss, abs=0.01)


# ---- libraries called directly ---------------------------------------------------------------------------------------


@elephant_warns
def test_as_elephant_has_it():
    import quantities as pq
    from elephant import conversion, spike_train_correlation
    from elephant import statistics as peer

    trains = poisson_trains(6, 15.0, seconds=10.0, seed=5)
    theirs = neo_trains(trains, 10.0)
    for one, other in zip(statistics.isi(trains, 10.0), theirs, strict=True):
        assert one == pytest.approx(peer.isi(other).rescale("s").magnitude)
    assert statistics.firing_rates(trains, 10.0) == pytest.approx(
        [float(peer.mean_firing_rate(one).rescale("Hz")) for one in theirs]
    )
    assert statistics.cv(trains, 10.0) == pytest.approx([float(peer.cv(peer.isi(one))) for one in theirs])
    histogram = peer.time_histogram(theirs, bin_size=0.1 * pq.s, output="rate").rescale("Hz").magnitude.ravel()
    assert statistics.population_rate(trains, 0.1, 10.0)[1] == pytest.approx(histogram)
    binned = conversion.BinnedSpikeTrain(theirs, bin_size=0.05 * pq.s)
    correlation = spike_train_correlation.correlation_coefficient(binned)
    assert statistics.pairwise_correlation(trains, 0.05, 10.0) == pytest.approx(correlation)
    windows = [[np.arange(count) for count in row] for row in binned.to_array()]  # Elephant counts what is in them
    fano = [peer.fanofactor(row) for row in windows]
    assert statistics.fano_factor(trains, 0.05, 10.0) == pytest.approx(fano)


times = st.lists(st.floats(0.0, 3.0, allow_subnormal=False), max_size=12)


@given(st.lists(times, max_size=4), st.floats(0.0, 1.0), st.floats(0.1, 2.0))
def test_windows_hold_what_lies_in_them(trains, start, duration):
    end = start + duration
    inside = [sorted(t for t in train if start - 1e-10 <= t <= end + 1e-10) for train in trains]
    assert statistics.firing_rates(trains, duration, start=start) == pytest.approx(
        [len(one) / duration for one in inside]
    )
    for found, one in zip(statistics.isi(trains, duration, start=start), inside, strict=True):
        assert found == pytest.approx(np.diff(one))


@given(times)
def test_a_spike_at_a_border_is_in_the_bin_that_ends_there(train):
    grid = np.round(np.array(train) * 100.0) / 100.0  # on the steps of 10 ms
    _, rate = statistics.population_rate([grid], bin=0.05, duration=3.0)
    steps = np.maximum(np.round(grid * 100.0).astype(int) - 1, 0) // 5  # a spike of step k is at k + 1
    assert rate * 0.05 == pytest.approx(np.bincount(steps, minlength=60))


# ---- monitors --------------------------------------------------------------------------------------------------------


def monitored(trains, duration=1.0):
    source = SpikeSource(trains, n=len(trains))
    spikes = SpikeMonitor(source)
    net = Network(source, spikes)
    net.run(duration)
    return net, source, spikes


def test_a_monitor_tells_for_how_long_it_has_recorded():
    trains = [[0.1, 0.2, 0.3, 0.9], [], [0.5]]
    _, _, spikes = monitored(trains, 2.0)
    assert statistics.firing_rates(spikes) == pytest.approx([2.0, 0.0, 0.5])
    assert statistics.firing_rates(spikes) == pytest.approx(spikes.firing_rates())
    assert statistics.firing_rates(spikes, start=0.25) == pytest.approx([2 / 1.75, 0.0, 1 / 1.75])
    assert statistics.firing_rates(spikes, 0.25, start=0.0) == pytest.approx([8.0, 0.0, 0.0])
    assert statistics.cv(spikes)[1:] == pytest.approx([np.nan, np.nan], nan_ok=True)
    t, rate = statistics.population_rate(spikes, bin=0.5)
    assert t == pytest.approx([0.0, 0.5, 1.0, 1.5])
    assert rate == pytest.approx([4 / 1.5, 1 / 1.5, 0.0, 0.0])


def test_a_monitor_that_was_added_later_knows_its_window():
    net, source, _ = monitored([[0.5, 1.5, 1.7]])
    late = SpikeMonitor(source)
    net.add(late)
    net.run(1.0)
    assert late.window == (1.0, 2.0)
    for spikes in (late, late.spike_trains(), late.to_neo().segments[0].spiketrains):
        assert statistics.firing_rates(spikes) == pytest.approx([2.0])
        assert statistics.firing_rates(spikes, 1.6) == pytest.approx([1.0 / 0.6])  # of which 0.6 s were recorded
        assert statistics.population_rate(spikes, bin=0.5)[0] == pytest.approx([1.0, 1.5])
        with pytest.raises(ValueError, match=r"from 0 to 0.5 s has nothing of what was recorded.*from 1 to 2 s"):
            statistics.firing_rates(spikes, 0.5)
    assert late.firing_rates() == pytest.approx([2.0])
    assert late.firing_rates(start=1.6) == pytest.approx([2.5])


def test_all_that_holds_spike_trains_is_taken(tmp_path):
    trains = [[0.1, 0.2, 0.25, 0.9], [], [0.5, 0.6, 0.8]]
    source = SpikeSource(trains, label="source")
    spikes, in_file = SpikeMonitor(source), SpikeMonitor(source, to=tmp_path / "run.h5")
    Network(source, spikes, in_file).run(1.0)
    with Recording(tmp_path / "run.h5") as recording:
        of_file, block = recording.spike_trains("source"), recording.to_neo("source")
    in_ms = [neo.SpikeTrain(1e3 * np.array(train), units="ms", t_stop=1000.0) for train in trains]
    holders = [spikes, in_file, spikes.spike_trains(), of_file, spikes.to_neo().segments[0].spiketrains,
               block.segments[0].spiketrains, in_ms, SpikeTrains(dict(enumerate(trains)), 1.0)]  # fmt: skip
    arrays = [trains, dict(enumerate(trains)), [np.array(train) * quantities.s for train in trains]]
    for measure in (statistics.firing_rates, statistics.cv, statistics.coherence, statistics.population_rate):
        expected = measure([np.array(train) for train in trains], duration=1.0)
        for found in (*(measure(one) for one in holders), *(measure(one, duration=1.0) for one in arrays)):
            np.testing.assert_allclose(found, expected)


def test_synchrony_of_a_monitor():
    cells = Population(HodgkinHuxleyNeuron, 3, initial={"v": [-60.0, -60.0, -60.0]})
    states = StateMonitor(cells, ("v",))
    Network(cells, states).run(0.02)
    assert statistics.synchrony(states) == pytest.approx(1.0)


# ---- f-I curves ------------------------------------------------------------------------------------------------------


def test_f_i_curve_of_a_leaky_neuron_is_the_formula():
    """T = t_ref + tau ln(R I / (R I - (theta - E_L))) above the rheobase."""
    currents = np.array([0.0, 370.0, 380.0, 600.0, 1000.0])  # pA
    declared = {name: one.default for name, one in LIFNeuron.parameters.items()}
    tau, c_m, e_l, v_th, t_ref = (declared[name] for name in ("tau_m", "c_m", "e_l", "v_th", "t_ref"))
    reached = currents * tau / c_m  # mV above rest
    with np.errstate(divide="ignore", invalid="ignore"):
        period = t_ref + tau * np.log((reached + e_l - declared["v_reset"]) / (reached + e_l - v_th))
    expected = np.where(reached + e_l > v_th, 1e3 / period, 0.0)
    assert (expected > 0.0).sum() >= 2
    assert statistics.f_i(LIFNeuron, currents, duration=2.0, max_step=0.01) == pytest.approx(expected, rel=2e-3)


# ---- what isn't legal ------------------------------------------------------------------------------------------------

ONE = [[0.1, 0.2]]


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    table([
        (lambda: statistics.cv(ONE), ValueError, "give duration= in s"),
        (lambda: statistics.cv([0.1, 0.2], 1.0), TypeError, r"as in \[train\]"),
        (lambda: statistics.cv("spikes", 1.0), TypeError, "a SpikeMonitor, the spike_trains.*or a list or dict"),
        (lambda: statistics.cv({"exc": [[0.1], [0.2, 0.3]]}, 1.0), TypeError, "of one population"),
        (lambda: statistics.cv([SpikeMonitor(SpikeSource(ONE))] * 2), TypeError, r"raster\(\*monitors\)"),
        (lambda: statistics.cv((np.array([0.1, 0.2]), np.array([3, 3])), 1.0), TypeError, "train 1 holds integers"),
        (lambda: statistics.cv([[-0.1, 0.2]], 1.0), ValueError, "spike train 0.*at least 0 s"),
        (lambda: statistics.synchrony(SpikeMonitor(SpikeSource(ONE))), TypeError, "give a StateMonitor, not <SpikeM"),
        (lambda: statistics.cv([["a"]], 1.0), TypeError, "spike train 0 must be"),
        (lambda: statistics.cv(ONE, -1.0), ValueError, "duration.*above 0 s"),
        (lambda: statistics.cv(ONE, 1.0, start=-1.0), ValueError, "start.*at least 0 s"),
        (lambda: statistics.population_rate(ONE, 2.0, 1.0), ValueError, "a bin of 2 s is longer than the window"),
        (lambda: statistics.population_rate(ONE, 0.0, 1.0), ValueError, "width of a bin"),
        (lambda: statistics.population_rate(ONE, 0.1, 1.0, sigma=0.0), ValueError, "sigma"),
        (lambda: statistics.spectrum(([0.0, 1.0], [1.0])), ValueError, "two arrays of one length"),
        (lambda: statistics.spectrum(([0.0, 1.0, 5.0], [1.0] * 3)), ValueError, "equal distances"),
        (lambda: statistics.synchrony([1.0, 2.0]), ValueError, r"give \(n_samples, n_neurons\)"),
        (lambda: statistics.f_i(LIFNeuron, [[1.0]]), ValueError, "one for each neuron"),
        (lambda: statistics.firing_rates(SpikeMonitor(SpikeSource(ONE))), ValueError, "run the network first"),
    ]),
)  # fmt: skip
def test_mistakes_are_told(call, kind, message):
    assert_raises(call, kind, message)


def test_times_in_ms_are_told():
    with pytest.warns(RuntimeWarning, match=r"go up to 300.*ends at 1 s.*divide those in ms by 1000"):
        statistics.firing_rates([[100.0, 200.0, 300.0]], duration=1.0)


def test_a_recording_has_to_name_its_population(tmp_path):
    source = SpikeSource(ONE, label="source")
    Network(source, SpikeMonitor(source, to=tmp_path / "run.h5")).run(0.3)
    with Recording(tmp_path / "run.h5") as recording:
        with pytest.raises(TypeError, match=r"<Recording.*give its spike_trains\(\) of one of 'source'"):
            statistics.cv(recording)
        with pytest.raises(TypeError, match=r"train 1 holds integers.*spike_trains"):
            statistics.firing_rates(recording.spikes("source"), duration=1.0)


@elephant_warns
def test_spikes_at_one_time_and_silence_are_not_defined_and_no_warning():
    for spikes in ([[0.1, 0.1, 0.1], []], [[], []]):
        for measure in (statistics.cv, statistics.cv2, statistics.lv):
            assert np.isnan(measure(spikes, 1.0)).all()


def test_without_elephant_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "elephant", None)
    monkeypatch.setitem(sys.modules, "elephant.statistics", None)
    with pytest.raises(ImportError, match=r'pip install "neurocore_nb\[analysis\]"'):
        statistics.lv(CLOCK, 10.0)
    assert statistics.cv(CLOCK, 10.0) == pytest.approx(0.0, abs=1e-7)


def test_no_neurons():
    assert statistics.firing_rates([], 1.0).shape == (0,)
    assert statistics.cv({}, 1.0).shape == (0,)
    assert np.isnan(statistics.population_rate([], 0.1, 1.0)[1]).all()
    assert statistics.pairwise_correlation([], 0.1, 1.0).shape == (0, 0)
