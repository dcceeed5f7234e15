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
    else:
        runpy.run_path(str(program))
    assert "False" not in capsys.readouterr().out.split()  # of comparisons that are printed
