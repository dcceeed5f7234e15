"""The sweep on a Dask cluster."""

import re
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[1] / "scripts" / "embedding" / "sweep.py"


def test_a_sweep_does_not_depend_on_the_workers():
    tables = []
    for workers in ("1", "2"):
        words = ["--workers", workers, "--seeds", "2", "--scale", "0.1", "--duration", "0.2"]
        done = subprocess.run([sys.executable, str(SCRIPT), *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        tables.append(done.stdout)
    assert tables[0] == tables[1]
    rates = [float(rate) for rate in re.findall(r"  (\d\S*) ± \d", tables[0])]
    assert len(rates) == 5
    assert rates[0] > rates[-1] > 0.0
