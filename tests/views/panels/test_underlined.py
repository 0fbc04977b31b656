"""Words of the glossary in a story's own text: underlined once in each part, and where nothing else can be pressed."""

from __future__ import annotations

import re
from collections import Counter
from html import unescape

import pytest

from folioviz import stories
from folioviz.readout.glossary import TERMS
from folioviz.views import Story
from folioviz.views.panels.prose import prose
from folioviz.views.panels.story_parts import instruction
from folioviz.views.panels.underlined import Underlined
from tests.boards import on_page

PARTS = re.compile(r'<p><b>Before you look:</b>.*?</p>|<p class="fv-because".*?</p>', re.DOTALL)
CLOSED = re.compile(r"<(h2|code|a|summary|button (?!class=\"fv-term\")\w+)\b.*?</\1>", re.DOTALL)


def plain(part):
    """Return what a piece of a page says."""
    return unescape(re.sub(r"<[^>]+>", "", part))


def terms(part):
    """Return which words a piece of a page underlines."""
    return re.findall(r'<button class="fv-term" data-term="(\w+)"', part)


def test_words_are_underlined_once_and_only_in_running_text():
    """Headings, code and links stay as they are; what is HTML already is text."""
    text = "## A folio\n\nA `folio` is *a folio*, [a PTE](do:next) <b> not the PTE\n\n- a folio\n\n> **A VMA** a VMA"

    assert prose(text, instruction, Underlined()) == (
        "<h2>A folio</h2><p>A <code>folio</code> is <i>a "
        '<button class="fv-term" data-term="folio">folio</button></i>, '
        '<button class="fv-link" data-fv="do:next">a PTE</button> &lt;b&gt; not the '
        '<button class="fv-term" data-term="pte">PTE</button></p><ul><li>a folio</li></ul>'
        "<details><summary>A VMA</summary><p>a "
        '<button class="fv-term" data-term="vma">VMA</button></p></details>'
    )


@pytest.mark.parametrize("key", stories.KEYS)
def test_a_story_underlines_its_words(key):
    """In question, answer and words, each at most once; the text is what it was."""
    board = Story(key)
    asked = board.story.question
    before = PARTS.findall(on_page(board)["question"])
    board.events.heard({"click": "guess:skip"})
    after = PARTS.findall(on_page(board)["question"])
    told = [prose(text, board._instruction, Underlined()) for text in stories.words(key)]
    shown = [box.children[0].value for box in cards(board)]

    assert len(before) == 1
    assert set(terms(before[0])) & set(asked.hints) == set()
    assert set(terms(after[0])) - set(terms(before[0])) == set(asked.hints)
    assert [plain(part) for part in after] == [f"Before you look: {asked.text}", asked.answer()[1]]
    assert terms("".join(told)) == terms("".join(shown)) != []
    for part in (*after, *told):
        assert max(Counter(terms(part)).values(), default=0) <= 1
        assert terms("".join(found[0] for found in CLOSED.finditer(part))) == []
        assert set(terms(part)) <= set(TERMS)


def cards(board):
    """Return the two cards with a story's words."""
    places, found = [board], []
    while places:
        place = places.pop(0)
        places += getattr(place, "children", ())
        if "fv-panel-words" in getattr(place, "_dom_classes", ()):
            found.append(place)
    return sorted(found, key=lambda one: "fv-where" in one._dom_classes)


def test_no_line_begins_with_a_comma():
    """What stands right behind a button stays on its line; a word that follows a blank may go to the next."""
    text = prose(
        "[a PTE](do:next), a folio. (PMDs) and zaps more: [on](https://a)", instruction, Underlined()
    )

    held = re.findall(r'<span class="fv-unbroken">(.*?)</span>', text)
    assert [plain(one) for one in held] == ["a PTE,", "folio.", "PMDs)"]
    assert plain(text) == "a PTE, a folio. (PMDs) and zaps more: on"
