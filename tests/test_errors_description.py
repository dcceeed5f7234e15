"""Errors of a description: one exception of the right type that names the object, the value and its unit or remedy."""

import gc

import numpy as np
import pytest
import scipy.sparse
from builders import N, assert_raises, cells, drive, network, table

from neurocore_nb import (
    HodgkinHuxleyNeuron,
    Network,
    Normal,
    Population,
    Projection,
    SpikeMonitor,
    StateMonitor,
    StepCurrent,
    TimedArray,
    Uniform,
)


def with_params(**params):
    return cells(params=params)


def with_initial(**initial):
    return cells(initial=initial)


def projection(weight=0.1, n_target=4, **options):
    return Projection(cells(), cells(n_target, "inh"), weight, **options)


def along(weight, matrix=None, **options):
    matrix = scipy.sparse.csr_array(np.ones((4, N))) if matrix is None else matrix
    return projection(weight, topology=matrix, **options)


# ---- populations -----------------------------------------------------------------------------------------------------

POPULATION = [
    (lambda: cells(-1), ValueError, r"'exc'.* n = -1 .*at least 0"),
    (lambda: cells(2.5), TypeError, r"'exc'.* n .*integer.*2\.5"),
    (lambda: cells("10"), TypeError, r"'exc'.* n .*integer.*'10'"),
    (lambda: cells(True), TypeError, r"'exc'.* n .*integer.*True"),
    (lambda: cells(2**31), ValueError, r"'exc'.* 2147483648 .*2147483647"),
    (lambda: Population(HodgkinHuxleyNeuron, -3), ValueError, r"HodgkinHuxleyNeuron.* n = -3 "),
    (lambda: Population("Izhikevich", 5), ValueError, r"'Izhikevich'.*HodgkinHuxleyNeuron"),
    (lambda: Population(HodgkinHuxleyNeuron(), 5), TypeError, r"class.*HodgkinHuxleyNeuron object"),
    (lambda: Population(int, 5), TypeError, r"class.*int"),
    (lambda: Population(None, 5), TypeError, r"class.*None"),
    (lambda: cells(label=3), TypeError, r"label.*string.*3"),
    (lambda: with_params(g_ca=1.0), ValueError, r"'exc'.*'g_ca'.*HodgkinHuxleyNeuron.*c_m, g_na"),
    (lambda: with_initial(w=0.0), ValueError, r"'exc'.*'w'.*HodgkinHuxleyNeuron.*v, m, h, n"),
    (lambda: cells(params=3.0), TypeError, r"'exc'.*dict.*3\.0"),
    (lambda: cells(initial=["v"]), TypeError, r"'exc'.*dict.*\['v'\]"),
    (lambda: with_params(g_na=np.nan), ValueError, r"'exc'.*g_na.*nan.*mS/cm2"),
    (lambda: with_params(e_l=np.inf), ValueError, r"'exc'.*e_l.*inf.*mV"),
    (lambda: with_params(e_l=[1.0, 2.0, np.nan, 4.0, 5.0]), ValueError, r"'exc'.*e_l.*nan.*index 2.*mV"),
    (lambda: with_params(e_l=np.zeros(4)), ValueError, r"'exc'.*e_l.*\(4,\).*\(5,\).*mV"),
    (lambda: with_params(e_l=np.zeros((5, 1))), ValueError, r"'exc'.*e_l.*\(5, 1\).*\(5,\).*mV"),
    (lambda: with_params(e_l="low"), TypeError, r"'exc'.*e_l.*mV.*'low'"),
    (lambda: with_params(e_l=True), TypeError, r"'exc'.*e_l.*mV.*True"),
    (lambda: with_params(e_l=None), TypeError, r"'exc'.*e_l.*mV.*None"),
    (lambda: with_params(e_l=["a"] * N), TypeError, r"'exc'.*e_l.*mV"),
    (lambda: with_params(e_l=np.full(N, 1j)), TypeError, r"'exc'.*e_l.*mV.*complex"),
    (lambda: with_params(c_m=0.0), ValueError, r"'exc'.*c_m.* 0\.0 uF/cm2.*above 0 uF/cm2"),
    (lambda: with_params(g_k=-1.0), ValueError, r"'exc'.*g_k.*-1\.0 mS/cm2.*at least 0 mS/cm2"),
    (lambda: with_params(g_k=[1.0, 1.0, -2.0, 1.0, 1.0]), ValueError, r"'exc'.*g_k.*-2.*at least 0 mS/cm2"),
    (lambda: with_params(celsius=-300.0), ValueError, r"'exc'.*celsius.*-300\.0 degrees.*above -273\.15"),
    (lambda: with_initial(m=1.5), ValueError, r"'exc'.* m.*1\.5.*at least 0 and at most 1"),
    (lambda: with_initial(h=-0.1), ValueError, r"'exc'.* h.*-0\.1.*at least 0 and at most 1"),
    (lambda: with_initial(v=np.nan), ValueError, r"'exc'.* v.*nan.*mV"),
    (lambda: with_initial(n=Normal(0.3, 0.1)), ValueError, r"'exc'.* n.*Normal.*at most 1.*low= and high="),
    (lambda: with_params(c_m=Normal(1.0, 0.5)), ValueError, r"'exc'.*c_m.*Normal.*low=.*-3\.15 to .*above 0 uF/cm2"),
    (lambda: with_params(g_na=Uniform(-1.0, 9.0)), ValueError, r"'exc'.*g_na.*Uniform.*-1 to 9 mS/cm2.*at least 0"),
    (lambda: cells(max_step=0.0), ValueError, r"'exc'.*max_step.* 0\.0 ms.*above 0 ms"),
    (lambda: cells(max_step=-1.0), ValueError, r"'exc'.*max_step.*-1\.0 ms.*above 0 ms"),
    (lambda: cells(max_step=np.nan), ValueError, r"'exc'.*max_step.*nan.*ms"),
    (lambda: cells(max_step="fine"), TypeError, r"'exc'.*max_step.*ms.*'fine'"),
    (lambda: cells()[3], TypeError, r"exc\[3\].*slice"),
    (lambda: cells()[::2], ValueError, r"exc\[0:5:2\].*contiguous.*step"),
    (lambda: cells()[::-1], ValueError, r"exc\[.*:-1\].*contiguous.*step"),
]

DISTRIBUTION = [
    (lambda: Normal(np.nan, 1.0), ValueError, r"Normal: mean = nan"),
    (lambda: Normal(0.0, np.inf), ValueError, r"Normal: sd = inf"),
    (lambda: Normal(0.0, -1.0), ValueError, r"Normal: sd = -1\.0 .*negative"),
    (lambda: Normal("0", 1.0), TypeError, r"Normal: mean = '0'"),
    (lambda: Normal(0.0, 1.0, low=1.0, high=0.0), ValueError, r"Normal: low = 1\.0 .*high = 0\.0"),
    (lambda: Normal(0.0, 1.0, low=np.nan), ValueError, r"Normal: low = nan"),
    (lambda: Uniform(1.0, 0.0), ValueError, r"Uniform: low = 1\.0 .*high = 0\.0"),
    (lambda: Uniform(0.0, np.inf), ValueError, r"Uniform: high = inf"),
    (lambda: Uniform(True, 1.0), TypeError, r"Uniform: low = True"),
]


@pytest.mark.parametrize(("call", "kind", "pattern"), table(POPULATION + DISTRIBUTION))
def test_populations_and_distributions(call, kind, pattern):
    assert_raises(call, kind, pattern)


def test_a_bound_that_is_no_number_is_named():
    with pytest.raises((TypeError, ValueError), match="Normal: low = 'x'"):
        Normal(0.0, 1.0, low="x")


# ---- projections -----------------------------------------------------------------------------------------------------

PROJECTION = [
    (lambda: Projection("exc", cells(), 1.0), TypeError, r"source of a projection.*Population.*'exc'"),
    (lambda: Projection(cells(), HodgkinHuxleyNeuron, 1.0), TypeError, r"target of a projection.*Population"),
    (lambda: projection(probability=1.5), ValueError, r"exc -> inh: probability.* 1\.5 .*at most 1"),
    (lambda: projection(probability=-0.1), ValueError, r"exc -> inh: probability.*-0\.1 .*at least 0"),
    (lambda: projection(probability=np.nan), ValueError, r"exc -> inh: probability.*nan"),
    (lambda: projection(probability="all"), TypeError, r"exc -> inh: probability.*'all'"),
    (lambda: projection(np.nan), ValueError, r"exc -> inh: weight.*nan.*uA/cm2"),
    (lambda: projection(-np.inf), ValueError, r"exc -> inh: weight.*-inf.*uA/cm2"),
    (lambda: projection("0.1"), TypeError, r"exc -> inh: weight.*uA/cm2.*'0\.1'"),
    (lambda: projection(np.ones(20)), ValueError, r"exc -> inh: weight.*array.*'random'.*uA/cm2"),
    (lambda: projection([0.1]), ValueError, r"exc -> inh: weight.*array.*'random'.*uA/cm2"),
    (lambda: projection(None), ValueError, r"exc -> inh: weight=None.*matrix.*'random'"),
    (lambda: along(np.ones(19)), ValueError, r"exc -> inh: weight.*\(19,\).*\(20,\).*uA/cm2"),
    (lambda: along(np.full(20, np.nan)), ValueError, r"exc -> inh: weight.*nan.*index 0.*uA/cm2"),
    (lambda: along(None, scipy.sparse.csr_array(np.full((4, N), np.nan))), ValueError, r"exc -> inh: weight.*nan"),
    (
        lambda: along(1.0, scipy.sparse.eye_array(3)),
        ValueError,
        r"exc -> inh.*\(3, 3\).*\(n_target, n_source\).*\(4, 5\)",
    ),
    (lambda: along(1.0, scipy.sparse.csr_array((5, 4))), ValueError, r"exc -> inh.*\(5, 4\).*\(4, 5\).*transpose"),
    (lambda: along(1.0, np.ones((4, 5))), TypeError, r"exc -> inh.*ndarray.*scipy\.sparse\.csr_array"),
    (lambda: along(None, scipy.sparse.csr_array(np.full((4, 5), 1j))), TypeError, r"exc -> inh.*real.*complex"),
    (lambda: projection(topology="ring"), ValueError, r"exc -> inh.*'ring'.*one_to_one.*sparse"),
    (lambda: projection(topology=3), TypeError, r"exc -> inh.*topology.*one_to_one.*sparse.*int"),
    (lambda: projection(topology="one_to_one"), ValueError, r"exc -> inh.*one_to_one.*equal.* 5 .* 4$"),
    (lambda: projection(indegree=3), ValueError, r"exc -> inh: indegree.*fixed_indegree.*'random'"),
    (lambda: projection(topology="fixed_indegree", indegree=-1), ValueError, r"exc -> inh: indegree = -1.*at least 0"),
    (lambda: projection(topology="fixed_indegree", indegree=1.5), TypeError, r"exc -> inh: indegree.*integer.*1\.5"),
    (
        lambda: Projection(cells(0), cells(4, "inh"), 1.0, topology="fixed_indegree", indegree=2),
        ValueError,
        r"exc -> inh: indegree = 2, but there are no sources",
    ),
    (lambda: projection(delay=-1e-3), ValueError, r"exc -> inh: delay.*-0\.001 s.*at least 0 s"),
    (lambda: projection(delay=1.5), ValueError, r"exc -> inh: .*delay.*1\.5 s.*seconds.*1\.5e-3"),
    (lambda: projection(delay=Uniform(0.0, 1.5)), ValueError, r"exc -> inh: .*delay.*1\.5 s.*seconds.*1\.5e-3"),
    (lambda: projection(delay=np.nan), ValueError, r"exc -> inh: delay.*nan.* s$"),
    (lambda: projection(delay=np.inf), ValueError, r"exc -> inh: delay.*inf.* s"),
    (lambda: projection(delay=Normal(1e-3, 1e-3)), ValueError, r"exc -> inh: delay.*Normal.*low=.*at least 0 s"),
    (lambda: projection(delay=np.ones(3)), ValueError, r"exc -> inh: delay.*array.*'random'.* s"),
    (lambda: along(1.0, delay=np.full(20, -1e-3)), ValueError, r"exc -> inh: delay.*-0\.001 s.*at least 0 s"),
    (lambda: along(1.0, delay=np.full(20, 2.0)), ValueError, r"exc -> inh: .*delay.* 2 s.*seconds"),
    (lambda: projection(plasticity="hebb"), ValueError, r"exc -> inh: plasticity 'hebb' is unknown; known are 'stdp'"),
    (lambda: projection(seed=-1), ValueError, r"exc -> inh: seed = -1 .*at least 0"),
    (lambda: projection(seed=1.5), TypeError, r"exc -> inh: seed.*integer.*1\.5"),
    (lambda: projection(autapses=1), TypeError, r"exc -> inh: autapses.*True or False.*1"),
    (lambda: projection(weight_dtype="float16"), ValueError, r"exc -> inh: weight_dtype 'float16'.*'float64'"),
    (lambda: projection(weight_dtype=16), ValueError, r"exc -> inh: weight_dtype 16 .*'float64'"),
    (lambda: projection().matrix(), RuntimeError, r"exc -> inh.*no synapses yet.*first run"),
]


@pytest.mark.parametrize(("call", "kind", "pattern"), table(PROJECTION))
def test_projections(call, kind, pattern):
    assert_raises(call, kind, pattern)


# ---- stimuli and monitors --------------------------------------------------------------------------------------------

STIMULUS = [
    (lambda: drive(-1), ValueError, r"PoissonInput: n = -1 .*at least 0"),
    (lambda: drive(1.5), TypeError, r"PoissonInput: n .*integer.*1\.5"),
    (lambda: drive(rate_hz=-1.0), ValueError, r"PoissonInput: rate_hz.*-1\.0 Hz.*at least 0 Hz"),
    (lambda: drive(rate_hz=np.nan), ValueError, r"PoissonInput: rate_hz.*nan.*Hz"),
    (lambda: drive(rate_hz=[1.0, -2.0, 1.0, 1.0, 1.0]), ValueError, r"PoissonInput: rate_hz.*-2.*at least 0 Hz"),
    (lambda: drive(rate_hz=np.ones(4)), ValueError, r"PoissonInput: rate_hz.*\(4,\).*\(5,\).*Hz"),
    (lambda: drive(weight=np.nan), ValueError, r"PoissonInput: weight.*nan.*uA/cm2"),
    (lambda: drive(weight=np.ones(6)), ValueError, r"PoissonInput: weight.*\(6,\).*\(5,\).*uA/cm2"),
    (lambda: drive(weight=Normal(1.0, 0.1)), TypeError, r"PoissonInput: weight.*uA/cm2.*Normal"),
    (lambda: drive(dt=0.0), ValueError, r"PoissonInput: dt.* 0\.0 s.*above 0 s"),
    (lambda: drive(seed=-1), ValueError, r"PoissonInput: seed = -1"),
    (lambda: drive(target="exc"), TypeError, r"target of PoissonInput.*Population.*'exc'"),
    (lambda: StepCurrent(0.2, 0.1, 1.0), ValueError, r"StepCurrent: offset = 0\.1 s .*before onset = 0\.2 s"),
    (lambda: StepCurrent(-0.1, 0.1, 1.0), ValueError, r"StepCurrent: onset.*-0\.1 s.*at least 0 s"),
    (lambda: StepCurrent(0.0, np.inf, 1.0), ValueError, r"StepCurrent: offset.*inf.* s"),
    (lambda: StepCurrent(0.0, 0.1, np.nan), ValueError, r"StepCurrent: amplitude.*nan.*uA/cm2"),
    (lambda: StepCurrent(0.0, 0.1, "big"), TypeError, r"StepCurrent: amplitude.*uA/cm2.*'big'"),
    (lambda: StepCurrent(0.0, 0.1, np.ones((2, 2))), ValueError, r"StepCurrent: amplitude.*\(2, 2\).*uA/cm2"),
    (lambda: StepCurrent(0.0, 0.1, 1.0, target=3), TypeError, r"target of StepCurrent.*Population.*3"),
    (lambda: TimedArray([], 0.1), ValueError, r"TimedArray: values.*\(0,\).*n_times > 0"),
    (
        lambda: TimedArray(np.ones((2, 2, 2)), 0.1),
        ValueError,
        r"TimedArray: values.*\(2, 2, 2\).*\(n_times, n_target\)",
    ),
    (lambda: TimedArray(1.0, 0.1), ValueError, r"TimedArray: values.*\(\).*\(n_times,\)"),
    (lambda: TimedArray([1.0, np.inf], 0.1), ValueError, r"TimedArray: values.*inf.*index 1.*uA/cm2"),
    (lambda: TimedArray([1.0], 0.0), ValueError, r"TimedArray: dt.* 0\.0 s.*above 0 s"),
    (lambda: TimedArray([1.0], 0.1, target="exc"), TypeError, r"target of TimedArray.*Population.*'exc'"),
]

MONITOR = [
    (lambda: SpikeMonitor("exc"), TypeError, r"SpikeMonitor watches.*Population.*'exc'"),
    (lambda: StateMonitor(None), TypeError, r"StateMonitor watches.*Population.*None"),
    (
        lambda: StateMonitor(cells(), ("v", "w")),
        ValueError,
        r"StateMonitor of exc.*'w'.*HodgkinHuxleyNeuron.*v, m, h, n",
    ),
    (lambda: StateMonitor(cells(), "i_na"), ValueError, r"StateMonitor of exc.*'i_na'.*v, m, h, n"),
    (lambda: StateMonitor(cells(), 3), TypeError, r"StateMonitor of exc.*variables.*3"),
    (lambda: StateMonitor(cells(), record=[0, 5]), ValueError, r"StateMonitor of exc.*record.* 5.*0 to 4"),
    (lambda: StateMonitor(cells(), record=[-1]), ValueError, r"StateMonitor of exc.*record.*-1.*0 to 4"),
    (lambda: StateMonitor(cells()[3:], record=[2]), ValueError, r"StateMonitor of exc\[3:5\].*record.* 2.*0 to 1"),
    (lambda: StateMonitor(cells(), record=[0.0]), TypeError, r"StateMonitor of exc.*record.*integers.*float"),
    (lambda: StateMonitor(cells(), record=[True] * N), TypeError, r"StateMonitor of exc.*record.*integers.*bool"),
    (lambda: StateMonitor(cells(), record=3), TypeError, r"StateMonitor of exc.*record.*3"),
    (
        lambda: StateMonitor(cells(), record=True),
        TypeError,
        r"StateMonitor of exc.*record = True: .* leave it out for all",
    ),
    (lambda: StateMonitor(cells(), record=[[0, 1]]), TypeError, r"StateMonitor of exc.*record.*\[\[0, 1\]\]"),
    (lambda: StateMonitor(cells(), interval=0.0), ValueError, r"StateMonitor of exc.*interval.* 0\.0 s.*above 0 s"),
    (lambda: StateMonitor(cells(), interval="ms"), TypeError, r"StateMonitor of exc.*interval.* s.*'ms'"),
    (lambda: SpikeMonitor(cells()).firing_rates(), RuntimeError, r"SpikeMonitor of exc.*run the network first"),
]


@pytest.mark.parametrize(("call", "kind", "pattern"), table(STIMULUS + MONITOR))
def test_stimuli_and_monitors(call, kind, pattern):
    assert_raises(call, kind, pattern)


# ---- networks --------------------------------------------------------------------------------------------------------

OTHER = cells(label="other")
NETWORK = [
    (lambda: Network("exc"), TypeError, r"populations, projections.*'exc' \(str\)"),
    (lambda: Network([cells()]), TypeError, r"populations, projections.*list"),
    (lambda: Network(cells()[0:3]), TypeError, r"part of population exc\[0:3\].*whole population"),
    (lambda: network(lambda exc: exc), ValueError, r"'exc'.*already"),
    (lambda: network(lambda _: cells()), ValueError, r"two populations.*'exc'.*its own"),
    (
        lambda: network(lambda exc: Projection(OTHER, exc, 1.0)),
        ValueError,
        r"source of .*other -> exc.*'other'.*add it",
    ),
    (
        lambda: network(lambda exc: Projection(exc, OTHER, 1.0)),
        ValueError,
        r"target of .*exc -> other.*'other'.*add it",
    ),
    (lambda: network(lambda _: SpikeMonitor(OTHER)), ValueError, r"SpikeMonitor of other.*'other'.*isn't part.*add it"),
    (lambda: network(lambda _: StateMonitor(OTHER[1:])), ValueError, r"StateMonitor of other\[1:5\].*'other'.*add it"),
    (lambda: network(lambda _: drive(target=OTHER)), ValueError, r"target of .*PoissonInput.*'other'.*add it"),
    (lambda: network(lambda _: drive(6)), ValueError, r"PoissonInput.* 6 neurons.*longer.*exc with 5"),
    (lambda: network(lambda exc: drive(4, target=exc[2:])), ValueError, r"PoissonInput.* 4 neurons.*exc\[2:5\] with 3"),
    (lambda: network(lambda _: StepCurrent(0.0, 0.1, np.ones(6))), ValueError, r"StepCurrent.* 6 .*exc.* 5$"),
    (lambda: network(lambda _: StepCurrent(0.0, 0.1, np.ones(4))), ValueError, r"StepCurrent.* 4 .*exc.* 5$"),
    (lambda: network(lambda _: TimedArray(np.ones((3, 6)), 0.1)), ValueError, r"TimedArray.* 6 .*exc.* 5$"),
    (lambda: network(lambda _: TimedArray(np.ones((3, 4)), 0.1)), ValueError, r"TimedArray.* 4 .*exc.* 5$"),
    (lambda: network(seed=-1), ValueError, r"network's seed = -1 .*at least 0"),
    (lambda: network(seed=1.0), TypeError, r"network's seed .*integer.*1\.0"),
    (lambda: network().reset(seed=-1), ValueError, r"seed = -1 .*at least 0"),
    (lambda: network().get_states(), RuntimeError, r"no states yet.*first run"),
]


@pytest.mark.parametrize(("call", "kind", "pattern"), table(NETWORK))
def test_networks(call, kind, pattern):
    assert_raises(call, kind, pattern)


def test_two_networks_cannot_share_a_population_while_both_live():
    exc = cells()
    first = Network(exc)
    assert_raises(lambda: Network(exc), ValueError, r"'exc'.*another network.*reset")
    del first
    gc.collect()
    assert Network(exc).populations == [exc]


def test_a_population_is_free_as_soon_as_its_network_is_deleted():
    exc = cells()
    net = Network(exc, SpikeMonitor(exc))
    net.run(0.001, backend="numba", threads=1)
    del net
    assert Network(exc).populations == [exc]


def test_what_a_network_refused_is_free_for_another():
    exc = cells()
    with pytest.raises(ValueError, match="longer"):
        Network(exc, drive(6))
    assert Network(exc).populations == [exc]


def test_nothing_is_added_if_one_object_is_refused():
    net = network()
    inh = cells(4, "inh")
    with pytest.raises(TypeError, match="'inh'"):
        net.add(inh, "inh")
    assert [one.label for one in net.populations] == ["exc"]
    assert Network(inh).populations == [inh]
