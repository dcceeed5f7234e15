"""What the machine at hand has: memory and cores."""

from __future__ import annotations

import os
from pathlib import Path


def machine_bytes() -> int:
    """Memory of this machine, or what a container is allowed of it.

    Returns
    -------
    int
    """
    try:
        physical = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError, AttributeError):  # not on every system
        return 0
    for name in ("memory.max", "memory/memory.limit_in_bytes"):
        try:
            allowed = int(Path("/sys/fs/cgroup", name).read_text())
        except (OSError, ValueError):
            continue
        physical = min(physical, allowed)
    return physical


def usable_cores() -> int:
    """Cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
