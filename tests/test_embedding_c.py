"""The scripts that call neurons from C and from scipy."""

import re
import shutil
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent / "scripts" / "embedding"


@pytest.fixture(autouse=True)
def scripts(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))


@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")
def test_a_loop_in_c_has_the_bits_of_one_in_python(monkeypatch, capsys):
    import from_c

    monkeypatch.delenv("CC", raising=False)
    from_c.main()
    c, python, same = capsys.readouterr().out.splitlines()
    assert re.search(r"([\d,]+) spikes", c)[1] == re.search(r"([\d,]+) spikes", python)[1]
    assert same.endswith("with the same bits: yes")


def test_a_compiler_that_is_missing_is_told(monkeypatch, tmp_path):
    import from_c

    monkeypatch.setenv("CC", "no_such_compiler")
    with pytest.raises(SystemExit, match="no C compiler found: install one"):
        from_c.compiled_host(tmp_path)
    assert not any(tmp_path.iterdir())


def test_a_neuron_in_an_integrand_has_the_rate_of_a_population(capsys):
    import low_level_callable

    low_level_callable.main()
    *_, verdict = capsys.readouterr().out.splitlines()
    assert verdict.endswith("at most 0.1 Hz: yes")
