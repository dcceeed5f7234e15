"""Configuration of the documentation: ``sphinx-build -W -b html docs docs/_build/html``."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE / "_ext")]
os.environ["NUMBA_DISABLE_JIT"] = (
    "1"  # kernels are plain functions then, whose signatures and docstrings can be read
)

from neurocore_nb import __version__  # noqa: E402

project = "neurocore_nb"
author = "The neurocore_nb developers"
copyright = author
version = release = __version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "numpydoc",
    "myst_nb",
    "sphinx_design",
    "declared",  # tables of what models, receptors and rules declare
    "gallery",  # the pictures that are there
    "pages",  # links that hold on GitHub and here
]
exclude_patterns = ["networks/*.md", "embedding/*.md", "_build", "README.md"]
templates_path = ["_templates"]

# Notebooks are shown with the outputs they were saved with. Pages have to lie below this folder.
shutil.copytree(HERE.parent / "notebooks", HERE / "notebooks", dirs_exist_ok=True)
nb_execution_mode = "off"
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

autosummary_generate = True
autodoc_typehints = "none"  # the docstrings name them
autodoc_member_order = "bysource"
autodoc_default_options = {
    "exclude-members": "memory, facts, extend, extend_in_file, resume, groups, count_in, file_label, unit_of, columns, "
    "with_traceback, add_note"
}  # called by the engine
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

html_theme = "furo"
html_title = f"{project} {version}"
html_show_copyright = html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True}
html_static_path = ["_static"]
html_css_files = ["site.css"]
