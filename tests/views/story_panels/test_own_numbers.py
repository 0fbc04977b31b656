"""The box for one's own numbers: what is said below it, and that nothing of what a browser sends can harm."""

from __future__ import annotations

import re
from html import unescape

import pytest

from folioviz import diagnosis
from folioviz.diagnosis.lines import MAX_BYTES
from folioviz.stories.lost_memory import ops
from folioviz.stories.parts.reports import CADVISOR
from folioviz.views import Explorer, Story
from folioviz.views.page.markup import EMPTY
from folioviz.views.story_panels.own_numbers import FILES, LONG, examples

MEMORY_STAT = "anon {}\nshmem 0\ninactive_anon 104857600\nactive_anon 4194304\nunevictable 0\nswapcached 0\n"


@pytest.fixture(scope="module")
def board():
    """Return the story, before the guess; every test pastes over what was pasted before."""
    return Story("lost-memory")


def said(board):
    """Return what stands below the box."""
    return EMPTY.join(board.screen._now["own_said"].values())


def paste(board, text):
    """Let the browser send a paste; return what is said of it, without its HTML."""
    board.events.heard({"numbers": text})
    return unescape(said(board).striptags())


def test_before_anything_is_pasted_it_says_what_to_paste(board):
    """And again when the box is emptied; no guess is needed."""
    paste(board, "")
    empty = said(board)

    assert all(command in unescape(empty) for _, command in FILES)
    assert "held" in paste(board, MEMORY_STAT.format(41943040))
    assert "What to notice" not in "".join(map(str, board.screen._now.get("question", {}).values()))
    paste(board, " \n")
    assert said(board) == empty


@pytest.mark.parametrize("name", examples())
def test_an_example_is_understood(board, name):
    """The box has its text to the letter; what is said has amounts, and a way to the explorer."""
    box = board.screen._now["own_numbers"]["box"]
    text = examples()[name]
    told = paste(board, text)

    assert text in map(unescape, re.findall(r'data-own-example="([^"]*)"', box))
    assert diagnosis.explain(text).sentences[0] in told
    assert "Open the smallest scenario of the same shape" in told


def test_the_published_case_has_the_storys_shape(board):
    """CAdvisor #3587: 2,281,180 KiB, as its bytes say, and the scenario that the story shows for it."""
    found = diagnosis.explain(examples()[f"memory.stat of {CADVISOR.source}"])
    lost = (CADVISOR.on_lists - CADVISOR.stat["total_rss"]) >> 10

    assert found.held == (lost, lost)
    assert f"{lost:,} KiB" in paste(board, examples()[f"memory.stat of {CADVISOR.source}"])
    assert found.offer.ops.partition("; shrink")[0] == ops({"case": "service", "also": "nobody"})


def test_the_link_opens_the_scenario_with_a_way_back(board):
    """The explorer understands it, and leads back to the story."""
    paste(board, MEMORY_STAT.format(41943040))
    [link] = map(unescape, re.findall(r'<a href="(explorer\.ipynb[^"]*)"', said(board)))
    explorer = Explorer(link=link)
    offer = diagnosis.explain(MEMORY_STAT.format(41943040)).offer

    assert explorer.session.frame.messages == {}
    assert "; ".join(op.short() for op in explorer.session.frame.ops) == offer.ops
    assert 'href="18-lost-memory.ipynb?' in unescape("".join(explorer.screen._now["ways"].values()))


def test_every_part_of_the_answer_is_shown(board):
    """All sentences, what it cannot tell with what would, and the numbers that it rests on."""
    text = MEMORY_STAT.format(41943040)
    found, told = diagnosis.explain(text), paste(board, text)

    assert [one for one in found.sentences if one not in told] == []
    assert [one for pair in found.cannot_know for one in pair if one not in told] == []
    assert [one.name for one in found.numbers if one.name not in told or f"{one.kib:,} KiB" not in told] == []


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("total used free\n1 2 3", "/proc/vmstat"),
        ("<img src=x onerror=alert(1)>", "HTML"),
        ("dum <img/src=x>", "<img/src=x>"),
        ("\x00\x1b[31m", "paste"),
        ("anon 99999999999999999999999999", "anon"),
        ("x" * (MAX_BYTES + 1), "4 MiB"),
        ("\ud800", "UTF-8"),
    ],
)
def test_what_cannot_be_read_is_an_error_that_says_why(board, text, named):
    """Below the box, as text; the box itself is not made anew, so what was typed stays."""
    box = board.screen._now["own_numbers"]
    told = paste(board, text)

    assert named in told
    assert '<p class="fv-own-bad">' in said(board)
    assert "<img" not in said(board)
    assert board.screen._now["own_numbers"] is box


@pytest.mark.parametrize("wrong", [5, None, ["anon 1"], {"a": 1}, True])
def test_what_is_no_text_is_ignored(board, wrong):
    """Nothing changes; nor on a page that has no box."""
    before, explorer = said(board), Explorer()
    board.events.heard({"numbers": wrong})
    frame = explorer.session.frame
    explorer.events.heard({"numbers": "anon 1"})

    assert said(board) == before
    assert explorer.session.frame is frame


def test_of_a_long_paste_it_says_first_that_it_is_read(board, monkeypatch):
    """Two messages: how many lines, and then the answer."""
    sent = []
    monkeypatch.setattr(board.screen, "send", lambda content, _buffers=None: sent.append(content))
    text = MEMORY_STAT.format(41943040)
    long = text + "".join(f"workingset_{place} 1\n" for place in range(LONG // 10))
    board.events.heard({"numbers": long})
    parts = ["".join(one["parts"]["own_said"]["set"].values()) for one in sent]

    assert len(parts) == 2
    assert f"reading {len(long.splitlines()):,} lines" in parts[0]
    assert diagnosis.explain(text).sentences[0] in unescape(parts[1])
