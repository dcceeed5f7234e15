"""What is known of the ranks that a launcher has started before MPI is, and without it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

# Set by the launcher in each rank it starts. SLURM_NTASKS isn't one of them: plain batch scripts have it too.
_SIZE_VARIABLES = ("OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS")
_RANK_VARIABLES = ("OMPI_COMM_WORLD_RANK", "PMI_RANK", "SLURM_PROCID")
_LEFT = "nrncore_left"  # name that a process takes when its program ends; Linux has room for 15 characters


def _largest(names: tuple[str, ...], default: int) -> int:
    given = [os.environ.get(name, "") for name in names]
    return max([default, *(int(value) for value in given if value.isdigit())])


def launched_ranks() -> int:
    """Number of ranks the launcher started; 1 without a launcher."""
    return _largest(_SIZE_VARIABLES, 1)


def launched_rank() -> int:
    """Number that the launcher gave this rank; 0 without a launcher."""
    return _largest(_RANK_VARIABLES, 0)


def say_leaving() -> None:
    """Let the other ranks of this node see that this one's program has ended, though MPI may keep its process."""
    try:
        Path("/proc/self/comm").write_text(f"{_LEFT}{launched_rank() % 1000:3}")
    except OSError:  # another system than Linux
        return


def neighbours_that_left() -> str:
    """Which of the launcher's processes on this node have ended their programs; empty if none, or if that isn't known.

    Messages of MPI wouldn't do: one that is never received can keep MPICH from ending in peace.
    """
    names = [name for name, parent in _processes() if parent == os.getppid()]
    left = [name.removeprefix(_LEFT).strip() for name in names if name.startswith(_LEFT)]
    return f"rank {', '.join(left)}" if left else ""


def _processes() -> Iterator[tuple[str, int]]:
    """Name and parent of all processes that can be seen."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            before, _, after = stat.read_text().rpartition(")")
        except OSError:  # it has ended since
            continue
        yield before.partition("(")[2], int(after.split()[1])
