"""Parameters and initial states: a number, an array, or drawn from a distribution."""

import numpy as np
import pytest
import scipy.stats
from builders import PASSIVE, cells, run

from neurocore_nb import HodgkinHuxleyNeuron, Network, Normal, StepCurrent, TruncatedNormal, Uniform


def drawn(n, **options):
    """State of a population right after it has been drawn."""
    net = Network(cells(n, **options))
    run(net, 0.0)
    return net.get_states()["exc"]


def test_initial_states_take_a_number_an_array_or_a_distribution():
    array = np.linspace(-80.0, -50.0, 40)
    states = drawn(40, initial={"v": array, "m": 0.25, "h": Uniform(0.2, 0.4)})
    array += 1.0  # it was copied
    assert np.array_equal(states["v"], array - 1.0)
    assert (states["m"] == 0.25).all()
    assert states["h"].min() >= 0.2
    assert states["h"].max() <= 0.4
    assert len(set(states["h"])) == 40
    assert (states["n"] == HodgkinHuxleyNeuron.states["n"].initial).all()


def test_parameters_take_a_number_an_array_or_a_distribution():
    reversal = np.linspace(-70.0, -50.0, 30)
    drawn_reversal = Uniform(-70.0, -50.0)
    resting = []
    for value in (-60.0, reversal, drawn_reversal):
        net = Network(cells(30, params=PASSIVE | {"e_l": value}, max_step=1.0))
        run(net, 0.2)  # 60 time constants
        resting.append(net.get_states()["exc"]["v"])
    assert resting[0] == pytest.approx(np.full(30, -60.0))
    assert resting[1] == pytest.approx(reversal)
    assert ((resting[2] > -70.0) & (resting[2] < -50.0)).all()
    assert len(set(resting[2])) == 30


def test_an_array_parameter_gives_each_neuron_what_a_number_gives_all():
    values = [5.0, 6.3, 20.0]
    together = Network(cells(3, params={"celsius": values}), StepCurrent(0.0, 0.02, 10.0))
    run(together, 0.02)
    for k, value in enumerate(values):
        alone = Network(cells(1, params={"celsius": value}), StepCurrent(0.0, 0.02, 10.0))
        run(alone, 0.02)
        for name, state in alone.get_states()["exc"].items():
            assert together.get_states()["exc"][name][k] == pytest.approx(state[0], rel=1e-9)


def test_a_smaller_substep_changes_the_result_only_slightly():
    potentials = []
    for max_step in (0.01, 0.005):
        net = Network(cells(1, max_step=max_step), StepCurrent(0.0, 0.003, 10.0))
        assert run(net, 0.003).total("neuron_steps") == round(3.0 / max_step)
        potentials.append(net.get_states()["exc"]["v"][0])
    assert 0.0 < abs(potentials[0] - potentials[1]) < 1.0


@pytest.mark.parametrize(
    ("distribution", "mean", "sd"),
    [(Normal(-65.0, 5.0), -65.0, 5.0), (Uniform(-80.0, -50.0), -65.0, 30.0 / np.sqrt(12.0))],
)
def test_drawn_values_have_their_distribution(distribution, mean, sd):
    n = 4000
    v = drawn(n, initial={"v": distribution})["v"]
    assert abs(v.mean() - mean) < 5.0 * sd / np.sqrt(n)
    assert abs(v.std() / sd - 1.0) < 5.0 / np.sqrt(2.0 * n)
    low, high = distribution.support()
    assert low <= v.min()
    assert v.max() <= high


def test_variables_and_populations_are_drawn_independently():
    first, second = (cells(1000, label, initial={"v": Normal(0.0, 1.0), "m": Uniform(0.0, 1.0)}) for label in "ab")
    net = Network(first, second)
    run(net, 0.0)
    states = net.get_states()
    samples = [states[label][name] for label in "ab" for name in "vm"]
    correlation = np.corrcoef(samples) - np.eye(4)
    assert abs(correlation).max() < 5.0 / np.sqrt(1000)


U = np.concatenate([[2.0**-53, 1.0 - 2.0**-53], np.linspace(0.001, 0.999, 99)])


@pytest.mark.parametrize(
    ("distribution", "reference"),
    [
        (Normal(-65.0, 5.0), scipy.stats.norm(-65.0, 5.0)),
        (Normal(3, 0), None),
        (Normal(0.5, 0.1, low=0.4, high=0.55), scipy.stats.norm(0.5, 0.1)),
        (Normal(1.5, 0.5, low=0.0), scipy.stats.norm(1.5, 0.5)),
        (TruncatedNormal(1.5, 0.75, low=0.1), scipy.stats.truncnorm((0.1 - 1.5) / 0.75, np.inf, 1.5, 0.75)),
        (TruncatedNormal(-2.0, 1.0, low=-3.0, high=1.0), scipy.stats.truncnorm(-1.0, 3.0, -2.0, 1.0)),
        (TruncatedNormal(5.0, 2.0), scipy.stats.norm(5.0, 2.0)),
        (Uniform(-2.0, 3.0), scipy.stats.uniform(-2.0, 5.0)),
        (Uniform(7.0, 7.0), None),
    ],
)
def test_quantiles_are_those_of_scipy_within_the_support(distribution, reference):
    low, high = distribution.support()
    values = distribution.from_uniform(U)
    expected = np.full(len(U), low) if reference is None else np.clip(reference.ppf(U), low, high)
    ends = 2 if isinstance(distribution, TruncatedNormal) else 0  # there scipy's have lost their digits
    assert values[ends:] == pytest.approx(expected[ends:], rel=1e-12, abs=1e-12)
    assert low <= values.min()
    assert values.max() <= high


@pytest.mark.parametrize(
    ("distribution", "support"),
    [
        (Normal(0.5, 0.1, low=0.4, high=0.55), (0.4, 0.55)),
        (Normal(0.0, 1.0, low=2.0, high=3.0), (2.0, 3.0)),
        (Normal(0.0, 1.0, low=20.0), (20.0, 20.0)),  # clipped, not redrawn
        (Uniform(-2, 3), (-2.0, 3.0)),
    ],
)
def test_support_is_what_the_bounds_leave(distribution, support):
    assert distribution.support() == support


def test_a_truncated_distribution_with_nothing_within_its_bounds_is_an_error():
    with pytest.raises(ValueError, match="hardly any number"):
        TruncatedNormal(0.0, 1.0, low=20.0)
    with pytest.raises(ValueError, match="hardly any number"):
        TruncatedNormal(0.0, 0.0, low=-1.0, high=1.0)
