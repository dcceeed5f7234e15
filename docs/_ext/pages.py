"""Makes links of pages that are also read on GitHub hold on the site."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def present(text: str) -> str:
    """A page without what is under a line ``% if FILE is there:`` whose file is missing."""
    first, *parts = re.split(r"^% if (\S+) is there:$", text, flags=re.MULTILINE)
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return first + "".join(part for file, part in pairs if (ROOT / file).exists())


def adapt(app: Any, name: str, source: list[str]) -> None:
    """Notebooks lie in a folder of the site, and refer to its pages; files of the project may be missing."""
    text = source[0].replace("](../notebooks/", "](notebooks/")
    if name.startswith("notebooks/"):
        text = text.replace("](../docs/", "](../")
    source[0] = present(text)


def setup(app: Any) -> dict[str, bool]:
    """Connect to the reading of sources."""
    app.connect("source-read", adapt)
    return {"parallel_read_safe": True}
