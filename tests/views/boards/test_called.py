"""A link's name and highlight: there and back, on the page, in what is sent and saved, whatever a stranger writes."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folioviz.compare.mail import mail
from folioviz.machine.costs import COSTS
from folioviz.views import Explorer, Story
from folioviz.views.panels.called import one
from folioviz.views.panels.links import shown
from folioviz.views.session import looks, mark

FIRST = "scenario=first-look&a=v6.5-rc3&b=v6.5-rc3%2Bv4&at=150"
NAME = 'Look at folio 2 after the 2nd munmap: <b>it\'s</b> "spurious" & 64 KiB – ≠'


def opened(**fields):
    """Return an explorer that has followed a link with these fields besides."""
    return Explorer(link=f"{FIRST}&{urlencode(fields)}")


def line(board):
    """Return what stands on the line over the page, as HTML."""
    return str(board.screen._now["called"]["line"])


def link(board):
    """Return the link that a board gives for its moment."""
    data = board.screen._data
    return f"{data['link']['query']}&at={data['head']['at']}{data['looks']}"


def test_a_name_and_a_highlight_come_back_by_the_pages_own_link():
    """Opened or pasted, again and again: name, highlight and the folio in focus; a name is text, whatever it is."""
    explorer = opened(name=NAME, mark="folio.2")
    pasted = Explorer()
    pasted.events.heard({"open": link(explorer)})

    for board in (explorer, Explorer(link=link(explorer)), pasted):
        frame = board.session.frame
        assert frame.messages == {}
        assert (frame.noted.name, frame.noted.mark.text, frame.focus) == (NAME, "folio.2", 2)
        assert "<b>it" not in line(board)
        assert NAME in unescape(line(board))
        assert "outlined: folio 2" in line(board)
        assert board.screen._data["link"]["title"].startswith(f"{NAME} · v6.5-rc3 | v4")
        assert board.screen._data["link"]["caption"].startswith(f"{NAME} · folioviz · ")


@pytest.mark.parametrize(
    ("text", "words", "selector"),
    [
        ("folio.1", "folio 1", r".fv-root:has(PAGE) [data-folio=\31 ]"),
        (
            "folio.1.4-7",
            "pages 4–7 of folio 1",
            ".fv-cells[data-pages-of=\\31 ] i:nth-child(n + 5):nth-child(-n + 8)",
        ),
        ("folio.1.3-3", "page 3 of folio 1", ":nth-child(n + 4):nth-child(-n + 4)"),
        ("counter.1.mapped", "_nr_pages_mapped of folio 1", "[data-folio=\\31 ] [data-counter=mapped]"),
        ("cost.sqlock", COSTS["sqlock"].words, "[data-cost=sqlock]"),
        ("op.6", "operation 6: munmap pages 0–15", ".fv-chip[data-fv=op\\3a \\35 ]"),
        ("row.A.20", "row 20 of A’s trace", ""),
        ("pages.1.16-23", "pages 16–23 of process 1", ""),
    ],
)
def test_each_kind_of_highlight_is_outlined_and_named(text, words, selector):
    """What is outlined is said; a style names the places, under A and B at once; lanes paint pages of a process."""
    board = opened(mark=text)
    frame = board.session.frame
    place = re.sub(r"has\(\[data-noted=[^)]*\)", "has(PAGE)", str(board.screen._now["called"]["look"]))

    assert frame.noted.mark.text == text
    assert frame.noted.words == words
    assert selector in place
    assert board.screen._data["view"]["marked"] == ((1, 16, 24) if text.startswith("pages") else None)
    assert looks.said(board.session) == f"&mark={text}"


def test_a_row_of_the_trace_is_outlined_where_it_stands():
    """The line of the row just done; at another operation it is not on the screen, and that is said."""
    board = Explorer(link=FIRST)
    row = board.session.frame.side("B").at
    board.events.heard({"mark": f"row.B.{row}"})
    lit = next(pair.number for pair in board.session.frame.trace if pair.cells[1] and pair.cells[1].nth)

    assert board.session.frame.noted.row == lit
    assert one("data-row", lit) in board.screen._now["called"]["look"]
    assert f'data-row="{lit}"' in "".join(board.screen._now["tracelines"].values())
    board.session.go_to_op(1)
    assert "is not on the screen now" in line(board)


def test_pages_of_a_large_folio_are_outlined_on_its_canvas():
    """Under both kernels; no other folio's."""
    board = Explorer(link="scenario=pmd-and-pte&mark=folio.1.500-511")
    cards = "".join(piece for side in "AB" for piece in board.screen._now[f"folios:{side}"].values())

    assert cards.count('data-marked="500-512"') == 2


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"mark": "folio.99"}, "mark: the folio is 99: it must be 1 to 3"),
        ({"mark": "folio.0"}, "mark: the folio is 0: it must be 1 to 3"),
        ({"mark": "folio.1.9-4"}, "mark: the first page is 9: it must be 0 to 4"),
        ({"mark": "folio.1.0-512"}, "mark: the last page is 512: it must be 0 to 511"),
        ({"mark": "pages.2.0-4"}, "mark: the process is 2: it must be 1 to 1"),
        ({"mark": "pages.1.0-9999999999"}, "mark: the last page is 9999999999: it must be 0 to 262143"),
        ({"mark": "op.7"}, "mark: the operation is 7: it must be 1 to 6"),
        ({"mark": "row.B.999999"}, "mark: the row of B is 999999: it must be 0 to"),
        ({"mark": "cost.nothing"}, "mark is 'cost.nothing': it must be folio.N, "),
        ({"mark": "counter.1.flag"}, "mark is 'counter.1.flag': it must be folio.N, "),
        ({"mark": "</style><script>"}, "mark is '</style><script>': it must be folio.N, "),
        ({"mark": ""}, "mark is '': it must be folio.N, "),
        ({"mark": "folio.٣"}, "it must be folio.N, "),
        ({"name": "x" * 121}, "it must be one line of at most 120 characters, none of them invisible"),
        ({"name": "a\nb"}, "name is 'a\\nb': it must be one line"),
        ({"name": "a\u202eb"}, "name is 'a\\u202eb': it must be one line"),
    ],
)
def test_what_is_wrong_is_said_and_the_rest_opens(fields, fault):
    """The sentence names the thing, the value and the bound; the scenario and the other of the two are there."""
    other = {"name": "Here"} if "mark" in fields else {"mark": "folio.1"}
    frame = opened(**fields, **other).session.frame

    assert frame.messages["scenario"].startswith("Not all of this link can be shown: ")
    assert fault in frame.messages["scenario"]
    assert (frame.scenario, frame.plain) == ("first-look", 150)
    assert (frame.noted.name or frame.noted.mark.text) == next(iter(other.values()))


def test_no_text_does_harm():
    """Whatever is asked for is highlighted or refused; what is said of it never leaves its element."""
    board = Explorer()

    @settings(max_examples=25, deadline=None)
    @given(st.text(max_size=30) | st.from_regex("(folio|pages|cost|op|row)[.][0-9.A-z-]*", fullmatch=True))
    def check(text):
        board.events.heard({"mark": text})
        board.events.heard({"name": text})
        said = line(board) + str(board.screen._now["called"]["look"])
        assert re.fullmatch(r"[^<>]*", re.sub(r"</?(div|p|b|span|button|style)\b[^<>]*>", "", said))

    check()


def test_a_step_does_not_send_the_menu_again():
    """It says the same at each step of an operation, though the line that was just done is another one."""
    board = Explorer(link=FIRST)
    before = board.screen._now["marks"]
    board.session.seek(board.session.history.position - 1)

    assert "row.A" in str(before["marks"])
    assert board.screen._now["marks"] == before


def test_both_are_given_in_the_menu_and_by_a_click_and_taken_away():
    """The menu offers what is in focus, selected and just done; a second click, Esc and another scenario take away."""
    board = Explorer(link=FIRST)
    at = board.session.frame.index
    offered = re.findall('value="(.*?)"', str(board.screen._now["marks"]["marks"]))
    for text in offered:
        board.events.heard({"mark": text})
        assert "share" not in board.session.frame.messages
        whole = f"{text}.{board.session.frame.side(text[-1]).at}" if text in {"row.A", "row.B"} else text
        assert looks.said(board.session) == (f"&mark={whole}" if text else "")
    board.events.heard({"turn": "op.6"})
    assert board.session.frame.noted.mark.text == "op.6"
    board.events.heard({"turn": "op.6"})
    assert board.session.frame.noted.mark is None
    board.events.heard({"name": "x" * 121})
    assert "name is" in str(board.screen._now["marks"]["error"])
    for leave in ({"key": "Escape"}, {"click": "do:forget"}):
        board.events.heard({"name": "Here"})
        board.events.heard({"mark": "folio.2"})
        assert looks.said(board.session) == "&name=Here&mark=folio.2"
        board.events.heard(leave)
        assert looks.said(board.session) == ""
    board.events.heard({"name": "Here"})
    board.session.open("front")
    assert board.session.frame.noted == mark.Noted()
    assert {"", "folio.1", "counter.1.mapped", "pages.1.16-23", f"op.{at + 1}", "cost.sqlock"} <= {*offered}


def test_a_highlight_whose_operation_was_dropped_is_in_no_link():
    """It would not open again."""
    board = opened(mark="op.6")
    board.session.go_to_op(1)
    board.events.heard({"click": "act:mm"})
    board.events.heard({"click": "do:branch"})

    assert board.session.frame.noted.mark is None
    assert looks.said(board.session) == ""


def test_mail_and_report_say_the_name_and_hold_the_link(monkeypatch):
    """First the name; the command opens the moment with both. Without either, they are as they were."""
    board, sent = opened(name="Here, folio 2", mark="folio.2"), []
    monkeypatch.setattr(board.screen, "send", lambda content, buffers=(): sent.append((content, buffers)))
    board.events.heard({"click": "do:mail"})
    board.events.heard({"click": "do:savereport"})
    text, report = sent[0][0]["mail"], sent[-1][1][0].decode()

    for told in (text, report):
        assert told.startswith("Here, folio 2\n")
        assert "&at=150&name=Here%2C+folio+2&mark=folio.2'" in told.replace("\n", "")
        assert max(map(len, told.splitlines())) <= 72
    assert text.endswith(mail(shown(board.session.frame)).splitlines()[-1] + "\n")
    pasted = Explorer()
    pasted.events.heard({"open": text})
    assert pasted.session.frame.noted.name == "Here, folio 2"


def test_a_story_and_a_race_show_them_too():
    """Whatever a link opens."""
    story = Story("batch-end", link="order=2&name=Here&mark=folio.1")
    race = Explorer(link="race=zap-split&name=Here&mark=op.1")

    assert "Here" in line(story)
    assert story.session.frame.noted.mark.text == "folio.1"
    assert "Here" in line(race)
