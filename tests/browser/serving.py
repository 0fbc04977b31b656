"""A folder of notebooks behind ``folioviz.serve.serve()``, in a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

from nbformat import write
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools import dashboard

SERVE = """
import sys
from pathlib import Path
from folioviz.serve import serve
serve("127.0.0.1", int(sys.argv[1]), browser=False, folder=Path(sys.argv[2]))
"""
SHOWN = """
import json, os
import ipywidgets
from folioviz.serve import query

button, label, asked = ipywidgets.Button(description="count"), ipywidgets.Label("0"), ipywidgets.Label("")
for widget, name in ((button, "t-button"), (label, "t-label"), (asked, "t-asked")):
    widget.add_class(name)
button.on_click(lambda _: setattr(label, "value", str(int(label.value) + 1)))
ipywidgets.VBox([button, label, asked])
"""
ASKED = """
url = os.environ.get("VOILA_REQUEST_URL", "")
asked.value = json.dumps({"query": query(), "pid": os.getpid(), "ready": os.environ["VOILA_PREHEAT"], "url": url})
"""


def notebook(path, *cells, title="What is asked?"):
    """Write a notebook with a title and code cells."""
    made = new_notebook(
        cells=[new_markdown_cell(f"# {title}\n\nWhat *it* says."), *map(new_code_cell, cells)]
    )
    made.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
    }
    write(made, path)


@contextmanager
def served(folder, log, **env):
    """Serve a folder, yield the address, stop; what the server says goes to ``log``."""
    port = dashboard.free_port()
    with log.open("w") as out:
        server = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(port), str(folder)],
            cwd=dashboard.ROOT,
            env=os.environ | env,
            stdout=out,
            stderr=out,
        )
    deadline = time.monotonic() + dashboard.START_SECONDS
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=5).close()
                break
            except OSError:
                assert server.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.terminate()
        server.wait(30)
