"""Widgets: the only room that knows ipywidgets and bqplot.

from folioviz.views import Explorer
Explorer()
"""

from __future__ import annotations

from folioviz.views.boards.explorer import Explorer
from folioviz.views.boards.story import Story
from folioviz.views.boards.tour import Tour
from folioviz.views.session.session import Session

__all__ = ["Explorer", "Session", "Story", "Tour"]
