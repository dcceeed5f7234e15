"""Files of a checkpoint: a folder with arrays of each rank, and a manifest that tells whether they are whole.

::

    run.ckpt/
        manifest.json        format and versions, the network's digest, the time, size and checksum of each part
        step-2000-1f0a/      named in the manifest
            part-00000.npz   arrays of rank 0, for ``numpy.load``
            part-00001.npz

A new checkpoint goes into a folder of its own. The manifest that names it then takes the place of the old one in a
single operation of the file system; so at every moment the manifest stands for one that is whole. Nothing is
unpickled: what comes from a stranger can't run code.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import secrets
import shutil
import zipfile
import zlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from .. import _version
from ..errors import CheckpointError
from .agreement import together
from .comm import Comm
from .whereabouts import WRITING

FORMAT = 1
_MANIFEST = "manifest.json"
_FOLDER = re.compile(r"step-\d{1,20}-[0-9a-f]{8}")
_CHUNK = 1 << 20  # bytes that are read at once
_LARGEST_MANIFEST = 1 << 28  # bytes

Arrays = Mapping[str, npt.NDArray[Any]]
Facts = dict[str, Any]


def environment() -> dict[str, str]:
    """Versions on which results depend, beside the package's own."""
    return {"python": platform.python_version(), "numpy": np.__version__, "numba": numba.__version__}


def write(path: Path, comm: Comm, step: int, facts: Facts, arrays: Arrays) -> None:
    """Write a checkpoint in place of the one that may be there; all ranks call it together.

    Parameters
    ----------
    path : Path
        A folder that is made if it isn't there; on several nodes one that all of them see.
    comm : Comm
    step : int
        Present time in network steps.
    facts : dict
        What the manifest says beside format, versions and parts: values that JSON knows.
    arrays : dict of str to array
        Those of this rank.

    Raises
    ------
    CheckpointError, OSError
        On all ranks, if it can't be written; what was there before is left as it was.
    """
    comm.here.enter(WRITING)
    (first, token), *others = comm.gather_objects((str(path), secrets.token_hex(4)))
    for theirs, _ in others:
        if theirs != first:
            raise CheckpointError(f"all ranks must give the same path, but one is {first!r} and another {theirs!r}")
    folder = path / f"step-{step}-{token}"
    try:
        together(comm, lambda: _make_folder(path, folder) if comm.rank == 0 else None)
        part = together(comm, lambda: _write_part(_part(folder, comm.rank), arrays))
        parts = comm.gather_objects(part)
        together(comm, lambda: _publish(path, folder, facts, parts) if comm.rank == 0 else None)
    except Exception:
        if comm.rank == 0:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    if comm.rank == 0:
        _remove_others(path, folder.name)


def _part(folder: Path, rank: int) -> Path:
    return folder / f"part-{rank:05d}.npz"


def check_folder(path: Path) -> None:
    """Raise a FileNotFoundError where the folder that a file or folder is to be in isn't there: it may be mistyped."""
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {str(path.parent)!r} for {path.name!r}; make it first")


def check_place(path: Path) -> None:
    """Raise an error where no checkpoint can be written.

    Parameters
    ----------
    path : Path

    Raises
    ------
    FileNotFoundError, CheckpointError
    """
    check_folder(path)
    if path.exists() and not path.is_dir():
        raise CheckpointError("there is a file, but a checkpoint is a folder; give another path")
    strange = [one.name for one in path.iterdir() if not _is_ours(one.name)] if path.exists() else []
    if strange:
        raise CheckpointError(f"{str(path)!r} holds {strange[0]!r} and isn't a checkpoint; give another path")


def _make_folder(path: Path, folder: Path) -> None:
    check_place(path)
    if path.exists():
        _remove_remains(path)
    folder.mkdir(parents=True)


def _remove_remains(path: Path) -> None:
    """Remove what a job that was killed has left: there may be room for two checkpoints only."""
    try:
        kept = read_manifest(path)["folder"]
    except FileNotFoundError:
        kept = ""
    except CheckpointError:  # of another version, say: it may need any of them
        return
    _remove_others(path, kept)


def _is_ours(name: str) -> bool:
    return name.startswith((".", _MANIFEST)) or _FOLDER.fullmatch(name) is not None


def _write_part(file: Path, arrays: Arrays) -> dict[str, Any]:
    """Write one rank's arrays; size and checksum of the file."""
    with open(file, "xb") as stream:
        np.savez(stream, **arrays)  # type: ignore[arg-type]
        _flush(stream)
    return _signature(file)


def _flush(stream: Any) -> None:
    stream.flush()
    os.fsync(stream.fileno())


def _signature(file: Path) -> dict[str, Any]:
    digest, size = hashlib.sha256(), 0
    with open(file, "rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return {"bytes": size, "sha256": digest.hexdigest()}


def _publish(path: Path, folder: Path, facts: Facts, parts: list[dict[str, Any]]) -> None:
    for rank, part in enumerate(parts):
        file = _part(folder, rank)
        if not file.is_file() or file.stat().st_size != part["bytes"]:
            raise CheckpointError(
                f"rank 0 doesn't see what rank {rank} wrote into {str(file)!r}: give a path on a file system that all "
                "nodes share"
            )
    content = {
        "format": FORMAT,
        "neurocore_nb": _version.__version__,
        "environment": environment(),
        **facts,
        "folder": folder.name,
        "parts": parts,
    }
    temporary = folder / _MANIFEST  # so that it goes with the folder if it can't be written
    with open(temporary, "w", encoding="utf-8") as stream:
        json.dump(content | {"checksum": _checksum(content)}, stream, indent=1)
        _flush(stream)
    _flush_folder(folder)
    os.replace(temporary, path / _MANIFEST)
    _flush_folder(path)


def _flush_folder(path: Path) -> None:
    """Have the names in a folder written, too, where the system can."""
    if os.name == "posix":
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _checksum(content: Facts) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _remove_others(path: Path, kept: str) -> None:
    with suppress(OSError):  # they do no harm
        for one in path.iterdir():
            if _FOLDER.fullmatch(one.name) and one.name != kept:
                shutil.rmtree(one, ignore_errors=True)


def read_manifest(path: Path) -> Facts:
    """What the manifest of a checkpoint says.

    Parameters
    ----------
    path : Path

    Returns
    -------
    dict

    Raises
    ------
    FileNotFoundError
        If there is no checkpoint.
    CheckpointError
        If it isn't one, or was written by another version.
    """
    file = path / _MANIFEST
    if not file.is_file():
        raise FileNotFoundError(f"there is no checkpoint at {str(path)!r}: it has no {_MANIFEST}")
    try:
        if file.stat().st_size > _LARGEST_MANIFEST:
            raise ValueError("it is too large")
        content = json.loads(file.read_bytes())
        given = content.pop("checksum")
        format_, version = content["format"], content["neurocore_nb"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CheckpointError(f"{str(file)!r} is no manifest of a checkpoint, or is damaged: {error}") from None
    if format_ != FORMAT or version != _version.__version__:
        raise CheckpointError(
            f"the checkpoint {str(path)!r} has format {format_!r} and was written by neurocore_nb {version!r}, but "
            f"this is {_version.__version__} with format {FORMAT}: continue it with the version that wrote it"
        )
    if given != _checksum(content):
        raise CheckpointError(f"{str(file)!r} is damaged, or was changed by hand: its checksum doesn't agree")
    return _checked(content, file)


def _checked(content: Facts, file: Path) -> Facts:
    """Refuse a manifest whose checksum agrees, but which doesn't say what it must."""
    folder, parts = content.get("folder"), content.get("parts")
    fine = isinstance(folder, str) and _FOLDER.fullmatch(folder) is not None
    fine = fine and isinstance(parts, list) and len(parts) > 0 and all(map(_is_signature, parts))
    if not fine:
        raise CheckpointError(f"{str(file)!r} doesn't say which files belong to the checkpoint")
    return content


def _is_signature(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("bytes"), int) and isinstance(value.get("sha256"), str)


def read_part(path: Path, manifest: Facts, rank: int) -> dict[str, npt.NDArray[Any]]:
    """The arrays that one rank wrote.

    Parameters
    ----------
    path : Path
    manifest : dict
    rank : int

    Returns
    -------
    dict of str to array

    Raises
    ------
    CheckpointError
        If the file isn't as it was written.
    """
    file = _part(path / manifest["folder"], rank)
    wanted = manifest["parts"][rank]
    try:
        found = _signature(file)
        if found == {"bytes": wanted["bytes"], "sha256": wanted["sha256"]}:
            with np.load(file, allow_pickle=False) as arrays:
                return {name: arrays[name] for name in arrays.files}
    except FileNotFoundError:
        raise CheckpointError(f"{str(file)!r}, a part of the checkpoint, is missing") from None
    except (
        ValueError,
        KeyError,
        TypeError,
        EOFError,
        zipfile.BadZipFile,
        zlib.error,
        MemoryError,
        RuntimeError,
    ) as error:
        raise CheckpointError(f"{str(file)!r} can't be read: {error}") from None
    raise CheckpointError(
        f"{str(file)!r} is damaged: it has {found['bytes']} bytes of {wanted['bytes']}, or other ones than were written"
    )
