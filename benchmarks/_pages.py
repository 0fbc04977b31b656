"""The notebooks that the browser benchmarks open, written where they are told to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

if TYPE_CHECKING:
    from pathlib import Path

ONE_CELL = """
import ipywidgets
ipywidgets.HTML("<b class='ready'>ready</b>")
"""

EXPLORER = """
from folioviz.views import Explorer
Explorer()
"""

LATENCY = """
import ipywidgets
from folioviz import parse_line
from folioviz.views import Explorer, Session

faults = "; ".join(f"fault 1 {{i * 512}} 9" for i in range({folios}))
session = Session()
session.run(parse_line(f"mm; mmap 1 0 {{{folios} * 512}}; {{faults}}; dontneed 1 3 {{{folios} * 512 - 5}}"),
            "v6.5-rc3+v4.1", "v6.5-rc3+v4")
session.skip(-1)
button, label = ipywidgets.Button(description="bare"), ipywidgets.Label("0")
button.add_class("bare-button")
label.add_class("bare-label")
button.on_click(lambda _: setattr(label, "value", str(int(label.value) + 1)))
ipywidgets.VBox([ipywidgets.HBox([button, label]), Explorer(session)])
"""


def write(path: Path, source: str) -> Path:
    """Write a notebook of one cell."""
    notebook = new_notebook(cells=[new_code_cell(source.strip())])
    notebook.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
    }
    nbformat.write(notebook, path)
    return path
