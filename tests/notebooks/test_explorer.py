"""The notebooks of the explorer and of a running machine run, and are kept without outputs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools.dashboard import PATIENCE

FOLDER = Path(__file__).parents[2] / "notebooks"
NAMES = ("explorer", "running-machine")


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_it_runs_and_shows_a_widget(name):
    """Top to bottom without an exception; one of its cells is the dashboard."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(FOLDER / f"{name}.ipynb", 4)
    NotebookClient(notebook, timeout=PATIENCE, startup_timeout=PATIENCE, kernel_name="python3").execute()

    shown = [output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", [])]

    assert any("application/vnd.jupyter.widget-view+json" in data for data in shown)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_kept_clean(name):
    """No outputs; JupyterLab finds the kernel without asking."""
    notebook = json.loads((FOLDER / f"{name}.ipynb").read_text(encoding="utf-8"))

    assert notebook["metadata"]["kernelspec"] == {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    }
    assert [cell["outputs"] for cell in notebook["cells"] if cell.get("outputs")] == []
