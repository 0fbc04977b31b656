"""Cards keep their height: badges stand on one line, and a reason has its room where there is none."""

from __future__ import annotations

import re

import pytest
from markupsafe import Markup

from folioviz.files import scenario
from folioviz.views import Explorer
from folioviz.views.page.text import badge
from folioviz.views.panels.folio_cards import card, ghost
from folioviz.views.panels.folio_facts import AROUND, LINE, in_line
from folioviz.views.session.session import Session

TAG = re.compile(r'<span class="fv-badge fv-([^"]*)" title="([^"]*)">([^<]*)</span>')


@pytest.mark.parametrize(
    ("texts", "shown", "hidden"),
    [
        (["pinned"], ["pinned"], ""),
        (["queued #1", "partially mapped"], ["queued #1", "partially mapped"], ""),
        (
            ["queued #1 · spurious", "waiting in mmu_gather", "pinned"],
            ["queued #1 · spurious", "+2"],
            "waiting in mmu_gather, pinned",
        ),
        (["x" * 60, "pinned"], ["x" * 60, "+1"], "pinned"),
        ([], [], ""),
    ],
)
def test_badges_stand_on_one_line(texts, shown, hidden):
    """As many as there is room for; the tooltip of the last names the others, and one that was written is outlined."""
    found = [badge(text, "calm d" if text == "pinned" else "info") for text in texts]
    out = TAG.findall(in_line(found))

    assert [text for _, _, text in out] == shown
    if hidden:
        assert out[-1] == ("calm d" if "pinned" in hidden else "calm", hidden, shown[-1])
        assert len(shown) == 2 or sum(len(one) + AROUND for one in shown) <= LINE


@pytest.mark.parametrize("name", scenario.library())
def test_a_card_has_room_for_a_reason(name):
    """At every function's beginning: each card that is no row has it once, each freed folio's, too."""
    session = Session(name)
    session.seek(0)
    for _ in range(12):
        for side in session.frame.sides:
            for one in (card(side, folio, focus=True) for folio in side.folios[:4]):
                assert one.count('<p class="fv-why"') == 1
            for gone in side.gone[:4]:
                assert isinstance(one := ghost(side, gone), Markup)
                assert one.count('<p class="fv-why"') == 1
        session.call(1)


def test_a_card_that_was_in_focus_stays_open():
    """Putting one after the other into focus moves no card up; another operation closes them."""
    explorer = Explorer(Session("first-look"))
    session = explorer.session

    def rows():
        """Return the folios whose cards are rows."""
        pieces = explorer.screen.get_state()["parts"]["folios:A"]
        return {key for key, html in pieces if "fv-calm-card" in html}

    session.seek(session.frame.begins[-2])
    session.step(-1)
    assert rows() == {"2"}
    for focus in (2, 3, 1):
        explorer.events.heard({"click": f"folio:{focus}"})
        assert rows() == set()
    session.seek(session.frame.begins[-1])
    assert "2" in rows()


@pytest.mark.parametrize("name", ["first-look", "copy-on-write", "front", "underused", "fork-one-side"])
def test_a_card_that_has_opened_stays_open_in_its_operation(name):
    """Step by step through the last operation: what was touched by a step is no row again at the next one."""
    explorer = Explorer(Session(name))
    session = explorer.session
    begin, last = session.frame.begins[-2], session.history.axis.last
    opened = set()
    for at in range(begin + 1, min(last, begin + 60)):
        session.seek(at)
        parts = explorer.screen.get_state()["parts"]
        for side in "AB":
            cards = {key: html for key, html in parts.get(f"folios:{side}", ()) if "<article" in html}
            rows = {(side, key) for key, html in cards.items() if "fv-calm-card" in html}
            assert not opened & rows, at
            opened |= {(side, key) for key in cards} - rows
    assert opened
