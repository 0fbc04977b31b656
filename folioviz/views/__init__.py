"""Widgets: the only room that knows ipywidgets and bqplot.

from folioviz.views import Explorer
Explorer()
"""

from __future__ import annotations

from folioviz.views.explorer import Explorer
from folioviz.views.session import Session
from folioviz.views.story import Story

__all__ = ["Explorer", "Session", "Story"]
