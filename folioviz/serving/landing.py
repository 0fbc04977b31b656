"""The landing page: a card for each notebook of a folder."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

TEMPLATE = Path(__file__).parent / "jupyter" / "voila" / "templates" / "folioviz"
"""Voila's template of every page."""
PICTURES = TEMPLATE / "static" / "gallery"
"""What dashboards look like, light and dark: `make screenshots ARGS=gallery` takes these pictures."""
FIRST = "explorer.ipynb"


def card(path: Path) -> dict[str, Any]:
    """Return what the landing page shows of a notebook: its title, group, summary, and whether it has a picture.

    Group and summary are the notebook's metadata, and whether it leads its group; without them it has no group, and its
    first sentence is the summary.
    """
    title, prose, own = path.stem.replace("-", " ").replace("_", " "), "", {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        prose = "\n".join(
            "".join(cell["source"]) for cell in found["cells"] if cell["cell_type"] == "markdown"
        )
        own = found.get("metadata", {}).get("folioviz", {})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass
    said = ""
    if heading := re.search(r"^#\s+(.+)$", prose, re.MULTILINE):
        title = heading[1].strip()
        after = re.sub(r"^\s*(#.*\n?)?", "", prose[heading.end() :]).split("\n\n")[0]
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)|[*`]", r"\1", " ".join(after.split()))
        said = re.split(r"(?<=[.?!])\s", plain)[0]
    return {
        "file": path.name,
        "title": title.replace("`", ""),
        "group": str(own.get("group", "")),
        "leads": own.get("leads") is True,
        "text": str(own.get("summary", said)),
        "picture": path.stem if (PICTURES / f"{path.stem}-light.png").is_file() else "",
    }


def cards(folder: Path) -> list[dict[str, Any]]:
    """Return a card per notebook: the explorer first, then by name."""
    return [card(path) for path in sorted(folder.glob("*.ipynb"), key=lambda p: (p.name != FIRST, p.name))]
