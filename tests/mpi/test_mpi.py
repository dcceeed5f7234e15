"""The same bits on any number of ranks, and errors that reach all of them."""

import json
import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "programs"
SCRIPTS = Path(__file__).parent.parent.parent / "scripts"

WHOLE = [
    {"size": 101, "parts": [1.0], "dt": 1e-3},
    {"size": 101, "parts": [0.3, 0.7], "dt": 1e-3, "record_states": True},
]
SMALL = [
    {"size": 101, "parts": [0.06, 0.0, 0.04], "dt": 1e-4, "shortest": 1e-3},
    {"size": 101, "parts": [0.1], "dt": 1e-4, "shortest": 1e-3, "record_states": True},
    {"size": 2, "parts": [0.3], "dt": 1e-3},
    {"size": 13, "parts": [0.2], "dt": 5e-4},
    {"size": 521, "parts": [0.05], "dt": 1e-3},
]
CASES = [case | {"threads": threads} for case in WHOLE + SMALL for threads in (1, 2)]


@pytest.fixture(scope="module")
def living(launch, tmp_path_factory):
    results = {}

    def run(ranks):
        if ranks not in results:
            output = tmp_path_factory.mktemp("living") / "result.json"
            launch(ranks, HERE / "living_network.py", str(output), json.dumps(CASES))
            results[ranks] = json.loads(output.read_text())
        return results[ranks]

    return run


def test_networks_live(living):
    for case, result in zip(CASES, living(0), strict=True):
        assert result["exc"] > 0, case
        assert result["inh"] > 0 or case["size"] < 10, case
    assert living(0)[0]["digest"] == living(0)[2]["digest"]  # run(1.0), and run(0.3); run(0.7) recording states
    assert living(0)[4]["digest"] == living(0)[6]["digest"]  # several steps between exchanges, in three parts or one


def test_threads_do_not_matter(living):
    results = living(0)
    assert [one["digest"] for one in results[::2]] == [one["digest"] for one in results[1::2]]


@pytest.mark.parametrize("ranks", [1, 2, 3, 4, 5])
def test_ranks_do_not_matter(living, ranks):
    for case, alone, shared in zip(CASES, living(0), living(ranks), strict=True):
        assert shared["digest"] == alone["digest"], case
        assert (shared["exc"], shared["inh"]) == (alone["exc"], alone["inh"])


@pytest.mark.parametrize("ranks", [2, 3, 4, 5])
def test_every_rank_does_its_share(living, ranks):
    for case, alone, shared in zip(CASES, living(0), living(ranks), strict=True):
        assert len(shared["neurons"]) == ranks
        assert shared["neuron_steps"] == alone["neuron_steps"]
        assert sum(shared["synapses"]) == alone["synapses"][0]
        assert max(shared["neurons"]) - min(shared["neurons"]) <= 5, case  # one for each population


@pytest.fixture(scope="module")
def learning(launch, tmp_path_factory):
    output = tmp_path_factory.mktemp("learning") / "result.json"

    def run(ranks, threads):
        launch(ranks, HERE / "learning_network.py", str(output), str(threads))
        return json.loads(output.read_text())

    return run, run(0, 1)


@pytest.mark.parametrize(("ranks", "threads"), [(0, 2), (1, 1), (2, 1), (4, 1), (3, 2)])
def test_learned_weights_are_the_same_on_any_ranks(learning, ranks, threads):
    run, alone = learning
    shared = run(ranks, threads)
    assert min(alone["spikes"]) > 20
    assert all(spread > 0.0 for spread in alone["spread"][:4])
    assert len(shared["synapses"]) == max(ranks, 1)
    assert min(shared["synapses"]) > 0
    assert sum(shared.pop("synapses")) == alone["synapses"][0]
    assert shared == {name: value for name, value in alone.items() if name != "synapses"}


def test_tutorial_on_four_ranks(launch):
    printed = launch(4, HERE / "tutorial.py").stdout
    assert "Total spikes: 0" in printed  # the tutorial's drive stays below threshold
    for rank in range(4):
        assert f"rank {rank}: exc 2500, inh 625" in printed


def test_tutorial_without_launcher(launch):
    assert "Total spikes: 0" in launch(0, HERE / "tutorial.py").stdout


def test_demo_lives_and_is_the_same_on_any_ranks(launch, tmp_path):
    def run(ranks):
        printed = launch(
            ranks, SCRIPTS / "mpi_demo.py", "--duration", "0.1", "--output", str(tmp_path / "demo.png")
        ).stdout
        assert (tmp_path / "demo.png").stat().st_size > 10_000
        return re.findall(r"(\w+): +([\d,]+) spikes", printed)

    alone = run(0)
    assert [name for name, _ in alone] == ["exc", "inh"]
    assert all(count != "0" for _, count in alone)
    assert run(3) == alone


def test_errors_reach_all_ranks(launch):
    printed = launch(3, HERE / "bad_input.py").stdout
    verdicts = [line for line in printed.splitlines() if line.startswith("rank")]
    assert len(verdicts) == 3 * 6, printed
    for name, kind, text in [
        ("duration", "ValueError", "no multiple of dt"),
        ("one_rank", "ValueError", "dt = -1.0"),
        ("differs", "LaunchError", "on rank 0 and"),
        ("nan", "NumericalError", "'cells', neuron 7: v became"),
        ("broken", "ValueError", "reset"),
        ("gathered", "RuntimeError", "local_t"),
    ]:
        lines = [line for line in verdicts if f" {name}: " in line]
        assert len(lines) == 3, (name, printed)
        raised = [line for line in lines if kind in line and text in line]
        assert len(raised) == (2 if name == "gathered" else 3), (name, printed)


@pytest.mark.parametrize("when", ["before", "after"])
def test_uncaught_error_on_one_rank_ends_the_job(launch, when):
    result = launch(3, HERE / "one_rank_raises.py", when, check=False)
    assert result.returncode != 0
    assert "only rank 1 fails" in result.stdout + result.stderr


def test_bytes_on_the_wire_follow_the_spikes(launch):
    printed = launch(2, HERE / "count_bytes.py").stdout
    pairs = [
        (int(spikes), int(counted), int(reported))
        for spikes, counted, reported in re.findall(r"(\d+) spikes (\d+) counted (\d+) reported", printed)
    ]
    assert len(pairs) == 3, printed
    (few, few_bytes, _), _, (many, many_bytes, _) = pairs
    assert many > 8 * few
    for spikes, counted, reported in pairs:
        assert counted == reported
        # An int32 each, with up to twice to four times the room; intervals x ranks x (header and count).
        assert 4 * spikes < counted <= 16 * spikes + 200 * 2 * 12
    assert 4.0 <= (many_bytes - few_bytes) / (many - few) <= 16.0


def test_runs_on_part_of_the_world(launch):
    printed = launch(4, HERE / "two_networks.py").stdout
    assert printed.count("same as alone: True") == 4, printed


def test_another_mpi_than_the_launchers_is_an_error(launch):
    result = launch(0, HERE / "wrong_launcher.py")
    assert "LaunchError" in result.stdout
    assert "4 ranks" in result.stdout


@pytest.mark.parametrize("largest", [1, 11, 2**31 - 1])
def test_more_than_one_call_can_count(launch, largest):
    printed = launch(3, HERE / "large_counts.py", str(largest)).stdout
    assert sorted(printed.split("\n")[:3]) == [f"rank {k}: {[True] * 4}" for k in range(3)], printed
