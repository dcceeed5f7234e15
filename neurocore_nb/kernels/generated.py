"""Modules that are written by the program: kept in the cache directory, where Numba keeps their compiled code."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
import tempfile
from pathlib import Path
from types import ModuleType


def load_module(text: str, stem: str) -> ModuleType:
    """Make a module of a text.

    Parameters
    ----------
    text : str
        Its source.
    stem : str
        Its name, to which a digest of the text is added, so that another text is another module.

    Returns
    -------
    module
    """
    name = f"{stem}_{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    if name in sys.modules:
        return sys.modules[name]
    path = _write(text, f"{name}.py")
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"the generated kernel {path} can't be loaded")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _write(text: str, name: str) -> Path:
    """Put a module's text into the cache directory, or, where that can't be written, into one of this process."""
    try:
        path = _cache_directory() / name
        if path.is_file() and path.read_text() == text:
            return path
        temporary = path.with_suffix(f".{os.getpid()}")
        temporary.write_text(text)
        os.replace(temporary, path)  # other ranks may be writing or reading it now
    except (OSError, RuntimeError):
        path = Path(tempfile.mkdtemp(prefix="neurocore_nb")) / name
        path.write_text(text)
    return path


def _cache_directory() -> Path:
    root = os.environ.get("NUMBA_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    directory = Path(root) / "neurocore_nb"
    directory.mkdir(parents=True, exist_ok=True)
    return directory
