"""Kernels that are forked: what they have, what they do not have, and when they end."""

from __future__ import annotations

import json
import os

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.connect import write_connection_file

from folioviz.serving import forks
from tools import dashboard

CELLS = (
    "import colorsys\nimport ipywidgets\nipywidgets.Label('of the rehearsal')",
    "raise ValueError",
    "import cgitb",
)
ASKED = """
import json, os, sys
import ipywidgets
from ipywidgets.widgets.widget import _instances
found = [name in sys.modules for name in ("colorsys", "cgitb")]
answers = sorted(get_ipython().kernel.comm_manager.targets)
print(json.dumps([found, len(_instances), os.environ.get("FV_TEST"), os.environ.get("HOME"), os.getcwd(), answers]))
"""


@pytest.fixture
def mould(tmp_path):
    """Start one whose notebook goes wrong in its second cell."""
    found = forks.Mould(dashboard.write_notebook(tmp_path / "one.ipynb", *CELLS))
    yield found
    found.end()


@pytest.mark.slow
def test_a_fork_has_what_was_loaded_and_an_environment_of_its_own(mould, tmp_path):
    """It runs code as any kernel; the notebook's widgets are gone, and what comes after its error was not done.

    It answers what a page asks of all widgets at once, as if it had loaded them itself.
    """
    path, _ = write_connection_file(str(tmp_path / "kernel.json"))
    env = {name: value for name, value in os.environ.items() if name != "HOME"} | {"FV_TEST": "its own"}
    kernel = mould.fork({"argv": ["kernel", "-f", path], "env": env, "cwd": str(tmp_path)})
    client, said = BlockingKernelClient(connection_file=path), []
    client.load_connection_file()
    client.start_channels(hb=False)
    client.wait_for_ready(timeout=dashboard.PATIENCE)
    client.execute_interactive(
        ASKED,
        timeout=dashboard.PATIENCE,
        output_hook=lambda message: said.append(message["content"].get("text", "")),
    )
    client.stop_channels()
    before = kernel.poll()
    mould.end()

    answers = ["jupyter.widget", "jupyter.widget.control"]
    assert json.loads("".join(said)) == [[True, False], 0, "its own", None, str(tmp_path), answers]
    assert (before, kernel.wait(dashboard.PATIENCE), kernel.poll()) == (None, 0, 0)


def test_a_mould_that_has_ended_forks_nothing(mould, tmp_path):
    """That is an error of the system, upon which a kernel is started instead."""
    mould._process.kill()
    mould._process.wait()
    with pytest.raises(OSError, match=r"nothing was forked|Broken pipe|reset"):
        mould.fork({"argv": [], "env": {}, "cwd": str(tmp_path)})
