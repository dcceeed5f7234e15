"""The directive ``gallery``: pictures with captions, as far as they are there, in the order of its lines.

A line is ``path | caption``, the path from the folder of the page. Pictures in the folder of the option ``rest`` that
no line names come last, with their names as captions.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective


class Gallery(SphinxDirective):
    """Figures, one below the other."""

    has_content = True
    option_spec = {"rest": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        """Make a figure of each picture."""
        self.env.note_reread()  # other pictures may be there next time
        here = Path(self.env.doc2path(self.env.docname)).parent
        captions = dict(
            map(str.strip, line.split("|", 1)) for line in self.content if line.strip()
        )
        rest = self.options.get("rest")
        found = (
            [f"{rest}/{one.name}" for one in sorted((here / rest).glob("*.png"))]
            if rest
            else []
        )
        made: list[nodes.Node] = []
        for path in [*captions, *(one for one in found if one not in captions)]:
            if (here / path).exists():
                caption = captions.get(path, Path(path).stem.replace("_", " "))
                made += self.parse_text_to_nodes(
                    f"```{{figure}} {path}\n{caption}\n```"
                )
        return made


def setup(app: Any) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("gallery", Gallery)
    return {"parallel_read_safe": True}
