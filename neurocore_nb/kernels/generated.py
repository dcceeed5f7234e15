"""Modules that are written by the program: kept in the cache directory, where Numba keeps their compiled code."""

from __future__ import annotations

import hashlib
import linecache
import os
import re
import sys
import threading
from pathlib import Path
from types import ModuleType

from .cache import write_whole


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
    with _loading:
        return sys.modules[name] if name in sys.modules else _load(text, name)


def not_compiled(error: Exception, whose: str) -> str:
    """Say what Numba can't compile.

    Parameters
    ----------
    error : NumbaError
    whose : str
        Whose functions they are.

    Returns
    -------
    str
    """
    lines = [line.strip() for line in re.sub(r"\x1b\[[0-9;]*m", "", str(error)).splitlines()]
    reason = next((one for one in lines if one and not one.startswith(("Failed in", "- ", "During"))), "")
    marked = next((k for k, line in enumerate(lines) if line == "^" and k > 0), 0)
    return (
        f"the functions of {whose} can't be compiled, at {lines[marked - 1]!r}: {reason}; use numbers, arithmetic, "
        "conditions, and the functions of math and neurocore_nb.kernels.vmath"
    )


_loading = threading.Lock()  # another thread must not find a module that is half made


def _load(text: str, name: str) -> ModuleType:
    module = ModuleType(name)
    module.__file__ = _write(text, f"{name}.py")
    exec(compile(text, module.__file__, "exec"), vars(module))  # noqa: S102  # not what is on disk, which may be damaged
    sys.modules[name] = module
    return module


def _write(text: str, name: str) -> str:
    """Put a module's text where Numba can keep compiled code; where it is, or if that isn't possible a mere name."""
    content = text.encode()
    try:
        path = _cache_directory() / name
        if not path.is_file() or path.read_bytes() != content:
            write_whole(path, content)
        return str(path)
    except (OSError, RuntimeError):
        place = f"<{name}>"
        linecache.cache[place] = len(text), None, text.splitlines(True), place  # for messages, and for inspect
        return place


def _cache_directory() -> Path:
    root = os.environ.get("NUMBA_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    directory = Path(root) / "neurocore_nb"
    directory.mkdir(parents=True, exist_ok=True)
    return directory
