"""What stands in the disk cache, or doesn't, never changes a result, and never raises."""

import errno
import inspect
import itertools
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from builders import REPOSITORY, nowhere_to_write
from hypothesis import given
from hypothesis import strategies as st
from numba import config, types

from neurocore_nb.kernels.cache import _Files, write_whole
from neurocore_nb.kernels.generated import load_module
from neurocore_nb.kernels.jit import address_of, kernel

PROGRAM = REPOSITORY / "tests" / "mpi" / "programs" / "small_start.py"
KEY = (types.int64, types.float64), ("x86_64", "cpu", "+avx"), ("digest of the code", "of the closure")


def start(program=PROGRAM, **environment):
    """What a program prints in a process of its own."""
    inherited = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    done = subprocess.run(
        [sys.executable, "-W", "error", str(program)],
        env=inherited | {"PYTHONPATH": str(REPOSITORY)} | environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout.strip()


def result_of(printed):
    """Digest of the spikes, functions out of the cache, functions compiled."""
    spikes, digest, hits, compiled = re.fullmatch(
        r"rank 0: (\d+) spikes (\w+) (\d+) hits (\d+) compiled", printed
    ).groups()
    assert int(spikes) > 10
    return digest, int(hits), int(compiled)


def files_in(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A cache directory that one process has filled, and the digest of its spikes."""
    folder = tmp_path_factory.mktemp("filled")
    digest, hits, compiled = result_of(start(NUMBA_CACHE_DIR=str(folder)))
    assert hits == 0 < compiled
    return folder, digest


def test_second_start_compiles_nothing_and_writes_nothing(filled):
    folder, digest = filled
    before = {path: path.stat().st_mtime_ns for path in files_in(folder)}
    again, hits, compiled = result_of(start(NUMBA_CACHE_DIR=str(folder)))
    assert (again, compiled) == (digest, 0)
    assert hits > 3
    assert {path: path.stat().st_mtime_ns for path in files_in(folder)} == before
    assert {path.suffix for path in before} == {".nbc", ".py"}  # nothing temporary is left


def change(path, kind, rng, other):
    """Do to a file what happens to files."""
    content = bytearray(path.read_bytes())
    if kind == "cut off":
        del content[rng.integers(len(content)) :]
    elif kind == "flipped":
        content[rng.integers(len(content))] ^= 1 << int(rng.integers(8))
    elif kind == "flipped at the start":
        content[rng.integers(min(40, len(content)))] ^= 1 << int(rng.integers(8))
    elif kind == "garbage":
        content = rng.bytes(len(content))
    elif kind == "empty":
        content = b""
    elif kind == "zeros":
        content = bytes(len(content))
    elif kind == "of another":
        content = other.read_bytes()
    path.unlink()
    if kind == "directory":
        path.mkdir()
    elif kind != "gone":
        path.write_bytes(content)


KINDS = "cut off", "flipped", "flipped at the start", "garbage", "empty", "zeros", "of another", "directory", "gone"


def test_damaged_files_are_made_anew(filled, tmp_path):
    folder, digest = filled
    copy, rng = tmp_path / "copy", np.random.default_rng(1)
    shutil.copytree(folder, copy)
    paths = files_in(copy)
    changed = dict(zip(map(int, rng.permutation(len(paths))), itertools.cycle(KINDS), strict=False))
    assert set(changed.values()) == set(KINDS)
    for k, kind in changed.items():
        change(paths[k], kind, rng, files_in(folder)[k - 1])
    after_damage, _, compiled = result_of(start(NUMBA_CACHE_DIR=str(copy)))
    assert after_damage == digest
    assert compiled > 0
    for k, kind in changed.items():
        assert paths[k].is_dir() == (kind == "directory")
        if kind != "directory" and paths[k].is_file() and paths[k].suffix == ".py":
            assert paths[k].read_bytes() == files_in(folder)[k].read_bytes()


def test_nowhere_to_write(filled, tmp_path):
    environment = nowhere_to_write(tmp_path)
    before = files_in(tmp_path)
    digest, hits, compiled = result_of(start(**environment))
    assert digest == filled[1]
    assert hits == 0 < compiled
    assert files_in(tmp_path) == before


MODULE = """
from neurocore_nb.kernels.jit import kernel

@kernel
def constant(array, k):
    return {constant} + 0.0 * array[k]

if __name__ == "__main__":
    import numpy as np

    print(constant(np.zeros(4)[:2], 3), sum(constant._cache_hits.values()))
"""


def test_edited_constants_and_settings_of_numba_are_noticed(tmp_path):
    """The code of a function doesn't contain its constants; its bounds are checked only where Numba is told to."""
    program = tmp_path / "own_kernel.py"

    def run(constant, **environment):
        program.write_text(MODULE.format(constant=constant))
        return start(program, NUMBA_CACHE_DIR=str(tmp_path), **environment)

    assert run(1.0) == "1.0 0"
    assert run(1.0) == "1.0 1"
    assert run(2.0) == "2.0 0"
    with pytest.raises(AssertionError, match="IndexError"):
        run(2.0, NUMBA_BOUNDSCHECK="1")
    assert run(2.0) == "2.0 1"


# ---- in this process ---------------------------------------------------------------------------------------------


@pytest.fixture
def cached(tmp_path, monkeypatch):
    """Let kernels made by the test be cached in a directory of its own."""
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("NEUROCORE_NB_CACHE", raising=False)
    return tmp_path / "cache"


def make_kernels():
    """Two kernels of one Python function, each with a cache of its own, as in two processes."""

    def twice(x):
        return 2 * x

    return kernel(twice), kernel(twice)


def test_two_processes_that_know_different_signatures_dont_mix_them_up(cached):
    """Numba's index would lead from one's signature to the other's file."""
    (one, other), again = make_kernels(), make_kernels()[0]
    assert one(1) == other(1) == 2
    assert one(1.5) == 3.0
    assert other(1 + 1j) == 2 + 2j
    assert [again(x) for x in (1, 1.5, 1 + 1j)] == [2, 3.0, 2 + 2j]
    assert sum(again._cache_hits.values()) == 3
    assert len(files_in(cached)) == 3


def test_code_of_another_signature_is_not_taken(cached):
    one, other = make_kernels()
    one(1)
    [of_integers] = files_in(cached)
    content = of_integers.read_bytes()
    one(1.5)
    [of_floats] = set(files_in(cached)) - {of_integers}
    of_floats.write_bytes(content)
    assert other(1.5) == 3.0
    assert not other._cache_hits
    assert of_floats.read_bytes() != content


def full_disk(*_):
    raise OSError(errno.ENOSPC, "No space left on device")


def half_written(path, content):
    with path.open("wb") as file:
        file.write(content[:10])
    full_disk()


@pytest.mark.parametrize("broken", [full_disk, half_written])
def test_full_disk(cached, monkeypatch, broken):
    one, other = make_kernels()
    monkeypatch.setattr(Path, "write_bytes", broken)
    assert one(1) == other(1) == 2
    assert files_in(cached) == []
    monkeypatch.undo()
    assert load_module("number = 1", "full").number == 1


def test_cache_directory_that_vanishes(cached):
    one, other = make_kernels()
    shutil.rmtree(cached)
    assert one(1) == 2
    shutil.rmtree(cached)
    cached.touch()
    assert one(1.5) == 3.0
    assert other(1) == 2
    assert address_of(lambda x: None, 1) > 0


def test_flush_forgets_one_functions_code_only(cached):
    one, other = make_kernels()
    third = kernel(make_kernels)
    one(1), one(1.5)
    (cached / "something").write_text("else")
    one._cache.flush()
    assert [path.name for path in files_in(cached)] == ["something"]
    third._cache.flush()
    assert other(1) == 2


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return _Files(tmp_path_factory.mktemp("files"), "stem", "stamp", "settings")


@given(data=st.data())
def test_no_damage_goes_unnoticed(files, data):
    files.save(KEY, {"code": bytes(100)})
    path = files._path(KEY)
    whole = path.read_bytes()
    cut = data.draw(st.integers(0, len(whole)))
    inserted = data.draw(st.binary(max_size=8))
    removed = data.draw(st.integers(0, 8))
    path.write_bytes(whole[:cut] + inserted + whole[cut + removed :])
    expected = {"code": bytes(100)} if path.read_bytes() == whole else None
    assert files.load(KEY) == expected


def test_files_of_other_sources_settings_and_keys_are_not_taken(files):
    folder = files._directory
    files.save(KEY, 1)
    assert files.load(KEY) == 1
    assert _Files(folder, "stem", "stamp", "settings").load(KEY) == 1
    assert _Files(folder, "stem", "other stamp", "settings").load(KEY) is None
    for other, key in [(_Files(folder, "stem", "stamp", "other settings"), KEY), (files, (*KEY, "other"))]:
        with pytest.raises(FileNotFoundError):
            other.load(key)
        shutil.copy(files._path(KEY), other._path(key))
    assert files.load((*KEY, "other")) is None


def test_write_whole_leaves_nothing_behind_where_it_fails(tmp_path):
    (tmp_path / "directory").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_whole(tmp_path / "directory", b"content")
    assert files_in(tmp_path) == []
    write_whole(tmp_path / "file", b"content")
    write_whole(tmp_path / "file", b"other content")
    assert [path.read_bytes() for path in files_in(tmp_path)] == [b"other content"]


# ---- generated modules ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "found", [b"", b"number = 2", b"number = ", b"\xff\xfe\x00", bytes(10), "directory", "no folder"]
)
def test_generated_module_does_not_depend_on_what_is_found_under_its_name(tmp_path, monkeypatch, found):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    text = f"# {found!r}\nnumber = 1\ndef function():\n    return number\n"
    name = load_module(text, "probe").__name__
    del sys.modules[name]
    path = tmp_path / "neurocore_nb" / f"{name}.py"
    assert path.read_text() == text
    path.unlink()
    if found == "directory":
        path.mkdir()
    elif found == "no folder":
        path.parent.rmdir()
        path.parent.touch()
    else:
        path.write_bytes(found)
    module = load_module(text, "probe")
    assert module.number == module.function() == 1
    assert inspect.getsource(module.function) == "def function():\n    return number\n"
    if isinstance(found, bytes):
        assert module.__file__ == str(path)
        assert path.read_text() == text


def test_generated_module_that_raises_is_not_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    before = set(sys.modules)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            load_module("1 / 0", "raising")
    assert set(sys.modules) == before


EDITED = """
import numpy as np
from neurocore_nb import NeuronModel, Level
from neurocore_nb.kernels import kernel, model_kernel

class Leaky(NeuronModel):
    states = {{"v": 1.0}}
    spike, max_step = Level("v", 100.0), 1.0

    def update(v, i, g):
        return v * {factor}

advance = model_kernel(Leaky, 1.0).advance

@kernel
def loop(states, fired, constants, varied):
    nothing = np.zeros(1)
    advance(states, nothing, nothing, nothing[:0], fired, constants, varied, 0, 1)
    return states[0, 0]

leaky = model_kernel(Leaky, 1.0)
print(loop(leaky.start(1), np.zeros(1, np.int64), leaky.constants, leaky.varied))
"""


def test_a_loop_around_an_edited_model_is_compiled_anew(tmp_path):
    program = tmp_path / "program.py"
    for factor in (0.5, 0.25, 0.5):
        text = EDITED.format(factor=factor)
        module = tmp_path / "leaky.py"  # the loop stands in a file that isn't edited
        head, tail = text.split("advance =", 1)
        module.write_text(head)
        if not program.exists():
            program.write_text("from leaky import *\nfrom leaky import Leaky\nadvance =" + tail)
        assert float(start(program, NUMBA_CACHE_DIR=str(tmp_path / "cache"))) == factor
