"""What is kept on disk between processes: compiled code, and the text of generated modules.

Many processes may read and write there at once, of several versions of the package, on a disk that is full, read-only
or broken. What can't be found there, whatever the reason, is made anew; what can't be written there is left out.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

import llvmlite
import numba
from numba import config
from numba.core.caching import FunctionCache
from numba.core.serialize import dumps

_SEAL = 32  # bytes before the compiled code


def _digest_of_sources() -> str:
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


SOURCES_DIGEST = _digest_of_sources()


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that others may be reading or writing now: they find it whole, or not at all.

    Parameters
    ----------
    path : Path
    content : bytes

    Raises
    ------
    OSError
        If that isn't possible. Nothing is left behind then.
    """
    temporary = path.with_name(f"{path.name}.{uuid.uuid4().hex}")  # a process number is another's on another node
    try:
        temporary.write_bytes(content)
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


class KernelCache(FunctionCache):
    """The compiled code of a function on disk, in place of Numba's own cache.

    Numba's keeps an index of the signatures of a function and numbers their files; of two processes that add one each,
    an index may lead to the other's code. It doesn't notice damage, and raises what reading a broken file raises.

    Parameters
    ----------
    compiled : Dispatcher or CFunc
        The function.

    Raises
    ------
    RuntimeError, OSError
        If there is no place for it.
    """

    def __init__(self, compiled: Any) -> None:
        super().__init__(compiled.__wrapped__)  # type: ignore[no-untyped-call]
        numbas_stamp = self._cache_file._source_stamp  # of the function's own file: notices no edit in what it calls
        stamp = SOURCES_DIGEST, numbas_stamp, numba.__version__, llvmlite.__version__
        options = sorted(getattr(compiled, "targetoptions", {}).items())
        settings = type(compiled).__name__, options, config.BOUNDSCHECK, config.OPT  # type: ignore[attr-defined]
        files: Any = _Files(Path(self._cache_path), self._impl.filename_base, repr(stamp), repr(settings))
        self._cache_file = files

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The compiled function of a signature, or None."""
        try:
            return super().load_overload(sig, target_context)  # type: ignore[no-untyped-call]
        except Exception:  # reading pickles can raise anything
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep the compiled function of a signature, if possible."""
        with suppress(Exception):  # a full disk, a directory that is gone, ...: it is only slower next time
            super().save_overload(sig, data)  # type: ignore[no-untyped-call]


class _Files:
    """The files of a function's compiled code, one for each signature, processor and settings.

    A file is named by all of these and has them inside. It begins with a digest of what follows and of what the code
    was made of: one that is stale, cut off, damaged or something else counts as missing.
    """

    def __init__(self, directory: Path, stem: str, stamp: str, settings: str) -> None:
        self._directory, self._stem, self._settings = directory, stem, settings
        self._stamp = hashlib.sha256(stamp.encode()).digest()

    def load(self, key: Any) -> Any:
        """What was saved under a key, or None."""
        content = self._path(key).read_bytes()
        seal, code = content[:_SEAL], content[_SEAL:]
        if seal != self._seal(code):
            return None
        saved_as, data = pickle.loads(code)  # noqa: S301  # none but what was sealed here
        return data if saved_as == key else None

    def save(self, key: Any, data: Any) -> None:
        """Save something, in place of what was saved under the same key."""
        code = dumps((key, data))  # type: ignore[no-untyped-call]
        write_whole(self._path(key), self._seal(code) + code)

    def flush(self) -> None:
        """Forget all that was saved."""
        for path in self._directory.iterdir():
            if path.name.startswith(f"{self._stem}.") and path.suffix == ".nbc":
                path.unlink(missing_ok=True)

    def _path(self, key: Any) -> Path:
        name = hashlib.sha256(repr((key, self._settings)).encode()).hexdigest()[:16]
        return self._directory / f"{self._stem}.{name}.nbc"

    def _seal(self, code: bytes) -> bytes:
        return hashlib.blake2b(code, digest_size=_SEAL, key=self._stamp).digest()
