"""How Sphinx makes the site of what tools/manual.py has put together."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from folioviz import __version__

project = "folioviz"
author = "folioviz contributors"
release = version = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]

myst_heading_anchors = 6  # as a forge makes them

autoclass_content = "both"  # what __init__() says, too
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
maximum_signature_line_length = 88
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False

html_theme = "furo"
html_title = f"folioviz {release}"
html_static_path = ["static", str(ROOT / "folioviz" / "colours.css")]
html_css_files = ["colours.css", "site.css"]
html_copy_source = False
html_show_copyright = False
html_show_sphinx = False
