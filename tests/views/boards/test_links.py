"""Links: what is wrong with one is told on the page, and the rest of it is followed."""

from __future__ import annotations

import re
from html import unescape

import pytest

from folioviz import parse_line, stories
from folioviz.files.share import LOOKS
from folioviz.stories import told, ways
from folioviz.stories.parts.pieces import linked
from folioviz.views import Explorer, Session, Story, Tour
from folioviz.views.panels.ways import listed, tellers


def pieces(board, slot):
    """Return what is in a slot, as one text."""
    return unescape("".join(board.screen._now.get(slot, {}).values()))


def addresses(board):
    """Return the addresses of a page's links into the explorer."""
    every = " ".join(pieces(board, slot) for slot in board.screen._now)
    return re.findall(r'href="(explorer\.ipynb[^"]*)"', every)


@pytest.mark.parametrize(
    ("link", "kernels", "told"),
    [
        (
            "?a=v9.9",
            ["v6.5-rc3+v4.1", "v6.5-rc3+v4"],
            "Not all of this link can be shown: a: no kernel 'v9.9'",
        ),
        ("?scenario=front&a=v6.8&b=zz", ["v6.8", "v6.5-rc3+v4.1"], "b: no kernel 'zz'"),
        (
            "?s=nonsense",
            ["v6.5-rc3+v4.1", "v6.5-rc3+v4"],
            "This link cannot be opened: the link's s is 'nonsense'",
        ),
        ("?a=v6.8&theme=dark", ["v6.8"], ""),
    ],
)
def test_the_explorer_follows_what_it_can(link, kernels, told):
    """Each fault is named where the scenario is; what is right is shown."""
    frame = Explorer(link=link).session.frame

    assert [side.kernel.key for side in frame.sides] == kernels
    assert told in frame.messages.get("scenario", "")
    assert bool(told) == bool(frame.messages)


def test_a_link_says_what_is_read_and_how_near_the_timeline_is():
    """Trace and this operation have no field; what is chosen comes back by the page's own link, also when pasted."""
    explorer = Explorer(Session("sixty-four-folios"))
    assert explorer.screen._data["looks"] == ""
    for click in ("read:proc", "file:vmstat", "do:allops", "folio:3", "do:zoomfolio"):
        explorer.events.heard({"click": click})
    data, shows = explorer.screen._data, explorer.screen._data["chart"]
    link = f"{data['link']['query']}&at={data['head']['at']}{data['looks']}"
    pasted = Explorer()
    pasted.events.heard({"open": link})

    assert data["looks"] == "&read=vmstat&span=all&zoom=3"
    for again in (Explorer(link=link), pasted):
        assert again.session.frame.messages == {}
        assert again.screen._data["looks"] == data["looks"]
        assert again.screen._data["chart"] == shows
    explorer.events.heard({"click": "read:code"})
    assert explorer.screen._data["looks"] == "&read=code&span=all&zoom=3"
    assert {choice.name for key in stories.KEYS for choice in stories.find(key).choices}.isdisjoint(LOOKS)


def test_a_link_brings_back_what_goes_by_progress():
    """Where B does steps while A waits, too, which ``at`` cannot say; one kernel alone has no such field."""
    explorer, again = Explorer(Session("front")), Explorer()
    explorer.session.choose(0, "v6.5-rc3+v4")
    explorer.events.heard({"click": "do:byprogress"})
    history, steps, later = explorer.session.history, set(), []
    begin, end = history.axis.begins[-2:]
    for position in range(begin + 1, end):
        history.go(position)
        later += [position] if history.plain in steps else []
        steps.add(history.plain)
    moments = [*later[:: len(later) // 3], end]
    for position in moments:
        explorer.session.seek(position)
        again.session.align(by_progress=False)
        data = explorer.screen._data
        again.follow_link(f"{data['link']['query']}&at={data['head']['at']}{data['looks']}")
        frames = [one.session.frame for one in (explorer, again)]
        assert (frames[1].messages, frames[1].by_progress, frames[1].position) == ({}, True, position)
        assert [one.row for one in frames[0].sides] == [one.row for one in frames[1].sides]
    explorer.session.choose(1, "none")

    assert explorer.screen._data["looks"] == ""
    assert Explorer(link="?scenario=front&align=999999").session.frame.position == end


@pytest.mark.parametrize(
    ("field", "fault"),
    [
        (
            "read=../etc",
            "read is '../etc': it must be one of trace, code, apart, proc, rollup, vmstat, memory, sizes",
        ),
        ("span=<b>", "span is '<b>': it must be all"),
        ("zoom=0", "zoom is '0': it must be a folio, 1 to 3"),
        ("zoom=4", "zoom is '4': it must be a folio, 1 to 3"),
        ("align=by", "align is 'by': it must be a position by progress, 0 to 2147483647"),
        ("align=2147483648", "align is '2147483648': it must be a position by progress"),
        (f"zoom={'9' * 5000}", "zoom is '999"),
        ("zoom=%D9%A1", "zoom is '.u0661': it must be a folio"),
    ],
)
def test_a_look_that_there_is_not_is_named(field, fault):
    """The scenario is opened, and what is wrong is left out and told, whether it is a link or what a tab had kept."""
    explorer, kept = Explorer(link=f"?scenario=first-look&{field}"), Explorer(link="?kept=abc")
    kept.events.heard({"looks": f"?kept=abc&{field}"})

    for one in (explorer, kept):
        said = one.session.frame.messages["scenario"].replace("\\", ".")
        assert said.startswith(f"Not all of this link can be shown: {fault}")
        assert len(said) < 250
        assert one.screen._data["looks"] == ""
        assert one.session.frame.scenario == "first-look"


def test_without_a_folio_there_is_no_zoom():
    """No operation, or none that makes a folio."""
    for ops in ("", "mm; mmap 1 0 64"):
        explorer = Explorer()
        explorer.session.run(parse_line(ops), "v6.8")
        explorer.events.heard({"looks": "zoom=1"})
        assert "it must be left out: there is no folio" in explorer.session.frame.messages["scenario"]


def test_a_story_keeps_how_it_is_looked_at():
    """Its own link has its choices, and what is read besides."""
    story = Story("batch-end", link="?order=2&read=code&zoom=1")
    wrong = Story("batch-end", link="?order=2&read=x")

    assert story.screen._data["looks"] == "&read=code&zoom=1"
    assert story.session.frame.messages == {}
    assert "read is 'x'" in wrong.session.frame.messages["scenario"]


def test_a_story_follows_what_it_can():
    """A value that a choice does not have, and a step that is none, are named; the other choices are made."""
    story = Story("batch-end", link="?a=v9.9&order=2&at=1e3")
    said = story.session.frame.messages["scenario"]

    assert story.values == story.story.values | {"order": 2}
    assert "the choice a is 'v9.9': it must be one of v6.9 or another of its 13" in said
    assert "at is '1e3': it must be a whole number from 0 to" in said


def test_work_of_another_tab_is_named():
    """An address whose work is not there changes nothing, and says so; a name that is no text is ignored."""
    explorer = Explorer(link="?kept=abc&at=3")
    before = explorer.session.frame
    explorer.events.heard({"gone": ["abc"]})
    assert explorer.session.frame is before
    explorer.events.heard({"gone": "abc" * 100})

    assert explorer.session.frame.ops == before.ops
    assert explorer.session.frame.messages["scenario"].startswith(
        "This address cannot be opened: kept is 'abc"
    )
    assert len(explorer.session.frame.messages["scenario"]) < 250


@pytest.mark.parametrize("key", ["tour", *stories.KEYS])
def test_a_number_of_a_story_opens_the_explorer_with_a_way_back(key):
    """Each link has the story and its choices; the explorer shows scenario and title, and leads back to them."""
    board = Tour() if key == "tour" else Story(key)
    board.events.heard({"click": "guess:skip"})
    found = [*addresses(board), *([board.screen._data["link"]["explorer"]] if key != "tour" else [])]
    back = ways.way(key, "stop=1") if key == "tour" else ways.back(ways.origin(key, board.values))

    assert found
    for address in {found[0], found[-1]}:
        explorer = Explorer(link=address)
        frame = explorer.session.frame
        assert frame.messages == {}
        assert frame.title
        assert f'href="{back.address}"' in pieces(explorer, "ways")
        assert explorer.bar.scenario.label == frame.title
        assert "&title=" not in address or frame.title.startswith(f"Story {stories.KEYS.index(key) + 1}, ")


def test_a_way_back_that_is_none_is_named_and_left_out():
    """The scenario opens all the same, and no link leads anywhere else; more than one fault is told at once."""
    explorer = Explorer(link="?scenario=front&at=x&from=https://example.org/")
    frame = explorer.session.frame

    assert frame.scenario == "front"
    assert "at is 'x'" in frame.messages["scenario"]
    assert "from is 'https://example.org/': it must be the name of a story" in frame.messages["scenario"]
    assert "example.org" not in pieces(explorer, "ways")


def test_the_explorer_names_the_stories_that_tell_what_is_shown():
    """The first one in the scenario's line, all of them in the menu, which follow what is opened."""
    explorer = Explorer(link="?scenario=sixty-four-folios")
    [one, *_] = [ways.way(*found) for found in told.table()["sixty-four-folios"]]
    line = unescape(explorer.bar.about.value)

    assert f'href="{one.address}"' in line
    assert "Story 6</a>" in line
    assert "tells this." in line
    assert "How many TLB flushes does v4 make?" in pieces(explorer, "told")
    explorer.session.open("double-map")
    assert "tells this" not in explorer.bar.about.value
    assert "No story does exactly these operations." in pieces(explorer, "told")


def test_what_no_story_does_has_no_link_to_one():
    """The scenario's line ends with what it is about, and the menu says in words that there is none."""
    without = [name for name, found in told.table().items() if not found]
    assert without
    for name in without:
        assert tellers(name) == ""
        assert listed(name) == '<p class="fv-dim">No story does exactly these operations.</p>'
    explorer = Explorer(link="?scenario=third-process")

    assert "third-process" in without
    assert "<a" not in explorer.bar.about.value


def test_the_glossary_comes_when_the_menu_is_opened():
    """Not before, since few read it; then every word is there, with its place in the kernel."""
    explorer = Explorer()
    before = pieces(explorer, "words")
    explorer.events.heard({"click": "do:words"})

    assert "_nr_pages_mapped" not in before
    assert pieces(explorer, "words").count("<dt>") > 20
    assert "mm/huge_memory.c" in pieces(explorer, "words")


def test_the_tour_keeps_its_stop():
    """The address names it, and opens it again; a stop that there is not is told, and the next step forgets that."""
    tour = Tour()
    tour.move(2)
    again, wrong = Tour(), Tour()
    again.follow_link(tour.screen._data["link"]["query"])
    wrong.follow_link("stop=6")

    assert again.place == tour.place == 2
    assert again.session.frame.position == tour.session.frame.position
    assert "stop is '6': it must be 1 to 5" in pieces(wrong, "tour")
    wrong.move(1)
    assert "alert" not in pieces(wrong, "tour")


def test_a_storys_pages_are_no_sliver():
    """Where a link from a story is about few of many pages the lanes are zoomed; from elsewhere it shows all."""
    ops = "mm; mmap 1 0 128; fault 1 0 4; mremap 1 0 16 504; munmap 1 504 16"
    query = linked(0, ops, "v6.5-rc3").query
    whole, near = Explorer(link=query), Explorer(link=ways.explorer(query, "batch-end?order=3", "row"))
    lo, hi = near.session.frame.view

    assert lo <= 504
    assert 520 <= hi < lo + 64
    assert whole.session.frame.view[0] == 0
    assert whole.session.frame.view[1] >= 520


def test_a_link_selects_what_the_menu_selects():
    """First look opens with the half of folio 2 that one is asked to try, whether it is chosen or linked."""
    for name in ("first-look", "front"):
        chosen, linked_to = Explorer(), Explorer(link=f"scenario={name}")
        chosen.session.open(name)
        pair = [(one.session.selection.lo, one.session.selection.hi) for one in (chosen, linked_to)]

        assert pair[0] == pair[1]
