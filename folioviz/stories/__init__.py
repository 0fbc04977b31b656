"""The stories: what each asks, varies and computes, and what it tells once it was asked; the looks are in views."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from folioviz.errors import LimitError

if TYPE_CHECKING:
    from folioviz.stories.parts.parts import Story

WORDS = Path(__file__).parent / "words"
WHERE = "## Where it is"
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
    "lost-memory",
    "contention",
    "races",
    "kernel-tests",
    "made-whole",
    "three-programs",
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


def words(key: str) -> tuple[str, str]:
    """Return what a story tells after the guess, in the Markdown of views/panels/prose.py: what to notice, where it is.

    The title and the introduction, which tell nothing yet, are in its notebook.

    Raises:
        LimitError: if no story has that name.
    """
    text = (WORDS / f"{find(key).key}.md").read_text(encoding="utf-8")
    notice, mark, where = text.partition(WHERE)
    return notice, mark + where
