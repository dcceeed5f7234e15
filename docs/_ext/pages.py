"""Makes links of pages that are also read on GitHub hold on the site."""

from __future__ import annotations

from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def adapt(app: Any, name: str, source: list[str]) -> None:
    """Notebooks lie in a folder of the site, and refer to its pages; a page of the project may be missing."""
    text = source[0].replace("](../notebooks/", "](notebooks/")
    if name.startswith("notebooks/"):
        text = text.replace("](../docs/", "](../")
    if name == "project" and not (ROOT / "CONTRIBUTING.md").exists():
        text = text.split("## Contributing")[0]
    source[0] = text


def setup(app: Any) -> dict[str, bool]:
    """Connect to the reading of sources."""
    app.connect("source-read", adapt)
    return {"parallel_read_safe": True}
