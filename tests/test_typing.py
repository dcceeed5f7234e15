"""What a user's type checker and ``help()`` see of the package."""

import importlib
import inspect
import os
import pkgutil
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

import neurocore_nb

ROOT = Path(__file__).parent.parent
EXAMPLE = Path(__file__).parent / "typed_example.py"


def mypy(tmp_path, program):
    """Check a program as a user would, who has the package installed and no settings of this project."""
    options = ["--strict", "--config-file=", "--follow-imports=silent", "--cache-dir", str(tmp_path / "cache")]
    return subprocess.run(
        [sys.executable, "-m", "mypy", *options, str(program)],
        cwd=tmp_path, env=os.environ | {"MYPYPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_typed_program_is_clean_and_mistakes_in_it_are_found(tmp_path):
    done = mypy(tmp_path, EXAMPLE)
    assert done.returncode == 0, done.stdout
    wrong = tmp_path / "wrong.py"
    text = EXAMPLE.read_text()
    for right, mistake in (
        ("exc = Population(model, n,", "exc = Population(model, str(n),"),
        ("progress=False", "progres=False"),
        ("potential: npt.NDArray[np.float64] =", "potential: str ="),
        ("report.ranks[0]", "report.rank[0]"),
    ):
        assert text.count(right) == 1
        text = text.replace(right, mistake)
    wrong.write_text(text)
    said = mypy(tmp_path, wrong).stdout
    for found in ("[arg-type]", '"progres" for "run"', '"Report" has no attribute "rank"', "[assignment]"):
        assert found in said


def test_the_typed_program_runs(capsys):
    runpy.run_path(str(EXAMPLE), run_name="__main__")
    assert "20 (20,) (10, 1)" in capsys.readouterr().out


# ---- docstrings ------------------------------------------------------------------------------------------------------


def modules():
    """All modules of the package, but the one that runs it."""
    names = [one.name for one in pkgutil.walk_packages(neurocore_nb.__path__, "neurocore_nb.")]
    return [neurocore_nb, *(importlib.import_module(name) for name in names if not name.endswith("__main__"))]


def own(module):
    """Public functions and classes that a module defines, compiled ones as they were written."""
    for name, one in vars(module).items():
        one = inspect.unwrap(getattr(one, "py_func", one))
        is_own = getattr(one, "__module__", None) == module.__name__
        written = (inspect.isclass(one) or inspect.isfunction(one)) and "<locals>" not in one.__qualname__
        if is_own and written and not name.startswith("_"):
            yield f"{module.__name__}.{name}", one


def members(name, one):
    """Public methods and properties that a class defines."""
    for member, value in vars(one).items():
        function = getattr(value, "__func__", getattr(value, "fget", value))
        if not member.startswith("_") and inspect.isfunction(function):
            yield f"{name}.{member}", function


def documented():
    found = {}
    for module in modules():
        found[module.__name__] = module
        for name, one in own(module):
            found[name] = one
            if inspect.isclass(one):
                found |= dict(members(name, one))
    return found


def test_everything_public_has_a_docstring():
    found = documented()
    assert len(found) > 600
    assert {"neurocore_nb.cli.main.main", "neurocore_nb.network.network.Network.run"} <= found.keys()
    missing = [name for name, one in found.items() if not (one.__doc__ or "").strip()]
    assert missing == []


@pytest.mark.parametrize("name", [name for name in neurocore_nb.__all__ if name != "__version__"])
def test_what_can_be_imported_says_what_it_is(name):
    one = getattr(neurocore_nb, name)
    assert (inspect.getdoc(one) or "").strip()
    if inspect.isclass(one):
        assert one.__doc__ != (one.__mro__[1].__doc__ or "")
