"""What Voila's pages are told by the server that shows them: where the gallery is, and an address for everybody."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from folioviz.extras import version
from folioviz.serving.landing import cards

if TYPE_CHECKING:
    from pathlib import Path


def launch(path: str) -> str:
    """Return the address at which Binder starts this version anew and opens a page of it, "" on any other server.

    What is appended must be encoded once more: it goes on inside a field. Binder tells its servers the two parts.
    """
    host, request = (os.environ.get(f"BINDER_{name}", "") for name in ("LAUNCH_HOST", "PERSISTENT_REQUEST"))
    known = re.fullmatch(r"https?://[^\s?#]+", host) and re.fullmatch(r"v2/[^\s?#]+", request)
    return f"{host.rstrip('/')}/{request}?urlpath={quote(path)}" if known else ""


def told(below: str = "") -> dict[str, Any]:
    """Return what every page is told, whatever it shows.

    Args:
        below: the notebooks' folder, below what a Jupyter server shows; a server of dashboards alone shows the folder.
    """
    return {"below": below, "version": version("folioviz")}


def page_config(
    found: dict[str, Any], *, notebook_path: str, folder: Path, below: str = "", **_: Any
) -> dict[str, Any]:
    """Tell a page what it asks for, in Voila's configuration of it; one that is of no notebook is the landing page.

    Args:
        found: the configuration, which is changed, because some pages of Voila drop what is returned.
        notebook_path: of the page, below what the server shows.
        folder: where the notebooks are.
        below: as of :func:`told`.
    """
    own = told(below)
    if notebook_path.endswith(".ipynb"):
        own["launch"] = launch(f"voila/render/{notebook_path}")
    else:
        own["cards"] = cards(folder)
    # Without an address of MathJax, Voila takes the one that it brings along.
    found.update(folioviz=own, fullMathjaxUrl=None, mathjaxConfig=None)
    return found


def farewell(handler: Any, **_: Any) -> None:
    """Let a page end its kernel when it is closed: for that it needs a cookie, which Voila's handler does not set."""
    bytes(handler.xsrf_token)
