"""The recipe of a story, followed to the letter."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_story_is_added(copy):
    """Its numbers, its notebook and its page in a browser are as the recipe says; the gallery is whole."""
    copy.follow("story.md")
    gallery = (
        "tests/notebooks/test_stories.py",
        "tests/notebooks/test_index.py",
        "tests/packaging/test_packaging.py",
        "-k",
        "readme or leads or every",
    )

    assert copy.failures(*gallery) == []
    assert (
        copy.python("from folioviz import stories; print(stories.find('my-question').key)") == "my-question\n"
    )
