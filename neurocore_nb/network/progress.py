"""A progress bar for runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any


def load_tqdm() -> Any:
    """The progress bar of tqdm, which is an extra."""
    try:
        from tqdm.auto import tqdm
    except ImportError:
        raise ImportError("progress=True needs tqdm: install neurocore_nb[progress], or leave it out") from None
    return tqdm


@contextmanager
def progress_bar(wanted: bool, n_steps: int) -> Iterator[Callable[[int], Any]]:
    """A function to be called with the number of steps done since its last call.

    Where the bar can't be shown, as in a terminal that was closed, the run goes on without.
    """
    bar = None
    if wanted:
        with suppress(Exception):
            bar = load_tqdm()(total=n_steps, unit="step", desc="simulated")

    def advance(steps: int) -> None:
        if bar is not None:
            with suppress(Exception):
                bar.update(steps)

    try:
        yield advance
    finally:
        if bar is not None:
            with suppress(Exception):
                bar.close()
