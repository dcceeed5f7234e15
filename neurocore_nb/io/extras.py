"""Libraries that not everybody needs."""

from __future__ import annotations

import importlib
from typing import Any


def load(name: str, extra: str, what: str) -> Any:
    """Import a library that an extra of the package brings.

    Parameters
    ----------
    name : str
        Of the module.
    extra : str
    what : str
        What needs it, for the error's text.

    Returns
    -------
    module

    Raises
    ------
    ImportError
        If it isn't installed; tells how to get it.

    Examples
    --------
    >>> load("json", "files", "a file").dumps([1, 2])
    '[1, 2]'
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        top = name.partition(".")[0]
        raise ImportError(f'{what} needs {top}: pip install "neurocore_nb[{extra}]" ({error})', name=top) from None
