"""Notebooks in JupyterLab, as `folioviz lab` starts it: for tests and pictures."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tools import dashboard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

START = """
import sys
from pathlib import Path
from folioviz.serving.serve import lab
lab("127.0.0.1", int(sys.argv[1]), browser=False, root=True, folder=Path(sys.argv[2]))
"""
SETTINGS = {"LabApp": {"expose_app_in_browser": True}, "IdentityProvider": {"token": ""}}
WAITING = """() => {
    const notebook = window.jupyterapp?.shell.currentWidget, session = notebook?.sessionContext;
    return session?.isReady && session.session?.kernel?.status === 'idle' && notebook.content.widgets.length;
}"""
"""Whether JupyterLab has laid a notebook out, and its kernel waits."""


@contextmanager
def served(folder: Path, log: Path) -> Iterator[str]:
    """Serve a folder of notebooks, yield the address, stop; what is said goes to ``log``.

    Raises:
        RuntimeError: if it does not start; the message is its log.
    """
    port = dashboard.free_port()
    command = [sys.executable, "-c", START, str(port), str(folder)]
    with log.open("w") as out, TemporaryDirectory() as config:
        (Path(config) / "jupyter_lab_config.json").write_text(json.dumps(SETTINGS))
        env = os.environ | {"JUPYTER_CONFIG_DIR": config}
        server = subprocess.Popen(command, cwd=dashboard.ROOT, env=env, stdout=out, stderr=out)
        try:
            dashboard.wait_for(server, port, log)
            yield f"http://127.0.0.1:{port}/"
        finally:
            server.terminate()
            server.wait(dashboard.PATIENCE)


def run(page: Page) -> None:
    """Run all cells of the notebook that is shown, an explorer's."""
    dashboard.holds(page, WAITING)
    page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
    page.wait_for_selector(".fv-trace button.now")
    page.wait_for_selector(".fv-lane canvas")
