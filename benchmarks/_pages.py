"""The cells of the notebooks that the browser benchmarks open."""

from __future__ import annotations

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
