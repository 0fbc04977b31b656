"""Panels that only stories have: a module each, with a class of its name; its look is ``static/story_NAME.css``."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from folioviz.views.panels.panel import Panel


def find(name: str) -> type[Panel]:
    """Return a panel by the name of its module: ``struct_pages`` has ``StructPages``.

    What other stories show is not imported: it would only take time.
    """
    found: type[Panel] = getattr(import_module(f"{__name__}.{name}"), name.title().replace("_", ""))
    return found
