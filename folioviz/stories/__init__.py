"""The stories: what each asks, varies and computes. The words are in the notebooks, the looks in views."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from folioviz.errors import LimitError

if TYPE_CHECKING:
    from folioviz.stories.parts.parts import Story

KEYS = (
    "counters",
    "spurious-visit",
    "three-patches",
    "batch-end",
    "s390",
    "flushes",
    "refcount-order",
    "who-keeps-it",
    "shrinker",
    "order-1",
    "costs",
    "own-patch",
    "from-3n-to-2",
    "partially-mapped",
    "still-spurious",
    "reuse-after-fork",
    "truth",
)
"""In reading order; the module of ``batch-end`` is ``batch_end``, its notebook ``04-batch-end.ipynb``."""


def find(key: str) -> Story:
    """Return a story.

    Raises:
        LimitError: if no story has that name.
    """
    if key not in KEYS:
        raise LimitError.of("the story", key, f"one of {', '.join(KEYS)}")
    found: Story = import_module(f"folioviz.stories.{key.replace('-', '_')}").STORY
    return found
