"""Which neurons are coupled, and what may be asked of couplings."""

import numpy as np
import pytest
from builders import assert_raises, cells, table
from wiring import assert_same

from neurocore_nb import (
    CheckpointError,
    GapJunction,
    GradedRelease,
    GradedSynapse,
    LIFNeuron,
    Network,
    Normal,
    PoissonInput,
    PoissonPopulation,
    Population,
    Projection,
    Uniform,
    WangBuzsakiNeuron,
)

DT = 1e-4

# ---- wiring ----------------------------------------------------------------------------------------------------------


def matrix_of(coupling, *populations, seed=42):
    Network(*populations, coupling, seed=seed).run(0.0, DT, threads=1)
    return coupling.matrix()


def test_each_pair_has_one_junction_with_the_given_probability():
    group = cells(300)
    found = matrix_of(GapJunction(group, group, Uniform(0.1, 0.2), probability=0.1), group).toarray()
    np.testing.assert_array_equal(found, found.T)
    assert not found.diagonal().any()
    n, pairs = np.count_nonzero(np.triu(found)), 300 * 299 / 2
    assert abs(n - 0.1 * pairs) < 4.0 * np.sqrt(0.09 * pairs)
    assert found[found > 0.0].min() >= 0.1
    assert found.max() <= 0.2  # no pair has two
    assert len(np.unique(found)) > 0.99 * n


@pytest.mark.filterwarnings("ignore:.* isn't part of the network:UserWarning")
def test_complete_graph_and_other_rules():
    group = cells(9)
    complete = matrix_of(GapJunction(group, group, 0.5, topology="all_to_all"), group).toarray()
    np.testing.assert_array_equal(complete, 0.5 * (1.0 - np.eye(9)))
    one_way = matrix_of(GapJunction(group, group[3:], 0.5, topology="all_to_all", symmetric=False), group)
    assert one_way.toarray().sum() == 0.5 * (9 * 6 - 6)
    graded = GradedSynapse(
        group, group, 0.5, topology="fixed_indegree", indegree=4, multapses=False, state="n", e_rev=0
    )
    assert (np.diff(matrix_of(graded, group).indptr) == 4).all()


def test_couplings_and_projections_draw_from_streams_of_their_own():
    group = cells(60)
    first, second = (GapJunction(group, group, 0.1, probability=0.3, symmetric=False) for _ in range(2))
    given = GapJunction(group, group, 0.1, probability=0.3, symmetric=False, seed=1)
    projections = [Projection(group, group, 0.1, probability=0.3, autapses=False, seed=seed) for seed in (None, 1)]
    Network(group, first, second, given, *projections, seed=1).run(0.0, DT)
    found = [one.matrix().toarray() > 0.0 for one in (first, second, given, *projections)]
    for k, one in enumerate(found):
        assert 0.2 < one.mean() < 0.4
        assert not any(np.array_equal(one, other) for other in found[:k])
    alone = GapJunction(group_2 := cells(60), group_2, 0.1, probability=0.3, symmetric=False)
    assert_same(matrix_of(alone, group_2, seed=1), first.matrix())  # whatever else there is
    own = GapJunction(group_3 := cells(60), group_3, 0.1, probability=0.3, symmetric=False, seed=1)
    assert_same(matrix_of(own, group_3, seed=99), given.matrix())


# ---- errors ----------------------------------------------------------------------------------------------------------


def gap(source=None, target=None, weight=0.1, **options):
    source = cells() if source is None else source
    return GapJunction(source, source if target is None else target, weight, **options)


def graded(weight=0.1, state="n", e_rev=0.0, **options):
    one = cells()
    return GradedSynapse(one, one, weight, state=state, e_rev=e_rev, **options)


def sparse():
    one = cells()
    return Network(one, gap(one)).run(1e-3, exchange="sparse")


def released(make):
    group = Population(WangBuzsakiNeuron, 3, label="wb", receptors={"gaba": GradedRelease()})
    return Network(group, make(group))


@pytest.mark.parametrize(("call", "kind", "pattern"), table([
    (lambda: gap(weight=-0.1), ValueError, r"gap junction exc -> exc: weight = -0.1 mS/cm2; .*at least 0"),
    (lambda: gap(weight=Normal(0.1, 1.0)), ValueError, r"weight: Normal.*at least 0.*bound it with low="),
    (lambda: gap(Population(LIFNeuron, 3, label="lif"), weight=-1), ValueError, r"lif -> lif: weight = -1 nS"),
    (lambda: gap(weight=[0.1]), ValueError, r"an array goes along explicit synapses"),
    (lambda: gap(weight=[0.1], topology=([0, 1], [1, 2])), ValueError, r"weight has shape \(1,\).*\(2,\), in mS/cm2"),
    (lambda: gap(rectification=1.5), ValueError,
     r"rectification = 1.5 of g; it must be at least 0 and at most 1"),
    (lambda: gap(symmetric=1), TypeError, r"symmetric must be True or False, not 1"),
    (lambda: gap(probability=2.0), ValueError, r"gap junction exc -> exc: probability = 2.0"),
    (lambda: gap(topology="ring"), ValueError, r"unknown topology 'ring'; known are"),
    (lambda: gap(topology=([0, 1], [1, 0])), ValueError, r"between 0 and 1 is given in both dir.*symmetric=False"),
    (lambda: gap(topology=([3], [3])), ValueError, r"from 3 onto 3, the same neuron; leave it out"),
    (lambda: gap(PoissonPopulation(3, 1.0, label="noise"), cells()), ValueError,
     r"source of a gap junction must be.*only sends spikes.*Projection"),
    (lambda: gap(cells(), PoissonPopulation(3, 1.0, label="noise")), ValueError,
     r"target of a gap junction.*only sends"),
    (lambda: gap("exc"), TypeError, r"the source of a gap junction must be a Population or a part of one.*'exc'"),
    (lambda: gap(Population(LIFNeuron, 3, label="lif"), cells()), ValueError,
     r"in nS for the source and in mS/cm2.*one object for each way"),
    (lambda: graded(state="s_gaba"), ValueError,
     r"graded synapse exc -> exc: the source has no state 's_gaba'; it has v, m, h, n.*GradedRelease\(\)"),
    (lambda: graded(state=3), TypeError, r"state must be the name of a state of the source, not 3"),
    (lambda: graded(e_rev="rest"), TypeError, r"e_rev must be a number in mV, not 'rest'"),
    (lambda: graded(weight=None), ValueError, r"weight=None takes the entries of an explicit matrix"),
    (lambda: Network(cells(label="a"), gap()), ValueError,
     r"the source of <GapJunction exc -> exc: random.*>.*isn't part"),
    (sparse, ValueError, r"exchange='sparse' is for spikes alone, but <GapJunction exc -> exc: .*>.*or take 'all'"),
    (lambda: released(lambda wb: Projection(wb, wb, 1.0, receptor="gaba")), ValueError,
     r"projection wb -> wb: the receptor 'gaba' of population 'wb' is a GradedRelease, which takes no.*GradedSynapse"),
    (lambda: released(lambda wb: PoissonInput(3, 1.0, 1.0, receptor="gaba")), ValueError,
     r"PoissonInput onto.*takes no weights"),
    (lambda: GradedRelease(tau=1.0), TypeError, r"parameter 'tau' is unknown; it has alpha, beta, theta, slope"),
    (lambda: gap().matrix(), RuntimeError, r"<GapJunction exc -> exc: random.*> has no synapses yet"),
]))  # fmt: skip
def test_errors_say_what_is_wrong(call, kind, pattern):
    assert_raises(call, kind, pattern)


def test_networks_know_their_couplings():
    one = cells()
    both = gap(one), GradedSynapse(one, one[1:], 0.1, state="m", e_rev=0.0)
    net = Network(one, *both)
    assert net.couplings == list(both)
    assert repr(net) == "<Network of 5 neurons in 1 population, 2 couplings; t = 0 s>"
    facts = "random, p = 1, weight 0.1 mS/cm2, state m, e_rev 0 mV"
    assert repr(both[1]) == f"<GradedSynapse exc -> exc[1:5]: {facts}>"
    with pytest.raises(ValueError, match="is in the network already"):
        net.add(both[0])
    net.run(0.0)
    with pytest.raises(ValueError, match="can't be added after the first run"):
        net.add(gap(one))


@pytest.mark.parametrize("change", [
    {"weight": 0.2}, {"symmetric": False}, {"rectification": 0.5}, {"seed": 3}, {"probability": 0.3}, None,
])  # fmt: skip
def test_couplings_tell_networks_apart(change, tmp_path):
    def described(**options):
        one = cells()
        return Network(one, gap(one, **({"probability": 0.5} | options)))

    first = described()
    first.run(1e-3)
    first.save(tmp_path / "a")
    described().restore(tmp_path / "a")
    other = Network(cells()) if change is None else described(**change)
    with pytest.raises(CheckpointError, match="of another network"):
        other.restore(tmp_path / "a")
