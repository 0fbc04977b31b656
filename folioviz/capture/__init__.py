"""What processes of a running machine have mapped: reading it, its document, and sums of it."""

from __future__ import annotations

from folioviz.capture.captured import Capture, Part, Piece
from folioviz.capture.document import load, read, write

__all__ = ["Capture", "Part", "Piece", "load", "read", "write"]
