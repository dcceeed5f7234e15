"""Which rank holds what, and how the ranks share spikes and verdicts; several ranks played in one process."""

import sys
from itertools import pairwise
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurocore_nb import (
    HodgkinHuxleyNeuron,
    LaunchError,
    Network,
    NumericalError,
    Population,
    SimulationError,
    StepCurrent,
)
from neurocore_nb.engine import agreement, exchange
from neurocore_nb.engine.agreement import raise_together, same_everywhere, together
from neurocore_nb.engine.comm import SerialComm
from neurocore_nb.engine.exchange import Exchange
from neurocore_nb.engine.partition import block, bounds

fixed = settings(derandomize=True, deadline=None)


# ---- blocks ----------------------------------------------------------------------------------------------------------


def test_blocks_of_the_tutorial():
    assert [end - begin for begin, end in (block(10_000, rank, 4) for rank in range(4))] == [2500] * 4
    assert [end - begin for begin, end in (block(2500, rank, 4) for rank in range(4))] == [625] * 4


@fixed
@given(st.integers(0, 10**9), st.integers(1, 300))
def test_blocks_cover_everything_once_and_evenly(n, parts):
    blocks = [block(n, part, parts) for part in range(parts)]
    assert blocks[0][0] == 0
    assert blocks[-1][1] == n
    assert all(before[1] == after[0] for before, after in pairwise(blocks))
    sizes = [end - begin for begin, end in blocks]
    assert max(sizes) - min(sizes) <= 1
    assert min(sizes) >= 0


@fixed
@given(st.integers(0, 2**31 - 1), st.integers(1, 50))
def test_bounds_are_the_borders_of_the_blocks(n, parts):
    borders = bounds(n, parts)
    assert borders.dtype == np.int64
    assert list(pairwise(borders)) == [block(n, part, parts) for part in range(parts)]


# ---- several ranks in one process ------------------------------------------------------------------------------------


class Waiting(BaseException):
    """A rank has come to a collective call that another has yet to reach."""


class PlayedComm:
    """One rank of several; what all ranks have posted so far answers its collective calls."""

    def __init__(self, rank, posted):
        self.rank, self.size = rank, len(posted)
        self.bytes_sent = 0
        self._posted = posted
        self._calls = 0

    def _exchanged(self, kind, value):
        mine, call = self._posted[self.rank], self._calls
        self._calls += 1
        if call == len(mine):
            mine.append((kind, value))
        if any(len(theirs) <= call for theirs in self._posted):
            raise Waiting
        assert {theirs[call][0] for theirs in self._posted} == {kind}, "ranks made different collective calls"
        return [theirs[call][1] for theirs in self._posted]

    def allgather_in_kernels(self):
        return 0, 0, 0

    def check(self, code):
        assert code == 0

    def allgather(self, values):
        assert values.dtype == np.int32
        self.bytes_sent += values.nbytes * (self.size - 1)
        return np.stack(self._exchanged("allgather", values.copy()))

    def allgatherv(self, values, lengths):
        assert values.dtype == np.int32
        self.bytes_sent += values.nbytes * (self.size - 1)
        parts = self._exchanged("allgatherv", values.copy())
        assert [len(part) for part in parts] == list(lengths)
        return np.concatenate(parts)

    def alltoallv(self, values, send_lengths, receive_lengths):
        assert values.dtype == np.int32
        assert len(values) == sum(send_lengths)
        self.bytes_sent += values.nbytes - 4 * int(send_lengths[self.rank])
        parts = self._exchanged("alltoallv", np.split(values.copy(), np.cumsum(send_lengths)[:-1]))
        mine = [theirs[self.rank] for theirs in parts]
        assert [len(part) for part in mine] == list(receive_lengths)
        return np.concatenate(mine)

    def allreduce_max(self, values):
        assert values.dtype == np.int32
        self.bytes_sent += values.nbytes * (self.size - 1).bit_length()
        return np.max(self._exchanged("allreduce_max", values.copy()), axis=0)

    def gather(self, values):
        parts = self._exchanged("gather", values.copy())
        return parts if self.rank == 0 else []

    def gather_objects(self, value):
        return self._exchanged("gather_objects", value)

    def gather_on_node(self, value):
        return self._exchanged("gather_on_node", value)

    def wait_for_all(self):
        self._exchanged("wait_for_all", None)


def play(size, act):
    """What ``act(comm)`` returns or raises on each of ``size`` ranks.

    ``act`` starts anew after each wait, with the answers it had before, so it must do the same every time.
    """
    posted = [[] for _ in range(size)]
    while True:
        before = sum(map(len, posted))
        outcomes = []
        for rank in range(size):
            try:
                outcomes.append(act(PlayedComm(rank, posted)))
            except Waiting:
                outcomes.append(Waiting)
            except AssertionError:
                raise
            except Exception as error:
                outcomes.append(error)
        if Waiting not in outcomes:
            return outcomes
        assert sum(map(len, posted)) > before, f"a rank waits for ever: {outcomes}"


def test_a_rank_that_leaves_early_is_noticed():
    with pytest.raises(AssertionError, match="waits for ever"):
        play(2, lambda comm: comm.rank or comm.gather_objects(1))


# ---- exchanging spikes -----------------------------------------------------------------------------------------------


def share_of_all(intervals, n_steps, errors=None):
    """Let each rank share its (ids, steps) of some intervals; what each has received, and the bytes each has sent."""

    def share(comm):
        shared = Exchange(comm, n_steps)
        received = []
        for spikes in intervals:
            ids, steps = (np.array(values, np.int32) for values in spikes[comm.rank])
            fired = [np.stack([ids, steps, np.ones_like(ids)])[:, part] for part in (slice(0, 2), slice(2, None))]
            came = shared.share(fired, n_steps, errors[comm.rank] if errors else None)[:2]
            received.append(came.copy())  # the next call may overwrite it
        return received, comm.bytes_sent

    return play(len(intervals[0]), share)


def as_pairs(ids, steps):
    return sorted(zip(np.asarray(steps).tolist(), np.asarray(ids).tolist(), strict=True))


@st.composite
def intervals(draw):
    n_steps, n_ranks = draw(st.integers(1, 9)), draw(st.integers(1, 5))
    spike = st.tuples(st.integers(0, 2**31 - 1), st.integers(0, n_steps - 1))
    busy = st.lists(spike, min_size=100, max_size=200)
    ranks = st.lists(st.lists(spike, max_size=12) | busy, min_size=n_ranks, max_size=n_ranks)
    drawn = draw(st.lists(ranks, min_size=1, max_size=4))
    return n_steps, [[([i for i, _ in one], [s for _, s in one]) for one in ranks] for ranks in drawn]


@fixed
@given(intervals())
def test_every_rank_receives_the_spikes_of_all(drawn):
    n_steps, some = drawn
    outcomes = share_of_all(some, n_steps)
    for place, spikes in enumerate(some):
        expected = sorted(pair for ids, steps in spikes for pair in as_pairs(ids, steps))
        for received, _ in outcomes:
            assert received[place].dtype == np.int32
            assert as_pairs(*received[place]) == expected
            assert np.array_equal(received[place], outcomes[0][0][place])


def test_an_empty_interval_sends_eight_bytes():
    outcomes = share_of_all([[([], []), ([], [])]], 5)
    assert all(received[0].shape == (2, 0) and sent == 8 for received, sent in outcomes)


def test_many_spikes_cost_four_bytes_each():
    few, many = (range(200), [0] * 200), (range(1200), [0] * 1200)
    _, sent_few = share_of_all([[few, few]], 3)[0]
    _, sent_many = share_of_all([[many, few]], 3)[0]
    assert sent_many - sent_few == 4000


def test_few_spikes_travel_with_the_header_at_most_sixteen_bytes_each():
    spikes = [(range(9), [0] * 9)] * 2
    once, again = (share_of_all([spikes] * n, 1)[0][1] for n in (1, 101))
    assert 9 * 4 * 100 < again - once <= 9 * 16 * 100


@pytest.mark.parametrize("failing", [[True, False, False], [False, True, True]])
def test_all_ranks_learn_of_a_failure(failing):
    errors = [OSError("disk full") if one else None for one in failing]
    outcomes = share_of_all([[([1], [0]), ([2], [0]), ([3], [0])]], 1, errors)
    assert all(isinstance(outcome, OSError) and "disk full" in str(outcome) for outcome in outcomes)


def test_a_count_beyond_int32_fails_on_all_ranks(monkeypatch):
    monkeypatch.setattr(exchange, "LARGEST_COUNT", 6)
    outcomes = share_of_all([[([1, 2, 3, 4, 5], [0] * 5), ([7], [0])]], 2)
    assert all(isinstance(outcome, SimulationError) and "more than 6" in str(outcome) for outcome in outcomes)


# ---- one rank alone --------------------------------------------------------------------------------------------------


def test_serial_comm_is_one_rank():
    comm = SerialComm()
    values = np.array([3, 1, 2], np.int32)
    assert (comm.rank, comm.size) == (0, 1)
    assert np.array_equal(comm.allgather(values), [[3, 1, 2]])
    assert np.array_equal(comm.allgatherv(values, np.array([3])), values)
    assert np.array_equal(comm.alltoallv(values, np.array([3]), np.array([3])), values)
    assert np.array_equal(comm.allreduce_max(values), values)
    assert np.array_equal(comm.gather(values), [values])
    assert comm.gather_objects("a") == comm.gather_on_node("a") == ["a"]
    assert (comm.allgather_in_kernels(), comm.check(0), comm.wait_for_all()) == ((0, 0, 0), None, None)


# ---- agreement -------------------------------------------------------------------------------------------------------


def fail_on(errors):
    """An action that raises the error of this rank, if there is one for it."""

    def act(comm):
        def action():
            if comm.rank in errors:
                raise errors[comm.rank]
            return 10 * comm.rank

        return together(comm, action)

    return act


def test_together_returns_each_ranks_own_result():
    assert play(3, fail_on({})) == [0, 10, 20]


@pytest.mark.parametrize("kind", [ValueError, TypeError, MemoryError, SimulationError, KeyError])
@pytest.mark.parametrize("failing", [0, 2])
def test_together_raises_the_same_everywhere(kind, failing):
    outcomes = play(3, fail_on({failing: kind("no room for 7")}))
    assert [type(error) for error in outcomes] == [kind] * 3
    assert all("no room for 7" in str(error) for error in outcomes)
    others = [error for rank, error in enumerate(outcomes) if rank != failing]
    assert all(f"rank {failing}" in str(error) for error in others)


def test_together_raises_the_first_failing_ranks_error():
    outcomes = play(3, fail_on({1: ValueError("one"), 2: TypeError("two")}))
    assert [type(error) for error in outcomes] == [ValueError] * 3
    assert all("one" in str(error) for error in outcomes)


def test_together_raises_one_type_where_all_fail_differently():
    outcomes = play(3, fail_on({0: ValueError("zero"), 1: TypeError("one"), 2: MemoryError("two")}))
    assert [type(error) for error in outcomes] == [ValueError] * 3


def test_errors_that_all_ranks_have_keep_their_words():
    outcomes = play(2, fail_on({0: ValueError("dt = 0 s"), 1: ValueError("dt = 0 s")}))
    assert [str(error) for error in outcomes] == ["dt = 0 s"] * 2


class TwoPartError(Exception):
    def __init__(self, what, why):
        super().__init__(f"{what}: {why}")


def test_an_error_that_cannot_be_made_anew_is_named():
    first, second = play(2, fail_on({0: TwoPartError("disk", "full")}))
    assert type(first) is TwoPartError
    assert type(second) is RuntimeError
    assert str(second) == "rank 0: TwoPartError: disk: full"


def test_raise_together_without_an_error():
    assert play(3, lambda comm: raise_together(comm, None)) == [None] * 3


def test_same_everywhere_where_all_is_the_same():
    assert play(3, lambda comm: same_everywhere(comm, "0.1", "abc")) == [None] * 3


def assert_launch_error(outcomes, *parts):
    assert [type(error) for error in outcomes] == [LaunchError] * len(outcomes)
    for error in outcomes:
        assert all(part in str(error) for part in parts), str(error)


def test_another_package_version_is_named():
    outcomes = play(3, lambda comm: same_everywhere(comm, "0.2" if comm.rank == 2 else "0.1", "abc"))
    assert_launch_error(outcomes, "neurocore_nb", "0.1 on rank 0", "0.2 on rank 2")


def test_another_network_is_named():
    outcomes = play(3, lambda comm: same_everywhere(comm, "0.1", "abd" if comm.rank == 1 else "abc"))
    assert_launch_error(outcomes, "network", "abc on rank 0", "abd on rank 1")


@pytest.mark.parametrize(
    ("module", "attribute", "value", "named"),
    [
        (agreement.numba, "__version__", "0.1", "numba"),
        (agreement.np, "__version__", "1.0", "numpy"),
        (agreement.platform, "python_version", lambda: "3.1", "python"),
    ],
)
def test_another_environment_is_named(module, attribute, value, named):
    def act(comm):
        with mock.patch.object(module, attribute, value if comm.rank == 1 else getattr(module, attribute)):
            same_everywhere(comm, "0.1", "abc")

    assert_launch_error(play(2, act), named, "rank 0", "rank 1")


# ---- a whole run -----------------------------------------------------------------------------------------------------


def play_runs(size, monkeypatch, *runs, amplitude=20.0):
    """What the last of some runs of a small network returns or raises; ``runs`` make the arguments from the rank."""

    def act(comm):
        monkeypatch.setattr("neurocore_nb.network.network.connect", lambda backend, given: comm)
        cells = Population(HodgkinHuxleyNeuron, 5, label="cells")
        net = Network(cells, StepCurrent(0.0, 0.004, amplitude))
        return [net.run(0.004, **({"threads": 1} | run(comm.rank))) for run in runs][-1]

    return play(size, act)


def test_a_played_run_reports_every_rank(monkeypatch):
    for report in play_runs(3, monkeypatch, lambda rank: {}):
        assert [rank.neurons for rank in report.ranks] == [2, 2, 1]
        assert report.spikes == 5


def test_a_numerical_error_of_one_rank_is_raised_on_all(monkeypatch):
    outcomes = play_runs(3, monkeypatch, lambda rank: {}, amplitude=[0.0, 0.0, 1e308, 0.0, 0.0])
    assert [type(error) for error in outcomes] == [NumericalError] * 3
    assert all("'cells', neuron 2: v" in str(error) for error in outcomes)
    assert "rank 1" in str(outcomes[0])


@pytest.mark.parametrize("bad", [{"dt": 0.0}, {"threads": 0}, {"progress": 1}])
def test_a_bad_argument_on_one_rank_is_refused_on_all(bad, monkeypatch):
    outcomes = play_runs(3, monkeypatch, lambda rank: bad if rank == 1 else {})
    assert len({type(error) for error in outcomes} & {ValueError, TypeError}) == 1
    assert all(next(iter(bad)) in str(error) for error in outcomes)
    assert "rank 1" in str(outcomes[0])


@pytest.mark.parametrize("other", [{"dt": 0.002}, {"dt": 0.004}])
def test_other_arguments_on_one_rank_are_refused_on_all(other, monkeypatch):
    outcomes = play_runs(3, monkeypatch, lambda rank: other if rank == 2 else {})
    assert_launch_error(outcomes, "arguments of run()", "on rank 2")


def test_ranks_may_change_their_threads_each_on_its_own(monkeypatch):
    reports = play_runs(2, monkeypatch, lambda rank: {}, lambda rank: {"threads": 1 + rank})
    assert [report.total("neurons") for report in reports] == [5, 5]


def test_progress_without_tqdm_is_refused_on_all_ranks(monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    outcomes = play_runs(2, monkeypatch, lambda rank: {"progress": True})
    assert [type(error) for error in outcomes] == [ImportError] * 2
    assert all("tqdm" in str(error) for error in outcomes)
