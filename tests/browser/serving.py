"""Notebooks for the server's tests."""

from __future__ import annotations

from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from tools import dashboard

SHOWN = """
import json, os
import ipywidgets
from folioviz.serving.serve import query

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
    dashboard.write_notebook(path, *cells, words=f"# {title}\n\nWhat *it* says.")


@contextmanager
def framing():
    """Serve a page that shows in a frame what its fragment names, under every name of this machine; yield the port."""

    class Talk(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(
                b"<script>document.write(`<iframe src='${location.hash.slice(1)}'></iframe>`)</script>"
            )

        def log_message(self, *_):
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Talk) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()
