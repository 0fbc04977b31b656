"""Widgets: the only room that knows ipywidgets and bqplot.

from folioviz.views import Explorer
Explorer()
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from folioviz.extras import need

if TYPE_CHECKING:
    from folioviz.views.boards.explorer import Explorer
    from folioviz.views.boards.machine import Machine
    from folioviz.views.boards.story import Story
    from folioviz.views.boards.tour import Tour
    from folioviz.views.session.session import Session

__all__ = ["Explorer", "Machine", "Session", "Story", "Tour"]

need("views", __name__)


def __getattr__(name: str) -> Any:
    """Import what is asked for: a story needs no explorer."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    room = "session" if name == "Session" else "boards"
    return getattr(import_module(f"{__name__}.{room}.{name.lower()}"), name)
