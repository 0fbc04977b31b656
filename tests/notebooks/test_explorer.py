"""The notebook of the explorer runs, and is kept without outputs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools.dashboard import PATIENCE

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "explorer.ipynb"


@pytest.mark.slow
def test_it_runs_and_shows_a_widget():
    """Top to bottom without an exception; one of its cells is the explorer."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(NOTEBOOK, 4)
    NotebookClient(notebook, timeout=PATIENCE, startup_timeout=PATIENCE, kernel_name="python3").execute()

    shown = [output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", [])]

    assert any("application/vnd.jupyter.widget-view+json" in data for data in shown)


def test_it_is_kept_clean():
    """No outputs; JupyterLab finds the kernel without asking."""
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))

    assert notebook["metadata"]["kernelspec"] == {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    }
    assert [cell["outputs"] for cell in notebook["cells"] if cell.get("outputs")] == []
