"""What the README and the scripts show runs."""

import importlib.util
import json
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

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


def test_readme_names_files_that_exist():
    for link in re.findall(r"\]\(([^)]+)\)", (ROOT / "README.md").read_text()):
        assert (ROOT / link).exists(), link


def test_architecture_names_functions_that_exist():
    page = (ROOT / "docs" / "architecture.md").read_text()
    path = page[page.index("## The path of a spike") : page.index("## Why the bits")]
    source = "\n".join(file.read_text() for file in (ROOT / "neurocore_nb").rglob("*.py"))
    for name in re.findall(r"`(?:\w+\.)?(\w+)`", path):
        assert name in ("Allgather", "Allgatherv", "update") or re.search(rf"(def|class) {name}\b", source), name


def test_notebooks_run():
    import matplotlib

    matplotlib.use("Agg")
    for notebook in (ROOT / "notebooks").glob("*.ipynb"):
        cells = json.loads(notebook.read_text())["cells"]
        names = {}
        for cell in cells:
            if cell["cell_type"] == "code":
                exec("".join(cell["source"]), names)  # noqa: S102
        assert names["monitors"][1].count > 0


def test_convergence_is_at_least_first_order(capsys):
    import convergence

    convergence.main()
    rows = [[float(x) for x in line.split()] for line in capsys.readouterr().out.splitlines()[1:]]
    steps, errors, _, orders = zip(*rows, strict=True)
    assert errors[steps.index(0.005)] <= 0.01  # ms
    assert min(orders[1:]) > 0.8
    assert sum(orders[1:]) / len(orders[1:]) >= 1.0


def test_benchmark_runs(capsys):
    import benchmark

    benchmark.main(["--neurons", "50", "--repeats", "1", "--no-start"])
    assert "ns per neuron-substep" in capsys.readouterr().out


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


def test_benchmark_of_delivery_runs(capsys):
    import delivery

    delivery.main(["--neurons", "1000", "--repeats", "1", "--events", "1", "--threads", "1"])
    _, *rows = capsys.readouterr().out.splitlines()
    assert {row.split()[3] for row in rows} >= {"float32", "uint8", "procedural"}


# All but COBAHH, which takes a quarter of an hour: the peer's name ends the script's.
PEERS = ("brian2", "nest", "neuron")
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
