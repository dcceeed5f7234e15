"""What the README and the scripts show runs."""

import importlib
import importlib.util
import json
import math
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import OPEN_MPI, TIMEOUT, mpirun

from neurocore_nb import __version__

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "scripts" / "benchmarks")]


def test_readme_examples_run(capsys, tmp_path):
    network, model = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    exec(network, {})  # noqa: S102
    *report, numbers = capsys.readouterr().out.splitlines()
    assert "1,000 neurons" in report[0]
    assert int(numbers.split()[0]) > 1000
    (tmp_path / "model.py").write_text(model)  # a model's source must be in a file
    runpy.run_path(str(tmp_path / "model.py"))
    assert int(capsys.readouterr().out.split()[0]) > 10


def test_readme_network_runs_on_ranks_with_the_same_spikes(launch, tmp_path):
    network, _ = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    (tmp_path / "network.py").write_text(network)
    alone, shared = (launch(ranks, tmp_path / "network.py").stdout.splitlines()[-1] for ranks in (0, 2))
    assert alone == shared
    assert int(alone.split()[0]) > 1000


def test_readme_names_files_that_exist():
    for link in re.findall(r"\]\(([^)]+)\)", (ROOT / "README.md").read_text()):
        assert (ROOT / link).exists(), link


def test_contributing_names_files_and_lists_that_exist():
    page = (ROOT / "CONTRIBUTING.md").read_text()
    for link in re.findall(r"\]\((?!http)([^)]+)\)", page):
        assert (ROOT / link).exists(), link
    lists = re.findall(r"`([A-Z]+)`(?:,? (?:and|in|of|with)[^`]*`[A-Z]+`)* (?:in|of) `([\w/.]+)`", page)
    assert len(lists) >= 5
    for name, file in lists:
        places = [ROOT / file, ROOT / "neurocore_nb" / file, ROOT / "neurocore_nb" / "neurons" / file]
        assert re.search(rf"^{name}\b.* = ", next(one for one in places if one.exists()).read_text(), re.MULTILINE), (
            name
        )
    for path in re.findall(r"`((?:neurocore_nb|tests|scripts|\.ci)/[\w/.]*)`", page):
        assert (ROOT / path).exists(), path


def test_the_citation_is_of_this_version():
    text = (ROOT / "CITATION.cff").read_text()
    assert re.search(r"^version: (.*)$", text, re.MULTILINE)[1] == __version__
    assert re.search(r"^cff-version: 1\.2\.0$", text, re.MULTILINE)


def test_blocks_of_the_page_on_learning_run(capsys, tmp_path):
    page = (ROOT / "docs" / "learning.md").read_text()
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    (tmp_path / "blocks.py").write_text("\n".join(blocks))  # a rule's source must be in a file
    runpy.run_path(str(tmp_path / "blocks.py"))
    *_, same = capsys.readouterr().out.splitlines()
    assert len(blocks) == 5
    assert same == "True"
    for link in re.findall(r"\]\(([^)]+)\)", page):
        assert (ROOT / "docs" / link).exists(), link


def test_architecture_names_functions_that_exist():
    page = (ROOT / "docs" / "architecture.md").read_text()
    path = page[page.index("## The path of a spike") : page.index("## Why the bits")]
    source = "\n".join(file.read_text() for file in (ROOT / "neurocore_nb").rglob("*.py"))
    for name in re.findall(r"`(?:\w+\.)?(\w+)`", path):
        assert name in ("Allgather", "Allgatherv", "update") or re.search(rf"(def|class) {name}\b", source), name


# What is true at the end of each.
NOTEBOOKS = {
    "clusters": "digest('one.h5') == digest('four.h5') == digest('resumed.h5')",
    "cobahh": "35 < np.concatenate(rates).mean() < 45 and abs(pairs.mean()) < 0.02",
    "gamma": "30 < f[power.argmax()] < 60 and kappa[0] < 0.3 and kappa[-1] > 0.95",
    "learning": "history[-1][0] > history[-1][1:].max() > 1.0",  # who earns rewards wins
    "own_channel": "abs(without - built_in).max() == 0.0 and 1.0 < adapted[-1] < built_in[-1]",
    "quickstart": "monitors[1].count > 0",
}


def read_notebook(name):
    import nbformat

    return nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)


def test_all_notebooks_are_known():
    assert {notebook.stem for notebook in (ROOT / "notebooks").glob("*.ipynb")} == set(NOTEBOOKS)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebooks_run(name, monkeypatch, tmp_path):
    import nbformat
    from nbclient import NotebookClient

    launcher = str(Path(mpirun()).parent)  # as where the environment has been activated
    for variable, value in (OPEN_MPI | {"PATH": f"{launcher}{os.pathsep}{os.environ['PATH']}"}).items():
        monkeypatch.setenv(variable, value)
    notebook = read_notebook(name)
    notebook.cells.append(nbformat.v4.new_code_cell(f"assert {NOTEBOOKS[name]}"))
    saved = counts_of_spikes(notebook)
    NotebookClient(notebook, timeout=TIMEOUT, resources={"metadata": {"path": str(tmp_path)}}).execute()
    if name == "quickstart":
        assert saved == counts_of_spikes(notebook)
        assert len(saved) >= 3


def counts_of_spikes(notebook):
    """What the cells of a notebook have printed before the word."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return re.findall(r"([\d,]+) (?:more )?spikes", "".join(output.get("text", "") for output in outputs))


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebooks_are_saved_with_what_they_show(name):
    cells = read_notebook(name).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert not any(output.get("name") == "stderr" for output in outputs)
    assert not any(output.output_type == "error" for output in outputs)
    assert (ROOT / "notebooks" / f"{name}.ipynb").stat().st_size < 600_000
    for cell in cells:
        if cell.cell_type == "markdown":
            for link in re.findall(r"\]\(([^)]+)\)", cell.source):
                assert (ROOT / "notebooks" / link).exists(), link


def test_convergence_is_at_least_first_order(capsys):
    import convergence

    convergence.main()
    rows = [[float(x) for x in line.split()] for line in capsys.readouterr().out.splitlines()[1:]]
    steps, errors, _, orders = zip(*rows, strict=True)
    assert errors[steps.index(0.005)] <= 0.01  # ms
    assert min(orders[1:]) > 0.8
    assert sum(orders[1:]) / len(orders[1:]) >= 1.0


BENCHMARKS = {
    "cobahh": "--neurons 100 --duration 0.01 --threads 1",
    "synapses": "--neurons 100 --duration 0.005",
    "membrane": "--neurons 50",
    "tutorial": "--neurons 50 --duration 0.01",
    "interval": "--intervals 10",
    "cable": "--nodes 20 --steps 20",
    "calls": "--calls 10 --neurons 50",
    "start": "--no-cold",
    "million": "--neurons 200 --duration 0.001 --threads 1",
    "machine": "",
    "published": "coba --scale 0.1 --duration 0.01 --threads 1",
    "recording": "--spikes 3000 --neurons 3",
}


@pytest.fixture
def benchmarks(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "scripts" / "benchmarks"))


@pytest.mark.parametrize(("name", "options"), BENCHMARKS.items(), ids=BENCHMARKS)
def test_benchmark_measures(benchmarks, name, options, capsys):
    from turns import measurements

    importlib.import_module(name).main([*options.split(), "--repeats", "1"])
    found = measurements(capsys.readouterr().out.splitlines())
    assert found
    assert all(math.isfinite(one["value"]) for one in found)


def test_benchmark_compares_ranks_with_threads(benchmarks):
    command = "ranks.py --repeats 1 --scale 0.03 --duration 0.01 --runs 1"
    script, *options = command.split()
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "benchmarks" / script), *options],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.count('"threads_s"') == 3


def test_benchmarks_measure_in_turn_and_make_a_page(benchmarks, tmp_path, capsys):
    import run

    run.main(["--quick", "--no-peers", "--only", "interval", "--repeats", "2", "--output", str(tmp_path)])
    page = (tmp_path / "performance.md").read_text()
    assert re.search(r"\| beyond the membranes \| neurocore_nb \| .* us per interval \(.* to .*\)", page)
    assert len(json.loads((tmp_path / "performance.json").read_text())["interval"]["measured"]) == 2


def test_operations_of_a_compiled_loop_are_counted(benchmarks):
    from limit import read_loop

    assembly = """
.LBB0_1:
\tvmovupd\t(%rsi,%rax,8), %zmm1
\tvfmadd213pd\t%zmm2, %zmm3, %zmm1
\tvfnmadd231pd\t%zmm2, %zmm3, %zmm1
\tvdivpd\t%zmm1, %zmm2, %zmm4
\tvmulpd\t%ymm1, %ymm2, %ymm4
\taddq\t$8, %rax
\tjne\t.LBB0_1
.LBB0_2:
\tvmulsd\t%xmm1, %xmm2, %xmm3
"""
    loop = read_loop(assembly)
    assert loop.operations == {"fma": 2, "div": 1}
    assert (loop.neurons, loop.lanes) == (8, 8)
    assert read_loop(".LBB0_2:\n\tvmulsd\t%xmm1, %xmm2, %xmm3\n") is None


def test_comparison_of_precisions_runs(capsys):
    import precision

    precision.main(["--neurons", "5", "--cells", "200", "--seeds", "2", "--timed", "20", "--repeats", "1"])
    lines = capsys.readouterr().out.splitlines()
    assert sum(line.startswith("| HodgkinHuxleyNeuron |") for line in lines) == 2
    assert sum("Hz |" in line for line in lines) == 2


def test_scaling_runs_and_writes_its_page(capsys, tmp_path):
    import scaling

    page = tmp_path / "scaling.md"
    page.write_text((ROOT / "docs" / "scaling.md").read_text())
    tiny = "--neurons 200 --duration 0.02 --ranks 1,2 --repeats 1 --wire-ranks 3 --spikes 10,1000 --write --page"
    scaling.main([*tiny.split(), str(page)])
    printed = capsys.readouterr().out
    rows = [line.split(" | ") for line in printed.splitlines() if line.startswith("| ")]
    strong, weak, wire, share = rows[2:4], rows[6:8], rows[10:12], rows[14:16]
    assert [row[1] for row in strong] == [row[1] for row in weak] == ["1", "2"]
    assert strong[0][5] == strong[1][5] != "0"  # spikes
    assert [row[4] for row in wire] == ["yes", "yes"]
    assert [row[7] for row in wire] == ["all |", "sparse |"]
    assert [row[1] for row in share] == ["10", "1,000"]
    assert all(line in page.read_text() for line in printed.splitlines() if line.startswith("| "))


def test_plans_are_compared_and_written_into_their_page(capsys, tmp_path):
    import planned

    page = tmp_path / "performance.md"
    page.write_text((ROOT / "docs" / "performance.md").read_text())
    tiny = "--scale 0.02 --repeats 1 --networks tutorial --sizes 10000x4,1000000000x64000 --write --page"
    planned.main([*tiny.split(), str(page)])
    printed = capsys.readouterr().out
    rows = [line.strip("| ").split(" | ") for line in printed.splitlines() if line.startswith("| ")]
    compared = {(row[0], row[1], row[2]): row[-1] for row in rows if row[0] == "tutorial"}
    for ranks in ("1", "2"):
        assert 0.85 < float(compared["tutorial", ranks, "memory of the largest rank"]) < 1.15
        assert ("tutorial", ranks, "time to run") in compared
    assert rows[-1][:3] == ["1,000,000,000", "64,000", "3.6e+11"]
    assert all(line in page.read_text() for line in printed.splitlines() if line.startswith("| "))


def test_benchmark_of_delivery_runs(capsys):
    import delivery

    delivery.main(["--neurons", "1000", "--repeats", "1", "--events", "1", "--threads", "1"])
    _, *rows = capsys.readouterr().out.splitlines()
    assert {row.split()[3] for row in rows} >= {"float32", "uint8", "procedural"}


# All but COBAHH, which takes a quarter of an hour: the peer's name ends the script's.
PEERS = ("brian2", "nest", "neuron", "scipy")
COMPARISONS = sorted(
    script
    for script in (ROOT / "scripts" / "validation").glob("*_*.py")
    if script.stem.split("_")[-1] in PEERS and not script.stem.startswith("cobahh")
)


@pytest.mark.parametrize("script", COMPARISONS, ids=lambda path: path.stem)
def test_comparisons_with_peers_are_within_their_bars(script):
    peer = script.stem.split("_")[-1]
    if importlib.util.find_spec(peer) is None:
        pytest.skip(f"{peer} isn't installed")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "| yes |" in done.stdout
    assert "**no**" not in done.stdout


def test_slurm_script_is_valid_shell():
    subprocess.run(["bash", "-n", str(ROOT / "scripts" / "slurm_job.sh")], check=True)


def test_the_end_of_jobs_is_measured_and_written_into_its_page(monkeypatch, tmp_path):
    import faults

    page = tmp_path / "reliability.md"
    page.write_text((ROOT / "docs" / "reliability.md").read_text())
    monkeypatch.setattr(faults, "PAGE", page)
    monkeypatch.setattr(faults, "FAULTS", {"SIGKILL": "killed"})
    faults.main(["--rounds", "1", "--write"])
    rows = re.findall(rf"^\| (.*) \| {faults.family()} \| \d+\.\d \(\d+\.\d\) \| 0 \|$", page.read_text(), re.MULTILINE)
    assert rows == ["killed"]
    assert page.read_text().count("| what happens | MPI |") == 1
    assert "## Start-up" in page.read_text()
