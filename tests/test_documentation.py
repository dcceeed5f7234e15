"""What the pages of the documentation show runs."""

import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
ELSEWHERE = {"learning.md"}  # run in test_documents.py
PREAMBLES = {  # what a page takes for given
    "reliability.md": "import os\nfrom neurocore_nb import LIFNeuron, Network, Population\n"
    "net = Network(Population(LIFNeuron, 1, label='cell'))\n",
}


def blocks(page: Path) -> str:
    """All Python blocks of a page, one after the other."""
    return "\n".join(re.findall(r"^```python\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE))


PAGES = sorted(
    str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md") if "_build" not in page.parts and blocks(page)
)


def test_pages_are_found():
    assert {"index.md", "tutorial.md", "howto/record.md"} <= set(PAGES)
    assert set(PREAMBLES) | ELSEWHERE <= set(PAGES)


@pytest.mark.parametrize("name", [name for name in PAGES if name not in ELSEWHERE])
def test_blocks_run(name, monkeypatch, tmp_path, capsys):
    text = PREAMBLES.get(name, "") + blocks(DOCS / name)
    program = tmp_path / "blocks.py"
    program.write_text(text)  # a model's source must be in a file
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.chdir(tmp_path)
    if "import MPI" in text:
        pytest.importorskip("mpi4py", exc_type=ImportError)
        done = subprocess.run([sys.executable, str(program)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        printed = done.stdout
    else:
        runpy.run_path(str(program))
        printed = capsys.readouterr().out
    assert "False" not in printed.split()  # of comparisons


def test_lines_of_blocks_are_as_wide_as_a_page():
    for name in PAGES:
        assert max(map(len, blocks(DOCS / name).splitlines())) <= 88, name


def example(name: str) -> dict[str, object]:
    """What an example defines."""
    return runpy.run_path(str(DOCS / "examples" / f"{name}.py"))


def test_cobahh_fires():
    assert 0.0 < example("cobahh_ours")["mean_rate"](1, n_cells=200, duration=0.05) < 300.0


def test_rates_of_simulators_are_compared(tmp_path):
    compare, page = example("compare"), tmp_path / "index.md"
    text = compare["table"]({"ours": [39.0, 41.0, 43.0], "nest": [40.0, 42.0, 44.0]})
    page.write_text((DOCS / "coming_from" / "index.md").read_text())
    compare["write"](text, page)
    # sd 2, standard errors 2 / sqrt(3) = 1.15, of the difference 1.63
    assert "| NEST | 3 | 42.00 ± 2.00 | 1.15 | +1.00 | +0.6 |" in page.read_text()


def test_the_tutorials_script_runs(tmp_path):
    pytest.importorskip("mpi4py", exc_type=ImportError)
    text = (DOCS / "examples" / "mpi_demo.py").read_text()
    (tmp_path / "mpi_demo.py").write_text(text.replace("10000", "100").replace("2500", "25"))
    done = subprocess.run(
        [sys.executable, str(tmp_path / "mpi_demo.py")], capture_output=True, text=True, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout == "Total spikes: 0\n"
