"""A blank start: room for a folio under the kernels on the screen, and a menu that names what is shown."""

from __future__ import annotations

from folioviz.files import share
from folioviz.views import Explorer
from folioviz.views.panels.bar import OWN
from folioviz.views.panels.links import shown
from folioviz.views.session.first import BLANK, FIRST
from folioviz.views.session.session import Session


def test_it_begins_with_one_process_and_room_for_a_folio():
    """One VMA, no folio, pages selected for the order that is chosen; kernels and gather mode are kept."""
    session = Session("sixty-four-folios")
    session.choose(0, "v7.3")
    session.gather("none")
    kernels = list(session.history.kernels)
    session.open(BLANK.name)
    frame = session.frame

    assert (list(session.history.kernels), frame.mmu_gather) == (kernels, "none")
    assert [process.id for process in frame.sides[0].processes] == [1]
    assert [list(side.folios) for side in frame.sides] == [[], []]
    assert (frame.mm, frame.lo, frame.hi, frame.position) == (1, 0, 16, frame.last)
    assert not frame.refusals.get("fault")

    session.do("fault")
    assert [folio.order for folio in session.frame.sides[0].folios] == [4]
    assert session.frame.scenario == ""


def test_its_link_opens_it_again():
    """A reload of the blank start is the blank start."""
    session = Session(BLANK.name)
    again = Session(share.from_query(share.fields_of(share.query(shown(session.frame)))))

    assert again.frame.scenario == BLANK.name
    assert again.history.ops == session.history.ops


def test_the_menu_names_what_is_shown():
    """It offers the blank start; "your own operations" cannot be chosen for what they are not."""
    explorer = Explorer(Session())
    menu = explorer.bar.scenario
    menu.value = OWN
    assert menu.value == FIRST
    menu.value = BLANK.name
    assert explorer.session.frame.scenario == BLANK.name
    explorer.session.do("mm")

    assert menu.value == OWN
