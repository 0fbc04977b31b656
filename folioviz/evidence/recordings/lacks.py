"""What the model has no operation for."""

from __future__ import annotations


class NotModelledError(Exception):
    """A step does what the model has no operation for; the text says what."""
