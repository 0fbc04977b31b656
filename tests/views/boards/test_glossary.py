"""Words of the glossary: what explorer and stories show is underlined, and each of these words is explained."""

from __future__ import annotations

import re

import pytest

from folioviz import stories
from folioviz.readout.glossary import TERMS
from folioviz.views import Explorer, Story
from folioviz.views.session.session import Session
from tests.boards import on_page

OTHERS = {"edit", "menus", "numbers"}
"""Slots of menus and of tables."""
PLAIN = {"where the other side is already"}
"""Titles of badges that say in full what they mean; so does one that counts those that have no room."""


def unexplained(board):
    """Return the panels' headings and the badges that no word explains, and words that the glossary does not have."""
    parts = on_page(board)
    page = "".join(parts.values())
    panels = "".join(part for name, part in parts.items() if name not in OTHERS)
    panels = re.sub(r"<div popover.*?</h2>", "", panels, flags=re.DOTALL)
    headings = [one for one in re.findall(r"<h2>(.*?)</h2>", panels) if "data-term=" not in one]
    badges = set(re.findall(r'<span class="fv-badge[^>]*title="([^"]*)">[^+]', page)) - PLAIN
    return headings, badges, set(re.findall(r'data-term="([^"]*)"', page)) - set(TERMS)


@pytest.mark.parametrize(
    "name", ["first-look", "queued-at-birth", "pinned-and-shrinker", "double-map", "underused"]
)
def test_the_explorer_explains_its_words(name):
    """Headings of panels, badges, fields of cards, costs, and what the queue says, at some steps."""
    session = Session(name)
    board, last = Explorer(session), session.history.axis.last
    for position in range(0, last, last // 16 + 1):
        session.seek(position)

        assert unexplained(board) == ([], set(), set())


@pytest.mark.parametrize("key", stories.KEYS)
def test_a_story_explains_its_words(key):
    """Its panels' headings, and every word that is underlined, after the answer."""
    board = Story(key)
    board.events.heard({"click": "guess:skip"})
    headings, _, unknown = unexplained(board)

    assert (headings, unknown) == ([], set())


def test_spurious_is_said_in_plain_words_first():
    """The queue says for nothing, and why, beside the word; the word is underlined there and on the card."""
    session = Session("first-look")
    board = Explorer(session)
    while not session.frame.sides[0].queue:
        session.seek(session.history.position + 1)
    parts = on_page(board)

    assert "for nothing: this operation goes on to unmap all of it" in parts["queue"]
    assert all('data-term="spurious"' in parts[name] for name in ("queue", "folios:A"))
